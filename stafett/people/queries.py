"""Reads people: the actor behind a secret, the staff directory, services, and who leads whom."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import reduce
from typing import Any, NamedTuple, TypeVarTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, false, func, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from stafett.access.policy import ROLES, Actor, SignedIn
from stafett.access.ties import NOW, at
from stafett.db import fetch
from stafett.errors import FieldError
from stafett.people import rules
from stafett.people.models import Attempt, FirstCode, Service, SignIn, User


def signed_in(stands: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Return what `load_signed_in` asks for; `stands` is what it also says of a `User`."""
    return (
        select(SignIn.id, SignIn.seen_at, User.id, User.username, User.name, User.roles)
        .add_columns(User.service_id, stands, Service.id)
        .join(User, User.id == SignIn.user_id)
        .join(Service, Service.leader_id == User.id, isouter=True)
        .where(
            SignIn.secret_hash == bindparam("secret_hash"),
            SignIn.bearer == bindparam("bearer"),
            SignIn.ended_at.is_(None),
            SignIn.expires_at > NOW,
            User.disabled_at.is_(None),
        )
    )


_SIGNED_IN = signed_in(false())
Columns = TypeVarTuple("Columns")
Text = InstrumentedAttribute[str]
_NOT_ASCII = "ÆØÅÄÖÁÉČĐŊŠŦŽ"


class Person(NamedTuple):
    """Somebody as the staff directory shows him."""

    username: str
    name: str
    service_id: UUID | None


class Reached(NamedTuple):
    """How one reaches somebody at work, as far as it may be known; both None: not at all."""

    phone: str | None = None
    email: str | None = None


class Found(NamedTuple):
    """One page of a list; `after` is the username after which the next one begins."""

    items: list[Person]
    after: str | None


class Account(NamedTuple):
    """An account as the administrator's list shows it."""

    id: UUID
    username: str
    name: str
    roles: str
    service: str | None
    disabled_at: datetime | None


class Unit(NamedTuple):
    """A service with its leader's name; `leads` is false when that account is disabled."""

    id: UUID
    name: str
    kind: str
    specialist: bool
    leader: str | None
    leads: bool


class Me(NamedTuple):
    """Who is signed in, as the JSON says it; of the services his own comes first."""

    username: str
    name: str
    roles: list[str]
    services: list[Service]


class Own(NamedTuple):
    """What a person sees of his own account."""

    user: User
    service: Service | None
    sessions: list[SignIn]
    tokens: list[SignIn]


def load_signed_in(
    session: Session,
    secret_hash: str,
    bearer: bool,  # noqa: FBT001 the kind of secret
    now: datetime,
    wanted: Select[*tuple[Any, ...]] = _SIGNED_IN,
) -> SignedIn | None:
    """Return who holds a secret, with the services he leads; nobody when it no longer counts."""
    rows = fetch(session, wanted, {"secret_hash": secret_hash, "bearer": bearer, **at(now)})
    if not rows:
        return None
    sign_in_id, seen_at, user_id, username, name, roles, service_id, stands, _ = rows[0]
    names = roles.split()
    if not bearer and rules.is_idle(names, seen_at, now):
        return None
    leads = frozenset(row[8] for row in rows if row[8])
    actor = Actor(user_id, frozenset(ROLES[role] for role in names), service_id, leads)
    return SignedIn(actor, username, name, sign_in_id, seen_at, stands=bool(stands))


def actor(session: Session, user_id: UUID) -> Actor | None:
    """Return somebody as the policy knows him, for work that he has not asked for; None: closed."""
    found = session.get(User, user_id)
    if found is None or found.disabled_at is not None:
        return None
    leads = session.scalars(select(Service.id).where(Service.leader_id == user_id))
    roles = frozenset(ROLES[role] for role in found.roles.split())
    return Actor(user_id, roles, found.service_id, frozenset(leads))


def by_username(session: Session, username: str, field: str) -> User:
    """Return the enabled account of a username.

    Raises:
        FieldError: at `field`, when there is none.

    """
    found = session.scalars(
        select(User).where(User.username == username, User.disabled_at.is_(None))
    ).one_or_none()
    if found is None:
        raise FieldError(field, "user-unknown")
    return found


def professional(session: Session, username: str, field: str) -> User:
    """Return the enabled account of somebody who works with children.

    Raises:
        FieldError: at `field`, when there is none, or it is no professional's.

    """
    found = by_username(session, username, field)
    if not rules.is_professional(found.roles.split()):
        raise FieldError(field, "not-staff")
    return found


def service_of(session: Session, user_id: UUID) -> UUID | None:
    """Return the service a user works in."""
    return session.scalars(select(User.service_id).where(User.id == user_id)).one_or_none()


