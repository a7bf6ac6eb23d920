"""Packs a copy into one ZIP: a page to read and the same as JSON."""

import json
from datetime import date, datetime
from io import BytesIO
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from stafett.dates import OSLO, iso

READ_ME, DATA = "les-meg.html", "data.json"


def packed(html: str, facts: dict[str, Any]) -> bytes:
    """Return the ZIP; the same copy gives the same bytes."""
    made: datetime = facts["made_at"]
    told = json.dumps(facts, ensure_ascii=False, indent=1, default=_written)
    out = BytesIO()
    with ZipFile(out, "w") as pack:
        for name, text in ((READ_ME, html), (DATA, told)):
            info = ZipInfo(name, made.astimezone(OSLO).timetuple()[:6])
            info.compress_type = ZIP_DEFLATED
            pack.writestr(info, text.encode())
    return out.getvalue()


def _written(value: object) -> str:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(value)
