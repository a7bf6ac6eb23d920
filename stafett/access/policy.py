"""Who may do what: `matrix.csv` as data, and the one pure question `decide`."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from importlib.resources import files
from uuid import UUID


class Word(StrEnum):
    """A word of the program's own; each page looks some thousand of them up."""

    __hash__ = str.__hash__  # Enum's is Python, and a twentieth of a page's time


class Relation(Word):
    """A column of the matrix: how a person stands to a child, or (ST, ADM, AU) to the kommune."""

    ADM = "ADM"
    KE = "KE"
    KEL = "KEL"
    KO = "KO"
    SH = "SH"
    MW = "MW"
    MR = "MR"
    AG = "AG"
    PF = "PF"
    PX = "PX"
    C12 = "C12"
    C16 = "C16"
    EX = "EX"
    AU = "AU"
    CA = "CA"
    UL = "UL"
    ST = "ST"
    AN = "AN"
    BLOCK = "BLOCK"  # no column: a tie that takes every right away
    EMERGENCY = "BG"  # its column is made of the cells B: see _load


class Cell(Word):
    """What a cell of the matrix may say."""

    YES = "A"
    VISIBLE = "V"  # yes, and the feature's query leaves out what is hidden from the reader
    MINIMUM = "M"  # yes, the least that is needed
    OWN = "O"
    NAMED = "N"
    ASK = "R"
    TWO = "2"
    BREAK_GLASS = "B"
    NO = "-"


