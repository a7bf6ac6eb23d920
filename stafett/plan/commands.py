"""Everything that changes a plan: its draft, its versions, the answers, and what came of it.

Also for whom its parts are.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from stafett.access.policy import Action, Actor, Relation
from stafett.access.work import Work
from stafett.audience import commands as audience
from stafett.audience.rules import Limits, Viewer, Visibility, choices, hides
from stafett.audit import trail
from stafett.children.models import Guardian
from stafett.children.rules import hearing_obstacles, hides_places
from stafett.consents import queries as consents
from stafett.consents.rules import CHILD
from stafett.dates import months_after, oslo_date
from stafett.errors import (
    ConflictError,
    DeniedError,
    FieldError,
    ForeignPartError,
    NotFoundError,
    RuleBrokenError,
)
from stafett.people.models import Service, User
from stafett.plan import differences, measures, queries, rules, waiting
from stafett.plan.models import (
    Evaluation,
    Measure,
    MeasureAnswer,
    MeasureReport,
    Plan,
    PlanAnswer,
    PlanAudience,
    PlanComment,
    PlanCommentAnswer,
    PlanEvent,
    PlanOutcome,
    PlanVersion,
)
from stafett.plan.rules import (
    RUNS,
    CommentVoice,
    Content,
    EndReason,
    PlanEventKind,
    PlanKind,
    Sight,
    VersionState,
)
from stafett.profile.model import Profile
from stafett.stafettlogg import queries as logs
from stafett.stafettlogg.commands import Voice
from stafett.stafettlogg.queries import LogSummary
from stafett.tasks import commands as tasks
from stafett.tasks import queries as task_queries
from stafett.tasks.rules import TaskKind
from stafett.team import queries as team
from stafett.unsaved import commands as unsaved
from stafett.unsaved.queries import Place
from stafett.unsaved.rules import UnsavedOf


@dataclass(frozen=True)
class SaveDraft:
    """A wish to replace the draft; a section that is missing stays as it is.

    `limits`: whom the new goals, measures and texts are for; None: what the service begins with.
    """

    seen_version: int
    content: Content
    limits: Limits | None = None


@dataclass(frozen=True)
class SavePart:
    """A wish to change one part of the draft; `key` is its goal's or measure's, if any.

    What has a number of its own is not stood in the way of by a save of another part: `seen` are
    those of sections, by name, `seen_part` that of what has a key.
    `limits`: whom a new part is for; None: what the service begins with. `form`: where it was
    written (`Writer.writes`), and `unsaved` the number of what was kept there while it was.
    """

    seen_version: int
    fields: Content
    key: str | None = None
    seen_part: int | None = None
    seen: Mapping[str, int] = field(default_factory=dict)
    limits: Limits | None = None
    form: str = ""
    unsaved: int = 0


@dataclass(frozen=True)
class Move:
    """A wish to have a goal, or a measure within its goal, as number `to` from 0.

    `seen_order` is the `rules.order_token` of what it stands among.
    """

    key: str
    to: int
    seen_order: int


@dataclass(frozen=True)
class Restore:
    """A wish to have a section, goal, measure or text in the draft as it stood in a version."""

    number: int
    part: str
    seen_version: int


@dataclass(frozen=True)
class SetAudience:
    """A wish to change whom a part is for."""

    limits: Limits
    seen_audience: int


@dataclass(frozen=True)
class MakeVersion:
    """A wish to make the draft the next version, or to send it for approval."""

    summary: str
    seen_version: int


@dataclass(frozen=True)
class Begin:
    """A wish to begin an individuell plan; the words say why now."""

    words: str


@dataclass(frozen=True)
class End:
    """A wish to end the individuell plan; the words say what follows for the child.

    `said_by`: whose wish it is, in words; who ends it himself needs not say so.
    """

    reason: EndReason
    words: str
    said_by: str | None = None


@dataclass(frozen=True)
class Comment:
    """Something to say of a goal (its key) or a section (its name), and whose words it is."""

    about: str
    text: str
    voice: CommentVoice = CommentVoice.OWN


@dataclass(frozen=True)
class AnswerComment:
    """An answer to a comment."""

    comment_id: UUID
    text: str


@dataclass(frozen=True)
class Answer:
    """A needed person's answer; a signed one is registered in a guardian's or the child's name."""

    answer: str
    comment: str | None = None
    on_behalf_of: UUID | str | None = None
    method: str | None = None
    given_on: date | None = None


@dataclass(frozen=True)
class Evaluate:
    """What came of a measure."""

    evaluated_on: date
    done: str
    effect: int
    child_view: Voice
    text: str
    decision: str
    next_due_on: date | None = None


@dataclass(frozen=True)
class Report:
    """How a measure goes, in passing; the text may be empty."""

    done: str
    text: str = ""


@dataclass(frozen=True)
class TakeOn:
    """The yes or no of who is named responsible for a measure; a no says why.

    `responsible`: the name as the page said it, for who answers in another's place.
    """

    accepts: bool
    reason: str = ""
    responsible: str | None = None


