"""A log closes with a note, and opens again on a new consent as a new episode."""

import re
from io import BytesIO
from uuid import uuid4
from zipfile import ZipFile

import pytest

from stafett.access.models import Cover, Tie
from stafett.children.models import Child
from stafett.consents.models import ConsentService
from stafett.stafettlogg.models import Handover, Member, Stafettlogg
from tests.exports.reading import lines
from tests.stafettlogg.asking import closing, level, obstacles


def close(town, wish=None, who="laerer"):
    return town.api(who).post(f"/children/{town.child}/stafettlogg/closing", wish or closing())


def reopen(town, consent, who="laerer", **more):
    wish = {"level": 1, "consent_id": str(consent), "reason": "Det er vanskelig igjen.", **more}
    return town.api(who).post(f"/children/{town.child}/stafettlogg/reopening", wish)


def asked(town, who, *parts):
    api = town.api(who)
    return [api.get(f"/children/{town.child}{part}").status_code for part in parts]


ALL = ("", "/consents", "/entries", "/stafettlogg", "/members", "/guardians")


def test_closing_tells_how_it_ended(town):
    done = close(town)
    assert done.status_code == 200
    assert done.json["state"] == "closed"
    assert done.json["outcome"] == "goals_reached"
    assert done.json["closed_on"] == town.today.isoformat()
    assert done.json["members"] == []
    assert done.json["version"] == 2
    log = town.one(Stafettlogg, Stafettlogg.child_id == town.child)
    assert (log.closing_reason, log.family_view) == ("Målene er nådd.", "Vi er fornøyde.")
    assert log.closing_voice["how"] == "talk_before"


@pytest.mark.parametrize(("years", "there"), [(17, True), (18, False)])
def test_the_parents_of_one_who_is_of_age_are_not_said_to_read_on(town, years, there):
    town.tie("ungdom", "C16")
    with town.database.writing() as session:
        session.get_one(Child, town.child).birth_date = town.born(years)
    for who, words in (
        ("laerer", ("Hva sier foresatte?", "Familien kan fortsatt lese den")),
        (
            "ungdom",
            ("Hva sier de foresatte dine?", "Du og de foresatte dine kan fortsatt lese den"),
        ),
    ):
        said = town.browser(who).text(f"/barn/{town.child}/avslutt")
        assert [one in said for one in words] == [there, there]
        assert ("er myndig" in said) is not there


def test_nobody_reads_on_but_the_family_and_those_who_may_open_it_again(town):
    town.tie("koordinator", "KO", needs_consent=True)
    town.agree(town.child, "skole", "ppt", "helse", "ke", "bup")
    wanted = level(3, ip_assessment={"answer": "wanted"})
    assert (
        town.api("laerer").post(f"/children/{town.child}/level-changes", wanted).status_code == 201
    )
    assert close(town, closing(seen_version=2)).status_code == 200
    for who in ("laerer", "koordinator", "ke.leder"):
        assert asked(town, who, *ALL) == [200, 200, 403, 403, 403, 403], who
    assert asked(town, "laerer", "")
    assert town.api("laerer").get(f"/children/{town.child}").json["state"] == "closed"
    for who in ("ppt", "rektor", "nyansatt"):
        assert asked(town, who, *ALL) == [404] * 6, who
    for who in ("mor", "far"):
        assert asked(town, who, *ALL) == [200] * 6, who
    assert town.count(Cover, Cover.child_id == town.child, Cover.ended_at.is_(None)) == 0
    assert town.count(ConsentService, ConsentService.ended_at.is_(None)) == 0
    assert town.count(Member, Member.ended_at.is_(None)) == 0


def test_the_closing_note_stays_in_history_document_and_copy_when_it_is_opened_again(town):
    close(town)
    there = f"/barn/{town.child}"
    for state in ("closed", "reopened"):
        browser = town.browser("mor")
        words = "\n".join(lines(browser.get(f"{there}/stafettlogg.docx").data))
        with ZipFile(BytesIO(browser.get(f"{there}/kopi.zip").data)) as pack:
            copy = pack.read("les-meg.html").decode()
        for shown in (browser.text(f"{there}/niva"), words, copy):
            for one in ("Målene er nådd", "Vi er fornøyde.", "samtale før møtet"):
                assert one in shown, (state, one)
        if state == "closed":
            assert reopen(town, town.agree(town.child, "skole", "ppt")).status_code == 200
    (note,) = town.api("mor").get(f"/children/{town.child}/stafettlogg").json["closings"]
    assert (note["outcome"], note["reason"]) == ("goals_reached", "Målene er nådd.")
    assert note["child_voice"]["how"] == "talk_before"


