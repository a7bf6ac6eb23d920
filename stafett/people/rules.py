"""What holds of accounts, passwords, sessions and attempts to log in; pure."""

import re
from collections.abc import Collection
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import pairwise

from stafett.access.policy import ROLES, Relation

SESSION_LASTS = timedelta(hours=8)
SESSIONS_AT_ONCE = 3
"""Browsers in which one person is signed in; a fourth signs the one least used out."""
IDLE_CITIZEN, IDLE_STAFF = timedelta(minutes=15), timedelta(minutes=30)
CODE_LASTS = timedelta(hours=72)
CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0, O, 1 and I, which look alike on paper; five bits each."""
CODE_LENGTH, CODE_GROUP = 16, 4  # 80 bits: throttled, single use and 72 hours, yet typed by hand
LONGEST_TOKEN_DAYS = 365
SHORTEST_PASSWORD, LONGEST_PASSWORD = 15, 200
COUNTED = timedelta(minutes=15)
KEPT_FOR = timedelta(days=730)
"""How long it is known who has logged in or tried to, by which sessions, tokens and codes."""
FAILURES_PER_ACCOUNT, FAILURES_PER_ADDRESS = 10, 50
LONGEST_WAIT = 60

CITIZEN, EXTERNAL, ADMINISTRATOR, AUDITOR = "citizen", "external", "administrator", "auditor"
STAFF, KE, KE_LEADER = "staff", "ke", "ke_leader"
ALONE = frozenset({CITIZEN, EXTERNAL, ADMINISTRATOR, AUDITOR})
"""Roles that go with no other: who runs or reviews the system does not work with children in it."""
KE_ROLES = frozenset({KE, KE_LEADER})
PROFESSIONAL = (STAFF, EXTERNAL)
"""Roles of those who work with children, for the kommune or outside it: they can be asked to take
part in the work for one. Who has a role in koordinerende enhet has the first besides."""
COORDINATING_UNIT = "coordinating_unit"

_APART = re.compile(r"[\s.-]+")
_EIGHT, _ABROAD = re.compile(r"[0-9]{8}"), re.compile(r"\+[1-9][0-9]{6,14}")
_NORWAY = "+47"
_MOBILE = ("4", "9")
_EMAIL = re.compile(r"[\w.+'-]+@[^\W_]([\w-]*[^\W_])?(\.[^\W_]([\w-]*[^\W_])?)+")
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
_OWN_PATH = re.compile(r"/(?!/)[!-\[\]-~]*")  # visible ASCII without the backslash
_ROWS = ("01234567890", "abcdefghijklmnopqrstuvwxyzæøå", "qwertyuiopå", "asdfghjkløæ", "zxcvbnm")
_NEIGHBOURS = frozenset(pair for row in _ROWS for a, b in pairwise(row) for pair in (a + b, b + a))
_OBVIOUS = ("stafettlogg", "stafetten", "stafett", "kommune", "kommunen", "passord", "password")
_SHORTEST_UNIT = 4


def hashed(secret: str) -> str:
    """Return what the database keeps of a random secret: SHA-256, as `web.identity` looks it up."""
    return sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def idle_limit(roles: Collection[str]) -> timedelta:
    """Return how long a session may lie unused: shorter for those who are citizens only."""
    return IDLE_CITIZEN if set(roles) <= {CITIZEN} else IDLE_STAFF


def is_idle(roles: Collection[str], seen_at: datetime, now: datetime) -> bool:
    """Say whether a session has been unused for too long."""
    return now - seen_at >= idle_limit(roles)


def seconds_to_wait(failures: int, latest: datetime | None, free: int, now: datetime) -> int:
    """Return how many seconds to wait after `failures` attempts of which `free` cost nothing.

    The wait doubles from one second to a minute, and is never a lock: it ends by itself.
    """
    if failures < free or latest is None:
        return 0
    wait = timedelta(seconds=min(LONGEST_WAIT, 2 ** min(failures - free, 10)))
    left = latest + wait - now
    return max(0, -(-left // timedelta(seconds=1)))


def password_problem(password: str, username: str, kommune: str) -> str | None:
    """Return the code of what is wrong with a new password, or nothing.

    Only what everybody tries first is refused: length is what makes the rest strong.
    """
    plain = password.casefold()
    if len(password) < SHORTEST_PASSWORD:
        return "password-short"
    if len(password) > LONGEST_PASSWORD:
        return "password-long"
    if plain == username.casefold():
        return "password-username"
    if _is_repeated(plain) or _is_sequence(plain) or _is_obvious(plain, username, kommune):
        return "password-guessable"
    return None


def own_path(wanted: str) -> str:
    r"""Return where to go after log-in: a path of this site, otherwise the front page.

    Browsers read `//evil`, `/\evil` and `/<tab>/evil` as other sites. `/logg-ut` answers only
    to a form, and who asked for it has been logged out already.
    """
    own = _OWN_PATH.fullmatch(wanted) and not wanted.startswith("/logg-ut")
    return wanted if own else "/"


def typed_code(code: str) -> str:
    """Return a code as it was made, however its groups were typed."""
    return re.sub(r"[\s-]", "", code).upper()


def grouped_code(code: str) -> str:
    """Return a code as it stands on paper: in groups of four."""
    return "-".join(code[start : start + CODE_GROUP] for start in range(0, len(code), CODE_GROUP))


def username_problem(username: str) -> str | None:
    """Return the code of what is wrong with a new username, or nothing."""
    return None if _USERNAME.fullmatch(username) else "username-form"


def phone_as_kept(typed: str) -> str | None:
    """Return a telephone number in the groups that people read it in; None: it is none.

    It has eight digits, or begins with + and the number of a country.
    """
    number = _APART.sub("", typed)
    if _EIGHT.fullmatch(number):
        return _grouped(number)
    if not _ABROAD.fullmatch(number):
        return None
    own = number.removeprefix(_NORWAY)
    if own != number:
        return f"{_NORWAY} {_grouped(own)}" if _EIGHT.fullmatch(own) else None
    return _APART.sub(" ", typed.strip())


def _grouped(number: str) -> str:
    if number.startswith(_MOBILE):
        return f"{number[:3]} {number[3:5]} {number[5:]}"
    return " ".join(number[at : at + 2] for at in range(0, len(number), 2))


def is_email(typed: str) -> bool:
    """Say whether something can be an e-mail address."""
    return _EMAIL.fullmatch(typed) is not None


def is_professional(roles: Collection[str]) -> bool:
    """Say whether somebody works with children: others learn how one reaches him there."""
    return not set(roles).isdisjoint(PROFESSIONAL)


def roles_problem(roles: Collection[str], *, has_service: bool) -> str | None:
    """Return the code of what is wrong with an account's roles, or nothing."""
    given = set(roles)
    if not given:
        return "roles-missing"
    if given & ALONE and len(given) > 1:
        return "roles-apart"
    if given & KE_ROLES and STAFF not in given:
        return "roles-ke-staff"
    if CITIZEN in given and has_service:
        return "citizen-in-service"
    return None


