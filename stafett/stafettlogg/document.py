"""What the fields of a concern are called, and a concern as the document writer takes it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from exports.concern import ConcernDocument, Part
from exports.log import Fact
from stafett.access.work import Work
from stafett.children.queries import ChildSummary
from stafett.children.rules import capital, is_of_age, speaks
from stafett.dates import clock, full_day, oslo_date
from stafett.profile.model import Profile
from stafett.stafettlogg.models import Concern, ConcernChange
from stafett.stafettlogg.rules import VIOLENCE

MARKING = "Unntatt offentlighet"
WORRIES = {
    1: "Jeg undrer meg litt",
    2: "Litt bekymret",
    3: "Bekymret",
    4: "Ganske bekymret",
    5: "Svært bekymret",
}
"""What the grades of worry are called."""
IP_ANSWERS: Mapping[str, str] = {
    "wanted": "{who} ønsker individuell plan eller koordinator.",
    "not_now": "Individuell plan er vurdert, og trengs ikke nå.",
    "declined": "{who} har fått tilbud om individuell plan, og takket nei. "
    "Retten til koordinator gjelder fortsatt.",
}
"""What was said of an individuell plan, and by whom, as `ip_words` says it."""
WORDS: Mapping[str, Mapping[str, str]] = {
    "arena": {
        "home": "Hjemme",
        "kindergarten": "I barnehagen",
        "school": "På skolen",
        "leisure": "I fritida",
        "health": "Hos helsetjenesten",
        "other": "Et annet sted",
    },
    "frequency": {
        "once": "Det skjedde én gang",
        "weekly": "Hver uke",
        "daily": "Hver dag",
        "other": "Noe annet",
    },
    "earlier_concern": {"yes": "Ja", "no": "Nei", "unknown": "Vet ikke"},
    "parents_not_asked": {
        VIOLENCE: "Mistanke om vold eller overgrep",
        "urgent": "Det hastet",
        "other": "Noe annet",
    },
}
"""What the codes of a concern are called, by field; a form offers them in this order.

Why the parents were not talked with: suspicion of violence leads out of the log.
"""
TEXTS = {
    "context": "Når det skjer",
    "child_said": "Barnet sier og gjør",
    "strengths": "Dette går bra",
    "tried_so_far": "Dette er prøvd",
    "risk_factors": "Dette gjør det vanskeligere",
    "protective_factors": "Dette hjelper barnet",
    "child_talk": "Samtalen med barnet",
    "parents_talk": "Samtalen med foresatte",
}
"""The longer texts after what was seen, in their order."""
FACTS = {
    "arena": "Hvor",
    "frequency": "Hvor ofte",
    "earlier_concern": "Bekymring før",
    "parents_not_asked": "Foresatte vet det ikke",
    "duration": "Hvor lenge",
    "people_present": "Til stede",
    "first_noticed_on": "Først lagt merke til",
    "discussed_with_leader_on": "Snakket med lederen",
    "child_talk_on": "Snakket med barnet",
    "parents_talk_on": "Snakket med foresatte",
}
"""What is said in a word or a date, in its order."""
PAPER = {
    "begun": "Loggen føres på papir",
    "consent": "Samtykket er sett",
    "meeting": "Møte",
    "child_heard": "Spurt om egen mening",
    "measures": "Tiltak er avtalt",
    "evaluation": "Evaluering",
    "ended": "Loggen føres her igjen",
}
"""What the days of a log on paper are called."""
DECISIONS = {
    "own_service": "Tjenesten følger opp selv",
    "more_services": "Flere tjenester skal være med",
    "child_welfare": "Barnevernet skal kontaktes",
    "close": "Bekymringen er avsluttet",
}
"""What the leader's decisions are called."""


def ip_words(answer: str, who: str) -> str:
    """Return what was said of an individuell plan; `who` wants it or not, as «familien»."""
    return IP_ANSWERS[answer].format(who=capital(who))


