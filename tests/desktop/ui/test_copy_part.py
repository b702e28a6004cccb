"""«Просмотр копии» by the keyboard: a copy is chosen, seen, compared and gone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ejournal_core import key_sheet
from ejournal_core.age_file import BackupIdentity
from ejournal_desktop import paths
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.ui.copies_open import CopiesOpen
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.administration import AdministrationScreen
from ejournal_desktop.ui.screens.screen import Place
from ejournal_desktop.ui.widgets.copy_part import CopyPart
from tests.helpers.copied_school import SAFE, CopiedSchool, copied_school
from tests.helpers.windows import DEPUTY, shown_window
from tools.folder_volumes import FolderVolumes


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> CopiedSchool:
    """Give the small school with a backup of it."""
    return copied_school(tmp_path_factory.mktemp("copied"))


class Desk:
    """The deputy at the part."""

    def __init__(self, window: MainWindow, journal: Journal, school: CopiedSchool, drive: Path) -> None:
        self.window, self.journal, self.drive = window, journal, drive
        copies = CopiesOpen(journal, FolderVolumes(drive), lambda: school.server_key)
        self.part = CopyPart(journal, window.jobs, journal.clock, copies=copies)
        self.screen = AdministrationScreen(journal, [self.part])
        window.open_session(DEPUTY, [Place("administration", "Администрирование", self.screen)], 0)


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path, school: CopiedSchool, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Give the part on the screen, with a drive of one's own."""
    monkeypatch.setenv(paths.OVERRIDE, str(tmp_path / "pc"))
    drive = tmp_path / "Синяя"
    shutil.copytree(school.folder, drive / school.folder.name)
    journal = school.desk(tmp_path / "desk", school.small.deputy)
    with shown_window(qtbot) as window:
        made = Desk(window, journal, school, drive)
        qtbot.waitUntil(lambda: made.part.choice.list.count() == 1)
        yield made
    journal.close()


def type_key(qtbot: QtBot, desk: Desk, text: str) -> None:
    desk.part.choice.key.setFocus()
    desk.part.choice.key.setText(text)
    QTest.keyClick(desk.part.choice.key, Qt.Key.Key_Return)


def open_copy(qtbot: QtBot, desk: Desk) -> None:
    type_key(qtbot, desk, "  ".join(key_sheet.groups(SAFE.secret)).lower())
    qtbot.waitUntil(lambda: desk.part.view is not None, timeout=20_000)
    assert desk.part.view is not None
    view = desk.part.view
    qtbot.waitUntil(lambda: view.spread.view is not None, timeout=20_000)


def test_a_copy_is_opened_by_the_typed_sheet_seen_and_gone(qtbot: QtBot, desk: Desk, school: CopiedSchool) -> None:
    open_copy(qtbot, desk)
    view = desk.part.view
    assert view is not None
    assert "только чтение" in view.mark.text()
    assert desk.part.choice.key.text() == "", "the key stays nowhere on the screen"
    view.spread.open_cell(school.small.page, school.column, "u-04")
    qtbot.waitUntil(lambda: view.spread.grid is not None and view.spread.grid.page_id == school.small.page)
    assert view.spread.grid is not None
    assert view.spread.grid.spread.cells[school.column, "u-04"].value == "5"
    assert view.spread.view is not None
    QTest.keyClick(view.spread.view, Qt.Key.Key_2)
    assert view.spread.grid.spread.cells[school.column, "u-04"].value == "5", "nothing is entered"
    assert list(paths.viewed_folder().iterdir())
    QTest.keyClick(view.spread.view, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: desk.part.view is None)
    assert list(paths.viewed_folder().iterdir()) == []
    with desk.journal.reading() as connection:
        told = connection.exec_driver_sql("SELECT event, detail FROM audit_event").all()
    assert [tuple(each) for each in told] == [("backup_viewed", school.folder.name)]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Наберите ключ с листа восстановления"),
        ("не тот лист", "Это не ключ восстановления"),
        (" ".join(["QQQQQQ-Q", *key_sheet.groups(SAFE.secret)[1:]]), "Опечатка в группе 1"),
        (BackupIdentity.new().secret, "запечатана другими ключами"),
    ],
    ids=["nothing typed", "no key", "a slip in a group", "a key of other copies"],  # keys differ in every worker
)
def test_a_key_that_does_not_fit_says_so_and_shows_nothing(qtbot: QtBot, desk: Desk, typed: str, words: str) -> None:
    type_key(qtbot, desk, typed)
    qtbot.waitUntil(lambda: words in desk.part.choice.message.text, timeout=20_000)
    assert desk.part.view is None
    assert list(paths.viewed_folder().iterdir()) == []


