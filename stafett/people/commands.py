"""Everything that changes accounts, services, sessions and tokens, and the three ways to sign in.

Signing in opens its own transactions: nobody is known yet, a refused attempt must still be
counted, and no password is hashed while the database is held.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session

from stafett.access import ties
from stafett.access.models import Tie
from stafett.access.policy import ROLES, Action, Actor
from stafett.access.work import Work
from stafett.audit import trail
from stafett.db import Database, one_at_a_time
from stafett.errors import (
    ConflictError,
    DeniedError,
    FieldError,
    RuleBrokenError,
    TooManyAttemptsError,
)
from stafett.people import queries, rules
from stafett.people.models import Attempt, FirstCode, Service, SignIn, User
from stafett.profile.model import Profile

THE_UNIT = UUID("c00d1ae7-c00d-41ae-8c00-c00d1ae7c00d")
"""What is locked while koordinerende enhet is made: a kommune has one."""
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@dataclass(frozen=True)
class NewUser:
    """A wish to make an account; without a password it opens with a code on paper."""

    username: str
    name: str
    roles: Sequence[str]
    title: str = ""
    service_id: UUID | None = None
    password_hash: str | None = None
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True)
class EditUser:
    """A wish to change what is said of a person."""

    name: str
    seen_version: int
    title: str = ""
    service_id: UUID | None = None
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True)
class EditReached:
    """A wish to change how one is reached at work oneself; nothing: not at all."""

    seen_version: int
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True)
class SetRoles:
    """A wish to change what an account may be."""

    roles: Sequence[str]
    seen_version: int


@dataclass(frozen=True)
class NewService:
    """A wish to add a service; `specialist` as its kind is when not said, `leader` a username."""

    name: str
    kind: str
    specialist: bool | None = None
    leader: str | None = None


@dataclass(frozen=True)
class EditService:
    """A wish to change a service."""

    name: str
    kind: str
    seen_version: int
    specialist: bool = False
    leader: str | None = None


@dataclass(frozen=True)
class NewToken:
    """A wish for an API token that lives some days."""

    label: str
    days: int


@dataclass(frozen=True)
class Doorstep:
    """Where somebody stands who is not known yet; `earlier` is the secret his browser had."""

    database: Database
    profile: Profile
    now: datetime
    address: str
    earlier: str | None = None


@dataclass(frozen=True)
class LogIn:
    """A username and the password that shall prove it; `then` is the page to open afterwards."""

    username: str
    password: str
    then: str = "/"


@dataclass(frozen=True)
class ChangePassword:
    """A new password, proved by the present one."""

    username: str
    password: str
    new_password: str
    repeated: str


@dataclass(frozen=True)
class UseCode:
    """A new password, proved by a code on paper."""

    username: str
    code: str
    new_password: str
    repeated: str


# --- Signing in -----------------------------------------------------------------------------------


def log_in(door: Doorstep, wish: LogIn) -> str:
    """Prove an account by its password and return the secret of a new session.

    Raises:
        RuleBrokenError: unknown user, wrong password or disabled account, all told alike.
        TooManyAttemptsError: too many have failed; also when the password is right.

    """
    attempt_id, password_hash = _try(door, wish.username)
    if not _matches(password_hash, wish.password):
        raise RuleBrokenError(["log-in-failed"])
    with door.database.writing() as session:
        owner = _still_same(session, wish.username, password_hash)
        _succeed(session, attempt_id, "password")
        return _new_session(session, door, owner)


def change_password(door: Doorstep, wish: ChangePassword) -> str:
    """Set a new password, proved by the present one; every earlier session ends.

    Raises:
        FieldError: the new password is too weak, or was typed differently the second time.
        RuleBrokenError: as at log-in.
        TooManyAttemptsError: as at log-in.

    """
    _check_new(wish.username, wish.new_password, wish.repeated, door.profile.kommune)
    attempt_id, present = _try(door, wish.username)
    new_hash = hash_password(wish.new_password)
    if not _matches(present, wish.password):
        raise RuleBrokenError(["log-in-failed"])
    with door.database.writing() as session:
        owner = _still_same(session, wish.username, present)
        _succeed(session, attempt_id, "changed")
        return _new_password(session, door, owner, new_hash, "password")


def use_code(door: Doorstep, wish: UseCode) -> str:
    """Set a password, proved by a code on paper that then is used; every earlier session ends.

    Raises:
        FieldError: the new password is too weak, or was typed differently the second time.
        RuleBrokenError: unknown user, or wrong, used or old code, all told alike.
        TooManyAttemptsError: as at log-in.

    """
    _check_new(wish.username, wish.new_password, wish.repeated, door.profile.kommune)
    attempt_id, _ = _try(door, wish.username)
    new_hash = hash_password(wish.new_password)
    code_hash = rules.hashed(rules.typed_code(wish.code))
    with door.database.writing() as session:
        owner = queries.by_log_in_name(session, wish.username)
        if owner is None or owner.disabled_at is not None:
            raise RuleBrokenError(["code-failed"])
        code = queries.usable_code(session, owner.id, code_hash, door.now)
        if code is None:
            raise RuleBrokenError(["code-failed"])
        code.used_at = door.now
        _succeed(session, attempt_id, "code")
        return _new_password(session, door, owner, new_hash, "code")


def hash_password(password: str) -> str:
    """Return argon2id of a password; takes long on purpose, so never inside a transaction."""
    return _HASHER.hash(password)


def note_seen(session: Session, sign_in_id: UUID, now: datetime) -> None:
    """Remember when a session or token was last used."""
    session.execute(update(SignIn).where(SignIn.id == sign_in_id).values(seen_at=now))


def forget(session: Session, now: datetime) -> None:
    """Delete attempts to log in, sessions, tokens and codes, `KEPT_FOR` after they were over."""
    limit = now - rules.KEPT_FOR
    session.execute(delete(Attempt).where(Attempt.at <= limit))
    over = or_(SignIn.ended_at <= limit, SignIn.expires_at <= limit)
    session.execute(delete(SignIn).where(over))
    session.execute(delete(FirstCode).where(FirstCode.expires_at <= limit))


def _try(door: Doorstep, username: str) -> tuple[UUID, str | None]:
    """Count an attempt as failed before anything is proved, and return the account's hash.

    Counting first leaves no gap in which a hundred passwords are tried at once.

    Raises:
        TooManyAttemptsError: it is too early to try again.

    """
    name_hash = rules.hashed(username)
    with door.database.writing() as session:
        for counted in (name_hash, rules.hashed(door.address)):
            one_at_a_time(session, UUID(counted[:32]))
        owner = queries.by_log_in_name(session, username)
        wait = _seconds_to_wait(session, door, name_hash)
        attempt = Attempt(
            at=door.now,
            username_hash=name_hash,
            address=door.address,
            user_id=owner and owner.id,
            result="throttled" if wait else "failed",
        )
        session.add(attempt)
        session.flush()
        attempt_id = attempt.id
        present = owner.password_hash if owner and owner.disabled_at is None else None
    if wait:
        raise TooManyAttemptsError(wait)
    return attempt_id, present


def _seconds_to_wait(session: Session, door: Doorstep, name_hash: str) -> int:
    since = door.now - rules.COUNTED
    on_account = queries.failures(session, Attempt.username_hash, name_hash, since)
    from_address = queries.failures(session, Attempt.address, door.address, since)
    return max(
        rules.seconds_to_wait(*on_account, rules.FAILURES_PER_ACCOUNT, door.now),
        rules.seconds_to_wait(*from_address, rules.FAILURES_PER_ADDRESS, door.now),
    )


def _matches(password_hash: str | None, password: str) -> bool:
    """Compare; without an account it takes the same time, so that nobody learns there is none."""
    try:
        _HASHER.verify(password_hash or _nobodys_hash(), password)
    except VerifyMismatchError:
        return False
    return password_hash is not None


@cache
def _nobodys_hash() -> str:
    return hash_password(secrets.token_urlsafe())


def _still_same(session: Session, username: str, password_hash: str | None) -> User:
    """Return the account as it is now: it may have changed while the password was hashed."""
    owner = queries.by_log_in_name(session, username)
    if owner is None or owner.disabled_at is not None or owner.password_hash != password_hash:
        raise RuleBrokenError(["log-in-failed"])
    return owner


def _succeed(session: Session, attempt_id: UUID, how: str) -> None:
    session.execute(update(Attempt).where(Attempt.id == attempt_id).values(result=how))


def _new_password(
    session: Session, door: Doorstep, owner: User, password_hash: str, proved_by: str
) -> str:
    owner.password_hash = password_hash
    work = Work(session, _actor(owner), door.now, door.profile)
    end_sessions(session, owner.id, door.now)
    trail.record(work, Action.SESSION_OWN, None, owner.id, password=True, proved_by=proved_by)
    return _new_session(session, door, owner)


def _new_session(session: Session, door: Doorstep, owner: User) -> str:
    """Open a session under a new secret, and end the one that this browser had before."""
    if door.earlier is not None:
        session.execute(
            update(SignIn)
            .where(SignIn.secret_hash == rules.hashed(door.earlier), SignIn.ended_at.is_(None))
            .values(ended_at=door.now)
        )
    secret = _sign_in(session, owner.id, door.now, rules.SESSION_LASTS)
    for crowded in queries.own_account(session, owner.id, door.now).sessions[
        rules.SESSIONS_AT_ONCE :
    ]:
        crowded.ended_at = door.now
    return secret


def _sign_in(
    session: Session, user_id: UUID, now: datetime, lasts: timedelta, *, token: str | None = None
) -> str:
    """Add a session, or a token with a label, and return its secret, which is never stored."""
    secret = secrets.token_urlsafe(32)
    session.add(
        SignIn(
            secret_hash=rules.hashed(secret),
            bearer=token is not None,
            user_id=user_id,
            label=token or "",
            created_at=now,
            seen_at=now,
            expires_at=now + lasts,
        )
    )
    session.flush()
    return secret


def _check_new(username: str, password: str, repeated: str, kommune: str) -> None:
    if problem := rules.password_problem(password, username, kommune):
        raise FieldError("new_password", problem)
    if password != repeated:
        raise FieldError("repeated", "password-differs")


def _actor(owner: User) -> Actor:
    roles = frozenset(ROLES[role] for role in owner.roles.split())
    return Actor(owner.id, roles, owner.service_id)


# --- One's own account, sessions and tokens -------------------------------------------------------


def edit_reached(work: Work, wish: EditReached) -> None:
    """Change how the actor is reached at work.

    Raises:
        ConflictError: somebody saved a newer version.
        FieldError: a number or an address that cannot be one, or he does not work with children.

    """
    own = work.session.get_one(User, work.actor.user_id)
    _check_version(own, wish.seen_version)
    changed = _change(own, _reached(own.roles.split(), wish))
    work.session.flush()
    trail.record(work, Action.SESSION_OWN, None, own.id, changed=changed)


def end_sign_in(work: Work, sign_in: SignIn) -> None:
    """End one of the actor's own sessions or tokens; the next request with it is refused."""
    if sign_in.ended_at is None:
        sign_in.ended_at = work.now
    action = Action.TOKEN_MANAGE_OWN if sign_in.bearer else Action.SESSION_OWN
    trail.record(work, action, None, sign_in.id, ended=True)