@dataclass(frozen=True)
class Writer:
    """Who writes in a draft: all of it that he sees, or only what is his own.

    `action`: what he does by writing there; `basis`: the relations by which he may.
    `by`: what he sees of the plan before he does. `called`: the names, besides his username, by
    which he is responsible for what is his.
    """

    username: str
    action: Action
    whole: bool
    by: Sight
    own_goals: frozenset[str] = frozenset()
    basis: frozenset[Relation] = frozenset()
    called: frozenset[str] = frozenset()

    @property
    def speaks(self) -> bool:
        """Whether goals and «Om meg» are his to write: for the child, its parents, or all."""
        return self.whole or bool(self.own_goals)

    @property
    def names(self) -> frozenset[str]:
        """All that he is responsible by."""
        return self.called | {self.username}

    def owns_goal(self, goal: Content) -> bool:
        """Say whether he may change a goal and all its measures."""
        return self.whole or goal["whose"] in self.own_goals

    def owns(self, goal: Content, measure: Content) -> bool:
        """Say whether he may change a measure."""
        return self.owns_goal(goal) or measure["responsible"] in self.names

    def writes(self, content: Content, form: str) -> bool:
        """Say whether a form of the draft is his to write in; what has no key there is nobody's."""
        if form in rules.WHOLE_FORMS:
            return self.whole
        if form in {rules.NEW_GOAL, rules.FIRST_GOAL, rules.ABOUT_ME}:
            return self.speaks
        if form == rules.CONTRIBUTION:
            return rules.taking_part(content, self.username) is not None
        mine = {goal["key"]: self.owns_goal(goal) for goal in content["goals"]}
        mine |= {rules.NEW_MEASURE + goal["key"]: True for goal in content["goals"]}
        mine |= {one["key"]: self.owns(goal, one) for goal, one in rules.measures(content)}
        mine |= {one["key"]: self.whole for one in content["texts"]}
        return mine.get(form, False)


def save_draft(work: Work, log: LogSummary, wish: SaveDraft, writer: Writer) -> queries.Seen:
    """Replace what the writer sees of the draft, and give new items the keys they keep for life.

    What he does not see stays as it is. Returns the draft as he sees it then.

    Raises:
        ConflictError: what he sees was changed after he opened it; with what stands now.
        ForeignPartError: a change outside the writer's own part, naming the paths.
        FieldError: keys or people that do not exist, at their paths; or for whom new parts are.
        RuleBrokenError: the child has no log, or it is closed.

    """
    opened = _opened(work, log, writer)
    if wish.seen_version != opened.seen.version:
        raise opened.conflict()
    return _save(work, log, opened, wish, writer)


@dataclass(frozen=True)
class _Opened:
    """The draft as its writer opens it; without a plan nobody has begun one."""

    plan: Plan | None
    seen: queries.Seen

    def conflict(self) -> ConflictError:
        """Return what is raised when it is no longer what the writer saw: with what stands now."""
        return ConflictError({"seen_version": self.seen.version, **self.seen.content})


def _opened(work: Work, log: LogSummary, writer: Writer) -> _Opened:
    _open(log)
    plan = queries.of_child(work.session, log.child_id)
    return _Opened(plan, queries.seen(plan, log, writer.by))


def _save(
    work: Work,
    log: LogSummary,
    opened: _Opened,
    wish: SaveDraft,
    writer: Writer,
    back: Content = rules.EMPTY,
) -> queries.Seen:
    """Save the draft as `save_draft`.

    `back`: an older content of which a part comes back, with its keys and the people it names.
    """
    plan, by, seen = opened.plan, writer.by, opened.seen
    asked = {**seen.content, **wish.content}
    there, sent = rules.keys_of(seen.content), rules.keys_of(asked)
    left, new = there - sent, sent - there
    running = queries.running_keys(work.session, log.child_id, by) if left else frozenset()
    problems = rules.key_problems(asked, there | rules.keys_of(back), running)
    problems |= _leaving_problems(seen, asked, by)
    problems |= _people_problems(work, log, (seen.content, back), asked)
    problems |= rules.application_problems(asked, work.today) | rules.cooperation_problems(asked)
    problems |= rules.period_problems(seen.content, asked)
    if problems:
        raise FieldError.of(problems)
    limits, named = _limited(work, log, wish.limits or _first(work, new), writer)
    number, apart = plan.last_key if plan else 0, limits.narrow
    quiet = bool(new) and queries.is_born(work.session, log.child_id)
    content, last_key = rules.with_keys(  # after a birth a number would tell of those before
        asked, number, lambda key: quiet or by.narrow(key), apart=apart or quiet
    )
    if hides_places(log.child.address_protection):
        content = rules.without_places(content)
    if not writer.whole and (
        foreign := differences.foreign_paths(seen.content, content, writer.names, writer.own_goals)
    ):
        raise ForeignPartError(foreign)
    if plan is None:
        plan = Plan(child_id=log.child_id, last_key=0, draft=rules.EMPTY)
        plan.drafted_by, plan.drafted_at = work.actor.user_id, work.now
        work.session.add(plan)
    stored, whole = plan.draft, rules.merged(plan.draft, seen.content, content)
    plan.draft, plan.last_key = whole, last_key
    if apart:
        work.session.flush()
        for key in rules.new_parts(seen.content, content, back):
            _set(work, plan, key, limits, named, None)
        by = queries.sight(work.session, log.child_id, by.by)
    found = differences.diff(seen.content, content)
    moved = {key for path in found.paths for key in rules.parts_of(path)}
    unread = _unread(work, log, content, by)
    if problems := {unread[key]: ["responsible-left-out"] for key in moved & unread.keys()}:
        raise FieldError.of(problems)
    plain = (rules.visible(one, by.plain) for one in (stored, whole))
    if (differences.diff(*plain) if by.parts else found).paths:
        plan.drafted_by, plan.drafted_at = work.actor.user_id, work.now
    work.session.flush()
    happened = found.happened
    if found.added or found.removed:  # a goal stays that he took away without seeing all of it
        stay = {key for _, key in rules.keys_of(stored) & rules.keys_of(whole)}
        happened = {
            path: kind
            for path, kind in happened.items()
            if kind == "moved" or path.rpartition("/")[2] not in stay
        }
    _trace(work, writer.action, plan, found.paths, happened, by)
    return queries.seen(plan, log, by)


