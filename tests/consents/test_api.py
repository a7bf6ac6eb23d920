"""Consents through JSON: registered, waiting, replaced, run out, and withdrawn."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from stafett.access.models import Cover
from stafett.access.policy import Purpose
from stafett.access.ties import covered_services
from stafett.children.models import Child, Guardian
from stafett.consents import queries
from stafett.consents.models import Withdrawal
from stafett.dates import months_after
from stafett.errors import RuleBrokenError
from stafett.stafettlogg import commands as stafettlogg
from stafett.stafettlogg import membership
from stafett.stafettlogg.rules import Level
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind


def wish(town, *services, given_by=None, **more):
    return {
        "purpose": "stafettlogg",
        "services": [str(town.services[name]) for name in services],
        "given_by": [str(one) for one in given_by or (town.mor, town.far)],
        "guardians_complete": True,
        "method": "signed",
        "given_on": town.today.isoformat(),
        **more,
    }


def register(town, *services, child=None, **more):
    path = f"/children/{child or town.child}/consents"
    made = town.api("laerer").post(path, wish(town, *services, **more))
    assert made.status_code == 201, made.json
    return made.json


def covered(town, child=None):
    with town.database.reading() as session:
        found = covered_services(session, child or town.child, town.today)
    return {name for name, one in town.services.items() if one in found}


def state(town, consent, who="laerer", child=None):
    listed = town.api(who).get(f"/children/{child or town.child}/consents").json["items"]
    return next(one["state"] for one in listed if one["id"] == str(consent))


def reads(town, who, child=None):
    return town.api(who).get(f"/children/{child or town.child}/entries").status_code


def test_registered_and_listed(town):
    child, mor, far = town.family("Ny Demo")
    path = f"/children/{child}/consents"
    sent = wish(town, "skole", "ppt", given_by=[mor, far], note="På møtet i dag")
    made = town.api("laerer").post(path, sent)
    assert made.status_code == 201
    assert made.json["services"] == [
        {
            "id": str(town.services[name]),
            "name": f"Demo-{name}",
            "without": [],
            "ended_on": None,
            "replaced": False,
        }
        for name in ("ppt", "skole")
    ]
    expected = {
        "purpose": "stafettlogg",
        "confirmed_by": [],  # on paper: not until a guardian has confirmed it
        "waits_for": [],
        "method": "signed",
        "given_on": town.today.isoformat(),
        "expires_on": months_after(town.today, 12).isoformat(),
        "note": "På møtet i dag",
        "state": "active",
        "version": 1,
    }
    assert {name: made.json[name] for name in expected} == expected
    assert set(made.json["given_by"]) == {str(mor), str(far)}
    listed = town.api("mor").get(made.headers["Location"])
    assert listed.status_code == 200
    assert listed.json == {"items": [made.json], "next": None}


WRONG = [
    ({"purpose": "moro"}, "purpose"),
    ({"services": []}, "services"),
    ({"services": None}, "services"),
    ({"services": "skole"}, "services"),
    ({"services": [str(uuid4())]}, "services"),
    ({"services": ["skole"]}, "services.0"),
    ({"given_by": []}, "given_by"),
    ({"given_by": ["mor"]}, "given_by.0"),
    ({"given_by": [str(uuid4())]}, "given_by"),
    ({"given_by": [["child"]]}, "given_by.0"),
    ({"guardians_complete": False}, "guardians_complete"),
    ({"guardians_complete": None}, "guardians_complete"),
    ({"method": "sms"}, "method"),
    ({"method": "digital"}, "given_by"),  # the family's own to give
    ({"given_on": "2026-02-30"}, "given_on"),
    ({"given_on": "0000-01-01"}, "given_on"),
    ({"given_on": "10000-01-01"}, "given_on"),
    ({"given_on": 20260101}, "given_on"),
    ({"expires_on": "neste år"}, "expires_on"),
    ({"note": "x" * 2001}, "note"),
    ({"state": "active"}, "state"),
    ({"confirmed_by": []}, "confirmed_by"),
    ({"active_at": None}, "active_at"),
]


def test_what_is_wrong_is_named_and_nothing_is_kept(town):
    before = town.rows()
    for changed, field in WRONG:
        answer = town.api("laerer").post(
            f"/children/{town.child}/consents", wish(town, "skole") | changed
        )
        assert (answer.status_code, answer.json["error"]["code"]) == (422, "invalid"), changed
        assert list(answer.json["error"]["fields"]) == [field], changed
    assert town.rows() == before


def test_rules_are_all_told_at_once(town):
    with town.work("laerer") as work:
        from stafett.children import commands  # noqa: PLC0415 only here

        alone = commands.register(work, commands.Register("Alene Demo", birth_date=town.today)).id
    before = town.rows()
    sent = wish(
        town,
        "skole",
        given_by=["child"],
        given_on="9999-12-31",
        expires_on="2001-01-01",
    )
    answer = town.api("laerer").post(f"/children/{alone}/consents", sent)
    assert answer.status_code == 422
    assert [one["code"] for one in answer.json["error"]["obstacles"]] == [
        "guardian-missing",
        "consent-in-future",
        "consent-already-expired",
    ]
    without_end = {name: value for name, value in sent.items() if name != "expires_on"}
    assert town.api("laerer").post(f"/children/{alone}/consents", without_end).status_code == 422
    assert town.rows() == before


def test_who_may_register(town):
    path = f"/children/{town.child}/consents"
    for who, status in (("mor", 403), ("ppt", 403), ("nyansatt", 404), ("personvernombud", 404)):
        assert town.api(who).post(path, wish(town, "skole")).status_code == status, who


def test_it_waits_until_the_last_guardian_has_said_yes(town):
    child, mor, far = town.family("Ny Demo")
    api = town.api("laerer")
    made = register(town, "skole", child=child, given_by=[mor])
    assert (made["state"], made["waits_for"]) == ("waiting", [str(far)])
    assert covered(town, child) == set()
    opening = {"level": 1, "consent_id": made["id"]}
    refused = api.post(f"/children/{child}/stafettlogg", opening)
    assert refused.json["error"]["obstacles"][0]["code"] == "consent-not-valid"
    path = f"/consents/{made['id']}/answers"
    yes = {"given_by": str(far), "method": "signed", "given_on": town.today.isoformat()}
    before = town.rows()
    for changed, field in (
        ({"given_by": str(uuid4())}, "given_by"),
        ({"given_by": "far"}, "given_by"),
        ({"method": "digital"}, "method"),
        ({"given_on": None}, "given_on"),
        ({"answer": "yes"}, "answer"),
    ):
        answer = api.post(path, yes | changed)
        assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, [field])
    tomorrow = (town.today + timedelta(days=1)).isoformat()
    early = api.post(path, yes | {"given_on": tomorrow})
    assert [one["code"] for one in early.json["error"]["obstacles"]] == ["consent-in-future"]
    assert api.post(path, yes | {"given_by": str(mor)}).status_code == 409
    assert town.rows() == before
    done = api.post(path, yes)
    assert (done.status_code, done.json["state"], done.json["waits_for"]) == (200, "active", [])
    assert done.json["version"] > made["version"]
    assert covered(town, child) == {"skole"}
    assert api.post(path, yes).status_code == 409
    assert api.post(f"/children/{child}/stafettlogg", opening).status_code == 201


def test_from_sixteen_the_youth_alone_says_yes(town):
    born = town.today.replace(year=town.today.year - 16, day=1)
    child, mor, far = town.family("Ung Demo", born)
    made = register(town, "skole", child=child, given_by=[mor, far])
    assert (made["state"], made["waits_for"]) == ("waiting", ["child"])
    assert register(town, "skole", child=child, given_by=["child"])["state"] == "active"


def test_a_newer_one_takes_over_and_the_old_one_has_nothing_to_take_back(town):
    newer = register(town, "skole", "ppt", "helse", "ke")
    assert state(town, town.consent) == "expired"
    assert state(town, newer["id"]) == "active"
    before = town.rows()
    for sent in ({}, {"services": [str(town.services["ppt"])]}):
        refused = town.api("mor").post(f"/consents/{town.consent}/withdrawal", sent)
        assert refused.status_code == 409
        assert refused.json["error"]["current"] == {"version": 1}
    assert town.rows() == before
    assert covered(town) == {"skole", "ppt", "helse", "ke"}
    assert reads(town, "ppt") == 200


def test_a_newer_one_for_some_services_leaves_the_old_one_the_rest(town):
    newer = register(town, "ppt", "bup")
    assert (state(town, town.consent), state(town, newer["id"])) == ("active", "active")
    old = town.api("mor").post(f"/consents/{town.consent}/withdrawal", {})
    assert (old.status_code, old.json["state"]) == (200, "withdrawn")
    assert covered(town) == {"ppt", "bup"}


def test_one_that_waits_takes_over_only_when_it_counts(town):
    waiting = register(town, "skole", "ppt", given_by=[town.mor])
    assert state(town, town.consent) == "active"
    town.api("mor").post(
        f"/consents/{town.consent}/withdrawal", {"services": [str(town.services["ppt"])]}
    )
    # What one parent has withdrawn, the other's yes does not bring back.
    yes = {"given_by": str(town.far), "method": "signed", "given_on": town.today.isoformat()}
    done = town.api("laerer").post(f"/consents/{waiting['id']}/answers", yes)
    assert (done.status_code, done.json["state"]) == (200, "active")
    assert covered(town) == {"skole", "helse", "ke"}
    assert reads(town, "ppt") == 404


def test_one_that_a_newer_has_emptied_takes_no_more_answers(town):
    waiting = register(town, "skole", given_by=[town.mor])
    register(town, "skole", "ppt")
    yes = {"given_by": str(town.far), "method": "signed", "given_on": town.today.isoformat()}
    path = f"/consents/{waiting['id']}/answers"
    assert town.api("laerer").post(path, yes).status_code == 409
    assert state(town, waiting["id"]) == "expired"


def test_the_last_day_counts_and_then_the_holder_only_reads(town):
    last = town.today + timedelta(days=10)
    register(town, "skole", "ppt", "helse", "ke", expires_on=last.isoformat())
    entry = {"kind": "note", "text": "Hei", "visibility": "everyone"}
    path = f"/children/{town.child}/entries"
    with town.later(days=10):
        assert town.api("ppt").post(path, entry).status_code == 201
        assert town.api("laerer").get(f"/children/{town.child}").json["state"] == "open"
    with town.later(days=11):
        assert reads(town, "ppt") == 404
        assert reads(town, "mor") == 200
        assert reads(town, "laerer") == 200
        assert town.api("laerer").post(path, entry).status_code == 403
        assert town.api("laerer").get(f"/children/{town.child}").json["state"] == "frozen"
        assert town.api("mor").post(path, entry).status_code == 422
        listed = town.api("mor").get(f"/children/{town.child}/consents").json["items"]
        assert {one["state"] for one in listed} == {"expired"}


def test_one_parent_withdraws_and_everybody_is_out_at_the_next_request(town):
    before = town.rows()
    done = town.api("far").post(f"/consents/{town.consent}/withdrawal", {"reason": "Vi vil vente"})
    assert (done.status_code, done.json["state"]) == (200, "withdrawn")
    assert {one["ended_on"] for one in done.json["services"]} == {town.today.isoformat()}
    assert covered(town) == set()
    after = town.rows()
    changed = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    assert changed == {"withdrawal": 1, "trail": 1, "task": 1}
    task = town.one(Task, Task.kind == TaskKind.CONSENT_WITHDRAWN)
    assert (task.user_id, task.due_on) == (town.users["laerer"], town.today + timedelta(days=7))
    # Members are out; the holder sees the state and can ask for a new consent, and no more.
    assert town.api("ppt").get(f"/children/{town.child}").status_code == 404
    holder = town.api("laerer")
    assert holder.get(f"/children/{town.child}").json["state"] == "frozen"
    assert holder.get(f"/children/{town.child}/consents").status_code == 200
    for part in ("entries", "stafettlogg", "members", "guardians"):
        assert holder.get(f"/children/{town.child}/{part}").status_code == 403, part
    assert (reads(town, "mor"), reads(town, "far")) == (200, 200)
    assert town.api("far").post(f"/consents/{town.consent}/withdrawal", {}).status_code == 409


def at_level_three(town, child):
    """As its leader has followed the child since it came to level 3."""
    unit = town.services["ke"]
    more = {"user_id": None, "led_service_id": unit, "needs_consent": True, "basis": "level-3"}
    town.tie("ke.leder", "KEL", child, **more)


def told(town, child):
    """Who has been given which task because of a withdrawal."""
    with town.database.reading() as session:
        wanted = select(Task.kind, Task.user_id, Task.service_id).where(
            Task.child_id == child,
            Task.kind.in_([TaskKind.CONSENT_WITHDRAWN, TaskKind.ONE_STOPPED]),
        )
        return set(session.execute(wanted.order_by(Task.kind)).all())


def test_one_of_two_who_says_stop_is_told_to_the_unit_when_it_follows_the_child(town):
    holder = (TaskKind.CONSENT_WITHDRAWN, town.users["laerer"], None)
    unit = (TaskKind.ONE_STOPPED, None, town.services["ke"])
    at_level_three(town, town.child)
    one = {"services": [str(town.services["ppt"])]}
    assert town.api("far").post(f"/consents/{town.consent}/withdrawal", one).status_code == 200
    assert told(town, town.child) == {holder}  # the log goes on without PPT
    assert town.api("far").post(f"/consents/{town.consent}/withdrawal", {}).status_code == 200
    assert told(town, town.child) == {holder, unit}
    task = town.one(Task, Task.kind == TaskKind.ONE_STOPPED)
    assert task.due_on == town.today + timedelta(days=7)
    shown = town.browser("ke.leder").text(f"/oppgave/{task.id}")
    assert "Stafettloggen er stengt til alle har sagt ja igjen" in shown
    assert town.browser("ke.saksbehandler").get(f"/oppgave/{task.id}").status_code == 404


def test_below_level_three_and_where_one_decides_alone_the_unit_is_not_told(town):
    holder = (TaskKind.CONSENT_WITHDRAWN, town.users["laerer"], None)
    assert town.api("far").post(f"/consents/{town.consent}/withdrawal", {}).status_code == 200
    assert told(town, town.child) == {holder}
    alone, _, far = town.family("Alene Demo")
    consent = town.agree(alone, "skole")
    with town.work("laerer") as work:
        stafettlogg.open_log(work, alone, stafettlogg.Open(Level.ONE, consent))
    with town.database.writing() as session:
        session.get_one(Guardian, far).parental_responsibility = False
    at_level_three(town, alone)
    assert town.api("mor").post(f"/consents/{consent}/withdrawal", {}).status_code == 200
    assert told(town, alone) == {holder}


def test_a_leader_who_has_the_baton_is_told_of_a_frozen_log(town):
    gone = {"services": [str(town.services["skole"])]}
    assert town.api("mor").post(f"/consents/{town.consent}/withdrawal", gone).status_code == 200
    assert told(town, town.child) == set()
    assert town.api("mor").post(f"/consents/{town.consent}/withdrawal", {}).status_code == 200
    assert told(town, town.child) == {(TaskKind.CONSENT_WITHDRAWN, None, town.services["skole"])}


def test_a_new_consent_opens_the_frozen_log_at_once(town):
    town.api("mor").post(f"/consents/{town.consent}/withdrawal", {})
    register(town, "skole", "ppt")
    assert town.api("laerer").get(f"/children/{town.child}").json["state"] == "open"
    assert (reads(town, "laerer"), reads(town, "ppt")) == (200, 200)


def test_one_service_is_withdrawn(town):
    gone = {"services": [str(town.services["ppt"])]}
    done = town.api("mor").post(f"/consents/{town.consent}/withdrawal", gone)
    assert (done.status_code, done.json["state"]) == (200, "active")
    ended = {one["name"]: one["ended_on"] for one in done.json["services"]}
    assert ended["Demo-ppt"] == town.today.isoformat()
    assert ended["Demo-skole"] is None
    assert (reads(town, "ppt"), reads(town, "laerer")) == (404, 200)
    assert town.api("mor").post(f"/consents/{town.consent}/withdrawal", gone).status_code == 409


def test_the_holder_is_told_of_one_service_that_is_out_as_the_family_was_promised(town):
    gone = {"services": [str(town.services["ppt"])]}
    assert town.api("mor").post(f"/consents/{town.consent}/withdrawal", gone).status_code == 200
    task = town.one(Task, Task.kind == TaskKind.CONSENT_WITHDRAWN)
    assert (task.user_id, task.due_on) == (town.users["laerer"], town.today + timedelta(days=7))
    shown = town.browser("laerer").text(f"/oppgave/{task.id}")
    assert "De som ikke har samtykke lenger, kan ikke lese eller skrive i loggen" in shown
    assert "Ingen fagfolk kan lese" not in shown
    assert town.api("mor").post(f"/consents/{town.consent}/withdrawal", {}).status_code == 200
    assert "Ingen fagfolk kan lese" in town.browser("laerer").text(f"/oppgave/{task.id}")


def test_a_holder_who_keeps_the_familys_stop_himself_is_not_told_of_it(town):
    gone = {
        "services": [str(town.services["ppt"])],
        "on_behalf_of": str(town.mor),
        "how": "oral",
        "reason": "Ringte i dag",
    }
    done = town.api("laerer").post(f"/consents/{town.consent}/withdrawal", gone)
    assert done.status_code == 200, done.json
    assert told(town, town.child) == set()


def test_whose_service_is_out_of_the_log_is_shown_so_and_sees_no_more_of_it_in_a_list(town):
    town.agree(town.child, "ppt", purpose=Purpose.PLAN)
    town.tie("ppt", "AG", needs_consent=True, service_id=town.services["ppt"])
    (before,) = town.api("ppt").get("/children").json["items"]
    assert (before["state"], before["level"], before["holder"]) == ("open", 1, "laerer")
    mor = town.browser("mor")
    assert "Ikke noe nå" not in member(mor.get(f"/barn/{town.child}/folk").text, "Ppt")
    gone = {"services": [str(town.services["ppt"])]}
    assert town.api("mor").post(f"/consents/{town.consent}/withdrawal", gone).status_code == 200
    assert "Ikke noe nå" in member(mor.get(f"/barn/{town.child}/folk").text, "Ppt")
    (after,) = town.api("ppt").get("/children").json["items"]
    page = town.api("ppt").get(f"/children/{town.child}").json
    for part in ("state", "level", "holder"):
        assert after[part] == page[part], part
    for path in ("/", "/barn"):
        listed = town.browser("ppt").text(path)
        assert "Vises ikke Vises ikke" in listed, path
        assert "Kartlegging" not in listed, path
    own = town.browser("ppt").text(f"/barn/{town.child}")
    assert "Du ser ikke stafettloggen" in own
    assert "ikke åpnet noen stafettlogg" not in own


def test_an_external_member_whose_service_is_out_is_shown_so_too(town):
    consent = town.agree(town.child, "skole", "bup")
    with town.work("laerer") as work:
        wish = membership.Invite("bup", writes=True, until=town.today + timedelta(days=9))
        membership.invite(work, town.child, wish)
    mor = town.browser("mor")
    assert "Ikke noe nå" not in member(mor.get(f"/barn/{town.child}/folk").text, "Bup")
    gone = {"services": [str(town.services["bup"])]}
    assert town.api("mor").post(f"/consents/{consent}/withdrawal", gone).status_code == 200
    assert "Ikke noe nå" in member(mor.get(f"/barn/{town.child}/folk").text, "Bup")


def member(html, name):
    """The row of somebody among who takes part."""
    rows = html.split("<tr>")
    return next(row for row in rows if f'<th scope="row">{name}' in row)


def test_who_says_stop_lands_where_it_says_so(town):
    mor = town.browser("mor")
    sent = {"services": str(town.services["ppt"])}
    done = mor.send(f"/samtykke/{town.consent}/trekk", sent)
    assert (done.status_code, done.location.rpartition("#")[2]) == (303, "for")
    assert 'id="for"' in mor.get(done.location.partition("#")[0]).text


def test_without_the_holders_own_service_its_leader_acts_until_somebody_takes_over(town):
    gone = {"services": [str(town.services["skole"])]}
    done = town.api("mor").post(f"/consents/{town.consent}/withdrawal", gone)
    assert done.status_code == 200
    assert reads(town, "laerer") == 404
    child = town.api("rektor").get(f"/children/{town.child}")
    assert (child.status_code, child.json["relations"]) == (200, ["holder"])
    assert (child.json["state"], child.json["holder"]) == ("open", "rektor")
    assert reads(town, "rektor") == 403  # of a service that is not covered: no content
    assert town.count(Task, Task.kind == TaskKind.HOLDER_NEEDED) == 1
    asked = [one["title"] for one in town.api("rektor").get("/worklist").json["items"]]
    assert [one.startswith("Ny stafettholder trengs") for one in asked].count(True) == 1
    path = f"/children/{town.child}/handovers"
    offered = town.api("rektor").post(path, {"to": "helsesykepleier"})
    assert offered.status_code == 201, offered.json
    accepted = town.api("helsesykepleier").post(f"/handovers/{offered.json['id']}/acceptance")
    assert accepted.status_code == 200
    assert (reads(town, "helsesykepleier"), reads(town, "rektor")) == (200, 404)
    assert reads(town, "laerer") == 404
    assert town.api("mor").get(f"/children/{town.child}").json["holder"] == "helsesykepleier"


def test_staff_withdraw_only_in_a_guardians_name_and_say_how(town):
    path, api, before = f"/consents/{town.consent}/withdrawal", town.api("laerer"), town.rows()
    for sent, fields in (
        ({}, ["how", "on_behalf_of"]),
        ({"on_behalf_of": str(town.mor)}, ["how"]),
        ({"how": "På telefon"}, ["on_behalf_of"]),
        ({"how": "På telefon", "on_behalf_of": str(uuid4())}, ["on_behalf_of"]),
        ({"services": [str(town.services["bup"])]}, ["services"]),
        ({"services": []}, ["services"]),
        ({"all": True}, ["all"]),
    ):
        answer = api.post(path, sent)
        assert answer.status_code == 422, sent
        assert sorted(answer.json["error"]["fields"]) == fields, sent
    assert town.rows() == before
    said = {"on_behalf_of": str(town.mor), "how": "På telefon", "reason": "Flytter"}
    assert api.post(path, said).json["state"] == "withdrawn"
    kept = town.one(Withdrawal)
    assert (kept.on_behalf_of, kept.how, kept.reason) == (town.mor, "På telefon", "Flytter")
    assert kept.withdrawn_by == town.users["laerer"]
    for who, status in (("ppt", 404), ("nyansatt", 404)):
        assert town.api(who).post(path, said).status_code == status


def test_other_purposes_give_no_access_to_the_log(town):
    """A consent to the plan, or to an application, neither opens nor takes over the log's."""
    for purpose in ("plan", "application", "collect", "coordinator"):
        register(town, "bup", purpose=purpose)
    assert covered(town) == {"skole", "ppt", "helse", "ke"}
    with town.database.reading() as session:
        purposes = set(session.scalars(select(Cover.purpose).where(Cover.ended_at.is_(None))))
    assert "application" not in purposes


