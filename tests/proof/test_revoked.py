"""A right that is taken away is gone at the next request, also on a connection that stays open."""

import threading
from contextlib import contextmanager
from http.client import HTTPConnection

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from stafett.children import commands as children
from stafett.children.models import Guardian
from stafett.children.rules import Protection
from stafett.consents import commands as consents
from stafett.consents.models import Consent
from stafett.people.models import User
from stafett.protection import commands as protection
from stafett.stafettlogg import membership
from stafett.stafettlogg.models import Member


class KeepsAlive(WSGIRequestHandler):
    """HTTP/1.1, so that one connection carries many requests."""

    protocol_version = "HTTP/1.1"

    def log(self, *_given):
        """Say nothing."""


@contextmanager
def connected(town):
    """One open connection to the application on loopback."""
    server = make_server("127.0.0.1", 0, town.app, threaded=True, request_handler=KeepsAlive)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    try:
        yield connection
    finally:
        connection.close()
        server.shutdown()
        thread.join()
        server.server_close()


def ask(town, connection, who):
    headers = {"Authorization": f"Bearer {town.secret(who, bearer=True)}"}
    connection.request("GET", f"/api/v1/children/{town.child}/entries", headers=headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def end_membership(town):
    with town.work("laerer") as work:
        membership.end_membership(work, work.session.get_one(Member, town.member), "Ferdig", {"SH"})


def withdraw(town):
    with town.work("mor") as work:
        consent = work.session.get_one(Consent, town.consent)
        consents.withdraw(work, consent, consents.Withdraw(), by_family=True)


def block(town):
    with town.work("ke.leder") as work:
        children.block_guardian(work, work.session.get_one(Guardian, town.mor), "Vedtak")


def protect(town):
    with town.work("laerer") as work:
        wish = protection.Grade(Protection.FORTROLIG, "Vedtak")
        protection.protect(work, town.child, wish)


def disable(town):
    with town.database.writing() as session:
        session.get_one(User, town.users["ppt"]).disabled_at = town.now


@pytest.mark.parametrize(
    ("who", "take", "after"),
    [
        ("ppt", end_membership, 404),
        ("ppt", withdraw, 404),
        ("mor", block, 404),
        ("mor", protect, 404),
        ("ppt", disable, 401),
    ],
)
def test_the_next_request_on_the_same_connection_is_refused(town, who, take, after):
    with connected(town) as connection:
        assert ask(town, connection, who) == 200
        same = connection.sock
        take(town)
        assert ask(town, connection, who) == after
        assert connection.sock is same
