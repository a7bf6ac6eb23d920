"""How a child was heard is judged by how old it was on the day of the consent."""

from datetime import timedelta

import pytest

from stafett.children.models import Child
from stafett.dates import birthday
from tests.consents.test_api import wish

BY_PARENT = {"how": "through_guardian", "text": "Vil det."}
PRIVATE = {"how": "talk_before", "text": "Vil det.", "private": True}


@pytest.mark.parametrize(
    ("years", "voice", "given_by", "refused"),
    [
        (12, None, None, "child_voice"),
        (12, PRIVATE, None, "child_voice.private"),
        (18, BY_PARENT, ["child"], "child_voice.how"),
    ],
)
def test_the_age_is_that_of_the_day_it_was_given(town, years, voice, given_by, refused):
    with town.database.writing() as session:
        session.get_one(Child, town.child).birth_date = town.born(years)
    eve = (birthday(town.born(years), years) - timedelta(days=1)).isoformat()
    wrong_before = refused == "child_voice.private"
    for given_on, wrong in ((town.today.isoformat(), not wrong_before), (eve, wrong_before)):
        said = wish(town, "skole", given_by=given_by, given_on=given_on)
        said |= {"child_voice": voice} if voice else {}
        answer = town.api("laerer").post(f"/children/{town.child}/consents", said)
        assert answer.status_code == (422 if wrong else 201), answer.text
        assert not wrong or list(answer.json["error"]["fields"]) == [refused]