def test_those_who_need_least_see_no_note_and_no_names(town):
    register(town, "skole", "ppt", "helse", "ke", note="Mor gråt på møtet")
    for who in ("ppt", "personvernombud"):
        first = town.api(who).get(f"/children/{town.child}/consents").json["items"][0]
        assert (first["note"], first["given_by"]) == (None, [])
        assert first["services"]
    assert town.api("mor").get(f"/children/{town.child}/consents").json["items"][0]["note"]


def test_commands_of_a_later_day_find_the_consent_run_out(town):
    register(town, "skole", "ppt", expires_on=town.today.isoformat())
    later = town.now + timedelta(days=1)
    with town.work("laerer", now=later) as work:
        found = {one.id: one.state for one in queries.of_child(work, town.child)}
        assert set(found.values()) == {"expired", "active"}  # health and the unit are left
        covered_now = covered_services(work.session, town.child, work.today)
    assert covered_now == {town.services["helse"], town.services["ke"]}
    wish = membership.Invite("nyansatt", writes=False, until=town.today + timedelta(days=9))
    with pytest.raises(RuleBrokenError) as refused, town.work("laerer", now=later) as work:
        membership.invite(work, town.child, wish)
    assert refused.value.obstacles == ("service-not-covered",)


@pytest.mark.parametrize(("years", "status"), [(17, 200), (18, 422)])
def test_a_parent_of_one_who_is_of_age_stops_nothing(town, years, status):
    with town.database.writing() as session:
        session.get_one(Child, town.child).birth_date = town.born(years)
    said = {"on_behalf_of": str(town.mor), "how": "På telefon"}
    answer = town.api("laerer").post(f"/consents/{town.consent}/withdrawal", said)
    assert answer.status_code == status, answer.json
    assert town.count(Withdrawal) == (status == 200)


