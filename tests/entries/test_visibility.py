"""Who reads an entry: at writing, later, for each reader, and that nobody else finds a trace."""

import random
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import insert

from stafett.audience.rules import Audience, Viewer, Visibility, readable
from stafett.audit.models import TrailRow
from stafett.children import queries as children
from stafett.children.models import Guardian
from stafett.entries import queries
from stafett.entries.models import (
    Entry,
    EntryAudience,
    EntryHidden,
    EntryReader,
    EntryVersion,
)
from stafett.stafettlogg import membership
from stafett.stafettlogg.membership import Invite
from tests.entries.test_api import KEPT, correct, listed, texts, write
from tests.stafettlogg.asking import obstacles
from tests.statements import sent_to

SECRET = "Det som ikke alle skal vite."
WHO = ("laerer", "ppt", "helsesykepleier", "bup", "mor", "far", "ungdom")
NAMED = {"visibility": "named", "visibility_reason": "secrecy"}


@pytest.fixture
def full(town):
    """The town with a nurse and a specialist who write, and Nora herself, who is 13."""
    town.agree(town.child, "skole", "ppt", "helse", "ke", "bup")
    until = town.today + timedelta(days=80)
    for who in ("helsesykepleier", "bup"):
        with town.work("laerer") as work:
            membership.invite(work, town.child, Invite(who, writes=True, until=until))
    town.tie("ungdom", "C12")
    return town


def readers(town, text=SECRET):
    return {who for who in WHO if text in texts(town, who)}


def kept(town, who="laerer", **more):
    answer = write(town, who, text=SECRET, **more)
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def change(town, entry, who="laerer", **more):
    wish = {"visibility": "everyone", "seen_audience": 1, **more}
    return town.api(who).post(f"/entries/{entry}/visibility", wish)


def hide(town, entry, who="laerer", **more):
    wish = {"hidden_from": [str(town.far)], "hidden_reason": "no_right", **more}
    return town.api(who).post(f"/entries/{entry}/hiding", {"seen_audience": 0, **wish})


# The filter of the list, and the guard of one entry, are one question.


def test_the_filter_in_sql_is_the_rule(town, database):
    """Over a population of entries and readers, with every audience there can be."""
    rng = random.Random(7)
    people = [town.users[name] for name in ("laerer", "ppt", "bup", "mor", "far", "ungdom")]
    guardians = {town.mor: town.users["mor"], town.far: town.users["far"]}
    made = {}
    with town.work("laerer") as work:
        for _ in range(150):
            author, at = rng.choice(people), town.now
            service = rng.choice([None, town.services["skole"], town.services["ppt"]])
            visibility, number = rng.choice(list(Visibility)), rng.randint(1, 3)
            entry = Entry(
                id=uuid4(),
                child_id=town.child,
                log_id=town.log,
                kind="note",
                visibility=visibility,
                written_by=author,
                service_id=service,
                written_at=at,
                audience=number,
            )
            work.session.add(entry)
            work.session.flush()
            text = {"entry_id": entry.id, "number": 1, "text": "x", "written_at": at}
            work.session.execute(insert(EntryVersion), [text])
            stands = ()
            for one in range(1, number + 1):  # what stood earlier must not count
                named = rng.sample(people, rng.randint(0, 3))
                hidden = rng.sample(list(guardians), rng.choice([0, 0, 1, 2]))
                stands = (named, [guardians[guardian] for guardian in hidden])
                where = {"entry_id": entry.id, "number": one}
                rows = [{**where, "user_id": user} for user in named]
                work.session.execute(insert(EntryReader), rows) if rows else None
                rows = [{**where, "guardian_id": guardian} for guardian in hidden]
                work.session.execute(insert(EntryHidden), rows) if rows else None
            made[entry.id] = Audience(visibility, author, service, *stands)
    asked = 0
    with database.reading() as session:
        child = children.find(session, town.child)
        for user in people:
            for service in (None, town.services["skole"]):
                for bits in range(8):
                    reads, family, room = (bool(bits & one) for one in (1, 2, 4))
                    by = Viewer(user, service, reads=reads, family=family, room=room)
                    expected = {one for one, audience in made.items() if readable(by, audience)}
                    found = {row.id for row in queries.of_child(session, child, by, 200)}
                    asked_for = rng.sample(list(made), 20)
                    single = {one for one in asked_for if queries.find(session, one, by)}
                    hidden = set(queries.hidden(session, [town.child], by))
                    assert found == expected == made.keys() - hidden
                    assert single == expected & set(asked_for)
                    asked += len(expected)
    assert asked > 1000


