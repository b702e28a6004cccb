"""A store made new after a copy; a school that moves to another store and back; a second server of one school."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from ejournal_core.archive import Proof
from ejournal_core.rebuilding import Prover
from ejournal_server import blobs, folder, keys, messages, moving, upgrading
from ejournal_server.contacts import Contacts
from ejournal_server.folder import Office, StoreElsewhere
from ejournal_server.generations import SchoolLines
from ejournal_server.intake import accept
from ejournal_server.moving import StrangeKeys
from ejournal_server.restore import StoreNotEmpty
from ejournal_server.store import aside, tables
from ejournal_server.store import database as databases
from ejournal_server.store.aside import Quarantined
from ejournal_server.store.database import SchemaOld, StoreNewer
from ejournal_server.store.log import SchoolMoved
from ejournal_server.upgrading import NoCopy
from tests.helpers.processes import start_bound
from tests.server import world
from tests.server.world import PUPILS, RunningServer

FILE = "Задачи к уроку".encode()
FILE_SHA256 = hashlib.sha256(FILE).hexdigest()

#: Sealed anew, so their bytes differ; their content is compared.
SEALED = {"blob", "blob_part"}

#: Derived anew wherever they are needed; no part of the school.
CACHES = {"slice", "snapshot"}

pytestmark = pytest.mark.postgres


def live_a_while(office: Office) -> None:
    """Let every table have something in it: marks, a dispute, a quarantine, accounts, workstations, contacts."""
    heard = Contacts(office.authority)
    one, two = world.new_hand(office, world.TEACHER), world.new_hand(office, world.COLLEAGUE)
    accept(office.authority, one.batch(one.lesson(), one.column(), *(one.mark(pupil, "5") for pupil in PUPILS)))
    accept(office.authority, two.batch(two.mark(PUPILS[0], "3")))
    accept(office.authority, two.batch(two.mark(PUPILS[1], "7")))
    values = ["5", *(("4", "5") * 120)]  # enough for the tree to keep whole parts of itself
    for start in range(0, 240, 120):
        pairs = zip(values[start : start + 120], values[start + 1 :], strict=False)
        accept(office.authority, one.batch(*(one.mark(PUPILS[4], new, was, born=False) for was, new in pairs)))
    with office.authority.store.write() as tx:
        signing = office.authority.keys.signing
        blobs.keep_whole(signing, tx, FILE_SHA256, len(FILE), [FILE[:9], FILE[9:]], world.AT)
        tx.run(tables.desk_scope.insert(), desk=one.desk, slices="[]", at=world.AT)
    held = Quarantined(sha256="0" * 64, desk=one.desk, reason="EJ-373", at=world.AT, body="{}")
    with office.authority.store.write() as tx:
        aside.quarantine(tx, held)
    world.invite(office, world.TEACHER)
    for hand in (one, two):
        heard.note(hand.desk, "ejournal-desktop/0.1.0", "0" * 32)
    heard.write()


def rows_of(office: Office) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of all tables but the caches, without the mark of a move."""
    found = {}
    with office.authority.store.read() as tx:
        for name, table in tables.metadata.tables.items():
            if name not in CACHES | SEALED:
                columns = [column for column in table.columns if column.name != "moved"]
                rows = tx.connection.execute(sa.select(*columns)).all()
                found[name] = sorted((tuple(map(_plain, row)) for row in rows), key=repr)
    return found


def file_of(office: Office) -> bytes:
    """Return the content of the file that the school keeps."""
    with office.authority.store.read() as tx:
        return b"".join(blobs.content(office.authority.keys.signing, tx, FILE_SHA256))


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview | bytes) else value


def proof_of(office: Office) -> Proof:
    prover = Prover()
    with office.authority.store.read() as tx:
        for line in SchoolLines(office.authority, tx, office.ca_pem).lines():
            prover.take(line)
    return prover.finish()


@pytest.fixture
def school(tmp_path: Path) -> Path:
    """Give the data folder of a school in the embedded file, with some weeks of life."""
    with contextlib.closing(folder.found(tmp_path / "data", world.SCHOOL_NAME)) as office:
        world.settle(office)
        live_a_while(office)
    return tmp_path / "data"


# --- to PostgreSQL and back ------------------------------------------------------------------------------------------


