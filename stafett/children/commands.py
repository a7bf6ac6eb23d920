"""Everything that changes a child or its guardians."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from stafett.access import ties
from stafett.access.models import Birth
from stafett.access.policy import Action, Purpose, Relation
from stafett.access.ties import Grant
from stafett.access.work import Work
from stafett.audit import trail
from stafett.children import queries, rules
from stafett.children.models import Child, Guardian, GuardianEvent, ProtectionStep
from stafett.children.rules import (
    OF_AGE,
    PREGNANT,
    ChildKind,
    Evidence,
    GuardianStep,
    Protection,
    decides_for_itself,
)
from stafett.dates import age, birthday
from stafett.errors import ConflictError, FieldError, RuleBrokenError
from stafett.people import queries as people
from stafett.tasks import commands as tasks
from stafett.tasks import queries as task_queries
from stafett.tasks.rules import TaskKind

SERVICE = "barnevern"
"""The guardian that is a service, not a person: it answers on paper and has no account."""
DATES = frozenset({"birth_date", "due_date"})


FROM_THE_BEGINNING = "Barnet ble registrert med beskyttet adresse."
"""Why an address is protected that was so when the child was registered."""


@dataclass(frozen=True)
class Pregnant:
    """The person through whom an unborn child is reached."""

    name: str
    national_id: str | None = None
    username: str | None = None


@dataclass(frozen=True)
class Register:
    """A wish to register a child."""

    name: str
    kind: ChildKind = ChildKind.CHILD
    birth_date: date | None = None
    due_date: date | None = None
    national_id: str | None = None
    address_protection: str = "none"
    address: str | None = None
    school: str | None = None
    language: str = "nb"
    interpreter: bool = False
    pregnant_person: Pregnant | None = None


@dataclass(frozen=True)
class Born:
    """What an unborn child is when it is born."""

    name: str
    birth_date: date
    national_id: str | None = None


@dataclass(frozen=True)
class EditChild:
    """A wish to correct a child's own facts; what is None stays, unless it is `emptied`."""

    seen_version: int
    name: str | None = None
    birth_date: date | None = None
    due_date: date | None = None
    national_id: str | None = None
    address: str | None = None
    school: str | None = None
    language: str | None = None
    interpreter: bool | None = None
    emptied: frozenset[str] = frozenset()


@dataclass(frozen=True)
class AddGuardian:
    """A wish to register a guardian."""

    name: str
    relation: str
    parental_responsibility: bool
    lives_with: bool
    username: str | None = None
    national_id: str | None = None
    phone: str | None = None
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True)
class EditGuardian:
    """A wish to correct a guardian; what is None stays, unless it is `emptied`."""

    seen_version: int
    name: str | None = None
    relation: str | None = None
    parental_responsibility: bool | None = None
    lives_with: bool | None = None
    username: str | None = None
    phone: str | None = None
    from_on: date | None = None
    until_on: date | None = None
    emptied: frozenset[str] = frozenset()


@dataclass(frozen=True)
class CheckGuardian:
    """What koordinerende enhet found of a guardian: accepted, as `evidence` says, or refused.

    `mandate`: what one of `rules.STAND_INS` may say yes to in the parents' place.
    """

    accepted: bool
    seen_version: int
    parental_responsibility: bool | None = None
    evidence: Evidence | None = None
    words: str | None = None
    mandate: Collection[Purpose] = ()


def register(work: Work, wish: Register) -> Child:
    """Make a record, and give it to who made it and to the leader who decides for him.

    A number that a confirmed record already has makes a provisional twin, answered alike, and a
    task for koordinerende enhet to join the two. The only door for staff without a tie.

    Raises:
        FieldError: dates or number that no child has, at their fields.

    """
    _check(work, wish)
    unit = people.coordinating_unit(work.session)
    child = Child(
        kind=wish.kind,
        name=wish.name,
        birth_date=wish.birth_date,
        due_date=wish.due_date,
        national_id=wish.national_id,
        provisional=queries.is_known(work.session, wish.national_id),
        address_protection=wish.address_protection,
        address=wish.address or None,
        school=wish.school or None,
        language=wish.language,
        interpreter=wish.interpreter,
        registered_by=work.actor.user_id,
        registered_at=work.now,
    )
    work.session.add(child)
    work.session.flush()
    if rules.hides_places(child.address_protection):
        work.session.add(
            ProtectionStep(
                child_id=child.id,
                protection=child.address_protection,
                reason=FROM_THE_BEGINNING,
                set_by=work.actor.user_id,
                set_at=work.now,
            )
        )
    given = Grant(child.id, Relation.CA, rules.BY_REGISTERING, child.id)
    ties.grant(work, replace(given, user_id=work.actor.user_id))
    leader_of = people.leading_service(work.session, work.actor.user_id)
    if leader_of is not None:
        ties.grant(work, replace(given, relation=Relation.UL, led_service_id=leader_of))
    if child.provisional:
        tasks.ask_service(work, TaskKind.JOIN_TWIN, child.id, unit, child.id)
    trail.record(work, Action.CHILD_CREATE, child.id, child.id, kind=child.kind)
    if wish.pregnant_person is not None:
        _add_pregnant(work, child, wish.pregnant_person)
    return child