def test_the_list_is_one_statement_and_a_page_of_open_entries_two(full, database):
    for number in range(5):
        write(full, text=str(number))
    with database.reading() as session:
        child = children.find(session, full.child)
        by = Viewer(full.users["mor"], None, reads=True, family=True, room=False)
        with sent_to(database) as statements:
            rows = queries.of_child(session, child, by, 50)
            names = queries.names(session, rows)
    assert (len(rows), names) == (5, {})
    assert len(statements) == 1


# At writing.


WRITTEN = [
    ("laerer", {}, set(WHO)),
    ("laerer", KEPT, {"laerer", "ppt", "helsesykepleier", "bup"}),
    ("laerer", {**NAMED, "named": ["mor"]}, {"laerer", "mor"}),
    ("bup", {**NAMED, "named": ["helsesykepleier", "ppt"]}, {"bup", "helsesykepleier", "ppt"}),
    ("ppt", {"visibility": "own_service", "visibility_reason": "our_work"}, {"ppt"}),
    ("mor", {"visibility": "named", "named": ["helsesykepleier"]}, {"mor", "helsesykepleier"}),
    ("ungdom", {"visibility": "named", "named": ["mor"]}, {"ungdom", "mor"}),
    ("ungdom", {"visibility": "child_room"}, {"ungdom"}),
    ("ungdom", {"visibility": "child_room", "named": ["ppt"]}, {"ungdom", "ppt"}),
]


@pytest.mark.parametrize(("who", "wish", "expected"), WRITTEN)
def test_whom_it_is_written_for_reads_it_and_nobody_else(full, who, wish, expected):
    entry = kept(full, who, **wish)
    assert readers(full) == expected
    for one in WHO:
        status = 200 if one in expected else 404
        assert full.api(one).get(f"/entries/{entry}/versions").status_code == status


def test_hidden_from_one_guardian(full):
    kept(full, hidden_from=[str(full.far)], hidden_reason="no_right")
    assert readers(full) == set(WHO) - {"far"}
    row = full.one(EntryAudience)
    assert (row.visibility, row.hidden_reason, row.reason) == ("everyone", "no_right", None)
    assert row.review_on == full.today + timedelta(days=90)


def test_who_it_is_hidden_from_is_not_among_those_who_will_see_it(full):
    entry = kept(full, hidden_from=[str(full.far)], hidden_reason="no_right")
    page = full.browser("laerer").get(f"/oppforing/{entry}/hvem-ser").text
    seen = re.search(r'data-for="everyone">.*?</p>', page, re.DOTALL)[0]
    assert "Mor Demo" in seen
    assert "Far Demo" not in seen


def test_those_of_the_same_service_who_read_the_log(full):
    kept(full, visibility="own_service", visibility_reason="our_work")
    assert readers(full) == {"laerer"}
    full.tie("nyansatt", "MW", needs_consent=True, service_id=full.services["skole"])
    assert SECRET in texts(full, "nyansatt")


def test_a_name_gives_no_access_by_itself(full):
    """Neither at writing, nor when the named one's tie ends."""
    answer = write(full, **{**NAMED, "named": ["rektor"]})
    assert list(answer.json["error"]["fields"]) == ["named"]
    entry = kept(full, **{**NAMED, "named": ["ppt"]})
    assert SECRET in texts(full, "ppt")
    full.api("laerer").post(f"/members/{full.member}/end", {"reason": "Ferdig."})
    assert full.api("ppt").get(f"/entries/{entry}/versions").status_code == 404


