"""When a parent without parental responsibility may be told something, and for how long; pure.

Barneloven § 47: the parent has a right to be told of the child on request. It may be refused when
that would harm the child, and a refusal, whole or in part, can be appealed to Statsforvalteren.
"""

from datetime import date

from stafett.dates import months_after

PARENTS = frozenset({"mor", "far", "medmor"})
"""Whose right it is, without parental responsibility."""
LONGEST_MONTHS = 12
DECISION = "disclosure"
"""The form in which it is decided, as what is written there is kept."""
APPEAL = (
    "Du kan klage på vedtaket til Statsforvalteren (barneloven § 47). Fristen er tre uker fra du "
    "fikk vite om vedtaket (forvaltningsloven § 29). Send klagen til {kommune}, som ser på saken "
    "en gang til før den sendes videre. Si gjerne hvorfor du er uenig. Du kan be om "
    "hjelp til å skrive klagen, og om å få se dokumentene i saken."
)


def obstacles_to_request(
    *, responsible: bool, ended: bool, stands: bool, relation: str
) -> list[str]:
    """List every reason why a parent's request cannot be taken in; empty means that it can.

    The right is a parent's alone, and one with parental responsibility has a wider right already.
    """
    obstacles = []
    if relation not in PARENTS:
        obstacles.append("disclosure-not-parent")
    if responsible:
        obstacles.append("disclosure-has-responsibility")
    if ended:
        obstacles.append("disclosure-guardian-ended")
    if stands:
        obstacles.append("disclosure-asked-already")
    return obstacles


def obstacles_to_grant(
    *, responsible: bool, ended: bool, blocked: bool, protected: bool
) -> list[str]:
    """List every reason why nothing may be told, whatever is decided; empty means that it may.

    `protected`: the child's address is, so that what is told could lead to the child.
    """
    obstacles = []
    if responsible:
        obstacles.append("disclosure-has-responsibility")
    if ended:
        obstacles.append("disclosure-guardian-ended")
    if blocked:
        obstacles.append("disclosure-blocked")
    if protected:
        obstacles.append("disclosure-protected")
    return obstacles


def decision_problems(
    *, granted: bool, information: str | None, until_on: date | None, today: date
) -> dict[str, list[str]]:
    """List what a decision lacks, by field: what is told and until when, if it is not refused."""
    problems: dict[str, list[str]] = {}
    if granted and not information:
        problems["information"] = ["information-missing"]
    if granted and until_on is None:
        problems["until_on"] = ["date-missing"]
    if granted and until_on is not None:
        if until_on < today:
            problems["until_on"] = ["date-passed"]
        elif until_on > months_after(today, LONGEST_MONTHS):
            problems["until_on"] = ["until-over-a-year"]
    if not granted and information:
        problems["information"] = ["refusal-tells-nothing"]
    if not granted and until_on is not None:
        problems["until_on"] = ["refusal-tells-nothing"]
    return problems
