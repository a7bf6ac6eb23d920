"""Imports every table, so that `Base.metadata` is whole."""

import stafett.access.models
import stafett.audit.models
import stafett.children.models
import stafett.consents.models
import stafett.disclosure.models
import stafett.emergency.models
import stafett.entries.models
import stafett.people.models
import stafett.plan.models
import stafett.protection.models
import stafett.questions.models
import stafett.review.models
import stafett.stafettlogg.models
import stafett.tasks.models
import stafett.team.models
import stafett.twins.models
import stafett.web.models  # noqa: F401
from stafett.db import Base

__all__ = ["Base"]
