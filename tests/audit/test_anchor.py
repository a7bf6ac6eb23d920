"""What is kept outside the database: a file that only grows, and a line to syslog."""

import os
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from unittest.mock import patch

import pytest

from stafett.audit import anchor
from stafett.audit.seal import Link

AT = datetime(2026, 3, 1, 11, 22, 33, 456789, tzinfo=UTC)
CHAIN = [Link(number, AT, bytes([number]) * 32, 5) for number in range(1, 4)]


def after(number):
    return CHAIN[number:]


def test_each_seal_gets_one_line_and_the_file_only_grows(tmp_path):
    assert anchor.read(None) == {}
    assert anchor.read(tmp_path) == {}
    assert anchor.append(tmp_path, lambda number: CHAIN[number:2]) == CHAIN[:2]
    before = (tmp_path / anchor.FILE).read_bytes()
    assert anchor.append(tmp_path, after) == CHAIN[2:]
    assert anchor.append(tmp_path, after) == []
    whole = (tmp_path / anchor.FILE).read_bytes()
    assert whole.startswith(before)
    assert whole.decode().splitlines()[0] == f"1 2026-03-01T11:22:33.456789Z {'01' * 32}"
    assert anchor.read(tmp_path) == {link.number: link.head.hex() for link in CHAIN}


@pytest.mark.parametrize("cut", [1, 10, 60])
def test_a_line_cut_short_by_a_crash_is_written_again(tmp_path, cut):
    anchor.append(tmp_path, after)
    file = tmp_path / anchor.FILE
    file.write_bytes(file.read_bytes()[:-cut])
    assert anchor.read(tmp_path).keys() == ({1, 2, 3} if cut == 1 else {1, 2})
    anchor.append(tmp_path, after)
    more = Link(4, AT, bytes(32), 0)
    anchor.append(tmp_path, lambda number: [*CHAIN, more][number:])
    assert anchor.read(tmp_path) == {link.number: link.head.hex() for link in [*CHAIN, more]}


def test_what_was_written_first_counts(tmp_path):
    anchor.append(tmp_path, after)
    with (tmp_path / anchor.FILE).open("a") as file:
        file.write(f"2 2026-03-01T11:22:33Z {'ff' * 32}\n")
    assert anchor.read(tmp_path)[2] == "02" * 32


def test_two_that_anchor_at_once_take_turns(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: anchor.append(tmp_path, after), range(8)))
    assert sorted(map(len, made)) == [0] * 7 + [3]
    assert len((tmp_path / anchor.FILE).read_text().splitlines()) == 3


def test_it_is_on_the_disk_before_anybody_is_told(tmp_path):
    with patch.object(os, "fsync", side_effect=OSError("full")), pytest.raises(OSError, match="f"):
        anchor.append(tmp_path, after)


def test_a_line_to_syslog(tmp_path):
    with socket.socket(type=socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(10)
        anchor.send(listener.getsockname(), CHAIN[:2])
        lines = [listener.recv(1000).decode() for _ in range(2)]
    moment = "2026-03-01T11:22:33.456789Z"
    assert lines[1] == f"<109>1 {moment} - stafett - seal - 2 {moment} {'02' * 32}"


def test_a_host_that_is_not_there():
    with pytest.raises(OSError):  # noqa: PT011 the system's own words differ
        anchor.send(("ingen.invalid", 514), CHAIN)
