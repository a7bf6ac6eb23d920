"""The full edition of a child's plan (tiltaksplan or individuell plan)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from exports import house
from exports.house import (
    CELL,
    CELL_NUMBER,
    CELL_SMALL,
    CELL_STRONG,
    KEPT,
    META,
    MUTED_RUN,
    NEW_RUN,
    NORMAL,
    OLD_RUN,
    STRONG_RUN,
    UPRIGHT,
    VOICE_RUN,
    Block,
    Cell,
    Document,
    Filled,
    Look,
    Paragraph,
    Row,
    Run,
    Style,
    Table,
    under,
)
from exports.model import (
    Approval,
    Change,
    ChangeKind,
    Contact,
    Decision,
    Goal,
    Measure,
    Participant,
    PlanDocument,
    Whose,
)
from exports.text import Pieces, paragraphs, word_diff

NOT_FILLED_IN = "Ikke fylt ut ennå."
_WHOSE = {
    Whose.CHILD: "{who} selv",
    Whose.PARENTS: "Foreldrene",
    Whose.SERVICES: "Tjenestene",
}
_KEPT_SUBGOALS = (
    3  # on the page of their measures; more would leave too much white at a page's foot
)
_KEPT_ROWS = 5  # a table this small stays on one page

_EVALUATED = CELL_SMALL("Vurderes")

_FACTS = Table((44, 122))
_OVERVIEW = Table(
    (12, 80, 24, 30, 20), ("Mål", "Det vi vil oppnå", "Hvem sier det", "Frist", "Status")
)
_WHO = Table((40, 48, 78), ("Navn", "Rolle", "Bidrar med"))
_WHO_AND_REACHED = Table((30, 33, 46, 57), ("Navn", "Rolle", "Bidrar med", "Kontakt"))
_MEASURES = Table(
    (10, 52, 32, 23, 49), ("Nr", "Tiltak, og hvordan vi gjør det", "Ansvarlig", "Tid", "Status")
)
_COOPERATION = Table((52, 82, 32), ("Hvem", "Hva det gjelder", "Status"))
_DECISIONS = Table(
    (36, 58, 24, 27, 21), ("Tjeneste", "Hva og omfang", "Vedtak nr.", "Slik står det", "Vurderes")
)
_ADDED = Table((40, 126), ("Sted i planen", "Nytt"))
_ENDED = Table((40, 126), ("Sted i planen", "Avsluttet"))
_MOVED = Table((40, 126), ("Sted i planen", "Flyttet"))
_CHANGED = Table((36, 65, 65), ("Sted i planen", "Slik sto det før", "Slik står det nå"))
_ACCESS = Table((40, 90, 36), ("Samtykke til", "Tjenester", "Til og med"))
_APPROVALS = Table((58, 32, 36, 40), ("Hvem", "Svar", "Når", "Hvordan"))
_SIGNATURES = Table((36, 44, 30, 56), ("Rolle", "Navn", "Dato", "Underskrift"), height=12)


def document(plan: PlanDocument) -> Document:
    """Return the full edition."""
    sections = [section.of(plan) for section in _SECTIONS if section.belongs(plan)]
    body = [*_front(plan), *_contents(plan, sections)]
    for number, section in enumerate(sections, 1):
        body.append(house.heading(number, section.title, new_page=section.new_page))
        body += section.write(plan)
    return house.printed(
        plan,
        UPRIGHT,
        body,
        title=f"{plan.kind}, {plan.child}, versjon {plan.version}",
        running=f"{plan.child} · {plan.kind}, versjon {plan.version}",
    )


# ---- the front and the contents --------------------------------------------------------------


def _front(plan: PlanDocument) -> Iterator[Block]:
    facts: list[tuple[str, Cell]] = [
        ("Planperiode", _cell(plan.period)),
        ("Versjon", _cell(f"{plan.version}, {plan.dated}")),
        ("Status", _cell(plan.state)),
        *((it.title, [CELL(it.name), *reached(it)]) for it in plan.contacts),
        *([("Neste møte", _cell(plan.next_meeting))] if plan.next_meeting else []),
        ("Neste revisjon", _cell(plan.next_revision)),
        *([("Språk", _cell(plan.speaks))] if plan.speaks else []),
    ]
    rows = [(CELL_SMALL(name), fact) for name, fact in facts]
    table = _FACTS("Om planen", "Planperiode, versjon, status og ansvarlige", rows)
    return house.front(plan, plan.kind, table)


def _contents(plan: PlanDocument, sections: "list[_Section]") -> Iterator[Block]:
    yield house.UNNUMBERED.of(Run("Innhold"), new_page=True)
    yield house.Contents([(section.title, section.about) for section in sections])
    if plan.goals:
        yield house.UNNUMBERED("Målene på ett blikk")
        rows = [
            (
                CELL_NUMBER(str(goal.number)),
                CELL(goal.text),
                CELL(_whose(goal)),
                CELL(goal.target),
                CELL(goal.status),
            )
            for goal in plan.goals
        ]
        yield _OVERVIEW("Målene på ett blikk", "Mål, hvem som sier det, frist og status", rows)
    ask = f" Spør gjerne {plan.contacts[0].name} om ord du ikke forstår." if plan.contacts else ""
    yield house.NOTE(f"Planen er til for {plan.home}. Be om endringer når som helst.{ask}")


# ---- the sections ----------------------------------------------------------------------------


def _about_me(plan: PlanDocument) -> Iterator[Block]:
    yield from _texts(plan.about_me, house.OWN_WORDS)


def _background(plan: PlanDocument) -> Iterator[Block]:
    yield from _texts(plan.background)


def _resources(plan: PlanDocument) -> Iterator[Block]:
    yield from _texts(plan.resources)


def _needs(plan: PlanDocument) -> Iterator[Block]:
    yield from _texts(plan.needs)


def _participants(plan: PlanDocument) -> Iterator[Block]:
    if plan.contacts:
        first = plan.contacts[0]
        yield house.LEAD(
            f"{first.title} {first.name} har ansvaret for samordningen og framdriften i planen."
        )
    if plan.participants:
        together = len(plan.participants) <= _KEPT_ROWS
        yield who_does_what(plan.participants, _WHO, _WHO_AND_REACHED, together=together)
    else:
        yield _not_filled_in()


def who_does_what(
    those: Sequence[Participant], plain: Table, longer: Table, *, together: bool = False
) -> Filled:
    """Write who takes part, as what, and with what.

    And how one reaches each of them in a column more, if that is said of anybody.
    """
    told = any(one.call or one.write for one in those)
    rows = [
        (
            CELL_STRONG(one.name),
            under(CELL(one.role), one.service),
            CELL(one.contribution),
            *([reached(one) or CELL("")] if told else []),
        )
        for one in those
    ]
    more = ", bidrag og kontakt" if told else " og bidrag"
    about = f"Navn, rolle, tjeneste{more} for alle som er med"
    return (longer if told else plain)("Hvem gjør hva", about, rows, together=together)


def reached(one: Contact | Participant) -> list[Paragraph]:
    """Write how one reaches somebody, the number first."""
    return [CELL(text) for text in (one.call, one.write) if text]


def _goals(plan: PlanDocument) -> Iterator[Block]:
    if not plan.goals:
        yield _not_filled_in()
        return
    if any(goal.subgoals and goal.measures for goal in plan.goals):
        yield house.LEAD(
            "Under nummeret på et tiltak står delmålet det hører til. "
            "Står det ikke noe der, gjelder tiltaket hele målet."
        )
    for goal in plan.goals:
        yield from _goal(goal)


def days_ahead(plan: PlanDocument) -> Iterator[Block]:
    """Give the days on which one meets and goes through the plan, those that are agreed on."""
    if plan.next_meeting:
        yield KEPT.of(Run("Neste møte i ansvarsgruppa: ", MUTED_RUN), Run(plan.next_meeting))
    if plan.next_revision:
        yield KEPT.of(Run("Neste revisjon: ", MUTED_RUN), Run(plan.next_revision))


def _whose(goal: Goal) -> str:
    return _WHOSE[goal.whose].format(who=goal.who)


def goal_heading(goal: Goal) -> Iterator[Block]:
    """Write a goal, whose it is, how it stands and until when."""
    number = Run(f"Mål {goal.number}  ", MUTED_RUN, light=True)
    yield house.HEADING_2.of(number, Run(goal.text))
    whose = Run(
        _whose(goal),
        VOICE_RUN if goal.whose is Whose.CHILD else STRONG_RUN,
    )
    target = f"Frist {goal.target}" if goal.target else ""
    rest = "".join(house.BETWEEN + part for part in (goal.area, goal.status, target) if part)
    yield META.of(whose, Run(rest))


def _goal(goal: Goal) -> Iterator[Block]:
    yield from goal_heading(goal)
    if goal.success:
        yield from house.labelled(KEPT, "Slik ser vi at det er nådd:", goal.success)
    for subgoal in goal.subgoals:
        numbers = ", ".join(map(str, subgoal.measures))
        served = [Run(f"  (tiltak {numbers})", MUTED_RUN)] if numbers else []
        keep = subgoal in goal.subgoals[-_KEPT_SUBGOALS:]
        label = f"Delmål {subgoal.label}"
        yield house.SUBGOAL.of(Run(subgoal.text), *served, label=label, keep=keep)
    if goal.measures:
        yield _MEASURES(
            f"Tiltak til mål {goal.number}",
            "Hva som gjøres, av hvem, når, og hvordan det går",
            [_measure_cells(measure) for measure in goal.measures],
        )
    else:
        yield NORMAL.of(Run("Ingen tiltak ennå.", MUTED_RUN))


def stands(measure: Measure) -> Cell:
    """Write how a measure stands: its status, what is applied for or decided, what came of it."""
    texts = [text for text in (measure.application, measure.evaluation) if text]
    return [CELL_STRONG(measure.status), *map(CELL, texts)]


def _measure_cells(measure: Measure) -> Row:
    what = [CELL_STRONG(measure.what)]
    if measure.how:
        what.append(CELL(measure.how))
    if measure.where:
        what += house.labelled(CELL, "Hvor:", measure.where)
    if measure.scope:
        what += house.labelled(CELL, "Omfang:", measure.scope)
    time = [CELL(measure.start)] if measure.start or not measure.evaluate else []
    if measure.evaluate:
        time += (_EVALUATED, CELL(measure.evaluate))
    return (
        under(CELL_NUMBER(str(measure.number)), ", ".join(measure.subgoals)),
        what,
        under(CELL(measure.responsible), measure.service),
        time,
        stands(measure),
    )


def _cooperation(plan: PlanDocument) -> Iterator[Block]:
    if plan.no_cooperation:
        yield NORMAL(plan.no_cooperation)
        return
    yield _table(
        _COOPERATION,
        "Samarbeid med andre",
        "Hvem, hva det gjelder og status",
        [(CELL_STRONG(it.agency), CELL(it.purpose), CELL(it.status)) for it in plan.cooperation],
    )


def _decisions(plan: PlanDocument) -> Iterator[Block]:
    if not plan.decisions:
        yield NORMAL("Ingen vedtak er knyttet til planen.")
        return
    yield _table(
        _DECISIONS,
        "Vedtak og tjenester i dag",
        "Tjeneste, hva det gjelder, vedtakets nummer, hvordan det står, og når det vurderes",
        [_decision_cells(decision) for decision in plan.decisions],
    )


def _decision_cells(decision: Decision) -> Row:
    return (
        CELL_STRONG(decision.service),
        under(CELL(decision.what), decision.scope),
        CELL(decision.reference),
        CELL(decision.state),
        CELL(decision.evaluate),
    )


def _meetings(plan: PlanDocument) -> Iterator[Block]:
    yield from days_ahead(plan)
    yield from _texts(plan.meetings_and_transitions)


def _access(plan: PlanDocument) -> Iterator[Block]:
    if plan.access is None:
        yield NORMAL("Samtykkene står i Stafett, for dem det gjelder og dem som samordner hjelpen.")
        return
    yield house.LEAD(
        "Et samtykke kan trekkes tilbake når som helst, helt eller for én tjeneste. "
        f"Slik står samtykkene {plan.printed_at}."
    )
    if not plan.access:
        yield NORMAL("Ingen samtykker gjelder nå.")
        return
    yield _table(
        _ACCESS,
        "Samtykke",
        "Hva det er sagt ja til, for hvilke tjenester og hvor lenge",
        [(CELL_STRONG(it.purpose), CELL(it.services), CELL(it.until)) for it in plan.access],
    )


def _changes(plan: PlanDocument) -> Iterator[Block]:
    if plan.previous is None:
        yield NORMAL("Dette er den første versjonen.")
    else:
        called = "Forrige versjon er" if plan.since is None else "Sammenlignet med versjon"
        yield house.LEAD(f"{called} {plan.previous}.")
    yield from map(NORMAL, paragraphs(plan.summary))
    if plan.previous is not None and not plan.changes:
        yield NORMAL("Ingen mål, tiltak eller tekster er endret.")
    for kind, title, table in (
        (ChangeKind.ADDED, "Nytt", _ADDED),
        (ChangeKind.ENDED, "Avsluttet", _ENDED),
        (ChangeKind.CHANGED, "Endret", _CHANGED),
        (ChangeKind.MOVED, "Flyttet", _MOVED),
    ):
        found = [change for change in plan.changes if change.kind is kind]
        if found:
            yield house.HEADING_2(title)
            if kind is ChangeKind.CHANGED:
                yield META("Ord som er tatt ut, er strøket over. Nye ord er streket under.")
            about = "Sted i planen, og teksten før og nå"
            rows = [(CELL_STRONG(change.label), *_change_cells(change)) for change in found]
            few = len(rows) <= _KEPT_ROWS
            yield table(f"{title} siden {_since(plan)}", about, rows, together=few)


def _since(plan: PlanDocument) -> str:
    return "forrige versjon" if plan.since is None else f"versjon {plan.since}"


def _change_cells(change: Change) -> Row:
    match change.kind:
        case ChangeKind.ADDED:
            return (_marked([(change.new, True)], NEW_RUN),)
        case ChangeKind.ENDED:
            return (_marked([(change.old, True)], OLD_RUN),)
        case ChangeKind.MOVED:
            return (CELL(change.new),)
        case ChangeKind.CHANGED:
            old, new = word_diff(change.old, change.new)
            return _marked(old, OLD_RUN), _marked(new, NEW_RUN)


def _marked(pieces: Pieces, look: Look) -> Cell:
    """Return a cell with the differing pieces marked, but not the spaces around them."""
    runs = []
    for piece, differs in pieces:
        core = piece.strip() if differs else ""
        before, _, after = piece.partition(core) if core else (piece, "", "")
        runs += [Run(*one) for one in ((before,), (core, look), (after,)) if one[0]]
    return CELL.of(*runs) if runs else CELL.of(Run("Ikke fylt ut.", MUTED_RUN))


def _approvals(plan: PlanDocument) -> Iterator[Block]:
    if plan.approvals:
        yield _APPROVALS(
            "Svar",
            "Hvem som har svart, hva, når og hvordan",
            [_approval_cells(approval) for approval in plan.approvals],
            together=len(plan.approvals) <= _KEPT_ROWS,
        )
    elif plan.approvals is not None:
        yield NORMAL("Ingen har svart ennå.")
    if plan.signatures:
        yield from _signatures(plan)


def _approval_cells(approval: Approval) -> Row:
    by = f"Skrevet inn av {approval.registered_by}" if approval.registered_by else ""
    who = under(CELL_STRONG(approval.who), by)
    return who, CELL(approval.answer), CELL(approval.when), CELL(approval.how)


def _signatures(plan: PlanDocument) -> Iterator[Block]:
    yield KEPT("Vi har lest planen og godkjenner den slik den står her.")
    rows = [
        (CELL(line.role), CELL_STRONG(line.name), CELL(""), CELL("")) for line in plan.signatures
    ]
    about = "Rolle, navn, og plass til dato og underskrift"
    yield _SIGNATURES("Underskrifter", about, rows, together=True)


# ---- what the sections share -----------------------------------------------------------------


def _not_filled_in() -> Paragraph:
    return NORMAL.of(Run(NOT_FILLED_IN, MUTED_RUN))


def _texts(text: str, style: Style = NORMAL) -> Iterable[Block]:
    """Write each paragraph of a text, or that there is none."""
    return map(style, paragraphs(text)) if text.strip() else (_not_filled_in(),)


def _table(table: Table, caption: str, about: str, rows: list[Row]) -> Block:
    """Write a table, or that it is empty."""
    if not rows:
        return _not_filled_in()
    return table(caption, about, rows, together=len(rows) <= _KEPT_ROWS)


def _cell(text: str) -> Paragraph:
    return CELL(text) if text else CELL.of(Run(NOT_FILLED_IN, MUTED_RUN))


def _always(_plan: PlanDocument) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class _Section:
    """A numbered section: its heading, a few words in the contents, and who writes it."""

    title: str
    about: str
    write: Callable[[PlanDocument], Iterator[Block]]
    belongs: Callable[[PlanDocument], bool] = _always
    new_page: bool = False

    def of(self, plan: PlanDocument) -> "_Section":
        """Return it with the heading that it has in a plan: the changes say since when."""
        changes = self.write is _changes
        return replace(self, title=f"{self.title} {_since(plan)}") if changes else self


_SECTIONS = (
    _Section("Om meg", "Med egne ord", _about_me, new_page=True),
    _Section("Bakgrunn og situasjonen i dag", "Kort om hverdagen nå", _background),
    _Section("Ressurser", "Det som går bra, og det vi har", _resources),
    _Section("Behov nå og framover", "Det som trengs av hjelp og støtte", _needs),
    _Section("Hvem gjør hva", "Alle som er med, og hva de bidrar med", _participants),
    _Section("Mål og tiltak", "Det vi vil oppnå, og hvordan", _goals),
    _Section("Samarbeid med andre", "Andre vi ønsker eller trenger hjelp fra", _cooperation),
    _Section("Vedtak og tjenester i dag", "Det som er søkt om eller bestemt", _decisions),
    _Section("Møter, revisjon og overganger", "Når vi møtes, og når planen endres", _meetings),
    _Section("Samtykke", "Hvem det er sagt ja til, og hvor lenge", _access),
    _Section("Endringer siden", "Nytt, avsluttet og endret", _changes),
    _Section(
        "Svar og underskrifter",
        "Hvem som har svart, og når",
        _approvals,
        lambda plan: plan.approvals is not None or bool(plan.signatures),
    ),
)
