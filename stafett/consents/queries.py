"""Everything that reads consents."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import Date, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from stafett.access import ties
from stafett.access.models import Tie
from stafett.access.policy import Area, Purpose, Relation
from stafett.access.work import Work
from stafett.children import queries as children
from stafett.children.models import Child, Guardian
from stafett.children.rules import PREGNANT, VoiceHow, hides_places
from stafett.consents.models import (
    Consent,
    ConsentGiver,
    ConsentService,
    ConsentText,
    Withdrawal,
)
from stafett.consents.rules import (
    CHILD,
    ONE_IS_ENOUGH,
    Basis,
    ConsentState,
    Family,
    Heard,
    left_out,
    line_of,
    missing,
    state_on,
    words,
)
from stafett.dates import age, oslo_date
from stafett.db import fetch
from stafett.people.models import Service, User


@dataclass(frozen=True, slots=True)
class Consented:
    """One service of a consent as pages and JSON show it; `ended_at` is a UTC moment.

    `left_out`: the areas that it may not see.
    """

    id: UUID
    name: str
    left_out: frozenset[Area]
    ended_at: datetime | None
    replaced: bool


@dataclass(frozen=True, slots=True)
class Giver:
    """Who said yes; `guardian_id` is None for the child itself."""

    guardian_id: UUID | None
    name: str
    method: str
    given_on: date
    confirmed: bool
    note: str | None


Waited = tuple[tuple[UUID | str, str], ...]
"""Whose yes is missing, each with a name."""


@dataclass(frozen=True, slots=True)
class ConsentView:
    """A consent as pages and JSON show it; `waits_for` names those whose yes is missing.

    `basis` is None where it was not kept, in older ones. `counted`: everybody needed has said yes.
    """

    id: UUID
    child_id: UUID
    purpose: str
    method: str
    state: ConsentState
    given_on: date
    expires_on: date
    note: str | None
    basis: Basis | None
    basis_reason: str | None
    heard: Heard | None
    services: tuple[Consented, ...]
    givers: tuple[Giver, ...]
    waits_for: Waited
    version: int
    registered_at: datetime
    counted: bool


class ToAnswer(NamedTuple):
    """A consent that waits for the actor; `given`: staff have written that he said yes."""

    id: UUID
    child_id: UUID
    child_name: str
    purpose: str
    given: bool


class Ending(NamedTuple):
    """A consent that soon ends; `until` is its last day."""

    id: UUID
    child_id: UUID
    child_name: str
    purpose: str
    until: date


NAMES_SOME = (
    exists()
    .where(ConsentService.consent_id == Consent.id, ConsentService.ended_at.is_(None))
    .correlate(Consent)
)
"""Matches a consent that still names a service."""
STANDS = and_(Consent.withdrawn_at.is_(None), Consent.expires_on >= ties.TODAY, NAMES_SOME)
"""Matches a consent that counts, or that may still come to count; it asks for `today`."""
COUNTS = and_(Consent.active_at.is_not(None), STANDS)
"""Matches a consent that is active, as `rules.state_on` says it; `WAITS` one that waits."""
WAITS = and_(Consent.active_at.is_(None), STANDS)
_ENDING = (
    select(Consent.id, Child.id, Child.name, Consent.purpose, Consent.expires_on)
    .join(Child, Child.id == Consent.child_id)
    .where(
        COUNTS,
        Consent.expires_on <= bindparam("expires_until", type_=Date()),
        Consent.purpose != Purpose.APPLICATION,
    )
    .order_by(Consent.expires_on, Consent.id)
)
_ENDING_OF_MINE = {  # built once: making a statement costs as much as running it
    leads: _ENDING.where(Child.id.in_(ties.visible(leads=leads))) for leads in (False, True)
}
_BY_OTHERS = select(Consent.child_id).where(
    Consent.child_id.in_(bindparam("children", expanding=True)),
    Consent.purpose == Purpose.STAFETTLOGG,
    COUNTS,
    ~exists().where(ConsentGiver.consent_id == Consent.id, ConsentGiver.guardian_id.is_(None)),
)
_ABOUT = Consent.child_id == bindparam("child_id")
_OF_CHILD = (
    select(Consent)
    .where(_ABOUT)
    .order_by(Consent.given_on.desc(), Consent.registered_at.desc(), Consent.id)
)
_SERVICES = (
    select(Service.id, Service.name, Service.kind, Child.address_protection)
    .join(ConsentService, ConsentService.service_id == Service.id)
    .join(Consent, Consent.id == ConsentService.consent_id)
    .join(Child, Child.id == Consent.child_id)
    .where(_ABOUT)
    .order_by(Consent.registered_at, Service.kind, Service.id)
)
_NAMED = select(ConsentService).join(Consent, Consent.id == ConsentService.consent_id).where(_ABOUT)
_GIVERS = (
    select(ConsentGiver.consent_id, ConsentGiver.guardian_id, Guardian.name)
    .add_columns(ConsentGiver.method, ConsentGiver.given_on, ConsentGiver.confirmed_at)
    .add_columns(ConsentGiver.note)
    .join(Consent, Consent.id == ConsentGiver.consent_id)
    .join(Guardian, Guardian.id == ConsentGiver.guardian_id, isouter=True)
    .where(_ABOUT)
    .order_by(ConsentGiver.given_on, Guardian.name)
)
ENDING_COORDINATED = {
    leads: _ENDING.where(
        Consent.purpose == Purpose.PLAN,
        Child.id.in_(ties.tied_as([Relation.KO], leads=False)),
        ties.visible(leads=leads).where(Tie.child_id == Child.id).exists(),
    )
    for leads in (False, True)
}
"""The consents to a plan that soon end, of the children whom somebody coordinates."""


class Wording(NamedTuple):
    """The words of a consent as they may be shown; `sha256` is of those that are stored.

    `exact`: what is shown is what is stored.
    """

    text: str
    sha256: str
    exact: bool


@dataclass(frozen=True, slots=True)
class Stopped:
    """A withdrawal as its consent's page tells it; `at` is a UTC moment.

    `on_behalf_of` is empty when the family wrote it itself.
    """

    at: datetime
    services: list[str]
    by: str
    on_behalf_of: str
    how: str | None
    reason: str | None


def find(session: Session, consent_id: UUID) -> Consent | None:
    """Return a consent, without asking who wants it."""
    return session.get(Consent, consent_id)


def child_of(session: Session, consent_id: UUID) -> UUID | None:
    """Return whom a consent is about; it never changes, so no lock is needed."""
    return session.scalar(select(Consent.child_id).where(Consent.id == consent_id))


def family_of(work: Work, child_id: UUID) -> Family:
    """Return whose yes may be asked for today."""
    child = children.find(work.session, child_id)
    deciding = children.deciding_now(work.session, child_id, work.today)
    responsible = [one for one in deciding if one.parental_responsibility]
    born = child.birth_date if child is not None else None
    pregnant = next((one.id for one in responsible if one.relation == PREGNANT), None)
    return Family(
        responsible=frozenset(one.id for one in responsible),
        age=None if born is None else age(born, work.today),
        consent_age=work.profile.consent_age,
        pregnant=pregnant,
        mandates={one.id: one.says_yes_to for one in deciding if one.says_yes_to},
    )


def age_on(session: Session, child_id: UUID, on: date) -> int | None:
    """Return the child's age in whole years on a local date; None before birth."""
    child = children.find(session, child_id)
    born = child.birth_date if child is not None else None
    return None if born is None or on < born else age(born, on)


