"""The bare application beside which ours is measured: plain SQL, ready templates, no questions.

Nobody logs in and nothing is decided. It runs under the server and settings of `stafett serve`,
selects the rows that our pages show and stores the rows that our calls store; `?log=1` adds one
access row where ours must commit one, and `?pad=` fills a page up to the length of ours.
"""

import json
import os
import sqlite3
import threading
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4
from zipfile import ZIP_DEFLATED, ZipFile

from flask import Flask, Response, request
from jinja2 import Environment, FileSystemLoader

import stafett.app
from exports import house, word
from stafett import cli, dates, words
from stafett.db import PRAGMAS
from stafett.profile.load import load
from stafett.settings import Settings
from tests.bench.seed import TEACHER

URL = os.environ.get("STAFETT_DATABASE_URL", "sqlite:///:memory:")
DOCUMENT = os.environ.get("BENCH_DOCUMENT", "")
SQLITE = URL.startswith("sqlite")
MARK = "?" if SQLITE else "%s"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

app = Flask(__name__, static_folder=None, template_folder=None)
env = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
env.filters.update(
    iso=dates.iso,
    day=dates.day_text,
    moment=dates.moment_text,
    near=dates.relative,
    late=dates.days_late_text,
    age=dates.age,
)
KINDS = {
    "note": "Notat",
    "contact": "Kontakt",
    "glimpse": "Lysglimt",
    "child_voice": "Barns ord",
    "concern": "Bekymring som ble delt",
}
templates = {name: env.get_template(f"{name}.html") for name in ("log", "child", "worklist")}
local = threading.local()

HEAD = f"""
    SELECT c.name, c.birth_date, l.level, u.name, u.title, l.next_evaluation_on FROM child c
    JOIN stafettlogg l ON l.child_id = c.id JOIN user_account u ON u.id = l.holder_id
    WHERE c.id = {MARK}"""
ENTRIES = f"""
    SELECT e.id, e.kind, v.text, e.visibility, u.username, u.name, u.title, e.written_at,
        e.version, v.reason, v.written_at
    FROM entry e JOIN user_account u ON u.id = e.written_by
    JOIN entry_version v ON v.entry_id = e.id AND v.number = e.version
    WHERE e.child_id = {MARK} ORDER BY e.written_at DESC, e.id DESC LIMIT {{}}"""
READERS = f"""
    SELECT u.name, u.title FROM tie t JOIN user_account u ON u.id = t.user_id
    WHERE t.child_id = {MARK} AND t.ended_at IS NULL"""
UNDER_WAY = f"""
    SELECT key, what, responsible_name, accepted FROM measure WHERE child_id = {MARK}
    AND status IN ('active', 'applied') ORDER BY accepted IS NOT NULL, evaluate_on"""
RUNNING = f"""
    SELECT what, responsible_name, evaluate_on, accepted FROM measure WHERE child_id = {MARK}
    AND status IN ('active', 'applied') ORDER BY evaluate_on"""
LEVELS = f"""
    SELECT s.to_level, s.changed_at FROM level_change s JOIN stafettlogg l ON l.id = s.log_id
    WHERE l.child_id = {MARK} ORDER BY s.changed_at"""
CHILDREN = f"""
    SELECT c.id, c.name, c.birth_date, l.level, h.name FROM tie t
    JOIN user_account u ON u.id = t.user_id JOIN child c ON c.id = t.child_id
    JOIN stafettlogg l ON l.child_id = c.id JOIN user_account h ON h.id = l.holder_id
    WHERE u.username = {MARK} AND t.relation = 'SH' AND t.ended_at IS NULL ORDER BY c.name"""
DUE = f"""
    SELECT c.id, c.name, l.next_evaluation_on FROM tie t
    JOIN user_account u ON u.id = t.user_id JOIN child c ON c.id = t.child_id
    JOIN stafettlogg l ON l.child_id = c.id
    WHERE u.username = {MARK} AND t.relation = 'SH' AND t.ended_at IS NULL
    AND l.next_evaluation_on <= {MARK} ORDER BY l.next_evaluation_on"""
MINE = f"""
    SELECT c.id, c.name, m.key, m.what FROM measure m JOIN child c ON c.id = m.child_id
    JOIN user_account u ON u.id = m.responsible_id
    WHERE u.username = {MARK} AND m.accepted AND m.status = 'active'
    ORDER BY c.name, m.evaluate_on"""
NOBODYS = f"""
    SELECT c.id, c.name, m.key, m.what, m.responsible_name, m.asked_at FROM measure m
    JOIN child c ON c.id = m.child_id JOIN stafettlogg l ON l.child_id = c.id
    JOIN user_account u ON u.id = l.holder_id
    WHERE u.username = {MARK} AND m.accepted IS NULL AND m.status = 'active'
    ORDER BY c.name, m.responsible_name"""
