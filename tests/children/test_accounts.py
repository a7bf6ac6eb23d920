"""The child's own account: from the participation age, and on its own from the consent age."""

from datetime import date, timedelta

import pytest

from stafett.access.models import Tie
from stafett.access.policy import Relation
from stafett.children import commands
from stafett.children.models import Child
from stafett.dates import birthday
from tests.statements import sent_to


def born(town, years, days=0):
    """A birth date that makes somebody `years` old today, and some days more."""
    day = date(town.today.year - years, town.today.month, min(town.today.day, 28))
    return date.fromordinal(day.toordinal() - days)


def child_of(town, years):
    child, *_ = town.family("Ung Demo", born(town, years))
    consent = town.agree(child, "skole") if years < 16 else agreed_alone(town, child)
    opened = town.api("laerer").post(
        f"/children/{child}/stafettlogg", {"level": 1, "consent_id": str(consent)}
    )
    assert opened.status_code == 201, opened.json
    return child


def agreed_alone(town, child):
    wish = {
        "purpose": "stafettlogg",
        "services": [str(town.services["skole"])],
        "given_by": ["child"],
        "guardians_complete": True,
        "method": "oral",
        "note": "Sa ja i en samtale på skolen i dag.",
        "given_on": town.today.isoformat(),
    }
    made = town.api("laerer").post(f"/children/{child}/consents", wish)
    assert (made.status_code, made.json["state"]) == (201, "active")
    return made.json["id"]


def give(town, child, username="ungdom", who="laerer"):
    return town.api(who).post(f"/children/{child}/account", {"username": username})


def ties(town, child):
    with town.database.reading() as session:
        from sqlalchemy import select  # noqa: PLC0415 only here

        rows = session.scalars(
            select(Tie).where(
                Tie.child_id == child,
                Tie.ended_at.is_(None),
                Tie.relation.in_([Relation.C12, Relation.C16, Relation.PF]),
            )
        )
        return {(row.relation, row.from_on, row.until_on) for row in rows}


@pytest.mark.parametrize("years", [12, 15, 16])
def test_the_child_reads_its_own_log(town, years):
    child = child_of(town, years)
    assert town.api("ungdom").get(f"/children/{child}").status_code == 404
    given = give(town, child)
    assert (given.status_code, given.json["id"]) == (200, str(child))
    own = town.api("ungdom").get(f"/children/{child}").json
    assert own["relations"] == ["self"]
    assert town.api("ungdom").get(f"/children/{child}/entries").status_code == 200


def test_who_may_not_have_one(town):
    young = child_of(town, 11)
    before = town.rows()
    answer = give(town, young)
    assert answer.status_code == 422
    assert [one["code"] for one in answer.json["error"]["obstacles"]] == [
        "child-too-young-for-account"
    ]
    for username in ("laerer", "ingen", "mor", ""):
        answer = give(town, young, username)
        assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, ["username"])
    assert town.rows() == before
    assert give(town, young, who="ppt").status_code == 404
    assert give(town, town.child, who="mor").status_code == 403


def test_one_account_is_one_child(town):
    first, second = child_of(town, 13), child_of(town, 14)
    assert give(town, first).status_code == 200
    answer = give(town, second)
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, ["username"])


def ties_from(day, today):
    """Who has which right, and from when until when, for a child born on a day."""
    sixteen, eighteen = birthday(day, 16), birthday(day, 18)
    return {
        ("C12", birthday(day, 12), sixteen - timedelta(days=1)),
        ("C16", sixteen, None),
        ("PF", today, eighteen - timedelta(days=1)),
    }


def test_rights_change_on_the_birthdays_and_move_with_a_corrected_one(town):
    child = child_of(town, 13)
    assert give(town, child).status_code == 200
    day = born(town, 13)
    assert ties(town, child) == ties_from(day, town.today)
    # The register knew better: three years older, so that consent is the youth's own today.

    day = born(town, 16)
    with town.work("ke.leder") as work:
        commands.edit(work, child, commands.EditChild(seen_version=2, birth_date=day))
    assert ties(town, child) == ties_from(day, town.today)
    assert town.api("ungdom").get(f"/children/{child}").json["relations"] == ["self"]


def test_guardians_are_out_on_the_eighteenth_birthday(town):
    child = child_of(town, 17)
    assert give(town, child).status_code == 200
    days = (birthday(born(town, 17), 18) - town.today).days
    with town.later(days=days - 1):
        assert town.api("mor").get(f"/children/{child}").status_code == 200
    with town.later(days=days):
        assert town.api("mor").get(f"/children/{child}").status_code == 404
        assert town.api("ungdom").get(f"/children/{child}").status_code == 200


def test_the_first_page_speaks_to_the_child_itself(town):
    child = child_of(town, 13)
    assert give(town, child).status_code == 200
    own, mother = (town.browser(who).text("/familie") for who in ("ungdom", "mor"))
    for words, its in (
        ("Skriv i rommet ditt", True),
        ("Alle som har lest om deg", True),
        ("Se hva dere har sagt ja til", False),
        ("Er du forelder uten foreldreansvar?", False),
    ):
        assert (words in own, words in mother) == (its, not its), words
    page = f"/barn/{child}/om"
    assert "Om meg" in town.browser("ungdom").text(page)
    assert "Om meg" not in town.browser("mor").text(page)


def test_ties_to_what_was_joined_to_a_record_are_given_all_at_once(town):
    child = child_of(town, 13)
    assert give(town, child).status_code == 200

    def asked():
        with town.work("ke.leder") as work, sent_to(town.database) as statements:
            row = work.session.get_one(Child, child)
            commands._tie_account(work, row)  # noqa: SLF001 what a birthday that is corrected does
        return sum(statement.startswith("INSERT INTO tie ") for statement, _ in statements)

    before = asked()
    for name in ("Et Demo", "To Demo"):
        past, *_ = town.family(name)
        with town.database.writing() as session:
            row = session.get_one(Child, past)
            row.joined_to, row.past_log = child, True
    assert asked() == before == 1
    joined = Tie.user_id == town.users["ungdom"], Tie.basis == "joined", Tie.ended_at.is_(None)
    assert town.count(Tie, *joined) == 4


@pytest.mark.parametrize(("years", "offered"), [(0, False), (11, False), (12, True), (17, True)])
def test_an_account_is_offered_to_whom_it_may_be_given(town, years, offered):
    child = child_of(town, years)
    assert ("egen konto" in town.browser("laerer").text(f"/barn/{child}/om")) is offered
    sent = town.browser("laerer").send(f"/barn/{child}/konto", {"username": "ungdom"})
    assert (sent.status_code == 303) is offered


@pytest.mark.parametrize("there", ["samtykke", "samtykke/nytt"])
def test_of_one_in_its_first_year_no_opinion_is_said_to_be_asked(town, there):
    said = {}
    for years in (0, 1):
        child, *_ = town.family("Liten Demo", born(town, years))
        said[years] = town.browser("laerer").text(f"/barn/{child}/{there}")
    assert "Liten er 1 år og skal få si sin mening. Fra 16 år" in said[1]
    assert "er 0 år" not in said[0]
    assert "Fra 16 år bestemmer Liten selv" in said[0]
