"""The jobs that nobody asks for: seals the logs, and lets rows go when their time is past."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from stafett.audit import anchor, seal
from stafett.audit.seal import Link
from stafett.db import Database
from stafett.profile.model import Profile
from stafett.settings import Settings

EVERY = 15 * 60
"""Seconds from one round to the next: so long could the newest rows be rewritten unseen."""
STILL_OPEN = timedelta(seconds=60)
"""No transaction lives longer, so rows older than this are all there."""


class AnchorError(Exception):
    """The seals are kept, but could not be anchored outside the database; the next round tries."""


@dataclass(frozen=True, slots=True)
class Jobs:
    """What is done each round. `owner` may delete rows; None where only the tables' owner could."""

    database: Database
    owner: Database | None
    settings: Settings
    profile: Profile

    def round(self, now: datetime) -> None:
        """Do all that is due at a UTC moment.

        Raises:
            AnchorError: see there.

        """
        if self.owner is not None:
            seal.expire(self.owner, now, self.profile.log_years)
        self.seal(now, now - STILL_OPEN)

    def seal(self, now: datetime, until: datetime | None = None) -> list[Link]:
        """Seal what is not sealed, and anchor it; return the new links of the chain.

        Raises:
            AnchorError: see there.

        """
        made = seal.seal(self.database, now, until=until)
        try:
            self._anchor(made)
        except OSError as problem:
            msg = f"Forseglingen er lagret, men ikke ankret utenfor databasen: {problem}"
            raise AnchorError(msg) from problem
        return made

    def _anchor(self, made: list[Link]) -> None:
        fresh = list(made)
        if self.settings.anchor_dir is not None:
            fresh = anchor.append(self.settings.anchor_dir, self._links)
        if self.settings.syslog is not None:
            anchor.send(self.settings.syslog, fresh)

    def _links(self, after: int) -> list[Link]:
        with self.database.reading() as session:
            return seal.links(session, after)
