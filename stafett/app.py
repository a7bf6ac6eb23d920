"""Builds the application; the only module that knows every feature."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter

import stafett.models  # noqa: F401
from stafett import dates
from stafett.access.policy import Relation
from stafett.birth.api import birth_api
from stafett.birth.views import birth
from stafett.children.api import children_api
from stafett.children.rules import age_text
from stafett.children.views import children
from stafett.consents.api import consents_api
from stafett.consents.views import consents
from stafett.db import Database
from stafett.disclosure.api import disclosure_api
from stafett.disclosure.views import disclosure
from stafett.emergency.api import emergency_api
from stafett.emergency.queries import STANDS
from stafett.emergency.views import banner, emergency
from stafett.entries.api import entries_api
from stafett.entries.views import entries
from stafett.family.views import family
from stafett.handouts.views import handouts
from stafett.insight.api import insight_api
from stafett.insight.views import insight
from stafett.notices.api import notices_api
from stafett.notices.views import notices
from stafett.oversight.api import oversight_api
from stafett.oversight.views import oversight
from stafett.people.api import people_api
from stafett.people.commands import note_seen
from stafett.people.queries import load_signed_in, signed_in
from stafett.people.views import people
from stafett.plan.api import plan_api
from stafett.plan.editor import plan
from stafett.profile.load import load
from stafett.protection.api import protection_api
from stafett.protection.views import protection
from stafett.questions.api import questions_api
from stafett.questions.views import questions
from stafett.record.api import record_api
from stafett.record.views import child_header, record
from stafett.review.views import review
from stafett.rights.api import rights_api
from stafett.rights.views import rights
from stafett.settings import Settings
from stafett.stafettlogg.api import stafettlogg_api
from stafett.stafettlogg.views import stafettlogg
from stafett.tasks.api import tasks_api
from stafett.tasks.views import tasks
from stafett.team.api import team_api
from stafett.team.views import team
from stafett.twins.api import twins_api
from stafett.twins.views import twins
from stafett.web import errors, headers, identity, openapi, render
from stafett.web.guard import GuardedBlueprint, Visit
from stafett.web.identity import Loaders
from stafett.web.render import MenuEntry, public_page
from stafett.worklist.api import worklist_api
from stafett.worklist.views import worklist

TEMPLATES = Path(__file__).parent.parent / "templates"
LARGEST_BODY = 1024 * 1024
MOST_PARTS = 1000
WORKERS = frozenset(Relation) - {Relation.PF}
KE = frozenset({Relation.KE, Relation.KEL})
FOLLOW_CHILDREN = KE | {Relation.PF, Relation.ST, Relation.EX}
MENU = (
    MenuEntry("worklist.show", "Arbeidsliste", WORKERS),
    MenuEntry("family.show", "Min side", frozenset({Relation.PF})),
    MenuEntry("record.mine", "Barn", FOLLOW_CHILDREN),
    MenuEntry("entries.search", "Søk", frozenset({Relation.ST, Relation.EX})),
    MenuEntry("children.new", "Nytt barn", frozenset({Relation.ST})),
    MenuEntry("children.find", "Finn barn", KE),
    MenuEntry("review.listed", "Kontroll", frozenset({Relation.AU, Relation.KEL})),
    MenuEntry("oversight.search", "Logg", frozenset({Relation.AU})),
    MenuEntry("oversight.register", "Tilganger", frozenset({Relation.AU, Relation.KEL})),
    MenuEntry("people.admin", "Administrasjon", frozenset({Relation.ADM, Relation.KEL})),
)


class Words(BaseConverter):
    """A part of an address that is no id: without control characters, which no database keeps."""

    regex = r"[^/\x00-\x1f\x7f]+"
    part_isolating = True


house = GuardedBlueprint("house", __name__)
FEATURES = (
    house,
    people,
    people_api,
    tasks,
    tasks_api,
    children,
    children_api,
    disclosure,
    disclosure_api,
    consents,
    consents_api,
    stafettlogg,
    stafettlogg_api,
    team,
    team_api,
    plan,
    plan_api,
    entries,
    entries_api,
    questions,
    questions_api,
    record,
    record_api,
    birth,
    birth_api,
    handouts,
    protection,
    protection_api,
    twins,
    twins_api,
    insight,
    insight_api,
    review,
    emergency,
    emergency_api,
    notices,
    notices_api,
    oversight,
    oversight_api,
    rights,
    rights_api,
    worklist,
    worklist_api,
    family,
)


@house.public("/helse", because="a load balancer has no user, and learns no more than up or down")
def health(visit: Visit) -> ResponseReturnValue:
    """Say that the database answers."""
    with visit.database.reading() as session:
        session.execute(text("SELECT 1"))
    return "ok", {"Content-Type": "text/plain; charset=utf-8"}


@house.public("/trygghet", because="who suspects violence must find help without logging in")
def safety(visit: Visit) -> ResponseReturnValue:
    """Say whom to call on suspicion of violence or abuse; nothing here is stored."""
    return public_page("house/safety.html", None, contacts=visit.profile.safety_contacts)


@house.public("/api/v1/openapi.json", because="the description of the calls holds no data")
def openapi_document(_visit: Visit) -> ResponseReturnValue:
    """Describe the JSON calls."""
    return jsonify(openapi.document())


def create_app(database: Database, settings: Settings, **config: Any) -> Flask:
    """Build an application on a database that has been migrated.

    Raises:
        ProfileError: the kommune's rules are wrong, with every problem listed.

    """
    profile = load(settings.profile)
    app = Flask(__name__, template_folder=str(TEMPLATES), static_folder="web/static")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=LARGEST_BODY,
        MAX_FORM_PARTS=MOST_PARTS,
        STAFETT_SENDS_MAIL=settings.mail_url is not None,
        **{"STAFETT_DEMO_ACCOUNTS": (), "STAFETT_DEMO_PASSWORD": "", **config},
    )
    app.url_map.converters["default"] = Words
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        iso=dates.iso,
        age=age_text,
        day=dates.day_text,
        moment=dates.moment_text,
        near=dates.relative,
        late=dates.days_late_text,
        clock=dates.clock,
        local=dates.oslo_date,
    )
    app.extensions["stafett.database"] = database
    app.extensions["stafett.profile"] = replace(profile, synthetic_ids=settings.allow_synthetic_ids)
    who = partial(load_signed_in, wanted=signed_in(STANDS))
    identity.register(app, Loaders(who, note_seen), secure=settings.secure_cookies)
    errors.register(app)
    headers.register(app, secure=settings.secure_cookies)
    if settings.secure_cookies:  # by a proxy, which alone knows from where somebody asks
        behind = ProxyFix(app.wsgi_app, x_for=1, x_proto=0, x_host=0)
        app.wsgi_app = behind  # type: ignore[method-assign]  # so Flask itself says to wrap it
    render.register(app, MENU, child_header, banner)
    for feature in FEATURES:
        app.register_blueprint(feature)
    return app
