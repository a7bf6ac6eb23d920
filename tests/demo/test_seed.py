import shutil
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import func, select

from stafett.access.models import Cover, Tie
from stafett.access.policy import ROLES, Actor, Purpose, Relation
from stafett.access.work import Work
from stafett.app import create_app
from stafett.children import commands as children
from stafett.children.commands import AddGuardian, Register
from stafett.children.models import Child, Guardian
from stafett.children.rules import ChildKind, VoiceHow, matches_birth_date, national_id_obstacles
from stafett.consents import commands as consents
from stafett.consents.commands import Record, Withdraw
from stafett.consents.models import Consent, ConsentGiver, ConsentService, Withdrawal
from stafett.consents.rules import CHILD, Heard, Method
from stafett.dates import oslo_date
from stafett.db import Base, Database
from stafett.demo.town import BATCH, seed
from stafett.entries import commands as entries
from stafett.entries.models import Entry, EntryVersion
from stafett.errors import RuleBrokenError
from stafett.people import commands as people
from stafett.people.models import Service, User
from stafett.stafettlogg import baton, level_zero, membership, queries
from stafett.stafettlogg import commands as logs
from stafett.stafettlogg.baton import Offer
from stafett.stafettlogg.commands import ChangeLevel, Close, IpAssessment, Open, Voice
from stafett.stafettlogg.level_zero import Decide, NewConcern, WriteConcern
from stafett.stafettlogg.membership import Invite
from stafett.stafettlogg.models import Concern, Handover, LevelChange, Member, Stafettlogg
from stafett.stafettlogg.rules import ConcernDecision, IpAnswer, Level, Outcome
from stafett.tasks.models import Task
from tests.conftest import settings

TODAY = date(2026, 11, 21)
SIZE = 80


def rows(session, model, *where):
    """A table's rows in the order in which the ids of a seed fall."""
    return session.scalars(select(model).where(*where).order_by(*model.__table__.primary_key)).all()


def contents(database):
    """Every row of every table."""
    with database.reading() as session:
        return {
            name: Counter(map(repr, session.execute(select(table)).all()))
            for name, table in Base.metadata.tables.items()
        }


@pytest.fixture
def twin(tmp_path, templates, database):
    """Another empty database; always SQLite."""
    shutil.copy(templates["sqlite"], tmp_path / "twin.db")
    opened = Database(f"sqlite:///{tmp_path}/twin.db")
    yield opened
    opened.close()


def test_a_kommune_of_every_kind_of_child(app, database):
    told = []
    seed(app, children=SIZE, seed=1, today=TODAY, progress=told.append)
    assert told == [SIZE]
    with database.reading() as session:
        found = rows(session, Child)
        assert len(found) == SIZE
        for one in found:
            assert " Demo-" in one.name
            assert one.kind == "unborn" or matches_birth_date(one.national_id, one.birth_date)
            assert one.national_id is None or (
                national_id_obstacles(one.national_id, allow_synthetic=True) == []
                and national_id_obstacles(one.national_id, allow_synthetic=False)
            )
        states = Counter(queries.summary(session, one.id, TODAY).state for one in found)
        assert states.keys() == {"none", "open", "frozen", "closed"}
        assert set(session.scalars(select(Stafettlogg.level))) == {1, 2, 3}
        assert {"unborn"} <= set(session.scalars(select(Child.kind)))
        assert {"pending", "accepted"} == set(session.scalars(select(Handover.state)))
        assert session.scalar(select(func.count(Child.user_id))) > 0
        per_child = session.execute(select(Entry.child_id, func.count()).group_by(Entry.child_id))
        counts = [count for _, count in per_child]
        assert 5 <= min(counts) < 15 < max(counts)
        entry, version = Entry, EntryVersion
        newest = select(func.count()).where(
            version.entry_id == entry.id, version.number == entry.version
        )
        assert set(session.scalars(select(newest.scalar_subquery()).select_from(entry))) == {1}
        latest = session.scalar(select(func.max(Entry.written_at)))
        assert oslo_date(latest) < TODAY
        assert all(" Demo-" in name for name in session.scalars(select(User.name)))
        assert set(session.scalars(select(User.password_hash))) == {None}


def test_progress_counts_the_batches(app):
    told = []
    seed(app, children=BATCH + 10, seed=2, today=TODAY, progress=told.append)
    assert told == [BATCH, BATCH + 10]