def test_nobody_writes_in_a_closed_log(town):
    entry = {"kind": "note", "text": "Før", "visibility": "everyone"}
    path = f"/children/{town.child}/entries"
    made = town.api("mor").post(path, entry).json
    close(town)
    before = town.rows()
    assert obstacles(town.api("mor").post(path, entry)) == ["log-closed"]
    correction = {"text": "Etter", "reason": "Feil", "seen_version": 1}
    assert obstacles(town.api("mor").post(f"/entries/{made['id']}/corrections", correction)) == [
        "log-closed"
    ]
    # Who may say so is told that it is closed already.
    assert obstacles(close(town, closing(2))) == ["log-closed"]
    assert close(town, closing(2), who="ppt").status_code == 404
    assert town.rows() == before


def test_a_baton_on_its_way_is_called_back(town):
    path = f"/children/{town.child}/handovers"
    offered = town.api("laerer").post(path, {"to": "helsesykepleier"}).json
    close(town)
    answer = town.api("helsesykepleier").post(f"/handovers/{offered['id']}/acceptance")
    assert answer.status_code == 409
    assert answer.json["error"]["current"] == {"state": "cancelled"}
    assert town.one(Handover).state == "cancelled"


def test_the_family_and_the_holder_of_a_frozen_log_may_close(town):
    assert close(town, who="ppt").status_code == 403
    town.api("mor").post(f"/consents/{town.consent}/withdrawal", {})
    assert close(town, closing(outcome="consent_withdrawn")).status_code == 200
    assert close(town, closing(2), who="mor").status_code == 422


def test_closing_is_the_familys_too(town):
    done = close(town, closing(outcome="family_wish"), who="far")
    assert (done.status_code, done.json["state"]) == (200, "closed")
    assert asked(town, "ppt", "") == [404]


def test_a_youth_who_closes_her_own_log_is_spoken_to_and_not_of(town):
    town.tie("ungdom", "C16")
    form, browser = f"/barn/{town.child}/avslutt", town.browser("ungdom")
    _, said = browser.text(form).split("Avslutt stafettloggen din")  # the band has the name
    for words in ("Hvorfor avslutter du?", "Hvordan har du fått si din mening?", "Hva sier du?"):
        assert words in said
    assert "Nora" not in said
    assert "arnet" not in said
    refused = browser.send(form, {"seen_version": "1"}).get_data(as_text=True)
    assert "Hva du mener" in refused
    assert "Hva Nora" not in refused
    wish = {"outcome": "other_help", "reason": "Det går bra.", "family_view": "Enige."}
    wish |= {"child_voice.how": "meeting", "child_voice.text": "«Jeg klarer meg.»"}
    assert browser.send(form, wish | {"seen_version": "1"}).status_code == 303
    for page in (f"/barn/{town.child}", f"/barn/{town.child}/niva"):
        said = browser.text(page)
        assert "Du får annen hjelp" in said
        assert "Dine ord" in said
        assert "Noras ord" not in said
        assert "Trenger Nora" not in said
        assert "Noras ord" in town.browser("mor").text(page)
        assert "Får annen hjelp" in town.browser("mor").text(page)
    said = town.browser("laerer").text(f"/barn/{town.child}")
    assert "Trenger Nora hjelp igjen" in said


def test_a_youth_whom_nobody_heard_reads_that_of_herself_in_the_second_person(town):
    town.tie("ungdom", "C16")
    unheard = {"child_voice": {"how": "not_obtained", "text": "Ingen spurte."}}
    assert close(town, closing(**unheard)).status_code == 200
    for page in (f"/barn/{town.child}", f"/barn/{town.child}/niva"):
        assert "Vi har ikke fått vite hva du mener. " in town.browser("ungdom").text(page)
        assert "Vi har ikke fått vite hva Nora mener. " in town.browser("mor").text(page)


def test_what_is_wrong_is_named_and_nothing_is_kept(town):
    before = town.rows()
    for changed, field in (
        ({"outcome": "ferdig"}, "outcome"),
        ({"reason": None}, "reason"),
        ({"family_view": " "}, "family_view"),
        ({"child_voice": {"how": "meeting", "text": "x" * 4001}}, "child_voice.text"),
        ({"seen_version": 1.5}, "seen_version"),
        ({"closed_at": "2026-01-01"}, "closed_at"),
    ):
        answer = close(town, closing() | changed)
        assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, [field])
    stale = close(town, closing(seen_version=9))
    assert stale.json["error"]["current"] == {"level": 1, "version": 1}
    assert town.rows() == before


def test_opened_again_as_a_new_episode_without_the_old_members(town):
    town.api("laerer").post(
        f"/children/{town.child}/entries",
        {"kind": "note", "text": "Fra første gang", "visibility": "everyone"},
    )
    close(town)
    assert obstacles(reopen(town, town.consent)) == [
        "consent-not-valid",
        "service-not-covered",
        "consent-missing",
        "too-few-services",
    ]
    consent = town.agree(town.child, "skole", "ppt")
    assert asked(town, "ppt", "") == [404]  # a new consent brings back nobody
    assert obstacles(reopen(town, town.consent)) == ["consent-not-valid"]
    done = reopen(town, consent)
    assert (done.status_code, done.json["state"], done.json["version"]) == (200, "open", 1)
    assert [(one["from_level"], one["level"]) for one in done.json["levels"]] == [
        (None, 1),
        (None, 1),
    ]
    assert done.json["levels"][0]["reason"] == "Det er vanskelig igjen."
    assert done.json["members"] == []
    assert town.count(Stafettlogg, Stafettlogg.child_id == town.child) == 2
    assert asked(town, "ppt", "") == [404]
    texts = town.api("laerer").get(f"/children/{town.child}/entries").json["items"]
    assert [one["text"] for one in texts] == ["Fra første gang"]
    assert obstacles(reopen(town, consent)) == ["log-open-already"]