VERSION = f"""
    SELECT v.number, v.content, c.name FROM plan_version v JOIN child c ON c.id = v.child_id
    WHERE c.id = {MARK} ORDER BY v.number DESC LIMIT 1"""
CONTENTS = f"SELECT v.content FROM plan_version v WHERE v.child_id = {MARK} ORDER BY v.number"
SAVE = f"UPDATE plan SET draft = {MARK}, version = version + 1 WHERE child_id = {MARK}"
WRITER = f"""
    SELECT l.id, u.id, u.service_id FROM stafettlogg l JOIN user_account u ON u.id = l.holder_id
    WHERE l.child_id = {MARK}"""


def insert(table: str, *columns: str) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join([MARK] * len(columns))})"


ENTRY = insert(
    "entry",
    *("id", "child_id", "log_id", "kind", "visibility", "written_by", "service_id"),
    *("written_at", "version"),
)
TEXT = insert("entry_version", "entry_id", "number", "text", "written_at")
TRAIL = insert("trail", "id", "at", "actor_id", "action", "child_id", "object_id", "changes")
ACCESS = insert(
    "access_log",
    *("id", "at", "actor_id", "action", "child_id", "basis", "result", "request_id", "shown"),
)


def connection():
    """This thread's own, as in the pool of ours."""
    if not hasattr(local, "connection"):
        if SQLITE:
            found = sqlite3.connect(URL.removeprefix("sqlite:///"), isolation_level=None)
            found.create_function(words.BY_CHILD, 2, words.of_child, deterministic=True)
            for name, value in PRAGMAS.items():
                found.execute(f"PRAGMA {name}={value}")
        else:
            import psycopg

            found = psycopg.connect(URL.replace("+psycopg", ""), autocommit=True)
        local.connection = found
    return local.connection


def key(value):
    return value.hex if SQLITE else value


def moment(value):
    return datetime.fromisoformat(value).replace(tzinfo=UTC) if SQLITE else value


def day(value):
    return date.fromisoformat(value) if SQLITE and value else value


def stored(value: datetime):
    return str(value)[:26] if SQLITE else value


def begin(c):
    c.execute("BEGIN IMMEDIATE" if SQLITE else "BEGIN")


def look(c, child_id, action: str) -> None:
    """One access row of some 300 bytes, when it is asked for."""
    if "log" in request.args:
        actor, now = uuid4(), datetime.now(UTC)
        child = None if child_id is None else key(child_id)
        row = (key(uuid4()), stored(now), key(actor), action, child, "SH", "allow", uuid4().hex)
        c.execute(ACCESS, (*row, b"x" * 100))


def traced(c, child, action: str, changed, changes: dict) -> None:
    """Keep the row of the trail that a call of ours keeps of what it changes."""
    now, actor = datetime.now(UTC), uuid4()
    row = (key(uuid4()), stored(now), key(actor), action, child, changed, json.dumps(changes))
    c.execute(TRAIL, row)


def looked(c, child_id, action: str) -> None:
    """The same in a transaction of its own."""
    if "log" in request.args:
        begin(c)
        look(c, child_id, action)
        c.execute("COMMIT")


def shown(name: str, **values):
    now = datetime.now(UTC)
    pad = "x" * request.args.get("pad", 0, int)
    html = templates[name].render(**values, now=now, today=dates.oslo_date(now), pad=pad)
    return Response(html, mimetype="text/html")


def head_of(c, child):
    name, born, level, holder, title, evaluate_on = c.execute(HEAD, (child,)).fetchone()
    return {
        "name": name,
        "born": day(born),
        "level": level,
        "holder": holder,
        "title": title,
        "evaluate_on": day(evaluate_on),
    }


def entries_of(c, child, limit: int):
    rows = c.execute(ENTRIES.format(limit), (child,)).fetchall()
    return [(*row[:7], moment(row[7]), row[8], row[9], moment(row[10])) for row in rows]


def running(c, child):
    rows = c.execute(RUNNING, (child,)).fetchall()
    return [(*row[:2], day(row[2]), row[3]) for row in rows]


@app.get("/barn/<uuid:child_id>/stafettlogg")
def log(child_id):
    c, child = connection(), key(child_id)
    answer = shown(
        "log",
        id=child_id,
        head=head_of(c, child),
        entries=entries_of(c, child, 200),
        readers=c.execute(READERS, (child,)).fetchall(),
        due=c.execute(UNDER_WAY, (child,)).fetchall(),
        own=TEACHER,
        names=KINDS,
        may_act=True,
        child=child_id,
    )
    looked(c, child_id, "entry.list")
    return answer