def save_part(
    work: Work,
    log: LogSummary,
    part: SavePart,
    change: Callable[[Content, Content], Content],
    writer: Writer,
) -> Content:
    """Change one part of the draft as it stands: `change` gets the draft and the part's fields.

    Returns the draft as the writer sees it then.

    Raises:
        ConflictError: the part was changed, or has left the draft, after it was opened.
        FieldError: as `save_draft`, at the part's own names.

    """
    opened = _opened(work, log, writer)
    seen, fields = opened.seen, part.fields
    if part.seen:
        fields = _of_sections(part, seen.content)
    elif part.seen_version != seen.version and (
        part.seen_part != rules.part_token(seen.content, part.key)
    ):
        raise opened.conflict()
    try:
        asked = change(seen.content, fields)
    except NotFoundError as error:
        raise opened.conflict() from error
    try:
        saved = _save(work, log, opened, SaveDraft(seen.version, asked, part.limits), writer)
    except FieldError as error:
        if part.seen:
            raise
        path = rules.path_of(asked, part.key or rules.NEW)
        own = {name.removeprefix(f"{path}."): codes for name, codes in error.fields.items()}
        raise FieldError.of(own) from error
    unsaved.drop(work, Place(UnsavedOf.PLAN, log.child_id, part.form), part.unsaved)
    return saved.content


def _of_sections(part: SavePart, content: Content) -> Content:
    """Return the fields of the sections that the writer has changed since he saw them.

    What stands in another is left as somebody may have saved it meanwhile.

    Raises:
        ConflictError: with what stands now in those that both have changed.

    """
    fields = dict(part.fields)
    current: Content = {}
    for name, was in part.seen.items():
        now = rules.section_of(content, name)
        mine = {field: fields[field] for field in now if field in fields}
        if rules.token(mine) == was:
            fields = {field: said for field, said in fields.items() if field not in mine}
        elif rules.token(now) != was:
            current |= {"seen_version": rules.token(now), **now}
    if current:
        raise ConflictError(current)
    return fields


def move(work: Work, log: LogSummary, wish: Move, writer: Writer) -> int:
    """Give a goal, or a measure within its goal, another place; return the one that it had.

    Raises:
        ConflictError: the order has been changed, or what was to be moved has left.
        DeniedError: what stands beside it is not the writer's to change.

    """
    opened = _opened(work, log, writer)
    seen = opened.seen
    try:
        items = rules.beside(seen.content, wish.key)
    except NotFoundError as error:
        raise opened.conflict() from error
    if wish.seen_order != rules.order_token(items):
        raise opened.conflict()
    under = [goal for goal, one in rules.measures(seen.content) if one["key"] == wish.key]
    if not (writer.whole or any(map(writer.owns_goal, under))):
        raise DeniedError
    asked = rules.moved(seen.content, wish.key, wish.to)
    _save(work, log, opened, SaveDraft(seen.version, asked), writer)
    return [one["key"] for one in items].index(wish.key)


def begin_goal(work: Work, log: LogSummary, part: SavePart, writer: Writer) -> str:
    """Save a goal with what is done for it in the service and at home: all of it, or nothing.

    Returns the key of the goal.

    Raises:
        FieldError: as `save_draft`, at the part's own names; or nothing is done for it.

    """
    there = [name for name in rules.BEGUN_WITH if part.fields[name]]
    if not there:
        raise FieldError("service.what", "measure-missing")
    try:
        made = save_part(work, log, part, rules.with_first_goal, writer)
    except FieldError as error:
        found = dict(error.fields)
        for number, name in enumerate(there):
            at = f"measures.{number}."
            found = {path.replace(at, f"{name}."): codes for path, codes in found.items()}
        raise FieldError.of(found) from error
    return str(made["goals"][-1]["key"])


def restore(work: Work, log: LogSummary, wish: Restore, writer: Writer) -> None:
    """Bring a part of a version back into the draft; nothing else of the draft is touched.

    Raises:
        ConflictError: what he sees was changed after the page was opened.
        ForeignPartError: the part is not the writer's to change.
        NotFoundError: there is no such version for him, or no such part in it.
        RuleBrokenError: the goal that the part stood under has left the draft.

    """
    opened = _opened(work, log, writer)
    seen, by = opened.seen, writer.by
    if wish.seen_version != seen.version:
        raise opened.conflict()
    version = queries.row(work.session, log.child_id, wish.number, by)
    if queries.is_hers(work.session, log.child_id, version):
        raise NotFoundError
    old = {**rules.EMPTY, **queries.content_of(work.session, version.id, by)}
    asked = rules.restored(seen.content, old, wish.part)
    _save(work, log, opened, SaveDraft(seen.version, asked), writer, old)


def set_audience(work: Work, log: LogSummary, key: str, wish: SetAudience, writer: Writer) -> None:
    """Change whom a part is for, as a new row; those who have read it have read it.

    Raises:
        ConflictError: it was changed after the form was opened.
        DeniedError: somebody else chose whom it is for, or it is not the actor's to change.
        FieldError: with what is wrong in the fields that say whom it is for.
        NotFoundError: there is no such part, or not for the actor.
        RuleBrokenError: it is no choice of the actor's, or it would be hidden from who does it.

    """
    plan, by = queries.of_child(work.session, log.child_id), writer.by
    content = queries.draft(work.session, log.child_id, by).content
    if plan is None or key not in rules.parts_in(content):
        raise NotFoundError
    if not sets_audience(work, content, key, by, writer):
        raise DeniedError
    before = by.parts[key][-1] if key in by.parts else None
    if wish.seen_audience != (before.number if before else 0):
        raise ConflictError({"audience": before.number if before else 0})
    limits, named = _limited(work, log, wish.limits, writer)
    made = _set(work, plan, key, limits, named, before)
    by = queries.sight(work.session, log.child_id, by.by)
    if _unread(work, log, content, by):
        raise RuleBrokenError(["responsible-left-out"])
    trail.record(work, writer.action, log.child_id, made.part_id, audience=made.number)


def sets_audience(work: Work, content: Content, key: str, by: Sight, writer: Writer) -> bool:
    """Say whether the actor says whom a part is for: its author, or who may change an open one."""
    return key in chosen_by(work, content, by, writer)


