"""What may be kept while it is written, and for how long; pure."""

from datetime import timedelta
from enum import StrEnum

KEPT_FOR = timedelta(days=7)
"""How long it waits for its author after it was last kept."""


class UnsavedOf(StrEnum):
    """What it will be.

    An entry, a note in the child's room, a corrected text, what is decided of a log (its level, how
    it goes there, its end, who takes the baton), a no to the baton, a part of a plan, what is
    decided or said of a plan, the same of a version of it, a no to a measure, what came of one, a
    concern, what follows one, what somebody is asked for, the answer to a task or to a
    question without a name.
    """

    LOG = "log"
    ROOM = "room"
    CORRECTION = "correction"
    STEP = "step"
    REFUSAL = "refusal"
    PLAN = "plan"
    PLAN_STEP = "plan_step"
    VERSION = "version"
    MEASURE = "measure"
    EVALUATION = "evaluation"
    CONCERN = "concern"
    CONCERN_STEP = "concern_step"
    REQUEST = "request"
    TASK = "task"
    QUESTION = "question"