class Action(Word):
    """What has been built and can be asked for. Alphabetical."""

    ACCESS_REGISTER_READ = "access.register_read"
    AUDIT_ANOMALY_REVIEW = "audit.anomaly_review"
    AUDIT_ASK_WHY = "audit.ask_why"
    AUDIT_READ_CHILD = "audit.read_child"
    AUDIT_READ_OWN = "audit.read_own"
    AUDIT_SEARCH_ALL = "audit.search_all"
    BATON_ACCEPT = "baton.accept"
    BATON_CANCEL = "baton.cancel"
    BATON_DRAFT = "baton.draft"
    BATON_FORCE = "baton.force"
    BATON_OFFER = "baton.offer"
    BATON_READ = "baton.read"
    BATON_REFUSE = "baton.refuse"
    BG_INVOKE = "bg.invoke"
    BG_REVIEW = "bg.review"
    CHILD_ADD_PROTECTION = "child.add_protection"
    CHILD_CREATE = "child.create"
    CHILD_EDIT_IDENTITY = "child.edit_identity"
    CHILD_END_UNBORN = "child.end_unborn"
    CHILD_GIVE_ACCOUNT = "child.give_account"
    CHILD_JOIN_TWIN = "child.join_twin"
    CHILD_LET_FOLLOW = "child.let_follow"
    CHILD_LIST_MINE = "child.list_mine"
    CHILD_NAME_READER = "child.name_reader"
    CHILD_READ_CONTACT = "child.read_contact"
    CHILD_READ_GRADED_ADDRESS = "child.read_graded_address"
    CHILD_READ_IDENTITY = "child.read_identity"
    CHILD_READ_PROTECTION = "child.read_protection"
    CHILD_REGISTER_BIRTH = "child.register_birth"
    CHILD_SEARCH_EXACT_FNR = "child.search_exact_fnr"
    CHILD_SET_GRADE_FLAG = "child.set_grade_flag"
    CHILDNOTE_CREATE = "childnote.create"
    CHILDNOTE_READ = "childnote.read"
    CONCERN_CREATE = "concern.create"
    CONCERN_DECIDE = "concern.decide"
    CONCERN_DRAFT = "concern.draft"
    CONCERN_DRAFT_STEP = "concern.draft_step"
    CONCERN_EDIT = "concern.edit"
    CONCERN_READ = "concern.read"
    CONCERN_SHARE = "concern.share"
    CONCERN_TALK = "concern.talk"
    CONSENT_GIVE = "consent.give"
    CONSENT_READ = "consent.read"
    CONSENT_REGISTER_PAPER = "consent.register_paper"
    CONSENT_WITHDRAW = "consent.withdraw"
    COORDINATOR_APPOINT = "coordinator.appoint"
    COORDINATOR_DELEGATE = "coordinator.delegate"
    COORDINATOR_END = "coordinator.end"
    COORDINATOR_READ = "coordinator.read"
    DISCLOSURE_ASK_OWN = "disclosure.ask_own"
    DISCLOSURE_DECIDE = "disclosure.decide"
    DISCLOSURE_READ = "disclosure.read"
    DISCLOSURE_REQUEST = "disclosure.request"
    DSR_EXPORT = "dsr.export"
    DSR_REQUEST = "dsr.request"
    DSR_RESTRICT = "dsr.restrict"
    ENTRY_CORRECT = "entry.correct"
    ENTRY_CREATE = "entry.create"
    ENTRY_DRAFT = "entry.draft"
    ENTRY_HIDE_FROM_GUARDIAN = "entry.hide_from_guardian"
    ENTRY_HISTORY = "entry.history"
    ENTRY_LIST = "entry.list"
    ENTRY_REQUEST_CORRECTION = "entry.request_correction"
    ENTRY_SET_VISIBILITY = "entry.set_visibility"
    GROUP_ADD_MEMBER = "group.add_member"
    GROUP_READ = "group.read"
    GROUP_REMOVE_MEMBER = "group.remove_member"
    GUARDIAN_ADD = "guardian.add"
    GUARDIAN_BLOCK = "guardian.block"
    GUARDIAN_EDIT = "guardian.edit"
    GUARDIAN_END = "guardian.end"
    GUARDIAN_OPEN_ACCESS = "guardian.open_access"
    GUARDIAN_READ = "guardian.read"
    GUARDIAN_UNBLOCK = "guardian.unblock"
    GUARDIAN_VERIFY = "guardian.verify"
    LOG_CLOSE = "log.close"
    LOG_EXPORT_DOCX = "log.export_docx"
    LOG_KEEP_ON_PAPER = "log.keep_on_paper"
    LOG_OPEN = "log.open"
    LOG_READ = "log.read"
    LOG_REOPEN = "log.reopen"
    LOG_SET_LEVEL = "log.set_level"
    MEASURE_ACCEPT = "measure.accept"
    MEASURE_EVALUATE = "measure.evaluate"
    MEASURE_REPORT = "measure.report"
    MEMBER_EXTEND = "member.extend"
    MEMBER_INVITE = "member.invite"
    MEMBER_LEAVE = "member.leave"
    MEMBER_LIST = "member.list"
    MEMBER_REMOVE = "member.remove"
    MEMBER_SET_WRITE = "member.set_write"
    OUTBOX_READ = "outbox.read"
    PEOPLE_FIND = "people.find"
    PLAN_APPROVE = "plan.approve"
    PLAN_COMMENT = "plan.comment"
    PLAN_CREATE = "plan.create"
    PLAN_DRAFT = "plan.draft"
    PLAN_EDIT_IP = "plan.edit_ip"
    PLAN_EDIT_TILTAKSPLAN = "plan.edit_tiltaksplan"
    PLAN_END = "plan.end"
    PLAN_EXPORT_DOCX = "plan.export_docx"
    PLAN_PUBLISH_TILTAKSPLAN = "plan.publish_tiltaksplan"
    PLAN_READ = "plan.read"
    PLAN_READ_VERSION = "plan.read_version"
    PLAN_REGISTER_ANSWER = "plan.register_answer"
    PLAN_SUBMIT_IP = "plan.submit_ip"
    QUESTION_ANSWER = "question.answer"
    QUESTION_ASK = "question.ask"
    QUESTION_READ = "question.read"
    REQUEST_DRAFT = "request.draft"
    REQUEST_MAKE = "request.make"
    ROLE_GRANT = "role.grant"
    SEARCH_READ = "search.read"
    SERVICE_EDIT = "service.edit"
    SERVICE_LIST = "service.list"
    SESSION_OWN = "session.own"
    SESSION_REVOKE_USER = "session.revoke_user"
    TASK_FINISH = "task.finish"
    TASK_READ = "task.read"
    TOKEN_MANAGE_OWN = "token.manage_own"  # noqa: S105 the name of an action
    UNIT_TRANSFER_CHILD = "unit.transfer_child"
    USER_CREATE_OR_DISABLE = "user.create_or_disable"
    WORKLIST_READ = "worklist.read"


