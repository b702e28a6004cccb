"""A sealed archive opens with public tools and with nothing else than its keys; every damage is named."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from ejournal_core import archive, seal
from ejournal_core.age_file import (
    BackupIdentity,
    NoKey,
    NoMatchingKey,
    measure,
    open_bytes,
    open_lines,
    prove_file,
    seal_bytes,
    seal_lines,
)
from ejournal_core.archive import DamagedArchive, Line
from ejournal_core.changes import canonical
from tests.core.test_archive import an_archive

RECOVERY = BackupIdentity.new()
ADMINISTRATOR = BackupIdentity.new()


def sealed(*recipients: BackupIdentity) -> bytes:
    sink = io.BytesIO()
    seal_lines(an_archive(), [each.recipient for each in recipients or (RECOVERY, ADMINISTRATOR)], sink)
    return sink.getvalue()


def text() -> bytes:
    return b"".join(map(archive.encode_line, an_archive()))


@pytest.mark.parametrize("identity", [RECOVERY, ADMINISTRATOR])
def test_each_of_the_two_keys_opens_and_proves_the_archive(identity: BackupIdentity) -> None:
    lines: list[Line] = []
    open_lines(io.BytesIO(sealed()), identity.secret, lines.append)
    assert lines == an_archive()
    assert prove_file(io.BytesIO(sealed()), identity.secret).size == 3


def test_the_public_age_tool_opens_the_archive(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"# made for this test\n{RECOVERY.secret}\n")
    (tmp_path / "file.age").write_bytes(sealed())
    opened = subprocess.run(
        ["age", "-d", "-i", str(tmp_path / "key"), str(tmp_path / "file.age")], check=True, capture_output=True
    )
    assert zstandard.ZstdDecompressor().stream_reader(opened.stdout).read() == text()


def test_what_the_public_age_tool_sealed_can_be_read(tmp_path: Path) -> None:
    packed = zstandard.ZstdCompressor().compress(text())
    done = subprocess.run(["age", "-r", RECOVERY.recipient], input=packed, check=True, capture_output=True)
    assert (
        prove_file(io.BytesIO(done.stdout), RECOVERY.secret).root
        == prove_file(io.BytesIO(sealed()), RECOVERY.secret).root
    )


def test_nothing_of_a_record_can_be_read_in_the_file() -> None:
    assert b"pupil" in text()
    assert b"pupil" not in sealed()
    assert b"mark_column_id" not in sealed()


def test_another_key_opens_nothing_and_says_so() -> None:
    with pytest.raises(NoMatchingKey):
        prove_file(io.BytesIO(sealed(RECOVERY)), ADMINISTRATOR.secret)


@pytest.mark.parametrize("typed", ["", "hello", "# only a comment", "AGE-SECRET-KEY-1QQQQ"])
def test_what_is_no_key_says_so(typed: str) -> None:
    with pytest.raises(NoKey):
        BackupIdentity.of(typed)


def test_a_key_typed_from_paper_in_small_letters_is_understood() -> None:
    assert BackupIdentity.of(f"  {RECOVERY.secret.lower()} \n") == RECOVERY


def test_a_recipient_that_is_none_stops_the_backup_before_anything_is_written() -> None:
    sink = io.BytesIO()
    with pytest.raises(NoKey):
        seal_lines(an_archive(), ["age1nobody"], sink)
    assert sink.getvalue() == b""


def test_every_flipped_byte_is_found() -> None:
    whole = sealed(RECOVERY)
    for position in range(0, len(whole), 23):
        damaged = whole[:position] + bytes([whole[position] ^ 0x40]) + whole[position + 1 :]
        with pytest.raises((DamagedArchive, NoMatchingKey)):
            prove_file(io.BytesIO(damaged), RECOVERY.secret)


def test_every_cut_is_found() -> None:
    whole = sealed(RECOVERY)
    for length in range(0, len(whole), 31):
        with pytest.raises((DamagedArchive, NoMatchingKey)):
            prove_file(io.BytesIO(whole[:length]), RECOVERY.secret)


def test_a_cut_inside_the_text_is_found_although_the_seal_is_whole() -> None:
    for piece in (text()[:-40], text()[:-1], b""):
        sink = io.BytesIO()
        seal_bytes(piece, [RECOVERY.recipient], sink)
        with pytest.raises(DamagedArchive):
            prove_file(io.BytesIO(sink.getvalue()), RECOVERY.secret)


def test_small_contents_are_sealed_the_same_way() -> None:
    sink = io.BytesIO()
    digest = seal_bytes(b"the server's keys", [RECOVERY.recipient], sink)
    assert open_bytes(io.BytesIO(sink.getvalue()), RECOVERY.secret) == b"the server's keys"
    assert measure(io.BytesIO(sink.getvalue())) == digest


def test_a_drive_that_fails_while_reading_is_not_called_a_damaged_archive() -> None:
    class PulledOut(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input/output"):
        prove_file(PulledOut(sealed()), RECOVERY.secret)


@pytest.mark.parametrize("size", [10, 3_000_000])
def test_a_full_drive_is_told_although_the_sealing_library_says_nothing(size: int) -> None:
    class Full(io.RawIOBase):
        def __init__(self, room: int) -> None:
            self.room = room

        def write(self, data: bytes) -> int:  # type: ignore[override]
            self.room -= len(data)
            if self.room < 0:
                raise OSError(28, "No space left on device")
            return len(data)

    for room in (0, 100, size // 2):
        with pytest.raises(OSError, match="No space") as raised:
            seal_bytes(os.urandom(size), [RECOVERY.recipient], Full(room))  # type: ignore[arg-type]
        assert raised.value.errno == 28


def test_what_fails_while_lines_are_read_or_taken_keeps_its_name() -> None:
    def broken() -> Iterator[Line]:
        yield an_archive()[0]
        raise LookupError("the store is away")

    with pytest.raises(LookupError, match="away"):
        seal_lines(broken(), [RECOVERY.recipient], io.BytesIO())

    def take(line: Line) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        open_lines(io.BytesIO(sealed()), RECOVERY.secret, take)


def test_a_catalogue_binds_the_files_to_the_school_s_server() -> None:
    signing = b"\x07" * 32
    proof = prove_file(io.BytesIO(sealed()), RECOVERY.secret)
    unsigned = archive.Catalogue(
        school="school", generation="g", made_at="t", proof=proof, files=(),
        server_key=seal.signing_public_key(signing).hex(),
    )  # fmt: skip
    whole = canonical(archive.sign_catalogue(signing, unsigned))
    assert archive.read_catalogue(whole, unsigned.server_key).proof == proof
    for damaged in (whole.replace(b'"generation":"g"', b'"generation":"h"'), whole[:-2], b"", b"<html>"):
        with pytest.raises(DamagedArchive):
            archive.read_catalogue(damaged)
    with pytest.raises(DamagedArchive, match="another school"):
        archive.read_catalogue(whole, "00" * 32)
