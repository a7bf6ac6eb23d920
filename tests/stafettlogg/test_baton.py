"""The baton: offered, taken, refused, called back, and never in two hands or none."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from stafett.access.models import Tie
from stafett.access.policy import Relation
from stafett.people import commands as people
from stafett.people.models import User
from stafett.stafettlogg.models import Handover, Stafettlogg
from stafett.tasks import commands as tasks
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind
from tests.stafettlogg.asking import closing, obstacles


def offer(town, to="helsesykepleier", who="laerer", **more):
    return town.api(who).post(f"/children/{town.child}/handovers", {"to": to, **more})


def answer(town, handover, how, who="helsesykepleier", **body):
    return town.api(who).post(f"/handovers/{handover}/{how}", body)


def reads(town, who):
    return town.api(who).get(f"/children/{town.child}/entries").status_code


def holders(town):
    where = (Tie.child_id == town.child, Tie.relation == Relation.SH, Tie.ended_at.is_(None))
    return town.count(Tie, *where)


def disable(town, name):
    with town.work("admin") as work:
        people.disable(work, work.session.get_one(User, town.users[name]))


def test_the_receiver_sees_name_year_and_message_until_he_accepts(town):
    made = offer(town, message="Kan du ta over etter jul?")
    assert made.status_code == 201
    assert made.json == {
        "id": made.json["id"],
        "child_name": "Nora Demo",
        "birth_year": 2017,
        "state": "pending",
        "from": "laerer",
        "to": "helsesykepleier",
        "message": "Kan du ta over etter jul?",
        "family_wish": None,
        "requested_at": made.json["requested_at"],
        "answered_at": None,
        "reason": None,
        "version": 1,
    }
    assert made.json["requested_at"].endswith("Z")
    path = made.headers["Location"]
    for who in ("helsesykepleier", "laerer"):
        assert town.api(who).get(path).json == made.json, who
    for who in ("nyansatt", "rektor"):
        assert town.api(who).get(path).status_code == 404, who
    for part in ("", "/entries", "/stafettlogg", "/members", "/consents"):
        seen = town.api("helsesykepleier").get(f"/children/{town.child}{part}")
        assert seen.status_code == 404, part


def test_accepted_it_passes_and_the_old_holder_writes_on(town):
    made = offer(town).json
    assert (reads(town, "laerer"), holders(town)) == (200, 1)  # nothing has moved yet
    done = answer(town, made["id"], "acceptance")
    assert (done.status_code, done.json["state"]) == (200, "accepted")
    assert done.json["answered_at"].endswith("Z")
    child = town.api("helsesykepleier").get(f"/children/{town.child}").json
    assert (child["holder"], child["relations"]) == ("helsesykepleier", ["holder"])
    assert town.api("laerer").get(f"/children/{town.child}").json["relations"] == ["member_write"]
    assert holders(town) == 1
    before = town.rows()
    for how in ("acceptance", "cancellation"):
        late = answer(town, made["id"], how)
        assert late.status_code in {403, 409}, how
    assert answer(town, made["id"], "refusal", reason="Likevel ikke").status_code == 409
    assert town.rows() == before


def test_who_works_elsewhere_by_now_takes_no_part_when_it_passes(town):
    """The family has said yes to the school, and not to where its teacher has gone."""
    made = offer(town).json
    with town.work("admin") as work:
        user = work.session.get_one(User, town.users["laerer"])
        wish = people.EditUser(user.name, user.version, service_id=town.services["bup"])
        people.edit_user(work, user, wish)
    assert answer(town, made["id"], "acceptance").status_code == 200
    listed = town.api("helsesykepleier").get(f"/children/{town.child}/members").json["items"]
    assert [one["username"] for one in listed] == ["ppt"]
    assert reads(town, "laerer") == 404
    town.tie("ke.leder", "KEL")
    leader = town.browser("ke.leder")
    assert leader.get(f"/barn/{town.child}/folk/ny-tjeneste").status_code == 200


def test_a_member_who_takes_it_is_a_member_no_longer(town):
    made = offer(town, "ppt").json
    assert answer(town, made["id"], "acceptance", "ppt").status_code == 200
    assert town.api("ppt").get(f"/children/{town.child}").json["relations"] == ["holder"]
    listed = town.api("ppt").get(f"/children/{town.child}/members").json["items"]
    assert [one["username"] for one in listed] == ["laerer"]


def test_refused_it_stays(town):
    made = offer(town).json
    wrong = answer(town, made["id"], "refusal")
    assert (wrong.status_code, list(wrong.json["error"]["fields"])) == (422, ["reason"])
    done = answer(town, made["id"], "refusal", reason="Har for mye")
    assert (done.status_code, done.json["state"], done.json["reason"]) == (
        200,
        "refused",
        "Har for mye",
    )
    assert town.api("laerer").get(f"/children/{town.child}").json["holder"] == "laerer"
    assert answer(town, made["id"], "acceptance").status_code == 409
    assert offer(town).status_code == 201


def test_called_back_by_who_offered(town):
    made = offer(town).json
    assert answer(town, made["id"], "cancellation").status_code == 404  # the receiver says no
    done = answer(town, made["id"], "cancellation", "laerer")
    assert (done.status_code, done.json["state"]) == (200, "cancelled")
    late = answer(town, made["id"], "acceptance")
    assert (late.status_code, late.json["error"]["current"]) == (409, {"state": "cancelled"})


def test_only_the_receiver_answers(town):
    made = offer(town).json
    for who in ("laerer", "ppt", "mor"):
        assert answer(town, made["id"], "acceptance", who).status_code == 403, who
        refused = answer(town, made["id"], "refusal", who, reason="Nei")
        assert refused.status_code == 403, who
    assert answer(town, made["id"], "acceptance", "nyansatt").status_code == 404
    assert town.one(Handover).state == "pending"


def test_to_whom_it_cannot_go(town):
    before = town.rows()
    for to in ("ingen", "mor", "admin", "", None, ["ppt"]):
        wrong = offer(town, to)
        assert (wrong.status_code, list(wrong.json["error"]["fields"])) == (422, ["to"]), to
    assert list(offer(town, from_="ppt").json["error"]["fields"]) == ["from_"]
    assert list(offer(town, message="x" * 2001).json["error"]["fields"]) == ["message"]
    assert obstacles(offer(town, "laerer")) == ["holder-already"]
    assert obstacles(offer(town, "bup")) == ["receiver-not-staff", "service-not-covered"]
    assert town.rows() == before
    assert offer(town).status_code == 201
    assert obstacles(offer(town, "ppt")) == ["handover-pending"]
    for who, status in (("ppt", 403), ("mor", 403), ("nyansatt", 404)):
        assert offer(town, "nyansatt", who).status_code == status, who


def test_a_receiver_whose_service_lost_its_consent_cannot_take_it(town):
    made = offer(town).json
    gone = {"services": [str(town.services["helse"])]}
    town.api("mor").post(f"/consents/{town.consent}/withdrawal", gone)
    before = town.rows()
    assert obstacles(answer(town, made["id"], "acceptance")) == ["service-not-covered"]
    assert town.rows() == before
    assert holders(town) == 1
    told = town.browser("helsesykepleier").send(f"/overtakelse/{made['id']}/ja")
    assert told.status_code == 422
    assert "Si fra til Laerer Demo, som snakker med familien." in told.text


@pytest.mark.parametrize("by", ["rektor", "laerer"])
def test_when_the_holder_is_gone_the_leader_acts_until_somebody_takes_over(town, by):
    """An offer that the leader made he may also call back; so may nobody else."""
    disable(town, "laerer")
    child = town.api("rektor").get(f"/children/{town.child}").json
    assert (child["holder"], child["relations"]) == ("rektor", ["holder"])
    log = town.api("rektor").get(f"/children/{town.child}/stafettlogg").json
    assert (log["holder"], log["needs_holder"]) == ("rektor", True)
    assert (reads(town, "rektor"), reads(town, "ppt")) == (200, 200)
    assert holders(town) == 1
    made = offer(town, who="rektor").json
    if by == "rektor":
        assert answer(town, made["id"], "cancellation", "rektor").status_code == 200
        made = offer(town, "ppt", who="rektor").json
        assert answer(town, made["id"], "acceptance", "ppt").status_code == 200
        assert (reads(town, "ppt"), reads(town, "rektor")) == (200, 404)
        return
    assert answer(town, made["id"], "acceptance").status_code == 200
    log = town.api("helsesykepleier").get(f"/children/{town.child}/stafettlogg").json
    assert (log["holder"], log["needs_holder"]) == ("helsesykepleier", False)
    assert [one["username"] for one in log["members"]] == ["ppt"]  # who is gone comes not back
    assert (
        town.one(Stafettlogg, Stafettlogg.child_id == town.child).holder_id
        == (town.users["helsesykepleier"])
    )


def told_no(town, who):
    return "sa nei til stafettpinnen" in town.browser(who).text("/")


def test_who_has_the_baton_is_told_of_a_no_until_he_has_read_it_or_asks_another(town):
    for after in ("read", "asked another", "closed"):
        answer(town, offer(town).json["id"], "refusal", reason="Jeg slutter til sommeren.")
        task = town.one(Task, Task.kind == TaskKind.BATON_REFUSED, Task.done_at.is_(None))
        assert [told_no(town, who) for who in ("laerer", "helsesykepleier", "ppt")] == [1, 0, 0]
        giver = town.browser("laerer")
        assert "Les svaret" in giver.text(f"/oppgave/{task.id}"), after
        if after == "read":
            assert giver.send(f"/oppgave/{task.id}", {"text": "Lest."}).status_code == 303
        elif after == "asked another":
            answer(town, offer(town, "ppt").json["id"], "cancellation", "laerer")
        else:
            path = f"/children/{town.child}/stafettlogg/closing"
            assert town.api("laerer").post(path, closing()).status_code == 200
        assert not told_no(town, "laerer"), after


def test_the_leader_who_acts_is_told_of_a_no(town):
    waiting = offer(town).json["id"]
    disable(town, "laerer")
    assert answer(town, waiting, "refusal", reason="Har ikke tid.").status_code == 200
    assert told_no(town, "rektor")


# Moved by the leader of koordinerende enhet, when its holder cannot pass it.


MOVED = {"to": "helsesykepleier", "reason": "Har sluttet."}


def move(town, who="ke.leder", **more):
    return town.api(who).post(f"/children/{town.child}/baton", {**MOVED, **more})


def test_the_leader_moves_a_baton_that_hangs_and_the_old_holder_is_out(town):
    town.tie("ke.leder", "KEL")
    waiting = offer(town, "ppt").json["id"]
    made = move(town)
    assert made.status_code == 200, made.json
    assert (made.json["state"], made.json["reason"]) == ("forced", MOVED["reason"])
    assert town.one(Stafettlogg).holder_id == town.users["helsesykepleier"]
    assert holders(town) == 1
    assert (reads(town, "helsesykepleier"), reads(town, "laerer")) == (200, 404)
    assert town.one(Handover, Handover.state == "cancelled").id == UUID(waiting)
    told = town.one(Task, Task.kind == "baton_moved")
    assert told.user_id == town.users["helsesykepleier"]
    assert "Du har fått stafettpinnen" in town.browser("helsesykepleier").text("/")
    assert "flyttet stafettpinnen" in town.browser("mor").text(f"/barn/{town.child}/innsyn")
    for name in ("helsesykepleier", "ke.leder"):
        assert "Koordinerende enhet flyttet pinnen" in town.browser(name).text(
            f"/barn/{town.child}/folk"
        )
        assert MOVED["reason"] in town.browser(name).text(f"/overtakelse/{made.json['id']}")


def test_a_disabled_holders_baton_moves_from_the_leader_who_acts(town):
    town.tie("ke.leder", "KEL")
    disable(town, "laerer")
    assert reads(town, "rektor") == 200
    assert move(town).status_code == 200
    assert (holders(town), reads(town, "rektor")) == (1, 404)


def test_nobody_else_moves_it_and_never_to_himself_or_out_of_consent(town):
    town.tie("ke.leder", "KEL")
    for who, status in (("laerer", 403), ("ppt", 403), ("mor", 403), ("rektor", 404)):
        assert move(town, who).status_code == status, who
    before = town.rows()
    for to, said in (("ke.leder", "til deg selv"), ("mor", "som er ansatt")):
        refused = move(town, to=to)
        assert refused.status_code == 422
        assert said in refused.json["error"]["fields"]["to"][0]
    assert obstacles(move(town, to="bup")) == ["receiver-not-staff", "service-not-covered"]
    assert obstacles(move(town, to="laerer")) == ["holder-already"]
    assert move(town, reason="").status_code == 422
    assert town.rows() == before


def test_the_page_that_moves_it_keeps_what_was_typed(town):
    town.tie("ke.leder", "KEL")
    leader, path = town.browser("ke.leder"), f"/barn/{town.child}/folk/stafettpinne/flytt"
    assert path in leader.get(f"/barn/{town.child}/folk").text
    assert path not in town.browser("laerer").get(f"/barn/{town.child}/folk").text
    assert "Flytt stafettpinnen" in leader.text(path)
    assert "Laerer Demo mister tilgangen som følger med pinnen" in leader.text(path)
    refused = leader.send(path, {"to": "", "reason": "Er borte lenge."})
    assert refused.status_code == 422
    assert "Er borte lenge." in refused.text
    assert leader.send(path, MOVED).status_code == 303
    assert town.one(Stafettlogg).holder_id == town.users["helsesykepleier"]


def asked(town, kind):
    with town.work("rektor") as work:
        tasks.ask_person(work, kind, town.child, town.users["laerer"], uuid4())
    return town.one(Task, Task.kind == kind).id


def sees_task(town, who, task):
    on_list = f"/oppgave/{task}" in town.browser(who).get("/").text
    assert on_list == (town.browser(who).get(f"/oppgave/{task}").status_code == 200)
    return on_list


def test_what_the_holder_was_asked_goes_with_the_baton(town):
    holders_own = asked(town, TaskKind.GUARDIAN_NOT_ASKED)
    persons_own = asked(town, TaskKind.CONSENT_REFUSED)
    assert sees_task(town, "laerer", holders_own)
    answer(town, offer(town).json["id"], "acceptance")
    assert not sees_task(town, "laerer", holders_own)
    assert sees_task(town, "helsesykepleier", holders_own)
    assert sees_task(town, "laerer", persons_own)
    assert not sees_task(town, "helsesykepleier", persons_own)


def test_a_leader_who_acts_for_a_closed_account_is_asked_to_find_a_new_holder(town):
    def needed():
        items = town.api("rektor").get("/worklist").json["items"]
        return [one["href"] for one in items if one["title"].startswith("Ny stafettholder")]

    assert needed() == []
    disable(town, "laerer")
    assert needed() == [f"/barn/{town.child}/folk/stafettpinne"]
    waiting = offer(town, who="rektor", message="Mor ønsker seg deg.").json["id"]
    assert needed() == []
    asked = town.browser("helsesykepleier")
    assert "Rektor Demo spør om du vil ta over" in asked.text("/")
    page = asked.text(f"/overtakelse/{waiting}")
    assert "Rektor Demo skriver: Mor ønsker seg deg." in page
    assert "Lederen passer på pinnen til du svarer" in page
    assert "Laerer Demo" not in page
    answer(town, waiting, "acceptance")
    assert needed() == []


def test_who_has_the_baton_meanwhile_has_the_holder_s_tasks(town):
    task = asked(town, TaskKind.MEMBERSHIP_ENDS)
    assert not sees_task(town, "rektor", task)
    disable(town, "laerer")
    assert sees_task(town, "rektor", task)
    needed = asked(town, TaskKind.HOLDER_NEEDED)
    holder = town.one(Tie, Tie.relation == Relation.SH, Tie.ended_at.is_(None)).source_id
    with town.database.writing() as session:
        session.execute(update(Task).where(Task.id == needed).values(source_id=holder))
    answer(town, offer(town, who="rektor").json["id"], "acceptance")
    assert town.one(Task, Task.id == needed).done_at is not None
    assert not sees_task(town, "rektor", task)
    assert sees_task(town, "helsesykepleier", task)


WISH = "Mor vil helst at det er en som kjenner Nora fra før."


def test_what_the_family_wishes_is_kept_and_read_by_who_reads_the_log(town):
    made = offer(town, message="Kan du ta over?", family_wish=WISH)
    path = made.headers["Location"]
    assert (made.status_code, made.json["family_wish"]) == (201, WISH)
    assert town.api("laerer").get(path).json["family_wish"] == WISH
    for who in ("laerer", "mor"):
        assert WISH in town.browser(who).get(f"/barn/{town.child}/folk").text
    assert WISH in town.browser("laerer").get(f"/overtakelse/{made.json['id']}").text
    answer(town, made.json["id"], "acceptance")
    assert town.api("helsesykepleier").get(path).json["family_wish"] == WISH
    assert WISH in town.browser("helsesykepleier").get(f"/barn/{town.child}/folk").text


def test_who_is_asked_to_take_over_does_not_read_it_before_he_has_said_yes(town):
    made = offer(town, message="Kan du ta over?", family_wish=WISH).json["id"]
    asked = town.api("helsesykepleier").get(f"/handovers/{made}").json
    assert (asked["message"], asked["family_wish"]) == ("Kan du ta over?", None)
    page = town.browser("helsesykepleier").get(f"/overtakelse/{made}").text
    assert ("Kan du ta over?" in page, WISH in page) == (True, False)
    refused = answer(town, made, "refusal", reason="Jeg har for mange.")
    assert refused.json["family_wish"] is None


def test_the_form_keeps_the_wish_when_nobody_was_asked(town):
    sent = {"to": "finnes-ikke", "family_wish": WISH}
    answered = town.browser("laerer").send(f"/barn/{town.child}/folk/stafettpinne", sent)
    assert (answered.status_code, WISH in answered.text) == (422, True)
    assert town.count(Handover) == 0
