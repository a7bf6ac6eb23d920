"""Level changes: up and down, each with its reason and the child's voice, or not at all."""

from datetime import timedelta

import pytest

from stafett.access.models import Tie
from stafett.access.policy import Relation
from stafett.access.ties import BY_TASK
from stafett.audit.models import TrailRow
from stafett.children.rules import VoiceHow
from stafett.dates import next_working_day
from stafett.errors import DeniedError
from stafett.stafettlogg.commands import ChangeLevel, Voice, change_level
from stafett.stafettlogg.models import Handover, LevelChange, Stafettlogg
from stafett.stafettlogg.rules import Level
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind
from tests.stafettlogg.asking import VOICE, closing, in_kommune, level, obstacles


def change(town, wish, who="laerer", child=None):
    return town.api(who).post(f"/children/{child or town.child}/level-changes", wish)


def kel(town):
    """How many ties her leader has to the whole child: one by a task is to that alone."""
    where = (Tie.child_id == town.child, Tie.relation == Relation.KEL, Tie.ended_at.is_(None))
    return town.count(Tie, *where, Tie.basis != BY_TASK)


def test_up_with_reason_and_the_childs_voice(town):
    evaluated_on = (town.today + timedelta(days=30)).isoformat()
    made = change(town, level(2, next_evaluation_on=evaluated_on))
    assert made.status_code == 201
    assert made.json == {
        "id": made.json["id"],
        "from_level": 1,
        "level": 2,
        "reason": "Trenger mer hjelp på skolen.",
        "child_voice": VOICE,
        "parents_agree": True,
        "ip_assessment": None,
        "next_evaluation_on": evaluated_on,
        "participants": None,
        "holder": None,
        "decided_on": None,
        "changed_at": made.json["changed_at"],
    }
    assert made.json["changed_at"].endswith("Z")
    log = town.api("mor").get(made.headers["Location"]).json
    assert (log["level"], log["version"], log["next_evaluation_on"]) == (2, 2, evaluated_on)
    assert log["levels"][0] == made.json
    assert [one["level"] for one in log["levels"]] == [2, 1]
    row = town.one(TrailRow, TrailRow.action == "log.set_level")
    assert row.changes == {"old": 1, "new": 2, "step": made.json["id"]}


def test_without_a_day_the_profile_sets_the_next_evaluation(town):
    made = change(town, level(2))
    again = next_working_day(town.today + timedelta(days=42))
    assert made.json["next_evaluation_on"] == again.isoformat()


def test_who_decided_it_and_whom_the_baton_is_offered_to(town):
    who = "mor, far, Nora og læreren"
    made = change(town, level(2, participants=who, holder="helsesykepleier"))
    assert (made.json["participants"], made.json["holder"]) == (who, "helsesykepleier")
    read = town.api("far").get(f"/children/{town.child}/stafettlogg").json
    assert (read["levels"][0], read["holder"]) == (made.json, "laerer")  # until he says yes
    assert town.one(Handover).to_id == town.users["helsesykepleier"]
    text = town.browser("mor").get(f"/barn/{town.child}/niva").get_data(as_text=True)
    assert who in text
    assert "Helsesykepleier Demo ble spurt om å ta over stafettpinnen" in text


WISH = "Mor vil helst at det er en som kjenner Nora fra før."


def test_what_the_family_wishes_is_kept_with_the_baton_that_is_offered(town):
    made = change(town, level(2, holder="helsesykepleier", family_wish=WISH))
    assert made.status_code == 201, made.text
    offered = town.one(Handover)
    assert offered.family_wish == WISH
    read = {who: town.api(who).get(f"/handovers/{offered.id}").json for who in OFFERED}
    assert {who: one["family_wish"] for who, one in read.items()} == OFFERED
    assert WISH in town.browser("mor").get(f"/barn/{town.child}/folk").text


OFFERED = {"laerer": WISH, "helsesykepleier": None}
"""What each reads of it before the one who is asked has answered."""