def test_who_may_not_choose_what(full):
    for who, wish, code in (
        ("mor", KEPT, "visibility-not-own"),
        ("mor", {"visibility": "child_room"}, "visibility-not-own"),
        ("laerer", {"visibility": "child_room"}, "visibility-not-own"),
        ("mor", {"hidden_from": [str(full.far)], "hidden_reason": "no_right"}, "hiding-not-own"),
    ):
        assert obstacles(write(full, who, **wish)) == [code], (who, wish)
    wish = {**NAMED, "named": ["far"], "hidden_from": [str(full.far)], "hidden_reason": "danger"}
    assert list(write(full, **wish).json["error"]["fields"]) == ["hidden_from"]
    assert full.count(Entry) == full.count(EntryAudience) == 0


def test_what_the_choice_needs_not_is_not_kept(full):
    write(full, named=["ppt"], visibility_reason="danger", review_on=str(full.today))
    assert full.count(EntryAudience) == full.count(EntryReader) == 0


def test_a_guardian_who_also_works_with_the_child_does_not_read_its_room(full):
    entry = kept(full, "ungdom", visibility="child_room", named=["ppt"])
    with full.database.writing() as session:
        session.get(Guardian, full.far).user_id = full.users["ppt"]
    full.tie("ppt", "PF")
    assert full.api("ppt").get(f"/entries/{entry}/versions").status_code == 404
    wish = {"visibility": "child_room", "named": ["ppt"], "seen_audience": 1}
    answer = full.api("ungdom").post(f"/entries/{entry}/visibility", wish)
    assert list(answer.json["error"]["fields"]) == ["named"]


# No trace.


def pages(town, who):
    """All that somebody is shown of the child, less what tells one request from the next."""
    browser, api = town.browser(who), town.api(who)
    home = f"/barn/{town.child}"
    found = [browser.text(f"{home}{one}") for one in ("", "/stafettlogg", "/innsyn")]
    calls = [f"/children/{town.child}/entries?limit=2", f"/children/{town.child}/access-log"]
    return found + [api.get(one).json for one in [*calls, "/worklist"]]


def test_who_may_not_see_it_is_shown_the_same_as_if_it_were_not(full):
    for number in range(3):
        write(full, text=str(number))
    pages(full, "far")
    before = pages(full, "far")
    for who, wish in (
        ("laerer", {"hidden_from": [str(full.far)], "hidden_reason": "danger"}),
        ("laerer", KEPT),
        ("mor", {"visibility": "named", "named": ["laerer"]}),
        ("ungdom", {"visibility": "child_room", "named": ["laerer"]}),
    ):
        entry = kept(full, who, **wish)
        correct(full, entry, who)
        for one in ("laerer", who):
            full.api(one).get(f"/entries/{entry}/versions")
    after = pages(full, "far")
    for earlier, later in zip(before, after, strict=True):
        if isinstance(later, dict) and later["items"] and "what" in later["items"][0]:
            told = [(one["who"], one["what"]) for one in later["items"]]
            assert set(told) == {(one["who"], one["what"]) for one in earlier["items"]}
        elif isinstance(later, str) and "Hvem har sett" in later:
            assert "rommet" not in later
            assert "rettet" not in later
        else:
            assert later == earlier


def test_a_page_of_hidden_entries_is_no_empty_page(full):
    write(full, text="Først")
    for _ in range(5):
        kept(full, **KEPT)
    write(full, text="Sist")
    part = listed(full, "far", limit=2)
    assert [one["text"] for one in part["items"]] == ["Sist", "Først"]
    assert part["next"] is None


