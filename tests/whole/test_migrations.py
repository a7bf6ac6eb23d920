"""That every migration runs both ways on a filled database, and that their end is the models."""

import ast
import re
from collections import Counter
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, func, insert, inspect, select, text

from stafett.children.commands import AddGuardian, add_guardian
from stafett.models import Base, is_model
from tests.conftest import ROOT, migrations
from tests.town import Town

FILES = sorted((ROOT / "migrations" / "versions").glob("[!_]*.py"))
REVISIONS = [path.stem for path in FILES]
EACH = pytest.mark.parametrize("path", FILES, ids=REVISIONS)


def schema(engine):
    """Everything that the database knows of its tables, in an order of its own.

    But for what is searched, which is no model: tests/entries/test_search.py asks it.
    """
    with engine.connect() as connection:
        found = inspect(connection)
        names = [name for name in found.get_table_names() if modelled(name)]

        def all_at_once(kind):
            """Of each table, in a few statements for all of them on PostgreSQL."""
            return {name: one for (_, name), one in getattr(found, f"get_multi_{kind}")().items()}

        columns, keys = all_at_once("columns"), all_at_once("pk_constraint")
        foreign, unique = all_at_once("foreign_keys"), all_at_once("unique_constraints")
        indexes, checks = all_at_once("indexes"), all_at_once("check_constraints")
    return {
        name: {
            "columns": [(one["name"], str(one["type"]), one["nullable"]) for one in columns[name]],
            "defaults": [one["default"] for one in columns[name]],
            "key": keys[name],
            "foreign": sorted(map(str, foreign[name])),
            "unique": sorted(map(str, unique[name])),
            "indexes": sorted(map(_index, indexes[name])),
            "checks": sorted(
                (one["name"], re.sub(r"[\s()]", "", one["sqltext"])) for one in checks[name]
            ),
        }
        for name in names
    }


def modelled(name):
    return name != "alembic_version" and is_model(name, "table", None)


def _index(found):
    """An index as text, with the condition of a partial one."""
    options = found.pop("dialect_options", {})
    conditions = [str(value) for name, value in options.items() if name.endswith("_where")]
    return str((sorted(found.items()), conditions))


def triggers(engine):
    sqlite = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    others = "SELECT trigger_name, event_object_table FROM information_schema.triggers"
    with engine.connect() as connection:
        found = connection.execute(text(sqlite if engine.dialect.name == "sqlite" else others))
        return sorted(map(tuple, found))


def rows(database):
    there = set(inspect(database.engine).get_table_names())
    with database.reading() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table))
            for table in Base.metadata.sorted_tables
            if table.name in there
        }


def test_up_down_up_with_data(database, town, app, now):
    """All the way down and up again, and a new kommune moves in."""
    before, guarded = schema(database.engine), triggers(database.engine)
    assert sum(1 for count in rows(database).values() if count) > 10
    config = migrations(database.engine)
    command.downgrade(config, "base")
    assert schema(database.engine) == {}
    assert triggers(database.engine) == []
    command.upgrade(config, "head")
    assert schema(database.engine) == before
    assert triggers(database.engine) == guarded
    assert not any(rows(database).values())
    assert Town(database, app, now).count(Base.metadata.tables["child"]) == 1


def test_each_step_down_and_up_keeps_what_stands_in_the_tables_that_stay(database, town):
    config, end = migrations(database.engine), schema(database.engine)
    before = end
    for _ in REVISIONS[1:]:
        stood = rows(database)
        command.downgrade(config, "-1")
        below = schema(database.engine)
        command.upgrade(config, "+1")
        assert schema(database.engine) == before
        left = {name: count for name, count in rows(database).items() if name in below}
        assert left == {name: count for name, count in stood.items() if name in below}
        command.downgrade(config, "-1")
        before = below
    command.upgrade(config, "head")
    assert schema(database.engine) == end


def test_of_looks_asked_about_twice_the_last_question_goes_down(database, town):
    """Below 0037 there is room for one; the way down must not stop there."""
    config, made = migrations(database.engine), {}
    for number, answered in ((1, town.now), (2, None)):
        made[number] = uuid4()
        values = {
            "id": made[number],
            "kind": "signs",
            "actor_id": town.users["ppt"],
            "child_id": town.child,
            "looked_on": town.today,
            "signs": ["off_hours"],
            "made_at": town.now + timedelta(days=number),
            "due_on": town.today,
            "closed_at": answered,
            "version": 1,
        }
        with database.writing() as session:
            session.execute(insert(Base.metadata.tables["review"]), [values])
    command.downgrade(config, "0036_consents_that_wait")
    command.upgrade(config, "head")
    with database.reading() as session:
        assert session.scalars(select(Base.metadata.tables["review"].c.id)).all() == [made[2]]


