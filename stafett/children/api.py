"""JSON calls about guardians, and the search by number; the child's own are in `record`."""

from typing import Any
from uuid import UUID

from stafett.access.policy import FAMILY, Action
from stafett.children import commands, queries
from stafett.children.commands import AddGuardian, CheckGuardian, EditGuardian
from stafett.children.guards import on_child, on_guardian
from stafett.children.models import Guardian
from stafett.children.queries import ChildSummary, GuardianRow
from stafett.children.rules import is_of_age
from stafett.children.schemas import (
    AddGuardianSchema,
    CheckGuardianSchema,
    EditGuardianSchema,
    GuardianListSchema,
    GuardianReasonSchema,
    GuardianSchema,
    SearchAnswerSchema,
    SearchSchema,
)
from stafett.web.guard import Context, GuardedBlueprint, for_list

children_api = GuardedBlueprint("children_api", __name__, url_prefix="/api/v1")


@children_api.json(
    "/children/search",
    for_list(Action.CHILD_SEARCH_EXACT_FNR),
    accepts=SearchSchema,
    returns=SearchAnswerSchema,
)
def search(context: Context[None], wish: dict[str, Any]) -> dict[str, Any]:
    """Find a child by its number; only koordinerende enhet learns whether there is one."""
    if not context.decision.allowed:
        return {"items": None, "answer": "received"}
    found = queries.with_number(context.session, wish["national_id"])
    context.shown_children(child.id for child in found)
    return {"items": found, "answer": None}


@children_api.json(
    "/children/<uuid:child_id>/guardians",
    on_child(Action.GUARDIAN_READ),
    returns=GuardianListSchema,
)
def guardians(context: Context[ChildSummary]) -> dict[str, Any]:
    """List a child's guardians."""
    found = queries.guardians(context.session, context.record.id, context.since())
    return {"items": [_as_read(context, context.record, one) for one in found], "next": None}


@children_api.json(
    "/children/<uuid:child_id>/guardians",
    on_child(Action.GUARDIAN_ADD),
    accepts=AddGuardianSchema,
    returns=GuardianSchema,
    location=lambda _guardian, child_id: f"/api/v1/children/{child_id}/guardians",
)
def add_guardian(context: Context[ChildSummary], wish: AddGuardian) -> GuardianRow:
    """Register a guardian."""
    made = commands.add_guardian(context.work, context.record.id, wish)
    return _as_row(context, made.id, context.record.id)


@children_api.json(
    "/guardians/<uuid:guardian_id>", on_guardian(Action.GUARDIAN_READ), returns=GuardianSchema
)
def guardian(context: Context[Guardian]) -> GuardianRow:
    """Show one guardian; koordinerende enhet also while it waits to be verified."""
    return _as_row(context, context.record.id, context.record.child_id)


@children_api.json(
    "/guardians/<uuid:guardian_id>/verification",
    on_guardian(Action.GUARDIAN_VERIFY),
    accepts=CheckGuardianSchema,
    returns=GuardianSchema,
)
def check_guardian(context: Context[Guardian], wish: CheckGuardian) -> GuardianRow:
    """Accept a guardian as what the evidence says, or refuse him."""
    commands.check_guardian(context.work, context.record, wish)
    return _as_row(context, context.record.id, context.record.child_id)


@children_api.json(
    "/guardians/<uuid:guardian_id>",
    on_guardian(Action.GUARDIAN_EDIT),
    accepts=EditGuardianSchema,
    returns=GuardianSchema,
    method="PATCH",
)
def edit_guardian(context: Context[Guardian], wish: EditGuardian) -> GuardianRow:
    """Correct a guardian."""
    commands.edit_guardian(context.work, context.record, wish)
    return _as_row(context, context.record.id, context.record.child_id)


@children_api.json(
    "/guardians/<uuid:guardian_id>/end",
    on_guardian(Action.GUARDIAN_END),
    accepts=GuardianReasonSchema,
    returns=GuardianSchema,
)
def end_guardian(context: Context[Guardian], wish: dict[str, Any]) -> GuardianRow:
    """End a guardian's standing."""
    commands.end_guardian(context.work, context.record, wish["reason"])
    return _as_row(context, context.record.id, context.record.child_id)


@children_api.json(
    "/guardians/<uuid:guardian_id>/block",
    on_guardian(Action.GUARDIAN_BLOCK),
    accepts=GuardianReasonSchema,
    returns=GuardianSchema,
)
def block_guardian(context: Context[Guardian], wish: dict[str, Any]) -> GuardianRow:
    """Keep a guardian away from the record."""
    commands.block_guardian(context.work, context.record, wish["reason"])
    return _as_row(context, context.record.id, context.record.child_id)


@children_api.json(
    "/guardians/<uuid:guardian_id>/unblock",
    on_guardian(Action.GUARDIAN_UNBLOCK),
    accepts=GuardianReasonSchema,
    returns=GuardianSchema,
)
def unblock_guardian(context: Context[Guardian], wish: dict[str, Any]) -> GuardianRow:
    """Lift a block that another has asked to have lifted."""
    commands.unblock_guardian(context.work, context.record, wish["reason"])
    return _as_row(context, context.record.id, context.record.child_id)


def _as_row(context: Context[Any], guardian_id: UUID, child_id: UUID) -> GuardianRow:
    context.session.flush()
    found = queries.guardians(context.session, child_id)
    child = queries.find(context.session, child_id)
    return _as_read(context, child, next(row for row in found if row.id == guardian_id))


def _as_read(context: Context[Any], child: ChildSummary | None, row: GuardianRow) -> GuardianRow:
    """Return a guardian as its page shows it: the family reads of no block and no other's account.

    A block protects somebody, and who tells of it tells that somebody is afraid. For one who is of
    age nobody decides.
    """
    if child is not None and is_of_age(child.birth_date, context.work.today):
        row = row._replace(parental_responsibility=False, mandate=None)
    if FAMILY.isdisjoint(context.decision.basis):
        return row
    own = row.username == context.signed.username
    return row._replace(blocked=None, username=row.username if own else None)
