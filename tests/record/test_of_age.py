"""The page of a child, and what stands above every page, speak of who decides and who reads."""

import pytest

from stafett.children import commands as children
from stafett.children.models import Child
from stafett.web.messages import ERRORS, FIELDS, OBSTACLES
from tests.birth.scene import expected
from tests.stafettlogg.asking import closing

AGES = [
    (9, "familien", "Familien"),
    (16, "Nora", "Familien"),
    (18, "Nora", "Nora"),
]
"""Years, who says yes, and who reads, as a sentence begins."""


def aged(town, years, child=None):
    with town.database.writing() as session:
        session.get_one(Child, child or town.child).birth_date = town.born(years)


def test_no_message_takes_for_granted_that_a_family_decides():
    said = [*ERRORS.values(), *OBSTACLES.values(), *FIELDS.values()]
    assert [one for one in said if "familien" in one.casefold()] == []


@pytest.mark.parametrize(("years", "decides", "reads"), AGES)
def test_a_log_begins_with_who_decides(town, years, decides, reads):
    child, *_ = town.family("Nora Ny")
    aged(town, years, child)
    shown = town.browser("laerer").text(f"/barn/{child}")
    assert (
        f"{reads} er med fra begynnelsen. Ingen andre ser noe før {decides} har sagt ja." in shown
    )
    assert f"Snakk med {decides} om hvilke tjenester" in shown
    assert f"har ikke snakket med {decides} ennå" in shown
    town.tie("ungdom", "C16", child)
    log = town.browser("ungdom").text(f"/barn/{child}/stafettlogg")
    assert "En tjeneste kan åpne den når det er sagt ja til det." in log


@pytest.mark.parametrize(("years", "alone"), [(15, False), (16, True), (17, True), (18, True)])
def test_a_youth_s_consent_waits_for_no_guardian_to_be_registered(town, years, alone):
    with town.work("laerer") as work:
        child = children.register(work, children.Register("Nora Ny", birth_date=town.born(10))).id
    aged(town, years, child)
    shown = town.browser("laerer").text(f"/barn/{child}")
    assert ("for alle må si ja" in shown) is not alone
    assert ("Nora bestemmer selv" in shown or "myndig og bestemmer selv" in shown) is alone
    about = town.browser("laerer").text(f"/barn/{child}/om")
    assert ("Uten dem kan ingen si ja" in about) is not alone
    assert ("Nora bestemmer selv, og kan si ja uten dem." in about) is (alone and years < 18)


@pytest.mark.parametrize(("years", "decides", "reads"), AGES)
def test_a_log_that_has_ended_is_read_on_and_begun_again_by_who_decides(
    town, years, decides, reads
):
    ended = town.api("laerer").post(f"/children/{town.child}/stafettlogg/closing", closing())
    assert ended.status_code == 200
    aged(town, years)
    shown = town.browser("laerer").text(f"/barn/{town.child}")
    assert f"ber du {decides} om et nytt samtykke" in shown


@pytest.mark.parametrize(("years", "decides", "reads"), AGES)
def test_a_log_is_open_again_when_who_decides_says_yes(town, years, decides, reads):
    gone = town.api("mor").post(f"/consents/{town.consent}/withdrawal", {})
    assert gone.status_code == 200
    aged(town, years)
    shown = town.browser("laerer").text(f"/barn/{town.child}")
    assert f"Snakk med {decides}. Blir det ja på nytt" in shown
    town.tie("ungdom", "C16")
    reading = town.browser("ungdom").text(f"/barn/{town.child}/folk")
    assert f"Bare {reads if reads == 'Nora' else 'familien'} kan lese den nå." in reading


@pytest.mark.parametrize(("years", "decides", "reads"), AGES)
def test_who_reads_sees_that_a_log_was_taken_out(town, years, decides, reads):
    aged(town, years)
    shown = town.browser("laerer").text(f"/barn/{town.child}/stafettlogg")
    assert f"{reads} ser at du har lastet den ned." in shown


def test_before_a_birth_it_is_who_carries_the_child_who_decides_and_reads(town):
    expected(town)
    holder, there = town.browser("laerer"), f"/barn/{town.child}"
    assert "Den gravide ser at du har lastet den ned." in holder.text(f"{there}/stafettlogg")
    assert "Den gravide ser her hvem som er med." in holder.text(f"{there}/folk")
    passing = holder.text(f"{there}/folk/stafettpinne")
    assert "Snakk med den gravide først" in passing
    assert "Hva ønsker den gravide?" in passing
    assert "familien" not in passing.casefold()
