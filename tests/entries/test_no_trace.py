"""Who reads an entry: the same question in Python and in SQL, and no trace for everybody else."""

from datetime import date, timedelta
from itertools import combinations, product
from random import Random
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from stafett.audit.models import TrailRow
from stafett.children.models import Child
from stafett.children.queries import find as find_child
from stafett.entries import queries
from stafett.entries.models import Entry, EntryAudience, EntryHidden, EntryReader, EntryVersion
from stafett.entries.rules import Audience, Viewer, Visibility, readable
from stafett.people.models import User
from tests.entries import test_api
from tests.entries.test_api import texts, write
from tests.stafettlogg.asking import obstacles

SECRET = "Dette skal ikke alle lese."
WHY = {"visibility_reason": "secrecy"}
FOR_PPT = {"visibility": "named", "named": ["ppt"], **WHY}


def hidden_from_far(town):
    return {"hidden_from": [str(town.far)], "hidden_reason": "no_right"}


@pytest.fixture
def child(town):
    """The town's child is 13, reads its own log, and the nurse and the leader of KE are with it."""
    with town.database.writing() as session:
        row = session.get_one(Child, town.child)
        row.birth_date = date(town.today.year - 13, 1, 1)
        row.user_id = town.users["ungdom"]
    town.tie("ungdom", "C12")
    until = (town.today + timedelta(days=30)).isoformat()
    for who in ("helsesykepleier", "nyansatt"):
        invited = {"username": who, "access": "read", "until": until}
        assert (
            town.api("laerer").post(f"/children/{town.child}/members", invited).status_code == 201
        )
    return town.child


# --- One question, asked twice --------------------------------------------------------------------


def test_the_filter_of_the_list_is_the_rule(town, database):
    """A population of entries and of viewers: every pair, by the list and one by one."""
    random, users = Random(7), list(town.users.values())[:5]
    services, guardians = [*town.services.values()][:2], [town.mor, town.far]
    account = {town.mor: town.users["mor"], town.far: town.users["far"]}
    made: dict[UUID, Audience] = {}
    with database.writing() as session:
        for visibility, named, kept in product(Visibility, range(3), range(3)):
            entry = Entry(
                id=uuid4(),
                child_id=town.child,
                log_id=town.log,
                kind="note",
                visibility=visibility,
                written_by=random.choice(users),
                service_id=random.choice([*services, None]),
                written_at=town.now + timedelta(seconds=len(made)),
                audience=2 if visibility is not Visibility.EVERYONE or kept else 0,
            )
            session.add(entry)
            session.flush()
            session.add(EntryVersion(entry_id=entry.id, number=1, text="x", written_at=town.now))
            people, hidden = random.sample(users, named), random.sample(guardians, min(kept, 2))
            if entry.audience:
                for number, who, whom in ((1, users, guardians), (2, people, hidden)):
                    session.add(
                        EntryAudience(
                            entry_id=entry.id,
                            number=number,
                            visibility=visibility,
                            set_by=entry.written_by,
                            set_at=town.now,
                        )
                    )
                    row = {"entry_id": entry.id, "number": number}
                    session.add_all(EntryReader(user_id=one, **row) for one in who)
                    session.add_all(EntryHidden(guardian_id=one, **row) for one in whom)
            made[entry.id] = Audience(
                visibility,
                entry.written_by,
                entry.service_id,
                people if entry.audience else (),
                [account[one] for one in hidden] if entry.audience else (),
            )
    asked = 0
    with database.reading() as session:
        summary = find_child(session, town.child)
        flags = product([False, True], repeat=3)
        who = [*users, *account.values()]
        for user, service, (log, family, room) in product(who, [*services, None], flags):
            by = Viewer(user, service, log=log, family=family, room=room)
            expected = {one for one, audience in made.items() if readable(by, audience)}
            listed = {one.id for one in queries.of_child(session, summary, by, 200)}
            assert listed == expected, (by, [made[one] for one in listed ^ expected])
            assert set(queries.hidden(session, town.child, by)) == made.keys() - expected
            for entry_id in random.sample(sorted(made), 5):
                found = queries.find(session, entry_id, by) is not None
                assert found == (entry_id in expected)
            asked += len(made)
    assert asked > 5_000


# --- Who reads what -------------------------------------------------------------------------------

READERS = ["laerer", "ppt", "helsesykepleier", "nyansatt", "mor", "far", "ungdom"]