def test_a_row_about_who_looked_is_seen_by_those_who_see_the_entry(full):
    entry = kept(full, hidden_from=[str(full.far)], hidden_reason="danger")
    full.api("ppt").get(f"/entries/{entry}/versions")

    def told(who):
        rows = full.api(who).get(f"/children/{full.child}/access-log").json["items"]
        return {(one["who"], one["what"]) for one in rows}

    looked = ("Ppt Demo", "leste en oppføring i stafettloggen")
    wrote = ("Laerer Demo", "skrev i stafettloggen")
    assert {looked, wrote} <= told("mor")
    assert not {looked, wrote} & told("far")
    room = kept(full, "ungdom", visibility="child_room", named=["ppt"])
    assert full.browser("ppt").get(f"/barn/{full.child}/rom").status_code == 200
    in_room = ("Ppt Demo", "leste i rommet til barnet")
    assert in_room in told("ungdom")
    assert ("Ungdom Demo", "skrev i rommet til barnet") in told("ungdom")
    for who in ("mor", "far"):
        assert not [what for _, what in told(who) if "rommet" in what]
    assert change(full, room, "ungdom").status_code == 200
    assert ("Ungdom Demo", "endret hvem som ser en oppføring") in told("mor")
    assert in_room not in told("mor")


def test_the_childs_room_shows_all_that_was_ever_written_in_it(full):
    with full.work("ungdom") as work:
        for number in range(201):
            entry = Entry(
                id=uuid4(),
                child_id=full.child,
                log_id=full.log,
                kind="child_voice",
                visibility="child_room",
                written_by=full.users["ungdom"],
                written_at=full.now + timedelta(seconds=number),
            )
            work.session.add(entry)
            work.session.flush()
            text = {"entry_id": entry.id, "number": 1, "text": f"Nummer {number}."}
            work.session.execute(insert(EntryVersion), [{**text, "written_at": entry.written_at}])
    said = full.browser("ungdom").text(f"/barn/{full.child}/rom")
    assert "Nummer 0." in said
    assert "Nummer 200." in said


# Later.


def test_the_author_widens_and_it_is_marked_for_those_who_may_now_read(full):
    entry = kept(full, **KEPT)
    with full.later(days=2):
        assert change(full, entry).status_code == 200
        assert readers(full) == set(WHO)
        page = full.browser("mor").text(f"/barn/{full.child}/stafettlogg")
        assert "Nytt for deg" in page
        assert "Gjort synlig for deg i dag" in page
        assert "Gjort synlig" not in full.browser("ppt").text(f"/barn/{full.child}/stafettlogg")
    row = full.one(TrailRow, TrailRow.action == "entry.set_visibility")
    assert row.changes == {"old": "professionals", "new": "everyone", "audience": 2}
    assert row.object_id == full.one(Entry).id
    with full.later(days=40):
        page = full.browser("mor").text(f"/barn/{full.child}/stafettlogg")
        assert "Nytt for deg" not in page


def test_the_author_narrows_and_is_told_who_has_read_it(full):
    entry = kept(full)
    texts(full, "far")
    full.browser("mor").get(f"/barn/{full.child}/stafettlogg")
    wish = {**NAMED, "named": ["helsesykepleier"], "seen_audience": 0}
    answer = change(full, entry, **wish)
    assert answer.status_code == 200
    assert [one["who"] for one in answer.json["read_by"]] == ["Far Demo", "Mor Demo"]
    assert readers(full) == {"laerer", "helsesykepleier"}
    first, second = answer.json["items"][0], full.one(EntryAudience)
    assert (first["named"], first["visibility_reason"]) == (["helsesykepleier"], "secrecy")
    assert (second.number, second.set_by) == (1, full.users["laerer"])
    page = full.browser("laerer").text(f"/oppforing/{entry}/hvem-ser")
    assert "Far Demo, første gang" in page


