"""Tells one synthetic child: every row that the commands would have left, at made-up moments."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum
from uuid import UUID

from stafett.access.models import Cover, Tie
from stafett.access.policy import Purpose, Relation
from stafett.access.ties import Grant
from stafett.audience.rules import REVIEW_WITHIN, Reason, Visibility
from stafett.children.models import Child, Guardian
from stafett.children.rules import OF_AGE, VoiceHow
from stafett.consents.commands import DAYS_TO_ANSWER
from stafett.consents.models import Consent, ConsentGiver, ConsentService, Withdrawal
from stafett.consents.rules import Basis, Family, Method
from stafett.dates import age, birthday, months_after, next_working_day, oslo_date
from stafett.demo.world import BOYS, GIRLS, Row, Worker, World
from stafett.entries.models import Entry, EntryAudience, EntryVersion
from stafett.entries.rules import WRITTEN, Kind
from stafett.stafettlogg.commands import KEPT_AT_CLOSING, LEVEL_THREE
from stafett.stafettlogg.models import Concern, Handover, LevelChange, Member, Stafettlogg
from stafett.stafettlogg.rules import (
    ConcernDecision,
    HandoverState,
    IpAnswer,
    Level,
    Outcome,
)
from stafett.tasks.models import Task
from stafett.tasks.rules import TaskKind

SCHOOL_AGE, KINDERGARTEN_AGE = 6, 1
FIRST_LOGS = 14  # days since the newest child with a log was registered
FEWEST, MOST, USUAL = 5, 40, 5  # entries; `USUAL` is the mean of those above the fewest
LONG_TAIL = (100, 250)  # entries of the few longest logs
VOICES = ("Jeg vil være med og bestemme.", "Det er best ute.", "Ikke spør når alle hører på.")


class Fate(Enum):
    """What becomes of a child."""

    UNDECIDED = "its concern waits for the leader"
    DROPPED = "its concern leads to nothing"
    GOES_ON = "its log is open"
    RAN_OUT = "its consent has run out"
    WITHDRAWN = "its consent was taken back"
    CLOSED = "its log is closed"


FATES = {
    Fate.UNDECIDED: 40,
    Fate.DROPPED: 40,
    Fate.GOES_ON: 790,
    Fate.RAN_OUT: 20,
    Fate.WITHDRAWN: 30,
    Fate.CLOSED: 80,
}
LEVELS = (list(Level), (62, 28, 10))
PROTECTIONS = (("none", "fortrolig", "strengt_fortrolig"), (987, 10, 3))
KINDS = [Kind.NOTE, *WRITTEN]  # two of five are notes


@dataclass(frozen=True)
class Part:
    """Somebody who writes in a log, since so many days before today."""

    id: UUID
    service_id: UUID | None
    since: int


class Story:
    """One child, told in the same order as the commands would be called.

    Days are counted backwards from today, so a smaller number is later.
    """

    def __init__(self, world: World, number: int) -> None:
        """Decide what becomes of the child, and when somebody first wrote of it."""
        rng, months = world.rng, world.profile.consent_months
        self._world, self._number, self._rows = world, number, world.rows
        self._fate = rng.choices(list(FATES), list(FATES.values()))[0]
        self._unborn = self._fate is Fate.GOES_ON and world.share(15)
        spans = {
            Fate.UNDECIDED: (1, 12),
            Fate.DROPPED: (10, 200),
            Fate.RAN_OUT: (31 * months + 15, 31 * months + 110),
        }
        log = (FIRST_LOGS, min(120 if self._unborn else 330, 28 * months - 10))
        self._began = rng.randint(*spans.get(self._fate, log))
        self._opened = self._began - 6
        self._ended = 0
        self._concern: Row | None = None
        self._ties: list[Row] = []
        self._covers: list[Row] = []
        self._taken_part: list[Part] = []
        self._members: dict[UUID, tuple[Row, Row]] = {}

    def tell(self) -> None:
        """Keep every row of the child."""
        self._register()
        self._add_guardians()
        if self._fate in {Fate.UNDECIDED, Fate.DROPPED} or self._world.share(900):
            self._write_concern()
        if self._fate in {Fate.UNDECIDED, Fate.DROPPED}:
            return
        self._consent()
        self._open()
        self._go_on()
        {Fate.WITHDRAWN: self._withdraw, Fate.CLOSED: self._close}.get(self._fate, lambda: None)()
        self._write()

    def _register(self) -> None:
        world, rng = self._world, self._world.rng
        day = world.today - timedelta(days=self._began)
        born = None
        if not self._unborn:
            born = world.today - timedelta(days=rng.randint(self._began + 60, 17 * 365))
        years = -1 if born is None else age(born, day)
        kinds = ("school", SCHOOL_AGE), ("kindergarten", KINDERGARTEN_AGE), ("health_centre", -1)
        self._home = world.place(next(kind for kind, least in kinds if years >= least))
        self._worker = self._holder = rng.choice(self._home.workers)
        self._born, girl = born, world.share(500)
        at = world.moment(self._began, 7)
        self._child = self._rows.add(
            Child,
            id=world.new_id(),
            kind="unborn" if born is None else "child",
            name=world.person(GIRLS if girl else BOYS),
            birth_date=born,
            due_date=world.today + timedelta(days=rng.randint(5, 80)) if born is None else None,
            national_id=None if born is None else world.number(born, "f" if girl else "m"),
            provisional=False,
            address_protection=rng.choices(*PROTECTIONS)[0],
            address=None,
            school=None,
            language="nb",
            interpreter=False,
            user_id=None,
            registered_by=self._worker.id,
            registered_at=at,
        )
        self._id: UUID = self._child["id"]
        self._grant_both("registered", self._id, self._worker.id, at)

    def _add_guardians(self) -> None:
        world = self._world
        at = world.moment(self._began, 8)
        relations = ["gravid"] if self._unborn else ["mor", "far"][: 1 + world.share(850)]
        self._guardians: list[Row] = []
        for place, relation in enumerate(relations):
            name = world.person(GIRLS if relation != "far" else BOYS)
            has_account = world.share(600) or (self._fate is Fate.WITHDRAWN and not place)
            username = f"foresatt{self._number}.{place + 1}"
            responsible = not place or world.share(950)
            row = self._rows.add(
                Guardian,
                id=world.new_id(),
                child_id=self._id,
                user_id=world.user(username, name, "citizen") if has_account else None,
                name=name,
                relation=relation,
                parental_responsibility=responsible,
                lives_with=responsible,
                from_on=at.date(),
                verified_on=at.date(),
                added_by=world.unit.leader.id,
            )
            self._guardians.append(row)
            if has_account and responsible:
                grown = self._born and birthday(self._born, OF_AGE) - timedelta(days=1)
                self._grant(
                    Grant(
                        self._id,
                        Relation.PF,
                        "guardian",
                        row["id"],
                        user_id=row["user_id"],
                        until_on=grown,
                    ),
                    world.unit.leader.id,
                    at,
                )
                self._taken_part.append(Part(row["user_id"], None, self._opened))

    def _write_concern(self) -> None:
        world, at = self._world, self._world.moment(self._began, 9)
        limit = world.profile.level(0).decision_deadline_days or 0
        self._concern = self._rows.add(
            Concern,
            id=world.new_id(),
            child_id=self._id,
            written_by=self._worker.id,
            service_id=self._home.id,
            written_at=at,
            observed=world.text(),
            worry=world.rng.randint(1, 5),
            child_said=world.rng.choice(VOICES),
            strengths=world.text(),
            due_on=at.date() + timedelta(days=limit),
            decision=None,
            decision_reason=None,
            decided_by=None,
            decided_at=None,
        )
        concern_id = self._concern["id"]
        given = self._grant_both("concern", concern_id, self._worker.id, at)
        if self._fate is Fate.UNDECIDED:
            return
        at = world.moment(self._began - 3)
        dropped = self._fate is Fate.DROPPED
        self._concern.update(
            decision=ConcernDecision.CLOSE if dropped else ConcernDecision.OWN_SERVICE,
            decision_reason=world.text(),
            decided_by=self._home.leader.id,
            decided_at=at,
        )
        _end(given, at)
        until = at.date() + timedelta(days=world.profile.concern_access_days)
        self._grant_both("concern", concern_id, self._home.leader.id, at, until)

    def _consent(self) -> None:
        world, at = self._world, self._world.moment(self._began - 5)
        profile, given_on = world.profile, at.date()
        self._last = world.rng.choices(*LEVELS)[0]
        helper = "ppt" if self._home.kind == "health_centre" else "health_centre"
        self._helping = [world.place(helper)]
        if self._last is Level.THREE:
            self._helping += [world.place("bup"), world.unit]
            self._helping += [] if helper == "ppt" else [world.place("ppt")]
        covered = [self._home, *(self._helping if self._last > Level.ONE else ())]
        expires_on = months_after(given_on, profile.consent_months)
        if self._fate is Fate.RAN_OUT:
            self._ended = (world.today - expires_on).days
        responsible = [one["id"] for one in self._guardians if one["parental_responsibility"]]
        years = None if self._born is None else age(self._born, given_on)
        family = Family(frozenset(responsible), years, profile.consent_age)
        heard = years is not None and profile.participation_age <= years < profile.consent_age
        self._agreed = self._rows.add(
            Consent,
            id=world.new_id(),
            child_id=self._id,
            purpose=Purpose.STAFETTLOGG,
            method=Method.SIGNED,
            given_on=given_on,
            expires_on=expires_on,
            registered_by=self._worker.id,
            registered_at=at,
            active_at=at,
            withdrawn_at=None,
            basis=family.basis(Purpose.STAFETTLOGG),
            voice_how=VoiceHow.TALK_BEFORE if heard else None,
            voice_private=False if heard else None,
        )
        alone = family.basis(Purpose.STAFETTLOGG) is Basis.YOUTH
        for guardian in self._guardians:
            if guardian["parental_responsibility"] and not alone:
                self._add_yes(guardian["id"], None, given_on)
        if alone:
            self._add_yes(None, self._id, given_on)
        self._covered = [
            self._rows.add(
                ConsentService,
                consent_id=self._agreed["id"],
                service_id=place.id,
                ended_at=None,
                replaced=False,
            )
            for place in covered
        ]
        self._covers = [
            self._rows.add(
                Cover,
                id=world.new_id(),
                child_id=self._id,
                service_id=place.id,
                purpose=Purpose.STAFETTLOGG,
                consent_id=self._agreed["id"],
                from_on=given_on,
                until_on=expires_on,
                ended_at=None,
            )
            for place in covered
        ]

    def _add_yes(self, guardian_id: UUID | None, child_id: UUID | None, given_on: date) -> None:
        self._rows.add(
            ConsentGiver,
            id=self._world.new_id(),
            consent_id=self._agreed["id"],
            guardian_id=guardian_id,
            child_id=child_id,
            method=Method.SIGNED,
            given_on=given_on,
        )

    def _open(self) -> None:
        world, at = self._world, self._world.moment(self._opened, 9)
        shared = self._concern
        self._log = self._rows.add(
            Stafettlogg,
            id=world.new_id(),
            child_id=self._id,
            level=Level.ONE,
            holder_id=self._worker.id,
            opened_at=at,
            opened_by=self._worker.id,
            concern_id=shared and shared["id"],
            next_evaluation_on=None,
            closed_at=None,
            closed_by=None,
            outcome=None,
            closing_reason=None,
            family_view=None,
            closing_voice=None,
        )
        self._hold(self._worker, self._worker.id, at)
        self._step(None, Level.ONE, at)
        _end([tie for tie in self._ties if tie["source_id"] == self._id], at)
        if shared:
            self._add_entry(Kind.CONCERN, shared["observed"], self._worker, Visibility.EVERYONE, at)
        years = None if self._born is None else age(self._born, at.date())
        if years is not None and years >= world.profile.participation_age and world.share(400):
            self._give_account(world.moment(self._opened, 10))

    def _give_account(self, at: datetime) -> None:
        world, profile, born = self._world, self._world.profile, self._born
        if born is None:
            return
        user_id = world.user(f"barn{self._number}", self._child["name"], "citizen")
        self._child["user_id"] = user_id
        starts, grown = (
            birthday(born, years) for years in (profile.participation_age, profile.consent_age)
        )
        own = Grant(self._id, Relation.C12, "self", self._id, user_id=user_id)
        before = replace(own, from_on=starts, until_on=grown - timedelta(days=1))
        self._grant(before, self._holder.id, at)
        self._grant(replace(own, relation=Relation.C16, from_on=grown), self._holder.id, at)
        self._taken_part.append(Part(user_id, None, self._opened))

    def _go_on(self) -> None:
        """Take the log to its last level, with those who then join and perhaps a new holder."""
        world, day = self._world, self._opened
        self._taken_part.append(Part(self._worker.id, self._worker.service_id, day))
        if self._last > Level.ONE:
            self._step(Level.ONE, Level.TWO, world.moment(day * 2 // 3, 9))
            helper = world.rng.choice(self._helping[0].workers)
            self._join(helper, day * 2 // 3, writes=True)
            if world.share(300):
                self._hand_over(helper, day // 2)
        if self._last is Level.THREE:
            self._step(Level.TWO, Level.THREE, world.moment(day // 3, 9))
            for place in self._helping[1:]:
                late = place.kind == "bup" and self._fate is Fate.GOES_ON
                joined = min(day // 3, world.rng.randint(1, 80)) if late else day // 3
                self._join(world.rng.choice(place.workers), joined, writes=place.kind != "ppt")
        if self._fate is Fate.GOES_ON and world.share(40):
            self._offer(world.rng.choice(self._home.workers), 1, None)

    def _hold(self, worker: Worker, by: UUID, at: datetime) -> None:
        wish = Grant(
            self._id,
            Relation.SH,
            "holder",
            self._log["id"],
            user_id=worker.id,
            needs_consent=True,
            service_id=worker.service_id,
        )
        self._holding = self._grant(wish, by, at)
        self._holder, self._log["holder_id"] = worker, worker.id

    def _step(self, old: Level | None, new: Level, at: datetime) -> None:
        world, top = self._world, new is Level.THREE
        interval = world.profile.level(new).evaluation_interval_days
        evaluated_on = interval and next_working_day(at.date() + timedelta(days=interval))
        self._log.update(level=new, next_evaluation_on=evaluated_on)
        row = self._rows.add(
            LevelChange,
            id=world.new_id(),
            log_id=self._log["id"],
            from_level=old,
            to_level=new,
            reason=world.text(),
            voice_how=old and VoiceHow.TALK_BEFORE,
            voice_text=old and world.rng.choice(VOICES),
            parents_agree=old and True,
            ip_answer=IpAnswer.WANTED if top else None,
            next_evaluation_on=evaluated_on,
            changed_by=self._holder.id,
            changed_at=at,
        )
        if top:
            unit = world.unit
            wish = Grant(
                self._id,
                Relation.KEL,
                LEVEL_THREE,
                row["id"],
                led_service_id=unit.id,
                needs_consent=True,
            )
            self._grant(wish, self._holder.id, at)
            self._ask(TaskKind.IP_ASSESSED, row["id"], at, service_id=unit.id)

    def _join(self, worker: Worker, day: int, *, writes: bool, hour: int = 10) -> None:
        world, profile = self._world, self._world.profile
        at = world.moment(day, hour)
        relation = Relation.MW if writes else Relation.MR
        staff, others = profile.membership_months_staff, profile.membership_months_external
        member = self._rows.add(
            Member,
            id=world.new_id(),
            log_id=self._log["id"],
            child_id=self._id,
            user_id=worker.id,
            service_id=worker.service_id,
            writes=writes,
            from_on=at.date(),
            until_on=months_after(at.date(), others if worker.external else staff),
            invited_by=self._holder.id,
            ended_at=None,
            ended_by=None,
        )
        wish = Grant(
            self._id,
            Relation.EX if worker.external else relation,
            "member",
            member["id"],
            user_id=worker.id,
            needs_consent=True,
            service_id=worker.service_id,
            writes=writes,
            until_on=member["until_on"],
        )
        self._members[worker.id] = member, self._grant(wish, self._holder.id, at)
        if writes:
            self._taken_part.append(Part(worker.id, worker.service_id, day))

    def _offer(self, to: Worker, day: int, accepted_at: datetime | None) -> None:
        if to.id == self._holder.id:
            return
        world = self._world
        self._rows.add(
            Handover,
            id=world.new_id(),
            log_id=self._log["id"],
            child_id=self._id,
            from_id=self._holder.id,
            to_id=to.id,
            message=world.text(),
            state=HandoverState.ACCEPTED if accepted_at else HandoverState.PENDING,
            requested_by=self._holder.id,
            requested_at=world.moment(day, 9),
            answered_at=accepted_at,
            answered_by=to.id if accepted_at else None,
        )

    def _hand_over(self, to: Worker, day: int) -> None:
        at, old = self._world.moment(day, 11), self._holder
        self._offer(to, day, at)
        self._end_member(to.id, to.id, at)
        _end([self._holding], at)
        self._hold(to, to.id, at)
        self._join(old, day, writes=True, hour=11)

    def _end_member(self, user_id: UUID, by: UUID, at: datetime) -> None:
        member, tie = self._members.pop(user_id)
        member.update(ended_at=at, ended_by=by)
        _end([tie], at)

    def _withdraw(self) -> None:
        """Let a guardian with an account take the whole consent back."""
        world, guardian = self._world, self._guardians[0]
        self._ended = world.rng.randint(1, max(1, self._opened // 3 - 1))
        at = world.moment(self._ended, 12)
        self._agreed["withdrawn_at"] = at
        _end([*self._covered, *self._covers], at)
        self._rows.add(
            Withdrawal,
            id=world.new_id(),
            consent_id=self._agreed["id"],
            services=" ".join(sorted(str(row["service_id"]) for row in self._covered)),
            reason=world.text(),
            withdrawn_by=guardian["user_id"],
            withdrawn_at=at,
        )
        due_on = at.date() + timedelta(days=DAYS_TO_ANSWER)
        log_id, by = self._log["id"], guardian["user_id"]
        kind = TaskKind.CONSENT_WITHDRAWN
        self._ask(kind, log_id, at, by, user_id=self._holder.id, due_on=due_on)
        together = sum(one["parental_responsibility"] for one in self._guardians) > 1
        alone = self._born and age(self._born, at.date()) >= world.profile.consent_age
        if self._log["level"] == Level.THREE and together and not alone:
            kind = TaskKind.ONE_STOPPED
            self._ask(kind, log_id, at, by, service_id=world.unit.id, due_on=due_on)

    def _close(self) -> None:
        world, holder = self._world, self._holder.id
        self._ended = world.rng.randint(1, max(1, self._opened // 3 - 1))
        at = world.moment(self._ended, 12)
        self._log.update(
            closed_at=at,
            closed_by=holder,
            outcome=Outcome.GOALS_REACHED,
            closing_reason=world.text(),
            family_view=world.text(),
            closing_voice={"how": VoiceHow.TALK_BEFORE, "text": world.rng.choice(VOICES)},
        )
        for member, _ in self._members.values():
            member.update(ended_at=at, ended_by=holder)
        _end([*self._covered, *self._covers], at)
        _end([tie for tie in self._ties if tie["relation"] not in KEPT_AT_CLOSING], at)

    def _write(self) -> None:
        """Write entries until the log closes or its consent ends, by those who then take part."""
        world, rng = self._world, self._world.rng
        count = FEWEST + min(MOST - FEWEST, int(rng.expovariate(1 / USUAL)))
        if world.share(5):
            count = rng.randint(*LONG_TAIL)
        for _ in range(count):
            day = rng.randint(self._ended + 1, self._opened - 1)
            part = rng.choice([one for one in self._taken_part if one.since >= day])
            alone = part.service_id is not None and world.share(150) and day < REVIEW_WITHIN.days
            self._add_entry(
                rng.choice(KINDS),
                world.text(),
                part,
                Visibility.PROFESSIONALS
                if alone and day < REVIEW_WITHIN.days
                else Visibility.EVERYONE,
                world.moment(day),
            )

    def _add_entry(
        self,
        kind: Kind,
        text: str,
        author: "Worker | Part",
        visibility: Visibility,
        at: datetime,
    ) -> None:
        corrected = kind is not Kind.CONCERN and self._world.share(30)
        narrow = visibility is not Visibility.EVERYONE
        row = self._rows.add(
            Entry,
            id=self._world.new_id(),
            child_id=self._id,
            log_id=self._log["id"],
            kind=kind,
            visibility=visibility,
            written_by=author.id,
            service_id=author.service_id,
            written_at=at,
            version=1 + corrected,
            audience=int(narrow),
        )
        if narrow:
            self._rows.add(
                EntryAudience,
                entry_id=row["id"],
                number=1,
                visibility=visibility,
                reason=Reason.OUR_WORK,
                hidden_reason=None,
                review_on=oslo_date(at) + REVIEW_WITHIN,
                set_by=author.id,
                set_at=at,
            )
        self._add_version(row["id"], 1, text, None, at)
        if corrected:
            self._add_version(
                row["id"], 2, self._world.text(), "Rettet etter avtale.", at + timedelta(minutes=5)
            )

    def _add_version(
        self, entry_id: UUID, number: int, text: str, reason: str | None, at: datetime
    ) -> None:
        self._rows.add(
            EntryVersion, entry_id=entry_id, number=number, text=text, reason=reason, written_at=at
        )

    def _ask(
        self,
        kind: TaskKind,
        source_id: UUID,
        at: datetime,
        by: UUID | None = None,
        *,
        user_id: UUID | None = None,
        service_id: UUID | None = None,
        due_on: date | None = None,
    ) -> None:
        self._rows.add(
            Task,
            id=self._world.new_id(),
            kind=kind,
            child_id=self._id,
            user_id=user_id,
            service_id=service_id,
            source_id=source_id,
            due_on=due_on,
            made_by=by or self._holder.id,
            made_at=at,
        )

    def _grant_both(
        self, basis: str, source_id: UUID, by: UUID, at: datetime, until_on: date | None = None
    ) -> list[Row]:
        """Tie who wrote, and the leader who decides for him."""
        author = Grant(
            self._id, Relation.CA, basis, source_id, user_id=self._worker.id, until_on=until_on
        )
        leader = replace(author, relation=Relation.UL, user_id=None, led_service_id=self._home.id)
        return [self._grant(author, by, at), self._grant(leader, by, at)]

    def _grant(self, wish: Grant, by: UUID, at: datetime) -> Row:
        row = self._rows.add(
            Tie,
            id=self._world.new_id(),
            child_id=wish.child_id,
            user_id=wish.user_id,
            led_service_id=wish.led_service_id,
            relation=wish.relation,
            needs_consent=wish.needs_consent,
            writes=wish.writes,
            service_id=wish.service_id,
            basis=wish.basis,
            source_id=wish.source_id,
            from_on=wish.from_on or at.date(),
            until_on=wish.until_on,
            granted_by=by,
            ended_at=None,
        )
        self._ties.append(row)
        return row


def _end(rows: list[Row], at: datetime) -> None:
    """End those that have not been ended."""
    for row in rows:
        row["ended_at"] = row["ended_at"] or at
