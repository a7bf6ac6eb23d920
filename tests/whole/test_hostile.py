"""What nobody means well with: through JSON and forms, on both databases, with the same answer.

Harmless texts come back as they were (NFC, `\\n`) and are shown, never run. All else is refused at
its field with nothing kept, and a form shows again what was typed. Nothing is ever a 500.
"""
# ruff: noqa: RUF001 signs that look like others are what some of these are about

import json
from unicodedata import normalize

import html5lib
import pytest
from sqlalchemy import select
from werkzeug.test import encode_multipart

from stafett.children.models import Guardian
from stafett.entries.models import EntryVersion
from stafett.stafettlogg.models import Concern
from stafett.web.forms import FORBIDDEN
from tests.client import RAW, Browser
from tests.stafettlogg.asking import VOICE, level

LONGEST = 20_000
HARMLESS = {
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)><!-- ",
    "attribute": '" onmouseover="alert(1)" \' autofocus onfocus=\'alert(1)',
    "closing tags": "</textarea></title></main></html>",
    "template": "{{7*7}} ${7*7} #{7*7} <%= 7*7 %> {{config}}",
    "sql": "'); DROP TABLE entry; -- ' OR '1'='1",
    "placeholders": "% %s %(x)s :name ? _ \\ {0} {name}",
    "formula": '=HYPERLINK("http://example.org","x")',
    "formula plus": "+1+cmd|' /C calc'!A0",
    "formula minus": "-2+3",
    "formula at": "@SUM(A1:A9)",
    "entity": "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e; &lt;b&gt; &#0;",
    "path": "../../../etc/passwd",
    "address": "javascript:alert(1)",
    "escaped": "\\u0000 \\ud800 %00 %0a &#0;",
    "words": "null undefined NaN true None __proto__ constructor",
    "emoji": "👩‍👩‍👧 🧒🏽 🏳️‍🌈 ❤️",
    "other planes": "𝒳 𓀀 \U0010fffd",
    "sami": "Ŋávnna čáhci, đ ŧ ž",
    "right to left": "مرحبا שלום",
    "digits": "² ½ ١٢٣ ⅷ",
    "combining": "Z͑ͫ̓ͪ̂ͫ̽a̴̙̤̞l̷̢̙g̵̦o",
    "no width": "a\u200bb\u200dc\ufeffd",
}
"""One line each: for names and for texts alike."""
HARMLESS_TEXTS = HARMLESS | {
    "windows lines": "en\r\nto\rtre\n\nfire",
    "tabs": "en\tto\n\ttre",
    "decomposed": normalize("NFD", "Blåbærøya på Røros, é"),
    "turned": "trygg \u202egnidnevmo\u202c \u2066x\u2069 \u200f",
    "header": "x\r\nSet-Cookie: a=b\r\n\r\n<html>",
    "long": "æ" * (LONGEST - 1) + "🧒",
}
REFUSED = {
    "nothing": "",
    "blanks": " \t\n ",
    "NUL": "a\x00b",
    "bell": "a\x07b",
    "escape": "\x1b[31mrød",
    "vertical tab": "a\x0bb",
    "delete": "a\x7fb",
    "next line": "a\x85b",
    "C1": "a\x9bb",
    "no character": "a\uffffb",
    "too long": "x" * (LONGEST + 1),
}
REFUSED_JSON = REFUSED | {
    "high surrogate": "a\ud800b",
    "low surrogate": "\udfff",
    "turned pair": "\udc00\ud800",
}
REFUSED_NAMES = REFUSED_JSON | {
    "two lines": "a\nb",
    "return": "a\rb",
    "line separator": "a\u2028b",
    "paragraph separator": "a\u2029b",
    "turned": "a\u202eb",
    "isolated": "a\u2066b",
    "mark": "a\u200eb",
}
NOT_A_TEXT = [None, True, 0, 1.5, 2**63, [], ["a"], {}, {"$ne": ""}]


def stored(text):
    """How a text that is accepted comes back."""
    return normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


