"""The page of the people around the child: members, family, coordinator, ansvarsgruppe, baton."""

from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from stafett.access.policy import FAMILY, Action, Purpose
from stafett.children import queries as children
from stafett.children.rules import is_of_age
from stafett.consents import queries as consents
from stafett.dates import months_after
from stafett.people import queries as people
from stafett.people.schemas import Nothing
from stafett.stafettlogg import membership
from stafett.stafettlogg import queries as log_queries
from stafett.stafettlogg.baton import Move
from stafett.stafettlogg.guards import on_log, on_member
from stafett.stafettlogg.membership import Extend, Invite, SetAccess
from stafett.stafettlogg.models import Member
from stafett.stafettlogg.queries import LogSummary
from stafett.stafettlogg.schemas import (
    ExtendSchema,
    InviteSchema,
    LogReasonSchema,
    MoveSchema,
    SetAccessSchema,
)
from stafett.team import commands, queries
from stafett.team.commands import AddToGroup, Appoint, Delegate
from stafett.team.guards import on_appointment, on_delegation, on_group_member
from stafett.team.models import AnsvarsgruppeMember, CoordinatorAppointment, Delegation
from stafett.team.schemas import AddToGroupSchema, AppointSchema, DelegateSchema, EndSchema
from stafett.web.guard import Context, GuardedBlueprint
from stafett.web.render import page

team = GuardedBlueprint("team", __name__)


@team.page("/barn/<uuid:child_id>/folk", on_log(Action.MEMBER_LIST))
def folk(context: Context[LogSummary]) -> ResponseReturnValue:
    """Show everybody around the child, with the forms of those who may change it."""
    log, today, profile, session = (
        context.record,
        context.work.today,
        context.work.profile,
        context.session,
    )
    since = context.since()
    return page(
        context,
        "team/folk.html",
        tab="folk",
        log=log,
        members=log_queries.members(session, log.child, today),
        outside=log_queries.outside_consent(session, log.child_id, today),
        guardians=children.guardians(session, log.child_id, since),
        reads={one.username for one in log_queries.readers(context.work, log) if one.family},
        of_age=is_of_age(log.child.birth_date, today),
        handovers=log_queries.handovers_of(session, log.child_id, since),
        candidates=log_queries.candidates(context.work, log)
        if context.can(Action.MEMBER_INVITE)
        else [],
        appointments=queries.appointments(session, log.child_id, today, since)
        if context.can(Action.COORDINATOR_READ)
        else [],
        to_appoint=queries.to_appoint(context.work, log.child_id)
        if context.can(Action.COORDINATOR_APPOINT)
        else [],
        group=queries.group_members(session, log.child_id, since)
        if context.can(Action.GROUP_READ)
        else [],
        to_seat=queries.to_seat(context.work, log.child_id)
        if context.can(Action.GROUP_ADD_MEMBER)
        else [],
        delegates=queries.delegations(session, log.child_id, today),
        removes=_removes(context),
        kinds=profile.level(log.level or 0).coordinator_kinds,
        latest_staff=months_after(today, profile.membership_months_staff),
        latest_external=months_after(today, profile.membership_months_external),
        today=today,
    )


@team.action(
    "/barn/<uuid:child_id>/folk/medlem",
    on_log(Action.MEMBER_INVITE),
    InviteSchema,
    again=folk,
)
def invite(context: Context[LogSummary], wish: Invite) -> ResponseReturnValue:
    """Let somebody take part in the log."""
    membership.invite(context.work, context.record.child_id, wish)
    return redirect(url_for("team.folk", child_id=context.record.child_id), code=303)


@team.page("/barn/<uuid:child_id>/folk/stedfortreder", on_log(Action.COORDINATOR_DELEGATE))
def delegates(context: Context[LogSummary]) -> ResponseReturnValue:
    """Show who is in another's place, and the form that names one."""
    log, today = context.record, context.work.today
    return page(
        context,
        "team/delegates.html",
        tab="folk",
        log=log,
        rows=queries.delegations(context.session, log.child_id, today),
        choices=queries.to_delegate(context.work, log.child_id),
        places=commands.places(context.decision.basis),
        today=today,
    )


