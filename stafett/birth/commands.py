"""What becomes of a record with a birth, or without one, and what follows it from before."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from stafett.access import ties
from stafett.access.models import Follow
from stafett.access.policy import Action
from stafett.access.work import Work
from stafett.audience.rules import Viewer
from stafett.audit import trail
from stafett.birth import queries, rules
from stafett.children import commands as children
from stafett.children import queries as child_queries
from stafett.children.commands import AddGuardian, Born, Register
from stafett.children.models import Child
from stafett.children.rules import ChildKind
from stafett.consents import commands as consents
from stafett.errors import ConflictError, FieldError, RuleBrokenError
from stafett.plan import commands as plans
from stafett.stafettlogg import commands as logs
from stafett.stafettlogg.queries import LogSummary
from stafett.tasks import commands as tasks
from stafett.tasks.rules import TaskKind


@dataclass(frozen=True)
class RegisterBirth:
    """A wish to say that an expected child is born; `siblings` are born with it, by name."""

    name: str
    birth_date: date
    seen_version: int
    national_id: str | None = None
    siblings: tuple[str, ...] = ()


@dataclass(frozen=True)
class EndUnborn:
    """A wish to end a record because there will be no child; nothing is asked."""

    seen_version: int


@dataclass(frozen=True)
class LetFollow:
    """A wish to let what was written before the birth follow the child, or no longer.

    One entry, or all when none is named. `how` she said it, where staff write it for her.
    """

    follows: bool
    entry_id: UUID | None = None
    how: str | None = None


@dataclass(frozen=True)
class LetIn:
    """A wish to let a guardian read with the pregnant person, or no longer."""

    guardian_id: UUID
    reads: bool
    how: str | None = None


def register_birth(work: Work, log: LogSummary, wish: RegisterBirth) -> list[UUID]:
    """Let the same record go on as the child's; return those of its siblings, which are new.

    Who reads now is kept, and reads on; who comes later reads what is written from now on. What
    the pregnant person has agreed to ends some weeks after the birth, and a new yes is asked of all
    with parental responsibility. The plan begins anew.

    Raises:
        ConflictError: somebody else saved the child after the form was opened.
        FieldError: dates or number that no child has, at their fields.
        RuleBrokenError: with every obstacle.

    """
    child = _expected(work, log.child_id, wish.seen_version)
    pregnant = child_queries.pregnant(work.session, child.id)
    ties.register_birth(work, child.id, None if pregnant is None else pregnant.id)
    children.be_born(work, child, Born(wish.name, wish.birth_date, wish.national_id))
    weeks = work.profile.birth_consent_weeks
    until = rules.holds_until(wish.birth_date, work.today, weeks)
    consents.end_with_birth(work, child.id, until)
    plans.begin_anew(work, log)
    logs.count_anew(work, child.id)
    holder = ties.holder_of(work.session, child.id)
    if holder is not None and log.closed_at is None:
        ask_by = min(work.today + rules.WARNED, until)
        tasks.ask_holder(work, TaskKind.NEW_CONSENT, holder, child.id, ask_by)
    siblings = [_sibling(work, child, name) for name in wish.siblings]
    trail.record(
        work,
        Action.CHILD_REGISTER_BIRTH,
        child.id,
        child.id,
        siblings=[str(one) for one in siblings],
    )
    return siblings


def end_unborn(work: Work, log: LogSummary, wish: EndUnborn) -> None:
    """End a record because there will be no child: every reminder and every access but hers.

    Raises:
        ConflictError: somebody else saved the child after the form was opened.
        RuleBrokenError: with every obstacle.

    """
    child = _expected(work, log.child_id, wish.seen_version)
    child.ended_at = work.now
    logs.end_without_birth(work, child.id)


def let_follow(work: Work, child_id: UUID, wish: LetFollow, viewer: Viewer, *, own: bool) -> None:
    """Let one entry from before the birth, or all, follow the child, or take that back.

    Raises:
        ConflictError: it is so already.
        FieldError: no such entry for the actor, or nobody wrote how she said it.
        RuleBrokenError: the child is not born, so that there is nothing to follow.

    """
    _check_how(wish.how, own=own)
    before = queries.before_birth(work, child_id, viewer)
    if before.born_at is None:
        raise RuleBrokenError(["child-not-born"])
    if wish.entry_id is not None and wish.entry_id not in {one.id for one in before.entries}:
        raise FieldError("entry_id", "entry-unknown")
    stands = [one for one in before.follows if one.entry_id == wish.entry_id]
    if bool(stands) is wish.follows:
        raise ConflictError({"follows": wish.follows})
    for one in stands:
        one.ended_at, one.ended_by, one.ended_how = work.now, work.actor.user_id, wish.how
    if wish.follows:
        work.session.add(
            Follow(
                child_id=child_id,
                entry_id=wish.entry_id,
                begun_at=work.now,
                begun_by=work.actor.user_id,
                how=wish.how,
            )
        )
    work.session.flush()
    about = wish.entry_id or child_id
    trail.record(work, Action.CHILD_LET_FOLLOW, child_id, about, follows=wish.follows)


def let_in(work: Work, child_id: UUID, wish: LetIn, *, own: bool) -> None:
    """Let a guardian read with the pregnant person until the birth, or take that back.

    Who is let in when the child is born reads on afterwards, until she takes it back.

    Raises:
        ConflictError: it is so already.
        FieldError: no such guardian, herself, or nobody wrote how she said it.
        RuleBrokenError: the child is born, so that what she lets follow is chosen instead.

    """
    _check_how(wish.how, own=own)
    pregnant = child_queries.pregnant(work.session, child_id)
    there = {one.id: one for one in child_queries.guardians_now(work.session, child_id)}
    guardian = there.get(wish.guardian_id)
    if guardian is None or guardian is pregnant:
        raise FieldError("guardian_id", "guardian-unknown")
    if (guardian.let_in_at is not None) is wish.reads:
        raise ConflictError({"reads": wish.reads})
    born = work.session.get_one(Child, child_id).kind == ChildKind.CHILD
    if born and wish.reads:
        raise RuleBrokenError(["child-is-born"])
    children.let_in(work, guardian, reads=wish.reads)
    if born and guardian.user_id is not None:
        ties.let_go(work, child_id, guardian.user_id)
    trail.record(work, Action.CHILD_LET_FOLLOW, child_id, guardian.id, reads=wish.reads)


def _expected(work: Work, child_id: UUID, seen_version: int) -> Child:
    child = work.session.get_one(Child, child_id)
    if found := rules.obstacles_to_birth(child.kind, ended=child.ended_at is not None):
        raise RuleBrokenError(found)
    if child.version != seen_version:
        raise ConflictError(child_queries.as_current(child))
    return child


def _check_how(how: str | None, *, own: bool) -> None:
    if not own and not how:
        raise FieldError("how", "how-missing")


def _sibling(work: Work, child: Child, name: str) -> UUID:
    """Register a child that was born with another, with the same mother; its log is its own."""
    newborn = Register(
        name=name,
        birth_date=child.birth_date,
        address_protection=child.address_protection,
        address=child.address,
        language=child.language,
        interpreter=child.interpreter,
    )
    made = children.register(work, newborn)
    mother = child_queries.pregnant(work.session, child.id)
    if mother is not None:
        rows = child_queries.guardians(work.session, child.id)
        names = ("name", "relation", "parental_responsibility", "lives_with", "phone", "username")
        (same,) = (
            {name: getattr(one, name) for name in names} for one in rows if one.id == mother.id
        )
        wish = AddGuardian(**same, national_id=mother.national_id)
        children.add_guardian(work, made.id, wish)
    return made.id
