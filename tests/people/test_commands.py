"""Accounts, roles, services, batons and tokens: each change, each refusal, and rollback."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from uuid import uuid4

import pytest

from stafett.access import ties
from stafett.access.models import Tie
from stafett.access.policy import Action, Actor, Relation
from stafett.access.ties import Grant
from stafett.access.work import Work
from stafett.audit.models import TrailRow
from stafett.children.models import Child
from stafett.errors import ConflictError, DeniedError, FieldError, RuleBrokenError
from stafett.people import commands, queries, rules
from stafett.people.commands import (
    EditService,
    EditUser,
    NewService,
    NewToken,
    NewUser,
    SetRoles,
)
from stafett.people.models import FirstCode, Service, SignIn, User
from tests.people.conftest import HASH, PASSWORD, PEOPLE
from tests.races import meet
from tests.statements import sent_to


@pytest.fixture
def write(hall, database):
    """Run a command as somebody, in its own transaction."""

    def run(username, command, *given):
        with database.writing() as session:
            work = hall.work(session, username)
            loaded = [
                hall.user(session, one) if isinstance(one, str) and one in PEOPLE else one
                for one in given
            ]
            return command(work, *loaded)

    return run


SESSION, TOKEN = False, True


def trail_of(hall, object_id):
    with hall.database.reading() as session:
        rows = session.query(TrailRow).filter_by(object_id=object_id).order_by(TrailRow.at)
        return [(row.action, row.changes) for row in rows]


def refused(write, error, *given):
    with pytest.raises(error) as caught:
        write(*given)
    found = caught.value
    return getattr(found, "fields", None) or getattr(found, "obstacles", None)


def test_an_account_is_made_with_its_trail(hall, write):
    wish = NewUser("ny.bruker", "Ny Demo", ["staff", "ke"], "Lærer", hall.services["skole"])
    made = write("admin", commands.create_user, wish)
    assert (made.roles, made.password_hash) == ("ke staff", None)
    assert trail_of(hall, made.id) == [
        (Action.USER_CREATE_OR_DISABLE, {"created": True, "roles": ["ke", "staff"]})
    ]


@pytest.mark.parametrize(
    ("change", "field", "problem"),
    [
        ({"username": "Kari"}, "username", "username-form"),
        ({"username": "laerer"}, "username", "username-taken"),
        ({"roles": []}, "roles", "roles-missing"),
        ({"roles": ["staff", "citizen"]}, "roles", "roles-apart"),
        ({"roles": ["citizen"]}, "service_id", "citizen-in-service"),
        ({"service_id": uuid4()}, "service_id", "service-unknown"),
    ],
)
def test_an_account_that_cannot_be_made_leaves_nothing(hall, write, change, field, problem):
    users, trail = hall.count(User), hall.count(TrailRow)
    given = {
        "username": "ny",
        "name": "Ny Demo",
        "roles": ["staff"],
        "service_id": hall.services["skole"],
    }
    wish = NewUser(**given | change)
    fields = refused(write, FieldError, "admin", commands.create_user, wish)
    assert {name: list(codes) for name, codes in fields.items()} == {field: [problem]}
    assert (hall.count(User), hall.count(TrailRow)) == (users, trail)


def test_rows_and_trail_are_lost_together(hall, database):
    users, trail = hall.count(User), hall.count(TrailRow)

    def fail_at_the_end():
        with database.writing() as session:
            work = hall.work(session, "admin")
            commands.create_user(work, NewUser("ny", "Ny Demo", ["staff"]))
            commands.disable(work, hall.user(session, "laerer"))
            commands.make_code(work, hall.user(session, "mor"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_at_the_end()
    assert (hall.count(User), hall.count(TrailRow), hall.count(FirstCode)) == (users, trail, 0)
    assert hall.count(User, User.disabled_at.is_not(None)) == 0


def test_editing_says_which_fields_and_never_the_text(hall, write):
    write("admin", commands.edit_user, "laerer", EditUser("Kari Demo", 1, "Sosiallærer"))
    (_, made), (action, changes) = trail_of(hall, hall.users["laerer"])
    assert made["created"]
    assert (action, changes) == (
        Action.USER_CREATE_OR_DISABLE,
        {"changed": ["name", "title", "service_id"]},
    )
    assert (
        refused(write, ConflictError, "admin", commands.edit_user, "laerer", EditUser("Sen", 1))
        is None
    )
    assert hall.all(User.name, User.username == "laerer") == ["Kari Demo"]


def test_roles_end_the_sessions_that_had_the_old_ones(hall, write):
    browser = hall.browser("laerer")
    write("admin", commands.set_roles, "laerer", SetRoles(["staff", "ke"], 1))
    assert not browser.is_in()
    assert trail_of(hall, hall.users["laerer"])[-1] == (
        Action.ROLE_GRANT,
        {"old": ["staff"], "new": ["ke", "staff"]},
    )


@pytest.mark.parametrize(
    ("who", "whose", "roles", "error"),
    [
        ("ke.leder", "laerer", ["staff", "administrator"], DeniedError),
        ("ke.leder", "laerer", ["auditor"], DeniedError),
        ("ombud", "laerer", ["staff", "ke"], DeniedError),
        ("ke.leder", "ke.leder", ["staff", "ke"], RuleBrokenError),
        ("admin", "admin", ["auditor"], RuleBrokenError),
        ("admin", "laerer", ["citizen", "staff"], FieldError),
        ("admin", "laerer", ["citizen"], FieldError),
    ],
)
def test_roles_that_are_not_given(hall, write, who, whose, roles, error):
    before = hall.all(User.roles, User.username == whose)
    refused(write, error, who, commands.set_roles, whose, SetRoles(roles, 1))
    assert hall.all(User.roles, User.username == whose) == before


def test_the_leader_of_the_unit_gives_its_own_roles(hall, write):
    write("ke.leder", commands.set_roles, "laerer", SetRoles(["staff", "ke"], 1))
    assert hall.all(User.roles, User.username == "laerer") == ["ke staff"]


def test_the_last_administrator_stays(hall, write, database):
    """The pages never come so far: one's own account is refused first, so ask as another."""
    ask = ("ke.leder", commands.disable, "admin")
    assert refused(write, RuleBrokenError, *ask) == ("last-administrator",)
    wish = NewUser("admin2", "Admin To Demo", ["administrator"], password_hash=HASH)
    second = write("admin", commands.create_user, wish)
    with database.writing() as session:
        session.get_one(User, second.id).disabled_at = hall.clock.moment
        actor = Actor(second.id, frozenset({Relation.ADM}))
        work = Work(session, actor, hall.clock.moment, hall.profile)
        with pytest.raises(RuleBrokenError) as error:
            commands.set_roles(work, hall.user(session, "admin"), SetRoles(["auditor"], 1))
        assert error.value.obstacles == ("last-administrator",)
        commands.enable(work, session.get_one(User, second.id))
        commands.set_roles(work, hall.user(session, "admin"), SetRoles(["auditor"], 1))
    assert hall.all(User.roles, User.username == "admin") == ["auditor"]


