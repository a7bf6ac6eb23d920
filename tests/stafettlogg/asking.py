"""What these tests send again and again."""

from stafett.app import create_app
from tests.conftest import settings
from tests.town import Town

VOICE = {"how": "talk_before", "text": "«Jeg vil være med i gymmen.»"}


def level(number, seen_version=1, **more):
    return {
        "level": number,
        "reason": "Trenger mer hjelp på skolen.",
        "child_voice": VOICE,
        "parents_agree": True,
        "seen_version": seen_version,
        **more,
    }


def closing(seen_version=1, **more):
    return {
        "outcome": "goals_reached",
        "reason": "Målene er nådd.",
        "family_view": "Vi er fornøyde.",
        "child_voice": VOICE,
        "seen_version": seen_version,
        **more,
    }


def obstacles(answer):
    assert answer.status_code == 422, (answer.status_code, answer.json)
    assert answer.json["error"]["code"] == "rule-broken"
    assert all(one["message"] for one in answer.json["error"]["obstacles"])
    return [one["code"] for one in answer.json["error"]["obstacles"]]


def in_kommune(town, profile) -> Town:
    """The same town with another kommune's rules."""
    town.app = create_app(town.database, settings(STAFETT_PROFILE=profile))
    town.profile = town.app.extensions["stafett.profile"]
    return town
