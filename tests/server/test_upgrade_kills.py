"""An upgrade of the server's store that is killed leaves the old school or the new one; then it is done again."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from ejournal_server import folder, upgrading
from ejournal_server.folder import Office
from ejournal_server.store import database as databases
from ejournal_server.store.database import SchemaOld
from tests.server import world

pytestmark = pytest.mark.postgres

ROOT = Path(__file__).resolve().parents[2]

#: Two tables are altered; at the word KILL the power may go between them.
MIGRATION = '''
"""Alter two tables."""
import os
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9999", "{head}", None, None


def upgrade() -> None:
    op.add_column("school", sa.Column("motto", sa.Text(), server_default="", nullable=False))
    op.execute("UPDATE school SET motto = 'x', name = name || '!'")
    if os.environ.get("STEP") == "middle":
        os.kill(os.getpid(), 9)
    op.create_table("planted", sa.Column("id", sa.Text(), primary_key=True))
'''

UPGRADE = """
import os, sys, pathlib
import sqlalchemy as sa
from ejournal_server import folder, upgrading
from ejournal_server.store import copying, database
database.MIGRATIONS, database.SCHEMA = sys.argv[1], "9999"
die = lambda *_, **__: os.kill(os.getpid(), 9)
step = os.environ["STEP"]
if step == "copy-begun":
    upgrading.Path.rename = die
if step == "copied":
    upgrading.flush_folder = die
if step == "before-commit":
    flush = upgrading.flush_folder
    def armed(place):
        flush(place)
        sa.event.listen(sa.engine.Engine, "commit", die)
    upgrading.flush_folder = armed
if step == "committed":
    upgrading.logger.info = die
upgrading.bring_up(pathlib.Path(sys.argv[2]), sys.argv[3] or None)
"""

#: What is there after a kill at each step, and how many copies have been made by then.
STEPS = {"copy-begun": ("old", 0), "copied": ("old", 1), "middle": ("old", 1), "before-commit": ("old", 1),
         "committed": ("new", 1)}  # fmt: skip


@pytest.fixture
def tomorrow(tmp_path: Path) -> Path:
    """Give the migrations of a program that has one more."""
    own = Path(folder.__file__).parent / "migrations"
    scripts = tmp_path / "migrations"
    (scripts / "versions").mkdir(parents=True)
    for file in (*own.glob("*.py"), *own.glob("*.mako"), *own.glob("versions/*.py")):
        (scripts / file.relative_to(own)).write_text(file.read_text())
    newest = sorted((own / "versions").glob("0*.py"))[-1].read_text()
    head = next(line for line in newest.splitlines() if line.startswith("revision")).split('"')[1]
    (scripts / "versions" / "9999_next.py").write_text(MIGRATION.replace("{head}", head))
    return scripts


@pytest.fixture
def school(tmp_path: Path, database: str | None) -> Path:
    with contextlib.closing(folder.found(tmp_path / "data", world.SCHOOL_NAME, database)) as office:
        world.settle(office)
    return tmp_path / "data"


def upgrade(step: str, tomorrow: Path, school: Path, database: str | None) -> int:
    environment = os.environ | {"STEP": step, "PYTHONPATH": str(ROOT)}
    line = [sys.executable, "-c", UPGRADE, str(tomorrow), str(school), database or ""]
    return subprocess.run(line, env=environment, cwd=ROOT, capture_output=True, check=False).returncode


def seen(office: Office) -> tuple[str, bool, bool]:
    """Return the school's name, and whether each of the two tables is altered."""
    inspector = sa.inspect(office.authority.store.engine)
    columns = {column["name"] for column in inspector.get_columns("school")}
    return office.school_name, "motto" in columns, inspector.has_table("planted")


OLD, NEW = (world.SCHOOL_NAME, False, False), (f"{world.SCHOOL_NAME}!", True, True)


def copies(school: Path) -> list[str]:
    return sorted(copy.suffix for copy in (school / upgrading.COPIES).glob("store-*") if copy.suffix != ".new")


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_the_store_is_the_old_one_or_the_new_and_nothing_between(
    step: str, tomorrow: Path, school: Path, database: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert upgrade(step, tomorrow, school, database) == -signal.SIGKILL
    left, copied = STEPS[step]
    assert len(copies(school)) == copied
    if left == "old":  # the program of today goes on with it, and the one of tomorrow asks for the upgrade
        with contextlib.closing(folder.open_office(school, database)) as office:
            assert seen(office) == OLD
    for unfinished in (school / upgrading.COPIES).glob("*.new"):
        os.utime(unfinished, (0, 0))
    monkeypatch.setattr(databases, "MIGRATIONS", str(tomorrow))
    monkeypatch.setattr(databases, "SCHEMA", "9999")
    if left == "old":
        with pytest.raises(SchemaOld):
            folder.open_office(school, database)
    assert (upgrading.bring_up(school, database) is not None) == (left == "old")
    with contextlib.closing(folder.open_office(school, database)) as office:
        assert seen(office) == NEW
    assert not list((school / upgrading.COPIES).glob("*.new"))


def test_the_upgrade_that_nobody_kills_comes_to_its_end(
    tomorrow: Path, school: Path, database: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert upgrade("", tomorrow, school, database) == 0
    monkeypatch.setattr(databases, "MIGRATIONS", str(tomorrow))
    monkeypatch.setattr(databases, "SCHEMA", "9999")
    with contextlib.closing(folder.open_office(school, database)) as office:
        assert seen(office) == NEW
