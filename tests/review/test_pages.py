"""What the worker puts up for review, who may judge it, and how it is closed."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from uuid import uuid4

import pytest
from sqlalchemy import insert, select, update

from stafett.access.models import AccessRow, AccessShown
from stafett.audit.models import TrailRow
from stafett.dates import OSLO, next_working_day, oslo_date, working_days_after
from stafett.errors import ConflictError
from stafett.people.models import Service, User
from stafett.review import commands
from stafett.review.commands import Close
from stafett.review.models import Review
from stafett.review.rules import Kind, Look, Outcome, Sign
from stafett.worker import Jobs
from tests.conftest import settings

SIGNS = Review.kind == Kind.SIGNS
"""Not those of the sample, which the worker draws at the turn of a month."""


def look(town, who, when, child=None, action="entry.list", result="allow"):
    """A row of the access log, as the guard writes it."""
    values = {
        "id": uuid4(),
        "at": when,
        "actor_id": town.users[who],
        "service_id": town.actor(who).service_id,
        "action": action,
        "child_id": child or town.child,
        "basis": "MW",
        "result": result,
        "request_id": uuid4().hex,
    }
    with town.database.writing() as session:
        session.execute(insert(AccessRow), [values])


def evening(town):
    """Yesterday at ten in the evening, in Oslo."""
    return datetime.combine(town.today - timedelta(days=1), time(22), OSLO).astimezone(UTC)


@pytest.fixture
def jobs(town):
    return Jobs(town.database, town.database, settings(), town.profile)


@pytest.fixture
def put_up(town):
    """Puts up one look for review and returns it."""

    def made(who="ppt", kind=Kind.SIGNS, signs=(Sign.OFF_HOURS, Sign.SAME_SURNAME), **seen):
        on = oslo_date(evening(town))
        found = commands.Found(kind, Look(town.users[who], town.child, on), frozenset(signs))
        with town.database.writing() as session:
            commands.put_up(session, [found], town.now)
        look(town, who, evening(town), **seen)
        return town.one(Review, Review.actor_id == town.users[who])

    return made


ANSWER = {"outcome": "in_the_work", "words": "PPT hadde vakt.", "seen_version": "1"}


def test_the_worker_puts_up_what_has_signs_and_does_it_once(town, jobs):
    """Everybody in the town is called Demo, so an evening is enough."""
    look(town, "ppt", evening(town))
    look(town, "ppt", evening(town) + timedelta(minutes=1))
    look(town, "mor", evening(town))
    for _ in range(2):
        jobs.day = None
        jobs.round(town.now)
    review = town.one(Review, SIGNS)
    assert (review.actor_id, review.child_id) == (town.users["ppt"], town.child)
    assert review.looked_on == oslo_date(evening(town))
    assert review.signs == [Sign.OFF_HOURS, Sign.SAME_SURNAME]
    assert review.service_id == town.services["ppt"]
    assert review.due_on == working_days_after(town.today, 10)


def test_two_workers_that_found_the_same_put_it_up_once(town, database):
    look(town, "ppt", evening(town))
    with database.reading() as session:
        found = commands.find_signs(session, town.now, town.profile)
    for new in (1, 0):
        with database.writing() as session:
            assert commands.put_up(session, found, town.now) == new
    assert town.count(Review, SIGNS) == 1


def test_the_same_question_is_not_asked_again_the_next_evening(town, jobs):
    look(town, "ppt", evening(town))
    jobs.round(town.now)
    look(town, "ppt", evening(town) + timedelta(days=1))
    jobs.round(town.now + timedelta(days=1))
    assert town.count(Review, SIGNS) == 1


def test_who_left_is_known_afterwards(town, jobs):
    workday = next_working_day(town.today - timedelta(days=5))
    when = datetime.combine(workday, time(10), OSLO).astimezone(UTC)
    look(town, "ppt", when)
    jobs.round(max(town.now, when))
    assert town.count(Review, SIGNS) == 0
    with town.database.writing() as session:
        gone = when + timedelta(days=2)
        session.execute(update(User).where(User.username == "ppt").values(disabled_at=gone))
    jobs.day = None
    jobs.round(max(town.now, when))
    assert town.one(Review, SIGNS).signs == [Sign.BEFORE_LEAVING, Sign.SAME_SURNAME]


@pytest.fixture
def ppt_leaves(town, jobs):
    """Lets PPT leave, which the worker learns the next time it looks, and then once more."""

    def leave():
        with town.database.writing() as session:
            session.execute(update(User).where(User.username == "ppt").values(disabled_at=town.now))
        for _ in range(2):
            jobs.day = None
            jobs.round(town.now)

    return leave


def test_what_is_known_afterwards_comes_to_a_review_that_waits(town, jobs, ppt_leaves):
    look(town, "ppt", evening(town))
    jobs.round(town.now)
    ppt_leaves()
    assert town.one(Review, SIGNS).signs == [Sign.BEFORE_LEAVING, Sign.OFF_HOURS, Sign.SAME_SURNAME]


def test_what_is_known_after_the_answer_is_asked_about_anew(town, jobs, ppt_leaves):
    """The answer stands as it was given, to what it was given."""
    look(town, "ppt", evening(town))
    jobs.round(town.now)
    officer, first = town.browser("personvernombud"), town.one(Review, SIGNS)
    assert officer.send(f"/kontroll/{first.id}", ANSWER).status_code == 303
    ppt_leaves()
    assert town.one(Review, SIGNS, Review.closed_at.is_not(None)).signs == first.signs
    new = town.one(Review, SIGNS, Review.closed_at.is_(None))
    assert new.looked_on == first.looked_on
    assert "spurt om før" in officer.text("/kontroll")
    said = officer.text(f"/kontroll/{new.id}")
    assert "etter svaret nedenfor: Personen skulle slutte, eller hadde sluttet. Dette var" in said
    assert "spurt om før: Det var utenom arbeidstid" in said
    assert "Svart før Det hørte til arbeidet PPT hadde vakt." in said
    assert "Svart før" not in officer.text(f"/kontroll/{first.id}")
    answer = {**ANSWER, "outcome": "followed_up"}
    assert officer.send(f"/kontroll/{new.id}", answer).status_code == 303
    assert "Svart før" in officer.text(f"/kontroll/{new.id}")
    assert "Svart før" not in officer.text(f"/kontroll/{first.id}")
    jobs.day = None
    jobs.round(town.now)
    assert town.count(Review, SIGNS) == 2


def test_who_may_not_read_the_answer_is_asked_about_all_of_it(town, put_up):
    """Another leader than the one who answered: the person works elsewhere now."""
    first = put_up("helsesykepleier")
    officer, leader = town.browser("personvernombud"), town.browser("ke.leder")
    assert officer.send(f"/kontroll/{first.id}", ANSWER).status_code == 303
    with town.database.writing() as session:
        elsewhere = town.services["ppt"]
        session.execute(update(Review).values(service_id=elsewhere))
    signs = (Sign.BEFORE_LEAVING, Sign.OFF_HOURS, Sign.SAME_SURNAME)
    with town.database.writing() as session:
        found = commands.Found(
            Kind.SIGNS, Look(first.actor_id, town.child, first.looked_on), frozenset(signs)
        )
        assert commands.put_up(session, [found], town.now) == 1
    new = town.one(Review, Review.closed_at.is_(None))
    said = leader.text(f"/kontroll/{new.id}")
    assert "Svart før" not in said
    assert "PPT hadde vakt" not in said
    assert "får spørsmålet Personen skulle slutte, eller hadde sluttet. Det var utenom" in said


def test_a_sign_that_came_while_somebody_read_is_not_answered_unseen(town, put_up):
    review = put_up()
    signs = frozenset({Sign.BEFORE_LEAVING})
    with town.database.writing() as session:
        found = commands.Found(
            Kind.SIGNS, Look(review.actor_id, town.child, review.looked_on), signs
        )
        assert commands.put_up(session, [found], town.now) == 0
    officer = town.browser("personvernombud")
    answer = officer.send(f"/kontroll/{review.id}", ANSWER)
    assert answer.status_code == 409
    said = answer.get_data(as_text=True)
    assert "Personen skulle slutte" in said
    assert "PPT hadde vakt." in said
    assert "Se hva som er nytt" in said
    assert town.one(Review).closed_at is None
    assert 'name="seen_version" value="2"' in said
    again = {**ANSWER, "seen_version": "2"}
    assert officer.send(f"/kontroll/{review.id}", again).status_code == 303


def test_who_answers_second_keeps_his_words_and_reads_the_first_answer(town, put_up):
    review = put_up("koordinator")
    form = f"/kontroll/{review.id}"
    assert town.browser("ke.leder").send(form, ANSWER).status_code == 303
    second = {**ANSWER, "outcome": "breach", "words": "Jeg har også spurt."}
    answer = town.browser("personvernombud").send(form, second)
    assert answer.status_code == 409
    said = answer.get_data(as_text=True)
    for words in ("svarte før deg", "Jeg har også spurt.", "PPT hadde vakt."):
        assert words in said
    assert "lagre igjen" not in said  # there is no form any more
    assert town.one(Review).outcome == ANSWER["outcome"]


def test_facts_are_read_from_what_the_kommune_has_registered(town, jobs):
    """A guardian with the reader's own name; a baton passed on."""
    with town.database.writing() as session:
        session.execute(update(User).where(User.username == "ppt").values(name="Mor Demo"))
    when = datetime.combine(next_working_day(town.today - timedelta(days=6)), time(10), OSLO)
    look(town, "ppt", when.astimezone(UTC))
    jobs.round(town.now + timedelta(days=1))
    assert town.one(Review, SIGNS).signs == [Sign.OWN_CHILD]


