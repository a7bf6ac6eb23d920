"""The child's page as JSON, a new child, its own facts, and the list of one's children."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from stafett.children.models import Child
from stafett.dates import next_working_day
from tests.town import Town


def test_the_page_as_its_readers_see_it(town):
    child = town.api("laerer").get(f"/children/{town.child}")
    assert child.status_code == 200
    evaluated_on = next_working_day(town.today + timedelta(days=42)).isoformat()
    assert child.json == {
        "id": str(town.child),
        "name": "Nora Demo",
        "kind": "child",
        "birth_year": 2017,
        "level": 1,
        "state": "open",
        "holder": "laerer",
        "coordinator": None,
        "next_deadline": {
            "on": evaluated_on,
            "what": "Evaluere tiltakene",
            "href": f"/barn/{town.child}/niva",
        },
        "relations": ["holder"],
        "restricted_at": None,
        "version": 1,
    }
    assert town.api("mor").get(f"/children/{town.child}").json["relations"] == ["guardian"]
    assert town.api("ppt").get(f"/children/{town.child}").json["relations"] == ["member_write"]


def test_strangers_get_the_same_bytes_as_for_a_child_that_is_not(town):
    for who in ("nyansatt", "rektor", "ungdom", "admin", "ke.saksbehandler"):
        hidden = town.api(who).get(f"/children/{town.child}")
        missing = town.api(who).get(f"/children/{uuid4()}")
        assert hidden.status_code == missing.status_code == 404, who
        assert hidden.data == missing.data


REGISTERED = {"name": "Ny Demo", "birth_date": "2020-02-29", "address_protection": "none"}


def test_a_new_child_is_answered_whole_and_found_where_it_says(town):
    api = town.api("laerer")
    made = api.post("/children", REGISTERED)
    assert made.status_code == 201
    assert made.json == {
        "id": made.json["id"],
        "name": "Ny Demo",
        "kind": "child",
        "birth_year": 2020,
        "level": None,
        "state": "none",
        "holder": None,
        "coordinator": None,
        "next_deadline": None,
        "relations": ["registrar"],
        "restricted_at": None,
        "version": 1,
    }
    assert made.headers["Location"] == f"/api/v1/children/{made.json['id']}"
    assert api.get(made.headers["Location"]).json == made.json
    # The registrar's leader sees what was typed; nobody else of the school does.
    assert town.api("rektor").get(made.headers["Location"]).json["relations"] == ["leader"]
    assert town.api("nyansatt").get(made.headers["Location"]).status_code == 404


WRONG = [
    ({"name": None}, "name"),
    ({"name": "   "}, "name"),
    ({"name": "x" * 201}, "name"),
    ({"birth_date": None}, "birth_date"),
    ({"birth_date": "2999-01-01"}, "birth_date"),
    ({"birth_date": "1990-01-01"}, "birth_date"),
    ({"due_date": "2026-12-31"}, "birth_date"),
    ({"kind": "unborn"}, "due_date"),
    ({"kind": "puppy"}, "kind"),
    ({"address_protection": "hemmelig"}, "address_protection"),
    ({"language": "norsk"}, "language"),
    ({"interpreter": "kanskje"}, "interpreter"),
    ({"national_id": "12345678901"}, "national_id"),
    ({"national_id": "1234567890"}, "national_id"),
    ({"pregnant_person": {"name": "Gravid Demo"}}, "pregnant_person"),
    ({"provisional": False}, "provisional"),
    ({"id": str(uuid4())}, "id"),
    ({"registered_by": str(uuid4())}, "registered_by"),
]


def test_what_is_wrong_is_named_and_nothing_is_kept(town):
    before, api = town.rows(), town.api("laerer")
    for changed, field in WRONG:
        sent = {name: value for name, value in (REGISTERED | changed).items() if value is not None}
        answer = api.post("/children", sent)
        assert (answer.status_code, answer.json["error"]["code"]) == (422, "invalid"), changed
        assert list(answer.json["error"]["fields"]) == [field], changed
    assert town.rows() == before


def test_who_does_not_work_here_registers_nobody(town):
    before = town.rows()
    for who in ("mor", "bup", "admin", "personvernombud"):
        assert town.api(who).post("/children", REGISTERED).status_code == 403, who
    assert town.rows() == before


def at_level_three(town: Town) -> None:
    """Let the leader of koordinerende enhet in, who may correct a child's facts."""
    town.agree(town.child, "skole", "ppt", "helse", "ke", "bup")
    wish = {
        "level": 3,
        "reason": "Trenger spesialist.",
        "child_voice": {"how": "meeting"},
        "parents_agree": True,
        "ip_assessment": {"answer": "not_now"},
        "seen_version": 1,
    }
    path = f"/children/{town.child}/level-changes"
    assert town.api("laerer").post(path, wish).status_code == 201


