"""Every route about a child over HTTP, in states of the child and of who asks, against the oracle.

The routes are read from the application and the cells from the matrix, so that whatever is built
later is held to this too.
"""

import random
from collections import Counter
from itertools import product
from uuid import uuid4

import pytest
from sqlalchemy import delete, select, update

from stafett.access import policy
from stafett.access.models import Cover, Tie
from stafett.audience.rules import Visibility
from stafett.children.models import Child, Guardian
from stafett.children.rules import Protection
from stafett.consents.models import ConsentService
from stafett.entries.models import Entry, EntryAudience, EntryHidden
from stafett.errors import RuleBrokenError
from stafett.stafettlogg import membership
from stafett.tasks import commands as tasks
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind
from stafett.web import guard
from tests.plan.scene import drafted, made
from tests.proof import PARTS, WHOLE, oracle
from tests.proof.covering import rows
from tests.proof.oracle import CONSENTS, SPANS, answer
from tests.proof.test_policy import slips
from tests.whole.test_routes import GUARDED, OF_A_CHILD, address

ROUTES = [(rule, method) for rule, method in GUARDED if rule.arguments & OF_A_CHILD]
BY_ROLE = {"ADM": "admin", "AU": "personvernombud", "ST": "nyansatt", "AN": "ungdom"}
TIED = [one for one in oracle.COLUMNS if one not in BY_ROLE] + ["BG"]
CITIZENS = {"PF", "PX", "C12", "C16"}
HIDDEN = "hidden"
PARAMETERS = {
    "route": ROUTES,
    "relation": [*TIED, *BY_ROLE],
    "consent": CONSENTS,
    "span": list(SPANS),
    "grade": list(Protection),
    "block": [False, True],
    "own": [False, True],
    "entry": [*Visibility, HIDDEN],
}
SIMPLEST = {
    "consent": "none needed",
    "span": "now",
    "grade": Protection.NONE,
    "block": False,
    "entry": Visibility.EVERYONE,
}
SAMPLE = 500
pytestmark = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


@pytest.fixture
def proof(town, ids, monkeypatch):
    """The child, the people who ask, and a watch at the door."""
    watch = Proof(town, ids)
    admit = guard._admit  # noqa: SLF001 the door itself is what is watched

    def watched(session, access, args, look):
        if watch.asked:  # the page that shows a refused form again
            return admit(session, access, args, look)
        watch.asked, watch.row_by_row = True, access.row_by_row

        def load(*given):
            watch.subject = access.load(*given)
            return watch.subject

        try:
            context = admit(session, guard.replace(access, load=load), args, look)
        finally:
            watch.action = look.action
        watch.admitted = True
        if watch.writes:  # let in, and turned round, so that nothing is changed
            raise RuleBrokenError(["log-closed"])
        return context

    monkeypatch.setattr(guard, "_admit", watched)
    return watch


def limits(entry, guardian):
    """What keeps an entry from a guardian, as its first audience."""
    by = {"set_by": entry.written_by, "set_at": entry.written_at}
    why = {"visibility": Visibility.EVERYONE, "hidden_reason": "no_right"}
    return (
        EntryAudience(entry_id=entry.id, number=1, **why, **by),
        EntryHidden(entry_id=entry.id, number=1, guardian_id=guardian.id),
    )


