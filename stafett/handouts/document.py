"""The facts of papers that are handed on, as their writers take them: ready Norwegian texts."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from exports.log import Person
from exports.pack import Open, PackDocument
from exports.referral import ReferralDocument, Said, Tried
from stafett.access.policy import Purpose
from stafett.access.work import Work
from stafett.children import queries as children
from stafett.children.queries import ChildSummary
from stafett.children.rules import ChildKind, capital, heard, hides_places
from stafett.consents.queries import ConsentView
from stafett.consents.rules import PURPOSES, ConsentState
from stafett.dates import clock, full_day, oslo_date
from stafett.entries.queries import EntryRow
from stafett.entries.rules import Kind
from stafett.handouts.queries import MeasureRow, PlanTold
from stafett.plan import measures as plan_measures
from stafett.plan import people_named
from stafett.plan.document import whose
from stafett.plan.measures import EvaluationRow, ReportRow
from stafett.plan.queries import CommentRow
from stafett.plan.rules import EFFECTS, RUNS, WORDS, Content, VersionState
from stafett.record.document import people, stands, steps, titled
from stafett.stafettlogg import queries as logs
from stafett.stafettlogg.document import MARKING
from stafett.stafettlogg.queries import LogSummary

AS_PARENT = frozenset({"foreldre", "forelder", "foresatt", "mamma", "pappa"})
"""What a parent is called in a group, besides the relation that is kept."""
SOON = timedelta(days=60)
"""A consent that ends within this is spoken of at the next meeting."""


@dataclass(frozen=True, slots=True)
class Written:
    """What is written of a child that may be handed on.

    `entries` are in order, the oldest first, and None where nothing of the log may be told;
    `family` are the accounts of the child and its guardians. `of_plan`: the plan may be told of.
    `since`: the UTC moment of the birth, before which nothing is for all.
    """

    entries: Sequence[EntryRow] | None
    family: Collection[UUID]
    plan: PlanTold
    told: Sequence[ReportRow]
    of_plan: bool = True
    since: datetime | None = None


def referral(
    work: Work, log: LogSummary, written: Written, agreed: Iterable[ConsentView], printed_by: str
) -> ReferralDocument:
    """Return what goes with a referral to PPT; `agreed` are the consents that let it."""
    child, who = log.child, children.word_for(work, log.child)
    return ReferralDocument(
        kommune=work.profile.kommune,
        marking=MARKING,
        marking_basis=work.profile.marking_basis,
        child=child.name,
        born=f"Født {child.birth_year}" if child.birth_year else "Ikke født ennå",
        facts=tuple(stands(work, log)),
        concerns=_of_kind(written.entries, Kind.CONCERN),
        tried=tuple(_tried(work, child, written)) if written.of_plan else None,
        goes_well=_of_kind(written.entries, Kind.GLIMPSE),
        family=tuple(_family(written)),
        steps=tuple(steps(work, child, written.since)),
        people=tuple(people(work, log)),
        consents=tuple(map(_consent, agreed)),
        printed_at=printed_at(work),
        printed_by=printed_by,
        language=log.child.language,
        who=who,
        home=children.with_family(work, child),
        reads=children.family_of(work, child),
        decides=children.decider_of(work, child),
    )


def pack(
    work: Work,
    log: LogSummary,
    written: Written,
    agreed: Iterable[ConsentView],
    printed_by: str,
    *,
    sits: Iterable[Person],
    said: Iterable[CommentRow],
) -> PackDocument:
    """Return what goes to the next meeting; `sits` are those of the ansvarsgruppe.

    New is what has been written since the level was set or something was evaluated last. `said` is
    what has been said of the plan.
    """
    since = _since(work, log, written)
    return PackDocument(
        marking=MARKING,
        child=log.child.name,
        facts=tuple(stands(work, log)),
        people=tuple(_coming(work, log, sits)),
        open=tuple(_open(work, log.child, written)),
        since=full_day(oslo_date(since)),
        news=tuple(
            _said(one, own_words=one.kind == Kind.CHILD_VOICE)
            for one in written.entries or ()
            if one.written_at >= since
        ),
        waits=tuple(_waits(work, log, agreed, said)),
        printed_at=printed_at(work),
        printed_by=printed_by,
        language=log.child.language,
    )


def _since(work: Work, log: LogSummary, written: Written) -> datetime:
    changed = [one.changed_at for one in logs.levels(work.session, log.child_id, written.since)[:1]]
    evaluated = [one.written_at for one in written.plan.evaluations]
    return max([*changed, *evaluated, written.since or log.opened_at or work.now])


def _coming(work: Work, log: LogSummary, sits: Iterable[Person]) -> Iterator[Person]:
    """Give whom a meeting is for: the child, its parents, and all who take part, each once.

    Who is not born yet comes with its mother.
    """
    if log.child.kind != ChildKind.UNBORN:
        yield Person(log.child.name, capital(children.role_of(work, log.child)), "")
    shut = hides_places(log.child.address_protection)
    family = [
        one
        for one in children.deciding_now(work.session, log.child_id, work.today)
        if one.opened_at or not shut
    ]
    for one in family:
        yield Person(one.name, one.relation.capitalize(), "")
    there = [*people(work, log)]
    yield from there
    parents = {one.name: one.relation for one in family}
    yield from (
        one
        for one in sits
        if one.name != log.child.name
        and not _is_parent(one, parents)
        and not any(_is_same(one, other) for other in there)
    )


def _is_parent(one: Person, parents: Mapping[str, str]) -> bool:
    """Say whether one who sits in the group is one of the parents, and not an aunt of that name.

    Only the role tells, in free words; rather twice on the list than not at all.
    """
    words = {word.strip(".,") for word in one.role.casefold().split()}
    return not words.isdisjoint(AS_PARENT | {parents.get(one.name, "")}) and one.name in parents


def _is_same(one: Person, other: Person) -> bool:
    """Say whether two are one person: of one name, and of one service as far as both have one."""
    services = {one.service, other.service} - {""}
    return one.name == other.name and len(services) <= 1


def _open(work: Work, child: ChildSummary, written: Written) -> Iterator[Open]:
    """Give the measures that are under way, what is late first."""
    version = written.plan.version
    if version is None or version.state is not VersionState.IN_FORCE:
        return
    now = plan_measures.standing(work.session, child.id, work.today)
    names, came = _names(work, written), _results(written, children.word_for(work, child))
    running = [
        (now[key].evaluate_on, key, row)
        for key, row in written.plan.measures.items()
        if row.left_at is None and key in now and now[key].status in RUNS
    ]
    for due, key, row in sorted(running, key=lambda one: one[0]):
        who: str = row.measure["responsible"]
        yield Open(
            what=row.measure["what"],
            goal=row.goal["text"],
            responsible=whose(names.get(who, who), now[key]),
            service=names.get(row.measure["service_id"] or "", ""),
            due=_short(due),
            late=due < work.today,
            status=WORDS["status"][now[key].status],
            newest=came.get(key, [""])[-1],
        )


def _waits(
    work: Work, log: LogSummary, agreed: Iterable[ConsentView], said: Iterable[CommentRow]
) -> Iterator[str]:
    if log.handover_to:
        yield f"{log.handover_to} er spurt om å ta over stafettpinnen."
    for one in agreed:
        called = PURPOSES[Purpose(one.purpose)]
        if one.state is ConsentState.WAITING and one.waits_for:
            names = " og ".join(name for _, name in one.waits_for)
            yield f"Samtykke ({called}) mangler ja fra {names}."
        elif one.state is ConsentState.ACTIVE and one.expires_on <= work.today + SOON:
            yield f"Samtykke ({called}) går ut {full_day(one.expires_on)}. Vil dere fortsette?"
    for comment in said:
        if comment.answer is None:
            yield f"{comment.name}, {full_day(oslo_date(comment.at))}: {comment.text}"


def printed_at(work: Work) -> str:
    """Return when a paper is printed, as its foot says it."""
    return f"{full_day(work.today)} kl. {clock(work.now)}"


def _tried(work: Work, child: ChildSummary, written: Written) -> Iterator[Tried]:
    names = _names(work, written)
    came = _results(written, children.word_for(work, child))
    for key, row in written.plan.measures.items():
        one = row.measure
        who: str = one["responsible"]
        over = one["status"] in RUNS and row.left_at is not None
        yield Tried(
            what=one["what"],
            how=one["how"] or "",
            goal=row.goal["text"],
            responsible=names.get(who, who),
            service=names.get(one["service_id"] or "", ""),
            period=_period(one["starts_on"], row),
            status="Tatt ut av planen" if over else WORDS["status"][one["status"]],
            results=tuple(came.get(key, ())),
        )


def _names(work: Work, written: Written) -> Mapping[str, str]:
    goals: list[Content] = [{"measures": [row.measure]} for row in written.plan.measures.values()]
    return people_named.names(work.session, [{"participants": [], "goals": goals}])


def _results(written: Written, who: str) -> dict[str, list[str]]:
    """Return what has been said of each measure, by its key, the oldest first."""
    rows: list[EvaluationRow | ReportRow] = [*written.plan.evaluations, *written.told]
    found: dict[str, list[str]] = {}
    for row in sorted(rows, key=lambda one: (one.written_at, one.id)):
        said = _reported(row) if isinstance(row, ReportRow) else _evaluated(row, who)
        found.setdefault(row.measure_key, []).append(said)
    return found


def _period(starts_on: str | None, row: MeasureRow) -> str:
    start = _short(date.fromisoformat(starts_on)) if starts_on else ""
    if row.left_at is None:
        return f"Fra {start}" if start else ""
    return " til ".join(filter(None, (start, _short(oslo_date(row.left_at)))))


def _short(day: date) -> str:
    return day.strftime("%d.%m.%Y")


def _evaluated(row: EvaluationRow, who: str) -> str:
    said = f"{_short(row.evaluated_on)}: {WORDS['done'][row.done]}, {EFFECTS[row.effect].lower()}. "
    voice = f" {who}: {heard(row.voice_how, row.voice_text, who)}" if row.voice_text else ""
    return f"{said}{row.text}{voice}"


def _reported(row: ReportRow) -> str:
    said = f"{_short(oslo_date(row.written_at))}: {WORDS['done'][row.done]}. {row.text}"
    return said.strip()


def _of_kind(entries: Collection[EntryRow] | None, kind: Kind) -> tuple[Said, ...] | None:
    if entries is None:
        return None
    return tuple(_said(one) for one in entries if one.kind == kind)


def _family(written: Written) -> Iterator[Said]:
    """Give the child's words, whoever wrote them down, and what the family has written itself."""
    if written.plan.content and written.plan.content["about_me"]:
        yield Said("Om meg, fra planen", written.plan.content["about_me"])
    for one in written.entries or ():
        if one.kind == Kind.CHILD_VOICE:
            yield _said(one, own_words=True)
        elif one.author_id in written.family and one.kind != Kind.GLIMPSE:
            yield _said(one)


def _said(one: EntryRow, *, own_words: bool = False) -> Said:
    who = titled(one.author_name, one.author_title)
    return Said(f"{full_day(oslo_date(one.written_at))}, {who}", one.text, own_words)


def _consent(one: ConsentView) -> str:
    named = ", ".join(service.name for service in one.services if service.ended_at is None)
    said = f"{PURPOSES[Purpose(one.purpose)]}: {named}. "
    return f"{said}Gitt {full_day(one.given_on)}, gjelder til {full_day(one.expires_on)}."