def edit(work: Work, child_id: UUID, wish: EditChild) -> Child:
    """Correct a child's own facts; a new birth date moves the days on which rights change.

    Raises:
        ConflictError: somebody else saved the child after the form was opened.
        FieldError: dates or number that no child has, at their fields.

    """
    child = work.session.get_one(Child, child_id)
    if wish.seen_version != child.version:
        raise ConflictError(queries.as_current(child))
    changes, had = _changes(child, wish, {"seen_version"}), child.national_id
    for name in {"address", "school"} & changes.keys():
        changes[name] = changes[name] or None
    for name, value in changes.items():
        setattr(child, name, value)
    _check(work, _as_it_stands(child), changes.keys())
    if "national_id" in changes:
        _take_number(work, child)
    work.session.flush()
    if "national_id" in changes and had is not None:
        _leave_number(work, had)
    if "birth_date" in changes:
        retie(work, child)
    trail.record(
        work, Action.CHILD_EDIT_IDENTITY, child.id, child.id, fields=sorted(map(str, changes))
    )
    return child


def _take_number(work: Work, child: Child) -> None:
    """Let a child's new number make it another's twin, for koordinerende enhet to join, or none."""
    with work.session.no_autoflush:  # a known number is stored only as a twin's
        known = queries.is_known(work.session, child.national_id, child.id)
    child.provisional = known
    if not known:
        tasks.settle_of(work, TaskKind.JOIN_TWIN, child.id, "Fødselsnummeret er rettet.")
    elif task_queries.open_of(work.session, TaskKind.JOIN_TWIN, child.id) is None:
        unit = people.coordinating_unit(work.session)
        tasks.ask_service(work, TaskKind.JOIN_TWIN, child.id, unit, child.id)


def _leave_number(work: Work, number: str) -> None:
    """Let the first of those that were twins of a record be the one that has the number it had."""
    twin = queries.first_twin(work.session, number)
    if twin is not None and not queries.is_known(work.session, number):
        twin.provisional = False
        tasks.settle_of(work, TaskKind.JOIN_TWIN, twin.id, "Det andre fødselsnummeret er rettet.")


def be_born(work: Work, child: Child, born: Born) -> Guardian | None:
    """Let an unborn child be a child, and the pregnant person its mother; return her.

    Other guardians come in from now on, once koordinerende enhet has checked them.

    Raises:
        FieldError: dates or number that no child has, at their fields.

    """
    too_early = born.birth_date < (child.due_date or date.max) - rules.DUE_WITHIN
    pregnant = queries.pregnant(work.session, child.id)
    child.kind, child.name = ChildKind.CHILD, born.name
    child.birth_date, child.due_date = born.birth_date, None
    child.national_id = born.national_id
    if too_early:
        raise FieldError("birth_date", "birth-date-before-pregnancy")
    with work.session.no_autoflush:
        _check(work, _as_it_stands(child))
    if born.national_id is not None:
        _take_number(work, child)
    if pregnant is not None:
        pregnant.relation = "mor"
    work.session.flush()
    retie_guardians(work, child)
    return pregnant


def _as_it_stands(child: Child) -> Register:
    return Register(
        name=child.name,
        kind=ChildKind(child.kind),
        birth_date=child.birth_date,
        due_date=child.due_date,
        national_id=child.national_id,
        address_protection=child.address_protection,
        address=child.address,
        school=child.school,
    )