def test_the_same_seed_gives_the_same_rows(app, database, twin):
    seed(app, children=60, seed=7, today=TODAY)
    seed(create_app(twin, settings()), children=60, seed=7, today=TODAY)
    first = contents(database)
    assert first == contents(twin)
    assert first["entry"]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_another_seed_gives_another_kommune(app, database, twin):
    seed(app, children=60, seed=7, today=TODAY)
    seed(create_app(twin, settings()), children=60, seed=8, today=TODAY)
    assert contents(database)["child"] != contents(twin)["child"]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("profile", ["standard", "holtalen", "tromso"])
def test_every_profile_can_be_seeded(database, profile):
    seed(create_app(database, settings(STAFETT_PROFILE=profile)), children=30, seed=1)


def test_a_database_with_a_child_is_refused_and_left_alone(app, database, now):
    profile = app.extensions["stafett.profile"]
    with database.writing() as session:
        admin = people.create_first_administrator(session, "sjef", "Sjef", "x", now)
        work = Work(session, Actor(admin.id, frozenset({Relation.ADM})), now, profile)
        children.register(work, Register("Ekte Barn", birth_date=date(2020, 1, 1)))
    with pytest.raises(RuleBrokenError, match="database-not-empty"):
        seed(app, children=10, seed=1)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Child)) == 1
        assert not session.scalars(select(Service)).all()


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_seeded_database_is_refused_too(app):
    seed(app, children=10, seed=1)
    with pytest.raises(RuleBrokenError, match="database-not-empty"):
        seed(app, children=10, seed=2)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_new_kommune_with_an_administrator_is_taken(app, database, now):
    with database.writing() as session:
        people.create_first_administrator(session, "sjef", "Sjef", "x", now)
    seed(app, children=10, seed=1)


# --- Ties and covers: the kommune told again through the commands ---------------------------------

COMPARED = {
    Tie: "relation basis user_id led_service_id needs_consent writes service_id from_on until_on "
    "ended_at",
    Cover: "service_id purpose from_on until_on ended_at",
    Task: "kind user_id service_id due_on made_by made_at",
    Member: "user_id service_id writes from_on until_on ended_at ended_by invited_by",
    Stafettlogg: "level holder_id opened_at opened_by next_evaluation_on closed_at closed_by",
    Consent: "purpose given_on expires_on active_at withdrawn_at basis",
    Handover: "from_id to_id state requested_by requested_at answered_at answered_by",
}


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_ties_and_covers_are_what_the_commands_write(app, database, twin):
    seed(app, children=SIZE, seed=1, today=TODAY)
    with database.reading() as told, twin.writing() as made:
        for model in (Service, User):
            made.add_all(copy(one) for one in rows(told, model))
            made.flush()
        again = Again(told, made, app.extensions["stafett.profile"])
        for child in rows(told, Child):
            again.tell(child)
        made.flush()
        same = {new: old for old, new in again.children.items()}
        for model, names in COMPARED.items():
            expected = shape(told, model, names, again.children)
            found = shape(made, model, names, same)
            assert expected
            assert (list(expected - found), list(found - expected)) == ([], []), model
        relations = set(told.scalars(select(Tie.relation)))
        assert relations == {"CA", "UL", "SH", "MW", "MR", "EX", "PF", "C12", "C16", "KEL"}


def copy(row):
    names = [column.key for column in row.__mapper__.column_attrs]
    return type(row)(**{name: getattr(row, name) for name in names})


def shape(session, model, names, children):
    """How often each child's rows say the same, whatever ids they have."""
    wanted = select(model.child_id, *(getattr(model, name) for name in names.split()))
    return Counter(
        (frozenset({child_id, children[child_id]}), *rest)
        for child_id, *rest in session.execute(wanted)
    )


