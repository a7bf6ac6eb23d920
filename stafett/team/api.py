"""JSON calls about coordinators and the ansvarsgruppe."""

from typing import Any

from stafett.access.policy import Action
from stafett.children.guards import on_child
from stafett.children.queries import ChildSummary
from stafett.people.schemas import Nothing
from stafett.stafettlogg.baton import Move
from stafett.stafettlogg.guards import on_log
from stafett.stafettlogg.models import Transfer
from stafett.stafettlogg.queries import LogSummary
from stafett.stafettlogg.schemas import MoveSchema, TransferSchema
from stafett.team import commands, queries
from stafett.team.commands import AddToGroup, Appoint, Delegate
from stafett.team.guards import on_appointment, on_delegation, on_group_member
from stafett.team.models import AnsvarsgruppeMember, CoordinatorAppointment, Delegation
from stafett.team.queries import AppointmentRow, DelegationRow, GroupRow
from stafett.team.schemas import (
    AddToGroupSchema,
    AppointmentListSchema,
    AppointmentSchema,
    AppointSchema,
    DelegateSchema,
    DelegationListSchema,
    DelegationSchema,
    EndSchema,
    GroupMemberSchema,
    GroupSchema,
)
from stafett.web.guard import Context, GuardedBlueprint

team_api = GuardedBlueprint("team_api", __name__, url_prefix="/api/v1")


@team_api.json(
    "/children/<uuid:child_id>/coordinators",
    on_child(Action.COORDINATOR_READ),
    returns=AppointmentListSchema,
)
def coordinators(context: Context[ChildSummary]) -> dict[str, Any]:
    """List a child's coordinators, those that stand first."""
    found = queries.appointments(
        context.session, context.record.id, context.work.today, context.since()
    )
    return {"items": found, "next": None}


@team_api.json(
    "/children/<uuid:child_id>/coordinators",
    on_child(Action.COORDINATOR_APPOINT),
    accepts=AppointSchema,
    returns=AppointmentSchema,
    location=lambda _made, child_id: f"/api/v1/children/{child_id}/coordinators",
)
def appoint(context: Context[ChildSummary], wish: Appoint) -> AppointmentRow:
    """Appoint a coordinator or a primærkontakt."""
    made = commands.appoint(context.work, context.record.id, wish)
    return queries.appointment_row(context.session, made.id, context.work.today)


@team_api.json(
    "/children/<uuid:child_id>/delegates",
    on_log(Action.MEMBER_LIST),
    returns=DelegationListSchema,
)
def delegates(context: Context[LogSummary]) -> dict[str, Any]:
    """List who is, or will be, in the place of holder or coordinator."""
    found = queries.delegations(context.session, context.record.child_id, context.work.today)
    return {"items": found, "next": None}


@team_api.json(
    "/children/<uuid:child_id>/delegates",
    on_log(Action.COORDINATOR_DELEGATE),
    accepts=DelegateSchema,
    returns=DelegationSchema,
    location=lambda _made, child_id: f"/api/v1/children/{child_id}/delegates",
)
def delegate(context: Context[LogSummary], wish: Delegate) -> DelegationRow:
    """Have somebody in another's place for some days."""
    child_id, basis = context.record.child_id, context.decision.basis
    made = commands.delegate(context.work, child_id, wish, basis)
    return queries.delegation_row(context.session, made.id)


@team_api.json(
    "/delegates/<uuid:delegation_id>/end",
    on_delegation(Action.COORDINATOR_DELEGATE),
    accepts=Nothing,
    returns=DelegationSchema,
)
def end_delegation(context: Context[Delegation], _wish: dict[str, Any]) -> DelegationRow:
    """End a delegation before its day."""
    commands.end_delegation(context.work, context.record)
    context.session.flush()
    return queries.delegation_row(context.session, context.record.id)


@team_api.json(
    "/children/<uuid:child_id>/transfers",
    on_log(Action.UNIT_TRANSFER_CHILD),
    accepts=MoveSchema,
    returns=TransferSchema,
)
def move(context: Context[LogSummary], wish: Move) -> Transfer:
    """Move the follow-up to another service."""
    return commands.move(context.work, context.record.child_id, wish)


@team_api.json(
    "/coordinators/<uuid:appointment_id>/end",
    on_appointment(Action.COORDINATOR_END),
    accepts=EndSchema,
    returns=AppointmentSchema,
)
def end_appointment(
    context: Context[CoordinatorAppointment], wish: dict[str, Any]
) -> AppointmentRow:
    """End an appointment."""
    commands.end_appointment(context.work, context.record, wish["reason"])
    context.session.flush()
    return queries.appointment_row(context.session, context.record.id, context.work.today)


@team_api.json(
    "/children/<uuid:child_id>/ansvarsgruppe/members",
    on_child(Action.GROUP_READ),
    returns=GroupSchema,
)
def group(context: Context[ChildSummary]) -> dict[str, Any]:
    """List who sits in a child's ansvarsgruppe."""
    found = queries.group_members(context.session, context.record.id, context.since())
    return {"items": found, "next": None}


@team_api.json(
    "/children/<uuid:child_id>/ansvarsgruppe/members",
    on_child(Action.GROUP_ADD_MEMBER),
    accepts=AddToGroupSchema,
    returns=GroupMemberSchema,
    location=lambda _made, child_id: f"/api/v1/children/{child_id}/ansvarsgruppe/members",
)
def add_to_group(context: Context[ChildSummary], wish: AddToGroup) -> GroupRow:
    """Take somebody into the ansvarsgruppe."""
    made = commands.add_to_group(context.work, context.record.id, wish)
    return queries.group_row(context.session, made.id)


@team_api.json(
    "/ansvarsgruppe/members/<uuid:member_id>/end",
    on_group_member(Action.GROUP_REMOVE_MEMBER),
    accepts=EndSchema,
    returns=GroupMemberSchema,
)
def end_group_membership(context: Context[AnsvarsgruppeMember], wish: dict[str, Any]) -> GroupRow:
    """Take somebody out of the ansvarsgruppe."""
    commands.end_group_membership(context.work, context.record, wish["reason"])
    context.session.flush()
    return queries.group_row(context.session, context.record.id)