class Ways:
    """Each place where somebody writes: its JSON call, its form, and the field with the words."""

    def __init__(self, town):
        self.town, self.home = town, f"/barn/{town.child}"
        self.calls = {
            "concern": (f"{self.path}/concerns", {"worry": 3}, "observed"),
            "entry": (f"{self.path}/entries", {"kind": "note", "visibility": "everyone"}, "text"),
            "level": (f"{self.path}/level-changes", level(2), "reason"),
            "voice": (f"{self.path}/level-changes", level(2), "child_voice.text"),
            "consent": (f"{self.path}/consents", self.consent, "note"),
            "guardian": (f"{self.path}/guardians", self.guardian, "name"),
            "handover": (f"{self.path}/handovers", {"to": "ppt"}, "message"),
            "member": (f"/members/{town.member}/end", {}, "reason"),
            "child": ("/children", {"birth_date": "2020-01-01"}, "name"),
        }
        ticked = {"parental_responsibility": "true", "lives_with": "true"}
        voice = {"child_voice.how": "meeting", "parents_agree": "true", "seen_version": "1"}
        self.forms = {
            "concern": (f"{self.home}/bekymring/ny", {"worry": "3"}, "observed"),
            "entry": (f"{self.home}/stafettlogg", self.calls["entry"][1], "text"),
            "level": (f"{self.home}/niva", {"level": "2", **voice}, "reason"),
            "voice": (
                f"{self.home}/niva",
                {"level": "2", "reason": "x", **voice},
                "child_voice.text",
            ),
            "consent": (
                f"{self.home}/samtykke/nytt",
                self.consent | {"guardians_complete": "on"},
                "note",
            ),
            "guardian": (f"{self.home}/foresatte", self.guardian | ticked, "name"),
        }

    path = property(lambda self: f"/children/{self.town.child}")
    guardian = {  # noqa: RUF012 never changed
        "relation": "annen",
        "parental_responsibility": False,
        "lives_with": False,
    }

    @property
    def consent(self):
        return {
            "purpose": "stafettlogg",
            "services": [str(self.town.services["skole"])],
            "given_by": [str(self.town.mor), str(self.town.far)],
            "guardians_complete": True,
            "method": "signed",
            "given_on": self.town.today.isoformat(),
        }

    def call(self, way, words):
        path, body, field = self.calls[way]
        outer, _, inner = field.partition(".")
        value = VOICE | {inner: words} if inner else words
        return self.town.api("laerer").post(path, {**body, outer: value}), field

    def send(self, way, words):
        path, body, field = self.forms[way]
        return self.town.browser("laerer").send(path, {**body, field: words}), field


@pytest.fixture
def ways(town):
    return Ways(town)


OPTIONAL = {"consent", "handover", "voice"}
"""Where nothing may be said, so that nothing, or blanks, is no mistake."""
NAMES = {"guardian", "child"}
LIMITS = {"level": 4000, "voice": 4000, "consent": 2000, "guardian": 200, "handover": 2000}


def fields_of(answer):
    assert answer.status_code == 422, (answer.status_code, answer.get_data(as_text=True)[:300])
    assert answer.json["error"]["code"] == "invalid"
    return list(answer.json["error"]["fields"])


def control(page, name):
    """The field of a form with a name, in a page that shows it again, and what stands in it."""
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    found = [one for one in tree.iter() if isinstance(one.tag, str) and one.get("name") == name]
    assert found, name
    one = found[0]
    return one, (one.text or "") if one.tag == "textarea" else one.get("value", "")


# --- Texts ----------------------------------------------------------------------------------------


def test_harmless_texts_come_back_and_are_shown_not_run(ways, town):
    api = town.api("laerer")
    for name, text in HARMLESS_TEXTS.items():
        made, _ = ways.call("entry", text)
        assert (made.status_code, made.json["text"]) == (201, stored(text)), name
    listed = api.get(f"{ways.path}/entries").json["items"]
    assert [one["text"] for one in reversed(listed)] == list(map(stored, HARMLESS_TEXTS.values()))
    for who in ("laerer", "mor"):
        page = town.browser(who).get(f"{ways.home}/stafettlogg")  # checked: no handler, no script
        tree = html5lib.parse(page.get_data(as_text=True), namespaceHTMLElements=False)
        shown = "".join(tree.itertext())
        for name, text in HARMLESS_TEXTS.items():
            assert stored(text) in shown, (who, name)


