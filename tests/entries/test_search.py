"""Search: the words of the language, only what the log itself shows, and the log of it."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from alembic import command
from sqlalchemy import insert, select
from sqlalchemy import text as sql

from stafett.access.models import AccessRow
from stafett.audience.rules import Viewer
from stafett.children.models import Child
from stafett.entries.models import Entry, EntryVersion
from stafett.entries.queries import search
from stafett.entries.rules import EXCERPT, MOST_WORDS, Search, excerpt, marked
from tests.conftest import migrations
from tests.entries.test_api import correct, write

HOSTILE = (
    *('"', "'", "søvn'", '"søvn', "a OR b", "NEAR(søvn, 3)", "words : søvn", "søvn*", "-søvn"),
    *("^søvn", "(", "søvn)", "{søvn}:", "%", "_", "\\", "& | !", "søvn:*", "<->", "!!søvn", "; --"),
    *("😴", "😴 søvn", "שלום", "مرحبا", "ㅤ", "ﷺ", "İi", "ßẞ", "ǆ", "½", "x" * 190, "a " * 90),
    *("søvn_vansker", "søvn-vansker", "søvn.no/vansker?a=1", "søvn@vansker.no", "1e5 -3,14"),
)


def found(town, who, path="/search", **asked):
    answer = town.api(who).get(path, query_string=asked)
    assert answer.status_code == 200, answer.json
    return answer.json["items"]


def texts(town, who, q, **more):
    return {one["excerpt"] for one in found(town, who, q=q, **more)}


def in_log(town, who, q, **more):
    return {one["text"] for one in found(town, who, f"/children/{town.child}/entries", q=q, **more)}


def says(town, *said, who="laerer", **more):
    for text in said:
        answer = write(town, who, text=text, **more)
        assert answer.status_code == 201, answer.json
    return answer.json


# What is pure.


def test_a_word_is_marked_where_it_stands_and_nothing_is_lost():
    text = "Søvn, SØVNVANSKER og på <b>ny</b> usøvn."
    parts = marked(text, Search("søvn PÅ på").beginnings)
    assert [piece for piece, hit in parts if hit] == ["Søvn", "SØVNVANSKER", "på"]
    assert "".join(piece for piece, _ in parts) == text
    assert marked("Pål og på", [("på", False)]) == [("Pål og ", False), ("på", True)]
    assert marked("", [("på", False)]) == []


def test_a_list_of_hits_shows_what_stands_around_the_first():
    text = "ord " * 400 + "søvn" + " ord" * 400
    parts = excerpt(text, [("søvn", True)])
    said = "".join(piece for piece, _ in parts)
    assert said.startswith("… ord")
    assert said.endswith("ord …")
    assert EXCERPT / 2 < len(said) < EXCERPT + 10
    assert [piece for piece, hit in parts if hit] == ["søvn"]
    assert excerpt("kort", []) == [("kort", False)]
    whole = "".join(piece for piece, _ in excerpt("x" * 1000, [("y", True)]))
    assert whole == "x" * EXCERPT + " …"


def test_of_many_words_the_longest_are_looked_for():
    told = [f"{'x' * size}{size}" for size in range(1, 31)]
    asked = [word for word, _ in Search(" ".join(told)).beginnings]
    assert asked == told[10:]
    assert [word for word, _ in Search(" ".join(told[:20])).beginnings] == told[:20]


# What the language asks for.


def test_words_are_found_by_their_beginning_and_the_letters_are_their_own(town):
    says(town, "SØVNVANSKER om natta", "Sovn er ikke norsk", "Hun gråter hver kveld", "ØYE mot øye")
    assert texts(town, "laerer", "søvn") == {"SØVNVANSKER om natta"}
    assert texts(town, "laerer", "Søvnvansker natta") == {"SØVNVANSKER om natta"}
    assert texts(town, "laerer", "gråt") == {"Hun gråter hver kveld"}
    assert texts(town, "laerer", "øye") == {"ØYE mot øye"}
    assert texts(town, "laerer", "søvn kveld") == set()
    assert texts(town, "laerer", "grat") == set()
    assert texts(town, "laerer", "vansker") == set()


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)  # the other has no such list
def test_no_search_reads_a_list_of_what_is_newly_written(town):
    kept = sql("SELECT reloptions FROM pg_class WHERE relname = 'ix_entry_search_words'")
    with town.database.reading() as session:
        assert session.scalar(kept) == ["fastupdate=off"]


def test_signs_part_words(town):
    text = "mor/far@hjemme.no <b>søvn</b> «natt»–dag, e-post: 'fri' kl.14.30"  # noqa: RUF001 people write it
    says(town, text)
    for word in ("mor", "far", "hjemme", "søvn", "natt", "dag", "post", "fri", "14", "30", "b"):
        assert texts(town, "laerer", word), word
    assert texts(town, "laerer", "mor/far «natt» e-post")


def test_postgresql_knows_the_endings(town):
    says(town, "Mye gråt i dag", "Vi gråt ikke", "Leken var god")
    knows = town.database.engine.dialect.name == "postgresql"
    assert texts(town, "laerer", "gråter") == (
        {"Mye gråt i dag", "Vi gråt ikke"} if knows else set()
    )
    html = town.browser("laerer").get("/sok", query_string={"q": "gråter"}).get_data(as_text=True)
    assert ('Mye <mark class="st-mark">gråt</mark> i dag' in html) is knows
    assert texts(town, "laerer", "ikke") == (set() if knows else {"Vi gråt ikke"})


def test_only_the_text_that_stands_is_searched(town):
    made = says(town, "Moren drikker")
    assert texts(town, "laerer", "drikker") == {"Moren drikker"}
    correct(town, made["id"], text="Moren har det vanskelig")
    assert texts(town, "laerer", "drikker") == in_log(town, "laerer", "drikker") == set()
    assert texts(town, "laerer", "vanskelig") == {"Moren har det vanskelig"}


def test_no_words_are_an_operator(town):
    says(town, "Rolig natt, god søvn.")
    for q in HOSTILE:
        answer = town.browser("laerer").get("/sok", query_string={"q": q})
        assert answer.status_code == 200, q
        words = set(re.findall(r"[^\W_]+", q.lower()))
        hits = texts(town, "laerer", q)
        assert hits == ({"Rolig natt, god søvn."} if words == {"søvn"} else set()), q
        assert texts(town, "laerer", f"{q} katt") == set()


def test_what_cannot_be_looked_for_is_said_at_its_field(town):
    api = town.api("laerer")
    for asked in (
        {"q": "x" * 10_000},
        {"q": "søvn\0"},
        {"q": "a\nb"},
        {"kind": "x"},
        {"from_on": "0001-01-01"},
        {"until_on": "9999-12-31"},
        {"limit": "0"},
        {"x": "1"},
    ):
        for path in ("/search", f"/children/{town.child}/entries"):
            answer = api.get(path, query_string=asked)
            assert answer.status_code == 422, asked
            assert set(answer.json["error"]["fields"]) == set(asked)
        assert town.browser("laerer").get("/sok", query_string=asked).status_code == 422


# Who finds what.


def test_a_hit_is_what_the_log_itself_shows(town):
    """Each reader finds in search just what he reads in the log, whatever the audience."""
    town.agree(town.child, "skole", "ppt", "helse", "ke", "bup")
    town.tie("ungdom", "C12")
    town.tie("bup", "EX", needs_consent=True, service_id=town.services["bup"])
    named = {"visibility": "named", "named": ["ppt"], "visibility_reason": "secrecy"}
    hidden = {"hidden_from": [str(town.far)], "hidden_reason": "no_right"}
    says(town, "Hemmelig for alle")
    says(town, "Hemmelig for fagfolk", visibility="professionals")
    says(town, "Hemmelig for én", **named)
    says(town, "Hemmelig for tjenesten", visibility="own_service")
    says(town, "Hemmelig for mor", **hidden)
    for who in ("laerer", "ppt", "bup", "mor", "far", "ungdom"):
        log = {one["text"] for one in found(town, who, f"/children/{town.child}/entries")}
        secrets = {one for one in log if one.startswith("Hemmelig")}
        assert texts(town, who, "hemmelig") == in_log(town, who, "hemmelig") == secrets, who
    assert texts(town, "laerer", "hemmelig") != texts(town, "ppt", "hemmelig")
    assert texts(town, "far", "hemmelig") == {"Hemmelig for alle"}


def test_nobody_finds_in_the_log_of_a_child_he_may_not_search(town):
    says(town, "Et ord")
    town.tie("helsesykepleier", "BG", until_at=town.now + timedelta(hours=1))
    town.tie("koordinator", "AG")
    town.tie("ungdom", "PX")
    for who in ("rektor", "nyansatt", "ke.leder", "helsesykepleier", "koordinator", "ungdom"):
        assert found(town, who, q="ord") == [], who
    log = f"/children/{town.child}/entries"
    emergency = town.api("helsesykepleier")
    assert emergency.get(log).status_code == 200
    assert emergency.get(log, query_string={"q": "ord"}).status_code == 403
    page = town.browser("helsesykepleier").get(f"/barn/{town.child}/stafettlogg")
    assert "Søk" not in page.get_data(as_text=True).partition("<main")[2]
    town.tie("laerer", "BLOCK")
    assert found(town, "laerer", q="ord") == []


def test_a_consent_that_is_gone_takes_the_hits_away(town):
    says(town, "Et ord")
    assert texts(town, "ppt", "ord") == {"Et ord"}
    path = f"/consents/{town.consent}/withdrawal"
    body = {"on_behalf_of": str(town.mor), "how": "Hun ringte."}
    assert town.api("laerer").post(path, body).status_code == 200
    for who in ("ppt", "laerer"):
        assert found(town, who, q="ord") == []


def test_kind_author_and_days_narrow_it(town):
    says(town, "Ordet fra læreren", kind="glimpse")
    says(town, "Ordet fra mor", who="mor")
    day, other = str(town.today), str(town.today + timedelta(days=1))
    assert texts(town, "laerer", "ordet", kind="glimpse") == {"Ordet fra læreren"}
    assert texts(town, "laerer", "ordet", author="mor") == {"Ordet fra mor"}
    assert len(texts(town, "laerer", "ordet", from_on=day, until_on=day)) == 2
    assert texts(town, "laerer", "ordet", from_on=other) == set()
    assert texts(town, "laerer", "", author="mor") == {"Ordet fra mor"}
    page = town.browser("far").get("/sok", query_string={"q": "ordet"}).get_data(as_text=True)
    assert page.count('<option value="laerer"') == page.count('<option value="mor"') == 1


def test_who_is_looked_for_without_a_hit_is_still_called_by_name(town):
    """And nobody's name is told who has written nothing that the reader may read."""
    says(town, "Bare for oss.", who="ppt", visibility="professionals", visibility_reason="our_work")
    says(town, "Ordet fra mor", who="mor")
    for path in ("/sok", f"/barn/{town.child}/stafettlogg"):
        for who, author, name in (
            ("laerer", "mor", "Mor Demo"),
            ("laerer", "ppt", "Ppt Demo"),
            ("far", "mor", "Mor Demo"),
            ("far", "ppt", "ppt"),
            ("far", "helsesykepleier", "helsesykepleier"),
        ):
            asked = {"q": "finnesikke", "author": author}
            page = town.browser(who).get(path, query_string=asked).get_data(as_text=True)
            (called,) = re.findall(f'<option value="{author}" selected>([^<]*)<', page)
            assert called == name, (path, who)


