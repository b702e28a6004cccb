"""The workstation's commands without a window speak Russian: their help, and what they say of a mistyped line."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ejournal_desktop import paper_command
from ejournal_desktop.exchange import command

ENGLISH = re.compile(r"usage|options|positional|show this|arguments?:|invalid|required|error|expected|choose|[A-Z]{4}")


def paper(line: list[str]) -> int:
    return paper_command.run(line, io.BytesIO(), io.BytesIO(), io.StringIO())


def school(line: list[str]) -> int:
    return command.run(line, sys.stdout)


@pytest.mark.parametrize(
    ("run", "line"),
    [(paper, []), (paper, ["sheet"]), (paper, ["custody"]), (paper, ["destruction"]), (school, [])],
    ids=["paper", "sheet", "custody", "destruction", "import"],
)
def test_the_help_is_russian(
    run: Callable[[list[str]], int], line: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run([*line, "--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert told.startswith("Вызов: ")
    assert not ENGLISH.search(told.replace("TOML", "").replace("XLSX", ""))


@pytest.mark.parametrize(
    ("run", "line", "said"),
    [
        (paper, [], "не хватает: БУМАГА"),
        (paper, ["akt"], "БУМАГА: «akt» не подходит, можно: 'sheet', 'custody', 'destruction'"),
        (paper, ["custody", "--out", "a.pdf"], "не хватает: --school"),
        (paper, ["custody", "--out", "a.pdf", "--school", "Ш", "--date", "31.12"], "--date: «31.12» не подходит"),
        (paper, ["sheet", "--out", "a.pdf", "--ledger", "a.pdf"], "--out и --ledger: назовите два разных файла"),
        (school, ["--people", "x"], "не хватает: --timetable, --year"),
    ],
    ids=["nothing", "unknown", "lacking", "day", "one-file", "import"],
)
def test_a_mistyped_line_is_told_in_russian_and_does_nothing(
    run: Callable[[list[str]], int], line: list[str], said: str, tmp_path: Path,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        run(line)
    told = capsys.readouterr().err
    assert ended.value.code == 2
    assert f"Команда набрана неверно: {said}. Ничего не сделано." in told
    assert not ENGLISH.search(told)
    assert list(tmp_path.iterdir()) == []
