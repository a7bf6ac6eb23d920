"""What it costs to decide: at most two statements of each request, whatever the route."""

import sys

from stafett.access import ties
from stafett.protection import queries as protection
from stafett.stafettlogg import queries as logs
from stafett.tasks import queries as tasks
from tests.statements import sent_to
from tests.whole.test_routes import GUARDED, OF_A_CHILD, address

PEOPLE = ("laerer", "ppt", "mor", "ke.leder", "nyansatt")


def test_the_decision_takes_two_statements_at_most(town, ids, monkeypatch):
    """Those that ask what he is to the child, if another has asked, and if he is a named reader."""
    inside, to_decide = [], []

    def watched(module, name):
        real = getattr(module, name)

        def counted(*given, **more):
            inside.append(name)
            before = len(statements)
            try:
                return real(*given, **more)
            finally:
                inside.pop()
                if not inside:
                    to_decide.extend(one for one, _ in statements[before:])

        for place in (module, *_importers(name)):
            monkeypatch.setattr(place, name, counted)

    watched(ties, "ties_of")
    watched(logs, "summary_for")
    watched(tasks, "requested")
    watched(protection, "is_reader")
    most = 0
    for name in PEOPLE:
        browser, api = town.browser(name), town.api(name)
        for rule, method in GUARDED:
            if method != "GET" or not rule.arguments & OF_A_CHILD:
                continue
            json = rule.rule.startswith("/api/")
            more = {"headers": api.headers} if json else {}
            to_decide.clear()
            with sent_to(town.database) as statements:
                (api if json else browser).client.get(address(rule, ids), **more)
            here = [one for one in to_decide if not one.startswith(("BEGIN", "SELECT pg_advisory"))]
            assert len(here) <= 2, (name, rule.rule, here)
            most = max(most, len(here))
    assert most >= 1


def _importers(name):
    """The guards that have taken a function by its name."""
    return [
        module
        for path, module in sys.modules.items()
        if path.startswith("stafett.") and path.endswith(".guards") and hasattr(module, name)
    ]