def log_out(work: Work, sign_in_id: UUID) -> None:
    """End the session that the request came with."""
    end_sign_in(work, work.session.get_one(SignIn, sign_in_id))


def end_other_sessions(work: Work, kept: UUID) -> None:
    """End all the actor's sessions but the one he is using."""
    end_sessions(work.session, work.actor.user_id, work.now, kept=kept)
    trail.record(work, Action.SESSION_OWN, None, work.actor.user_id, others_ended=True)


def make_token(work: Work, wish: NewToken) -> str:
    """Make an API token for the actor and return it; this is the only time it can be seen."""
    user_id = work.actor.user_id
    token = _sign_in(work.session, user_id, work.now, timedelta(days=wish.days), token=wish.label)
    trail.record(work, Action.TOKEN_MANAGE_OWN, None, user_id, made=True, days=wish.days)
    return token


def end_sessions(
    session: Session,
    user_id: UUID,
    now: datetime,
    *,
    kept: UUID | None = None,
    tokens: bool = False,
) -> None:
    """End a user's sessions, but for one, and his tokens if so wished."""
    ended = update(SignIn).where(SignIn.user_id == user_id, SignIn.ended_at.is_(None))
    if kept is not None:
        ended = ended.where(SignIn.id != kept)
    if not tokens:
        ended = ended.where(~SignIn.bearer)
    session.execute(ended.values(ended_at=now))