def test_harmless_words_of_a_concern_come_back(ways, town):
    for name, text in HARMLESS_TEXTS.items():
        wish = {"observed": text, "context": text, "strengths": text, "worry": 3}
        made = town.api("laerer").post(f"{ways.path}/concerns", wish)
        assert made.status_code == 201, name
        read = town.api("laerer").get(made.headers["Location"]).json
        assert {read["observed"], read["context"], read["strengths"]} == {stored(text)}, name
        page = town.browser("laerer").get(f"/bekymring/{read['id']}")
        assert page.status_code == 200, name


def test_harmless_names_come_back_and_are_shown_not_run(ways, town):
    for name, text in HARMLESS.items():
        made, _ = ways.call("guardian", text)
        assert (made.status_code, made.json["name"]) == (201, stored(text).strip()), name
    child, _ = ways.call("child", HARMLESS["markup"])
    assert child.status_code == 201
    for path in (f"{ways.home}/om", f"/barn/{child.json['id']}", "/barn", "/"):
        assert town.browser("laerer").get(path).status_code == 200, path
    names = {one["name"] for one in town.api("mor").get(f"{ways.path}/guardians").json["items"]}
    assert {stored(text).strip() for text in HARMLESS.values()} <= names


def test_harmless_texts_through_forms(ways, town):
    for name, text in HARMLESS_TEXTS.items():
        for way in ("entry", "concern"):
            answer, _ = ways.send(way, text)
            assert answer.status_code == 303, (way, name)
    with town.database.reading() as session:
        kept = {stored(text) for text in HARMLESS_TEXTS.values()}
        assert set(session.scalars(select(EntryVersion.text))) == kept
        assert set(session.scalars(select(Concern.observed))) == kept
    for name, text in HARMLESS.items():
        assert ways.send("guardian", text)[0].status_code == 303, name
    with town.database.reading() as session:
        assert {stored(text).strip() for text in HARMLESS.values()} <= set(
            session.scalars(select(Guardian.name))
        )


def bad_texts(way):
    given = REFUSED_NAMES if way in NAMES else REFUSED_JSON
    return {
        name: text
        for name, text in given.items()
        if not (way in OPTIONAL and name in {"nothing", "blanks"})
    }


def test_bad_texts_are_refused_at_their_field(ways, town):
    before = town.rows()
    for way in ways.calls:
        for name, text in bad_texts(way).items():
            answer, field = ways.call(way, text)
            assert fields_of(answer) == [field], (way, name)
        for value in NOT_A_TEXT[0 if way not in OPTIONAL else 1 :]:
            answer, field = ways.call(way, value)
            assert fields_of(answer) == [field], (way, value)
    assert town.rows() == before


def test_one_character_too_many(ways, town):
    before = town.rows()
    for way, limit in LIMITS.items():
        answer, field = ways.call(way, "x" * (limit + 1))
        assert fields_of(answer) == [field], way
    assert town.rows() == before


def test_bad_texts_through_forms_stay_in_the_form(ways, town):
    before = town.rows()
    for way in ways.forms:
        for name, text in bad_texts(way).items():
            if any("\ud800" <= sign <= "\udfff" for sign in text):
                continue  # no form can send half a character
            answer, field = ways.send(way, text)
            assert answer.status_code == 422, (way, name)
            one, value = control(answer.get_data(as_text=True), field)
            assert one.get("aria-invalid") == "true", (way, name)
            assert stored(value) == stored(FORBIDDEN.sub("", text)), (way, name)
    assert town.rows() == before


def test_the_log_in_form_keeps_the_name_and_tells_nothing(town):
    browser = Browser(town.app, "nobody")
    browser.client = town.app.test_client()
    with browser.client.session_transaction() as cookie:
        cookie["csrf_token"] = RAW
    before = town.count(Guardian)
    for name, text in {
        "markup": HARMLESS["markup"],
        "template": HARMLESS["template"],
        "sql": HARMLESS["sql"],
        **{name: REFUSED_NAMES[name] for name in ("NUL", "escape", "two lines", "turned")},
    }.items():
        answer = browser.send("/logg-inn", {"username": text, "password": "et langt passord"})
        assert answer.status_code == 422, name
        _, value = control(answer.get_data(as_text=True), "username")
        assert value.splitlines() == FORBIDDEN.sub("", text).splitlines(), name
        assert "et langt passord" not in answer.get_data(as_text=True)
    assert town.count(Guardian) == before


