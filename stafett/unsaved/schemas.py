"""The shape of what lets go of something that is being written."""

from typing import Any

from marshmallow import Schema, post_load

from stafett.web.forms import Count


class LetGoSchema(Schema):
    """A wish to let go of what was kept while it was written."""

    draft_version = Count(0, required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> int:
        return int(data["draft_version"])