def let_in(work: Work, guardian: Guardian, *, reads: bool) -> None:
    """Let a guardian read with the pregnant person, or no longer."""
    guardian.let_in_at = work.now if reads else None
    work.session.flush()
    tie_guardian(work, work.session.get_one(Child, guardian.child_id), guardian)


def give_account(work: Work, child_id: UUID, username: str) -> Child:
    """Let the child itself log in, from the participation age on.

    Raises:
        FieldError: the name is not a citizen's account, or is already another's.
        RuleBrokenError: with every obstacle.

    """
    child = work.session.get_one(Child, child_id)
    user = people.by_username(work.session, username, "username")
    if "citizen" not in user.roles.split():
        raise FieldError("username", "not-a-citizen")
    if queries.is_guardian_account(work.session, child_id, user.id):
        raise FieldError("username", "account-is-guardians")
    if queries.has_other_child(work.session, child_id, user.id):
        raise FieldError("username", "account-is-another-childs")
    obstacles = rules.obstacles_to_account(
        None if child.birth_date is None else age(child.birth_date, work.today),
        work.profile.participation_age,
        work.profile.consent_age,
        has_guardian=bool(queries.deciding_now(work.session, child_id, work.today)),
    )
    if obstacles:
        raise RuleBrokenError(obstacles)
    child.user_id = user.id
    work.session.flush()
    _tie_account(work, child)
    trail.record(work, Action.CHILD_GIVE_ACCOUNT, child.id, child.id, user_id=str(user.id))
    return child


def add_guardian(work: Work, child_id: UUID, wish: AddGuardian) -> Guardian:
    """Register a guardian; until koordinerende enhet has checked it, it is shown as not verified.

    What one of `rules.STAND_INS` may say yes to is always checked, whoever registers it.

    Raises:
        FieldError: an account that is not a citizen's, a number or dates that cannot be, or a
            phone number that would help to find a strictly protected child.

    """
    child = work.session.get_one(Child, child_id)
    _check_relation(child, wish.relation)
    from_on = wish.from_on or work.today
    problems: dict[str, list[str]] = {}
    if wish.national_id is not None:
        problems["national_id"] = rules.national_id_obstacles(
            wish.national_id, allow_synthetic=work.profile.synthetic_ids
        )
    if wish.until_on is not None and wish.until_on < from_on:
        problems["until_on"] = ["until-before-from"]
    if wish.phone and child.address_protection == Protection.STRICT:
        problems["phone"] = ["not-with-strict-protection"]
    if wish.username is not None and wish.relation == SERVICE:
        problems["username"] = ["service-has-no-account"]
    if any(problems.values()):
        raise FieldError.of(problems)
    stands_in = wish.relation in rules.STAND_INS
    by_ke = bool(work.actor.roles & {Relation.KE, Relation.KEL}) and not stands_in
    guardian = Guardian(
        child_id=child_id,
        user_id=_citizen(work, wish.username),
        name=wish.name,
        relation=wish.relation,
        parental_responsibility=wish.parental_responsibility,
        lives_with=wish.lives_with,
        national_id=wish.national_id,
        phone=wish.phone,
        from_on=from_on,
        until_on=wish.until_on,
        verified_on=work.today if by_ke else None,
        added_by=work.actor.user_id,
    )
    work.session.add(guardian)
    work.session.flush()
    _take_block(work, guardian)
    tie_guardian(work, child, guardian)
    if not by_ke:
        _ask_to_verify(work, guardian)
    if guardian.parental_responsibility:
        _ask_holder(work, TaskKind.GUARDIAN_NOT_ASKED, guardian)
    trail.record(
        work,
        Action.GUARDIAN_ADD,
        child_id,
        guardian.id,
        relation=guardian.relation,
        parental_responsibility=guardian.parental_responsibility,
    )
    return guardian


