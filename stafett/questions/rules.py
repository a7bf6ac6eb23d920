"""What may not stand in a question that names no child; pure."""

import re
from collections.abc import Iterable

NUMBER = re.compile(r"(?<!\d)\d{6}\s?\d{5}(?!\d)")
"""An identity number, or what looks like one."""


def tells_who(text: str, names: Iterable[str]) -> bool:
    """Say whether a text has one of these children's first names, or an identity number.

    A name is found as a whole word with its capital letter, also as «Noras» and «Jonas'».
    """
    words = set(re.findall(r"\w+(?:-\w+)*", text))
    first = {name.split()[0] for name in names if name.split()}
    return NUMBER.search(text) is not None or any(
        name in words or f"{name}s" in words for name in first
    )
