from collections import Counter
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

import pytest
from sqlalchemy import func, select

from stafett.access import ties
from stafett.access.policy import Relation
from stafett.access.work import Work
from stafett.audience.rules import Viewer
from stafett.children.models import Child, Guardian
from stafett.children.rules import matches_birth_date, national_id_obstacles
from stafett.consents.models import Consent
from stafett.dates import next_working_day, oslo_date
from stafett.demo.accounts import ACCOUNTS, PASSWORD
from stafett.demo.load import at_work, content, fill
from stafett.demo.numbers import synthetic
from stafett.entries import queries as entries
from stafett.entries.models import Entry, EntryVersion
from stafett.errors import RuleBrokenError
from stafett.people import commands as people
from stafett.people import queries as directory
from stafett.people.commands import Doorstep, LogIn
from stafett.people.models import Service, User
from stafett.plan import measures as plan_measures
from stafett.plan import queries as plans
from stafett.plan.models import Evaluation, Measure, MeasureReport, PlanAnswer, PlanVersion
from stafett.plan.rules import keys_of
from stafett.plan.schemas import DraftSchema
from stafett.profile.load import load
from stafett.questions import queries as questions
from stafett.stafettlogg import queries as logs
from stafett.stafettlogg.models import Concern, Handover, LevelChange, Member, Stafettlogg
from stafett.team import queries as team
from stafett.team.models import AnsvarsgruppeMember
from stafett.worklist import queries as worklist
from tests.client import Browser
from tests.conftest import put_back, rows_of

SEES = {
    "koordinator": "Nora Mikkel Alva",
    "laerer": "Iver Oskar Layan Jonas Tuva Maja Henrik Nora Ella Mikkel Ida",
    "rektor": "Iver",
    "helsesykepleier": "Ella Abel Ida Ventet Ask Nora Mikkel Jonas Maja Alva Runa",
    "barnehagelaerer": "Sara Aksel Abel Runa",
    "styrer": "Sara",
    "ppt": "Nora Layan",
    "bup": "Nora Ida",
    "habilitering": "Mikkel",
    "ke.leder": "Nora Mikkel Ida Emil",
    "ke.saksbehandler": "Emil",
    "mor": "Nora",
    "far": "Nora",
    "mor2": "Ella Aksel",
    "mor3": "Ask",
    "far3": "Ask",
    "far.uten": "",
    "ungdom": "Ida",
    "barn13": "Jonas",
    "nyansatt": "",
    "personvernombud": "",
    "admin": "",
}
WAITS = {
    "koordinator": ["measure Nora", "measure Alva", "approval Mikkel"],
    "laerer": [
        *("measure Oskar", "measure Oskar", "measure Layan", "measure Layan", "handover Aksel"),
        *("measure Ella", "measure Ella", "measure Jonas", "measure Jonas", "measure Ida"),
    ],
    "rektor": ["concern Iver"],
    "helsesykepleier": [
        *("measure Ella", "measure Jonas", "measure Ventet", "measure Abel"),
    ],
    "barnehagelaerer": ["measure Abel", "measure Abel", "concern Sara"],
    "styrer": ["concern Sara"],
    "bup": ["measure Ida"],
    "mikkel.far": ["approval Mikkel"],
    "mor": ["consent Nora"],
    "mor3": ["consent Ask"],
    "far3": ["consent Ask"],
}
LEVELS = {
    "Nora": [1, 2, 3],
    "Ella": [1, 2],
    "Aksel": [1],
    "Oskar": [1],
    "Layan": [1],
    "Abel": [1, 2],
    "Mikkel": [2, 3],
    "Ida": [1, 3],
    "Jonas": [1, 2],
    "Ventet": [1],
    "Ask": [1],
    "Tuva": [1],
    "Henrik": [1],
    "Maja": [2],
    "Alva": [2],
    "Runa": [1, 2],
}
STATES = {"Tuva": "frozen", "Henrik": "closed", "Iver": "none", "Sara": "none", "Emil": "none"}
HOLDERS = {
    "koordinator": "Nora Mikkel Alva",
    "laerer": "Oskar Layan Jonas Tuva Maja Henrik",
    "helsesykepleier": "Ella Abel Ida Ventet Ask",
    "barnehagelaerer": "Aksel Runa",
}
PLANS = {
    "Nora": ["superseded"] * 5 + ["in_force"],
    "Henrik": ["superseded", "in_force"],
    "Mikkel": ["in_force", "for_approval"],
    "Layan": ["superseded", "in_force"],
} | {name: [] for name in ("Iver", "Sara", "Emil", "Ask", "Runa")}
STORIES = [content("nora"), *content("others")["children"]]