def edit_guardian(work: Work, guardian: Guardian, wish: EditGuardian) -> Guardian:
    """Correct a guardian; the account's access follows at once.

    Raises:
        ConflictError: somebody else saved the guardian after the form was opened, or ended it.
        FieldError: an account that is not a citizen's, dates that cannot be, or a phone number
            that would help to find a strictly protected child; or another account for somebody
            who is blocked.

    """
    _check_seen(guardian, wish.seen_version)
    child = work.session.get_one(Child, guardian.child_id)
    if wish.phone and child.address_protection == Protection.STRICT:
        raise FieldError("phone", "not-with-strict-protection")
    changes = _changes(guardian, wish, {"seen_version", "username"})
    _check_relation(child, changes.get("relation"))
    for name, value in changes.items():
        setattr(guardian, name, value)
    if guardian.until_on is not None and guardian.until_on < guardian.from_on:
        raise FieldError("until_on", "until-before-from")
    keeps_account = "relation" in changes and guardian.user_id is not None
    if "relation" in changes:  # what was found was of another standing
        guardian.mandate = None
        if guardian.relation in rules.STAND_INS:
            _ask_to_verify(work, guardian)
    if guardian.relation == SERVICE and (wish.username is not None or keeps_account):
        raise FieldError("username", "service-has-no-account")
    if wish.username is not None:
        user_id = _citizen(work, wish.username)
        if guardian.blocked and guardian.user_id not in {None, user_id}:
            raise FieldError("username", "account-of-blocked")
        if user_id != guardian.user_id:  # it was opened for another person
            guardian.opened_at = None
        changes["user_id"] = guardian.user_id = user_id
    work.session.flush()
    _take_block(work, guardian)
    tie_guardian(work, child, guardian)
    trail.record(work, Action.GUARDIAN_EDIT, guardian.child_id, guardian.id, fields=sorted(changes))
    return guardian


def check_guardian(work: Work, guardian: Guardian, wish: CheckGuardian) -> Guardian:
    """Accept a guardian as what the evidence says he is, or refuse him, which ends his standing.

    Access follows parental responsibility alone. Where it is not there, whoever holds the baton
    is asked to see what the consents are worth without him. Who says yes in the parents' place
    has a mandate instead; a new one is asked about what was agreed before it.

    Raises:
        ConflictError: somebody else saved the guardian after the page was opened, or ended it.
        FieldError: the answer lacks something.

    """
    _check_seen(guardian, wish.seen_version)
    stands_in = guardian.relation in rules.STAND_INS
    responsible = wish.parental_responsibility if wish.accepted and not stands_in else False
    problems = rules.check_problems(
        wish.evidence,
        wish.words,
        accepted=wish.accepted,
        responsible=responsible,
        stands_in=stands_in,
        mandate=wish.mandate,
    )
    if problems:
        raise FieldError.of(problems)
    lost = guardian.parental_responsibility and not responsible
    if wish.accepted:
        guardian.parental_responsibility = bool(responsible)
        guardian.verified_on = work.today
        guardian.mandate = " ".join(sorted(set(wish.mandate))) or None
    else:
        guardian.ended_at, guardian.ended_reason = work.now, wish.words
    work.session.flush()
    tie_guardian(work, work.session.get_one(Child, guardian.child_id), guardian)
    if wish.mandate:
        _ask_holder(work, TaskKind.GUARDIAN_NOT_ASKED, guardian)
    elif lost:
        _ask_holder(work, TaskKind.GUARDIAN_NOT_RESPONSIBLE, guardian)
    step = GuardianStep.VERIFIED if wish.accepted else GuardianStep.REFUSED
    _keep(
        work,
        guardian,
        step,
        words=wish.words,
        responsible=responsible,
        evidence=wish.evidence,
    )
    said = "Kontrollert." if wish.accepted else f"Ikke godtatt: {wish.words}"
    tasks.settle_of(work, TaskKind.VERIFY_GUARDIAN, guardian.id, said)
    trail.record(
        work,
        Action.GUARDIAN_VERIFY,
        guardian.child_id,
        guardian.id,
        step=step,
        parental_responsibility=responsible,
        **({"mandate": guardian.mandate} if wish.mandate else {}),
    )
    return guardian


def inform_guardian(work: Work, guardian: Guardian, until_on: date | None) -> None:
    """Let a parent without parental responsibility read a decision until a day; None ends it."""
    guardian.informed_from = None if until_on is None else work.today
    guardian.informed_until = until_on
    work.session.flush()
    tie_guardian(work, work.session.get_one(Child, guardian.child_id), guardian)


def _ask_to_verify(work: Work, guardian: Guardian) -> None:
    """Give koordinerende enhet the task to check a guardian, unless it has it already."""
    if task_queries.open_of(work.session, TaskKind.VERIFY_GUARDIAN, guardian.id) is None:
        unit = people.coordinating_unit(work.session)
        tasks.ask_service(work, TaskKind.VERIFY_GUARDIAN, guardian.child_id, unit, guardian.id)


