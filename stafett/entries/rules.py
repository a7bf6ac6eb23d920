"""What an entry is, and what stands in the way of writing; pure."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from stafett.access.policy import Relation
from stafett.audience.rules import Limits, Visibility, choices, hides
from stafett.children.rules import national_id_obstacles
from stafett.stafettlogg.rules import LogStatus
from stafett.words import WORD, small, words


class Kind(StrEnum):
    """What an entry is."""

    NOTE = "note"
    CONTACT = "contact"
    GLIMPSE = "glimpse"
    CHILD_VOICE = "child_voice"
    CONCERN = "concern"


WRITTEN = [Kind.NOTE, Kind.CONTACT, Kind.GLIMPSE, Kind.CHILD_VOICE]
"""What people write; a concern becomes an entry only by being shared at opening."""


class Sign(StrEnum):
    """What a text seems to hold that seldom belongs in a log; the author decides, once warned."""

    IDENTITY_NUMBER = "text-identity-number"
    TELEPHONE = "text-telephone"
    OTHER_CHILD = "text-other-child"


_ELEVEN_DIGITS = re.compile(r"(?<![0-9])(?=([0-9](?:[ .\-\u00a0]?[0-9]){10})(?![0-9]))")
_TELEPHONE = re.compile(
    r"(?<![0-9])(?:(?:\+|00)\s?47\s?)?"
    r"([2-9][0-9]{7}|[2-9][0-9](?:\s[0-9]{2}){3}|[2-9][0-9]{2}\s[0-9]{2}\s[0-9]{3})(?![0-9])"
)
"""A number of eight digits as people write it: 91234567, 91 23 45 67, 912 34 567, +47 first."""
_DATE = re.compile(r"[0-3][0-9][01][0-9](?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}[01][0-9][0-3][0-9]")
IN_LOG = [one for one in Visibility if one is not Visibility.CHILD_ROOM]
"""What stands in the log for those who read it; the child's room is its own."""
WHOLE = 3
"""Words with fewer letters are looked for as they are, others also as the beginning of a word."""
MOST_WORDS = 20
"""Words that are looked for; of more, the longest: each is asked for once for each child."""
EXCERPT = 240
"""About how many characters of a long text a list of hits shows."""
LEAD = 80
"""How many of them stand before the first word that was looked for."""
Beginning = tuple[str, bool]
"""A word that is looked for, in small letters, and whether a longer word with it fits too."""
Parts = list[tuple[str, bool]]
"""A text in pieces, each with whether it was looked for."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for among entries; all of it must fit. The days are local, both included.

    `author` is a username; `sent`: somebody has pressed the button, also with nothing to look for.
    """

    words: str = ""
    kind: Kind | None = None
    author: str = ""
    from_on: date | None = None
    until_on: date | None = None
    sent: bool = field(default=False, compare=False)

    @property
    def asks(self) -> bool:
        """Whether anything is looked for."""
        return self != Search()

    @property
    def for_nothing(self) -> bool:
        """Whether the button was pressed with nothing to look for."""
        return self.sent and not self.asks

    @property
    def beginnings(self) -> list[Beginning]:
        """Return the words, each once; signs that are no letters or digits count as blanks.

        Of more than `MOST_WORDS` the longest: the short ones stand on most pages anyway.
        """
        found = words(self.words)
        longest = {*sorted(found, key=len, reverse=True)[:MOST_WORDS]}
        return [(word, len(word) >= WHOLE) for word in found if word in longest]


def marked(text: str, beginnings: Collection[Beginning]) -> Parts:
    """Cut a text in pieces, so that the words that were looked for can be marked."""
    parts: Parts = []
    done = 0
    for start, end in _hits(text, beginnings):
        if done < start:
            parts.append((text[done:start], False))
        parts.append((text[start:end], True))
        done = end
    return [*parts, (text[done:], False)] if done < len(text) else parts


def excerpt(text: str, beginnings: Collection[Beginning]) -> Parts:
    """Return as much of a text as a list of hits shows, around the first word looked for."""
    first, _ = next(_hits(text, beginnings), (0, 0)) if len(text) > EXCERPT else (0, 0)
    start = max(0, first - LEAD)
    start = start and text.find(" ", start) + 1  # a whole word, if there is one
    end = start + EXCERPT
    if end < len(text) and (blank := text.rfind(" ", end - LEAD, end)) > 0:
        end = blank
    ends = ("… " if start else "", " …" if end < len(text) else "")
    return marked(f"{ends[0]}{text[start:end]}{ends[1]}", beginnings)


def _hits(text: str, beginnings: Collection[Beginning]) -> Iterator[tuple[int, int]]:
    """Give from where to where in a text a word stands that was looked for."""
    whole = {word for word, longer in beginnings if not longer}
    begins = tuple(word for word, longer in beginnings if longer)
    for found in WORD.finditer(small(text)):  # as long as the text itself
        if found[0] in whole or found[0].startswith(begins):
            yield found.span()


def obstacles_to_writing(
    limits: Limits, author: Collection[Relation], service_id: UUID | None, state: LogStatus
) -> list[str]:
    """List every reason why somebody may not write an entry in a log of this state."""
    obstacles = []
    if state == LogStatus.NONE:
        obstacles.append("log-missing")
    if state == LogStatus.FROZEN:
        obstacles.append("log-frozen")
    if state == LogStatus.CLOSED:
        obstacles.append("log-closed")
    if limits.visibility not in choices(author, service_id):
        obstacles.append("visibility-not-own")
    if limits.hidden_from and not hides(author):
        obstacles.append("hiding-not-own")
    return obstacles


def signs(text: str, child: str, others: Iterable[str]) -> list[Sign]:
    """Return what the author of a text is warned of.

    An identity number is eleven digits that could be one, also a test person's, spaced or not.
    `child` is the name of whom the text is about, `others` those of the children whom the author
    follows besides: their whole names, and their first names, where the child has another.
    """
    found = []
    if any(_is_number(one[1]) for one in _ELEVEN_DIGITS.finditer(text)):
        found.append(Sign.IDENTITY_NUMBER)
    if any(not _DATE.fullmatch(one[1]) for one in _TELEPHONE.finditer(text)):
        found.append(Sign.TELEPHONE)
    names = _names(others) - _names([child])
    if any(
        name in text and re.search(rf"(?<!\w){re.escape(name)}s?(?!\w)", text) for name in names
    ):
        found.append(Sign.OTHER_CHILD)
    return found


def _is_number(digits: str) -> bool:
    number = re.sub("[^0-9]", "", digits)
    return not national_id_obstacles(number, allow_synthetic=True)


def _names(whole: Iterable[str]) -> set[str]:
    return {part for name in whole if name.split() for part in (name, name.split()[0])}