class Purpose(StrEnum):
    """What a family agrees to; a cover is for one of these."""

    STAFETTLOGG = "stafettlogg"
    PLAN = "plan"
    COORDINATOR = "coordinator"
    COLLECT = "collect"
    APPLICATION = "application"


class Area(StrEnum):
    """What a consent to the stafettlogg may leave out for a service; what is own always comes."""

    LOG = "log"
    PLAN = "plan"


EVERYTHING = frozenset(Area)
NOT_YET_BUILT = frozenset(
    files(__package__).joinpath("not_yet_built.txt").read_text(encoding="utf-8").split()
)
ROLES: Mapping[str, Relation] = {
    "staff": Relation.ST,
    "administrator": Relation.ADM,
    "ke": Relation.KE,
    "ke_leader": Relation.KEL,
    "auditor": Relation.AU,
    "external": Relation.EX,
    "citizen": Relation.PF,
}
"""What an account may be, as the JSON says it, and its column on routes about no child."""
ALWAYS = frozenset({Relation.ST, Relation.ADM, Relation.AU})
"""The roles that also count on routes about a child; every other relation needs a tie."""
FAMILY = frozenset({Relation.PF, Relation.C12, Relation.C16})
SEEN_IN_EMERGENCY = frozenset(
    {
        Action.CHILD_LIST_MINE,
        Action.CHILD_READ_IDENTITY,
        Action.COORDINATOR_READ,
        Action.GROUP_READ,
        Action.GUARDIAN_READ,
        Action.MEMBER_LIST,
    }
)
"""What break-glass shows besides the cells B: who the child is, and whom to call."""
RETAINERS = frozenset({Relation.SH, Relation.KO, Relation.KEL})
RETAINED = frozenset(
    {
        Action.CHILD_END_UNBORN,
        Action.CHILD_LIST_MINE,
        Action.CHILD_READ_IDENTITY,
        Action.CHILD_REGISTER_BIRTH,
        Action.CONSENT_READ,
        Action.CONSENT_REGISTER_PAPER,
        Action.ENTRY_DRAFT,
        Action.LOG_CLOSE,
        Action.LOG_REOPEN,
    }
)
"""What holder, coordinator and KE's leader keep when consent is withdrawn."""
RETAINED_BY_HOLDER = RETAINED | {Action.BATON_OFFER}
OF_A_CONCERN = frozenset(
    {
        Action.CONCERN_DECIDE,
        Action.CONCERN_DRAFT_STEP,
        Action.CONCERN_EDIT,
        Action.CONCERN_READ,
        Action.CONCERN_SHARE,
        Action.CONCERN_TALK,
    }
)
"""What CA and UL may because of one concern; all else theirs is the registrar's."""
OF_A_TASK = frozenset(
    {
        Action.CHILD_ADD_PROTECTION,
        Action.CHILD_JOIN_TWIN,
        Action.CHILD_READ_PROTECTION,
        Action.DISCLOSURE_DECIDE,
        Action.DISCLOSURE_READ,
        Action.DSR_RESTRICT,
        Action.GUARDIAN_READ,
        Action.GUARDIAN_VERIFY,
        Action.REQUEST_DRAFT,
    }
)
"""What koordinerende enhet may because of one task: to do it, and to see what it is about."""
OF_A_PAST_LOG = frozenset(
    {
        Action.CHILDNOTE_READ,
        Action.ENTRY_HISTORY,
        Action.ENTRY_LIST,
        Action.LOG_EXPORT_DOCX,
        Action.LOG_READ,
        Action.PLAN_EXPORT_DOCX,
        Action.PLAN_READ,
        Action.PLAN_READ_VERSION,
        Action.SEARCH_READ,
    }
)
"""What the family may in a record that was joined to another: read what was written there."""
PLAN_READS = frozenset({Action.PLAN_EXPORT_DOCX, Action.PLAN_READ, Action.PLAN_READ_VERSION})
FOR_ITS_READERS = PLAN_READS | {Action.PLAN_COMMENT}
"""What is for those who read an individuell plan, which nobody does by the log alone."""
OF_A_MEASURE = frozenset({Action.MEASURE_ACCEPT, Action.MEASURE_EVALUATE, Action.MEASURE_REPORT})
"""What one does with a measure; who does it with his own needs not read the plan."""
OF_A_PLAN = (
    PLAN_READS
    | OF_A_MEASURE
    | {
        Action.PLAN_COMMENT,
        Action.PLAN_DRAFT,
        Action.PLAN_EDIT_IP,
        Action.PLAN_REGISTER_ANSWER,
        Action.PLAN_SUBMIT_IP,
    }
)
"""What rests on consent of purpose plan when the plan is an individuell plan."""
AREAS: Mapping[Area, frozenset[Action]] = {
    Area.LOG: frozenset(
        {
            Action.CHILDNOTE_READ,
            Action.ENTRY_CORRECT,
            Action.ENTRY_CREATE,
            Action.ENTRY_HIDE_FROM_GUARDIAN,
            Action.ENTRY_HISTORY,
            Action.ENTRY_LIST,
            Action.ENTRY_REQUEST_CORRECTION,
            Action.ENTRY_SET_VISIBILITY,
            Action.LOG_EXPORT_DOCX,
            Action.SEARCH_READ,
        }
    ),
    Area.PLAN: PLAN_READS
    | OF_A_MEASURE
    | {Action.PLAN_COMMENT, Action.PLAN_EDIT_TILTAKSPLAN, Action.PLAN_PUBLISH_TILTAKSPLAN},
}
"""What each area is."""
AREAS_OF: Mapping[Action, frozenset[Area]] = {
    action: frozenset(area for area, of in AREAS.items() if action in of) for action in Action
}
"""What a consent must cover for each action."""
NOT_BY_THE_LOG = frozenset({Relation.SH, Relation.MW, Relation.MR, Relation.EX})
"""Who reads an individuell plan, and evaluates what is others' in it, only from a seat in the
ansvarsgruppe (matrix, plan.read)."""
NEEDS_WRITE = frozenset({Action.ENTRY_CORRECT, Action.ENTRY_CREATE, Action.ENTRY_DRAFT})
"""What an external person may only when invited to write."""
READS_ON = FAMILY | {Relation.SH, Relation.KEL, Relation.EMERGENCY}
"""Who reads a restricted record as before (GDPR art. 18); only the family also changes it."""
WHILE_RESTRICTED = frozenset(
    {
        Action.AUDIT_READ_CHILD,
        Action.BATON_ACCEPT,
        Action.BATON_CANCEL,
        Action.BATON_DRAFT,
        Action.BATON_FORCE,
        Action.BATON_OFFER,
        Action.BATON_READ,
        Action.BATON_REFUSE,
        Action.CHILD_ADD_PROTECTION,
        Action.CHILD_END_UNBORN,
        Action.CHILD_JOIN_TWIN,
        Action.CHILD_LIST_MINE,
        Action.CHILD_READ_IDENTITY,
        Action.CHILD_READ_PROTECTION,
        Action.CHILD_SET_GRADE_FLAG,
        Action.CHILDNOTE_READ,
        Action.CONCERN_CREATE,
        Action.CONCERN_DECIDE,
        Action.CONCERN_DRAFT,
        Action.CONCERN_DRAFT_STEP,
        Action.CONCERN_EDIT,
        Action.CONCERN_READ,
        Action.CONCERN_TALK,
        Action.CONSENT_READ,
        Action.CONSENT_WITHDRAW,
        Action.COORDINATOR_DELEGATE,
        Action.COORDINATOR_READ,
        Action.DISCLOSURE_DECIDE,
        Action.DISCLOSURE_READ,
        Action.DISCLOSURE_REQUEST,
        Action.DSR_RESTRICT,
        Action.ENTRY_DRAFT,
        Action.ENTRY_HIDE_FROM_GUARDIAN,
        Action.GROUP_READ,
        Action.GROUP_REMOVE_MEMBER,
        Action.GUARDIAN_BLOCK,
        Action.GUARDIAN_END,
        Action.GUARDIAN_READ,
        Action.GUARDIAN_VERIFY,
        Action.LOG_CLOSE,
        Action.MEMBER_LEAVE,
        Action.MEMBER_LIST,
        Action.MEMBER_REMOVE,
        Action.REQUEST_DRAFT,
        Action.REQUEST_MAKE,
        Action.TASK_FINISH,
        Action.TASK_READ,
        Action.WORKLIST_READ,
    }
)
"""What everybody keeps: who the child is and whom to call, who is responsible, what protects the
child or lets fewer people in, worries, and what another person has a right to (art. 18 no. 2)."""
EXPORTS = frozenset({Action.LOG_EXPORT_DOCX, Action.PLAN_EXPORT_DOCX})
"""What leaves the record as a document."""


