"""The store itself: migrations, keys, encryption, one moment for a reader. And: the log alone rebuilds the records."""

from __future__ import annotations

import contextlib
import os
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ejournal_core import ids, seal
from ejournal_core.changes import canonical
from ejournal_core.kinds import Fields
from ejournal_core.merge import merge
from ejournal_core.wire import TreeHead
from ejournal_server import folder, intake, keys, own_lines, signing
from ejournal_server.folder import Office
from ejournal_server.ledger import ACCEPTED
from ejournal_server.store import log, records
from ejournal_server.store.database import MIGRATIONS, SCHEMA, StoreUnusable
from ejournal_server.store.tables import metadata
from tests.server import world
from tests.server.world import PUPILS, Hand, SettableClock


@pytest.mark.usefixtures("real_migrations")
def test_the_migrations_make_exactly_the_tables_of_the_program(office: Office) -> None:
    are_the_tables_of_the_program(office)


def test_tests_lay_the_tables_of_the_program(office: Office) -> None:
    are_the_tables_of_the_program(office)


def test_the_program_knows_its_newest_migration_without_asking_alembic() -> None:
    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    assert ScriptDirectory.from_config(config).get_current_head() == SCHEMA
    said = subprocess.run(
        [sys.executable, "-c", "import sys, ejournal_server.app; print('alembic' in sys.modules)"],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert said.stdout == "False\n"


def are_the_tables_of_the_program(office: Office) -> None:
    with office.authority.store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": _is_no_part})
        assert compare_metadata(context, metadata) == []


def _is_no_part(name: str | None, kind: str, parents: object) -> bool:
    """Pass over the parts that PostgreSQL holds of a partitioned table: they have its shape by nature."""
    return not (kind == "table" and re.fullmatch(r"[a-z]+_\d\d", name or ""))


def test_a_store_of_a_newer_program_is_not_touched(office: Office, database: str | None) -> None:
    with office.authority.store.engine.connect() as connection, connection.begin():
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    office.close()
    with pytest.raises(StoreUnusable, match="newer version"):
        folder.open_office(office.folder, database)


def test_a_school_opens_again_with_everything_in_it(office: Office, database: str | None) -> None:
    with office.authority.store.read() as tx:
        before = log.read_head(tx)
    office.close()
    with contextlib.closing(folder.open_office(office.folder, database)) as again:
        with again.authority.store.read() as tx:
            assert log.read_head(tx) == before
        assert again.school_name == world.SCHOOL_NAME
        assert again.authority.keys.signing == office.authority.keys.signing


def test_a_reader_sees_one_moment_while_others_write(office: Office) -> None:
    hand = world.new_hand(office, world.TEACHER)
    with office.authority.store.read() as tx:
        before = log.read_head(tx).number
        intake.accept(office.authority, hand.batch(hand.lesson()))
        assert log.read_head(tx).number == before
        assert log.lines(tx, before, 10**9, 10) == []


def test_a_write_that_fails_leaves_nothing_behind(office: Office) -> None:
    with office.authority.store.read() as tx:
        before = log.read_head(tx)
    with pytest.raises(ZeroDivisionError):
        _write_and_fail(office)
    with office.authority.store.read() as tx:
        assert log.read_head(tx) == before
        assert records.fetch(tx, "Subject", ["physics"]) == {}


def _write_and_fail(office: Office) -> None:
    with office.authority.store.write() as tx:
        own_lines.write_own(office.authority, tx, [own_lines.Wish("Subject", "physics", {"title": "Физика"})])
        raise ZeroDivisionError


def test_loading_the_same_records_twice_changes_nothing_and_a_changed_one_is_a_change(office: Office) -> None:
    assert world.settle(office) == 0
    lines = world.records()
    next(line for line in lines if line["record"] == world.MATHS)["fields"]["title"] = "Алгебра"
    assert world.settle(office, lines) == 1
    with office.authority.store.read() as tx:
        last = log.lines(tx, log.read_head(tx).number - 1, 10**9, 1)[0].change
    assert (last.was, last.set, last.act) == ({"title": "Математика"}, {"title": "Алгебра"}, "change")


# --- the embedded file ---------------------------------------------------------------------------------------------


@pytest.fixture
def embedded(tmp_path: Path) -> Office:
    office = folder.found(tmp_path / "data", world.SCHOOL_NAME, None, SettableClock())
    world.settle(office)
    office.close()
    return office


def test_nothing_of_the_school_is_readable_on_its_disk(embedded: Office) -> None:
    planted = [word.encode() for word in ("Ёлкин", "Завучева", world.MATHS, world.PUPILS[0])]
    for file in embedded.folder.iterdir():
        content = file.read_bytes()
        assert not any(word in content for word in planted), file.name


def test_private_keys_are_the_owners_alone_and_encrypted(embedded: Office) -> None:
    for name in ("signing", "sealing", "ca", "tls"):
        file = keys.key_file(embedded.folder, name)
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert (embedded.folder / keys.KEY_FILE).stat().st_mode & 0o777 == 0o600


def test_without_its_key_a_store_says_so(embedded: Office) -> None:
    (embedded.folder / keys.KEY_FILE).unlink()
    with pytest.raises(keys.KeyMissing, match="no key"):
        folder.open_office(embedded.folder)


def test_a_key_file_that_others_can_read_is_refused(embedded: Office) -> None:
    (embedded.folder / keys.KEY_FILE).chmod(0o644)
    with pytest.raises(keys.KeyMissing, match="600"):
        folder.open_office(embedded.folder)


def test_a_wrong_key_opens_nothing(embedded: Office) -> None:
    (embedded.folder / keys.KEY_FILE).write_text("ab" * 32)
    with pytest.raises(keys.KeyMissing, match="does not open"):
        folder.open_office(embedded.folder)
    (embedded.folder / keys.KEY_FILE).write_text("not a key")
    with pytest.raises(keys.KeyMissing, match="hexadecimal"):
        folder.open_office(embedded.folder)


def test_a_foreign_file_in_the_stores_place_is_refused(embedded: Office) -> None:
    (embedded.folder / folder.STORE).write_bytes(os.urandom(8192))
    with pytest.raises(StoreUnusable):
        folder.open_office(embedded.folder)


def test_a_school_is_not_founded_over_another(embedded: Office) -> None:
    with pytest.raises(folder.SchoolExists):
        folder.found(embedded.folder, "Другая школа")
    with pytest.raises(folder.NoSchool):
        folder.open_office(embedded.folder / "nothing")


def test_a_systemd_credential_is_the_key_where_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / keys.CREDENTIAL).write_text("cd" * 32 + "\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    office = folder.found(tmp_path / "data", "Школа")
    office.close()
    assert office.master.place == "credential"
    assert not (tmp_path / "data" / keys.KEY_FILE).exists()
    folder.open_office(tmp_path / "data").close()
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    with pytest.raises(keys.KeyMissing):
        folder.open_office(tmp_path / "data")


@pytest.mark.keyring
def test_the_system_keyring_holds_the_key_where_there_is_one(tmp_path: Path, system_keyring: dict[str, str]) -> None:
    program = (
        "import sys, pathlib; from ejournal_server import folder; data = pathlib.Path(sys.argv[1]); "
        "made = folder.found(data, 'Школа'); made.close(); again = folder.open_office(data); again.close(); "
        "sys.stdout.write(f'{made.master.place} {again.master.place} {made.authority.school}')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "data")],
        env={**os.environ, **system_keyring}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split()[:2] == ["keyring", "keyring"]
    assert not (tmp_path / "data" / keys.KEY_FILE).exists()


# Whoever starts another program is told by Python itself, whatever that program is.
OPENED = """
import pathlib, sys
from ejournal_server import folder
programs = []
sys.addaudithook(lambda event, given: programs.append(given[0]) if event == "subprocess.Popen" else None)
folder.open_office(pathlib.Path(sys.argv[1])).close()
print(*programs)
"""


@pytest.mark.skipif(sys.platform == "darwin", reason="there Apple's own libraries are looked for")
def test_looking_for_a_keyring_starts_no_compiler(tmp_path: Path) -> None:
    folder.found(tmp_path / "data", "Школа").close()
    told = subprocess.run(
        [sys.executable, "-c", OPENED, str(tmp_path / "data")], capture_output=True, text=True, check=True
    )
    assert told.stdout == "\n"


# --- property: the log is the truth --------------------------------------------------------------------------------


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 7), st.booleans()), min_size=1, max_size=40), st.randoms())
def test_replaying_the_log_rebuilds_equal_records(steps: list[tuple[int, int, bool]], dice: random.Random) -> None:
    with tempfile.TemporaryDirectory() as place:
        office = folder.found(Path(place) / "data", world.SCHOOL_NAME, None, SettableClock())
        with contextlib.closing(office):
            world.settle(office)
            hands = [world.new_hand(office, world.TEACHER), world.new_hand(office, world.COLLEAGUE)]
            intake.accept(office.authority, hands[0].batch(hands[0].lesson(), hands[0].column()))
            known: list[dict[str, str | None]] = [{}, {}]
            for who, what, sees in steps:
                _step(office, hands[who], known, who, what, sees, dice)
            assert _replayed(office) == _stored(office)


