"""Routes that cannot be registered without saying who may use them.

A view never loads its own record and never opens a transaction: it is given a `Context` in
which both are ready, after the policy has said yes; no answer leaves before its log row is kept.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

import orjson
from flask import Blueprint, Response, current_app, g, make_response, request
from flask.typing import ResponseReturnValue
from marshmallow import Schema, ValidationError
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from stafett.access import log
from stafett.access.log import Look
from stafett.access.policy import (
    GRANTS,
    READS,
    Action,
    Actor,
    Area,
    Cell,
    Decision,
    Facts,
    Held,
    Relation,
    SignedIn,
    decide,
    hers_until,
    reads_past,
)
from stafett.access.work import Work
from stafett.dates import oslo_date
from stafett.db import Database
from stafett.errors import (
    ConflictError,
    CsrfError,
    DeniedError,
    FieldError,
    NotFoundError,
    RuleBrokenError,
    TooManyAttemptsError,
    UnavailableError,
)
from stafett.profile.model import Profile
from stafett.web import forms, idempotency, identity

Record = TypeVar("Record")
View = Callable[..., ResponseReturnValue]
REFUSALS = (ValidationError, FieldError, RuleBrokenError, ConflictError, TooManyAttemptsError)
LOST_RACES = (StaleDataError, IntegrityError)


@dataclass(frozen=True, slots=True)
class Subject(Generic[Record]):
    """What an address points at, with all that the policy needs to know about it."""

    record: Record | None
    child_id: UUID | None
    held: Iterable[Held]
    facts: Facts


Loader = Callable[[Session, Actor, datetime, Mapping[str, Any]], Subject[Record]]


@dataclass(frozen=True)
class Access(Generic[Record]):
    """The actions a route may ask for, how its record is found, and which action it is now."""

    actions: tuple[Action, ...]
    load: Loader[Record]
    which: Callable[[Record, Actor], Action] | None = None
    row_by_row: bool = False

    def __post_init__(self) -> None:
        """Refuse a choice that nobody makes."""
        if (len(self.actions) == 1) is not (self.which is None):
            msg = "one action needs no `which`; several need one"
            raise TypeError(msg)

    def action(self, record: Record | None, actor: Actor) -> Action:
        """Return the action asked for; a missing record asks for the first."""
        if self.which is None or record is None:
            return self.actions[0]
        chosen = self.which(record, actor)
        if chosen not in self.actions:
            msg = f"{chosen} is not among {self.actions}"
            raise TypeError(msg)
        return chosen


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an action was refused, and what had been typed, for the page to show again."""

    endpoint: str
    error: Exception
    typed: Mapping[str, Any]

    @property
    def conflict(self) -> bool:
        """Whether somebody else saved first, so that the page shows both."""
        return isinstance(self.error, (ConflictError, *LOST_RACES))


@dataclass(frozen=True, slots=True)
class Context(Generic[Record]):
    """What a view works with; `args` are the parts of the address."""

    work: Work
    signed: SignedIn
    subject: Subject[Record]
    record: Record
    decision: Decision
    look: Look
    args: Mapping[str, Any]
    refused: Refused | None = None

    @property
    def session(self) -> Session:
        """The transaction, reading or writing as the route says."""
        return self.work.session

    @property
    def actor(self) -> Actor:
        """Who asks."""
        return self.signed.actor

    @property
    def now(self) -> datetime:
        """The moment of the request; nothing below a view reads the clock."""
        return self.look.at

    def since(self, area: Area | None = None) -> datetime | None:
        """Return the moment of the birth, for who came after it; None: nothing is kept from him.

        `area`: what of the record is asked about, if it is in one.
        """
        return hers_until(self.subject.held, self.work.today, area)

    @property
    def least(self) -> bool:
        """Whether the actor may have only the least that is needed (cells M of the matrix)."""
        cells = GRANTS[self.look.action or Action.SESSION_OWN]
        return all(cells[relation] is Cell.MINIMUM for relation in self.decision.basis)

    def can(self, action: str, *, own: bool = False, asked: bool = False) -> bool:
        """Say whether a button for `action` would be answered, by the question its route asks.

        `own`: whether the object beside the button is the actor's own; `asked`: whether another
        has asked for it.
        """
        facts = self.subject.facts
        if own or asked:
            facts = replace(facts, own=own or facts.own, asked=asked or facts.asked)
        return decide(self.subject.held, Action(action), facts).allowed

    def basis(self, action: Action) -> frozenset[Relation]:
        """Return the relations that let the actor do `action` to the same record."""
        return decide(self.subject.held, action, self.subject.facts).basis

    def may(self, action: Action, *, ip: bool) -> bool:
        """Say whether the actor may do `action` to a plan, once it is known which kind it is."""
        facts = replace(self.subject.facts, ip=ip)
        return decide(self.subject.held, action, facts).allowed

    def require(self, action: Action, *, ip: bool) -> None:
        """Refuse a plan of a kind that the actor may not read.

        Raises:
            NotFoundError: as if the plan did not exist.

        """
        if not self.may(action, ip=ip):
            raise NotFoundError

    def shown(self, ids: Iterable[UUID]) -> None:
        """Note the parts of this child's record that the answer shows."""
        self.look.shown.extend(ids)

    def shown_children(self, ids: Iterable[UUID]) -> None:
        """Note the children that a list or an export shows."""
        self.look.children.extend(ids)

    def searches(self) -> None:
        """Let the log tell this look at one child's record as a search in it.

        Raises:
            DeniedError: reading it does not let the actor search in it (an emergency).

        """
        if not (basis := self.basis(Action.SEARCH_READ)):
            raise DeniedError
        self.look.action, self.look.basis = Action.SEARCH_READ, basis

    def searched(self, child_id: UUID, decision: Decision, ids: Iterable[UUID]) -> None:
        """Note a child that was searched among others, by the policy's yes, and what it showed."""
        part = replace(
            self.look,
            child_id=child_id,
            basis=decision.basis,
            on_behalf_of=decision.on_behalf_of,
            shown=list(ids),
            children=[],
            parts=[],
        )
        self.look.parts.append(part)


