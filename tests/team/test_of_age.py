"""Pages of the people around a child speak of who decides, and of who reads."""

import pytest

from stafett.children.models import Child
from stafett.team.models import CoordinatorAppointment

AGES = [
    (9, "familien", "Familien"),
    (15, "familien", "Familien"),
    (16, "Nora", "Familien"),
    (17, "Nora", "Familien"),
    (18, "Nora", "Nora"),
]
"""Years, who says yes, and who reads, as a sentence begins."""


@pytest.fixture(params=AGES, ids=lambda one: str(one[0]))
def aged(town, request):
    """Say who decides and who reads; koordinerende enhet is tied to the child."""
    years, decides, reads = request.param
    town.tie("ke.leder", "KEL")
    with town.database.writing() as session:
        session.get_one(Child, town.child).birth_date = town.born(years)
    return decides, reads


def test_the_people_are_chosen_where_it_is_agreed_and_seen_by_who_reads(town, aged):
    decides, reads = aged
    holder, leader = town.browser("laerer"), town.browser("ke.leder")
    shown, leads = (one.text(f"/barn/{town.child}/folk") for one in (holder, leader))
    assert "Bare folk i tjenester som det er sagt ja til, kan bli med." in shown
    assert f"{reads} ser her hvem som er med." in shown
    alone = reads[0].lower() + reads[1:] if reads == "Familien" else reads
    assert f"enn {alone}, de som er med" in shown
    assert f"kan oppnevne en når {decides} ønsker det." in shown
    assert f"Oppnevn en når {decides} ønsker det." in leads
    begun = decides[0].upper() + decides[1:]
    assert f"{begun} må først si ja til at tjenesten er med på planen." in leads
    seat = {"name": "Bestefar", "role": "bestefar", "from_on": town.today.isoformat()}
    there = f"/barn/{town.child}/folk"
    assert leader.send(f"{there}/ansvarsgruppe", seat).status_code == 303
    assert "Fagfolk her leser planen når det er sagt ja til det." in leader.text(there)


def test_another_service_and_who_stands_in_wait_for_who_decides(town, aged):
    decides, reads = aged
    leader, holder = town.browser("ke.leder"), town.browser("laerer")
    there = f"/barn/{town.child}/folk"
    moving = leader.text(f"{there}/ny-tjeneste")
    assert f"får ikke vite noe før {decides} har sagt ja til den." in moving
    assert "De det gjelder, kan be om å få se det." in moving
    standing = holder.text(f"{there}/stedfortreder")
    assert "i en tjeneste som det er sagt ja til." in standing
    assert f"{reads} ser hvem det er" in standing


@pytest.mark.usefixtures("aged")
def test_the_end_of_an_appointment_takes_no_family_for_granted(town):
    leader = town.browser("ke.leder")
    wish = {"username": "koordinator", "kind": "barnekoordinator"}
    wish |= {"from_on": town.today.isoformat()}
    assert leader.send(f"/barn/{town.child}/folk/koordinator", wish).status_code == 303
    shown = leader.text(f"/koordinator/{town.one(CoordinatorAppointment).id}")
    assert "Retten til en koordinator gjelder så lenge det er ønsket" in shown
    assert "De det gjelder, kan be om å få se det." in shown
    assert "Familien" not in shown
    for page in (f"/medlem/{town.member}", f"/medlem/{town.member}/ut"):
        who = "ppt" if page.endswith("ut") else "laerer"
        assert "De det gjelder, kan be om å få se det." in town.browser(who).text(page)
