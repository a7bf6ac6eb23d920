"""State machines told as tables: what comes of every event in every state, each taken back."""

from contextlib import suppress

from stafett.errors import ConflictError, DeniedError, FieldError, RuleBrokenError


class _TakeBackError(Exception):
    """Rolls back what was tried."""


def tried(town, who, event, state, now=None):
    """Return where an event leads, or the codes of what refuses it, and take it back.

    `event` may say itself what came of it; else `state` does.
    """
    told = None
    with suppress(_TakeBackError), town.work(who, now) as work:
        try:
            told = event(work)
            work.session.flush()
            told = told if isinstance(told, str) else state(work)
        except RuleBrokenError as error:
            told = " ".join(error.obstacles)
        except FieldError as error:
            told = " ".join(code for codes in error.fields.values() for code in codes)
        except (ConflictError, DeniedError) as error:
            told = error.code
        raise _TakeBackError
    return told