@dataclass(frozen=True, slots=True)
class Visit:
    """What a public view works with: nobody is known yet, so it opens its own transactions."""

    database: Database
    profile: Profile
    now: datetime
    address: str
    refused: Refused | None = None


def for_signed_in(*actions: Action) -> Access[None]:
    """Guard a route that is about no child: what the actor's standing roles allow."""

    def load(
        _session: Session, actor: Actor, now: datetime, _args: Mapping[str, Any]
    ) -> Subject[None]:
        held = [Held(role) for role in actor.roles]
        return Subject(None, None, held, Facts(oslo_date(now), own=True))

    return Access(actions, load)


def for_list(action: Action) -> Access[None]:
    """Guard a list that starts from `visible_to`: open to all signed in, decided row by row."""
    return replace(for_signed_in(action), row_by_row=True)


class GuardedBlueprint(Blueprint):
    """A blueprint with verbs that demand an `Access`; plain routes fail at import."""

    def page(
        self, rule: str, access: Access[Any], *, query: type[Schema] | None = None
    ) -> Callable[[View], View]:
        """Register a view that only reads; with `query` it also gets the address's parameters."""

        def wrap(view: View) -> View:
            view.query = query  # type: ignore[attr-defined]  # a refused form shows the page anew
            return _reading(view, access, query)

        return self._guarded(rule, "GET", access, wrap)

    def action(
        self,
        rule: str,
        access: Access[Any],
        accepts: type[Schema],
        *,
        again: View | None = None,
        method: str = "POST",
    ) -> Callable[[View], View]:
        """Register a view that writes; `again` is the page that shows a refused form once more."""
        verb = Writing(access, accepts, again)
        return self._guarded(rule, method, access, lambda view: _writing(view, verb))

    def json(
        self,
        rule: str,
        access: Access[Any],
        *,
        returns: type[Schema],
        accepts: type[Schema] | None = None,
        query: type[Schema] | None = None,
        location: Callable[[Any, UUID | None], str] | None = None,
        method: str = "POST",
        mimetype: str = "application/json",
    ) -> Callable[[Callable[..., Any]], Any]:
        """Register a JSON call; it writes when it accepts, and creates when it has a location.

        `location` gets what was made and the child it is about, and says where to read it.
        `mimetype`: what a kind of JSON that has a name of its own is called.
        """
        answer = returns()

        def decorate(view: Callable[..., Any]) -> Any:
            @wraps(view)
            def as_json(context: Context[Any], *given: Any) -> Response:
                found = view(context, *given)
                said = orjson.dumps(answer.dump(found), option=orjson.OPT_SORT_KEYS)
                response = Response(said, mimetype=mimetype)
                if location is not None:
                    response.status_code = 201
                    response.headers["Location"] = location(found, context.subject.child_id)
                return response

            created = location is not None
            as_json.call = Call(accepts, returns, query, mimetype, created=created)  # type: ignore[attr-defined]  # read by openapi.py
            if accepts is None:
                return self.page(rule, access, query=query)(as_json)
            return self.action(rule, access, accepts, method=method)(as_json)

        return decorate

    def public(self, rule: str, *, because: str) -> Callable[[View], View]:
        """Register a page that anybody may open, and say why; the view gets a `Visit`."""

        def decorate(view: View) -> View:
            return self._public(rule, "GET", view, because, lambda args: view(_visit(), **args))

        return decorate

    def public_action(
        self, rule: str, accepts: type[Schema], *, again: View, because: str
    ) -> Callable[[View], View]:
        """Register a form that anybody may send; the token is checked, and a refusal shows again.

        The view opens its own transactions, so that a refused one is still counted.
        """
        schema = accepts()

        def decorate(view: View) -> View:
            def handle(args: Mapping[str, Any]) -> ResponseReturnValue:
                body = forms.payload()
                identity.check_csrf()
                visit = _visit()
                try:
                    return view(visit, schema.load(forms.typed(schema, body)), **args)
                except REFUSALS as error:
                    refused = Refused(request.endpoint or "", error, forms.shown(schema, body))
                    answer = make_response(again(replace(visit, refused=refused), **args))
                    answer.status_code = _status(error)
                    return answer

            return self._public(rule, "POST", view, because, handle)

        return decorate

    def _public(
        self,
        rule: str,
        method: str,
        view: View,
        because: str,
        handle: Callable[[Mapping[str, Any]], ResponseReturnValue],
    ) -> View:
        @wraps(view)
        def opened(**args: Any) -> ResponseReturnValue:
            g.request_id = uuid4().hex
            return handle(args)

        opened.public_because = because  # type: ignore[attr-defined]  # the walk lists them
        self.add_url_rule(rule, view.__name__, opened, methods=[method])
        return view

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Callable[..., Any] | None = None,
        provide_automatic_options: bool | None = None,  # noqa: FBT001 Flask's own signature
        **options: Any,
    ) -> None:
        """Refuse a route that has no guard."""
        if not (
            isinstance(getattr(view_func, "access", None), Access)
            or hasattr(view_func, "public_because")
        ):
            msg = f"{rule}: use page(), action() or json(), which name an Access"
            raise TypeError(msg)
        super().add_url_rule(rule, endpoint, view_func, provide_automatic_options, **options)

    def _guarded(
        self, rule: str, method: str, access: Access[Any], wrap: Callable[[View], View]
    ) -> Callable[[View], View]:
        if not isinstance(access, Access):
            msg = f"{rule}: {access!r} is not an Access"
            raise TypeError(msg)

        def decorate(view: View) -> View:
            view.access = access  # type: ignore[attr-defined]
            guarded = wraps(view)(wrap(view))
            self.add_url_rule(rule, view.__name__, guarded, methods=[method])
            return view

        return decorate


