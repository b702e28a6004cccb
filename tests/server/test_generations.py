"""A generation of the backup: the whole school at one moment, sealed, and any empty server becomes it again."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
import sqlalchemy as sa

from ejournal_core import age_file, archive, ids, rebuilding, seal
from ejournal_core.age_file import BackupIdentity, NoKey, NoMatchingKey, open_lines
from ejournal_core.archive import ArchiveBatch, ArchiveEntry, ArchiveReceipt, Catalogue, DamagedArchive, Line
from ejournal_core.changes import Change, canonical
from ejournal_core.kinds import Fields
from ejournal_core.wire import PairStart
from ejournal_server import accounts, files, generations, intake, own_lines, restore, signing
from ejournal_server.folder import Office
from ejournal_server.generations import Recipients
from ejournal_server.own_lines import Wish
from ejournal_server.store import log, tables, whole
from ejournal_server.store.database import Store, Transaction, migrate, open_store
from tests.helpers.postgres import fresh_database
from tests.server import world
from tests.server.world import LESSON, PUPILS, Hand, SettableClock

RECOVERY, ADMINISTRATOR, STRANGER = BackupIdentity.new(), BackupIdentity.new(), BackupIdentity.new()
RECIPIENTS = Recipients(recovery=RECOVERY.recipient, administrator=ADMINISTRATOR.recipient)


def live_through_everything(office: Office) -> None:
    """Let every outcome happen: taken, converged, merged, disputed and resolved, refused, pending, quarantined."""
    teacher, colleague = world.new_hand(office, world.TEACHER), world.new_hand(office, world.COLLEAGUE)

    def push(hand: Hand, *changes: Change) -> None:
        intake.accept(office.authority, hand.batch(*changes))

    push(teacher, teacher.lesson(), teacher.column(), teacher.mark(PUPILS[0], "5"))
    push(colleague, colleague.mark(PUPILS[0], "4"), colleague.mark(PUPILS[1], "3"), colleague.mark(PUPILS[2], "99"))
    push(teacher, teacher.mark(PUPILS[1], "3"))
    push(teacher, teacher.change("Mark", mark_of(PUPILS[0]), {"value": "5"}, {"value": "4"}, "resolve"))
    push(teacher, teacher.change("Lesson", LESSON, {"homework": ""}, {"homework": "№ 5"}))
    push(colleague, colleague.change("Lesson", LESSON, {"homework": ""}, {"homework": "№ 7"}))
    push(colleague, colleague.mark(PUPILS[1], "2"))  # stays open
    reason: Fields = {"lesson_id": LESSON, "pupil_id": PUPILS[2], "presence": "absent", "reason": "Б"}
    attendance = ids.attendance(LESSON, PUPILS[2])
    push(teacher, teacher.change("Attendance", attendance, {}, reason, "create", salt="ab" * 32))
    push(teacher, teacher.mark(PUPILS[4], "5"), from_the_future(teacher), teacher.mark(PUPILS[3], "4"))
    push(teacher, from_the_future(teacher))  # a batch of which no line is in the log
    prev = teacher.prev
    known = teacher.mark(PUPILS[4], "4", was="5", born=False)
    push(teacher, known)
    longer = [known, teacher.mark(PUPILS[4], "3", was="4", born=False)]
    intake.accept(office.authority, seal.sign_batch(teacher.key, teacher.school, teacher.desk, prev, longer))
    with office.authority.store.read() as tx:
        colleague.head = seal.head_hash(signing.current_head(tx))
    with office.authority.store.write() as tx:
        load = Wish("TeachingLoad", f"load-{world.PAGE}-{world.COLLEAGUE}", {"until": "2026-11-01"}, {"until": None})
        own_lines.write_own(office.authority, tx, [load])
    push(colleague, colleague.mark(PUPILS[3], "3", was="4", born=False))  # was lawful when it was entered
    attach(office, world.new_hand(office, world.TEACHER))
    world.invite(office, world.DIRECTOR)
    accounts.start_pairing(
        office.authority, PairStart(workstation_name="ПК", public_key="00" * 32, commitment="00" * 32), ""
    )


def attach(office: Office, teacher: Hand) -> None:
    """Attach a file to the lesson and bring its bytes."""
    data = b"\x00book" * 1_000
    sha256 = hashlib.sha256(data).hexdigest()
    fields: Fields = {"lesson_id": LESSON, "title": "Книга.pdf", "size": len(data), "sha256": sha256,
                      "media_type": "application/pdf"}  # fmt: skip
    record = ids.homework_file(LESSON, ids.new_id())
    change = teacher.change("HomeworkFile", record, {}, fields, "create", salt="ab" * 32)
    intake.accept(office.authority, teacher.batch(change))
    files.bring(office.authority, world.desk_of(office, teacher), sha256, len(data), 0, data)


def mark_of(pupil: str) -> str:
    return ids.mark(world.COLUMN, pupil)


def from_the_future(hand: Hand) -> Change:
    return hand.change("Mark", mark_of(PUPILS[3]), {}, {"value": "5"}, "create", min=99)


@pytest.fixture
def lived(office: Office, caplog: pytest.LogCaptureFixture) -> Office:
    """Give a school in which every outcome has happened."""
    live_through_everything(office)
    caplog.clear()
    return office


def make(office: Office, folder: Path, recipients: Recipients = RECIPIENTS) -> tuple[Path, Catalogue]:
    catalogue = generations.make_generation(office.authority, folder, recipients, office.ca_pem)
    return folder / catalogue.generation, catalogue


@pytest.fixture
def empty(tmp_path: Path, database: str | None, request: pytest.FixtureRequest, office: Office) -> Iterator[Store]:
    """Give an empty store of the same sort as the school's, under another key."""
    if database is None:
        yield from _opened(None, tmp_path, office)
        return
    with fresh_database(request.getfixturevalue("postgres_cluster")) as url:
        yield from _opened(url, tmp_path, office)