@pytest.fixture
def today(now) -> date:
    return oslo_date(now)


@pytest.fixture(scope="module")
def filled_before():
    """The rows that a demo of a day has, with when it was filled."""
    return {}


@pytest.fixture
def filled(app, database, now, filled_before):
    """A demo of this test's own: filled once of each day and kind, its rows put back then."""
    same = oslo_date(now), database.engine.dialect.name
    if same in filled_before:
        first, rows = filled_before[same]
        put_back(database, rows, now - first)
    else:
        fill(app, now)
        filled_before[same] = now, rows_of(database)
    with database.reading() as session:
        yield session


def who(session, username):
    """The actor, as signing in makes it."""
    user = directory.by_username(session, username, "")
    leads = session.scalars(select(Service.id).where(Service.leader_id == user.id))
    roles = frozenset(people.ROLES[role] for role in user.roles.split())
    return people.Actor(user.id, roles, user.service_id, frozenset(leads))


def first_names(session, ids):
    names = session.scalars(select(Child.name).where(Child.id.in_(ids)))
    return {name.split()[0] for name in names}


def test_everybody_sees_the_children_of_the_notes_and_has_that_to_do(app, filled, now):
    profile = app.extensions["stafett.profile"]
    assert SEES.keys() == {username for username, _, _ in ACCOUNTS}
    for username, names in {**SEES, "mikkel.far": "Mikkel", "mikkel.mor": "Mikkel"}.items():
        actor = who(filled, username)
        seen = first_names(filled, filled.scalars(ties.visible_to(actor, now)).all())
        assert seen == set(names.split()), username
        waits = worklist.day(Work(filled, actor, now, profile)).items
        said = [f"{item.kind} {item.child_name.split()[0]}" for item in waits]
        family = actor.roles == {Relation.PF}
        kinds = (
            {"approval", "consent"} if family else {"approval", "handover", "concern", "measure"}
        )
        said = [one for one in said if one.split()[0] in kinds and one != "measure Tuva"]
        assert said == WAITS.get(username, []), username


def test_logs_stand_where_the_story_leaves_them(filled, today):
    holders = {name: who for who, names in HOLDERS.items() for name in names.split()}
    for child in filled.scalars(select(Child)):
        name, steps = child.name.split()[0], logs.levels(filled, child.id)[::-1]
        log = logs.summary(filled, child.id, today)
        assert log.state == STATES.get(name, "open"), name
        assert [step.to_level for step in steps] == LEVELS.get(name, []), name
        assert log.level == (LEVELS[name][-1] if name in LEVELS else None)
        assert log.holder_username == holders.get(name)
        assert log.handover_to == ("Kari Demo-Nygård" if name == "Aksel" else None)
    emil, ventet, alva, maja = (
        filled.scalars(select(Child).where(Child.name.startswith(name))).one()
        for name in ("Emil", "Ventet", "Alva", "Maja")
    )
    assert (ventet.kind, ventet.national_id) == ("unborn", None)
    assert (alva.address_protection, alva.school) == ("strengt_fortrolig", None)
    assert maja.address_protection == "fortrolig"
    assert emil.school is None
    rows = select(Member.from_on, Member.until_on).join(User, User.id == Member.user_id)
    spans = filled.execute(rows.where(User.roles == "external")).all()
    assert len(spans) == 5
    assert all(until - since <= timedelta(days=88) for since, until in spans)
    (pregnant,) = filled.scalars(select(Guardian).where(Guardian.child_id == ventet.id))
    assert pregnant.relation == "gravid"


