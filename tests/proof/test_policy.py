"""The policy against the rules said once more: each cell, each pair, and each slip of the pen."""

from itertools import product

import pytest

from stafett.access import policy
from stafett.access.policy import (
    EVERYTHING,
    Action,
    Area,
    Cell,
    Held,
    Relation,
    Span,
    decide,
    hers_until,
)
from tests.proof import WHOLE, oracle
from tests.proof.oracle import COLUMNS, CONSENTS, SPANS, THING, TODAY, all_facts, covers

FACTS = list(all_facts(TODAY))
EVERY = 1 if WHOLE else 11
"""One of so many states is tried; 11 shares no factor with their number, so each comes in turn."""
BOUND = (
    {},
    {"restricted_at": oracle.RESTRICTED},
    {"concern_id": THING},
    {"task_id": THING},
    {"for_user_id": THING},
    {"past": True},
)
"""A relation counts for all, in a restricted record, for one concern or task, for another, or for
what stands in a record that was joined to another."""
STATES = [
    {"span": SPANS[span](TODAY), "covers": covers(consent, TODAY), "writes": writes, **bound}
    for span, consent, writes, bound in product(SPANS, CONSENTS, (True, False), BOUND)
]


@pytest.mark.parametrize("action", list(Action))
def test_every_cell_in_every_state(action):
    """relations x spans x consents x what it is bound to x writing x facts, of each action."""
    for relation, state in list(product(COLUMNS, STATES))[::EVERY]:
        one = Held(relation, **state)
        for facts in FACTS:
            decision = decide([one], action, facts)
            told = oracle.answer([one], action, facts)
            assert (decision.allowed, decision.visible) == told, (relation, state, facts)


def test_there_are_more_than_forty_thousand_cells():
    assert len(Action) * len(COLUMNS) * len(STATES) * len(FACTS) > 40_000 * EVERY


@pytest.mark.parametrize("action", list(Action))
def test_every_pair_of_relations_gives_what_either_gives(action):
    some = [STATES[0], STATES[46], *STATES[48:51], STATES[-1]]
    every = {
        (relation, at): Held(relation, **state)
        for relation in COLUMNS
        for at, state in enumerate(some)
    }
    together = [
        (a, b) for a, b in product(every, repeat=2) if (a[1], b[1]) in {(0, 0), (0, 3), (1, 5)}
    ]
    for facts in FACTS[:: 1 if WHOLE else 13]:
        alone = {which: decide([one], action, facts) for which, one in every.items()}
        for a, b in together:
            both = decide([every[a], every[b]], action, facts)
            assert both.basis == alone[a].basis | alone[b].basis, (a, b, facts)
            assert both.visible == (alone[a].visible or alone[b].visible), (a, b, facts)


def test_a_block_beats_whatever_is_held():
    everything = [Held(relation, **state) for relation in COLUMNS for state in STATES[:4]]
    for action, facts in product(Action, FACTS[::3]):
        assert decide([*everything, Held(Relation.BLOCK)], action, facts) == policy.NOTHING
        over = Held(Relation.BLOCK, Span(TODAY, TODAY, ended=True))
        assert decide([*everything, over], action, facts) == decide(everything, action, facts)


def test_what_is_from_before_a_birth_is_for_those_who_read_it_then():
    """Every two relations, in force or not, of who carried the child, was there, or came later."""
    born = oracle.RESTRICTED
    stands = [
        {"span": SPANS[span](TODAY), "hers_until": until, "read_before": read}
        for span in SPANS
        for until, read in (
            (None, None),
            *((born, one) for one in (None, frozenset(), frozenset({Area.LOG}), EVERYTHING)),
        )
    ]
    asked = later = 0
    for a, b in product(product(("PF", "MW", "ST", "BG"), stands), repeat=2):
        held = [Held(Relation(relation), **state) for relation, state in (a, b)]
        for area in (None, *Area):
            told = oracle.not_his_before(held, TODAY, area)
            assert hers_until(held, TODAY, area) == told, (a, b, area)
            asked, later = asked + 1, later + (told is not None)
    assert 0 < later < asked
    assert hers_until([], TODAY) is None


BUILT = [(action, relation) for action in Action for relation in COLUMNS]


def slips(cell):
    """What a slip of the pen may make of a cell."""
    if cell in {Cell.YES, Cell.VISIBLE, Cell.MINIMUM}:
        return (Cell.NO,)
    return (Cell.NO, Cell.YES) if cell in {Cell.OWN, Cell.NAMED, Cell.TWO} else (Cell.YES,)


def test_every_cell_that_is_flipped_is_noticed(monkeypatch):
    """By the comparison above, in the simplest state and with the least that may be known."""
    for action, relation in BUILT:
        cells = policy.GRANTS[action]
        for slip in slips(cells[relation]):
            with monkeypatch.context() as patch:
                changed = {**cells, relation: slip}
                patch.setattr(policy, "GRANTS", {**policy.GRANTS, action: changed})
                red = any(
                    decide([one], action, facts).allowed != oracle.says(one, action, facts)
                    for facts in FACTS
                    for one in (Held(relation, **bound) for bound in BOUND)
                )
            assert red, (action, relation, slip)
