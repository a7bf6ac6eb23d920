"""Opaque cursors: where a list stopped, for whoever asks for its next part."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from json import dumps, loads
from typing import Any, Generic, TypeVar

from marshmallow import ValidationError, fields

Place = TypeVar("Place")


def write(*parts: str) -> str:
    """Return the place after an item, told by its order's columns as text."""
    return urlsafe_b64encode(dumps(parts).encode()).decode()


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
