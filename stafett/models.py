"""Imports every table, so that `Base.metadata` is whole."""

import stafett.access.models
import stafett.audit.models
import stafett.children.models
import stafett.consents.models
import stafett.disclosure.models
import stafett.emergency.models
import stafett.entries.models
import stafett.notices.models
import stafett.people.models
import stafett.plan.models
import stafett.protection.models
import stafett.questions.models
import stafett.review.models
import stafett.stafettlogg.models
import stafett.tasks.models
import stafett.team.models
import stafett.twins.models
import stafett.unsaved.models
import stafett.web.models  # noqa: F401
from stafett.db import Base
from stafett.entries.models import SEARCHED

__all__ = ["Base", "is_model"]


def is_model(name: str | None, kind: str, _parents: object) -> bool:
    """Say whether something in the database should be as the models say (alembic `include_name`).

    What is searched is made by its migration alone: an FTS5 table, with more that SQLite adds to
    it, or one with a tsvector.
    """
    return kind != "table" or not (name or "").startswith(SEARCHED.name)