def test_a_sample_of_last_month_is_drawn_once(town, database):
    first = town.today.replace(day=1)
    for number in range(25):
        when = datetime.combine(first - timedelta(days=1 + number), time(10), OSLO)
        look(town, "ppt", when.astimezone(UTC))
        look(town, "mor", when.astimezone(UTC))
    with database.writing() as session:
        drawn = commands.draw_sample(session, town.now, Random(1).sample)
        assert commands.put_up(session, drawn, town.now) == len(drawn) == 20
        assert commands.draw_sample(session, town.now, Random(2).sample) == []
    with database.reading() as session:
        rows = session.scalars(select(Review)).all()
    assert {row.actor_id for row in rows} == {town.users["ppt"]}
    assert {row.kind for row in rows} == {Kind.SAMPLE}
    assert all(row.signs == [] for row in rows)


def test_a_name_breaks_between_its_parts_alone(town, put_up):
    with town.database.writing() as session:
        session.execute(update(User).where(User.username == "ppt").values(name="Noah Demo-Wik"))
    shown = town.browser("personvernombud").get(f"/kontroll/{put_up().id}")
    kept = '<span class="st-nowrap">Noah</span> <span class="st-nowrap">Demo-Wik</span>, ppt'
    assert kept in shown.text


# Who may judge.


