"""Entries through JSON: written, read in parts, corrected, and kept from those they are not for."""

from datetime import timedelta

from sqlalchemy import update

from stafett.audit.models import TrailRow
from stafett.entries.models import Entry, EntryVersion
from stafett.web import cursor
from tests.stafettlogg.asking import closing, obstacles

HIDDEN = "Bare for fagfolk: mistanke om noe."
NOBODY = "00000000-0000-0000-0000-000000000000"
KEPT = {"visibility": "professionals", "visibility_reason": "secrecy"}


def write(town, who="laerer", text="Hei", child=None, **more):
    wish = {"kind": "note", "text": text, "visibility": "everyone", **more}
    return town.api(who).post(f"/children/{child or town.child}/entries", wish)


def correct(town, entry, who="laerer", **more):
    wish = {"text": "Rettet", "reason": "Skrivefeil", "seen_version": 1, **more}
    return town.api(who).post(f"/entries/{entry}/corrections", wish)


def listed(town, who, **asked):
    answer = town.api(who).get(f"/children/{town.child}/entries", query_string=asked)
    assert answer.status_code == 200
    return answer.json


def texts(town, who):
    return [one["text"] for one in listed(town, who)["items"]]


def test_written_and_read(town):
    made = write(town, "ppt", "Observerte i dag.\n\nRolig økt.", kind="glimpse")
    assert made.status_code == 201
    assert made.json == {
        "id": made.json["id"],
        "kind": "glimpse",
        "text": "Observerte i dag.\n\nRolig økt.",
        "author": "ppt",
        "author_name": "Ppt Demo",
        "service_id": str(town.services["ppt"]),
        "visibility": "everyone",
        "written_at": made.json["written_at"],
        "version": 1,
        "corrected": False,
        "measure_key": None,
    }
    assert made.json["written_at"].endswith("Z")
    first = town.api("mor").get(made.headers["Location"])
    assert first.status_code == 200
    assert first.json["items"] == [
        {
            "number": 1,
            "text": "Observerte i dag.\n\nRolig økt.",
            "reason": None,
            "written_at": made.json["written_at"],
        }
    ]
    assert listed(town, "far")["items"] == [made.json]
    row = town.one(TrailRow, TrailRow.action == "entry.create")
    assert row.changes == {"kind": "glimpse", "visibility": "everyone"}


def test_newest_first_in_parts_without_gaps(town):
    made = [
        write(town, who="mor" if number % 3 else "laerer", text=str(number)) for number in range(13)
    ]
    assert {one.status_code for one in made} == {201}
    seen, after = [], None
    while True:
        part = listed(town, "far", limit=5, **({"after": after} if after else {}))
        assert len(part["items"]) <= 5
        seen += [one["text"] for one in part["items"]]
        after = part["next"]
        if after is None:
            break
    assert seen == [str(number) for number in reversed(range(13))]
    assert len(listed(town, "far")["items"]) == 13


def test_every_kind_that_people_write(town):
    for kind in ("note", "contact", "glimpse", "child_voice"):
        for who in ("laerer", "ppt", "mor"):
            assert write(town, who, kind=kind).status_code == 201, (who, kind)