def when(registered_at: datetime, decided_on: date | None) -> str:
    """Return the day on which something of a log was registered, and decided if that was before."""
    day = full_day(oslo_date(registered_at))
    return day if decided_on is None else f"Besluttet {full_day(decided_on)}, registrert {day}"


def told(name: str, value: Any, profile: Profile) -> str:
    """Return what a field of a concern says, or said, as people read it."""
    match value:
        case None | "" | []:
            return "Ikke fylt ut"
        case bool():
            return "Ja" if value else "Nei"
        case list():
            labels = {area.code: area.label for area in profile.development_areas}
            return "; ".join(str(labels.get(code, code)) for code in value)
        case int():
            return WORRIES[value]
    if name.endswith("_on"):
        return full_day(value if isinstance(value, date) else date.fromisoformat(value))
    return WORDS.get(name, {}).get(value, str(value))


def texts(concern: Concern, child: ChildSummary) -> dict[str, str]:
    """Return what the longer texts of a concern are called, by field."""
    return {name: _of_whom(called, concern, child) for name, called in TEXTS.items()}


def _of_whom(called: str, concern: Concern, child: ChildSummary) -> str:
    """Return what is called after the parents; who was of age was told himself."""
    if not is_of_age(child.birth_date, concern.parents_talk_on or oslo_date(concern.written_at)):
        return called
    return called.replace("foresatte", child.first_name).replace("Foresatte", child.first_name)


def short(concern: Concern, child: ChildSummary, profile: Profile) -> Iterator[tuple[str, str]]:
    """List what a concern says in a word or a date, with what each is called."""
    for name, called in FACTS.items():
        if value := getattr(concern, name):
            yield _of_whom(called, concern, child), told(name, value, profile)
    if concern.areas:
        yield "Gjelder", told("areas", concern.areas, profile)


def facts(
    work: Work,
    concern: Concern,
    child: ChildSummary,
    names: Mapping[UUID, str],
    changes: Sequence[ConcernChange],
    printed_by: str,
) -> ConcernDocument:
    """Return what a concern says; `names` are those of its author and of who decided.

    `changes` are those of the concern, the newest first.
    """
    corrected = next((one for one in changes if one.was), None)
    added = [one for one in changes if one.added]
    written = f"{names[concern.written_by]}, {full_day(oslo_date(concern.written_at))}"
    said = speaks(child.language, interpreter=child.interpreter)
    worry = f"{WORRIES[concern.worry]} ({concern.worry} av 5)"
    return ConcernDocument(
        kommune=work.profile.kommune,
        marking=MARKING,
        marking_basis=work.profile.marking_basis,
        child=child.name,
        born=f"Født {child.birth_year}" if child.birth_year else "Ikke født ennå",
        facts=(
            Fact("Skrevet av", written),
            *([Fact("Rettet", full_day(oslo_date(corrected.written_at)))] if corrected else []),
            Fact("Hvor bekymret", worry),
            *(Fact(*one) for one in short(concern, child, work.profile)),
            *([Fact("Språk", said)] if said else []),
        ),
        parts=(
            *_parts(concern, child, names),
            *(
                Part("Tillegg", one.added or "", full_day(oslo_date(one.written_at)))
                for one in reversed(added)
            ),
        ),
        printed_at=f"{full_day(work.today)} kl. {clock(work.now)}",
        printed_by=printed_by,
        language=child.language,
    )


def _parts(concern: Concern, child: ChildSummary, names: Mapping[UUID, str]) -> Iterator[Part]:
    yield Part("Sett og hørt", concern.observed)
    for name, called in texts(concern, child).items():
        if text := getattr(concern, name):
            yield Part(called, text)
    if concern.decision and concern.decided_by and concern.decided_at:
        by = f"{names[concern.decided_by]}, {full_day(oslo_date(concern.decided_at))}"
        yield Part(DECISIONS[concern.decision], concern.decision_reason or "", by)