def test_a_wish_is_of_somebody_who_is_asked_and_never_lost(town):
    before = town.rows()
    answer = change(town, level(2, family_wish=WISH))
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, ["family_wish"])
    sent = {"level": "2", "reason": "x", "child_voice.how": "meeting", "parents_agree": "true"}
    there, sent["seen_version"] = f"/barn/{town.child}/niva", "1"
    answered = town.browser("laerer").send(there, {**sent, "family_wish": WISH})
    assert (answered.status_code, WISH in answered.text) == (422, True)
    assert town.rows() == before
    made = town.browser("laerer").send(
        there, {**sent, "holder": "helsesykepleier", "family_wish": WISH}
    )
    assert made.status_code == 303, made.text
    assert town.one(Handover).family_wish == WISH
    # Only one is asked at a time: who is asked already has been told what the family wishes.
    assert 'name="family_wish"' not in town.browser("laerer").get(there).text


def test_the_wish_is_asked_for_where_a_new_holder_is_chosen(town):
    page = town.browser("laerer").get(f"/barn/{town.child}/niva").text
    assert page.index('name="holder"') < page.index('name="family_wish"')
    assert "Hva ønsker familien?" in page


def test_a_new_holder_who_cannot_be_leaves_the_level_as_it_was(town):
    town.agree(town.child, "bup")
    before = town.rows()
    # What stands in the way of both is said at once.
    assert obstacles(change(town, level(1, holder="nyansatt"))) == ["same-level"]
    assert obstacles(change(town, level(2, holder="bup"))) == ["receiver-not-staff"]
    assert obstacles(change(town, level(1, holder="koordinator"))) == ["same-level"]
    assert obstacles(change(town, level(3, holder="laerer"))) == [
        "ip-assessment-missing",
        "holder-already",
    ]
    answer = change(town, level(2, holder="mor"))
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, ["holder"])
    assert town.rows() == before


def test_who_may_not_offer_the_baton_names_no_new_holder(town):
    with town.work("laerer") as work:
        wish = ChangeLevel(
            Level.TWO,
            "x",
            Voice(VoiceHow.MEETING),
            parents_agree=True,
            seen_version=1,
            holder="ppt",
        )
        with pytest.raises(DeniedError):
            change_level(work, town.child, wish, offers=False)


def test_all_obstacles_at_once_and_nothing_kept(town):
    before = town.rows()
    assert obstacles(change(town, level(3))) == ["specialist-missing", "ip-assessment-missing"]
    assert obstacles(change(town, level(1))) == ["same-level"]
    assert town.rows() == before
    assert town.one(Stafettlogg, Stafettlogg.child_id == town.child).version == 1


def test_level_three_ties_the_leader_of_the_unit_and_leaving_it_unties(town):
    town.agree(town.child, "skole", "ppt", "helse", "ke", "bup")
    assert town.api("ke.leder").get(f"/children/{town.child}").status_code == 404
    assert obstacles(change(town, level(3))) == ["ip-assessment-missing"]
    made = change(town, level(3, ip_assessment={"answer": "declined", "reason": "Vil vente"}))
    assert made.json["ip_assessment"] == {"answer": "declined", "reason": "Vil vente"}
    leader = town.api("ke.leder").get(f"/children/{town.child}")
    assert (leader.status_code, leader.json["relations"]) == (200, ["ke_leader"])
    # The unit's leader knows of the child and reads no entry without breaking the glass.
    assert town.api("ke.leder").get(f"/children/{town.child}/entries").status_code == 403
    task = town.one(Task, Task.kind == TaskKind.IP_ASSESSED)
    assert (task.service_id, str(task.source_id)) == (town.services["ke"], made.json["id"])
    assert change(town, level(1, seen_version=2)).status_code == 201
    assert kel(town) == 0
    assert town.api("ke.leder").get(f"/children/{town.child}").status_code == 404