def test_only_the_author_changes_it_and_nothing_is_kept_of_a_refusal(full):
    entry = kept(full)
    before = full.rows()
    for who in ("ppt", "mor", "ungdom"):
        assert change(full, entry, who, seen_audience=0).status_code == 403
    for who in ("ppt", "mor", "ungdom"):
        assert hide(full, entry, who).status_code == 403
    stale = change(full, entry, seen_audience=3)
    assert (stale.status_code, stale.json["error"]["current"]) == (409, {"audience": 0})
    wrong = change(full, entry, **{**NAMED, "named": ["ppt"], "seen_audience": 0})
    assert wrong.status_code == 200
    before = full.rows()
    refused = change(full, entry, visibility="named")
    assert list(refused.json["error"]["fields"]) == ["named"]
    assert obstacles(change(full, entry, visibility="child_room")) == ["visibility-not-own"]
    assert full.rows() == before
    hidden = kept(full, "bup", **{**NAMED, "named": ["mor"]})
    for who in ("ppt", "far", "laerer"):
        assert change(full, hidden, who).status_code == 404


def test_hidden_later_and_shown_again(full):
    entry = kept(full)
    done = hide(full, entry)
    assert done.status_code == 200
    assert done.json["items"][0]["hidden_from"] == [str(full.far)]
    assert readers(full) == set(WHO) - {"far"}
    # Whom it is for may change, and it stays hidden from the same.
    wish = {**NAMED, "named": ["mor"]}
    assert change(full, entry, **wish).status_code == 200
    assert readers(full) == {"laerer", "mor"}
    both = change(full, entry, **{**wish, "named": ["far"], "seen_audience": 2})
    assert list(both.json["error"]["fields"]) == ["hidden_from"]
    assert change(full, entry, seen_audience=2).status_code == 200
    assert readers(full) == set(WHO) - {"far"}
    shown = {"hidden_from": [], "hidden_reason": None, "seen_audience": 3}
    assert hide(full, entry, **shown).status_code == 200
    assert readers(full) == set(WHO)
    assert full.count(EntryAudience) == 4
    assert full.count(TrailRow, TrailRow.action == "entry.hide_from_guardian") == 2


def test_a_correction_keeps_whom_it_is_for_and_a_change_keeps_the_text(full):
    entry = kept(full, hidden_from=[str(full.far)], hidden_reason="danger")
    assert correct(full, entry, text=SECRET).json["version"] == 2
    assert change(full, entry).status_code == 200
    again = correct(full, entry, text=SECRET, seen_version=2)
    assert again.json["version"] == 3
    assert readers(full) == set(WHO) - {"far"}


def test_a_review_that_is_due_is_in_the_worklist_of_those_who_may_read_it(full):
    entry = kept(full, "ppt", **KEPT)
    kept(full, "bup", **{**NAMED, "named": ["mor"]})

    def due(who):
        items = full.api(who).get("/worklist").json["items"]
        return [(one["href"], one["overdue"]) for one in items if one["kind"] == "review"]

    assert due("ppt") == due("laerer") == []
    with full.later(days=91):
        assert due("ppt") == [(f"/oppforing/{entry}/hvem-ser", True)]
        assert due("laerer") == [(f"/oppforing/{entry}", True)]  # the holder; not what is bup's
        for who in ("mor", "helsesykepleier"):
            assert due(who) == []
        wish = {"visibility": "professionals", "visibility_reason": "secrecy"}
        assert change(full, entry, "ppt", **wish).status_code == 200
        assert due("ppt") == due("laerer") == []


# The pages.


def test_the_form_says_who_will_see_it_for_each_choice(full):
    page = full.browser("laerer").get(f"/barn/{full.child}/stafettlogg").get_data(as_text=True)
    for choice in ("everyone", "professionals", "named", "own_service"):
        assert f'<option value="{choice}"' in page
        assert f'data-for="{choice}"' in page
    assert '<option value="everyone" selected>' in page
    nurse = full.browser("helsesykepleier").get(f"/barn/{full.child}/stafettlogg")
    assert '<option value="named" selected>' in nurse.get_data(as_text=True)
    assert "taushetsplikten streng" in nurse.get_data(as_text=True)
    mother = full.browser("mor").get(f"/barn/{full.child}/stafettlogg").get_data(as_text=True)
    assert '<option value="named"' in mother
    assert '<option value="professionals"' not in mother
    assert "visibility_reason" not in mother
    assert "hidden_from" not in mother


