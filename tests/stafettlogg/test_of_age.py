"""Who is of age decides alone: parents are not asked, and nothing is said to be theirs.

A youth who consents without them may have them asked.
"""

from io import BytesIO
from zipfile import ZipFile

import pytest

from stafett.children.models import Child
from stafett.people.models import User
from stafett.stafettlogg.models import Stafettlogg
from stafett.web import messages
from tests.exports.reading import lines
from tests.stafettlogg.asking import VOICE, closing, level

STEPS = {
    "level-changes": {"level": 2, "reason": "Fordi.", "child_voice": VOICE, "seen_version": 1},
    "level-evaluations": {"reason": "Fordi.", "child_voice": VOICE, "seen_version": 1},
}
PAGES = {"level-changes": "niva", "level-evaluations": "niva/evaluering"}


def aged(town, years):
    with town.database.writing() as session:
        session.get_one(Child, town.child).birth_date = town.born(years)


def read(town, what, who="laerer"):
    """What the log says as a page, as a document and as a copy."""
    holder = town.browser(who)
    return {
        "page": holder.text(f"/barn/{town.child}/niva"),
        "document": "\n".join(lines(holder.get(f"/barn/{town.child}/stafettlogg.docx").data)),
    }[what]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    ("years", "said", "code"),
    [
        (15, True, None),
        (15, None, "parents-agree-missing"),
        (16, False, None),
        (16, None, None),
        (17, None, None),
        (18, None, None),
        (18, True, "parents-of-one-of-age"),
    ],
)
def test_parents_answer_while_they_decide_may_of_a_youth_and_not_of_one_who_is_of_age(
    town, years, said, code, step
):
    aged(town, years)
    wish = STEPS[step] | ({} if said is None else {"parents_agree": said})
    before = town.rows()
    answer = town.api("laerer").post(f"/children/{town.child}/{step}", wish)
    if code is None:
        assert (answer.status_code, answer.json["parents_agree"]) == (201, said)
    else:
        assert answer.status_code == 422
        assert list(answer.json["error"]["fields"]) == ["parents_agree"]
        assert answer.json["error"]["fields"]["parents_agree"] == [messages.of(code)]
        assert town.rows() == before


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    ("years", "asked", "decides"), [(15, True, False), (16, True, True), (18, False, True)]
)
def test_the_form_asks_parents_while_they_decide(town, years, asked, decides, step):
    aged(town, years)
    holder, page = town.browser("laerer"), f"/barn/{town.child}/{PAGES[step]}"
    shown = holder.get(page).text
    assert ("Er foresatte enige?" in shown) is asked
    assert ("De er ikke spurt" in shown) is (asked and decides)
    assert ("Foresatte har fortalt det" in shown) is asked
    assert ("Nora er myndig" in shown) is not asked
    assert "Hva sier Nora?" in shown
    form = {"reason": "Fordi.", "child_voice.how": "meeting", "seen_version": "1"}
    form |= {"level": "2"} if step == "level-changes" else {}
    form |= {"parents_agree": ""} if asked and decides else {}
    assert ('name="shown" value="parents_agree"' in shown) is not decides
    answer = holder.send(page, form)
    assert answer.status_code == (303 if decides else 422)
    assert ("Foresatte: Velg et svar." in answer.text) is not decides


@pytest.mark.parametrize("step", [*STEPS, "stafettlogg/closing"])
@pytest.mark.parametrize(("years", "counts"), [(17, True), (18, False)])
def test_parents_tell_nothing_in_the_place_of_one_who_is_of_age(town, years, counts, step):
    aged(town, years)
    told = {"child_voice": {"how": "through_guardian", "text": "Han vil det."}}
    wish = (STEPS.get(step) or closing()) | told
    wish |= {"parents_agree": True} if step in STEPS and counts else {}
    before = town.rows()
    answer = town.api("laerer").post(f"/children/{town.child}/{step}", wish)
    assert answer.status_code in ({200, 201} if counts else {422}), answer.text
    if not counts:
        assert list(answer.json["error"]["fields"]) == ["child_voice.how"]
        assert town.rows() == before