def test_pages_follow_each_other_without_a_gap(town):
    says(town, *(f"Ordet nummer {number}" for number in range(5)))
    for path in ("/search", f"/children/{town.child}/entries"):
        seen, after = [], None
        while True:
            asked = {"q": "ordet", "limit": 2, **({"after": after} if after else {})}
            answer = town.api("laerer").get(path, query_string=asked).json
            seen += [one["id"] for one in answer["items"]]
            after = answer["next"]
            if after is None:
                break
        assert len(seen) == len(set(seen)) == 5


def test_words_are_marked_and_nothing_in_them_is_markup(town):
    says(town, "Ordet <script>alert(1)</script> & mer")
    browser = town.browser("laerer")
    for path in ("/sok", f"/barn/{town.child}/stafettlogg"):
        html = browser.get(path, query_string={"q": "ordet script"}).get_data(as_text=True)
        assert '<mark class="st-mark">Ordet</mark> &lt;<mark class="st-mark">script</mark>' in html
        assert "<script>alert" not in html


def test_what_fills_no_page_is_looked_for_further_back(town):
    """Newer hits that are not his, of another kind, or corrected since, hide no older one."""
    says(town, "Ordet for alle", kind="glimpse")
    old = says(town, "Ordet som ble rettet")
    correct(town, old["id"], text="Noe helt annet")
    says(town, *(f"Ordet {number} for fagfolk" for number in range(9)), visibility="professionals")
    assert texts(town, "mor", "ordet", limit=1) == {"Ordet for alle"}
    assert in_log(town, "mor", "ordet", limit=1) == {"Ordet for alle"}
    assert texts(town, "laerer", "ordet", limit=1, kind="glimpse") == {"Ordet for alle"}
    assert texts(town, "mor", "ordet nummer", limit=1) == set()
    for limit in (1, 2, 10, 11):
        assert len(texts(town, "laerer", "ordet", limit=limit)) == min(limit, 10)


