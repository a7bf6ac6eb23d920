"""Errors the domain raises, with stable codes; only `web/errors.py` knows their HTTP status."""

from collections.abc import Mapping, Sequence
from typing import ClassVar


class StafettError(Exception):
    """Base class. `code` is for programs and never changes; the text is for people."""

    code: ClassVar[str] = "error"


class NotSignedInError(StafettError):
    """Nobody, or nobody known, is behind the request."""

    code = "not-signed-in"


class NotFoundError(StafettError):
    """The record does not exist, or this actor may not know that it exists."""

    code = "not-found"


class DeniedError(StafettError):
    """The actor may see the record but not do this to it."""

    code = "denied"


class ForeignPartError(DeniedError):
    """The actor may change a part of this, but not the parts at `paths`."""

    def __init__(self, paths: Sequence[str]) -> None:
        """Keep the paths."""
        super().__init__(", ".join(paths))
        self.paths = tuple(paths)


class CsrfError(DeniedError):
    """The form was not made by us for this session, or the session has been renewed since."""

    code = "csrf"


class ConflictError(StafettError):
    """Somebody else saved a newer version after this one was opened; `current` is that version."""

    code = "conflict"

    def __init__(self, current: Mapping[str, object] | None = None) -> None:
        """Keep what stands now, as JSON shows it."""
        super().__init__(self.code)
        self.current = current


class RuleBrokenError(StafettError):
    """A rule of the domain forbids the step; `obstacles` lists every reason at once."""

    code = "rule-broken"

    def __init__(self, obstacles: Sequence[str]) -> None:
        """Keep the codes."""
        super().__init__("; ".join(obstacles))
        self.obstacles = tuple(obstacles)


class FieldError(StafettError):
    """What was typed in some field names nothing that exists, or not what it must."""

    code = "invalid"

    def __init__(self, field: str, *problems: str) -> None:
        """Keep the field's name on the wire and the problems' codes."""
        super().__init__(f"{field}: {', '.join(problems)}")
        self.fields: Mapping[str, Sequence[str]] = {field: problems}

    @classmethod
    def of(cls, fields: Mapping[str, Sequence[str]]) -> "FieldError":
        """Make one error of the problems of several fields."""
        error = cls("", *(code for codes in fields.values() for code in codes))
        error.fields = {name: codes for name, codes in fields.items() if codes}
        return error


class KeyReusedError(StafettError):
    """The idempotency key was used before, for something else."""

    code = "key-reused"


class TooManyAttemptsError(StafettError):
    """The same thing was tried too often; `seconds` is how long to wait."""

    code = "too-many-attempts"

    def __init__(self, seconds: int) -> None:
        """Keep the waiting time."""
        super().__init__(str(seconds))
        self.seconds = seconds


class BusyError(StafettError):
    """So many others are being answered first that there is no turn for this one now."""

    code = "busy"


class UnavailableError(StafettError):
    """The log row could not be stored, so there is no answer."""

    code = "unavailable"
