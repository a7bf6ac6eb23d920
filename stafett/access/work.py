"""What every command works with: one person, one transaction, one moment, one kommune's rules."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

from sqlalchemy.orm import Session

from stafett.access.policy import Actor
from stafett.dates import oslo_date
from stafett.profile.model import Profile


@dataclass(frozen=True)
class Work:
    """One person's work in one transaction; `now` is a UTC moment, never read again below.

    `on_behalf_of`: in whose place he works, when he could not otherwise.
    """

    session: Session
    actor: Actor
    now: datetime
    profile: Profile
    on_behalf_of: UUID | None = None

    @cached_property
    def today(self) -> date:
        """The local date (Europe/Oslo) of the work."""
        return oslo_date(self.now)
