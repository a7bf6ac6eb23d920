"""Opaque cursors: where a list stopped, for whoever asks for its next part."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from json import dumps, loads
from typing import Any, Generic, TypeVar
from uuid import UUID

from marshmallow import ValidationError, fields

Place = TypeVar("Place")


def write(*parts: str) -> str:
    """Return the place after an item, told by its order's columns as text."""
    return urlsafe_b64encode(dumps(parts).encode()).decode()


def at(moment: str, row_id: str) -> tuple[datetime, UUID]:
    """Return the place that `write_at` told: a UTC moment, and an id where two are of one moment.

    Raises:
        ValueError: it is none.

    """
    read = datetime.fromisoformat(moment)
    if read.tzinfo is None:
        raise ValueError(moment)
    return read.astimezone(UTC), UUID(row_id)


def write_at(moment: datetime, row_id: UUID) -> str:
    """Return the place after a row in a list that is ordered by moments, and by id in each."""
    return write(moment.isoformat(), str(row_id))


class CursorField(fields.Field[Place], Generic[Place]):
    """A cursor that a list gave; `read` turns its texts into what the query asks for."""

    def __init__(self, read: Any, **options: Any) -> None:
        """Take the function from texts to the query's place; it raises ValueError or TypeError."""
        super().__init__(load_default=None, metadata={"type": "string"}, **options)
        self.read = read

    def _deserialize(self, value: Any, attr: Any, data: Any, **_: Any) -> Any:
        try:
            return self.read(*loads(urlsafe_b64decode(value.encode()).decode()))
        except (ArithmeticError, AttributeError, RecursionError, TypeError, ValueError) as error:
            msg = "Start fra begynnelsen av lista."
            raise ValidationError(msg) from error
