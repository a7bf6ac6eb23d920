"""The facts of a version of a plan, as the document writer takes them: ready Norwegian texts."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

from exports.fhir import Agreement, CarePlan
from exports.model import (
    Access,
    Approval,
    Change,
    ChangeKind,
    Contact,
    Cooperation,
    Decision,
    Goal,
    Measure,
    Participant,
    PlanDocument,
    Signature,
    Subgoal,
    Whose,
)
from stafett.access.policy import Purpose
from stafett.access.work import Work
from stafett.children import queries as children
from stafett.children.queries import ChildSummary
from stafett.children.rules import heard, hides_places, speaks
from stafett.consents import queries as consents
from stafett.consents.queries import ConsentView
from stafett.consents.rules import CHILD, PURPOSES, ConsentState
from stafett.dates import clock, full_day, iso, oslo_date
from stafett.people.queries import Reached
from stafett.plan import differences, measures, people_named, queries, rules
from stafett.plan.differences import Chapter
from stafett.plan.measures import EvaluationRow, MeasureNow
from stafett.plan.queries import VersionRow
from stafett.plan.rules import RUNS, WORDS, Content, PlanKind, VersionState, words_of
from stafett.stafettlogg.document import MARKING
from stafett.stafettlogg.queries import LogSummary
from stafett.team import queries as team
from stafett.team.queries import AppointmentRow

ANSWERS = {True: "Godkjent", False: "Ikke godkjent"}
METHODS = {"digital": "Digitalt", "signed": "Underskrevet på papir"}


def facts(
    work: Work,
    log: LogSummary,
    version: VersionRow,
    contents: Mapping[UUID, Content],
    history: Sequence[VersionRow],
    before: VersionRow | None,
    agreed: Iterable[ConsentView] | None,
    printed_by: str,
) -> PlanDocument:
    """Return what one version says to somebody, with what changed since an older one.

    `contents` is what he sees of the version and of the one `before` it that he compares it with,
    `history` the plan's versions for him, newest first, `agreed` the consents, None if he does not
    read them.
    Services are left out when the child's address is protected. No identity number is ever part.
    """
    session, child = work.session, log.child
    content, earlier = contents[version.id], contents[before.id] if before else None
    names, reached = people_named.names_and_reached(session, log, version, contents.values())
    newest = measures.newest_evaluations(session, child.id, version, history)
    coordinator = team.coordinator(session, child.id, work.today)
    contacts = []
    revise_on = queries.revise_on(version, content)
    if coordinator is not None:
        title = coordinator.kind.capitalize()
        contacts.append(Contact(title, coordinator.name, *_reached(coordinator)))
    if log.holder_name:
        holds = () if log.needs_holder else _reached(log.reached)
        contacts.append(Contact("Stafettholder", log.holder_name, *holds))
    waits = version.state is VersionState.FOR_APPROVAL
    settled = version.settled_at and _day(oslo_date(version.settled_at).isoformat())
    given = queries.answers(session, child.id).get(version.id, [])
    in_force = version.state is VersionState.IN_FORCE
    standing = measures.standing(session, child.id, work.today) if in_force else {}
    steps = rules.steps([content, *([earlier] if earlier else [])])
    return PlanDocument(
        home=children.with_family(work, child),
        kommune=work.profile.kommune,
        marking=MARKING,
        marking_basis=work.profile.marking_basis,
        kind=WORDS["kind"][version.kind],
        child=child.name,
        born=f"Født {child.birth_year}" if child.birth_year else "Ikke født ennå",
        version=version.number,
        dated=full_day(oslo_date(version.dated_at)),
        state=f"Gjelder fra {settled}"
        if in_force
        else f"{WORDS['state'][version.state]} {settled if version.withdrawn else ''}".rstrip(),
        in_force=in_force,
        period=_period(content),
        next_revision=full_day(revise_on) if revise_on else _day(content["next_revision_on"]),
        next_meeting=_day(content.get("next_meeting_on")),
        contacts=tuple(contacts),
        about_me=_section(content, "about_me"),
        background=_section(content, "background"),
        resources=_section(content, "resources"),
        needs=_section(content, "needs"),
        participants=tuple(
            Participant(
                one["name"],
                one["role"] or "",
                names.get(one["service_id"] or "", ""),
                one["contribution"] or "",
                *_reached(reached.get(one["username"] or "", Reached())),
            )
            for one in content["participants"]
        ),
        goals=_goals(work, child, content, names, newest, standing),
        cooperation=tuple(
            Cooperation(one["agency"], one["purpose"] or "", WORDS["status"][one["status"]])
            for one in content["cooperation"]
        ),
        no_cooperation=word(
            work, child, "no_cooperation", content.get("no_cooperation") or "", names
        ),
        decisions=tuple(_decisions(content, names)),
        meetings_and_transitions=_section(content, "meetings_and_transitions"),
        access=None if agreed is None else tuple(_access(agreed)),
        summary=version.summary,
        previous=None
        if before is None
        else f"{before.number}, fra {full_day(oslo_date(before.dated_at))}",
        changes=()
        if earlier is None
        else _changes(
            differences.chapters(earlier, content),
            _places(content),
            lambda field, value: word(work, child, field, value, names | steps),
        ),
        approvals=tuple(
            Approval(
                one.who,
                ANSWERS[one.approves],
                _day(one.given_on.isoformat()),
                METHODS[one.method] + (", bekreftet" if one.confirmed_at else ""),
                one.answered_name if one.method == "signed" else "",
            )
            for one in given
        )
        if version.kind is PlanKind.INDIVIDUELL_PLAN
        else None,
        signatures=_signatures(work, log, coordinator) if waits else (),
        printed_at=f"{_day(work.today.isoformat())} kl. {clock(work.now)}",
        printed_by=printed_by,
        language=child.language,
        speaks=speaks(child.language, interpreter=child.interpreter),
        since=before.number if before and before != queries.predecessor(history, version) else None,
    )


def care_plan(
    work: Work,
    log: LogSummary,
    version: VersionRow,
    content: Content,
    before: VersionRow | None,
    agreed: Iterable[ConsentView],
) -> CarePlan:
    """Return what one version says to somebody, as the writer of FHIR takes it.

    `before`: the version that it came after, `agreed`: the consents, both as he reads them. No
    identity number, address or school is ever part; services, and how one reaches who
    coordinates, are left out when the child's address is protected.
    """
    child = log.child
    coordinator = team.coordinator(work.session, child.id, work.today)
    places = not hides_places(child.address_protection)
    return CarePlan(
        child=child.name,
        birth_date=child.birth_date.isoformat() if child.birth_date else None,
        version_id=version.id,
        number=version.number,
        kind=WORDS["kind"][version.kind],
        state=version.state,
        created=iso(version.created_at),
        author=version.created_name,
        coordinator=coordinator and coordinator.username,
        content={**rules.EMPTY, **content},
        names=people_named.names(work.session, [content])
        | ({coordinator.username: coordinator.name} if coordinator else {}),
        applied_for={
            one["key"]: (": ".join(said), one["application_on"])
            for _, one in rules.measures(content)
            if any(said := applied_for(one))
        },
        replaces=before and before.number,
        agreements=tuple(
            Agreement(
                one.id,
                one.state == ConsentState.ACTIVE,
                one.given_on.isoformat(),
                one.expires_on.isoformat(),
                tuple(it.name for it in one.services if it.ended_at is None) if places else (),
            )
            for one in agreed
            if one.purpose == Purpose.PLAN
        ),
        reached=(coordinator.phone, coordinator.email) if coordinator else (None, None),
    )


def word(work: Work, child: ChildSummary, field: str, value: str, names: Mapping[str, str]) -> str:
    """Return a field's value as people read it: names, dates and words instead of codes."""
    if not value:
        return ""
    if field.endswith(("_on", "_from", "_until")):
        return _day(value)
    if field == "area":
        return {area.code: area.label for area in work.profile.development_areas}.get(value, value)
    if field == "service_id":
        return names.get(value, "")
    if field in {"responsible", "username", "goal_keys"}:
        return ", ".join(names.get(one, one) for one in value.split(", "))
    return words_of(children.word_for(work, child)).get(field, {}).get(value, value)


