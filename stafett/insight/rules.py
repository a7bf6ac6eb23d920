"""What the rows of the two logs mean in plain words, and which of them a reader may see; pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from stafett.access.policy import FAMILY, Action, Relation
from stafett.dates import oslo_date

LOOKED = {
    Action.CHILD_READ_GRADED_ADDRESS: "så den beskyttede adressen",
    Action.CHILD_JOIN_TWIN: "så på to registreringer av barnet",
    Action.CHILD_READ_IDENTITY: "så barnets side",
    Action.CHILD_READ_PROTECTION: "så på adressebeskyttelsen",
    Action.CHILD_LIST_MINE: "så navnet i en liste",
    Action.CHILDNOTE_READ: "leste i rommet til barnet",
    Action.CONSENT_READ: "så samtykkene",
    Action.COORDINATOR_READ: "så hvem som er koordinator",
    Action.DISCLOSURE_READ: "så hva en forelder uten foreldreansvar har fått vite",
    Action.DSR_EXPORT: "lastet ned en kopi av det som er lagret",
    Action.ENTRY_HISTORY: "leste en oppføring i stafettloggen",
    Action.ENTRY_LIST: "leste stafettloggen",
    Action.GROUP_READ: "så ansvarsgruppa",
    Action.GUARDIAN_READ: "så hvem som er foresatte",
    Action.LOG_EXPORT_DOCX: "lastet ned stafettloggen",
    Action.LOG_READ: "så nivået i stafettloggen",
    Action.MEMBER_LIST: "så hvem som er med",
    Action.PLAN_READ: "leste planen",
    Action.PLAN_READ_VERSION: "leste en versjon av planen",
    Action.PLAN_EXPORT_DOCX: "lastet ned planen",
    Action.SEARCH_READ: "søkte i stafettloggen",
    Action.AUDIT_READ_CHILD: "så hvem som har sett og endret",
}
"""What a look is called; what stands here is all that the family is shown of the access log."""
EDITIONS = {
    "mote": "planen til et møte",
    "barn": "planen i barnets utgave",
    "pack": "papiret til neste møte",
    "ppt": "det som følger en henvisning til PPT",
}
"""What was downloaded, where it was another edition than the whole."""
CHANGED = {
    Action.BATON_ACCEPT: "tok over stafettpinnen",
    Action.BATON_CANCEL: "trakk tilbake spørsmålet om stafettpinnen",
    Action.BATON_FORCE: "flyttet stafettpinnen til en annen",
    Action.BATON_OFFER: "spurte noen om å ta over stafettpinnen",
    Action.BATON_REFUSE: "sa nei til stafettpinnen",
    Action.CHILD_ADD_PROTECTION: "gjorde adressebeskyttelsen strengere",
    Action.BG_INVOKE: "åpnet alt om barnet i en nødsituasjon",
    Action.BG_REVIEW: "så på om nødsituasjonen var en god nok grunn",
    Action.CHILD_CREATE: "registrerte barnet",
    Action.CHILD_EDIT_IDENTITY: "rettet opplysninger om barnet",
    Action.CHILD_END_UNBORN: "avsluttet uten fødsel",
    Action.CHILD_GIVE_ACCOUNT: "ga barnet egen innlogging",
    Action.CHILD_LET_FOLLOW: "endret hva som følger med fra før fødselen",
    Action.CHILD_NAME_READER: "lot noen se den beskyttede adressen",
    Action.CHILD_REGISTER_BIRTH: "registrerte at barnet er født",
    Action.CHILD_SET_GRADE_FLAG: "lettet adressebeskyttelsen",
    Action.CHILD_JOIN_TWIN: "slo sammen eller delte to registreringer av barnet",
    Action.CHILDNOTE_CREATE: "skrev i rommet til barnet",
    Action.CONSENT_GIVE: "svarte på et samtykke",
    Action.CONSENT_REGISTER_PAPER: "registrerte et samtykke",
    Action.CONSENT_WITHDRAW: "trakk tilbake et samtykke",
    Action.COORDINATOR_APPOINT: "oppnevnte en koordinator",
    Action.COORDINATOR_DELEGATE: "endret hvem som er stedfortreder",
    Action.COORDINATOR_END: "avsluttet en koordinator",
    Action.DISCLOSURE_DECIDE: "avgjorde om en forelder uten foreldreansvar får vite noe",
    Action.DISCLOSURE_REQUEST: "skrev inn at en forelder uten foreldreansvar vil vite noe",
    Action.DSR_RESTRICT: "stanset bruken av opplysningene",
    Action.ENTRY_CORRECT: "rettet en oppføring i stafettloggen",
    Action.ENTRY_CREATE: "skrev i stafettloggen",
    Action.ENTRY_HIDE_FROM_GUARDIAN: "endret hvem som ser en oppføring",
    Action.ENTRY_SET_VISIBILITY: "endret hvem som ser en oppføring",
    Action.GROUP_ADD_MEMBER: "tok noen med i ansvarsgruppa",
    Action.GROUP_REMOVE_MEMBER: "tok noen ut av ansvarsgruppa",
    Action.GUARDIAN_ADD: "la til en foresatt",
    Action.GUARDIAN_EDIT: "rettet opplysninger om en foresatt",
    Action.GUARDIAN_END: "avsluttet en foresatt",
    Action.GUARDIAN_OPEN_ACCESS: "åpnet tilgangen for en foresatt",
    Action.GUARDIAN_VERIFY: "kontrollerte en foresatt",
    Action.LOG_CLOSE: "avsluttet stafettloggen",
    Action.LOG_KEEP_ON_PAPER: "registrerte en dato i loggen på papir",
    Action.LOG_OPEN: "åpnet en stafettlogg",
    Action.LOG_REOPEN: "åpnet stafettloggen igjen",
    Action.LOG_SET_LEVEL: "endret nivået",
    Action.MEASURE_ACCEPT: "svarte på hvem som har ansvaret for et tiltak",
    Action.MEASURE_EVALUATE: "evaluerte et tiltak",
    Action.MEASURE_REPORT: "sa hvordan det går med et tiltak",
    Action.MEMBER_EXTEND: "endret hvor lenge noen er med i stafettloggen",
    Action.MEMBER_INVITE: "tok noen med i stafettloggen",
    Action.MEMBER_LEAVE: "gikk ut av stafettloggen",
    Action.MEMBER_REMOVE: "tok noen ut av stafettloggen",
    Action.MEMBER_SET_WRITE: "endret hva noen kan gjøre i stafettloggen",
    Action.PLAN_APPROVE: "svarte på planen",
    Action.PLAN_COMMENT: "sa noe om planen, eller svarte på det",
    Action.PLAN_CREATE: "begynte på en individuell plan",
    Action.PLAN_EDIT_IP: "skrev i utkastet til planen",
    Action.PLAN_EDIT_TILTAKSPLAN: "skrev i utkastet til planen",
    Action.PLAN_END: "avsluttet den individuelle planen",
    Action.PLAN_PUBLISH_TILTAKSPLAN: "laget en ny versjon av planen",
    Action.PLAN_REGISTER_ANSWER: "registrerte et svar på planen",
    Action.PLAN_SUBMIT_IP: "sendte planen til godkjenning",
    Action.UNIT_TRANSFER_CHILD: "flyttet oppfølgingen til en annen tjeneste",
}
"""What a change is called; the family is shown these, less entries that they may not read.