@pytest.mark.parametrize("what", ["page", "document"])
def test_the_history_says_nothing_of_parents_who_were_not_asked(town, what):
    made = town.api("laerer").post(f"/children/{town.child}/level-changes", level(2))
    assert made.status_code == 201
    assert "Foresatte er enige." in read(town, what)
    aged(town, 18)  # what was kept of one who was of age already
    assert "Foresatte er" not in read(town, what)


def test_a_closing_of_one_who_is_of_age_asks_nobody_but_him(town):
    aged(town, 18)
    town.tie("ungdom", "C16")
    for who in ("laerer", "ungdom"):
        shown = town.browser(who).get(f"/barn/{town.child}/avslutt").text
        assert 'name="family_view"' not in shown
        assert "Familien" not in shown
        assert 'name="child_voice.text"' in shown
    form = {"outcome": "family_wish", "reason": "Fordi.", "seen_version": "1"}
    form |= {"child_voice.how": "meeting", "child_voice.text": "«Jeg klarer meg.»"}
    ended = town.browser("laerer").send(f"/barn/{town.child}/avslutt", form)
    assert ended.status_code == 303
    assert town.one(Stafettlogg, Stafettlogg.child_id == town.child).family_view is None
    for page in ("", "/niva"):
        said = town.browser("ungdom").text(f"/barn/{town.child}{page}")
        assert "«Jeg klarer meg.»" in said
        assert "Du ønsket å avslutte" in said
        assert "sier:" not in said
    assert "\nNora ønsket å avslutte\n" in read(town, "document", "ungdom")


@pytest.mark.parametrize("who", ["laerer", "ungdom"])
@pytest.mark.parametrize(("years", "needed"), [(9, True), (15, True), (16, False), (17, False)])
def test_a_closing_needs_what_parents_say_while_they_decide(town, years, needed, who):
    aged(town, years)
    if who == "ungdom":
        town.tie("ungdom", "C16" if years >= 16 else "PF")
    shown = town.browser(who).get(f"/barn/{town.child}/avslutt").text
    assert 'name="family_view"' in shown
    assert ('name="shown" value="family_view"' in shown) is needed
    wish = closing()
    del wish["family_view"]
    answer = town.api(who).post(f"/children/{town.child}/stafettlogg/closing", wish)
    assert answer.status_code == (422 if needed else 200), answer.text
    if needed:
        assert list(answer.json["error"]["fields"]) == ["family_view"]


@pytest.mark.parametrize(("years", "who"), [(17, "Foresatte"), (18, "Familien")])
def test_what_the_family_of_one_who_is_of_age_has_said_is_not_said_to_be_guardians_words(
    town, years, who
):
    aged(town, years)
    town.tie("ungdom", "C16")
    wish = closing()
    api = town.api("laerer")
    assert api.post(f"/children/{town.child}/stafettlogg/closing", wish).status_code == 200
    own = town.browser("ungdom")
    said = {
        own.text(f"/barn/{town.child}"),
        own.text(f"/barn/{town.child}/niva"),
        "\n".join(lines(own.get(f"/barn/{town.child}/stafettlogg.docx").data)),
    }
    for one in said:
        assert f"{who} sier:" in one
        assert f"{'Familien' if years == 17 else 'Foresatte'} sier:" not in one
    copy = ZipFile(BytesIO(own.get(f"/barn/{town.child}/kopi.zip").data))
    assert f"{who} sa: Vi er fornøyde." in copy.read("les-meg.html").decode()


def says(town, page):
    """What the page itself says, in small letters."""
    text = town.browser("laerer").get(f"/barn/{town.child}/{page}").text
    return text[text.index("<main") : text.index("</main>")].casefold()


@pytest.mark.parametrize(
    ("years", "of", "reads"),
    [(9, "familien", "familien"), (16, "nora", "familien"), (18, "nora", "nora")],
)
def test_opening_a_log_again_is_asked_of_who_decides(town, years, of, reads):
    assert town.api("laerer").post(CLOSING.format(town.child), closing()).status_code == 200
    aged(town, years)
    again = "stafettlogg/gjenapne"
    assert f"snakk med {of}, og registrer" in says(town, again)
    aged(town, 10)
    town.agree(town.child, "skole", "bup")
    aged(town, years)
    shown = says(town, again)
    assert f"vil {of} ha loggen på papir?" in shown
    assert f"ja, {of} ønsker det" in shown
    assert f"{reads} kan skrive i loggen igjen" in shown