def test_a_log_on_paper_has_its_days_and_when_its_level_was_decided(filled, today):
    runa = named(filled, "Runa")
    log = logs.summary(filled, runa.id, today)
    assert log.paper_place == "Låst skap på kontoret, perm 2"
    days = [one.kind for one in logs.paper_days(filled, runa.id)]
    assert days == ["meeting", "evaluation", "meeting", "consent", "begun"]
    step = logs.levels(filled, runa.id)[0]
    assert step.decided_on < oslo_date(step.changed_at)
    assert log.next_evaluation_on == next_working_day(step.decided_on + timedelta(days=42))


def test_what_came_instead_of_a_measure_is_in_the_plan(filled):
    layan = named(filled, "Layan")
    (old,) = [one for one in plan_measures.evaluations(filled, layan.id) if one.decision == "new"]
    found = {
        one.what: (one.key == old.measure_key, one.status, one.accepted)
        for one in filled.scalars(select(Measure).where(Measure.child_id == layan.id))
    }
    assert found["Lesestund hjemme"][:2] == (True, "stopped")
    assert found["Lydbok hjemme"] == (False, "active", True)


def named(session, name):
    return session.scalars(select(Child).where(Child.name.startswith(f"{name} "))).one()


def test_every_plan_stands_where_the_story_leaves_it(filled):
    for child in filled.scalars(select(Child)):
        name = child.name.split()[0]
        versions = plans.versions(filled, child.id, plans.sight(filled, child.id, None))[::-1]
        assert [one.number for one in versions] == list(range(1, len(versions) + 1)), name
        assert [one.state for one in versions] == PLANS.get(name, ["in_force"]), name
    nora, mikkel = named(filled, "Nora"), named(filled, "Mikkel")
    kinds = [one.kind for one in plans.versions(filled, nora.id, seen(filled, nora))]
    assert kinds == ["individuell_plan"] * 3 + ["tiltaksplan"] * 3
    told = {one["summary"] for story in STORIES for one in told_versions(story)}
    assert set(filled.scalars(select(PlanVersion.summary))) == told
    answers = [one for given in plans.answers(filled, nora.id).values() for one in given]
    assert Counter(one.answered_by for one in answers) == {"mor": 3, "far": 3}
    comments = set(filled.scalars(select(PlanAnswer.comment))) - {None}
    assert {"Ok.", "Kjenner oss igjen."} < comments
    ((answer,),) = plans.answers(filled, mikkel.id).values()
    assert (answer.answered_by, answer.approves) == ("mikkel.mor", True)


def told_versions(story):
    plan = story["plan"] or {"tiltaksplan_history": [], "versions": []}
    return [*plan["tiltaksplan_history"], *plan["versions"]]


def seen(filled, child):
    """What the school sees of a child's plan: all but what BUP has written for some."""
    teacher = filled.scalars(select(User).where(User.username == "laerer")).one()
    by = Viewer(teacher.id, teacher.service_id, reads=True, family=False, room=False)
    return plans.sight(filled, child.id, by)


def test_what_bup_wrote_for_the_parents_is_not_seen_by_the_school(filled):
    nora, secret = named(filled, "Nora"), "Samtaler om det Nora drømmer"
    school, everything = seen(filled, nora), plans.sight(filled, nora.id, None)
    for by, sees in ((school, False), (everything, True)):
        held = plans.in_force(filled, nora.id, by)
        texts = (plans.content_of(filled, held.id, by), plans.draft(filled, nora.id, by).content)
        assert [secret in str(one) for one in texts] == [sees, sees]


def test_keys_stay_for_life_and_contents_are_what_the_draft_takes(filled):
    for story in STORIES:
        if not story["plan"]:
            continue
        child = filled.scalars(
            select(Child).where(Child.name.startswith(f"{story['child'].capitalize()} "))
        ).one()
        by = seen(filled, child)
        made = [
            plans.content_of(filled, one.id, by) for one in plans.versions(filled, child.id, by)
        ][::-1]
        told = [one["content"] for one in told_versions(story)]
        if story["plan"]["draft"]:
            told.append(story["plan"]["draft"])
            made.append(plans.draft(filled, child.id, by).content)
        keys = {}
        for here, there in zip(told, made, strict=True):
            pairs = zip(sorted_keys(here), sorted_keys(there), strict=True)
            assert all(keys.setdefault(*pair) == pair[1] for pair in pairs)
            assert len(keys_of(there)) == len(sorted_keys(there))
            assert DraftSchema().load({"seen_version": 0, **there}).content == there
        assert len(set(keys.values())) == len(keys)


