"""From one child no page and no call tells of a guardian's other children."""

import re
from uuid import UUID

import pytest

from stafett.access.policy import Purpose
from stafett.web.render import WORD
from tests.exports.reading import lines
from tests.whole.test_routes import GUARDED, HOLE

OTHER = "Hemmelige Søsken"
NAMES = {"child_id", "guardian_id", "consent_id", "member_id"}


@pytest.fixture
def siblings(town):
    """Another child of the same two parents, unknown to all who work with the first."""
    child, mor, far = town.family(OTHER, by="nyansatt")
    consent = town.agree(child, "helse", by="nyansatt", purpose=Purpose.COORDINATOR)
    return {str(one) for one in (child, mor, far, consent)}


def test_no_page_or_call_about_a_child_names_another(town, siblings):
    """Everybody who knows the first child opens all that there is about it and its guardians."""
    town.tie("ke.leder", "KEL")
    town.tie("koordinator", "KO")
    ids = {
        "child_id": town.child,
        "guardian_id": town.mor,
        "consent_id": town.consent,
        "member_id": town.member,
    }
    rules = [
        rule
        for rule, method in GUARDED
        if method == "GET" and rule.arguments and rule.arguments <= NAMES
    ]
    answered = 0
    for who in ("laerer", "ppt", "koordinator", "ke.leder", "rektor", "admin", "personvernombud"):
        for rule in rules:
            path = HOLE.sub(lambda hole: str(ids[hole[1]]), rule.rule)
            api = town.api(who)
            client, more = (
                (api.client, {"headers": api.headers})
                if path.startswith("/api/")
                else (town.browser(who).client, {})
            )
            answer = client.get(path, **more)
            word = answer.mimetype == WORD
            text = "\n".join(lines(answer.data)) if word else answer.get_data(as_text=True)
            assert OTHER not in text, (who, path)
            found = set(re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", text))
            assert not found & siblings, (who, path)
            answered += answer.status_code == 200
    assert answered > 60


def test_a_search_for_a_person_tells_of_no_children(town, siblings):
    for q in ("Mor", "Far"):
        found = town.api("laerer").get(f"/people?q={q}")
        assert found.status_code == 200
        assert not {str(UUID(one)) for one in siblings} & set(
            re.findall(r"[0-9a-f-]{36}", found.get_data(as_text=True))
        )
        assert OTHER not in found.get_data(as_text=True)