def applied_for(measure: Content) -> tuple[str, str]:
    """Return what a measure needs from others as a name and a text; both empty: nothing is said.

    A version from before this was asked for says nothing of it.
    """
    day = _day(measure.get("application_on"))
    match measure.get("application"):
        case "sent":
            return "Søknad", f"{measure['application_to']}, {day}"
        case "decided":
            return "Vedtak", f"{measure['application_ref']}, {day}"
        case "refused":
            return "Avslag", f"{measure['application_ref']}, {day}"
    return "", ""


def _decisions(content: Content, names: Mapping[str, str]) -> Iterator[Decision]:
    """Return what has been applied for and decided on for the measures that are under way."""
    for _, one in rules.measures(content):
        if (kind := one.get("application")) and one["status"] in RUNS:
            service = names.get(one["service_id"] or "", "")
            day = _day(one["application_on"])
            yield Decision(
                service=one["application_to"] if kind == "sent" else service,
                what=one["what"],
                scope=one["scope"] or "",
                reference="" if kind == "sent" else one["application_ref"],
                state=f"{WORDS['application'][kind]} {day}",
                evaluate=_short(one["evaluate_on"]),
            )


def _reached(one: Reached | AppointmentRow) -> tuple[str, str]:
    """Return what one calls and where one writes; empty where it is not said."""
    return one.phone or "", one.email or ""


