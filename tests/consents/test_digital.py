"""The family's own yes: asked for, given, confirmed, refused, and the words that were agreed to."""

import re
from datetime import date, timedelta
from hashlib import sha256
from uuid import UUID

import pytest
from sqlalchemy import update

from stafett.access.policy import Purpose
from stafett.children.models import Child, Guardian
from stafett.consents.models import Consent, ConsentGiver, ConsentText, Withdrawal
from stafett.consents.queries import named
from stafett.consents.rules import PURPOSES, SEES, words
from stafett.dates import full_day
from stafett.people.models import Service
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind
from tests.consents.test_api import covered, reads, register, state, wish
from tests.plan.scene import on_page


def ask(town, *services, child=None, **more):
    """The teacher asks both parents for a digital yes."""
    path = f"/children/{child or town.child}/consents"
    asked = {**wish(town, *services, method="digital", **more), "given_by": []}
    made = town.api("laerer").post(path, asked)
    assert made.status_code == 201, made.json
    return made.json


def reply(town, consent, who, answer="yes"):
    return town.api(who).post(f"/consents/{consent}/reply", {"answer": answer})


def text(town, consent):
    return town.one(ConsentText, ConsentText.consent_id == UUID(consent)).text


def waiting(town, who):
    items = town.api(who).get("/worklist").json["items"]
    assert {one["kind"] for one in items} <= {"consent"}
    return {UUID(one["href"].removeprefix("/samtykke/")) for one in items}


def test_asked_for_and_given_by_both(town):
    asked = ask(town, "bup")
    assert (asked["state"], asked["given_by"]) == ("waiting", [])
    assert set(asked["waits_for"]) == {str(town.mor), str(town.far)}
    for who in ("mor", "far"):
        assert waiting(town, who) == {town.consent, UUID(asked["id"])}  # the town's is on paper
    first = reply(town, asked["id"], "mor")
    assert (first.status_code, first.json["state"]) == (200, "waiting")
    assert waiting(town, "mor") == {town.consent}
    assert "bup" not in covered(town)
    last = reply(town, asked["id"], "far")
    assert (last.json["state"], last.json["waits_for"]) == ("active", [])
    assert set(last.json["confirmed_by"]) == {str(town.mor), str(town.far)}
    assert "bup" in covered(town)


def test_one_no_ends_what_was_asked_and_nothing_else(town):
    """The log's earlier consent for the same service stands; who asked is told."""
    asked = ask(town, "skole", "bup")
    assert reply(town, asked["id"], "mor").status_code == 200
    refused = reply(town, asked["id"], "far", "no")
    assert (refused.status_code, refused.json["state"]) == (200, "withdrawn")
    assert covered(town) == {"skole", "ppt", "helse", "ke"}
    assert state(town, town.consent) == "active"
    task = town.one(Task, Task.kind == TaskKind.CONSENT_REFUSED)
    assert (task.user_id, task.source_id) == (town.users["laerer"], UUID(asked["id"]))
    assert town.browser("laerer").get(f"/oppgave/{task.id}").status_code == 200
    said = town.one(Withdrawal, Withdrawal.withdrawn_by == town.users["far"])
    assert len(said.services.split()) == 2
    for who in ("mor", "far"):
        assert reply(town, asked["id"], who).status_code == 409


def test_what_waits_is_taken_back_alone(town):
    asked = ask(town, "skole")
    assert reply(town, asked["id"], "mor").status_code == 200
    gone = town.api("mor").post(f"/consents/{asked['id']}/withdrawal", {})
    assert gone.json["state"] == "withdrawn"
    assert (state(town, town.consent), covered(town)) == ("active", {"skole", "ppt", "helse", "ke"})


