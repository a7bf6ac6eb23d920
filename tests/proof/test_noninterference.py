"""What is hidden from somebody leaves no trace: two databases, equal but for that, look the same.

For each seed a copy is made of one small kommune, and things are done in it that one person may not
know of. Then that person asks for all there is in both, at the same moment, and every answer must
be the same, byte for byte.
"""

import random
import re
import sqlite3
from contextlib import closing, contextmanager
from copy import copy
from datetime import timedelta
from io import BytesIO
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch
from uuid import UUID, uuid4
from zipfile import ZipFile

import pytest

from stafett.access.models import Tie
from stafett.children import commands as children
from stafett.db import Database
from stafett.stafettlogg import membership
from stafett.tasks import commands as tasks
from stafett.tasks.rules import TaskKind
from stafett.web import guard
from tests.birth import scene
from tests.client import but_for_token
from tests.conftest import unsynced
from tests.plan.scene import a_goal, a_measure, drafted, made
from tests.plan.test_api import judged
from tests.proof import PARTS, WHOLE
from tests.whole.test_routes import GUARDED, address

SEEDS = 200 if WHOLE else 10
SECRET = "Det som ikke alle skal vite"
ONCE = re.compile(rb'(name="(?:csrf_token|idempotency_key)" value=")[^"]*')
ID = re.compile(rb"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
NEW_EACH_TIME = {"X-Request-Id", "Set-Cookie", "Content-Length"}
KEY = re.compile(r"(?<=/)[gm][0-9a-f]{12}(?=/|$)")
"""A part of a plan that has a random key: it was for some only from the first."""
STAFF = ("laerer", "ppt", "helsesykepleier", "bup", "koordinator", "ke.leder", "rektor")
FAMILY = ("mor", "far", "ungdom")
EVERYBODY = (*STAFF, *FAMILY, "nyansatt", "ke.saksbehandler", "personvernombud", "admin")
pytestmark = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


@pytest.fixture
def full(town, ids):
    """The town with all kinds of people around the child, entries, and a plan."""
    town.agree(town.child, "skole", "ppt", "helse", "ke", "bup")
    until = town.today + timedelta(days=80)
    for who in ("helsesykepleier", "bup"):
        with town.work("laerer") as work:
            membership.invite(work, town.child, membership.Invite(who, writes=True, until=until))
    town.tie("ungdom", "C12")
    draft = drafted(town, [a_goal(measures=[a_measure(town)])])
    assert made(town, draft).status_code == 201
    for who in ("laerer", "ppt", "mor"):
        write(town, who)
    nothing = {name: UUID(int=5) for rule, _ in GUARDED for name in rule.arguments}
    parts = {"form": "level", "number": 1, "key": draft["goals"][0]["measures"][0]["key"]}
    return town, {**nothing, **ids, **parts}


def write(town, who, **more):
    """An entry, as its id; for everybody unless something else is said."""
    wish = {"kind": "note", "text": "Hei", "visibility": "everyone", **more}
    answer = town.api(who).post(f"/children/{town.child}/entries", wish)
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def narrow(author, visibility, *named):
    def act(town, rng):
        more = {"visibility": visibility}
        if named:
            more["named"] = list(named)
        if visibility in {"professionals", "named"} and author in STAFF:
            more["visibility_reason"] = "secrecy"
        entry = write(town, author, text=SECRET, **more)
        if rng.random() < 0.6:
            wish = {"text": f"{SECRET}, rettet", "reason": "Skrivefeil", "seen_version": 1}
            assert town.api(author).post(f"/entries/{entry}/corrections", wish).status_code == 201
        for who in (author, *named):
            town.api(who).get(f"/entries/{entry}/versions")
            town.browser(who).get(f"/oppforing/{entry}")
        return [f"/api/v1/entries/{entry}/versions", f"/oppforing/{entry}"]

    return act


def hidden_from_far(town, _rng):
    more = {"hidden_from": [str(town.far)], "hidden_reason": "no_right"}
    entry = write(town, "laerer", text=SECRET, **more)
    return [f"/api/v1/entries/{entry}/versions", f"/oppforing/{entry}"]


def private_concern(town, _rng):
    wish = {"observed": SECRET, "worry": 3}
    answer = town.api("ppt").post(f"/children/{town.child}/concerns", wish)
    assert answer.status_code == 201
    return [f"/api/v1/concerns/{answer.json['id']}", f"/bekymring/{answer.json['id']}"]


def another_child(town, _rng):
    with town.work("nyansatt") as work:
        wish = children.Register(SECRET, birth_date=town.today - timedelta(days=3000))
        child = children.register(work, wish).id
    return [f"/barn/{child}", f"/api/v1/children/{child}"]


def somebodys_task(town, _rng):
    """One that stays with its person: others go with the baton, also to the holder's delegate."""
    with town.work("laerer") as work:
        ppt = town.users["ppt"]
        tasks.ask_person(work, TaskKind.CONSENT_REFUSED, town.child, ppt, town.mor)
    return []


def asked_by_mother(town, _rng):
    wish = {"action": "guardian.block", "object_id": str(town.far), "words": SECRET}
    assert town.api("mor").post(f"/children/{town.child}/requests", wish).status_code == 201
    return []


def part_of_plan(visibility, *named, **hidden):
    """A goal for some only, then perhaps changed, made a version, read, and evaluated."""

    def act(town, rng):
        browser, api = town.browser("laerer"), town.api("laerer")
        home, plan = f"/barn/{town.child}/plan", f"/api/v1/children/{town.child}/plan"
        calls = f"/children/{town.child}"

        def version():
            return str(api.get(f"{calls}/plan/draft").json["seen_version"])

        far = {name: value or str(town.far) for name, value in hidden.items()}
        sent = {"text": SECRET, "whose": "services", "visibility": visibility, "named": [*named]}
        sent |= {"seen_version": version(), **far}
        assert browser.send(f"{home}/utkast/mal", sent).status_code == 303
        key = api.get(f"{calls}/plan/draft").json["goals"][-1]["key"]
        measure = {"what": SECRET, "responsible": "laerer", "evaluate_on": town.today.isoformat()}
        sent = {"seen_version": version(), **measure, "visibility": "everyone"}
        assert browser.send(f"{home}/utkast/mal/{key}/tiltak", sent).status_code == 303
        (inside,) = api.get(f"{calls}/plan/draft").json["goals"][-1]["measures"]
        made_one = rng.random() < 0.8
        if made_one:
            wish = {"seen_version": int(version()), "summary": SECRET}
            answer = api.post(f"{calls}/plan/versions", wish)
            assert answer.status_code == 201, answer.json
            for who in ("laerer", *named):
                town.browser(who).get(f"{home}/versjoner/{answer.json['number']}")
        if made_one and rng.random() < 0.6:
            said = {"about": key, "text": SECRET}
            assert api.post(f"{calls}/plan/comments", said).status_code == 201
        if made_one and rng.random() < 0.6:
            said = {"done": "yes", "effect": 3, "text": SECRET, "decision": "stop"}
            said |= {"date": town.today.isoformat(), "child_view": {"how": "meeting", "text": "Ja"}}
            there = f"{calls}/measures/{inside['key']}/evaluations"
            assert api.post(there, said).status_code == 201
        return [
            f"{home}/utkast/mal/{key}",
            f"{home}/utkast/del/{key}/hvem-ser",
            f"{plan}/parts/{key}/visibility",
            f"{home}/tiltak/{inside['key']}/evaluer",
        ]

    return act


ACTS = {
    "plan for professionals": (part_of_plan("professionals"), FAMILY),
    "plan for ppt": (
        part_of_plan("named", "ppt"),
        (*FAMILY, "helsesykepleier", "bup"),
    ),
    "plan hidden from far": (
        part_of_plan("everyone", hidden_from="", hidden_reason="no_right"),
        ("far",),
    ),
    "professionals": (narrow("laerer", "professionals"), FAMILY),
    "named": (narrow("laerer", "named", "ppt"), (*FAMILY, "helsesykepleier", "bup", "koordinator")),
    "own service": (narrow("ppt", "own_service"), (*FAMILY, "laerer", "helsesykepleier", "bup")),
    "mother and nurse": (
        narrow("mor", "named", "helsesykepleier"),
        ("far", "laerer", "ppt", "bup"),
    ),
    "child's room": (narrow("ungdom", "child_room"), ("mor", "far", "laerer", "ppt", "bup")),
    "hidden from far": (hidden_from_far, ("far",)),
    "concern": (private_concern, (*FAMILY, "laerer", "helsesykepleier", "bup", "koordinator")),
    "another child": (another_child, (*FAMILY, "laerer", "ppt", "helsesykepleier", "bup")),
    "a task": (somebodys_task, (*FAMILY, "helsesykepleier", "bup", "koordinator")),
    "mother asks": (asked_by_mother, ("far", "ungdom", "laerer", "ppt", "helsesykepleier", "bup")),
}
STRANGERS = {"nyansatt", "ke.saksbehandler", "admin"}
"""Who knows nothing of this child: all of it is hidden from them, but what they do themselves."""


def hidden(act, who):
    """Whether somebody may know nothing at all of an act."""
    return who in ACTS[act][1] or (who in STRANGERS and (act, who) != ("another child", "nyansatt"))


@pytest.fixture(scope="module")
def databases(tmp_path_factory):
    """Two, which keep what they have compiled from seed to seed."""
    folder = tmp_path_factory.mktemp("twins")
    two = [
        unsynced(Database(f"sqlite:///{folder}/{name}.db", threads=4))
        for name in ("plain", "other")
    ]
    yield two
    for each in two:
        each.close()


def rows_in(town):
    """All that is in a town's database, where an id that was there is found again."""
    return Path(town.database.engine.url.database).read_bytes()


def moved(town, database):
    """A copy of the town, in place of what was in this database."""
    database.close()
    there = Path(database.engine.url.database)
    for beside in ("", "-wal", "-shm"):
        Path(f"{there}{beside}").unlink(missing_ok=True)
    with (
        closing(sqlite3.connect(str(town.database.engine.url.database))) as whole,
        closing(sqlite3.connect(there)) as other,
    ):
        whole.backup(other)
    twin = copy(town)
    twin.database = database
    return twin


@contextmanager
def on(twin):
    """The application works on this copy's database meanwhile."""
    with patch.dict(twin.app.extensions, {"stafett.database": twin.database}):
        yield twin


def asked(town, who, ids, known):
    """Every answer to every question that somebody can ask, without what is new in each.

    New are the tokens of forms, and the ids of the rows that tell of this very asking.
    """

    def old(found):
        return found[0] if found[0].replace(b"-", b"") in known else b"new"

    browser, api = town.browser(who), town.api(who)
    found = {}
    for rule, method in GUARDED:
        if method != "GET":
            continue
        path = address(rule, ids)
        json = rule.rule.startswith("/api/")
        more = {"headers": api.headers} if json else {}
        answer = (api if json else browser).client.get(path, **more)
        assert answer.status_code < 500, (who, path)
        headers = [one for one in answer.headers if one[0] not in NEW_EACH_TIME]
        said = unpacked(answer.data) if answer.mimetype == "application/zip" else answer.data
        found[rule.rule] = (answer.status_code, ID.sub(old, ONCE.sub(rb"\1", said)), headers)
    return found


def unpacked(archive):
    """All that a copy says, since an id in it makes its bytes other ones."""
    with ZipFile(BytesIO(archive)) as copy_of_all:
        return b"".join(one.encode() + copy_of_all.read(one) for one in copy_of_all.namelist())


@contextmanager
def ticking(town):
    """A clock that goes a second at each request, so that both are asked at the same moments."""
    seconds = count(60)
    clock = SimpleNamespace(now=lambda _zone: town.now + timedelta(seconds=next(seconds)))
    with patch.object(guard, "datetime", clock):
        yield


def like_a_random_id(town, who, paths):
    """What is hidden answers as what there is not."""
    api, browser = town.api(who), town.browser(who)
    for path in paths:
        none = KEY.sub(f"g{uuid4().hex[:12]}", path)
        if none == path:
            none = re.sub(r"[0-9a-f-]{36}", str(uuid4()), path)
        more = {"headers": api.headers} if path.startswith("/api/") else {}
        client = api.client if path.startswith("/api/") else browser.client
        one, other = client.get(path, **more), client.get(none, **more)
        assert one.status_code == other.status_code, (who, path)
        assert but_for_token(one) == but_for_token(other), (who, path)
        assert one.status_code == 404 or KEY.search(path), (who, path)


@pytest.mark.parametrize("part", range(PARTS))
def test_what_is_hidden_changes_no_answer(full, databases, part):
    town, ids = full
    for seed in range(part, SEEDS, PARTS):
        rng = random.Random(seed)
        who = EVERYBODY[seed % len(EVERYBODY)]
        possible = [act for act in ACTS if hidden(act, who)]
        if not possible:
            continue
        acts = rng.sample(possible, min(len(possible), rng.randint(1, 5)))
        plain, other = (moved(town, each) for each in databases)
        with on(other):
            paths = [path for act in acts for path in ACTS[act][0](other, rng)]
        answers, known = [], rows_in(plain)
        for each in (plain, other):
            with on(each), ticking(town):
                answers.append(asked(each, who, ids, known))
                like_a_random_id(each, who, paths)
        one, two = answers
        told = [rule for rule in one if one[rule] != two[rule]]
        assert not told, (seed, who, acts, told)


def test_the_comparison_sees_what_is_not_hidden(full, databases):
    """The same, of those who may know: they do see it."""
    town, ids = full
    rng = random.Random(1)
    for act, who in (
        ("professionals", "ppt"),
        ("named", "ppt"),
        ("hidden from far", "mor"),
        ("plan for ppt", "ppt"),
    ):
        plain, other = (moved(town, each) for each in databases)
        with on(other):
            ACTS[act][0](other, rng)
        known = rows_in(plain)
        with on(plain):
            one = asked(plain, who, ids, known)
        with on(other):
            two = asked(other, who, ids, known)
        assert [rule for rule in one if one[rule] != two[rule]], act


def test_what_a_service_may_not_see_changes_no_answer_to_its_people(full, databases):
    """The family lets BUP see what is its own, and no more; the log goes on."""
    town, ids = full
    bup = [town.services["bup"]]
    town.agree(town.child, "skole", "bup", without_log=bup, without_plan=bup)
    plain, other = (moved(town, each) for each in databases)
    with on(other):
        write(other, "laerer", text=SECRET)
        write(other, "mor", text=SECRET)
        path = f"/children/{other.child}/measures/{ids['key']}/evaluations"
        assert other.api("laerer").post(path, judged(other, text=SECRET)).status_code == 201
    known = rows_in(plain)
    for who, differs in (("bup", False), ("ppt", True)):
        answers = []
        for each in (plain, other):
            with on(each), ticking(town):
                answers.append(asked(each, who, ids, known))
        one, two = answers
        told = [rule for rule in one if one[rule] != two[rule]]
        assert bool(told) is differs, (who, told)


def before_the_birth(town, parts):
    """All that there may be in a log and a plan of an expected child, and that is over again."""
    laerer, api = f"/children/{town.child}", town.api("laerer")
    early = [write(town, "laerer", text=SECRET), write(town, "mor", text=SECRET)]
    more = {"visibility": "professionals", "visibility_reason": "secrecy"}
    early.append(write(town, "laerer", text=SECRET, **more))
    wish = {"text": f"{SECRET}, rettet", "reason": "Skrivefeil", "seen_version": 1}
    assert api.post(f"/entries/{early[0]}/corrections", wish).status_code == 201
    draft = drafted(
        town, [a_goal(text=SECRET, measures=[a_measure(town, what=SECRET)])], needs=SECRET
    )
    parts["key"] = draft["goals"][0]["measures"][0]["key"]
    assert made(town, draft, summary=SECRET).status_code == 201
    assert (
        api.post(f"{laerer}/plan/comments", {"about": "needs", "text": SECRET}).status_code == 201
    )
    drafted(town, draft["goals"], about_me=SECRET)
    for level in (2, 1):
        now = api.get(f"{laerer}/stafettlogg").json["version"]
        wish = {"level": level, "reason": SECRET, "seen_version": now, "parents_agree": True}
        wish["child_voice"] = {"how": "not_obtained", "text": SECRET}
        assert api.post(f"{laerer}/level-changes", wish).status_code == 201
    until = str(town.today + timedelta(days=50))
    invited = api.post(f"{laerer}/members", {"username": "bup", "access": "read", "until": until})
    assert invited.status_code == 201
    ended = api.post(f"/members/{invited.json['id']}/end", {"reason": SECRET})
    assert ended.status_code == 200
    offered = api.post(f"{laerer}/handovers", {"to": "ppt", "message": SECRET})
    assert api.post(f"/handovers/{offered.json['id']}/cancellation", {}).status_code == 200
    wish = {"name": SECRET, "relation": "annen", "parental_responsibility": False}
    added = api.post(f"{laerer}/guardians", {**wish, "lives_with": False})
    end = f"/guardians/{added.json['id']}/end"
    assert town.api("ke.leder").post(end, {"reason": SECRET}).status_code == 200
    wish = {"purpose": "coordinator", "services": [str(town.services["ke"])], "method": "signed"}
    wish |= {"given_by": [str(town.mor)], "given_on": str(town.today), "guardians_complete": True}
    given = api.post(f"{laerer}/consents", {**wish, "note": SECRET})
    taken = town.api("mor").post(f"/consents/{given.json['id']}/withdrawal", {"reason": SECRET})
    assert taken.status_code == 200, taken.json
    return early


def after_the_birth(town, early, key):
    """What those who read before do with it afterwards, and what she let follow and took back."""
    api, calls = town.api("laerer"), f"/children/{town.child}"
    wish = {"text": f"{SECRET} igjen", "reason": "Skrivefeil", "seen_version": 2}
    assert api.post(f"/entries/{early[0]}/corrections", wish).status_code == 201
    path = f"{calls}/measures/{key}/evaluations"
    assert api.post(path, judged(town, text=SECRET)).status_code == 201
    assert api.post(f"{calls}/measures/{key}/report", {"done": "yes"}).status_code == 201
    for who in ("laerer", "mor"):
        town.browser(who).get(f"/oppforing/{early[0]}")
        town.browser(who).get(f"/barn/{town.child}/plan/versjoner/1")
    for one in ({}, {"entry_id": early[1]}):
        for follows in (True, False):
            wish = {"follows": follows, **one}
            assert town.api("mor").post(f"{calls}/before-birth", wish).status_code == 200


THEY_CAME_LATER = (
    scene.father,
    lambda town: scene.agree(town, *scene.EVERYBODY, given_by=[town.mor, town.far]),
    lambda town: town.api("far").post(f"/consents/{town.consent}/reply", {"answer": "yes"}),
    lambda town: scene.invite(town, "helsesykepleier"),
    lambda town: scene.invite(town, "bup"),
    lambda town: town.tie("ungdom", "C12"),
    lambda town: town.tie("koordinator", "KO"),
    lambda town: write(town, "laerer", text="Etterpå"),
)
"""The other parent, new members on a new consent, the child and a coordinator; one at a time."""


def test_what_is_from_before_a_birth_changes_no_answer_to_who_came_later(town, ids, databases):
    """Whatever was written while the record was hers; the other parent, new people, the child.

    Of what is written after it they are told, so that the comparison can see.
    """
    scene.expected(town, services=scene.EVERYBODY)
    tie = town.tie("ke.leder", "KEL")
    assert scene.invite(town, "ppt").status_code == 201
    twins = [moved(town, each) for each in databases]
    known, parts = rows_in(twins[0]), {"key": "m1"}
    for each in twins:
        with on(each):
            early = before_the_birth(each, parts) if each is twins[1] else []
            with each.work("laerer") as work:
                work.session.delete(work.session.get_one(Tie, tie))
            with scene.passing(each, minutes=1):
                assert scene.born(each).status_code == 200
            for at, comes in enumerate(THEY_CAME_LATER, 2):
                with scene.passing(each, minutes=at):
                    comes(each)
            with scene.passing(each, minutes=20):
                if early:
                    after_the_birth(each, early, parts["key"])
    nothing = {name: UUID(int=5) for rule, _ in GUARDED for name in rule.arguments}
    these = {**nothing, **ids, "child_id": town.child, "form": "level", "number": 1, **parts}

    turns = count(1)

    def told(who):
        answers, turn = [], next(turns)  # nobody asks at the moment of another
        for each in twins:
            with on(each), scene.passing(each, hours=turn), ticking(each):
                answers.append(asked(each, who, these, known))
        return [rule for rule in answers[0] if answers[0][rule] != answers[1][rule]]

    for who in ("far", "helsesykepleier", "bup", "ungdom", "koordinator"):
        assert not (rules := told(who)), (who, rules)
    with on(twins[1]), scene.passing(twins[1], minutes=21):
        write(twins[1], "laerer", text=SECRET)
    assert told("far")