def test_a_search_among_thousands_of_children_finds_the_newest_of_all(town):
    """More than one statement can ask for, with as many words as are looked for."""
    said = " ".join(f"ord{number}" for number in range(MOST_WORDS))
    says(town, said, f"{said} til")
    reader = Viewer(town.users["ppt"], None, reads=True, family=False, room=False)
    readers = {uuid4(): reader for _ in range(3000)} | {town.child: reader}
    with town.database.reading() as session:
        one, *more = search(session, readers, Search(said), 1).rows
    assert (one.entry.text, len(more)) == (f"{said} til", 1)


def test_the_log_of_another_child_is_never_searched(town):
    """Also when the ids of both begin alike, and so the words of both in the index."""
    says(town, "Ordet her")
    wanted = select(Entry.__table__).where(Entry.child_id == town.child)
    alike = UUID(town.child.hex[:12] + uuid4().hex[12:])
    with town.database.writing() as session:
        row = dict(session.execute(wanted).mappings().first())
        known = session.get_one(Child, town.child)
        other = {column.name: getattr(known, column.name) for column in Child.__table__.c}
        session.execute(insert(Child.__table__), {**other, "id": alike, "national_id": None})
        made = {**row, "id": uuid4(), "child_id": alike}
        session.execute(insert(Entry.__table__), made)
        said = {"entry_id": made["id"], "number": 1, "text": "Ordet der", "written_at": town.now}
        session.execute(insert(EntryVersion.__table__), said)
    assert texts(town, "laerer", "ordet") == in_log(town, "laerer", "ordet") == {"Ordet her"}