NOT_BY_A_DELEGATE = frozenset(
    {
        Action.BATON_CANCEL,
        Action.BATON_OFFER,
        Action.CHILD_END_UNBORN,
        Action.CHILD_GIVE_ACCOUNT,
        Action.CHILD_LET_FOLLOW,
        Action.CHILD_NAME_READER,
        Action.CHILD_SET_GRADE_FLAG,
        Action.COORDINATOR_DELEGATE,
        Action.GUARDIAN_BLOCK,
        Action.GUARDIAN_OPEN_ACCESS,
        Action.GUARDIAN_UNBLOCK,
        Action.LOG_CLOSE,
        Action.LOG_REOPEN,
        Action.UNIT_TRANSFER_CHILD,
    }
)
"""What cannot wait for nobody, and waits for him whose it is: who is responsible, who is kept out
or let in again, and whether there is a log."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The person behind the request; `leads` are the services whose ties are also his."""

    user_id: UUID
    roles: frozenset[Relation]
    service_id: UUID | None = None
    leads: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An actor with the session or token that proved it.

    `stands`: whether the top of his pages has more to ask: he is on duty, or has a record open.
    """

    actor: Actor
    username: str
    name: str
    session_id: UUID
    seen_at: datetime
    stands: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """From a day to a day, both included; `ended` beats the days."""

    from_on: date
    until_on: date | None = None
    ended: bool = False

    def holds(self, on: date) -> bool:
        """Say whether it is in force on a local date."""
        return (
            not self.ended and self.from_on <= on and (self.until_on is None or on <= self.until_on)
        )


ALWAYS_SPAN = Span(date.min)


@dataclass(frozen=True, slots=True)
class Covered:
    """That a consent covered, covers or will cover a service for a purpose, in some areas."""

    purpose: Purpose
    span: Span
    areas: frozenset[Area] = EVERYTHING


@dataclass(frozen=True, slots=True)
class Held:
    """One relation a person holds, with the covers it rests on (`None`: it needs no consent).

    `concern_id` ties an author's or leader's relation to that one concern, `task_id` that of
    koordinerende enhet to that one task; `writes` is false for an external person who was invited
    to read. `for_user_id`: whose relation it is, used in his absence. `restricted_at`: since which
    moment the child's record is restricted. `past`: the record was joined to another of the same
    child, and is there to be read. `hers_until`: what was written before this moment is the
    pregnant person's, and `read_before` what somebody who was there then read (None: he came
    later).
    """

    relation: Relation
    span: Span = ALWAYS_SPAN
    covers: tuple[Covered, ...] | None = None
    concern_id: UUID | None = None
    writes: bool = True
    task_id: UUID | None = None
    for_user_id: UUID | None = None
    restricted_at: datetime | None = None
    past: bool = False
    hers_until: datetime | None = None
    read_before: frozenset[Area] | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All else the policy may know: the local date, and how the actor stands to the object.

    `object_id` is the concern that is asked for, or the task that what is asked for waits in;
    `ip`: the plan that is asked for is an individuell plan, which rests on consent of its own.
    `asked`: another person has asked for this very thing and nobody has answered, so that who says
    yes now is the second of two.
    """

    today: date
    own: bool = False
    named: bool = False
    object_id: UUID | None = None
    ip: bool = False
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """Yes or no, whether the child may be known of, and the relations that say yes.

    `on_behalf_of`: another's relation alone says yes, and whose it is.
    """

    allowed: bool
    visible: bool
    basis: frozenset[Relation] = frozenset()
    on_behalf_of: UUID | None = None


