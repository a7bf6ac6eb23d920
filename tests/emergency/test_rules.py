"""When a record may be opened in an emergency."""

from datetime import UTC, datetime, timedelta

import pytest

from stafett.emergency.rules import Category, Earlier, obstacles_to_opening
from stafett.insight.rules import WHY_EMERGENCY

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TICK = timedelta(microseconds=1)


def before(ago, *, reviewed=True, lasted=HOUR):
    return Earlier(NOW - ago, NOW - ago + lasted, reviewed)


@pytest.mark.parametrize(
    ("earlier", "signed_in_at", "own_family", "wanted"),
    [
        ([], NOW, False, []),
        ([], NOW - 10 * MINUTE, False, []),
        ([], NOW - 10 * MINUTE - TICK, False, ["log-in-again"]),
        ([], None, False, ["log-in-again"]),
        ([], NOW, True, ["emergency-own-family"]),
        ([before(HOUR - TICK)], NOW, False, ["emergency-open-already"]),
        ([before(HOUR)], NOW, False, []),
        ([before(5 * MINUTE, lasted=MINUTE)], NOW, False, []),
        ([before(72 * HOUR, reviewed=False)], NOW, False, []),
        ([before(72 * HOUR + TICK, reviewed=False)], NOW, False, ["emergency-not-reviewed"]),
        ([before(300 * DAY, reviewed=False)], NOW, False, ["emergency-not-reviewed"]),
        ([before(2 * DAY)] * 2, NOW, False, []),
        ([before(2 * DAY)] * 3, NOW, False, ["emergency-too-often"]),
        ([before(2 * DAY)] * 2 + [before(30 * DAY)], NOW, False, []),
        ([before(2 * DAY)] * 2 + [before(30 * DAY - TICK)], NOW, False, ["emergency-too-often"]),
        (
            [before(TICK), before(4 * DAY, reviewed=False), before(5 * DAY)],
            None,
            True,
            [
                *("log-in-again", "emergency-own-family", "emergency-open-already"),
                *("emergency-not-reviewed", "emergency-too-often"),
            ],
        ),
    ],
)
def test_all_obstacles_at_once(earlier, signed_in_at, own_family, wanted):
    assert obstacles_to_opening(earlier, NOW, signed_in_at, own_family=own_family) == wanted


def test_the_family_has_words_for_every_category():
    assert WHY_EMERGENCY.keys() == {one.value for one in Category}
