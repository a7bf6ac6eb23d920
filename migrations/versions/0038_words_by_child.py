"""Keeps the words that are searched by child, so that a search reads those of its children alone.

A word is kept with the first twelve digits of the child's id before it, and when the entry was
written beside it, so that the newest hits are found first. On SQLite the FTS5 table keeps no text
of its own, and `entry_search` says which text a row of it is. The words are made anew from the
texts: a minute for each 1,000,000 on SQLite, two on PostgreSQL. Down makes them as they were.
"""

import re
import unicodedata
from functools import cache

from alembic import context, op

revision = "0038_words_by_child"
down_revision = "0037_asked_again"

SAID = "FROM entry_version said JOIN entry ON entry.id = said.entry_id"
NEW = "said.entry_id = NEW.entry_id AND said.number = NEW.number"


def words_of_child(child_id: str, text: str) -> str:
    """Return the words as `stafett.words.of_child` did when this was written."""
    words = dict.fromkeys(_word().findall(text.replace("İ", "i").lower()))
    return " ".join(child_id[:12] + one.encode().hex() for one in words)


@cache
def _word() -> re.Pattern[str]:
    """Return what a word is: letters and digits, with the signs over and under them."""
    signs = (one for one in map(chr, range(0x300, 0xFFFF)) if unicodedata.category(one)[0] == "M")
    return re.compile(rf"[^\W_]+(?:[\u200c\u200d{''.join(signs)}]+[^\W_]*)*")


def upgrade() -> None:
    """Make the tables anew, fill them, and let the database add to them."""
    _drop()
    if op.get_bind().dialect.name == "sqlite":
        _on_sqlite()
    else:
        _on_postgresql()


def downgrade() -> None:
    """Make what is searched as 0012 and 0034 made it."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE entry_search_words")
    _drop()
    for earlier in ("0012_search", "0034_words_in_their_place"):
        context.script.get_revision(earlier).module.upgrade()


def _drop() -> None:
    context.script.get_revision("0012_search").module.downgrade()


def _on_sqlite() -> None:
    driver = op.get_bind().connection.dbapi_connection
    driver.create_function(words_of_child.__name__, 2, words_of_child, deterministic=True)
    op.execute(
        "CREATE TABLE entry_search (id INTEGER NOT NULL, entry_id CHAR(32) NOT NULL, "
        "number INTEGER NOT NULL, written_at DATETIME NOT NULL, "
        "CONSTRAINT pk_entry_search PRIMARY KEY (id), "
        "CONSTRAINT fk_entry_search_entry_id FOREIGN KEY (entry_id, number) "
        "REFERENCES entry_version (entry_id, number))"
    )
    op.execute(
        "CREATE VIRTUAL TABLE entry_search_words USING fts5(words, content='', detail=none, "
        "tokenize='ascii')"
    )
    added = (
        "INSERT INTO entry_search (entry_id, number, written_at) "
        f"SELECT said.entry_id, said.number, entry.written_at {SAID}"
    )
    op.execute(added)
    op.execute(
        "INSERT INTO entry_search_words (rowid, words) "
        f"SELECT kept.id, words_of_child(entry.child_id, said.text) {SAID} JOIN entry_search kept "
        "ON kept.entry_id = said.entry_id AND kept.number = said.number"
    )
    op.execute(
        "CREATE TRIGGER entry_version_searched AFTER INSERT ON entry_version "  # noqa: S608 all is ours
        f"BEGIN {added} WHERE {NEW}; "
        "INSERT INTO entry_search_words (rowid, words) "
        "SELECT last_insert_rowid(), words_of_child(entry.child_id, NEW.text) "
        "FROM entry WHERE entry.id = NEW.entry_id; END"
    )
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER entry_search_no_{verb.lower()} BEFORE {verb} ON entry_search "
            "BEGIN SELECT RAISE(ABORT, 'append only'); END"
        )


def _on_postgresql() -> None:
    letters = context.script.get_revision("0012_search").module
    said = (
        f"to_tsvector('norwegian', translate(lower(said.text), '{letters.FROM}', '{letters.TO}'))"
    )
    added = (
        "INSERT INTO entry_search (entry_id, number, written_at, words) "  # noqa: S608 all is ours
        "SELECT said.entry_id, said.number, entry.written_at, array_to_tsvector(ARRAY(SELECT "
        "substr(replace(entry.child_id::text, '-', ''), 1, 12) || one.lexeme "
        f"FROM unnest({said}) one WHERE octet_length(one.lexeme) < 2000)) {SAID}"
    )
    op.execute(
        "CREATE TABLE entry_search (entry_id uuid NOT NULL, number integer NOT NULL, "
        "written_at timestamptz NOT NULL, words tsvector NOT NULL, "
        "CONSTRAINT pk_entry_search PRIMARY KEY (entry_id, number), "
        "CONSTRAINT fk_entry_search_entry_id FOREIGN KEY (entry_id, number) "
        "REFERENCES entry_version (entry_id, number))"
    )
    op.execute(added)
    op.execute(
        "CREATE INDEX ix_entry_search_words ON entry_search USING gin (words) "
        "WITH (fastupdate = off)"
    )
    op.execute(
        "CREATE FUNCTION entry_version_searched() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {added} WHERE {NEW}; RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER entry_version_searched AFTER INSERT ON entry_version "
        "FOR EACH ROW EXECUTE FUNCTION entry_version_searched()"
    )
    op.execute(
        "CREATE TRIGGER entry_search_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
        "ON entry_search FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
    )