def test_what_staff_wrote_is_confirmed_or_denied_by_who_said_it(town):
    paper = register(town, "skole", "ppt", "helse", "ke", "bup")
    assert paper["confirmed_by"] == []
    assert "Stemmer det at du har sagt ja" in town.browser("mor").text("/familie")
    assert "ikke bekreftet" in town.browser("laerer").text(f"/barn/{town.child}/samtykke")
    words = "De som er invitert fra tjenestene"
    asked = town.browser("mor").text(f"/samtykke/{paper['id']}")
    assert asked.count(words) == 1
    assert "Gjelder fra" not in asked  # the words that she answers say it
    yes = reply(town, paper["id"], "mor")
    assert yes.json["confirmed_by"] == [str(town.mor)]
    assert reply(town, paper["id"], "mor").status_code == 409
    assert reads(town, "ppt") == 200
    no = reply(town, paper["id"], "far", "no")
    assert (no.status_code, no.json["state"]) == (200, "withdrawn")
    assert reads(town, "ppt") == 404
    assert town.count(Task, Task.kind == TaskKind.CONSENT_REFUSED) == 1


@pytest.mark.parametrize(
    ("who", "status"),
    [("laerer", 403), ("ppt", 403), ("ke.leder", 404), ("nyansatt", 404), ("admin", 404)],
)
def test_nobody_answers_for_the_family(town, who, status):
    asked = ask(town, "bup")
    before = town.rows()
    assert reply(town, asked["id"], who).status_code == status
    assert town.rows() == before


def test_staff_cannot_write_a_digital_yes_nor_paper_without_anybody(town):
    before = town.rows()
    path = f"/children/{town.child}/consents"
    for wrong in (
        wish(town, "bup", method="digital"),
        {**wish(town, "bup"), "given_by": []},
        {**wish(town, "bup", method="oral"), "given_by": []},
    ):
        answer = town.api("laerer").post(path, wrong)
        assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, ["given_by"])
    asked = ask(town, "bup")
    digital = {"given_by": str(town.mor), "method": "digital", "given_on": str(town.today)}
    answer = town.api("laerer").post(f"/consents/{asked['id']}/answers", digital)
    assert list(answer.json["error"]["fields"]) == ["method"]
    assert town.count(ConsentGiver) == 2  # those of the town itself
    assert town.rows().keys() == before.keys()


def test_one_on_paper_and_the_other_digitally(town):
    asked = ask(town, "bup")
    signed = {"given_by": str(town.mor), "method": "signed", "given_on": str(town.today)}
    assert town.api("laerer").post(f"/consents/{asked['id']}/answers", signed).status_code == 200
    last = reply(town, asked["id"], "far")
    assert (last.json["state"], last.json["confirmed_by"]) == ("active", [str(town.far)])


@pytest.mark.parametrize(("years", "who_decides"), [(15, "mor"), (16, "ungdom")])
def test_the_youth_alone_from_the_consent_age(town, years, who_decides):
    child, *_ = town.family("Ung Demo")
    with town.database.writing() as session:
        row = session.get_one(Child, child)
        row.birth_date = date(town.today.year - years, town.today.month, min(town.today.day, 28))
        row.user_id = town.users["ungdom"]
    town.tie("ungdom", "C16" if years >= 16 else "C12", child)
    asked = ask(town, "skole", child=child, child_voice={"how": "meeting"})
    given = {who: reply(town, asked["id"], who).status_code for who in ("mor", "ungdom")}
    assert given == {
        "mor": 200 if who_decides == "mor" else 403,
        "ungdom": 403 if years < 16 else 200,
    }
    assert state(town, asked["id"], child=child) == ("active" if years >= 16 else "waiting")


def test_a_blocked_or_ended_guardian_does_not_answer(town):
    asked = ask(town, "bup")
    ended = town.api("ke.leder")
    town.tie("ke.leder", "KEL")
    assert ended.post(f"/guardians/{town.far}/block", {"reason": "Vedtak"}).status_code == 200
    assert reply(town, asked["id"], "far").status_code == 404
    assert reply(town, asked["id"], "mor").json["state"] == "active"


# --- The words ------------------------------------------------------------------------------------