def test_a_school_moves_to_postgresql_and_back_and_is_the_same_row_by_row(school: Path, postgres_url: str) -> None:
    with contextlib.closing(folder.open_office(school)) as office:
        before, proof = rows_of(office), proof_of(office)
    filled = {name for name, rows in before.items() if rows}
    assert set(before) - filled == {"request", "workstation"}  # a restore is held to them elsewhere
    assert moving.move(school, None, postgres_url) == proof
    with contextlib.closing(folder.open_office(school, postgres_url)) as office:
        assert rows_of(office) == before
        assert file_of(office) == FILE
        hand = world.new_hand(office, world.TEACHER)
        accept(office.authority, hand.batch(hand.mark(PUPILS[2], "4", "5", born=False)))
        there = rows_of(office)
    (school / folder.STORE).rename(school / "old.db")
    moving.move(school, postgres_url, None)
    with contextlib.closing(folder.open_office(school)) as office:
        assert rows_of(office) == there
        assert file_of(office) == FILE
    with pytest.raises(StoreElsewhere):
        folder.open_office(school, postgres_url)


def test_the_store_that_was_left_takes_nothing_more(school: Path, postgres_url: str) -> None:
    with contextlib.closing(folder.open_office(school)) as running:  # as a server that was not stopped
        moving.move(school, None, postgres_url)
        hand = world.Hand(running.authority.school, "nobody", "nobody", os.urandom(32))
        with pytest.raises(SchoolMoved):
            accept(running.authority, hand.batch(hand.lesson()))
    with pytest.raises(StoreElsewhere) as told:
        folder.open_office(school)
    assert "в PostgreSQL: укажите адрес" in messages.sentence(told.value)


def test_a_target_with_something_in_it_is_refused_and_nothing_changes(school: Path, postgres_url: str) -> None:
    other = school.with_name("other")
    with contextlib.closing(folder.found(other, "Другая школа", postgres_url)) as strange:
        before = rows_of(strange)
        shutil.copy(school / folder.STORE, school / "kept.db")
        moving.move(school, None, postgres_url)  # beside another school there is room
        after = {name: [row for row in rows if row[0] == strange.authority.school]
                 for name, rows in rows_of(strange).items()}  # fmt: skip
        assert after == before
    keys.write_private(school / folder.CONFIG, b'{"school":"%s"}' % folder.read_config(school, "x").school.encode())
    shutil.copy(school / "kept.db", school / folder.STORE)
    with contextlib.closing(folder.open_office(school)) as office:
        hand = world.new_hand(office, world.TEACHER)
        accept(office.authority, hand.batch(hand.mark(PUPILS[2], "4", "5", born=False)))
    with pytest.raises(StoreNotEmpty):
        moving.move(school, None, postgres_url)  # the school is there already, and in another state
    folder.open_office(school).close()


def kill_at(step: str, school: Path, target: str) -> None:
    """Move in a process that dies by SIGKILL where `step` is called."""
    program = (
        "import os, sys, pathlib\n"
        "from ejournal_server import moving\n"
        f"moving.{step} = lambda *_, **__: os.kill(os.getpid(), 9)\n"
        "moving.move(pathlib.Path(sys.argv[1]), None, sys.argv[2])\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(school), target], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@pytest.mark.parametrize(
    ("step", "moved"),
    [
        ("_fill", False), ("whole.add_rows", False), ("Rewriting.finish", False), ("log.mark_moved", False),
        ("keys.write_private", True),
    ],
)  # fmt: skip
def test_killed_at_any_step_one_store_goes_on_and_the_move_goes_on_when_said_again(
    school: Path, postgres_url: str, step: str, moved: bool
) -> None:
    with contextlib.closing(folder.open_office(school)) as office:
        before = rows_of(office)
    kill_at(step, school, postgres_url)
    if moved:
        with pytest.raises(SchoolMoved):
            folder.open_office(school)
    else:
        with contextlib.closing(folder.open_office(school)) as office:
            assert rows_of(office) == before
    moving.move(school, None, postgres_url)
    with contextlib.closing(folder.open_office(school, postgres_url)) as office:
        assert rows_of(office) == before


def test_killed_at_any_moment_the_source_is_whole_and_the_target_empty_or_whole(
    school: Path, postgres_url: str
) -> None:
    with contextlib.closing(folder.open_office(school)) as office:
        before = rows_of(office)
    command = [sys.executable, "-m", "ejournal_server", "move", "--data", str(school), "--to", postgres_url]
    for wait in (0.5, 0.8, 0.95, 1.1, 1.3, 1.6):
        process = start_bound(command, signal="KILL")
        time.sleep(wait)
        process.kill()
        process.wait()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    # a kill after the last step has moved it already
    assert done.returncode == 0 or "EJ-420" in done.stderr, done.stderr
    with contextlib.closing(folder.open_office(school, postgres_url)) as office:
        assert rows_of(office) == before


