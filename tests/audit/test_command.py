"""`stafett seal`, `verify` and `worker`: exit codes, one clear line, and one round at a time."""

import os
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, insert, select, text

from stafett.access.models import AccessRow
from stafett.audit import anchor
from stafett.audit.models import Seal
from stafett.audit.proof import verify
from stafett.notices.models import Notice
from stafett.people.models import User

ROOT = Path(__file__).parents[2]


@pytest.fixture
def environ(url, tmp_path):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STAFETT_")}
    (tmp_path / "anchors").mkdir()
    ours = {"STAFETT_DATABASE_URL": url, "STAFETT_ANCHOR_DIR": str(tmp_path / "anchors")}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **ours}


@pytest.fixture
def run(environ, tmp_path):
    def ran(*words, **more):
        return subprocess.run(
            [sys.executable, "-m", "stafett.cli", *words],
            cwd=tmp_path,
            env={**environ, **more},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return ran


def add(database, *ages):
    """Rows that were written so many seconds ago; returns their ids."""
    now, ids = datetime.now(UTC), [uuid4() for _ in ages]
    rows = [
        {
            "id": row_id,
            "at": now - timedelta(seconds=age),
            "actor_id": uuid4(),
            "action": "entry.list",
            "basis": "SH",
            "result": "allow",
            "request_id": "x",
        }
        for row_id, age in zip(ids, ages, strict=True)
    ]
    with database.writing() as session:
        session.execute(insert(AccessRow), rows)
    return ids


def test_sealed_verified_and_the_first_broken_row_named_in_one_line(run, database, tmp_path):
    row_id, _ = add(database, 0, 0)
    assert run("verify").stdout.splitlines()[-1] == "Ikke forseglet ennå: 2."
    done = run("seal")
    assert (done.returncode, done.stdout, done.stderr) == (0, "Forseglet nå: 2.\n", "")
    assert run("seal").stdout == "Alt er forseglet fra før.\n"
    done = run("verify")
    assert (done.returncode, done.stderr) == (0, "")
    first, anchored, unsealed = done.stdout.splitlines()
    assert first.startswith("Alt stemmer. Rader: 2 (")
    assert first.endswith("Forseglinger: 1.")
    assert anchored == "Ankret utenfor databasen: 1 av 1."
    assert unsealed == "Ikke forseglet ennå: 0."

    engine = create_engine(database.engine.url)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER access_log_no_update"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        changed = AccessRow.__table__.update().where(AccessRow.id == row_id)
        connection.execute(changed.values(result="deny"))
    engine.dispose()
    done = run("verify")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"stafett: Raden {row_id} i access_log er endret.\n"


def test_an_anchor_that_is_out_of_reach_is_said_and_made_good_the_next_time(run, database):
    add(database, 0)
    done = run("seal", STAFETT_SYSLOG="ingen.invalid:514")
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert "ikke ankret utenfor databasen" in line
    add(database, 0)
    assert run("seal").returncode == 0
    assert run("verify").returncode == 0


def test_seals_that_could_not_be_anchored_are_anchored_later(run, database, environ, tmp_path):
    add(database, 0)
    assert run("seal", STAFETT_ANCHOR_DIR="").returncode == 0
    assert anchor.read(tmp_path / "anchors") == {}
    assert run("seal").stdout == "Alt er forseglet fra før.\n"
    assert anchor.read(tmp_path / "anchors").keys() == {1}


def test_syslog_gets_the_same_line_as_the_file(run, database, tmp_path):
    add(database, 0)
    with socket.socket(type=socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(30)
        port = listener.getsockname()[1]
        assert run("seal", STAFETT_SYSLOG=f"127.0.0.1:{port}").returncode == 0
        sent = listener.recv(1000).decode()
    assert sent.endswith((tmp_path / "anchors" / anchor.FILE).read_text().strip())


def test_the_worker_lets_the_youngest_rows_be(run, database):
    add(database, 5, 70, 300)
    done = run("worker", "--once")
    assert (done.returncode, done.stderr) == (0, "")
    proof = verify(database, {})
    assert (proof.rows, proof.unsealed) == (2, 1)


def test_what_the_worker_cannot_do_is_said_and_stops_nothing_else(run, database, url, tmp_path):
    add(database, 70)
    now = datetime.now(UTC)
    someone = User(id=uuid4(), username="kari", name="Kari", created_at=now)
    with database.writing() as session:
        session.add(someone)
        session.flush()
        session.add(Notice(user_id=someone.id, key="x", made_at=now, next_at=now))
    away = f"sqlite:///{tmp_path}/nowhere/x.db"
    if not url.startswith("sqlite"):
        away = "postgresql://nobody@127.0.0.1:1/nowhere"
    broken = {
        "STAFETT_OWNER_DATABASE_URL": away,
        "STAFETT_SYSLOG": "ingen.invalid:514",
        "STAFETT_MAIL_URL": "smtp://127.0.0.1:1",
    }
    done = run("worker", "--once", **broken)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    for said in ("Databasen kan ikke brukes", "ikke ankret utenfor", "E-posten er ikke sendt"):
        assert line.count(said) == 1
    assert verify(database, {}).rows == 1


def test_the_worker_goes_on_until_it_is_told_to_stop(environ, database, tmp_path):
    add(database, 70)
    with subprocess.Popen(
        [sys.executable, "-m", "stafett.cli", "worker"],
        cwd=tmp_path,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            until = time.monotonic() + 60
            while not (tmp_path / "anchors" / anchor.FILE).exists():
                assert time.monotonic() < until
                assert process.poll() is None
                time.sleep(0.05)
            assert process.poll() is None
        finally:
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=30)
    assert (process.returncode, said) == (0, "")
    with database.reading() as session:
        assert len(session.scalars(select(Seal.number)).all()) == 1


def test_two_workers_at_once_make_one_chain(environ, database, tmp_path):
    add(database, *range(70, 370))
    words = [sys.executable, "-m", "stafett.cli", "worker", "--once"]
    both = [subprocess.Popen(words, cwd=tmp_path, env=environ) for _ in range(2)]
    assert [one.wait(60) for one in both] == [0, 0]
    proof = verify(database, anchor.read(tmp_path / "anchors"))
    assert (proof.broken, proof.rows, proof.unsealed) == (None, 300, 0)
