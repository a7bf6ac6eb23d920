"""Plans to render: one with everything in it, one with nothing."""

from dataclasses import replace

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


def measure(number, **given):
    usual = Measure(
        number=number,
        what="Lese sammen",
        how="Kari leser først, så Nora.",
        where="skolen",
        scope="15 minutter, 3 ganger i uka",
        responsible="Kari Demo",
        service="Demo skole",
        start="01.09.2026",
        evaluate="20.01.2027",
        status="Pågår",
        evaluation="Tar lengre avsnitt.",
        subgoals=("1.1",),
        open=True,
    )
    return replace(usual, **given)


def goal(number, **given):
    usual = Goal(
        number=number,
        text="Jeg vil lese selv.",
        whose=Whose.CHILD,
        area="Læring",
        success="Leser en side høyt når hun selv vil.",
        target="21. mars 2027",
        status="Aktivt",
        subgoals=(Subgoal(f"{number}.1", "Jeg får høre teksten først"),),
        measures=(measure(number),),
        open=True,
        reached=False,
    )
    return replace(usual, **given)


FULL = PlanDocument(
    kommune="Demo kommune",
    marking="Unntatt offentlighet",
    marking_basis="etter en paragraf",
    kind="Individuell plan",
    child="Nora Demo",
    born="Født 2017",
    version=6,
    dated="28. oktober 2026",
    state="Til godkjenning",
    in_force=False,
    period="19. juni 2026 til 19. juni 2027",
    next_revision="20. januar 2027",
    next_meeting="13. januar 2027",
    contacts=(Contact("Barnekoordinator", "Berit Demo-Sund"),),
    about_me="Jeg heter Nora.\nJeg klatrer.\n\nJeg bruker det blå kortet selv.",
    background="Nora bor annenhver uke hos Mari og Thomas.",
    resources="Klassen er raus.",
    needs="Voksne som kan det samme alle steder.",
    participants=(
        Participant("Nora Demo", "Planens eier", "", "Sier fra med kortet."),
        Participant("Kari Demo", "Kontaktlærer", "Demo skole", "Dagsplan og pauser."),
    ),
    goals=(
        goal(1, measures=(measure(1), measure(2, subgoals=()), measure(3, evaluation=""))),
        goal(2, whose=Whose.PARENTS, subgoals=(), measures=()),
        goal(3, whose=Whose.SERVICES),
    ),
    cooperation=(Cooperation("Demo sykehus", "Råd om medisin", "Avtalt"),),
    no_cooperation="",
    decisions=(
        Decision("Demo skole", "Hjelper", "10 timer", "2026/418", "Vedtak 3. mai", "20.01.2027"),
        Decision("NAV", "Tilpasset sykkel", "", "", "Søkt 4. september 2026", "01.12.2026"),
    ),
    meetings_and_transitions="Ansvarsgruppe fire ganger i året.",
    access=(Access("Individuell plan", "Demo skole, PPT", "19. juni 2027"),),
    summary="Nora styrer pausene selv.",
    previous="5, som gjaldt fra 28. august 2026",
    changes=(
        Change(ChangeKind.ADDED, "Mål 2", "", "Jeg vil lese selv."),
        Change(ChangeKind.ENDED, "Tiltak 9", "Kortere dag", ""),
        Change(ChangeKind.CHANGED, "Tiltak 1, omfang", "4 ganger i uka", "3 ganger i uka"),
    ),
    approvals=(
        Approval("Mari Demo", "Godkjent", "26. oktober 2026", "I Stafett", ""),
        Approval("Berit Demo-Sund", "Godkjent", "27. oktober 2026", "På papir", "Thomas Demo"),
    ),
    signatures=(Signature("Foresatt", "Mari Demo"), Signature("Foresatt", "Thomas Demo")),
    printed_at="21. november 2026 kl. 14.05",
    printed_by="Berit Demo-Sund",
)

EMPTY = replace(
    FULL,
    kind="Tiltaksplan",
    marking_basis="",
    period="",
    next_revision="",
    next_meeting="",
    contacts=(),
    about_me="",
    background="",
    resources="",
    needs="",
    participants=(),
    goals=(),
    cooperation=(),
    decisions=(),
    meetings_and_transitions="",
    access=None,
    summary="",
    previous=None,
    changes=(),
    approvals=None,
    signatures=(),
)
