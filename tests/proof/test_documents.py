"""Plans of any content go into every edition without an error, and can be opened."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from exports import child, meeting, pdf, plan, word
from exports.model import PlanDocument
from tests.exports.anything import anything
from tests.exports.reading import opened
from tests.exports.reading_pdf import pages
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


@pytest.mark.parametrize("_part", range(PARTS))
def test_any_plan_is_written_in_every_edition_as_pdf(_part):
    @settings(max_examples=PLANS // 10 // PARTS or 1, deadline=None, phases=[Phase.generate])
    @given(anything(PlanDocument))
    def written(facts):
        for edition in (plan, meeting, child):
            assert pages(pdf.write(edition.document(facts), datetime(2026, 11, 28, tzinfo=UTC)))

    written()