def test_disabling_ends_sessions_tokens_and_codes(hall, write):
    hall.browser("laerer")
    hall.api("laerer")
    hall.browser("rektor")
    hall.code("laerer")
    hall.clock.pass_by(seconds=1)
    write("admin", commands.disable, "laerer")
    assert hall.count(SignIn, SignIn.ended_at.is_(None)) == 1
    assert hall.count(FirstCode, FirstCode.expires_at > hall.clock.moment) == 0
    assert trail_of(hall, hall.users["laerer"])[-1][1]["disabled"] is True
    assert refused(write, RuleBrokenError, "admin", commands.disable, "admin") == (
        "own-account",
        "last-administrator",
    )


@pytest.fixture
def baton(hall, database):
    """Give somebody the baton of a child, and return the child."""

    def give(username):
        with database.writing() as session:
            work = hall.work(session, username)
            child = Child(
                name="Nora Demo",
                birth_date=date(2017, 5, 1),
                registered_by=work.actor.user_id,
                registered_at=work.now,
            )
            session.add(child)
            session.flush()
            wish = Grant(
                child.id,
                Relation.SH,
                "log",
                uuid4(),
                user_id=work.actor.user_id,
                needs_consent=True,
                service_id=work.actor.service_id,
            )
            ties.grant(work, wish)
            return child.id

    return give


