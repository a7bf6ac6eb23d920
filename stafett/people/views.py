"""Pages of people: log-in, own settings, and the administrator's accounts and services."""

from typing import Any

from flask import Response, redirect, session, url_for
from flask.typing import ResponseReturnValue

from stafett.access.policy import ROLES, Action
from stafett.people import commands, queries, rules
from stafett.people.commands import (
    ChangePassword,
    Doorstep,
    EditReached,
    EditService,
    EditUser,
    LogIn,
    NewService,
    NewToken,
    NewUser,
    SetRoles,
    UseCode,
)
from stafett.people.guards import (
    on_own_session,
    on_own_token,
    on_service,
    on_sessions_of_user,
    on_user,
)
from stafett.people.models import Service, SignIn, User
from stafett.people.schemas import (
    AccountsQuery,
    ChangePasswordSchema,
    EditReachedSchema,
    EditServiceSchema,
    EditUserSchema,
    LogInSchema,
    NewServiceSchema,
    NewTokenSchema,
    NewUserSchema,
    Nothing,
    SetRolesSchema,
    UseCodeSchema,
    cursor_after,
)
from stafett.web import identity
from stafett.web.guard import Context, GuardedBlueprint, Visit, for_signed_in
from stafett.web.render import page, public_page

NOBODY_YET = "nobody is known before logging in"
PAGE = 50
people = GuardedBlueprint("people", __name__)


@people.public("/logg-inn", because=NOBODY_YET)
def log_in(visit: Visit) -> ResponseReturnValue:
    """Show the log-in form."""
    return public_page("people/log_in.html", visit.refused)


@people.public_action("/logg-inn", LogInSchema, again=log_in, because=NOBODY_YET)
def enter(visit: Visit, wish: LogIn) -> ResponseReturnValue:
    """Log in and open the page that was asked for."""
    return _signed_in(commands.log_in(_door(visit), wish), wish.then)


@people.public("/logg-inn/kode", because=NOBODY_YET)
def first_code(visit: Visit) -> ResponseReturnValue:
    """Show the form for a code on paper."""
    return public_page("people/first_code.html", visit.refused)


@people.public_action("/logg-inn/kode", UseCodeSchema, again=first_code, because=NOBODY_YET)
def use_code(visit: Visit, wish: UseCode) -> ResponseReturnValue:
    """Choose a password by a code on paper, and log in."""
    return _signed_in(commands.use_code(_door(visit), wish), "/")


@people.public("/logg-inn/passord", because=NOBODY_YET)
def password(visit: Visit) -> ResponseReturnValue:
    """Show the form for a new password."""
    return public_page("people/password.html", visit.refused)


@people.public_action(
    "/logg-inn/passord",
    ChangePasswordSchema,
    again=password,
    because="the present password proves who it is, as at log-in, outside any transaction",
)
def change_password(visit: Visit, wish: ChangePassword) -> ResponseReturnValue:
    """Choose a new password by the present one, and log in anew."""
    return _signed_in(commands.change_password(_door(visit), wish), url_for("people.settings"))


@people.page("/innstillinger", for_signed_in(Action.SESSION_OWN))
def settings(context: Context[None]) -> ResponseReturnValue:
    """Show one's own account, sessions and tokens."""
    own = queries.own_account(context.session, context.actor.user_id, context.now)
    reached = rules.is_professional(own.user.roles.split())
    return page(context, "people/settings.html", own=own, reached=reached)


@people.action(
    "/innstillinger/kontakt",
    for_signed_in(Action.SESSION_OWN),
    EditReachedSchema,
    again=settings,
)
def edit_reached(context: Context[None], wish: EditReached) -> ResponseReturnValue:
    """Change how one is reached at work oneself."""
    commands.edit_reached(context.work, wish)
    return redirect(url_for("people.settings", _anchor="kontakt"), code=303)


