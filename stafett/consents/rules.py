"""When a consent is valid, and whose yes it needs; pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from stafett.access.policy import EVERYTHING, Area, Purpose

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
        "Tjenestene får vite at familien ønsker en koordinator, og hva hjelpen gjelder. De får "
        "ikke se stafettloggen eller planen."
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


@dataclass(frozen=True)
class Family:
    """Whose yes may be asked for: those with parental responsibility, and the child's age.

    `age` is in whole years, None before birth; `pregnant` is the pregnant person, if any.
    """

    responsible: frozenset[UUID]
    age: int | None
    consent_age: int
    pregnant: UUID | None = None

    @property
    def needed(self) -> frozenset[UUID | str]:
        """Everybody who must have said yes.

        The pregnant person alone before birth; from the consent age the youth alone; otherwise
        all who hold parental responsibility (Helsedirektoratet on pbrl § 4-4).
        """
        if self.age is None:
            return frozenset({self.pregnant} if self.pregnant else ())
        if self.age >= self.consent_age:
            return frozenset({CHILD})
        return self.responsible


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


def obstacles_to_registering(
    family: Family, given_on: date, expires_on: date, today: date
) -> list[str]:
    """List every reason why a consent with these local dates cannot be registered."""
    obstacles = []
    if not family.needed:
        obstacles.append("guardian-missing")
    if given_on > today:
        obstacles.append("consent-in-future")
    if expires_on < max(given_on, today):
        obstacles.append("consent-already-expired")
    return obstacles


def missing(family: Family, given_by: Collection[UUID | str]) -> frozenset[UUID | str]:
    """Return whose yes is still needed; empty means that the consent is valid."""
    return family.needed - frozenset(given_by)


def state_on(  # the four facts of a consent's row
    today: date, expires_on: date, *, active: bool, withdrawn: bool, services_left: bool
) -> ConsentState:
    """Say where a consent stands; one whose services a newer one has taken over has expired."""
    if withdrawn:
        return ConsentState.WITHDRAWN
    if expires_on < today or not services_left:
        return ConsentState.EXPIRED
    return ConsentState.ACTIVE if active else ConsentState.WAITING