def sorted_keys(content):
    """Every key in the order of the content."""
    return [
        one["key"]
        for goal in content["goals"]
        for one in (goal, *goal["subgoals"], *goal["measures"])
    ]


def test_who_coordinates_sits_in_the_group_and_has_a_draft(filled, today):
    found = {}
    for child in filled.scalars(select(Child)):
        if one := team.coordinator(filled, child.id, today):
            found[child.name.split()[0]] = (one.username, one.kind)
    assert found == dict.fromkeys(["Nora", "Mikkel"], ("koordinator", "barnekoordinator"))
    nora, mikkel = named(filled, "Nora"), named(filled, "Mikkel")
    assert plans.draft(filled, nora.id, seen(filled, nora)).drafted_by == "Berit Demo-Sund"
    assert len(plans.draft(filled, nora.id, seen(filled, nora)).content["goals"]) == 7
    seats = select(User.username).join(AnsvarsgruppeMember, AnsvarsgruppeMember.user_id == User.id)
    sits = filled.scalars(seats.where(AnsvarsgruppeMember.child_id == nora.id))
    assert set(sits) == {"mor", "far", "koordinator", "laerer", "helsesykepleier", "bup", "ppt"}
    sits = filled.scalars(seats.where(AnsvarsgruppeMember.child_id == mikkel.id))
    assert set(sits) == {"koordinator", "laerer"}
    told = [one for child in content("children")["children"] for one in child["ansvarsgruppe"]]
    assert filled.scalar(select(func.count()).select_from(AnsvarsgruppeMember)) == len(told)


def test_every_evaluation_is_told_once_of_its_measure_and_two_are_overdue(filled, today):
    told = Counter(one["text"] for story in STORIES for one in story["evaluations"])
    assert Counter(filled.scalars(select(Evaluation.text))) == told
    assert told.total() == 28
    told = Counter(one["text"] for story in STORIES for one in story.get("reports", ()))
    assert Counter(filled.scalars(select(MeasureReport.text))) == told
    oskar, nora = named(filled, "Oskar"), named(filled, "Nora")
    open_ = select(Measure.what, Measure.accepted).where(
        Measure.accepted.is_not(True), Measure.status.in_(["active", "applied"])
    )
    assert dict(filled.execute(open_).all()) == {
        "Oppsummering når Nora har mistet noe": None,
        "Samtaler om det Nora drømmer": None,  # BUP's own, for some only
        "Søndag etter seks": False,
    }
    late = [
        one
        for one in plan_measures.running(filled, oskar.id, seen(filled, oskar), today)
        if one.evaluate_on < today
    ]
    assert [one.responsible for one in late] == ["Kari Demo-Nygård"] * 2
    whats = select(Measure.what).where(Measure.child_id == nora.id, Measure.status == "completed")
    assert len(filled.scalars(whats).all()) == 2
    measures = {
        one["key"]: one["what"]
        for number in plans.versions(filled, nora.id, seen(filled, nora))
        for goal in plans.content_of(filled, number.id, seen(filled, nora))["goals"]
        for one in goal["measures"]
    }
    stopped = [
        measures[one.measure_key]
        for one in plan_measures.evaluations(filled, nora.id)
        if one.decision == "stop"
    ]
    assert "Hørselvern i garderoben" in stopped
    assert len(stopped) == 6


def test_each_text_stands_where_it_should_and_no_wider_and_nothing_is_lost(filled):
    entries_are_as_wide_as_they_say(filled)
    all_else_is_there(filled)