@dataclass(frozen=True, slots=True)
class Call:
    """What a JSON call takes and gives, for the OpenAPI document."""

    accepts: type[Schema] | None
    returns: type[Schema]
    query: type[Schema] | None
    mimetype: str
    created: bool


@dataclass(frozen=True, slots=True)
class Writing:
    """How a writing route was registered."""

    access: Access[Any]
    accepts: type[Schema]
    again: View | None


def _reading(view: View, access: Access[Any], query: type[Schema] | None) -> View:
    schema = None if query is None else query()

    def guarded(**args: Any) -> Response:
        look = _look()
        answer = _read(view, access, args, look, schema)
        _store(look)
        return answer

    return guarded


def _writing(view: View, verb: Writing) -> View:
    schema, access = verb.accepts(), verb.access

    def guarded(**args: Any) -> Response:
        body = forms.payload()  # to its end, before the one writer's turn: a client may be slow
        g.typed = (schema, body)
        look = _look()
        try:
            with _database().writing() as session:
                context = _admit(session, access, args, look)
                identity.check_csrf()
                key, answer = idempotency.claim(session, context.actor.user_id, look.at)
                if answer is None:
                    answer = _rendered(view(context, schema.load(forms.typed(schema, body))))
                    idempotency.keep(session, context.actor.user_id, key, answer)
                else:
                    look.result = "replay"
                log.record(session, look)
                identity.touch(session, context.signed, look.at)
        except (*REFUSALS, *LOST_RACES) as error:
            if verb.again is None or request.is_json:
                _store(_failed(look, error))
                raise
            refused = Refused(request.endpoint or "", error, forms.shown(schema, body))
            return _show_again(verb.again, args, refused, _failed(look, error))
        except Exception as error:
            _store(_failed(look, error))
            raise
        return answer

    return guarded


