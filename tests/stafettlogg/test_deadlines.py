"""Each deadline of the profile, on days when a day is easily counted wrongly.

Those of a concern, of a transition and of an age have their own tables beside their rules.
"""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from stafett.access.models import Tie
from stafett.access.policy import Relation
from stafett.birth.rules import holds_until
from stafett.consents.models import Consent
from stafett.dates import begins, oslo_date
from stafett.stafettlogg import baton, commands, level_zero, membership
from stafett.stafettlogg.baton import Offer
from stafett.stafettlogg.commands import Open
from stafett.stafettlogg.level_zero import Decide, NewConcern, WriteConcern
from stafett.stafettlogg.membership import Invite
from stafett.stafettlogg.models import Stafettlogg
from stafett.stafettlogg.rules import ConcernDecision, Level
from stafett.worklist import queries as worklist
from tests.states import tried


@pytest.mark.parametrize(
    ("utc", "ends"),
    [
        # Half past midnight in Oslo, the day before in UTC, when the clock goes forward that night;
        # a week later is Easter Day.
        (
            "2026-03-28T23:30",
            {
                "answer": date(2026, 4, 5),
                "evaluation": date(2026, 5, 11),
                "birth": date(2026, 5, 10),
                "silence": date(2026, 5, 28),
                "concern": date(2026, 5, 28),
                "external": date(2026, 6, 29),
                "staff": date(2027, 3, 29),
                "consent": date(2027, 3, 29),
            },
        ),
        # As the clock goes back that night, and over the new year.
        (
            "2026-10-24T22:30",
            {
                "answer": date(2026, 11, 1),
                "evaluation": date(2026, 12, 7),
                "birth": date(2026, 12, 6),
                "silence": date(2026, 12, 24),
                "concern": date(2026, 12, 24),
                "external": date(2027, 1, 25),
                "staff": date(2027, 10, 25),
                "consent": date(2027, 10, 25),
            },
        ),
        # Six weeks later is Maundy Thursday: one looks at it on the Tuesday.
        (
            "2026-02-18T23:30",
            {
                "answer": date(2026, 2, 26),
                "evaluation": date(2026, 4, 7),
                "birth": date(2026, 4, 2),
                "silence": date(2026, 4, 20),
                "concern": date(2026, 4, 20),
                "external": date(2026, 5, 19),
                "staff": date(2027, 2, 19),
                "consent": date(2027, 2, 19),
            },
        ),
        # 29 February, which the year after does not have.
        (
            "2028-02-28T23:30",
            {
                "answer": date(2028, 3, 7),
                "evaluation": date(2028, 4, 11),
                "birth": date(2028, 4, 11),
                "silence": date(2028, 4, 29),
                "concern": date(2028, 4, 29),
                "external": date(2028, 5, 29),
                "staff": date(2029, 2, 28),
                "consent": date(2029, 2, 28),
            },
        ),
        # From Christmas Day to New Year's Day: calendar days.
        (
            "2026-12-24T23:30",
            {
                "answer": date(2027, 1, 1),
                "evaluation": date(2027, 2, 5),
                "birth": date(2027, 2, 5),
                "silence": date(2027, 2, 23),
                "concern": date(2027, 2, 23),
                "external": date(2027, 3, 25),
                "staff": date(2027, 12, 25),
                "consent": date(2027, 12, 25),
            },
        ),
    ],
)
def test_the_deadlines_of_a_log(town, utc, ends):
    """What people do then, they do on a day when they work; what ends, ends by the calendar."""
    moment = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    there = town.in_another(town.database, town.app, moment)
    weeks = town.profile.birth_consent_weeks
    assert holds_until(there.today, there.today, weeks) == ends["birth"]
    child, *_ = there.family("Ny Demo")
    with there.work("laerer") as work:
        concern = level_zero.write_concern(
            work, child, NewConcern(WriteConcern("Sitter alene.", 3))
        )
        level_zero.decide_concern(work, concern, Decide(ConcernDecision.OWN_SERVICE, "Følg med."))
        ties = select(Tie.until_on).where(Tie.source_id == concern.id, Tie.ended_at.is_(None))
        assert set(work.session.scalars(ties)) == {ends["concern"]}
    consent = there.agree(child, "skole", "ppt", "bup", "helse")
    assert town.one(Consent, Consent.id == consent).expires_on == ends["consent"]
    with there.work("laerer") as work:
        log = commands.open_log(work, child, Open(Level.ONE, consent)).id
    found = town.one(Stafettlogg, Stafettlogg.id == log)
    assert (found.next_evaluation_on, oslo_date(found.opened_at)) == (
        ends["evaluation"],
        oslo_date(moment),
    )

    def invited(who, day):
        wish = Invite(who, writes=False, until=day)
        held = Tie.relation.in_([Relation.MR, Relation.EX])
        ties = select(Tie.until_on).where(Tie.child_id == child, held)
        return tried(
            there,
            "laerer",
            lambda work: membership.invite(work, child, wish),
            lambda work: str(work.session.scalar(ties)),
        )

    for who, last in (("ppt", ends["staff"]), ("bup", ends["external"])):
        assert invited(who, last) == str(last)
        assert invited(who, last + timedelta(days=1)) == "until-too-late"

    def asked(who, day, kind):
        """What the worklist has of a kind for somebody as a day begins in Oslo."""
        with there.work(who, begins(day).astimezone(UTC)) as work:
            mine = [one for one in worklist.day(work).items if one.child_id == child]
            return [one.due_on for one in mine if one.kind == kind]

    assert asked("laerer", ends["silence"] - timedelta(days=1), "gap") == []
    assert asked("laerer", ends["silence"], "gap") == [None]
    with there.work("laerer") as work:
        baton.offer(work, child, Offer("helsesykepleier"))
    assert asked("helsesykepleier", oslo_date(moment), "handover") == [ends["answer"]]
    assert asked("laerer", ends["answer"] - timedelta(days=1), "gap") == []
    assert asked("laerer", ends["answer"], "gap") == [None]
