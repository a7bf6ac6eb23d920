"""What waits for one person, gathered from the features below."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    CompoundSelect,
    Row,
    and_,
    bindparam,
    exists,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from stafett.access import ties
from stafett.access.models import Cover, Tie
from stafett.access.policy import Action, Facts, Held, Purpose, Relation, decide
from stafett.access.work import Work
from stafett.audience.rules import Visibility
from stafett.children import queries as children
from stafett.children.models import Child
from stafett.children.rules import Protection, is_of_age
from stafett.consents import queries as consents
from stafett.consents.models import Consent
from stafett.consents.rules import PURPOSES
from stafett.dates import begins, day_text, oslo_date
from stafett.db import constants, fetch
from stafett.entries import queries as entries
from stafett.entries.models import Entry
from stafett.entries.queries import Stranded
from stafett.people.models import Service, User
from stafett.plan import measures as plan_measures
from stafett.plan import waiting as plan_waiting
from stafett.plan.measures import DueMeasure, InHand, OpenMeasure
from stafett.plan.models import Evaluation
from stafett.questions import queries as questions
from stafett.review import queries as reviews
from stafett.stafettlogg import concerns
from stafett.stafettlogg import queries as logs
from stafett.stafettlogg.models import Handover, LevelChange, PaperDay, Stafettlogg
from stafett.stafettlogg.rules import ConcernForm
from stafett.tasks import queries as tasks
from stafett.tasks.models import Task
from stafett.tasks.queries import TaskRow
from stafett.tasks.rules import NOTICES, REQUESTS, TaskKind
from stafett.team import queries as team
from stafett.unsaved.rules import KEPT_FOR
from stafett.worklist.rules import EXPIRES_SOON, Gap, Standing, gaps, hangs

SOON = timedelta(days=14)
"""How long before its day a measure or an evaluation is shown."""
COMING = timedelta(days=7)
"""From how long before its day something waits for somebody; until then it is coming up."""
AT_ONCE = frozenset({"concern"})
"""What waits from its first day, however far ahead its last one is: somebody is worried."""
ANSWER_SHOWN = timedelta(days=14)
"""How long the leader's answer to a concern is shown to who wrote it."""
PLACE_SHOWN = timedelta(days=7)
"""How long somebody is told that he is in another's place, whom he coordinates, or that a plan is
in force; what is to be done there is told on."""
BIRTH_SHOWN = timedelta(days=14)
"""How long after the due date it is late not to have said whether the child is born."""
TASKS = {
    TaskKind.JOIN_TWIN: "Barnet kan være registrert to ganger. Se på begge registreringene",
    TaskKind.CHECK_JOIN: "To registreringer er slått sammen. Se om det ble riktig",
    TaskKind.TWIN_JOINED: "Barnet du registrerte, var registrert fra før",
    TaskKind.NUMBER_WRONG: "Fødselsnummeret du skrev, var et annet barns. Rett det",
    TaskKind.VERIFY_GUARDIAN: "Kontroller hvem som har foreldreansvar",
    TaskKind.DECIDE_DISCLOSURE: "En forelder uten foreldreansvar ber om opplysninger. Avgjør",
    TaskKind.GUARDIAN_NOT_ASKED: "En foresatt er lagt til etter samtykket. Spør om samtykke",
    TaskKind.GUARDIAN_NOT_RESPONSIBLE: "En foresatt har ikke foreldreansvar. Se på samtykkene",
    TaskKind.CONSENT_GIVEN: "Alle har sagt ja til samtykket du ba om",
    TaskKind.CONSENT_REFUSED: "Svaret på et samtykke var nei. Ta en prat om det",
    TaskKind.CONSENT_WITHDRAWN: "Samtykket er trukket tilbake. Ta en prat om det",
    TaskKind.NEW_CONSENT: "Barnet er født. Be alle med foreldreansvar om et nytt samtykke",
    TaskKind.ONE_STOPPED: "En av dem som bestemmer sammen, har sagt stopp. Se på saken",
    TaskKind.OWN_CONSENT: "Ungdommen bestemmer selv nå. Spør om et eget samtykke",
    TaskKind.IP_ASSESSED: "Individuell plan og koordinator er vurdert. Se på saken",
    TaskKind.PROTECTED: "Adressen er beskyttet nå. Foresatte har mistet tilgangen",
    TaskKind.PROTECTION_ENDS: "Vedtaket om beskyttet adresse går ut. Finn ut om det er fornyet",
    TaskKind.BATON_MOVED: "Du har fått stafettpinnen. Se hva som er neste steg",
    TaskKind.BATON_REFUSED: "{maker} sa nei til stafettpinnen. Les hvorfor",
    TaskKind.EMERGENCY: "Noen har brukt nødtilgang. Se om det var nødvendig",
    TaskKind.MEMBERSHIP_ENDS: "Om en måned er noen ikke med lenger. Skal tiden forlenges?",
    TaskKind.MEMBERSHIP_ENDS_SOON: "Om en uke er noen ikke med lenger. Skal tiden forlenges?",
    TaskKind.COORDINATOR_ENDS: "Koordinatorens tid går ut. Finn ut hvem det skal være",
    TaskKind.TRANSFERRED: "En ny tjeneste har overtatt. Be om samtykke til den",
    TaskKind.TRANSITION: "Overgang {}: avtal et møte om den",
    TaskKind.ASK_WHY: "Noen spør hvorfor noe er sett. Finn ut av det, og svar",
    TaskKind.DSR_REQUEST: "Noen ber om noe de har rett til. Svar innen fristen",
    TaskKind.DECIDE_RESTRICTION: "Noen vil at bruken av opplysningene stanses. Avgjør",
    TaskKind.LIFT_RESTRICTION: "Bruken av opplysningene er stanset. Skal den fortsatt være det?",
    TaskKind.CORRECTION: "Noen mener at noe som er skrevet, er feil. Rett det, eller svar",
    TaskKind.CORRECTED: "Noe du har lest, er rettet. Se hva som står nå",
    TaskKind.ANSWERED: "Du har fått svar på noe du har spurt om",
    TaskKind.CONCERN_CHANGED: "En bekymring du har lest, er rettet, eller har fått et tillegg",
    TaskKind.PLAN_COMMENT: "Noen har sagt noe om planen. Les det, og svar",
    TaskKind.PLAN_ENDED: "Den individuelle planen er avsluttet. Ta en prat om veien videre",
    TaskKind.ADULT_SOON: "Barnet fyller snart 18. Forbered overgangen sammen med ungdommen",
    TaskKind.HOLDER_NEEDED: "Ny stafettholder trengs. Spør noen om å ta over",
}
"""What each kind of task asks for; what a request asks for, `REQUESTS` says."""
TO_READ = {
    TaskKind.ANSWERED: "Les svaret",
    TaskKind.BATON_REFUSED: "Les hvorfor",
    TaskKind.CONSENT_GIVEN: "Les mer",
    TaskKind.CORRECTED: "Se rettelsen",
    TaskKind.TWIN_JOINED: "Les mer",
}
"""The button of what is no task, for there is nothing to do about it."""
_YES_OR_NO = {True: "ja", False: "nei"}
Receiver, Holder = aliased(User), aliased(User)
Delegated = aliased(Tie)
_WIDE = [Visibility.EVERYONE, Visibility.PROFESSIONALS]
_WRITTEN = (  # for max() SQLite reads the whole log; in this order it stops at the first
    select(Entry.written_at)
    .where(Entry.child_id == Stafettlogg.child_id, Entry.visibility.in_(constants(_WIDE)))
    .order_by(Entry.written_at.desc())
    .limit(1)
    .scalar_subquery()
)
_EVALUATED = (
    select(func.max(Evaluation.evaluated_on))
    .where(Evaluation.child_id == Stafettlogg.child_id)
    .scalar_subquery()
)
_CHANGED = (
    select(func.max(LevelChange.changed_at))
    .where(LevelChange.log_id == Stafettlogg.id)
    .scalar_subquery()
)
_ON_PAPER = (
    select(func.max(PaperDay.day)).where(PaperDay.log_id == Stafettlogg.id).scalar_subquery()
)
_COVERED = (
    select(func.min(Cover.until_on))
    .where(
        Cover.child_id == Stafettlogg.child_id,
        Cover.purpose == Purpose.STAFETTLOGG,
        Cover.ended_at.is_(None),
    )
    .scalar_subquery()
)
_CONSENTED = (
    exists()
    .where(
        Cover.child_id == Child.id,
        Cover.purpose == Purpose.STAFETTLOGG,
        Cover.ended_at.is_(None),
    )
    .correlate(Child)
)
"""Matches a child to whose log there is a consent, also one that has run out."""
_STANDING = (  # what an `OpenLog` says
    select(Stafettlogg.id, Child.id, Child.name, Holder.name, Receiver.name)
    .add_columns(Stafettlogg.opened_at, _CHANGED, _WRITTEN, _EVALUATED)
    .add_columns(Stafettlogg.next_evaluation_on, _COVERED, Handover.requested_at)
    .add_columns(ties.restricted(Child.id), _ON_PAPER, Stafettlogg.paper_place)
    .join(Child, Child.id == Stafettlogg.child_id)
    .join(Tie, and_(Tie.child_id == Child.id, ties.HOLDS))
    .join(Holder, Holder.id == Tie.user_id, isouter=True)
    .join(
        Handover,
        and_(Handover.log_id == Stafettlogg.id, logs.PENDING),
        isouter=True,
    )
    .join(Receiver, Receiver.id == Handover.to_id, isouter=True)
    .where(Stafettlogg.closed_at.is_(None), _CONSENTED)
)
_NEEDS_HOLDER = and_(  # an account was closed; after a consent was withdrawn a task asks the same
    Tie.basis == ties.ACTING,
    Handover.id.is_(None),
    ~exists().where(
        Task.source_id == Stafettlogg.id,
        Task.kind == TaskKind.HOLDER_NEEDED,
        Task.done_at.is_(None),
    ),
)
_HELD = {
    leads: _STANDING.add_columns(_NEEDS_HOLDER).where(ties.owned(leads=leads))
    for leads in (False, True)
}
_DELEGATED = (  # in whose place somebody is: the holder, for whom the tie of `_STANDING` is
    Delegated.user_id == bindparam("user_id"),
    Delegated.for_user_id.is_not(None),
    ties.in_force(Delegated, ties.TODAY),
)
_STOOD_IN = _STANDING.join(
    Delegated,
    and_(
        Delegated.child_id == Tie.child_id,
        Delegated.relation == Tie.relation,
        Delegated.for_user_id == Tie.user_id,
    ),
).where(
    *_DELEGATED,
    exists().where(
        Cover.child_id == Delegated.child_id,
        Cover.purpose == Purpose.STAFETTLOGG,
        Cover.service_id == Delegated.service_id,
        Cover.ended_at.is_(None),
    ),
)
_PLACES = (
    select(Delegated.id, Child.id, Child.name, Holder.name, Delegated.from_on, Delegated.until_on)
    .add_columns(Delegated.relation)
    .join(Child, Child.id == Delegated.child_id)
    .join(Holder, Holder.id == Delegated.for_user_id)
    .where(*_DELEGATED)
)
_LED = _STANDING.where(
    Tie.service_id.in_(bindparam("leads", expanding=True)),
    Tie.user_id != bindparam("user_id"),
    Child.address_protection != Protection.STRICT,
)
_OFFERED = (
    select(Receiver.name, Handover.requested_at)
    .join(Receiver, Receiver.id == Handover.to_id)
    .join(Child, Child.id == Handover.child_id)
    .where(
        logs.PENDING,
        Receiver.service_id.in_(bindparam("leads", expanding=True)),
        Receiver.id != bindparam("user_id"),
        Child.address_protection != Protection.STRICT,
        ~ties.restricted(Child.id),
        _CONSENTED,
    )
)
_CONSENT = "consent"
"""Stands where the action does, when what has been asked for is a consent."""