@pytest.mark.parametrize("purpose", list(Purpose))
def test_the_words_tell_all_that_must_be_told(purpose):
    said = words("Nora", purpose, ["Skolen", "PPT"], (date(2026, 1, 2), date(2027, 1, 2)))
    for told in (PURPOSES[purpose], SEES[purpose], "- Skolen\n- PPT", "frivillig", "Nora"):
        assert told in said
    assert "fra 2.1.2026 til og med 2.1.2027" in said


def test_the_receipt_is_what_was_agreed_to_whatever_is_renamed_later(town):
    asked = ask(town, "bup")
    before = text(town, asked["id"])
    assert "Demo-bup" in before
    for who in ("mor", "far"):
        assert before.splitlines()[0] in town.browser(who).text(f"/samtykke/{asked['id']}")
        assert reply(town, asked["id"], who).status_code == 200
    with town.database.writing() as session:
        session.get_one(Service, town.services["bup"]).name = "Et annet navn"
        session.get_one(Child, town.child).name = "Et nytt navn"
    page = town.browser("mor").get(f"/samtykke/{asked['id']}/kvittering").text
    for line in before.splitlines():
        assert line in page
    assert page.index("Tilbake til samtykket") < page.index("</h1>"), "as on other pages"
    assert sha256(before.encode()).hexdigest() in page
    assert text(town, asked["id"]) == before
    assert town.browser("ppt").get(f"/samtykke/{asked['id']}/kvittering").status_code == 403
    assert town.browser("nyansatt").get(f"/samtykke/{asked['id']}/kvittering").status_code == 404


def test_the_pages_that_ask_and_answer(town):
    """As a mother on her phone does it, and the teacher before her."""
    path = f"/barn/{town.child}/samtykke/nytt"
    form = {
        "purpose": "stafettlogg",
        "services": str(town.services["bup"]),
        "method": "digital",
        "given_on": town.today.isoformat(),
        "guardians_complete": "true",
    }
    refused = town.browser("laerer").send(path, {**form, "method": "signed"})
    assert refused.status_code == 422
    assert "Velg minst én som har sagt ja" in refused.text
    assert town.browser("laerer").send(path, form).status_code == 303
    consent = town.one(Consent, Consent.method == "digital").id
    mother, page = town.browser("mor"), f"/samtykke/{consent}"
    assert "Vi spør om du sier ja" in mother.text("/familie")
    assert "Les og svar" in mother.text(f"/barn/{town.child}/samtykke")
    shown = mother.text(page)
    assert "Sier du ja til dette?" in shown
    assert "Det er frivillig" in shown
    assert mother.send(f"{page}/mitt-svar", {}).status_code == 422
    assert mother.send(f"{page}/mitt-svar", {"answer": "yes"}).status_code == 303
    assert mother.send(f"{page}/mitt-svar", {"answer": "yes"}).status_code == 409
    assert "Sier du ja til dette?" not in mother.text(page)
    assert "Sier du ja til dette?" in town.browser("far").text(page)
    assert "Sier du ja til dette?" not in town.browser("laerer").text(page)


def test_each_yes_stands_with_its_own_day(town):
    asked = ask(town, "bup")
    days = (full_day(town.today + timedelta(days=days)) for days in (0, 3))
    first, last = (day.replace("\N{NO-BREAK SPACE}", " ") for day in days)
    reply(town, asked["id"], "far")
    with town.later(days=3):
        reply(town, asked["id"], "mor")
        page = f"/barn/{town.child}/samtykke"
        assert f"Far Demo sa ja {first} og du {last}." in town.browser("mor").text(page)
        assert f"Du sa ja {first} og Mor Demo {last}." in town.browser("far").text(page)
        assert f"{first} og {last}, digitalt" in town.browser("laerer").text(page)


