"""What stands for a child in a plan: from the consent age it is a youth, on pages and on paper."""

import pytest
from sqlalchemy import update

from stafett.children.models import Child
from stafett.plan.models import Evaluation
from tests.exports.reading import lines
from tests.plan.scene import a_goal, a_measure, an_ip_child, drafted, made, save, whole
from tests.plan.test_api import judged

YEARS = [(15, "Barnet", "Ungdommen"), (16, "Ungdommen", "Barnet")]


def aged(town, years):
    with town.database.writing() as session:
        session.execute(update(Child).values(birth_date=town.born(years)))


@pytest.mark.parametrize(("years", "who", "other"), YEARS)
def test_who_is_old_enough_to_decide_is_called_a_youth(town, years, who, other):
    aged(town, years)
    mine = a_goal(whose="child", measures=[a_measure(town)])
    draft = drafted(town, [mine], no_cooperation="child")
    assert made(town, draft).status_code == 201
    key = draft["goals"][0]["measures"][0]["key"]
    said = judged(town, child_view={"how": "meeting", "text": "«Det hjelper.»"})
    evaluations = f"/children/{town.child}/measures/{key}/evaluations"
    assert town.api("laerer").post(evaluations, said).status_code == 201
    holder = town.browser("laerer")
    there = f"/barn/{town.child}/plan"
    paper = "\n".join(lines(holder.get(f"{there}.docx").data))
    assert f"{who} selv" in paper
    assert f"{who}: «Det hjelper.»" in paper
    copy = "\n".join(lines(holder.get(f"/barn/{town.child}/til-ppt.docx").data))
    assert f"{who}: «Det hjelper.»" in copy
    for words in (paper, copy, holder.text(there)):
        assert f"{other} " not in words
    assert f"{who} sier at det ikke trengs samarbeid" in holder.text(there)
    now = town.api("laerer").get(f"/children/{town.child}/plan/draft").json
    theirs = save(town, "laerer", [{**now["goals"][0], "whose": "services"}])
    assert made(town, theirs.json).status_code == 201
    changed = holder.text(f"{there}/sammenlign?fra=1&til=2")
    assert (f"{who} " in changed, f"{other} " in changed) == (True, False)


@pytest.mark.parametrize("years", [15, 16, 18])
def test_who_decides_alone_is_who_says_yes_to_the_plan(town, years):
    child = an_ip_child(town)
    drafted(town, who="koordinator", child=child, **whole(town))
    with town.database.writing() as session:
        session.get_one(Child, child).birth_date = town.born(years)
    staff, there = town.browser("koordinator"), f"/barn/{child}/plan"
    alone, of_age = years >= 16, years >= 18
    draft = staff.text(f"{there}/utkast")
    asked = "Ida får spørsmål om å godkjenne. Planen gjelder når Ida har sagt ja."
    assert (asked in draft) is alone
    parents = "Foresatte får spørsmål om å godkjenne. Planen gjelder når alle har sagt ja."
    assert (parents in draft) is not alone
    assert ("slik at Ida og familien forstår" in draft) is not of_age
    begins = staff.text(f"/barn/{child}/plan/begynn")
    assert ("den gjelder når Ida har sagt ja" in begins) is alone
    assert ("den gjelder når familien har sagt ja" in begins) is not alone
    assert ("Bare Ida, koordinatoren" in begins) is of_age


@pytest.mark.parametrize(
    ("years", "home", "reads"),
    [
        (9, "Nora og familien", "familien"),
        (17, "Nora og familien", "familien"),
        (18, *["Nora"] * 2),
    ],
)
def test_a_plan_is_for_who_is_at_home_and_read_there(town, years, home, reads):
    aged(town, years)
    draft = drafted(town)
    assert made(town, draft).status_code == 201
    key = draft["goals"][0]["measures"][0]["key"]
    holder, there = town.browser("laerer"), f"/barn/{town.child}/plan"
    begun = reads[0].upper() + reads[1:]
    takes_part = "Nora" if years >= 16 else home
    people = holder.text(f"{there}/utkast/deltakere")
    assert f"Alle som arbeider med planen, også {takes_part}." in people
    assert f"slik at {home} kjenner seg igjen" in holder.text(f"{there}/tiltak/{key}/evaluer")
    assert f"{begun} ser at du har lastet ned." in holder.text(there)
    wish = holder.text(f"/barn/{town.child}/stafettlogg/nytt-mal")
    assert f"Med ordene til {home}, for eksempel" in wish
    paper = "\n".join(lines(holder.get(f"{there}.docx").data))
    assert f"Planen er til for {home}. Be om endringer når som helst." in paper
    assert "familien har sagt ja" not in paper


@pytest.mark.parametrize(("years", "told"), [(17, True), (18, False)])
def test_parents_tell_nothing_in_the_place_of_one_who_is_of_age(town, years, told):
    aged(town, years)
    draft = drafted(town)
    assert made(town, draft).status_code == 201
    key = draft["goals"][0]["measures"][0]["key"]
    page, holder = f"/barn/{town.child}/plan/tiltak/{key}/evaluer", town.browser("laerer")
    assert ("Foresatte har fortalt det" in holder.text(page)) is told
    said = judged(town, child_view={"how": "through_guardian"})
    there = f"/children/{town.child}/measures/{key}/evaluations"
    answer = town.api("laerer").post(there, said)
    assert answer.status_code == (201 if told else 422), answer.text
    assert town.count(Evaluation) == told
    if not told:
        assert list(answer.json["error"]["fields"]) == ["child_view.how"]
        said |= {"child_view.how": said.pop("child_view")["how"]}
        refused = holder.send(page, said)
        assert refused.status_code == 422
        assert "er myndig. Foreldrene skal ikke spørres." in refused.text


@pytest.mark.parametrize(("years", "asked"), [(9, True), (17, True), (18, False)])
def test_no_parent_says_of_one_who_is_of_age_that_nobody_else_is_needed(town, years, asked):
    drafted(town)
    aged(town, years)
    page = town.browser("laerer").text(f"/barn/{town.child}/plan/utkast/samarbeid")
    assert "Ikke nå, sier Nora" in page
    assert ("Ikke nå, sier foreldrene" in page) is asked


def test_what_parents_said_of_the_need_for_others_stays_when_one_comes_of_age(town):
    drafted(town, no_cooperation="parents")
    aged(town, 18)
    page = town.browser("laerer").text(f"/barn/{town.child}/plan/utkast/samarbeid")
    assert "Ikke nå, sier foreldrene" in page
