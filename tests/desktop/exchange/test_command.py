"""Looking at a school's files without a window: a preview, a file for the server, or what has to be mended first."""

from __future__ import annotations

import io
import stat
from pathlib import Path

from ejournal_desktop.exchange import command
from ejournal_desktop.exchange.schools import demo_files

FILES = demo_files()
WHOLE = ["--timetable", str(FILES.timetable), "--solution", str(FILES.solution), "--people", str(FILES.people),
         "--year", str(FILES.year)]  # fmt: skip


def told(arguments: list[str]) -> tuple[int, str]:
    out = io.StringIO()
    return command.run(arguments, out), out.getvalue()


def test_a_preview_names_classes_and_teachers_and_writes_nothing(tmp_path: Path) -> None:
    status, text = told(WHOLE)
    assert status == 0
    assert "7 «Б» (24)" in text
    assert "Иванова М. П. — Иванова Мария Петровна" in text
    assert "Ничего не записано" in text
    assert list(tmp_path.iterdir()) == []


def test_what_was_shown_is_written_for_the_server_and_for_nobody_else(tmp_path: Path) -> None:
    file = tmp_path / "records.jsonl"
    status, _ = told([*WHOLE, "--write", str(file)])
    assert status == 0
    assert len(file.read_text(encoding="utf-8").splitlines()) > 500
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_broken_file_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    broken = tmp_path / "сотрудники.xlsx"
    broken.write_text("<html>вход в сеть школы</html>")
    file = tmp_path / "records.jsonl"
    status, text = told([*WHOLE[:5], str(broken), *WHOLE[6:], "--write", str(file)])
    assert status == 1
    assert "Файл «сотрудники.xlsx»" in text
    assert "Ничего не загружено." in text
    assert not file.exists()


def test_a_timetable_that_is_none_is_named_before_the_solver_is_asked(tmp_path: Path) -> None:
    broken = tmp_path / "week.fet"
    broken.write_text("not a timetable")
    status, text = told(["--timetable", str(broken), *WHOLE[4:]])
    assert status == 1
    assert "week.fet" in text


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    file = tmp_path / "absent" / "records.jsonl"
    status, text = told([*WHOLE, "--write", str(file)])
    assert status == 1
    assert f"EJ-340: В «{file}» записать нельзя" in text
    assert "No such file" not in text