# --- The administrator's work ---------------------------------------------------------------------


def create_user(work: Work, wish: NewUser) -> User:
    """Make an account.

    Raises:
        FieldError: the username is taken or malformed, the roles do not go together, the
            service does not exist, or as in `edit_reached`.

    """
    _check_username(work.session, wish.username)
    _check_roles(wish.roles, wish.service_id)
    _check_service(work.session, wish.service_id)
    made = _user(wish, work.now)
    _change(made, _reached(wish.roles, wish))
    work.session.add(made)
    work.session.flush()
    trail.record(
        work, Action.USER_CREATE_OR_DISABLE, None, made.id, created=True, roles=made.roles.split()
    )
    return made


def edit_user(work: Work, user: User, wish: EditUser) -> None:
    """Change what is said of a person.

    Raises:
        ConflictError: somebody saved a newer version.
        FieldError: the service does not exist, or a citizen would be in one; or as in
            `edit_reached`.

    """
    _check_version(user, wish.seen_version)
    _check_roles(user.roles.split(), wish.service_id)
    _check_service(work.session, wish.service_id)
    said = {"name": wish.name, "title": wish.title, "service_id": wish.service_id}
    changed = _change(user, {**said, **_reached(user.roles.split(), wish)})
    work.session.flush()
    trail.record(work, Action.USER_CREATE_OR_DISABLE, None, user.id, changed=changed)