def test_facts_are_corrected_by_who_saw_them_last(town):
    at_level_three(town)
    path = f"/children/{town.child}"
    unit = town.api("ke.leder")
    done = unit.patch(path, {"name": "Nora Sofie Demo", "seen_version": 1})
    assert done.status_code == 200
    assert done.json == unit.get(path).json
    assert (done.json["name"], done.json["version"]) == ("Nora Sofie Demo", 2)
    assert (done.json["level"], done.json["state"]) == (3, "open")
    before = town.rows()
    stale = unit.patch(path, {"name": "Noreen Demo", "seen_version": 1})
    assert stale.status_code == 409
    assert stale.json["error"]["current"] == {"name": "Nora Sofie Demo", "version": 2}
    assert town.rows() == before
    assert town.api("laerer").patch(path, {"name": "X", "seen_version": 2}).status_code == 403
    assert town.api("nyansatt").patch(path, {"name": "X", "seen_version": 2}).status_code == 404


def test_a_corrected_number_that_is_known_makes_a_twin_and_says_nothing(town):
    """The other child's record is not told of; koordinerende enhet gets a task."""
    known = {"name": "Annen Demo", "birth_date": "2017-05-01", "national_id": "01851799911"}
    assert town.api("nyansatt").post("/children", known).status_code == 201
    at_level_three(town)
    before = town.rows()
    wish = {"national_id": "01851799911", "seen_version": 1}
    answer = town.api("ke.leder").patch(f"/children/{town.child}", wish)
    assert answer.status_code == 200, answer.json
    assert town.one(Child, Child.id == town.child).provisional
    after = town.rows()
    assert {name for name in after if after[name] != before[name]} == {"task", "tie", "trail"}


def test_the_list_shows_ones_own_in_pages_without_gaps(town):
    names = [f"Barn {number:02} Demo" for number in range(9)] + ["Åse Demo", "Øyvind Demo"]
    for name in names:
        town.family(name)
    api, seen, after = town.api("laerer"), [], None
    while True:
        asked = {"limit": 5} | ({"after": after} if after else {})
        answer = api.get("/children", query_string=asked)
        assert answer.status_code == 200
        seen += answer.json["items"]
        assert len(answer.json["items"]) <= 5
        after = answer.json["next"]
        if after is None:
            break
    assert sorted(one["name"] for one in seen) == sorted([*names, "Nora Demo"])
    nora = next(one for one in seen if one["name"] == "Nora Demo")
    assert nora == {
        "id": str(town.child),
        "name": "Nora Demo",
        "birth_year": 2017,
        "level": 1,
        "state": "open",
        "holder": "laerer",
    }
    assert town.api("nyansatt").get("/children").json == {"items": [], "next": None}
    assert len(town.api("mor").get("/children").json["items"]) == 12


QUESTIONS = [
    "limit=0",
    "limit=201",
    "limit=%D9%A1",  # an Arabic one
    "limit=%C2%B2",  # a square
    "limit=1&limit=2",
    "after=tull",
    "after=WyIiLCAiIl0=",  # ["", ""]
    "after=eyJhIjogMX0=",  # {"a": 1}
    "after=WyJcdTAwMDAiLCAiIl0=",  # a NUL
    "offset=3",
]


def test_wrong_questions_are_refused_at_their_field(town):
    for asked in QUESTIONS:
        answer = town.api("laerer").get(f"/children?{asked}")
        assert answer.status_code == 422, asked
        assert list(answer.json["error"]["fields"]) == [asked.partition("=")[0]]


def test_a_client_that_says_json_of_an_empty_body_may_ask_with_numbers(town):
    headers = {"Content-Type": "application/json"}
    assert town.api("laerer").get("/children?limit=5", headers=headers).status_code == 200


def test_an_unborn_child_has_no_year_of_birth(town):
    wish = {"name": "Ventet Demo", "kind": "unborn", "due_date": _in(100)}
    made = town.api("laerer").post("/children", wish)
    assert made.status_code == 201
    assert (made.json["kind"], made.json["birth_year"]) == ("unborn", None)


def test_a_leap_day_child_is_read(town):
    made = town.api("laerer").post("/children", REGISTERED)
    assert town.one(Child, Child.name == "Ny Demo").birth_date == date(2020, 2, 29)
    assert town.browser("laerer").get(f"/barn/{made.json['id']}").status_code == 200


def _in(days):
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()