def _asked(*, leads: bool) -> CompoundSelect[*tuple[Any, ...]]:
    """Return what somebody has asked of others, of children he may still know of."""
    known = ties.visible(leads=leads).where(Tie.child_id == Child.id).exists()
    return union_all(
        select(
            *(Handover.id, Child.id, Child.name, Receiver.name, literal(None)),
            Handover.requested_at,
        )
        .join(Child, Child.id == Handover.child_id)
        .join(Receiver, Receiver.id == Handover.to_id)
        .where(
            logs.PENDING,
            Handover.requested_by == bindparam("user_id"),
            known,
        ),
        select(
            *(Task.id, Child.id, Child.name, func.coalesce(Receiver.name, Service.name)),
            *(Task.action, Task.made_at),
        )
        .join(Child, Child.id == Task.child_id)
        .join(Receiver, Receiver.id == Task.user_id, isouter=True)
        .join(Service, Service.id == Task.service_id, isouter=True)
        .where(
            Task.made_by == bindparam("user_id"),
            Task.done_at.is_(None),
            Task.action.is_not(None),
            known,
        ),
        select(
            *(Consent.id, Child.id, Child.name, literal(None), literal(_CONSENT)),
            Consent.registered_at,
        )
        .join(Child, Child.id == Consent.child_id)
        .where(
            Consent.registered_by == bindparam("user_id"),
            consents.WAITS,
            known,
        ),
    )


