"""Killed at each named step of an upgrade, a backup and a restore: the old state goes on, and the next try succeeds.

The other kills of the test command: desks and servers at random moments in `test_interruptions`, `test_durability`,
`test_process` (both stores) and `test_several_servers`, a new desk in `test_new_desk`, a move in `test_moving`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from ejournal_core.age_file import BackupIdentity
from ejournal_core.archive import Proof
from ejournal_core.rebuilding import Prover
from ejournal_desktop.models import database
from ejournal_server import backups, folder, generations, intake
from ejournal_server.generations import Recipients, SchoolLines
from tests.server import world
from tests.server.world import PUPILS

KEY = bytes(range(32))
ROOT = Path(__file__).resolve().parents[2]


def kill_at(step: str, program: str, *arguments: str) -> None:
    """Run a program that dies by SIGKILL where `step` ("module.name") is called."""
    module, name = step.rsplit(".", 1)
    plant = f"import os, sys, pathlib, importlib\nfound = importlib.import_module({module!r})\n" \
            f"found.{name} = lambda *_, **__: os.kill(os.getpid(), 9)\n"  # fmt: skip
    done = subprocess.run([sys.executable, "-c", plant + program, *arguments], capture_output=True, check=False,
                          cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()[-2_000:]


# --- an upgrade ------------------------------------------------------------------------------------------------------

OPEN_DESK = (
    "from ejournal_desktop.models import database\n"
    "database.open_database(pathlib.Path(sys.argv[1]), bytes(range(32)))\n"
)

#: The power goes after the statements of the migration, before they are kept.
UNKEPT = "import sqlalchemy as sa\nsa.event.listen(sa.engine.Engine, 'commit', lambda _: os.kill(os.getpid(), 9))\n"


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """Give a keyed file from before the first migration, with something in it."""
    path = tmp_path / "desk.journal"
    engine = database._engine(path, KEY)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE memento (word TEXT)")
        connection.exec_driver_sql("INSERT INTO memento VALUES ('было')")
    engine.dispose()
    return path


def words_of(path: Path) -> list[str]:
    engine = database._engine(path, KEY)
    with contextlib.closing(engine.connect()) as connection:
        words = list(connection.exec_driver_sql("SELECT word FROM memento").scalars())
    engine.dispose()
    return words


@pytest.mark.parametrize(
    "step", ["shutil.copy2", "ejournal_desktop.models.database._migrate", "alembic.command.upgrade"]
)
def test_a_desk_killed_during_its_upgrade_is_the_old_one_and_upgrades_next_time(older: Path, step: str) -> None:
    kill_at(step, OPEN_DESK, str(older))
    _is_old_and_upgrades(older)


def test_a_desk_killed_before_its_upgrade_is_kept_is_the_old_one(older: Path) -> None:
    program = UNKEPT + OPEN_DESK
    done = subprocess.run([sys.executable, "-c", "import os, sys, pathlib\n" + program, str(older)],
                          capture_output=True, check=False, cwd=ROOT)  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()[-2_000:]
    _is_old_and_upgrades(older)


def _is_old_and_upgrades(path: Path) -> None:
    assert words_of(path) == ["было"]
    database.open_database(path, KEY).dispose()
    assert words_of(path) == ["было"]
    engine = database.open_database(path, KEY)
    assert "mark" in sa.inspect(engine).get_table_names()
    database.check_integrity(engine)
    engine.dispose()
    assert words_of(path.with_name("desk.before-empty.journal")) == ["было"]


# --- backup and restore ----------------------------------------------------------------------------------------------

BACK_UP = (
    "from ejournal_server import folder, generations\n"
    "from ejournal_server.generations import Recipients\n"
    "office = folder.open_office(pathlib.Path(sys.argv[1]))\n"
    "to = Recipients(recovery=sys.argv[3], administrator=sys.argv[3])\n"
    "generations.make_generation(office.authority, pathlib.Path(sys.argv[2]), to, office.ca_pem)\n"
)
RESTORE = (
    "from ejournal_server import backups\n"
    "backups.restore_school(pathlib.Path(sys.argv[2]), sys.argv[3], pathlib.Path(sys.argv[1]))\n"
)
SAFE = BackupIdentity.new()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Give the folder of a school with some marks."""
    with contextlib.closing(folder.found(tmp_path / "data", world.SCHOOL_NAME)) as office:
        world.settle(office)
        hand = world.new_hand(office, world.TEACHER)
        intake.accept(office.authority, hand.batch(hand.lesson(), hand.column(), *(hand.mark(p, "5") for p in PUPILS)))
    return tmp_path / "data"


def proof_of(data: Path) -> Proof:
    """Return what the school's whole log proves."""
    prover = Prover()
    with contextlib.closing(folder.open_office(data)) as office, office.authority.store.read() as tx:
        for line in SchoolLines(office.authority, tx, office.ca_pem).lines():
            prover.take(line)
    return prover.finish()


def back_up(data: Path, target: Path) -> Proof:
    """Make a generation; return its proof."""
    to = Recipients(recovery=SAFE.recipient, administrator=SAFE.recipient)
    with contextlib.closing(folder.open_office(data)) as office:
        return generations.make_generation(office.authority, target, to, office.ca_pem).proof


@pytest.mark.parametrize("step", ["_write", "_bundle", "_write_note", "flush_folder"])
def test_a_backup_killed_at_any_step_leaves_the_one_before_and_the_next_is_whole(
    data: Path, tmp_path: Path, step: str
) -> None:
    target, before = tmp_path / "drive", proof_of(data)
    assert back_up(data, target) == before
    kill_at(f"ejournal_server.generations.{step}", BACK_UP, str(data), str(target), SAFE.recipient)
    assert backups.verify(target, SAFE.secret)[1] == before
    assert back_up(data, target) == before
    assert backups.verify(target, SAFE.secret)[1] == before


RESTORING = ["restore.put_keys", "generations.keep_recipients", "restore.rebuild", "keys.write_private",
             "generations.flush_folder"]  # fmt: skip


@pytest.mark.parametrize("step", RESTORING)
def test_a_restore_killed_at_any_step_is_no_school_and_the_next_try_is_the_whole_one(
    data: Path, tmp_path: Path, step: str
) -> None:
    target, new = tmp_path / "drive", tmp_path / "new"
    before = back_up(data, target)
    kill_at(f"ejournal_server.{step}", RESTORE, str(new), str(target), SAFE.secret)
    with pytest.raises(folder.NoSchool):
        folder.open_office(new)
    assert backups.restore_school(target, SAFE.secret, new) == before
    assert proof_of(new).root == before.root


def test_a_backup_that_takes_its_name_too_early_is_found(data: Path, tmp_path: Path) -> None:
    """The negative control: written under its own name at once, a killed one passes for a generation."""
    target = tmp_path / "drive"
    back_up(data, target)
    early = (
        "from ejournal_server import generations\n"
        "def begin(folder, moment):\n"
        "    place = folder / '20991231-000000-00'\n"
        "    place.mkdir()\n"
        "    return place.name, place\n"
        "generations._begin = begin\n"
    )
    step = "ejournal_server.generations.flush_folder"
    kill_at(step, early + BACK_UP, str(data), str(target), SAFE.recipient)
    name = backups.find_generation(target).name
    assert name == "20991231-000000-00", "the killed run is not taken for a generation"
