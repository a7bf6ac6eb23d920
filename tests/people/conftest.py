"""A small town hall: services, accounts with a password, browsers, and a clock that can be set."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from stafett.access.policy import ROLES, Actor, Relation
from stafett.access.work import Work
from stafett.people import commands
from stafett.people.commands import NewService, NewUser
from stafett.people.models import Service, SignIn, User
from stafett.web import guard
from stafett.web.identity import hashed
from tests.client import check

PASSWORD = "fire tilfeldige ord her"
HASH = commands.hash_password(PASSWORD)
PEOPLE = {
    "admin": (["administrator"], None),
    "ke.leder": (["staff", "ke_leader"], "ke"),
    "rektor": (["staff"], "skole"),
    "laerer": (["staff"], "skole"),
    "bup": (["external"], "bup"),
    "ombud": (["auditor"], None),
    "mor": (["citizen"], None),
}
SERVICES = {
    "ke": ("Koordinerende enhet", "coordinating_unit", "ke.leder"),
    "skole": ("Demo skole", "school", "rektor"),
    "bup": ("BUP", "bup", None),
}


class Clock:
    """Stands where the guard reads the time."""

    def __init__(self):
        self.moment = datetime(2026, 11, 24, 8, tzinfo=UTC)

    def now(self, zone):
        return self.moment.astimezone(zone)

    def pass_by(self, **time):
        self.moment += timedelta(**time)


class Browser:
    """A person's browser; every form is sent with the token of the page it stands on."""

    def __init__(self, app):
        self.http = app.test_client()

    def get(self, path, **more):
        answer = self.http.get(path, **more)
        if answer.mimetype == "text/html" and answer.status_code != 303:
            check(answer)
        return answer

    def send(self, path, page=None, *, checked=True, **fields):
        text = self.get(page or path).text
        token = re.search(r'name="csrf_token" value="([^"]+)"', text)
        fields["csrf_token"] = token.group(1) if token else ""
        answer = self.http.post(path, data=fields)
        if checked and answer.mimetype == "text/html" and answer.status_code != 303:
            check(answer)
        return answer

    def log_in(self, username, password=PASSWORD, **more):
        return self.send("/logg-inn", username=username, password=password, **more)

    def is_in(self):
        return self.get("/innstillinger").status_code == 200

    def cookie(self):
        return self.http.get_cookie("stafett").value


class Hall:
    """The accounts and services above, in one database."""

    def __init__(self, database, app, clock):
        self.database, self.app, self.clock = database, app, clock
        self.profile = app.extensions["stafett.profile"]
        self.services, self.users = {}, {}
        with database.writing() as session:
            work = Work(
                session, Actor(uuid4(), frozenset({Relation.ADM})), clock.moment, self.profile
            )
            for key, (name, kind, _) in SERVICES.items():
                self.services[key] = commands.create_service(work, NewService(name, kind)).id
            for username, (roles, key) in PEOPLE.items():
                wish = NewUser(
                    username, f"{username} Demo", roles, "", self.services.get(key), HASH
                )
                self.users[username] = commands.create_user(work, wish).id
            for key, (_, _, leader) in SERVICES.items():
                session.get_one(Service, self.services[key]).leader_id = self.users.get(leader)
        clock.pass_by(seconds=1)  # what a test does comes after

    def actor(self, username):
        roles, key = PEOPLE[username]
        relations = frozenset(ROLES[role] for role in roles)
        return Actor(self.users[username], relations, self.services.get(key))

    def work(self, session, username):
        return Work(session, self.actor(username), self.clock.moment, self.profile)

    def user(self, session, username):
        return session.scalars(select(User).where(User.username == username)).one()

    def door(self, address="192.0.2.1", earlier=None):
        return commands.Doorstep(self.database, self.profile, self.clock.moment, address, earlier)

    def browser(self, username=None):
        made = Browser(self.app)
        if username:
            assert made.log_in(username).status_code == 303
        return made

    def api(self, username):
        token = f"token-{username}-{uuid4()}"
        with self.database.writing() as session:
            row = SignIn(
                secret_hash=hashed(token),
                bearer=True,
                user_id=self.users[username],
                created_at=self.clock.moment,
                seen_at=self.clock.moment,
                expires_at=self.clock.moment + timedelta(days=30),
            )
            session.add(row)
        made = self.app.test_client()
        made.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        return made

    def code(self, username):
        with self.database.writing() as session:
            return commands.make_code(self.work(session, "admin"), self.user(session, username))[0]

    def count(self, table, *where):
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(table).where(*where))

    def all(self, column, *where):
        with self.database.reading() as session:
            return list(session.scalars(select(column).where(*where)))


@pytest.fixture
def clock(monkeypatch):
    set_clock = Clock()
    monkeypatch.setattr(guard, "datetime", set_clock)
    return set_clock


@pytest.fixture
def hall(database, app, clock):
    return Hall(database, app, clock)
