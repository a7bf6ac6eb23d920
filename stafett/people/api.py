"""JSON calls about people and services."""

from typing import Any

from stafett.access.policy import Action
from stafett.people import queries
from stafett.people.queries import Me
from stafett.people.schemas import (
    MeSchema,
    PeopleQuery,
    PersonListSchema,
    ServiceListSchema,
    cursor_after,
)
from stafett.web.guard import Context, GuardedBlueprint, for_signed_in

people_api = GuardedBlueprint("people_api", __name__, url_prefix="/api/v1")


@people_api.json("/me", for_signed_in(Action.SESSION_OWN), returns=MeSchema)
def me(context: Context[None]) -> Me:
    """Show who is signed in."""
    return queries.me(context.session, context.signed)


@people_api.json("/services", for_signed_in(Action.SERVICE_LIST), returns=ServiceListSchema)
def services(context: Context[None]) -> dict[str, Any]:
    """List the kommune's services."""
    return {"items": queries.services(context.session), "next": None}


@people_api.json(
    "/people", for_signed_in(Action.PEOPLE_FIND), query=PeopleQuery, returns=PersonListSchema
)
def find(context: Context[None], wish: dict[str, Any]) -> dict[str, Any]:
    """List those who work with children, by name."""
    found = queries.find(context.session, **wish)
    return {"items": found.items, "next": cursor_after(found.after)}
