"""What each cell of the matrix gives, and what consent, blocks and days make of it."""

from csv import DictReader
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stafett.access import policy
from stafett.access.policy import (
    NOTHING,
    Action,
    Covered,
    Facts,
    Held,
    Purpose,
    Relation,
    Span,
    decide,
)

TODAY = date(2026, 3, 2)
DAY = timedelta(days=1)
WITH_HEADER = Path(policy.__file__).with_name("matrix.csv").read_text(encoding="utf-8")
ROWS = {row["action"]: row for row in DictReader(WITH_HEADER.splitlines())}
COLUMNS = [one for one in Relation if one not in {Relation.BLOCK, Relation.EMERGENCY}]
CONCERN, TASK = uuid4(), uuid4()
OF_A_CONCERN = {
    *("concern.decide", "concern.draft_step", "concern.edit", "concern.read"),
    *("concern.share", "concern.talk"),
}
OF_A_TASK = {
    *("guardian.read", "guardian.verify", "disclosure.read", "disclosure.decide"),
    *("child.add_protection", "child.join_twin", "child.read_protection", "dsr.restrict"),
    "request.draft",
}
RETAINED = {
    *("child.list_mine", "child.read_identity", "consent.read", "consent.register_paper"),
    *("child.end_unborn", "child.register_birth", "entry.draft", "log.close", "log.reopen"),
}
NOW = Span(TODAY - 9 * DAY, TODAY + 9 * DAY)
RAN_OUT = Span(TODAY - 9 * DAY, TODAY - DAY)
WITHDRAWN = Span(TODAY - 9 * DAY, TODAY + 9 * DAY, ended=True)
NOT_YET = Span(TODAY + DAY)
WHO_IS_ASKED = [Facts(TODAY, own=own, named=named) for own in (0, 1) for named in (0, 1)]
OWN = Facts(TODAY, own=True, named=True)
ACTIONS = pytest.mark.parametrize("action", list(Action))


def told(action, relation, facts=OWN, concern=None):
    """The matrix read without the policy; CA and UL stand for the registrar, or for a concern."""
    if relation in {"CA", "UL"} and (action in OF_A_CONCERN) != (concern is not None):
        return False
    if concern != facts.object_id:
        return False
    cell = ROWS[action][relation]
    return cell in "AVM" or (cell == "O" and facts.own) or (cell == "N" and facts.named)


def asked(action, facts=OWN, **held):
    return decide([Held(**held)], action, facts).allowed


def covers(relation, *spans):
    purpose = Purpose.PLAN if relation is Relation.AG else Purpose.STAFETTLOGG
    return tuple(Covered(purpose, span) for span in spans)


@ACTIONS
def test_each_cell(action):
    for relation, facts in product(COLUMNS, WHO_IS_ASKED):
        wanted = told(action, relation, facts)
        decision = decide([Held(relation)], action, facts)
        assert decision.allowed == wanted, relation
        assert decision.basis == ({relation} if wanted else set())
        assert decision.visible == (wanted or told("child.read_identity", relation, facts))


@ACTIONS
def test_author_and_leader_of_a_concern_have_that_concern_and_nothing_else(action):
    for relation, about in product([Relation.CA, Relation.UL], [CONCERN, uuid4(), None]):
        facts = Facts(TODAY, own=True, object_id=about)
        wanted = told(action, relation, facts, CONCERN)
        decision = decide([Held(relation, concern_id=CONCERN)], action, facts)
        assert decision.allowed == decision.visible == wanted
    assert not asked(action, OWN, relation=Relation.CA, concern_id=CONCERN)


def test_a_registrar_reads_no_concern_and_a_concerns_author_no_child():
    for action in ("concern.read", "concern.decide", "concern.share", "concern.talk"):
        for relation in (Relation.CA, Relation.UL):
            facts = Facts(TODAY, own=True, object_id=CONCERN)
            assert not asked(Action(action), facts, relation=relation)
    author = Held(Relation.CA, concern_id=CONCERN)
    assert decide([author], Action.CHILD_READ_IDENTITY, Facts(TODAY)) == NOTHING
    assert decide([author], Action.CHILD_READ_IDENTITY, Facts(TODAY, object_id=CONCERN)) == NOTHING


@ACTIONS
def test_a_task_of_koordinerende_enhet_gives_that_task_and_nothing_else(action):
    for relation, about in product([Relation.KE, Relation.KEL], [TASK, uuid4(), None]):
        facts = Facts(TODAY, own=True, object_id=about)
        decision = decide([Held(relation, task_id=TASK)], action, facts)
        wanted = action in OF_A_TASK and about == TASK and ROWS[action][relation] == "A"
        assert decision.allowed == decision.visible == wanted


@ACTIONS
def test_an_external_who_was_invited_to_read_writes_no_entry(action):
    reads = asked(action, relation=Relation.EX, writes=False)
    writes = action in {"entry.create", "entry.correct", "entry.draft"}
    assert reads == (told(action, Relation.EX) and not writes)


