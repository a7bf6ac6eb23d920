"""The log, a concern and a log on paper as state machines: every event in every state."""

from dataclasses import fields
from datetime import timedelta

import pytest

from stafett.access.policy import Purpose, Relation
from stafett.audience.rules import Limits
from stafett.children.rules import VoiceHow
from stafett.consents import commands as consents
from stafett.entries import commands as entries
from stafett.entries.rules import Kind
from stafett.stafettlogg import baton, commands, level_zero, membership, queries
from stafett.stafettlogg.baton import Force, Offer
from stafett.stafettlogg.commands import ChangeLevel, Close, IpAssessment, NotePaper, Open, Voice
from stafett.stafettlogg.level_zero import CorrectConcern, Decide, NewConcern, Talk, WriteConcern
from stafett.stafettlogg.membership import Invite
from stafett.stafettlogg.models import Concern
from stafett.stafettlogg.rules import ConcernDecision, IpAnswer, Level, Outcome, PaperKind
from tests.states import tried

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
        membership.invite(work, self.child, Invite("bup", writes=False, until=work.today))

    def offer(self, work):
        baton.offer(work, self.child, Offer("helsesykepleier"))

    def answer(self, work, how):
        log = queries.last_log(work.session, self.child)
        pending = log and queries.pending(work.session, log.id)
        if not pending:
            return "no offer"
        how(work, pending.id)
        return None

    def force(self, work):
        baton.force(work, self.child, Force("ppt", "Sykdom."))

    def close(self, work):
        note = Close(Outcome.GOALS_REACHED, "Nådd.", "Fornøyd.", VOICE, self.seen(work))
        commands.close(work, self.child, note)

    def withdraw(self, work):
        services = [self.town.services[one] for one in ("skole", "ppt", "bup", "helse")]
        consents.withdraw_services(work, self.child, Purpose.STAFETTLOGG, services)

    def happen(self, event):
        """Return what comes of an event: the new state, `same`, or the obstacles."""
        answers = {
            "accept": baton.accept,
            "refuse": lambda work, which: baton.refuse(work, which, "Nei."),
            "cancel": baton.cancel,
        }

        def occur(work):
            if event in answers:
                return self.answer(work, answers[event])
            if event in LEVELS:
                return self.level(work, LEVELS[event])
            return getattr(self, event)(work)

        return tried(self.town, "laerer", occur, self.state)


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


class Note:
    """A concern of the teacher's about a child who has no log yet, and what may happen to it."""

    def __init__(self, town):
        self.town, self.child = town, town.family("Ny Demo")[0]
        self.consent = town.agree(self.child, "skole")
        with town.work("laerer") as work:
            said = WriteConcern("Sitter alene.", 3)
            self.id = level_zero.write_concern(work, self.child, NewConcern(said)).id

    def state(self, work):
        concern = self.there(work)
        log = queries.last_log(work.session, self.child)
        said = ["waits" if concern.decision is None else "answered"]
        said += ["told"] if concern.parents_talk_on or concern.parents_not_asked else []
        return ", ".join([*said, "shared"] if log and log.concern_id == self.id else said)

    def there(self, work):
        return work.session.get_one(Concern, self.id)

    def correct(self, work):
        concern = self.there(work)
        stood = {field.name: getattr(concern, field.name) for field in fields(WriteConcern)}
        said = WriteConcern(**stood | {"observed": "Sitter ofte alene."})
        level_zero.correct_concern(work, concern, CorrectConcern(said, concern.version))

    def add(self, work):
        level_zero.add_to_concern(work, self.there(work), "Fortsatt slik.")

    def tell(self, work):
        level_zero.tell_talk(work, self.there(work), Talk(on=work.today))

    def answer(self, work):
        wish = Decide(ConcernDecision.OWN_SERVICE, "Følg med.")
        level_zero.decide_concern(work, self.there(work), wish)

    def share(self, work):
        entries.open_log(work, self.child, Open(Level.ONE, self.consent, concern_id=self.id))


