"""Everything that changes a consent, and with it the covers."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select

from stafett.access import ties
from stafett.access.policy import FAMILY, Action, Area, Purpose, Relation
from stafett.access.work import Work
from stafett.audit import trail
from stafett.consents import queries, rules
from stafett.consents.models import (
    Consent,
    ConsentGiver,
    ConsentService,
    ConsentText,
    Withdrawal,
)
from stafett.consents.rules import CHILD, Basis, Heard, Method
from stafett.dates import months_after
from stafett.errors import ConflictError, DeniedError, FieldError, RuleBrokenError
from stafett.people import queries as people
from stafett.tasks import commands as tasks
from stafett.tasks.rules import TaskKind

DAYS_TO_ANSWER = 7
"""How long the holder has to settle a withdrawal with the family."""


@dataclass(frozen=True)
class Record:
    """A wish to register what the family has agreed to; `given_by` holds guardians or `child`.

    `without_log`, `without_plan`: those of the services that are to see only what is their own.
    `one_is_enough`: the case in which one of several parents may say yes alone, and why it is one.
    """

    purpose: Purpose
    services: list[UUID]
    given_by: list[UUID | str]
    method: Method
    given_on: date
    expires_on: date | None = None
    note: str | None = None
    without_log: Collection[UUID] = ()
    without_plan: Collection[UUID] = ()
    one_is_enough: Basis | None = None
    one_reason: str | None = None
    heard: Heard | None = None

    def areas(self, service_id: UUID) -> frozenset[Area]:
        """Return what a service may see besides what is its own."""
        left_out = {Area.LOG: self.without_log, Area.PLAN: self.without_plan}
        return frozenset(area for area in Area if service_id not in left_out[area])


@dataclass(frozen=True)
class AddYes:
    """A wish to register that one more has said yes to a consent that waits."""

    given_by: UUID | str
    method: Method
    given_on: date
    note: str | None = None


@dataclass(frozen=True)
class Withdraw:
    """A wish to take some services out of a consent; none named means all.

    Staff do it only in the name of a guardian, or of a youth who decides alone, and say how it
    was said.
    """

    services: list[UUID] | None = None
    reason: str | None = None
    on_behalf_of: UUID | str | None = None
    how: str | None = None


def record(work: Work, child_id: UUID, wish: Record) -> Consent:
    """Register a consent; when everybody needed has said yes, its services are covered at once.

    A digital one is only asked for here: the family says yes to it on its own pages. Its words
    are kept as they are now, whatever the services are called later.

    It replaces earlier ones of the same purpose for the services it names. Without an end it
    lasts as long as the profile says.

    Raises:
        FieldError: a service or a giver that does not exist, a yes by word of mouth without what
            was said, or one parent alone where that is not enough.
        RuleBrokenError: with every obstacle.

    """
    services, givers = list(dict.fromkeys(wish.services)), list(dict.fromkeys(wish.given_by))
    given_on = min(wish.given_on, work.today)  # a day to come is refused below
    expires_on = wish.expires_on or months_after(given_on, work.profile.consent_months)
    family, purpose = queries.family_of(work, child_id), wish.purpose
    _check_asked(work, child_id, wish)
    if obstacles := rules.obstacles_to_registering(
        family, purpose, wish.given_on, expires_on, work.today
    ):
        raise RuleBrokenError(obstacles)
    _check_family(work, child_id, wish, family, given_on)
    one = wish.one_is_enough is not None
    enough = not rules.missing(family, purpose, givers, one_is_enough=one)
    consent = Consent(
        child_id=child_id,
        purpose=wish.purpose,
        method=wish.method,
        given_on=wish.given_on,
        expires_on=expires_on,
        note=wish.note,
        registered_by=work.actor.user_id,
        registered_at=work.now,
        active_at=work.now if enough else None,
        basis=wish.one_is_enough or family.basis(purpose),
        basis_reason=wish.one_reason if one else None,
        voice_how=wish.heard and wish.heard.how,
        voice_text=wish.heard and wish.heard.text,
        voice_private=wish.heard and wish.heard.private,
    )
    work.session.add(consent)
    work.session.flush()
    for service_id in services:
        areas = " ".join(sorted(wish.areas(service_id)))
        work.session.add(ConsentService(consent_id=consent.id, service_id=service_id, areas=areas))
    work.session.flush()
    text = queries.words_now(work, consent)
    work.session.add(
        ConsentText(consent_id=consent.id, text=text, sha256=sha256(text.encode()).hexdigest())
    )
    for giver in givers:
        _add_giver(work, consent, giver, wish.method, wish.given_on)
    if consent.active_at is not None:
        _cover(work, consent)
    trail.record(
        work,
        Action.CONSENT_REGISTER_PAPER,
        child_id,
        consent.id,
        purpose=wish.purpose,
        services=[str(service_id) for service_id in services],
        active=consent.active_at is not None,
    )
    return consent


def add_yes(work: Work, consent: Consent, wish: AddYes) -> Consent:
    """Register one more yes; the last one needed makes the consent count at once.

    Raises:
        ConflictError: the consent does not wait (any more), or the yes has been given.
        FieldError: somebody whose yes is not needed, or nobody wrote down what was said.
        RuleBrokenError: the yes lies in the future.

    """
    if consent.active_at is not None or not queries.names_some(work.session, consent.id):
        raise ConflictError({"version": consent.version})
    _check_note(wish)
    family, purpose = queries.family_of(work, consent.child_id), Purpose(consent.purpose)
    if obstacles := rules.obstacles_to_registering(
        family, purpose, wish.given_on, consent.expires_on, work.today
    ):
        raise RuleBrokenError(obstacles)
    given = queries.givers_of(work.session, consent.id)
    if wish.given_by in given:
        raise ConflictError({"version": consent.version})
    _check_givers(family, purpose, [wish.given_by])
    _add_giver(work, consent, wish.given_by, wish.method, wish.given_on, wish.note)
    _count_if_enough(work, consent, family)
    trail.record(
        work,
        Action.CONSENT_REGISTER_PAPER,
        consent.child_id,
        consent.id,
        active=consent.active_at is not None,
    )
    return consent


def reply(work: Work, consent: Consent, *, yes: bool) -> Consent:
    """Say yes or no as a guardian or a youth: to what is asked, or to what staff have written.

    A yes of one's own counts like one on paper, and is confirmed by being given; who asked is told
    when nobody's is missing any more. To say yes to what staff have written confirms it; to say no
    withdraws it in one's own name.

    Raises:
        ConflictError: nothing waits for the actor any more.
        DeniedError: the actor's answer is not needed.

    """
    who = queries.answers_as(work, consent.child_id)
    given = None if who is None else queries.giver_row(work.session, consent.id, who)
    family = queries.family_of(work, consent.child_id)
    if who is None or (given is None and who not in family.needed(Purpose(consent.purpose))):
        raise DeniedError
    left = queries.names_some(work.session, consent.id)
    answered = consent.active_at is not None if given is None else given.confirmed_at is not None
    if answered or not left or consent.expires_on < work.today:
        raise ConflictError({"version": consent.version})
    if not yes:
        _say_no(work, consent)
    elif given is not None:
        given.confirmed_at = work.now
    else:
        _add_giver(work, consent, who, Method.DIGITAL, work.today)
        _count_if_enough(work, consent, family)
        if consent.active_at is not None:
            asker = consent.registered_by
            tasks.ask_person(work, TaskKind.CONSENT_GIVEN, consent.child_id, asker, consent.id)
    trail.record(
        work,
        Action.CONSENT_GIVE,
        consent.child_id,
        consent.id,
        yes=yes,
        confirmed=given is not None,
        active=consent.active_at is not None,
    )
    return consent


def _count_if_enough(work: Work, consent: Consent, family: rules.Family) -> None:
    """Let a consent count if nobody's yes is missing any more, and keep why those are enough."""
    if queries.missing_of(work.session, consent, family):
        return
    consent.active_at = work.now
    if consent.basis not in rules.ONE_IS_ENOUGH:
        consent.basis = family.basis(Purpose(consent.purpose))
    _cover(work, consent)