@team.action(
    "/barn/<uuid:child_id>/folk/stedfortreder",
    on_log(Action.COORDINATOR_DELEGATE),
    DelegateSchema,
    again=delegates,
)
def delegate(context: Context[LogSummary], wish: Delegate) -> ResponseReturnValue:
    """Have somebody in another's place for some days."""
    commands.delegate(context.work, context.record.child_id, wish, context.decision.basis)
    return redirect(url_for("team.folk", child_id=context.record.child_id), code=303)


@team.action(
    "/stedfortreder/<uuid:delegation_id>/slutt",
    on_delegation(Action.COORDINATOR_DELEGATE),
    Nothing,
)
def end_delegation(context: Context[Delegation], _wish: dict[str, Any]) -> ResponseReturnValue:
    """End a delegation before its day."""
    commands.end_delegation(context.work, context.record)
    return redirect(url_for("team.folk", child_id=context.record.child_id), code=303)


@team.page("/barn/<uuid:child_id>/folk/ny-tjeneste", on_log(Action.UNIT_TRANSFER_CHILD))
def moving(context: Context[LogSummary]) -> ResponseReturnValue:
    """Show the form that moves the follow-up to another service."""
    log = context.record
    return page(
        context,
        "team/moving.html",
        tab="folk",
        log=log,
        there=log_queries.taking_part(context.work, log),
        services=[(one.id, one.name) for one in people.services(context.session)],
    )


@team.action(
    "/barn/<uuid:child_id>/folk/ny-tjeneste",
    on_log(Action.UNIT_TRANSFER_CHILD),
    MoveSchema,
    again=moving,
)
def move(context: Context[LogSummary], wish: Move) -> ResponseReturnValue:
    """Move the follow-up to another service."""
    commands.move(context.work, context.record.child_id, wish)
    return redirect(url_for("record.show", child_id=context.record.child_id), code=303)


def _removes(context: Context[LogSummary]) -> bool:
    """Say whether the actor may take a member out: of the family only who may stop consent."""
    basis = context.basis(Action.MEMBER_REMOVE)
    if not basis or not basis <= FAMILY:
        return bool(basis)
    return consents.may_stop(context.work, context.record.child_id, Purpose.STAFETTLOGG)


@team.page("/medlem/<uuid:member_id>", on_member(Action.MEMBER_REMOVE))
def member(context: Context[Member]) -> ResponseReturnValue:
    """Ask why a membership shall end."""
    return page(
        context,
        "team/member.html",
        tab="folk",
        member=log_queries.member_row(context.session, context.record.id),
        child_id=context.record.child_id,
        by_family=context.decision.basis <= FAMILY,
    )


@team.action(
    "/medlem/<uuid:member_id>", on_member(Action.MEMBER_REMOVE), LogReasonSchema, again=member
)
def end_membership(context: Context[Member], wish: dict[str, Any]) -> ResponseReturnValue:
    """End a membership."""
    membership.end_membership(context.work, context.record, wish["reason"], context.decision.basis)
    return redirect(url_for("team.folk", child_id=context.record.child_id), code=303)


@team.page("/medlem/<uuid:member_id>/endre", on_member(Action.MEMBER_EXTEND))
def changing(context: Context[Member]) -> ResponseReturnValue:
    """Show how long somebody takes part and what he may do, with the forms that change it."""
    today, profile = context.work.today, context.work.profile
    return page(
        context,
        "team/changing.html",
        tab="folk",
        member=log_queries.member_row(context.session, context.record.id),
        child_id=context.record.child_id,
        latest=months_after(today, profile.membership_months_staff),
        today=today,
    )


@team.action(
    "/medlem/<uuid:member_id>/forleng",
    on_member(Action.MEMBER_EXTEND),
    ExtendSchema,
    again=changing,
)
def extend(context: Context[Member], wish: Extend) -> ResponseReturnValue:
    """Let a membership end on another day."""
    membership.extend(context.work, context.record, wish)
    return redirect(url_for("team.folk", child_id=context.record.child_id), code=303)


