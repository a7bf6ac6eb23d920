"""An expected child whose log is open, and its birth."""

from contextlib import contextmanager
from datetime import timedelta

from stafett.access.policy import Purpose
from stafett.children import commands as children
from stafett.children.models import Child, Guardian
from stafett.children.rules import ChildKind
from stafett.consents import commands as consents
from stafett.consents.rules import Method
from stafett.dates import oslo_date
from stafett.entries import commands as entries
from stafett.stafettlogg import commands as logs
from stafett.stafettlogg.rules import Level

SERVICES = ("skole", "helse", "ppt")
EVERYBODY = (*SERVICES, "bup", "ke")


def expected(town, *, services=SERVICES, due=20):
    """An expected child of `mor`, with a log whose baton `laerer` has; as the town's own child."""
    with town.work("laerer") as work:
        wish = children.Register(
            "Barnet til Mor",
            kind=ChildKind.UNBORN,
            due_date=town.today + timedelta(days=due),
            pregnant_person=children.Pregnant("Mor Demo", username="mor"),
        )
        town.child = children.register(work, wish).id
    town.mor = town.one(Guardian, Guardian.child_id == town.child).id
    agree(town, *services)
    with town.work("laerer") as work:
        wish = logs.Open(Level.ONE, town.consent, reason="Mor trenger noen å snakke med")
        town.log = entries.open_log(work, town.child, wish).id
    return town


def agree(town, *services, given_by=None):
    with town.work("laerer") as work:
        given_by = given_by or [town.mor]
        named = [town.services[name] for name in services]
        wish = consents.Record(Purpose.STAFETTLOGG, named, given_by, Method.SIGNED, town.today)
        town.consent = consents.record(work, town.child, wish).id
    return town.consent


def write(town, who, text, **more):
    """An entry, as its id."""
    wish = {"kind": "note", "text": text, "visibility": "everyone", **more}
    answer = town.api(who).post(f"/children/{town.child}/entries", wish)
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def reads(town, who):
    """The texts of the log that somebody reads, newest first; None: he may not know of it."""
    answer = town.api(who).get(f"/children/{town.child}/entries")
    if answer.status_code != 200:
        return None
    return [one["text"] for one in answer.json["items"]]


def version(town):
    return town.one(Child, Child.id == town.child).version


def born(town, who="laerer", days_ago=0, **more):
    """The birth, registered by somebody."""
    day = town.today - timedelta(days=days_ago)
    wish = {"name": "Lille Demo", "birth_date": str(day), "seen_version": version(town), **more}
    return town.api(who).post(f"/children/{town.child}/birth", wish)


def father(town, *, verified=True):
    """The other parent, whom koordinerende enhet has checked."""
    with town.work("ke.leder" if verified else "laerer") as work:
        wish = children.AddGuardian(
            "Far Demo",
            "far",
            parental_responsibility=True,
            lives_with=True,
            username="far",
            from_on=town.today - timedelta(days=1),
        )
        town.far = children.add_guardian(work, town.child, wish).id
    return town.far


def invite(town, who, *, writes=True):
    wish = {"username": who, "access": "write" if writes else "read"}
    wish["until"] = str(town.today + timedelta(days=60))
    return town.api("laerer").post(f"/children/{town.child}/members", wish)


@contextmanager
def passing(town, **time):
    """So much later, for requests and for what the scene does by itself."""
    with town.later(**time) as moment:
        before = town.now, town.today
        town.now, town.today = moment, oslo_date(moment)
        try:
            yield town
        finally:
            town.now, town.today = before


@contextmanager
def after_the_birth(town):
    """The day after it, when the other parent has come; today, and the day of the birth."""
    before = town.today
    with passing(town, days=10):
        assert born(town).status_code == 200
        born_on = town.today
    with passing(town, days=11):
        father(town)
        yield before, born_on