NOTES = {
    "waits": ["waits", "concern-not-decided", "waits, told", "answered", "waits, shared"],
    "waits, told": [
        *("waits, told", "concern-not-decided", "conflict", "answered, told"),
        "waits, told, shared",
    ],
    "answered": ["concern-decided", "answered", "answered, told", "conflict", "answered, shared"],
    "answered, told": [
        *("concern-decided", "answered, told", "conflict", "conflict"),
        "answered, told, shared",
    ],
    "answered, shared": [
        *("concern-decided", "answered, shared", "answered, told, shared", "conflict"),
        "log-open-already",
    ],
}


@pytest.mark.parametrize("state", NOTES)
def test_every_event_of_a_concern(town, state):
    note = Note(town)
    for part, event in (("answered", note.answer), ("told", note.tell), ("shared", note.share)):
        if part in state:
            with town.work("laerer") as work:
                event(work)
    events = (note.correct, note.add, note.tell, note.answer, note.share)
    assert [tried(town, "laerer", one, note.state) for one in events] == NOTES[state]


class Folder(Machine):
    """One child's log that may be on paper, and what may happen to it."""

    def state(self, work):
        log = queries.summary(work.session, self.child, work.today)
        if log.state != "open":
            return str(log.state)
        return "on paper" if log.paper_place else "here"

    def put(self, work):
        commands.keep_on_paper(work, self.child, "Perm 3")

    def take(self, work):
        commands.keep_here(work, self.child)

    def note(self, work):
        commands.note_paper(work, self.child, NotePaper(PaperKind.MEETING, work.today))

    def decide(self, work):
        seen = self.seen(work)
        wish = ChangeLevel(
            *(Level.TWO, "Fordi.", VOICE),
            parents_agree=True,
            seen_version=seen,
            decided_on=work.today,
        )
        commands.change_level(work, self.child, wish, offers=True)

    def end(self, work):
        wish = Close(Outcome.OTHER, "Nok.", "Fint.", VOICE, self.seen(work), decided_on=work.today)
        commands.close(work, self.child, wish)

    def write(self, work):
        log = queries.summary(work.session, self.child, work.today)
        entries.write(work, log, entries.Write(Kind.NOTE, "Hei.", Limits()), [Relation.SH])


NOT_HERE, NOT_PAPER = "log-on-paper", "log-not-on-paper"
FOLDERS = {
    "none": ["log-missing"] * 6,
    "here": ["on paper", NOT_PAPER, NOT_PAPER, *["decided-not-on-paper"] * 2, "here"],
    "on paper": ["on paper", "paper-needs-consent", *["on paper"] * 2, "closed", NOT_HERE],
    "on paper, with a new consent": [
        *("on paper", "here", "on paper", "on paper", "closed"),
        NOT_HERE,
    ],
    "frozen, on paper": [
        *("frozen", "paper-needs-consent", "frozen"),
        *("consent-missing too-few-services", "closed", "log-frozen"),
    ],
    "closed, on paper": ["log-closed"] * 6,
}


@pytest.mark.parametrize("state", FOLDERS)
def test_every_event_of_a_log_on_paper(town, state):
    folder = Folder(town)
    folder.to("none" if state == "none" else "at level 1")
    happened = {"paper": folder.put, "frozen": folder.withdraw, "closed": folder.close}
    for event in (event for part, event in happened.items() if part in state):
        with town.work("laerer") as work:
            event(work)
    if "new consent" in state:
        later = town.in_another(town.database, town.app, town.now + timedelta(seconds=1))
        later.agree(folder.child, "skole", "ppt", "bup", "helse")
    events = (folder.put, folder.take, folder.note, folder.decide, folder.end, folder.write)
    assert [tried(town, "laerer", one, folder.state) for one in events] == FOLDERS[state]
