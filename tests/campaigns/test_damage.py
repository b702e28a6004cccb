"""A hundred damaged files: each is found and named, or nothing of it matters; nothing damaged is ever believed."""

from __future__ import annotations

import contextlib
import hashlib
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from pytestqt.qtbot import QtBot

from ejournal_core import seal, wire
from ejournal_core.errors import EjournalError, Trouble
from ejournal_desktop import paths, vault
from ejournal_desktop.app import Program
from ejournal_desktop.models import database
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.desk import open_journal
from ejournal_desktop.models.outgoing_folder import sealed_files, sealed_records
from ejournal_desktop.sync import pairing
from ejournal_desktop.sync.pairing import (
    PairingDamaged,
    Workstation,
    keep_workstation,
    read_workstation,
    workstation_file,
)
from ejournal_desktop.ui.errors import explain
from ejournal_server import intake
from ejournal_server.store import database as stores
from tests.campaigns.roster import LESSONS, SCHOOL
from tests.campaigns.stage import KEY
from tests.campaigns.story import Plan
from tests.campaigns.world import World, living
from tests.faults.amounts import amount
from tests.faults.harm import harmed

EACH = amount("DAMAGES", 102) // 6
SEED = 2026
WORDS = {"EJ-301", "EJ-303", "EJ-308", "EJ-314", "EJ-442", "EJ-370"}  # codes that name what is damaged


@pytest.fixture
def world() -> Iterator[World]:
    """Give a school with two desks in which nothing else goes wrong."""
    with living(Plan(21, (0, 1), loss=0.0, beside=0.0, faults=False)) as world:
        world.calm = True
        yield world


def damages(content: bytes) -> Iterator[bytes]:
    """Yield a content in so many damaged forms."""
    chance = random.Random(SEED)
    for _ in range(EACH):
        yield harmed(content, chance)


def is_named(trouble: EjournalError) -> None:
    """Hold a trouble to a sentence that says what is damaged."""
    told = explain(trouble)
    assert told.code in WORDS, told
    assert told.text.count(".") >= 2, told


def content_of(engine: sa.Engine) -> str:
    """Return one hash over everything in a file, read table by table through the product's own connection."""
    digest = hashlib.sha256()
    with engine.connect() as connection:
        for table in sorted(sa.inspect(connection).get_table_names()):
            rows = connection.exec_driver_sql(f'SELECT * FROM "{table}"')
            digest.update(repr(sorted(map(repr, rows))).encode())
    return digest.hexdigest()


# --- the desk ------------------------------------------------------------------------------------------------------


def read_desk(path: Path) -> str:
    """Return what a desk's file holds, as the program opens it."""
    with database.sorted_errors():
        engine = database.open_database(path, KEY)
        try:
            return content_of(engine)
        finally:
            engine.dispose()


def look_through(path: Path) -> None:
    """Look at every page of a desk's file, those too that hold no row."""
    engine = database.open_database(path, KEY)
    try:
        database.check_integrity(engine)
    finally:
        engine.dispose()


def test_a_damaged_desk_file_is_named_or_harmless(world: World, tmp_path: Path) -> None:
    path = tmp_path / "desk.journal"
    world.seats[0].journal.close()
    whole = world.seats[0].disk.path.read_bytes()
    path.write_bytes(whole)
    before, found = read_desk(path), 0
    for bent in damages(whole):
        path.with_name(path.name + "-wal").unlink(missing_ok=True)
        path.write_bytes(bent)
        try:
            assert read_desk(path) == before, "a damaged file was believed"
            look_through(path)  # the damage lies in an index or in an empty page
        except Trouble as trouble:
            is_named(trouble)
            found += 1
    assert found > EACH * 2 // 3, "the damage was nowhere"