def _say_no(work: Work, consent: Consent) -> None:
    """Take all of a consent back in one's own name, and tell who asked for it or wrote it."""
    withdraw(work, consent, Withdraw(), by_family=True)
    tasks.ask_person(
        work,
        TaskKind.CONSENT_REFUSED,
        consent.child_id,
        consent.registered_by,
        consent.id,
        work.today + timedelta(days=DAYS_TO_ANSWER),
    )


def withdraw(work: Work, consent: Consent, wish: Withdraw, *, by_family: bool) -> Consent:
    """Take services out; who rested on them is out at the next request.

    One guardian alone may do it, and then no consent of the purpose covers those services; what
    a newer consent has replaced is no longer this one's to take away. When nothing of the log is
    left it is frozen, and the holder gets a task; when only the holder's own service is gone, its
    leader holds the baton until somebody accepts it.

    Raises:
        ConflictError: everything has been taken out already, or replaced.
        DeniedError: somebody else stands in the parent's place in this.
        FieldError: a service that the consent does not name, or no guardian's name or word.

    """
    rows = queries.services_of(work.session, consent.id)
    shown = queries.shown_services(work, consent.child_id)
    named = {shown[row.service_id][0]: row.service_id for row in rows}
    if wish.services is not None and not set(wish.services) <= named.keys():
        raise FieldError("services", "service-not-in-consent")
    if by_family:
        require_stopper(work, consent.child_id, Purpose(consent.purpose), consent)
    else:
        _check_behalf(work, consent, wish)
    asked = {named[one] for one in (named if wish.services is None else wish.services)}
    taken = sorted(
        row.service_id for row in rows if row.ended_at is None and row.service_id in asked
    )
    if not taken:
        raise ConflictError({"version": consent.version})
    if consent.active_at is None:  # it never counted, so it takes nothing from an earlier one
        for row in rows:
            row.ended_at = work.now if row.service_id in taken else row.ended_at
        consent.withdrawn_at = None if any(row.ended_at is None for row in rows) else work.now
    else:
        stop(work, consent.child_id, Purpose(consent.purpose), taken)
    work.session.add(
        Withdrawal(
            consent_id=consent.id,
            services=" ".join(map(str, taken)),
            reason=wish.reason,
            on_behalf_of=None if isinstance(wish.on_behalf_of, str) else wish.on_behalf_of,
            how=wish.how,
            withdrawn_by=work.actor.user_id,
            withdrawn_at=work.now,
        )
    )
    trail.record(
        work,
        Action.CONSENT_WITHDRAW,
        consent.child_id,
        consent.id,
        purpose=consent.purpose,
        all=wish.services is None,
    )
    return consent


