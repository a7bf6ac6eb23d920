"""Mail: neutral, to those who want it and have something, once, and never lost."""

import re
import socket
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import select, update

from stafett.access.models import Tie
from stafett.dates import oslo_date
from stafett.mail import MailError
from stafett.notices import commands
from stafett.notices.models import Notice
from stafett.notices.rules import ADDRESS, Often, is_news, key, wait_after
from stafett.people.models import User
from stafett.stafettlogg.models import Stafettlogg
from stafett.worker import Jobs
from tests.conftest import settings
from tests.plan.scene import an_ip_child, drafted, made, path, submitted, whole
from tests.worklist.test_ending import ends

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)  # ten in Oslo
QUARTER = timedelta(minutes=15)


class Server:
    """A small SMTP server: keeps what it is given, and answers RCPT and QUIT as it is told."""

    def __init__(self, rcpt=b"250 ok", bye=b"221 bye", *, dies_at_data=False):
        self.mails, self.rcpt, self.bye, self.dies_at_data = [], rcpt, bye, dies_at_data
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"smtp://127.0.0.1:{self.listener.getsockname()[1]}?from=varsel@stafett.test"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                talks, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(talks,), daemon=True).start()

    def _talk(self, talks):
        with talks, talks.makefile("rwb", buffering=0) as line:
            line.write(b"220 test\r\n")
            while said := line.readline():
                word = said[:4].upper()
                if word == b"DATA":
                    line.write(b"354 go\r\n")
                    mail = b"".join(iter(line.readline, b".\r\n"))
                    if self.dies_at_data:
                        return
                    self.mails.append(message_from_bytes(mail, policy=policy.default))
                    line.write(b"250 kept\r\n")
                elif word == b"QUIT":
                    line.write(self.bye + b"\r\n")
                    return
                else:
                    line.write((self.rcpt if word == b"RCPT" else b"250 ok") + b"\r\n")


@contextmanager
def smtp(**more):
    server = Server(**more)
    yield server
    server.listener.shutdown(socket.SHUT_RDWR)
    server.listener.close()


@pytest.fixture
def jobs(database, app):
    def made(url):
        given = settings(STAFETT_MAIL_URL=url) if url else settings()
        return Jobs(database, None, given, app.extensions["stafett.profile"])

    return made


def wants(town, who="laerer", often="at_once", address="kari@skole.test", seen=0):
    wish = {"often": often, "address": address, "seen_version": seen}
    answer = town.api(who).put("/notices", wish)
    assert answer.status_code == 200, answer.json
    return answer.json


def due(town, days=0):
    """Give the holder something to do."""
    with town.work("laerer") as work:
        day = {"next_evaluation_on": town.today + timedelta(days=days)}
        work.session.execute(update(Stafettlogg).values(day))


def rounds(job, now):
    job.tell(now)
    job.send(now)


def outbox(town):
    with town.database.reading() as session:
        return list(session.scalars(select(Notice.state).order_by(Notice.made_at)))


# What is pure.


@pytest.mark.parametrize(
    ("often", "now", "wanted"),
    [
        (Often.NEVER, MONDAY, None),
        (Often.DAILY, MONDAY, "2026-03-02"),
        (Often.DAILY, MONDAY.replace(hour=5, minute=59), None),  # before seven in Oslo
        (Often.DAILY, MONDAY.replace(hour=6), "2026-03-02"),
        (Often.DAILY, MONDAY - timedelta(days=1), None),  # a Sunday
        (Often.DAILY, datetime(2026, 4, 3, 9, tzinfo=UTC), None),  # Good Friday
        (Often.DAILY, datetime(2026, 3, 2, 23, 30, tzinfo=UTC), None),  # half past midnight
        (Often.AT_ONCE, MONDAY - timedelta(days=1), "2026-03-01T09:00+00:00"),
    ],
)
def test_when_a_mail_might_go(often, now, wanted):
    assert key(often, now) == wanted


def test_only_what_is_new_is_news():
    assert is_news(["a"], [])
    assert is_news(["a:late"], ["a"])
    assert not is_news(["a"], ["a", "b"])
    assert not is_news([], ["a"])


def test_each_wait_is_longer_until_six_hours():
    waits = [wait_after(attempts) for attempts in (1, 2, 3, 8, 10_000)]
    assert waits == [timedelta(minutes=one) for one in (5, 10, 20, 360, 360)]


# What one chooses.


def test_what_is_no_address_is_refused_at_its_field(town):
    for address in (
        *("", "kari", "kari@", "@skole.no", "kari@skole", "a b@skole.no", "a@b.no,c@d.no"),
        *("a@b.no\r\nBcc: c@d.no", "a@b.no\0", "Kari <a@b.no>", "å@b.no", "a@b..no"),
    ):
        assert not ADDRESS.fullmatch(address)
        wish = {"often": "daily", "address": address, "seen_version": 0}
        answer = town.api("laerer").put("/notices", wish)
        assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, ["address"])
        page = town.browser("laerer").send("/varsler", wish)
        assert page.status_code == 422
        assert 'id="address-feil"' in page.get_data(as_text=True)
        assert '<a class="ds-link" href="#address">E-postadressen: ' in page.get_data(as_text=True)
    assert not ADDRESS.fullmatch("a@b.no\n")