def test_a_damaged_log_of_the_desk_loses_nothing_that_was_saved(world: World, tmp_path: Path) -> None:
    """What the write-ahead log has lost lies sealed, is kept aside and arrives at the server."""
    seat, path = world.seats[0], tmp_path / "desk.journal"
    seat.journal.close()
    path.write_bytes(seat.disk.path.read_bytes())
    folder = tmp_path / "outgoing"
    folder.mkdir()
    journal = open_journal(path, KEY, folder, seat._clock)
    for number, pupil in enumerate(SCHOOL.pupils * 3):
        put_mark(journal, LESSONS[0], None, pupil, "2345"[number % 4])
    journal.flush()
    saved = {each.change.id for each in journal.outbox()}
    log, base = path.with_name(path.name + "-wal").read_bytes(), path.read_bytes()
    copies = {file: file.read_bytes() for file in folder.iterdir()}
    journal.close()
    lost = 0
    for bent in damages(log):
        lost += _starts_again(world, path, (base, bent), copies, saved)
    assert lost > EACH // 2, "the damage was nowhere"


def _starts_again(
    world: World, path: Path, image: tuple[bytes, bytes], copies: dict[Path, bytes], saved: set[str]
) -> bool:
    """Open a desk whose log is damaged; say whether its file has lost something, which has to lie sealed."""
    path.with_name(path.name + "-shm").unlink(missing_ok=True)
    path.write_bytes(image[0])
    path.with_name(path.name + "-wal").write_bytes(image[1])
    for file in {*copies, *next(iter(copies)).parent.iterdir()}:
        file.unlink(missing_ok=True)
    for file, content in copies.items():
        file.write_bytes(content)
    folder = next(iter(copies)).parent
    try:
        journal = open_journal(path, KEY, folder, world.seats[0]._clock)
    except Trouble as trouble:
        is_named(trouble)
        held: set[str] = set()
    else:
        held = {each.change.id for each in journal.outbox()}
        journal.close()
    assert saved <= held | sealed_in(world, folder), "a saved change is nowhere"
    return held != saved


def sealed_in(world: World, folder: Path) -> set[str]:
    """Return the ids of the changes that the server finds in sealed files."""
    authority = world.office.authority
    found: set[str] = set()
    for file in sealed_files(folder):
        for record in sealed_records(file):
            try:
                batch = wire.decode_batch(seal.unseal(authority.keys.sealing, authority.school, record))
            except Trouble:
                continue
            found.update(change.id for change in batch.changes)
    return found


def test_a_damaged_outgoing_file_gives_whole_records_or_none(world: World, tmp_path: Path) -> None:
    seat = world.seats[0]
    records = []
    for pupil in SCHOOL.pupils:
        seat.do(put_mark, LESSONS[0], None, pupil, "5")
    identity, unsent = seat.journal.identity, seat.journal.outbox()
    key = bytes.fromhex(world.office.authority.keys.sealing_public)
    for each in unsent:
        batch = seal.sign_batch(identity.signing_key, identity.school, identity.desk_id, each.prev, [each.change])
        records.append(seal.outgoing_record(key, identity.school, wire.encode_batch(batch)))
    ids, whole, incomplete = [each.change.id for each in unsent], b"".join(records), 0
    path = tmp_path / f"{identity.school}.{identity.desk_id}.sealed"
    for bent in damages(whole):
        path.write_bytes(bent)
        found = sealed_in(world, tmp_path)
        assert found <= set(ids)
        incomplete += len(found) < len(ids)
        done = intake.deliver(world.office.authority, bent)
        assert done.delivered <= len(ids)
    assert incomplete == EACH, "damage went unseen"
    assert seat.meet().startswith("sent")
    assert seat.journal.outbox() == []


# --- keys and the pairing --------------------------------------------------------------------------------------------


def test_a_damaged_key_header_is_named_and_the_journal_is_not_touched(tmp_path: Path) -> None:
    desk = vault.create_desk(tmp_path / "desks", desk_id="desk", person_id="p", person_name="Иванова М. П.",
                             school="s", password="длинный пароль", kept=True).desk  # fmt: skip
    header = desk.folder / "key.json"
    whole = header.read_bytes()
    for bent in damages(whole):
        header.write_bytes(bent)
        with pytest.raises(vault.HeaderDamaged) as told:
            vault.unlock(desk, "длинный пароль")
        is_named(told.value)
    header.write_bytes(whole)
    vault.lock(vault.unlock(desk, "длинный пароль"))