_ASKED = {leads: _asked(leads=leads) for leads in (False, True)}
_THERE = {  # which of all this there is, so that only that is read
    leads: select(
        logs.HANDOVERS_TO.exists().label("handovers"),
        concerns.WAITING[leads].exists().label("concerns"),
        children.OVERDUE[leads].exists().label("births"),
        tasks.OPEN[leads].exists().label("tasks"),
        plan_waiting.COORDINATED.exists().label("sent_plans"),
        plan_waiting.TO_REVISE.exists().label("plans_to_revise"),
        plan_waiting.ON_PAPER.exists().label("plans_on_paper"),
        plan_measures.ON_PAPER.exists().label("measures_on_paper"),
        consents.ENDING_COORDINATED[leads].exists().label("ending"),
        plan_waiting.REVIEWS.exists().label("parts_to_review"),
        entries.MY_REVIEWS[leads].exists().label("entries_to_review"),
        questions.TO_ANSWER[leads].exists().label("questions"),
        ties.BLOCKED_FROM.exists().label("blocks"),
        _PLACES.exists().label("places"),
        team.APPOINTED_SINCE.exists().label("appointed"),
        _ASKED[leads].exists().label("asked"),
        entries.LEFT.exists().label("left"),
    )
    for leads in (False, True)
}
There = Row[*tuple[Any, ...]]
"""A row of `_THERE`."""


