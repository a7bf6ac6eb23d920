"""A look that somebody should ask about waits for those who judge it, and for nobody else."""

from datetime import timedelta

from stafett.review.models import Review

ALL = ("laerer", "rektor", "ppt", "ke.leder", "ke.saksbehandler", "admin", "mor")


def put_up(town, who, service):
    with town.database.writing() as session:
        row = Review(
            kind="signs",
            actor_id=town.users[who],
            service_id=town.services[service],
            child_id=town.child,
            looked_on=town.today,
            signs=["refused"],
            made_at=town.now,
            due_on=town.today + timedelta(days=5),
        )
        session.add(row)
        session.flush()
        return row.id


def looks(town, who):
    items = town.api(who).get("/worklist").json["items"]
    return [one for one in items if one["kind"] == "look"]


def test_it_waits_for_the_officer_and_the_units_leader_and_names_no_child(town):
    made = put_up(town, "koordinator", "ke")
    (item,) = looks(town, "personvernombud")
    assert (item["href"], item["child_id"]) == (f"/kontroll/{made}", None)
    page = town.browser("personvernombud").text("/")
    assert "Det gjelder Koordinator Demo" in page
    assert "Nora" not in page
    assert [one["id"] for one in looks(town, "ke.leder")] == [str(made)]
    assert [who for who in ALL if looks(town, who)] == ["ke.leder"]
    closed = {"outcome": "in_the_work", "words": "Spurt og forklart.", "seen_version": "1"}
    town.browser("ke.leder").send(f"/kontroll/{made}", closed)
    assert looks(town, "personvernombud") == []


def test_nobody_judges_his_own_look_or_another_units(town):
    put_up(town, "ke.leder", "ke")
    put_up(town, "laerer", "skole")
    assert looks(town, "ke.leder") == looks(town, "rektor") == []  # a school judges none
    assert len(looks(town, "personvernombud")) == 2
