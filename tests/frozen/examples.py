"""Examples of every stored and sent format, as a program wrote them: `python -m tests.frozen.examples`.

Made anew only while nothing has been released. From the first release on the folder of a version never changes: a
format that changes gets a folder of its own beside it, and the program of the day reads them all.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher

from ejournal_core import seal, wire
from ejournal_core.age_file import BackupIdentity
from ejournal_core.rebuilding import Prover
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_server import delivery, folder, generations, intake, keys, scopes, snapshots
from ejournal_server.generations import Recipients, SchoolLines
from tests.helpers.school import desk_of, small_school
from tests.server import world
from tests.server.world import PUPILS, SettableClock

FOLDER = Path(__file__).with_name("protocol-1")
DESK_KEY = bytes(range(32))


def dump(path: Path, key: bytes) -> bytes:
    """Return an encrypted file as compressed JSON: its statements and its rows, bytes as {"hex": …}."""
    with contextlib.closing(_opened(path, key)) as connection:
        made = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid").fetchall()
        tables = [
            name for name, sql in made if sql.upper().startswith("CREATE TABLE") and not name.startswith("sqlite_")
        ]
        rows = {name: [list(row) for row in connection.execute(f'SELECT * FROM "{name}"')] for name in tables}
    content = {"sql": [sql for name, sql in made if not name.startswith("sqlite_")], "rows": rows}
    text = json.dumps(content, default=lambda value: {"hex": value.hex()}, ensure_ascii=False)
    return wire.compress(text.encode())


def load(path: Path, key: bytes, dumped: bytes) -> None:
    """Make the encrypted file that was dumped."""
    content = json.loads(wire.decompress(dumped))
    with contextlib.closing(_opened(path, key)) as connection:
        connection.execute("BEGIN")
        for sql in content["sql"]:
            connection.execute(sql)
        for name, rows in content["rows"].items():
            for row in rows:
                places = ", ".join("?" * len(row))
                connection.execute(f'INSERT INTO "{name}" VALUES ({places})', [_value(each) for each in row])
        connection.execute("COMMIT")


def _value(value: Any) -> Any:
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value


def _opened(path: Path, key: bytes) -> Any:
    connection = sqlcipher.connect(str(path), isolation_level=None)
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    return connection


def main() -> None:
    """Write all examples anew."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    with tempfile.TemporaryDirectory() as scratch:
        expected = _of_the_server(Path(scratch)) | _of_a_desk(Path(scratch))
    text = json.dumps(expected, indent=1, sort_keys=True, ensure_ascii=False)
    (FOLDER / "expected.json").write_text(text + "\n", encoding="utf-8")


def _of_the_server(scratch: Path) -> dict[str, Any]:
    data = scratch / "data"
    office = folder.found(data, world.SCHOOL_NAME, None, SettableClock())
    world.settle(office)
    hand = world.new_hand(office, world.TEACHER)
    authority = office.authority
    batch = hand.batch(hand.lesson(), hand.column(), *(hand.mark(pupil, "5") for pupil in PUPILS))
    receipt = intake.accept(authority, batch)
    desk = world.desk_of(office, hand)
    seen = wire.decode(wire.Scope, wire.decompress(scopes.tell(authority, desk)))
    head = snapshots.begin(authority, desk, wire.SnapshotRequest(slices=seen.slices))
    manifest = wire.decode(wire.SnapshotHead, wire.decompress(head))
    later = hand.batch(hand.mark(PUPILS[0], "4", was="5", born=False))
    sealing = bytes.fromhex(authority.keys.sealing_public)
    recovery = BackupIdentity.new()
    recipients = Recipients(recovery=recovery.recipient, administrator=recovery.recipient)
    catalogue = generations.make_generation(authority, FOLDER / "backup", recipients, office.ca_pem)
    _write("batch.zst", wire.encode_batch(batch))
    _write("receipt.json", wire.encode(receipt))
    _write("pull.zst", delivery.pull(authority, desk, 0, seen.scope))
    _write("snapshot-head.zst", head)
    for number in range(len(manifest.chunks)):
        _write(f"snapshot-{number}.zst", snapshots.chunk(authority, desk, manifest.id, number))
    _write("outgoing.sealed", seal.outgoing_record(sealing, authority.school, wire.encode_batch(later)))
    prover = Prover()
    with authority.store.read() as tx:
        for line in SchoolLines(authority, tx, office.ca_pem).lines():
            prover.take(line)
    proof, master, school = prover.finish(), office.master.key, authority.school
    office.close()
    _write("store.zst", dump(data / folder.STORE, keys.derive(master, "store")))
    return {
        "school": school, "server_key": authority.keys.signing_public, "sealing": authority.keys.sealing.hex(),
        "desk_key": seal.signing_public_key(hand.key).hex(), "batch_root": batch.head.root,
        "outgoing_root": later.head.root, "size": proof.size, "root": proof.root,
        "content_sha256": proof.content_sha256, "backup": catalogue.generation, "recovery": recovery.secret,
        "chunks": len(manifest.chunks), "records": manifest.records,
        "made_at": datetime.now(UTC).date().isoformat(),
    }  # fmt: skip


def _of_a_desk(scratch: Path) -> dict[str, Any]:
    school = small_school()
    journal = desk_of(school, school.teacher, scratch, key=DESK_KEY)
    for pupil, value in zip(school.pupils, "543", strict=False):
        put_mark(journal, school.today_lesson, None, pupil, value)
    unsent = journal.outbox()
    journal.close()
    path = scratch / f"desk-of-{school.teacher}.journal"
    _write("desk.zst", dump(path, DESK_KEY))
    hashes = seal.chain(unsent[0].prev, [each.change for each in unsent])
    _write("change.json", wire.encode(unsent[0].change))
    return {"desk_chain": [each.hex() for each in hashes]}


def _write(name: str, content: bytes) -> None:
    (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    main()
