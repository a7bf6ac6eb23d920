"""The access rules said once more, from the matrix's text: what the product is held to.

Nothing of `stafett.access.policy` is used but the names of what it is asked, so that a slip there
cannot hide itself here.
"""

from csv import DictReader
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from uuid import UUID

from stafett.access import policy
from stafett.access.policy import EVERYTHING, Covered, Facts, Held, Purpose, Relation, Span

TEXT = Path(policy.__file__).with_name("matrix.csv").read_text(encoding="utf-8")
MATRIX = {row["action"]: row for row in DictReader(TEXT.splitlines())}
TITLES = {"action", "kind", "condition"}
COLUMNS = [relation for relation in Relation if relation is not Relation.BLOCK]
SHOWN_IN_EMERGENCY = {
    *("child.list_mine", "child.read_identity", "coordinator.read", "group.read"),
    *("guardian.read", "member.list"),
}
TODAY = date(2026, 3, 2)
DAY = timedelta(days=1)
THING = UUID(int=7)
"""The one concern or task that a relation may be bound to."""
ABOUT_A_CONCERN = {
    "concern.decide",
    "concern.draft_step",
    "concern.edit",
    "concern.read",
    "concern.share",
    "concern.talk",
}
ABOUT_A_TASK = {
    *("guardian.read", "guardian.verify", "disclosure.read", "disclosure.decide"),
    *("child.join_twin", "child.add_protection", "child.read_protection"),
    *("dsr.restrict", "request.draft"),
}
IN_A_PAST_LOG = {
    *("childnote.read", "entry.history", "entry.list", "log.export_docx", "log.read"),
    *("plan.export_docx", "plan.read", "plan.read_version", "search.read"),
}
READS_PLAN = {"plan.export_docx", "plan.read", "plan.read_version"}
OF_A_MEASURE = {"measure.accept", "measure.evaluate", "measure.report"}
ON_PLAN_CONSENT = {
    *(*READS_PLAN, "plan.comment", "plan.draft", "plan.edit_ip", "plan.register_answer"),
    *("plan.submit_ip", *OF_A_MEASURE),
}
NOT_BY_A_DELEGATE = {
    *("baton.cancel", "baton.offer", "child.end_unborn", "child.give_account"),
    *("child.let_follow", "child.name_reader"),
    *("child.set_grade_flag", "coordinator.delegate", "guardian.block"),
    *("guardian.open_access", "guardian.unblock", "log.close", "log.reopen"),
    "unit.transfer_child",
}
IN_AREA = {
    "log": {
        *("childnote.read", "entry.correct", "entry.create", "entry.hide_from_guardian"),
        *("entry.history", "entry.list", "entry.request_correction", "entry.set_visibility"),
        *("log.export_docx", "search.read"),
    },
    "plan": {
        *(*READS_PLAN, "plan.comment", "plan.edit_tiltaksplan", "plan.publish_tiltaksplan"),
        *OF_A_MEASURE,
    },
}
WITHOUT_CONSENT = {
    *("child.end_unborn", "child.list_mine", "child.read_identity", "child.register_birth"),
    *("consent.read", "consent.register_paper", "entry.draft", "log.close", "log.reopen"),
}
RESTRICTED = datetime(2026, 3, 1, tzinfo=UTC)
STANDS_ON = {
    *("audit.read_child", "baton.accept", "baton.cancel", "baton.draft", "baton.force"),
    *("baton.offer", "baton.read", "baton.refuse", "child.add_protection", "child.end_unborn"),
    "child.join_twin",
    *("child.list_mine", "child.read_identity", "child.read_protection"),
    *("child.set_grade_flag", "childnote.read", "concern.create", "concern.decide"),
    *("concern.draft", "concern.draft_step", "concern.edit"),
    *("concern.read", "concern.talk", "consent.read", "consent.withdraw", "coordinator.delegate"),
    *("coordinator.read", "disclosure.decide", "disclosure.read", "disclosure.request"),
    *("dsr.restrict", "entry.draft", "entry.hide_from_guardian", "group.read"),
    "group.remove_member",
    *("guardian.block", "guardian.end", "guardian.read", "guardian.verify", "log.close"),
    *("member.leave", "member.list", "member.remove", "request.draft", "request.make"),
    *("task.finish", "task.read", "worklist.read"),
}
SPANS = {
    "now": lambda today: Span(today - 9 * DAY, today + 9 * DAY),
    "last day": lambda today: Span(today - 9 * DAY, today),
    "past": lambda today: Span(today - 9 * DAY, today - DAY),
    "future": lambda today: Span(today + DAY),
    "ended": lambda today: Span(today - 9 * DAY, today + 9 * DAY, ended=True),
}
CONSENTS = (
    *("none needed", "covered", "without the log", "without the plan", "only what is own"),
    *("ran out", "ran out without the log", "withdrawn", "never"),
)
AREAS = {
    "without the log": {"plan"},
    "ran out without the log": {"plan"},
    "without the plan": {"log"},
    "only what is own": set(),
}


