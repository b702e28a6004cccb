"""Everything that reads bytes of others, under libFuzzer: `python -m tests.faults.fuzz CORPUS SECONDS [gullible]`.

The first byte of an input chooses the reader. A reader may refuse with a coded trouble and nothing else; it may not
take a second of computing, nor let the process grow by 256 MiB. What breaks this is printed and lies in CORPUS as
`crash-…`.
`gullible` plants a fault: one reader lets foreign errors out.
"""

from __future__ import annotations

import io
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(include=["ejournal_core", "ejournal_desktop"]):
    from ejournal_core import age_file, archive, changes, rebuilding, seal, tree, wire
    from tests.faults.desk_readers import DESK_READERS, EXAMPLES

import msgspec

from ejournal_core.errors import Bug, EjournalError

GROWTH_MIB = 256
SECONDS = 1.0

_SEALING = seal.new_sealing_key()
_AGE = age_file.BackupIdentity.new()
_MESSAGES: tuple[type[Any], ...] = (
    wire.Hello, wire.PairStart, wire.PairReveal, wire.DeskRequest, wire.BatchHead, wire.Receipt, wire.Pulled,
    wire.PullHead, wire.Scope, wire.ScopeHeld, wire.SnapshotRequest, wire.SnapshotHead, wire.HistoryRequest,
    wire.SliceDigest, wire.SnapshotRecord, wire.OpenDispute, wire.FileState, wire.TreeProof, wire.EpochLine,
    wire.Problem, changes.Change,
)  # fmt: skip


def a_message(data: bytes) -> None:
    """Read any message; what was read is written in one way only."""
    kind = _MESSAGES[data[0] % len(_MESSAGES)] if data else wire.Hello
    read = wire.decode(kind, data[1:])
    assert wire.encode(wire.decode(kind, wire.encode(read))) == wire.encode(read)


def a_batch(data: bytes) -> None:
    """Read the text of a push and compute what is signed of it."""
    batch = wire.decode_batch(wire.compress(data))
    seal.is_batch_signed(bytes(32), batch, seal.chain("", batch.changes))


def a_body(data: bytes) -> None:
    """Unpack a body."""
    wire.decompress(data, 1024 * 1024)


def sealed_records(data: bytes) -> None:
    """Split an outgoing file and open its records."""
    for record in seal.outgoing_records(data)[0]:
        seal.unseal(_SEALING, "school", record)


def an_archive_line(data: bytes) -> None:
    """Read lines of an archive and prove them as far as they go."""
    rebuilding.prove(archive.decode_line(line) for line in wire.split_lines(data))


def a_catalogue(data: bytes) -> None:
    """Read a catalogue of a backup."""
    archive.read_catalogue(data)


def a_proof(data: bytes) -> None:
    """Follow proofs and grow a tree as somebody else says."""
    given = atheris.FuzzedDataProvider(data)
    size, index, stop = (given.ConsumeIntInRange(0, 2**40) for _ in range(3))
    path = [given.ConsumeBytes(32) for _ in range(given.ConsumeIntInRange(0, 60))]
    assert not tree.proves_inclusion(b"x" * 32, index, size, path, b"y" * 32)
    assert not tree.proves_consistency(index, size, path, b"x" * 32, b"y" * 32) or index == 0
    try:
        frontier = tree.Frontier.from_bytes(index % 64, b"".join(path[: (index % 64).bit_count()]))
        tree.extend_over(frontier, {index % 70: b"x" * 32}, path, index % 64 + stop % 64, index % 64 + size % 5_000)
    except ValueError:
        return  # as documented


def an_age_file(data: bytes) -> None:
    """Open something that says it is an age file."""
    age_file.open_lines(io.BytesIO(data), _AGE.secret, lambda _: None)


def canonical_json(data: bytes) -> None:
    """Write whatever JSON there is in its canonical form: the form of the form is itself."""
    try:
        value = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return
    try:
        text = changes.canonical(value)
    except (TypeError, ValueError, RecursionError):
        return  # floats and what is nested too deep have no canonical form
    assert changes.canonical(msgspec.json.decode(text)) == text


def counters(data: bytes) -> None:
    """Read a range of counters and lines of a snapshot."""
    wire.span(data[:40].decode("latin-1"))
    wire.decode_records(wire.split_lines(data[40:]))


READERS: tuple[Callable[[bytes], None], ...] = (
    a_message, a_batch, a_body, sealed_records, an_archive_line, a_catalogue, a_proof, an_age_file, canonical_json,
    counters, *DESK_READERS,
)  # fmt: skip


def seeds() -> list[bytes]:
    """Return right examples of what each reader reads, with the reader's number in front."""
    change = changes.Change(id="c", desk="d", n=1, author="p", kind="Mark", record="r", was={}, set={"value": "5"},
                            act="create", at="2026-11-20T12:25:00+03:00")  # fmt: skip
    batch = seal.sign_batch(seal.new_signing_key(), "school", "d", "", [change])
    sealed, aged = io.BytesIO(), io.BytesIO()
    sealed.write(seal.outgoing_record(seal.sealing_public_key(_SEALING), "school", wire.encode_batch(batch)))
    age_file.seal_bytes(b"{}", [_AGE.recipient], aged)
    number = {reader: bytes([place]) for place, reader in enumerate(READERS)}
    return [
        number[a_message] + bytes([len(_MESSAGES) - 1]) + wire.encode(change),
        number[a_message] + bytes([_MESSAGES.index(wire.BatchHead)]) + wire.encode(batch.head),
        number[a_batch] + wire.encode_lines((batch.head, *batch.changes)),
        number[a_body] + wire.encode_batch(batch),
        number[sealed_records] + sealed.getvalue(),
        number[an_archive_line] + b'{"t":"head","v":1}\n',
        number[a_catalogue] + b'{"v":1,"files":[]}',
        number[an_age_file] + aged.getvalue(),
        number[canonical_json] + '{"b":[1,"\u0438\u0306"],"a":null}'.encode(),
        number[counters] + b"1-9" + b" " * 37 + b'{"kind":"Mark","record":"r","number":1,"fields":{}}\n',
        *(number[reader] + example for reader, example in zip(DESK_READERS, EXAMPLES, strict=True)),
    ]


def one_input(data: bytes, gullible: bool = False) -> None:
    """Let a reader read, and hold it to its promises."""
    reader = READERS[data[0] % len(READERS)] if data else READERS[0]
    began = time.process_time()
    try:
        reader(data[1:])
    except Bug:
        raise
    except EjournalError:
        if gullible:
            raise ValueError("planted") from None
    took = time.process_time() - began
    assert took < SECONDS, f"{reader.__name__} took {took:.1f} s"


def main(corpus: Path, seconds: int, gullible: bool) -> None:
    """Read for so long; ends the process, with 0 when nothing was found."""
    for number, seed in enumerate(seeds()):
        (corpus / f"seed-{number}").write_bytes(seed)
    mebibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    options = [
        f"-max_total_time={seconds}", f"-rss_limit_mb={mebibytes + GROWTH_MIB}", "-timeout=20", "-max_len=65536",
        f"-artifact_prefix={corpus}/", "-print_final_stats=1",
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options, str(corpus)], lambda data: one_input(data, gullible))
    atheris.Fuzz()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), "gullible" in sys.argv[3:])