def _opened(url: str | None, tmp_path: Path, office: Office) -> Iterator[Store]:
    store = open_store(url, tmp_path / "restored.db", b"\x01" * 32, office.authority.school)
    migrate(store)
    yield store
    store.close()


def everything_in(store: Store) -> dict[str, list[tuple[object, ...]]]:
    with store.read() as tx:
        return {
            name: [tuple(row) for row in tx.connection.execute(sa.select(table).order_by(*table.primary_key))]
            for name, table in tables.metadata.tables.items()
        }


def lines_of(generation: Path, identity: BackupIdentity = RECOVERY) -> list[Line]:
    lines: list[Line] = []
    with (generation / "base.age").open("rb") as source:
        open_lines(source, identity.secret, lines.append)
    return lines


def test_a_school_that_is_written_whole_keeps_more_pages_in_memory(empty: Store) -> None:
    """With the usual two megabytes nearly each line of a year's log seals and opens pages of the indexes anew."""
    with empty.write() as tx:
        restore.Rewriting(tx)
        if not tx.is_postgres:
            assert tx.connection.exec_driver_sql("PRAGMA cache_size").scalar() == -whole.HELD_KIB


aside = pytest.mark.logs("quarantined")


@aside
def test_a_restored_school_is_the_same_in_every_row_of_every_table(lived: Office, empty: Store, tmp_path: Path) -> None:
    generation, catalogue = make(lived, tmp_path / "generations")
    proof = restore.rebuild(empty, generation, RECOVERY.secret, catalogue)
    assert proof == catalogue.proof
    before, after = everything_in(lived.authority.store), everything_in(empty)
    sealed = {name: before.pop(name) and after.pop(name) for name in ("blob", "blob_part")}  # anew in each store
    assert all(sealed.values()), "no file came back"
    for name in ("slice", "snapshot", "desk_scope", "contact"):  # about desks that speak with this server now
        del before[name]
    assert all(before[name] for name in before if name != "tree"), "the school lacks something to compare"
    for name in before:
        assert after[name] == before[name], name


@aside
def test_both_keys_open_the_base_and_only_the_safe_s_opens_the_server_s_keys(lived: Office, tmp_path: Path) -> None:
    generation, catalogue = make(lived, tmp_path)
    assert lines_of(generation, ADMINISTRATOR) == lines_of(generation, RECOVERY)
    bundle = restore.keys_of(generation, RECOVERY.secret, catalogue)
    assert (bundle.school, bundle.ca_certificate, bundle.recipients) == (catalogue.school, lived.ca_pem, RECIPIENTS)
    with pytest.raises(NoMatchingKey):
        restore.keys_of(generation, ADMINISTRATOR.secret, catalogue)
    with pytest.raises(NoMatchingKey):
        restore.prove_generation(generation, STRANGER.secret, catalogue)