def test_a_refused_form_keeps_what_was_chosen(full):
    sent = {"text": SECRET, "kind": "note", "visibility": "named", "named": ["ppt", "mor"]}
    sent["review_on"] = (full.today + timedelta(90)).isoformat()  # with no reason
    answer = full.browser("laerer").send(f"/barn/{full.child}/stafettlogg", sent)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="ppt" checked' in page
    assert 'value="mor" checked' in page
    assert 'value="far" checked' not in page
    assert '<option value="named" selected>' in page
    assert SECRET in page
    assert full.count(Entry) == 0


def test_the_pages_of_change_and_hiding(full):
    browser = full.browser("laerer")
    entry = kept(full)
    page = f"/oppforing/{entry}/hvem-ser"
    assert "Alle i loggen ser dette" in browser.text(page)
    sent = {"seen_audience": "0", "visibility": "named", "named": "ppt"}
    refused = browser.send(page, {**sent, "review_on": "2999-01-01"})
    assert (refused.status_code, full.count(EntryAudience)) == (422, 0)
    assert 'value="ppt" checked' in refused.get_data(as_text=True)
    assert browser.send(page, {**sent, "visibility_reason": "secrecy"}).status_code == 303
    assert "Bare du og Ppt Demo ser dette" in browser.text(page)
    kin = {"seen_audience": "1", "hidden_from": str(full.far)}
    assert browser.send(f"/oppforing/{entry}/skjul", kin).status_code == 422
    done = browser.send(f"/oppforing/{entry}/skjul", {**kin, "hidden_reason": "danger"})
    assert done.status_code == 303
    assert "Skjult for Far Demo" in browser.text(f"/barn/{full.child}/stafettlogg")
    assert "Bare Laerer Demo og du" not in full.browser("mor").text(f"/barn/{full.child}")


def test_the_childs_own_room(full):
    room = f"/barn/{full.child}/rom"
    child = full.browser("ungdom")
    assert "Her er det ikke skrevet noe ennå" in child.text(room)
    assert child.send(room, {"text": ""}).status_code == 422
    for who in ("laerer", "ppt", "mor", "far"):
        assert full.browser(who).get(room).status_code == 403
    assert child.send(room, {"text": SECRET}).status_code == 303
    assert "Bare du ser dette" in child.text(room)
    assert full.browser("ppt").get(room).status_code == 403
    assert child.send(room, {"text": "Til PPT", "named": "ppt"}).status_code == 303
    picked = full.browser("ppt").text(room)
    assert "Til PPT" in picked
    assert SECRET not in picked
    for who in ("laerer", "mor"):
        assert full.browser(who).send(room, {"text": "x"}).status_code == 403
    for who in ("mor", "rektor"):
        refused = child.send(room, {"text": "x", "named": who})
        assert refused.status_code == 422
    assert full.browser("nyansatt").get(room).status_code == 404


def test_without_a_reason_it_is_looked_at_again_sooner(full):
    plain = kept(full, visibility="professionals")
    reasoned = kept(full, visibility="professionals", visibility_reason="secrecy")
    hidden = kept(full, hidden_from=[str(full.far)], hidden_reason="no_right")
    for entry, days in ((plain, 14), (reasoned, 90), (hidden, 90)):
        items = full.api("laerer").get(f"/entries/{entry}/visibility").json["items"]
        assert items[0]["review_on"] == (full.today + timedelta(days)).isoformat()


def test_the_child_lets_more_into_its_room_later(full):
    note = kept(full, "ungdom", visibility="child_room")
    page, child = f"/oppforing/{note}/hvem-ser", full.browser("ungdom")
    assert "Dette står i rommet ditt" in child.text(page)
    sent = {"seen_audience": "1", "visibility": "child_room", "named": "ppt"}
    assert child.send(page, sent).status_code == 303
    assert "Bare du og Ppt Demo ser dette" in child.text(page)
    assert readers(full) == {"ungdom", "ppt"}
