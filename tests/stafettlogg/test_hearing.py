"""How a child was heard, wherever it is said: that it was not is said with why."""

import pytest

from tests.plan.scene import drafted, made
from tests.plan.test_api import judged
from tests.stafettlogg.asking import closing, level
from tests.stafettlogg.test_level_evaluation import evaluation


@pytest.mark.parametrize(
    ("step", "voice", "wish"),
    [
        ("level-changes", "child_voice", lambda _: level(2)),
        ("level-evaluations", "child_voice", lambda _: evaluation()),
        ("stafettlogg/closing", "child_voice", lambda _: closing()),
        ("measures/m2/evaluations", "child_view", judged),
    ],
)
def test_that_a_child_was_not_heard_is_said_with_why(town, step, voice, wish):
    made(town, drafted(town))
    there, api, before = f"/children/{town.child}/{step}", town.api("laerer"), town.rows()
    unheard = {"how": "not_obtained", "text": "  "}
    refused = api.post(there, wish(town) | {voice: unheard})
    assert refused.status_code == 422, refused.text
    assert list(refused.json["error"]["fields"]) == [f"{voice}.text"]
    assert town.rows() == before
    answer = api.post(there, wish(town) | {voice: unheard | {"text": "Hun var syk."}})
    assert answer.status_code in {200, 201}, answer.text


def test_what_was_written_stands_on_the_page_that_asks_why(town):
    form = {"level": "2", "reason": "Vi trenger PPT.", "parents_agree": "true"}
    form |= {"child_voice.how": "not_obtained", "seen_version": "1"}
    shown = town.browser("laerer").send(f"/barn/{town.child}/niva", form)
    assert shown.status_code == 422
    assert "Skriv hvorfor barnet ikke er hørt." in shown.text
    assert "Vi trenger PPT.</textarea>" in shown.text
