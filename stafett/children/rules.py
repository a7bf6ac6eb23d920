"""Norwegian identity numbers, and when a child may be registered; pure."""

import re
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from enum import StrEnum

from stafett.access.policy import Action, Purpose
from stafett.dates import age, day_text, months_after

ELEVEN_DIGITS = re.compile(
    r"[0-9]{11}"
)  # not \d and not isdigit: they also take ² or Arabic digits
FIRST_WEIGHTS = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
SECOND_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
FIRST_REMAINDERS = (0, 1, 2, 3)
D_NUMBER = 40  # added to the day
SYNTHETIC = (80, 65, 40)  # added to the month
LAST_MONTH = 12
BY_REGISTERING = "registered"
"""Basis of the ties of who registered a child, and of that person's leader."""
DUE_WITHIN = timedelta(days=300)  # a pregnancy lasts 280 days from the last period, and some more
DUE_SINCE = timedelta(days=30)  # time to register the birth
OF_AGE = 18
"""From which age a person decides all for himself (vergemålsloven § 8), and nobody as guardian."""
FAMILY = "familien"
"""Who decides for a child, and reads with it, where no one person does."""
IN_MONTHS = 3  # a younger child is so many weeks old


LANGUAGES = {
    "nb": "Norsk (bokmål)",
    "nn": "Norsk (nynorsk)",
    "nsl": "Norsk tegnspråk",
    "se": "Nordsamisk",
    "smj": "Lulesamisk",
    "sma": "Sørsamisk",
    "fkv": "Kvensk",
    "sq": "Albansk",
    "am": "Amharisk",
    "ar": "Arabisk",
    "bs": "Bosnisk",
    "bg": "Bulgarsk",
    "da": "Dansk",
    "prs": "Dari",
    "en": "Engelsk",
    "et": "Estisk",
    "fil": "Filipino",
    "fi": "Finsk",
    "fr": "Fransk",
    "hi": "Hindi",
    "is": "Islandsk",
    "zh": "Kinesisk",
    "rn": "Kirundi",
    "rw": "Kinyarwanda",
    "kmr": "Kurdisk (kurmanji)",
    "ckb": "Kurdisk (sorani)",
    "lv": "Latvisk",
    "lt": "Litauisk",
    "nl": "Nederlandsk",
    "om": "Oromo",
    "ps": "Pashto",
    "fa": "Persisk",
    "pl": "Polsk",
    "pt": "Portugisisk",
    "pa": "Punjabi",
    "rom": "Romani",
    "ro": "Rumensk",
    "ru": "Russisk",
    "sr": "Serbisk",
    "so": "Somali",
    "es": "Spansk",
    "sv": "Svensk",
    "sw": "Swahili",
    "ta": "Tamil",
    "th": "Thai",
    "ti": "Tigrinja",
    "tr": "Tyrkisk",
    "de": "Tysk",
    "uk": "Ukrainsk",
    "hu": "Ungarsk",
    "ur": "Urdu",
    "vi": "Vietnamesisk",
    "und": "Et annet språk",
}
"""What languages are called, by their codes (ISO 639), in the order in which a form offers them."""
NORWEGIAN = ("nb", "nn")


class Protection(StrEnum):
    """How secret it is where a child lives, from least to most (folkeregisterforskriften ch. 10).

    With either grade nothing tells where the child is; with the strict one it is not even stored.
    """

    NONE = "none"
    FORTROLIG = "fortrolig"
    STRICT = "strengt_fortrolig"


PREGNANT = "gravid"
"""What a guardian is who carries the child; she decides alone until it is born."""


class ChildKind(StrEnum):
    """Whom the record is about: a child that is born, or one that is expected."""

    CHILD = "child"
    UNBORN = "unborn"


WEAKENS_PROTECTION = frozenset(
    {Action.CHILD_NAME_READER, Action.CHILD_SET_GRADE_FLAG, Action.GUARDIAN_OPEN_ACCESS}
)
"""What makes a protected address less so: one person asks for it and another does it."""