@pytest.mark.parametrize(
    ("path", "wish", "said"),
    [
        ("level-changes", level(2, seen_version=2), "Barnet er ikke på nivå 3 lenger."),
        ("stafettlogg/closing", closing(seen_version=2), "Loggen er avsluttet."),
    ],
)
def test_what_level_three_asked_of_the_unit_is_over_with_it(town, path, wish, said):
    town.agree(town.child, "skole", "ppt", "helse", "ke", "bup")
    assert change(town, level(3, ip_assessment={"answer": "wanted"})).status_code == 201
    asked = "Individuell plan og koordinator er vurdert"
    assert asked in town.browser("ke.leder").text("/")
    assert town.api("laerer").post(f"/children/{town.child}/{path}", wish).status_code in {200, 201}
    task = town.one(Task, Task.kind == TaskKind.IP_ASSESSED)
    assert (task.done_by, task.done_text) == (town.users["laerer"], said)
    assert asked not in town.browser("ke.leder").text("/")


def test_downwards_as_upwards(town):
    assert change(town, level(2)).status_code == 201
    made = change(town, level(1, seen_version=2, parents_agree=False))
    assert (made.status_code, made.json["parents_agree"]) == (201, False)
    assert town.api("laerer").get(f"/children/{town.child}").json["level"] == 1


def test_two_at_once_keep_one(town):
    assert change(town, level(2)).status_code == 201
    before = town.rows()
    stale = change(town, level(3))
    assert stale.status_code == 409
    assert stale.json["error"]["current"] == {"level": 2, "version": 2}
    assert town.rows() == before


def test_what_is_wrong_is_named(town):
    before = town.rows()
    for changed, field in (
        ({"level": 0}, "level"),
        ({"level": 4}, "level"),
        ({"level": "2"}, "level"),
        ({"level": 2.0}, "level"),
        ({"level": True}, "level"),
        ({"level": [2]}, "level"),
        ({"reason": ""}, "reason"),
        ({"reason": None}, "reason"),
        ({"reason": "x" * 4001}, "reason"),
        ({"child_voice": None}, "child_voice"),
        ({"child_voice": {}}, "child_voice.how"),
        ({"child_voice": {"how": "gjettet"}}, "child_voice.how"),
        ({"child_voice": {"how": "meeting", "who": "x"}}, "child_voice.who"),
        ({"parents_agree": "ja"}, "parents_agree"),
        ({"parents_agree": None}, "parents_agree"),
        ({"seen_version": "1"}, "seen_version"),
        ({"seen_version": True}, "seen_version"),
        ({"seen_version": None}, "seen_version"),
        ({"seen_version": 2**63}, "seen_version"),
        ({"seen_version": -1}, "seen_version"),
        ({"next_evaluation_on": "2026-02-30"}, "next_evaluation_on"),
        ({"next_evaluation_on": "2001-01-01"}, "next_evaluation_on"),
        ({"decided_in": "møte"}, "decided_in"),
    ):
        answer = change(town, level(2) | changed)
        assert (answer.status_code, answer.json["error"]["code"]) == (422, "invalid"), changed
        assert list(answer.json["error"]["fields"]) == [field], changed
    assert town.rows() == before


def test_who_may_change(town):
    for who, status in (("ppt", 403), ("mor", 403), ("rektor", 404), ("ke.leder", 404)):
        assert change(town, level(2), who).status_code == status, who
    town.tie("koordinator", "KO")
    assert change(town, level(2), "koordinator").status_code == 201
    assert town.count(LevelChange, LevelChange.changed_by == town.users["koordinator"]) == 1


def test_a_child_without_a_log_has_no_level(town):
    child, *_ = town.family("Ny Demo")
    town.tie("koordinator", "KO", child)
    before = town.rows()
    assert obstacles(change(town, level(2), "koordinator", child)) == ["log-missing"]
    assert town.rows() == before


def test_another_kommune_needs_no_specialist_but_more_services(town):
    in_kommune(town, "standard")
    assert obstacles(change(town, level(3))) == ["ip-assessment-missing"]
    assert change(town, level(3, ip_assessment={"answer": "not_now"})).status_code == 201
    with_two = {"services": [str(town.services["ppt"]), str(town.services["helse"])]}
    gone = town.api("mor").post(f"/consents/{town.consent}/withdrawal", with_two)
    assert gone.status_code == 200  # school and koordinerende enhet are left, and one counts
    assert obstacles(change(town, level(2, seen_version=2))) == ["too-few-services"]
