"""The guards of routes about one appointment, one delegate or one seat in an ansvarsgruppe."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from stafett.access.policy import Action, Actor, Facts
from stafett.access.ties import ties_of
from stafett.dates import oslo_date
from stafett.errors import NotFoundError
from stafett.team import queries
from stafett.team.models import AnsvarsgruppeMember, CoordinatorAppointment, Delegation
from stafett.web.guard import Access, Loader, Record, Subject


def on_appointment(action: Action) -> Access[CoordinatorAppointment]:
    """Guard a route about one appointment."""
    load = _loads("appointment_id", queries.child_of_appointment, queries.appointment)
    return Access((action,), load)


def on_delegation(action: Action) -> Access[Delegation]:
    """Guard a route about one delegate."""
    load = _loads("delegation_id", queries.child_of_delegation, queries.delegation)
    return Access((action,), load)


def on_group_member(action: Action) -> Access[AnsvarsgruppeMember]:
    """Guard a route about one member of an ansvarsgruppe."""
    load = _loads("member_id", queries.child_of_group_member, queries.group_member)
    return Access((action,), load)


def _loads(
    name: str,
    child_of: Callable[[Session, UUID], UUID | None],
    find: Callable[[Session, UUID], Record | None],
) -> Loader[Record]:
    """Build what finds the row of the id `name` in an address, once its child is locked."""

    def load(
        session: Session, actor: Actor, now: datetime, args: Mapping[str, Any]
    ) -> Subject[Record]:
        child_id = child_of(session, args[name])
        if child_id is None:
            raise NotFoundError
        held = ties_of(session, actor, child_id, now)
        return Subject(find(session, args[name]), child_id, held, Facts(oslo_date(now)))

    return load