# --- Numbers, dates, choices ----------------------------------------------------------------------

NOT_A_NUMBER = [
    *(True, False, "1", "", "²", "١", 1.0, 1.5, 1e400, -1e400, float("nan")),
    *(2**63, -(2**63), 10**300, [], [1], {}, {"a": 1}),
]
NOT_A_NUMBER_TYPED = [
    *("en", "²", "١", "1e0", "1.0", "1,0", "0x1", "+1", "1 1", "--1", "NaN", "Infinity"),
    *("9" * 5000, str(2**63), "-1", "6", "'", "1;2"),
]


def test_what_is_no_number_is_refused_where_one_is_asked_for(ways, town):
    before = town.rows()
    for value in NOT_A_NUMBER:
        for way, field in (("concern", "worry"), ("level", "seen_version"), ("level", "level")):
            path, body, words = ways.calls[way]
            sent = json.dumps({**body, words: "x", field: value})
            answer = town.api("laerer")._call(  # noqa: SLF001 the body as it is
                "post", path, data=sent, headers={"Content-Type": "application/json"}
            )
            assert fields_of(answer) == [field], (field, value)
    for value in NOT_A_NUMBER_TYPED:
        path, body, words = ways.forms["concern"]
        sent = {**body, words: "Står her ennå", "worry": value}
        answer = town.browser("laerer").send(path, sent)
        assert answer.status_code == 422, value
        assert control(answer.get_data(as_text=True), words)[1] == "Står her ennå", value
    assert town.rows() == before


NOT_A_DATE = [
    *("2026-02-30", "2026-13-01", "2026-00-10", "0000-01-01", "10000-01-01", "-2026-01-01"),
    *("2026-1-1", "20260101", "2026-W01-1", "01.02.2026", "2026-01-01T00:00:00", "i dag"),
    *("٢٠٢٦-٠١-٠١", "２０２６-01-01", "2026-01-01\x00", " 2026-01-01", "²", "2026-01-0¹"),
]


def test_what_is_no_date_is_refused(ways, town):
    before = town.rows()
    for value in [*NOT_A_DATE, "", 20260101, True, 0, [], ["2026-01-01"], {}]:
        for way, field in (
            ("concern", "first_noticed_on"),
            ("level", "next_evaluation_on"),
            ("consent", "given_on"),
            ("guardian", "from_on"),
            ("child", "birth_date"),
        ):
            path, body, words = ways.calls[way]
            answer = town.api("laerer").post(path, {**body, words: "x", field: value})
            assert fields_of(answer) == [field], (way, value)
    for value in NOT_A_DATE:
        path, body, words = ways.forms["concern"]
        sent = {**body, words: "Står her ennå", "first_noticed_on": value}
        answer = town.browser("laerer").send(path, sent)
        assert answer.status_code == 422, value
        assert control(answer.get_data(as_text=True), words)[1] == "Står her ennå", value
    assert town.rows() == before


def test_the_first_and_the_last_day_there_is(ways, town):
    """Days at the ends of the calendar are days: kept, or refused by a rule, and never too much."""
    for day in ("0001-01-01", "9999-12-31"):
        for way, field in (
            ("concern", "first_noticed_on"),
            ("level", "next_evaluation_on"),
            ("consent", "given_on"),
            ("consent", "expires_on"),
            ("guardian", "from_on"),
            ("guardian", "until_on"),
            ("child", "birth_date"),
        ):
            path, body, words = ways.calls[way]
            answer = town.api("laerer").post(path, {**body, words: "x", field: day})
            assert answer.status_code in {201, 409, 422}, (way, field, day)
    for path in ("", "/stafettlogg", "/niva", "/folk", "/samtykke", "/om"):
        assert town.browser("laerer").get(ways.home + path).status_code == 200, path


def test_choices_that_there_are_not(ways, town):
    before = town.rows()
    for value in ("", "EVERYONE", "everyone\x00", "\ud800", "nobody", None, 1, True, [], {}):
        for way, field in (
            ("entry", "visibility"),
            ("entry", "kind"),
            ("consent", "purpose"),
            ("consent", "method"),
            ("guardian", "relation"),
        ):
            path, body, words = ways.calls[way]
            answer = town.api("laerer").post(path, {**body, words: "x", field: value})
            assert fields_of(answer) == [field], (way, field, value)
    for value in ("'", "x" * 5000, "<b>", "everyone;", "\x00", "\x1b"):
        path, body, words = ways.forms["entry"]
        sent = {**body, words: "Står her ennå", "visibility": value}
        answer = town.browser("laerer").send(path, sent)
        assert answer.status_code == 422, value
        assert control(answer.get_data(as_text=True), words)[1] == "Står her ennå", value
    assert town.rows() == before