def test_the_privacy_officer_judges_all_and_a_leader_only_his_own_unit(town, put_up):
    of_school, of_ke = put_up("ppt"), put_up("helsesykepleier")  # KE's leader leads helse here
    officer, leader = town.browser("personvernombud"), town.browser("ke.leder")
    assert "Ppt Demo så på Nora Demo" in officer.text("/kontroll")
    assert "Helsesykepleier Demo så på Nora Demo" in officer.text("/kontroll")
    said = leader.text("/kontroll")
    assert "Helsesykepleier Demo" in said
    assert "Ppt Demo" not in said
    page = officer.text(f"/kontroll/{of_school.id}")
    assert ("Alle kontroller" in page, "Tilbake" in page) == (True, False)  # one way back
    assert leader.get(f"/kontroll/{of_ke.id}").status_code == 200
    assert leader.get(f"/kontroll/{of_school.id}").status_code == 404
    assert leader.send(f"/kontroll/{of_school.id}", ANSWER).status_code == 404
    assert town.one(Review, Review.id == of_school.id).closed_at is None


def test_nobody_judges_his_own_looks(town, put_up):
    with town.database.writing() as session:
        session.execute(update(Service).values(leader_id=town.users["ke.leder"]))
    own = put_up("ke.leder")
    assert town.browser("ke.leder").get(f"/kontroll/{own.id}").status_code == 404
    assert "Ingen oppslag venter" in town.browser("ke.leder").text("/kontroll")
    assert town.browser("personvernombud").get(f"/kontroll/{own.id}").status_code == 200


@pytest.mark.parametrize("who", ["laerer", "rektor", "admin", "mor", "ke.saksbehandler", "bup"])
def test_nobody_else_may_see_that_there_are_any(town, put_up, who):
    review = put_up()
    browser = town.browser(who)
    assert browser.get("/kontroll").status_code == 403
    assert browser.get(f"/kontroll/{review.id}").status_code == 403
    assert browser.get(f"/kontroll/{uuid4()}").status_code == 403
    assert browser.send(f"/kontroll/{review.id}", ANSWER).status_code == 403


def test_a_leader_who_may_not_know_of_the_child_is_not_told_its_name(town, put_up):
    review = put_up("helsesykepleier")
    leader = town.browser("ke.leder")
    for path in ("/kontroll", f"/kontroll/{review.id}"):
        said = leader.text(path)
        assert "Nora" not in said
        assert "et barn du ikke har tilgang til" in said
    assert town.count(AccessShown, AccessShown.actor_id == town.users["ke.leder"]) == 0
    town.tie("ke.leder", "KEL")
    assert "Nora Demo" in leader.text(f"/kontroll/{review.id}")
    assert town.count(AccessShown, AccessShown.actor_id == town.users["ke.leder"]) == 1


# The page of one review.