def _show_again(view: View, args: Mapping[str, Any], refused: Refused, failed: Look) -> Response:
    """Answer a refused form with its page, the typed text kept, through the page's own guard."""
    look = replace(_look(), at=failed.at)
    shown: Any = view  # a page, which carries how it was registered
    schema = None if shown.query is None else shown.query()
    answer = _read(view, shown.access, args, look, schema, refused, failed)
    answer.status_code = _status(refused.error)
    _store(failed, look)
    return answer


def _status(error: Exception) -> int:
    if isinstance(error, (ConflictError, *LOST_RACES)):
        return 409
    return 429 if isinstance(error, TooManyAttemptsError) else 422


def _read(
    view: View,
    access: Access[Any],
    args: Mapping[str, Any],
    look: Look,
    schema: Schema | None,
    refused: Refused | None = None,
    *before: Look,
) -> Response:
    try:
        with _database().reading() as session:
            context = _admit(session, access, args, look)
            if look.action not in READS:
                look.result = "form"  # of what may be done next; nothing is yet
            if refused is not None:
                context = replace(context, refused=refused)
            if schema is None:
                return _rendered(view(context))
            return _rendered(view(context, schema.load(forms.asked(schema))))
    except Exception as error:
        _store(*before, _failed(look, error))
        raise


def _admit(
    session: Session, access: Access[Any], args: Mapping[str, Any], look: Look
) -> Context[Any]:
    """Ask who it is, what he is to the record, and whether that is enough."""
    signed = identity.require(session, look.at)
    g.signed = signed
    look.actor, look.action = signed.actor, access.actions[0]
    subject, decision = _decide(session, access, signed.actor, args, look)
    there = getattr(subject.record, "joined_to", None)
    if there and not reads_past(subject.held, look.action, subject.facts):
        # The record was joined to another of the same child, which is asked for in its place, but
        # by who may read what was written in this one.
        args = {**args, "child_id": there}
        subject, decision = _decide(session, access, signed.actor, args, look)
    if subject.child_id is not None and not (decision.visible and subject.record):
        raise NotFoundError
    if not (decision.allowed or access.row_by_row):
        raise DeniedError
    work = Work(session, signed.actor, look.at, _profile(), decision.on_behalf_of)
    return Context(work, signed, subject, subject.record, decision, look, args)


def _decide(
    session: Session, access: Access[Any], actor: Actor, args: Mapping[str, Any], look: Look
) -> tuple[Subject[Any], Decision]:
    """Find what is asked for, and ask the policy."""
    subject = access.load(session, actor, look.at, args)
    look.child_id = subject.child_id
    look.action = access.action(subject.record, actor)
    decision = decide(subject.held, look.action, subject.facts)
    look.basis, look.on_behalf_of = decision.basis, decision.on_behalf_of
    return subject, decision


def _rendered(given: ResponseReturnValue) -> Response:
    """Turn a view's answer into bytes while its transaction is still open."""
    answer = make_response(given)
    if answer.is_streamed or answer.status_code >= 400:  # noqa: PLR2004 the first error status
        msg = "a view answers whole and refuses by raising"
        raise TypeError(msg)
    answer.headers.setdefault("Cache-Control", "no-store")
    return answer


def _failed(look: Look, error: Exception) -> Look:
    denied = isinstance(error, NotFoundError | DeniedError) and not isinstance(error, CsrfError)
    look.result = "deny" if denied else "error"
    look.shown, look.children, look.parts = [], [], []
    return look


def _store(*looks: Look) -> None:
    """Keep the rows in a transaction of their own. No log, no answer."""
    if all(look.actor is None for look in looks):
        return  # nobody was there; the sign-in has its own log
    try:
        with _database().writing() as session:
            log.record(session, *looks)
            identity.touch(session, g.get("signed"), looks[0].at)
    except SQLAlchemyError as error:
        raise UnavailableError from error


def _look() -> Look:
    if "request_id" not in g:
        g.request_id = uuid4().hex
    return Look(datetime.now(UTC), g.request_id)


def _visit() -> Visit:
    return Visit(_database(), _profile(), datetime.now(UTC), request.remote_addr or "")


def _database() -> Database:
    database: Database = current_app.extensions["stafett.database"]
    return database


def _profile() -> Profile:
    profile: Profile = current_app.extensions["stafett.profile"]
    return profile