@pytest.mark.parametrize(
    ("holder", "led_by"), [("laerer", "skole"), ("rektor", "ke"), ("bup", "ke"), ("ke.leder", None)]
)
def test_the_batons_of_a_closed_account_go_to_the_leader(
    hall, database, write, baton, holder, led_by
):
    child_id = baton(holder)
    write("admin", commands.disable, holder)
    with database.reading() as session:
        tie = ties.holder_of(session, child_id)
        if led_by is None:
            assert tie.user_id == hall.users[holder]
            return
        assert (tie.led_service_id, tie.basis) == (hall.services[led_by], ties.ACTING)
        assert session.query(Tie).filter(Tie.ended_at.is_not(None)).count() == 1
        told = session.query(TrailRow).filter_by(child_id=child_id).one()
        assert (told.object_id, told.changes) == (tie.id, {"holder": ties.ACTING})


@pytest.mark.parametrize(
    ("person", "closed", "led_by"),
    [
        ("laerer", (), "skole"),
        ("rektor", (), "ke"),
        ("laerer", ("rektor",), "ke"),
        ("laerer", ("rektor", "ke.leder"), None),
        ("ke.leder", (), None),
        ("mor", (), "ke"),
        ("bup", (), "ke"),
    ],
)
def test_who_decides_for_a_person(hall, database, person, closed, led_by):
    with database.writing() as session:
        for username in closed:
            hall.user(session, username).disabled_at = hall.clock.moment
    with database.reading() as session:
        found = queries.leading_service(session, hall.users[person])
        assert found == hall.services.get(led_by)
        assert queries.coordinating_unit(session) == hall.services["ke"]


@pytest.mark.parametrize(
    ("change", "field", "problem"),
    [
        ({"name": "Demo skole"}, "name", "service-name-taken"),
        ({"kind": "spaceport"}, "kind", "kind-unknown"),
        ({"kind": "coordinating_unit"}, "kind", "coordinating-unit-exists"),
        ({"leader": "nobody"}, "leader", "user-unknown"),
        ({"leader": "mor"}, "leader", "not-staff"),
        ({"leader": "admin"}, "leader", "not-staff"),
    ],
)
def test_services_that_cannot_be(hall, write, change, field, problem):
    given = {"name": "Ny", "kind": "school"} | change
    fields = refused(write, FieldError, "admin", commands.create_service, NewService(**given))
    assert {name: list(codes) for name, codes in fields.items()} == {field: [problem]}
    assert hall.count(Service) == 3


def test_two_who_make_koordinerende_enhet_at_once_do_not_make_two(
    hall, database, write, monkeypatch
):
    with database.writing() as session:
        session.get_one(Service, hall.services["ke"]).kind = "school"
    meet(monkeypatch, queries, "coordinating_unit")

    def make(name):
        try:
            write("admin", commands.create_service, NewService(name, "coordinating_unit"))
        except FieldError as error:
            return dict(error.fields)
        return None

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(make, ("KE", "Enheten")))
    assert sorted(answers, key=str) == [None, {"kind": ("coordinating-unit-exists",)}]
    assert hall.count(Service, Service.kind == "coordinating_unit") == 1