class Again:
    """Calls for every row of a told kommune the command that makes it, at its moment."""

    def __init__(self, told, made, profile):
        self.told, self.made, self.profile = told, made, profile
        self.users = {one.id: one for one in rows(told, User)}
        self.children = {}

    def tell(self, child):
        self.child, self.ids = child, {}
        for at, by, step, row in sorted(self.steps(child), key=lambda one: one[0]):
            user = self.users[by]
            actor = Actor(by, frozenset(map(ROLES.get, user.roles.split())), user.service_id)
            step(Work(self.made, actor, at, self.profile), row)

    def steps(self, child):
        yield child.registered_at, child.registered_by, self.register, child
        for one in self.of(Guardian):
            yield child.registered_at + timedelta(hours=1), one.added_by, self.add_guardian, one
        for one in self.of(Concern):
            yield one.written_at, one.written_by, self.write_concern, one
            if one.decided_at:
                yield one.decided_at, one.decided_by, self.decide, one
        for one in self.of(Consent):
            yield one.registered_at, one.registered_by, self.consent, one
            for gone in rows(self.told, Withdrawal, Withdrawal.consent_id == one.id):
                yield gone.withdrawn_at, gone.withdrawn_by, self.withdraw, one
        for log in self.of(Stafettlogg):
            yield from self.steps_of_log(child, log)
        yield from self.steps_of_people()

    def steps_of_people(self):
        handovers = self.of(Handover)
        for one in handovers:
            yield one.requested_at, one.from_id, self.offer, one
            if one.answered_at:
                yield one.answered_at, one.to_id, self.accept, one
        given = {(one.from_id, oslo_date(one.answered_at)) for one in handovers if one.answered_at}
        for one in self.of(Member):
            if (one.user_id, one.from_on) not in given:  # that one is made by the acceptance
                at = datetime.combine(one.from_on, time(10), UTC)
                yield at, one.invited_by, self.invite, one

    def steps_of_log(self, child, log):
        yield log.opened_at, log.opened_by, self.open, log
        if child.user_id:
            later = log.opened_at + timedelta(minutes=1)
            yield later, log.opened_by, self.give_account, child
        for one in rows(self.told, LevelChange, LevelChange.log_id == log.id):
            if one.from_level:
                yield one.changed_at, one.changed_by, self.change_level, one
        if log.closed_at:
            yield log.closed_at, log.closed_by, self.close, log

    def of(self, model):
        return rows(self.told, model, model.child_id == self.child.id)

    def username(self, user_id):
        return user_id and self.users[user_id].username

    @property
    def child_id(self):
        return self.children[self.child.id]

    def register(self, work, row):
        names = ["name", "birth_date", "due_date", "national_id", "address_protection"]
        wish = Register(kind=ChildKind(row.kind), **{name: getattr(row, name) for name in names})
        self.children[row.id] = children.register(work, wish).id

    def add_guardian(self, work, row):
        wish = AddGuardian(
            row.name,
            row.relation,
            row.parental_responsibility,
            row.lives_with,
            username=self.username(row.user_id),
        )
        self.ids[row.id] = children.add_guardian(work, self.child_id, wish).id

    def write_concern(self, work, row):
        wish = WriteConcern(row.observed, row.worry)
        self.ids[row.id] = level_zero.write_concern(work, self.child_id, NewConcern(wish)).id

    def decide(self, work, row):
        concern = self.made.get_one(Concern, self.ids[row.id])
        level_zero.decide_concern(work, concern, Decide(ConcernDecision(row.decision), "Grunn."))

    def consent(self, work, row):
        givers = rows(self.told, ConsentGiver, ConsentGiver.consent_id == row.id)
        services = rows(self.told, ConsentService, ConsentService.consent_id == row.id)
        wish = Record(
            Purpose(row.purpose),
            [one.service_id for one in services],
            [self.ids[one.guardian_id] if one.guardian_id else CHILD for one in givers],
            Method(row.method),
            row.given_on,
            heard=row.voice_how and Heard(VoiceHow(row.voice_how), row.voice_text),
        )
        self.ids[row.id] = consents.record(work, self.child_id, wish).id
        self.consent_id = self.ids[row.id]

    def withdraw(self, work, row):
        consent = self.made.get_one(Consent, self.ids[row.id])
        consents.withdraw(work, consent, Withdraw(), by_family=True)

    def open(self, work, row):
        concern_id = row.concern_id and self.ids[row.concern_id]
        wish = Open(Level.ONE, self.consent_id, concern_id=concern_id)
        entries.open_log(work, self.child_id, wish)

    def give_account(self, work, row):
        children.give_account(work, self.child_id, self.username(row.user_id))

    def change_level(self, work, row):
        assessed = row.ip_answer and IpAssessment(IpAnswer(row.ip_answer))
        voice = Voice(VoiceHow(row.voice_how), row.voice_text)
        seen = queries.open_log(self.made, self.child_id).version
        wish = ChangeLevel(Level(row.to_level), row.reason, voice, True, seen, assessed)  # noqa: FBT003
        step = logs.change_level(work, self.child_id, wish, offers=False)
        assert step.next_evaluation_on == row.next_evaluation_on

    def offer(self, work, row):
        wish = Offer(self.username(row.to_id), row.message)
        self.ids[row.id] = baton.offer(work, self.child_id, wish).id

    def accept(self, work, row):
        baton.accept(work, self.ids[row.id])

    def invite(self, work, row):
        wish = Invite(self.username(row.user_id), row.writes, row.until_on)
        membership.invite(work, self.child_id, wish)

    def close(self, work, row):
        voice = Voice(VoiceHow(row.closing_voice["how"]), row.closing_voice["text"])
        seen = queries.open_log(self.made, self.child_id).version
        wish = Close(Outcome(row.outcome), row.closing_reason, row.family_view, voice, seen)
        logs.close(work, self.child_id, wish)
