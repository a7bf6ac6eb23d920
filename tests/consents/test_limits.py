"""What a family lets one service see and another not: said in the words, and held at the door."""

from datetime import timedelta

import pytest

from stafett.access import ties
from stafett.access.models import ALL_AREAS
from stafett.access.policy import EVERYTHING, Area, Purpose
from stafett.consents.rules import LEFT_OUT, left_out, line_of
from stafett.errors import RuleBrokenError
from stafett.stafettlogg import baton
from stafett.stafettlogg import commands as logs
from stafett.team import commands as team
from stafett.team.rules import CoordinatorKind
from tests.consents.test_api import covered, register, wish
from tests.consents.test_digital import ask, reply, text
from tests.plan.scene import a_goal, a_measure, drafted, made


@pytest.mark.parametrize(
    ("areas", "without", "said"),
    [
        ("log plan", set(), "PPT: ser loggen og tiltaksplanen"),
        ("plan", {Area.LOG}, "PPT: ser tiltaksplanen, men ikke loggen"),
        ("log", {Area.PLAN}, "PPT: ser loggen, men ikke tiltaksplanen"),
        ("", EVERYTHING, "PPT: ser bare egne oppgaver og tiltak, ikke loggen eller planen"),
    ],
)
def test_what_is_left_out_is_said(areas, without, said):
    assert left_out(Purpose.STAFETTLOGG, areas) == without
    assert line_of("PPT", Purpose.STAFETTLOGG, areas) == said
    assert left_out(Purpose.PLAN, areas) == frozenset()
    assert line_of("PPT", Purpose.PLAN, areas) == "PPT"


def limited(town, *fields, service="ppt"):
    """A new consent for the town's four services, in which one of them sees less."""
    more = {field: [str(town.services[service])] for field in fields}
    return register(town, "skole", "ppt", "helse", "ke", **more)


def doors(town, who):
    """Entries to read and to write, the plan, and the level."""
    api, home = town.api(who), f"/children/{town.child}"
    note = {"kind": "note", "text": "Hei", "visibility": "everyone"}
    return (
        api.get(f"{home}/entries").status_code,
        api.post(f"{home}/entries", note).status_code,
        api.get(f"{home}/plan/versions").status_code,
        api.get(f"{home}/stafettlogg").status_code,
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ((), (200, 201, 200, 200)),
        (("without_log",), (403, 403, 200, 200)),
        (("without_plan",), (200, 201, 403, 200)),
        (("without_log", "without_plan"), (403, 403, 403, 200)),
    ],
)
def test_the_doors_hold_what_was_agreed_to(town, fields, expected):
    made_now = limited(town, *fields)
    left = sorted(field.removeprefix("without_") for field in fields)
    without = {one["name"]: one["without"] for one in made_now["services"]}
    assert without == {"Demo-ppt": left, "Demo-skole": [], "Demo-helse": [], "Demo-ke": []}
    said = LEFT_OUT[frozenset(map(Area, left))]
    assert f"- Demo-ppt: ser {said}\n" in text(town, made_now["id"])
    assert doors(town, "ppt") == expected
    assert doors(town, "laerer") == doors(town, "mor") == (200, 201, 200, 200)
    limited(town)  # a newer consent without limits
    assert doors(town, "ppt") == (200, 201, 200, 200)


def test_a_measure_of_ones_own_is_evaluated_without_the_plan(town):
    mine, others = a_measure(town, responsible="ppt"), a_measure(town)
    version = made(town, drafted(town, [a_goal(measures=[mine, others])])).json
    own, other = (one["key"] for one in version["content"]["goals"][0]["measures"])
    limited(town, "without_plan")
    home = f"/barn/{town.child}/plan/tiltak"
    assert town.browser("ppt").get(f"{home}/{own}/evaluer").status_code == 200
    assert town.browser("ppt").get(f"{home}/{other}/evaluer").status_code == 403
    path = f"/children/{town.child}/measures"
    assert town.api("ppt").post(f"{path}/{other}/evaluations", {}).status_code == 403


