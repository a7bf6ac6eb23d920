"""The facts of papers that are handed on, as their writers take them: ready Norwegian texts."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from exports.log import Person
from exports.referral import ReferralDocument, Said, Tried
from stafett.access.policy import Purpose
from stafett.access.work import Work
from stafett.consents.queries import ConsentView
from stafett.consents.rules import PURPOSES
from stafett.dates import clock, full_day, oslo_date
from stafett.entries.queries import EntryRow
from stafett.entries.rules import Kind
from stafett.handouts.queries import MeasureRow
from stafett.plan import queries as plans
from stafett.plan.queries import EvaluationRow, ReportRow
from stafett.plan.rules import EFFECTS, RUNS, WORDS, Content
from stafett.record.document import stands, steps, titled
from stafett.stafettlogg import queries as logs
from stafett.stafettlogg.document import MARKING
from stafett.stafettlogg.queries import LogSummary
from stafett.team import queries as team


@dataclass(frozen=True, slots=True)
class Written:
    """What is written of a child that may be handed on; None: not of the log, not of the plan.

    `entries` are in order, the oldest first, `family` the accounts of the child and its guardians.
    """

    entries: Collection[EntryRow] | None
    family: Collection[UUID]
    content: Content | None
    measures: Collection[MeasureRow] | None
    told: Collection[ReportRow]


def referral(
    work: Work, log: LogSummary, written: Written, agreed: Iterable[ConsentView], printed_by: str
) -> ReferralDocument:
    """Return what goes with a referral to PPT; `agreed` are the consents that let it."""
    child = log.child
    return ReferralDocument(
        kommune=work.profile.kommune,
        marking=MARKING,
        marking_basis=work.profile.marking_basis,
        child=child.name,
        born=f"Født {child.birth_year}" if child.birth_year else "Ikke født ennå",
        facts=tuple(stands(work, log)),
        concerns=_of_kind(written.entries, Kind.CONCERN),
        tried=None if written.measures is None else tuple(_tried(work, child.id, written)),
        goes_well=_of_kind(written.entries, Kind.GLIMPSE),
        family=tuple(_family(written)),
        steps=tuple(steps(work, child.id)),
        people=tuple(people(work, log)),
        consents=tuple(map(_consent, agreed)),
        printed_at=printed_at(work),
        printed_by=printed_by,
    )


def printed_at(work: Work) -> str:
    """Return when a paper is printed, as its foot says it."""
    return f"{full_day(work.today)} kl. {clock(work.now)}"


def people(work: Work, log: LogSummary) -> Iterator[Person]:
    """Give who takes part in a log: its holder, who coordinates, and its members, each once."""
    seen: set[str | None] = set()
    if log.holder_name and not log.needs_holder:
        seen.add(log.holder_username)
        yield Person(titled(log.holder_name, log.holder_title), "Stafettholder", "")
    one = team.coordinator(work.session, log.child_id, work.today)
    if one is not None and one.username not in seen:
        seen.add(one.username)
        yield Person(titled(one.name, one.title), one.kind.capitalize(), one.service or "")
    for member in logs.members(work.session, log.child, work.today):
        if member.username not in seen:
            yield Person(member.name, member.title, member.service)


def results(work: Work, child_id: UUID, told: Iterable[ReportRow]) -> dict[str, list[str]]:
    """Return what has been said of each measure, by its key, the oldest first."""
    rows: list[EvaluationRow | ReportRow] = [*plans.evaluations(work.session, child_id), *told]
    found: dict[str, list[str]] = {}
    for row in sorted(rows, key=lambda one: (one.written_at, one.id)):
        said = _reported(row) if isinstance(row, ReportRow) else _evaluated(row)
        found.setdefault(row.measure_key, []).append(said)
    return found


def _tried(work: Work, child_id: UUID, written: Written) -> Iterator[Tried]:
    rows = written.measures or ()
    goals: list[Content] = [{"measures": [row.measure]} for row in rows]
    names = plans.names(work.session, [{"participants": [], "goals": goals}])
    came = results(work, child_id, written.told)
    for row in rows:
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
            results=tuple(came.get(one["key"], ())),
        )


def _period(starts_on: str | None, row: MeasureRow) -> str:
    start = short(date.fromisoformat(starts_on)) if starts_on else ""
    if row.left_at is None:
        return f"Fra {start}" if start else ""
    return " til ".join(filter(None, (start, short(oslo_date(row.left_at)))))


def short(day: date) -> str:
    """Return a local date where there is little room: «21.03.2027»."""
    return day.strftime("%d.%m.%Y")


def _evaluated(row: EvaluationRow) -> str:
    said = f"{short(row.evaluated_on)}: {WORDS['done'][row.done]}, {EFFECTS[row.effect].lower()}. "
    voice = f" Barnet: {row.voice_text}" if row.voice_text else ""
    return f"{said}{row.text}{voice}"


def _reported(row: ReportRow) -> str:
    said = f"{short(oslo_date(row.written_at))}: {WORDS['done'][row.done]}. {row.text}"
    return said.strip()


def _of_kind(entries: Collection[EntryRow] | None, kind: Kind) -> tuple[Said, ...] | None:
    if entries is None:
        return None
    return tuple(_said(one) for one in entries if one.kind == kind)


def _family(written: Written) -> Iterator[Said]:
    """Give the child's words, whoever wrote them down, and what the family has written itself."""
    if written.content and written.content["about_me"]:
        yield Said("Om meg, fra planen", written.content["about_me"])
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