class OpenLog(NamedTuple):
    """A log that somebody sees to: `holder` has the baton, and it is offered to `receiver`.

    `restricted`: nobody may go on with it. `needs_holder` as `_NEEDS_HOLDER` says it.
    """

    id: UUID
    child_id: UUID
    child_name: str
    holder: str | None
    receiver: str | None
    opened_at: datetime
    changed_at: datetime | None
    written_at: datetime | None
    evaluated_on: date | None
    next_evaluation_on: date | None
    consent_until: date | None
    offered_at: datetime | None
    restricted: bool
    on_paper_on: date | None
    paper_place: str | None
    needs_holder: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """What one has asked of somebody who has not answered; `asked_on` is a local date."""

    id: UUID
    kind: str
    child_id: UUID
    child_name: str
    title: str
    asked_on: date
    href: str


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do; `due_on` is a local date, None without a day.

    `button` is what one does, `href` the page where it is done. What is about no child that
    anybody knows has, in the place of its name, which service it comes from.
    """

    id: UUID
    kind: str
    child_id: UUID | None
    child_name: str
    title: str
    due_on: date | None
    button: str
    href: str

    def coming(self, today: date) -> bool:
        """Say whether its day is so far ahead of a local date that it can wait."""
        far = self.due_on is not None and self.due_on > today + COMING
        return far and self.kind not in AT_ONCE

    def news(self, today: date) -> str | None:
        """Return what it is called in what somebody has been told; None while it only comes up.

        What is late is another thing than before. That a consent ends is told a month before, and
        once more a week before.
        """
        ends = self.kind == "consent" and self.due_on is not None
        if self.coming(today):
            return f"{self.kind}:{self.id}:coming" if ends else None
        when = ":late" if self.overdue(today) else ":soon" if ends else ""
        return f"{self.kind}:{self.id}{when}"

    def overdue(self, today: date) -> bool:
        """Say whether its day has passed on a local date."""
        return self.due_on is not None and self.due_on < today


@dataclass(frozen=True, slots=True)
class Day:
    """What is in somebody's hands: what he must do now, and what he has asked of others.

    `measures` are all under way that he answers for, the next to be evaluated first. `concerns`:
    about which children he has begun to write one, `concern_steps` what of one that is there;
    `stranded`: what he had begun that was not saved in time.
    """

    items: list[Item]
    waiting: list[Waiting]
    measures: list[DueMeasure]
    concerns: list[UUID]
    concern_steps: list[tuple[ConcernForm, UUID]]
    stranded: list[Stranded]

    @property
    def children(self) -> list[UUID]:
        """The children of whom it says something, for the access log."""
        return [
            *(one.child_id for one in self.items if one.child_id),
            *(one.child_id for one in self.waiting),
            *(one.child_id for one in self.measures),
        ]


def day(work: Work) -> Day:
    """Return what is in the actor's hands now; nothing to do for whom he is blocked from."""
    there, mine = _there(work), plan_measures.in_hand(work, work.today + SOON)
    blocked: set[UUID] = set()
    if there.blocks:
        blocked.update(work.session.scalars(ties.blocked_from(work.actor, work.today)))
    if work.actor.roles == {Relation.PF}:  # the family answers plans; it evaluates none
        found = [
            *_answers(work),
            *_confirmations(work, there),
            *(_tasks(work, blocked) if there.tasks else ()),
            *_to_take_on(work, mine.untaken),
        ]
    else:
        found = [
            *(_handovers(work) if there.handovers else ()),
            *_concerns(work),
            *(_own_concerns(work) if there.concerns else ()),
            *(_births(work) if there.births else ()),
            *(_tasks(work, blocked) if there.tasks else ()),
            *_measures(work, mine),
            *_to_take_on(work, mine.untaken),
            *_confirmations(work, there),
            *(_sent_plans(work) if there.sent_plans else ()),
            *(_plans_to_revise(work) if there.plans_to_revise else ()),
            *_held_logs(work),
            *(_stood_in(work) if there.places else ()),
            *(_appointed(work) if there.appointed else ()),
            *(_ending(work, "Se samtykket") if there.ending else ()),
            *_reviews(work, there),
            *(_questions(work) if there.questions else ()),
            *_looks(work),
        ]
    left = (one for one in found if one.child_id not in blocked)
    items = sorted(
        left, key=lambda one: (one.due_on or date.max, one.title, one.child_name, one.id)
    )
    asked = [*_not_answered(work, mine.untaken), *(_asked_of_others(work) if there.asked else ())]
    asked.sort(key=lambda one: (one.asked_on, one.title, one.id))
    begun = entries.left(work) if there.left else entries.Left([], [], [])
    return Day(items, asked, mine.due, *begun)


def _there(work: Work) -> There:
    given = {
        "until": work.today + SOON,
        "expires_until": work.today + EXPIRES_SOON,
        "answered_since": work.now - ANSWER_SHOWN,
        "kept_since": work.now - KEPT_FOR,
        "agreed_since": work.now - PLACE_SHOWN,
        **_newly(work),
        **entries.asking_reviews(work),
        **questions.asking(work),
        **ties.asking(work.actor, work.today, work.now),
    }
    (row,) = fetch(work.session, _THERE[bool(work.actor.leads)], given)
    return row


def _asked_of_others(work: Work) -> list[Waiting]:
    """Return the batons that the actor has offered, and what he has asked others to do or say."""
    given = ties.asking(work.actor, work.today, work.now)
    rows = fetch(work.session, _ASKED[bool(work.actor.leads)], given)
    return [
        Waiting(row_id, kind, child_id, child, title, oslo_date(asked_at), href)
        for row_id, child_id, child, who, action, asked_at in rows
        for kind, title, href in [_of_whom(row_id, child_id, who, action)]
    ]