def test_one_chooses_for_oneself_and_may_stop(town):
    made = wants(town, often="daily")
    assert (made["often"], made["address"], made["version"]) == ("daily", "kari@skole.test", 1)
    stale = {"often": "never", "address": "", "seen_version": 0}
    assert town.api("laerer").put("/notices", stale).status_code == 409
    browser = town.browser("laerer")
    assert "Du får e-post én gang om dagen, til kari@skole.test." in browser.text("/varsler")
    page = browser.send("/varsler", {"often": "never", "seen_version": "1"})
    assert (page.status_code, page.headers["Location"]) == (303, "/varsler#valgt")
    assert "Du har valgt ikke å få e-post." in browser.text("/varsler")
    assert 'id="valgt"' not in town.browser("ppt").get("/varsler").text
    assert town.api("laerer").get("/notices").json["often"] == "never"
    assert town.api("ppt").get("/notices").json["version"] == 0


# What goes out.


def test_a_mail_says_nothing_but_that_one_may_log_in(town, jobs):
    wants(town)
    due(town)
    with smtp() as server:
        rounds(jobs(server.url), town.now)
        (mail,) = server.mails
    whole = mail.as_string()
    secrets = [str(one) for one in (town.child, town.log, *town.users.values())]
    secrets += [one.replace("-", "") for one in secrets]
    assert not [one for one in ("Nora", "Laerer", "skole ", *secrets) if one in whole]
    assert (mail["To"], mail["From"]) == ("kari@skole.test", "varsel@stafett.test")
    assert mail["Subject"] == "Noe venter på deg i Stafett"
    assert re.fullmatch(r"<[0-9a-f]{32}@stafett.test>", mail["Message-ID"])
    assert "http://127.0.0.1:5000/" in mail.get_content()
    (shown,) = town.api("laerer").get("/notices").json["items"]
    assert shown["state"] == "sent"
    assert "Noe nytt ventet på deg" in town.browser("laerer").text("/varsler")


@pytest.mark.parametrize(
    ("said", "people"), [("reject", ["mor"]), ("approve", ["mor", "far"])], ids=["no", "yes"]
)
def test_what_the_family_said_of_a_plan_is_news_to_its_coordinator(town, jobs, said, people):
    child = an_ip_child(town)
    submitted(town, child)
    wants(town, "koordinator")
    with smtp() as server:
        job = jobs(server.url)
        rounds(job, town.now)
        assert server.mails == []
        for who in people:
            there = f"{path(town, child)}/versions/1/approvals"
            assert town.api(who).post(there, {"answer": said}).status_code == 200
        rounds(job, town.now + QUARTER)
        (mail,) = server.mails
        assert "Ida" not in mail.as_string()
        rounds(job, town.now + 2 * QUARTER)
        assert len(server.mails) == 1


def test_what_waited_already_is_no_news_and_what_is_late_is(town, jobs):
    due(town)
    wants(town)
    with smtp() as server:
        job = jobs(server.url)
        rounds(job, town.now)
        assert server.mails == []
        due(town, -1)
        for quarter in range(4):
            rounds(job, town.now + quarter * QUARTER)
        assert len(server.mails) == 1


def test_that_the_family_said_no_is_news_to_who_waited_for_its_answer(town, jobs):
    child = an_ip_child(town)
    draft = drafted(town, who="koordinator", child=child, **whole(town))
    assert made(town, draft, "koordinator", child).status_code == 201
    wants(town, "koordinator")
    with smtp() as server:
        job = jobs(server.url)
        rounds(job, town.now)
        assert server.mails == []
        there = f"{path(town, child)}/versions/1/approvals"
        assert town.api("mor").post(there, {"answer": "reject"}).status_code == 200
        rounds(job, town.now + QUARTER)
        (mail,) = server.mails
    assert "plan" not in mail.get_content().casefold()


def test_two_workers_at_once_send_one(town, jobs):
    """Whether both find the news, or both find the mail, one of them gets it."""
    wants(town)
    due(town)
    with smtp() as server:
        job, other = jobs(server.url), jobs(server.url)
        gate = threading.Barrier(2)

        def work(one):
            gate.wait()
            rounds(one, town.now)
            rounds(one, town.now + timedelta(seconds=1))

        both = [threading.Thread(target=work, args=(one,)) for one in (job, other)]
        for one in both:
            one.start()
        for one in both:
            one.join(60)
        assert len(server.mails) == 1
    assert outbox(town) == ["sent"]