class Proof:
    """One child whose state, and whose relation to one who asks, is set before each request."""

    def __init__(self, town, ids):
        """Make things that belong to those who ask, and things that do not."""
        plan = made(town, drafted(town)).json["content"]["goals"][0]
        parts = {"form": "level", "goal_key": plan["key"], "key": plan["measures"][0]["key"]}
        self.town, self.others = town, {**ids, **parts}
        self.subject = self.action = None
        self.asked = self.admitted = self.writes = self.row_by_row = False
        self.clients = {
            name: (town.browser(name), town.api(name)) for name in set(BY_ROLE.values())
        }
        self.own = {name: {**self.others, **self._things_of(name)} for name in self.clients}
        with town.database.writing() as session:
            guardian = Guardian(
                child_id=town.child,
                user_id=town.users["ungdom"],
                name="Ungdom Demo",
                relation="annen",
                parental_responsibility=True,
                lives_with=False,
                from_on=town.today,
                added_by=town.users["laerer"],
            )
            session.add(guardian)
            session.flush()
            for entry in session.scalars(select(Entry)):
                session.add_all(limits(entry, guardian))
            stab = town.services["stab"]
            session.add(ConsentService(consent_id=town.consent, service_id=stab))
            holds = (Tie.user_id == town.users["laerer"], Tie.relation == "SH")
            self.holder = update(Tie).where(*holds)
            users = [town.users[name] for name in self.clients]
            session.execute(delete(Tie).where(Tie.user_id.in_(users)))

    def _things_of(self, name):
        town, found = self.town, {}
        if name in {"nyansatt", "ungdom"}:
            town.tie(name, "C16" if name == "ungdom" else "MW")
            note = {"kind": "note", "text": "Mitt", "visibility": "everyone"}
            written = town.api(name).post(f"/children/{town.child}/entries", note)
            found["entry_id"] = written.json["id"]
        with town.work("laerer") as work:
            to = town.users[name]
            tasks.ask_person(work, TaskKind.GUARDIAN_NOT_ASKED, town.child, to, town.mor)
            work.session.flush()
            mine = Task.user_id == to
            found["task_id"] = work.session.query(Task.id).filter(mine).scalar()
            if name == "nyansatt":
                wish = membership.Invite("nyansatt", writes=True, until=town.today)
                found["member_id"] = membership.invite(work, town.child, wish).id
        return found

    def ask(self, route, relation, *, own, **state):
        """Set the state, send the request, and return it with what the oracle says of it."""
        state = SIMPLEST | state
        name = BY_ROLE.get(relation) or ("ungdom" if relation in CITIZENS else "nyansatt")
        tie = self._set(name, relation, **state)
        rule, method = route
        self.subject, self.writes = None, method != "GET"
        self.asked = self.admitted = False
        browser, api = self.clients[name]
        path = address(rule, self.own[name] if own else self.others)
        if rule.rule.startswith("/api/"):
            more = {"headers": api.headers} | ({"json": {}} if self.writes else {})
            client = api.client
        else:
            client, more = browser.client, {}
            if self.writes:
                more = {"data": {"csrf_token": browser.token, "idempotency_key": uuid4().hex}}
        found = client.open(path, method=method, **more)
        with self.town.database.writing() as session:
            session.execute(delete(Tie).where(Tie.id.in_(tie)))
            session.execute(self.holder.values(ended_at=None))
        return found, self._expected(rule, name, relation, state, own=own)

    def decides(self, action):
        """Whether this action is what the last request asked the policy for, of this child."""
        there = self.subject is not None and self.subject.record is not None
        return there and self.subject.child_id is not None and self.action == action

    def _set(self, name, relation, *, consent, span, grade, block, entry):
        town, today = self.town, self.town.today
        with town.database.writing() as session:
            child = session.get_one(Child, town.child)
            child.address_protection = grade
            visibility = Visibility.EVERYONE if entry == HIDDEN else entry
            audience = 1 if entry == HIDDEN else 0
            session.execute(update(Entry).values(visibility=visibility, audience=audience))
            stab = {"child_id": town.child, "service_id": town.services["stab"]}
            session.execute(delete(Cover).where(Cover.service_id == town.services["stab"]))
            for cover in oracle.covers(consent, today) or ():
                days = {"from_on": cover.span.from_on, "until_on": cover.span.until_on}
                ended = {"ended_at": town.now if cover.span.ended else None}
                given = {"purpose": cover.purpose, "consent_id": town.consent}
                given["areas"] = " ".join(sorted(cover.areas))
                session.add(Cover(**stab, **given, **days, **ended))
            tied = SPANS[span](today)
            common = {
                "user_id": town.users[name],
                "basis": "proof",
                "source_id": town.child if relation in {"CA", "UL"} else uuid4(),
                "granted_by": town.users["laerer"],
            }
            found = []
            if relation == "SH" and not tied.ended:  # there is one holder
                session.execute(self.holder.values(ended_at=town.now))
            if relation not in BY_ROLE:
                needs = {"needs_consent": consent != "none needed", **stab}
                days = {"from_on": tied.from_on, "until_on": tied.until_on}
                ended = {"ended_at": town.now if tied.ended else None}
                found.append(Tie(**common, relation=relation, **needs, **days, **ended))
            if block:
                found.append(Tie(**common, **stab, relation="BLOCK", from_on=today))
            session.add_all(found)
            session.flush()
            return [one.id for one in found]

    def _expected(self, rule, name, relation, state, *, own):
        """What the answer must be: the status, or None where a view may say what it likes."""
        if self.subject is None:
            return 404
        held = self.subject.held
        mine = own and name in {"nyansatt", "ungdom"}
        if "entry_id" in rule.arguments and not self._readable(
            held, name, relation, state["entry"], own=mine
        ):
            return 404
        allowed, visible = answer(held, self.action, self.subject.facts)
        if self.subject.child_id is not None and not (visible and self.subject.record):
            return 404
        return None if allowed or self.row_by_row else 403

    def _readable(self, held, name, relation, entry, *, own):
        """Whether an entry is for somebody, from its limits alone (security: visibility)."""
        facts = self.subject.facts
        if entry == Visibility.CHILD_ROOM:
            picked = guard.replace(facts, own=True, named=True)
            in_room = answer(held, "childnote.read", picked)[0] and relation not in {"PF", "PX"}
            return in_room and own
        lists = answer(held, "entry.list", guard.replace(facts, own=False, named=False))[0]
        family = relation in {"PF", "C12", "C16"}
        for_him = {
            Visibility.EVERYONE: True,
            Visibility.PROFESSIONALS: not family,
            Visibility.OWN_SERVICE: name == "nyansatt",  # of the school, as is the author
            Visibility.NAMED: False,
            HIDDEN: name != "ungdom",
        }
        return lists and (own or for_him[entry])