NOTHING = Decision(allowed=False, visible=False)


def decide(held: Iterable[Held], action: Action, facts: Facts) -> Decision:
    """Answer one question. Everything the matrix does not grant is refused; a block beats all."""
    current = [one for one in held if one.span.holds(facts.today)]
    if any(one.relation is Relation.BLOCK for one in current):
        return NOTHING
    granting = [one for one in current if _grants(one, action, facts)]
    basis = frozenset(one.relation for one in granting)
    known = bool(basis) or any(_grants(one, Action.CHILD_READ_IDENTITY, facts) for one in current)
    absent = granting and all(one.for_user_id for one in granting) and granting[0].for_user_id
    return Decision(bool(basis), known, basis, absent or None)


def may_ask(held: Iterable[Held], action: Action, facts: Facts) -> bool:
    """Say whether somebody may ask for `action` to be done by one who may (cells R, and 2)."""
    current = [one for one in held if one.span.holds(facts.today)]
    if any(one.relation is Relation.BLOCK for one in current):
        return False
    return any(
        _about_this(one, action, facts)
        and GRANTS[action].get(one.relation) in {Cell.ASK, Cell.TWO}
        and not _stands_still(one, action)
        and _within_cover(one, action, facts)
        for one in current
    )


def restricted_at(held: Iterable[Held]) -> datetime | None:
    """Return since which moment the child's record is restricted; None: it is not."""
    return next((one.restricted_at for one in held if one.restricted_at is not None), None)


