"""Today's program reads what every version wrote, with equal hashes."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ejournal_core import changes, seal, wire
from ejournal_core.changes import Change
from ejournal_desktop.models import database, queries
from ejournal_desktop.models.desk import open_journal
from ejournal_desktop.sync.server import _pull
from ejournal_server import restore
from ejournal_server.store import database as stores
from ejournal_server.store import log
from tests.frozen.examples import DESK_KEY, dump, load
from tests.helpers.school import NOW, Clock, small_school

FOLDERS = sorted(path for path in Path(__file__).parent.glob("protocol-*") if path.is_dir())
STORE_KEY = bytes(range(32, 64))


@pytest.fixture(params=FOLDERS, ids=lambda path: path.name)
def frozen(request: pytest.FixtureRequest) -> Path:
    """Give the folder of one version."""
    return Path(request.param)


@pytest.fixture
def expected(frozen: Path) -> dict[str, Any]:
    """Give what its program said of them."""
    read: dict[str, Any] = json.loads((frozen / "expected.json").read_text(encoding="utf-8"))
    return read


def test_a_change_has_the_hash_that_it_had(frozen: Path, expected: dict[str, Any]) -> None:
    text = (frozen / "change.json").read_bytes()
    change = wire.decode(Change, text)
    assert wire.encode(change) == text
    assert seal.chain("", [change])[0].hex() == expected["desk_chain"][0]


def test_a_batch_and_its_receipt_are_signed_as_they_were(frozen: Path, expected: dict[str, Any]) -> None:
    batch = wire.decode_batch((frozen / "batch.zst").read_bytes())
    hashes = seal.chain(batch.head.prev, batch.changes)
    assert seal.is_batch_signed(bytes.fromhex(expected["desk_key"]), batch, hashes)
    assert seal.batch_root(hashes) == expected["batch_root"]
    receipt = wire.decode(wire.Receipt, (frozen / "receipt.json").read_bytes())
    assert seal.is_message_signed(bytes.fromhex(expected["server_key"]), receipt)
    assert [verdict.id for verdict in receipt.verdicts] == [change.id for change in batch.changes]


def test_a_pull_and_a_snapshot_are_read_whole(frozen: Path, expected: dict[str, Any]) -> None:
    pulled = _pull((frozen / "pull.zst").read_bytes())
    assert seal.is_message_signed(bytes.fromhex(expected["server_key"]), pulled.head.head)
    assert (pulled.head.head.size, pulled.head.head.root) == (expected["size"], expected["root"])
    assert pulled.lines
    manifest = wire.decode(wire.SnapshotHead, wire.decompress((frozen / "snapshot-head.zst").read_bytes()))
    bodies = [wire.decompress((frozen / f"snapshot-{i}.zst").read_bytes()) for i in range(expected["chunks"])]
    lines = [line for body in bodies for line in wire.split_lines(body)]
    assert len(wire.decode_records(lines[: manifest.records])) == expected["records"]


def test_a_sealed_record_opens(frozen: Path, expected: dict[str, Any]) -> None:
    (record,), torn = seal.outgoing_records((frozen / "outgoing.sealed").read_bytes())
    body = seal.unseal(bytes.fromhex(expected["sealing"]), expected["school"], record)
    assert (wire.decode_batch(body).head.root, torn) == (expected["outgoing_root"], 0)


def test_a_desk_s_file_opens_with_all_that_was_entered(frozen: Path, expected: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "desk.journal"
    load(path, DESK_KEY, (frozen / "desk.zst").read_bytes())
    journal = open_journal(path, DESK_KEY, None, Clock(NOW))
    with contextlib.closing(journal):
        database.check_integrity(journal.engine)
        unsent = journal.outbox()
        assert [each.hex() for each in seal.chain(unsent[0].prev, [u.change for u in unsent])] == expected["desk_chain"]
        spread = queries.journal_spread(journal, small_school().page)
        assert {"5", "4", "3"} <= {cell.value for cell in spread.cells.values()}
    assert dump(path, DESK_KEY)


def test_a_server_s_store_opens_with_the_head_that_it_had(
    frozen: Path, expected: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "store.db"
    load(path, STORE_KEY, (frozen / "store.zst").read_bytes())
    with contextlib.closing(stores.open_store(None, path, STORE_KEY, expected["school"])) as store:
        stores.migrate(store, upgrade=True)
        with store.read() as tx:
            assert log.read_head(tx).number == expected["size"]
            rows = tx.connection.exec_driver_sql("SELECT number, hash, leaf, body, prev FROM change ORDER BY number")
            for _, digest, _, body, prev in rows:
                assert changes.change_hash(wire.decode(Change, body.encode()), prev.hex()) == digest


def test_a_generation_of_the_backup_proves_itself(frozen: Path, expected: dict[str, Any]) -> None:
    folder = frozen / "backup" / expected["backup"]
    catalogue = restore.read_generation(folder, expected["server_key"])
    proof = restore.prove_generation(folder, expected["recovery"], catalogue)
    assert (proof.size, proof.root, proof.content_sha256) == (
        expected["size"], expected["root"], expected["content_sha256"],
    )  # fmt: skip


def test_a_format_that_changed_unseen_is_found(frozen: Path, expected: dict[str, Any]) -> None:
    """The negative control: one field more in the hashed form of a change."""
    change = wire.decode(Change, (frozen / "change.json").read_bytes())
    altered = msgspec.structs.replace(change, extra={"added": 1})
    assert seal.chain("", [altered])[0].hex() != expected["desk_chain"][0]
