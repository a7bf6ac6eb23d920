"""The guards of routes about one appointment or one member of an ansvarsgruppe."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from stafett.access.policy import Action, Actor, Facts
from stafett.access.ties import ties_of
from stafett.dates import oslo_date
from stafett.errors import NotFoundError
from stafett.team import queries
from stafett.team.models import AnsvarsgruppeMember, CoordinatorAppointment, Delegation
from stafett.web.guard import Access, Subject


def on_appointment(action: Action) -> Access[CoordinatorAppointment]:
    """Guard a route about one appointment."""
    return Access((action,), _load_appointment)


def on_group_member(action: Action) -> Access[AnsvarsgruppeMember]:
    """Guard a route about one member of an ansvarsgruppe."""
    return Access((action,), _load_member)


def on_delegation(action: Action) -> Access[Delegation]:
    """Guard a route about one delegate."""
    return Access((action,), _load_delegation)


def _load_delegation(
    session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
) -> Subject[Delegation]:
    child_id = queries.child_of_delegation(session, args["delegation_id"])
    if child_id is None:
        raise NotFoundError
    held = ties_of(session, actor, child_id, now)
    found = queries.delegation(session, args["delegation_id"])
    return Subject(found, child_id, held, Facts(oslo_date(now)))


def _load_appointment(
    session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
) -> Subject[CoordinatorAppointment]:
    child_id = queries.child_of_appointment(session, args["appointment_id"])
    if child_id is None:
        raise NotFoundError
    held = ties_of(session, actor, child_id, now)
    found = queries.appointment(session, args["appointment_id"])
    return Subject(found, child_id, held, Facts(oslo_date(now)))


def _load_member(
    session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
) -> Subject[AnsvarsgruppeMember]:
    child_id = queries.child_of_group_member(session, args["member_id"])
    if child_id is None:
        raise NotFoundError
    held = ties_of(session, actor, child_id, now)
    found = queries.group_member(session, args["member_id"])
    return Subject(found, child_id, held, Facts(oslo_date(now)))
