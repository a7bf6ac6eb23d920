"""The kinds of task there are; pure."""

from enum import StrEnum


class TaskKind(StrEnum):
    """What is to be done."""

    JOIN_TWIN = "join_twin"
    VERIFY_GUARDIAN = "verify_guardian"
    GUARDIAN_NOT_ASKED = "guardian_not_asked"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    IP_ASSESSED = "ip_assessed"
    HOLDER_NEEDED = "holder_needed"
    REQUEST = "request"
