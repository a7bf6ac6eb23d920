"""Ids of another child's things, tried by people who have no business with that child.

Each is answered as a random id is, byte for byte, with one row that says so and nothing changed.
"""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from stafett.access.models import Tie
from stafett.access.policy import Purpose
from stafett.entries import commands as entries
from stafett.people.models import SignIn
from stafett.stafettlogg import commands as logs
from stafett.stafettlogg.rules import Level
from stafett.tasks import commands as tasks
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind
from tests.client import but_for_token

DAY = timedelta(days=1)


@pytest.fixture
def other(town):
    """Ids of all that another child has, whose log `nyansatt` holds."""
    child, mother, father = town.family("Annen Demo", by="nyansatt")
    services = ("skole", "ppt", "helse", "ke")
    consent = town.agree(child, *services, by="nyansatt")
    with town.work("nyansatt") as work:
        entries.open_log(work, child, logs.Open(Level.ONE, consent))
    for purpose in (Purpose.COORDINATOR, Purpose.PLAN):
        town.agree(child, *services, purpose=purpose, by="nyansatt")
    api, leader, base = town.api("nyansatt"), town.api("ke.leder"), f"/children/{child}"
    until = (town.today + 30 * DAY).isoformat()
    tie = town.tie("ke.leder", "KEL", child)
    note = {"kind": "note", "text": "Hemmelig om en annen", "visibility": "everyone"}
    appointed = {"username": "koordinator", "kind": "koordinator", "from_on": str(town.today)}
    seat = {"name": "Fastlegen", "role": "Fastlege", "from_on": str(town.today)}
    invited = {"username": "helsesykepleier", "access": "read", "until": until}
    made = {
        "entry": api.post(f"{base}/entries", note),
        "member": api.post(f"{base}/members", invited),
        "handover": api.post(f"{base}/handovers", {"to": "helsesykepleier"}),
        "concern": api.post(f"{base}/concerns", {"observed": "Uro", "worry": 2}),
        "appointment": leader.post(f"{base}/coordinators", appointed),
        "seat": leader.post(f"{base}/ansvarsgruppe/members", seat),
    }
    assert {name: one.status_code for name, one in made.items()} == dict.fromkeys(made, 201)
    with town.work("nyansatt") as work:
        tasks.ask_person(work, TaskKind.GUARDIAN_NOT_ASKED, child, town.users["nyansatt"], mother)
        work.session.delete(work.session.get_one(Tie, tie))
    with town.database.reading() as session:
        mine = (Task.child_id == child, Task.user_id == town.users["nyansatt"])
        task = session.scalars(select(Task.id).where(*mine)).one()
    return {
        "child": child,
        "guardian": mother,
        "father": father,
        "consent": consent,
        "task": task,
        **{name: one.json["id"] for name, one in made.items()},
    }