@pytest.mark.parametrize(
    ("limits", "readers"),
    [
        ({}, {*READERS}),
        ({"visibility": "professionals"}, {"laerer", "ppt", "helsesykepleier", "nyansatt"}),
        (FOR_PPT, {"laerer", "ppt"}),
        ({"visibility": "named", "named": ["mor"], **WHY}, {"laerer", "mor"}),
        ({"visibility": "own_service", **WHY}, {"laerer", "nyansatt"}),
        ("hidden", {*READERS} - {"far"}),
    ],
)
def test_who_reads(town, child, limits, readers):
    limits = hidden_from_far(town) if limits == "hidden" else limits
    made = write(town, text=SECRET, **limits)
    assert made.status_code == 201, made.json
    assert {who for who in READERS if SECRET in texts(town, who)} == readers
    path = f"/entries/{made.json['id']}/versions"
    assert {who for who in READERS if town.api(who).get(path).status_code == 200} == readers


def test_a_name_gives_no_access_by_itself(town, child):
    """Who is named and leaves the log does not read it any more; who never was in it cannot be."""
    member = town.api("laerer").get(f"/children/{child}/members").json["items"]
    nurse = next(one["id"] for one in member if one["username"] == "helsesykepleier")
    made = write(town, text=SECRET, **{**FOR_PPT, "named": ["helsesykepleier"]}).json
    assert SECRET in texts(town, "helsesykepleier")
    ended = town.api("laerer").post(f"/members/{nurse}/end", {"reason": "Ferdig"})
    assert ended.status_code == 200
    path = f"/entries/{made['id']}/versions"
    assert town.api("helsesykepleier").get(path).status_code == 404
    assert write(town, **{**FOR_PPT, "named": ["bup"]}).status_code == 422


def test_the_child_s_room_is_the_child_s_and_those_it_picks(town, child):
    browser = town.browser("ungdom")
    sent = browser.send(f"/barn/{child}/rom", {"text": SECRET, "named": "ppt"})
    assert sent.status_code == 303
    assert {who for who in READERS if SECRET in texts(town, who)} == {"ppt", "ungdom"}
    assert SECRET in browser.text(f"/barn/{child}/rom")
    assert SECRET in town.browser("ppt").text(f"/barn/{child}/rom")
    for who in ("laerer", "mor", "far", "helsesykepleier"):
        assert town.browser(who).get(f"/barn/{child}/rom").status_code in {403, 404}
    alone = browser.send(f"/barn/{child}/rom", {"text": "Bare meg"})
    assert alone.status_code == 303
    assert {who for who in READERS if "Bare meg" in texts(town, who)} == {"ungdom"}
    refused = browser.send(f"/barn/{child}/rom", {"text": "Står her ennå", "named": "mor"})
    assert refused.status_code == 422
    assert "Står her ennå" in refused.text
    assert obstacles(write(town, visibility="child_room")) == ["visibility-not-own"]


def test_what_the_family_may_choose(town):
    assert obstacles(write(town, "mor", visibility="own_service")) == ["visibility-not-own"]
    assert obstacles(write(town, "mor", **hidden_from_far(town))) == ["hiding-not-own"]
    made = write(town, "mor", text=SECRET, visibility="named", named=["laerer"])
    assert made.status_code == 201
    assert {who for who in ("laerer", "ppt", "mor", "far") if SECRET in texts(town, who)} == {
        "laerer",
        "mor",
    }


# --- No trace -------------------------------------------------------------------------------------

PAGES = ["", "/stafettlogg", "/folk", "/plan", "/samtykke", "/be-om"]
CALLS = ["", "/entries", "/stafettlogg", "/members", "/requests"]


def everything(town, who):
    """All that somebody is shown, without what differs each time, and the same a second time."""
    browser, api, base = town.browser(who), town.api(who), f"/barn/{town.child}"
    with town.later(minutes=40):
        pages = [browser.client.get(base + page) for page in PAGES]
        calls = [api.get(f"/children/{town.child}{call}") for call in CALLS]
        parts = api.get(f"/children/{town.child}/entries", query_string={"limit": 2})
        work = [browser.client.get("/"), api.get("/worklist")]
        looks = api.get(f"/children/{town.child}/access-log").json.get("items", [])
    answers = [*pages, *calls, parts, *work]
    return [
        *((one.status_code, _still(one.get_data(as_text=True))) for one in answers),
        [one for one in looks if one["who"] != f"{who.title()} Demo"],
    ]


