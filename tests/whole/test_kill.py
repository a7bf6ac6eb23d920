"""The workers are killed under writes: what was acknowledged is there, once."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from stafett.entries.models import EntryVersion

KILLS = 20


@pytest.fixture
def server(url, town):
    """The production server on loopback, with two workers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {
        **os.environ,
        "STAFETT_DATABASE_URL": url,
        "STAFETT_SECRET_KEY": "vP3x-9sKq_Lw7YhT2mZcR8bNf5dGj4aE",
        "STAFETT_PROFILE": "holtalen",
        "STAFETT_BASE_URL": f"http://127.0.0.1:{port}",
        "STAFETT_ALLOW_SYNTHETIC_IDS": "1",  # the tests' server is not as safe as `serve` demands
    }
    command = [sys.executable, "-m", "stafett.cli", "serve", "--port", str(port), "--workers", "2"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, env=env, **quiet)
    try:
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
            except OSError:
                time.sleep(0.1)
            else:
                break
        yield process, port
    finally:
        process.terminate()
        process.wait(30)


def workers(process):
    """The children of the server's first process."""
    found = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [int(one) for one in found]


def post(port, path, body, headers):
    """Return the status, or nothing when the server went away before it answered."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException):
        time.sleep(0.05)
        return None
    finally:
        connection.close()
    return answer.status


def test_no_acknowledged_entry_is_lost_or_doubled(server, town, database):
    process, port = server
    secret, path = town.secret("laerer", bearer=True), f"/api/v1/children/{town.child}/entries"
    acknowledged, stop = [], threading.Event()

    def write(name):
        number = 0
        while not stop.is_set():
            number += 1
            text = f"{name}-{number}"
            body = json.dumps({"kind": "note", "text": text, "visibility": "everyone"})
            headers = {
                "Authorization": f"Bearer {secret}",
                "Content-Type": "application/json",
                "Idempotency-Key": text,
            }
            if any(post(port, path, body, headers) == 201 for _ in range(40)):  # the same key
                acknowledged.append(text)

    writers = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for one in writers:
        one.start()
    for _ in range(KILLS):
        enough, until = len(acknowledged) + 1, time.monotonic() + 10
        while len(acknowledged) < enough and time.monotonic() < until:
            time.sleep(0.01)
        for pid in workers(process):
            os.kill(pid, signal.SIGKILL)
    stop.set()
    for one in writers:
        one.join()
    with database.reading() as session:
        kept = list(session.scalars(select(EntryVersion.text)))
    assert len(acknowledged) > KILLS
    assert len(kept) == len(set(kept))
    assert set(acknowledged) <= set(kept)