WRONG = [
    ({"kind": "concern"}, ["kind"]),
    ({"kind": "referat"}, ["kind"]),
    ({"kind": None}, ["kind"]),
    ({"text": ""}, ["text"]),
    ({"text": "\n \t"}, ["text"]),
    ({"text": None}, ["text"]),
    ({"text": "x" * 20_001}, ["text"]),
    ({"text": ["Hei"]}, ["text"]),
    ({"text": {"html": "Hei"}}, ["text"]),
    ({"text": 5}, ["text"]),
    ({"visibility": "secret"}, ["visibility"]),
    ({"visibility": "named", "named": "ppt"}, ["named"]),
    ({"visibility": "named", "visibility_reason": "secrecy"}, ["named"]),
    ({"visibility": "named", "named": ["rektor"]}, ["named"]),
    ({"visibility": "professionals", "visibility_reason": "fordi"}, ["visibility_reason"]),
    ({"visibility": "own_service", "review_on": "2999-01-01"}, ["review_on"]),
    ({**KEPT, "review_on": "2020-01-01"}, ["review_on"]),
    ({**KEPT, "review_on": "2999-01-01"}, ["review_on"]),
    ({**KEPT, "review_on": "snart"}, ["review_on"]),
    ({"hidden_from": ["x"], "hidden_reason": "y"}, ["hidden_from.0", "hidden_reason"]),
    ({"hidden_from": [NOBODY]}, ["hidden_from", "hidden_reason"]),
    ({"measure_key": "m1"}, ["measure_key"]),
    ({"written_at": "2020-01-01T00:00:00Z"}, ["written_at"]),
    ({"author": "mor"}, ["author"]),
    ({"version": 7}, ["version"]),
]


def test_what_is_wrong_is_named_and_nothing_is_kept(town):
    before = town.rows()
    for changed, fields in WRONG:
        answer = write(town, **changed)
        assert (answer.status_code, answer.json["error"]["code"]) == (422, "invalid"), changed
        assert sorted(answer.json["error"]["fields"]) == fields, changed
    assert town.rows() == before


def test_twenty_thousand_characters_come_back_whole(town):
    text = "æ" * 19_999 + "🧒"
    assert write(town, text=text).json["text"] == text
    assert texts(town, "mor") == [text]


def test_what_is_for_professionals_never_reaches_the_family(town):
    open_one = write(town, text="For alle").json
    hidden = write(town, text=HIDDEN, **KEPT).json
    assert texts(town, "ppt") == [HIDDEN, "For alle"]
    for who in ("mor", "far"):
        api = town.api(who)
        assert texts(town, who) == ["For alle"]
        # Neither in a part of the list, nor by its count, nor by asking for it.
        part = listed(town, who, limit=1)
        assert (len(part["items"]), part["next"]) == (1, None)
        missing = api.get(f"/entries/{open_one['id'][:-4]}0000/versions")
        denied = api.get(f"/entries/{hidden['id']}/versions")
        assert (denied.status_code, denied.data) == (404, missing.data)
        assert correct(town, hidden["id"], who).status_code == 404
        for path in (f"/barn/{town.child}/stafettlogg", f"/barn/{town.child}"):
            page = town.browser(who).get(path)
            assert page.status_code == 200
            assert HIDDEN not in page.get_data(as_text=True)
    seen = town.browser("ppt").get(f"/barn/{town.child}/stafettlogg").get_data(as_text=True)
    assert HIDDEN in seen
    assert obstacles(write(town, "mor", visibility="professionals")) == ["visibility-not-own"]


def test_corrected_by_its_author_and_the_old_text_stays_readable(town):
    entry = write(town, text="Nora slo Ola.").json
    done = correct(town, entry["id"], text="Nora og Ola sloss.", reason="Feil oppfatning")
    assert done.status_code == 201
    assert (done.json["version"], done.json["corrected"]) == (2, True)
    assert (done.json["text"], done.json["visibility"]) == ("Nora og Ola sloss.", "everyone")
    assert done.json["written_at"] == entry["written_at"]
    versions = town.api("mor").get(done.headers["Location"]).json["items"]
    assert [(one["number"], one["text"], one["reason"]) for one in versions] == [
        (2, "Nora og Ola sloss.", "Feil oppfatning"),
        (1, "Nora slo Ola.", None),
    ]
    assert texts(town, "far") == ["Nora og Ola sloss."]
    row = town.one(TrailRow, TrailRow.action == "entry.correct")
    assert row.changes == {"version": 2}


def test_a_stale_correction_shows_what_stands(town):
    entry = write(town).json["id"]
    assert correct(town, entry, text="Først").status_code == 201
    before = town.rows()
    stale = correct(town, entry, text="Sist")
    assert stale.status_code == 409
    assert stale.json["error"]["current"] == {"version": 2, "text": "Først"}
    assert town.rows() == before
    assert texts(town, "mor") == ["Først"]