# --- Bodies ---------------------------------------------------------------------------------------

DEEP = 10_000
JSON = "application/json"
BODIES = {
    "nothing": (b"", JSON, 400),
    "nothing at all": (b"", None, 422),
    "no json": (b"hei", JSON, 400),
    "half": (b'{"text": "he', JSON, 400),
    "two": (b"{}{}", JSON, 400),
    "list": (b"[]", JSON, 422),
    "text": (b'"hei"', JSON, 422),
    "number": (b"1", JSON, 422),
    "null": (b"null", JSON, 422),
    "true": (b"true", JSON, 422),
    "not a number": (b"NaN", JSON, 422),
    "infinity": (b"-Infinity", JSON, 422),
    "deep lists": (b"[" * DEEP + b"]" * DEEP, JSON, 400),
    "deep objects": (b'{"a":' * DEEP + b"1" + b"}" * DEEP, JSON, 400),
    "deep, unended": (b"[" * DEEP, JSON, 400),
    "5,000 digits": (b'{"worry": ' + b"9" * 5000 + b"}", JSON, 400),
    "latin-1": ('{"text": "blåbær"}'.encode("latin-1"), JSON, 400),
    "half a letter": (b'{"text": "\xc3"}', JSON, 400),
    "prototype": (b'{"__proto__": {"admin": true}}', JSON, 422),
    "unknown": (b'{"admin": true, "id": 1, "": 2, "\\u0000": 3, "\\ud800": 4}', JSON, 422),
    "plain": (b'{"text": "hei"}', "text/plain", 415),
    "xml": (b"<text>hei</text>", "application/xml", 415),
    "no such type": (b'{"text": "hei"}', "\xff/\x00", 415),
    "other charset": ('{"text": "hei"}'.encode("utf-16"), "application/json; charset=utf-16", 422),
    "1 MiB and one": (b'{"text": "' + b"x" * (2**20 - 11) + b'"}', JSON, 413),
    "1 MiB and one of form": (
        b"text=" + b"x" * (2**20 - 4),
        "application/x-www-form-urlencoded",
        413,
    ),
}


def test_bodies_that_are_none(ways, town):
    before = town.rows()
    for name, (body, kind, status) in BODIES.items():
        for way, (path, _, _) in ways.calls.items():
            headers = {} if kind is None else {"Content-Type": kind}
            answer = town.api("laerer")._call("post", path, data=body, headers=headers)  # noqa: SLF001
            assert answer.status_code == status, (name, way)
            assert answer.json["error"]["message"], (name, way)
            assert "Traceback" not in answer.text
    assert town.rows() == before


def test_unknown_fields_are_refused_by_name(ways, town):
    before = town.rows()
    for way, (path, body, _) in ways.calls.items():
        for unknown in ("__proto__", "constructor", "admin", "version", "Id", "id ", "a.b", "²"):
            answer = town.api("laerer").post(path, {**body, "zzz": 1, unknown: True})
            assert {"zzz", unknown} <= set(fields_of(answer)), (way, unknown)
    for path, body, words in ways.forms.values():
        sent = {**body, words: "Står her ennå", "rolle": "administrator"}
        answer = town.browser("laerer").send(path, sent)
        assert answer.status_code == 422, path
        assert control(answer.get_data(as_text=True), words)[1] == "Står her ennå", path
    assert town.rows() == before


def test_a_field_sent_twice_is_refused(ways, town):
    before = town.rows()
    for path, body, words in ways.forms.values():
        answer = town.browser("laerer").send(path, {**body, words: ["en", "to"]})
        assert answer.status_code == 422, path
    path, body, words = ways.forms["level"]
    first = {"child_voice": "meeting", **body}  # before its parts, and after them
    for sent in (
        first,
        {**body, "child_voice": "meeting"},
        {**body, "child_voice.how": ["a", "b"]},
    ):
        answer = town.browser("laerer").send(path, {**sent, words: "Står her ennå"})
        assert answer.status_code == 422, sent
        assert control(answer.get_data(as_text=True), words)[1] == "Står her ennå"
    assert town.rows() == before