def _section(content: Content, name: str) -> str:
    """Return what stands in a section, with the texts that were added to it."""
    added = [one["text"] for one in content["texts"] if one["section"] == name]
    return "\n\n".join(text for text in (content[name], *added) if text)


def _goals(
    work: Work,
    child: ChildSummary,
    content: Content,
    names: Mapping[str, str],
    newest: Mapping[str, EvaluationRow],
    standing: Mapping[str, MeasureNow],
) -> tuple[Goal, ...]:
    count, found, who = 0, [], children.word_for(work, child)
    for number, goal in enumerate(content["goals"], 1):
        labels = {one["key"]: f"{number}.{index}" for index, one in enumerate(goal["subgoals"], 1)}
        measures = []
        serving = defaultdict[str, list[int]](list)
        for one in goal["measures"]:
            count += 1
            for key in one["goal_keys"]:
                serving[key].append(count)
            evaluation = newest.get(one["key"])
            measures.append(
                Measure(
                    number=count,
                    what=one["what"],
                    how=one["how"] or "",
                    where=word(work, child, "where", one["where"] or "", names),
                    scope=one["scope"] or "",
                    responsible=whose(
                        names.get(one["responsible"], one["responsible"]), standing.get(one["key"])
                    ),
                    service=names.get(one["service_id"] or "", ""),
                    start=_short(one["starts_on"]),
                    evaluate=_short(one["evaluate_on"]),
                    status=WORDS["status"][one["status"]],
                    application=": ".join(filter(None, applied_for(one))),
                    evaluation=_evaluation(evaluation, who),
                    subgoals=tuple(labels[key] for key in one["goal_keys"] if key in labels),
                    open=one["status"] in RUNS,
                )
            )
        found.append(
            Goal(
                number=number,
                text=goal["text"],
                whose=Whose(goal["whose"]),
                area=word(work, child, "area", goal["area"] or "", names),
                success=goal["success"] or "",
                target=_day(goal["target_on"]),
                status=WORDS["status"][goal["status"]],
                subgoals=tuple(
                    Subgoal(labels[one["key"]], one["text"], tuple(serving[one["key"]]))
                    for one in goal["subgoals"]
                ),
                measures=tuple(measures),
                open=goal["status"] in RUNS,
                reached=goal["status"] == "reached",
                who=who,
            )
        )
    return tuple(found)


def whose(name: str, now: MeasureNow | None) -> str:
    """Return who is responsible for a measure, as long as it stands, or that nobody is yet."""
    if now is None or now.status not in RUNS or not now.nobodys:
        return name
    if now.accepted is None:
        return f"{name} (er spurt)"
    return "Ingen nå" if now.accepted else "Ingen ennå"