def test_a_search_finds_nothing_in_a_log_that_one_may_not_see(town):
    note = {"kind": "note", "text": "Skilpadden er rolig", "visibility": "everyone"}
    assert town.api("laerer").post(f"/children/{town.child}/entries", note).status_code == 201

    def hits():
        return len(town.api("ppt").get("/search", query_string={"q": "skilpadden"}).json["items"])

    assert hits() == 1
    limited(town, "without_log")
    assert hits() == 0


def test_limits_wait_with_a_consent_that_waits(town):
    asked = ask(town, "ppt", without_log=[str(town.services["ppt"])])
    assert doors(town, "ppt")[0] == 200
    assert reply(town, asked["id"], "mor").status_code == 200
    assert doors(town, "ppt")[0] == 200
    assert reply(town, asked["id"], "far").status_code == 200
    assert doors(town, "ppt")[0] == 403
    assert covered(town) == {"skole", "ppt", "helse", "ke"}


def test_what_cannot_be_limited_is_refused_at_its_field(town):
    before = town.rows()
    for field in ("without_log", "without_plan"):
        for changed in (
            {field: [str(town.services["bup"])]},  # no service of this consent
            {field: [str(town.services["skole"])]},  # the holder's
            {field: [str(town.services["ppt"])], "purpose": "plan"},
            {field: ["skole"]},
        ):
            sent = wish(town, "skole", "ppt") | changed
            answer = town.api("laerer").post(f"/children/{town.child}/consents", sent)
            assert answer.status_code == 422, changed
            assert next(iter(answer.json["error"]["fields"])).startswith(field), changed
    assert town.rows() == before


def test_nobody_of_a_service_that_sees_less_leads(town):
    limited(town, "without_plan")
    with town.database.reading() as session:
        assert ties.partly_covered(session, town.child, town.today) == {town.services["ppt"]}
    until = town.today + timedelta(days=9)
    away = team.Delegate("ppt", team.Place.HOLDER, town.today, until)
    for act in (
        lambda work: baton.offer(work, town.child, baton.Offer("ppt", "Ta over")),
        lambda work: team.appoint(
            work, town.child, team.Appoint("ppt", CoordinatorKind.KOORDINATOR, town.today)
        ),
        lambda work: team.delegate(work, town.child, away, frozenset({"SH"})),
    ):
        with pytest.raises(RuleBrokenError) as refused, town.work("laerer") as work:
            act(work)
        assert refused.value.obstacles == ("service-sees-part",)


def test_a_log_is_not_opened_by_a_service_that_sees_less(town):
    child, *_ = town.family("Ny Demo")
    consent = town.agree(child, "skole", "ppt", without_log=[town.services["skole"]])
    with pytest.raises(RuleBrokenError) as refused, town.work("laerer") as work:
        logs.open_log(work, child, logs.Open(logs.Level.ONE, consent))
    assert refused.value.obstacles == ("service-sees-part",)


def test_the_pages_say_it(town):
    path = f"/barn/{town.child}/samtykke/nytt"
    form = {
        "purpose": "stafettlogg",
        "services": [str(town.services[name]) for name in ("skole", "ppt")],
        "without_log": str(town.services["skole"]),
        "method": "signed",
        "given_by": [str(town.mor), str(town.far)],
        "given_on": town.today.isoformat(),
        "guardians_complete": "true",
    }
    refused = town.browser("laerer").send(path, form)
    assert refused.status_code == 422
    assert "må se alt. La noen fra en annen tjeneste" in refused.text
    form["without_log"] = str(town.services["ppt"])
    assert town.browser("laerer").send(path, form).status_code == 303
    for who in ("mor", "laerer"):
        shown = town.browser(who).text(f"/barn/{town.child}/samtykke")
        assert shown.count("Ser tiltaksplanen, men ikke loggen") == 1
    page = town.browser("ppt").text(f"/barn/{town.child}")
    assert "/stafettlogg" not in page


def test_what_stands_in_the_table_is_sorted_as_all_is(town):
    """`partly_covered` compares it."""
    assert " ".join(sorted(Area)) == ALL_AREAS