def test_too_much_of_a_form(ways, town):
    before, browser = town.rows(), town.browser("laerer")
    path, body, words = ways.forms["entry"]
    many = {f"f{number}": "x" for number in range(1001)}
    sent = {**body, words: "Hei", "csrf_token": browser.token}
    huge = sent | {words: "x" * 2**20}
    for given in (sent | many, huge):
        line, parts = encode_multipart(given)
        kind = f"multipart/form-data; boundary={line}"
        assert browser.client.post(path, data=parts, content_type=kind).status_code == 413
    assert browser.send(path, huge).status_code == 413
    assert browser.send(path, sent | many).status_code == 422
    flood = {f"f{number}": "x" for number in range(2001)}
    assert browser.send(path, sent | flood).status_code == 413
    assert town.app.test_client().post("/logg-inn", data=flood).status_code == 413
    for name, kind in (
        ("text/plain", "text/plain"),
        ("json", JSON),
        ("no boundary", "multipart/form-data"),
        ("boundary of nothing", "multipart/form-data; boundary="),
    ):
        answer = browser.client.post(path, data=b"text=hei", content_type=kind)
        assert answer.status_code in {400, 403, 415}, name
    assert town.rows() == before


ADDRESSES = [
    "/children/1",
    "/children/%00",
    "/children/%ff",
    "/children/..%2f..%2fetc%2fpasswd",
    "/children/' OR 1=1 --",
    "/children/" + "a" * 8000,
    "/entries/00000000-0000-0000-0000-00000000000g/versions",
    "/entries/٠٠٠٠٠٠٠٠-0000-0000-0000-000000000000/versions",
    "/concerns/{{7*7}}",
    "/handovers/99999999999999999999999999999999999999",
]
QUESTIONS = [
    "/people?q=%00",
    "/people?q=%ff%fe",
    "/people?q=" + "x" * 101,
    "/people?q=%ED%A0%80",
    "/people?limit=99999999999999999999",
    "/people?limit=" + "9" * 5000,
    "/people?service_id=%00",
    "/people?after=" + "A" * 5000,
    "/children?after=bnVsbA==",
    "/children?after=W1tdXQ==",
    "/children?limit=-1",
    "/children?__proto__=1",
    "/children?limit[]=1",
]


def test_addresses_and_questions(town):
    before, api = town.rows(), town.api("laerer")
    for path in ADDRESSES:
        assert api.get(path).status_code == 404, path
        assert api.post(path).status_code in {404, 405}, path
    for place in ("measures/%00/acceptance", "measures/a%1fb/report", "plan/parts/%00/visibility"):
        there = f"/children/{town.child}/{place}"
        assert {api.get(there).status_code, api.post(there).status_code} <= {404, 405}, place
    for path in QUESTIONS:
        answer = api.get(path)
        assert answer.status_code in {200, 422}, path
        assert answer.json, path
    for path in ("/barn/1", "/barn/%00", "/barn?x=%00", "/barn/%ff/stafettlogg"):
        assert town.browser("laerer").get(path).status_code in {200, 404}, path
    after = f"/barn/{town.child}/stafettlogg?after=%00"
    assert town.browser("laerer").get(after).status_code == 422
    assert town.rows() == before


def test_headers(ways, town):
    path, body, words = ways.calls["entry"]
    for headers in (
        {"Idempotency-Key": "x" * 10_000},
        {"Idempotency-Key": "\xff\x01"},
        {"Idempotency-Key": ""},
        {"X-Forwarded-For": "' OR 1=1"},
        {"Accept-Language": "../../etc"},
        {"HX-Request": "\x00"},
    ):
        made = town.api("laerer").post(path, {**body, words: "Hei"}, headers=headers)
        assert made.status_code == 201, headers
    for token in ("", "Bearer", "Bearer ", "Bearer \xff", "Basic eA==", "Bearer " + "x" * 10_000):
        answer = town.app.test_client().get("/api/v1/me", headers={"Authorization": token})
        assert answer.status_code == 401, token