def answers_as(work: Work, child_id: UUID) -> UUID | str | None:
    """Return as whom the actor answers: the child itself, or the guardian whose account it is."""
    if children.account_of(work.session, child_id) == work.actor.user_id:
        return CHILD
    for one in children.deciding_now(work.session, child_id, work.today):
        if one.user_id == work.actor.user_id:
            return one.id
    return None


def may_stop(work: Work, child_id: UUID, purpose: Purpose) -> bool:
    """Say whether the actor is one of those of the family who may stop what consent gives."""
    return answers_as(work, child_id) in family_of(work, child_id).may_stop(purpose)


def giver_row(session: Session, consent_id: UUID, giver: UUID | str) -> ConsentGiver | None:
    """Return the yes of one giver to a consent."""
    whose = (
        ConsentGiver.child_id.is_not(None) if giver == CHILD else ConsentGiver.guardian_id == giver
    )
    wanted = select(ConsentGiver).where(ConsentGiver.consent_id == consent_id, whose)
    return session.scalars(wanted).one_or_none()


def wording(work: Work, consent: Consent) -> Wording | None:
    """Return the exact words of a consent; older ones have none.

    Where the child's address is protected they are said again with the kinds of the services;
    what is stored stays as it was agreed to.
    """
    kept = work.session.get(ConsentText, consent.id)
    child = children.find(work.session, consent.child_id)
    if kept is None or child is None:
        return None
    if not hides_places(child.address_protection):
        return Wording(kept.text, kept.sha256, exact=True)
    text = words_now(work, consent)
    return Wording(text, kept.sha256, exact=text == kept.text)