def require_stopper(
    work: Work, child_id: UUID, purpose: Purpose, consent: Consent | None = None
) -> None:
    """Refuse the family's stop from a parent in whose place somebody else stands.

    To a consent that he has said yes to himself he may still say stop.

    Raises:
        DeniedError: it is not this one's to say.

    """
    if queries.may_stop(work, child_id, purpose):
        return
    given = [] if consent is None else queries.givers_of(work.session, consent.id)
    if queries.answers_as(work, child_id) not in given:
        raise DeniedError


def stop(work: Work, child_id: UUID, purpose: Purpose, services: list[UUID]) -> None:
    """End what every consent of a purpose gives some services, because one who decides says so.

    The holder is told, and whoever acts for one who is out. Where others decide with him and
    nothing of the log is left, the leader of koordinerende enhet is told too if he follows the
    child (level 3): it never goes on, or dies, in silence.
    """
    before = ties.holder_of(work.session, child_id)
    withdraw_services(work, child_id, purpose, services)
    together = len(queries.family_of(work, child_id).needed(purpose)) > 1
    holder = ties.holder_of(work.session, child_id)
    if purpose is not Purpose.STAFETTLOGG or holder is None:
        return
    due_on = work.today + timedelta(days=DAYS_TO_ANSWER)
    if not ties.covered_services(work.session, child_id, work.today):
        if together:
            unit = ties.unit_that_follows(work.session, child_id, work.today)
            tasks.ask_service(work, TaskKind.ONE_STOPPED, child_id, unit, holder.source_id, due_on)
    elif holder is before and holder.user_id != work.actor.user_id:
        tasks.ask_holder(work, TaskKind.CONSENT_WITHDRAWN, holder, holder.source_id, due_on)


