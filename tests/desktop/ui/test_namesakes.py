"""Two pupils of one name in a class: the register's line says which of them it means."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ejournal_desktop.models.pages import PupilRow
from ejournal_desktop.ui.widgets.pupil_field import PupilField
from tests.helpers.typing import press, type_text

SINCE = date(2026, 9, 1)
CLASS = (
    PupilRow("u-1", 1, "Абрамова Анна Игоревна", "Абрамова Анна Игоревна", SINCE, apart="Игоревна"),
    PupilRow("u-2", 2, "Абрамова Анна Олеговна", "Абрамова Анна Олеговна", SINCE, apart="Олеговна"),
    PupilRow("u-3", 3, "Котов Илья", "Котов Илья Петрович", SINCE),
)


def test_of_namesakes_the_line_shows_the_whole_name_and_of_others_the_short_one(qtbot: QtBot) -> None:
    field = PupilField()
    qtbot.addWidget(field)
    field.offer(CLASS)
    type_text(field, "абр")
    press(field, Qt.Key.Key_Down)
    press(field, Qt.Key.Key_Return)
    assert field.pupil == CLASS[1]
    assert field.text() == "Абрамова Анна Олеговна"
    field.show_pupil(CLASS[2])
    assert field.text() == "Котов Илья"


def test_what_is_behind_the_typed_letters_differs_between_namesakes(qtbot: QtBot) -> None:
    field = PupilField()
    qtbot.addWidget(field)
    field.resize(520, 30)
    field.show()
    field.offer(CLASS)
    type_text(field, "абр")
    first = field.grab().toImage()
    press(field, Qt.Key.Key_Down)
    assert field.grab().toImage() != first