def words_now(work: Work, consent: Consent) -> str:
    """Return the words of a consent as its child and services are called today."""
    child = children.find(work.session, consent.child_id)
    shown = shown_services(work, consent.child_id)
    lines = {
        line_of(shown[row.service_id][1], consent.purpose, row.areas)
        for row in services_of(work.session, consent.id)
    }
    days = (consent.given_on, consent.expires_on)
    return words(child.name if child else "", Purpose(consent.purpose), sorted(lines), days)


def to_answer(work: Work) -> list[ToAnswer]:
    """Return what waits for the actor as a guardian or a youth: a yes to give, or to confirm."""
    me = work.actor.user_id
    wanted = (
        select(Consent.id, Child.id, Child.name, Guardian.id, ConsentGiver.id, Consent.purpose)
        .join(Child, Child.id == Consent.child_id)
        .join(
            Guardian,
            and_(
                Guardian.child_id == Child.id,
                Guardian.user_id == me,
                Guardian.ended_at.is_(None),
                Guardian.blocked_at.is_(None),
            ),
            isouter=True,
        )
        .join(
            ConsentGiver,
            and_(
                ConsentGiver.consent_id == Consent.id,
                or_(
                    ConsentGiver.guardian_id == Guardian.id,
                    and_(Guardian.id.is_(None), ConsentGiver.child_id == Child.id),
                ),
            ),
            isouter=True,
        )
        .where(
            or_(Guardian.id.is_not(None), Child.user_id == me),
            Child.id.in_(ties.visible_to(work.actor, work.now)),
            or_(
                and_(ConsentGiver.id.is_(None), Consent.active_at.is_(None)),
                and_(ConsentGiver.id.is_not(None), ConsentGiver.confirmed_at.is_(None)),
            ),
            STANDS,
        )
        .order_by(Consent.registered_at, Consent.id)
    )
    rows = work.session.execute(wanted, {"today": work.today})
    return [
        ToAnswer(consent_id, child_id, name, purpose, given=giver is not None)
        for consent_id, child_id, name, guardian_id, giver, purpose in rows
        if giver is not None or (guardian_id or CHILD) in family_of(work, child_id).needed(purpose)
    ]