def speaks(language: str, *, interpreter: bool) -> str:
    """Return what to remember before one talks with a family: «Husk tolk: arabisk»; often nothing.

    `language` is the code of what the child and its family speak best.
    """
    name = LANGUAGES.get(language, language)
    called = name[:1].lower() + name[1:]
    if interpreter:
        return "Husk tolk" if language in NORWEGIAN else f"Husk tolk: {called}"
    return "" if language in NORWEGIAN else f"Snakker best {called}"


def hides_places(protection: str) -> bool:
    """Say whether address, school and where people work are kept from everybody who reads."""
    return protection != Protection.NONE


def stricter(protection: str) -> list[Protection]:
    """Return the grades that protect more than this one."""
    grades = list(Protection)
    return grades[grades.index(Protection(protection)) + 1 :]


def milder(protection: str) -> list[Protection]:
    """Return the grades that protect less than this one, the mildest last."""
    grades = list(Protection)
    return grades[: grades.index(Protection(protection))][::-1]


class Evidence(StrEnum):
    """What koordinerende enhet has seen of who has parental responsibility (barneloven ch. 5)."""

    REGISTER = "register"
    AGREEMENT = "agreement"
    COURT = "court"
    CHILD_WELFARE = "child_welfare"
    OTHER = "other"


STAND_INS = frozenset({"barnevern", "verge"})
"""Who may say yes in the parents' place: barnevernstjenesten where it has taken over the care, and
an appointed verge. What each may is the decision's to say, and koordinerende enhet's to read."""


class VoiceHow(StrEnum):
    """How the child's view was obtained."""

    MEETING = "meeting"
    TALK_BEFORE = "talk_before"
    DRAWING_ASK = "drawing_ask"
    THROUGH_GUARDIAN = "through_guardian"
    OBSERVED = "observed"
    NOT_OBTAINED = "not_obtained"


HEARD: Mapping[str, str] = {
    VoiceHow.MEETING: "Sagt på møtet",
    VoiceHow.TALK_BEFORE: "Fortalt i en samtale før møtet",
    VoiceHow.DRAWING_ASK: "Fortalt med tegning eller ASK",
    VoiceHow.THROUGH_GUARDIAN: "Fortalt av foresatte",
    VoiceHow.OBSERVED: "Slik vi har sett det",
}
"""How the child was heard, as pages and documents say it; `unheard` says that it was not."""


def unheard(who: str) -> str:
    """Return that nobody has heard the child, or the youth, as `who` is called."""
    return f"Vi har ikke fått vite hva {who.lower()} mener"


def heard(how: str | None, text: str | None, who: str) -> str:
    """Return the child's view with how it was obtained; empty when nobody was to ask.

    The words of a view that was not obtained are why.
    """
    if how is None:
        return text or ""
    if how == VoiceHow.NOT_OBTAINED or not text:
        return f"{HEARD.get(how, unheard(who))}. {text or ''}".rstrip()
    return f"{text} ({HEARD[how][0].lower()}{HEARD[how][1:]})"


class GuardianStep(StrEnum):
    """What has been decided about a guardian."""

    VERIFIED = "verified"
    REFUSED = "refused"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"


def check_problems(
    evidence: Evidence | None,
    words: str | None,
    *,
    accepted: bool,
    responsible: bool | None,
    stands_in: bool = False,
    mandate: Collection[Purpose] = (),
) -> dict[str, list[str]]:
    """List what an answer on a guardian lacks, by field; empty means that it can be kept.

    Who is accepted has been held against something, and it says whether he has parental
    responsibility, or what one who stands in for the parents may say yes to; a refusal says why.
    """
    problems: dict[str, list[str]] = {}
    if accepted and evidence is None:
        problems["evidence"] = ["evidence-missing"]
    if accepted and stands_in and not mandate:
        problems["mandate"] = ["mandate-missing"]
    if mandate and not (accepted and stands_in):
        problems["mandate"] = ["mandate-not-here"]
    if accepted and not stands_in and responsible is None:
        problems["parental_responsibility"] = ["responsibility-missing"]
    if not words and (not accepted or evidence is Evidence.OTHER):
        problems["words"] = ["words-missing" if accepted else "refusal-missing"]
    return problems