def chosen_by(work: Work, content: Content, by: Sight, writer: Writer) -> frozenset[str]:
    """Return the keys of the parts whose readers the actor chooses."""
    mine = {goal["key"] for goal in content["goals"] if writer.owns_goal(goal)}
    mine |= {one["key"] for goal, one in rules.measures(content) if writer.owns(goal, one)}
    mine |= {one["key"] for one in content["texts"] if writer.whole}
    author = {
        key: rows[-1].audience.author_id == work.actor.user_id for key, rows in by.parts.items()
    }
    return frozenset(key for key in rules.parts_in(content) if author.get(key, key in mine))


def make_version(work: Work, log: LogSummary, wish: MakeVersion, by: Sight) -> PlanVersion:
    """Make the draft the next version: a tiltaksplan holds at once, an IP goes to approval.

    `by`: what the actor sees of the plan. What he does not see of the draft becomes part of it,
    too. An individuell plan in which nothing is new for those who answer holds at once.

    Raises:
        ConflictError: what he sees was changed after he opened it.
        RuleBrokenError: with every obstacle.

    """
    plan = queries.of_child(work.session, log.child_id)
    seen = queries.draft(work.session, log.child_id, by)
    if wish.seen_version != seen.version:
        raise ConflictError({"seen_version": seen.version})
    kind = queries.kind_now(work.session, log)
    obstacles = queries.obstacles_to_version(work, log, seen.content, by)
    if plan is None or obstacles:
        raise RuleBrokenError(obstacles)
    everything = replace(by, by=None)
    history = queries.versions(work.session, log.child_id, everything)
    for one in history:
        if one.state is VersionState.FOR_APPROVAL:  # the actor does not see it, and goes on
            work.session.add(PlanOutcome(version_id=one.id, in_force=False, at=work.now))
    version = _add_version(work, plan, len(history) + 1, kind, wish.summary)
    if kind is PlanKind.TILTAKSPLAN or not queries.answerers(work, log.child_id, version.id):
        _settle(work, version, in_force=True)
    action = (
        Action.PLAN_SUBMIT_IP
        if kind is PlanKind.INDIVIDUELL_PLAN
        else Action.PLAN_PUBLISH_TILTAKSPLAN
    )
    _keep_fingerprint(work, action, version)
    return version


def _add_version(work: Work, plan: Plan, number: int, kind: PlanKind, summary: str) -> PlanVersion:
    """Make the whole draft, with whom its parts are for, a version."""
    everything = queries.sight(work.session, plan.child_id, None)
    version = PlanVersion(
        plan_id=plan.id,
        child_id=plan.child_id,
        number=number,
        kind=kind,
        summary=summary,
        content=plan.draft,
        audiences=queries.audiences_of(plan.draft, everything),
        sha256=rules.fingerprint(plan.draft),
        created_by=work.actor.user_id,
        created_at=work.now,
    )
    work.session.add(version)
    work.session.flush()
    return version


def _keep_fingerprint(work: Work, action: Action, version: PlanVersion) -> None:
    """Keep in the trail that a version was made, and what it says by its fingerprint."""
    number, digest = version.number, version.sha256
    trail.record(work, action, version.child_id, version.id, number=number, sha256=digest)


def answer(work: Work, version: PlanVersion, wish: Answer, *, by_family: bool) -> PlanVersion:
    """Answer a version that waits; the last approval needed puts it in force, one no ends it.

    Needed: each guardian with parental responsibility, or the youth alone from the consent age.
    Who says the same as staff wrote in of a paper confirms that, also when it waits no more.

    Raises:
        ConflictError: it does not wait any more, or this person has answered.
        DeniedError: an answer that is not needed of this person.
        FieldError: a paper without a name, or in a name that is not needed.

    """
    approves = wish.answer == "approve"
    paper = queries.to_confirm(work, version.child_id, version.id) if by_family else None
    confirms = paper is not None and paper.approves == approves
    if work.session.get(PlanOutcome, version.id) is not None and not confirms:
        raise ConflictError({"number": version.number})
    needed = queries.answerers(work, version.child_id, version.id)
    given = {
        one.guardian_id or CHILD
        for one in queries.answers(work.session, version.child_id).get(version.id, [])
    }
    who = (
        consents.answers_as(work, version.child_id)
        if by_family
        else _on_paper(work, version, wish, needed)
    )
    if who not in needed and not confirms:
        raise DeniedError
    if who in given and not confirms:
        raise ConflictError({"number": version.number})
    work.session.add(
        PlanAnswer(
            version_id=version.id,
            guardian_id=None if who == CHILD else who,
            approves=approves,
            method="digital" if by_family else wish.method,
            comment=wish.comment,
            given_on=wish.given_on if not by_family and wish.given_on else work.today,
            answered_at=work.now,
            answered_by=work.actor.user_id,
        )
    )
    if not approves and not confirms:
        _settle(work, version, in_force=False)
    elif not confirms and needed <= given | {who}:
        _settle(work, version, in_force=True)
    action = Action.PLAN_APPROVE if by_family else Action.PLAN_REGISTER_ANSWER
    trail.record(
        work, action, version.child_id, version.id, number=version.number, answer=wish.answer
    )
    return version


def complete(work: Work, version: PlanVersion) -> PlanVersion:
    """Put a version in force whose missing answers are not needed any more.

    Raises:
        ConflictError: it does not wait any more.
        RuleBrokenError: somebody's answer is still missing.

    """
    if work.session.get(PlanOutcome, version.id) is not None:
        raise ConflictError({"number": version.number})
    needed = queries.answerers(work, version.child_id, version.id)
    given = queries.answers(work.session, version.child_id).get(version.id, [])
    if not needed or needed - {one.guardian_id or CHILD for one in given}:
        raise RuleBrokenError(["version-waits"])
    _settle(work, version, in_force=True)
    trail.record(
        work, Action.PLAN_REGISTER_ANSWER, version.child_id, version.id, number=version.number
    )
    return version