A block, a concern and a task are not shown to the family: the first protects, the others are
private until shared.
"""
_UNTOLD = {
    Action.ACCESS_REGISTER_READ: "så hvem som har tilgang til hvem",
    Action.AUDIT_ANOMALY_REVIEW: "så på om noen hadde lest med grunn",
    Action.AUDIT_READ_OWN: "så loggen over egne oppslag",
    Action.AUDIT_ASK_WHY: "spurte hvorfor noen hadde sett noe",
    Action.AUDIT_SEARCH_ALL: "søkte i loggen",
    Action.BATON_READ: "så et spørsmål om stafettpinnen",
    Action.CHILD_READ_CONTACT: "så hvor barnet bor",
    Action.CHILD_SEARCH_EXACT_FNR: "lette etter et barn med fødselsnummer",
    Action.BATON_DRAFT: "lagret et utkast",
    Action.CONCERN_CREATE: "skrev ned en bekymring",
    Action.CONCERN_DECIDE: "avgjorde en bekymring",
    Action.CONCERN_DRAFT: "lagret et utkast",
    Action.CONCERN_DRAFT_STEP: "lagret et utkast",
    Action.CONCERN_EDIT: "rettet en bekymring",
    Action.CONCERN_READ: "leste en bekymring",
    Action.CONCERN_SHARE: "delte en bekymring i stafettloggen",
    Action.CONCERN_TALK: "skrev om en samtale om bekymringen",
    Action.DISCLOSURE_ASK_OWN: "ba om å få vite hvordan det går",
    Action.DSR_REQUEST: "ba om å bruke en rettighet",
    Action.ENTRY_DRAFT: "lagret et utkast",
    Action.ENTRY_REQUEST_CORRECTION: "ba om at noe ble rettet",
    Action.GUARDIAN_BLOCK: "sperret en foresatt ute",
    Action.GUARDIAN_UNBLOCK: "opphevet sperringen av en foresatt",
    Action.OUTBOX_READ: "så på utboksen for e-post",
    Action.PEOPLE_FIND: "lette etter en ansatt",
    Action.PLAN_DRAFT: "lagret et utkast",
    Action.QUESTION_ANSWER: "svarte på et spørsmål uten navn",
    Action.QUESTION_ASK: "spurte en tjeneste uten å nevne noe barn",
    Action.QUESTION_READ: "leste et spørsmål uten navn",
    Action.REQUEST_DRAFT: "lagret et utkast",
    Action.REQUEST_MAKE: "ba noen om å gjøre noe",
    Action.ROLE_GRANT: "så på eller endret kontoer og roller",
    Action.SERVICE_EDIT: "endret en tjeneste",
    Action.SERVICE_LIST: "så på tjenestene",
    Action.SESSION_OWN: "brukte innloggingen eller innstillingene",
    Action.SESSION_REVOKE_USER: "logget ut noen overalt",
    Action.TASK_FINISH: "svarte på en oppgave",
    Action.TASK_READ: "så på en oppgave",
    Action.TOKEN_MANAGE_OWN: "laget eller avsluttet en nøkkel",
    Action.USER_CREATE_OR_DISABLE: "laget, endret eller stengte en konto",
    Action.WORKLIST_READ: "så arbeidslista",
}
"""What no family is told of as such: another guardian does not see that somebody asks."""
WHILE_TYPING = frozenset(
    {
        Action.BATON_DRAFT,
        Action.CONCERN_DRAFT,
        Action.CONCERN_DRAFT_STEP,
        Action.ENTRY_DRAFT,
        Action.PLAN_DRAFT,
        Action.REQUEST_DRAFT,
    }
)
"""What a page does by itself, many times, while somebody writes."""
_OWN: Mapping[str, str] = {
    action.value: words for action, words in {**CHANGED, **LOOKED, **_UNTOLD}.items()
} | {Action.PLAN_SUBMIT_IP.value: "sendte planen til godkjenning, eller trakk den tilbake"}
OTHERWISE = {
    "form": "åpnet bare siden og lagret ingenting",
    "deny": "fikk ikke tilgang",
    "error": "ble stoppet, og ingenting ble lagret",
    "replay": "sendte det samme en gang til",
}
"""What came of a request that was not simply answered, as one's own log says it."""
BASES = {
    Relation.ADM: "administrator",
    Relation.AU: "personvernombud",
    Relation.AG: "er med i ansvarsgruppa",
    Relation.C12: "er barnet selv",
    Relation.C16: "er ungdommen selv",
    Relation.CA: "registrerte barnet",
    Relation.EMERGENCY: "åpnet det i en nødsituasjon",
    Relation.EX: "er med i stafettloggen",
    Relation.KE: "arbeider med saken i koordinerende enhet",
    Relation.KEL: "leder koordinerende enhet",
    Relation.KO: "er koordinator",
    Relation.MR: "er med i stafettloggen",
    Relation.MW: "er med i stafettloggen",
    Relation.PF: "er foresatt",
    Relation.PX: "er forelder, og har fått et vedtak",
    Relation.SH: "har stafettpinnen",
    Relation.ST: "er ansatt i kommunen",
    Relation.UL: "er leder for den som registrerte barnet",
}
"""Why somebody could look, as the family reads it."""
WHY_EMERGENCY = {
    "life_or_health": "fare for liv eller helse",
    "missing": "barnet var borte",
    "needs_help_now": "barnet trengte hjelp med en gang",
    "nobody_reached": "ingen som kjenner barnet, kunne nås",
}
"""Why a record was opened in an emergency, as the family reads it."""
PAPER = {
    "begun": "førte loggen på papir, eller flyttet mappa",
    "ended": "førte loggen her igjen",
}
"""That a log is kept on paper, or here again, as the family reads it."""
OVERSEERS = frozenset({Relation.AU, Relation.KEL})
"""Who sees that something was read or changed, never what."""
ANSWER_DAYS = 5
"""Working days in which a question is to be answered."""
SAME = timedelta(minutes=10)
"""Looks of one person at the same thing within this time are told once (security of the logs)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One look or change as a page and JSON tell it; `at` is a UTC moment."""

    id: UUID
    at: datetime
    actor_id: UUID
    who: str
    service: str | None
    what: str
    basis: str
    changed: bool
    times: int = 1
    emergency: bool = False
    on_behalf_of: str | None = None

    @property
    def day(self) -> date:
        """The local date (Europe/Oslo)."""
        return oslo_date(self.at)


