"""Members: invited until a day, reading or writing, and ended."""

from datetime import timedelta

from stafett.audit.models import TrailRow
from stafett.dates import months_after
from stafett.stafettlogg.models import Member
from tests.stafettlogg.asking import obstacles

ENTRY = {"kind": "note", "text": "Hei", "visibility": "everyone"}


def invite(town, username, access="read", until=None, who="laerer"):
    wish = {
        "username": username,
        "access": access,
        "until": (until or town.today + timedelta(days=30)).isoformat(),
    }
    return town.api(who).post(f"/children/{town.child}/members", wish)


def end(town, member, who="laerer", reason="Ferdig"):
    return town.api(who).post(f"/members/{member}/end", {"reason": reason})


def reads(town, who):
    return town.api(who).get(f"/children/{town.child}/entries").status_code


def writes(town, who):
    return town.api(who).post(f"/children/{town.child}/entries", ENTRY).status_code


def test_invited_and_listed(town):
    until = town.today + timedelta(days=30)
    made = invite(town, "helsesykepleier", "write", until)
    assert made.status_code == 201
    assert made.json == {
        "id": made.json["id"],
        "username": "helsesykepleier",
        "name": "Helsesykepleier Demo",
        "service_id": str(town.services["helse"]),
        "access": "write",
        "from_on": town.today.isoformat(),
        "until": until.isoformat(),
        "version": 1,
    }
    listed = town.api("mor").get(made.headers["Location"])
    assert listed.status_code == 200
    assert made.json in listed.json["items"]
    assert [one["username"] for one in listed.json["items"]] == ["helsesykepleier", "ppt"]
    log = town.api("mor").get(f"/children/{town.child}/stafettlogg").json
    assert log["members"] == listed.json["items"]
    assert (reads(town, "helsesykepleier"), writes(town, "helsesykepleier")) == (200, 201)


def test_a_reader_reads(town):
    assert invite(town, "nyansatt").status_code == 201
    assert (reads(town, "nyansatt"), writes(town, "nyansatt")) == (200, 403)
    relations = town.api("nyansatt").get(f"/children/{town.child}").json["relations"]
    assert relations == ["member_read"]


def test_an_external_reader_cannot_write_and_an_external_writer_can(town):
    town.agree(town.child, "skole", "ppt", "helse", "ke", "bup")
    made = invite(town, "bup", "read")
    assert made.status_code == 201
    assert (reads(town, "bup"), writes(town, "bup")) == (200, 403)
    assert end(town, made.json["id"]).status_code == 200
    assert reads(town, "bup") == 404
    assert invite(town, "bup", "write").status_code == 201
    assert (reads(town, "bup"), writes(town, "bup")) == (200, 201)
    assert town.api("bup").get(f"/children/{town.child}").json["relations"] == ["external"]


def test_staff_for_a_year_and_external_people_for_three_months(town):
    town.agree(town.child, "skole", "ppt", "helse", "ke", "bup")
    year, quarter = months_after(town.today, 12), months_after(town.today, 3)
    day = timedelta(days=1)
    before = town.rows()
    assert obstacles(invite(town, "nyansatt", until=year + day)) == ["until-too-late"]
    assert obstacles(invite(town, "bup", until=quarter + day)) == ["until-too-late"]
    assert obstacles(invite(town, "nyansatt", until=town.today - day)) == ["until-passed"]
    assert town.rows() == before
    assert invite(town, "nyansatt", until=year).status_code == 201
    assert invite(town, "bup", until=quarter).status_code == 201


def test_the_last_day_counts_and_the_day_after_is_404(town):
    assert invite(town, "nyansatt", until=town.today + timedelta(days=10)).status_code == 201
    with town.later(days=10):
        assert reads(town, "nyansatt") == 200
        assert len(town.api("laerer").get(f"/children/{town.child}/members").json["items"]) == 2
    with town.later(days=11):
        assert reads(town, "nyansatt") == 404
        assert town.api("nyansatt").get(f"/children/{town.child}").status_code == 404
        assert len(town.api("laerer").get(f"/children/{town.child}/members").json["items"]) == 1