def _access(agreed: Iterable[ConsentView]) -> Iterator[Access]:
    """Return the consents that hold now and name a service, the newest first."""
    for consent in agreed:
        if consent.state is ConsentState.ACTIVE:
            named = ", ".join(one.name for one in consent.services if one.ended_at is None)
            if named:
                until = _day(consent.expires_on.isoformat())
                yield Access(PURPOSES[Purpose(consent.purpose)], named, until)


def _places(content: Content) -> dict[str, str]:
    """Return what the document calls each goal and measure, by its path: «Tiltak 4»."""
    found = {f"goals/{goal['key']}": f"Mål {n}" for n, goal in enumerate(content["goals"], 1)}
    for number, (goal, one) in enumerate(rules.measures(content), 1):
        found[f"goals/{goal['key']}/measures/{one['key']}"] = f"Tiltak {number}"
    return found


def _place(one: differences.Change, places: Mapping[str, str]) -> str:
    """Return where in the plan a change stands: «Tiltak 4, omfang», «Bakgrunn»."""
    place = places.get(one.path.rpartition("/")[0], "")
    if not place and one.path.startswith(("participants/", "cooperation/")):
        place = one.path.split("/")[1]
    if not place or place.startswith(one.label):
        return place or one.label
    return f"{place}, {one.label.lower()}"


def _changes(
    chapters: Iterable[Chapter], places: Mapping[str, str], told: Callable[[str, str], str]
) -> tuple[Change, ...]:
    """Return what differs, goal by goal, as the page that compares two versions tells it."""
    found = []
    for one in (one for chapter in chapters for one in chapter.differences):
        label, changes = places.get(one.path, one.label), list(one.changes)
        match one.kind:
            case "added":
                facts = [
                    f"{fact.label}: {told(differences.name_of(fact), fact.new)}" for fact in changes
                ]
                found.append(Change(ChangeKind.ADDED, label, "", "\n".join([one.text, *facts])))
                continue
            case "removed":
                found.append(Change(ChangeKind.ENDED, label, one.text, ""))
            case "moved":
                said = one.text if one.text.endswith((".", "!", "?")) else f"{one.text}."
                found.append(Change(ChangeKind.MOVED, label, "", f"{said} {one.place}."))
            case "ended":
                over = next(change for change in changes if change.path.endswith("/status"))
                changes.remove(over)
                said = f"{one.text}: {told('status', over.new)}"
                found.append(Change(ChangeKind.ENDED, label, said.removeprefix(": "), ""))
        for change in changes:
            field = differences.name_of(change)
            old, new = told(field, change.old), told(field, change.new)
            if field not in {"goal_keys", "service_id"} or old != new:
                found.append(Change(ChangeKind.CHANGED, _place(change, places), old, new))
    return tuple(found)


def _signatures(
    work: Work, log: LogSummary, coordinator: AppointmentRow | None
) -> tuple[Signature, ...]:
    needed = consents.family_of(work, log.child_id).needed(Purpose.PLAN)
    if CHILD in needed:
        lines = [Signature(children.word_for(work, log.child), log.child.name)]
    else:
        lines = [
            Signature("Foresatt", one.name)
            for one in children.deciding_now(work.session, log.child_id, work.today)
            if one.id in needed
        ]
    if coordinator is None:
        return (*lines, Signature("Koordinator", ""))
    return (*lines, Signature(coordinator.kind.capitalize(), coordinator.name))


def _evaluation(row: EvaluationRow | None, who: str) -> str:
    if row is None:
        return ""
    said = f"{_short(row.evaluated_on.isoformat())}: {WORDS['done'][row.done].lower()}. {row.text}"
    if not row.voice_text:
        return said
    return f"{said} {who}: {heard(row.voice_how, row.voice_text, who)}"


def _period(content: Content) -> str:
    start, end = _day(content["period_from"]), _day(content["period_until"])
    return f"{start} til {end}" if start and end else start or end


def _day(value: str | None) -> str:
    return full_day(date.fromisoformat(value)) if value else ""


def _short(value: str | None) -> str:
    return date.fromisoformat(value).strftime("%d.%m.%Y") if value else ""
