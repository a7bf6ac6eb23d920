"""Who is behind the request: a bearer token or a session, never both; flask-login keeps the cookie.

The cookie holds a random secret, signed; what counts is the row in the database that it names.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import flask_login
from flask import Flask, current_app, g, request
from flask import session as cookie
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import generate_csrf, validate_csrf
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy.orm import Session
from wtforms import ValidationError as BadToken

from stafett.access.policy import SignedIn
from stafett.errors import CsrfError, NotSignedInError

SEEN_EVERY = timedelta(minutes=1)

Load = Callable[[Session, str, bool, datetime], SignedIn | None]
Seen = Callable[[Session, UUID, datetime], None]


@dataclass(frozen=True)
class Loaders:
    """The two functions that `people` has for this; `app.py` hands them over."""

    load: Load
    seen: Seen


@dataclass(frozen=True)
class Visitor(flask_login.UserMixin):  # type: ignore[misc]  # it carries no types
    """What flask-login keeps of a person: the secret of the session, and who it proved."""

    secret: str
    signed: SignedIn | None = None

    def get_id(self) -> str:
        """Return what the cookie holds."""
        return self.secret


class SignedCookie(SecureCookieSessionInterface):
    """Flask's own cookie, whose serializer is made once and not anew for each request."""

    _serializer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return what signs and reads the cookie; None: the application has no key."""
        if self._serializer is None:
            self._serializer = super().get_signing_serializer(app)
        return self._serializer


def register(app: Flask, loaders: Loaders, *, secure: bool) -> None:
    """Teach `app` to know people; a cookie over https only is bound to the host by its name."""
    app.extensions["stafett.identity"] = loaders
    app.session_interface = SignedCookie()
    app.config.update(
        SESSION_COOKIE_NAME="__Host-stafett" if secure else "stafett",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # the session's own end is the limit
    )
    manager = flask_login.LoginManager()
    manager.init_app(app, add_context_processor=False)  # the guard alone asks who it is
    manager.session_protection = None  # the database decides, and networks change under phones
    manager.user_loader(_visitor)


def require(session: Session, now: datetime) -> SignedIn:
    """Return who is signed in, by one statement.

    An `Authorization` header decides alone: a bad token never falls back to the cookie.

    Raises:
        NotSignedInError: nobody is, or no longer.

    """
    header = request.headers.get("Authorization")
    if header is not None:
        secret = header.removeprefix("Bearer ")
        signed = _loaders().load(session, hashed(secret), True, now)  # noqa: FBT003 a bearer
    else:
        g.looking = (session, now)
        signed = getattr(flask_login.current_user, "signed", None)
    if signed is None:
        raise NotSignedInError
    return signed


def sign_in(secret: str) -> None:
    """Give the browser a session that is already in the database, and forget what it had before."""
    cookie.clear()
    flask_login.login_user(Visitor(secret))


def sign_out() -> None:
    """Take the session from the browser."""
    flask_login.logout_user()
    cookie.clear()


def csrf_token() -> str:
    """Return the token that a form must send back."""
    token: str = generate_csrf()
    return token


def check_csrf() -> None:
    """Refuse an unsafe request that another site may have made the browser send.

    Raises:
        CsrfError: the token is missing or another session's.

    """
    if "Authorization" in request.headers:
        return
    try:
        validate_csrf(request.headers.get("X-CSRFToken") or request.form.get("csrf_token"))
    except BadToken as error:
        raise CsrfError from error


def touch(session: Session, signed: SignedIn | None, now: datetime) -> None:
    """Note that the session lives, at most once a minute."""
    if signed is not None and now - signed.seen_at >= SEEN_EVERY:
        _loaders().seen(session, signed.session_id, now)


def hashed(secret: str) -> str:
    """Return what the database keeps of a secret of 128 bits or more."""
    return sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def _visitor(secret: str) -> Visitor | None:
    session, now = g.looking
    signed = _loaders().load(session, hashed(secret), False, now)  # noqa: FBT003 a session
    return None if signed is None else Visitor(secret, signed)


def _loaders() -> Loaders:
    loaders: Loaders = current_app.extensions["stafett.identity"]
    return loaders