def test_who_cannot_be_invited(town):
    before = town.rows()
    for username in ("ingen", "mor", "admin", "personvernombud", ""):
        answer = invite(town, username)
        assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, ["username"])
    assert obstacles(invite(town, "ppt")) == ["member-already"]
    assert obstacles(invite(town, "laerer")) == ["holder-already"]
    assert obstacles(invite(town, "bup")) == ["service-not-covered"]
    assert town.rows() == before
    town.api("mor").post(
        f"/consents/{town.consent}/withdrawal", {"services": [str(town.services["helse"])]}
    )
    assert obstacles(invite(town, "helsesykepleier")) == ["service-not-covered"]


def test_what_is_wrong_is_named(town):
    before = town.rows()
    sent = {"username": "nyansatt", "access": "read", "until": town.today.isoformat()}
    for changed, field in (
        ({"username": None}, "username"),
        ({"username": ["nyansatt"]}, "username"),
        ({"access": "admin"}, "access"),
        ({"access": None}, "access"),
        ({"until": None}, "until"),
        ({"until": "i morgen"}, "until"),
        ({"until": "2026-11-31"}, "until"),
        ({"until_on": "2026-12-31"}, "until_on"),
        ({"writes": True}, "writes"),
    ):
        answer = town.api("laerer").post(f"/children/{town.child}/members", sent | changed)
        assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, [field]), changed
    assert town.rows() == before


def test_who_may_invite_and_end(town):
    for who, status in (("ppt", 403), ("mor", 403), ("rektor", 404)):
        assert invite(town, "nyansatt", who=who).status_code == status, who
    assert end(town, town.member, "rektor").status_code == 404
    assert end(town, town.member, "ppt").status_code == 403


def test_ended_is_out_at_once_and_may_come_back(town):
    assert list(end(town, town.member, reason="").json["error"]["fields"]) == ["reason"]
    done = end(town, town.member)
    assert (done.status_code, done.json["username"], done.json["version"]) == (200, "ppt", 2)
    assert reads(town, "ppt") == 404
    assert town.api("laerer").get(f"/children/{town.child}/members").json["items"] == []
    before = town.rows()
    again = end(town, town.member)
    assert (again.status_code, again.json["error"]["current"]) == (409, {"version": 2})
    assert town.rows() == before
    assert town.one(Member, Member.id == town.member).ended_reason == "Ferdig"
    row = town.one(TrailRow, TrailRow.action == "member.remove")
    assert row.changes == {"user_id": str(town.users["ppt"])}
    assert invite(town, "ppt", "write").status_code == 201
    assert reads(town, "ppt") == 200


def test_who_the_family_sends_away_loses_the_services_consent(town):
    assert end(town, town.member, "mor").status_code == 200
    assert reads(town, "ppt") == 404
    assert obstacles(invite(town, "ppt")) == ["service-not-covered"]
    assert reads(town, "laerer") == 200
    (consent,) = town.api("mor").get(f"/children/{town.child}/consents").json["items"]
    ended = {one["name"]: one["ended_on"] for one in consent["services"]}
    assert ended["Demo-ppt"] == town.today.isoformat()


# --- Longer, otherwise, and out -------------------------------------------------------------------


def longer(town, member, who="laerer", seen=1, **days):
    until = (town.today + timedelta(**days)).isoformat()
    wish = {"until": until, "seen_version": seen}
    return town.api(who).post(f"/members/{member}/extension", wish)


def access(town, member, to, who="laerer", seen=1):
    return town.api(who).post(f"/members/{member}/access", {"access": to, "seen_version": seen})


