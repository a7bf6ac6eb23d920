"""One child through forms alone: from the first concern to a log that closes and opens again."""

from uuid import UUID

from sqlalchemy import select

from stafett.consents.models import Consent
from stafett.entries.models import Entry
from stafett.stafettlogg.models import Concern, Handover, Member


class Reader:
    """Somebody at a screen: sends a form, is sent on, and gets a page."""

    def __init__(self, town, name):
        self.browser, self.app = town.browser(name), town.app

    def send(self, path, **data):
        answer = self.browser.send(path, data)
        assert answer.status_code == 303, (path, answer.get_data(as_text=True)[-2000:])
        onward = answer.headers["Location"]
        assert self.browser.get(onward).status_code == 200, onward
        return onward

    def text(self, path):
        return self.browser.text(path)

    def status(self, path):
        return self.browser.get(path).status_code


def newest(town, table, **where):
    with town.database.reading() as session:
        found = select(table).filter_by(**where).order_by(table.id)
        return session.scalars(found).all()[-1]


def consent(town, guardians, *services):
    return {
        "purpose": "stafettlogg",
        "services": [str(town.services[name]) for name in services],
        "given_by": guardians,
        "guardians_complete": "on",
        "method": "signed",
        "given_on": town.today.isoformat(),
    }


VOICE = {"child_voice.how": "meeting", "child_voice.text": "«Jeg vil tegne.»"}


def test_from_the_first_concern_to_closing_and_on(town):  # noqa: PLR0915 one story, told at once
    laerer, rektor = Reader(town, "laerer"), Reader(town, "rektor")
    helse, mor = Reader(town, "helsesykepleier"), Reader(town, "mor")
    new = {"name": "Ny Demo", "birth_date": "2018-03-04", "address_protection": "none"}
    home = laerer.send("/barn/nytt", **new)
    child = UUID(home.rpartition("/")[2])

    laerer.send(f"{home}/bekymring/ny", observed="Sitter alene.", worry="4", areas=["sosial"])
    concern = newest(town, Concern, child_id=child)
    path = f"/bekymring/{concern.id}"
    decision = {"decision": "more_services", "reason": "Flere bør se på det."}
    rektor.send(f"{path}/avgjorelse", **decision)
    assert rektor.status(path) == laerer.status(path) == 200
    assert helse.status(path) == 404

    parent = {"parental_responsibility": "true", "lives_with": "true"}
    for who in ("mor", "far"):
        given = {"name": f"{who} Demo", "relation": who, "username": who}
        laerer.send(f"{home}/foresatte", **parent, **given)
    ids = [
        one["id"] for one in town.api("laerer").get(f"/children/{child}/guardians").json["items"]
    ]
    laerer.send(f"{home}/samtykke/nytt", **consent(town, ids[:1], "skole", "helse", "ke"))
    waiting = newest(town, Consent, child_id=child)
    yes = {"given_by": ids[1], "method": "signed", "given_on": town.today.isoformat()}
    laerer.send(f"/samtykke/{waiting.id}/svar", **yes)

    opening = {"level": "1", "consent_id": str(waiting.id), "concern_id": str(concern.id)}
    laerer.send(f"{home}/stafettlogg/apne", **opening)
    assert "Sitter alene." in mor.text(f"{home}/stafettlogg")
    until = town.today.isoformat()
    invited = {"username": "nyansatt", "access": "read", "until": until}
    laerer.send(f"{home}/folk/medlem", **invited)
    mor.send(f"{home}/stafettlogg", kind="note", text="Hei fra mor", visibility="everyone")
    laerer.send(
        f"{home}/stafettlogg",
        kind="note",
        text="Fagnotat",
        visibility="professionals",
        visibility_reason="our_work",
    )
    assert "Fagnotat" in Reader(town, "nyansatt").text(f"{home}/stafettlogg")
    assert "Fagnotat" not in mor.text(f"{home}/stafettlogg")
    entry = newest(town, Entry, child_id=child, written_by=town.users["mor"])
    fixed = {"text": "Hei fra mamma", "reason": "Skrivefeil", "seen_version": "1"}
    mor.send(f"/oppforing/{entry.id}", **fixed)
    assert "Hei fra mamma" in laerer.text(f"{home}/stafettlogg")

    change = {"level": "2", "reason": "Helse er med.", "parents_agree": "true", **VOICE}
    laerer.send(f"{home}/niva", **change, seen_version="1")
    laerer.send(f"{home}/folk/stafettpinne", to="helsesykepleier", message="Kan du?")
    handover = newest(town, Handover, child_id=child)
    assert "Kan du?" in helse.text(f"/overtakelse/{handover.id}")
    helse.send(f"/overtakelse/{handover.id}/ja")
    member = newest(town, Member, child_id=child, user_id=town.users["laerer"])
    helse.send(f"/medlem/{member.id}", reason="Går ut i permisjon")
    assert laerer.status(home) == 404

    gone = town.browser("mor").send(f"/samtykke/{waiting.id}/trekk", {})
    assert gone.status_code == 303
    assert helse.status(f"{home}/stafettlogg") == 403
    assert Reader(town, "nyansatt").status(home) == 404
    helse.send(f"{home}/samtykke/nytt", **consent(town, ids, "helse", "skole"))
    assert "Fagnotat" in helse.text(f"{home}/stafettlogg")

    note = {"reason": "Det går bra.", "family_view": "Fornøyd.", "seen_version": "3", **VOICE}
    helse.send(f"{home}/avslutt", outcome="goals_reached", **note)
    assert helse.status(f"{home}/stafettlogg") == 403
    helse.send(f"{home}/samtykke/nytt", **consent(town, ids, "helse"))
    again = str(newest_consent(town, child))
    reopening = {"level": "1", "consent_id": again, "reason": "Vanskelig igjen"}
    helse.send(f"{home}/stafettlogg/gjenapne", **reopening)
    assert "Sitter alene." in helse.text(f"{home}/stafettlogg")


def newest_consent(town, child):
    with town.database.reading() as session:
        order = Consent.registered_at.desc()
        return session.scalars(select(Consent.id).filter_by(child_id=child).order_by(order)).first()


def test_a_refused_form_shows_the_words_again_and_a_lost_race_both_texts(town):
    laerer, path = town.browser("laerer"), f"/barn/{town.child}/niva"
    change = {"level": "3", "reason": "Lang begrunnelse", "parents_agree": "true", **VOICE}
    refused = laerer.send(path, {**change, "seen_version": "1"})
    assert refused.status_code == 422
    for words in ("Lang begrunnelse", "«Jeg vil tegne.»", "spesialisthelsetjenesten"):
        assert words in refused.get_data(as_text=True), words
    assert laerer.send(path, {**change, "level": "2", "seen_version": "1"}).status_code == 303
    stale = laerer.send(path, {**change, "level": "1", "reason": "Min", "seen_version": "1"})
    assert stale.status_code == 409
    assert "Min" in stale.get_data(as_text=True)

    wish = {"kind": "note", "text": "Første", "visibility": "everyone"}
    entry = town.api("laerer").post(f"/children/{town.child}/entries", wish).json["id"]
    fixed = {"reason": "Feil", "seen_version": "1"}
    page = f"/oppforing/{entry}"
    assert laerer.send(page, {**fixed, "text": "Det som står nå"}).status_code == 303
    lost = laerer.send(page, {**fixed, "text": "Det jeg skrev"})
    assert lost.status_code == 409
    for words in ("Det som står nå", "Det jeg skrev"):
        assert words in lost.get_data(as_text=True), words