def set_roles(work: Work, user: User, wish: SetRoles) -> None:
    """Change what an account may be; its sessions end, since they were opened on other terms.

    Raises:
        ConflictError: somebody saved a newer version.
        DeniedError: the actor may not grant or take these roles.
        FieldError: the roles do not go together, or do not go with a telephone or an e-mail.
        RuleBrokenError: it is the actor's own account, or the last administrator's.

    """
    _check_version(user, wish.seen_version)
    before, after = user.roles.split(), sorted(set(wish.roles))
    if not rules.may_grant(work.actor.roles, before, after):
        raise DeniedError
    _check_roles(after, user.service_id)
    if (user.phone or user.email) and not rules.is_professional(after):
        raise FieldError("roles", "reached-first")
    loses = rules.ADMINISTRATOR in before and rules.ADMINISTRATOR not in after
    if obstacles := rules.obstacles_to_roles(
        own=user.id == work.actor.user_id,
        loses_last_administrator=loses and _is_last_administrator(work.session, user),
    ):
        raise RuleBrokenError(obstacles)
    user.roles = " ".join(after)
    end_sessions(work.session, user.id, work.now)
    work.session.flush()
    trail.record(work, Action.ROLE_GRANT, None, user.id, old=before, new=after)


def disable(work: Work, user: User) -> None:
    """Close an account: sessions, tokens and codes end now, and its batons go to a leader.

    Where no leader is found the log keeps its holder, and its page says that a new one is needed.

    Raises:
        RuleBrokenError: it is the actor's own account, or the last administrator's.

    """
    # First of all: who writes to a child has it before anything of his own, his log-in last.
    held = sorted(ties.held_by(work.session, user.id), key=lambda tie: tie.child_id)
    one_at_a_time(work.session, *(tie.child_id for tie in held))
    if obstacles := rules.obstacles_to_disabling(
        own=user.id == work.actor.user_id,
        last_administrator=_is_last_administrator(work.session, user),
    ):
        raise RuleBrokenError(obstacles)
    user.disabled_at = user.disabled_at or work.now
    work.session.flush()
    end_sessions(work.session, user.id, work.now, tokens=True)
    _end_codes(work, user)
    passed = _pass_batons(work, user, held)
    trail.record(
        work, Action.USER_CREATE_OR_DISABLE, None, user.id, disabled=True, batons_passed=passed
    )


