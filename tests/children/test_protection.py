"""A child with a protected address: where it is, and who works there, is told nowhere."""

import pytest

from stafett.children.models import Child
from stafett.stafettlogg import membership

PLACES = ("Demo-skole", "Demo-ppt", "Skjult vei 1", "Skjult skole")


@pytest.fixture(params=["fortrolig", "strengt_fortrolig"])
def protected(request, town):
    """The town's child, whose members are of school and PPT, with a protected address."""
    with town.database.writing() as session:
        child = session.get_one(Child, town.child)
        child.address_protection = request.param
        if request.param == "fortrolig":
            child.address, child.school = "Skjult vei 1", "Skjult skole"
    return request.param


def services(town):
    return {str(one) for one in town.services.values()}


def test_no_answer_tells_a_workplace_or_an_address(town, protected):
    laerer = town.api("laerer")
    path = f"/children/{town.child}"
    wrote = laerer.post(
        f"{path}/entries", {"kind": "note", "text": "Hei", "visibility": "everyone"}
    )
    assert (wrote.status_code, wrote.json["service_id"]) == (201, None)
    corrected = laerer.post(
        f"/entries/{wrote.json['id']}/corrections",
        {"text": "Hei igjen", "reason": "Skrivefeil", "seen_version": 1},
    )
    assert (corrected.status_code, corrected.json["service_id"]) == (201, None)
    invited = laerer.post(
        f"{path}/members",
        {"username": "nyansatt", "access": "read", "until": town.today.isoformat()},
    )
    assert (invited.status_code, invited.json["service_id"]) == (201, None)
    for who in ("laerer", "ppt", "mor", "nyansatt"):
        for part in ("", "/members", "/stafettlogg", "/entries", "/guardians"):
            answer = town.api(who).get(path + part)
            assert answer.status_code == 200, (who, part)
            text = answer.get_data(as_text=True)
            assert not [one for one in (*PLACES, *services(town)) if one in text], (who, part)
    ended = laerer.post(f"/members/{invited.json['id']}/end", {"reason": "Ferdig"})
    assert (ended.status_code, ended.json["service_id"]) == (200, None)


def test_no_page_tells_a_workplace_or_an_address(town, protected):
    with town.work("laerer") as work:
        wish = membership.Invite("nyansatt", writes=False, until=town.today)
        member = membership.invite(work, town.child, wish)
    wish = {"kind": "note", "text": "Hei", "visibility": "everyone"}
    made = town.api("laerer").post(f"/children/{town.child}/entries", wish).json
    home = f"/barn/{town.child}"
    parts = ("", "/stafettlogg", "/niva", "/om")
    seen = [(who, home + part) for who in ("laerer", "ppt", "mor") for part in parts]
    seen += [("ppt", f"{home}/folk"), ("mor", f"{home}/folk")]  # who invites chooses by workplace
    seen += [("laerer", f"/medlem/{member.id}"), ("ppt", f"/oppforing/{made['id']}")]
    for who, path in seen:
        answer = town.browser(who).get(path)
        assert answer.status_code == 200, (who, path)
        main = answer.get_data(as_text=True)
        main = main[main.index("<main") :]
        assert not [one for one in PLACES if one in main], (who, path)


def test_strict_protection_stores_neither_address_nor_school(town):
    api, before = town.api("laerer"), town.rows()
    wish = {
        "name": "Skjult Demo",
        "birth_date": "2019-01-01",
        "address_protection": "strengt_fortrolig",
    }
    for field in ("address", "school"):
        answer = api.post("/children", wish | {field: "Skjult"})
        assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, [field])
    assert town.rows() == before
    assert api.post("/children", wish).status_code == 201
    assert api.post("/children", wish | {"address_protection": "fortrolig"}).status_code == 201