def hers_until(held: Iterable[Held], today: date, area: Area | None = None) -> datetime | None:
    """Return the moment before which nothing that was written is for somebody; None: all is.

    It is that of the birth, for who came after it: then the record was the pregnant person's.
    Who read an area before reads all of it; without one, whoever was there does.
    """
    tied = [one for one in held if one.relation not in ALWAYS and one.span.holds(today)]
    for one in tied:
        there = one.read_before is not None and (area is None or area in one.read_before)
        if one.hers_until is None or there:
            return None
    return tied[0].hers_until if tied else None


def reads_past(held: Iterable[Held], action: Action, facts: Facts) -> bool:
    """Say whether somebody may do this in a record that was joined to another."""
    return decide([one for one in held if one.past], action, facts).allowed


def is_past(held: Iterable[Held]) -> bool:
    """Say whether the record was joined to another, and is open only to be read."""
    return any(one.past for one in held)


def purpose_of(relation: Relation, *, ip: bool = False) -> Purpose:
    """Return what consent must be for when a tie of this relation needs one."""
    return Purpose.PLAN if ip or relation is Relation.AG else Purpose.STAFETTLOGG


def _about_this(one: Held, action: Action, facts: Facts) -> bool:
    """Say whether a relation counts here: what a concern or a task gives does for that alone."""
    if one.task_id is not None:
        return action in OF_A_TASK and one.task_id == facts.object_id
    if one.past:
        return action in OF_A_PAST_LOG
    if one.concern_id is None:
        return action not in OF_A_CONCERN or one.relation not in {Relation.CA, Relation.UL}
    return action in OF_A_CONCERN and one.concern_id == facts.object_id


