"""The one table from exception to HTTP status, and the answers: page, HTMX or JSON."""

import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, current_app, g, jsonify, redirect, render_template, request
from marshmallow import ValidationError
from marshmallow.exceptions import SCHEMA
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from stafett.db import Database
from stafett.errors import (
    BusyError,
    ConflictError,
    CsrfError,
    DeniedError,
    FieldError,
    ForeignPartError,
    KeyReusedError,
    NotFoundError,
    NotSignedInError,
    RuleBrokenError,
    StafettError,
    TooManyAttemptsError,
    UnavailableError,
)
from stafett.web import forms, identity, messages

STATUS: dict[type[Exception], int] = {
    NotSignedInError: 401,
    DeniedError: 403,
    CsrfError: 403,
    ForeignPartError: 403,
    NotFoundError: 404,
    ConflictError: 409,
    RuleBrokenError: 422,
    FieldError: 422,
    KeyReusedError: 422,
    TooManyAttemptsError: 429,
    BusyError: 503,
    UnavailableError: 503,
}
SAME_AS: dict[type[Exception], type[StafettError]] = {
    StaleDataError: ConflictError,
    IntegrityError: ConflictError,
    OperationalError: UnavailableError,
    DBAPIError: UnavailableError,
}
CODES = {
    400: "malformed",
    404: NotFoundError.code,
    405: "method-not-allowed",
    413: "too-large",
    415: "media-type",
}
RETRY_AFTER = 5
FAILURES = 500  # from here on it is the system that fails

_log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    """Teach `app` to answer errors."""
    app.register_error_handler(StafettError, _answer)
    app.register_error_handler(NotSignedInError, _sign_in)
    app.register_error_handler(ValidationError, _invalid)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)
    for foreign, own in SAME_AS.items():
        app.register_error_handler(foreign, lambda _error, own=own: _answer(own()))


def problems(error: Exception) -> dict[str, list[str]]:
    """Return the messages of a refusal at their fields, dotted inside nested ones.

    What belongs to no field (rules, a lost race) stands at the empty name.
    """
    match error:
        case ValidationError():
            return _flat(error.messages)
        case FieldError():
            return {n: [messages.of(code) for code in c] for n, c in error.fields.items()}
        case RuleBrokenError():
            return {"": [messages.of(code) for code in error.obstacles]}
        case StafettError():
            return {"": [messages.of(error.code)]}
        case _:
            return {"": [messages.of(SAME_AS[type(error)].code)]}


def _flat(found: Any, path: str = "") -> dict[str, list[str]]:
    if isinstance(found, Mapping):
        return {
            name: said
            for key, inner in found.items()
            for name, said in _flat(inner, _inside(path, str(key))).items()
        }
    return {path: [str(one) for one in (found if isinstance(found, list) else [found])]}


def _inside(path: str, key: str) -> str:
    """Return the name of a part; marshmallow calls `_schema` what is wrong with the whole."""
    if key == SCHEMA:
        return path
    return f"{path}.{key}" if path else key


def _answer(error: StafettError) -> Response:
    more: dict[str, Any] = {}
    headers: dict[str, str] = {}
    if isinstance(error, RuleBrokenError):
        more["obstacles"] = [{"code": c, "message": messages.of(c)} for c in error.obstacles]
    if isinstance(error, FieldError):
        more["fields"] = problems(error)
    if isinstance(error, ForeignPartError):
        more["fields"] = {path: [messages.of("foreign-part")] for path in error.paths}
    if isinstance(error, ConflictError) and error.current is not None:
        more["current"] = error.current
    if isinstance(error, TooManyAttemptsError):
        headers["Retry-After"] = str(error.seconds)
    if isinstance(error, BusyError | UnavailableError):
        headers["Retry-After"] = str(RETRY_AFTER)
    return _say(STATUS[type(error)], error.code, headers, **more)


def _invalid(error: ValidationError) -> Response:
    return _say(422, "invalid", fields=problems(error))


def _http(error: HTTPException) -> Response:
    if error.response is not None or error.code in {301, 302, 303, 307, 308}:
        return error.get_response()  # type: ignore[return-value]  # werkzeug's class, same shape
    allow = dict(error.get_headers())
    kept = {"Allow": allow["Allow"]} if "Allow" in allow else {}
    return _say(error.code or 500, CODES.get(error.code or 500, "malformed"), kept)


def _unexpected(error: Exception) -> Response:
    """Answer what nobody foresaw; the details go to the operator's log, never to the person."""
    _log.error("unexpected error", exc_info=error)
    return _say(500, StafettError.code)


def _sign_in(error: NotSignedInError) -> Response:
    if _wants_json():
        return _answer(error)
    target = "/logg-inn"
    if request.method == "GET":  # a form's address has no page to come back to
        target += "?" + urlencode({"neste": request.full_path.removesuffix("?")})
    if request.headers.get("HX-Request"):
        return Response(status=401, headers={"HX-Redirect": target})
    if _words():
        return _say(STATUS[NotSignedInError], error.code)
    return redirect(target, code=303)  # type: ignore[return-value]  # werkzeug's class, same shape


def _say(
    status: int, code: str, headers: Mapping[str, str] | None = None, **more: object
) -> Response:
    """Answer with the code and its sentence: hidden and missing give one person the same bytes."""
    if _wants_json():
        answer = jsonify({"error": {"code": code, "message": messages.of(code), **more}})
    else:
        more["words"] = _words()
        _recognise(status)
        more["banner"] = _banner()
        html = render_template("_layout/error.html", code=code, **more)
        answer = Response(html, mimetype="text/html")
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    answer.headers.update(headers or {})
    return answer


def _recognise(status: int) -> None:
    """See to it that a page has its reader's menu, unless it is the system that fails.

    Where no guard came to ask, as at an unknown address, who is signed in is read for the page.
    """
    if status >= FAILURES:
        g.signed = None
    elif "signed" not in g:
        with suppress(NotSignedInError, SQLAlchemyError), _database().reading() as session:
            g.signed = identity.require(session, datetime.now(UTC))


def _banner() -> object:
    """Return what must be seen on the page, too, while it lasts; asked for only when it may."""
    signed = g.get("signed")
    if signed is None or not signed.stands:
        return None
    with suppress(SQLAlchemyError), _database().reading() as session:
        return current_app.extensions["stafett.banner"](session, signed, datetime.now(UTC))
    return None


def _words() -> list[str]:
    """Return what was typed in a form that led nowhere, for who sent it to copy.

    Nothing of what another site may have made his browser send: that it was ours the token says,
    or the browser, where the session of the token has ended.
    """
    if "typed" not in g or request.is_json:
        return []
    if request.headers.get("Sec-Fetch-Site") != "same-origin":
        try:
            identity.check_csrf()
        except CsrfError:
            return []
    return forms.words(*g.typed)


def _database() -> Database:
    database: Database = current_app.extensions["stafett.database"]
    return database


def _wants_json() -> bool:
    return request.path.startswith("/api/") or "Authorization" in request.headers