def test_nobody_corrects_what_another_wrote(town):
    entry = write(town, "laerer").json["id"]
    for who, status in (("ppt", 403), ("mor", 403), ("rektor", 404)):
        assert correct(town, entry, who).status_code == status, who
    own = write(town, "mor").json["id"]
    assert correct(town, own, "mor").status_code == 201
    assert correct(town, own, "laerer").status_code == 403


def test_a_wrong_correction_is_named_and_nothing_is_kept(town):
    entry = write(town).json["id"]
    before = town.rows()
    for changed, field in (
        ({"text": " "}, "text"),
        ({"text": "x" * 20_001}, "text"),
        ({"reason": ""}, "reason"),
        ({"seen_version": "1"}, "seen_version"),
        ({"seen_version": 2**63}, "seen_version"),
        ({"seen_version": 0}, "seen_version"),
        ({"visibility": "professionals"}, "visibility"),
    ):
        answer = correct(town, entry, **changed)
        assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, [field]), changed
    assert town.rows() == before


def test_there_must_be_a_log_to_write_in(town):
    child, *_ = town.family("Ny Demo")
    before = town.rows()
    assert write(town, "laerer", child=child).status_code == 403
    assert obstacles(write(town, "mor", child=child)) == ["log-missing"]
    assert town.rows() == before


def test_a_withdrawn_consent_ends_writing_in_the_middle_of_a_correction(town):
    entry = write(town, "ppt").json["id"]
    gone = {"services": [str(town.services["ppt"])]}
    town.api("mor").post(f"/consents/{town.consent}/withdrawal", gone)
    before = town.rows()
    assert correct(town, entry, "ppt").status_code == 404
    assert write(town, "ppt").status_code == 404
    assert town.rows() == before


def test_texts_of_a_closed_log_stand(town):
    entry = write(town, "mor").json["id"]
    log, corrects = f"/barn/{town.child}/stafettlogg", f'<a href="/oppforing/{entry}">Rett<'
    assert corrects in town.browser("mor").get(log).get_data(as_text=True)
    town.api("laerer").post(f"/children/{town.child}/stafettlogg/closing", closing())
    assert corrects not in town.browser("mor").get(log).get_data(as_text=True)
    assert obstacles(correct(town, entry, "mor")) == ["log-closed"]
    assert town.count(EntryVersion) == town.count(Entry) == 1


PLACES = [
    ("0001-01-01T00:00:00+14:00", NOBODY),  # before the first moment there is, in UTC
    ("9999-12-31T23:59:59-14:00", NOBODY),
    ("2026-11-24T08:00:00", NOBODY),
    ("i går", NOBODY),
    ("2026-11-24T08:00:00+00:00", "1"),
    (None, None),
    (1, 2),
    ("2026-11-24T08:00:00+00:00",),
]


def test_a_cursor_that_nobody_gave_is_refused(town):
    for place in PLACES:
        asked = {"after": cursor.write(*place)}
        answer = town.api("mor").get(f"/children/{town.child}/entries", query_string=asked)
        assert answer.status_code == 422, place
        assert list(answer.json["error"]["fields"]) == ["after"]


def test_entries_of_the_same_moment_keep_their_order(town):
    """Two written in the same microsecond are told apart by their id, in the list and in parts."""
    made = [write(town, text=str(number)).json["id"] for number in range(4)]
    moment = town.now + timedelta(minutes=1)
    with town.database.writing() as session:
        session.execute(update(Entry).values(written_at=moment))
    whole = [one["id"] for one in listed(town, "mor")["items"]]
    first = listed(town, "mor", limit=2)
    second = listed(town, "mor", limit=2, after=first["next"])
    assert [one["id"] for one in first["items"] + second["items"]] == whole
    assert sorted(whole) == sorted(made)
