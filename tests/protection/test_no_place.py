"""Where a protected child is stands in no answer: every route that reads, asked by everybody."""

from io import BytesIO
from zipfile import ZipFile

import pytest

from stafett.children.models import Child, Guardian
from stafett.children.rules import Protection
from stafett.people.models import User
from tests.exports.reading_pdf import pages
from tests.plan.scene import a_goal, a_measure, drafted, made
from tests.whole.test_routes import GUARDED, OF_A_CHILD, address

PEOPLE = {
    "laerer": None,
    "ppt": None,
    "koordinator": "KO",
    "ke.leder": "KEL",
    "ke.saksbehandler": "KE",
    "helsesykepleier": "AG",
    "bup": "EX",
    "ungdom": "C16",
    "rektor": "CA",
    "mor": "PF",
    "personvernombud": None,
    "nyansatt": "BG",
}
REACHED = ("22 00 99 00", "skjult@skole.example")
"""How one reaches all who have a service: an exchange tells where they work."""
CHOICES = {"consents.new", "team.moving"}
"""A form that offers every service there is tells nothing of this child."""


@pytest.fixture(params=[Protection.FORTROLIG, Protection.STRICT])
def protected(request, town, ids):
    """The town's child with all that a child can have, and then a protected address."""
    with town.database.writing() as session:
        child = session.get_one(Child, town.child)
        child.address, child.school = "Skjult vei 1", "Skjult skole"
    service = {"service_id": str(town.services["ppt"])}
    taking_part = {"username": "ppt", "name": "Ppt Demo", "role": "PPT", **service}
    goals = [a_goal(measures=[a_measure(town, responsible="ppt", **service)])]
    draft = drafted(town, goals, participants=[taking_part])
    assert made(town, draft).status_code == 201
    path = f"/children/{town.child}"
    for name in ("ppt", "helse"):
        wish = {"services": [str(town.services[name])], "on_behalf_of": str(town.mor), "how": "x"}
        town.api("laerer").post(f"/consents/{town.consent}/withdrawal", wish)
        town.agree(town.child, name)
    with town.database.writing() as session:
        for user in session.query(User).filter(User.service_id.is_not(None)):
            user.phone, user.email = REACHED
    wish = {"protection": request.param.value, "reason": "Vedtak"}
    assert town.api("laerer").post(f"{path}/protection", wish).status_code == 200
    with town.database.writing() as session:
        session.get_one(Guardian, town.mor).opened_at = town.now
    for name, relation in PEOPLE.items():
        if relation:
            town.tie(name, relation)
    return ids


def said(answer):
    """All that an answer says: a document is unpacked."""
    if answer.data[:2] == b"PK":
        with ZipFile(BytesIO(answer.data)) as whole:
            return "".join(whole.read(name).decode(errors="replace") for name in whole.namelist())
    if answer.data[:4] == b"%PDF":
        return "".join(pages(answer.data))
    text = answer.get_data(as_text=True)
    start = text.find("<main")  # above it stands who is signed in
    return text[max(start, 0) :]


def test_no_answer_to_anybody_tells_where_a_protected_child_is(town, protected):
    places = {"Skjult vei 1", "Skjult skole", *REACHED}
    names = {f"Demo-{one}" for one in town.services} | {str(one) for one in town.services.values()}
    told, opened = [], set()
    for name in PEOPLE:
        browser, api = town.browser(name), town.api(name)
        for rule, method in GUARDED:
            if method != "GET" or not rule.arguments & OF_A_CHILD:
                continue
            path = address(rule, protected)
            json = rule.rule.startswith("/api/")
            more = {"headers": api.headers} if json else {}
            answer = (api if json else browser).client.get(path, **more)
            if answer.status_code != 200:
                continue
            opened.add(rule.endpoint)
            text = said(answer)
            hidden = places if rule.endpoint in CHOICES else places | names
            told += [(name, rule.endpoint, one) for one in hidden if one in text]
    assert not told
    assert len(opened) > 40
