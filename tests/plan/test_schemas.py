"""Goals that are sent again as they stood are known again; all else is read through its schema."""

import pytest
from marshmallow import ValidationError

from stafett.plan.schemas import DraftSchema, GoalSchema, ReadOnce


@pytest.fixture
def schema():
    return DraftSchema()


def goal(**more):
    """A goal as it comes out of its schema."""
    measure = {"what": "Lese høyt", "responsible": "laerer", "evaluate_on": "2026-12-01"}
    return GoalSchema().load({"text": "Sove godt", "measures": [measure], **more})


def sent(*goals):
    return {"seen_version": 0, "goals": list(goals)}


def test_what_is_sent_again_is_what_was_read_and_is_not_read_once_more(schema, monkeypatch):
    known, asked = goal(), []
    assert schema.load(sent(known)).content["goals"] == [known]
    read = GoalSchema.load
    monkeypatch.setattr(GoalSchema, "load", lambda *a, **k: asked.append(1) or read(*a, **k))
    assert schema.load(sent(known)).content["goals"] == [known]
    assert asked == []
    assert schema.load(sent(known, goal(text="Lese"))).content["goals"][1]["text"] == "Lese"
    assert asked


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("text",), ""),
        (("text",), "\x00"),
        (("text",), "\ud800"),
        (("text",), 2**80),
        (("whose",), "naboen"),
        (("target_on",), "2026-02-30"),
        (("measures",), "x"),
        (("measures", 0, "evaluate_on"), None),
        (("measures", 0, "status"), True),
        (("measures", 0, "more"), "x"),
    ],
)
def test_one_wrong_word_in_what_is_known_is_told_at_its_field_each_time(schema, path, wrong):
    schema.load(sent(goal()))
    bad = goal()
    at = bad
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = wrong
    for _ in range(2):
        with pytest.raises(ValidationError) as refused:
            schema.load(sent(bad))
        found = refused.value.messages["goals"][0]
        for step in path:
            found = found[step]
        assert found


def test_what_is_deeper_than_can_be_known_again_is_refused_as_what_it_is(schema):
    deep = []
    for _ in range(10_000):
        deep = [deep]
    for wrong in ({**goal(), "text": deep}, {**goal(), "more": deep}, deep):
        with pytest.raises(ValidationError) as refused:
            schema.load(sent(wrong))
        assert refused.value.messages["goals"][0]


@pytest.mark.parametrize(
    ("name", "given", "comes_out"),
    [("area", " søvn ", "søvn"), ("text", "a\r\nb", "a\nb"), ("success", None, "")],
)
def test_what_comes_out_otherwise_than_it_went_in_is_read_each_time(schema, name, given, comes_out):
    told = goal()
    told[name] = given
    if given is None:
        del told[name]
    for _ in range(3):
        assert schema.load(sent(told)).content["goals"][0][name] == comes_out


def test_no_more_than_so_many_are_known(schema, monkeypatch):
    monkeypatch.setattr(ReadOnce, "most", 3)
    for number in range(10):
        schema.load(sent(goal(text=f"Mål {number}")))
    assert 0 < len(schema.fields["goals"].inner.known) <= 3