def test_words_of_any_alphabet_and_length_are_found_as_they_are(town):
    said = ["النوم صعب", "спит плохо", "𞤆𞤵𞤤𞤢𞤪", "ʼn", "ǅ", "x" * 1900]  # noqa: RUF001 it is looked for
    said += ["நல்ல தூக்கம்", "नींद नहीं", "นอนหลับ", "عالٍ صَعْب", "می‌خواهم"]
    says(town, *said, "y" * 20_000)  # too long for PostgreSQL's index, but not to be written
    for text in said:
        for word in text.split():
            assert text in in_log(town, "laerer", word[:190]), word[:20]
    assert in_log(town, "laerer", "தூக்") == {"நல்ல தூக்கம்"}
    html = town.browser("laerer").get("/sok", query_string={"q": "நல்ல"}).get_data(as_text=True)
    assert '<mark class="st-mark">நல்ல</mark> தூக்கம்' in html


def test_a_turkish_name_is_one_word_with_and_without_its_dot(town):
    says(town, "İbrahim lekte med İLKAY")
    for q in ("İbrahim", "ibrahim", "IBRAHIM", "İBRA", "ilkay", "İlkay"):
        (hit,) = found(town, "laerer", q=q)
        assert hit["excerpt"] == "İbrahim lekte med İLKAY", q
        html = town.browser("laerer").get("/sok", query_string={"q": q}).get_data(as_text=True)
        assert html.count('<mark class="st-mark">') == 1, q
    assert texts(town, "laerer", "brahim") == set()


def test_what_was_written_before_the_words_were_kept_by_child_is_found(town):
    made = says(town, "Ordet før")
    correct(town, made["id"], text="Ordet rettet")
    says(town, "İlkay")
    config = migrations(town.database.engine)
    town.database.close()
    command.downgrade(config, "0012_search")
    command.upgrade(config, "head")
    assert texts(town, "laerer", "ordet") == {"Ordet rettet"}
    assert texts(town, "laerer", "før") == set()
    assert texts(town, "laerer", "ilkay") == {"İlkay"}
    says(town, "Ordet etter")
    assert texts(town, "laerer", "ordet") == {"Ordet rettet", "Ordet etter"}