DECIDE = {"decision": "close", "reason": "x"}
EVALUATE = {
    "date": "2026-01-01",
    "done": "yes",
    "effect": 3,
    "child_view": {"how": "meeting"},
    "text": "x",
    "decision": "stop",
}
VOICE = {"how": "meeting"}
CALLS = [
    ("GET", "/entries/{entry}/versions", None),
    ("POST", "/entries/{entry}/corrections", {"text": "x", "reason": "x", "seen_version": 1}),
    ("GET", "/entries/{entry}/correction-requests", None),
    ("POST", "/entries/{entry}/correction-requests", {"words": "x"}),
    ("GET", "/entries/{entry}/visibility", None),
    ("POST", "/entries/{entry}/visibility", {"visibility": "everyone", "seen_audience": 0}),
    ("POST", "/entries/{entry}/hiding", {"hidden_from": [], "seen_audience": 0}),
    ("PATCH", "/guardians/{guardian}", {"name": "X", "seen_version": 1}),
    ("POST", "/guardians/{guardian}/end", {"reason": "x"}),
    ("POST", "/guardians/{guardian}/block", {"reason": "x"}),
    ("POST", "/guardians/{guardian}/unblock", {"reason": "x"}),
    ("GET", "/guardians/{guardian}", None),
    (
        "POST",
        "/guardians/{guardian}/verification",
        {"accepted": False, "words": "x", "seen_version": 1},
    ),
    ("GET", "/guardians/{guardian}/disclosures", None),
    ("POST", "/guardians/{guardian}/disclosures", {"wish": "x", "asked_on": "2026-01-01"}),
    (
        "POST",
        "/guardians/{guardian}/disclosures/decision",
        {"granted": False, "grounds": "x"},
    ),
    ("POST", "/consents/{consent}/withdrawal", {}),
    ("POST", "/consents/{consent}/reply", {"answer": "yes"}),
    ("POST", "/members/{member}/end", {"reason": "x"}),
    ("POST", "/members/{member}/extension", {"until": "2026-12-31", "seen_version": 1}),
    ("POST", "/members/{member}/access", {"access": "write", "seen_version": 1}),
    ("POST", "/members/{member}/leaving", {"reason": "x"}),
    ("GET", "/handovers/{handover}", None),
    ("POST", "/handovers/{handover}/acceptance", {}),
    ("POST", "/handovers/{handover}/refusal", {"reason": "x"}),
    ("POST", "/handovers/{handover}/cancellation", {}),
    ("POST", "/concerns/{concern}/decision", DECIDE),
    ("POST", "/coordinators/{appointment}/end", {"reason": "x"}),
    ("POST", "/ansvarsgruppe/members/{seat}/end", {"reason": "x"}),
    ("GET", "/tasks/{task}", None),
    ("POST", "/tasks/{task}/done", {"text": "x"}),
    ("GET", "/children/{child}", None),
    ("GET", "/children/{child}/twin", None),
    ("POST", "/children/{child}/twin/joining", {}),
    ("POST", "/children/{child}/twin/undoing", {}),
    ("POST", "/children/{child}/twin/confirmation", {}),
    ("POST", "/children/{child}/twin/telling-apart", {"reason": "x"}),
    ("PATCH", "/children/{child}", {"name": "X", "seen_version": 1}),
    ("POST", "/children/{child}/account", {"username": "ungdom"}),
    ("GET", "/children/{child}/entries", None),
    ("GET", "/children/{child}/access-log", None),
    ("GET", "/children/{child}/access-log/questions", None),
    ("POST", "/children/{child}/access-log/{entry}/why", {}),
    ("GET", "/children/{child}/rights-requests", None),
    ("POST", "/children/{child}/rights-requests", {"right": "insight", "words": "x"}),
    ("GET", "/children/{child}/plan/draft", None),
    ("GET", "/children/{child}/plan/versions/1", None),
    ("GET", "/children/{child}/plan/diff?from=1&to=2", None),
    ("POST", "/children/{child}/measures/m1/evaluations", EVALUATE),
    ("POST", "/children/{child}/measures/m1/report", {"done": "yes"}),
    ("GET", "/children/{child}/measures/reports", None),
    ("POST", "/children/{child}/requests", {"action": "guardian.block", "words": "x"}),
    ("POST", "/children/{child}/entries", {"kind": "note", "text": "x", "visibility": "everyone"}),
]
PAGES = [
    "/barn/{child}",
    "/barn/{child}/stafettlogg",
    "/barn/{child}/plan",
    "/barn/{child}/plan.docx",
    "/barn/{child}/plan.pdf",
    "/barn/{child}/plan/tiltak/m1/si-fra",
    "/barn/{child}/innsyn",
    "/barn/{child}/innsyn/{entry}/hvorfor",
    "/barn/{child}/rom",
    "/barn/{child}/kopi",
    "/barn/{child}/rettigheter",
    "/barn/{child}/kopi.zip",
    "/barn/{child}/be-om",
    "/barn/{child}/sla-sammen",
    "/oppforing/{entry}",
    "/oppforing/{entry}/hvem-ser",
    "/medlem/{member}",
    "/medlem/{member}/endre",
    "/medlem/{member}/ut",
    "/samtykke/{consent}",
    "/samtykke/{consent}/kvittering",
    "/foresatt/{guardian}",
    "/foresatt/{guardian}/opplysninger",
    "/overtakelse/{handover}",
    "/bekymring/{concern}",
    "/oppgave/{task}",
]
WHO = ("laerer", "ppt", "ungdom", "ke.saksbehandler", "bup", "admin")