@dataclass(frozen=True, slots=True)
class OwnRow:
    """One request of one's own; `child` is None when one may not know of the child (any more)."""

    at: datetime
    what: str
    about_child: bool
    child: str | None
    child_id: UUID | None
    outcome: str

    @property
    def day(self) -> date:
        """The local date (Europe/Oslo)."""
        return oslo_date(self.at)


@dataclass(frozen=True, slots=True)
class OwnLine:
    """What one has done alike on one day, as its newest `row`, and every time: UTC moments."""

    row: OwnRow
    times: list[datetime]

    @property
    def day(self) -> date:
        """The local date (Europe/Oslo)."""
        return self.row.day


def look_in_words(action: Action, edition: str | None) -> str:
    """Return what a look is called; a document by its edition and whether it was PDF."""
    of, _, ending = (edition or "").partition(".")
    called = f"lastet ned {EDITIONS[of]}" if of in EDITIONS else LOOKED[action]
    return f"{called} som PDF" if ending == "pdf" else called


def own_in_words(action: str) -> str:
    """Return what somebody did, in the words of the other pages where they have some."""
    return _OWN.get(action, "brukte en side som ikke finnes lenger")


def basis_in_words(basis: str) -> str:
    """Return why somebody could look, from the relations that a log row keeps."""
    known = [BASES[Relation(one)] for one in basis.split("+") if one]
    return " og ".join(dict.fromkeys(known))


