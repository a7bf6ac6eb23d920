"""The kinds of task there are; pure."""

from collections.abc import Mapping
from enum import StrEnum

from stafett.access.policy import Action


class TaskKind(StrEnum):
    """What is to be done."""

    JOIN_TWIN = "join_twin"
    VERIFY_GUARDIAN = "verify_guardian"
    GUARDIAN_NOT_ASKED = "guardian_not_asked"
    CONSENT_REFUSED = "consent_refused"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    IP_ASSESSED = "ip_assessed"
    HOLDER_NEEDED = "holder_needed"
    REQUEST = "request"
    ASK_WHY = "ask_why"
    DSR_REQUEST = "dsr_request"
    CORRECTION = "correction"


REQUESTS: Mapping[Action, str] = {
    Action.CHILD_EDIT_IDENTITY: "rette opplysninger om barnet",
    Action.CONSENT_WITHDRAW: "trekke tilbake et samtykke",
    Action.COORDINATOR_APPOINT: "oppnevne en koordinator",
    Action.COORDINATOR_END: "bytte eller avslutte koordinatoren",
    Action.ENTRY_HIDE_FROM_GUARDIAN: "skjule noe i stafettloggen for en foresatt",
    Action.GROUP_ADD_MEMBER: "ta noen med i ansvarsgruppa",
    Action.GUARDIAN_BLOCK: "sperre en foresatt ute",
    Action.GUARDIAN_EDIT: "rette opplysninger om en foresatt",
    Action.GUARDIAN_END: "ta bort en foresatt",
    Action.LOG_OPEN: "åpne en stafettlogg",
    Action.LOG_REOPEN: "åpne stafettloggen igjen",
    Action.MEMBER_EXTEND: "forlenge tiden noen er med i stafettloggen",
    Action.MEMBER_INVITE: "ta noen med i stafettloggen",
    Action.MEMBER_REMOVE: "ta noen ut av stafettloggen",
}
"""What may be asked for, as «Be om å ...» says it."""
ASKED_BY_ITSELF = frozenset(
    {
        Action.CONCERN_DECIDE,
        Action.CONSENT_GIVE,
        Action.DSR_EXPORT,
        Action.DSR_REQUEST,
        Action.PLAN_APPROVE,
    }
)
"""Cells R and 2 that need no request: what waits for a decision or an answer asks by being there.

A copy is asked for by the family's case; and who sees nothing of the child asks outside Stafett.
"""
