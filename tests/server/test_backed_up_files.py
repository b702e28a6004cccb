"""Files and acts of destruction in backups: every file comes back, a damaged one is named, what is gone stays gone."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from ejournal_core import age_file, archive, wire
from ejournal_core.age_file import BackupIdentity
from ejournal_core.archive import DamagedArchive
from ejournal_core.changes import canonical, destroyed
from ejournal_core.destruction import emptied
from ejournal_core.verify import BrokenLog
from ejournal_desktop.backup.prove import prove as desk_prove
from ejournal_server import backups, files, folder, generations, intake, restore, verifying
from ejournal_server.epochs import Opening
from ejournal_server.folder import Office
from ejournal_server.generations import Recipients
from ejournal_server.store import blobs as store
from ejournal_server.store import erasure, log, records
from tests.server import world
from tests.server.test_destruction import WORD, confirm, document, everything, order
from tests.server.test_files import DATA, PIECE, bring_all, fetch_all, file_change, named
from tests.server.world import ADMINISTRATOR, CLASS_TEACHER, DIRECTOR, PUPILS, Hand

RECOVERY = BackupIdentity.new()


def back_up(office: Office, to: Path) -> Path:
    recipients = Recipients(recovery=RECOVERY.recipient)
    made = generations.make_generation(office.authority, to, recipients, office.ca_pem)
    return to / made.generation


def prove(generation: Path) -> archive.Proof:
    return restore.prove_generation(generation, RECOVERY.secret, restore.read_generation(generation))


def restored(generation: Path, data: Path) -> Office:
    backups.restore_school(generation, RECOVERY.secret, data)
    return folder.open_office(data, None)


def two_files(office: Office) -> tuple[Hand, bytes]:
    """Let the teacher attach two files, one of which is whole at the server, and begin a third."""
    hand, other = named(office), os.urandom(PIECE + 5)
    bring_all(office, hand)
    intake.accept(office.authority, hand.batch(file_change(hand, other), file_change(hand, b"half" * PIECE)))
    bring_all(office, hand, other)
    half = b"half" * PIECE
    desk = world.desk_of(office, hand)
    files.bring(office.authority, desk, hashlib.sha256(half).hexdigest(), len(half), 0, half[:PIECE])
    return hand, other


def test_a_restored_school_has_every_file(office: Office, tmp_path: Path) -> None:
    hand, other = two_files(office)
    generation = back_up(office, tmp_path / "drive")
    assert sorted(file.name for file in generation.glob("file-*.age")) == ["file-00001.age", "file-00002.age"]
    assert prove(generation).size > 0
    with contextlib.closing(restored(generation, tmp_path / "new")) as again:
        assert fetch_all(again, hand) == DATA
        assert fetch_all(again, hand, other) == other
        bring_all(again, hand, b"half" * PIECE)
        assert fetch_all(again, hand, b"half" * PIECE) == b"half" * PIECE


def test_no_file_and_no_name_of_one_stands_in_a_backup_in_the_clear(office: Office, tmp_path: Path) -> None:
    planted = b"PLANTED-WORD" * 30_000
    hand = named(office, planted)
    bring_all(office, hand, planted)
    generation = back_up(office, tmp_path / "drive")
    sha256 = hashlib.sha256(planted).hexdigest().encode()
    for file in generation.iterdir():
        assert b"PLANTED-WORD" not in file.read_bytes()
        assert sha256 not in file.read_bytes()


@pytest.mark.parametrize("change", [lambda b: b[:-1], lambda b: b[:300] + bytes([b[300] ^ 1]) + b[301:], lambda b: b""])
def test_a_damaged_file_of_a_backup_is_named(office: Office, tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    two_files(office)
    generation = back_up(office, tmp_path / "drive")
    file = generation / "file-00002.age"
    file.write_bytes(change(file.read_bytes()))
    with pytest.raises(DamagedArchive) as damage:
        restore.read_generation(generation)
    assert damage.value.details["file"] == "file-00002.age"


def test_a_file_with_other_bytes_is_named_whatever_the_catalogue_says(office: Office, tmp_path: Path) -> None:
    two_files(office)
    generation = back_up(office, tmp_path / "drive")
    catalogue = restore.read_generation(generation)
    with (generation / "file-00001.age").open("wb") as sink:
        digest = age_file.seal_pieces([b"other bytes"], [RECOVERY.recipient], sink)
    listed = tuple(
        msgspec.structs.replace(each, size=digest.size, sha256=digest.sha256) if each.name == "file-00001.age" else each
        for each in catalogue.files
    )
    forged = archive.sign_catalogue(
        office.authority.keys.signing, msgspec.structs.replace(catalogue, files=listed, signature="")
    )
    (generation / generations.CATALOGUE).write_bytes(canonical(forged))
    for attempt in (lambda: prove(generation), lambda: restored(generation, tmp_path / "new").close()):
        with pytest.raises(DamagedArchive) as damage:
            attempt()
        assert damage.value.details["file"] == "file-00001.age"
    assert not (tmp_path / "new").exists()


class Quiet:
    """A report that nobody reads."""

    def step(self, done: int, total: int, text: str = "") -> None:
        """Go on."""

    def check(self) -> None:
        """Go on."""


@pytest.mark.parametrize("name", ["base.age", "file-00001.age"])
def test_the_same_content_sealed_anew_is_not_the_file_that_was_listed(
    office: Office, tmp_path: Path, name: str
) -> None:
    """What a trial restore has proved stands for every copy with the listed bytes, so it must have opened those."""
    two_files(office)
    generation = back_up(office, tmp_path / "drive")
    catalogue, content = restore.read_generation(generation), io.BytesIO()
    with (generation / name).open("rb") as source:
        age_file.open_pieces(source, RECOVERY.secret, content.write)
    with (generation / name).open("wb") as sink:
        age_file.seal_pieces([content.getvalue()], [RECOVERY.recipient], sink)
    attempts: tuple[Callable[[], object], ...] = (
        lambda: restore.prove_generation(generation, RECOVERY.secret, catalogue),
        lambda: desk_prove(generation, catalogue, RECOVERY.secret, Quiet()),
        lambda: desk_prove(generation, unlisted(catalogue, name), RECOVERY.secret, Quiet()),
    )
    for attempt in attempts:
        with pytest.raises(DamagedArchive) as damage:
            attempt()
        assert damage.value.details["file"] == name


def unlisted(catalogue: archive.Catalogue, name: str) -> archive.Catalogue:
    return msgspec.structs.replace(catalogue, files=tuple(each for each in catalogue.files if each.name != name))


def test_a_backup_without_a_file_that_the_school_holds_is_no_backup(office: Office, tmp_path: Path) -> None:
    two_files(office)
    with office.authority.store.write() as tx:
        store.drop(tx, hashlib.sha256(DATA).hexdigest())
    with pytest.raises(DamagedArchive, match="missing"):
        prove(back_up(office, tmp_path / "drive"))


def destroy(office: Office, administrator: Hand, director: Hand) -> list[wire.Batch]:
    """Order and confirm; return the batches, which the two desks hold as well."""
    batches = [administrator.batch(order(administrator)), director.batch(confirm(director))]
    for batch in batches:
        assert intake.accept(office.authority, batch).verdicts[0].outcome in ("taken", "merged")
    return batches


def lines_of(generation: Path) -> str:
    text: list[bytes] = []
    with (generation / generations.BASE).open("rb") as source:
        age_file.open_lines(source, RECOVERY.secret, lambda line: text.append(archive.encode_line(line)))
    return b"".join(text).decode()


def test_new_backups_hold_it_no_more_and_a_restored_old_one_loses_it_again(office: Office, tmp_path: Path) -> None:
    teacher = world.new_hand(office, CLASS_TEACHER)
    administrator, director = world.new_hand(office, ADMINISTRATOR), world.new_hand(office, DIRECTOR)
    intake.accept(office.authority, teacher.batch(document(teacher, "doc-1", PUPILS[0], why=WORD)))
    old = back_up(office, tmp_path / "drive")
    batches = destroy(office, administrator, director)
    new = back_up(office, tmp_path / "drive")
    assert WORD in lines_of(old)
    assert WORD not in lines_of(new)
    assert prove(new).size == prove(old).size + 2
    with contextlib.closing(restored(new, tmp_path / "from-new")) as again:
        assert WORD not in everything(again)
    with contextlib.closing(restored(old, tmp_path / "from-old")) as again:
        assert WORD in everything(again)
        for batch in batches:  # the desks bring again what they hold beyond the backup
            assert intake.accept(again.authority, batch).verdicts[0].outcome in ("taken", "merged")
        assert WORD not in everything(again)
        assert prove(back_up(again, tmp_path / "again")).content_sha256 == prove(new).content_sha256


@pytest.mark.logs("change quarantined")
def test_a_destroyed_line_may_be_brought_again_only_behind_its_act(office: Office, tmp_path: Path) -> None:
    teacher, other = world.new_hand(office, CLASS_TEACHER), world.new_hand(office, CLASS_TEACHER)
    administrator, director = world.new_hand(office, ADMINISTRATOR), world.new_hand(office, DIRECTOR)
    early = back_up(office, tmp_path / "drive")
    opening = Opening(reason="диск", first_person="А", second_person="Б")
    backups.restore_school(early, RECOVERY.secret, tmp_path / "early", opening=opening)
    with contextlib.closing(folder.open_office(tmp_path / "early", None)) as again:
        gone = destroyed(document(teacher, "doc-1", PUPILS[0]))
        receipt = intake.accept(again.authority, teacher.batch(gone))
        assert (receipt.verdicts[0].outcome, receipt.verdicts[0].reason) == ("quarantined", "EJ-417")
        destroy(again, administrator, director)
        receipt = intake.accept(again.authority, other.batch(destroyed(document(other, "doc-1", PUPILS[0]))))
        assert receipt.verdicts[0].outcome == "taken"
        with again.authority.store.read() as tx:
            fields = records.fetch(tx, "AbsenceDocument", ["doc-1"])["doc-1"].fields
        assert (fields["pupil_id"], fields["number"]) == (PUPILS[0], "")
        assert prove(back_up(again, tmp_path / "again")).epoch > 1


def test_content_that_is_gone_without_an_act_is_found(office: Office, tmp_path: Path) -> None:
    teacher = world.new_hand(office, CLASS_TEACHER)
    intake.accept(office.authority, teacher.batch(document(teacher, "doc-1", PUPILS[0])))
    with office.authority.store.write() as tx:
        number = log.read_head(tx).number
        line = log.lines(tx, number - 1, number, 1)[0]
        erasure._empty(tx, erasure._Line(number, line.change))
        row = records.fetch(tx, "AbsenceDocument", ["doc-1"])["doc-1"]
        records.put(tx, [msgspec.structs.replace(row, fields=emptied("AbsenceDocument", row.fields))])
    with pytest.raises(BrokenLog) as broken:
        verifying.verify_store(office.authority, strict=False)
    assert (broken.value.details["broken"], broken.value.details["number"]) == ("content", number)
    with pytest.raises(DamagedArchive, match="no act of destruction") as damage:
        prove(back_up(office, tmp_path / "drive"))
    assert damage.value.details["number"] == number


def test_pieces_are_sealed_and_opened_in_a_stream() -> None:
    sink = io.BytesIO()
    age_file.seal_pieces((bytes([i]) * 70_000 for i in range(5)), [RECOVERY.recipient], sink)
    got: list[bytes] = []
    age_file.open_pieces(io.BytesIO(sink.getvalue()), RECOVERY.secret, got.append)
    assert b"".join(got) == b"".join(bytes([i]) * 70_000 for i in range(5))


def test_the_verifier_goes_over_destroyed_content_and_over_files(office: Office, tmp_path: Path) -> None:
    two_files(office)
    teacher = world.new_hand(office, CLASS_TEACHER)
    administrator, director = world.new_hand(office, ADMINISTRATOR), world.new_hand(office, DIRECTOR)
    intake.accept(office.authority, teacher.batch(document(teacher, "doc-1", PUPILS[0], why=WORD)))
    before = verifying.verify_store(office.authority, strict=False)
    destroy(office, administrator, director)
    after = verifying.verify_store(office.authority, strict=False)
    assert after.size > before.size
    assert (
        verifying.verify_generation(back_up(office, tmp_path / "drive"), RECOVERY.secret, strict=False).root
        == after.root
    )