def username_of(session: Session, user_id: UUID | None) -> str | None:
    """Return a user's username."""
    return session.scalars(select(User.username).where(User.id == user_id)).one_or_none()


def names_of(session: Session, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the names of some users."""
    rows = session.execute(select(User.id, User.name).where(User.id.in_(set(ids))))
    return {row.id: row.name for row in rows}


def closed(session: Session, ids: Iterable[UUID | None]) -> set[UUID]:
    """Return those of some accounts that are closed."""
    wanted = select(User.id).where(User.id.in_(list(ids)), User.disabled_at.is_not(None))
    return set(session.scalars(wanted))


def service_names(session: Session, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the names of those services among some ids that there are."""
    rows = session.execute(select(Service.id, Service.name).where(Service.id.in_(set(ids))))
    return {row.id: row.name for row in rows}


def leading_service(session: Session, user_id: UUID) -> UUID | None:
    """Return the service whose leader decides for a person.

    His own service when its leader has an enabled account and is not himself; otherwise
    koordinerende enhet on the same terms; otherwise none.
    """
    leader = aliased(User)
    own = select(User.service_id).where(User.id == user_id).scalar_subquery()
    wanted = (
        select(Service.id)
        .join(leader, leader.id == Service.leader_id)
        .where(
            leader.disabled_at.is_(None),
            leader.id != user_id,
            or_(Service.id == own, Service.kind == rules.COORDINATING_UNIT),
        )
        .order_by(Service.id != own)
        .limit(1)
    )
    return session.scalars(wanted).one_or_none()


def coordinating_unit(session: Session) -> UUID | None:
    """Return koordinerende enhet, of which a kommune has one."""
    wanted = select(Service.id).where(Service.kind == rules.COORDINATING_UNIT)
    return session.scalars(wanted).one_or_none()


def find(session: Session, q: str, service_id: UUID | None, limit: int, after: str | None) -> Found:
    """Return a page of the staff directory: enabled accounts of those who work with children."""
    wanted = select(User.username, User.name, User.service_id).where(
        User.disabled_at.is_(None), or_(*map(_has_role, rules.PROFESSIONAL))
    )
    if service_id is not None:
        wanted = wanted.where(User.service_id == service_id)
    rows = session.execute(_by_name(wanted, q, after).limit(limit + 1)).all()
    people = [Person(*row) for row in rows[:limit]]
    return Found(people, people[-1].username if len(rows) > limit else None)


def accounts(
    session: Session, q: str, limit: int, after: str | None
) -> tuple[list[Account], str | None]:
    """Return a page of all accounts, disabled ones too, and where the next one begins."""
    wanted = select(
        User.id, User.username, User.name, User.roles, Service.name, User.disabled_at
    ).join(Service, Service.id == User.service_id, isouter=True)
    rows = session.execute(_by_name(wanted, q, after).limit(limit + 1)).all()
    found = [Account(*row) for row in rows[:limit]]
    return found, found[-1].username if len(rows) > limit else None


def services(session: Session) -> list[Service]:
    """Return every service, by name."""
    return list(session.scalars(select(Service).order_by(Service.name)))


def units(session: Session) -> list[Unit]:
    """Return every service with its leader, by name."""
    wanted = (
        select(Service.id, Service.name, Service.kind, Service.specialist, User.name)
        .add_columns(User.id.is_not(None) & User.disabled_at.is_(None))
        .join(User, User.id == Service.leader_id, isouter=True)
        .order_by(Service.name)
    )
    return [Unit(*row) for row in session.execute(wanted)]


def me(session: Session, signed: SignedIn) -> Me:
    """Return who is signed in."""
    actor, names = signed.actor, {relation: role for role, relation in ROLES.items()}
    own = select(Service).where(Service.id.in_(actor.leads | {actor.service_id} - {None}))
    found = session.scalars(own.order_by(Service.id != actor.service_id, Service.name))
    roles = sorted(names[role] for role in actor.roles)
    return Me(signed.username, signed.name, roles, list(found))


def user(session: Session, user_id: UUID) -> User | None:
    """Return an account, also a disabled one."""
    return session.get(User, user_id)


def service(session: Session, service_id: UUID) -> Service | None:
    """Return a service."""
    return session.get(Service, service_id)


def kind_of(session: Session, service_id: UUID | None) -> str | None:
    """Return the kind of a service; None for who works in none."""
    return session.scalar(select(Service.kind).where(Service.id == service_id))


def by_log_in_name(session: Session, username: str) -> User | None:
    """Return the account that somebody says is his."""
    return session.scalars(select(User).where(User.username == username)).one_or_none()


def service_named(session: Session, name: str) -> UUID | None:
    """Return the service of a name."""
    return session.scalars(select(Service.id).where(Service.name == name)).one_or_none()


def has_administrator(session: Session) -> bool:
    """Say whether anybody, enabled or not, is an administrator."""
    return (
        session.scalars(select(User.id).where(_has_role(rules.ADMINISTRATOR)).limit(1)).first()
        is not None
    )


def other_administrators(session: Session, user_id: UUID) -> list[UUID]:
    """Return the enabled administrators but one, and let nobody disable them meanwhile."""
    wanted = (
        select(User.id)
        .where(_has_role(rules.ADMINISTRATOR), User.disabled_at.is_(None))
        .order_by(User.id)
        .with_for_update()
    )
    return [one for one in session.scalars(wanted) if one != user_id]


def with_roles(session: Session, *roles: str) -> set[UUID]:
    """Return the enabled accounts that have one of some roles."""
    wanted = select(User.id).where(User.disabled_at.is_(None), or_(*map(_has_role, roles)))
    return set(session.scalars(wanted))


def signed_in_at(session: Session, sign_in_id: UUID) -> datetime | None:
    """Return when a session was opened; None for a token, behind which nobody may be sitting."""
    wanted = select(SignIn.created_at).where(SignIn.id == sign_in_id, ~SignIn.bearer)
    return session.scalar(wanted)


def own_sign_in(
    session: Session, user_id: UUID, sign_in_id: UUID, *, bearer: bool
) -> SignIn | None:
    """Return one of a user's own sessions or tokens."""
    found = session.get(SignIn, sign_in_id)
    return found if found and (found.user_id, found.bearer) == (user_id, bearer) else None


def own_account(session: Session, user_id: UUID, now: datetime) -> Own:
    """Return a person's account with the sessions and tokens that still count, newest use first."""
    owner = session.get_one(User, user_id)
    wanted = (
        select(SignIn)
        .where(SignIn.user_id == user_id, SignIn.ended_at.is_(None), SignIn.expires_at > now)
        .order_by(SignIn.seen_at.desc())
    )
    found, roles = session.scalars(wanted).all(), owner.roles.split()
    return Own(
        owner,
        session.get(Service, owner.service_id) if owner.service_id else None,
        [one for one in found if not one.bearer and not rules.is_idle(roles, one.seen_at, now)],
        [one for one in found if one.bearer],
    )


def usable_code(session: Session, user_id: UUID, code_hash: str, now: datetime) -> FirstCode | None:
    """Return a user's code when it is his, not used and not too old; the row is then locked."""
    wanted = select(FirstCode).where(
        FirstCode.user_id == user_id,
        FirstCode.code_hash == code_hash,
        FirstCode.used_at.is_(None),
        FirstCode.expires_at > now,
    )
    return session.scalars(wanted.with_for_update()).one_or_none()


def failures(
    session: Session, column: Text, value: str, since: datetime
) -> tuple[int, datetime | None]:
    """Return how many attempts have failed on an account or from an address, and the latest."""
    wanted = select(func.count(), func.max(Attempt.at)).where(
        column == value, Attempt.at > since, Attempt.result == "failed"
    )
    count, latest = session.execute(wanted).one()
    return count, latest


def _by_name(wanted: Select[*Columns], q: str, after: str | None) -> Select[*Columns]:
    """Narrow a list of users to a part of a name or username, after one of them, by name."""
    wanted = wanted.where(*has_words(q, User.name, User.username))
    if after is not None:
        last = aliased(User)
        begins = select(_folded(last.name), last.username).where(last.username == after)
        wanted = wanted.where(tuple_(_folded(User.name), User.username) > begins.scalar_subquery())
    return wanted.order_by(_folded(User.name), User.username)


def has_words(q: str, *columns: Text) -> Iterator[ColumnElement[bool]]:
    """Match rows that have each word of `q` in one of some columns, in whatever case."""
    for word in q.split():
        yield or_(*(_folded(one).contains(_fold(word), autoescape=True) for one in columns))


def _has_role(role: str) -> ColumnElement[bool]:
    return (" " + User.roles + " ").contains(f" {role} ", autoescape=True)


def _folded(column: Text) -> ColumnElement[str]:
    """Fold a name to lower case in SQL, also the letters that SQLite's `lower` leaves alone."""
    return reduce(
        lambda text, letter: func.replace(text, letter, letter.lower()),
        _NOT_ASCII,
        func.lower(column),
    )


def _fold(text: str) -> str:
    return reduce(
        lambda folded, letter: folded.replace(letter, letter.lower()), _NOT_ASCII, text.lower()
    )