def _ask_holder(work: Work, kind: TaskKind, guardian: Guardian) -> None:
    """Give whoever holds the baton a task about a guardian, while consent covers somebody.

    Who decides alone has no guardian to be asked.
    """
    child = work.session.get_one(Child, guardian.child_id)
    alone = decides_for_itself(child.birth_date, work.today, work.profile.consent_age)
    if alone and kind is TaskKind.GUARDIAN_NOT_ASKED:
        return
    if not ties.covered_services(work.session, guardian.child_id, work.today):
        return
    holder = ties.holder_of(work.session, guardian.child_id)
    if holder is not None:
        tasks.ask_holder(work, kind, holder, guardian.id)


def _keep(
    work: Work,
    guardian: Guardian,
    step: GuardianStep,
    *,
    words: str | None,
    responsible: bool | None = None,
    evidence: Evidence | None = None,
) -> None:
    work.session.add(
        GuardianEvent(
            guardian_id=guardian.id,
            step=step,
            parental_responsibility=responsible,
            evidence=evidence,
            words=words,
            decided_at=work.now,
            decided_by=work.actor.user_id,
        )
    )


def _changes(
    row: Child | Guardian, wish: EditChild | EditGuardian, but: set[str]
) -> dict[str, Any]:
    wished = {
        name: value
        for name, value in vars(wish).items()
        if name not in {*but, "emptied"} and (value is not None or name in wish.emptied)
    }
    return {name: value for name, value in wished.items() if value != getattr(row, name)}


def end_guardian(work: Work, guardian: Guardian, reason: str) -> Guardian:
    """End a guardian's standing; the account's access ends with it, but a block stays.

    Raises:
        ConflictError: it has ended already.

    """
    if guardian.ended_at is not None:
        raise ConflictError(_current(guardian))
    guardian.ended_at, guardian.ended_reason = work.now, reason
    tie_guardian(work, work.session.get_one(Child, guardian.child_id), guardian)
    tasks.settle_of(work, TaskKind.VERIFY_GUARDIAN, guardian.id, "Ikke foresatt lenger.")
    trail.record(work, Action.GUARDIAN_END, guardian.child_id, guardian.id)
    return guardian


def block_guardian(work: Work, guardian: Guardian, reason: str) -> Guardian:
    """Keep a guardian away from the record; this beats every right the person has.

    A block is the person's, not the row's: every row with the same account or number gets it.

    Raises:
        ConflictError: it is blocked already.

    """
    if guardian.blocked:
        raise ConflictError(_current(guardian))
    for one in queries.same_person(work.session, guardian):
        one.blocked_at, one.blocked_reason = work.now, reason
        work.session.flush()
        tie_guardian(work, work.session.get_one(Child, one.child_id), one)
        _keep(work, one, GuardianStep.BLOCKED, words=reason)
        trail.record(work, Action.GUARDIAN_BLOCK, one.child_id, one.id)
    return guardian


def unblock_guardian(work: Work, guardian: Guardian, reason: str) -> Guardian:
    """Lift the block of a person, on every row; the request that came first is answered.

    Raises:
        ConflictError: it is not blocked.

    """
    if not guardian.blocked:
        raise ConflictError(_current(guardian))
    action = Action.GUARDIAN_UNBLOCK
    for one in queries.same_person(work.session, guardian):
        one.blocked_at = None
        work.session.flush()
        tie_guardian(work, work.session.get_one(Child, one.child_id), one)
        _keep(work, one, GuardianStep.UNBLOCKED, words=reason)
        asked = [
            task.id
            for task in task_queries.requests_for(work.session, one.child_id, action, one.id)
        ]
        tasks.settle(work, one.child_id, action, one.id, "Sperringen er opphevet.")
        trail.record(work, action, one.child_id, one.id, asked=[str(task) for task in asked])
    return guardian