def entries_are_as_wide_as_they_say(filled):
    told = {one["key"]: one for story in STORIES for one in story["entries"]}
    shared = [one for story in STORIES for one in story["concerns"] if one["shared_as_first_entry"]]
    expected = Counter(
        (new["text"], one["kind"], one["visibility"], number)
        for one in told.values()
        for number, new in enumerate([one, *one.get("corrections", ())], 1)
    ) + Counter((one["observed"], "concern", "everyone", 1) for one in shared)
    found = filled.execute(
        select(EntryVersion.text, Entry.kind, Entry.visibility, EntryVersion.number).join(Entry)
    )
    assert Counter(map(tuple, found)) == expected
    narrow = filled.execute(
        select(Entry.id, EntryVersion.text, User.username)
        .join(EntryVersion, EntryVersion.entry_id == Entry.id)
        .join(User, User.id == Entry.written_by)
        .where(Entry.audience > 0, EntryVersion.number == 1)
    )
    by_text = {one["text"]: one for one in told.values()}
    kept = {}
    for entry_id, words, author in narrow:
        stands = entries.audiences(filled, [entry_id])[0]
        one = by_text[words]
        kept[one["key"]] = (
            {username for _, username, _ in stands.named} | {author},
            {name for _, name in stands.hidden_from},
        )
    assert kept == {
        "nora.e25": ({"helsesykepleier", "mor"}, {"Thomas Demo"}),
        "nora.e27": ({"helsesykepleier"}, set()),
        "nora.e32": ({"bup", "koordinator"}, {"Mari Demo", "Thomas Demo"}),
        "nora.e38": ({"laerer"}, set()),
        "oskar.e06": ({"laerer"}, set()),
        "ida.e04": ({"ungdom", "helsesykepleier"}, set()),
        "jonas.e02": ({"barn13"}, set()),
        "jonas.e04": ({"barn13", "helsesykepleier"}, set()),
        "jonas.e07": ({"barn13", "helsesykepleier"}, set()),
    }


def all_else_is_there(filled):
    def present(column):
        return set(filled.scalars(select(column))) - {None}

    children = content("children")["children"]
    concerns = [one for story in STORIES for one in story["concerns"]]
    assert present(Concern.observed) == {one["observed"] for one in concerns}
    assert present(Concern.child_said) == {one["child_said"] for one in concerns}
    talks = {
        one[f"conversation_with_{who}"]["summary"]
        for one in concerns
        for who in ("child", "parents")
        if one[f"conversation_with_{who}"]
    }
    assert present(Concern.child_talk) | present(Concern.parents_talk) == talks
    decisions = [one["decision"] for one in concerns if one["decision"]]
    assert present(Concern.decision_reason) == {one["reason"] for one in decisions}
    consents = [one for child in children for one in child["consents"]]
    assert present(Consent.note) == {one["note"] for one in consents if "note" in one}
    steps = [one for child in children for one in child["level_history"] if one["to"]]
    assert present(LevelChange.reason) == {one["reason"] for one in steps}
    later = {one["child_voice"]["text"] for one in steps if one["from"]} - {None}
    assert present(LevelChange.voice_text) == later
    handovers = [one for child in children for one in child["handovers"]]
    assert present(Handover.message) == {one["message"] for one in handovers}
    assert present(Handover.reason) == {one["reason"] for one in handovers if "reason" in one}
    closed = [child["closed"] for child in children if "closed" in child]
    assert present(Stafettlogg.closing_reason) == {one["note"] for one in closed}
    guardians = [one["name"] for child in children for one in child["guardians"]]
    assert Counter(filled.scalars(select(Guardian.name))) == Counter(guardians)


