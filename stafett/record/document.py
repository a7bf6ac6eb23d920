"""The facts of a child's log, as the document writer takes them: ready Norwegian texts."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import partial
from operator import itemgetter
from uuid import UUID

from exports.log import Fact, LogDocument, Person, Step, Written
from stafett.access.work import Work
from stafett.children import queries as children
from stafett.children.queries import ChildSummary, word_for
from stafett.children.rules import HEARD, VoiceHow, hides_places, is_of_age, speaks, unheard
from stafett.dates import MONTHS, clock, full_day, oslo_date
from stafett.entries.queries import EntryRow, Names
from stafett.people import queries as staff
from stafett.people.queries import Reached
from stafett.plan.measures import ReportRow
from stafett.plan.rules import WORDS
from stafett.stafettlogg import queries as logs
from stafett.stafettlogg.document import MARKING, ip_words, when
from stafett.stafettlogg.queries import ClosingRow, LevelRow, LogSummary
from stafett.stafettlogg.rules import beside, how_ended
from stafett.team import queries as team
from stafett.team.queries import AppointmentRow

KINDS = {
    "note": "Notat",
    "contact": "Kontakt",
    "glimpse": "Lysglimt",
    "concern": "Bekymring som ble delt",
    "child_voice": "{who}s ord",
}


def facts(
    work: Work,
    log: LogSummary,
    entries: Collection[EntryRow],
    names: Mapping[UUID, Names],
    told: Collection[ReportRow],
    printed_by: str,
    since: datetime | None,
) -> LogDocument:
    """Return what the log says to one reader: his entries, the oldest first.

    `entries` and `names` are what he may read and for whom each is, `told` how measures go. Who
    reads the log knows its levels, since the birth if he came after it, and who takes part.
    """
    child, who = log.child, word_for(work, log.child)
    written: list[EntryRow | ReportRow] = [*entries, *told]
    return LogDocument(
        kommune=work.profile.kommune,
        marking=MARKING,
        marking_basis=work.profile.marking_basis,
        name=work.profile.log_name.capitalize(),
        child=child.name,
        born=f"Født {child.birth_year}" if child.birth_year else "Ikke født ennå",
        facts=tuple(stands(work, log)),
        people=tuple(_people(work, log)),
        steps=tuple(steps(work, child, since, partial(_more, work, child))),
        entries=tuple(
            _reported(one) if isinstance(one, ReportRow) else _written(one, names, who)
            for one in sorted(written, key=lambda one: (one.written_at, one.id))
        ),
        printed_at=f"{full_day(work.today)} kl. {clock(work.now)}",
        printed_by=printed_by,
        language=child.language,
        reads=children.family_of(work, child),
    )


def stands(work: Work, log: LogSummary) -> Iterator[Fact]:
    """Give what the front of a document says of a log."""
    if said := speaks(log.child.language, interpreter=log.child.interpreter):
        yield Fact("Språk", said)
    if log.level is not None:
        rules = work.profile.level(log.level)
        yield Fact("Nivå", f"{rules.number}: {rules.label}")
    if log.needs_holder:
        how = reached("", log.reached)
        who = f"{log.acting_name} ({how})" if how else log.acting_name
        acting = f" {who} tar seg av det så lenge." if log.acting_name else ""
        yield Fact("Stafettholder", f"Det trengs en ny.{acting}")
    elif log.holder_name:
        role = "Stafettholder" if log.closed_at is None else "Hadde stafettpinnen"
        yield Fact(role, reached(titled(log.holder_name, log.holder_title), log.reached))
    coordinator = team.coordinator(work.session, log.child_id, work.today)
    if coordinator is not None:
        yield Fact(coordinator.kind.capitalize(), reached(coordinator.name, coordinator))
    if log.closed_at is not None:
        yield Fact("Avsluttet", when(log.closed_at, log.closing_decided_on))
    elif log.next_evaluation_on is not None:
        yield Fact("Neste evaluering", full_day(log.next_evaluation_on))


def titled(name: str, title: str | None) -> str:
    """Return a name with what the person is."""
    return f"{name} ({title})" if title else name


def reached(name: str, how: Reached | AppointmentRow) -> str:
    """Return a name with how one reaches the person at work, as far as it is said."""
    return ", ".join(filter(None, (name, how.phone, how.email)))


def _people(work: Work, log: LogSummary) -> Iterator[Person]:
    """Give the family and all others who take part, as the page of the people does."""
    if not is_of_age(log.child.birth_date, work.today):
        for one in children.guardians_now(work.session, log.child_id):
            if not one.blocked:
                yield Person(one.name, one.relation.capitalize(), "")
    if log.closed_at is None:
        yield from people(work, log)


def people(work: Work, log: LogSummary) -> Iterator[Person]:
    """Give who takes part in a log: its holder, who coordinates, and its members, each once.

    Where they work tells where the child is, and is left out when that is protected.
    """
    seen: set[str | None] = set()
    shut = hides_places(log.child.address_protection)
    if log.holder_name and not log.needs_holder:
        seen.add(log.holder_username)
        there = staff.service_of(work.session, log.holder_id) if log.holder_id else None
        service = staff.service_names(work.session, [there])[there] if there and not shut else ""
        yield Person(log.holder_name, titled("Stafettholder", log.holder_title), service)
    one = team.coordinator(work.session, log.child_id, work.today)
    if one is not None and one.username not in seen:
        seen.add(one.username)
        service = "" if shut else one.service or ""
        yield Person(one.name, titled(one.kind.capitalize(), one.title), service)
    for member in logs.members(work.session, log.child, work.today):
        if member.username not in seen:
            yield Person(member.name, member.title, member.service)


def steps(
    work: Work,
    child: ChildSummary,
    since: datetime | None,
    more: Callable[[LevelRow], Iterable[str]] = lambda _: (),
) -> list[Step]:
    """Return how a child's logs have moved and ended, after a UTC moment if any, oldest first.

    `more`: what else is said of a step; nothing where it is handed on.
    """
    asked = (work.session, child.id, since)
    levels, ends = logs.levels(*asked), logs.closings(*asked)
    who = word_for(work, child)
    dated = [(one.changed_at, _step(work, one, more(one), who)) for one in levels]
    dated += [(one.closed_at, _end(child, one, who)) for one in ends]
    return [step for _, step in sorted(dated, key=itemgetter(0))]


def _end(child: ChildSummary, one: ClosingRow, who: str) -> Step:
    voice = one.voice or {}
    said, how = _view(voice.get("how"), voice.get("text"), who)
    decided = child.first_name if is_of_age(child.birth_date, one.on) else "Familien"
    return Step(
        *_days(one.closed_at, one.decided_on),
        level="Avsluttet",
        reason="\n".join(filter(None, (how_ended(one.outcome, decided), one.reason))),
        voice=said,
        how=how,
        more=(f"{beside(child.birth_date, one.on)} sier: {one.family_view}",)
        if one.family_view
        else (),
        by=one.by,
        who=who,
    )


def _days(registered_at: datetime, decided_on: date | None) -> tuple[str, str]:
    """Return the day of something, and when it was registered if that was another."""
    registered = full_day(oslo_date(registered_at))
    return (full_day(decided_on), f"Registrert {registered}") if decided_on else (registered, "")


def _view(how: str | None, text: str | None, who: str) -> tuple[str, str]:
    """Return what the child says, and how that is known; why nobody knows is not its own word."""
    if how is None:
        return text or "", ""
    if how == VoiceHow.NOT_OBTAINED:
        return "", f"{unheard(who)}. {text or ''}".rstrip()
    return (
        (text, HEARD[how])
        if text
        else ("", f"{who}s mening: {HEARD[how][0].lower()}{HEARD[how][1:]}")
    )


def _step(work: Work, step: LevelRow, more: Iterable[str], who: str) -> Step:
    level = work.profile.level(step.to_level)
    said, how = _view(step.voice_how, step.voice_text, who)
    return Step(
        *_days(step.changed_at, step.decided_on),
        level=f"{level.number}: {level.label}" + (" (som før)" if step.stays else ""),
        reason=step.reason or "",
        voice=said,
        how=how,
        more=tuple(more),
        by=step.by,
        who=who,
    )


def _more(work: Work, child: ChildSummary, step: LevelRow) -> Iterator[str]:
    if step.participants:
        yield f"Med på beslutningen: {step.participants}"
    if step.parents_agree is not None and not is_of_age(child.birth_date, step.on):
        yield "Foresatte er enige." if step.parents_agree else "Foresatte er ikke enige."
    if step.ip_answer:
        who = children.decider_of(work, child, step.on)
        yield f"{ip_words(step.ip_answer, who)} {step.ip_reason or ''}".rstrip()
    if step.next_evaluation_on:
        yield f"Neste evaluering: {full_day(step.next_evaluation_on)}."


def _written(entry: EntryRow, names: Mapping[UUID, Names], who: str) -> Written:
    day = oslo_date(entry.written_at)
    narrow = entry.visibility != "everyone" or bool(entry.audience and names[entry.id].hidden_from)
    corrected = f"Rettet {full_day(oslo_date(entry.corrected_at))}: {entry.reason}"
    return Written(
        month=f"{MONTHS[day.month - 1]} {day.year}".capitalize(),
        when=f"{full_day(day)} kl. {clock(entry.written_at)}",
        who=titled(entry.author_name, entry.author_title),
        kind=KINDS[entry.kind].format(who=who),
        measure="",
        text=entry.text,
        own_words=entry.kind == "child_voice",
        corrected=corrected if entry.corrected else "",
        limited="Ikke for alle i loggen" if narrow else "",
    )


def _reported(one: ReportRow) -> Written:
    day = oslo_date(one.written_at)
    return Written(
        month=f"{MONTHS[day.month - 1]} {day.year}".capitalize(),
        when=f"{full_day(day)} kl. {clock(one.written_at)}",
        who=titled(one.by, one.title),
        kind=f"Tiltak: {WORDS['done'][one.done].lower()}",
        measure=one.what,
        text=one.text,
        own_words=False,
        corrected="",
        limited="Ikke for alle i loggen" if one.ip or one.audiences else "",
    )