def tie_guardian(work: Work, child: Child, guardian: Guardian) -> None:
    """Let the account's ties say what the guardian's row says; until the child is 18 at most.

    One without parental responsibility has none, but for the time that a decision lets him be told,
    or who says yes to the log in the parents' place.
    A block outlives the standing: lifting one is not done by ending a guardian. Where the child's
    address is protected no guardian has access until two people have opened it for that one.
    Before a birth it is the pregnant person's to let others in; after it they come in once checked.
    Who has parental responsibility also reads what was written in a record that was joined to it.
    """
    ties.end(work, guardian.id)
    if guardian.user_id is None:
        return
    days = [guardian.until_on] if guardian.until_on else []
    if child.birth_date is not None:
        days.append(birthday(child.birth_date, OF_AGE) - timedelta(days=1))
    tie = Grant(
        child.id,
        Relation.PF,
        "guardian",
        guardian.id,
        user_id=guardian.user_id,
        from_on=guardian.from_on,
        until_on=min(days, default=None),
    )
    shut = rules.hides_places(child.address_protection) and guardian.opened_at is None
    shut = shut or _waits(work, child, guardian)
    if guardian.ended_at is None and not shut:
        if guardian.parental_responsibility or Purpose.STAFETTLOGG in guardian.says_yes_to:
            _grant_with_past(work, child, tie)
        elif guardian.informed_until is not None:
            until_on = min([*days, guardian.informed_until])
            told = replace(tie, relation=Relation.PX, basis="decision", until_on=until_on)
            ties.grant(work, replace(told, from_on=guardian.informed_from))
    if guardian.blocked:
        blocking = replace(tie, relation=Relation.BLOCK, basis="blocked", until_on=None)
        _grant_with_past(work, child, replace(blocking, from_on=work.today))


def _grant_with_past(work: Work, child: Child, *wishes: Grant) -> None:
    """Give ties to a record, and to what was written in those that were joined to it."""
    past = [one.id for one in queries.past_logs(work.session, child.id)]
    joined = [replace(tie, child_id=one, basis=ties.BY_JOIN) for tie in wishes for one in past]
    ties.grant_all(work, [*wishes, *joined])


def retie(work: Work, child: Child) -> None:
    """Let the ties of the family follow what the child's row says now, and what is joined to it."""
    retie_guardians(work, child)
    _tie_account(work, child)


def _waits(work: Work, child: Child, guardian: Guardian) -> bool:
    """Say whether the birth, or koordinerende enhet after it, stands before a guardian's access."""
    if guardian.let_in_at is not None:
        return False
    if child.kind == ChildKind.UNBORN:
        return guardian.relation != PREGNANT
    birth = work.session.get(Birth, child.id)
    hers = birth is None or birth.guardian_id == guardian.id
    return not hers and guardian.verified_on is None


def retie_guardians(work: Work, child: Child) -> None:
    """Let the ties of all the child's guardians follow what the child's row says now."""
    for guardian in queries.guardians_now(work.session, child.id):
        tie_guardian(work, child, guardian)


def move_guardians(work: Work, from_id: UUID, child_id: UUID) -> dict[UUID, UUID | None]:
    """Let every guardian of one record be another's; return each with who it was there already.

    Who stands in both is ended here, and goes on there; of one who is new the holder is told. A
    block on either side holds on both.
    """
    child = work.session.get_one(Child, child_id)
    moved: dict[UUID, UUID | None] = {}
    for guardian in queries.all_guardians(work.session, from_id):
        guardian.child_id = child_id
        work.session.flush()
        alike = queries.same_person(work.session, guardian)
        standing = [one for one in alike if one is not guardian and one.ended_at is None]
        double = standing[0] if standing and guardian.ended_at is None else None
        if double is not None:
            guardian.ended_at, guardian.ended_reason = work.now, "Registrert to ganger."
        moved[guardian.id] = double.id if double is not None else None
        if guardian.ended_at is None and guardian.parental_responsibility:
            _ask_holder(work, TaskKind.GUARDIAN_NOT_ASKED, guardian)
        for one in alike:
            _take_block(work, one)
            tie_guardian(work, child, one)
    return moved


def move_guardians_back(
    work: Work, guardians: Iterable[UUID], child_id: UUID, doubles: Collection[UUID]
) -> None:
    """Let guardians be another record's again; one that was ended as a double stands again."""
    child = work.session.get_one(Child, child_id)
    for guardian_id in guardians:
        guardian = work.session.get_one(Guardian, guardian_id)
        guardian.child_id = child_id
        if guardian_id in doubles:
            guardian.ended_at = guardian.ended_reason = None
        work.session.flush()
        tasks.settle_of(work, TaskKind.GUARDIAN_NOT_ASKED, guardian_id, "Delt igjen.")
        tie_guardian(work, child, guardian)


def move_account(work: Work, giver: Child, taker: Child) -> list[UUID]:
    """Let a child's own account be another record's, which has none; return it if it was moved."""
    if giver.user_id is None or taker.user_id is not None:
        return []
    moved, giver.user_id, taker.user_id = giver.user_id, None, giver.user_id
    work.session.flush()
    _tie_account(work, giver)
    _tie_account(work, taker)
    return [moved]