def withdraw_services(work: Work, child_id: UUID, purpose: Purpose, services: list[UUID]) -> None:
    """End what every consent of a purpose gives some services, and settle the baton."""
    for row in queries.standing(work.session, child_id, purpose, services):
        row.ended_at = work.now
    work.session.flush()
    for emptied in queries.without_services(work.session, child_id, purpose):
        emptied.withdrawn_at = work.now
    ties.uncover(work, child_id, purpose, services)
    holder = ties.holder_of(work.session, child_id)
    if purpose is not Purpose.STAFETTLOGG or holder is None:
        return
    if not ties.covered_services(work.session, child_id, work.today):
        due_on = work.today + timedelta(days=DAYS_TO_ANSWER)
        tasks.ask_holder(work, TaskKind.CONSENT_WITHDRAWN, holder, holder.source_id, due_on)
    elif holder.user_id is not None and holder.service_id in services:
        leader_of = people.leading_service(work.session, holder.user_id)
        if leader_of is not None:
            ties.pass_to_leader(work, holder, leader_of)
            tasks.ask_service(work, TaskKind.HOLDER_NEEDED, child_id, leader_of, holder.source_id)


def end_with_birth(work: Work, child_id: UUID, until: date) -> None:
    """Let what the pregnant person has agreed to last until a local date and no longer.

    What still waited for her yes is asked of nobody any more.
    """
    named = queries.services_by_consent(work.session, child_id)
    for consent in queries.rows_of_child(work.session, child_id):
        left = [one for one in named[consent.id] if not one.ended_at]
        if left and consent.active_at is None:
            for row in left:
                row.ended_at = work.now
        elif left and consent.expires_on > until:
            consent.expires_on = until
            _cover(work, consent)
    work.session.flush()


def end_all(work: Work, child_id: UUID) -> None:
    """End what every consent of a child still gives, of every purpose: its log is closed."""
    for purpose in Purpose:
        for row in queries.standing(work.session, child_id, purpose, None):
            row.ended_at = work.now
    ties.uncover_all(work, child_id)


def move(work: Work, from_id: UUID, child_id: UUID, doubles: Mapping[UUID, UUID]) -> list[UUID]:
    """Let the consents of one record be another's, and return them; `doubles` are the same people.

    One covers there only what nobody there has been asked about before, and only when everybody
    whose yes is needed there has given it: joining never undoes a withdrawal.
    """
    asked = set(work.session.scalars(select(Consent.purpose).where(Consent.child_id == child_id)))
    ties.uncover_all(work, from_id)
    moved = queries.rows_of_child(work.session, from_id)
    _reassign(work, moved, child_id, doubles)
    family = queries.family_of(work, child_id)
    for consent in moved:
        needed = family.needed(Purpose(consent.purpose))
        enough = bool(needed) and not queries.missing_of(work.session, consent, family)
        if consent.active_at is not None and enough and consent.purpose not in asked:
            _cover(work, consent)
        elif consent.active_at is not None:
            for row in queries.services_of(work.session, consent.id):
                if row.ended_at is None:
                    row.ended_at, row.replaced = work.now, True
    work.session.flush()
    return [consent.id for consent in moved]


def move_back(
    work: Work,
    consents: Collection[UUID],
    child_id: UUID,
    doubles: Mapping[UUID, UUID],
    moved_at: datetime,
) -> None:
    """Let consents be another record's again, and cover what they covered when they were moved."""
    ties.uncover_consents(work, consents)
    moved = [work.session.get_one(Consent, one) for one in consents]
    _reassign(work, moved, child_id, {there: here for here, there in doubles.items()})
    for consent in moved:
        for row in queries.services_of(work.session, consent.id):
            if row.replaced and row.ended_at == moved_at:
                row.ended_at, row.replaced = None, False
    work.session.flush()
    for consent in moved:
        if consent.active_at is not None:
            _cover(work, consent)


def _reassign(
    work: Work, consents: Iterable[Consent], child_id: UUID, instead: Mapping[UUID, UUID]
) -> None:
    for consent in consents:
        consent.child_id = child_id
        for giver in queries.giver_rows(work.session, consent.id):
            if giver.guardian_id is None:
                giver.child_id = child_id
            else:
                giver.guardian_id = instead.get(giver.guardian_id, giver.guardian_id)
    work.session.flush()


def by_family(relations: Collection[Relation]) -> bool:
    """Say whether somebody with these relations withdraws in his own name."""
    return not FAMILY.isdisjoint(relations)