def in_emergency(basis: str) -> bool:
    """Say whether a look was possible only because somebody had opened the record in one."""
    return basis == Relation.EMERGENCY


def change_in_words(action: Action, changes: Mapping[str, object]) -> str:
    """Return what a change is called, with why in an emergency, and otherwise when it is undone.

    Raises:
        KeyError: the family is not shown this kind of change.

    """
    if action is Action.BG_INVOKE and changes.get("closed"):
        return "stengte det som var åpnet i en nødsituasjon"
    if action is Action.DSR_RESTRICT and changes.get("lifted"):
        return "åpnet for at opplysningene brukes igjen"
    if action is Action.LOG_KEEP_ON_PAPER and (said := PAPER.get(str(changes.get("kind")))):
        return said
    if action is Action.LOG_SET_LEVEL and "stays" in changes:
        return "skrev hvordan det går på nivået"
    if action is Action.PLAN_SUBMIT_IP and changes.get("withdrawn"):
        return "trakk tilbake en versjon av planen"
    why = WHY_EMERGENCY.get(str(changes.get("category")))
    return f"{CHANGED[action]}: {why}" if why else CHANGED[action]


def oversees(reader: Collection[Relation]) -> bool:
    """Say whether a reader oversees who looks, and sees rows about what he may not read himself.

    Not when he is family to the child, too.
    """
    return not OVERSEERS.isdisjoint(reader) and FAMILY.isdisjoint(reader)


def shows_all(reader: Collection[Relation]) -> bool:
    """Say whether a reader sees rows of every kind: all but the family do."""
    return not set(reader) <= FAMILY


def told_once(rows: list[Row]) -> list[Row]:
    """Fold looks of one person at the same thing within ten minutes into one row, newest first."""
    told: list[Row] = []
    for row in rows:
        last = next(
            (
                index
                for index, one in enumerate(told)
                if (one.actor_id, one.what, one.changed) == (row.actor_id, row.what, row.changed)
                and (one.emergency, one.on_behalf_of) == (row.emergency, row.on_behalf_of)
                and one.at - row.at <= SAME
                and not row.changed
            ),
            None,
        )
        if last is None:
            told.append(row)
        else:
            told[last] = replace(told[last], times=told[last].times + 1)
    return told


def gathered(rows: Iterable[OwnRow]) -> list[OwnLine]:
    """Gather one's own rows that are alike on one day and for one child, newest first.

    Not those about children of whom one may not know: it would tell which are about the same.
    """
    told: list[OwnLine] = []
    known: dict[tuple[date, str, str, UUID | None], OwnLine] = {}
    for row in rows:
        alike = (row.day, row.what, row.outcome, row.child_id)
        unknown = row.about_child and row.child_id is None
        if not unknown and alike in known:
            known[alike].times.append(row.at)
            continue
        line = OwnLine(row, [row.at])
        told.append(line)
        if not unknown:
            known[alike] = line
    return told
