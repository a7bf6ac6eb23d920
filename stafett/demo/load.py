"""Loads the demo kommune through the commands: every step at its own time, by who took it.

The content is the JSON beside this file. Each step first asks the access policy whether that
person might take it that day, so the story is one that could have happened in the product.
What is not built yet is left out: meetings, applications, the access log, deputies, and comments
on plans; coordinators and primærkontakter without an account; why an entry is kept from somebody,
in words, since the product keeps a code; and the child's words when a log opens, which the command
does not take.

The content was written before the rules, and these parts of it have been moved to fit them:
- No concern is corrected, so the talks it tells of come before it.
- Who holds the baton is no member; who has passed it on becomes one by that.
- A membership lasts a year, an external one three months: longer ones are split, and a later
  row of the same person renews the earlier. What ends with the consent or the log is not told.
- Ida's teacher writes in her log, so he is a writing member.
- Mikkel has a consent and a membership for the habiliteringstjeneste, so that a specialist reads.
- Guardians who write, withdraw or approve have accounts, named by their keys and without a
  password.
- KE's leader verifies each guardian when it is registered, but for the two of `WAITING`.
- KE's leader is tied to a child when its log comes to level 3, and appoints its coordinator then,
  for Mikkel from the day of the decision; only a coordinator forms an ansvarsgruppe. So Mikkel's
  sits, and his family has agreed to a plan, soon after level 3.
- Only professionals evaluate. What Nora's father and Ella's mother found of three measures, Nora's
  coordinator and Ella's holder have written.
- A measure is evaluated while it runs: Nora's m7 before the version that shows it done, and m14
  after the one that begins it. Henrik's goal is reached in a second version, and Mikkel has a
  tiltaksplan before his individuell plan, with the measure that is evaluated.
- Ella's plan is made by the teacher, who has the baton that day.
- Jonas writes for the nurse the day after she joins, since nobody is named before that.
- What is kept from the family is looked at again at least every 90 days, so its author has done so.
- Who is named for a measure says yes the morning after, since the content has only the exceptions.
- A measure for its whole goal names the goal in the content; in the product it names no subgoal.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from importlib.resources import files
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from stafett.access import log
from stafett.access.log import Look
from stafett.access.policy import ROLES, Action, Actor, Facts, Held, Purpose, Relation, decide
from stafett.access.ties import covered_services, ties_of
from stafett.access.work import Work
from stafett.audience.rules import REVIEW_WITHIN, Limits, Reason, Viewer, Visibility
from stafett.birth.commands import RegisterBirth, register_birth
from stafett.children import commands as children
from stafett.children.commands import AddGuardian, CheckGuardian, Pregnant, Register
from stafett.children.models import Child, Guardian
from stafett.children.queries import guardians_now
from stafett.children.rules import ChildKind, Evidence, VoiceHow, hides_places
from stafett.consents import commands as consents
from stafett.consents.commands import Record, Withdraw
from stafett.consents.models import Consent
from stafett.consents.rules import CHILD, Heard, Method
from stafett.dates import OSLO, oslo_date
from stafett.demo.accounts import PASSWORD
from stafett.demo.numbers import synthetic
from stafett.disclosure import commands as disclosure
from stafett.disclosure.commands import AskToBeTold
from stafett.entries import commands as entries
from stafett.entries.commands import Correct, SetVisibility, Write
from stafett.entries.models import Entry
from stafett.entries.rules import Kind
from stafett.errors import DeniedError, RuleBrokenError
from stafett.people import commands as people
from stafett.people.commands import EditService, EditUser, NewService, NewUser
from stafett.people.models import Service, User
from stafett.plan import commands as plans
from stafett.plan import drafting, progress
from stafett.plan import measures as plan_measures
from stafett.plan import queries as plan_queries
from stafett.plan.commands import Answer, AnswerComment, Comment, MakeVersion
from stafett.plan.drafting import SaveDraft, SavePart, Writer
from stafett.plan.progress import Evaluate, Report, TakeOn
from stafett.plan.rules import (
    RUNS,
    CommentVoice,
    Content,
    PlanKind,
    Sight,
    measures,
    with_new_measure,
)
from stafett.plan.schemas import DraftSchema
from stafett.profile.model import Profile
from stafett.protection import commands as protection
from stafett.protection.commands import Renew, open_access
from stafett.questions import commands as questions
from stafett.record.commands import Ask, ask
from stafett.record.queries import may_ask_for
from stafett.review import commands as review
from stafett.stafettlogg import baton, level_zero, membership, queries
from stafett.stafettlogg import commands as logs
from stafett.stafettlogg.baton import Offer
from stafett.stafettlogg.commands import ChangeLevel, Close, IpAssessment, NotePaper, Open, Voice
from stafett.stafettlogg.level_zero import Decide, NewConcern, WriteConcern
from stafett.stafettlogg.membership import Invite
from stafett.stafettlogg.models import Concern, Stafettlogg
from stafett.stafettlogg.queries import LogSummary
from stafett.stafettlogg.rules import ConcernDecision, IpAnswer, Level, Outcome, PaperKind
from stafett.tasks import commands as tasks
from stafett.tasks import queries as task_queries
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind
from stafett.team import commands as team
from stafett.team.commands import AddToGroup, Appoint
from stafett.team.rules import CoordinatorKind

Data = dict[str, Any]
FIRST_DAY = -500  # when accounts and services are made: before anything happens
REGISTERED, CONSENTED, SAID, LEVELLED, JOINED = "08:00", "08:30", "08:45", "09:00", "09:20"
APPOINTED, SEATED, DECIDED, EVALUATED, CLOSED = "10:00", "10:30", "12:00", "13:30", "15:00"
ASKED, LET_IN = "09:05", "11:00"
REVIEWED = "14:30"
ANSWERED = "20:30"
SEEN = "07:50"
TAKEN_ON = "08:15"
DAYS_TO_CONFIRM = 2
"""How long after a signed consent the family has logged in and said that it is right."""
UNIT = "ke.leder"
PRIES, PRIED_AT = "nyansatt", "Nora Demo"
"""Who has tried to open whom; the looks of the log are not told otherwise."""
QUESTIONS = (
    (
        "laerer",
        9,
        (
            "En elev stopper opp når noen ber om svar høyt, men skriver gjerne. Vi har prøvd "
            "skriftlige svar i to uker. Hva kan vi gjøre før vi snakker med foresatte?"
        ),
        (
            "Fortsett med skriftlige svar, og la eleven lese for én voksen. Skriv ned hvem eleven "
            "snakker med, og hvor. Men snakk med foresatte nå, ikke etterpå. Ring oss gjerne."
        ),
    ),
    (
        "barnehagelaerer",
        2,
        (
            "Et barn på fire år leker helst alene og blir urolig når vi bytter rom. "
            "Hva bør vi se etter de neste ukene?"
        ),
        "",
    ),
)
"""Who has asked PPT without a name, how many days ago, what, and what came back."""
WAITING = {"jonas.far", "tuva.mor"}
"""Guardians whom nobody has verified yet."""
"""The time of day of what the content gives only a day for."""
SATURDAY, FRIDAY, A_WEEK = 5, 4, 7
PLACES = {"school", "kindergarten"}
"""Kinds of service where a child has its days."""
CONCERN = (
    *("observed", "worry", "context", "arena", "frequency"),
    *("child_said", "strengths", "earlier_concern", "tried_so_far"),
)
"""The fields of a concern that have the same name in the content."""
WHY = {
    "nora.e25": Reason.ABOUT_OTHERS,
    "nora.e27": Reason.OUR_WORK,
    "nora.e32": Reason.CHILD_ASKED,
    "nora.e38": Reason.OUR_WORK,
    "oskar.e06": Reason.NO_RIGHT,
}
"""The reason that the words of the content come to, for what professionals keep to some."""
REVIEW = REVIEW_WITHIN.days
ADMINISTRATOR, KE_LEADER = "admin", "ke.leder"


@dataclass(frozen=True)
class Step:
    """Something that happens on a day (from the fill's), at a local time of day.

    `by` is a username, or empty for whoever has the child then: holder, before that registrar.
    """

    day: int
    clock: str
    by: str
    take: Callable[[Work], object]


@dataclass
class Kommune:
    """What every story needs of the people and services, and the day that offsets count from."""

    today: date
    profile: Profile
    actors: dict[str, Actor]
    services: dict[str, UUID]
    places: dict[str, str]

    def day(self, offset: Data) -> date:
        """Return the date of an offset."""
        return self.today + timedelta(days=offset["day"])


def fill(app: Flask, now: datetime) -> None:
    """Load the whole demo kommune as it stands at a moment (UTC).

    Raises:
        RuleBrokenError: the database has users or children.
        DeniedError, FieldError: the content does not fit the rules.

    """
    database, profile = app.extensions["stafett.database"], app.extensions["stafett.profile"]
    told = {one["child"]: one for one in [content("nora"), *content("others")["children"]]}
    password_hash = people.hash_password(PASSWORD)
    with database.writing() as session:
        if session.scalar(select(exists(select(User.id)) | exists(select(Child.id)))):
            raise RuleBrokenError(["database-not-empty"])
        kommune = _settle(session, profile, now, password_hash, told)
    for facts in content("children")["children"]:
        with database.writing() as session:
            Story(kommune, facts, told[facts["key"]]).happen(session)
    with database.writing() as session:
        logs.prepare_transitions(session, now, profile)  # as the worker does each day
        logs.ask_the_grown(session, now, profile)
        protection.remind(session, now, profile)
        _pry(session, kommune)
        _ask_without_names(session, kommune)
        review.put_up(session, review.find_signs(session, now, profile), now)


def _pry(session: Session, kommune: Kommune) -> None:
    """Let somebody try three times, late at night, to open a child who is none of his."""
    child_id = session.scalar(select(Child.id).where(Child.name == PRIED_AT))
    night = datetime.combine(kommune.today - timedelta(days=1), time(22, 40), OSLO)
    for minutes in range(3):
        at = (night + timedelta(minutes=minutes)).astimezone(UTC)
        look = Look(at, uuid4().hex, kommune.actors[PRIES], Action.CHILD_READ_IDENTITY, child_id)
        log.record(session, replace(look, result="deny"))


def _ask_without_names(session: Session, kommune: Kommune) -> None:
    """Let services ask PPT about children whom nothing names: one has an answer, one waits."""
    for asker, days, text, answer in QUESTIONS:
        day = kommune.today - timedelta(days=days)
        at = datetime.combine(day, time(13, 10), OSLO).astimezone(UTC)
        work = Work(session, kommune.actors[asker], at, kommune.profile)
        made = questions.ask(work, questions.Ask(kommune.services["ppt"], text))
        if answer:
            later = at + timedelta(days=1)
            questions.answer(replace(work, actor=kommune.actors["ppt"], now=later), made, answer)


def content(name: str) -> Any:
    """Return one file of the content."""
    return json.loads(files(__package__).joinpath(f"{name}.json").read_text(encoding="utf-8"))


def at_work(moment: datetime, after: datetime | None, today: date, *, moves: bool) -> datetime:
    """Return a naive local moment after another; one that `moves` is put outside the weekend.

    Saturday goes to Friday and Sunday to Monday, or the other way when something stands there or
    the day has not come.
    """
    if moves and moment.weekday() >= SATURDAY:
        friday = moment - timedelta(days=moment.weekday() - FRIDAY)
        monday = moment + timedelta(days=A_WEEK - moment.weekday())
        for day in (friday, monday) if moment.weekday() == SATURDAY else (monday, friday):
            if (after is None or after < day) and day.date() < today:
                return day
    return moment if after is None or after < moment else after + timedelta(minutes=1)


def _settle(
    session: Session, profile: Profile, now: datetime, password_hash: str, told: Data
) -> Kommune:
    """Make services and accounts, as the administrator."""
    world, today = content("people"), oslo_date(now)
    then = now + timedelta(days=FIRST_DAY)
    users = {one["username"]: one for one in world["users"]}
    first = users.pop(ADMINISTRATOR)
    admin = people.create_first_administrator(
        session, ADMINISTRATOR, first["name"], password_hash, then
    )
    work = Work(session, Actor(admin.id, frozenset({Relation.ADM})), then, profile)
    services = {
        one["id"]: people.create_service(
            work, NewService(one["name"], one["kind"], one["specialist"])
        )
        for one in world["services"]
    }
    stab = services[first["services"][0]].id
    people.edit_user(work, admin, EditUser(first["name"], admin.version, first["title"], stab))
    for one in users.values():
        place = services[one["services"][0]].id if one["services"] else None
        wish = NewUser(
            one["username"],
            one["name"],
            one["roles"],
            one["title"],
            place,
            password_hash,
            one.get("phone"),
            one.get("email"),
        )
        people.create_user(work, wish)
    for facts in content("children")["children"]:
        for guardian in facts["guardians"]:
            if guardian["key"] in _actors_of(facts, told[facts["key"]]):
                people.create_user(work, NewUser(guardian["key"], guardian["name"], ["citizen"]))
    for one in world["services"]:
        if one["leader"] in users:
            made = services[one["id"]]
            led = EditService(made.name, made.kind, made.version, made.specialist, one["leader"])
            people.edit_service(work, made, led)
    return Kommune(
        today,
        profile,
        _actors(session),
        {key: service.id for key, service in services.items()},
        {key: service.name for key, service in services.items() if service.kind in PLACES},
    )


def _actors_of(facts: Data, told: Data) -> set[str]:
    """Return who writes in a child's log, takes back a consent or answers a plan."""
    taken_back = {one["withdrawn"]["by"] for one in facts["consents"] if "withdrawn" in one}
    versions = told["plan"]["versions"] if told["plan"] else []
    answered = {one["by"] for version in versions for one in version["approvals"]}
    return {one["by"] for one in told["entries"]} | taken_back | answered


def _actors(session: Session) -> dict[str, Actor]:
    leads = {
        user.id: frozenset(
            session.scalars(select(Service.id).where(Service.leader_id == user.id)).all()
        )
        for user in session.scalars(select(User))
    }
    return {
        user.username: Actor(
            user.id,
            frozenset(ROLES[role] for role in user.roles.split()),
            user.service_id,
            leads[user.id],
        )
        for user in session.scalars(select(User))
    }


def _asks(guardian: Data) -> Data:
    """Return what a parent without parental responsibility asks to be told; {} for nothing."""
    asks: Data = guardian.get("asks_to_be_told", {})
    return asks


class Story:
    """One child's story: its steps in order of time, each taken by a command."""

    def __init__(self, kommune: Kommune, facts: Data, told: Data) -> None:
        """Keep the content: who is around the child, and what has been written."""
        self._kommune, self._facts, self._told = kommune, facts, told
        self._child_id, self._holder = UUID(int=0), facts["registered_by"]
        self._guardians: dict[str, UUID | str] = {"child": CHILD}
        self._concerns: dict[str, UUID] = {}
        self._consents: dict[str, UUID] = {}
        self._keys: dict[str, str] = {}  # the product's key of each goal, subgoal and measure
        self._comments: dict[str, UUID] = {}

    def happen(self, session: Session) -> None:
        """Take every step in one transaction, each at its own time."""
        kommune = self._kommune
        last: datetime | None = None
        days: dict[int, date] = {}  # what is done at work on the same day moves together
        for step in sorted(self._steps(), key=lambda one: (one.day, one.clock)):
            actor = kommune.actors[step.by or self._holder]
            moves = actor.roles != {Relation.PF}  # families write on Sundays too
            day, clock = kommune.day({"day": step.day}), time.fromisoformat(step.clock)
            wanted = datetime.combine(days.get(step.day, day) if moves else day, clock)
            last = at_work(wanted, last, kommune.today, moves=moves)
            if moves:
                days[step.day] = last.date()
            now = last.replace(tzinfo=OSLO).astimezone(UTC)
            step.take(Work(session, actor, now, kommune.profile))
        log = queries.open_log(session, self._child_id)
        if log is not None and (due := self._facts["next_evaluation_on"]) is not None:
            log.next_evaluation_on = kommune.day(due)  # no evaluation in the content moves it

    def _steps(self) -> Iterator[Step]:
        facts = self._facts
        yield from self._on(self._beginning(), REGISTERED, facts["registered_by"], self._register)
        for one in self._told["concerns"]:
            yield from self._concern(one)
        for one in facts["consents"]:
            yield from self._consented(one)
        for one in facts["level_history"]:
            if one["to"]:
                take = self._change_level if one["from"] else self._open
                yield from self._on(one["on"], LEVELLED, one["by"], take, one)
        yield from self._papers()
        yield from self._let_in()
        for one in facts["members"]:
            yield from self._on(one["from"], JOINED, "", self._invite, one)
        for one in facts["handovers"]:
            yield from self._handover(one)
        for one in self._told["entries"]:
            yield from self._entry(one)
        for one in filter(_asks, facts["guardians"]):
            yield from self._on(_asks(one)["on"], LEVELLED, "", self._ask_to_be_told, one)
        yield from self._team()
        yield from self._planned()
        yield from self._born()
        if end := facts.get("closed"):
            yield from self._on(end["on"], CLOSED, end["by"], self._close, end)

    def _on(
        self, at: Data, clock: str, by: str, take: Callable[..., object], *given: Any
    ) -> Iterator[Step]:
        """Make a step, unless its day has not come."""
        if at["day"] < 0:
            yield Step(at["day"], at.get("time", clock), by, lambda work: take(work, *given))

    def _beginning(self) -> Data:
        """Return the day on which somebody first wrote of the child, and so registered it."""
        facts = self._facts
        days = [one["on"]["day"] for one in facts["level_history"]]
        days += [one["given_on"]["day"] for one in facts["consents"]]
        return {"day": min(days)}

    def _may(
        self,
        work: Work,
        action: Action,
        *,
        own: bool = False,
        ip: bool = False,
        concern: UUID | None = None,
    ) -> frozenset[Relation]:
        """Return the relations by which the actor may, as a page would ask.

        Raises:
            DeniedError: he may not, so the content is wrong.

        """
        held = ties_of(work.session, work.actor, self._child_id, work.now)
        found = decide(held, action, Facts(work.today, own, object_id=concern, ip=ip))
        if not found.allowed:
            raise DeniedError(self._facts["key"], action, work.actor, work.now)
        return found.basis

    def _register(self, work: Work) -> None:
        facts = self._facts
        roles = [Held(role) for role in work.actor.roles]
        if not decide(roles, Action.CHILD_CREATE, Facts(work.today)).allowed:
            raise DeniedError(facts["key"])
        unborn = facts["kind"] == ChildKind.UNBORN
        wish = Register(
            name=facts["name"],
            kind=ChildKind(facts["kind"]),
            birth_date=None if unborn else self._kommune.day(facts["birth_date"]),
            due_date=self._kommune.day(facts["due_date"]) if unborn else None,
            national_id=None if unborn else self._number(facts),
            address_protection=facts["address_protection"],
            school=next(filter(None, map(self._kommune.places.get, facts["services"])), None),
            language=facts["language"],
            interpreter=facts["interpreter"],
            pregnant_person=self._pregnant(),
        )
        self._child_id = children.register(work, wish).id
        for one in facts["guardians"]:
            if one["key"] != facts.get("pregnant_person") and "after_birth" not in one:
                self._may(work, Action.GUARDIAN_ADD)
                self._guardians[one["key"]] = self._add_guardian(work, one)
        if unborn:
            pregnant = guardians_now(work.session, self._child_id)[0]
            self._verify(replace(work, actor=self._kommune.actors[UNIT]), pregnant)
            self._guardians[facts["pregnant_person"]] = pregnant.id

    def _number(self, person: Data) -> str:
        born = self._kommune.day(person["birth_date"])
        return synthetic(born, person["sex"], person["national_id_serial"])

    def _account(self, guardian: Data) -> str | None:
        """Return a guardian's username: its own, or its key for one who acts."""
        name = guardian["username"] or guardian["key"]
        return name if name in self._kommune.actors else None

    def _pregnant(self) -> Pregnant | None:
        facts = self._facts
        if "pregnant_person" not in facts:
            return None
        one = next(one for one in facts["guardians"] if one["key"] == facts["pregnant_person"])
        return Pregnant(one["name"], self._number(one), self._account(one))

    def _add_guardian(self, work: Work, one: Data) -> UUID:
        wish = AddGuardian(
            name=one["name"],
            relation=one["relation"],
            parental_responsibility=one["parental_responsibility"],
            lives_with=one["lives_with"],
            username=self._account(one),
            national_id=self._number(one),
        )
        made = children.add_guardian(work, self._child_id, wish)
        if one["key"] not in WAITING:
            self._verify(replace(work, actor=self._kommune.actors[UNIT]), made)
        return made.id

    def _renew_protection(self, work: Work, made: Data) -> None:
        self._may(work, Action.CHILD_ADD_PROTECTION)
        wish = Renew(made["reason"], self._kommune.day(made["until"]))
        protection.renew(work, self._child_id, wish)

    def _ask_to_be_told(self, work: Work, one: Data) -> None:
        self._may(work, Action.DISCLOSURE_REQUEST)
        asks, guardian_id = _asks(one), self._guardians[one["key"]]
        wish = AskToBeTold(asks["wish"], work.today)
        disclosure.ask(work, work.session.get_one(Guardian, guardian_id), wish)

    def _verify(self, work: Work, guardian: Guardian) -> None:
        task = task_queries.open_of(work.session, TaskKind.VERIFY_GUARDIAN, guardian.id)
        if task is None:  # registered by koordinerende enhet
            return
        self._may(work, Action.GUARDIAN_VERIFY, concern=task.id)
        wish = CheckGuardian(
            accepted=True,
            seen_version=guardian.version,
            parental_responsibility=guardian.parental_responsibility,
            evidence=Evidence.REGISTER,
        )
        children.check_guardian(work, guardian, wish)

    def _concern(self, one: Data) -> Iterator[Step]:
        yield from self._on(one["written_at"], "", one["by"], self._write_concern, one)
        if made := one["decision"]:
            key = one["key"]
            yield from self._on(made["on"], DECIDED, made["by"], self._decide, key, made)

    def _write_concern(self, work: Work, one: Data) -> None:
        self._may(work, Action.CONCERN_CREATE)
        with_child = one["conversation_with_child"] or {}
        with_parents = one["conversation_with_parents"] or {}

        def past(offset: Data | None) -> date | None:
            return None if offset is None else min(self._kommune.day(offset), work.today)

        wish = WriteConcern(
            **{field: one[field] for field in CONCERN},
            first_noticed_on=past(one["first_noticed_on"]),
            discussed_with_leader_on=past(one["discussed_with_leader_on"]),
            child_talk_on=past(with_child.get("on")),
            child_talk=with_child.get("summary"),
            parents_talk_on=past(with_parents.get("on")),
            parents_talk=with_parents.get("summary"),
        )
        self._concerns[one["key"]] = level_zero.write_concern(
            work, self._child_id, NewConcern(wish)
        ).id

    def _decide(self, work: Work, key: str, one: Data) -> None:
        concern = work.session.get_one(Concern, self._concerns[key])
        self._may(work, Action.CONCERN_DECIDE, concern=concern.id)
        wish = Decide(ConcernDecision(one["decision"]), one["reason"])
        level_zero.decide_concern(work, concern, wish)

    def _consented(self, one: Data) -> Iterator[Step]:
        accounts = {one["key"]: self._account(one) for one in self._facts["guardians"]}
        digital = one["method"] == Method.DIGITAL and all(map(accounts.get, one["given_by"]))
        accounts["child"] = self._facts["username"]  # given when the log opens, after the first yes
        yield from self._on(one["given_on"], CONSENTED, "", self._consent, one, digital)
        confirmed_on = {"day": one["given_on"]["day"] + DAYS_TO_CONFIRM}
        answered_on, clock = (one["given_on"], SAID) if digital else (confirmed_on, ANSWERED)
        for key in one["given_by"]:
            if account := accounts[key]:
                yield from self._on(answered_on, clock, account, self._reply, one["key"])
        if digital:
            next_day = {"day": one["given_on"]["day"] + 1}
            yield from self._on(next_day, SEEN, "", self._see, one["key"])
        if gone := one.get("withdrawn"):
            yield from self._on(gone["on"], "", gone["by"], self._withdraw, one["key"], gone)

    def _consent(self, work: Work, one: Data, digital: bool) -> None:  # noqa: FBT001 a step's own
        self._may(work, Action.CONSENT_REGISTER_PAPER)
        on_paper = Method.ORAL if one["method"] == Method.ORAL else Method.SIGNED
        wish = Record(
            purpose=Purpose(one["purpose"]),
            services=[self._kommune.services[key] for key in one["services"]],
            given_by=[] if digital else [self._guardians[key] for key in one["given_by"]],
            method=Method.DIGITAL if digital else on_paper,
            given_on=work.today,
            expires_on=self._kommune.day(one["expires_on"]),
            note=one.get("note"),
            heard=_heard(one),
            without_log=[self._kommune.services[key] for key in one.get("without_log", [])],
        )
        self._consents[one["key"]] = consents.record(work, self._child_id, wish).id

    def _reply(self, work: Work, key: str) -> None:
        self._may(work, Action.CONSENT_GIVE)
        consents.reply(work, work.session.get_one(Consent, self._consents[key]), yes=True)

    def _see(self, work: Work, key: str) -> None:
        """Have read that all have said yes."""
        consent_id = self._consents[key]
        for task in task_queries.made_for(work.session, TaskKind.CONSENT_GIVEN, consent_id):
            tasks.finish(work, task, "Lest.")

    def _born(self) -> Iterator[Step]:
        """Register the birth of one who was expected, and the parent who comes after it."""
        if birth := self._facts.get("birth"):
            yield from self._on(birth["on"], LEVELLED, birth["by"], self._birth, birth)
        for one in self._facts["guardians"]:
            if on := one.get("after_birth"):
                yield from self._on(on, JOINED, "", self._come_in, one)

    def _birth(self, work: Work, one: Data) -> None:
        self._may(work, Action.CHILD_REGISTER_BIRTH)
        child = work.session.get_one(Child, self._child_id)
        wish = RegisterBirth(
            one["name"],
            self._kommune.day(one["birth_date"]),
            child.version,
            national_id=self._number(one),
        )
        register_birth(work, self._summary(work), wish)

    def _come_in(self, work: Work, one: Data) -> None:
        """Let a parent in who comes after the birth, and is checked at once."""
        self._guardians[one["key"]] = self._add_guardian(work, one)

    def _let_in(self) -> Iterator[Step]:
        """Open the record to the guardians of a protected child: the holder asks, KE's leader does.

        They live where the child lives. The holder also writes how long the decision lasts.
        """
        if made := self._facts.get("protected"):
            yield from self._on(made["on"], LEVELLED, "", self._renew_protection, made)
        opened_on = self._facts["opened_on"]
        for one in self._facts["guardians"]:
            if hides_places(self._facts["address_protection"]) and self._account(one):
                yield from self._on(opened_on, ASKED, "", self._ask_to_let_in, one["key"])
                yield from self._on(opened_on, LET_IN, UNIT, self._open_access, one["key"])

    def _ask_to_let_in(self, work: Work, key: str) -> None:
        log = queries.summary(work.session, self._child_id, work.today)
        if log is None:
            raise DeniedError(self._facts["key"])
        held = ties_of(work.session, work.actor, self._child_id, work.now)
        wish = Ask(
            Action.GUARDIAN_OPEN_ACCESS,
            "Bor sammen med barnet på den beskyttede adressen.",
            UUID(str(self._guardians[key])),
        )
        ask(work, log, wish, may_ask_for(work, log, held))

    def _open_access(self, work: Work, key: str) -> None:
        guardian = work.session.get_one(Guardian, self._guardians[key])
        open_access(work, guardian, "Sjekket i Folkeregisteret. De bor sammen.")

    def _withdraw(self, work: Work, key: str, one: Data) -> None:
        basis = self._may(work, Action.CONSENT_WITHDRAW)
        consent = work.session.get_one(Consent, self._consents[key])
        wish = Withdraw(reason=one["reason"])
        consents.withdraw(work, consent, wish, by_family=consents.by_family(basis))

    def _open(self, work: Work, one: Data) -> None:
        self._may(work, Action.LOG_OPEN)
        shared = [one["key"] for one in self._told["concerns"] if one["shared_as_first_entry"]]
        wish = Open(
            level=Level(one["to"]),
            consent_id=next(iter(self._consents.values())),
            concern_id=self._concerns[shared[0]] if shared else None,
            reason=one["reason"],
            paper_place=self._facts.get("paper", {}).get("place"),
        )
        entries.open_log(work, self._child_id, wish)
        self._holder = one["by"]
        if username := self._facts["username"]:
            self._may(work, Action.CHILD_GIVE_ACCOUNT)
            children.give_account(work, self._child_id, username)

    def _change_level(self, work: Work, one: Data) -> None:
        self._may(work, Action.LOG_SET_LEVEL)
        assessed = one.get("ip_assessment")
        wish = ChangeLevel(
            level=Level(one["to"]),
            reason=one["reason"],
            child_voice=_voice(one["child_voice"]),
            parents_agree=one.get("parents_agree", False),  # a youth of 16 asks nobody
            seen_version=self._log(work).version,
            participants=one.get("participants"),
            decided_on=self._worked(one["decided_on"]) if "decided_on" in one else None,
            ip_assessment=assessed
            and IpAssessment(IpAnswer(assessed["answer"]), assessed["reason"] or None),
        )
        logs.change_level(work, self._child_id, wish, offers=False)

    def _papers(self) -> Iterator[Step]:
        for one in self._facts.get("paper", {}).get("days", ()):
            yield from self._on(one["on"], JOINED, "", self._note_paper, one)

    def _note_paper(self, work: Work, one: Data) -> None:
        """Register a day of a log on paper, the day itself or later."""
        self._may(work, Action.LOG_KEEP_ON_PAPER)
        day = self._worked(one["held_on"]) if "held_on" in one else work.today
        logs.note_paper(work, self._child_id, NotePaper(PaperKind(one["kind"]), day))

    def _worked(self, offset: Data) -> date:
        """Return the date of an offset, put outside the weekend."""
        wanted = datetime.combine(self._kommune.day(offset), time.min)
        return at_work(wanted, None, self._kommune.today, moves=True).date()

    def _invite(self, work: Work, one: Data) -> None:
        log = self._log(work)
        user = self._kommune.actors[one["username"]].user_id
        if earlier := queries.membership(work.session, log.id, user):
            basis = self._may(work, Action.MEMBER_REMOVE)
            membership.end_membership(work, earlier, "Fornyes.", basis)
        self._may(work, Action.MEMBER_INVITE)
        wish = Invite(one["username"], one["access"] == "write", self._kommune.day(one["until"]))
        membership.invite(work, self._child_id, wish)

    def _handover(self, one: Data) -> Iterator[Step]:
        asked: list[UUID] = []

        def offer(work: Work) -> None:
            self._may(work, Action.BATON_OFFER)
            wish = Offer(one["to"], one["message"], one.get("family_wish"))
            asked.append(baton.offer(work, self._child_id, wish).id)

        def accept(work: Work) -> None:
            self._may(work, Action.BATON_ACCEPT, own=True)
            baton.accept(work, asked[0])
            self._holder = one["to"]

        def refuse(work: Work) -> None:
            self._may(work, Action.BATON_REFUSE, own=True)
            baton.refuse(work, asked[0], one["reason"])

        yield from self._on(one["requested_at"], "", one["from"], offer)
        if answer := {"accepted": accept, "refused": refuse}.get(one["state"]):
            yield from self._on(one["answered_at"], "", one["to"], answer)

    def _entry(self, one: Data) -> Iterator[Step]:
        made: list[UUID] = []

        def write(work: Work) -> None:
            basis = self._may(work, Action.ENTRY_CREATE)
            wish = Write(Kind(one["kind"]), one["text"], self._limits(work, one))
            made.append(entries.write(work, self._summary(work), wish, basis))

        def review(work: Work) -> None:
            basis = self._may(work, Action.ENTRY_SET_VISIBILITY, own=True)
            limits = replace(self._limits(work, one), review_on=None)
            entry = work.session.get_one(Entry, made[0])
            entries.set_visibility(work, entry, SetVisibility(limits, entry.audience), basis)

        def correct(work: Work, new: Data) -> None:
            self._may(work, Action.ENTRY_CORRECT, own=True)
            entry = work.session.get_one(Entry, made[0])
            entries.correct(work, entry, Correct(new["text"], new["reason"], entry.version))

        yield from self._on(one["at"], "", one["by"], write)
        for new in one.get("corrections", ()):
            yield from self._on(new["at"], "", new["by"], correct, new)
        if one["key"] in WHY:
            first = one["review_on"]["day"] if "review_on" in one else one["at"]["day"] + REVIEW
            for day in range(first, 0, REVIEW):
                yield from self._on({"day": day}, REVIEWED, one["by"], review)

    def _limits(self, work: Work, one: Data) -> Limits:
        """Return exactly whom an entry is for: its author is never named, and reads it anyway."""
        author = self._kommune.actors[one["by"]].user_id
        named = [
            name for name in one.get("named", ()) if self._kommune.actors[name].user_id != author
        ]
        hidden = [self._guardians[key] for key in one.get("hidden_from", ())]
        why = WHY.get(one["key"])
        return Limits(
            Visibility(one["visibility"]),
            named,
            why,
            [guardian for guardian in hidden if isinstance(guardian, UUID)],
            why if hidden else None,
            self._kommune.day(one["review_on"]) if "review_on" in one else None,
        )

    def _team(self) -> Iterator[Step]:
        """Tell who coordinates, from level 3 on, and who sits in the ansvarsgruppe."""
        facts = self._facts
        three = [one["on"]["day"] for one in facts["level_history"] if one["to"] == Level.THREE]
        for one in filter(lambda one: one["username"], facts["coordinators"]):
            for day in three:
                at = {"day": max(day, one["from_on"]["day"])}
                yield from self._on(at, APPOINTED, KE_LEADER, self._appoint, one)
        for one in facts["ansvarsgruppe"]:
            by = facts["coordinators"][0]["username"]
            yield from self._on(one["from_on"], SEATED, by, self._seat, one)

    def _appoint(self, work: Work, one: Data) -> None:
        self._may(work, Action.COORDINATOR_APPOINT)
        wish = Appoint(
            one["username"],
            CoordinatorKind(one["kind"]),
            min(self._kommune.day(one["from_on"]), work.today),
            self._kommune.day(one["until_on"]),
        )
        team.appoint(work, self._child_id, wish)
        asked = select(Task).where(
            Task.child_id == self._child_id, Task.kind == TaskKind.IP_ASSESSED
        )
        for task in work.session.scalars(asked):
            tasks.finish(work, task, "Barnekoordinator er oppnevnt.")

    def _seat(self, work: Work, one: Data) -> None:
        """Take somebody into the group; without consent to a plan for the service, by name."""
        self._may(work, Action.GROUP_ADD_MEMBER)
        username: str | None = one["username"]
        service = self._kommune.actors[username].service_id if username else None
        covered = covered_services(work.session, self._child_id, work.today, Purpose.PLAN)
        if service is not None and service not in covered:
            username = None
        name = None if username else one["name"]
        since = min(self._kommune.day(one["from_on"]), work.today)
        team.add_to_group(work, self._child_id, AddToGroup(one["role"], since, username, name))

    def _planned(self) -> Iterator[Step]:
        """Tell the plan's versions, the answers to them, what came of measures, and the draft."""
        for one in self._told["evaluations"]:
            yield from self._on(one["date"], EVALUATED, one["by"], self._evaluate, one)
        for one in self._told.get("reports", ()):
            yield from self._on(one["at"], "", one["by"], self._report, one)
        plan = self._told["plan"] or {"tiltaksplan_history": (), "versions": (), "draft": None}
        for one in plan["tiltaksplan_history"]:
            yield from self._on(one["published_at"], "", one["published_by"], self._version, one)
        for one in plan["versions"]:
            yield from self._on(one["submitted_at"], "", one["submitted_by"], self._version, one)
            for given in one["approvals"]:
                yield from self._on(given["at"], "", given["by"], self._answer, one, given)
        yield from self._taken_on(plan)
        for one in plan.get("parts", ()):
            yield from self._on(one["at"], "", one["by"], self._part, one)
        for one in plan.get("comments", ()):
            yield from self._on(one["at"], "", one["by"], self._comment, one)
            if told := one.get("answer"):
                yield from self._on(told["at"], "", told["by"], self._answer_comment, one)
        if content := plan["draft"]:
            saved = plan["draft_updated"]
            yield from self._on(saved["at"], "", saved["by"], self._draft, content)

    def _taken_on(self, plan: Data) -> Iterator[Step]:
        """Let all who are named say yes the morning after, but for whom the content lets wait."""
        named: dict[str, str] = {}
        for one in (*plan["tiltaksplan_history"], *plan["versions"]):
            days = [given["at"]["day"] for given in one.get("approvals", ())]
            morning = {"day": max(days or [one.get("published_at", {"day": 0})["day"]]) + 1}
            for _, measure in measures(one["content"]):
                key, who = measure["key"], measure["responsible"]
                if named.get(key) != who and key not in plan.get("not_answered", ()):
                    yes = {"measure_key": key, "accepts": True}
                    yield from self._on(morning, TAKEN_ON, who, self._take_on, yes)
                named[key] = who
        for one in plan.get("taken_on", ()):
            yield from self._on(one["at"], "", one["by"], self._take_on, one)

    def _take_on(self, work: Work, one: Data) -> None:
        """Answer for a measure that is under way, unless it is the answer that stands."""
        measure = plan_measures.measure(
            work.session, self._child_id, self._keys[one["measure_key"]]
        )
        if measure is None or measure.status not in RUNS or measure.accepted is one["accepts"]:
            return
        self._may(work, Action.MEASURE_ACCEPT, own=True, ip=measure.ip)
        wish = TakeOn(one["accepts"], one.get("reason", ""))
        progress.take_on(work, measure, wish, on_paper=False)

    def _report(self, work: Work, one: Data) -> None:
        measure = plan_measures.measure(
            work.session, self._child_id, self._keys[one["measure_key"]]
        )
        if measure is None:
            raise DeniedError(self._facts["key"], one["measure_key"])
        own = measure.account_id == work.actor.user_id
        self._may(work, Action.MEASURE_REPORT, own=own, ip=measure.ip)
        progress.report(work, measure, Report(one["done"], one["text"]))

    def _sight(self, work: Work) -> Sight:
        """Return what the professional at work sees of the child's plan."""
        return plan_queries.sight(work.session, self._child_id, _professional(work))

    def _draft(self, work: Work, content: Data) -> None:
        """Save a draft, and learn the keys of what is new in it."""
        log = self._summary(work)
        ip = plan_queries.kind_now(work.session, log) is PlanKind.INDIVIDUELL_PLAN
        action = Action.PLAN_EDIT_IP if ip else Action.PLAN_EDIT_TILTAKSPLAN
        self._may(work, action, ip=ip)
        username = next(
            name for name, one in self._kommune.actors.items() if one.user_id == work.actor.user_id
        )
        by = self._sight(work)
        seen = plan_queries.draft(work.session, self._child_id, by).version
        wish = SaveDraft(seen, self._content(content), Limits())
        writer = Writer(username, action, whole=True, by=by, basis=frozenset({Relation.KO}))
        goals = drafting.save_draft(work, log, wish, writer).content["goals"]
        for told, made in zip(content["goals"], goals, strict=True):
            self._keys[told["key"]] = made["key"]
            for kind in ("subgoals", "measures"):
                for item, there in zip(told[kind], made[kind], strict=True):
                    self._keys[item["key"]] = there["key"]

    def _comment(self, work: Work, one: Data) -> None:
        """Say something of the plan in the words of a guardian."""
        self._may(work, Action.PLAN_COMMENT, ip=True)
        about = str(self._keys.get(one["about"], one["about"]))
        wish = Comment(about, one["text"], CommentVoice(one["voice"]))
        by = Viewer(work.actor.user_id, None, reads=True, family=True, room=False)
        made = plans.comment(work, self._summary(work), wish, by)
        self._comments[one["text"]] = made.id

    def _answer_comment(self, work: Work, one: Data) -> None:
        by = self._sight(work)
        wish = AnswerComment(self._comments[one["text"]], one["answer"]["text"])
        action, basis = Action.PLAN_EDIT_IP, frozenset({Relation.KO})
        writer = Writer(one["answer"]["by"], action, whole=True, by=by, basis=basis)
        plans.answer_comment(work, self._summary(work), wish, writer)

    def _part(self, work: Work, one: Data) -> None:
        """Add a measure of the writer's own that is for some by name."""
        self._may(work, Action.PLAN_EDIT_IP, own=True, ip=True)
        by = self._sight(work)
        seen = plan_queries.draft(work.session, self._child_id, by).version
        limits = Limits(Visibility.NAMED, one["named"], Reason(one["reason"]))
        wish = SavePart(seen, self._plain(one["measure"]), limits=limits)
        action, basis = Action.PLAN_EDIT_IP, frozenset({Relation.AG})
        writer = Writer(one["by"], action, whole=False, by=by, basis=basis)
        change = partial(with_new_measure, goal_key=self._keys[one["goal"]])
        drafting.save_part(work, self._summary(work), wish, change, writer)

    def _content(self, told: Data) -> Content:
        """Return a plan's content as a save takes it: dates, services and keys of the product."""
        content: Content = self._plain(told)
        for goal in content["goals"]:
            inside = {one["key"] for one in goal["subgoals"]}
            for item in (goal, *goal["subgoals"], *goal["measures"]):
                item["key"] = self._key(item["key"])
            for one in goal["measures"]:
                one["goal_keys"] = [self._key(key) for key in one["goal_keys"] if key in inside]
        wish: SaveDraft = DraftSchema().load({"seen_version": 0, **content})
        return wish.content

    def _key(self, told: str) -> str:
        return self._keys.get(told, f"new:{told}")

    def _plain(self, told: Any, name: str = "") -> Any:
        if isinstance(told, list):
            return [self._plain(one) for one in told]
        if isinstance(told, dict):
            if told.keys() == {"day"}:
                return self._kommune.day(told).isoformat()
            return {key: self._plain(value, key) for key, value in told.items()}
        return str(self._kommune.services[told]) if name == "service_id" and told else told

    def _version(self, work: Work, one: Data) -> None:
        self._draft(work, one["content"])
        ip = one["kind"] == PlanKind.INDIVIDUELL_PLAN
        self._may(work, Action.PLAN_SUBMIT_IP if ip else Action.PLAN_PUBLISH_TILTAKSPLAN, ip=ip)
        sight = plan_queries.sight(work.session, self._child_id, None)
        seen = plan_queries.draft(work.session, self._child_id, sight).version
        wish = MakeVersion(one["summary"], seen)
        whole = plan_queries.sight(work.session, self._child_id, None)
        plans.make_version(work, self._summary(work), wish, whole)

    def _answer(self, work: Work, one: Data, given: Data) -> None:
        self._may(work, Action.PLAN_APPROVE, ip=True)
        sight = plan_queries.sight(work.session, self._child_id, None)
        version = plan_queries.numbered(work.session, self._child_id, one["order"], sight)
        if version is None:
            raise DeniedError(self._facts["key"], one["order"])
        plans.answer(work, version, Answer(given["answer"], given.get("comment")), by_family=True)

    def _evaluate(self, work: Work, one: Data) -> None:
        measure = plan_measures.measure(
            work.session, self._child_id, self._keys[one["measure_key"]]
        )
        sight = plan_queries.sight(work.session, self._child_id, None)
        held = plan_queries.in_force(work.session, self._child_id, sight)
        if measure is None or held is None:
            raise DeniedError(self._facts["key"], one["measure_key"])
        own = measure.account_id == work.actor.user_id
        ip = held.kind is PlanKind.INDIVIDUELL_PLAN
        self._may(work, Action.MEASURE_EVALUATE, own=own, ip=ip)
        wish = Evaluate(
            evaluated_on=work.today,
            done=one["done"],
            effect=one["effect"],
            child_view=_voice(one["child_view"]),
            text=one["text"],
            decision=one["decision"],
            next_due_on=one["next_due_on"] and self._kommune.day(one["next_due_on"]),
        )
        progress.evaluate(work, measure, wish)

    def _close(self, work: Work, one: Data) -> None:
        self._may(work, Action.LOG_CLOSE)
        wish = Close(
            outcome=Outcome(one["outcome"]),
            reason=one["note"],
            family_view=one["family_view"],
            child_voice=_voice(one["child_view"]),
            seen_version=self._log(work).version,
        )
        logs.close(work, self._child_id, wish)

    def _summary(self, work: Work) -> LogSummary:
        log = queries.summary(work.session, self._child_id, work.today)
        if log is None:
            raise DeniedError(self._facts["key"])
        return log

    def _log(self, work: Work) -> Stafettlogg:
        log = queries.open_log(work.session, self._child_id)
        if log is None:
            raise DeniedError(self._facts["key"])
        return log


def _professional(work: Work) -> Viewer:
    """Return what a professional who writes in a plan is to its parts."""
    return Viewer(work.actor.user_id, work.actor.service_id, reads=True, family=False, room=False)


def _heard(one: Data) -> Heard | None:
    told = one.get("child_voice")
    return told and Heard(VoiceHow(told["how"]), told["text"], private=told.get("private", False))


def _voice(told: Data) -> Voice:
    return Voice(VoiceHow(told["how"]), told["text"])
