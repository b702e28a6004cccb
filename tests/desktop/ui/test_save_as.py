"""Where a file is saved: its name ends as what was chosen, whatever the system leaves out."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from ejournal_desktop.ui.save_as import ask_where

KINDS = {".pdf": "Документ PDF/A", ".csv": "Таблица CSV"}


@pytest.mark.parametrize(
    ("typed", "wanted", "written"),
    [
        ("выписка.pdf", "Документ PDF/A (*.pdf)", "выписка.pdf"),
        ("выписка", "Таблица CSV (*.csv)", "выписка.csv"),
        ("выписка.CSV", "Документ PDF/A (*.pdf)", "выписка.CSV"),
        ("Сведения Иванова М. П", "Документ PDF/A (*.pdf)", "Сведения Иванова М. П.pdf"),
        ("Акт 1.09", "", "Акт 1.09.pdf"),
    ],
    ids=["as offered", "no ending", "an ending of one's own", "initials", "a date, and no kind said"],
)
def test_a_name_ends_as_what_was_chosen(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, typed: str, wanted: str, written: str
) -> None:
    asked: list[str] = []

    def answer(_parent: object, _title: str, *told: str) -> tuple[str, str]:
        asked.extend(told)
        return str(tmp_path / typed), wanted

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    window = QWidget()
    qtbot.addWidget(window)
    assert ask_where(window, "Сохранить", "выписка", KINDS) == tmp_path / written
    assert asked == ["выписка.pdf", "Документ PDF/A (*.pdf);;Таблица CSV (*.csv)"]


def test_who_thinks_better_of_it_saves_nothing(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_asked: ("", ""))
    window = QWidget()
    qtbot.addWidget(window)
    assert ask_where(window, "Сохранить", "выписка", KINDS) is None