@pytest.mark.parametrize(
    ("years", "of", "reads"),
    [(9, "familien", "familien"), (16, "ada", "familien"), (18, "ada", "ada")],
)
def test_opening_a_log_is_asked_of_who_decides(town, years, of, reads):
    town.child, *_ = town.family("Ada Demo")
    aged(town, years)
    assert f"snakk med {of}, og registrer" in says(town, "stafettlogg/apne")
    aged(town, 10)
    town.agree(town.child, "skole")
    aged(town, years)
    shown = says(town, "stafettlogg/apne")
    assert f"{reads} leser alt sammen med dere" in shown
    assert f"vil {of} ha loggen på papir?" in shown
    assert f"{reads} kan lese og skrive i loggen" in shown


CLOSING = "/children/{}/stafettlogg/closing"


@pytest.mark.parametrize("years", [9, 15, 16, 17, 18])
def test_pages_about_the_baton_and_the_paper_speak_of_who_decides(town, years):
    aged(town, years)
    whose = "Nora" if years >= 16 else "familien"
    holder, leader = town.browser("laerer"), town.browser("ke.leder")
    passing = holder.text(f"/barn/{town.child}/folk/stafettpinne")
    assert f"Snakk med {whose} først, og spør" in passing
    assert f"Hva ønsker {whose}?" in passing
    town.tie("ke.leder", "KEL")
    forcing = leader.text(f"/barn/{town.child}/folk/stafettpinne/flytt")
    assert f"Snakk med personen og {whose} først." in forcing
    paper = holder.text(f"/barn/{town.child}/papirlogg")
    assert f"Ønsker ikke {whose} at loggen føres her" in paper
    asked = {"to": "ppt", "family_wish": "En hun kjenner."}
    made = town.api("laerer").post(f"/children/{town.child}/handovers", asked)
    assert made.status_code == 201, made.text
    assert f"Dette ønsket {whose}:" in holder.text(f"/overtakelse/{made.json['id']}")
    assert f"Dette ønsket {whose}:" in holder.text(f"/barn/{town.child}/folk")


@pytest.mark.parametrize(("years", "of"), [(15, "familien"), (16, "Nora"), (18, "Nora")])
def test_who_cannot_take_the_baton_hears_that_who_decides_is_asked(town, years, of):
    aged(town, years)
    asked = town.api("laerer").post(f"/children/{town.child}/handovers", {"to": "helsesykepleier"})
    assert asked.status_code == 201, asked.text
    with town.database.writing() as session:
        session.get_one(User, town.users["helsesykepleier"]).service_id = town.services["stab"]
    yes = f"/overtakelse/{asked.json['id']}/ja"
    refused = town.browser("helsesykepleier").send(yes, {})
    assert refused.status_code == 422, refused.text
    assert f"Laerer Demo, som snakker med {of}." in refused.text


@pytest.mark.parametrize("years", [15, 17, 18])
def test_a_concern_for_one_who_is_of_age_is_talked_of_with_himself(town, years):
    aged(town, years)
    of_age = years == 18
    holder, leader = town.browser("laerer"), town.browser("rektor")
    form = holder.text(f"/barn/{town.child}/bekymring/ny")
    assert ("Foresatte ser det ikke her." in form) is not of_age
    assert ("Da snakker dere med Nora med en gang" in form) is of_age
    wish = {"observed": "Sitter alene.", "worry": 3}
    made = town.api("laerer").post(f"/children/{town.child}/concerns", wish)
    assert made.status_code == 201, made.text
    shown = leader.text(f"/bekymring/{made.json['id']}")
    assert ("Snakk med foresatte" in shown) is not of_age
    assert ("Når snakket dere med Nora?" in shown) is of_age
    assert ("Snakk med Nora om hvem som kan hjelpe" in shown) is (years >= 16)


