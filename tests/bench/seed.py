"""The kommune that is measured: a synthetic one, and in it a teacher with forty children.

It is made once, by the product's own commands, in SQLite; PostgreSQL gets the same rows.
"""

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

from alembic import command
from sqlalchemy import create_engine, delete, insert, select, text, update

from stafett.access.policy import Actor, Purpose, Relation
from stafett.access.work import Work
from stafett.app import create_app
from stafett.children import commands as children
from stafett.children.queries import deciding_now
from stafett.consents import commands as consents
from stafett.consents.rules import Method
from stafett.dates import oslo_date
from stafett.db import Base, Database
from stafett.demo import town
from stafett.entries.models import Entry, EntryVersion
from stafett.people.models import Service, SignIn, User
from stafett.stafettlogg import commands as stafettlogg
from stafett.stafettlogg import membership
from stafett.stafettlogg.models import Stafettlogg
from stafett.stafettlogg.rules import Level
from stafett.web.identity import hashed
from tests.client import Api
from tests.conftest import ROOT, migrations, settings

CACHE = ROOT / "var" / "bench"
AROUND = 1000  # children of the rest of the kommune
OWN = 40
ENTRIES = 200
GOALS, MEASURES = 8, 5  # measures under each goal
COMPARED, MANY_GOALS = 20, 60  # which of the teacher's children has a plan with so many goals
TEACHER, SPECIALIST, NURSE = "benk.laerer", "ppt1.ansatt1", "healthcentre1.ansatt1"
COOKIE, BEARER = "the teacher's session", "the teacher's token"
ROWS = 2000  # copied at a time

SAID = "Vi øver på å lese sammen hver dag etter maten, og det går bedre enn i forrige uke. "
WHAT = (
    "Lese sammen i liten gruppe hver morgen",
    "Dagsplan med bilder og faste pauser",
    "Følge til og fra skolen med en trygg voksen",
    "Avtalt sted å gå til når det blir for mye",
    "Ukentlig samtale om hvordan det har vært",
)
HOW = "Begynn med det som gikk bra sist, og gi god tid."
PAGE = (
    "Dagene er best når det som skal skje, er kjent på forhånd. Da er det lettere å være med, "
    "lettere å si fra, og lettere å ta en pause før det blir for mye. Hjemme går det fint når "
    "det er rolig, og når de voksne gjør det på samme måte begge steder. "
)


def made() -> tuple[Path, list[str]]:
    """The seeded SQLite file, which is kept for the rest of the day, and the teacher's children."""
    today = oslo_date(datetime.now(UTC))
    made_of = [Path(__file__), *sorted((ROOT / "migrations").rglob("*.py"))]
    parts = [str(today).encode(), *(file.read_bytes() for file in made_of)]
    key = sha256(b"\0".join(parts)).hexdigest()[:12]
    file, ids = CACHE / f"seed-{key}.db", CACHE / f"seed-{key}.json"
    if not ids.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        for old in CACHE.glob("seed-*"):
            old.unlink()
        database = Database(f"sqlite:///{file}")
        command.upgrade(migrations(database.engine), "head")
        found = _fill(database)
        database.close()
        ids.write_text(json.dumps([str(one) for one in found]))
    return file, json.loads(ids.read_text())


def copy(file: Path, url: str) -> None:
    """Put the rows of the seeded file into an empty PostgreSQL database."""
    source, target = create_engine(f"sqlite:///{file}"), create_engine(url)
    command.upgrade(migrations(target), "head")
    with source.connect() as reads, target.begin() as writes:
        for table in Base.metadata.sorted_tables:
            rows = reads.execution_options(yield_per=ROWS).execute(select(table)).mappings()
            for part in rows.partitions():
                writes.execute(insert(table), [dict(row) for row in part])
    with target.execution_options(isolation_level="AUTOCOMMIT").connect() as tidies:
        tidies.execute(text("VACUUM ANALYZE"))  # what the server does by itself a while later
    source.dispose()
    target.dispose()


def sign_in(database: Database) -> None:
    """Let the teacher in, by a session and by a token; both began now."""
    now = datetime.now(UTC)
    with database.writing() as session:
        teacher = session.scalars(select(User.id).where(User.username == TEACHER)).one()
        session.execute(delete(SignIn).where(SignIn.user_id == teacher))
        for secret, bearer in ((COOKIE, False), (BEARER, True)):
            session.add(
                SignIn(
                    secret_hash=hashed(secret),
                    bearer=bearer,
                    user_id=teacher,
                    created_at=now,
                    seen_at=now,
                    expires_at=now + timedelta(hours=8),
                )
            )


def content(today, *, second: bool = False, many: int = GOALS) -> dict:
    """What a plan of some twelve pages says; the second edition differs here and there."""
    later = [(today + timedelta(days=days)).isoformat() for days in (60, 200, 365)]
    goals = [
        {
            "text": f"Jeg vil klare mål {number} sammen med de andre, og si fra når jeg vil",
            "whose": ("child", "parents", "services")[number % 3],
            "area": None,
            "success": SAID * (2 if second and many > GOALS else 1),
            "target_on": later[1],
            "subgoals": [{"text": f"{SAID}Steg {step}."} for step in (1, 2)],
            "measures": [
                {
                    "what": f"{WHAT[one]}, mål {number}",
                    "how": HOW + (" Nytt fra i høst: også på SFO." if second and not one else ""),
                    "where": "school",
                    "scope": "20 minutter, 3 ganger i uka",
                    "responsible": (TEACHER, SPECIALIST, NURSE)[one % 3],
                    "starts_on": today.isoformat(),
                    "evaluate_on": (today + timedelta(days=20 + 5 * number + one)).isoformat(),
                }
                for one in range(MEASURES if many == GOALS else 0)  # else all wait on the worklist
            ],
        }
        for number in range(1, many + 1)
    ]
    return {
        "period_from": today.isoformat(),
        "period_until": later[2],
        "next_revision_on": later[1],
        "about_me": (PAGE + "\n\n") * 2,
        "background": (PAGE + "\n\n") * (2 if second else 1),
        "resources": PAGE,
        "needs": PAGE,
        "participants": [
            {"name": f"Deltaker Demo-{number}", "role": "Med i gruppa", "contribution": SAID}
            for number in range(1, 6)
        ],
        "goals": goals,
        "cooperation": [
            {"agency": f"Tjeneste {one}", "purpose": SAID, "status": "agreed"} for one in range(2)
        ],
        "meetings_and_transitions": PAGE,
    }