def test_what_staff_wrote_is_shown_to_whom_it_is_about(town):
    given_on = town.today - timedelta(days=300)
    made = register(town, "bup", given_on=str(given_on), method="oral", note="På telefon")
    shown = town.browser("mor").text(f"/samtykke/{made['id']}")
    assert f"Noen i kommunen har skrevet at du sa ja {on_page(given_on)}, muntlig." in shown


def on_the_worklist(town, who):
    items = town.api(who).get("/worklist").json["items"]
    return {one["title"]: one["href"] for one in items if one["kind"] == "task"}


def test_who_asked_is_told_when_nobodys_yes_is_missing_and_led_to_it(town):
    asked = ask(town, "bup")
    reply(town, asked["id"], "mor")
    assert on_the_worklist(town, "laerer") == {}
    reply(town, asked["id"], "far")
    (there,) = on_the_worklist(town, "laerer").values()
    task = town.one(Task, Task.kind == TaskKind.CONSENT_GIVEN)
    assert there == f"/oppgave/{task.id}"
    assert f'href="/samtykke/{asked["id"]}"' in town.browser("laerer").get(there).text
    assert town.browser("laerer").send(there, {"text": "Lest."}).status_code == 303
    assert on_the_worklist(town, "laerer") == {}
    register(town, "skole", "ppt", "helse", "ke", "bup")
    assert town.count(Task, Task.kind == TaskKind.CONSENT_GIVEN) == 1  # on paper, by staff: known


def test_what_was_said_no_to_is_not_called_taken_back(town):
    """Nothing had been given, and so nothing was taken back."""
    asked = ask(town, "bup", note="Skolen vil ha med BUP på møtet.")
    sent = town.browser("far").send(f"/samtykke/{asked['id']}/mitt-svar", {"answer": "no"})
    assert sent.headers["Location"].endswith("/samtykke#for")  # where it says so
    for who in ("laerer", "mor", "far"):
        for there in (f"/samtykke/{asked['id']}", f"/barn/{town.child}/samtykke"):
            said = town.browser(who).text(there)
            assert "Det ble sagt nei" in said, (who, there)
            assert "Trukket tilbake" not in said, (who, there)
    task = town.one(Task, Task.kind == TaskKind.CONSENT_REFUSED)
    shown = town.browser("laerer").get(f"/oppgave/{task.id}").text
    assert f'href="/samtykke/{asked["id"]}"' in shown


def test_the_question_says_who_is_to_come_in_and_why_before_it_asks(town):
    asked = ask(town, "bup", note="Skolen vil ha med BUP på møtet.")
    assert "Det gjelder Nora Demo. Tjenesten: Demo-bup." in town.browser("mor").text("/familie")
    said = town.browser("mor").text(f"/samtykke/{asked['id']}")
    assert said.count("Skolen vil ha med BUP på møtet.") == 1
    assert said.index("Skolen vil ha med BUP") < said.index("Ja, det er greit")
    assert "Skolen vil ha med BUP" in town.browser("laerer").text(f"/samtykke/{asked['id']}")


def test_of_a_child_with_a_protected_address_the_question_names_no_place(town):
    asked = UUID(ask(town, "bup")["id"])
    with town.work("mor") as work:
        assert named(work, [asked]) == {asked: ["Demo-bup"]}
        work.session.execute(update(Child).values(address_protection="fortrolig"))
        assert named(work, [asked]) == {asked: [town.profile.service_kind("bup").label]}


def test_who_has_no_account_is_known_not_to_answer_here(town):
    no_account = "Far Demo har ikke konto, og må svare på papir eller muntlig."
    form = f"/barn/{town.child}/samtykke/nytt"
    assert "har ikke konto" not in town.browser("laerer").text(form)
    with town.work("laerer") as work:
        work.session.get_one(Guardian, town.far).user_id = None
    assert no_account in town.browser("laerer").text(form)
    asked = ask(town, "bup")
    assert no_account in town.browser("laerer").text(f"/samtykke/{asked['id']}")
    reply(town, asked["id"], "mor")
    assert "Mor Demo og" not in town.browser("laerer").text(f"/samtykke/{asked['id']}")


