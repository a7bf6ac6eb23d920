"""The page where one chooses how often one gets mail, and the administrator's outbox."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from stafett.access.policy import Action
from stafett.notices import commands, queries
from stafett.notices.commands import Choose
from stafett.notices.rules import Often
from stafett.notices.schemas import ChooseSchema
from stafett.web.guard import Context, GuardedBlueprint, for_signed_in
from stafett.web.render import page

notices = GuardedBlueprint("notices", __name__)


@notices.page("/varsler", for_signed_in(Action.SESSION_OWN))
def own(context: Context[None]) -> ResponseReturnValue:
    """Show how often one gets mail, and the newest notices."""
    user_id = context.actor.user_id
    return page(
        context,
        "notices/own.html",
        choice=queries.choice(context.session, user_id),
        notices=queries.own(context.session, user_id),
        often=[one.value for one in Often],
    )


@notices.action("/varsler", for_signed_in(Action.SESSION_OWN), ChooseSchema, again=own)
def choose(context: Context[None], wish: Choose) -> ResponseReturnValue:
    """Choose how often one gets mail."""
    commands.choose(context.work, wish)
    return redirect(url_for("notices.own", _anchor="valgt"), code=303)


@notices.page("/admin/utboks", for_signed_in(Action.OUTBOX_READ))
def outbox(context: Context[None]) -> ResponseReturnValue:
    """Show the administrator whether mail goes out; nobody's name, and nothing of children."""
    return page(
        context,
        "notices/outbox.html",
        states=queries.states(context.session),
    )