def test_it_shows_the_look_and_why_and_nothing_about_anybodys_work(town, put_up):
    review = put_up()
    look(town, "ppt", evening(town) + timedelta(minutes=4), action="plan.read", result="deny")
    look(town, "ppt", evening(town) - timedelta(days=1), action="plan.read_version")
    said = town.browser("personvernombud").text(f"/kontroll/{review.id}")
    assert "utenom arbeidstid" in said
    assert "samme etternavn" in said
    assert "22:00" in said
    assert "Leste stafettloggen" in said
    assert "Ppt er med i stafettloggen" in said
    assert "Prøvde, men fikk ikke se" in said
    assert "Leste en versjon av planen" not in said  # another day
    assert "poeng" not in said


def test_one_who_was_kept_out_has_only_tried(town, put_up):
    review = put_up("nyansatt", signs=(Sign.REFUSED,), result="deny")
    said = town.browser("personvernombud").text(f"/kontroll/{review.id}")
    assert "Nyansatt Demo prøvde å se på Nora Demo" in said
    assert "Dette ble prøvd" in said
    assert "Dette ble åpnet" not in said


def test_one_of_the_sample_says_so(town, put_up):
    review = put_up(kind=Kind.SAMPLE, signs=())
    officer = town.browser("personvernombud")
    assert "trukket ut tilfeldig" in officer.text("/kontroll")
    assert "trukket ut tilfeldig" in officer.text(f"/kontroll/{review.id}")


def test_it_is_closed_with_an_answer_and_a_word_and_leaves_its_trail(town, put_up):
    review = put_up()
    officer = town.browser("personvernombud")
    answer = officer.send(f"/kontroll/{review.id}", ANSWER)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/kontroll")
    closed = town.one(Review)
    assert (closed.outcome, closed.words) == ("in_the_work", "PPT hadde vakt.")
    assert closed.closed_by == town.users["personvernombud"]
    trail = town.one(TrailRow, TrailRow.object_id == review.id)
    assert (trail.action, trail.changes) == ("audit.anomaly_review", {"outcome": "in_the_work"})
    said = officer.text("/kontroll")
    assert "Ingen oppslag venter" in said
    assert "Det hørte til arbeidet" in said
    said = officer.text(f"/kontroll/{review.id}")
    assert "PPT hadde vakt." in said
    assert "Avslutt kontrollen" not in said


def test_what_is_missing_is_said_at_its_field_and_what_was_typed_is_kept(town, put_up):
    review = put_up()
    officer = town.browser("personvernombud")
    for sent, said in (
        ({"words": "Jeg spurte henne."}, "Jeg spurte henne."),
        ({"words": "Jeg spurte henne."}, "Velg hva det var."),
        ({"outcome": "in_the_work", "words": "  "}, "checked"),
        ({"outcome": "in_the_work", "words": "  "}, "Skriv hva du fant ut."),
        ({"outcome": "tull", "words": "x"}, "Velg en av disse"),
    ):
        answer = officer.send(f"/kontroll/{review.id}", sent)
        assert answer.status_code == 422
        assert said in answer.get_data(as_text=True)
    assert town.one(Review).closed_at is None


def test_it_is_closed_once(town, put_up):
    review = put_up()
    officer = town.browser("personvernombud")
    assert officer.send(f"/kontroll/{review.id}", ANSWER).status_code == 303
    again = {**ANSWER, "outcome": "breach"}
    assert officer.send(f"/kontroll/{review.id}", again).status_code == 409
    with town.work("personvernombud") as work:
        one = work.session.get_one(Review, review.id)
        with pytest.raises(ConflictError):
            commands.close(work, one, Close(Outcome.BREACH, "x", 2))
    assert town.one(Review).outcome == "in_the_work"
    assert town.count(TrailRow, TrailRow.object_id == review.id) == 1


def test_it_is_late_after_ten_working_days(town, put_up):
    review = put_up()
    assert review.due_on == working_days_after(town.today, 10)
    with town.database.writing() as session:
        session.execute(update(Review).values(due_on=town.today - timedelta(days=2)))
    officer = town.browser("personvernombud")
    for path in ("/kontroll", f"/kontroll/{review.id}"):
        assert "2 dager forsinket" in officer.text(path)


def test_the_menu_leads_there_for_those_who_judge(town):
    for who, there in (("personvernombud", True), ("ke.leder", True), ("laerer", False)):
        page = town.browser(who).get("/innstillinger" if who != "laerer" else "/barn")
        assert ('href="/kontroll"' in page.get_data(as_text=True)) is there


def test_days_that_do_not_exist_are_no_problem(town, jobs):
    """The night when the clock is turned."""
    for day in (date(2026, 3, 29), date(2026, 10, 25)):
        look(town, "ppt", datetime.combine(day, time(2, 30), OSLO).astimezone(UTC))
    jobs.round(datetime(2026, 10, 26, 3, tzinfo=UTC))
