"""An archive proves itself, or names the first place that does not hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import pytest

from ejournal_core import archive, rebuilding, seal, tree, wire
from ejournal_core.archive import ArchiveBatch, ArchiveEnd, ArchiveEntry, ArchiveHead, DamagedArchive, Line
from ejournal_core.changes import Change, Outcome, Verdict, canonical, leaf_bytes, plain
from ejournal_core.kinds import Fields
from ejournal_core.rebuilding import prove

SERVER = seal.new_signing_key()
DESK = seal.new_signing_key()


def change(n: int, value: str, was: Fields) -> Change:
    fields: Fields = {"mark_column_id": "col", "pupil_id": "pupil", "value": value}
    return Change(
        id=f"c{n}", desk="d", n=n, author="p", kind="Mark", record="col.pupil", was=was, set=fields,
        act="change", at="2026-11-21T10:00:00+03:00",
    )  # fmt: skip


def an_archive() -> list[Line]:
    changes = [
        change(1, "4", {}),
        change(2, "5", {"value": "4", "mark_column_id": "col", "pupil_id": "pupil"}),
        change(3, "2", {}),
    ]
    outcomes: list[Outcome] = ["taken", "taken", "disputed"]
    hashes = seal.chain("", changes)
    batch = seal.sign_batch(DESK, "school", "d", "", changes)
    verdicts = [
        Verdict(id=c.id, number=i + 1, outcome=o, at="t")
        for i, (c, o) in enumerate(zip(changes, outcomes, strict=True))
    ]
    root = tree.root_of(tree.leaf_hash(leaf_bytes(h, v)) for h, v in zip(hashes, verdicts, strict=True))
    head = seal.sign_message(SERVER, wire.TreeHead(school="school", epoch=1, size=3, root=root.hex(), at="t"))
    replay = rebuilding.Replay()
    entries: list[Line] = []
    for i, (each, verdict) in enumerate(zip(changes, verdicts, strict=True)):
        replay.apply(each, verdict)
        prev = hashes[i - 1].hex() if i else ""
        entries.append(ArchiveEntry(change=each, prev=prev, verdict=verdict, batch=batch.head.root, position=i))
    return [
        ArchiveHead(
            school="school", school_name="Школа", made_at="t", head=head, ca_certificate="", seal_key="",
            server_key=seal.signing_public_key(SERVER).hex(),
        ),
        ArchiveBatch(batch=batch.head, public_key=seal.signing_public_key(DESK).hex()),
        *entries,
        ArchiveEnd(entries=3, batches=1, receipts=0, rows=0, content_sha256=rebuilding.content_hash(replay.records())),
    ]  # fmt: skip


def through_bytes(lines: list[Line]) -> Iterator[Line]:
    text = b"".join(archive.encode_line(line) for line in lines)
    return (archive.decode_line(line) for line in text.splitlines())


def test_a_whole_archive_gives_the_log_and_the_records_it_was_made_from() -> None:
    proof = prove(through_bytes(an_archive()))
    assert (proof.school, proof.size, proof.epoch) == ("school", 3, 1)
    standing: Fields = {"mark_column_id": "col", "pupil_id": "pupil", "value": "5", "comment": "", "document": "",
                        "voided": False}  # fmt: skip
    assert proof.content_sha256 == rebuilding.content_hash([("Mark", "col.pupil", standing)])


def entry(line: Line, **fields: object) -> Line:
    return msgspec.structs.replace(line, **fields)


def forged_value(lines: list[Line]) -> list[Line]:
    forged = lines[3]
    assert isinstance(forged, ArchiveEntry)
    return [*lines[:3], entry(forged, change=msgspec.structs.replace(forged.change, set={"value": "2"})), *lines[4:]]


def forged_verdict(lines: list[Line]) -> list[Line]:
    forged = lines[4]
    assert isinstance(forged, ArchiveEntry)
    return [*lines[:4], entry(forged, verdict=msgspec.structs.replace(forged.verdict, outcome="refused")), *lines[5:]]


def forged_content(lines: list[Line]) -> list[Line]:
    return [*lines[:-1], entry(lines[-1], content_sha256="00" * 32)]


def stranger_s_batch(lines: list[Line]) -> list[Line]:
    return [lines[0], entry(lines[1], public_key=seal.signing_public_key(SERVER).hex()), *lines[2:]]


def stranger_s_server(lines: list[Line]) -> list[Line]:
    return [entry(lines[0], server_key=seal.signing_public_key(DESK).hex()), *lines[1:]]


FAULTS: list[tuple[Callable[[list[Line]], list[Line]], str]] = [
    (forged_value, "chain|tree head"),
    (forged_verdict, "tree head"),
    (forged_content, "records rebuilt"),
    (stranger_s_batch, "not signed by its desk"),
    (stranger_s_server, "not signed by the school's server"),
    (lambda lines: lines[:-1], "cut"),
    (lambda lines: lines[:-2] + lines[-1:], "missing"),
    (lambda lines: lines[:2] + lines[3:], "missing"),
    (lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]], "missing"),
    (lambda lines: lines[:1] + lines[2:], "missing"),
    (lambda lines: lines[1:], "no beginning"),
    (lambda lines: [], "no beginning"),
    (lambda lines: [*lines, lines[2]], "after the end"),
    (lambda lines: [lines[0], *lines], "begins twice"),
    (lambda lines: [entry(lines[0], v=99), *lines[1:]], "newer"),
]


@pytest.mark.parametrize(("fault", "named"), FAULTS)
def test_an_archive_that_was_altered_names_the_place(fault: Callable[[list[Line]], list[Line]], named: str) -> None:
    with pytest.raises(DamagedArchive, match=named):
        prove(through_bytes(fault(an_archive())))


def test_changes_delivered_with_an_earlier_batch_leave_the_later_one_provable() -> None:
    lines = an_archive()
    first, batch = lines[2], lines[1]
    assert isinstance(first, ArchiveEntry)
    assert isinstance(batch, ArchiveBatch)
    hash_ = seal.chain("", [change(1, "4", {})])[0].hex()
    early = seal.sign_batch(DESK, "school", "d", "", [change(1, "4", {})])
    moved = [
        lines[0],
        ArchiveBatch(batch=early.head, public_key=batch.public_key),
        entry(batch, missing=((0, hash_),)),
        entry(first, batch=early.head.root),
        *lines[3:-1],
        entry(lines[-1], batches=2),
    ]
    assert prove(through_bytes(moved)).size == 3
    with pytest.raises(DamagedArchive, match="author signed"):
        prove(through_bytes([*moved[:2], entry(moved[2], missing=()), *moved[3:]]))


def with_the_second_change_aside() -> list[Line]:
    """The second of three changes went to quarantine: its hash is in the batch, its line is not in the log."""
    changes = [change(1, "4", {}), change(2, "5", {}), change(3, "2", {"value": "4"})]
    hashes = seal.chain("", changes)
    batch = seal.sign_batch(DESK, "school", "d", "", changes)
    kept: list[tuple[int, Outcome]] = [(0, "taken"), (2, "disputed")]
    verdicts = [Verdict(id=changes[at].id, number=i + 1, outcome=o, at="t") for i, (at, o) in enumerate(kept)]
    leaves = [tree.leaf_hash(leaf_bytes(hashes[at], v)) for (at, _), v in zip(kept, verdicts, strict=True)]
    root = tree.root_of(leaves).hex()
    begin, end = an_archive()[0], an_archive()[-1]
    assert isinstance(begin, ArchiveHead)
    replay = rebuilding.Replay()
    replay.apply(changes[0], verdicts[0])
    signed = seal.sign_message(SERVER, wire.TreeHead(school="school", epoch=1, size=2, root=root, at="t"))
    return [
        entry(begin, head=signed),
        ArchiveBatch(batch=batch.head, public_key=seal.signing_public_key(DESK).hex(), missing=((1, hashes[1].hex()),)),
        ArchiveEntry(change=changes[0], prev="", verdict=verdicts[0], batch=batch.head.root, position=0),
        ArchiveEntry(change=changes[2], prev=hashes[1].hex(), verdict=verdicts[1], batch=batch.head.root, position=2),
        entry(end, entries=2, content_sha256=rebuilding.content_hash(replay.records())),
    ]


def test_a_chain_that_leads_through_quarantine_is_whole() -> None:
    assert prove(through_bytes(with_the_second_change_aside())).size == 2


def test_a_chain_may_leave_the_log_only_as_its_author_signed_it() -> None:
    lines = with_the_second_change_aside()
    batch = lines[1]
    assert isinstance(batch, ArchiveBatch)
    with pytest.raises(DamagedArchive, match="chain"):
        prove(through_bytes([lines[0], entry(batch, missing=()), *lines[2:]]))
    forged = entry(batch, missing=(*batch.missing, (3, "00" * 32)))
    with pytest.raises(DamagedArchive, match="author signed"):
        prove(through_bytes([lines[0], forged, *lines[2:]]))


def test_an_archive_of_a_newer_format_asks_for_a_newer_program() -> None:
    head = archive.encode_line(entry(an_archive()[0], v=99))
    for unknown in (head, head.replace(b'{"ca', b'{"added":1,"ca'), b'{"line":"other","v":99}'):
        with pytest.raises(archive.NewerArchive):
            prove([archive.decode_line(unknown)])


def test_every_flipped_bit_of_the_log_is_found() -> None:
    lines = an_archive()
    for place in range(1, len(lines) - 1):
        text = bytearray(archive.encode_line(lines[place]))
        for position in range(0, len(text) - 1, 7):
            damaged = bytes(text[:position]) + bytes([text[position] ^ 1]) + bytes(text[position + 1 :])
            with pytest.raises(DamagedArchive):
                prove([*lines[:place], archive.decode_line(damaged.rstrip(b"\n")), *lines[place + 1 :]])


def with_fields_of_a_newer_format(line: ArchiveEntry, name: str) -> ArchiveEntry:
    change = msgspec.structs.replace(line.change, extra={name: {"b": [1, "й"], "a": None}})
    return msgspec.structs.replace(line, change=change)


@pytest.mark.parametrize("name", ["added", "extra", "line"])
def test_a_line_keeps_what_a_newer_format_says_in_its_change(name: str) -> None:
    plain_line = an_archive()[2]
    assert isinstance(plain_line, ArchiveEntry)
    line = with_fields_of_a_newer_format(plain_line, name)
    text = archive.encode_line(line)
    assert f'"{name}":{{"a":null,"b":[1,"й"]}}'.encode() in text
    assert archive.decode_line(text) == line


@pytest.mark.parametrize("foreign", [False, True])
def test_a_line_of_the_log_is_the_canonical_text_of_what_it_says(foreign: bool) -> None:
    line = an_archive()[2]
    assert isinstance(line, ArchiveEntry)
    if foreign:
        line = with_fields_of_a_newer_format(line, "added")
    said = {**msgspec.to_builtins(line), "change": plain(line.change)}
    assert archive.encode_line(line) == canonical(said) + b"\n"


def test_a_change_that_cannot_be_read_is_named_by_its_number() -> None:
    text = archive.encode_line(an_archive()[3])
    with pytest.raises(DamagedArchive, match="cannot be read") as caught:
        archive.decode_line(text.replace(b'"desk":"d"', b'"desk":17'))
    assert caught.value.details == {"number": 2}


#: JSON in shape, but a text in it is no UTF-8: what `msgspec` answers with another error than it does to wrong JSON.
NO_UTF8 = b'{"t":"head","school":"\x9c"}'


def test_bytes_that_are_json_but_no_utf8_are_a_damaged_archive() -> None:
    with pytest.raises(DamagedArchive):
        archive.read_catalogue(NO_UTF8)
    with pytest.raises(DamagedArchive):
        archive.decode_line(NO_UTF8)


@pytest.mark.parametrize("number", [b"1.5", b"1e300", b"-0.0"])
def test_a_fraction_in_a_line_is_a_damaged_archive(number: bytes) -> None:
    """Canonical JSON holds none, so nobody who reads a backup may stumble over one."""
    entry = next(line for line in an_archive() if isinstance(line, ArchiveEntry))
    data = archive.encode_line(entry)
    assert data.count(b'"n":1,') == 1
    with pytest.raises(DamagedArchive):
        archive.decode_line(data.replace(b'"n":1,', b'"n":' + number + b","))
