"""Plans of any content go into every edition without an error, and can be opened."""

import pytest
from hypothesis import HealthCheck, given, settings

from exports import child, meeting, plan, word
from exports.model import PlanDocument
from tests.exports.anything import anything
from tests.exports.reading import opened
from tests.proof import PARTS, WHOLE

PLANS = 1000 if WHOLE else 10


@pytest.mark.parametrize("_part", range(PARTS))
def test_any_plan_is_written_in_every_edition(_part):
    @settings(max_examples=PLANS // PARTS, deadline=None, suppress_health_check=list(HealthCheck))
    @given(anything(PlanDocument))
    def written(facts):
        for edition in (plan, meeting, child):
            assert opened(word.write(edition.document(facts))).paragraphs

    written()