@aside
def test_the_public_tools_alone_read_the_journal(lived: Office, tmp_path: Path) -> None:
    generation, catalogue = make(lived, tmp_path)
    (tmp_path / "key.txt").write_text(f"# safe\n{RECOVERY.secret}\n")
    opened = subprocess.run(
        f"age --decrypt --identity key.txt {generation.name}/base.age | zstd --decompress",
        shell=True, check=True, capture_output=True, cwd=tmp_path,
    ).stdout  # fmt: skip
    lines = [json.loads(line) for line in opened.splitlines()]
    entries = [line for line in lines if line["line"] == "entry"]
    assert [entry["verdict"]["number"] for entry in entries] == list(range(1, catalogue.proof.size + 1))
    assert {entry["verdict"]["outcome"] for entry in entries} >= {
        "taken",
        "merged",
        "converged",
        "disputed",
        "refused",
        "pending",
    }
    (mark,) = [e for e in entries if e["change"]["set"].get("value") == "4" and e["change"]["act"] == "resolve"]
    assert mark["change"]["author"] == world.TEACHER


@aside
def test_nothing_readable_and_nothing_unfinished_lies_in_the_folder(lived: Office, tmp_path: Path) -> None:
    generation, _ = make(lived, tmp_path / "g")
    assert [each.name for each in (tmp_path / "g").iterdir()] == [generation.name]
    assert sorted(each.name for each in generation.iterdir()) == [
        "README.txt",
        "base.age",
        "catalogue.json",
        "file-00001.age",
        "keys.age",
    ]
    sealed = b"".join(each.read_bytes() for each in generation.iterdir())
    for word in ("Иванова", "Ёлкин", "PRIVATE KEY", "argon2id", "№ 5"):
        assert word.encode() not in sealed


