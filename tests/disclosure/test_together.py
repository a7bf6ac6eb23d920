"""What touches several children takes them in one order: nobody waits for who waits for him."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from stafett.access.models import Tie
from stafett.children.models import Guardian
from stafett.demo.numbers import synthetic
from stafett.disclosure.models import DisclosureRequest
from stafett.people import commands as people
from stafett.people.models import SignIn, User
from stafett.stafettlogg import commands as stafettlogg
from stafett.stafettlogg.models import Concern
from stafett.stafettlogg.rules import Level
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind
from tests.races import meeting_at

LOCK = "pg_advisory_xact_lock"
BORN = "2017-05-01"


def together(town, words, *calls):
    """Do several things at once that meet at a statement; return what each came to."""
    with meeting_at(town.database, *words), ThreadPoolExecutor(len(calls)) as pool:
        return [one.result() for one in [pool.submit(call) for call in calls]]


def disable(town, who="laerer"):
    with town.work("admin") as work:
        people.disable(work, work.session.get_one(User, town.users[who]))
    return "disabled"


def ask(town):
    wish = {"birth_date": BORN, "wish": "Hvordan går det?"}
    return town.api("ungdom").post("/disclosures", wish).status_code


def of_the_father(town, *children):
    """Let `ungdom` stand as father without responsibility, the last child's row first."""
    with town.database.writing() as session:
        for number, child in enumerate(children):
            row = Guardian(id=UUID(int=100 - number), child_id=child, user_id=town.users["ungdom"])
            row.name, row.relation, row.from_on = "Far Demo", "far", town.today
            row.parental_responsibility = row.lives_with = False
            row.added_by = town.users["laerer"]
            session.add(row)


@pytest.fixture
def two(town):
    """Two children born on one day, in the order of their ids, whose batons `laerer` holds."""
    other, *_ = town.family("To Demo")
    consent = town.agree(other, "skole", "ke")
    with town.work("laerer") as work:
        stafettlogg.open_log(work, other, stafettlogg.Open(Level.ONE, consent))
    return sorted([town.child, other])


def test_a_parent_asks_while_the_holders_account_is_closed(town, two):
    of_the_father(town, *two)
    done = together(town, [LOCK], lambda: ask(town), lambda: disable(town))
    assert done == [200, "disabled"]
    assert town.count(DisclosureRequest) == 2
    acting = Tie.basis == "acting"
    assert town.count(Tie, acting) == 2


def test_a_holder_writes_while_his_account_is_closed(town):
    note = {"kind": "note", "text": "Vi øver.", "visibility": "everyone"}
    with town.database.writing() as session:
        long_ago = town.now - timedelta(minutes=5)
        session.execute(update(SignIn).values(seen_at=long_ago))  # so that his request renews it

    def write():
        return town.api("laerer").post(f"/children/{town.child}/entries", note).status_code

    written, disabled = together(town, [LOCK, "UPDATE sign_in"], write, lambda: disable(town))
    assert written in {201, 401, 404}  # before it, or after the log-in or the baton was gone
    assert disabled == "disabled"


def twins(town):
    """A record and a provisional one with its number, which has the higher id."""
    for serial in range(0, 400, 10):
        wish = {"name": "Ola Demo", "birth_date": BORN, "address_protection": "none"}
        wish |= {"national_id": synthetic(date.fromisoformat(BORN), "m", serial)}
        first, twin = (
            UUID(town.api(who).post("/children", wish).json["id"]) for who in ("laerer", "nyansatt")
        )
        if first < twin:
            return first, twin
    raise AssertionError


def test_a_parent_asks_while_two_records_are_joined(town):
    first, twin = twins(town)
    of_the_father(town, first, twin)

    def join():
        return town.api("ke.leder").post(f"/children/{twin}/twin/joining").status_code

    asked, joined = together(town, [LOCK], lambda: ask(town), join)
    assert (asked, joined) == (200, 200)
    assert town.count(Task, Task.kind == TaskKind.DECIDE_DISCLOSURE, Task.child_id == first) > 0
    left_behind = Task.child_id == twin, Task.done_at.is_(None)
    assert town.count(Task, Task.kind == TaskKind.DECIDE_DISCLOSURE, *left_behind) == 0


def test_somebody_writes_at_the_address_of_a_joined_record_while_it_is_parted(town):
    first, twin = twins(town)  # the one that stays has the lower id
    leader = town.api("ke.leder")
    assert leader.post(f"/children/{twin}/twin/joining").json["joined_at"]
    concern = {"observed": "Hun gråt i garderoben.", "worry": 3}

    def write():
        return town.api("laerer").post(f"/children/{twin}/concerns", concern).status_code

    def part():
        return leader.post(f"/children/{twin}/twin/undoing").status_code

    written, parted = together(town, [LOCK], write, part)
    assert (written, parted) in {(201, 200), (201, 422), (404, 200)}
    assert town.count(Concern, Concern.child_id == first) == (written == 201)
