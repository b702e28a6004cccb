"""`ejournal-desktop paper`: a secret goes into the file that was named, whole, or nowhere."""

from __future__ import annotations

import io
import os
import stat
from datetime import date
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from ejournal_core.age_file import BackupIdentity
from ejournal_core.handouts import CodesHandout, RecoveryHandout, SlipLine
from ejournal_desktop import paper_command
from ejournal_desktop.backup import drives
from tests.helpers.paper_words import joined, placed_words

KEY = BackupIdentity.new()
RECOVERY = RecoveryHandout(
    school_name="Школа № 1", made_on=date(2026, 11, 22), secret=KEY.secret, recipient=KEY.recipient
)
CODES = CodesHandout(
    school_name="Школа № 1", made_on=date(2026, 11, 22), valid_until=date(2026, 12, 5), issue_until=date(2026, 12, 4),
    working_days=10, by_director=False, clause="",
    slips=(SlipLine(name="Иванова Мария Петровна", position="учитель", code="T6GG-Z676-TB2Z"),),
)  # fmt: skip


class Done(NamedTuple):
    status: int
    said: str
    piped: bytes


def run(*arguments: str, given: bytes | RecoveryHandout | CodesHandout = b"") -> Done:
    """Run the command with what stands before it in the pipe."""
    line = given if isinstance(given, bytes) else msgspec.json.encode(given) + b"\n"
    said, sink = io.StringIO(), io.BytesIO()
    status = paper_command.run(arguments, io.BytesIO(line), sink, said)
    return Done(status, said.getvalue(), sink.getvalue())


def words(file: Path) -> str:
    return joined(placed_words(file.read_bytes()))


def test_the_recovery_sheet_is_its_owner_s_alone_and_the_person_is_told_to_delete_it(tmp_path: Path) -> None:
    file = tmp_path / "sheet.pdf"
    done = run("sheet", "--out", str(file), given=RECOVERY)
    assert done.status == 0
    assert KEY.secret in words(file)
    assert "файл удалите" in done.said
    assert KEY.secret not in done.said
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["sheet.pdf"]


def test_slips_and_ledger_are_two_files_and_one_of_them_holds_the_code(tmp_path: Path) -> None:
    slips, ledger = tmp_path / "slips.pdf", tmp_path / "ledger.pdf"
    done = run("sheet", "--out", str(slips), "--ledger", str(ledger), given=CODES)
    assert done.status == 0
    assert "T6GG-Z676-TB2Z" in words(slips)
    assert "T6GG" not in words(ledger)
    assert "Иванова Мария Петровна" in words(ledger)
    assert "T6GG" not in done.said


def test_a_paper_for_the_next_program_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("sheet", "--out", "-", given=RECOVERY)
    assert done.piped.startswith(b"%PDF")
    assert "файл" not in done.said
    assert list(tmp_path.iterdir()) == []


def test_a_recovery_sheet_has_no_ledger(tmp_path: Path) -> None:
    assert (
        run("sheet", "--out", str(tmp_path / "a.pdf"), "--ledger", str(tmp_path / "b.pdf"), given=RECOVERY).status == 0
    )
    assert [each.name for each in tmp_path.iterdir()] == ["a.pdf"]


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    file = tmp_path / "sheet.pdf"
    file.write_text("чужое")
    done = run("sheet", "--out", str(file), given=RECOVERY)
    assert (done.status, file.read_text()) == (1, "чужое")
    assert "такой файл уже есть" in done.said
    assert "--replace" in done.said