@pytest.mark.parametrize("page", [1, 2, 1_000])
def test_a_backup_reads_each_line_once_and_cuts_no_batch(
    lived: Office, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[log.Line] = []

    def reading(tx: Transaction, after: int, upto: int, limit: int) -> list[log.Line]:
        found = log.lines(tx, after, upto, limit)
        read.extend(found)
        return found

    with lived.authority.store.read() as tx:
        upto = log.read_head(tx).number
        said = log.lines(tx, 0, upto, 10_000)
        monkeypatch.setattr(whole, "PAGE", page)
        monkeypatch.setattr(whole, "log", SimpleNamespace(lines=reading))
        pages = list(whole.batched_lines(tx, upto))
    assert [line for each in pages for line in each] == read == said
    assert all(before[-1].batch != after[0].batch for before, after in pairwise(pages))


@aside
def test_a_batch_of_which_nothing_is_in_the_log_keeps_its_receipt(lived: Office, tmp_path: Path) -> None:
    lines = lines_of(make(lived, tmp_path)[0])
    roots = {line.batch for line in lines if isinstance(line, ArchiveEntry)}
    empty_batches = [line for line in lines if isinstance(line, ArchiveBatch) and line.batch.root not in roots]
    assert [len(line.missing) for line in empty_batches] == [1]
    assert sum(isinstance(line, ArchiveReceipt) for line in lines) == sum(isinstance(x, ArchiveBatch) for x in lines)


@aside
def test_the_restored_school_answers_a_repeated_batch_as_before(lived: Office, empty: Store, tmp_path: Path) -> None:
    hand = world.new_hand(lived, world.TEACHER)
    batch = hand.batch(hand.mark(PUPILS[2], "5"))
    receipt = intake.accept(lived.authority, batch)
    generation, catalogue = make(lived, tmp_path / "generations")
    restore.rebuild(empty, generation, RECOVERY.secret, catalogue)
    again = msgspec.structs.replace(lived.authority, store=empty)
    assert intake.accept(again, batch) == receipt
    later = hand.batch(hand.mark(PUPILS[2], "4", was="5", born=False))
    assert intake.accept(again, later).verdicts[0].number == catalogue.proof.size + 1


def test_a_backup_sees_one_moment_while_others_write(office: Office, tmp_path: Path) -> None:
    hand = world.new_hand(office, world.TEACHER)
    intake.accept(office.authority, hand.batch(hand.lesson(), hand.column()))
    with office.authority.store.read() as tx:
        school = generations.SchoolLines(office.authority, tx, office.ca_pem)
        lines = school.lines()
        taken = [next(lines)]
        late = intake.accept(office.authority, hand.batch(hand.mark(PUPILS[0], "5")))
        taken.extend(lines)
    proof = rebuilding.prove(taken)
    assert proof == school.proof()
    assert proof.size == late.head.size - 1


def test_a_school_that_has_only_just_begun_is_backed_up_too(office: Office, empty: Store, tmp_path: Path) -> None:
    generation, catalogue = make(office, tmp_path / "generations")
    assert restore.rebuild(empty, generation, RECOVERY.secret, catalogue) == catalogue.proof
    assert everything_in(empty) == everything_in(office.authority.store)


# --- all or nothing ------------------------------------------------------------------------------------------------


def test_a_school_is_restored_into_an_empty_store_only(office: Office, empty: Store, tmp_path: Path) -> None:
    generation, catalogue = make(office, tmp_path / "generations")
    before = everything_in(office.authority.store)
    with pytest.raises(restore.StoreNotEmpty):
        restore.rebuild(office.authority.store, generation, RECOVERY.secret, catalogue)
    assert everything_in(office.authority.store) == before


@aside
def test_a_damaged_archive_leaves_the_store_empty(lived: Office, empty: Store, tmp_path: Path) -> None:
    generation, catalogue = make(lived, tmp_path / "generations")
    whole = (generation / "base.age").read_bytes()
    for place in (len(whole) // 2, len(whole) - 20):
        for damaged in (whole[:place], whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]):
            (generation / "base.age").write_bytes(damaged)
            with pytest.raises(DamagedArchive):
                restore.rebuild(empty, generation, RECOVERY.secret, catalogue)
            assert not any(everything_in(empty).values())


def reseal(generation: Path, lines: list[Line]) -> None:
    with (generation / "base.age").open("wb") as sink:
        age_file.seal_lines(lines, [RECOVERY.recipient], sink)


@aside
def test_a_forged_archive_under_a_true_seal_leaves_the_store_empty(lived: Office, empty: Store, tmp_path: Path) -> None:
    generation, catalogue = make(lived, tmp_path / "generations")
    lines = lines_of(generation)
    place = next(i for i, line in enumerate(lines) if isinstance(line, ArchiveEntry) and line.change.kind == "Mark")
    mark = lines[place]
    assert isinstance(mark, ArchiveEntry)
    change = msgspec.structs.replace(mark.change, set={**mark.change.set, "value": "2"})
    forged = msgspec.structs.replace(mark, change=change)
    at = next(i for i, line in enumerate(lines) if isinstance(line, ArchiveBatch))
    stranger_s = msgspec.structs.replace(lines[at], public_key=seal.signing_public_key(b"\x05" * 32).hex())
    for faulty in (
        [*lines[:place], forged, *lines[place + 1 :]],
        [*lines[:at], stranger_s, *lines[at + 1 :]],
        [*lines[:place], *lines[place + 1 :]],
        lines[:-1],
    ):
        reseal(generation, faulty)
        with pytest.raises(DamagedArchive):
            restore.rebuild(empty, generation, RECOVERY.secret, catalogue)
        assert not any(everything_in(empty).values())


@aside
def test_a_whole_archive_of_another_moment_is_not_the_one_of_the_catalogue(
    lived: Office, empty: Store, tmp_path: Path
) -> None:
    old, _ = make(lived, tmp_path / "generations")
    hand = world.new_hand(lived, world.TEACHER)
    intake.accept(lived.authority, hand.batch(hand.mark(PUPILS[2], "5")))
    new, catalogue = make(lived, tmp_path / "generations")
    shutil.copy(old / "base.age", new / "base.age")
    with pytest.raises(DamagedArchive, match=r"not what was written|cut"):
        restore.read_generation(new)
    with pytest.raises(DamagedArchive):
        restore.rebuild(empty, new, RECOVERY.secret, catalogue)
    assert not any(everything_in(empty).values())


def test_every_damaged_file_of_a_generation_is_named(office: Office, tmp_path: Path) -> None:
    generation, catalogue = make(office, tmp_path)
    assert restore.read_generation(generation, office.authority.keys.signing_public) == catalogue
    for name in ("base.age", "keys.age", "README.txt"):
        whole = (generation / name).read_bytes()
        for damaged in (whole[:-1], b"", whole[:50] + b"?" + whole[51:], whole + b"?"):
            (generation / name).write_bytes(damaged)
            with pytest.raises(DamagedArchive) as named:
                restore.read_generation(generation)
            assert named.value.details["file"] == name
        (generation / name).unlink()
        with pytest.raises(DamagedArchive, match="missing"):
            restore.read_generation(generation)
        (generation / name).write_bytes(whole)
    with pytest.raises(DamagedArchive, match="another school"):
        restore.read_generation(generation, "00" * 32)
    (generation / "catalogue.json").unlink()
    with pytest.raises(DamagedArchive, match=r"catalogue\.json is missing"):
        restore.read_generation(generation)


def test_a_catalogue_that_leads_out_of_its_folder_is_refused(office: Office, tmp_path: Path) -> None:
    generation, catalogue = make(office, tmp_path)
    astray = (msgspec.structs.replace(catalogue.files[0], name="../base.age"), *catalogue.files[1:])
    signed = archive.sign_catalogue(office.authority.keys.signing, msgspec.structs.replace(catalogue, files=astray))
    (generation / "catalogue.json").write_bytes(canonical(signed))
    with pytest.raises(DamagedArchive, match="elsewhere"):
        restore.read_generation(generation)


def test_keys_of_another_server_are_not_taken_for_this_one_s(office: Office, tmp_path: Path) -> None:
    generation, catalogue = make(office, tmp_path)
    foreign = msgspec.structs.replace(catalogue, server_key=seal.signing_public_key(b"\x05" * 32).hex())
    with pytest.raises(DamagedArchive, match="another server"):
        restore.keys_of(generation, RECOVERY.secret, foreign)


# --- generations in a folder -----------------------------------------------------------------------------------------


def test_a_failed_run_leaves_nothing_behind(office: Office, tmp_path: Path) -> None:
    with pytest.raises(NoKey):
        make(office, tmp_path / "g", Recipients(recovery="age1nobody"))
    assert list((tmp_path / "g").iterdir()) == []


def test_the_oldest_goes_only_whole_and_what_a_killed_run_left_goes_too(
    office: Office, clock: SettableClock, tmp_path: Path
) -> None:
    folder = tmp_path / "g"
    made = []
    for _ in range(3):
        made.append(make(office, folder)[0].name)
        hand = world.new_hand(office, world.TEACHER)
        intake.accept(office.authority, hand.batch(hand.mark(PUPILS[0], "99")))
        clock.moment -= timedelta(hours=1)  # the clock goes back; the log does not
    left, at_work = folder / ".20260101-000000-00.new", folder / ".20260101-000000-01.new"
    for unfinished in (left, at_work):
        unfinished.mkdir()
        (unfinished / "base.age").write_bytes(b"half")
    os.utime(left, (0, 0))
    generations.drop_old(folder, kept=2)
    assert generations.generations(folder) == made[1:]
    assert sorted(each.name for each in folder.iterdir()) == sorted([*made[1:], at_work.name])


def test_two_backups_in_one_second_are_two(office: Office, tmp_path: Path) -> None:
    names = [make(office, tmp_path / "g")[0].name for _ in range(2)]
    assert generations.generations(tmp_path / "g") == names == ["20261120-093000-00", "20261120-093000-01"]


def test_without_a_recovery_key_there_is_no_backup(office: Office, tmp_path: Path) -> None:
    with pytest.raises(generations.NoRecipients):
        generations.read_recipients(office.folder)
    generations.keep_recipients(office.folder, RECIPIENTS)
    assert generations.read_recipients(office.folder) == RECIPIENTS


def test_a_generation_for_the_safe_alone_has_one_recipient(office: Office, tmp_path: Path) -> None:
    generation, catalogue = make(office, tmp_path, Recipients(recovery=RECOVERY.recipient))
    assert [file.recipients for file in catalogue.files] == [(RECOVERY.recipient,), (RECOVERY.recipient,), ()]
    with pytest.raises(NoMatchingKey):
        restore.prove_generation(generation, ADMINISTRATOR.secret, catalogue)
    with io.BytesIO((generation / "base.age").read_bytes()) as source:
        assert age_file.prove_file(source, RECOVERY.secret) == catalogue.proof