@people.action("/logg-ut", for_signed_in(Action.SESSION_OWN), Nothing)
def log_out(context: Context[None], _wish: dict[str, Any]) -> ResponseReturnValue:
    """End this session, and let the browser forget what it has seen."""
    commands.log_out(context.work, context.signed.session_id)
    identity.sign_out()
    answer = redirect(url_for("people.log_in"), code=303)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@people.action("/innstillinger/okter/<uuid:session_id>/avslutt", on_own_session(), Nothing)
def end_session(context: Context[SignIn], _wish: dict[str, Any]) -> ResponseReturnValue:
    """End one of one's own sessions."""
    commands.end_sign_in(context.work, context.record)
    return redirect(url_for("people.settings"), code=303)


@people.action("/innstillinger/okter/avslutt-andre", for_signed_in(Action.SESSION_OWN), Nothing)
def end_other_sessions(context: Context[None], _wish: dict[str, Any]) -> ResponseReturnValue:
    """End all one's own sessions but this one."""
    commands.end_other_sessions(context.work, context.signed.session_id)
    return redirect(url_for("people.settings"), code=303)


@people.action(
    "/innstillinger/nokler",
    for_signed_in(Action.TOKEN_MANAGE_OWN),
    NewTokenSchema,
    again=settings,
)
def make_token(context: Context[None], wish: NewToken) -> ResponseReturnValue:
    """Make an API token and show it, this once."""
    token = commands.make_token(context.work, wish)
    return page(context, "people/token.html", token=token, wish=wish)


@people.action("/innstillinger/nokler/<uuid:token_id>/avslutt", on_own_token(), Nothing)
def end_token(context: Context[SignIn], _wish: dict[str, Any]) -> ResponseReturnValue:
    """End one of one's own tokens."""
    commands.end_sign_in(context.work, context.record)
    return redirect(url_for("people.settings"), code=303)


@people.page("/admin", for_signed_in(Action.ROLE_GRANT))
def admin(context: Context[None]) -> ResponseReturnValue:
    """Show what there is to look after."""
    return page(context, "people/admin.html", units=queries.units(context.session))


@people.page("/admin/brukere", for_signed_in(Action.ROLE_GRANT), query=AccountsQuery)
def accounts(context: Context[None], wish: dict[str, Any]) -> ResponseReturnValue:
    """List the accounts."""
    found, after = queries.accounts(context.session, wish["q"], PAGE, wish["after"])
    return page(
        context, "people/accounts.html", accounts=found, q=wish["q"], after=cursor_after(after)
    )


@people.page("/admin/brukere/ny", for_signed_in(Action.USER_CREATE_OR_DISABLE))
def new_user(context: Context[None]) -> ResponseReturnValue:
    """Show the form for a new account."""
    return page(
        context, "people/new_user.html", services=queries.services(context.session), roles=ROLES
    )


@people.action(
    "/admin/brukere/ny",
    for_signed_in(Action.USER_CREATE_OR_DISABLE),
    NewUserSchema,
    again=new_user,
)
def create_user(context: Context[None], wish: NewUser) -> ResponseReturnValue:
    """Make an account and open its page."""
    made = commands.create_user(context.work, wish)
    return redirect(url_for("people.user", user_id=made.id), code=303)


@people.page("/admin/brukere/<uuid:user_id>", on_user(Action.ROLE_GRANT))
def user(context: Context[User]) -> ResponseReturnValue:
    """Show an account, with what may be changed."""
    return page(
        context,
        "people/user.html",
        user=context.record,
        reached=rules.is_professional(context.record.roles.split()),
        signed_in=queries.own_account(context.session, context.record.id, context.now),
        services=queries.services(context.session),
        roles=[role for role in ROLES if role in rules.grantable(context.actor.roles)],
    )


@people.action(
    "/admin/brukere/<uuid:user_id>",
    on_user(Action.USER_CREATE_OR_DISABLE),
    EditUserSchema,
    again=user,
)
def edit_user(context: Context[User], wish: EditUser) -> ResponseReturnValue:
    """Change what is said of a person."""
    commands.edit_user(context.work, context.record, wish)
    return redirect(url_for("people.user", user_id=context.record.id), code=303)