def test_a_ledger_that_cannot_be_written_takes_the_slips_with_it(tmp_path: Path) -> None:
    done = run("sheet", "--out", str(tmp_path / "a.pdf"), "--ledger", str(tmp_path / "no" / "b.pdf"), given=CODES)
    assert done.status == 1
    assert "такого места нет" in done.said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "line",
    [b"", b"\n", b"{}", b"person-1\tName\tCODE\n", b"\xff\xfe", b"[" * 100_000, b'{"handout":"recovery-key"}',
     msgspec.json.encode(msgspec.structs.replace(RECOVERY, secret="AGE-SECRET-KEY-1QQQ"))],
    ids=["nothing", "empty", "no shape", "columns", "no text", "deep", "half", "no key"],
)  # fmt: skip
def test_what_is_no_handout_makes_no_file_and_is_told(tmp_path: Path, line: bytes) -> None:
    done = run("sheet", "--out", str(tmp_path / "a.pdf"), given=line)
    assert done.status == 1
    assert done.said.startswith("EJ-341: ")
    assert "Traceback" not in done.said
    assert list(tmp_path.iterdir()) == []


def test_one_file_for_two_papers_is_refused_before_anything_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run("sheet", "--out", "a.pdf", "--ledger", "a.pdf", given=CODES)
    assert "два разных файла" in capsys.readouterr().err


def test_the_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    class Full(io.BytesIO):
        def write(self, data: object) -> int:
            raise OSError(28, "No space left on device")

    said = io.StringIO()
    line = io.BytesIO(msgspec.json.encode(RECOVERY))
    assert paper_command.run(["sheet", "--out", "-"], line, Full(), said) == 1
    assert "нет места" in said.getvalue()
    assert "--replace" in said.getvalue()


# --- acts ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def drive(tmp_path: Path) -> Path:
    """Give a folder that looks like a drive with two generations."""
    folder = tmp_path / "drive"
    for name in ("20261101-004239-00", "20261108-004239-00"):
        (folder / name).mkdir(parents=True)
    card = drives.DriveCard(id="0190a1b2", school="school", label="Копия 2", holder="Петров Пётр", room="кабинет 21")
    (folder / drives.CARD).write_bytes(msgspec.json.encode(card))
    return folder


def test_the_custody_act_knows_the_drive_by_its_card(drive: Path, tmp_path: Path) -> None:
    file = tmp_path / "act.pdf"
    order = ("--gives", "администратор, Админов Олег Олегович", "--number", "7", "--date", "2026-11-22")
    assert run("custody", "--school", "Школа № 1", "--drive", str(drive), "--out", str(file), *order).status == 0
    text = words(file)
    for said in ("Копия 2", "0190a1b2", "Петров Пётр", "кабинет 21", "№ 7", "22 ноября 2026 г.", "Админов О. О.",
                 "резервные копии журнала: 2, последняя 20261108-004239-00"):  # fmt: skip
        assert said in text, said


def test_the_act_of_destruction_is_about_the_copies_named_or_the_whole_carrier(drive: Path, tmp_path: Path) -> None:
    base = ("destruction", "--school", "Школа № 1", "--drive", str(drive), "--out")
    assert run(*base, str(tmp_path / "one.pdf"), "--generation", "20261101-004239-00").status == 0
    one = words(tmp_path / "one.pdf")
    assert "старых резервных копиях" in one
    assert "1 резервная копия" in one
    assert "20261108" not in one
    assert run(*base, str(tmp_path / "all.pdf")).status == 0
    whole = words(tmp_path / "all.pdf")
    assert "вместе с носителем" in whole
    assert "20261101-004239-00, 20261108-004239-00" in whole


@pytest.mark.parametrize("card", [None, b"", b"{", b'{"id":1}'])
def test_a_drive_without_a_readable_card_gives_lines_to_write_on(
    drive: Path, tmp_path: Path, card: bytes | None
) -> None:
    (drive / drives.CARD).unlink()
    if card is not None:
        (drive / drives.CARD).write_bytes(card)
    file = tmp_path / "act.pdf"
    assert run("custody", "--school", "Школа № 1", "--drive", str(drive), "--out", str(file)).status == 0
    assert "надпись на нём" in words(file)


def test_a_drive_that_is_not_plugged_in_is_told(tmp_path: Path) -> None:
    done = run("custody", "--school", "Школа № 1", "--drive", str(tmp_path / "no"), "--out", str(tmp_path / "act.pdf"))
    assert done.status == 1
    assert "такого места нет" in done.said
    assert list(tmp_path.iterdir()) == []