def test_a_damaged_pairing_is_named_and_no_key_of_it_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.OVERRIDE, str(tmp_path))
    place = Workstation(id="w", school="s", school_name="Школа № 1", address="https://127.0.0.1:1", ca_certificate="C",
                        server_key="11" * 32, seal_key="22" * 32, private_key="33" * 32)  # fmt: skip
    keep_workstation(place)
    whole = workstation_file().read_bytes()
    assert read_workstation() == place
    for bent in damages(whole):
        workstation_file().write_bytes(bent)
        with pytest.raises(PairingDamaged) as told:
            read_workstation()
        is_named(told.value)


def test_the_program_starts_with_a_damaged_pairing_and_says_so(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(paths.OVERRIDE, str(tmp_path))
    workstation_file().write_bytes(b'{"id":"w"')
    program = Program()
    told: list[str] = []
    monkeypatch.setattr(program.window.sign_in, "refuse", lambda sentence, **_: told.append(sentence))
    program.show()
    assert told == [explain(PairingDamaged()).text]
    assert program.computer.workstation is None
    program.window.close()
    program.deleteLater()
    qtbot.wait(10)


# --- the server ------------------------------------------------------------------------------------------------------


def test_a_damaged_store_of_the_server_is_named_or_harmless(world: World, tmp_path: Path) -> None:
    ground = world.ground
    world.seats[0].do(put_mark, LESSONS[0], None, SCHOOL.pupils[0], "5")
    world.seats[0].meet()
    ground.server_disk.engine.dispose()
    whole, path = ground.server_disk.path.read_bytes(), tmp_path / "store.db"
    path.write_bytes(whole)
    before, found = read_store(path, ground.store_key), 0
    for bent in damages(whole):
        path.with_name(path.name + "-wal").unlink(missing_ok=True)
        path.write_bytes(bent)
        try:
            assert read_store(path, ground.store_key) == before, "a damaged store was believed"
            found += not is_whole_store(path, ground.store_key)  # the damage lies in an index or in an empty page
        except (stores.StoreUnusable, stores.StoreDamaged, stores.StoreDiskFailed):
            found += 1
    assert found > EACH * 2 // 3, "the damage was nowhere"


def read_store(path: Path, key: bytes) -> str:
    """Return what a server's file holds, as the program opens it."""
    with stores.sorted_errors():
        store = stores.open_store(None, path, key, "school")
        try:
            return content_of(store.engine)
        finally:
            store.close()


def is_whole_store(path: Path, key: bytes) -> bool:
    """Say whether every page of a server's file is the one that was written, those too that hold no row."""
    store = stores.open_store(None, path, key, "school")
    try:
        with store.engine.connect() as connection:
            return not connection.exec_driver_sql("PRAGMA cipher_integrity_check").fetchall()
    finally:
        store.close()


# --- the negative control --------------------------------------------------------------------------------------------


def test_pages_that_nobody_authenticates_are_found(world: World, tmp_path: Path) -> None:
    """The same file without SQLCipher's codes: bent content is read as if it were right."""
    plain = tmp_path / "plain.db"
    world.seats[0].journal.close()
    engine = database.open_database(world.seats[0].disk.path, KEY)
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql(f"ATTACH DATABASE '{plain}' AS plain KEY ''")
        connection.exec_driver_sql("SELECT sqlcipher_export('plain')")
        connection.exec_driver_sql("DETACH DATABASE plain")
        connection.exec_driver_sql("BEGIN")
    engine.dispose()
    whole, believed = plain.read_bytes(), 0
    before = read_plain_file(plain)
    for bent in damages(whole):
        plain.write_bytes(bent)
        with contextlib.suppress(sqlite3.Error, UnicodeDecodeError):
            believed += read_plain_file(plain) != before
    assert believed > 0


def read_plain_file(path: Path) -> str:
    """Return what `content_of` would, of a file without a key."""
    digest = hashlib.sha256()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in sorted(tables):
            digest.update(repr(sorted(map(repr, connection.execute(f'SELECT * FROM "{table}"')))).encode())
    return digest.hexdigest()


def test_a_pairing_that_nobody_checks_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairing, "_checksum", lambda _: "0" * 64)
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        test_a_damaged_pairing_is_named_and_no_key_of_it_is_used(tmp_path, monkeypatch)