def tell(found, expected, proof):
    """Whether an answer is what the oracle says; a view that was let in may say what it likes."""
    if expected is None:
        return proof.admitted and found.status_code < 500
    return not proof.admitted and found.status_code == expected


@pytest.mark.parametrize("part", range(PARTS))
def test_every_route_relation_and_state_in_threes(proof, part):
    """A covering sample: whatever three values there are, some request has them together."""
    parameters = {**PARAMETERS, "route": ROUTES[part::PARTS]}
    names, values = list(parameters), [list(one) for one in parameters.values()]
    sizes = [len(one) for one in values]
    rng = random.Random(3)
    chosen = [_likely(rng, names, values) for _ in range(SAMPLE)]
    if WHOLE:
        chosen = list(rows(sizes, strength=3, seed=3))
    wrong, seen, refused = [], Counter(), set()
    for row in chosen:
        given = {name: values[at][row[at]] for at, name in enumerate(names)}
        found, expected = proof.ask(**given)
        seen[expected] += 1
        if not tell(found, expected, proof):
            wrong.append((given, found.status_code, expected, proof.admitted))
        if expected == 404:
            refused.add(found.data.partition(b"<main")[2] or found.data)  # its top is the reader's
    assert not wrong, (len(wrong), wrong[:5])
    assert len(refused) == 2  # one page and one object for all that may not be known of
    assert min(seen[None], seen[403], seen[404]) > len(chosen) // 20
    assert not WHOLE or len(chosen) >= 2_000


def _likely(rng, names, values):
    """A row by chance, in which half of the state is as simple as it can be."""
    row = [rng.randrange(len(one)) for one in values]
    for at, name in enumerate(names):
        if name in SIMPLEST and rng.random() < 0.7:
            row[at] = values[at].index(SIMPLEST[name])
    return row


def test_each_cell_that_is_flipped_is_noticed_over_http(proof, monkeypatch):
    """The matrix in memory is changed, one cell at a time; the answer must not be the oracle's.

    Where a second door stands the first is not seen: who does not read the log finds no entry,
    whatever its cell says. Those are few, and the policy's own flips hold them.
    """
    first = {}
    for route, relation in product(ROUTES, [*oracle.COLUMNS]):
        access = proof.town.app.view_functions[route[0].endpoint].access
        if not access.row_by_row:  # those are let in whatever the cell says, to find nothing
            first.setdefault((access.actions[0], relation), route)
    tried = [
        (cell, route)
        for cell, route in first.items()
        if cell[1] != "AN"  # nobody has no account
        and not cell[0].startswith("task.")  # a task is its receiver's by his role alone too
    ]
    if not WHOLE:
        tried = random.Random(5).sample(tried, 60)
    unnoticed, hidden = [], 0
    for (action, relation), route in tried:
        cells = policy.GRANTS[action]
        red = found = False
        for own, slip in product((False, True), slips(cells[relation])):
            proof.ask(route, relation, own=own)
            found |= proof.decides(action)
            changed = {**cells, relation: slip}
            with monkeypatch.context() as patch:
                patch.setattr(policy, "GRANTS", {**policy.GRANTS, action: changed})
                red |= not tell(*proof.ask(route, relation, own=own), proof)
        if not found:
            hidden += 1
        elif not red:
            unnoticed.append((action, relation, route[0].rule))
    assert not unnoticed, unnoticed
    assert hidden < len(tried) // 3