def begin_plan(work: Work, log: LogSummary, wish: Begin) -> PlanEvent:
    """Begin an individuell plan: the draft goes on as one, and its versions need the family's yes.

    Raises:
        RuleBrokenError: with every obstacle.

    """
    obstacles = queries.obstacles_to_begin(work, log)
    if obstacles:
        raise RuleBrokenError(obstacles)
    event = _event(work, log, PlanEventKind.BEGUN, words=wish.words, draft={})
    tasks.settle(work, log.child_id, Action.PLAN_CREATE, None, "Planen er begynt.")
    trail.record(work, Action.PLAN_CREATE, log.child_id, event.id)
    return event


def end_plan(work: Work, log: LogSummary, wish: End, *, by_family: bool) -> PlanEvent:
    """End the individuell plan: no version of it holds, and its draft is put away as it stands.

    The log's own plan goes on with the tiltaksplan that holds, if any. The right to a coordinator
    does not end (pbrl. § 2-5 a and c ask for no plan); the coordinator is told when others end it.

    Raises:
        FieldError: it is the family's wish, and nobody is named.
        RuleBrokenError: there is no individuell plan.

    """
    if queries.kind_now(work.session, log) is not PlanKind.INDIVIDUELL_PLAN:
        raise RuleBrokenError(["plan-not-ip"])
    said_by = wish.said_by or (_name(work) if by_family else None)
    if wish.reason is EndReason.FAMILY_WISH and said_by is None:
        raise FieldError("said_by", "end-by-missing")
    plan = queries.of_child(work.session, log.child_id)
    everything = queries.sight(work.session, log.child_id, None)
    for one in queries.versions(work.session, log.child_id, everything):
        if one.state is VersionState.FOR_APPROVAL:
            work.session.add(PlanOutcome(version_id=one.id, in_force=False, at=work.now))
    more = {"reason": wish.reason, "said_by": said_by, "words": wish.words}
    event = _event(work, log, PlanEventKind.ENDED, draft=plan.draft if plan else {}, **more)
    if plan is not None:
        held = queries.in_force(work.session, log.child_id, everything)
        found = work.session.get_one(PlanVersion, held.id).content if held else rules.EMPTY
        plan.draft, plan.revise_on = {**rules.EMPTY, **found}, None
        plan.drafted_by, plan.drafted_at = work.actor.user_id, work.now
        work.session.execute(delete(Measure).where(Measure.plan_id == plan.id, Measure.ip))
    coordinator = team.coordinator(work.session, log.child_id, work.today)
    told = queries.known_usernames(work.session, {coordinator.username} if coordinator else set())
    for user_id in set(told.values()) - {work.actor.user_id}:
        tasks.ask_person(work, TaskKind.PLAN_ENDED, log.child_id, user_id, event.id)
    trail.record(work, Action.PLAN_END, log.child_id, event.id, reason=wish.reason)
    return event


def begin_anew(work: Work, log: LogSummary) -> None:
    """Let the plan begin anew with a birth; what stands in it is kept as versions.

    A draft that is no version yet becomes one that never held, and what waits for a yes waits no
    more. What holds goes on for who read it, until there is a new version.
    """
    plan = queries.of_child(work.session, log.child_id)
    if plan is None:
        return
    made = queries.all_versions(work.session, plan.id)
    for version in queries.without_outcome(work.session, plan.id):
        _settle(work, version, in_force=False)
    last = made[-1].content if made else rules.EMPTY
    if {**rules.EMPTY, **plan.draft} not in (rules.EMPTY, {**rules.EMPTY, **last}):
        kind = queries.kind_now(work.session, log)
        words = "Utkastet slik det var da barnet ble født"
        version = _add_version(work, plan, len(made) + 1, kind, words)
        _settle(work, version, in_force=False)
        _keep_fingerprint(work, Action.PLAN_PUBLISH_TILTAKSPLAN, version)  # not sent for approval
    plan.draft = deepcopy(rules.EMPTY)
    plan.drafted_by, plan.drafted_at = work.actor.user_id, work.now
    work.session.flush()


def remind(session: Session, now: datetime, profile: Profile) -> int:
    """Tell coordinators of children who are of age in half a year, once; return how many are told.

    From that day the youth decides alone, and what guardians have agreed to counts no more.
    """
    today, told, kind = oslo_date(now), 0, TaskKind.ADULT_SOON
    before = {child_id for _, child_id, _ in task_queries.days_of(session, kind)}
    for child_id, of_age_on, user_id in waiting.soon_of_age(session, today, months_after(today, 6)):
        if child_id not in before:
            work = Work(session, Actor(user_id, frozenset()), now, profile)
            tasks.ask_person(work, kind, child_id, user_id, child_id, of_age_on)
            told += 1
    return told