def revoke_sessions(work: Work, user: User) -> None:
    """End all sessions and tokens of an account, which stays open; the next request is refused."""
    end_sessions(work.session, user.id, work.now, tokens=True)
    trail.record(work, Action.SESSION_REVOKE_USER, None, user.id, ended=True)


def enable(work: Work, user: User) -> None:
    """Open a closed account again; sessions, tokens and batons do not come back by themselves."""
    user.disabled_at = None
    work.session.flush()
    trail.record(work, Action.USER_CREATE_OR_DISABLE, None, user.id, disabled=False)


def make_code(work: Work, user: User) -> tuple[str, datetime]:
    """Make the code that lets somebody choose a password; earlier ones no longer count.

    Returns it as it shall stand on paper, and when it ends (UTC). It can never be seen again.

    Raises:
        RuleBrokenError: it is the actor's own account, or a disabled one.

    """
    if obstacles := rules.obstacles_to_code(
        own=user.id == work.actor.user_id, disabled=user.disabled_at is not None
    ):
        raise RuleBrokenError(obstacles)
    _end_codes(work, user)
    code = "".join(secrets.choice(rules.CODE_ALPHABET) for _ in range(rules.CODE_LENGTH))
    made = FirstCode(
        user_id=user.id,
        code_hash=rules.hashed(code),
        made_by=work.actor.user_id,
        made_at=work.now,
        expires_at=work.now + rules.CODE_LASTS,
    )
    work.session.add(made)
    work.session.flush()
    trail.record(work, Action.USER_CREATE_OR_DISABLE, None, user.id, code_made=True)
    return rules.grouped_code(code), made.expires_at


def create_service(work: Work, wish: NewService) -> Service:
    """Add a service.

    Raises:
        FieldError: the name is taken, the kind is unknown or koordinerende enhet's and there is
            one, or the leader is nobody who can lead.

    """
    made = Service(leader_id=_leader(work.session, wish.leader))
    own = wish.specialist
    _describe(work, made, wish, specialist=own if own is not None else _is_specialist(work, wish))
    work.session.add(made)
    work.session.flush()
    trail.record(work, Action.SERVICE_EDIT, None, made.id, created=True, kind=made.kind)
    return made


def edit_service(work: Work, service: Service, wish: EditService) -> None:
    """Change a service; a new leader has at once what the old one had as its leader.

    Raises:
        ConflictError: somebody saved a newer version.
        FieldError: as when it is made.

    """
    _check_version(service, wish.seen_version)
    old = service.leader_id
    service.leader_id = _leader(work.session, wish.leader)
    _describe(work, service, wish, specialist=wish.specialist)
    work.session.flush()
    trail.record(
        work,
        Action.SERVICE_EDIT,
        None,
        service.id,
        kind=service.kind,
        leader=old != service.leader_id,
    )


def _describe(
    work: Work, service: Service, wish: NewService | EditService, *, specialist: bool
) -> None:
    if wish.kind not in {kind.code for kind in work.profile.service_kinds}:
        raise FieldError("kind", "kind-unknown")
    with work.session.no_autoflush:
        if queries.service_named(work.session, wish.name) not in {None, service.id}:
            raise FieldError("name", "service-name-taken")
        if wish.kind == rules.COORDINATING_UNIT:
            one_at_a_time(work.session, THE_UNIT)
            there = queries.coordinating_unit(work.session)
            if there not in {None, service.id}:
                raise FieldError("kind", "coordinating-unit-exists")
    service.name, service.kind, service.specialist = wish.name, wish.kind, specialist


def _is_specialist(work: Work, wish: NewService) -> bool:
    return any(kind.specialist for kind in work.profile.service_kinds if kind.code == wish.kind)


def _leader(session: Session, username: str | None) -> UUID | None:
    return None if username is None else queries.professional(session, username, "leader").id


def _check_version(row: User | Service, seen_version: int) -> None:
    if row.version != seen_version:
        raise ConflictError({"version": row.version, "name": row.name})