def _of_whom(row_id: UUID, child_id: UUID, who: str, action: str | None) -> tuple[str, str, str]:
    """Return what kind of asking it is, what it is called, and where it stands."""
    if action is None:
        called = f"Du har spurt {who} om å ta over stafettpinnen"
        return "handover", called, f"/overtakelse/{row_id}"
    if action == _CONSENT:
        return _CONSENT, "Samtykket du ba om, venter på svar", f"/samtykke/{row_id}"
    return "task", f"Du har bedt {who} {REQUESTS[Action(action)]}", f"/barn/{child_id}"


def _handovers(work: Work) -> list[Item]:
    days = timedelta(days=work.profile.handover_reminder_days)
    return [
        Item(
            one.id,
            "handover",
            one.child_id,
            one.child_name,
            f"{one.asker_name} spør om du vil ta over stafettpinnen",
            oslo_date(one.requested_at) + days,
            "Svar",
            f"/overtakelse/{one.id}",
        )
        for one in logs.handovers_to(work.session, work.actor.user_id)
    ]


def _concerns(work: Work) -> list[Item]:
    return [
        Item(
            one.id,
            "concern",
            one.child_id,
            one.child_name,
            f"Avgjør hva som skal skje med bekymringen fra {one.author}",
            one.due_on,
            "Les og avgjør",
            f"/bekymring/{one.id}",
        )
        for one in (concerns.to_decide(work) if work.actor.leads else [])
    ]


def _own_concerns(work: Work) -> list[Item]:
    """Return what the author of a concern must do: talk with who decides, and read the answer."""
    answer, found = "Lederen har svart deg", []
    for one in concerns.waiting_for_author(work, work.now - ANSWER_SHOWN):
        given = (one.id, "concern", one.child_id, one.child_name)
        href = f"/bekymring/{one.id}"
        if one.must_talk:
            of_age = is_of_age(one.birth_date, work.today)
            whom = one.child_name.split()[0] if of_age else "foresatte"
            talk = f"Snakk med {whom} om det du er bekymret for"
            given_talk = (talk, one.talk_by, "Si når dere snakket", f"{href}#familien")
            found.append(Item(*given, *given_talk))
        if one.answered:
            found.append(Item(*given, answer, None, "Les svaret", href))
    return found


def _births(work: Work) -> list[Item]:
    """Return the expected children whose due date has come; gone as soon as somebody says how."""
    return [
        Item(
            one.child_id,
            "birth",
            one.child_id,
            one.name,
            f"Termin var {day_text(one.due_on, work.today)}. Er barnet født?",
            one.due_on + BIRTH_SHOWN,
            "Si hvordan det gikk",
            f"/barn/{one.child_id}/fodsel",
        )
        for one in children.overdue(work)
    ]


def _tasks(work: Work, blocked: Collection[UUID]) -> list[Item]:
    """Return the tasks of the actor's; an emergency names its child to who may know of it alone."""
    rows = [row for row in tasks.open_for(work) if row.child_id not in blocked]
    nameless = set()
    if any(row.kind in NOTICES or row.kind == TaskKind.EMERGENCY for row in rows):
        known = set(work.session.scalars(ties.visible_to(work.actor, work.now)))
        rows = [row for row in rows if row.kind not in NOTICES or row.child_id in known]
        if Relation.AU not in work.actor.roles:
            emergencies = [row for row in rows if row.kind == TaskKind.EMERGENCY]
            nameless = {row.id for row in emergencies if row.child_id not in known}
    if any(row.kind == TaskKind.CONCERN_CHANGED for row in rows):
        read = {one.id for one in concerns.to_read(work)}
        rows = [
            one for one in rows if one.kind != TaskKind.CONCERN_CHANGED or one.source_id in read
        ]
    wanted = select(Child.id, Child.name).where(Child.id.in_({row.child_id for row in rows}))
    names = dict(work.session.execute(wanted).all())
    return [
        Item(
            row.id,
            "task",
            None if row.id in nameless else row.child_id,
            f"Det gjelder {row.maker}" if row.id in nameless else names[row.child_id],
            _title(row),
            row.due_on,
            TO_READ.get(TaskKind(row.kind), "Se oppgaven"),
            f"/oppgave/{row.id}",
        )
        for row in rows
    ]


def _title(row: TaskRow) -> str:
    if row.action is None:
        return TASKS[TaskKind(row.kind)].format(row.words, maker=row.maker)
    return f"{row.maker} ber deg {REQUESTS[Action(row.action)]}"


def _measures(work: Work, mine: InHand) -> list[Item]:
    """Return the actor's measures that are due, each with what he himself may do about it."""
    due = (one for one in mine.due if one.evaluate_on <= work.today + SOON)
    items = (_measure(work, mine.held.get(one.child_id, ()), one) for one in due)
    return [item for item in items if item is not None]