def test_everybody_logs_in_and_lands_on_a_page(app, database, filled):
    profile = app.extensions["stafett.profile"]
    for username, name, _ in ACCOUNTS:
        door = Doorstep(database, profile, datetime.now(UTC), "127.0.0.1")
        secret = people.log_in(door, LogIn(username, PASSWORD))
        assert name in Browser(app, secret).get("/", follow_redirects=True).get_data(as_text=True)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 11, 21, 9, tzinfo=UTC),
        datetime(2026, 11, 23, 0, 30, tzinfo=UTC),
        datetime(2026, 12, 1, 12, tzinfo=UTC),
        datetime(2027, 1, 7, 12, tzinfo=UTC),
        datetime(2027, 5, 14, 12, tzinfo=UTC),
        datetime(2028, 2, 29, 23, 30, tzinfo=UTC),  # already 1 March in Oslo
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC),  # the clock has just gone forward
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # the first of two half past two
    ],
    ids=str,
)
def test_any_day_can_be_the_day(filled, now, today):
    staff = select(User.id).where(User.service_id.is_not(None))
    written = filled.scalars(select(Entry.written_at).where(Entry.written_by.in_(staff))).all()
    asked = filled.scalars(select(Handover.requested_at)).all()
    for moment in [*written, *asked]:
        assert oslo_date(moment).weekday() < 5
        assert oslo_date(moment) < today
    assert filled.scalar(select(func.max(Entry.written_at))) < now
    for child in filled.scalars(select(Child).where(Child.kind == "child")):
        assert national_id_obstacles(child.national_id, allow_synthetic=True) == []
        assert national_id_obstacles(child.national_id, allow_synthetic=False)
        assert matches_birth_date(child.national_id, child.birth_date)
        log = logs.summary(filled, child.id, today)
        assert log.state == STATES.get(child.name.split()[0], "open")


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_database_in_use_is_refused_and_left_alone(app, database, now):
    with database.writing() as session:
        people.create_first_administrator(session, "sjef", "Sjef", "x", now)
    with pytest.raises(RuleBrokenError, match="database-not-empty"):
        fill(app, now)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(User)) == 1


def test_accounts_are_those_of_the_content_and_ties_say_what_they_are_for():
    users = {one["username"]: one["name"] for one in content("people")["users"]}
    assert users == {username: name for username, name, _ in ACCOUNTS}
    assert len(PASSWORD) >= 15


def test_the_demo_profile_is_holtalens_under_another_name():
    demo = load(str(files("stafett.demo") / "profile.toml"))
    assert demo.kommune == "Demodalen kommune"
    assert demo.levels == load("holtalen").levels


def test_numbers_are_those_of_the_reference():
    world = content("people")
    today = date.fromisoformat(world["reference_today"])
    people_there = [*world["users"], *content("children")["children"]]
    people_there += [one for child in content("children")["children"] for one in child["guardians"]]
    checked = 0
    for one in people_there:
        if one.get("national_id_serial"):
            born = today + timedelta(days=one["birth_date"]["day"])
            made = synthetic(born, one["sex"], one["national_id_serial"])
            assert made == one["national_id_at_reference"]
            checked += 1
    assert checked > 40


@pytest.mark.parametrize(
    ("moment", "after", "expected"),
    [
        ("2026-11-20 10:00", None, "2026-11-20 10:00"),
        ("2026-11-21 10:00", None, "2026-11-20 10:00"),
        ("2026-11-22 10:00", None, "2026-11-23 10:00"),
        ("2026-11-21 10:00", "2026-11-20 20:00", "2026-11-23 10:00"),
        ("2026-11-28 10:00", None, "2026-11-27 10:00"),
        ("2026-11-29 10:00", None, "2026-11-27 10:00"),
        ("2026-11-29 10:00", "2026-11-27 20:00", "2026-11-29 10:00"),
        ("2026-11-20 10:00", "2026-11-20 10:00", "2026-11-20 10:01"),
    ],
)
def test_work_is_done_on_working_days_in_order_and_before_today(moment, after, expected):
    def read(text):
        return None if text is None else datetime.fromisoformat(text)

    monday = date(2026, 11, 30)
    assert at_work(read(moment), read(after), monday, moves=True) == read(expected)


def test_families_write_on_sundays():
    sunday = datetime.fromisoformat("2026-11-22 20:00")
    assert at_work(sunday, None, date(2026, 11, 30), moves=False) == sunday


def test_a_service_has_answered_one_question_without_a_name_and_one_waits(app, filled, now):
    profile = app.extensions["stafett.profile"]
    answered = {
        username: [
            bool(one.answer)
            for one in questions.listed(Work(filled, who(filled, username), now, profile))
        ]
        for username in ("laerer", "barnehagelaerer", "nyansatt")
    }
    assert answered == {"laerer": [True], "barnehagelaerer": [False], "nyansatt": []}
    waits = worklist.day(Work(filled, who(filled, "ppt"), now, profile)).items
    assert [one.kind for one in waits].count("question") == 1