def _step(
    office: Office, hand: Hand, known: list[dict[str, str | None]], who: int, what: int, sees: bool, dice: random.Random
) -> None:
    """Edit as somebody whose picture may be old: `sees` says whether the desk has pulled before."""
    if sees:
        with office.authority.store.read() as tx:
            known[who] = {row.id: str(row.fields["value"]) for row in records.of_kind(tx, "Mark")}
            hand.head = head_named(signing.current_head(tx))
    if what < 5:
        record = ids.mark(world.COLUMN, PUPILS[what])
        value = dice.choice(["5", "4", "3", "9"])
        was = known[who].get(record)
        change = hand.mark(PUPILS[what], value, was=was, born=record not in known[who])
    elif what == 5:
        change = hand.change("Lesson", world.LESSON, {"homework": ""}, {"homework": f"№ {dice.randint(1, 9)}"})
    elif what == 6:
        change = hand.change("Lesson", world.LESSON, {"topic": ""}, {"topic": dice.choice(["Дроби", "Углы"])})
    else:
        record = ids.mark(world.COLUMN, PUPILS[0])
        with office.authority.store.read() as tx:
            row = records.fetch(tx, "Mark", [record]).get(record)
        was = str(row.fields["value"]) if row else None
        change = hand.change("Mark", record, {"value": was} if row else {}, {"value": "2"}, "resolve")
    intake.accept(office.authority, hand.batch(change))


def head_named(head: TreeHead) -> str:
    return seal.head_hash(head)


def _replayed(office: Office) -> bytes:
    found: dict[tuple[str, str], Fields] = {}
    with office.authority.store.read() as tx:
        for line in log.lines(tx, 0, 10**9, 10**6):
            if line.verdict.outcome in ACCEPTED:
                key = (line.change.kind, line.change.record)
                found[key] = merge(found.get(key), line.change).fields
    return canonical([[*key, fields] for key, fields in sorted(found.items())])


def _stored(office: Office) -> bytes:
    with office.authority.store.read() as tx:
        kinds = {line.change.kind for line in log.lines(tx, 0, 10**9, 10**6)}
        rows = [(row.kind, row.id, row.fields) for kind in kinds for row in records.of_kind(tx, kind)]
    return canonical([list(row) for row in sorted(rows, key=lambda row: row[:2])])
