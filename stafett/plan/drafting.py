"""Everything that changes the draft of a plan, and for whom its parts are."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from sqlalchemy import select

from stafett.access.policy import Action, Relation
from stafett.access.work import Work
from stafett.audience import commands as audience
from stafett.audience.rules import Limits, Visibility, choices, hides
from stafett.audit import trail
from stafett.children.rules import hides_places
from stafett.errors import (
    ConflictError,
    DeniedError,
    FieldError,
    ForeignPartError,
    NotFoundError,
    RuleBrokenError,
)
from stafett.people.models import Service
from stafett.plan import differences, people_named, queries, rules
from stafett.plan.models import Plan, PlanAudience
from stafett.plan.rules import Content, Sight
from stafett.stafettlogg.queries import LogSummary
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
    require_open(log)
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
    problems |= rules.day_problems(asked, work.today)
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


def require_open(log: LogSummary) -> None:
    """Refuse what changes a plan whose log takes nothing more.

    Raises:
        RuleBrokenError: the child has no log, it is closed, or it is kept on paper.

    """
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
    guardians = people_named.guardians(work.session, log.child_id, content) if found else {}
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
    known = people_named.known_usernames(work.session, new) if new else {}
    unknown = {path: name for path, name in named.items() if name not in {*known, *there}}
    people = people_named.candidates(work, log, asked) if unknown else []
    by_name = {one.name for one in people if one.name == one.username}
    return {
        path: ["user-unknown"]
        for path, name in unknown.items()
        if not (path.endswith(".responsible") and name in by_name)
    }
