"""Reads of whom a plan names: who can be responsible, whom a name means, what it shows of them."""

from collections import Counter
from collections.abc import Collection, Iterator
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, case, select
from sqlalchemy.orm import Session

from stafett.access.work import Work
from stafett.children import queries as children
from stafett.children.models import Guardian
from stafett.children.queries import ChildSummary
from stafett.children.rules import hides_places, is_of_age
from stafett.db import fetch
from stafett.people import queries as people
from stafett.people.models import Service, User
from stafett.people.queries import Reached
from stafett.people.rules import username_problem
from stafett.plan import rules
from stafett.plan.queries import VersionRow, of_child
from stafett.plan.rules import EMPTY, Content
from stafett.stafettlogg import queries as logs
from stafett.stafettlogg.queries import LogSummary
from stafett.team import queries as team


class Person(NamedTuple):
    """Somebody who can be responsible for a measure, and what he is to the child."""

    username: str
    name: str
    role: str


_NAMES = select(
    User.username,
    User.name,
    case((User.disabled_at.is_(None), User.phone)),
    case((User.disabled_at.is_(None), User.email)),
).where(User.username.in_(bindparam("names", expanding=True)))
_SERVICES = select(Service.id, Service.name).where(Service.id.in_(bindparam("ids", expanding=True)))


def candidates(work: Work, log: LogSummary, content: Content = EMPTY) -> list[Person]:
    """Return who can be responsible: professionals around the child, its family, and itself.

    Also who takes part by a content of the plan. Who has no account is there by name; who has one
    is there by that alone, unless the content has made him responsible by name.
    """
    session, child = work.session, log.child
    found: dict[str, Person] = {}

    def add(username: str | None, name: str | None, role: str) -> None:
        if username and name:
            found.setdefault(username, Person(username, name, role))

    add(log.holder_username, log.holder_name, log.holder_title or "")
    add(log.acting_username, log.acting_name, "leder")
    for appointed in team.appointments(session, child.id, work.today):
        if not appointed.ended:
            add(appointed.username, appointed.name, appointed.kind)
    for member in logs.members(session, child, work.today):
        add(member.username, member.name, member.title)
    for seated in team.group_members(session, child.id):
        if not seated.ended:
            add(seated.username, seated.name, seated.role)
    account = children.account_of(session, child.id)
    add(people.username_of(session, account), child.name, children.role_of(work, child))
    named = {one["responsible"] for _, one in rules.measures(content)}
    for one in _family_and_others(work, child, content, named):
        there = {(known.name, known.role.casefold()) for known in found.values()}
        if one.username in named or (one.name, one.role.casefold()) not in there:
            found.setdefault(one.username, one)
    return list(found.values())


def _family_and_others(
    work: Work, child: ChildSummary, content: Content, named: Collection[str]
) -> Iterator[Person]:
    of_age = is_of_age(child.birth_date, work.today)
    for guardian in () if of_age else children.guardians(work.session, child.id):
        if not (guardian.ended or guardian.blocked):
            account = guardian.username or guardian.name
            ways = [one for one in (account, guardian.name) if one in named]
            for way in ways or [account]:
                yield Person(way, guardian.name, guardian.relation)
    for one in content["participants"]:
        if not one.get("username"):
            yield Person(one["name"], one["name"], one["role"] or "")


def guardians(session: Session, child_id: UUID, content: Content) -> dict[str, Guardian]:
    """Return whom a content means by the name of a guardian of today.

    Two of one name are nobody. Who has an account is named by that, so that his name is another's
    where somebody of that name takes part. What can be a username is one: it may be another's.
    """
    standing = [one for one in children.guardians_now(session, child_id) if not one.blocked]
    number = Counter(one.name for one in standing if username_problem(one.name))
    others = {one["name"] for one in content["participants"] if not one.get("username")}
    return {
        one.name: one
        for one in standing
        if number[one.name] == 1 and not (one.user_id and one.name in others)
    }


def named_as(session: Session, child_id: UUID, user_id: UUID) -> frozenset[str]:
    """Return the names by which the draft of a child's plan means a guardian by his account."""
    plan = of_child(session, child_id)
    found = guardians(session, child_id, plan.draft) if plan else {}
    return frozenset(name for name, one in found.items() if one.user_id == user_id)


def service_of(session: Session, username: str) -> str | None:
    """Return the service that an account belongs to, as a plan keeps it."""
    wanted = select(User.service_id).where(User.username == username)
    found = session.scalar(wanted)
    return None if found is None else str(found)


def names(session: Session, contents: Collection[Content]) -> dict[str, str]:
    """Return people's names by username and services' names by id, for contents that name them."""
    return _names(session, contents)[0]


def names_and_reached(
    session: Session, log: LogSummary, version: VersionRow | None, contents: Collection[Content]
) -> tuple[dict[str, str], dict[str, Reached]]:
    """Return `names`, and by username how one reaches those people at work, in one statement.

    Nobody when the log or the version is over, for then they are not at work with it; and nobody
    of a child whose address is protected, since it would tell where the child is.
    """
    found, reached = _names(session, contents)
    over = log.closed_at is not None or (version is not None and version.state in rules.OVER)
    return found, {} if over or hides_places(log.child.address_protection) else reached


def _names(
    session: Session, contents: Collection[Content]
) -> tuple[dict[str, str], dict[str, Reached]]:
    usernames = {one.get("username") for content in contents for one in content["participants"]}
    services = {one.get("service_id") for content in contents for one in content["participants"]}
    for content in contents:
        for goal in content["goals"]:
            usernames |= {one["responsible"] for one in goal["measures"]}
            services |= {one.get("service_id") for one in goal["measures"]}
    rows = fetch(session, _NAMES, {"names": usernames - {None}})
    found = {username: name for username, name, *_ in rows}
    reached = {username: Reached(*how) for username, _, *how in rows if any(how)}
    ids = [UUID(one) for one in services if one]
    if ids:
        found |= {str(row[0]): row[1] for row in fetch(session, _SERVICES, {"ids": ids})}
    return found, reached


def known_usernames(session: Session, usernames: set[str]) -> dict[str, UUID]:
    """Return the accounts that have these usernames and are not disabled."""
    wanted = select(User.username, User.id).where(
        User.username.in_(usernames), User.disabled_at.is_(None)
    )
    return {row[0]: row[1] for row in session.execute(wanted)}
