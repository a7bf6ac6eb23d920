"""What may leave for a service that does not take part, by the policy's own question; pure."""

from collections.abc import Collection
from datetime import date

from stafett.access.policy import Action, Covered, Facts, Held, Relation, decide

PPT = "ppt"
"""The kind of service that a referral goes to."""
Covers = tuple[Covered, ...]


def reaches(services: Collection[Covers], action: Action, today: date, *, ip: bool = False) -> bool:
    """Say whether consent lets each of some services be told what `action` shows.

    `services`: the covers of each. What is asked is what somebody there could do who took part in
    the log, or sat in the ansvarsgruppe. Nobody is told anything where there is no service.
    """
    return bool(services) and all(
        decide(
            [Held(relation, covers=covers) for relation in (Relation.MR, Relation.AG)],
            action,
            Facts(today, ip=ip),
        ).allowed
        for covers in services
    )
