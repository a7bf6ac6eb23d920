"""A concern: private to its author and the leader, until it is shared."""

from datetime import timedelta
from uuid import uuid4

from stafett.people.models import Service
from stafett.stafettlogg.models import Concern
from tests.stafettlogg.asking import VOICE

CONCERN = {
    "observed": "Sitter alene i hvert friminutt.",
    "worry": 4,
    "context": "Ute",
    "child_said": "«Ingen vil.»",
    "strengths": "God i tegning",
    "first_noticed_on": "2026-01-15",
    "arena": "school",
    "frequency": "daily",
    "areas": ["sosial"],
}
EVERYBODY = (
    *("laerer", "rektor", "nyansatt", "ppt", "ke.leder", "ke.saksbehandler"),
    *("koordinator", "mor", "far", "bup", "admin", "personvernombud"),
)


def new_child(town, by="laerer"):
    return town.family("Ny Demo", by=by)[0]


def write(town, child, who="laerer", **more):
    return town.api(who).post(f"/children/{child}/concerns", CONCERN | more)


def decide(town, concern, who="rektor", **more):
    wish = {"decision": "own_service", "reason": "Vi ser på det.", **more}
    return town.api(who).post(f"/concerns/{concern}/decision", wish)


def readers(town, concern):
    return {
        who for who in EVERYBODY if town.api(who).get(f"/concerns/{concern}").status_code == 200
    }


def test_written_and_read_by_author_and_leader_alone(town):
    child = new_child(town)
    made = write(town, child)
    assert made.status_code == 201
    assert {name: made.json[name] for name in CONCERN} == CONCERN
    assert made.json["child_id"] == str(child)
    assert made.json["written_at"].endswith("Z")
    assert made.json["due_on"] == (town.today + timedelta(days=14)).isoformat()
    assert (made.json["decision"], made.json["decided_at"]) == (None, None)
    assert town.api("laerer").get(made.headers["Location"]).json == made.json
    assert readers(town, made.json["id"]) == {"laerer", "rektor"}
    listed = town.api("rektor").get(f"/children/{child}/concerns").json
    assert listed["next"] is None
    assert [one["id"] for one in listed["items"]] == [made.json["id"]]
    assert "observed" not in listed["items"][0]
    assert town.api("mor").get(f"/children/{child}/concerns").json["items"] == []


def test_what_is_wrong_is_named_and_nothing_is_kept(town):
    child = new_child(town)
    before = town.rows()
    for changed, field in (
        ({"observed": ""}, "observed"),
        ({"observed": None}, "observed"),
        ({"observed": "x" * 20_001}, "observed"),
        ({"worry": 0}, "worry"),
        ({"worry": 6}, "worry"),
        ({"worry": "4"}, "worry"),
        ({"worry": 4.5}, "worry"),
        ({"worry": True}, "worry"),
        ({"worry": None}, "worry"),
        ({"arena": "månen"}, "arena"),
        ({"frequency": "ofte"}, "frequency"),
        ({"areas": ["romfart"]}, "areas"),
        ({"areas": "sosial"}, "areas"),
        ({"areas": ["sosial"] * 31}, "areas"),
        ({"areas": [1]}, "areas.0"),
        ({"first_noticed_on": "2999-01-01"}, "first_noticed_on"),
        ({"parents_talk_on": "15.01.2026"}, "parents_talk_on"),
        ({"parents_not_asked": "gidder ikke"}, "parents_not_asked"),
        ({"decision": "close"}, "decision"),
        ({"written_by": str(uuid4())}, "written_by"),
    ):
        answer = write(town, child, **changed)
        assert (answer.status_code, answer.json["error"]["code"]) == (422, "invalid"), changed
        assert list(answer.json["error"]["fields"]) == [field], changed
    assert town.rows() == before


def test_who_may_write_one(town):
    for who, status in (("mor", 403), ("rektor", 404), ("nyansatt", 404), ("ppt", 201)):
        assert write(town, town.child, who).status_code == status, who