def _still(text):
    lines = text.splitlines()
    return [one for one in lines if "csrf_token" not in one and '"next"' not in one]


@pytest.mark.parametrize(
    ("who", "limits"),
    [
        ("mor", {"visibility": "professionals"}),
        ("far", "hidden"),
        ("helsesykepleier", FOR_PPT),
        ("helsesykepleier", {"visibility": "own_service", **WHY}),
        ("ungdom", FOR_PPT),
        ("mor", {"visibility": "own_service", **WHY}),
    ],
)
def test_what_is_hidden_leaves_no_trace(town, child, who, limits):
    """Written, read by those who may, corrected and opened by itself: nothing shows to the rest."""
    write(town, text="Først")
    write(town, text="Så")
    before = everything(town, who)
    limits = hidden_from_far(town) if limits == "hidden" else limits
    made = write(town, text=SECRET, **limits).json
    wish = {"text": f"{SECRET} Rettet.", "reason": "Skrivefeil", "seen_version": 1}
    corrected = town.api("laerer").post(f"/entries/{made['id']}/corrections", wish)
    assert corrected.status_code == 201
    assert town.browser("laerer").get(f"/oppforing/{made['id']}").status_code == 200
    assert town.api("laerer").get(f"/entries/{made['id']}/visibility").status_code == 200
    after = everything(town, who)
    for old, new, name in zip(
        before, after, [*PAGES, *CALLS, "part", "/", "worklist", "looks"], strict=True
    ):
        assert old == new, name
    missing = town.api(who).get(f"/entries/{uuid4()}/versions")
    for path in (
        f"/api/v1/entries/{made['id']}/versions",
        f"/api/v1/entries/{made['id']}/visibility",
    ):
        answer = town.api(who).get(path)
        assert (answer.status_code, answer.data) == (404, missing.data)


def test_parts_of_the_list_have_no_gaps_and_no_empty_one(town):
    """Hidden rows between visible ones do not count: a part is full, or it is the last."""
    shown = []
    for number in range(9):
        write(town, text=f"Skjult {number}", visibility="professionals")
        shown.append(write(town, text=f"Synlig {number}").json["text"])
        write(town, text=f"Skjult igjen {number}", **hidden_from_far(town))
    seen, after, sizes = [], None, []
    while True:
        part = test_api.listed(town, "far", limit=3, **({"after": after} if after else {}))
        seen += [one["text"] for one in part["items"]]
        sizes.append(len(part["items"]))
        after = part["next"]
        if after is None:
            break
    assert seen == shown[::-1]
    assert sizes == [3, 3, 3]


# --- Changed later --------------------------------------------------------------------------------


def change(town, entry, who="laerer", seen=1, **limits):
    wish = {"seen_audience": seen, **limits}
    return town.api(who).post(f"/entries/{entry}/visibility", wish)


def test_widened_and_narrowed_by_its_author(town, child):
    entry = write(town, text=SECRET, **FOR_PPT).json["id"]
    assert town.api("ppt").get(f"/children/{child}/entries").status_code == 200
    wider = change(town, entry, visibility="everyone")
    assert wider.status_code == 200
    assert [one["visibility"] for one in wider.json["items"]] == ["everyone", "named"]
    assert [one["who"] for one in wider.json["read_by"]] == ["Ppt Demo"]
    assert SECRET in texts(town, "mor")
    assert "Gjort synlig for deg" in town.browser("far").text(f"/barn/{child}/stafettlogg")
    narrower = change(town, entry, seen=2, visibility="professionals", **WHY)
    assert narrower.status_code == 200
    assert {one["who"] for one in narrower.json["read_by"]} == {"Ppt Demo", "Mor Demo", "Far Demo"}
    assert SECRET not in texts(town, "mor")
    with town.database.reading() as session:
        wanted = select(TrailRow.changes).where(TrailRow.action == "entry.set_visibility")
        rows = session.scalars(wanted.order_by(TrailRow.at)).all()
    assert [(one["old"], one["new"]) for one in rows] == [
        ("named", "everyone"),
        ("everyone", "professionals"),
    ]


