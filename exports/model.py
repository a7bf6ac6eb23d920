"""What a plan document is made of: ready Norwegian texts, chosen and formatted by the caller.

The caller has left out what the reader may not see, and the services of a child with a protected
address; there is no field for an address or an identity number. Dates are texts («21. mars 2027»);
beside a measure, where columns are narrow, short ones («21.03.2027»). An empty text is printed as
not filled in, or left out where the rest of the row says enough.
"""

from dataclasses import dataclass
from enum import StrEnum


class Edition(StrEnum):
    """For what a plan is printed: all of it, a meeting, or the child itself; as addresses say it.

    Only the full one holds what is for some of those who read the plan: the others are handed on.
    """

    FULL = "full"
    MEETING = "mote"
    CHILD = "barn"


class Whose(StrEnum):
    """Whose wish and words a goal is."""

    CHILD = "child"
    PARENTS = "parents"
    SERVICES = "services"


class ChangeKind(StrEnum):
    """What happened to a part of the plan since the previous version."""

    ADDED = "added"
    ENDED = "ended"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Contact:
    """Who answers for coordination and progress: «Barnekoordinator», «Berit Demo-Sund».

    `call` and `write` are how one reaches them at work, empty where it is not said.
    """

    title: str
    name: str
    call: str = ""
    write: str = ""


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody who takes part in the plan; the service is empty for family and network.

    So are `call` and `write`, which are of one's work.
    """

    name: str
    role: str
    service: str
    contribution: str
    call: str = ""
    write: str = ""


@dataclass(frozen=True, slots=True)
class Subgoal:
    """A step on the way to a goal; the label («1.2») is what its measures point to.

    `measures` are the numbers of those that serve it: each stands in full once, under the goal.
    """

    label: str
    text: str
    measures: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """What is done, by whom and when.

    `subgoals` holds the labels of the subgoals it serves; none means the goal itself.
    `application` says what has been applied for or decided on, when there is such a thing.
    `evaluation` is the text of the newest evaluation that the reader may see; `open`: it is not
    over.
    """

    number: int
    what: str
    how: str
    where: str
    scope: str
    responsible: str
    service: str
    start: str
    evaluate: str
    status: str
    evaluation: str
    subgoals: tuple[str, ...]
    open: bool
    application: str = ""


@dataclass(frozen=True, slots=True)
class Goal:
    """What is to be reached, with its subgoals and measures in the plan's order.

    `open`: it is worked on; `reached`: it was, and is not worked on any more. `who` stands for the
    child («Barnet», «Ungdommen»).
    """

    number: int
    text: str
    whose: Whose
    area: str
    success: str
    target: str
    status: str
    subgoals: tuple[Subgoal, ...]
    measures: tuple[Measure, ...]
    open: bool
    reached: bool
    who: str = "Barnet"


@dataclass(frozen=True, slots=True)
class Cooperation:
    """Somebody outside the plan whose help is wanted, and how far that has come."""

    agency: str
    purpose: str
    status: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What a measure needs from others: from whom, what, how far it has come, when it is seen to.

    `state` says it with its day («Søkt 3. mars 2026», «Vedtak …», «Avslag …»); what is applied for
    has no `reference` yet.
    """

    service: str
    what: str
    scope: str
    reference: str
    state: str
    evaluate: str


@dataclass(frozen=True, slots=True)
class Access:
    """What a consent that holds today is for, the services that it names, and its last day."""

    purpose: str
    services: str
    until: str


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's answer to this version; `registered_by` wrote in what was signed on paper."""

    who: str
    answer: str
    when: str
    how: str
    registered_by: str


@dataclass(frozen=True, slots=True)
class Change:
    """A difference from the previous version: new and moved have no `old`, ended no `new`."""

    kind: ChangeKind
    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Signature:
    """A line to sign on paper."""

    role: str
    name: str


@dataclass(frozen=True, slots=True)
class PlanDocument:
    """One version of one child's plan, as one reader may see it.

    `kind` is the title («Individuell plan»), `born` a line of its own («Født 2017»), `state` says
    what the version is («Gjelder fra 21. mars 2027», «Til godkjenning»), `in_force` whether it is
    what one works by. The first of `contacts`
    answers for coordination and progress. `summary` is what the version's maker says is new,
    `previous` names the version before («5, som gjaldt fra 12. mai 2026»), None for the first.
    `no_cooperation` says who says that none is needed, empty where nobody does. `next_meeting` is
    the day of the ansvarsgruppe's next meeting, empty where none is agreed on.
    `access` is None for whoever does not read the consents.
    `approvals` is None where the kind asks for none, and the section is left out; `signatures` is
    empty when nothing is to be signed. `marking` («Unntatt offentlighet») stands on every page,
    `marking_basis` (its paragraph) on the first. `language` is the code of what the family speaks,
    `speaks` what to remember of it («Husk tolk: arabisk»), empty where there is nothing.
    `since` is the number of `previous` where another than the version before was chosen. `home` is
    whom the plan is for («Nora og familien», or one alone).
    """

    kommune: str
    marking: str
    marking_basis: str
    kind: str
    child: str
    born: str
    version: int
    dated: str
    state: str
    in_force: bool
    period: str
    next_revision: str
    next_meeting: str
    contacts: tuple[Contact, ...]
    about_me: str
    background: str
    resources: str
    needs: str
    participants: tuple[Participant, ...]
    goals: tuple[Goal, ...]
    cooperation: tuple[Cooperation, ...]
    no_cooperation: str
    decisions: tuple[Decision, ...]
    meetings_and_transitions: str
    access: tuple[Access, ...] | None
    summary: str
    previous: str | None
    changes: tuple[Change, ...]
    approvals: tuple[Approval, ...] | None
    signatures: tuple[Signature, ...]
    printed_at: str
    printed_by: str
    language: str = "nb"
    speaks: str = ""
    since: int | None = None
    home: str = "Barnet og familien"