def test_the_leader_decides_and_both_read_on_for_sixty_days(town):
    child = new_child(town)
    concern = write(town, child).json["id"]
    assert decide(town, concern, "laerer").status_code == 403  # one's own
    assert decide(town, concern, "ke.leder").status_code == 404
    for changed, field in (
        ({"decision": "vente"}, "decision"),
        ({"reason": ""}, "reason"),
        ({"decided_by": "rektor"}, "decided_by"),
    ):
        answer = decide(town, concern, **changed)
        assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, [field])
    done = decide(town, concern)
    assert (done.status_code, done.json["decision"]) == (200, "own_service")
    assert done.json["decision_reason"] == "Vi ser på det."
    assert done.json["decided_at"].endswith("Z")
    again = decide(town, concern, decision="close")
    assert (again.status_code, again.json["error"]["current"]) == (
        409,
        {"decision": "own_service"},
    )
    with town.later(days=60):
        assert readers(town, concern) == {"laerer", "rektor"}
    with town.later(days=61):
        assert readers(town, concern) == set()


def test_a_leaders_own_concern_is_decided_by_the_units_leader(town):
    child = new_child(town, "rektor")
    concern = write(town, child, "rektor").json["id"]
    assert readers(town, concern) == {"rektor", "ke.leder"}
    assert decide(town, concern, "rektor").status_code == 403
    assert decide(town, concern, "ke.leder").status_code == 200


def test_a_new_leader_decides_in_the_old_ones_place(town):
    child = new_child(town)
    concern = write(town, child).json["id"]
    with town.database.writing() as session:
        session.get_one(Service, town.services["skole"]).leader_id = town.users["nyansatt"]
    assert readers(town, concern) == {"laerer", "nyansatt"}


def opening(town, child, concern, who="laerer"):
    consent = town.agree(child, "skole", by="laerer")
    wish = {"level": 1, "consent_id": str(consent), "concern_id": concern}
    return town.api(who).post(f"/children/{child}/stafettlogg", wish)


def test_shared_at_opening_it_becomes_the_first_entry(town):
    child = new_child(town)
    concern = write(town, child).json["id"]
    assert decide(town, concern).status_code == 200
    assert opening(town, child, concern).status_code == 201
    (first,) = town.api("mor").get(f"/children/{child}/entries").json["items"]
    assert (first["kind"], first["text"]) == ("concern", CONCERN["observed"])
    assert (first["author"], first["visibility"]) == ("laerer", "everyone")
    # The rest of the note stays where it was.
    assert CONCERN["child_said"] not in str(first)
    assert readers(town, concern) == {"laerer", "rektor"}


def test_opened_by_the_leader_it_is_still_the_authors_entry(town):
    child = new_child(town)
    concern = write(town, child).json["id"]
    assert opening(town, child, concern, "rektor").status_code == 201
    (first,) = town.api("rektor").get(f"/children/{child}/entries").json["items"]
    assert first["author"] == "laerer"


def test_what_is_not_ones_own_is_not_ones_to_share(town):
    child, other = new_child(town), new_child(town)
    elsewhere = write(town, other).json["id"]
    by_ppt = write(town, town.child, "ppt").json["id"]
    for concern in (elsewhere, by_ppt, str(uuid4())):
        answer = opening(town, child, concern)
        assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, ["concern_id"])
    assert town.api("laerer").get(f"/children/{child}").json["state"] == "none"


def test_a_member_may_be_worried_too_and_keeps_it_from_the_log(town):
    concern = write(town, town.child, "ppt").json["id"]
    assert readers(town, concern) == {"ppt", "ke.leder"}  # ppt has no leader of its own
    assert town.api("laerer").get(f"/children/{town.child}/concerns").json["items"] == []
    assert town.api("laerer").get(f"/children/{town.child}/entries").json["items"] == []
    assert town.one(Concern, Concern.written_by == town.users["ppt"]).worry == 4
    assert VOICE["text"] not in town.api("mor").get(f"/children/{town.child}/entries").text