def test_a_mail_in_one_hand_is_not_taken_by_another(town, jobs):
    wants(town)
    due(town)
    job = jobs(None)
    job.tell(town.now)
    with town.database.writing() as session:
        assert commands.claim(session, town.now, town.profile) is not None
    with town.database.writing() as session:
        assert commands.claim(session, town.now + timedelta(minutes=59), town.profile) is None
    with town.database.writing() as session:  # that worker has died
        assert commands.claim(session, town.now + timedelta(hours=1), town.profile) is not None


def test_a_dead_server_loses_nothing(town, jobs):
    wants(town)
    due(town)
    with smtp() as gone:
        pass
    job = jobs(gone.url)
    for quarter in range(3):
        with pytest.raises(MailError, match="utboksen"):
            rounds(job, town.now + quarter * QUARTER)
    assert outbox(town) == ["waiting"]
    with smtp() as server:
        rounds(jobs(server.url), town.now + 4 * QUARTER)
        assert len(server.mails) == 1


def test_a_server_that_fails_is_asked_again_later(town, jobs):
    wants(town)
    due(town)
    for minutes, broken in ((0, {"rcpt": b"451 later"}), (15, {"dies_at_data": True})):
        with smtp(**broken) as server:
            rounds(jobs(server.url), town.now + timedelta(minutes=minutes))
        assert outbox(town) == ["waiting"]
    with smtp() as server:
        rounds(jobs(server.url), town.now + timedelta(minutes=24))
        assert server.mails == []  # ten minutes after the second attempt
        rounds(jobs(server.url), town.now + timedelta(minutes=26))
        assert len(server.mails) == 1


def test_a_mail_that_is_done_is_forgotten_after_ninety_days_and_one_that_waits_never(town, jobs):
    wants(town)
    due(town)
    rounds(jobs(None), town.now)
    jobs(None).clear(town.now + timedelta(days=365))
    assert outbox(town) == ["waiting"]
    with smtp() as server:
        rounds(jobs(server.url), town.now)
    jobs(None).clear(town.now + timedelta(days=90, seconds=-1))
    assert outbox(town) == ["sent"]
    jobs(None).clear(town.now + timedelta(days=90))
    assert outbox(town) == []


@pytest.mark.parametrize("bye", [b"250 ok", b"421 closing", b"what?"])
def test_what_a_server_says_in_parting_stops_no_worker(town, jobs, bye):
    wants(town)
    due(town)
    with smtp(bye=bye) as server:
        rounds(jobs(server.url), town.now)
        assert len(server.mails) == 1
    assert outbox(town) == ["sent"]


def test_an_address_that_is_nobodys_is_not_tried_again(town, jobs):
    wants(town)
    due(town)
    with smtp(rcpt=b"550 no such user") as server:
        rounds(jobs(server.url), town.now)
    assert outbox(town) == ["refused"]
    assert "adressen finnes ikke" in town.browser("laerer").text("/varsler")


@pytest.mark.parametrize("lost", ["disabled", "access", "wish"])
def test_who_has_lost_the_access_or_the_wish_gets_nothing(town, jobs, lost):
    """Also when the mail was in the outbox already."""
    wants(town)
    due(town)
    jobs(None).tell(town.now)
    assert outbox(town) == ["waiting"]
    with town.work("laerer") as work:
        mine = town.users["laerer"]
        if lost == "disabled":
            work.session.execute(update(User).where(User.id == mine).values(disabled_at=town.now))
        elif lost == "access":
            work.session.execute(update(Tie).where(Tie.user_id == mine).values(ended_at=town.now))
    if lost == "wish":
        wants(town, often="never", seen=town.api("laerer").get("/notices").json["version"])
    with smtp() as server:
        rounds(jobs(server.url), town.now + QUARTER)
        assert server.mails == []
    assert outbox(town) == ["dropped"]


def test_without_a_server_mail_is_kept_and_the_administrator_sees_how_much(town, jobs):
    wants(town)
    due(town)
    rounds(jobs(None), town.now)
    (row,) = town.api("admin").get("/outbox").json["items"]
    assert (row["state"], row["count"], row["attempts"]) == ("waiting", 1, 0)
    said = town.browser("admin").text("/admin/utboks")
    assert "Venter" in said
    assert "Nora" not in said
    assert "Laerer" not in said
    assert "STAFETT_MAIL_URL" in said
    for who in ("laerer", "mor", "ke.leder", "personvernombud"):
        assert town.api(who).get("/outbox").status_code == 403


@pytest.mark.parametrize("who", ["laerer", "mor"])
def test_a_mail_goes_a_month_and_a_week_before_and_not_between(town, jobs, who):
    ends(town, 40)
    wants(town, who)
    with smtp() as server:
        job, sent = jobs(server.url), []
        for minutes, days in enumerate((31, 30, 29, 8, 7, 6)):
            now = town.now + timedelta(minutes=minutes)
            ends(town, days + (oslo_date(now) - town.today).days)
            rounds(job, now)
            sent.append(len(server.mails))
    assert sent == [0, 1, 1, 1, 2, 2]