def move_joined(
    work: Work, from_id: UUID, child_id: UUID, records: Collection[UUID] | None = None
) -> list[UUID]:
    """Let records that were joined to one be joined to another, all or some; return which."""
    there = [
        one for one in queries.joined(work.session, from_id) if records is None or one.id in records
    ]
    for one in there:
        one.joined_to = child_id
    work.session.flush()
    return [one.id for one in there]


def _take_block(work: Work, guardian: Guardian) -> None:
    """Give a guardian the block of the same person, who came or came back under another row."""
    rows = queries.same_person(work.session, guardian)
    before = next((one for one in rows if one.blocked), None)
    if before is not None and not guardian.blocked:
        guardian.blocked_at, guardian.blocked_reason = before.blocked_at, before.blocked_reason
        work.session.flush()


def _check(work: Work, wish: Register, changed: Collection[str] | None = None) -> None:
    """Refuse what no child can be, all of it at once.

    Of a child that is registered already only what `changed` is asked: it grows older than a new
    one may be, and a due date passes, and both can still be corrected.
    """
    born = wish.birth_date if wish.kind is ChildKind.CHILD else None
    dates = rules.birth_obstacles(
        wish.kind, wish.birth_date, wish.due_date, work.today, work.profile.max_age
    )
    number: list[str] = []
    if wish.national_id is not None:
        number = rules.national_id_obstacles(
            wish.national_id, allow_synthetic=work.profile.synthetic_ids
        )
        if wish.kind is ChildKind.UNBORN:
            number = ["national-id-of-unborn"]
        elif not number and born and not rules.matches_birth_date(wish.national_id, born):
            number = ["national-id-birth-date"]
    if changed is not None and not DATES & set(changed):
        dates = []
        number = number if "national_id" in changed else []
    strict = wish.address_protection == Protection.STRICT
    problems = {
        "birth_date" if wish.kind is ChildKind.CHILD else "due_date": dates,
        "national_id": number,
        "address": ["not-with-strict-protection"] if strict and wish.address else [],
        "school": ["not-with-strict-protection"] if strict and wish.school else [],
        "pregnant_person": ["only-for-unborn"]
        if wish.pregnant_person and wish.kind is ChildKind.CHILD
        else [],
    }
    if any(problems.values()):
        raise FieldError.of(problems)


def _check_relation(child: Child, relation: str | None) -> None:
    if relation == PREGNANT and child.kind == ChildKind.CHILD:
        raise FieldError("relation", "nobody-is-pregnant")


def _check_seen(guardian: Guardian, seen_version: int) -> None:
    if guardian.ended_at is not None or seen_version != guardian.version:
        raise ConflictError(_current(guardian))


def _current(guardian: Guardian) -> dict[str, object]:
    return {"version": guardian.version, "name": guardian.name}


def _add_pregnant(work: Work, child: Child, person: Pregnant) -> None:
    wish = AddGuardian(
        name=person.name,
        relation=PREGNANT,
        parental_responsibility=True,
        lives_with=True,
        username=person.username,
        national_id=person.national_id,
    )
    try:
        add_guardian(work, child.id, wish)
    except FieldError as error:
        inside = {f"pregnant_person.{name}": codes for name, codes in error.fields.items()}
        raise FieldError.of(inside) from error


def _citizen(work: Work, username: str | None) -> UUID | None:
    if username is None:
        return None
    user = people.by_username(work.session, username, "username")
    if "citizen" not in user.roles.split():
        raise FieldError("username", "not-a-citizen")
    return user.id


def _tie_account(work: Work, child: Child) -> None:
    """Give the child's account its two ties: one until the consent age, one from it on."""
    for record in queries.records_of(work.session, child.id):
        ties.end_own(work, record)
    if child.user_id is None or child.birth_date is None:
        return
    grown = birthday(child.birth_date, work.profile.consent_age)
    tie = Grant(child.id, Relation.C12, "self", child.id, user_id=child.user_id)
    starts = birthday(child.birth_date, work.profile.participation_age)
    young = replace(tie, from_on=starts, until_on=grown - timedelta(days=1))
    _grant_with_past(work, child, young, replace(tie, relation=Relation.C16, from_on=grown))