def test_only_its_author_changes_it_and_from_what_stands(town, child):
    entry = write(town, text=SECRET, visibility="professionals").json["id"]
    before = town.rows()
    assert change(town, entry, "ppt", visibility="everyone").status_code == 403
    assert change(town, entry, "mor", visibility="everyone").status_code == 404
    stale = change(town, entry, seen=0, visibility="everyone")
    assert (stale.status_code, stale.json["error"]["current"]) == (409, {"audience": 1})
    assert town.rows() == before


def test_hidden_later_from_a_guardian_and_shown_again(town):
    entry = write(town, text=SECRET).json["id"]
    assert SECRET in texts(town, "far")
    path = f"/entries/{entry}/hiding"
    wish = {**hidden_from_far(town), "seen_audience": 0}
    assert town.api("laerer").post(path, {**wish, "hidden_reason": None}).status_code == 422
    assert town.api("laerer").post(path, wish).status_code == 200
    assert (SECRET in texts(town, "far"), SECRET in texts(town, "mor")) == (False, True)
    again = {"hidden_from": [], "seen_audience": 1}
    assert town.api("laerer").post(path, again).status_code == 200
    assert SECRET in texts(town, "far")


def test_the_page_that_says_who_sees_it(town, child):
    entry = write(town, text=SECRET, **FOR_PPT).json["id"]
    path, browser = f"/oppforing/{entry}/hvem-ser", town.browser("laerer")
    assert "Bare du og Ppt Demo ser dette" in browser.text(path)
    wish = {"visibility": "named", "seen_audience": "1"}
    refused = browser.send(path, wish)
    assert refused.status_code == 422
    assert "Kryss av for minst én" in refused.text
    sent = browser.send(path, {"visibility": "everyone", "seen_audience": "1"})
    assert sent.status_code == 303
    assert "Slik har det vært" in browser.text(path)
    stale = browser.send(path, {"visibility": "professionals", "seen_audience": "1"})
    assert stale.status_code == 409
    for who, status in (("ppt", 403), ("mor", 403), ("bup", 404)):
        assert town.browser(who).get(path).status_code == status


def test_a_review_that_is_due_is_on_the_author_s_and_the_holder_s_worklist(town, child):
    soon = (town.today + timedelta(days=1)).isoformat()
    write(town, "ppt", text=SECRET, visibility="professionals", review_on=soon)
    write(town, "ppt", text=SECRET, **{**FOR_PPT, "named": ["helsesykepleier"]}, review_on=soon)
    with town.later(days=2):
        mine = {
            who: [one["title"] for one in town.api(who).get("/worklist").json["items"]]
            for who in ("ppt", "laerer", "helsesykepleier")
        }
    found = {
        who: sum("skjult" in one or "ikke alle" in one for one in all_)
        for who, all_ in mine.items()
    }
    assert found == {"ppt": 2, "laerer": 1, "helsesykepleier": 0}, mine


def test_people_of_a_service_with_strict_secrecy_begin_narrow(town, child):
    """The nurse's form starts with those she picks; the teacher's with everyone."""
    until = (town.today + timedelta(days=30)).isoformat()
    members = town.api("laerer").get(f"/children/{child}/members").json["items"]
    nurse = next(one["id"] for one in members if one["username"] == "helsesykepleier")
    town.api("laerer").post(f"/members/{nurse}/end", {"reason": "Skal skrive"})
    wish = {"username": "helsesykepleier", "access": "write", "until": until}
    assert town.api("laerer").post(f"/children/{child}/members", wish).status_code == 201
    page = town.browser("helsesykepleier").get(f"/barn/{child}/stafettlogg").text
    assert '<option value="named" selected>' in page
    assert "taushetsplikten streng" in page
    assert (
        '<option value="everyone" selected>'
        in town.browser("laerer").get(f"/barn/{child}/stafettlogg").text
    )


def test_two_limits_hold_together(town, child):
    """Named and hidden, own service and hidden: the narrower one wins for each."""
    for one, other in combinations(["mor", "ppt"], 2):
        made = write(
            town,
            text=SECRET,
            visibility="named",
            named=[one, other],
            **WHY,
            **hidden_from_far(town),
        )
        assert made.status_code == 201
    clash = write(town, visibility="named", named=["far"], **WHY, **hidden_from_far(town))
    assert list(clash.json["error"]["fields"]) == ["hidden_from"]
    assert SECRET not in texts(town, "far")
    with town.database.reading() as session:
        assert session.scalar(select(User.id).where(User.username == "far")) is not None