def covers(consent: str, today: date, purposes=Purpose) -> tuple[Covered, ...] | None:
    """The covers that stand for a state of consent; None where the tie needs none."""
    if consent == "none needed":
        return None
    if consent == "never":
        return ()
    past = "past" if consent.startswith("ran out") else "now"
    span = SPANS["ended" if consent == "withdrawn" else past](today)
    areas = frozenset(AREAS.get(consent, {"log", "plan"}))
    return tuple(
        Covered(one, span, areas if one == "stafettlogg" else EVERYTHING) for one in purposes
    )


def cell_of(action: str, relation: str) -> str:
    """The cell of the matrix; break-glass reads what is B for anybody, and whom to call."""
    row = MATRIX[action]
    if relation != "BG":
        return row[relation]
    opened = row["kind"] == "read" and "B" in [row[one] for one in row if one not in TITLES]
    return "V" if opened else "M" if action in SHOWN_IN_EMERGENCY else "-"


def says(held: Held, action: str, facts: Facts) -> bool:
    """Whether one relation grants an action: its cell, its days, and its consent."""
    concerns = action in ABOUT_A_CONCERN
    if held.task_id is not None:
        about = action in ABOUT_A_TASK and held.task_id == facts.object_id
    elif held.concern_id is not None:
        about = concerns and held.concern_id == facts.object_id
    else:
        about = not (concerns and held.relation in {"CA", "UL"})
    if held.past:
        about &= action in IN_A_PAST_LOG
    if held.for_user_id is not None:
        about &= action not in NOT_BY_A_DELEGATE
    if not (about and in_force(held.span, facts.today)):
        return False
    family = held.relation in {"PF", "C12", "C16"}
    if held.restricted_at is not None and not family and action not in STANDS_ON:
        documents = {"log.export_docx", "plan.export_docx"}
        reads = MATRIX[action]["kind"] == "read" and action not in documents
        if not (reads and held.relation in {"SH", "KEL", "BG"}):
            return False
    if action in {"entry.create", "entry.correct", "entry.draft"} and not held.writes:
        return False
    reads = {*READS_PLAN, "plan.comment"}
    by_seat = action in reads or (action in OF_A_MEASURE and not facts.own)
    if facts.ip and by_seat and held.relation in {"SH", "MW", "MR", "EX"}:
        return False
    cell = cell_of(action, held.relation)
    if_so = {"O": facts.own, "N": facts.named, "2": facts.asked}
    return (cell in {"A", "V", "M"} or if_so.get(cell, False)) and _agreed(held, action, facts)


def in_force(span: Span, today: date) -> bool:
    """Whether a span holds on a day, its first and last included."""
    return (
        not span.ended
        and span.from_on <= today
        and (span.until_on is None or today <= span.until_on)
    )


def _agreed(held: Held, action: str, facts: Facts) -> bool:
    if held.covers is None:
        return True
    plan = held.relation == "AG" or (facts.ip and action in ON_PLAN_CONSENT)
    purpose = Purpose.PLAN if plan else Purpose.STAFETTLOGG
    within = {area for area, actions in IN_AREA.items() if action in actions}
    if action in OF_A_MEASURE and facts.own:
        within = set()
    spans = [
        cover.span
        for cover in held.covers
        if cover.purpose is purpose and all(area in cover.areas for area in within)
    ]
    if any(in_force(span, facts.today) for span in spans):
        return True
    ran_out = any(
        not one.ended and one.until_on is not None and one.until_on < facts.today for one in spans
    )
    kept = action in WITHOUT_CONSENT
    if held.relation == "SH":
        return kept or action == "baton.offer" or (ran_out and MATRIX[action]["kind"] == "read")
    return kept and held.relation in {"KO", "KEL"}


def answer(held: list[Held], action: str, facts: Facts) -> tuple[bool, bool]:
    """Whether an action is allowed, and whether the child may be known of at all."""
    if any(one.relation == "BLOCK" and in_force(one.span, facts.today) for one in held):
        return False, False
    allowed = any(says(one, action, facts) for one in held)
    return allowed, allowed or any(says(one, "child.read_identity", facts) for one in held)


def not_his_before(held: list[Held], today: date, area=None) -> datetime | None:
    """Before which moment nothing that was written is for somebody: the birth, if he came later."""
    standing = {"ST", "ADM", "AU"}
    there = [one for one in held if one.relation not in standing and in_force(one.span, today)]
    births = {one.hers_until for one in there}
    for one in there:
        if one.read_before is not None and (area is None or area in one.read_before):
            births.add(None)
    return None if None in births or not births else births.pop()


def all_facts(today: date):
    """Everything else that may be known of the object."""
    for own, named, ip, asked in product((False, True), repeat=4):
        for object_id in (None, THING):
            yield Facts(today, own, named, object_id, ip, asked)