def test_with_a_protected_address_no_workplace_is_told(town):
    says(town, "Ordet om noe")
    with town.work("laerer") as work:
        child = work.session.get_one(Child, town.child)
        child.address_protection = "fortrolig"
    (hit,) = found(town, "ppt", f"/children/{town.child}/entries", q="ordet")
    assert hit["service_id"] is None


def test_a_strictly_protected_child_is_found_in_its_own_log_alone(town):
    says(town, "Ordet om noe")
    assert found(town, "ppt", "/search", q="ordet")
    with town.work("laerer") as work:
        child = work.session.get_one(Child, town.child)
        child.address_protection = "strengt_fortrolig"
    before = looks(town, "ppt")
    assert found(town, "ppt", "/search", q="ordet") == []
    assert {child_id for _, child_id, *_ in looks(town, "ppt")[len(before) :]} == {None}
    assert found(town, "ppt", f"/children/{town.child}/entries", q="ordet")


# What the log of looks keeps.


def looks(town, who):
    wanted = select(AccessRow.action, AccessRow.child_id, AccessRow.shown, AccessRow.basis)
    with town.database.reading() as session:
        mine = wanted.where(AccessRow.actor_id == town.users[who], AccessRow.result == "allow")
        return [tuple(row) for row in session.execute(mine)]


def test_each_child_whose_log_was_searched_gets_a_row_hit_or_no_hit(town):
    made = says(town, "Ordet")
    other, _, _ = town.family("Ola Demo")
    before = looks(town, "ppt")
    found(town, "ppt", q="hemmelig")
    found(town, "ppt", q="ordet")
    rows = looks(town, "ppt")[len(before) :]
    assert sorted((action, child, basis) for action, child, _, basis in rows if child) == [
        ("search.read", town.child, "MW"),
        ("search.read", town.child, "MW"),
    ]
    assert {shown for _, child, shown, _ in rows if child} == {None, UUID(made["id"]).bytes}
    assert other not in {child for _, child, _, _ in rows}
    assert "hemmelig" not in str(rows)
    assert "søkte i stafettloggen" in town.browser("mor").text(f"/barn/{town.child}/innsyn")


def test_a_search_in_one_log_is_told_as_one(town):
    made = says(town, "Ordet")
    in_log(town, "ppt", "ordet")
    row = ("search.read", town.child, UUID(made["id"]).bytes, "MW")
    assert row in looks(town, "ppt")
    seen = town.api("laerer").get(f"/entries/{made['id']}/visibility").json["read_by"]
    assert [one["who"] for one in seen] == ["Ppt Demo"]


def test_who_finds_nothing_is_told_what_to_try_of_what_he_asked_for(town):
    laerer, log = town.browser("laerer"), f"/barn/{town.child}/stafettlogg"
    for page in (log, "/sok"):
        assert "Prøv et kortere ord" in laerer.get(f"{page}?q=zzzz").text, page
        limited = laerer.get(f"{page}?kind=glimpse&from_on=2026-10-01").text
        assert "Prøv et kortere ord" not in limited, page
        assert "Velg en lengre periode, eller avgrens mindre." in limited, page


@pytest.mark.parametrize("place", ["/sok", "the log"])
def test_a_search_for_nothing_is_told_at_the_field_what_to_do(town, place):
    says(town, "Søvnvansker om natta")
    path = "/sok" if place == "/sok" else f"/barn/{town.child}/stafettlogg"
    hint = "Skriv et ord å lete etter, eller velg noe under «Avgrens søket»."
    browser = town.browser("laerer")

    def page(**asked):
        return browser.get(path, query_string=asked)

    nothing = {"q": "", "kind": "", "from_on": "", "until_on": ""}
    for asked in (nothing, {**nothing, "q": "  "}):
        shown = page(**asked)
        assert shown.status_code == 200
        assert f'<p data-field="description" id="q-hjelp">{hint}</p>' in shown.text
        (field,) = re.findall(r'<input[^>]* id="q"[^>]*>', shown.text)
        assert 'aria-describedby="q-hjelp"' in field
        assert "autofocus" in field
        assert "Fjern søket" not in shown.text
    for asked in ({}, {**nothing, "q": "søvn"}, {**nothing, "kind": "note"}):
        shown = page(**asked).text
        assert hint not in shown, asked
        assert "autofocus" not in shown, asked
    assert ("Søvnvansker" in page(**nothing).text) is (place == "the log")