def test_who_pushes_during_a_move_waits_and_is_told_and_nothing_is_lost(school: Path, postgres_url: str) -> None:
    with RunningServer(school, None) as server:
        teacher, hand = world.desk_at(server, world.TEACHER)
        with teacher:
            kept = [teacher.push(hand.batch(hand.mark(PUPILS[2], "4", "5", born=False))).verdicts[0]]
            moving.move(school, None, postgres_url)
            answer = teacher.call("POST", "/v1/push", body=b"")
            assert answer.status_code in (400, 401, 503)
            assert teacher.http.get("/v1/hello").status_code == 503
        server.stop()
    ca = (school / folder.CA).read_text()
    with (
        RunningServer(school, postgres_url) as server,
        world.Caller(server.address, ca, teacher.key_id, teacher.key) as again,
    ):
        kept += again.push(hand.batch(hand.mark(PUPILS[3], "4", "5", born=False))).verdicts
    assert {verdict.outcome for verdict in kept} <= {"taken", "merged"}
    assert kept[1].number == kept[0].number + 1


def test_the_command_moves_and_says_what_both_have_in_common(school: Path, postgres_url: str) -> None:
    command = [sys.executable, "-m", "ejournal_server", "move", "--data", str(school), "--to", postgres_url]
    with contextlib.closing(folder.open_office(school)) as office:
        proof = proof_of(office)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"Корень дерева: {proof.root}" in done.stdout
    assert f"Хеш содержимого: {proof.content_sha256}" in done.stdout


# --- a second server -------------------------------------------------------------------------------------------------


def test_a_second_server_joins_with_the_keys_of_the_first(tmp_path: Path, postgres_url: str) -> None:
    first = tmp_path / "first"
    with contextlib.closing(folder.found(first, world.SCHOOL_NAME, postgres_url)) as office:
        world.settle(office)
    shutil.copytree(first, tmp_path / "stick")
    moving.join(tmp_path / "second", tmp_path / "stick", postgres_url)
    with contextlib.closing(folder.open_office(tmp_path / "second", postgres_url)) as second:
        assert second.authority.keys == office.authority.keys or second.ca_pem == office.ca_pem
        assert second.authority.keys.signing == office.authority.keys.signing
        assert second.authority.keys.nonce_secret == office.authority.keys.nonce_secret
    assert all(file.stat().st_mode & 0o077 == 0 for file in (tmp_path / "second").iterdir())
    with pytest.raises(StoreNotEmpty):
        moving.join(tmp_path / "second", tmp_path / "stick", postgres_url)


@pytest.mark.parametrize("database", [None, "postgresql+psycopg://nobody@127.0.0.1:1/none"])
def test_a_school_kept_in_a_file_has_one_server_whatever_database_is_named(
    tmp_path: Path, database: str | None
) -> None:
    folder.found(tmp_path / "first", "Наша", None).close()
    with pytest.raises(folder.StoreElsewhere) as told:
        moving.join(tmp_path / "second", tmp_path / "first", database)
    assert "сначала «ejournal-server move»" in messages.sentence(told.value)
    assert not (tmp_path / "second").exists()


def test_a_second_server_of_a_school_in_a_database_asks_for_its_address(tmp_path: Path, postgres_url: str) -> None:
    folder.found(tmp_path / "first", "Наша", postgres_url).close()
    with pytest.raises(folder.StoreElsewhere) as told:
        moving.join(tmp_path / "second", tmp_path / "first", None)
    assert "укажите адрес базы" in messages.sentence(told.value)


def test_a_second_server_with_strange_keys_is_refused(tmp_path: Path, postgres_url: str) -> None:
    with contextlib.closing(folder.found(tmp_path / "ours", "Наша", postgres_url)) as ours:
        school = ours.authority.school
    folder.found(tmp_path / "strange", "Чужая", None).close()
    config = b'{"school":"%s","store":"postgresql"}' % school.encode()
    keys.write_private(tmp_path / "strange" / folder.CONFIG, config)
    with pytest.raises(StrangeKeys):
        moving.join(tmp_path / "second", tmp_path / "strange", postgres_url)
    keys.write_private(tmp_path / "strange" / folder.CONFIG, b'{"school":"none","store":"postgresql"}')
    with pytest.raises(StrangeKeys):
        moving.join(tmp_path / "second", tmp_path / "strange", postgres_url)
    assert not (tmp_path / "second").exists()


