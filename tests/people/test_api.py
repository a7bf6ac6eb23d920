"""The JSON calls about people and services."""

import pytest

from stafett.people.models import User


def test_me(hall):
    assert hall.api("ke.leder").get("/api/v1/me").json == {
        "username": "ke.leder",
        "name": "ke.leder Demo",
        "roles": ["ke_leader", "staff"],
        "services": [
            {
                "id": str(hall.services["ke"]),
                "name": "Koordinerende enhet",
                "kind": "coordinating_unit",
                "specialist": False,
            }
        ],
    }
    assert hall.api("mor").get("/api/v1/me").json["services"] == []
    assert hall.api("mor").get("/api/v1/me").json["roles"] == ["citizen"]


def test_services(hall):
    answer = hall.api("mor").get("/api/v1/services").json
    assert [one["name"] for one in answer["items"]] == ["BUP", "Demo skole", "Koordinerende enhet"]
    assert answer["next"] is None


@pytest.mark.parametrize(
    ("username", "status"),
    [
        ("laerer", 200),
        ("ke.leder", 200),
        ("ombud", 200),
        ("mor", 403),
        ("bup", 403),
        ("admin", 403),
    ],
)
def test_who_may_look_in_the_directory(hall, username, status):
    assert hall.api(username).get("/api/v1/people").status_code == status


def test_the_directory_shows_name_and_service_of_those_who_work_with_children(hall, database):
    with database.writing() as session:
        hall.user(session, "rektor").disabled_at = hall.clock.moment
    answer = hall.api("laerer").get("/api/v1/people").json
    assert answer == {
        "items": [
            {"username": name, "name": f"{name} Demo", "service_id": str(hall.services[key])}
            for name, key in (("bup", "bup"), ("ke.leder", "ke"), ("laerer", "skole"))
        ],
        "next": None,
    }


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("ÅSE", ["ase"]),
        ("åse demo", ["ase"]),
        ("demo åse", ["ase"]),
        ("Ŋávnna", ["navnna"]),
        ("ASE", ["ase"]),
        ("_", []),
        ("%", []),
        ("' OR 1=1", []),
        ("finnes ikke", []),
    ],
)
def test_the_directory_is_searched_alike_on_both_databases(hall, database, q, found):
    with database.writing() as session:
        for username, name in (("ase", "Åse Demo"), ("navnna", "ŊÁVNNA Demo")):
            session.add(User(username=username, name=name, created_at=hall.clock.moment))
    answer = hall.api("laerer").get("/api/v1/people", query_string={"q": q}).json
    assert [one["username"] for one in answer["items"]] == found


def test_the_directory_is_paged_without_gaps_or_repeats(hall, database):
    with database.writing() as session:
        for number in range(25):
            row = User(username=f"u{number}", name=f"Kari {number % 3} Demo", service_id=None)
            row.created_at = hall.clock.moment
            session.add(row)
    api, seen, after = hall.api("laerer"), [], None
    while True:
        asked = {"q": "kari", "limit": 10} | ({"after": after} if after else {})
        answer = api.get("/api/v1/people", query_string=asked).json
        seen += [one["username"] for one in answer["items"]]
        after = answer["next"]
        if after is None:
            break
    assert len(seen) == 25
    assert set(seen) == {f"u{number}" for number in range(25)}
    asked = {"service_id": str(hall.services["skole"])}
    found = api.get("/api/v1/people", query_string=asked).json["items"]
    assert {one["username"] for one in found} == {"laerer", "rektor"}


@pytest.mark.parametrize(
    "asked",
    [
        {"limit": "0"},
        {"limit": "201"},
        {"limit": "x"},
        {"limit": "9" * 5000},
        {"after": "tull"},
        {"after": "AAAA"},
        {"after": "å"},
        {"service_id": "1"},
        {"q": "a\x00b"},
        {"unknown": "1"},
    ],
)
def test_wrong_questions_are_refused_at_their_field(hall, asked):
    answer = hall.api("laerer").get("/api/v1/people", query_string=asked)
    assert answer.status_code == 422
    assert list(answer.json["error"]["fields"]) == list(asked)