@pytest.mark.parametrize(("years", "who"), [(17, "foresatte"), (18, "Nora")])
def test_a_concern_says_with_whom_it_was_talked_of(town, years, who):
    aged(town, years)
    author, leader = town.browser("laerer"), town.browser("rektor")
    form = author.text(f"/barn/{town.child}/bekymring/ny")
    knows = {"foresatte": "Når snakket du med foresatte?", "Nora": "Når fikk Nora vite om den?"}
    assert [one for one in knows if knows[one] in form] == [who]
    assert f"Hvis {who} ikke vet det: hvorfor?" in form
    wish = {"observed": "Sitter alene.", "worry": 3, "parents_talk": "Enig."}
    wish |= {"parents_talk_on": town.today.isoformat()}
    made = town.api("laerer").post(f"/children/{town.child}/concerns", wish)
    assert made.status_code == 201, made.text
    there = f"/bekymring/{made.json['id']}"
    shown = leader.text(there), "\n".join(lines(leader.get(f"{there}.docx").data))
    for one in shown:
        assert f"Samtalen med {who}" in one
        assert f"Snakket med {who}" in one
    fixed = {"observed": "Sitter alene.", "worry": 3, "parents_talk": "Helt enig."}
    fixed |= {"parents_talk_on": town.today.isoformat(), "seen_version": 1}
    saved = town.api("laerer").post(f"/concerns/{made.json['id']}/corrections", fixed)
    assert saved.status_code == 200, saved.text
    was = {"foresatte": "Hva sa foresatte?", "Nora": "Hva sa Nora om den?"}
    before = leader.text(there)
    assert [one for one in was if was[one] in before] == [who]


@pytest.mark.parametrize(
    ("years", "home", "decides", "reads"),
    [
        (9, "Nora og familien", "familien", "familien"),
        (16, "Nora og familien", "Nora", "familien"),
        (18, "Nora", "Nora", "Nora"),
    ],
)
def test_what_goes_with_a_referral_says_who_speaks(town, years, home, decides, reads):
    aged(town, years)
    holder = town.browser("laerer")
    paper = "\n".join(lines(holder.get(f"/barn/{town.child}/til-ppt.docx").data))
    assert f"Dette sier {home}\n" in paper
    assert f"Gå gjennom det med {decides} før det sendes" in paper
    assert f"og {reads} ser at den er gjort" in paper
    assert f"{reads} ser hvem som har tatt ut" in says(town, "skriv-ut").replace("nora", "Nora")
    log = "\n".join(lines(holder.get(f"/barn/{town.child}/stafettlogg.docx").data))
    assert f"Utskriften er registrert, og {reads} ser at den er gjort." in log


@pytest.mark.parametrize(
    ("years", "decides", "home"),
    [(9, "familien", "Nora og familien"), (16, "Nora", "Nora og familien"), (18, "Nora", "Nora")],
)
def test_a_level_is_set_with_who_decides(town, years, decides, home):
    aged(town, years)
    holder = town.browser("laerer")
    shown = holder.text(f"/barn/{town.child}/niva")
    assert f"passer for Nora nå, og at {decides} er med på det." in shown
    assert f"slik at {home} kjenner seg igjen" in shown
    looked = holder.text(f"/barn/{town.child}/niva/evaluering")
    assert f"har sett på tiltakene sammen med {decides}, skriver du" in looked
    assert f"slik at {home} kjenner seg igjen" in looked


@pytest.mark.parametrize(("years", "who"), [(9, "Familien"), (16, "Nora"), (18, "Nora")])
@pytest.mark.parametrize("what", ["page", "document"])
def test_whoever_decides_is_said_to_have_wanted_a_plan(town, years, who, what):
    town.agree(town.child, "skole", "ppt", "helse", "bup", "ke")
    aged(town, years)
    wish = level(3, ip_assessment={"answer": "wanted"})
    wish = {name: said for name, said in wish.items() if years < 18 or name != "parents_agree"}
    made = town.api("laerer").post(f"/children/{town.child}/level-changes", wish)
    assert made.status_code == 201, made.text
    assert f"{who} ønsker individuell plan eller koordinator." in read(town, what)


@pytest.mark.parametrize(("years", "who"), [(15, "barnet"), (16, "ungdommen"), (18, "ungdommen")])
def test_whoever_decides_is_no_child_among_those_who_read(town, years, who):
    aged(town, years)
    town.tie("ungdom", "C16" if years >= 16 else "C12")
    assert f"Ungdom Demo ({who} selv)" in town.browser("laerer").text(
        f"/barn/{town.child}/stafettlogg"
    )