def national_id_obstacles(number: str, *, allow_synthetic: bool) -> list[str]:
    """List every reason why this is no fødselsnummer or D-number; empty means that it is one.

    Codes: `national-id-format` (not eleven ASCII digits; then nothing else is looked at),
    `national-id-date` (the first six are no day of any century), `national-id-synthetic` (a
    test person's number where only real ones belong), `national-id-control-digits`.

    A D-number adds 40 to the day. Test persons have 80 added to the month (Skatteetaten's
    Tenor), 40 (NAV's Dolly; health's help numbers look the same and are no identity numbers
    either) or 65 (other public test registers).

    Control digits: the weighted sum of the first ten digits, the control digit being the tenth,
    leaves 0 modulo 11; numbers given out from 2032 may also leave 1, 2 or 3. The sum of all
    eleven always leaves 0, which alone catches every single wrong digit and every two
    neighbours that changed places; so the wider rule is used today already, and old numbers
    stay valid. No century and no sex is ever read from a number: from 2032 it has none.
    Source: https://skatteetaten.github.io/folkeregisteret-api-dokumentasjon/nytt-fodselsnummer-fra-2032/
    """
    if not ELEVEN_DIGITS.fullmatch(number):
        return ["national-id-format"]
    day, month, year = _day_month_year(number)
    obstacles = []
    if not _is_possible(day, month, year):
        obstacles.append("national-id-date")
    if month != int(number[2:4]) and not allow_synthetic:
        obstacles.append("national-id-synthetic")
    if (
        _remainder(number, FIRST_WEIGHTS) not in FIRST_REMAINDERS
        or _remainder(number, SECOND_WEIGHTS) != 0
    ):
        obstacles.append("national-id-control-digits")
    return obstacles


def matches_birth_date(number: str, birth_date: date) -> bool:
    """Tell whether the number's day, month and two-digit year are those of the birth date.

    The century is never compared. The number must be one that `national_id_obstacles` accepts.
    """
    return _day_month_year(number) == (birth_date.day, birth_date.month, birth_date.year % 100)


def birth_obstacles(
    kind: ChildKind, birth_date: date | None, due_date: date | None, today: date, max_age: int
) -> list[str]:
    """List every reason why the dates (Oslo) do not fit a record made today; empty means they do.

    `max_age` is the profile's: the highest age in whole years. Codes for a child:
    `birth-date-missing`, `birth-date-in-future`, `child-too-old`, `due-date-of-born-child`;
    for an unborn child: `due-date-missing`, `due-date-too-far` (more than 300 days ahead),
    `due-date-passed` (more than 30 days ago), `birth-date-of-unborn-child`.
    """
    obstacles = []
    if kind == ChildKind.UNBORN:
        if birth_date is not None:
            obstacles.append("birth-date-of-unborn-child")
        if due_date is None:
            obstacles.append("due-date-missing")
        elif due_date - today > DUE_WITHIN:
            obstacles.append("due-date-too-far")
        elif today - due_date > DUE_SINCE:
            obstacles.append("due-date-passed")
        return obstacles
    if due_date is not None:
        obstacles.append("due-date-of-born-child")
    if birth_date is None:
        obstacles.append("birth-date-missing")
    elif birth_date > today:
        obstacles.append("birth-date-in-future")
    elif age(birth_date, today) > max_age:
        obstacles.append("child-too-old")
    return obstacles


def is_of_age(birth_date: date | None, today: date) -> bool:
    """Say whether a child is of age on a local date, so that its guardians are that no longer."""
    return birth_date is not None and age(birth_date, today) >= OF_AGE


