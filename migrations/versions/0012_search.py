"""What is searched: the words of every text of an entry, kept by the database as it is written.

SQLite has them in an FTS5 table, PostgreSQL in a tsvector with a GIN index. Both keep the child as
a word of its own, so that a search among few children reads few rows of the index. Fills the table
from what is there: some seconds for each 100,000 entries. Down drops it; nothing else is lost.
"""

import string

from alembic import op

revision = "0012_search"
down_revision = "0011_restriction"

CAPITALS, SMALL = "ÆØÅÄÖÜÉÈÊÓÒÔÁÀÂÍÑÇŠŽČĐŊŦ", "æøåäöüéèêóòôáàâíñçšžčđŋŧ"
"""What PostgreSQL lowers only where the database's locale knows the letters."""
SIGNS = string.punctuation + "«»‹›“”„‘’–—…·•"  # noqa: RUF001 people write these
"""What parts words; PostgreSQL would take «mor/far» for a file, and `<b>` for markup."""
FROM, TO = CAPITALS + SIGNS.replace("'", "''"), SMALL + " " * len(SIGNS)


def upgrade() -> None:
    """Make the table, fill it, and let the database add to it."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE entry_search USING fts5(words, child, entry_id UNINDEXED, "
            "number UNINDEXED, tokenize='unicode61 remove_diacritics 0')"
        )
        added = (
            "INSERT INTO entry_search (words, child, entry_id, number) "
            "SELECT said.text, entry.child_id, said.entry_id, said.number "
            "FROM entry_version said JOIN entry ON entry.id = said.entry_id"
        )
        op.execute(added)
        op.execute(
            "CREATE TRIGGER entry_version_searched AFTER INSERT ON entry_version BEGIN "
            f"{added} WHERE said.entry_id = NEW.entry_id AND said.number = NEW.number; END"
        )
        return
    op.execute(
        "CREATE TABLE entry_search (entry_id uuid NOT NULL, number integer NOT NULL, "
        "words tsvector NOT NULL, CONSTRAINT pk_entry_search PRIMARY KEY (entry_id, number), "
        "CONSTRAINT fk_entry_search_entry_id FOREIGN KEY (entry_id, number) "
        "REFERENCES entry_version (entry_id, number))"
    )
    added = (
        "INSERT INTO entry_search (entry_id, number, words) "  # noqa: S608 all of it is this file's
        "SELECT said.entry_id, said.number, "
        "array_to_tsvector(ARRAY[replace(entry.child_id::text, '-', '')]) || "
        f"to_tsvector('norwegian', translate(lower(said.text), '{FROM}', '{TO}')) "
        "FROM entry_version said JOIN entry ON entry.id = said.entry_id"
    )
    op.execute(added)
    op.execute("CREATE INDEX ix_entry_search_words ON entry_search USING gin (words)")
    op.execute(
        "CREATE FUNCTION entry_version_searched() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {added} WHERE said.entry_id = NEW.entry_id AND said.number = NEW.number; "
        "RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER entry_version_searched AFTER INSERT ON entry_version "
        "FOR EACH ROW EXECUTE FUNCTION entry_version_searched()"
    )
    op.execute(
        "CREATE TRIGGER entry_search_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
        "ON entry_search FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
    )


def downgrade() -> None:
    """Drop the table and what fills it."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER entry_version_searched")
    else:
        op.execute("DROP TRIGGER entry_version_searched ON entry_version")
        op.execute("DROP FUNCTION entry_version_searched()")
    op.execute("DROP TABLE entry_search")