def _measure(work: Work, held: Sequence[Held], one: DueMeasure) -> Item | None:
    """Return what is the actor's to do about a measure: write the next, evaluate, or say a word.

    Who only reads the log says how it goes; to evaluate it is for others.
    """
    edits = Action.PLAN_EDIT_IP if one.ip else Action.PLAN_EDIT_TILTAKSPLAN
    ways = (
        (edits, f"Skriv det nye tiltaket i stedet for: {one.what}", "Skriv det", "/nytt"),
        (Action.MEASURE_EVALUATE, f"Evaluer tiltaket: {one.what}", "Evaluer", "/evaluer"),
        (Action.MEASURE_REPORT, f"Si hvordan det går: {one.what}", "Si fra", "/si-fra"),
    )
    facts = Facts(work.today, own=True, ip=one.ip)
    for action, title, button, page in ways if one.decision == "new" else ways[1:]:
        if decide(held, action, facts).allowed:
            there = f"/barn/{one.child_id}/plan/tiltak/{one.key}{page}"
            about = (one.id, "measure", one.child_id, one.child_name)
            return Item(*about, title, one.evaluate_on, button, there)
    return None


def _to_take_on(work: Work, untaken: list[OpenMeasure]) -> list[Item]:
    """Return the measures that wait for the actor's yes or no, and those that are nobody's.

    Whoever answers for the plan finds somebody else after a no, and asks who has no account.
    """
    found = []
    for one in untaken:
        there = f"/barn/{one.child_id}/plan"
        if one.accepted is None and one.account_id == work.actor.user_id:
            title, button = f"Si om du tar ansvaret for: {one.what}", "Svar"
            href = f"{there}/tiltak/{one.key}/ansvar"
        elif one.accepted is False:
            title, button = f"{one.responsible} sa nei til: {one.what}. Finn en ny", "Se hvorfor"
            href = f"{there}#tiltak-{one.key}"
        elif one.accepted:
            title = f"{one.responsible} er ikke med lenger. Finn en ny til: {one.what}"
            button, href = "Se tiltaket", f"{there}#tiltak-{one.key}"
        elif not one.account:
            title = f"Spør {one.responsible} om ansvaret for: {one.what}"
            button, href = "Skriv inn svaret", f"{there}/tiltak/{one.key}/ansvar"
        else:
            continue
        due = one.evaluate_on if one.evaluate_on < work.today else None
        about = (one.id, one.child_id, one.child_name)
        found.append(_about(about, "acceptance", title, due, button, href))
    return found


def _not_answered(work: Work, untaken: list[OpenMeasure]) -> list[Waiting]:
    """Return the measures that somebody else has been named for and has not answered."""
    return [
        Waiting(
            one.id,
            "acceptance",
            one.child_id,
            one.child_name,
            f"Ingen har tatt ansvar ennå: {one.what}. {one.responsible} er spurt",
            oslo_date(one.asked_at),
            f"/barn/{one.child_id}/plan#tiltak-{one.key}",
        )
        for one in untaken
        if one.accepted is None and one.account and one.account_id != work.actor.user_id
    ]


def _sent_plans(work: Work) -> list[Item]:
    """Return what the coordinator has sent for a yes: to remind them of, write anew, or know.

    What came of it has a kind of its own: it is news to who was told that the plan waits.
    """
    ways = {
        None: ("approval", "Planen venter på svar", "Se hvem som mangler", "#svar"),
        False: (
            "outcome",
            "Svaret på planen var nei. Rett utkastet, og send det på nytt",
            "Se hvorfor",
            "#nei",
        ),
        True: ("outcome", "Alle har sagt ja: planen gjelder nå", "Se planen", ""),
    }
    withdrawn = (
        "outcome",
        "Planen er trukket tilbake. Rett utkastet, og send det på nytt",
        "Se hvorfor",
        "#trukket",
    )
    found = []
    for one in plan_waiting.coordinated(work, work.now - PLACE_SHOWN):
        kind, title, button, part = withdrawn if one.withdrawn else ways[one.said]
        about = (one.id, one.child_id, one.child_name)
        href = f"/barn/{one.child_id}/plan{part}"
        found.append(_about(about, kind, title, None, button, href))
    return found


def _plans_to_revise(work: Work) -> list[Item]:
    """Return the plans that the coordinator is to go through with the family and the group."""
    return [
        Item(
            one.id,
            "evaluation",
            one.child_id,
            one.child_name,
            "Gå gjennom planen med dem den gjelder, og med ansvarsgruppa",
            one.due_on,
            "Se planen",
            f"/barn/{one.child_id}/plan",
        )
        for one in plan_waiting.to_revise(work, work.today + SOON)
    ]


def _held_logs(work: Work) -> list[Item]:
    """Return what the holder of a baton must see to, and where the follow-up may have stopped."""
    wanted, asked = _HELD[bool(work.actor.leads)], ties.asking(work.actor, work.today)
    return _to_see_to(work, (OpenLog(*row) for row in fetch(work.session, wanted, asked)))


