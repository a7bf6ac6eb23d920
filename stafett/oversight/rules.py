"""What a row of the register says in plain words; pure."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from stafett.access.policy import Relation
from stafett.dates import oslo_date
from stafett.insight.rules import BASES


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for in the log: parts of names, and local dates, both included."""

    person: str
    child: str
    from_on: date | None
    until_on: date | None

    @property
    def asks(self) -> bool:
        """Whether anything is looked for."""
        return bool(self.person or self.child or self.from_on or self.until_on)


@dataclass(frozen=True, slots=True)
class LogRow:
    """One look of anybody; `children` are names of those that it was about or that a list showed.

    `outcome` is empty for a request that was simply answered.
    """

    id: UUID
    at: datetime
    who: str
    service: str | None
    what: str
    basis: str
    outcome: str
    children: list[str]

    @property
    def day(self) -> date:
        """The local date (Europe/Oslo)."""
        return oslo_date(self.at)


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One person's access to one child on a day, from a local date to a local date.

    `leads` is the service whose leader it is, when it is nobody's by name. `consent` says whether
    the consent that it rests on held that day; None when it rests on none.
    """

    id: UUID
    child_id: UUID
    child: str
    who: str | None
    leads: str | None
    basis: str
    writes: bool
    from_on: date
    until_on: date | None
    consent: bool | None


def basis_of(relation: Relation) -> str:
    """Return why somebody had access; a block says that he had none."""
    return "er sperret ute" if relation is Relation.BLOCK else BASES[relation]