def _grants(one: Held, action: Action, facts: Facts) -> bool:
    if not _about_this(one, action, facts):
        return False
    if action in NEEDS_WRITE and not one.writes:
        return False
    if action in NOT_BY_A_DELEGATE and one.for_user_id is not None:
        return False
    unread = action in FOR_ITS_READERS or (action in OF_A_MEASURE and not facts.own)
    if facts.ip and unread and one.relation in NOT_BY_THE_LOG:
        return False
    if _stands_still(one, action):
        return False
    cell = GRANTS[action].get(one.relation, Cell.NO)
    granted = (
        cell in {Cell.YES, Cell.VISIBLE, Cell.MINIMUM}
        or (cell is Cell.OWN and facts.own)
        or (cell is Cell.NAMED and facts.named)
        or (cell is Cell.TWO and facts.asked)
    )
    return granted and _within_cover(one, action, facts)


def _stands_still(one: Held, action: Action) -> bool:
    """Say whether the record is restricted, and this is not for this relation to go on with."""
    if one.restricted_at is None or one.relation in FAMILY or action in WHILE_RESTRICTED:
        return False
    return one.relation not in READS_ON or action not in READS or action in EXPORTS


def _within_cover(one: Held, action: Action, facts: Facts) -> bool:
    """Say whether consent lets this relation be used for `action`.

    Covered: for all in its areas. Run out: the holder still reads. Withdrawn, or never given:
    holder, coordinator and KE's leader keep what it takes to see the state and get a new consent.
    """
    if one.covers is None:
        return True
    ip = facts.ip and action in OF_A_PLAN
    purpose = purpose_of(one.relation, ip=ip)
    own = action in OF_A_MEASURE and facts.own
    needed = frozenset() if own else AREAS_OF[action]
    spans = [
        cover.span for cover in one.covers if cover.purpose is purpose and needed <= cover.areas
    ]
    if any(span.holds(facts.today) for span in spans):
        return True
    if one.relation is Relation.SH:
        ran_out = action in READS and any(_ran_out(span, facts.today) for span in spans)
        return ran_out or action in RETAINED_BY_HOLDER
    return one.relation in RETAINERS and action in RETAINED


def _ran_out(span: Span, today: date) -> bool:
    return not span.ended and span.until_on is not None and span.until_on < today


def _rows() -> Mapping[str, Mapping[str, str]]:
    text = files(__package__).joinpath("matrix.csv").read_text(encoding="utf-8")
    return {row.pop("action"): row for row in csv.DictReader(text.splitlines())}


def _load(
    rows: Mapping[str, Mapping[str, str]],
) -> Mapping[Action, Mapping[Relation, Cell]]:
    """Refuse to start when the matrix and the enums do not name the same things.

    Break-glass reads what is B in any column, and `SEEN_IN_EMERGENCY`; it never writes.
    """
    columns = set(next(iter(rows.values()))) - {"condition", "kind"}
    wanted = set(Relation) - {Relation.BLOCK, Relation.EMERGENCY}
    if columns != wanted:
        msg = f"matrix.csv and Relation differ: {columns ^ wanted}"
        raise ValueError(msg)
    if set(rows) != set(Action) | NOT_YET_BUILT or NOT_YET_BUILT & set(Action):
        msg = (
            f"matrix.csv and Action with not_yet_built.txt differ: "
            f"{set(rows) ^ (set(Action) | NOT_YET_BUILT) or NOT_YET_BUILT & set(Action)}"
        )
        raise ValueError(msg)
    if kinds := {row["kind"] for row in rows.values()} - {"read", "write"}:
        msg = f"matrix.csv has kinds of action that do not exist: {kinds}"
        raise ValueError(msg)
    cells = {name: {Relation(c): Cell(row[c]) for c in columns} for name, row in rows.items()}
    for name, row in cells.items():
        opened = Cell.BREAK_GLASS in row.values() and rows[name]["kind"] == "read"
        seen = Cell.MINIMUM if name in SEEN_IN_EMERGENCY else Cell.NO
        row[Relation.EMERGENCY] = Cell.VISIBLE if opened else seen
    return {action: cells[action] for action in Action}


MATRIX = _rows()
GRANTS = _load(MATRIX)
READS = frozenset(action for action in Action if MATRIX[action]["kind"] == "read")