def _stood_in(work: Work) -> list[Item]:
    """Return in whose place the actor is, told at first, and what the absent holder must see to."""
    asked = {"user_id": work.actor.user_id, "today": work.today}
    known = set(work.session.scalars(ties.visible_to(work.actor, work.now)))
    found = []
    for tie_id, child_id, name, absent, from_on, until_on, relation in fetch(
        work.session, _PLACES, asked
    ):
        if child_id in known and work.today < from_on + PLACE_SHOWN:
            role = " som koordinator" if relation == Relation.KO else ""
            title = (
                f"Du er stedfortreder for {absent}{role} til og med "
                f"{day_text(until_on, work.today)}"
            )
            about = (tie_id, child_id, name)
            found.append(_about(about, "delegation", title, None, "Se siden", f"/barn/{child_id}"))
    stood_in = (OpenLog(*row) for row in fetch(work.session, _STOOD_IN, asked))
    return found + _to_see_to(
        work, (one for one in stood_in if one.child_id in known), delegate=True
    )


def _to_see_to(work: Work, open_logs: Iterable[OpenLog], *, delegate: bool = False) -> list[Item]:
    """Return what must be seen to in logs; a delegate is told for whom he does it."""
    found = []
    for one in open_logs:
        log = _standing(one, work.today)
        signs = gaps(log, work.profile, work.today)
        about = (one.id, one.child_id, one.child_name)
        there, whose = f"/barn/{one.child_id}", f"For {one.holder}: " if delegate else ""
        date_on_paper = ("Registrer en dato", f"{there}/papirlogg")
        if one.needs_holder:
            title, href = TASKS[TaskKind.HOLDER_NEEDED], f"{there}/folk/stafettpinne"
            found.append(_about(about, "handover", title, None, "Finn en", href))
        if log.evaluate_on is not None and log.evaluate_on <= work.today + SOON:
            title = f"{whose}Evaluer tiltakene sammen med dem det gjelder"
            here = ("Skriv hvordan det går", f"{there}/niva/evaluering")
            way = date_on_paper if one.paper_place else here
            found.append(_about(about, "evaluation", title, log.evaluate_on, *way))
        if Gap.CONSENT in signs:
            title, href = f"{whose}Samtykket går ut. Be om et nytt", f"{there}/samtykke"
            found.append(_about(about, "consent", title, log.consent_until, "Se samtykket", href))
        if Gap.HANDOVER in signs:
            title = f"{one.receiver} har ikke svart på om stafettpinnen kan gå videre. Ta en prat"
            found.append(_about(about, "gap", whose + title, None, "Se hvem", f"{there}/folk"))
        elif Gap.SILENCE in signs:
            title = f"{whose}Det er en stund siden noen skrev. Hvordan går det?"
            way = date_on_paper if one.paper_place else ("Skriv litt", f"{there}/stafettlogg")
            found.append(_about(about, "gap", title, None, *way))
    return found


def _appointed(work: Work) -> list[Item]:
    """Return whom the actor has come to coordinate, told at first, while he may."""
    asked = {"user_id": work.actor.user_id, "today": work.today}
    rows = fetch(work.session, team.APPOINTED_SINCE, asked | _newly(work))
    held = ties.ties_to_all(work.session, work.actor, work.now, {row[1] for row in rows})
    facts = Facts(work.today)
    return [
        _about(
            (appointment_id, child_id, name),
            "appointment",
            f"Du er {kind} nå. Ta kontakt, og les det som er avtalt",
            None,
            "Se siden",
            f"/barn/{child_id}",
        )
        for appointment_id, child_id, name, kind in rows
        if Relation.KO in decide(held.get(child_id, ()), Action.COORDINATOR_READ, facts).basis
    ]


def _newly(work: Work) -> dict[str, Any]:
    """Return since when somebody is new to a child: from that day, or registered on it later."""
    day = work.today - PLACE_SHOWN + timedelta(days=1)
    return {"appointed_since": day, "registered_since": begins(day)}


def _about(
    about: tuple[UUID, UUID, str], kind: str, title: str, due: date | None, button: str, href: str
) -> Item:
    """Return something to do `about` what has an id, and its child with the name."""
    id_, child_id, name = about
    return Item(id_, kind, child_id, name, title, due, button, href)


def _standing(log: OpenLog, today: date) -> Standing:
    """Return how a log stands on a local date; in a restricted record nothing is late."""
    written = (log.opened_at, log.changed_at, log.written_at)
    days = [
        oslo_date(max(one for one in written if one)),
        *(one for one in (log.evaluated_on, log.on_paper_on) if one),
        *([today] if log.restricted else []),
    ]
    offered_on = log.offered_at and oslo_date(log.offered_at)
    evaluate_on = None if log.restricted else log.next_evaluation_on
    return Standing(max(days), evaluate_on, log.consent_until, offered_on)


def in_my_services(work: Work) -> list[tuple[str, int]]:
    """Return which holders in the actor's services may need help, and in how many logs.

    No child: leading a service gives no tie to one. Strictly protected children are in no count.
    """
    if not work.actor.leads:
        return []
    asked = {"user_id": work.actor.user_id, "leads": list(work.actor.leads)}
    led = (OpenLog(*row) for row in fetch(work.session, _LED, asked))
    count = Counter(
        log.holder
        for log in led
        if log.holder and gaps(_standing(log, work.today), work.profile, work.today)
    )
    return sorted(count.items())


