"""A small kommune for the tests: people, one child with an open log, and clients."""

from contextlib import contextmanager
from copy import copy
from datetime import UTC, date, timedelta
from types import SimpleNamespace
from unittest.mock import patch
from uuid import UUID, uuid4

from sqlalchemy import func, inspect, select, table, update

from stafett.access import ties
from stafett.access.models import AccessRow
from stafett.access.policy import ROLES, Actor, Purpose, Relation
from stafett.access.ties import Grant
from stafett.access.work import Work
from stafett.children import commands as children
from stafett.children.rules import VoiceHow
from stafett.consents import commands as consents
from stafett.consents.rules import Heard, Method
from stafett.dates import OSLO, birthday, oslo_date
from stafett.people.models import Service, SignIn, User
from stafett.stafettlogg import commands as stafettlogg
from stafett.stafettlogg import membership
from stafett.stafettlogg.rules import Level
from stafett.web import guard
from stafett.web.identity import hashed
from tests.client import Api, Browser

SERVICES = {
    "ke": "coordinating_unit",
    "skole": "school",
    "helse": "health_centre",
    "ppt": "ppt",
    "bup": "bup",
    "stab": "administration",
}
HEARD = Heard(VoiceHow.TALK_BEFORE)
LOOKS = {"access_log", "access_shown", "sign_in", "kept_answer"}
"""Tables in which asking and refusing leave rows too."""
LEADERS = {"skole": "rektor", "ke": "ke.leder", "helse": "ke.leder"}
PEOPLE = {
    "laerer": ("skole", "staff"),
    "rektor": ("skole", "staff"),
    "nyansatt": ("skole", "staff"),
    "helsesykepleier": ("helse", "staff"),
    "ppt": ("ppt", "staff"),
    "bup": ("bup", "external"),
    "ke.leder": ("ke", "staff ke_leader"),
    "ke.saksbehandler": ("ke", "staff ke"),
    "koordinator": ("ke", "staff"),
    "admin": ("stab", "administrator"),
    "personvernombud": ("stab", "auditor"),
    "mor": (None, "citizen"),
    "far": (None, "citizen"),
    "ungdom": (None, "citizen"),
}