def _check_roles(roles: Sequence[str], service_id: UUID | None) -> None:
    if problem := rules.roles_problem(roles, has_service=service_id is not None):
        raise FieldError("service_id" if problem == "citizen-in-service" else "roles", problem)


def _reached(roles: Sequence[str], wish: NewUser | EditUser | EditReached) -> dict[str, str | None]:
    """Return how somebody is reached at work, as it is kept; what is blank is nothing."""
    phone = rules.phone_as_kept(wish.phone) if wish.phone else None
    problems = {
        "phone": ["phone-form"] if wish.phone and phone is None else [],
        "email": ["email-form"] if wish.email and not rules.is_email(wish.email) else [],
    }
    if not rules.is_professional(roles):
        typed = {"phone": wish.phone, "email": wish.email}
        problems = {field: ["reached-by-nobody"] for field, value in typed.items() if value}
    if any(problems.values()):
        raise FieldError.of(problems)
    return {"phone": phone, "email": wish.email or None}


def _change(user: User, new: Mapping[str, object]) -> list[str]:
    """Give an account new values, and return the names of those that were others."""
    changed = [field for field, value in new.items() if getattr(user, field) != value]
    for field in changed:
        setattr(user, field, new[field])
    return changed


def _check_service(session: Session, service_id: UUID | None) -> None:
    if service_id is not None and queries.service(session, service_id) is None:
        raise FieldError("service_id", "service-unknown")


def _is_last_administrator(session: Session, user: User) -> bool:
    is_one = rules.ADMINISTRATOR in user.roles.split() and user.disabled_at is None
    return is_one and not queries.other_administrators(session, user.id)


def _pass_batons(work: Work, user: User, held: Sequence[Tie]) -> int:
    """Give the batons of a closed account to the leader who decides for it; return how many."""
    leading, passed = queries.leading_service(work.session, user.id), 0
    if leading is None:
        return passed
    for tie in held:
        work.session.refresh(tie)  # somebody may have accepted it while we waited
        if tie.ended_at is None:
            acting = ties.pass_to_leader(work, tie, leading)
            trail.record(
                work, Action.USER_CREATE_OR_DISABLE, tie.child_id, acting.id, holder=acting.basis
            )
            passed += 1
    return passed


def _end_codes(work: Work, user: User) -> None:
    work.session.execute(
        update(FirstCode)
        .where(FirstCode.user_id == user.id, FirstCode.expires_at > work.now)
        .values(expires_at=work.now)
    )


def _user(wish: NewUser, now: datetime) -> User:
    return User(
        username=wish.username,
        name=wish.name,
        title=wish.title,
        roles=" ".join(sorted(set(wish.roles))),
        service_id=wish.service_id,
        password_hash=wish.password_hash,
        created_at=now,
    )


# --- From the command line, where nobody is signed in ---------------------------------------------


def create_token(session: Session, username: str, days: int, now: datetime) -> str:
    """Make an API token for somebody and return it.

    Raises:
        FieldError: there is no such enabled account, or the number of days is out of bounds.

    """
    if not 1 <= days <= rules.LONGEST_TOKEN_DAYS:
        raise FieldError("days", "token-days")
    owner = queries.by_username(session, username, "username")
    return _sign_in(session, owner.id, now, timedelta(days=days), token="Kommandolinja")  # noqa: S106 a label


def create_first_administrator(
    session: Session, username: str, name: str, password_hash: str, now: datetime
) -> User:
    """Make the account that makes all others; only where there is no administrator.

    Raises:
        FieldError: the username is taken or malformed.
        RuleBrokenError: there is an administrator.

    """
    if queries.has_administrator(session):
        raise RuleBrokenError(["administrator-exists"])
    _check_username(session, username)
    wish = NewUser(username, name, [rules.ADMINISTRATOR], password_hash=password_hash)
    made = _user(wish, now)
    session.add(made)
    session.flush()
    return made


def _check_username(session: Session, username: str) -> None:
    if problem := rules.username_problem(username):
        raise FieldError("username", problem)
    if queries.by_log_in_name(session, username):
        raise FieldError("username", "username-taken")