def unanswered_in_my_services(work: Work) -> list[tuple[str, int]]:
    """Return who in the actor's services has long been asked to take a baton, and how many.

    No child, as in `in_my_services`.
    """
    if not work.actor.leads:
        return []
    asked = {"user_id": work.actor.user_id, "leads": list(work.actor.leads)}
    count = Counter(
        name
        for name, asked_at in fetch(work.session, _OFFERED, asked)
        if hangs(oslo_date(asked_at), work.profile, work.today)
    )
    return sorted(count.items())


def _reviews(work: Work, there: There) -> list[Item]:
    """Return the entries and parts of plans kept from somebody as long as was meant."""
    parts = [
        Item(
            one.part_id,
            "review",
            one.child_id,
            one.child_name,
            "Se om det du skrev i planen, fortsatt skal være skjult",
            one.review_on,
            "Se på det",
            f"/barn/{one.child_id}/plan/utkast/del/{one.key}/hvem-ser",
        )
        for one in (plan_waiting.to_review(work) if there.parts_to_review else ())
    ]
    return parts + [
        Item(
            one.id,
            "review",
            one.child_id,
            one.child_name,
            "Se om det du skrev, fortsatt skal være skjult"
            if one.author_id == work.actor.user_id
            else f"Spør {one.author} om det fortsatt skal være skjult",
            one.review_on,
            "Se på det",
            f"/oppforing/{one.id}/hvem-ser"
            if one.author_id == work.actor.user_id
            else f"/oppforing/{one.id}",
        )
        for one in (entries.to_review(work) if there.entries_to_review else ())
    ]


def _looks(work: Work) -> list[Item]:
    """Return the looks that the actor must judge; the page says of which child to who may know."""
    held = [Held(role) for role in work.actor.roles]
    if not decide(held, Action.AUDIT_ANOMALY_REVIEW, Facts(work.today)).allowed:
        return []
    return [
        Item(
            one.id,
            "look",
            None,
            f"Det gjelder {one.who}",
            "Se om det var grunn til å åpne opplysninger om et barn",
            one.due_on,
            "Se på det",
            f"/kontroll/{one.id}",
        )
        for one in reviews.waiting(work.session, work.actor)
    ]


def _questions(work: Work) -> list[Item]:
    return [
        Item(
            one.id,
            "question",
            None,
            f"Fra {one.from_service or one.asker}",
            "En tjeneste spør om råd uten å si hvem det gjelder",
            None,
            "Les og svar",
            f"/sporsmal/{one.id}",
        )
        for one in questions.to_answer(work)
    ]


def _answers(work: Work) -> list[Item]:
    """Return the consents and the versions of plans that wait for the actor's yes or no."""
    return [
        *(
            Item(
                one.id,
                "consent",
                one.child_id,
                one.child_name,
                ("Stemmer det at du har sagt ja: " if one.given else "Vi spør om du sier ja: ")
                + PURPOSES[Purpose(one.purpose)].lower(),
                None,
                "Les og svar",
                f"/samtykke/{one.id}",
            )
            for one in consents.to_answer(work)
        ),
        *_versions(work),
        *_ending(work, "Les hva det gjelder"),
    ]


def _ending(work: Work, button: str) -> list[Item]:
    """Return the consents that the actor must know that soon end."""
    return [
        Item(
            one.id,
            "consent",
            one.child_id,
            one.child_name,
            f"Samtykket til {PURPOSES[Purpose(one.purpose)].lower()} går ut "
            f"{day_text(one.until, work.today)}",
            one.until,
            button,
            f"/samtykke/{one.id}",
        )
        for one in consents.ending(work, work.today + EXPIRES_SOON)
    ]


def _confirmations(work: Work, there: There) -> list[Item]:
    """Return the answers that somebody wrote in for the actor, till he says that they are right."""
    versions = plan_waiting.to_confirm(work) if there.plans_on_paper else ()
    measures = plan_measures.to_confirm(work) if there.measures_on_paper else ()
    return [
        *(
            Item(
                one.id,
                "confirmation",
                one.child_id,
                one.child_name,
                f"Stemmer det at du sa {_YES_OR_NO[bool(one.said)]} "
                f"til versjon {one.number} av planen?",
                None,
                "Les og svar",
                f"/barn/{one.child_id}/plan/versjoner/{one.number}#bekreft",
            )
            for one in versions
        ),
        *(
            Item(
                one.id,
                "confirmation",
                one.child_id,
                one.child_name,
                f"Stemmer det at du sa {_YES_OR_NO[one.accepts]} til ansvaret for: {one.what}?",
                None,
                "Les og svar",
                f"/barn/{one.child_id}/plan/tiltak/{one.key}/ansvar",
            )
            for one in measures
        ),
    ]


def _versions(work: Work) -> list[Item]:
    return [
        Item(
            one.id,
            "approval",
            one.child_id,
            one.child_name,
            "Les planen, og si om du er enig",
            None,
            "Les og svar",
            f"/barn/{one.child_id}/plan#svar",
        )
        for one in plan_waiting.waiting_for(work)
    ]