def test_what_is_wrong_with_a_copy_stands_in_the_list_and_is_not_opened(qtbot: QtBot, desk: Desk) -> None:
    (generation,) = desk.drive.iterdir()
    (generation / "catalogue.json").write_text("{}")
    QTest.keyClick(desk.part.choice.list, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: desk.part.choice.list.rows[0].found.trouble is not None)
    QTest.keyClick(desk.part.choice.list, Qt.Key.Key_Return)
    assert "Копия повреждена" in desk.part.choice.message.text


def test_a_copy_that_is_cut_since_it_was_listed_is_named(qtbot: QtBot, desk: Desk) -> None:
    (generation,) = desk.drive.iterdir()
    base = generation / "base.age"
    base.write_bytes(base.read_bytes()[:-40])
    type_key(qtbot, desk, SAFE.secret)
    qtbot.waitUntil(lambda: "Копия повреждена" in desk.part.choice.message.text, timeout=20_000)
    assert desk.part.view is None


def test_a_drive_without_copies_says_what_to_do(qtbot: QtBot, desk: Desk) -> None:
    shutil.rmtree(next(desk.drive.iterdir()))
    desk.part.look()
    qtbot.waitUntil(lambda: desk.part.choice.list.count() == 0)
    assert not desk.part.choice.key.isVisible()
    assert desk.part.choice.again.isVisible()


def test_a_class_is_compared_and_each_line_leads_to_its_cell(qtbot: QtBot, desk: Desk, school: CopiedSchool) -> None:
    teacher = school.desk(desk.drive.parent / "teacher", school.small.teacher)
    put_mark(teacher, school.small.today_lesson, None, "u-04", "2")
    teacher.close()
    open_copy(qtbot, desk)
    view = desk.part.view
    assert view is not None
    view.spread.open_page(school.small.page)
    qtbot.waitUntil(lambda: view.spread.grid is not None and view.spread.grid.page_id == school.small.page)
    QTest.keyClick(view, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    compare = desk.part.compare
    qtbot.waitUntil(lambda: compare.found is not None, timeout=20_000)
    # The deputy's desk has none of the teacher's marks yet: what the copy holds is gone here.
    lines = [row.line for row in compare.list.rows if row.line is not None]
    assert [(line.was, line.now, line.pupil_id) for line in lines if line.what == "mark"] == [("5", "", "u-04")]
    assert "Изменено или убрано" in compare.summary.text()
    with qtbot.waitSignal(desk.part.cell_wanted) as wanted:
        compare.list.setCurrentRow(next(at for at, row in enumerate(compare.list.rows) if row.line is lines[0]))
        QTest.keyClick(compare.list, Qt.Key.Key_Return)
    assert wanted.args == [school.small.page, school.small.today_lesson, "u-04"]
    QTest.keyClick(compare.list, Qt.Key.Key_Escape)
    assert view.isVisible()


def test_a_fault_of_the_program_goes_to_the_window_and_nothing_stands_at_the_copies(
    qtbot: QtBot, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_folders: object) -> NoReturn:
        raise ZeroDivisionError

    monkeypatch.setattr(desk.part.copies, "find", fail)  # no bad input makes a fault of our own
    desk.part.choice.message.say("Копия проверяется и разворачивается…")
    with qtbot.waitSignal(desk.part.troubled) as told:
        desk.part.look()
    assert isinstance(told.args[0], ZeroDivisionError)
    assert desk.part.choice.message.text == ""


def test_a_lock_forgets_the_copy_and_unlocked_nothing_of_it_is_shown(qtbot: QtBot, desk: Desk) -> None:
    open_copy(qtbot, desk)
    desk.journal.close()
    assert list(paths.viewed_folder().iterdir()) == []
    assert desk.part.copies.copy is None
    desk.journal.reopen()
    qtbot.waitUntil(lambda: desk.part.view is None)
    assert desk.part.choice.isVisible()


def test_leaving_closes_the_copy(qtbot: QtBot, desk: Desk) -> None:
    open_copy(qtbot, desk)
    desk.window.close_session()
    assert list(paths.viewed_folder().iterdir()) == []