class Town:
    """Holder `laerer` (school), writing member `ppt`, guardians `mor` and `far`, and strangers.

    Consent covers school, PPT, health and koordinerende enhet.
    """

    def __init__(self, database, app, now):
        """Make it all through the commands."""
        self.database, self.app, self.now, self.today = database, app, now, oslo_date(now)
        self.profile = app.extensions["stafett.profile"]
        self.services = {name: uuid4() for name in SERVICES}
        self.users = {name: uuid4() for name in PEOPLE}
        with database.writing() as session:
            for name, kind in SERVICES.items():
                leader = self.users.get(LEADERS.get(name, ""))
                session.add(
                    Service(
                        id=self.services[name],
                        name=f"Demo-{name}",
                        kind=kind,
                        specialist=kind == "bup",
                        leader_id=leader,
                    )
                )
            session.flush()
            for name, (service, roles) in PEOPLE.items():
                session.add(
                    User(
                        id=self.users[name],
                        username=name,
                        name=f"{name.title()} Demo",
                        title=name,
                        roles=roles,
                        service_id=self.services.get(service),
                        created_at=now,
                    )
                )
            session.flush()
            for name in PEOPLE:
                for bearer in (False, True):
                    session.add(self._sign_in(name, bearer=bearer))
        self.child, self.mor, self.far = self.family("Nora Demo")
        self.consent = self.agree(self.child, "skole", "ppt", "helse", "ke")
        with self.work("laerer") as work:
            wish = stafettlogg.Open(Level.ONE, self.consent)
            self.log = stafettlogg.open_log(work, self.child, wish).id
        with self.work("laerer") as work:
            until = self.today + timedelta(days=100)
            wish = membership.Invite("ppt", writes=True, until=until)
            self.member = membership.invite(work, self.child, wish).id

    def in_another(self, database, app, now):
        """Return the same people and child, in a database where their rows have been put."""
        moved = copy(self)
        moved.database, moved.app, moved.now, moved.today = database, app, now, oslo_date(now)
        return moved

    def _sign_in(self, name, *, bearer):
        return SignIn(
            secret_hash=hashed(self.secret(name, bearer=bearer)),
            bearer=bearer,
            user_id=self.users[name],
            created_at=self.now,
            seen_at=self.now,
            expires_at=self.now + timedelta(hours=8),
        )

    def secret(self, name, *, bearer=False) -> str:
        return f"{name}-{bearer}"

    @contextmanager
    def work(self, name, now=None):
        """One transaction of one person."""
        with self.database.writing() as session:
            yield Work(session, self.actor(name), now or self.now, self.profile)

    def actor(self, name: str) -> Actor:
        service, roles = PEOPLE[name]
        leads = frozenset(self.services[one] for one, who in LEADERS.items() if who == name)
        held = frozenset(ROLES[role] for role in roles.split())
        return Actor(self.users[name], held, self.services.get(service), leads)

    def family(self, name, born=date(2017, 5, 1), by="laerer") -> tuple[UUID, UUID, UUID]:
        """A registered child with its two parents; `mor` and `far` have accounts."""
        with self.work(by) as work:
            child = children.register(work, children.Register(name, birth_date=born)).id
        parents = []
        for who in ("mor", "far"):
            wish = children.AddGuardian(
                f"{who.title()} Demo",
                who,
                parental_responsibility=True,
                lives_with=True,
                username=who,
            )
            with self.work(by) as work:
                parents.append(children.add_guardian(work, child, wish).id)
        return child, *parents

    def agree(self, child, *services, purpose=Purpose.STAFETTLOGG, by="laerer", **more) -> UUID:
        """A signed consent of both parents."""
        with self.work(by) as work:
            parents = self.parents(work.session, child)
            more.setdefault("heard", HEARD)
            wish = consents.Record(
                purpose,
                [self.services[name] for name in services],
                parents,
                Method.SIGNED,
                more.pop("given_on", self.today),
                **more,
            )
            return consents.record(work, child, wish).id

    def parents(self, session, child) -> list[UUID]:
        from stafett.children.queries import deciding_now  # noqa: PLC0415 only here

        return [one.id for one in deciding_now(session, child, self.today)]

    def tie(self, name, relation, child=None, **more):
        """A tie without a feature's row behind it, for what only the policy is asked."""
        with self.work("laerer") as work:
            given = {"user_id": self.users[name], "source_id": uuid4(), "basis": "test", **more}
            return ties.grant(work, Grant(child or self.child, Relation(relation), **given)).id

    def browser(self, name) -> Browser:
        return Browser(self.app, self.secret(name))

    def api(self, name) -> Api:
        return Api(self.app, self.secret(name, bearer=True))

    def count(self, table, *where) -> int:
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(table).where(*where))

    def results(self, name):
        with self.database.reading() as session:
            rows = select(AccessRow.result).where(AccessRow.actor_id == self.users[name])
            return list(session.scalars(rows.order_by(AccessRow.at, AccessRow.id)))

    def one(self, table, *where):
        with self.database.reading() as session:
            return session.scalars(select(table).where(*where)).one()

    def rows(self) -> dict[str, int]:
        """How many rows each table has, but for those of looking: what a refusal must not move."""
        names = set(inspect(self.database.engine).get_table_names()) - LOOKS
        with self.database.reading() as session:
            count = select(func.count())
            return {name: session.scalar(count.select_from(table(name))) for name in names}

    def born(self, years):
        """The last day on which somebody was born who is so old today."""
        day = birthday(self.today, -years)
        return day if birthday(day, years) <= self.today else day - timedelta(days=1)

    def in_days(self, days):
        """The same time of day in Oslo so many days later: a day is an hour longer in autumn."""
        return (self.now.astimezone(OSLO) + timedelta(days=days)).astimezone(UTC)

    @contextmanager
    def later(self, days=0, **time):
        """Let requests come so much later, from people who are still signed in."""
        moment = self.in_days(days) + timedelta(**time)
        with self.database.writing() as session:
            until = moment + timedelta(hours=8)
            session.execute(update(SignIn).values(seen_at=moment, expires_at=until))
        with patch.object(guard, "datetime", SimpleNamespace(now=lambda _zone: moment)):
            yield moment
