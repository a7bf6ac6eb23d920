"""What a family speaks: said wherever one plans to talk with it, and on the papers."""

import pytest
from sqlalchemy import update

from stafett.children.models import Child
from stafett.children.rules import speaks
from tests.exports.reading import lines, xml

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
REMEMBER = "Husk tolk: persisk"


@pytest.mark.parametrize(
    ("language", "interpreter", "said"),
    [
        ("nb", False, ""),
        ("nn", True, "Husk tolk"),
        ("ar", True, "Husk tolk: arabisk"),
        ("ckb", False, "Snakker best kurdisk (sorani)"),
        ("nsl", True, "Husk tolk: norsk tegnspråk"),
        ("xyz", True, "Husk tolk: xyz"),
    ],
)
def test_what_to_remember(language, interpreter, said):
    assert speaks(language, interpreter=interpreter) == said


@pytest.fixture
def persian(town):
    with town.database.writing() as session:
        session.execute(update(Child).values(language="fa", interpreter=True))
    return town


def test_it_stands_where_one_plans(persian):
    concern = {"observed": "Uro", "worry": 2}
    made = persian.api("laerer").post(f"/children/{persian.child}/concerns", concern).json["id"]
    new, *_ = persian.family("Ola Demo")
    home = f"/barn/{persian.child}"
    browser = persian.browser("laerer")
    for page in (f"{home}/samtykke/nytt", f"{home}/folk", f"{home}/skriv-ut", f"/bekymring/{made}"):
        assert REMEMBER in browser.text(page), page
    with persian.database.writing() as session:
        session.execute(update(Child).values(language="fa", interpreter=True))
    assert REMEMBER in browser.text(f"/barn/{new}/stafettlogg/apne")
    assert REMEMBER not in persian.browser("mor").text(f"{home}/folk")


def test_papers_say_it_and_are_in_the_language(persian):
    home = f"/barn/{persian.child}"
    note = {"kind": "note", "text": "کودک خوشحال است", "visibility": "everyone"}
    answer = persian.api("mor").post(f"/children/{persian.child}/entries", note)
    assert answer.status_code == 201
    for paper in ("stafettlogg.docx", "til-ppt.docx", "til-motet.docx"):
        file = persian.browser("laerer").get(f"{home}/{paper}").data
        assert any(REMEMBER in line for line in lines(file)), paper
        tags = {one.get(W + "bidi") for one in xml(file).iter(W + "lang")}
        assert tags == {"fa-IR"}, paper