def test_a_service_is_specialist_as_its_kind_until_said_otherwise(hall, write):
    assert hall.all(Service.specialist, Service.kind == "bup") == [True]
    made = write("admin", commands.create_service, NewService("Annen BUP", "bup", specialist=False))
    assert made.specialist is False


def test_a_new_leader_leads_at_once(hall, database, write):
    with database.writing() as session:
        school = session.get_one(Service, hall.services["skole"])
        wish = EditService("Demo skole", "school", school.version, leader="laerer")
        commands.edit_service(hall.work(session, "admin"), school, wish)
    secret = commands.log_in(hall.door(), commands.LogIn("laerer", PASSWORD))
    with database.reading() as session:
        signed = queries.load_signed_in(session, rules.hashed(secret), SESSION, hall.clock.moment)
    assert signed.actor.leads == {hall.services["skole"]}
    assert trail_of(hall, hall.services["skole"])[-1] == (
        Action.SERVICE_EDIT,
        {"kind": "school", "leader": True},
    )


def test_who_is_signed_in_takes_one_statement(hall, database):
    secret = rules.hashed(commands.log_in(hall.door(), commands.LogIn("ke.leder", PASSWORD)))
    with database.reading() as session, sent_to(database) as statements:
        signed = queries.load_signed_in(session, secret, SESSION, hall.clock.moment)
    assert len(statements) == 1
    assert signed.actor == Actor(
        hall.users["ke.leder"],
        frozenset({Relation.ST, Relation.KEL}),
        hall.services["ke"],
        frozenset({hall.services["ke"]}),
    )
    assert (signed.username, signed.name) == ("ke.leder", "ke.leder Demo")


def test_tokens_by_hand_and_from_the_command_line(hall, database, write):
    token = write("laerer", commands.make_token, NewToken("rapport", 30))
    assert trail_of(hall, hall.users["laerer"])[-1][0] == Action.TOKEN_MANAGE_OWN
    with database.writing() as session:
        other = commands.create_token(session, "laerer", 1, hall.clock.moment)
    with database.reading() as session:
        for secret in (token, other):
            hashed = rules.hashed(secret)
            assert queries.load_signed_in(session, hashed, TOKEN, hall.clock.moment)
            assert not queries.load_signed_in(session, hashed, SESSION, hall.clock.moment)
        late = hall.clock.moment + timedelta(days=1)
        assert not queries.load_signed_in(session, rules.hashed(other), TOKEN, late)
    assert token not in hall.all(SignIn.secret_hash)


@pytest.mark.parametrize(
    ("username", "days", "field"),
    [("nobody", 30, "username"), ("laerer", 0, "days"), ("laerer", 366, "days")],
)
def test_tokens_that_are_not_made(hall, database, username, days, field):
    with pytest.raises(FieldError) as error, database.writing() as session:
        commands.create_token(session, username, days, hall.clock.moment)
    assert list(error.value.fields) == [field]
    assert hall.count(SignIn) == 0


def test_the_first_administrator_is_made_once(database, clock):
    def make(username):
        with database.writing() as session:
            return commands.create_first_administrator(
                session, username, "Admin Demo", HASH, clock.moment
            )

    with pytest.raises(FieldError):
        make("Ikke Bra")
    assert make("admin").roles == "administrator"
    with pytest.raises(RuleBrokenError):
        make("admin2")


def test_names_and_usernames(hall, database):
    with database.reading() as session:
        ids = [hall.users["mor"], hall.users["admin"], uuid4()]
        assert queries.names_of(session, ids) == {
            hall.users["mor"]: "mor Demo",
            hall.users["admin"]: "admin Demo",
        }
        assert queries.service_of(session, hall.users["laerer"]) == hall.services["skole"]
        assert queries.service_of(session, uuid4()) is None
        with pytest.raises(FieldError) as error:
            queries.by_username(session, "nobody", "to")
    assert error.value.fields == {"to": ("user-unknown",)}