# --- a newer version of the tables -----------------------------------------------------------------------------------

NEXT = '''
"""Add a column, and fail where a test wants it."""
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9999", "{head}", None, None


def upgrade() -> None:
    op.add_column("school", sa.Column("motto", sa.Text(), server_default="", nullable=False))
    op.create_table("planted", sa.Column("id", sa.Text(), primary_key=True))
    {failure}
'''


@contextlib.contextmanager
def program_of_tomorrow(place: Path, failure: str = "") -> Iterator[None]:
    """Let the program have one migration more."""
    scripts = place / "migrations"
    shutil.rmtree(scripts, ignore_errors=True)
    shutil.copytree(Path(folder.__file__).parent / "migrations", scripts)
    (newest,) = [_revision(file) for file in sorted((scripts / "versions").glob("0*.py"))][-1:]
    (scripts / "versions" / "9999_next.py").write_text(NEXT.format(head=newest, failure=failure))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(databases, "MIGRATIONS", str(scripts))
        patched.setattr(databases, "SCHEMA", "9999")
        yield


def _revision(file: Path) -> str:
    found = next(line for line in file.read_text().splitlines() if line.startswith("revision"))
    return found.split('"')[1]


def columns_of_school(office: Office) -> Sequence[str]:
    return [column["name"] for column in sa.inspect(office.authority.store.engine).get_columns("school")]


@pytest.fixture
def any_school(tmp_path: Path, database: str | None) -> Path:
    """Give the data folder of a school on either store."""
    with contextlib.closing(folder.found(tmp_path / "data", world.SCHOOL_NAME, database)) as office:
        world.settle(office)
        live_a_while(office)
    return tmp_path / "data"


def test_an_older_store_is_opened_by_nobody_until_a_copy_was_made(
    any_school: Path, database: str | None, tmp_path: Path
) -> None:
    with contextlib.closing(folder.open_office(any_school, database)) as office:
        before = proof_of(office)
    assert upgrading.bring_up(any_school, database) is None
    with program_of_tomorrow(tmp_path):
        with pytest.raises(SchemaOld):
            folder.open_office(any_school, database)
        copy = upgrading.bring_up(any_school, database)
        assert copy is not None
        assert copy.stat().st_mode & 0o077 == 0
        assert upgrading.bring_up(any_school, database) is None
        with contextlib.closing(folder.open_office(any_school, database)) as office:
            assert "motto" in columns_of_school(office)
            assert proof_of(office) == before
    with pytest.raises(StoreNewer):
        folder.open_office(any_school, database)
    if database is None:  # the copy is the store of yesterday, under the same key
        assert "Ёлкин".encode() not in copy.read_bytes()
        shutil.copy(copy, any_school / folder.STORE)
        with contextlib.closing(folder.open_office(any_school)) as office:
            assert proof_of(office) == before
    else:
        told = subprocess.run(["pg_restore", "--list", str(copy)], capture_output=True, text=True, check=True)
        assert "TABLE DATA public school" in told.stdout


def test_an_upgrade_that_fails_leaves_the_store_as_it_was(
    any_school: Path, database: str | None, tmp_path: Path
) -> None:
    with contextlib.closing(folder.open_office(any_school, database)) as office:
        before = rows_of(office)
    with program_of_tomorrow(tmp_path, 'op.execute("UPDATE nothing_of_the_sort SET x = 1")'):
        with pytest.raises(databases.StoreFailure):
            upgrading.bring_up(any_school, database)
        with pytest.raises(SchemaOld):
            folder.open_office(any_school, database)
    with contextlib.closing(folder.open_office(any_school, database)) as office:
        assert rows_of(office) == before
        assert "motto" not in columns_of_school(office)
        assert not sa.inspect(office.authority.store.engine).has_table("planted")


def test_without_a_copy_nothing_is_upgraded(
    any_school: Path, database: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database is None:
        monkeypatch.setattr("ejournal_server.store.copying.check_file", _damaged)
    else:
        monkeypatch.setenv("PATH", str(tmp_path))
    with program_of_tomorrow(tmp_path):
        with pytest.raises(NoCopy) as told:
            upgrading.bring_up(any_school, database)
        with pytest.raises(SchemaOld):
            folder.open_office(any_school, database)
    assert "ничего не обновлено" in messages.sentence(told.value)
    assert list((any_school / upgrading.COPIES).iterdir()) == []


def _damaged(_: object) -> None:
    raise databases.StoreUnusable("planted")