def named(work: Work, consent_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """Return what the services are called that some consents still name, in order."""
    wanted = (
        select(Consent.id, Consent.child_id, ConsentService.service_id)
        .join(ConsentService, ConsentService.consent_id == Consent.id)
        .where(Consent.id.in_(consent_ids), ConsentService.ended_at.is_(None))
    )
    rows = work.session.execute(wanted).all() if consent_ids else []
    shown = {child_id: shown_services(work, child_id) for child_id in {row[1] for row in rows}}
    found: dict[UUID, set[str]] = defaultdict(set)
    for consent_id, child_id, service_id in rows:
        found[consent_id].add(shown[child_id][service_id][1])
    return {consent_id: sorted(names) for consent_id, names in found.items()}


def given_by_others(session: Session, children: Collection[UUID], today: date) -> set[UUID]:
    """Return the children for whose log a yes counts on a local date that is not their own."""
    given = {"children": list(children), "today": today}
    return set(session.scalars(_BY_OTHERS, given)) if children else set()


def ending(work: Work, until: date) -> list[Ending]:
    """Return the consents that end on or before a local date and are the actor's to renew.

    The family's, where its yes is needed; for others those to a plan that they coordinate. What a
    newer one has replaced is not in it, nor what belongs to one application.
    """
    family, leads = work.actor.roles == {Relation.PF}, bool(work.actor.leads)
    wanted = _ENDING_OF_MINE[leads] if family else ENDING_COORDINATED[leads]
    asked = {**ties.asking(work.actor, work.today, work.now), "expires_until": until}
    found = [Ending._make(row) for row in fetch(work.session, wanted, asked)]
    return [one for one in found if not family or _is_asked(work, one)]


def _is_asked(work: Work, one: Ending) -> bool:
    needed = family_of(work, one.child_id).needed(Purpose(one.purpose))
    return answers_as(work, one.child_id) in needed


def services_of(session: Session, consent_id: UUID) -> Sequence[ConsentService]:
    """Return every service a consent has ever named."""
    wanted = select(ConsentService).where(ConsentService.consent_id == consent_id)
    return session.scalars(wanted).all()


def names_some(session: Session, consent_id: UUID) -> bool:
    """Say whether a consent still names a service."""
    return any(row.ended_at is None for row in services_of(session, consent_id))


def services_by_consent(
    session: Session, child_id: UUID
) -> Mapping[UUID, Sequence[ConsentService]]:
    """Return every service that each consent about a child has ever named."""
    found: dict[UUID, list[ConsentService]] = defaultdict(list)
    for row in session.scalars(_NAMED, {"child_id": child_id}):
        found[row.consent_id].append(row)
    return found


def givers_of(session: Session, consent_id: UUID) -> set[UUID | str]:
    """Return who has said yes to a consent."""
    wanted = select(ConsentGiver.guardian_id).where(ConsentGiver.consent_id == consent_id)
    return {guardian_id or CHILD for guardian_id in session.scalars(wanted)}


def missing_of(session: Session, consent: Consent, family: Family) -> frozenset[UUID | str]:
    """Return whose yes a consent still needs of a family."""
    return _missing(consent, family, givers_of(session, consent.id))


def _missing(
    consent: Consent, family: Family, given: Collection[UUID | str]
) -> frozenset[UUID | str]:
    one = consent.basis in ONE_IS_ENOUGH
    return missing(family, Purpose(consent.purpose), given, one_is_enough=one)


def giver_rows(session: Session, consent_id: UUID) -> Sequence[ConsentGiver]:
    """Return every yes to a consent."""
    wanted = select(ConsentGiver).where(ConsentGiver.consent_id == consent_id)
    return session.scalars(wanted).all()


def rows_of_child(session: Session, child_id: UUID) -> Sequence[Consent]:
    """Return every consent about a child, in the order in which they were registered."""
    wanted = select(Consent).where(Consent.child_id == child_id)
    return session.scalars(wanted.order_by(Consent.registered_at, Consent.id)).all()


def standing(
    session: Session, child_id: UUID, purpose: str, services: Iterable[UUID] | None
) -> Sequence[ConsentService]:
    """Return the services, all or some, that consents of a purpose still name."""
    wanted = (
        select(ConsentService)
        .join(Consent, Consent.id == ConsentService.consent_id)
        .where(
            Consent.child_id == child_id,
            Consent.purpose == purpose,
            ConsentService.ended_at.is_(None),
        )
    )
    if services is not None:
        wanted = wanted.where(ConsentService.service_id.in_(list(services)))
    return session.scalars(wanted).all()


def without_services(session: Session, child_id: UUID, purpose: str) -> Sequence[Consent]:
    """Return the consents of a purpose that name no service any more and are not withdrawn."""
    wanted = select(Consent).where(
        Consent.child_id == child_id,
        Consent.purpose == purpose,
        Consent.withdrawn_at.is_(None),
        ~NAMES_SOME,
    )
    return session.scalars(wanted).all()


def shown_services(work: Work, child_id: UUID) -> dict[UUID, tuple[UUID, str]]:
    """Return as what each service of a child's consents is shown: its id and name.

    Where the child's address is protected its kind stands for it, and an id that says nothing:
    the name of a school tells where a child is.
    """
    rows = fetch(work.session, _SERVICES, {"child_id": child_id})
    found: dict[UUID, tuple[UUID, str]] = {}
    for service_id, name, kind, protection in rows:
        if not hides_places(protection):
            found[service_id] = service_id, name
        elif service_id not in found:
            label = work.profile.service_kind(kind).label
            found[service_id] = uuid5(child_id, str(len(found))), label
    return found


def of_child(work: Work, child_id: UUID) -> list[ConsentView]:
    """Return a child's consents, newest first, in four statements; three more where one waits."""
    session = work.session
    about = {"child_id": child_id}
    consents = session.scalars(_OF_CHILD, about).all()
    purposes = {consent.id: consent.purpose for consent in consents}
    shown = shown_services(work, child_id)
    services: dict[UUID, list[Consented]] = defaultdict(list)
    for one in session.scalars(_NAMED, about):
        called = shown[one.service_id]
        without = left_out(purposes[one.consent_id], one.areas)
        services[one.consent_id].append(Consented(*called, without, one.ended_at, one.replaced))
    for in_order in services.values():
        in_order.sort(key=lambda one: (one.name, one.id))
    givers: dict[UUID, list[Giver]] = defaultdict(list)
    for row in fetch(session, _GIVERS, about):
        name = row[2] or "Ungdommen selv"
        found = Giver(row[1], name, row[3], row[4], row[5] is not None, row[6])
        givers[row[0]].append(found)
    states = {one.id: _state(work, one, services[one.id]) for one in consents}
    waiting = [one for one in consents if states[one.id] is ConsentState.WAITING]
    waits = _waits_for(work, child_id, waiting, givers) if waiting else {}
    return [
        _view(one, states[one.id], services[one.id], givers[one.id], waits.get(one.id, ()))
        for one in consents
    ]


def view(work: Work, consent: Consent) -> ConsentView:
    """Return one consent as pages and JSON show it."""
    work.session.flush()
    found = of_child(work, consent.child_id)
    return next(one for one in found if one.id == consent.id)


def least_of(found: ConsentView) -> ConsentView:
    """Return only purpose, services and days: all that some readers need (cells M)."""
    least = replace(found, note=None, basis=None, basis_reason=None, heard=None)
    return replace(least, givers=(), waits_for=())


def since_birth(found: ConsentView, since: datetime | None) -> ConsentView | None:
    """Return what who came after a birth sees of a consent; None: it is not for him.

    Of the pregnant person's only the least, and only where it goes on after the birth, as if from
    then on: whom it lets in is about the child that there is.
    """
    if since is None or found.registered_at > since:
        return found
    left = tuple(one for one in found.services if one.ended_at is None or one.ended_at > since)
    born_on = oslo_date(since)
    if not left or found.state is ConsentState.WAITING or found.expires_on < born_on:
        return None
    return least_of(replace(found, services=left, given_on=max(found.given_on, born_on)))


def for_guardian(found: ConsentView) -> ConsentView:
    """Return a consent without the words that the child asked to have kept from its guardians.

    How it was heard stands there still, as it does of a child who said nothing.
    """
    if found.heard is None or not found.heard.private:
        return found
    return replace(found, heard=Heard(found.heard.how))


def withdrawals(work: Work, consent: Consent) -> list[Stopped]:
    """Return who took services out of a consent, and how it was said, newest first."""
    rows = work.session.execute(
        select(Withdrawal, User.name, Guardian.name)
        .join(User, User.id == Withdrawal.withdrawn_by)
        .join(Guardian, Guardian.id == Withdrawal.on_behalf_of, isouter=True)
        .where(Withdrawal.consent_id == consent.id)
        .order_by(Withdrawal.withdrawn_at.desc(), Withdrawal.id)
    ).all()
    shown = shown_services(work, consent.child_id)
    return [
        Stopped(
            at=row.withdrawn_at,
            services=sorted(shown[UUID(one)][1] for one in row.services.split()),
            by=by,
            on_behalf_of=guardian or ("ungdommen selv" if row.how else ""),
            how=row.how,
            reason=row.reason,
        )
        for row, by, guardian in rows
    ]


def _state(work: Work, consent: Consent, services: Iterable[Consented]) -> ConsentState:
    return state_on(
        work.today,
        consent.expires_on,
        active=consent.active_at is not None,
        withdrawn=consent.withdrawn_at is not None,
        services_left=any(one.ended_at is None for one in services),
    )


def _waits_for(
    work: Work,
    child_id: UUID,
    waiting: Iterable[Consent],
    givers: Mapping[UUID, Iterable[Giver]],
) -> dict[UUID, Waited]:
    """Return whose yes each consent still waits for."""
    family = family_of(work, child_id)
    names: dict[UUID | str, str] = {
        one.id: one.name for one in children.guardians(work.session, child_id)
    } | {CHILD: "Ungdommen selv"}
    found = {}
    for consent in waiting:
        given = [giver.guardian_id or CHILD for giver in givers[consent.id]]
        absent = _missing(consent, family, given)
        found[consent.id] = tuple(sorted(((who, names[who]) for who in absent), key=itemgetter(1)))
    return found


def _view(
    consent: Consent,
    state: ConsentState,
    services: Iterable[Consented],
    givers: Iterable[Giver],
    waits: Waited,
) -> ConsentView:
    return ConsentView(
        id=consent.id,
        child_id=consent.child_id,
        purpose=consent.purpose,
        method=consent.method,
        state=state,
        given_on=consent.given_on,
        expires_on=consent.expires_on,
        note=consent.note,
        basis=None if consent.basis is None else Basis(consent.basis),
        basis_reason=consent.basis_reason,
        heard=None
        if consent.voice_how is None
        else Heard(
            VoiceHow(consent.voice_how), consent.voice_text, private=bool(consent.voice_private)
        ),
        services=tuple(services),
        givers=tuple(givers),
        waits_for=waits,
        version=consent.version,
        registered_at=consent.registered_at,
        counted=consent.active_at is not None,
    )
