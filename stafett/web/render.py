"""Renders a whole page, or only its changed part when HTMX asks for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from flask import Flask, Response, current_app, g, render_template, request, url_for

from stafett.access.policy import Relation, is_past, restricted_at
from stafett.web import errors, forms, identity
from stafett.web.guard import Context, Refused

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
STATIC = Path(__file__).parent / "static"
ChildHeader = Callable[[Context[Any], str, Sequence[Any] | None], object]
Banner = Callable[[Context[Any]], object]


@dataclass(frozen=True)
class MenuEntry:
    """A link of the main menu, for those who have one of `roles` (empty: for everybody)."""

    endpoint: str
    label: str
    roles: frozenset[Relation] = frozenset()


@dataclass(frozen=True)
class Link:
    """A link of a menu; `here` is the page that is open."""

    href: str
    label: str
    here: bool


@dataclass(frozen=True)
class Form:
    """What one form shows: nothing, or what was typed and what was wrong with it."""

    typed: Mapping[str, Any]
    problems: Mapping[str, list[str]]

    def value(self, name: str, default: Any = "") -> Any:
        """Return what was typed in a field, less what no page can show; else `default`."""
        return _shown(self.typed.get(name, default if not self.typed else ""))

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Return what was typed in the rows of a list, numbered as its problems are."""
        return [
            {inner: _shown(value) for inner, value in row.items()}
            for row in forms.rows(self.typed, name)
        ]

    def errors(self, name: str) -> list[str]:
        """Return what is wrong in a field; the empty name is for what belongs to no field."""
        return list(self.problems.get(name, ()))


def _shown(value: Any) -> Any:
    return forms.FORBIDDEN.sub("", value) if isinstance(value, str) else value


EMPTY = Form({}, {})


def register(
    app: Flask, menu: tuple[MenuEntry, ...], child_header: ChildHeader, banner: Banner
) -> None:
    """Give every template the layout's variables; `app.py` knows the menu and the two bands.

    `banner` is what must be seen on every page while it lasts.
    """
    app.extensions["stafett.menu"], app.extensions["stafett.header"] = menu, child_header
    app.extensions["stafett.banner"] = banner
    # Globals, so that macros need no page's variables and are made once, not for each page.
    app.jinja_env.globals.update(
        csrf_token=identity.csrf_token, new_key=lambda: uuid4().hex, static=static
    )

    @app.context_processor
    def _layout() -> dict[str, Any]:
        return {
            "signed": g.get("signed"),
            "kommune": app.extensions["stafett.profile"].kommune,
            "menu": _menu(),
            "demo_accounts": app.config["STAFETT_DEMO_ACCOUNTS"],
            "demo_password": app.config["STAFETT_DEMO_PASSWORD"],
        }


def page(
    context: Context[Any],
    template: str,
    part: str | None = None,
    tab: str = "",
    running: Sequence[Any] | None = None,
    **values: Any,
) -> Response:
    """Render `template`, which includes `part`; only `part` for HTMX when it wants no more.

    `tab` names the open one of a child's pages; a page about no child leaves it empty. `running`
    are the measures under way, from a view that has read them, for the child's band to show.
    """
    asked = request.headers
    whole = "HX-Boosted" in asked or "HX-History-Restore-Request" in asked
    partial = "HX-Request" in asked and not whole
    if not (part and partial):
        values["banner"] = current_app.extensions["stafett.banner"](context)
    if context.subject.child_id is not None and not (part and partial):
        values["header"] = current_app.extensions["stafett.header"](context, tab, running)
        values["restricted_at"] = restricted_at(context.subject.held)
        values["past"] = context.subject.child_id if is_past(context.subject.held) else None
    given = {"context": context, "can": context.can, "form": _forms(context.refused), **values}
    html = render_template(part if part and partial else template, **given)
    response = current_app.response_class(html, mimetype="text/html")
    response.vary.add("HX-Request")
    return response


def word_file(content: bytes, name: str) -> Response:
    """Give a Word document that the browser saves under a name."""
    return _file(content, WORD, name)


def pdf_file(content: bytes, name: str) -> Response:
    """Give a PDF that the browser saves under a name."""
    return _file(content, "application/pdf", name)


def _file(content: bytes, mimetype: str, name: str) -> Response:
    answer = Response(content, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def public_page(template: str, refused: Refused | None, **values: Any) -> Response:
    """Render a page for somebody who has not signed in."""
    html = render_template(template, form=_forms(refused), **values)
    return current_app.response_class(html, mimetype="text/html")


@lru_cache
def static(name: str) -> str:
    """Return the address of a file under `static/`, which changes when the file does."""
    digest = sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return url_for("static", filename=name, v=digest)


def _forms(refused: Refused | None) -> Callable[[str], Form]:
    """Return the function by which a template asks for one form by its endpoint."""
    if refused is None:
        return lambda _endpoint: EMPTY
    sent = Form(refused.typed, errors.problems(refused.error))
    return lambda endpoint: sent if endpoint == refused.endpoint else EMPTY


def _menu() -> list[Link]:
    signed = g.get("signed")
    if signed is None:
        return []
    entries: tuple[MenuEntry, ...] = current_app.extensions["stafett.menu"]
    return [
        Link(url_for(entry.endpoint), entry.label, here=request.endpoint == entry.endpoint)
        for entry in entries
        if not entry.roles or entry.roles & signed.actor.roles
    ]
