"""What the tests of plans begin with: a plan's content, and children at the levels that need it."""

from datetime import timedelta

from stafett.access.policy import Purpose
from stafett.dates import full_day
from stafett.stafettlogg import commands as stafettlogg
from stafett.stafettlogg.commands import IpAssessment
from stafett.stafettlogg.rules import IpAnswer, Level
from stafett.team import commands as team
from stafett.team.rules import CoordinatorKind

REVISED_AFTER = timedelta(days=47)
"""When the plan of `whole` wants to be gone through."""


def a_measure(town, **more):
    evaluate_on = (town.today + timedelta(days=30)).isoformat()
    return {"what": "Høytlesing", "responsible": "laerer", "evaluate_on": evaluate_on, **more}


def a_goal(**more):
    return {"text": "Jeg vil lese", "subgoals": [], "measures": [], **more}


def path(town, child=None):
    return f"/children/{child or town.child}/plan"


def save(town, who, goals, child=None, **more):
    """Save the draft on top of what stands; return the answer."""
    api, there = town.api(who), f"{path(town, child)}/draft"
    now = api.get(there).json
    return api.put(there, {"seen_version": now.get("seen_version", 0), "goals": goals, **more})


def drafted(town, goals=None, who="laerer", child=None, **more):
    """A saved draft, as it is answered."""
    goals = [a_goal(measures=[a_measure(town)])] if goals is None else goals
    answer = save(town, who, goals, child, **more)
    assert answer.status_code == 200, answer.text
    return answer.json


def made(town, draft, who="laerer", child=None, summary="Ny versjon"):
    """The draft made a version, as it is answered."""
    wish = {"summary": summary, "seen_version": draft["seen_version"]}
    return town.api(who).post(f"{path(town, child)}/versions", wish)


def on_page(day):
    """A date as the text of a page has it, where every space is the same."""
    return " ".join(full_day(day).split())


def an_ip_child(town, *, coordinated=True, consented=True):
    """A child at level 3 whose family wants an individuell plan: holder `laerer`, `koordinator`.

    `bup` sits in the ansvarsgruppe and has nothing to do with the log.
    """
    child, *_ = town.family("Ida Demo")
    consent = town.agree(child, "skole", "ppt", "ke", "bup")
    with town.work("laerer") as work:
        wanted = IpAssessment(IpAnswer.WANTED, "Familien ønsker det.")
        stafettlogg.open_log(
            work, child, stafettlogg.Open(Level.THREE, consent, ip_assessment=wanted)
        )
    if consented:
        town.agree(child, "skole", "ke", "bup", purpose=Purpose.PLAN)
    if coordinated:
        with town.work("ke.leder") as work:
            wish = team.Appoint("koordinator", CoordinatorKind.KOORDINATOR, town.today)
            team.appoint(work, child, wish)
    if consented:
        with town.work("koordinator") as work:
            team.add_to_group(work, child, team.AddToGroup("BUP", town.today, "bup"))
    return child


def whole(town):
    """All sections that the law asks of an individuell plan."""
    goal = a_goal(whose="child", measures=[a_measure(town, how="Hver dag", responsible="bup")])
    return {
        "goals": [goal],
        "needs": "Ro",
        "resources": "Glad i bøker",
        "period_from": str(town.today - timedelta(days=100)),
        "period_until": str(town.today + timedelta(days=250)),
        "next_revision_on": str(town.today + REVISED_AFTER),
        "participants": [
            {"name": "Ida Demo", "role": "barn", "contribution": "Sier hva hun vil"},
            {"name": "Mor", "username": "mor", "contribution": "Leser hjemme"},
            {"name": "Far Demo", "role": "far", "contribution": "Kjører til trening"},
        ],
        "no_cooperation": "parents",
    }


def submitted(town, child):
    """Version 1, sent for approval."""
    draft = drafted(town, who="koordinator", child=child, **whole(town))
    answer = made(town, draft, "koordinator", child)
    assert answer.status_code == 201, answer.text
    return answer.json


def approved(town, child, number=1):
    """Both parents have said yes to a version; the answer to the last of them."""
    for who in ("mor", "far"):
        yes = {"answer": "approve"}
        answer = town.api(who).post(f"{path(town, child)}/versions/{number}/approvals", yes)
        assert answer.status_code == 200, answer.text
    return answer