def _fill(database: Database) -> list[UUID]:
    now = datetime.now(UTC)
    app = create_app(database, settings())
    profile = app.extensions["stafett.profile"]
    town.seed(app, children=AROUND, seed=1)
    with database.writing() as session:
        places = dict(session.execute(select(Service.name, Service.id)).all())
        school = places["Demo skole 1"]
        teacher = User(
            id=uuid4(),
            username=TEACHER,
            name="Kari Demo-Benk",
            title="kontaktlærer",
            roles="staff",
            service_id=school,
            created_at=now,
        )
        session.add(teacher)
        by_name = dict(
            session.execute(
                select(User.username, User.id).where(User.username.in_([SPECIALIST, NURSE]))
            ).all()
        )
        authors = [
            (teacher.id, school),
            (by_name[SPECIALIST], places["Demo PPT 1"]),
            (by_name[NURSE], places["Demo helsestasjon 1"]),
        ]
    actor = Actor(teacher.id, frozenset({Relation.ST}), school, frozenset())
    services = [place for _, place in authors] + [places["Demo koordinerende enhet 1"]]
    found = []
    for number in range(OWN):
        with database.writing() as session:
            found.append(_child(Work(session, actor, now, profile), number, services))
    with database.writing() as session:
        _entries(session, found[0], authors, now)
        due = [oslo_date(now) + timedelta(days=days) for days in range(-4, 12, 2)]
        for child, day in zip(found[-len(due) :], due, strict=True):
            mine = update(Stafettlogg).where(Stafettlogg.child_id == child)
            session.execute(mine.values(next_evaluation_on=day))
    sign_in(database)
    _plan(Api(app, BEARER), found[0], oslo_date(now))
    _plan(Api(app, BEARER), found[COMPARED], oslo_date(now), MANY_GOALS)
    return found


def _child(work: Work, number: int, services: list[UUID]) -> UUID:
    """A child of the teacher's, with two guardians, consent, an open log and two members."""
    born = work.today - timedelta(days=365 * 9 + number)
    child = children.register(
        work, children.Register(f"Barn {number:02} Demo-Benk", birth_date=born, school="1. trinn")
    ).id
    for name, relation in (("Mari Demo-Benk", "mor"), ("Thomas Demo-Benk", "far")):
        wish = children.AddGuardian(name, relation, parental_responsibility=True, lives_with=True)
        children.add_guardian(work, child, wish)
    parents = [one.id for one in deciding_now(work.session, child, work.today)]
    wish = consents.Record(Purpose.STAFETTLOGG, services, parents, Method.SIGNED, work.today)
    agreed = consents.record(work, child, wish).id
    stafettlogg.open_log(work, child, stafettlogg.Open(Level.ONE, agreed))
    for username in (SPECIALIST, NURSE):
        until = work.today + timedelta(days=100)
        membership.invite(work, child, membership.Invite(username, writes=True, until=until))
    return child


def _entries(session, child: UUID, authors, now: datetime) -> None:
    """A long log: three write in turn, some only for professionals, every twentieth corrected."""
    log = session.scalars(select(Stafettlogg.id).where(Stafettlogg.child_id == child)).one()
    kinds = ["note", "note", "contact", "glimpse", "child_voice"]
    for number in range(ENTRIES):
        author, service = authors[number % 3]
        at, corrected = now - timedelta(hours=7 * number + 1), number % 20 == 0
        entry = Entry(
            id=uuid4(),
            child_id=child,
            log_id=log,
            kind=kinds[number % 5],
            visibility="professionals" if number % 10 == 1 else "everyone",
            written_by=author,
            service_id=service,
            written_at=at,
            version=2 if corrected else 1,
            audience=int(number % 10 == 1),
        )
        session.add(entry)
        session.flush()
        texts = [f"{number} {SAID * 4}", f"{number} rettet {SAID * 4}"][: entry.version]
        for version, said in enumerate(texts, 1):
            session.add(
                EntryVersion(
                    entry_id=entry.id,
                    number=version,
                    text=said,
                    reason="feil dato" if version > 1 else None,
                    written_at=at,
                )
            )


def _plan(api: Api, child: UUID, today, many: int = GOALS) -> None:
    """Two versions, so that the document also says what has changed."""
    path = f"/children/{child}/plan"
    for second in (False, True):
        draft = api.get(f"{path}/draft").json
        asked = content(today, second=second, many=many)
        if second:
            for goal, old in zip(asked["goals"], draft["goals"], strict=True):
                goal["key"] = old["key"]
                for kind in ("subgoals", "measures"):
                    for one, there in zip(goal[kind], old[kind], strict=True):
                        one["key"] = there["key"]
        saved = api.put(f"{path}/draft", {"seen_version": draft["seen_version"], **asked})
        assert saved.status_code == 200, saved.text
        wish = {"summary": "Det vi ble enige om", "seen_version": saved.json["seen_version"]}
        made_it = api.post(f"{path}/versions", wish)
        assert made_it.status_code == 201, made_it.text