def test_a_membership_is_made_longer_and_ends_on_the_new_day(town):
    member = invite(town, "helsesykepleier", until=town.today + timedelta(days=1)).json["id"]
    done = longer(town, member, days=30)
    assert (done.status_code, done.json["version"]) == (200, 2)
    assert done.json["from_on"] == town.today.isoformat()
    with town.later(days=30):
        assert reads(town, "helsesykepleier") == 200
    with town.later(days=31):
        assert reads(town, "helsesykepleier") == 404
    row = town.one(TrailRow, TrailRow.action == "member.extend")
    assert row.changes == {"until": done.json["until"]}


def test_longer_only_as_far_as_a_new_one_and_while_consent_holds(town):
    staff = invite(town, "helsesykepleier").json["id"]
    before = town.rows()
    assert obstacles(longer(town, staff, days=370)) == ["until-too-late"]
    assert obstacles(longer(town, staff, days=-1)) == ["until-passed"]
    assert longer(town, staff, seen=7, days=9).status_code == 409
    assert town.rows() == before
    gone = {"services": [str(town.services["helse"])]}
    assert town.api("mor").post(f"/consents/{town.consent}/withdrawal", gone).status_code == 200
    assert obstacles(longer(town, staff, days=9)) == ["service-not-covered"]


def test_nobody_makes_his_own_longer(town):
    """A member may ask; one who also coordinates may not do it to himself."""
    before = town.rows()
    assert longer(town, town.member, "ppt", days=9).status_code == 403
    assert longer(town, town.member, "mor", days=9).status_code == 403
    assert longer(town, town.member, "nyansatt", days=9).status_code == 404
    assert town.rows() == before
    town.tie("ppt", "KO")
    assert longer(town, town.member, "ppt", days=9).status_code == 403


def test_reading_becomes_writing_and_back_on_the_next_request(town):
    member = invite(town, "helsesykepleier", "read").json["id"]
    assert writes(town, "helsesykepleier") == 403
    assert access(town, member, "write").json["access"] == "write"
    assert writes(town, "helsesykepleier") == 201
    assert access(town, member, "read", seen=1).status_code == 409
    assert access(town, member, "read", seen=2).status_code == 200
    assert (reads(town, "helsesykepleier"), writes(town, "helsesykepleier")) == (200, 403)
    assert access(town, member, "write", "ppt", seen=3).status_code == 403


def test_a_member_leaves_and_the_service_s_consent_stands(town):
    wish = {"reason": "Har sluttet i stillingen"}
    path = f"/members/{town.member}/leaving"
    for who, status in (("laerer", 403), ("mor", 403), ("nyansatt", 404)):
        assert town.api(who).post(path, wish).status_code == status
    assert town.api("ppt").post(path, {"reason": " "}).status_code == 422
    assert town.api("ppt").post(path, wish).status_code == 200
    assert reads(town, "ppt") == 404
    assert town.api("ppt").post(path, wish).status_code == 404
    assert invite(town, "ppt").status_code == 201


def test_the_pages_of_change_and_leaving(town):
    folk, holder = f"/barn/{town.child}/folk", town.browser("laerer")
    page = f"/medlem/{town.member}"
    assert f"{page}/endre" in holder.get(folk).text
    wish = {"until": (town.today + timedelta(days=9)).isoformat(), "seen_version": "1"}
    refused = holder.send(f"{page}/forleng", {**wish, "until": "2099-01-01"})
    assert refused.status_code == 422
    assert 'value="2099-01-01"' in refused.text
    assert holder.send(f"{page}/forleng", wish).status_code == 303
    stale = holder.send(f"{page}/tilgang", {"access": "read", "seen_version": "1"})
    assert stale.status_code == 409
    done = holder.send(f"{page}/tilgang", {"access": "read", "seen_version": "2"})
    assert done.status_code == 303
    member = town.browser("ppt")
    assert f"{page}/ut" in member.get(folk).text
    assert f"{page}/endre" not in member.get(folk).text
    assert "Du mister tilgangen" in member.text(f"{page}/ut")
    assert member.send(f"{page}/ut", {"reason": "Ny jobb"}).status_code == 303
    assert member.get(folk).status_code == 404
    assert town.browser("mor").get(f"{page}/ut").status_code == 403
