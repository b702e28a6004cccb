"""Kinds, tables and migrations name the same things."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic import op as ops
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from ejournal_core.kinds import KINDS, field_names
from ejournal_desktop.models import database
from ejournal_desktop.models.tables import OWN_COLUMNS, TABLES, metadata
from tests.helpers.laid_tables import laying


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_has_a_column_for_every_field_of_its_kind(kind: str) -> None:
    columns = set(TABLES[kind].columns.keys()) - set(OWN_COLUMNS)
    assert columns == set(field_names(KINDS[kind])), f"{kind}: fields and columns differ"


@pytest.mark.usefixtures("real_migrations")
def test_migrations_make_exactly_the_tables(tmp_path: Path) -> None:
    engine = database.create_database(tmp_path / "j.db", os.urandom(32))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        made = {row[0]: row[1] for row in connection.exec_driver_sql("SELECT name, sql FROM sqlite_master")}
    engine.dispose()
    plain = sa.create_engine("sqlite://")
    with plain.begin() as connection:
        metadata.create_all(connection)
        wanted = {row[0]: row[1] for row in connection.exec_driver_sql("SELECT name, sql FROM sqlite_master")}
    plain.dispose()
    assert made.keys() - {"alembic_version", "sqlite_autoindex_alembic_version_1"} == wanted.keys()
    for name, text in wanted.items():  # defaults and clauses that the comparison above does not see
        assert lines(made[name]) == lines(text), name


@pytest.mark.usefixtures("real_migrations")
def test_tests_lay_the_tables_that_migrations_make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    migrated = whole(tmp_path / "migrated")
    monkeypatch.setattr(command, "upgrade", laying(command.upgrade))
    assert whole(tmp_path / "listened to") == migrated
    monkeypatch.setattr(ops, "create_table", None)  # what is laid now, no migration makes
    assert whole(tmp_path / "laid") == migrated
    assert len(migrated) > len(TABLES)


def whole(path: Path) -> list[object]:
    """Return every table and index of a new file, and its version."""
    engine = database.create_database(path, os.urandom(32))
    with engine.connect() as connection:
        made = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()
        version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").fetchall()
    engine.dispose()
    return [*made, *version]


def lines(statement: str | None) -> list[str]:
    """Return the parts of a CREATE statement in a fixed order."""
    return sorted(line.strip().rstrip(",") for line in (statement or "").splitlines())


def test_every_migration_has_a_name_that_says_something() -> None:
    script = ScriptDirectory.from_config(database._config())
    for revision in script.walk_revisions():
        assert revision.revision[:4].isdigit()
        assert "_" in revision.revision
        assert revision.doc
    assert script.get_current_head() == database.SCHEMA


def test_every_foreign_key_waits_for_the_commit() -> None:
    keys = [key for table in TABLES.values() for key in table.foreign_key_constraints]
    assert keys
    assert all(key.deferrable and key.initially == "DEFERRED" for key in keys)
