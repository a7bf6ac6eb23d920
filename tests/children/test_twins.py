"""A number that is known already: answered alike, joined by koordinerende enhet."""

from datetime import timedelta
from uuid import UUID

from stafett.children.models import Child, Guardian
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind

NUMBER = "01851799911"  # 1 May 2017, synthetic
WISH = {
    "name": "Ola Demo",
    "birth_date": "2017-05-01",
    "national_id": NUMBER,
    "address_protection": "none",
}


def family_of(town, who, child):
    """Register a mother with sole responsibility and her consent for the school and KE."""
    api = town.api(who)
    mor = {"name": "Mor", "relation": "mor", "parental_responsibility": True, "lives_with": True}
    guardian = api.post(f"/children/{child}/guardians", mor).json["id"]
    wish = {
        "purpose": "stafettlogg",
        "services": [str(town.services["skole"]), str(town.services["ke"])],
        "given_by": [guardian],
        "guardians_complete": True,
        "method": "signed",
        "given_on": town.today.isoformat(),
    }
    made = api.post(f"/children/{child}/consents", wish)
    assert (made.status_code, made.json["state"]) == (201, "active")
    return made.json["id"]


def test_known_and_new_numbers_are_answered_alike(town):
    first = town.api("laerer").post("/children", WISH)
    second = town.api("nyansatt").post("/children", WISH)
    other = town.api("nyansatt").post("/children", WISH | {"national_id": None})
    assert first.status_code == second.status_code == other.status_code == 201
    alike = [
        {name: value for name, value in answer.json.items() if name != "id"}
        for answer in (first, second, other)
    ]
    assert alike[0] == alike[1] == alike[2]
    assert {*first.headers.keys()} == {*second.headers.keys()}
    # Neither finds the other's record.
    assert town.api("nyansatt").get(first.headers["Location"]).status_code == 404
    assert town.api("laerer").get(second.headers["Location"]).status_code == 404
    twin = town.one(Child, Child.id == UUID(second.json["id"]))
    assert twin.provisional
    task = town.one(Task, Task.kind == TaskKind.JOIN_TWIN)
    assert (task.child_id, task.service_id) == (twin.id, town.services["ke"])


def test_a_twin_opens_no_log_and_says_why_only_beside_a_consent(town):
    town.api("laerer").post("/children", WISH)
    twin = town.api("nyansatt").post("/children", WISH).json["id"]
    api, path = town.api("nyansatt"), f"/children/{twin}/stafettlogg"

    def codes(consent):
        answer = api.post(path, {"level": 1, "consent_id": consent})
        assert answer.status_code == 422
        return [one["code"] for one in answer.json["error"]["obstacles"]]

    assert "ke-must-join" not in codes(twin)
    assert codes(twin)[0] == "consent-not-valid"
    consent = family_of(town, "nyansatt", twin)
    before = town.rows()
    assert codes(consent) == ["ke-must-join"]
    assert town.rows() == before
    assert town.results("nyansatt")[-1] == "error"


def test_only_koordinerende_enhet_learns_what_a_number_finds(town):
    town.api("laerer").post("/children", WISH)
    town.api("nyansatt").post("/children", WISH | {"name": "Ola Tvilling"})
    for who in ("ke.saksbehandler", "ke.leder"):
        answer = town.api(who).post("/children/search", {"national_id": NUMBER})
        assert answer.status_code == 200
        found = [(one["name"], one["provisional"]) for one in answer.json["items"]]
        assert found == [("Ola Demo", False), ("Ola Tvilling", True)]
        none = town.api(who).post("/children/search", {"national_id": "01857099911"})
        assert none.json == {"items": []}
    for who in ("laerer", "rektor", "mor", "bup", "admin", "personvernombud"):
        for number in (NUMBER, "01857099911", "tull"):
            answer = town.api(who).post("/children/search", {"national_id": number})
            assert (answer.status_code, answer.json) == (200, {"answer": "received"}), who


def test_a_strictly_protected_child_is_in_no_search(town):
    town.api("laerer").post("/children", WISH | {"address_protection": "strengt_fortrolig"})
    answer = town.api("ke.leder").post("/children/search", {"national_id": NUMBER})
    assert answer.json == {"items": []}


def test_an_unborn_child_is_reached_through_the_pregnant_person(town):
    due = (town.today + timedelta(days=90)).isoformat()
    wish = {
        "name": "Ventet Demo",
        "kind": "unborn",
        "due_date": due,
        "address_protection": "none",
        "pregnant_person": {"name": "Gravid Demo", "username": "mor"},
    }
    laerer = town.api("laerer")
    child = laerer.post("/children", wish).json["id"]
    gravid = town.one(Guardian, Guardian.child_id == UUID(child))
    assert (gravid.relation, gravid.parental_responsibility) == ("gravid", True)
    assert town.api("mor").get(f"/children/{child}").json["relations"] == ["guardian"]
    # A second parent does not consent before birth: she does so alone.
    far = {"name": "Far", "relation": "far", "parental_responsibility": True, "lives_with": True}
    other = laerer.post(f"/children/{child}/guardians", far).json["id"]

    def consent(*givers):
        sent = {
            "purpose": "stafettlogg",
            "services": [str(town.services["skole"])],
            "given_by": list(givers),
            "guardians_complete": True,
            "method": "signed",
            "given_on": town.today.isoformat(),
        }
        return laerer.post(f"/children/{child}/consents", sent).json

    assert (consent(other)["state"], consent(str(gravid.id))["state"]) == ("waiting", "active")
    opened = laerer.post(
        f"/children/{child}/stafettlogg",
        {"level": 1, "consent_id": consent(str(gravid.id))["id"]},
    )
    assert (opened.status_code, opened.json["state"]) == (201, "open")


def test_what_an_unborn_child_cannot_have_is_named(town):
    due = (town.today + timedelta(days=90)).isoformat()
    wish = {"name": "Ventet Demo", "kind": "unborn", "due_date": due, "address_protection": "none"}
    before = town.rows()
    for changed, field in (
        ({"national_id": NUMBER}, "national_id"),
        ({"birth_date": "2026-01-01"}, "due_date"),
        ({"due_date": "2099-01-01"}, "due_date"),
        ({"pregnant_person": {"name": ""}}, "pregnant_person.name"),
        ({"pregnant_person": {"name": "X", "username": "laerer"}}, "pregnant_person.username"),
        ({"pregnant_person": {"name": "X", "national_id": "1"}}, "pregnant_person.national_id"),
        ({"pregnant_person": {"name": "X", "alder": 30}}, "pregnant_person.alder"),
        ({"pregnant_person": "Gravid Demo"}, "pregnant_person"),
    ):
        answer = town.api("laerer").post("/children", wish | changed)
        assert answer.status_code == 422, changed
        assert list(answer.json["error"]["fields"]) == [field], changed
    assert town.rows() == before