def test_a_closed_log_is_opened_again_and_not_anew(town):
    close(town)
    consent = town.agree(town.child, "skole", "ke")
    town.tie("ke.leder", "KEL")
    wish = {"level": 1, "consent_id": str(consent)}
    answer = town.api("ke.leder").post(f"/children/{town.child}/stafettlogg", wish)
    assert obstacles(answer) == ["log-must-be-reopened"]


def test_who_opens_it_again(town):
    close(town)
    consent = town.agree(town.child, "skole", "ke")
    for who, status in (("mor", 403), ("ppt", 404), ("nyansatt", 404)):
        assert reopen(town, consent, who).status_code == status, who
    town.tie("koordinator", "KO")
    done = reopen(town, consent, "koordinator")
    assert (done.status_code, done.json["holder"]) == (200, "koordinator")
    assert asked(town, "laerer", "") == [404]  # the last holder is it no longer


def test_a_log_that_was_on_level_three_lets_the_units_leader_go(town):
    town.agree(town.child, "skole", "ppt", "bup")
    path = f"/children/{town.child}/level-changes"
    town.api("laerer").post(path, level(3, ip_assessment={"answer": "wanted"}))
    close(town, closing(seen_version=2))
    assert asked(town, "ke.leder", "") == [200]
    assert reopen(town, town.agree(town.child, "skole")).status_code == 200
    assert asked(town, "ke.leder", "") == [404]
    whole = Tie.basis != "task"  # not what a guardian who waits to be verified gives
    again = (Tie.child_id == town.child, Tie.relation == "KEL", Tie.ended_at.is_(None), whole)
    assert town.count(Tie, *again) == 0


def test_a_child_that_never_had_a_log_has_none_to_open_again(town):
    child, *_ = town.family("Ny Demo")
    town.tie("koordinator", "KO", child)
    wish = {"level": 1, "consent_id": str(uuid4()), "reason": "x"}
    path = f"/children/{child}/stafettlogg/reopening"
    assert obstacles(town.api("koordinator").post(path, wish)) == ["log-missing"]


@pytest.mark.parametrize("again", [True, False])
def test_only_levels_that_consent_allows_are_offered_and_the_others_say_what_they_need(town, again):
    child, there = town.child, "gjenapne"
    if again:
        close(town)
    else:
        (child, *_), there = town.family("Ny Demo"), "apne"
    page = f"/barn/{child}/stafettlogg/{there}"

    def offered():
        shown = town.browser("laerer").get(page).text
        fields = re.findall(r'name="level" value="(\d)"', shown)
        return [*map(int, fields)], shown

    town.agree(child, "skole")
    levels, shown = offered()
    assert levels == [1]
    assert ">Dette må på plass før nivå 2 og 3</" in shown
    assert "Nivå 2: Samtykket dekker for få tjenester til dette nivået." in shown
    assert "Nivå 3: Ingen i spesialisthelsetjenesten er dekket av samtykket." in shown
    assert f'href="/barn/{child}/samtykke/nytt"' in shown.split('id="forst"')[1]
    assert "ip_assessment" not in shown  # asked at level 3 alone
    town.agree(child, "skole", "ppt")
    assert offered()[0] == [1, 2]
    town.agree(child, "skole", "ppt", "bup")
    levels, shown = offered()
    assert levels == [1, 2, 3]
    assert 'id="forst"' not in shown
    refused = town.browser("laerer").send(page, {"level": "3"})
    assert refused.status_code == 422  # what was chosen stays, also when it is refused
    assert 'name="level" value="3" checked' in refused.text


def test_where_ones_own_service_is_left_out_that_is_said_before_anything_is_filled_in(town):
    close(town)
    town.agree(town.child, "helse", "ppt")
    shown = town.browser("laerer").get(f"/barn/{town.child}/stafettlogg/gjenapne").text
    assert "Samtykket dekker ikke tjenesten der personen arbeider." in shown
    assert f'href="/barn/{town.child}/samtykke/nytt"' in shown.split('id="forst"')[1]
    assert 'name="level"' not in shown


def test_the_history_says_that_a_log_was_opened_again(town):
    close(town)
    assert reopen(town, town.agree(town.child, "skole")).status_code == 200
    history = town.browser("laerer").text(f"/barn/{town.child}/niva")
    again, first = history.index("Åpnet igjen på nivå 1"), history.index("Åpnet på nivå 1")
    assert again < history.index("Avsluttet") < first