def comment(work: Work, log: LogSummary, wish: Comment, viewer: Viewer) -> PlanComment:
    """Say something of a goal or a section that the actor reads; who answers for the plan is told.

    Nobody is told of what stands at a part that he does not read.

    Raises:
        NotFoundError: there is no such goal or section, or not for the actor.

    """
    by = queries.sight(work.session, log.child_id, viewer)
    if wish.about not in queries.commentable(work.session, log.child_id, by):
        raise NotFoundError
    ip = queries.kind_now(work.session, log) is PlanKind.INDIVIDUELL_PLAN
    made = PlanComment(
        child_id=log.child_id,
        about=wish.about,
        ip=ip,
        voice=wish.voice,
        text=wish.text,
        by=work.actor.user_id,
        at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    coordinator = team.coordinator(work.session, log.child_id, work.today) if ip else None
    whose = coordinator.username if coordinator else log.acting_username or log.holder_username
    for one in queries.readers(work, log):
        sees = Sight(queries.viewer_of(one), by.parts).may(wish.about)
        if one.username == whose and sees and one.user_id != work.actor.user_id:
            tasks.ask_person(work, TaskKind.PLAN_COMMENT, log.child_id, one.user_id, made.id)
    trail.record(work, Action.PLAN_COMMENT, log.child_id, _said_of(made, by))
    return made


def answer_comment(work: Work, log: LogSummary, wish: AnswerComment, writer: Writer) -> None:
    """Answer a comment, which closes it; who answers may change all of the plan.

    Raises:
        ConflictError: it has an answer.
        DeniedError: the plan is not the actor's to change.
        NotFoundError: there is no such comment, or not for the actor.

    """
    by = writer.by
    ip = queries.kind_now(work.session, log) is PlanKind.INDIVIDUELL_PLAN
    found = queries.comments(work.session, log.child_id, by, ip=ip)
    one = next((one for one in found if one.id == wish.comment_id), None)
    if one is None:
        raise NotFoundError
    if not writer.whole:
        raise DeniedError
    if one.answer is not None:
        raise ConflictError({"answer": one.answer})
    work.session.add(
        PlanCommentAnswer(comment_id=one.id, text=wish.text, by=work.actor.user_id, at=work.now)
    )
    work.session.flush()
    tasks.settle_of(work, TaskKind.PLAN_COMMENT, one.id, "Svart på i planen.")
    made = work.session.get_one(PlanComment, one.id)
    trail.record(work, Action.PLAN_COMMENT, log.child_id, _said_of(made, by), answered=True)


def _said_of(made: PlanComment, by: Sight) -> UUID:
    """Return what the trail says was changed: the part, where somebody has chosen its readers."""
    return by.parts[made.about][-1].part_id if made.about in by.parts else made.id


def evaluate(work: Work, measure: Measure, wish: Evaluate) -> Evaluation:
    """Say what came of a measure; the draft gets the next day and, when it stops, the end.

    One that something new shall come instead of goes on, and is due, until that is written.

    Raises:
        FieldError: a day that has not come, no next day for what goes on, or what guardians tell in
            the place of one who was of age.
        RuleBrokenError: the measure has ended, or the log is closed.

    """
    problems: dict[str, list[str]] = {
        "date": ["date-in-future"] if wish.evaluated_on > work.today else [],
        "next_due_on": [],
        "child_view.how": hearing_obstacles(
            wish.child_view.how,
            of_age=queries.is_of_age_on(work.session, measure.child_id, wish.evaluated_on),
        ),
    }
    stops = wish.decision == "stop"
    if wish.decision in {"continue", "adjust"} and wish.next_due_on is None:
        problems["next_due_on"] = ["next-due-missing"]
    elif not stops and wish.next_due_on is not None and wish.next_due_on <= wish.evaluated_on:
        problems["next_due_on"] = ["date-passed"]
    if any(problems.values()):
        raise FieldError.of(problems)
    _goes_on(work, measure)
    found = Evaluation(
        plan_id=measure.plan_id,
        child_id=measure.child_id,
        measure_key=measure.key,
        evaluated_on=wish.evaluated_on,
        done=wish.done,
        effect=wish.effect,
        voice_how=wish.child_view.how,
        voice_text=wish.child_view.text,
        text=wish.text,
        decision=wish.decision,
        next_due_on=None if stops else wish.next_due_on,
        written_by=work.actor.user_id,
        written_at=work.now,
    )
    work.session.add(found)
    changes: Content = {"status": "stopped"} if stops else {}
    if wish.next_due_on is not None and not stops:
        changes["evaluate_on"] = wish.next_due_on.isoformat()
        measure.evaluate_on = wish.next_due_on
    elif not stops:
        measure.evaluate_on = wish.evaluated_on
    if stops:
        measure.status = "stopped"
    _into_draft(work, measure, changes)
    work.session.flush()
    trail.record(
        work,
        Action.MEASURE_EVALUATE,
        measure.child_id,
        _part_id(work, measure) or found.id,
        measure=measure.key,
        done=wish.done,
        decision=wish.decision,
    )
    return found


def report(work: Work, measure: Measure, wish: Report) -> MeasureReport:
    """Say in passing how a measure goes; nothing of the plan is changed by it.

    Raises:
        RuleBrokenError: the measure has ended, or the log is closed.

    """
    _goes_on(work, measure)
    goal, parts = _stands_in(work, measure)
    found = MeasureReport(
        plan_id=measure.plan_id,
        child_id=measure.child_id,
        measure_key=measure.key,
        goal_key=goal,
        what=measure.what,
        audiences={key: part.number for key, part in parts.items()},
        ip=measure.ip,
        done=wish.done,
        text=wish.text,
        written_by=work.actor.user_id,
        written_at=work.now,
    )
    work.session.add(found)
    work.session.flush()
    trail.record(
        work,
        Action.MEASURE_REPORT,
        measure.child_id,
        next((part.part_id for part in parts.values()), found.id),
        measure=measure.key,
        done=wish.done,
    )
    return found


def take_on(work: Work, measure: Measure, wish: TakeOn, *, on_paper: bool) -> MeasureAnswer:
    """Answer for a measure: take it on, or say why not, and then it is nobody's.

    Who has answered may answer otherwise later. `on_paper`: the actor writes it in for somebody who
    cannot answer himself; when he can, he confirms it by the same answer.

    Raises:
        ConflictError: that is the answer already, or another is responsible now.
        FieldError: a no without a reason.
        RuleBrokenError: the measure has ended, or the log is closed.

    """
    if not (wish.accepts or wish.reason):
        raise FieldError("reason", "why-not-missing")
    _goes_on(work, measure)
    other = wish.responsible not in {None, measure.responsible_name}
    confirms = not on_paper and measures.answered_on_paper(work.session, measure)
    if (measure.accepted is wish.accepts and not confirms) or other:
        raise ConflictError({"responsible": measure.responsible_name, "accepted": measure.accepted})
    goal, parts = _stands_in(work, measure)
    found = MeasureAnswer(
        plan_id=measure.plan_id,
        child_id=measure.child_id,
        measure_key=measure.key,
        goal_key=goal,
        audiences={key: part.number for key, part in parts.items()},
        ip=measure.ip,
        responsible_id=measure.account_id,
        responsible_name=measure.responsible_name,
        accepts=wish.accepts,
        reason="" if wish.accepts else wish.reason,
        on_paper=on_paper,
        answered_by=work.actor.user_id,
        answered_at=work.now,
    )
    work.session.add(found)
    measure.accepted = wish.accepts
    work.session.flush()
    trail.record(
        work,
        Action.MEASURE_ACCEPT,
        measure.child_id,
        next((part.part_id for part in parts.values()), found.id),
        measure=measure.key,
        accepts=wish.accepts,
        on_paper=on_paper,
    )
    return found


def _stands_in(work: Work, measure: Measure) -> tuple[str, dict[str, rules.PartRow]]:
    """Return the key of a measure's goal, and whom both are for, of those that are not for all."""
    everything = queries.sight(work.session, measure.child_id, None)
    version = queries.in_force(work.session, measure.child_id, everything)
    content = queries.content_of(work.session, version.id, everything) if version else rules.EMPTY
    goal = next(under["key"] for under, one in rules.measures(content) if one["key"] == measure.key)
    keys = [key for key in (measure.key, goal) if key in everything.parts]
    return goal, {key: everything.parts[key][-1] for key in keys}


def _goes_on(work: Work, measure: Measure) -> None:
    obstacles = [] if measure.status in RUNS else ["measure-ended"]
    if logs.open_log(work.session, measure.child_id) is None:
        obstacles.append("log-closed")
    if obstacles:
        raise RuleBrokenError(obstacles)


def _part_id(work: Work, measure: Measure) -> UUID | None:
    """Return the part that a measure is of, when somebody has chosen readers for it or its goal."""
    by = queries.sight(work.session, measure.child_id, None)
    if not by.parts:
        return None
    contents = [work.session.get_one(Plan, measure.plan_id).draft]
    if (held := queries.in_force(work.session, measure.child_id, by)) is not None:
        contents.append(queries.content_of(work.session, held.id, by))  # a birth empties the draft
    goals = (
        under["key"]
        for content in contents
        for under, one in rules.measures(content)
        if one["key"] == measure.key
    )
    goal = next(goals, "")
    return next((by.parts[key][-1].part_id for key in (measure.key, goal) if key in by.parts), None)


def _event(work: Work, log: LogSummary, kind: PlanEventKind, **more: Any) -> PlanEvent:
    before = queries.last_event(work.session, log.child_id)
    event = PlanEvent(
        child_id=log.child_id,
        number=before.number + 1 if before else 1,
        kind=kind,
        by=work.actor.user_id,
        at=work.now,
        **more,
    )
    work.session.add(event)
    work.session.flush()
    return event


def _name(work: Work) -> str:
    return work.session.get_one(User, work.actor.user_id).name


def _open(log: LogSummary) -> None:
    if log.id is None or log.closed_at is not None:
        raise RuleBrokenError(["log-closed" if log.id else "log-missing"])
    if log.paper_place:
        raise RuleBrokenError(["log-on-paper"])


def _trace(
    work: Work,
    action: Action,
    plan: Plan,
    changed: Iterable[str],
    happened: Mapping[str, str],
    by: Sight,
) -> None:
    """Keep what was changed: a row for the plan, and one for each part that is for some only.

    `happened`: which of the paths were added, removed or moved.
    """
    told = defaultdict[UUID, list[str]](list)
    for path in changed:
        ids = [by.parts[key][-1].part_id for key in rules.parts_of(path) if key in by.parts]
        told[ids[0] if ids else plan.id].append(path)
    for object_id, paths in (told or {plan.id: []}).items():
        fields = differences.without_names(paths)
        steps = defaultdict[str, list[str]](list)
        for path in (one for one in fields if one in happened):
            steps[happened[path]].append(path)
        trail.record(work, action, plan.child_id, object_id, fields=fields, **steps)


def _first(work: Work, new: Collection[object]) -> Limits:
    """Return whom a new part is for when its author has not said so: the narrowest, for some."""
    if not new:
        return Limits()
    narrow = {kind.code for kind in work.profile.service_kinds if kind.narrow}
    wanted = select(Service.kind).where(Service.id == work.actor.service_id)
    return Limits(
        Visibility.OWN_SERVICE if work.session.scalar(wanted) in narrow else Visibility.EVERYONE
    )


def _limited(
    work: Work, log: LogSummary, limits: Limits, writer: Writer
) -> tuple[Limits, list[UUID]]:
    """Return for whom something shall be, with the accounts of those named, if it may be so."""
    obstacles = []
    if limits.visibility not in choices(writer.basis, work.actor.service_id):
        obstacles.append("visibility-not-own")
    if limits.hidden_from and not hides(writer.basis):
        obstacles.append("hiding-not-own")
    if obstacles:
        raise RuleBrokenError(obstacles)
    limits, named = audience.chosen(limits, lambda: queries.readers(work, log))
    hidden = audience.hidden(work, log.child_id, limits)
    return audience.reviewed(work, hidden, writer.basis), named


def _unread(work: Work, log: LogSummary, content: Content, by: Sight) -> dict[str, str]:
    """Return the measures that whoever is responsible cannot read, by key, with where they stand.

    Who does not read the plan at all is not asked about.
    """
    found = {
        one["key"]: (f"goals.{index}.measures.{number}.responsible", goal["key"], one)
        for index, goal in enumerate(content["goals"])
        for number, one in enumerate(goal["measures"])
        if by.narrow(goal["key"]) or by.narrow(one["key"])
    }
    readers = queries.readers(work, log) if found else ()
    sights = {one.username: Sight(queries.viewer_of(one), by.parts) for one in readers}
    guardians = queries.guardians_named(work.session, log.child_id, content) if found else {}
    accounts = {one.user_id: one.username for one in readers}
    called = {
        name: accounts[one.user_id] for name, one in guardians.items() if one.user_id in accounts
    }
    return {
        key: path
        for key, (path, goal, one) in found.items()
        if (other := sights.get(called.get(one["responsible"], one["responsible"])))
        and not (other.may(goal) and other.may(key))
    }


def _set(
    work: Work,
    plan: Plan,
    key: str,
    limits: Limits,
    named: Iterable[UUID],
    before: rules.PartRow | None,
) -> PlanAudience:
    row = PlanAudience(
        part_id=before.part_id if before else uuid4(),
        number=before.number + 1 if before else 1,
        plan_id=plan.id,
        child_id=plan.child_id,
        key=key,
        visibility=limits.visibility,
        named=[str(one) for one in named],
        reason=limits.reason,
        hidden_from=[str(one) for one in limits.hidden_from],
        hidden_reason=limits.hidden_reason,
        review_on=limits.review_on,
        author_id=before.audience.author_id if before else work.actor.user_id,
        service_id=before.audience.service_id if before else work.actor.service_id,
        set_by=work.actor.user_id,
        set_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    return row


def _leaving_problems(seen: queries.Seen, asked: Content, by: Sight) -> dict[str, list[str]]:
    """Return which measures would leave a goal that is for some only, and so be for more."""
    was_in = {one["key"]: goal["key"] for goal, one in rules.measures(seen.content)}
    return {
        f"goals.{index}.measures.{number}.key": ["measure-leaves-narrow"]
        for index, goal in enumerate(asked["goals"])
        for number, one in enumerate(goal["measures"])
        if (under := was_in.get(one.get("key") or ""))
        and under != goal.get("key")
        and by.narrow(under)
    }


def _into_draft(work: Work, measure: Measure, changes: Content) -> None:
    """Write what an evaluation decided into the draft, so that nobody types it again."""
    plan = work.session.get_one(Plan, measure.plan_id)
    goals = [
        {
            **goal,
            "measures": [
                {**one, **changes} if one["key"] == measure.key else one for one in goal["measures"]
            ],
        }
        for goal in plan.draft["goals"]
    ]
    plan.draft = {**plan.draft, "goals": goals}


def _settle(work: Work, version: PlanVersion, *, in_force: bool) -> None:
    """Say what came of a version; one in force renews what worklist and log know of measures."""
    work.session.add(PlanOutcome(version_id=version.id, in_force=in_force, at=work.now))
    work.session.flush()
    if not in_force:
        return
    ip = version.kind == PlanKind.INDIVIDUELL_PLAN
    plan = work.session.get_one(Plan, version.plan_id)
    plan.revise_on = rules.revise_on(version.content, work.today) if ip else None
    _renew(work, version, ip=ip)
    for late in measures.evaluated_since(work.session, version):  # while the version waited
        there = measures.measure(work.session, version.child_id, late.measure_key)
        if there is not None and late.next_due_on is not None:
            there.evaluate_on = late.next_due_on
        elif there is not None and late.decision == "stop":
            there.status = "stopped"
    work.session.flush()


def _renew(work: Work, version: PlanVersion, *, ip: bool) -> None:
    """Let the measures say what a version says; who is newly named for one is asked to take it on.

    Who makes the version himself has said yes to what he is named for in it.
    """
    wanted = select(Measure).where(Measure.plan_id == version.plan_id)
    there = {one.key: one for one in work.session.scalars(wanted)}
    usernames = {one["responsible"] for _, one in rules.measures(version.content)}
    people = {
        user.username: user
        for user in work.session.scalars(select(User).where(User.username.in_(usernames)))
    }
    guardians = queries.guardians_named(work.session, version.child_id, version.content)
    for _, one in rules.measures(version.content):
        user, guardian = people.get(one["responsible"]), guardians.get(one["responsible"])
        before = there.pop(one["key"], None)
        if user is None and guardian is None and before is not None:  # his name was corrected
            same = before.guardian_id and before.responsible_name == one["responsible"]
            guardian = work.session.get(Guardian, before.guardian_id) if same else None
        account = user.id if user else guardian.user_id if guardian else None
        who = account or one["responsible"]
        found = before or Measure(
            plan_id=version.plan_id, child_id=version.child_id, key=one["key"]
        )
        if before is None or who != (before.account_id or before.responsible_name):
            found.asked_at, found.accepted = work.now, None
        if found.accepted is None and who == version.created_by:
            found.accepted = True
        work.session.add(found)
        found.what, found.status, found.ip = one["what"], one["status"], ip
        found.responsible_id = user.id if user else None
        found.guardian_id = guardian.id if guardian and not user else None
        found.responsible_name = user.name if user else one["responsible"]
        found.evaluate_on = date.fromisoformat(one["evaluate_on"])
    for gone in there.values():
        work.session.delete(gone)
    work.session.flush()


def _people_problems(
    work: Work, log: LogSummary, before: Iterable[Content], asked: Content
) -> dict[str, list[str]]:
    """Return who is named in the draft and has no account that is open.

    Who was named already stays, or nobody could save anything after somebody has left. A guardian
    or a participant who has no account may be named by his name.
    """
    named = rules.people_named(asked)
    there = {name for one in before for name in rules.people_named(one).values()}
    new = set(named.values()) - there
    known = queries.known_usernames(work.session, new) if new else {}
    unknown = {path: name for path, name in named.items() if name not in {*known, *there}}
    people = queries.people_of(work, log, asked) if unknown else []
    by_name = {one.name for one in people if one.name == one.username}
    return {
        path: ["user-unknown"]
        for path, name in unknown.items()
        if not (path.endswith(".responsible") and name in by_name)
    }


def _on_paper(work: Work, version: PlanVersion, wish: Answer, needed: frozenset[Any]) -> UUID | str:
    problems: dict[str, list[str]] = {
        "on_behalf_of": [] if wish.on_behalf_of in needed else ["guardian-unknown"],
        "method": [] if wish.method == "signed" else ["method-signed"],
        "given_on": [] if wish.given_on is not None else ["date-missing"],
    }
    if wish.given_on is not None and wish.given_on > work.today:
        problems["given_on"] = ["date-in-future"]
    if wish.given_on is not None and wish.given_on < oslo_date(version.created_at):
        problems["given_on"] = ["date-before-version"]
    if any(problems.values()) or wish.on_behalf_of is None:
        raise FieldError.of(problems)
    return wish.on_behalf_of