def test_with_the_familys_yes_the_way_on_to_the_log_is_beside_it(town):
    child, mor, far = town.family("Ny Demo")
    page, laerer = f"/barn/{child}/samtykke", town.browser("laerer")
    assert "stafettlogg/apne" not in laerer.get(page).text
    register(town, "skole", child=child, given_by=[mor, far])
    assert f'href="/barn/{child}/stafettlogg/apne"' in laerer.get(page).text
    assert "stafettlogg/apne" not in town.browser("mor").get(page).text
    consent = register(town, "skole", child=child, given_by=[mor, far])["id"]
    with town.work("laerer") as work:
        stafettlogg.open_log(work, child, stafettlogg.Open(Level.ONE, UUID(consent)))
    assert "stafettlogg/apne" not in laerer.get(page).text
    closing = {"outcome": "goals_reached", "reason": "Nådd", "family_view": "Fint"}
    heard = {"child_voice": {"how": "meeting"}, "seen_version": 1}
    done = town.api("laerer").post(f"/children/{child}/stafettlogg/closing", {**closing, **heard})
    assert done.status_code == 200, done.json
    again = f'href="/barn/{child}/stafettlogg/gjenapne"'
    asks = "ber du familien om et nytt samtykke"
    assert again not in laerer.get(page).text
    assert asks in laerer.text(f"/barn/{child}")
    register(town, "skole", child=child, given_by=[mor, far])
    assert again in laerer.get(page).text
    assert asks not in laerer.text(f"/barn/{child}")
    assert "Nå kan du åpne loggen på nytt" in laerer.text(f"/barn/{child}")