def hearing_problems(how: VoiceHow, text: str | None, *, of_age: bool) -> dict[str, list[str]]:
    """Return what is wrong in how a child was heard, by field: `how` and `text`.

    Parents tell nothing in the place of one who is of age. That a child was not heard is said with
    why.
    """
    problems: dict[str, list[str]] = {}
    if of_age and how is VoiceHow.THROUGH_GUARDIAN:
        problems["how"] = ["parents-of-one-of-age"]
    if how is VoiceHow.NOT_OBTAINED and not text:
        problems["text"] = ["not-heard-reason-missing"]
    return problems


def decides_for_itself(birth_date: date | None, today: date, consent_age: int) -> bool:
    """Say whether a youth, or one who is of age, consents without its guardians on a local date."""
    return birth_date is not None and age(birth_date, today) >= consent_age


def called(birth_date: date | None, today: date, consent_age: int) -> str:
    """Return what stands for a child among people in documents: a youth decides for itself."""
    return "Ungdommen" if decides_for_itself(birth_date, today, consent_age) else "Barnet"


def first_name(name: str, birth_date: date | None) -> str:
    """Return what a page calls a child in running text; before the birth, who carries it."""
    return "den gravide" if birth_date is None else name.split(maxsplit=1)[0]


def family(first_name: str, birth_date: date | None, on: date) -> str:
    """Return who reads at home, as a page says it on a local date: «familien», or one alone.

    Alone is who is of age and has no guardians, and before the birth who carries the child, as
    `first_name` is then.
    """
    alone = birth_date is None or is_of_age(birth_date, on)
    return first_name if alone else FAMILY


def decider(first_name: str, birth_date: date | None, on: date, consent_age: int) -> str:
    """Return who says yes, as a page says it on a local date: «familien», or one alone.

    Alone decides a youth, and who has no family that reads (`family`).
    """
    alone = birth_date is None or decides_for_itself(birth_date, on, consent_age)
    return first_name if alone else FAMILY


def capital(words: str) -> str:
    """Begin words as a sentence does; what else is written large, as in a name, stays so."""
    return words[:1].upper() + words[1:]


def age_text(birth_date: date | None, due_date: date | None, today: date) -> str:
    """Return «9 år», in a child's first year «3 uker» or «7 måneder»; unborn, «ventes 3. mars»."""
    if birth_date is not None:
        if years := age(birth_date, today):
            return f"{years} år"
        months = sum(months_after(birth_date, count) <= today for count in range(1, 12))
        if months >= IN_MONTHS:
            return f"{months} måneder"
        weeks = (today - birth_date).days // 7
        return f"{weeks} {'uke' if weeks == 1 else 'uker'}" if weeks else "nyfødt"
    return f"ventes {day_text(due_date, today)}" if due_date else ""


def obstacles_to_account(
    age: int | None, participation_age: int, consent_age: int, *, has_guardian: bool
) -> list[str]:
    """List every reason why a child of this age (whole years) may not have its own account.

    Below the consent age the account is made together with a guardian.
    """
    if age is None:
        return ["child-not-born"]
    obstacles = []
    if age < participation_age:
        obstacles.append("child-too-young-for-account")
    if age < consent_age and not has_guardian:
        obstacles.append("guardian-missing")
    return obstacles


def _day_month_year(number: str) -> tuple[int, int, int]:
    """Return the day, month and two-digit year that the number is made from."""
    day, month, year = int(number[:2]), int(number[2:4]), int(number[4:6])
    added = next((add for add in SYNTHETIC if add < month <= add + LAST_MONTH), 0)
    return (day - D_NUMBER if day > D_NUMBER else day), month - added, year


def _is_possible(day: int, month: int, year: int) -> bool:
    """Tell whether a day exists in some century: each leap year of another one is one of 20xx."""
    try:
        date(2000 + year, month, day)
    except ValueError:
        return False
    return True


def _remainder(number: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False)) % 11