def nobody(other):
    return {name: uuid4() for name in other}


@pytest.mark.parametrize("who", WHO)
def test_every_call_with_another_childs_id_is_like_one_with_a_random_id(town, other, who):
    api, before = town.api(who), town.rows()
    for method, path, body in CALLS:
        more = {} if body is None else {"json": body}
        found = [
            api.client.open(
                f"/api/v1{path.format(**ids)}", method=method, headers=api.headers, **more
            )
            for ids in (other, nobody(other))
        ]
        assert [one.status_code for one in found] == [404, 404], (who, method, path)
        assert found[0].data == found[1].data
    assert town.rows() == before
    assert set(town.results(who)) == {"deny"}
    assert len(town.results(who)) == 2 * len(CALLS)


@pytest.mark.parametrize("who", WHO)
def test_every_page_with_another_childs_id_is_like_one_with_a_random_id(town, other, who):
    browser = town.browser(who)
    for path in PAGES:
        found = [browser.client.get(path.format(**ids)) for ids in (other, nobody(other))]
        assert [one.status_code for one in found] == [404, 404], (who, path)
        assert but_for_token(found[0]) == but_for_token(found[1]), (who, path)
    assert set(town.results(who)) == {"deny"}


def test_another_childs_things_in_a_body_are_refused_at_their_field(town, other):
    """The address is one's own child's; what is named in the body is not."""
    mine, mother, father = town.family("Ny Demo")
    consent = town.agree(mine, "skole", "ppt")
    base, services = f"/children/{mine}", [str(town.services["skole"])]
    agreed = {
        "purpose": "stafettlogg",
        "services": services,
        "given_by": [str(mother), str(other["father"])],
        "guardians_complete": True,
        "method": "signed",
        "given_on": str(town.today),
    }
    behalf = {"on_behalf_of": str(other["guardian"]), "how": "telefon"}
    hidden = {"hidden_from": [str(other["guardian"])], "hidden_reason": "no_right"}
    note = {"kind": "note", "text": "x", "visibility": "everyone"}
    asked = {"action": "guardian.block", "object_id": str(other["guardian"]), "words": "x"}
    opening = {"level": 1, "consent_id": str(consent)}
    cases = [
        (f"{base}/consents", agreed, ["given_by"]),
        (f"/consents/{town.consent}/withdrawal", behalf, ["on_behalf_of"]),
        (f"{base}/stafettlogg", {**opening, "concern_id": str(other["concern"])}, ["concern_id"]),
        (f"/children/{town.child}/entries", {**note, **hidden}, ["hidden_from"]),
        (f"/children/{town.child}/requests", asked, ["action"]),
    ]
    before = town.rows()
    for path, body, fields in cases:
        answer = town.api("laerer").post(path, body)
        assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, fields), path
        assert "Annen" not in answer.get_data(as_text=True)
    foreign = {**opening, "consent_id": str(other["consent"])}
    answer = town.api("laerer").post(f"{base}/stafettlogg", foreign)
    assert answer.status_code == 422
    assert "consent-not-valid" in {one["code"] for one in answer.json["error"]["obstacles"]}
    assert town.rows() == before
    assert father


def test_another_persons_sessions_and_tokens_do_not_exist(town):
    with town.database.reading() as session:
        theirs = session.scalars(select(SignIn.id).where(SignIn.user_id == town.users["mor"])).all()
    browser = town.browser("laerer")
    for kind in ("okter", "nokler"):
        for sign_in in (*theirs, uuid4()):
            answer = browser.send(f"/innstillinger/{kind}/{sign_in}/avslutt")
            assert answer.status_code == 404
    assert town.browser("mor").get("/familie").status_code == 200
