"""Семьи of Мой класс with real keys: entering, mending, consent and its withdrawal, the sheet and its text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ejournal_core.guardians import CONTACTS
from ejournal_core.kinds import Guardian, PolicySetting
from ejournal_desktop.models.commands import guardians
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.my_class import MyClassScreen
from ejournal_desktop.ui.widgets.class_results_part import ClassResultsPart
from ejournal_desktop.ui.widgets.families_part import FamiliesPart
from tests.helpers.full_class import full_class
from tests.helpers.school import SmallSchool, small_school
from tests.helpers.typing import type_text
from tests.helpers.windows import CLASS_TEACHER, DEPUTY, open_session

PHONE = "+7 900 111-22-33"
CTRL = Qt.KeyboardModifier.ControlModifier


def families_part(window: MainWindow) -> FamiliesPart:
    window.go("class")
    screen = window.screen_shown
    assert isinstance(screen, MyClassScreen)
    screen.open_part("Семьи")
    assert isinstance(screen.part, FamiliesPart)
    return screen.part


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path) -> Iterator[tuple[MainWindow, Journal]]:
    with open_session(qtbot, tmp_path, full_class(date(2026, 9, 15), 12), person=CLASS_TEACHER) as (window, journal, _):
        window.resize(1366, 768)
        yield window, journal


@pytest.fixture
def part(desk: tuple[MainWindow, Journal]) -> FamiliesPart:
    return families_part(desk[0])


def kept(journal: Journal) -> list[Guardian]:
    with journal.reading() as connection:
        return select_records(connection, Guardian)


def enter_mother(part: FamiliesPart, *, consent: str = "01.09.2026", phone: str = PHONE) -> None:
    """Type a mother as a class teacher would, from the list of pupils."""
    QTest.keyClick(part.pupils, Qt.Key.Key_N, CTRL)
    typed = (("last_name", "Ёлкина"), ("first_name", "Ольга"), ("patronymic", "Игоревна"), ("phone", phone))
    for name, text in typed:
        type_text(part.form.lines[name], text)
    type_text(part.form.day, consent)
    part.form.relation.setCurrentIndex(part.form.relation.findData("mother"))
    QTest.keyClick(part.form.lines["phone"], Qt.Key.Key_Return)


def test_a_mother_is_entered_by_the_keyboard_and_stands_in_the_list(
    part: FamiliesPart, desk: tuple[MainWindow, Journal]
) -> None:
    type_text(part.pupils, "tkr")  # «елк» on the Latin layout
    assert part.name.text() == "Ёлкин Пётр Николаевич"
    enter_mother(part)
    (saved,) = kept(desk[1])
    assert (saved.pupil_id, saved.last_name, saved.relation, saved.phone) == ("u-10", "Ёлкина", "mother", PHONE)
    assert (saved.consent_on, saved.consent_by) == (date(2026, 9, 1), "Ёлкина Ольга Игоревна")
    assert not part.form.isVisible()
    assert part.guardian is not None
    assert PHONE in part.guardians.face.words(part.guardian)
    assert "мать" in part.pupils.face.words(part.family)


def test_tab_walks_through_the_form_as_its_fields_stand(part: FamiliesPart, desk: tuple[MainWindow, Journal]) -> None:
    QTest.keyClick(part.pupils, Qt.Key.Key_N, CTRL)
    for text in ("Ёлкина", "Ольга", "Игоревна", "01.09.2026", "мать", PHONE):
        field = QApplication.focusWidget()
        assert field is not None
        type_text(field, text)
        QTest.keyClick(field, Qt.Key.Key_Tab)
    QTest.keyClick(part.form.lines["phone"], Qt.Key.Key_Return)
    (saved,) = kept(desk[1])
    assert (saved.patronymic, saved.consent_on, saved.consent_by) == ("Игоревна", date(2026, 9, 1), "мать")
    assert saved.phone == PHONE


def test_a_telephone_without_a_consent_is_refused_in_the_form_and_nothing_typed_is_lost(
    part: FamiliesPart, desk: tuple[MainWindow, Journal]
) -> None:
    enter_mother(part, consent="")
    assert "с согласия" in part.form.note.text
    assert part.form.lines["phone"].text() == PHONE
    assert kept(desk[1]) == []
    type_text(part.form.day, "31.02.2026")
    QTest.keyClick(part.form.day, Qt.Key.Key_Return)
    assert "нет в календаре" in part.form.note.text
    part.form.day.clear()
    type_text(part.form.day, "15.09.2026")
    QTest.keyClick(part.form.day, Qt.Key.Key_Return)
    assert [each.phone for each in kept(desk[1])] == [PHONE]


def test_what_is_half_typed_is_still_there_after_escape(part: FamiliesPart) -> None:
    QTest.keyClick(part.pupils, Qt.Key.Key_N, CTRL)
    type_text(part.form.lines["last_name"], "Ёлк")
    QTest.keyClick(part.form.lines["last_name"], Qt.Key.Key_Escape)
    assert not part.form.isVisible()
    QTest.keyClick(part.pupils, Qt.Key.Key_N, CTRL)
    assert part.form.lines["last_name"].text() == "Ёлк"


def test_enter_changes_a_guardian_in_place_and_only_what_was_changed(
    part: FamiliesPart, desk: tuple[MainWindow, Journal]
) -> None:
    enter_mother(part)
    QTest.keyClick(part.guardians, Qt.Key.Key_Return)
    assert part.form.lines["phone"].text() == PHONE
    part.form.lines["phone"].clear()
    type_text(part.form.lines["phone"], "222-33-44")
    QTest.keyClick(part.form.lines["phone"], Qt.Key.Key_Return)
    assert [each.phone for each in kept(desk[1])] == ["222-33-44"]
    assert set(desk[1].outbox()[-1].change.set) == {"phone"}


def test_a_withdrawn_consent_hides_the_telephone_everywhere_and_one_step_brings_it_back(
    part: FamiliesPart, desk: tuple[MainWindow, Journal]
) -> None:
    enter_mother(part)
    QTest.keyClick(part.guardians, Qt.Key.Key_U, CTRL)
    assert part.guardian is not None
    assert PHONE not in part.guardians.face.words(part.guardian)
    assert "отозвано 15.09.2026" in part.guardians.face.words(part.guardian)
    QTest.keyClick(part.guardians, Qt.Key.Key_H, CTRL)
    assert "согласие отозвано: 15.09.2026" in part.past.text()
    assert "Сидорова А. Л." in part.past.text()
    assert PHONE not in part.past.text()
    assert "телефон: скрыто" in part.past.text()
    QTest.keyClick(part.guardians, Qt.Key.Key_F2)
    assert (part.form.lines["phone"].text(), part.form.lines["phone"].isEnabled()) == ("", False)
    QTest.keyClick(part.form.lines["last_name"], Qt.Key.Key_Escape)
    QTest.keyClick(part.guardians, Qt.Key.Key_Z, CTRL)
    assert PHONE in part.guardians.face.words(part.guardian)
    assert [each.withdrawn_on for each in kept(desk[1])] == [None]


def test_a_new_consent_lets_contacts_be_written_again(part: FamiliesPart, desk: tuple[MainWindow, Journal]) -> None:
    enter_mother(part)
    QTest.keyClick(part.guardians, Qt.Key.Key_U, CTRL)
    QTest.keyClick(part.guardians, Qt.Key.Key_F2)
    part.form.day.clear()
    type_text(part.form.day, "15.09.2026")
    QTest.keyClick(part.form.day, Qt.Key.Key_Return)
    (saved,) = kept(desk[1])
    assert (saved.consent_on, saved.withdrawn_on) == (date(2026, 9, 15), None)


def test_delete_strikes_out_and_one_step_brings_back(part: FamiliesPart, desk: tuple[MainWindow, Journal]) -> None:
    enter_mother(part)
    QTest.keyClick(part.guardians, Qt.Key.Key_Delete)
    assert kept(desk[1]) == []
    assert part.pupils.hasFocus(), "the focus is never lost"
    QTest.keyClick(part.pupils, Qt.Key.Key_Z, CTRL)
    assert [(each.first_name, each.phone) for each in kept(desk[1])] == [("Ольга", PHONE)]
    QTest.keyClick(part.pupils, Qt.Key.Key_Z, CTRL)
    assert kept(desk[1]) == [], "the step before it is taken back of what came in its place"
    QTest.keyClick(part.pupils, Qt.Key.Key_Y, CTRL)
    QTest.keyClick(part.pupils, Qt.Key.Key_Y, CTRL)
    assert kept(desk[1]) == [], "entered again, and removed again"
    QTest.keyClick(part.pupils, Qt.Key.Key_Z, CTRL)
    assert [each.first_name for each in kept(desk[1])] == ["Ольга"]


@pytest.mark.parametrize("forbidden", [("home_address",), ("phone", "email")])
def test_the_form_offers_only_what_the_school_keeps(qtbot: QtBot, tmp_path: Path, forbidden: tuple[str, ...]) -> None:
    own = (PolicySetting(id="P49", value=json.dumps(list(forbidden))),)
    with open_session(qtbot, tmp_path, small_school(3, own), person=CLASS_TEACHER) as (window, _journal, _):
        part = families_part(window)
        QTest.keyClick(part.pupils, Qt.Key.Key_N, CTRL)
        hidden = {name for name in CONTACTS if not part.form.lines[name].isVisible()}
    assert hidden == set(forbidden)


def test_the_sheet_tells_a_period_any_days_and_goes_to_a_letter_as_text(qtbot: QtBot, part: FamiliesPart) -> None:
    assert part.sheet.period.text() == "I четверть"
    assert part.sheet.lines.rowCount() == 18
    QTest.keyClick(part.pupils, Qt.Key.Key_C, CTRL | Qt.KeyboardModifier.ShiftModifier)
    text = QGuiApplication.clipboard().text()
    assert text.startswith("Абрамова Анна Игоревна, 7 «Б»\nУспеваемость и посещаемость: I четверть")
    for field, day in ((part.sheet.first, "07.09.2026"), (part.sheet.last, "11.09.2026")):
        field.clear()
        type_text(field, day)
    QTest.keyClick(part.sheet.last, Qt.Key.Key_Return)
    assert part.sheet.period.text() == "Свои дни"
    assert part.sheet.lines.sheet is not None
    assert part.sheet.lines.sheet.title == "07.09.2026 – 11.09.2026"
    focused = QApplication.focusWidget()
    assert focused is part.sheet.table
    QTest.keyClick(part.sheet.table, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert part.sheet.period.text() == "I четверть"
    spoken = part.sheet.lines.data(part.sheet.lines.index(0, 1), Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("Алгебра, Уроков: ")


def test_the_table_of_the_class_leads_to_the_sheet_of_its_pupil(desk: tuple[MainWindow, Journal]) -> None:
    window = desk[0]
    part = families_part(window)
    screen = window.screen_shown
    assert isinstance(screen, MyClassScreen)
    screen.open_part("Успеваемость")
    assert isinstance(screen.part, ClassResultsPart)
    screen.part.table.setCurrentIndex(screen.part.table.lines.index(7, 2))
    QTest.keyClick(screen.part.table, Qt.Key.Key_I, CTRL)
    assert screen.tabs.pages.currentWidget() is part
    assert part.name.text() == "Данилов Артём Денисович"


def test_a_deputy_reads_families_and_changes_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    school = full_class(date(2026, 9, 15), 5)
    mother = Guardian(id="c-7b.u-01.g", class_group_id="c-7b", pupil_id="u-01", last_name="Абрамова", first_name="Яна")
    school = SmallSchool((*school.records, mother), school.pupils, school.class_group, school.subgroup, school.page,
                         school.english)  # fmt: skip
    with open_session(qtbot, tmp_path, school, person=DEPUTY) as (window, journal, _):
        part = families_part(window)
        assert part.reason.isVisible()
        assert part.guardian is not None
        for key, modifiers in ((Qt.Key.Key_N, CTRL), (Qt.Key.Key_F2, Qt.KeyboardModifier.NoModifier),
                               (Qt.Key.Key_U, CTRL)):  # fmt: skip
            QTest.keyClick(part.guardians, key, modifiers)
        QTest.keyClick(part.guardians, Qt.Key.Key_Delete)
        assert not part.form.isVisible()
        assert journal.outbox() == []


def test_what_comes_in_while_something_is_half_typed_appears_and_nothing_typed_is_lost(
    qtbot: QtBot, part: FamiliesPart, desk: tuple[MainWindow, Journal]
) -> None:
    QTest.keyClick(part.pupils, Qt.Key.Key_N, CTRL)
    type_text(part.form.lines["last_name"], "Ёлк")
    guardians.add_guardian(desk[1], "c-7b", "u-01", last_name="Абрамова", first_name="Ольга")
    qtbot.waitUntil(lambda: part.guardian is not None)
    assert part.form.lines["last_name"].text() == "Ёлк"
    assert part.form.isVisible()


def test_in_a_low_window_the_sheet_gives_way_to_an_open_form_and_comes_back(
    qtbot: QtBot, part: FamiliesPart, desk: tuple[MainWindow, Journal]
) -> None:
    desk[0].resize(960, 540)
    qtbot.waitUntil(lambda: part.height() < 540 and part.sheet.isVisible())
    QTest.keyClick(desk[0].focusWidget(), Qt.Key.Key_N, CTRL)
    assert part.form.isVisible()
    assert not part.sheet.isVisible()
    fields = [*part.form.lines.values(), part.form.relation, part.form.day]
    qtbot.waitUntil(lambda: all(each.height() >= theme.FIELD for each in fields if each.isVisible()))
    QTest.keyClick(desk[0].focusWidget(), Qt.Key.Key_Escape)
    assert part.sheet.isVisible()
    desk[0].resize(1366, 768)
    qtbot.waitUntil(lambda: part.height() >= 540)
    QTest.keyClick(desk[0].focusWidget(), Qt.Key.Key_N, CTRL)
    assert part.form.isVisible()
    assert part.sheet.isVisible()
