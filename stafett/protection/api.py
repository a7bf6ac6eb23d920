"""JSON calls about a child's protection."""

from typing import Any

from stafett.access.policy import Action
from stafett.children import queries as children
from stafett.children.models import Guardian
from stafett.children.queries import ChildSummary
from stafett.protection import commands, queries
from stafett.protection.commands import Grade, NameReader, Renew
from stafett.protection.guards import on_guardians_access, on_protection
from stafett.protection.queries import Whereabouts
from stafett.protection.schemas import (
    CloseAccessSchema,
    EaseSchema,
    EndReaderSchema,
    GradeSchema,
    NameReaderSchema,
    OpenAccessSchema,
    OpenedSchema,
    ProtectionSchema,
    RenewSchema,
    WhereaboutsSchema,
)
from stafett.web.guard import Context, GuardedBlueprint

protection_api = GuardedBlueprint("protection_api", __name__, url_prefix="/api/v1")


@protection_api.json(
    "/children/<uuid:child_id>/protection",
    on_protection(Action.CHILD_READ_PROTECTION),
    returns=ProtectionSchema,
)
def show(context: Context[ChildSummary]) -> dict[str, Any]:
    """Tell the grade, how it came to be so, and who may read where the child is."""
    return _told(context)


@protection_api.json(
    "/children/<uuid:child_id>/protection",
    on_protection(Action.CHILD_ADD_PROTECTION),
    accepts=GradeSchema,
    returns=ProtectionSchema,
)
def protect(context: Context[ChildSummary], wish: Grade) -> dict[str, Any]:
    """Protect the address more; one person is enough."""
    commands.protect(context.work, context.record.id, wish)
    return _told(context)


@protection_api.json(
    "/children/<uuid:child_id>/protection/renew",
    on_protection(Action.CHILD_ADD_PROTECTION),
    accepts=RenewSchema,
    returns=ProtectionSchema,
)
def renew(context: Context[ChildSummary], wish: Renew) -> dict[str, Any]:
    """Say how long the decision lasts now."""
    commands.renew(context.work, context.record.id, wish)
    return _told(context)


@protection_api.json(
    "/children/<uuid:child_id>/protection/ease",
    on_protection(Action.CHILD_SET_GRADE_FLAG),
    accepts=EaseSchema,
    returns=ProtectionSchema,
)
def ease(context: Context[ChildSummary], wish: Grade) -> dict[str, Any]:
    """Protect the address less, as another has asked for."""
    commands.ease(context.work, context.record.id, wish)
    return _told(context)


@protection_api.json(
    "/children/<uuid:child_id>/protection/readers",
    on_protection(Action.CHILD_NAME_READER),
    accepts=NameReaderSchema,
    returns=ProtectionSchema,
)
def name_reader(context: Context[ChildSummary], wish: NameReader) -> dict[str, Any]:
    """Let somebody who has asked read where the child is."""
    commands.name_reader(context.work, context.record.id, wish)
    return _told(context)


@protection_api.json(
    "/children/<uuid:child_id>/protection/readers/end",
    on_protection(Action.CHILD_ADD_PROTECTION),
    accepts=EndReaderSchema,
    returns=ProtectionSchema,
)
def end_reader(context: Context[ChildSummary], wish: dict[str, Any]) -> dict[str, Any]:
    """Take somebody off the list of readers."""
    commands.end_reader(context.work, context.record.id, wish["username"])
    return _told(context)


@protection_api.json(
    "/children/<uuid:child_id>/address",
    on_protection(Action.CHILD_READ_GRADED_ADDRESS),
    returns=WhereaboutsSchema,
)
def whereabouts(context: Context[ChildSummary]) -> Whereabouts:
    """Tell a named reader where the child is; each look is logged."""
    return queries.whereabouts(context.session, context.record.id, context.work.today)


@protection_api.json(
    "/guardians/<uuid:guardian_id>/open-access",
    on_guardians_access(Action.GUARDIAN_OPEN_ACCESS),
    accepts=OpenAccessSchema,
    returns=OpenedSchema,
)
def open_access(context: Context[Guardian], wish: dict[str, Any]) -> Guardian:
    """Let a guardian see a child whose address is protected, as another has asked for."""
    return commands.open_access(context.work, context.record, wish["reason"])


@protection_api.json(
    "/guardians/<uuid:guardian_id>/close-access",
    on_guardians_access(Action.CHILD_ADD_PROTECTION),
    accepts=CloseAccessSchema,
    returns=OpenedSchema,
)
def close_access(context: Context[Guardian], _: dict[str, Any]) -> Guardian:
    """Close a guardian's access to a child whose address is protected."""
    return commands.close_access(context.work, context.record)


def _told(context: Context[ChildSummary]) -> dict[str, Any]:
    """Return the protection as it stands after what was asked."""
    session, child_id = context.session, context.record.id
    session.flush()
    child = children.find(session, child_id) or context.record
    siblings = queries.siblings(context.work, child)
    context.shown_children(one.id for one in siblings)
    return {
        "protection": child.address_protection,
        "steps": queries.steps(session, child_id),
        "readers": queries.readers(session, child_id, context.work.today),
        "siblings": siblings,
    }
