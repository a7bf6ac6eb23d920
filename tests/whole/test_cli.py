"""The `stafett` command: exit codes, and one clear line instead of a traceback."""

import os
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).parents[2]
PASSWORD = "en lang og trygg setning"


@pytest.fixture
def run(tmp_path):
    """Run the command as an operator does: in a folder of his own, with only these settings."""

    def ran(*words, **settings):
        return subprocess.run(
            [sys.executable, "-m", "stafett.cli", *map(str, words)],
            cwd=tmp_path,
            env=environment(**settings),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return ran


@pytest.fixture
def password_file(tmp_path):
    file = tmp_path / "passord"
    file.write_text(f"{PASSWORD}\n")
    return file


def environment(**settings):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STAFETT_")}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **settings}


def line(done, code=1):
    """Return the only line on stderr of a command that stopped with this code."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    (only,) = done.stderr.splitlines()
    assert only.startswith("stafett")
    return only


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("tull",),
        ("db",),
        ("db", "tull"),
        ("db", "downgrade"),
        ("demo", "--port", "fem"),
        ("demo", "--port", "65536"),
        ("serve", "--workers", "0"),
        ("serve", "--work", "1"),
        ("seed",),
        ("seed", "--children", "-3"),
        ("token",),
        ("token", "laerer", "--days", "0"),
        ("init",),
        ("init", "--username", "admin"),
    ],
)
def test_wrong_usage_is_2(run, words):
    line(run(*words), code=2)


def test_help_is_quick_because_it_loads_nothing():
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "stafett.cli", "--help"],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "demo" in done.stdout
    loaded = {row.split("|")[-1].strip() for row in done.stderr.splitlines()}
    assert not loaded & {"flask", "sqlalchemy", "alembic", "gunicorn", "marshmallow"}


def test_wrong_settings_are_all_told_in_one_line(run):
    told = line(run("serve", STAFETT_DATABASE_URL="mysql://x", STAFETT_MAIL_URL="x"))
    for name in ("STAFETT_DATABASE_URL", "STAFETT_MAIL_URL", "STAFETT_SECRET_KEY"):
        assert name in told


def test_missing_database_is_not_made_by_looking(run, tmp_path):
    assert "stafett init" in line(run("token", "laerer"))
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize("words", [("token", "laerer"), ("db", "upgrade"), ("db", "check")])
def test_file_that_is_no_database(run, tmp_path, words):
    (tmp_path / "brev.db").write_text("Kjære kommune, dette er ikke en database.\n" * 100)
    assert "Databasen kan ikke brukes" in line(
        run(*words, STAFETT_DATABASE_URL="sqlite:///brev.db")
    )


def test_empty_database(run, tmp_path):
    sqlite3.connect(tmp_path / "tom.db").execute("VACUUM").connection.close()
    assert "stafett init" in line(run("token", "x", STAFETT_DATABASE_URL="sqlite:///tom.db"))


def test_folder_that_is_missing(run, password_file):
    url = "sqlite:///finnes/ikke/her.db"
    words = ("init", "--username", "admin", "--password-file", password_file)
    assert "finnes" in line(run(*words, STAFETT_DATABASE_URL=url))


def test_server_that_does_not_answer(run):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: refused at once
        port = taken.getsockname()[1]
        url = f"postgresql://app:hysjhysj@127.0.0.1:{port}/stafett"
        told = line(run("token", "laerer", STAFETT_DATABASE_URL=url))
    assert "Databasen kan ikke brukes" in told
    assert "hysjhysj" not in told


def test_password_file_that_is_missing_or_empty(run, tmp_path):
    assert "borte finnes ikke" in line(run("init", "--username", "a", "--password-file", "borte"))
    (tmp_path / "tom").touch()
    line(run("init", "--username", "a", "--password-file", "tom"))


@pytest.mark.parametrize("command", ["demo", "serve"])
def test_busy_port_stops_before_any_work(run, tmp_path, command):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        key = secrets.token_urlsafe(32)
        assert str(port) in line(run(command, "--port", port, STAFETT_SECRET_KEY=key))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("host", ["ingen.invalid", "ingen..no", "x" * 70 + ".no"])
def test_unknown_host(run, host):
    assert f"Verten {host} finnes ikke." in line(run("demo", "--host", host, "--port", "0"))


def test_from_nothing_to_a_token_and_back(run, password_file, tmp_path):
    words = ("init", "--username", "admin", "--password-file", password_file)
    assert run(*words).returncode == 0
    assert (tmp_path / "var" / "stafett.db").stat().st_mode & 0o077 == 0
    line(run(*words))  # there is a first administrator only once
    assert run("db", "check").returncode == 0
    made = run("token", "admin", "--days", "2")
    assert (made.returncode, made.stderr) == (0, "")
    assert len(made.stdout.split()) == 1
    line(run("token", "ukjent"))
    line(run("db", "downgrade", "ukjent"))
    assert run("db", "downgrade", "base").returncode == 0
    assert "stafett init" in line(run("db", "check"))
    assert run("db", "upgrade").returncode == 0


def test_drift_is_listed(run, password_file, tmp_path):
    run("init", "--username", "admin", "--password-file", password_file)
    database = sqlite3.connect(tmp_path / "var" / "stafett.db")
    database.execute("ALTER TABLE service ADD COLUMN gammel TEXT")
    database.close()
    found = run("db", "check")
    assert found.returncode == 1
    assert "gammel" in found.stdout
    assert len(found.stderr.splitlines()) == 1


def test_what_is_printed_needs_no_database(run, tmp_path):
    assert run("openapi").stdout.startswith("{")
    assert "|" in run("access-table").stdout
    assert list(tmp_path.iterdir()) == []


def test_demo_starts_twice_and_survives_an_interrupted_fill(run, tmp_path):
    folder = tmp_path / "var" / "demo"
    folder.mkdir(parents=True)
    (folder / "filling.db").write_text("half of a kommune")
    first = served(tmp_path)
    key = (folder / "secret").read_text()
    filled = sqlite3.connect(folder / "stafett.db")
    people = filled.execute("SELECT count(*) FROM user_account").fetchone()
    filled.close()
    assert "laerer" in first
    assert not (folder / "filling.db").exists()
    assert people[0] > 10
    assert served(tmp_path) == first
    assert (folder / "secret").read_text() == key
    assert (folder / "secret").stat().st_mode & 0o077 == 0


def served(folder):
    """Start the demo, wait for its first page, stop it, and return what it printed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, "-m", "stafett.cli", "demo", "--port", str(port)],
        cwd=folder,
        env=environment(STAFETT_DATABASE_URL="sqlite:///never-touched.db"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert wait_for(f"http://127.0.0.1:{port}/helse", process) == 200
        finally:
            process.send_signal(signal.SIGTERM)
            said, failed = process.communicate(timeout=30)
    assert "Traceback" not in failed
    assert process.returncode == 0, failed
    assert not (folder / "never-touched.db").exists()
    return said.replace(str(port), "PORT")


def wait_for(url, process):
    until = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        try:
            with urlopen(url, timeout=10) as answer:
                return answer.status
        except URLError:
            time.sleep(0.1)
    return None


def test_the_server_opens_its_database_without_alembic(run, tmp_path, password_file):
    url = f"sqlite:///{tmp_path}/stafett.db"
    made = run(
        "init", "--username", "admin", "--password-file", password_file, STAFETT_DATABASE_URL=url
    )
    assert made.returncode == 0, made.stderr
    opens = "from stafett import cli; cli._open(cli._settings(serving=False))"
    loaded = subprocess.run(
        [sys.executable, "-c", f"{opens}; import sys; print('alembic' in sys.modules)"],
        cwd=tmp_path,
        env=environment(STAFETT_DATABASE_URL=url),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert loaded.stdout == "False\n"