@app.get("/barn/<uuid:child_id>")
def show(child_id):
    c, child = connection(), key(child_id)
    answer = shown(
        "child",
        id=child_id,
        head=head_of(c, child),
        entries=entries_of(c, child, 5),
        names=KINDS,
        due=running(c, child),
        levels=[(level, moment(at)) for level, at in c.execute(LEVELS, (child,)).fetchall()],
    )
    looked(c, child_id, "child.read_identity")
    return answer


@app.get("/")
def worklist():
    c, until = connection(), dates.oslo_date(datetime.now(UTC)) + timedelta(days=14)
    due = [(*row[:2], day(row[2])) for row in c.execute(DUE, (TEACHER, until)).fetchall()]
    answer = shown(
        "worklist",
        children=[
            (*row[:2], day(row[2]), *row[3:]) for row in c.execute(CHILDREN, (TEACHER,)).fetchall()
        ],
        due=due,
        next={child: on for child, _, on in due},
        mine=c.execute(MINE, (TEACHER,)).fetchall(),
        nobodys=[
            (*row[:5], dates.oslo_date(moment(row[5])))
            for row in c.execute(NOBODYS, (TEACHER,)).fetchall()
        ],
    )
    looked(c, None, "worklist.read")
    return answer


@app.post("/api/v1/children/<uuid:child_id>/entries")
def write(child_id):
    sent, c, child = request.get_json(), connection(), key(child_id)
    entry, now = uuid4(), datetime.now(UTC)
    log_id, user, service = c.execute(WRITER, (child,)).fetchone()
    begin(c)
    row = (key(entry), child, log_id, sent["kind"], sent["visibility"], user, service)
    c.execute(ENTRY, (*row, stored(now), 1))
    c.execute(TEXT, (key(entry), 1, sent["text"], stored(now)))
    traced(c, child, "entry.create", key(entry), {"kind": sent["kind"]})
    look(c, child_id, "entry.create")
    c.execute("COMMIT")
    return {"id": entry, "author_id": str(user), "service_id": str(service), **sent}, 201


@app.put("/api/v1/children/<uuid:child_id>/plan/draft")
def save(child_id):
    sent, c, child = request.get_json(), connection(), key(child_id)
    seen = sent.pop("seen_version")
    begin(c)
    c.execute(SAVE, (json.dumps(sent), child))
    traced(c, child, "plan.edit_tiltaksplan", child, {"fields": ["about_me"]})
    look(c, child_id, "plan.edit")
    c.execute("COMMIT")
    return {"seen_version": seen + 1, **sent}


@app.get("/api/v1/children/<uuid:child_id>/plan/diff")
def compare(child_id):
    c = connection()
    rows = c.execute(CONTENTS, (key(child_id),)).fetchall()
    contents = [json.loads(one) if SQLITE else one for (one,) in rows]
    answer = {"goals": [len(one["goals"]) for one in contents]}
    looked(c, child_id, "plan.read_version")
    return answer


@app.get("/barn/<uuid:child_id>/plan.docx")
def document(child_id):
    c = connection()
    c.execute(VERSION, (key(child_id),)).fetchone()
    answer = Response(package(), mimetype=DOCX)
    looked(c, child_id, "plan.export")
    return answer


class Prepared:
    """A document of ours, taken apart: what is the same for all, and the finished XML of one."""

    def __init__(self, whole: bytes):
        kept = BytesIO()
        self.parts = []
        base = BytesIO(word.shell(house.UPRIGHT).base)
        shell = {info.filename for info in ZipFile(base).infolist()}
        with ZipFile(BytesIO(whole)) as package, ZipFile(kept, "w", ZIP_DEFLATED) as base:
            for info in package.infolist():
                if info.filename in shell:
                    base.writestr(info.filename, package.read(info))
                else:
                    self.parts.append((info.filename, package.read(info).decode()))
        self.base = kept.getvalue()

    def __call__(self) -> bytes:
        file = BytesIO()
        file.write(self.base)
        with ZipFile(file, "a", ZIP_DEFLATED) as package:
            for name, text in self.parts:
                package.writestr(name, text)
        return file.getvalue()


if __name__ == "__main__":
    package = Prepared(Path(DOCUMENT).read_bytes())
    settings = Settings.from_env(os.environ)
    app.extensions["stafett.profile"] = load(settings.profile)
    stafett.app.create_app = lambda _database, _settings: app  # what `_serve` puts in its place
    listener = cli._listen("127.0.0.1", 0)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    cli._serve(settings, listener, cli.WORKERS, f"Grensen svarer på {address}")