@ACTIONS
def test_a_cover_counts_for_its_own_purpose_only(action):
    for relation, purpose in product(COLUMNS, Purpose):
        right = purpose == ("plan" if relation == "AG" else "stafettlogg")
        wanted = told(action, relation) and (right or kept(action, relation))
        given = (Covered(purpose, NOW),)
        assert asked(action, relation=relation, covers=given) == wanted, (relation, purpose)


def kept(action, relation):
    holder = relation == "SH" and action == "baton.offer"
    return holder or (relation in {"SH", "KO", "KEL"} and action in RETAINED)


@ACTIONS
def test_withdrawn_or_never_given_leaves_what_is_retained(action):
    gone = (WITHDRAWN, NOT_YET, Span(TODAY - 9 * DAY, TODAY - DAY, ended=True))
    for relation in COLUMNS:
        wanted = told(action, relation) and kept(action, relation)
        for spans in ((), *((span,) for span in gone), gone):
            assert asked(action, relation=relation, covers=covers(relation, *spans)) == wanted
        again = covers(relation, *gone, NOW)
        assert asked(action, relation=relation, covers=again) == told(action, relation)


@ACTIONS
def test_run_out_lets_only_the_holder_read_on(action):
    for relation in COLUMNS:
        reads = relation == "SH" and ROWS[action]["kind"] == "read"
        wanted = told(action, relation) and (reads or kept(action, relation))
        assert asked(action, relation=relation, covers=covers(relation, RAN_OUT)) == wanted


def test_the_frozen_log_in_plain_words():
    """Written out by hand, so that neither the matrix nor the sets above can hide a slip."""
    frozen = {"relation": Relation.SH, "covers": covers(Relation.SH, WITHDRAWN)}
    may = {action for action in Action if asked(action, Facts(TODAY), **frozen)}
    assert may == RETAINED | {"baton.offer"}
    for relation in (Relation.KO, Relation.KEL):
        frozen = {"relation": relation, "covers": ()}
        assert {action for action in Action if asked(action, Facts(TODAY), **frozen)} == RETAINED
    for relation in (Relation.MW, Relation.MR, Relation.AG, Relation.EX, Relation.KE):
        frozen = {"relation": relation, "covers": covers(relation, WITHDRAWN)}
        assert not [action for action in Action if asked(action, **frozen)]
    assert asked(Action.ENTRY_LIST, relation=Relation.PF)  # the family rests on no consent


def test_an_individuell_plan_is_read_from_a_seat_in_the_ansvarsgruppe():
    both = (Covered(Purpose.STAFETTLOGG, NOW), Covered(Purpose.PLAN, NOW))
    for relation in (Relation.SH, Relation.MW, Relation.MR, Relation.EX):
        for action in (Action.PLAN_READ, Action.PLAN_READ_VERSION, Action.PLAN_EXPORT_DOCX):
            assert not asked(action, Facts(TODAY, ip=True), relation=relation, covers=both)
            tiltaksplan = asked(action, Facts(TODAY), relation=relation, covers=both)
            assert tiltaksplan == told(action, relation)
        seat = [Held(relation, covers=both), Held(Relation.AG, covers=both)]
        assert decide(seat, Action.PLAN_READ, Facts(TODAY, ip=True)).basis == {Relation.AG}


def test_a_measure_of_an_individuell_plan_is_evaluated_by_who_reads_it_or_answers_for_it():
    both = (Covered(Purpose.STAFETTLOGG, NOW), Covered(Purpose.PLAN, NOW))
    action, ip, own = (
        Action.MEASURE_EVALUATE,
        Facts(TODAY, ip=True),
        Facts(TODAY, own=True, ip=True),
    )
    assert asked(action, Facts(TODAY), relation=Relation.SH, covers=both)
    assert not asked(action, ip, relation=Relation.SH, covers=both)
    for relation in (Relation.SH, Relation.MW, Relation.EX, Relation.AG):
        assert asked(action, own, relation=relation, covers=both)
    assert asked(action, ip, relation=Relation.KO, covers=both)


def test_an_individuell_plan_rests_on_consent_for_the_plan():
    log_only, plan_only = (Covered(Purpose.STAFETTLOGG, NOW),), (Covered(Purpose.PLAN, NOW),)
    for action in (Action.PLAN_READ, Action.PLAN_EDIT_IP, Action.PLAN_SUBMIT_IP):
        ip = Facts(TODAY, ip=True)
        assert not asked(action, ip, relation=Relation.KO, covers=log_only)
        assert asked(action, ip, relation=Relation.KO, covers=plan_only)
    assert not asked(Action.ENTRY_LIST, Facts(TODAY, ip=True), relation=Relation.KO, covers=())
    assert asked(Action.ENTRY_LIST, Facts(TODAY, ip=True), relation=Relation.KO, covers=log_only)


@ACTIONS
def test_a_block_beats_all(action):
    everything = [Held(relation) for relation in COLUMNS]
    author = [Held(relation, concern_id=CONCERN) for relation in (Relation.CA, Relation.UL)]
    facts = Facts(TODAY, own=True, named=True, object_id=CONCERN)
    for block in (Held(Relation.BLOCK), Held(Relation.BLOCK, Span(TODAY, TODAY))):
        assert decide([*everything, *author, block], action, facts) == NOTHING
        assert decide([block, *author, *everything], action, facts) == NOTHING
    for span in (RAN_OUT, NOT_YET, WITHDRAWN):
        before = decide(everything, action, OWN)
        assert decide([*everything, Held(Relation.BLOCK, span)], action, OWN) == before