@team.action(
    "/medlem/<uuid:member_id>/tilgang",
    on_member(Action.MEMBER_SET_WRITE),
    SetAccessSchema,
    again=changing,
)
def set_access(context: Context[Member], wish: SetAccess) -> ResponseReturnValue:
    """Let a member write, or only read."""
    membership.set_access(context.work, context.record, wish)
    return redirect(url_for("team.folk", child_id=context.record.child_id), code=303)


@team.page("/medlem/<uuid:member_id>/ut", on_member(Action.MEMBER_LEAVE))
def leaving(context: Context[Member]) -> ResponseReturnValue:
    """Ask a member why he leaves the log."""
    return page(
        context,
        "team/leaving.html",
        tab="folk",
        child_id=context.record.child_id,
    )


@team.action(
    "/medlem/<uuid:member_id>/ut", on_member(Action.MEMBER_LEAVE), LogReasonSchema, again=leaving
)
def leave(context: Context[Member], wish: dict[str, Any]) -> ResponseReturnValue:
    """Take oneself out of a log; the child is then out of one's sight."""
    membership.leave(context.work, context.record, wish["reason"])
    return redirect(url_for("worklist.show"), code=303)


@team.action(
    "/barn/<uuid:child_id>/folk/koordinator",
    on_log(Action.COORDINATOR_APPOINT),
    AppointSchema,
    again=folk,
)
def appoint(context: Context[LogSummary], wish: Appoint) -> ResponseReturnValue:
    """Appoint a coordinator or a primærkontakt."""
    commands.appoint(context.work, context.record.child_id, wish)
    return redirect(url_for("team.folk", child_id=context.record.child_id), code=303)


@team.page("/koordinator/<uuid:appointment_id>", on_appointment(Action.COORDINATOR_END))
def appointment(context: Context[CoordinatorAppointment]) -> ResponseReturnValue:
    """Ask why an appointment shall end."""
    return page(
        context,
        "team/appointment.html",
        tab="folk",
        appointment=queries.appointment_row(context.session, context.record.id, context.work.today),
        child_id=context.record.child_id,
    )


@team.action(
    "/koordinator/<uuid:appointment_id>",
    on_appointment(Action.COORDINATOR_END),
    EndSchema,
    again=appointment,
)
def end_appointment(
    context: Context[CoordinatorAppointment], wish: dict[str, Any]
) -> ResponseReturnValue:
    """End an appointment."""
    commands.end_appointment(context.work, context.record, wish["reason"])
    return redirect(url_for("team.folk", child_id=context.record.child_id), code=303)


@team.action(
    "/barn/<uuid:child_id>/folk/ansvarsgruppe",
    on_log(Action.GROUP_ADD_MEMBER),
    AddToGroupSchema,
    again=folk,
)
def add_to_group(context: Context[LogSummary], wish: AddToGroup) -> ResponseReturnValue:
    """Take somebody into the ansvarsgruppe."""
    commands.add_to_group(context.work, context.record.child_id, wish)
    return redirect(url_for("team.folk", child_id=context.record.child_id), code=303)


@team.page("/ansvarsgruppe/<uuid:member_id>", on_group_member(Action.GROUP_REMOVE_MEMBER))
def group_member(context: Context[AnsvarsgruppeMember]) -> ResponseReturnValue:
    """Ask why somebody shall leave the ansvarsgruppe."""
    return page(
        context,
        "team/group_member.html",
        tab="folk",
        member=queries.group_row(context.session, context.record.id),
        child_id=context.record.child_id,
    )


@team.action(
    "/ansvarsgruppe/<uuid:member_id>",
    on_group_member(Action.GROUP_REMOVE_MEMBER),
    EndSchema,
    again=group_member,
)
def end_group_membership(
    context: Context[AnsvarsgruppeMember], wish: dict[str, Any]
) -> ResponseReturnValue:
    """Take somebody out of the ansvarsgruppe."""
    commands.end_group_membership(context.work, context.record, wish["reason"])
    return redirect(url_for("team.folk", child_id=context.record.child_id), code=303)