def _check_asked(work: Work, child_id: UUID, wish: Record) -> None:
    """Refuse services that there are not, and a yes or a limit that does not go with the rest."""
    if len(people.service_names(work.session, wish.services)) < len(set(wish.services)):
        raise FieldError("services", "service-unknown")
    if (wish.method is Method.DIGITAL) is bool(wish.given_by):
        digital = wish.method is Method.DIGITAL
        raise FieldError("given_by", "digital-is-theirs" if digital else "giver-missing")
    _check_note(wish)
    _check_limits(work, child_id, wish)


def _check_family(
    work: Work, child_id: UUID, wish: Record, family: rules.Family, given_on: date
) -> None:
    """Refuse a child not heard as it should be, one alone who is not enough, and strangers."""
    age, grown = queries.age_on(work.session, child_id, given_on), work.profile.participation_age
    cases = work.profile.one_is_enough
    for problems in (
        rules.hearing_problems(family, wish.purpose, wish.heard, age, grown),
        rules.case_problems(family, wish.purpose, wish.one_is_enough, wish.one_reason, cases),
    ):
        if problems:
            raise FieldError.of(problems)
    _check_givers(family, wish.purpose, wish.given_by)


def _check_note(wish: Record | AddYes) -> None:
    """Refuse a yes by word of mouth that nobody wrote down: then it does not count."""
    if wish.method is Method.ORAL and not wish.note:
        raise FieldError("note", "oral-note-missing")


def _check_givers(family: rules.Family, purpose: Purpose, givers: list[UUID | str]) -> None:
    known = family.needed(purpose) | family.responsible | {CHILD}
    if not set(givers) <= known:
        raise FieldError("given_by", "guardian-unknown")


def _check_behalf(work: Work, consent: Consent, wish: Withdraw) -> None:
    stoppers = queries.family_of(work, consent.child_id).may_stop(Purpose(consent.purpose))
    problems = {
        "on_behalf_of": [] if wish.on_behalf_of in stoppers else ["guardian-unknown"],
        "how": [] if wish.how else ["how-missing"],
    }
    if any(problems.values()):
        raise FieldError.of(problems)


def _check_limits(work: Work, child_id: UUID, wish: Record) -> None:
    """Refuse limits on others than the consent's services, and on who must see the whole log."""
    leading = ties.leading(work.session, child_id, work.today)
    found: dict[str, list[str]] = {}
    for field, limited in (("without_log", wish.without_log), ("without_plan", wish.without_plan)):
        if limited and wish.purpose is not Purpose.STAFETTLOGG:
            found[field] = ["limit-only-in-log"]
        elif not set(limited) <= set(wish.services):
            found[field] = ["service-not-in-consent"]
        elif leading & set(limited):
            found[field] = ["leader-sees-all"]
    if found:
        raise FieldError.of(found)


def _add_giver(
    work: Work,
    consent: Consent,
    giver: UUID | str,
    method: Method,
    given_on: date,
    note: str | None = None,
) -> None:
    whose = {"child_id": consent.child_id} if giver == CHILD else {"guardian_id": giver}
    work.session.add(
        ConsentGiver(
            consent_id=consent.id,
            method=method,
            given_on=given_on,
            note=note,
            confirmed_at=work.now if method is Method.DIGITAL else None,
            **whose,
        )
    )
    work.session.flush()


def _cover(work: Work, consent: Consent) -> None:
    """Let the consent count: cover its services, and take them out of the ones before it."""
    work.session.flush()
    purpose = Purpose(consent.purpose)
    rows = queries.services_of(work.session, consent.id)
    mine = {row.service_id: row.areas for row in rows if row.ended_at is None}
    for row in queries.standing(work.session, consent.child_id, purpose, mine):
        if row.consent_id != consent.id:
            row.ended_at, row.replaced = work.now, True
    if purpose is Purpose.APPLICATION:
        return  # an application gives nothing outside its case
    for service_id, areas in mine.items():
        days = (consent.given_on, consent.expires_on)
        ties.cover(work, consent.child_id, service_id, purpose, consent.id, days, areas)
    if purpose is Purpose.STAFETTLOGG:
        for kind in (TaskKind.NEW_CONSENT, TaskKind.OWN_CONSENT):
            tasks.settle_of(work, kind, consent.child_id, "Et nytt samtykke gjelder.")