@people.action(
    "/admin/brukere/<uuid:user_id>/roller", on_user(Action.ROLE_GRANT), SetRolesSchema, again=user
)
def set_roles(context: Context[User], wish: SetRoles) -> ResponseReturnValue:
    """Change what an account may be."""
    commands.set_roles(context.work, context.record, wish)
    return redirect(url_for("people.user", user_id=context.record.id), code=303)


@people.action("/admin/brukere/<uuid:user_id>/logg-ut", on_sessions_of_user(), Nothing, again=user)
def revoke_sessions(context: Context[User], _wish: dict[str, Any]) -> ResponseReturnValue:
    """Log somebody out everywhere, at once."""
    commands.revoke_sessions(context.work, context.record)
    return redirect(url_for("people.user", user_id=context.record.id), code=303)


@people.action(
    "/admin/brukere/<uuid:user_id>/steng",
    on_user(Action.USER_CREATE_OR_DISABLE),
    Nothing,
    again=user,
)
def disable(context: Context[User], _wish: dict[str, Any]) -> ResponseReturnValue:
    """Close an account at once."""
    commands.disable(context.work, context.record)
    return redirect(url_for("people.user", user_id=context.record.id), code=303)


@people.action(
    "/admin/brukere/<uuid:user_id>/apne",
    on_user(Action.USER_CREATE_OR_DISABLE),
    Nothing,
    again=user,
)
def enable(context: Context[User], _wish: dict[str, Any]) -> ResponseReturnValue:
    """Open a closed account."""
    commands.enable(context.work, context.record)
    return redirect(url_for("people.user", user_id=context.record.id), code=303)


@people.action(
    "/admin/brukere/<uuid:user_id>/kode",
    on_user(Action.USER_CREATE_OR_DISABLE),
    Nothing,
    again=user,
)
def make_code(context: Context[User], _wish: dict[str, Any]) -> ResponseReturnValue:
    """Make a code for somebody and show it on a page to print, this once."""
    code, expires_at = commands.make_code(context.work, context.record)
    return page(context, "people/code.html", user=context.record, code=code, expires_at=expires_at)


@people.page("/admin/tjenester", for_signed_in(Action.SERVICE_EDIT))
def services(context: Context[None]) -> ResponseReturnValue:
    """List the services with their leaders."""
    return page(context, "people/services.html", units=queries.units(context.session))


@people.page("/admin/tjenester/ny", for_signed_in(Action.SERVICE_EDIT))
def new_service(context: Context[None]) -> ResponseReturnValue:
    """Show the form for a new service."""
    return page(context, "people/new_service.html")


@people.action(
    "/admin/tjenester/ny", for_signed_in(Action.SERVICE_EDIT), NewServiceSchema, again=new_service
)
def create_service(context: Context[None], wish: NewService) -> ResponseReturnValue:
    """Add a service and open its page."""
    made = commands.create_service(context.work, wish)
    return redirect(url_for("people.service", service_id=made.id), code=303)


@people.page("/admin/tjenester/<uuid:service_id>", on_service(Action.SERVICE_EDIT))
def service(context: Context[Service]) -> ResponseReturnValue:
    """Show a service and the form that changes it."""
    leader = queries.username_of(context.session, context.record.leader_id)
    return page(context, "people/service.html", service=context.record, leader=leader)


@people.action(
    "/admin/tjenester/<uuid:service_id>",
    on_service(Action.SERVICE_EDIT),
    EditServiceSchema,
    again=service,
)
def edit_service(context: Context[Service], wish: EditService) -> ResponseReturnValue:
    """Change a service."""
    commands.edit_service(context.work, context.record, wish)
    return redirect(url_for("people.services"), code=303)


def _door(visit: Visit) -> Doorstep:
    earlier = session.get("_user_id")  # where flask-login keeps the secret
    return Doorstep(visit.database, visit.profile, visit.now, visit.address, earlier)


def _signed_in(secret: str, target: str) -> Response:
    identity.sign_in(secret)
    return redirect(target, code=303)  # type: ignore[return-value]  # werkzeug's class, same shape