def test_a_youth_who_decides_alone_is_asked_as_it_stands(town):
    """Nobody has said yes before he does: no box is ticked for him."""
    with town.work("laerer") as work:
        born = town.born(16)
        work.session.execute(update(Child).values(birth_date=born, user_id=town.users["ungdom"]))
    form = town.browser("laerer").get(f"/barn/{town.child}/samtykke/nytt").text
    (box,) = re.findall(r'<input[^>]* value="child"[^>]*>', form)
    assert "checked" not in box


def test_how_it_was_said_is_told_and_not_how_it_was_asked(town):
    asked = ask(town, "bup")
    reply(town, asked["id"], "mor")
    paper = {"given_by": str(town.far), "method": "signed", "given_on": town.today.isoformat()}
    done = town.api("laerer").post(f"/consents/{asked['id']}/answers", paper)
    assert done.json["state"] == "active", done.json
    said = town.browser("laerer").text(f"/barn/{town.child}/samtykke")
    assert "skriftlig og digitalt, ikke bekreftet" in said


def test_the_youth_who_is_asked_is_spoken_to(town):
    with town.work("laerer") as work:
        born = town.born(16)
        work.session.execute(update(Child).values(birth_date=born))
    assert town.api("laerer").post(
        f"/children/{town.child}/account", {"username": "ungdom"}
    ).status_code in {200, 201}
    asked = ask(town, "bup")
    home = town.browser("ungdom").text("/familie")
    assert "Det gjelder deg. Tjenesten: Demo-bup." in home
    for who, waits, alone in (
        ("ungdom", "Venter på deg", "Du er gammel nok til å bestemme selv."),
        ("laerer", "Venter på Nora Demo", "Ungdommen er gammel nok til å bestemme selv."),
    ):
        said = town.browser(who).text(f"/samtykke/{asked['id']}")
        assert waits in said
        assert alone in said
        assert "Samtykket gjelder først når svaret er ja. Til da gir det ingen tjeneste" in said
        assert "Barnet selv" not in said


@pytest.mark.parametrize("years", [15, 16, 18])
def test_the_pages_say_who_decides(town, years):
    town.tie("ungdom", "C16" if years > 15 else "C12")
    with town.work("laerer") as work:
        work.session.execute(update(Child).values(birth_date=town.born(years)))
    alone, of_age, page = years >= 16, years >= 18, f"/barn/{town.child}/samtykke"
    holder = town.browser("laerer")
    listed, new, one = (
        holder.text(at) for at in (page, f"{page}/nytt", f"/samtykke/{town.consent}")
    )
    assert ("Familien bestemmer hvem" in listed) is not alone
    assert ("Nora bestemmer selv hvem" in listed) is alone
    assert ("Skriv inn det familien har sagt ja til" in new) is not alone
    assert ("Skriv inn det Nora har sagt ja til" in new) is alone
    assert ("Familien sier ja til tjenester" in new) is not alone
    assert ("alle med foreldreansvar er registrert" in new) is not of_age
    assert ("på vegne av familien" in one) is not alone
    assert ("på vegne av Nora" in one) is alone
    if not of_age:
        said = town.browser("mor").text(page)
        assert ("Nora bestemmer selv. Her ser du hva som er bestemt." in said) is alone


def test_a_yes_of_one_who_is_of_age_is_registered_without_guardians(town):
    with town.work("laerer") as work:
        work.session.execute(update(Child).values(birth_date=town.born(18)))
    page = f"/barn/{town.child}/samtykke/nytt"
    holder = town.browser("laerer")
    hidden = '<input type="hidden" name="guardians_complete" value="true">'
    assert hidden in holder.get(page).text
    form = {"purpose": "stafettlogg", "services": str(town.services["skole"])}
    form |= {"method": "signed", "given_by": "child", "given_on": town.today.isoformat()}
    assert holder.send(page, form | {"guardians_complete": "true"}).status_code == 303
