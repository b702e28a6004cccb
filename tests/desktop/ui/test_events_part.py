"""«Журнал событий» by the keyboard: found, sorted, taken out as a table and as a paper."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ejournal_core.kinds import AuditEvent
from ejournal_desktop.models.commands.audit_log import tell_event
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.audit_log import event_log
from ejournal_desktop.models.queries.staff_names import keeps_workstations, reads_the_log
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.administration import AdministrationScreen
from ejournal_desktop.ui.screens.screen import Place
from ejournal_desktop.ui.widgets.bells_part import BellsPart
from ejournal_desktop.ui.widgets.events_part import EventsPart
from tests.helpers.acts import ADMINISTRATOR, desk_with_acts
from tests.helpers.school import Clock, desk_of, small_school
from tests.helpers.typing import type_text
from tests.helpers.windows import TEACHER, shown_window

RULE = "правило «Экран закрывается сам, минут»: 10, приказ № 12"  # P48, which nobody knows by its number


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = desk_with_acts(tmp_path / "desk", ADMINISTRATOR.id, ordered=False)
    tell_event(opened, "wrong_password", number=2, result="refused")
    assert isinstance(opened.clock, Clock)
    opened.clock.now += timedelta(hours=1)
    tell_event(opened, "printed", subject_kind="Lesson", subject="x.20260915.2", detail="summary-sheet")
    opened.clock.now += timedelta(hours=1)
    with opened.write() as write:
        write.edit("PolicySetting", "P48", value="10", basis="приказ № 12", why="=долго ждут")
    yield opened
    opened.close()


class Desk:
    """The administrator at the part."""

    def __init__(self, window: MainWindow, journal: Journal) -> None:
        self.journal = journal
        self.part = EventsPart(journal, window.jobs, journal.clock)
        self.screen = AdministrationScreen(journal, [self.part])
        window.open_session(ADMINISTRATOR, [Place("administration", "Администрирование", self.screen)], 0)

    def told(self) -> list[str]:
        return [row.what for row in self.part.model.rows]


@pytest.fixture
def desk(qtbot: QtBot, journal: Journal) -> Iterator[Desk]:
    with shown_window(qtbot) as window:
        yield Desk(window, journal)


def test_events_and_changes_of_the_administration_stand_in_one_list_newest_first(desk: Desk) -> None:
    assert desk.told() == [RULE, "напечатано, сводная ведомость",
                           "неверный пароль, попыток: 2"]  # fmt: skip
    assert {row.who for row in desk.part.model.rows} == {"Петров С. И."}


def test_a_line_is_found_by_words_and_by_what_it_is_about(desk: Desk) -> None:
    type_text(desk.part.search, "сводная")
    assert desk.told() == ["напечатано, сводная ведомость"]
    QTest.keyClick(desk.part.search, Qt.Key.Key_Escape)
    desk.part.matter.setCurrentIndex(desk.part.matter.findData("sign_in"))
    assert desk.told() == ["неверный пароль, попыток: 2"]
    type_text(desk.part.search, "экзамен")
    assert desk.told() == []
    assert desk.part.summary.text() == "Таких событий за это время нет. Искать дальше — «Всё время»."
    desk.part.span.setCurrentIndex(desk.part.span.count() - 1)
    assert desk.part.summary.text() == "Таких событий за это время нет."


def test_a_line_leads_to_its_lesson_and_one_without_a_place_says_so(desk: Desk, qtbot: QtBot) -> None:
    with qtbot.waitSignal(desk.part.lesson_wanted) as led:
        desk.part.open_row(1)
    assert led.args == ["x.20260915.2"]
    desk.part.open_row(0)
    assert "Своего места в журнале" in desk.part.message.text


def test_lines_of_other_days_come_with_a_longer_stretch(desk: Desk) -> None:
    assert isinstance(desk.journal.clock, Clock)
    desk.journal.clock.now += timedelta(days=60)
    desk.part.refresh()
    assert desk.told() == []
    desk.part.span.setCurrentIndex(4)
    assert len(desk.told()) == 3


def test_lines_are_sorted_by_time_and_not_by_the_letters_of_a_day(desk: Desk) -> None:
    assert isinstance(desk.journal.clock, Clock)
    desk.journal.clock.now += timedelta(days=20)  # 5 October: its figures come before those of September
    tell_event(desk.journal, "signed_in")
    desk.part.refresh()
    desk.part.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert desk.told()[-1] == "вход в журнал"


def saved(qtbot: QtBot, desk: Desk, path: Path) -> bytes:
    desk.part.save_to(path)
    qtbot.waitUntil(lambda: desk.part.message.text == f"Сохранено: {path.name}", timeout=30_000)
    return path.read_bytes()


def exports(journal: Journal) -> list[tuple[str, int]]:
    with journal.reading() as connection:
        found = select_records(connection, AuditEvent, event="log_exported")
    return sorted((each.detail, each.number) for each in found)


def test_the_list_is_taken_out_as_a_table_in_which_nothing_is_a_formula(
    qtbot: QtBot, desk: Desk, tmp_path: Path
) -> None:
    text = saved(qtbot, desk, tmp_path / "события.csv").decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert lines[0][:3] == ["Когда", "№ записи", "Кто"]
    assert [line[4] for line in lines[1:]] == [RULE, "напечатано, сводная ведомость",
                                               "неверный пароль, попыток: 2"]  # fmt: skip
    assert lines[1][6] == "'=долго ждут"
    assert exports(desk.journal) == [("csv", 3)]


def test_the_list_is_taken_out_as_a_paper_and_that_is_an_event_itself(qtbot: QtBot, desk: Desk, tmp_path: Path) -> None:
    pdf = saved(qtbot, desk, tmp_path / "события.pdf")
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert len(opened.pages) == 1
        assert opened.Root.Names.EmbeddedFiles is not None
    assert exports(desk.journal) == [("pdf", 3)]
    assert desk.told()[0] == "журнал событий выгружен, строк: 3, документ PDF"


def test_where_nothing_can_be_written_the_list_stays_and_no_event_is_told(
    qtbot: QtBot, desk: Desk, tmp_path: Path
) -> None:
    desk.part.save_to(tmp_path / "нет такой папки" / "события.csv")
    qtbot.waitUntil(lambda: bool(desk.part.message.text) and "Сохраняю" not in desk.part.message.text, timeout=30_000)
    assert exports(desk.journal) == []
    assert len(desk.told()) == 3


def test_only_an_administrator_or_director_reads_everybodys_events(journal: Journal, tmp_path: Path) -> None:
    assert (reads_the_log(journal), keeps_workstations(journal)) == (True, True)
    school = small_school()
    for person, reads in ((school.teacher, False), (school.deputy, True), (school.class_teacher, False)):
        other = desk_of(school, person, tmp_path / person)
        assert (reads_the_log(other), keeps_workstations(other)) == (reads, False)
        other.close()


def test_whoever_has_no_log_of_events_is_told_who_has_it(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    assert not desk.screen.tabs.elsewhere.isVisible(), "an administrator reads it"
    other = desk_of(small_school(), small_school().teacher, tmp_path / "other")
    with shown_window(qtbot) as window:
        screen = AdministrationScreen(other, [BellsPart(other, other.clock)])
        window.open_session(TEACHER, [Place("administration", "Администрирование", screen)], 0)
        assert screen.tabs.elsewhere.isVisible()
        assert screen.tabs.elsewhere.text() == "Журнал событий — у администратора и директора"
    other.close()


def test_an_event_that_this_program_does_not_know_stands_nowhere(journal: Journal) -> None:
    before = len(event_log(journal).rows)
    tell_event(journal, "invented")
    assert len(event_log(journal).rows) == before
