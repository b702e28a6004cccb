"""What is typed in the wrong layout finds the same in every field that searches."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ejournal_desktop.models.queries.acts import PupilToName
from ejournal_desktop.ui.screens.today import TodayScreen
from ejournal_desktop.ui.searching import TypedLetters, first_found, readings
from ejournal_desktop.ui.widgets.act_form import ActForm
from ejournal_desktop.ui.widgets.desk_list import DeskList
from ejournal_desktop.ui.widgets.page_chooser import PageChooser
from ejournal_desktop.ui.widgets.pupil_field import PupilField
from tests.helpers import sample_pages
from tests.helpers.sample_days import desks
from tests.helpers.school import desk_of, small_school
from tests.helpers.spread import open_spread
from tests.helpers.typing import press, type_text

Key = Qt.Key
#: The offscreen platform has no windows to raise and no keyboard to grab; it says so whenever a list pops up.
pops_up = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

Part = TypeVar("Part", bound=QWidget)


def shown(qtbot: QtBot, part: Part) -> Part:
    """Give a part of a screen alone on the screen."""
    qtbot.addWidget(part)
    with qtbot.waitExposed(part):
        part.show()
    return part


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("иванова", ("иванова",)), ("bdfyjdf", ("bdfyjdf", "иванова")), ("`krby", ("`krby", "ёлкин")),
     ("7,", ("7б", "7,")), ("7б fku", ("7б fku", "7б алг")), ("11.09", ("11ю09", "11.09")), ("7", ("7",)),
     ("Gtnhjdf", ("Gtnhjdf", "петрова")), ("7 «б»", ("7 «б»",)), ("", ("",))],
)  # fmt: skip
def test_a_text_is_read_as_it_stands_and_as_the_same_keys_of_the_other_layout(
    typed: str, meant: tuple[str, ...]
) -> None:
    assert readings(typed) == meant


def test_a_latin_name_is_found_as_it_is_typed() -> None:
    names = ["Smith John", "Ыьшер Иван"]
    assert first_found("smith", lambda text: [name for name in names if name.lower().startswith(text)]) == names[:1]


def test_letters_that_find_nothing_begin_anew_with_the_last() -> None:
    names, letters = ["абрамова", "белов", "бобров"], TypedLetters()

    def find(text: str) -> list[str]:
        return [name for name in names if name.startswith(text)]

    assert [list(letters.add(letter, find)) for letter in ",jf"] == [names[1:], names[2:], names[:1]]
    assert letters.add("q", find) == ()


# --- the fields ------------------------------------------------------------------------------------------------------


@pops_up
def test_the_list_of_journals(qtbot: QtBot) -> None:
    pages = sample_pages.page_refs()
    chooser = shown(qtbot, PageChooser())
    chooser.show_pages(pages, pages[0].id)
    chooser.open_list()
    offered = chooser.page_list
    type_text(offered.line, "8f fku")
    assert [offered.list.item(row).text() for row in range(offered.list.count())] == ["8 «А» · Алгебра"]
    press(offered.line, Key.Key_Escape)


def test_the_people_of_the_computer(qtbot: QtBot) -> None:
    names = shown(qtbot, DeskList())
    names.resize(400, 300)
    names.show_desks(desks())
    type_text(names._list, "gtn")
    assert names.current == desks()[4]
    type_text(names._list, "t")
    assert names.current == desks()[1], "Ёлкин by the key of «е»"
    type_text(names._list, "Ива")
    assert names.current == desks()[2]


def test_one_letter_goes_on_to_the_next_name_that_begins_with_it(qtbot: QtBot) -> None:
    names = shown(qtbot, DeskList())
    names.resize(400, 300)
    names.show_desks([*desks(), *desks()])
    for row in (4, 9, 4):
        type_text(names._list, "g")
        assert names.current is names._desks[row]


def test_the_line_that_finds_a_pupil(qtbot: QtBot) -> None:
    field = shown(qtbot, PupilField())
    field.offer(sample_pages.spread().pupils)
    type_text(field, "`krb")
    assert field.pupil is not None
    assert field.pupil.name.startswith("Ёлкин")


def test_the_lessons_of_other_teachers(qtbot: QtBot, tmp_path: Path) -> None:
    school = small_school()
    journal = desk_of(school, school.teacher, tmp_path)
    journal.clock.now += timedelta(days=1)  # type: ignore[attr-defined]
    screen = shown(qtbot, TodayScreen(journal, journal.clock))
    screen.offer_substitution()
    type_text(screen.substitution.search, "7, fyuk")
    assert screen.substitution.lessons.count() == 1
    screen.close()
    journal.close()


def test_the_pupil_of_an_act(qtbot: QtBot) -> None:
    form = shown(qtbot, ActForm())
    pupils = [PupilToName(pupil_id=name, name=name, left_on=None) for name in ("Котов И.", "Яшин П.")]
    form.offer(pupils, date(2026, 9, 15))
    form.pupil.completer().setCompletionPrefix("zib")
    found = form.pupil.completer().completionModel()
    assert [found.index(row, 0).data() for row in range(found.rowCount())] == ["Яшин П."]


def test_the_search_of_the_spread(qtbot: QtBot, tmp_path: Path) -> None:
    with open_spread(qtbot, tmp_path) as page:
        page.search("`krb")
        assert page.here.startswith("Ёлкин Пётр")
