"""The jobs that nobody asks for: seals, lets old rows go, finds looks, reminds, sends mail."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import SystemRandom

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from stafett.audit import anchor, seal
from stafett.audit.seal import Link
from stafett.dates import oslo_date
from stafett.db import Database, one_at_a_time
from stafett.mail import MailError, NoSuchAddressError, postman
from stafett.notices import commands as notices
from stafett.notices import queries
from stafett.notices.commands import Letter
from stafett.notices.rules import State
from stafett.people import commands as people
from stafett.plan import commands as plans
from stafett.profile.model import Profile
from stafett.protection import commands as protection
from stafett.review import commands as review
from stafett.settings import Settings
from stafett.stafettlogg import commands as stafettlogg
from stafett.stafettlogg import membership
from stafett.team import commands as team
from stafett.unsaved import commands as unsaved
from stafett.web import idempotency

EVERY = 15 * 60
"""Seconds from one round to the next: so long could the newest rows be rewritten unseen."""
STILL_OPEN = timedelta(seconds=60)
"""No transaction lives longer, so rows older than this are all there."""


class AnchorError(Exception):
    """The seals are kept, but could not be anchored outside the database; the next round tries."""


@dataclass(slots=True)
class Jobs:
    """What is done each round. `owner` may delete rows; None where only the tables' owner could.

    `day` is the local date (Oslo) when what is done once a day was last done by this process.
    """

    database: Database
    owner: Database | None
    settings: Settings
    profile: Profile
    day: date | None = None

    def round(self, now: datetime) -> None:
        """Do all that is due at a UTC moment; doing it twice does no harm.

        What fails stops nothing else, and the next round tries it again.

        Raises:
            ExceptionGroup: what failed.

        """
        failed: list[Exception] = []
        if self.day != oslo_date(now):
            failed += _do(now, self.let_go, self.review, self.remind, self.clear)
            if not failed:
                self.day = oslo_date(now)
        failed += _do(now, self.seal_settled, self.forget, self.tell, self.send)
        if failed:
            msg = "not all could be done"
            raise ExceptionGroup(msg, failed)

    def let_go(self, now: datetime) -> None:
        """Delete the rows of both logs that are past their time, where this process may.

        Raises:
            AnchorError: see there.

        """
        if self.owner is None:
            return
        gone = seal.expire(self.owner, now, self.profile.log_years)
        if gone is not None:
            self._anchor([gone])

    def seal_settled(self, now: datetime) -> None:
        """Seal the rows that no transaction can come before any more.

        Raises:
            AnchorError: see there.

        """
        self.seal(now, now - STILL_OPEN)

    def review(self, now: datetime) -> None:
        """Put looks that somebody should ask about up for review, and a random few of last month.

        The signs are found without stopping other writers; the draw, once a month, takes a turn,
        so that two workers do not draw twice.
        """
        with self.database.reading() as session:
            signs = review.find_signs(session, now, self.profile)
        with self.database.writing() as session:
            one_at_a_time(session, seal.CHAIN)
            drawn = review.draw_sample(session, now, SystemRandom().sample)
            review.put_up(session, [*signs, *drawn], now)

    def remind(self, now: datetime) -> None:
        """Tell of what ends or comes: memberships, appointments, protection, transitions, ages.

        It takes a turn, so that two workers tell once.
        """
        with self.database.writing() as session:
            one_at_a_time(session, seal.CHAIN)
            membership.remind(session, now, self.profile)
            team.remind(session, now, self.profile)
            stafettlogg.prepare_transitions(session, now, self.profile)
            stafettlogg.ask_the_grown(session, now, self.profile)
            protection.remind(session, now, self.profile)
            plans.remind(session, now, self.profile)

    def clear(self, now: datetime) -> None:
        """Delete what is past its time of who has logged in, and of mails that are done."""
        with self.database.writing() as session:
            people.forget(session, now)
            notices.forget(session, now)

    def forget(self, now: datetime) -> None:
        """Delete what was being written and never saved, and answers kept for a repeated request.

        Who wrote it has had seven days, who sent it again a day.
        """
        with self.database.writing() as session:
            unsaved.forget(session, now)
            idempotency.forget(session, now)

    def tell(self, now: datetime) -> None:
        """Put word for those who want it in the outbox; two workers at once tell once."""
        with self.database.reading() as session:
            people = list(queries.wants(session))
        for user_id in people:
            try:
                with self.database.writing() as session:
                    notices.tell(session, user_id, now, self.profile)
            except (StaleDataError, IntegrityError):
                continue  # the other worker was first

    def send(self, now: datetime) -> None:
        """Send what is due in the outbox; each mail is in one worker's hand, and none is lost.

        Raises:
            MailError: the server cannot be used now; the next round tries.

        """
        if self.settings.mail_url is None or not self._is_due(now):
            return
        with postman(self.settings.mail_url, self.settings.base_url) as sends:
            while (letter := self._claim(now)) is not None:
                state = State.SENT
                try:
                    sends.send(letter.id, letter.address, now)
                except NoSuchAddressError:
                    state = State.REFUSED
                except MailError:
                    state = State.WAITING
                with self.database.writing() as session:
                    notices.settle(session, letter, now, state)

    def _is_due(self, now: datetime) -> bool:
        with self.database.reading() as session:
            return queries.is_due(session, now)

    def _claim(self, now: datetime) -> Letter | None:
        with self.database.writing() as session:
            return notices.claim(session, now, self.profile)

    def seal(self, now: datetime, until: datetime | None = None) -> list[Link]:
        """Seal what is not sealed, and anchor it; return the new links.

        Raises:
            AnchorError: see there.

        """
        made = seal.seal(self.database, now, until=until)
        self._anchor(made)
        return made

    def _anchor(self, made: list[Link]) -> None:
        fresh = made
        try:
            if self.settings.anchor_dir is not None:
                fresh = anchor.append(self.settings.anchor_dir, self._links)
            if self.settings.syslog is not None:
                anchor.send(self.settings.syslog, fresh)
        except OSError as problem:
            msg = f"Forseglingen er lagret, men ikke ankret utenfor databasen: {problem}"
            raise AnchorError(msg) from problem

    def _links(self, after: int) -> list[Link]:
        with self.database.reading() as session:
            return seal.links(session, after)


def _do(now: datetime, *jobs: Callable[[datetime], None]) -> list[Exception]:
    """Do several jobs, whether or not one before has failed; return what went wrong."""
    failed: list[Exception] = []
    for job in jobs:
        try:
            job(now)
        except Exception as problem:  # noqa: BLE001 who asked for the round raises it
            failed.append(problem)
    return failed
