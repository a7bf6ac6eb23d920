"""A consent as a state machine: every event in every state, by whom it comes."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from stafett.access.policy import Purpose
from stafett.consents import commands, queries, rules
from stafett.consents.commands import AddYes, Record, Withdraw
from stafett.consents.models import Consent
from stafett.consents.rules import Method
from tests.states import tried
from tests.town import HEARD


class Paper:
    """A consent to the log of a child with two parents: mother's yes is there, and father's not."""

    def __init__(self, town):
        self.town = town
        self.child, self.mor, self.far = town.family("Ny Demo")
        with town.work("laerer") as work:
            self.id = self.record(work).id

    def record(self, work, **more):
        services = [self.town.services["skole"]]
        wish = Record(Purpose.STAFETTLOGG, services, [self.mor], Method.SIGNED, work.today, **more)
        return commands.record(work, self.child, wish)

    def there(self, work):
        return work.session.get_one(Consent, self.id)

    def state(self, work):
        found = self.there(work)
        left = any(one.ended_at is None for one in queries.services_of(work.session, self.id))
        return rules.state_on(
            *(work.today, found.expires_on),
            active=found.active_at is not None,
            withdrawn=found.withdrawn_at is not None,
            services_left=left,
        ).value

    def paper_yes(self, work):
        commands.add_yes(work, self.there(work), AddYes(self.far, Method.SIGNED, work.today))

    def paper_yes_again(self, work):
        commands.add_yes(work, self.there(work), AddYes(self.mor, Method.SIGNED, work.today))

    def yes(self, work):
        commands.reply(work, self.there(work), yes=True)

    def no(self, work):
        commands.reply(work, self.there(work), yes=False)

    def take_back(self, work):
        commands.withdraw(work, self.there(work), Withdraw(), by_family=True)

    def on_behalf(self, work):
        wish = Withdraw(on_behalf_of=self.far, how="Ringte.")
        commands.withdraw(work, self.there(work), wish, by_family=False)

    def replace(self, work):
        wish = Record(
            *(Purpose.STAFETTLOGG, [self.town.services["skole"]], [self.mor, self.far]),
            *(Method.SIGNED, work.today),
            heard=HEARD,
        )
        commands.record(work, self.child, wish)


EVENTS = (
    *(("paper_yes", "laerer"), ("paper_yes_again", "laerer"), ("yes", "far"), ("no", "far")),
    *(("yes", "mor"), ("no", "mor"), ("take_back", "mor"), ("on_behalf", "laerer")),
    *(("replace", "laerer"), ("yes", "ppt")),
)
GONE = "withdrawn"
TABLE = {
    "waiting": [
        *("active", "conflict", "active", GONE, "waiting", GONE, GONE, GONE, "expired", "denied"),
    ],
    "active": [
        *("conflict", "conflict", "active", GONE, "active", GONE, GONE, GONE, "expired", "denied"),
    ],
    "confirmed": [*["conflict"] * 6, GONE, GONE, "expired", "denied"],
    "expired": [*["conflict"] * 6, GONE, GONE, "expired", "denied"],
    "expired while it waited": [
        *["consent-already-expired"] * 2,
        *["conflict"] * 4,
        *(GONE, GONE, "expired", "denied"),
    ],
    "withdrawn": [*["conflict"] * 8, GONE, "denied"],
    "replaced": [*["conflict"] * 8, "expired", "denied"],
}
"""What comes of each event; whom a newer one has replaced is told as one that has run out."""


@pytest.mark.parametrize("state", TABLE)
def test_every_event_in_every_state(town, state):
    paper = Paper(town)
    events = {
        "active": [(paper.paper_yes, "laerer")],
        "confirmed": [(paper.paper_yes, "laerer"), (paper.yes, "mor"), (paper.yes, "far")],
        "expired": [(paper.paper_yes, "laerer")],
        "withdrawn": [(paper.take_back, "mor")],
        "replaced": [(paper.paper_yes, "laerer"), (paper.replace, "laerer")],
    }
    for event, who in events.get(state, []):
        with town.work(who) as work:
            event(work)
    now = town.now + timedelta(days=400) if state.startswith("expired") else town.now
    found = [tried(town, who, getattr(paper, name), paper.state, now) for name, who in EVENTS]
    assert dict(zip(EVENTS, found, strict=True)) == dict(zip(EVENTS, TABLE[state], strict=True))


@pytest.mark.parametrize("active", [True, False])
@pytest.mark.parametrize("withdrawn", [True, False])
@pytest.mark.parametrize("left", [-1, 0, 1])
@pytest.mark.parametrize("named", [True, False])
def test_what_counts_and_what_waits_is_asked_of_the_database_as_the_rule_says_it(
    town, active, withdrawn, left, named
):
    paper = Paper(town)
    with town.work("laerer") as work:
        there = paper.there(work)
        there.active_at = work.now if active else None
        there.withdrawn_at = work.now if withdrawn else None
        there.expires_on = work.today + timedelta(days=left)
        for one in queries.services_of(work.session, paper.id):
            one.ended_at = None if named else work.now
        work.session.flush()

        def matches(condition):
            wanted = select(Consent.id).where(Consent.id == paper.id, condition)
            return work.session.scalar(wanted, {"today": work.today}) is not None

        state = paper.state(work)
        assert matches(queries.COUNTS) is (state == rules.ConsentState.ACTIVE)
        assert matches(queries.WAITS) is (state == rules.ConsentState.WAITING)