@ACTIONS
def test_two_relations_give_the_union(action):
    for a, b in product(COLUMNS, repeat=2):
        one, two = (decide([Held(each)], action, OWN) for each in (a, b))
        both = decide([Held(a), Held(b)], action, OWN)
        assert both.basis == one.basis | two.basis
        assert both.allowed == (one.allowed or two.allowed)
        assert both.visible == (one.visible or two.visible)


@ACTIONS
def test_the_day_after_the_last_one_gives_nothing(action):
    for relation, ended in product(COLUMNS, [False, True]):
        span = Span(TODAY - DAY, TODAY, ended=ended)
        on = {
            day: decide([Held(relation, span)], action, Facts(TODAY + day * DAY, own=True))
            for day in (-2, -1, 0, 1)
        }
        assert on[-2] == on[1] == NOTHING
        assert on[-1] == on[0]
        assert on[0].allowed == (not ended and told(action, relation, Facts(TODAY, own=True)))


def test_break_glass_in_plain_words():
    """Written out by hand: it reads, and neither exports, writes nor finds the child's room."""
    may = {action for action in Action if asked(action, relation=Relation.EMERGENCY)}
    assert may == {
        *("child.list_mine", "child.read_identity", "child.read_contact", "guardian.read"),
        *("member.list", "coordinator.read", "group.read"),
        *("log.read", "entry.list", "entry.history", "plan.read", "plan.read_version"),
    }
    assert all(ROWS[action]["kind"] == "read" for action in may)
    block = [Held(Relation.EMERGENCY), Held(Relation.BLOCK)]
    assert not any(decide(block, action, OWN).allowed for action in Action)


def test_break_glass_opens_every_cell_b_and_nobody_else_gets_one():
    for action in Action:
        glass = "B" in ROWS[action].values()
        assert not glass or asked(action, Facts(TODAY), relation=Relation.EMERGENCY)
        for relation in COLUMNS:
            if ROWS[action][relation] == "B":
                assert not asked(action, relation=relation)


def test_nobody_may_anything():
    for action in Action:
        assert decide([], action, OWN) == NOTHING
        assert decide([Held(Relation.AN)], action, OWN) == NOTHING


DAYS = st.integers(-3, 3).map(lambda days: TODAY + days * DAY)
SPANS = st.builds(Span, DAYS, st.none() | DAYS, ended=st.booleans())
HELD = st.builds(
    Held,
    st.sampled_from(COLUMNS),
    SPANS,
    st.none()
    | st.lists(st.builds(Covered, st.sampled_from(Purpose), SPANS), max_size=3).map(tuple),
    st.none() | st.just(CONCERN),
    st.booleans(),
)
FACTS = st.builds(
    Facts,
    st.just(TODAY),
    own=st.booleans(),
    named=st.booleans(),
    object_id=st.none() | st.just(CONCERN),
    ip=st.booleans(),
)
MANY = settings(max_examples=300, deadline=None)


@MANY
@given(st.lists(HELD, max_size=4), HELD, st.sampled_from(Action), FACTS)
def test_one_more_relation_never_takes_a_right(held, more, action, facts):
    before, after = decide(held, action, facts), decide([*held, more], action, facts)
    assert before.basis <= after.basis
    assert before.visible <= after.visible


@MANY
@given(st.lists(HELD, max_size=4), SPANS, st.sampled_from(Action), FACTS)
def test_a_block_never_gives_a_right(held, span, action, facts):
    before = decide(held, action, facts)
    after = decide([*held, Held(Relation.BLOCK, span)], action, facts)
    assert after == (NOTHING if span.holds(TODAY) else before)


@MANY
@given(HELD, st.sampled_from(Action), FACTS)
def test_time_that_passes_the_last_days_never_gives_a_right(held, action, facts):
    begins = [held.span.from_on, *(cover.span.from_on for cover in held.covers or ())]
    today = max(TODAY, *begins)
    later = [today + days * DAY for days in range(9)]
    allowed = [
        decide([held], action, Facts(day, facts.own, facts.named, facts.object_id)).allowed
        for day in later
    ]
    assert allowed == sorted(allowed, reverse=True)


@MANY
@given(HELD, st.sampled_from(Action), FACTS)
def test_ending_a_tie_or_a_cover_never_gives_a_right(held, action, facts):
    before = decide([held], action, facts).allowed
    ended = Span(held.span.from_on, held.span.until_on, ended=True)
    assert decide([Held(held.relation, ended, held.covers)], action, facts) == NOTHING
    if held.covers:
        last = held.covers[-1]
        gone = Covered(last.purpose, Span(last.span.from_on, last.span.until_on, ended=True))
        left = (*held.covers[:-1], gone)
        after = Held(held.relation, held.span, left, held.concern_id, held.writes)
        assert decide([after], action, facts).allowed <= before
