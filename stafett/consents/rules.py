"""When a consent is valid, and whose yes it needs; pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from stafett.access.policy import EVERYTHING, Area, Purpose
from stafett.children import rules as children
from stafett.children.rules import OF_AGE, VoiceHow
from stafett.profile.model import ONE_IS_ENOUGH as CASES

CHILD = "child"
"""Stands for the child itself among those who give a consent."""


class ConsentState(StrEnum):
    """Where a consent stands on a day."""

    WAITING = "waiting"
    ACTIVE = "active"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Method(StrEnum):
    """How somebody said yes."""

    DIGITAL = "digital"
    SIGNED = "signed"
    ORAL = "oral"


PURPOSES: Mapping[Purpose, str] = {
    Purpose.STAFETTLOGG: "Stafettlogg",
    Purpose.PLAN: "Individuell plan",
    Purpose.COORDINATOR: "Koordinator",
    Purpose.COLLECT: "Hente opplysninger",
    Purpose.APPLICATION: "Søknad",
}
"""What each purpose is called."""
SEES: Mapping[Purpose, str] = {
    Purpose.STAFETTLOGG: (
        "De som er invitert fra tjenestene, ser nivået, hvem som er med, hvem som har "
        "stafettpinnen, og sine egne oppgaver og tiltak. De ser også det som er skrevet til alle "
        "i loggen, og tiltaksplanen, når det ikke står noe annet ved tjenesten."
    ),
    Purpose.PLAN: (
        "De som er med i ansvarsgruppa fra tjenestene, ser planen og det gruppa er enige om."
    ),
    Purpose.COORDINATOR: (
        "Tjenestene får vite at en koordinator er ønsket, og hva hjelpen gjelder. De får ikke "
        "se stafettloggen eller planen."
    ),
    Purpose.COLLECT: (
        "Tjenestene kan gi opplysninger om barnet. De får ikke se stafettloggen eller planen."
    ),
    Purpose.APPLICATION: (
        "Opplysningene brukes bare i denne ene søknaden. Tjenestene får ikke se stafettloggen "
        "eller planen."
    ),
}
"""What each purpose lets the services see; the pages and the words that are kept say the same."""

LEFT_OUT: Mapping[frozenset[Area], str] = {
    frozenset(): "loggen og tiltaksplanen",
    frozenset({Area.LOG}): "tiltaksplanen, men ikke loggen",
    frozenset({Area.PLAN}): "loggen, men ikke tiltaksplanen",
    frozenset({Area.LOG, Area.PLAN}): "bare egne oppgaver og tiltak, ikke loggen eller planen",
}
"""What a service sees in the stafettlogg when the family leaves some areas out."""


class Basis(StrEnum):
    """Why the yes of those who were asked is enough."""

    ALL = "all"
    SOLE = "sole"
    PREGNANT = "pregnant"
    YOUTH = "youth"
    STAND_IN = "stand_in"
    DAILY_CARE = "daily_care"
    PREVENT_HARM = "prevent_harm"


BECAUSE: Mapping[Basis, str] = {
    Basis.ALL: "Alle som har foreldreansvar, må si ja.",
    Basis.SOLE: "Det er bare én med foreldreansvar å spørre, så ett ja er nok.",
    Basis.PREGNANT: "Den gravide bestemmer alene til barnet er født.",
    Basis.YOUTH: "Ungdommen er gammel nok til å bestemme selv.",
    Basis.STAND_IN: "Noen er satt til å bestemme dette i stedet for foreldrene.",
    Basis.DAILY_CARE: (
        "Det gjelder den daglige omsorgen. Da er det nok at én med foreldreansvar sier ja."
    ),
    Basis.PREVENT_HARM: (
        "Helsepersonell mener at barnet kan ta skade uten dette. Da er det nok at én med "
        "foreldreansvar sier ja."
    ),
}
"""The same in words, for the page and the receipt."""
ONE_IS_ENOUGH = frozenset(map(Basis, CASES))
"""The cases in which one of several with parental responsibility is enough (pbrl § 4-4, third
paragraph); a kommune says which of them count there, and who registers says why."""


@dataclass(frozen=True)
class Family:
    """Whose yes may be asked for: those with parental responsibility, and the child's age.

    `age` is in whole years, None before birth; `pregnant` is the pregnant person, if any.
    `mandates`: what those who stand in for the parents say yes to.
    """

    responsible: frozenset[UUID]
    age: int | None
    consent_age: int
    pregnant: UUID | None = None
    mandates: Mapping[UUID, frozenset[Purpose]] = field(default_factory=dict)

    def needed(self, purpose: Purpose) -> frozenset[UUID | str]:
        """Return everybody who must have said yes.

        The pregnant person alone before birth; from the consent age the youth alone; whoever
        stands in for the parents in this; otherwise all who hold parental responsibility
        (Helsedirektoratet on pbrl § 4-4).
        """
        if self.age is None:
            return frozenset({self.pregnant} if self.pregnant else ())
        if self.age >= self.consent_age:
            return frozenset({CHILD})
        return self._stand_ins(purpose) or self.responsible

    def basis(self, purpose: Purpose) -> Basis:
        """Return why those are enough."""
        if self.age is None:
            return Basis.PREGNANT
        if self.age >= self.consent_age:
            return Basis.YOUTH
        if self._stand_ins(purpose):
            return Basis.STAND_IN
        return Basis.ALL if len(self.responsible) > 1 else Basis.SOLE

    def may_stop(self, purpose: Purpose) -> frozenset[UUID | str]:
        """Return everybody who alone may take a yes back; parents with another in their place not.

        While a youth decides alone its parents still may: it lets fewer people in. Before a birth
        it is the pregnant person's alone.
        """
        if self.age is None:
            return self.needed(purpose)
        return (self._stand_ins(purpose) or self.responsible) | (self.needed(purpose) & {CHILD})

    def _stand_ins(self, purpose: Purpose) -> frozenset[UUID]:
        born = self.age is not None
        return frozenset(who for who, may in self.mandates.items() if born and purpose in may)


def words(name: str, purpose: Purpose, services: Sequence[str], days: tuple[date, date]) -> str:
    """Return the whole of what is agreed to: why, who sees what, until when, and that it is free.

    `services` are lines, each with a service and what it sees (`line_of`).

    What must be told before somebody says yes: purpose, what is shared and with whom, that it is
    voluntary and may be withdrawn (Helsedirektoratet on samtykke; personvernforordningen art. 7).
    """
    since, until = (f"{day.day}.{day.month}.{day.year}" for day in days)
    listed = "\n".join(f"- {service}" for service in services)
    return (
        f"Samtykke: {PURPOSES[purpose]} for {name}\n\n"
        f"Jeg sier ja til at disse tjenestene samarbeider om {name}:\n{listed}\n\n"
        f"{SEES[purpose]}\n\n"
        f"Samtykket gjelder fra {since} til og med {until}.\n\n"
        "Det er frivillig. Jeg kan trekke det tilbake når som helst, for én tjeneste eller alle, "
        "uten å si hvorfor. Da mister tjenesten tilgangen med en gang. Det som alt er skrevet, "
        "blir ikke slettet."
    )


def left_out(purpose: str, areas: str) -> frozenset[Area]:
    """Return the areas that a service may not see; only in the stafettlogg is there a choice."""
    chosen = frozenset(map(Area, areas.split()))
    return EVERYTHING - chosen if purpose == Purpose.STAFETTLOGG else frozenset()


def line_of(service: str, purpose: str, areas: str) -> str:
    """Return a service as the words of a consent name it, with what it sees."""
    if purpose != Purpose.STAFETTLOGG:
        return service
    return f"{service}: ser {LEFT_OUT[left_out(purpose, areas)]}"


@dataclass(frozen=True)
class Heard:
    """How the child was heard before the consent, and what it said.

    `private`: it asked that its guardians should not be told what (pbrl § 3-4, second paragraph).
    """

    how: VoiceHow
    text: str | None = None
    private: bool = False


def hearing_problems(
    family: Family, purpose: Purpose, heard: Heard | None, age: int | None, participation_age: int
) -> dict[str, list[str]]:
    """List what is wrong in how a child was heard, by field; `age` on the day of the consent.

    From the participation age on it is always said, also that the child was not heard, and why;
    from then on it may ask for its words to be kept from its guardians. Who decides for itself
    has been heard by saying yes.
    """
    grown = age is not None and age >= participation_age
    if heard is None:
        asked = grown and CHILD not in family.needed(purpose)
        return {"child_voice": ["child-voice-missing"]} if asked else {}
    of_age = age is not None and age >= OF_AGE
    found = children.hearing_problems(heard.how, heard.text, of_age=of_age)
    problems = {f"child_voice.{name}": codes for name, codes in found.items()}
    if age is None:
        problems["child_voice.how"] = ["child-not-born"]
    if heard.private and not grown:
        problems["child_voice.private"] = ["too-young-for-private"]
    return problems


def obstacles_to_registering(
    family: Family, purpose: Purpose, given_on: date, expires_on: date, today: date
) -> list[str]:
    """List every reason why a consent with these local dates cannot be registered."""
    obstacles = []
    if not family.needed(purpose):
        obstacles.append("guardian-missing")
    if given_on > today:
        obstacles.append("consent-in-future")
    if expires_on < max(given_on, today):
        obstacles.append("consent-already-expired")
    return obstacles


def missing(
    family: Family, purpose: Purpose, given_by: Collection[UUID | str], *, one_is_enough: bool
) -> frozenset[UUID | str]:
    """Return whose yes is still needed; empty means that the consent is valid.

    `one_is_enough`: of those whose yes is needed, whoever says it first.
    """
    needed = family.needed(purpose)
    if one_is_enough and needed & frozenset(given_by):
        return frozenset()
    return needed - frozenset(given_by)


def case_problems(
    family: Family, purpose: Purpose, case: Basis | None, why: str | None, cases: Collection[str]
) -> dict[str, list[str]]:
    """List what is wrong when one of several is said to be enough; `cases` are the kommune's."""
    if case is None:
        return {}
    if case not in cases or family.basis(purpose) is not Basis.ALL:
        return {"one_is_enough": ["one-is-not-enough"]}
    return {} if why else {"one_reason": ["one-reason-missing"]}


def state_on(  # the four facts of a consent's row
    today: date, expires_on: date, *, active: bool, withdrawn: bool, services_left: bool
) -> ConsentState:
    """Say where a consent stands; one whose services a newer one has taken over has expired."""
    if withdrawn:
        return ConsentState.WITHDRAWN
    if expires_on < today or not services_left:
        return ConsentState.EXPIRED
    return ConsentState.ACTIVE if active else ConsentState.WAITING