def test_a_measure_in_force_finds_the_guardian_whose_name_it_has(database, town):
    """Below 0040 it had the name alone; a name that two have is nobody's."""
    config = migrations(database.engine)
    tables, found = Base.metadata.tables, {}
    with town.work("laerer") as work:
        for name in ("Besta Demo", "Ola Demo", "Ola Demo"):
            wish = AddGuardian(name, "annen", parental_responsibility=False, lives_with=False)
            found[name] = add_guardian(work, town.child, wish).id
    with database.writing() as session:
        plan = {"id": uuid4(), "child_id": town.child, "draft": {}, "last_key": 0, "version": 1}
        plan |= {"drafted_by": town.users["laerer"], "drafted_at": town.now}
        session.execute(insert(tables["plan"]), [plan])
        measure = {"plan_id": plan["id"], "child_id": town.child, "what": "Høytlesing"}
        measure |= {"evaluate_on": town.today, "status": "active", "ip": False}
        names = {"m1": "Besta Demo", "m2": "Ola Demo", "m3": "Mor Demo", "m4": "Laerer Demo"}
        accounts = {"m3": town.users["mor"], "m4": town.users["laerer"]}
        made = [
            {**measure, "id": uuid4(), "key": key, "responsible_name": name, "asked_at": town.now}
            | {"responsible_id": accounts.get(key)}
            for key, name in names.items()
        ]
        session.execute(insert(tables["measure"]), made)
    command.downgrade(config, "0039_wish_of_the_family")
    command.upgrade(config, "head")
    named = tables["measure"].c
    with database.reading() as session:
        there = {one.key: one.guardian_id for one in session.execute(select(named))}
    assert there == {"m1": found["Besta Demo"], "m2": None, "m3": None, "m4": None}


def test_head_is_the_models_as_alembic_sees_them(database):
    with database.engine.connect() as connection:
        options = {"compare_type": True, "include_name": is_model}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_head_is_the_models_as_the_database_sees_them(database, tmp_path):
    """Also what alembic does not compare: checks, keys, and the conditions of indexes."""
    if database.engine.dialect.name == "sqlite":
        made = create_engine(f"sqlite:///{tmp_path}/made.db")
        Base.metadata.create_all(made)
        assert schema(database.engine) == schema(made)
        made.dispose()
        return
    migrated = schema(database.engine)
    command.downgrade(migrations(database.engine), "base")
    Base.metadata.create_all(database.engine)
    assert migrated == schema(database.engine)


def test_names_and_triggers_are_in_the_database(database):
    """What the two comparisons above cannot see when both sides lack it."""
    found = schema(database.engine)
    assert found["tie"]["checks"][0][0] == "ck_tie_one_owner"
    unique = [one for one in found["tie"]["indexes"] if "uq_tie_one_holder" in one]
    assert "ended_at IS NULL" in unique[0]
    guarded = Counter(table for name, table in triggers(database.engine) if "searched" not in name)
    asked = {"access_log", "access_shown", "trail", "entry_version", "level_change", "withdrawal"}
    assert asked <= guarded.keys()
    assert set(guarded.values()) == {2}  # PostgreSQL lists no TRUNCATE; test_db.py tries it
    for name, table in found.items():
        kinds = [("pk", table["key"]["name"])]
        kinds += [("ck", check) for check, _ in table["checks"]]
        assert all(called.startswith(f"{kind}_{name}") for kind, called in kinds), name


def test_there_is_one_head_and_one_line():
    scripts = ScriptDirectory.from_config(migrations(None))
    assert scripts.get_heads() == [REVISIONS[-1]]
    line = [script.revision for script in scripts.walk_revisions()]
    assert line[::-1] == REVISIONS
    for script in scripts.walk_revisions():
        assert not isinstance(script.down_revision, tuple)


def test_the_names_are_numbered_without_a_gap():
    for number, name in enumerate(REVISIONS, 1):
        assert re.fullmatch(rf"{number:04}_[a-z0-9_]+", name)


@EACH
def test_every_migration_spells_out_its_tables(path: Path):
    """It must do tomorrow what it does today, whatever the models have become."""
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    imported = {
        module.split(".")[0]
        for node in ast.walk(tree)
        for module in (
            [one.name for one in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert "stafett" not in imported
    called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not called & {"create_all", "drop_all", "metadata", "reflect"}
    assert ast.get_docstring(tree)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert {"upgrade", "downgrade"} <= functions.keys()
    for name in ("upgrade", "downgrade"):
        assert [one for one in functions[name].body[1:] if not isinstance(one, ast.Pass)], name
