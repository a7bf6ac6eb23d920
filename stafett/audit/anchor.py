"""Keeps the head of each seal outside the database, where who rewrites the database does not reach.

A line is `<number> <moment> <head in hex>`; the file only grows. The same line goes to syslog.
"""

import fcntl
import os
import re
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

from stafett.audit.seal import Link
from stafett.dates import iso

FILE = "stafett-anchors"
LINE = re.compile(r"([1-9][0-9]*) \S+ ([0-9a-f]{64})")
NOTICE = 13 * 8 + 5
"""Facility 13 (log audit), severity 5 (notice), as RFC 5424 counts."""


def read(folder: Path | None) -> dict[int, str]:
    """Return the head (hex) of each seal that is anchored, by its number.

    A line that was cut short by a crash says nothing, and its seal is anchored again.
    """
    file = folder and folder / FILE
    if not file or not file.exists():
        return {}
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    found = [match for match in map(LINE.fullmatch, lines) if match]
    return {int(match[1]): match[2] for match in reversed(found)}


def append(folder: Path, after: Callable[[int], list[Link]]) -> list[Link]:
    """Add a line for each seal that has none, on the disk before this returns; return those.

    `after` gives the seals after a number. Two that anchor at once take turns.

    Raises:
        OSError: the file could not be written.

    """
    with (folder / FILE).open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        links = after(max(read(folder), default=0))
        if links:
            torn = file.tell() and not (folder / FILE).read_bytes().endswith(b"\n")
            lines = "".join(f"{_line(link)}\n" for link in links)
            file.write(("\n" if torn else "").encode() + lines.encode())
            file.flush()
            os.fsync(file.fileno())
    return links


def send(address: tuple[str, int], links: Sequence[Link]) -> None:
    """Send a syslog line (RFC 5424, UDP) for each seal; nothing says whether it came.

    Raises:
        OSError: the host is not known, or the network cannot be used.

    """
    host, port = address
    family, kind, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind) as out:
        for link in links:
            line = f"<{NOTICE}>1 {iso(link.sealed_at)} - stafett - seal - {_line(link)}"
            out.sendto(line.encode(), where)


def _line(link: Link) -> str:
    return f"{link.number} {iso(link.sealed_at)} {link.head.hex()}"
