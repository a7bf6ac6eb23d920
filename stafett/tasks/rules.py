"""The kinds of task there are; pure."""

from collections.abc import Mapping
from enum import StrEnum

from stafett.access.policy import Action


class TaskKind(StrEnum):
    """What is to be done."""

    JOIN_TWIN = "join_twin"
    CHECK_JOIN = "check_join"
    TWIN_JOINED = "twin_joined"
    NUMBER_WRONG = "number_wrong"
    VERIFY_GUARDIAN = "verify_guardian"
    DECIDE_DISCLOSURE = "decide_disclosure"
    GUARDIAN_NOT_ASKED = "guardian_not_asked"
    GUARDIAN_NOT_RESPONSIBLE = "guardian_not_responsible"
    CONSENT_GIVEN = "consent_given"
    CONSENT_REFUSED = "consent_refused"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    ONE_STOPPED = "one_stopped"
    OWN_CONSENT = "own_consent"
    NEW_CONSENT = "new_consent"
    IP_ASSESSED = "ip_assessed"
    HOLDER_NEEDED = "holder_needed"
    PROTECTED = "protected"
    PROTECTION_ENDS = "protection_ends"
    BATON_MOVED = "baton_moved"
    BATON_REFUSED = "baton_refused"
    EMERGENCY = "emergency"
    MEMBERSHIP_ENDS = "membership_ends"
    MEMBERSHIP_ENDS_SOON = "membership_ends_soon"
    COORDINATOR_ENDS = "coordinator_ends"
    TRANSFERRED = "transferred"
    TRANSITION = "transition"
    REQUEST = "request"
    ASK_WHY = "ask_why"
    DSR_REQUEST = "dsr_request"
    DECIDE_RESTRICTION = "decide_restriction"
    LIFT_RESTRICTION = "lift_restriction"
    CORRECTION = "correction"
    CORRECTED = "corrected"
    ANSWERED = "answered"
    CONCERN_CHANGED = "concern_changed"
    PLAN_COMMENT = "plan_comment"
    PLAN_ENDED = "plan_ended"
    ADULT_SOON = "adult_soon"


DONE_BY_DOING: Mapping[TaskKind, str] = {
    TaskKind.VERIFY_GUARDIAN: "/foresatt/{}#kontroll",
    TaskKind.DECIDE_DISCLOSURE: "/foresatt/{}/opplysninger#vedtak",
    TaskKind.JOIN_TWIN: "/barn/{}/sla-sammen",
    TaskKind.PROTECTION_ENDS: "/barn/{}/beskyttelse#varighet",
    TaskKind.CHECK_JOIN: "/barn/{}/sla-sammen",
    TaskKind.DECIDE_RESTRICTION: "/barn/{}/begrensning",
    TaskKind.LIFT_RESTRICTION: "/barn/{}/begrensning",
}
"""What is done on a page of its own, that of the row which made it; words alone do not do it.

It gives koordinerende enhet's leader a tie, for that alone, until it is done.
"""
OF_THE_HOLDER = frozenset(
    {
        TaskKind.BATON_REFUSED,
        TaskKind.CONSENT_WITHDRAWN,
        TaskKind.GUARDIAN_NOT_ASKED,
        TaskKind.GUARDIAN_NOT_RESPONSIBLE,
        TaskKind.MEMBERSHIP_ENDS,
        TaskKind.MEMBERSHIP_ENDS_SOON,
        TaskKind.NEW_CONSENT,
        TaskKind.OWN_CONSENT,
        TaskKind.PROTECTION_ENDS,
        TaskKind.TRANSFERRED,
        TaskKind.TRANSITION,
    }
)
"""What goes with the baton: his who holds it now, or is in the holder's place meanwhile."""
NOTICES = frozenset(
    {TaskKind.BATON_REFUSED, TaskKind.CONSENT_GIVEN, TaskKind.CORRECTED, TaskKind.ANSWERED}
)
"""What is only to be known, by those alone who may still know of the child."""
QUESTIONS = frozenset(
    {TaskKind.ASK_WHY, TaskKind.CORRECTION, TaskKind.DSR_REQUEST, TaskKind.REQUEST}
)
"""What somebody asks in his own words: he is told when it is answered in words."""
OF_THE_RECORD = frozenset({TaskKind.JOIN_TWIN, TaskKind.CHECK_JOIN, TaskKind.TWIN_JOINED})
"""What is about a record, not the child: it never moves to another record of the same child."""
REQUESTS: Mapping[Action, str] = {
    Action.CHILD_ADD_PROTECTION: "beskytte adressen",
    Action.CHILD_EDIT_IDENTITY: "rette opplysninger om barnet",
    Action.CHILD_NAME_READER: "la deg se hvor barnet er",
    Action.CHILD_SET_GRADE_FLAG: "lette eller oppheve adressebeskyttelsen",
    Action.CONSENT_WITHDRAW: "trekke tilbake et samtykke",
    Action.COORDINATOR_APPOINT: "oppnevne en koordinator",
    Action.COORDINATOR_END: "bytte eller avslutte koordinatoren",
    Action.ENTRY_HIDE_FROM_GUARDIAN: "skjule noe i stafettloggen for en foresatt",
    Action.GROUP_ADD_MEMBER: "ta noen med i ansvarsgruppa",
    Action.GUARDIAN_BLOCK: "sperre en foresatt ute",
    Action.GUARDIAN_EDIT: "rette opplysninger om en foresatt",
    Action.GUARDIAN_END: "ta en foresatt ut av lista over foresatte",
    Action.GUARDIAN_OPEN_ACCESS: "la en foresatt se et barn med beskyttet adresse",
    Action.GUARDIAN_UNBLOCK: "oppheve sperringen av en foresatt",
    Action.LOG_OPEN: "åpne en stafettlogg",
    Action.LOG_REOPEN: "åpne stafettloggen igjen",
    Action.MEMBER_EXTEND: "forlenge tiden noen er med i stafettloggen",
    Action.MEMBER_INVITE: "ta noen med i stafettloggen",
    Action.MEMBER_REMOVE: "ta noen ut av stafettloggen",
    Action.PLAN_CREATE: "begynne på en individuell plan",
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
