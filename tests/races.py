"""Lets two requests meet where each has read what the other is about to change."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Barrier, BrokenBarrierError, local
from typing import Any

from sqlalchemy import event

from stafett.db import Database

PATIENCE = 1
"""Seconds to wait for one who may be held back, as he should be."""


def meet(monkeypatch, module, name):
    """Let whoever calls a function go on when two have, or the other does not come."""
    there, call = Barrier(2), getattr(module, name)

    def together(*given):
        found = call(*given)
        with suppress(BrokenBarrierError):
            there.wait(PATIENCE)
        return found

    monkeypatch.setattr(module, name, together)


@contextmanager
def meeting_at(database: Database, *words: str) -> Iterator[None]:
    """Let two threads go on when each has sent its first statement with one of these words.

    Or when the other does not come: it is held back, as one of two should be.
    """
    there, mine = Barrier(2), local()

    def wait(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not getattr(mine, "came", False) and any(one in statement for one in words):
            mine.came = True
            with suppress(BrokenBarrierError):
                there.wait(PATIENCE)

    event.listen(database.engine, "after_cursor_execute", wait)
    try:
        yield
    finally:
        event.remove(database.engine, "after_cursor_execute", wait)