def grantable(granter: Collection[Relation]) -> frozenset[str]:
    """Return the roles that somebody may give to an account, or take from it.

    An administrator grants all; the leader of koordinerende enhet only that unit's own roles.
    """
    if Relation.ADM in granter:
        return frozenset(ROLES)
    return KE_ROLES if Relation.KEL in granter else frozenset()


def may_grant(
    granter: Collection[Relation], before: Collection[str], after: Collection[str]
) -> bool:
    """Say whether somebody may change an account's roles from `before` to `after`."""
    his = grantable(granter)
    return bool(his) and set(before) ^ set(after) <= his


def obstacles_to_disabling(*, own: bool, last_administrator: bool) -> list[str]:
    """List every reason why an account may not be disabled."""
    return [
        code
        for code, stands in (("own-account", own), ("last-administrator", last_administrator))
        if stands
    ]


def obstacles_to_roles(*, own: bool, loses_last_administrator: bool) -> list[str]:
    """List every reason why an account's roles may not be changed."""
    return obstacles_to_disabling(own=own, last_administrator=loses_last_administrator)


def obstacles_to_code(*, own: bool, disabled: bool) -> list[str]:
    """List every reason why no code may be made for an account."""
    return [
        code for code, stands in (("own-account", own), ("account-disabled", disabled)) if stands
    ]


def _is_repeated(plain: str) -> bool:
    return any(
        plain == (plain[:unit] * len(plain))[: len(plain)] for unit in range(1, _SHORTEST_UNIT + 1)
    )


def _is_sequence(plain: str) -> bool:
    """Say whether at least two of three steps go to the next key, letter or number, or stay."""
    steps = list(pairwise(plain))
    near = sum(a == b or a + b in _NEIGHBOURS for a, b in steps)
    return near * 3 >= len(steps) * 2


def _is_obvious(plain: str, username: str, kommune: str) -> bool:
    """Say whether all letters are words that anybody would try here, in any order."""
    letters = _letters(plain)
    words = {*_OBVIOUS, _letters(username.casefold()), *map(_letters, kommune.casefold().split())}
    ends = {0}  # where words end; a regular expression might try for minutes, before any log-in
    for place in range(len(letters)):
        if place in ends:
            ends |= {place + len(word) for word in words if letters.startswith(word, place)}
    return bool(letters) and len(letters) in ends


def _letters(plain: str) -> str:
    return "".join(sign for sign in plain if sign.isalpha())
