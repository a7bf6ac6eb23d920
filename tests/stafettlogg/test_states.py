"""The log as a state machine: every event in every state, tried and taken back."""

from contextlib import suppress

import pytest

from stafett.access.policy import Purpose
from stafett.children.rules import VoiceHow
from stafett.consents import commands as consents
from stafett.errors import ConflictError, RuleBrokenError
from stafett.stafettlogg import commands, queries
from stafett.stafettlogg.commands import (
    ChangeLevel,
    Close,
    Force,
    Invite,
    IpAssessment,
    Offer,
    Open,
    Voice,
)
from stafett.stafettlogg.rules import IpAnswer, Level, Outcome

VOICE = Voice(VoiceHow.TALK_BEFORE, "«Jeg vil være med.»")
IP = IpAssessment(IpAnswer.NOT_NOW)
LEVELS = {"level 1": Level.ONE, "level 2": Level.TWO, "level 3": Level.THREE}
TO = {name: f"at {name}" for name in LEVELS}
ALIVE = {
    "open": "log-open-already",
    "reopen": "log-open-already",
    **TO,
    "invite": "same",
    "offer": "offered",
    "accept": "no offer",
    "refuse": "no offer",
    "cancel": "no offer",
    "force": "same",
    "close": "closed",
    "withdraw": "frozen",
}
MISSING = dict.fromkeys((*LEVELS, "invite", "offer", "force", "close"), "log-missing")
CLOSED = dict.fromkeys(MISSING, "log-closed")
NO_CONSENT = "service-not-covered"
TABLE = {
    "none": {
        **ALIVE,
        **MISSING,
        "open": "at level 2",
        "reopen": "log-missing",
        "withdraw": "none",
    },
    "at level 1": ALIVE | {"level 1": "same-level"},
    "at level 2": ALIVE | {"level 2": "same-level"},
    "at level 3": ALIVE | {"level 3": "same-level"},
    "offered": {
        **ALIVE,
        "level 1": "same-level",
        # The offer stands while the level changes.
        "level 2": "offered",
        "level 3": "offered",
        "invite": "offered",
        "offer": "handover-pending",
        "accept": "same",
        "refuse": "same",
        "cancel": "same",
    },
    "frozen": {
        **ALIVE,
        "open": "log-open-already consent-not-valid service-not-covered consent-missing"
        " too-few-services",
        "level 1": "same-level consent-missing too-few-services",
        "level 2": "consent-missing too-few-services",
        "level 3": "consent-missing too-few-services specialist-missing",
        "invite": NO_CONSENT,
        "offer": NO_CONSENT,
        "force": NO_CONSENT,
    },
    "closed": {
        **ALIVE,
        **CLOSED,
        "open": "log-must-be-reopened",
        "reopen": "consent-not-valid service-not-covered consent-missing too-few-services",
        "withdraw": "closed",
    },
    "closed, with a new consent": {
        **ALIVE,
        **CLOSED,
        "open": "log-must-be-reopened",
        "reopen": "at level 2",
        "withdraw": "closed",
    },
}
TABLE["frozen"]["reopen"] = TABLE["frozen"]["open"]
TABLE["frozen, with an offer"] = TABLE["frozen"] | {
    "offer": "handover-pending service-not-covered",
    "accept": NO_CONSENT,
    "refuse": "same",
    "cancel": "same",
}


class Machine:
    """One child's log, and what may happen to it; each event is rolled back when it is told."""

    def __init__(self, town):
        self.town, self.child = town, town.family("Ny Demo")[0]
        self.consent = town.agree(self.child, "skole", "ppt", "bup", "helse")

    def state(self, work):
        log = queries.summary(work.session, self.child, work.today)
        if log.state != "open":
            return str(log.state)
        return "offered" if log.handover_id else f"at level {log.level}"

    def to(self, name):
        """Bring the log to a state."""
        if name == "none":
            return
        level = Level(int(name[-1])) if name.startswith("at level") else Level.ONE
        with self.town.work("laerer") as work:
            commands.open_log(work, self.child, Open(level, self.consent, ip_assessment=IP))
        with self.town.work("laerer") as work:
            if "offer" in name:
                self.offer(work)
            if name.startswith("frozen"):
                self.withdraw(work)
            elif name.startswith("closed"):
                self.close(work)
        if name.endswith("new consent"):
            self.consent = self.town.agree(self.child, "skole", "ppt", "bup", "helse")

    def seen(self, work):
        log = queries.last_log(work.session, self.child)
        return log.version if log else 1

    def open(self, work):
        commands.open_log(work, self.child, Open(Level.TWO, self.consent))

    def reopen(self, work):
        commands.reopen(work, self.child, Open(Level.TWO, self.consent, reason="Igjen."))

    def level(self, work, to):
        seen = self.seen(work)
        wish = ChangeLevel(
            to, "Fordi.", VOICE, parents_agree=True, seen_version=seen, ip_assessment=IP
        )
        commands.change_level(work, self.child, wish, offers=True)

    def invite(self, work):
        commands.invite(work, self.child, Invite("bup", writes=False, until=work.today))

    def offer(self, work):
        commands.offer(work, self.child, Offer("helsesykepleier"))

    def answer(self, work, how):
        log = queries.last_log(work.session, self.child)
        pending = log and queries.pending(work.session, log.id)
        if not pending:
            return "no offer"
        how(work, pending.id)
        return None

    def force(self, work):
        commands.force(work, self.child, Force("ppt", "Sykdom."))

    def close(self, work):
        note = Close(Outcome.GOALS_REACHED, "Nådd.", "Fornøyd.", VOICE, self.seen(work))
        commands.close(work, self.child, note)

    def withdraw(self, work):
        services = [self.town.services[one] for one in ("skole", "ppt", "bup", "helse")]
        consents.withdraw_services(work, self.child, Purpose.STAFETTLOGG, services)

    def happen(self, event):
        """Return what comes of an event: the new state, `same`, or the obstacles."""
        answers = {
            "accept": commands.accept,
            "refuse": lambda work, which: commands.refuse(work, which, "Nei."),
            "cancel": commands.cancel,
        }

        class TakeBackError(Exception):
            pass

        told = None
        with suppress(TakeBackError), self.town.work("laerer") as work:
            try:
                if event in answers:
                    told = self.answer(work, answers[event])
                elif event in LEVELS:
                    self.level(work, LEVELS[event])
                else:
                    getattr(self, event)(work)
                work.session.flush()
                told = told or self.state(work)
            except RuleBrokenError as error:
                told = " ".join(error.obstacles)
            except ConflictError:
                told = "conflict"
            raise TakeBackError
        return told


@pytest.mark.parametrize("state", TABLE)
def test_every_event_in_every_state(town, state):
    machine = Machine(town)
    machine.to(state)
    with town.work("laerer") as work:
        before = machine.state(work)
    assert before == state.partition(",")[0]
    settled = "at level 1" if state == "offered" else before
    expected = {event: settled if told == "same" else told for event, told in TABLE[state].items()}
    assert {event: machine.happen(event) for event in expected} == expected
    with town.work("laerer") as work:
        assert machine.state(work) == before
