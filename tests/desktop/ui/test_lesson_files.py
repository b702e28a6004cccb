"""Files to the homework, through the real window on a real encrypted journal: by key, by hand, by mistake."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QAccessible,
    QClipboard,
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QKeyEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from ejournal_core import ids
from ejournal_core.blobs import BLOB_LIMIT, LESSON_FILES
from ejournal_core.kinds import AuditEvent, HomeworkFile, Lesson, PeriodClosing
from ejournal_desktop import paths
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.files import attach_content, read_file
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.files import AttachedFile, files_of_lesson
from ejournal_desktop.ui import filing
from ejournal_desktop.ui.file_copies import copy_to_look_at, wipe_copies
from ejournal_desktop.ui.filing import Filing
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.journal import JournalScreen
from ejournal_desktop.ui.screens.lesson import LessonScreen
from ejournal_desktop.ui.widgets.ask_form import AskForm
from ejournal_desktop.ui.widgets.file_row import HEIGHT
from ejournal_desktop.ui.widgets.files_panel import FilesPanel
from ejournal_desktop.ui.widgets.files_sheet import FilesSheet
from tests.helpers.school import SmallSchool, small_school
from tests.helpers.typing import CTRL, SHIFT, press, type_text
from tests.helpers.viewer import Viewer, watching_viewer
from tests.helpers.windows import open_session

LESSON = Lesson(
    id=small_school().today_lesson, journal_page_id=small_school().page, held_on=date(2026, 9, 15), lesson_number=3
)
ENTER, DELETE, ESC = Qt.Key.Key_Return, Qt.Key.Key_Delete, Qt.Key.Key_Escape


class Open:
    """Today's lesson on the screen, with its files."""

    def __init__(self, qtbot: QtBot, window: MainWindow, journal: Journal, school: SmallSchool) -> None:
        self.qtbot, self.window, self.journal, self.school = qtbot, window, journal, school
        screen = window.screen_shown
        assert isinstance(screen, LessonScreen)
        self.screen = screen
        self.panel: FilesPanel = screen.panel.files
        self.filing: Filing = screen.filing

    @property
    def files(self) -> tuple[AttachedFile, ...]:
        """Return what the file says."""
        return files_of_lesson(self.journal, self.school.today_lesson)

    def wait(self) -> None:
        """Wait until nothing goes on in the background and what was done is shown."""
        self.qtbot.waitUntil(lambda: not self.window.jobs.busy())

    def drop(self, *dropped: Path) -> None:
        """Drop files on the lesson."""
        drop_on(self.screen, files_mime(*dropped))
        self.wait()

    def titles(self) -> list[str]:
        """Return the names in the list."""
        return [file.title for file in self.panel.list.rows]


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the program's own files inside the test."""
    monkeypatch.setenv(paths.OVERRIDE, str(tmp_path / "data"))


@pytest.fixture
def viewer() -> Iterator[Viewer]:
    with watching_viewer() as made:
        yield made


@pytest.fixture
def clipboard(qapp: QApplication) -> Iterator[QClipboard]:
    """Give the clipboard, which is empty again for whoever comes next."""
    assert qapp is not None
    found = QGuiApplication.clipboard()
    yield found
    found.clear()


@pytest.fixture
def lesson(qtbot: QtBot, tmp_path: Path) -> Iterator[Open]:
    """Give today's algebra, opened by Enter from Сегодня."""
    with open_session(qtbot, tmp_path) as (window, journal, school):
        open_today(window)
        yield Open(qtbot, window, journal, school)


def open_today(window: MainWindow) -> None:
    """Open today's lesson by Enter from Сегодня."""
    today = window.focusWidget()
    assert today is not None
    press(today, ENTER)


def files_mime(*dropped: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in dropped])
    return mime


def drop_on(widget: QWidget, mime: QMimeData) -> None:
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(QPoint(20, 20), copy, mime, left, none)
    QApplication.sendEvent(widget, entering)
    if entering.isAccepted():
        QApplication.sendEvent(widget, QDropEvent(QPointF(20, 20), copy, mime, left, none))


def named(folder: Path, name: str, data: bytes = b"%PDF-1.7 ...") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def picture(colour: str = "red") -> QImage:
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    return image


# --- attaching ------------------------------------------------------------------------------------------------------


def test_a_file_is_chosen_by_the_keyboard_and_lies_in_the_journal(lesson: Open, tmp_path: Path) -> None:
    book = named(tmp_path, "Задачи.pdf")
    QTest.keyClick(lesson.screen.table, Qt.Key.Key_A, CTRL | SHIFT)
    dialog = lesson.window.findChild(QFileDialog)
    assert dialog is not None
    assert "20 МБ" in dialog.windowTitle()
    dialog.selectFile(str(book))
    dialog.accept()
    lesson.wait()
    assert lesson.titles() == ["Задачи.pdf"]
    assert "Прикреплено и сохранено здесь" in lesson.panel.message.text
    (file,) = lesson.files
    assert read_file(lesson.journal, "HomeworkFile", file.id) == book.read_bytes()
    role = Qt.ItemDataRole.AccessibleTextRole
    assert lesson.panel.list.item(0).data(role) == "Задачи.pdf, 12 байт, здесь; ждёт связи"


def test_what_is_dropped_anywhere_on_the_lesson_is_attached_and_the_target_goes(lesson: Open, tmp_path: Path) -> None:
    lesson.drop(named(tmp_path, "Первый.pdf", b"1"), named(tmp_path, "Второй.docx", b"2"))
    assert sorted(lesson.titles()) == ["Второй.docx", "Первый.pdf"]
    assert lesson.panel.shown.files == lesson.files
    text = QMimeData()
    text.setText("просто слова")
    entering = QDragEnterEvent(
        QPoint(5, 5), Qt.DropAction.CopyAction, text, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    entering.ignore()
    QApplication.sendEvent(lesson.screen, entering)
    assert not entering.isAccepted()


def test_a_picture_is_pasted_by_keys_and_into_the_homework_but_words_stay_words(
    lesson: Open, clipboard: QClipboard
) -> None:
    clipboard.setImage(picture("red"))
    QTest.keyClick(lesson.screen.table, Qt.Key.Key_V, CTRL | SHIFT)
    lesson.wait()
    assert lesson.titles() == ["Снимок 15.09.2026 10-42-00.png"]
    clipboard.setImage(picture("blue"))
    lesson.screen.panel.homework.setFocus()
    QTest.keyClick(lesson.screen.panel.homework, Qt.Key.Key_V, CTRL)
    lesson.wait()
    assert [file.size > 0 for file in lesson.files] == [True, True]
    clipboard.setImage(picture("green"))
    lesson.panel.enter()
    QTest.keyClick(lesson.panel.list, Qt.Key.Key_V, CTRL)
    lesson.wait()
    assert len(lesson.files) == 3
    assert {read_file(lesson.journal, "HomeworkFile", file.id)[:4] for file in lesson.files} == {b"\x89PNG"}
    both = QMimeData()  # what an office program copies: the words, and a picture of them
    both.setText("§ 7, № 120")
    both.setImageData(picture("black"))
    clipboard.setMimeData(both)
    QTest.keyClick(lesson.screen.panel.homework, Qt.Key.Key_V, CTRL)
    lesson.wait()
    assert lesson.screen.panel.homework.toPlainText() == "§ 7, № 120"
    assert len(lesson.files) == 3
    clipboard.setText("слова")
    lesson.panel.say("")
    QTest.keyClick(lesson.screen.table, Qt.Key.Key_V, CTRL | SHIFT)
    assert "ни картинки, ни файла" in lesson.panel.message.text


def test_what_may_not_be_attached_says_why_and_the_others_are_attached(lesson: Open, tmp_path: Path) -> None:
    (tmp_path / "папка.pdf").mkdir()
    wrong = {
        named(tmp_path, "установка.exe"): "Файлы этого вида к уроку не прикрепляют",
        named(tmp_path, "рисунок.svg", b"<svg onload='x()'/>"): "Файлы этого вида к уроку не прикрепляют",
        named(tmp_path, "книга.pdf", b"MZ\x90\0"): "Это программа, а не документ",
        named(tmp_path, "пусто.pdf", b""): "Файл пуст",
        named(tmp_path, "большой.mp4", bytes(BLOB_LIMIT + 1)): "Файл больше 20 МБ",
        tmp_path / "папка.pdf": "не читается",
        tmp_path / "исчез.pdf": "не читается",
    }
    for path, why in wrong.items():
        lesson.drop(path)
        assert lesson.panel.message.text.startswith(f"«{path.name}»: ")
        assert why in lesson.panel.message.text
    assert lesson.files == ()
    assert not lesson.journal.outbox()
    lesson.drop(*wrong, named(tmp_path, "хороший.pdf"))
    assert lesson.panel.message.text.startswith("Не прикреплено: 7. «установка.exe»")
    assert lesson.titles() == ["хороший.pdf"]
    assert lesson.window.banner.text == ""


def test_the_same_file_is_not_attached_twice_under_any_name(lesson: Open, tmp_path: Path) -> None:
    lesson.drop(named(tmp_path, "Задачи.pdf", b"same"))
    lesson.drop(named(tmp_path, "Копия.pdf", b"same"))
    assert "уже прикреплён к уроку: «Задачи.pdf»" in lesson.panel.message.text
    assert lesson.titles() == ["Задачи.pdf"]
    press(lesson.panel.list, DELETE)
    lesson.drop(tmp_path / "Копия.pdf")  # once the first is taken away it may come back
    assert lesson.titles() == ["Копия.pdf"]


def test_a_lesson_with_ten_files_offers_no_more_and_says_so(lesson: Open, tmp_path: Path) -> None:
    lesson.drop(*(named(tmp_path, f"{number}.txt", b"%d" % number) for number in range(LESSON_FILES)))
    assert len(lesson.titles()) == LESSON_FILES
    assert not lesson.panel.button.isEnabled()
    lesson.drop(named(tmp_path, "лишний.txt", b"more"))
    assert "уже 10 файлов" in lesson.panel.message.text


def test_a_name_of_two_hundred_letters_is_shown_opened_and_saved(lesson: Open, tmp_path: Path, viewer: Viewer) -> None:
    title = "Ё" * 196 + ".pdf"
    attach_content(lesson.journal, lesson.school.today_lesson, b"long", title, "application/pdf")
    lesson.qtbot.waitUntil(lambda: lesson.titles() == [title])
    lesson.panel.enter()
    press(lesson.panel.list, ENTER)
    lesson.wait()
    assert viewer.opened[0].read_bytes() == b"long"
    assert viewer.opened[0].name.startswith("ЁЁЁ")
    assert viewer.opened[0].suffix == ".pdf"


# --- opening and saving ---------------------------------------------------------------------------------------------


def test_a_file_opens_as_a_private_copy_that_cannot_be_written_and_goes(
    lesson: Open, tmp_path: Path, viewer: Viewer
) -> None:
    lesson.drop(named(tmp_path, "Задачи.pdf", b"secret words"))
    lesson.panel.enter()
    assert lesson.window.focusWidget() is lesson.panel.list
    press(lesson.panel.list, ENTER)
    lesson.wait()
    (copy,) = viewer.opened
    assert copy.name == "Задачи.pdf"
    assert copy.read_bytes() == b"secret words"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o400
    assert stat.S_IMODE(copy.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(paths.opened_folder().stat().st_mode) == 0o700
    held = copy.open("rb")
    wipe_copies()
    assert list(paths.opened_folder().iterdir()) == []
    with held:
        assert held.read() == bytes(12), "whoever still holds it, or reads the disk, finds nothing"


def test_a_copy_that_is_ready_only_under_the_lock_is_neither_shown_nor_kept(
    lesson: Open, tmp_path: Path, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    lesson.drop(named(tmp_path, "Задачи.pdf", b"secret words"))
    reached, goes_on = threading.Event(), threading.Event()

    def slowly(data: bytes, title: str, media_type: str) -> Path:
        reached.set()
        goes_on.wait(60)
        return copy_to_look_at(data, title, media_type)

    monkeypatch.setattr(filing, "copy_to_look_at", slowly)
    lesson.panel.enter()
    press(lesson.panel.list, ENTER)
    assert reached.wait(60)
    wipe_copies()  # as the program does when it locks
    lesson.journal.close()
    goes_on.set()
    lesson.wait()
    assert viewer.opened == []
    assert list(paths.opened_folder().iterdir()) == []


def test_the_folder_of_copies_takes_nothing_else_along(lesson: Open, tmp_path: Path) -> None:
    lesson.drop(named(tmp_path, "Задачи.pdf"))
    precious = named(tmp_path, "ценное.txt", b"not ours")
    (paths.opened_folder() / "ссылка").symlink_to(precious)
    (paths.opened_folder() / "папка").symlink_to(tmp_path)
    wipe_copies()
    assert precious.read_bytes() == b"not ours"


@pytest.mark.qt_log_ignore("does not support")
def test_without_a_program_for_it_a_file_says_what_to_do(lesson: Open, tmp_path: Path) -> None:
    lesson.drop(named(tmp_path, "Книга.djvu"))
    press(lesson.panel.list, ENTER)
    lesson.wait()
    assert "Сохраните его как обычный файл (Ctrl+S)" in lesson.panel.message.text


def test_a_kind_that_nobody_may_attach_is_never_opened_whoever_sent_it(
    qtbot: QtBot, tmp_path: Path, viewer: Viewer
) -> None:
    lesson_id = small_school().today_lesson
    sent = HomeworkFile(
        id=ids.homework_file(lesson_id, "f" * 32), lesson_id=lesson_id, title="игра.exe", size=4, sha256="a" * 64,
        media_type="application/x-msdownload", stored=True,
    )  # fmt: skip
    with open_session(qtbot, tmp_path, small_school(extra=[LESSON, sent])) as (window, journal, school):
        open_today(window)
        lesson = Open(qtbot, window, journal, school)
        assert lesson.titles() == ["игра.exe"]
        lesson.filing.open(lesson.files[0].__class__(
            kind="HomeworkFile", id=sent.id, title=sent.title, size=4, media_type=sent.media_type, author="",
            state="here", held=True,
        ))  # fmt: skip
        lesson.wait()
        assert viewer.opened == []
        assert "не открылся" in lesson.panel.message.text


def test_a_copy_is_saved_where_the_person_wants_it_or_says_why_not(lesson: Open, tmp_path: Path) -> None:
    lesson.drop(named(tmp_path, "Задачи.pdf", b"mine"))
    lesson.panel.enter()
    QTest.keyClick(lesson.panel.list, Qt.Key.Key_S, CTRL)
    dialog = lesson.window.findChild(QFileDialog)
    assert dialog is not None
    assert Path(dialog.selectedFiles()[0]).name == "Задачи.pdf"
    target = tmp_path / "сохранено.pdf"
    target.write_bytes(b"old")
    dialog.fileSelected.emit(str(target))
    dialog.reject()
    lesson.wait()
    assert target.read_bytes() == b"mine"
    assert "программа уже не защищает" in lesson.panel.message.text
    lesson.filing.save_to(lesson.files[0], tmp_path / "нет такой папки" / "a.pdf")
    lesson.wait()
    assert "не записался" in lesson.panel.message.text
    (tmp_path / "занято.pdf").mkdir()
    before = sorted(tmp_path.iterdir())
    lesson.filing.save_to(lesson.files[0], tmp_path / "занято.pdf")
    lesson.wait()
    assert "не записался" in lesson.panel.message.text
    assert sorted(tmp_path.iterdir()) == before, "a half-written neighbour stayed"
    with lesson.journal.reading() as connection:
        (event,) = select_records(connection, AuditEvent)
    assert (event.event, event.subject_kind, event.subject) == (
        "attachment_saved",
        "Lesson",
        lesson.school.today_lesson,
    )


# --- taking away ----------------------------------------------------------------------------------------------------


def test_a_file_is_taken_away_with_delete_and_comes_back_with_ctrl_z(lesson: Open, tmp_path: Path) -> None:
    lesson.drop(named(tmp_path, "Задачи.pdf"))
    lesson.panel.enter()
    press(lesson.panel.list, DELETE)
    assert lesson.titles() == []
    assert not lesson.files
    assert lesson.window.focusWidget() is lesson.panel.button, "the focus is never lost after a deed"
    assert "«Задачи.pdf» убран" in lesson.panel.message.text
    QTest.keyClick(lesson.screen.table, Qt.Key.Key_Z, CTRL)
    lesson.qtbot.waitUntil(lambda: lesson.titles() == ["Задачи.pdf"])
    assert read_file(lesson.journal, "HomeworkFile", lesson.files[0].id) == b"%PDF-1.7 ..."
    QTest.keyClick(lesson.screen.table, Qt.Key.Key_Z, CTRL)  # and now the attaching itself
    lesson.qtbot.waitUntil(lambda: lesson.titles() == [])
    QTest.keyClick(lesson.screen.table, Qt.Key.Key_Z, CTRL)  # nothing is left to take back
    kinds = [each.change.kind for each in lesson.journal.outbox()]
    assert kinds.count("HomeworkFile") == 4, "every step stays in the history"


def test_what_waits_of_a_file_is_named_with_its_lesson_in_the_state_of_delivery(lesson: Open, tmp_path: Path) -> None:
    lesson.drop(named(tmp_path, "Задачи.pdf"))
    lesson.panel.enter()
    press(lesson.panel.list, DELETE)
    rows = [row for row in queries.sync_state(lesson.journal).rows if row.what.startswith("файл")]
    assert {row.what for row in rows} == {"файл «Задачи.pdf»", "файл убран"}
    assert {(row.where, row.lesson_id) for row in rows} == {("7 «Б» · Алгебра · 15.09", lesson.school.today_lesson)}


def heard(widget: QWidget, key: Qt.Key) -> bool:
    """Say whether a widget keeps a key with Ctrl for itself, so that no shortcut of the window takes it."""
    event = QKeyEvent(QEvent.Type.ShortcutOverride, key, CTRL)
    event.ignore()
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def test_a_file_that_a_closed_period_refuses_is_asked_for_at_the_files(qtbot: QtBot, tmp_path: Path) -> None:
    closed = PeriodClosing(id=ids.period_closing("c-7b", "q-1"), class_group_id="c-7b", grading_period_id="q-1",
                           closed=True)  # fmt: skip
    with open_session(qtbot, tmp_path, small_school(extra=(LESSON, closed))) as (window, journal, school):
        open_today(window)
        lesson = Open(qtbot, window, journal, school)
        assert not heard(lesson.panel.button, Qt.Key.Key_E)
        lesson.drop(named(tmp_path, "Задачи.pdf"), named(tmp_path, "ещё.pdf", b"%PDF-1.7 +"))
        assert "Ctrl+E — попросить" in lesson.panel.message.text
        assert lesson.files == ()
        for name in ("Задачи.pdf", "ещё.pdf"):
            assert heard(lesson.panel.button, Qt.Key.Key_E)
            QTest.keyClick(lesson.panel.button, Qt.Key.Key_E, CTRL)
            lesson.wait()
            (form,) = [each for each in lesson.screen.findChildren(AskForm) if each.isVisible()]
            assert form._fields["changes"].text() == f"файл «{name}»"
            type_text(form.reason, "не успел")
            press(form.reason, ENTER)
            assert lesson.panel.message.text.startswith("Заявка подана.")
        assert not heard(lesson.panel.button, Qt.Key.Key_E)
        assert [row.what for row in queries.own_requests(journal)] == ["файл «ещё.pdf»", "файл «Задачи.pdf»"]


def test_a_closed_lesson_shows_its_files_and_takes_none(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path) as (window, journal, school):
        attach_content(journal, school.today_lesson, b"%PDF", "Задачи.pdf", "application/pdf")
        open_today(window)
        lesson = Open(qtbot, window, journal, school)
        why = "I четверть закрыта 24 октября."
        lesson.filing.show_lesson(school.today_lesson, why)
        assert lesson.panel.button.isHidden()
        lesson.drop(named(tmp_path, "ещё.pdf"))
        assert lesson.panel.message.text == why
        lesson.panel.say("")
        press(lesson.panel.list, DELETE)
        assert lesson.panel.message.text == why
        QTest.keyClick(lesson.screen.table, Qt.Key.Key_A, CTRL | SHIFT)
        assert lesson.window.findChild(QFileDialog) is None
        assert len(lesson.files) == 1


# --- the way to the server, as it is said ---------------------------------------------------------------------------


def test_a_file_of_a_colleague_is_asked_for_and_offline_is_said_plainly(qtbot: QtBot, tmp_path: Path) -> None:
    lesson_id = small_school().today_lesson
    ids_of = {state: ids.homework_file(lesson_id, state[0] * 32) for state in ("there", "waiting")}
    sent = [
        HomeworkFile(id=ids_of[state], lesson_id=lesson_id, title=f"{state}.pdf", size=4, sha256=state[0] * 64,
                     media_type="application/pdf", stored=state == "there")
        for state in ids_of
    ]  # fmt: skip
    # the digests have to be hexadecimal for the record to name a file that travels
    sent = [HomeworkFile(**{**{name: getattr(each, name) for name in each.__struct_fields__}, "sha256": "ab" * 32})
            for each in sent]  # fmt: skip
    with open_session(qtbot, tmp_path, small_school(extra=[LESSON, *sent])) as (window, journal, school):
        open_today(window)
        lesson = Open(qtbot, window, journal, school)
        asked: list[int] = []
        lesson.screen.sync_wanted.connect(lambda: asked.append(1))
        rows = {file.title: number for number, file in enumerate(lesson.panel.list.rows)}
        lesson.panel.enter()
        lesson.panel.list.setCurrentRow(rows["waiting.pdf"])
        press(lesson.panel.list, ENTER)
        assert "ещё на компьютере автора" in lesson.panel.message.text
        assert asked == []
        lesson.panel.list.setCurrentRow(rows["there.pdf"])
        press(lesson.panel.list, ENTER)
        assert "Нет связи с сервером" in lesson.panel.message.text
        assert asked == [1]
        word = lesson.panel.list.item(rows["there.pdf"]).data(Qt.ItemDataRole.AccessibleTextRole)
        assert "скачается, когда будет связь" in word
        QTest.keyClick(lesson.panel.list, Qt.Key.Key_S, CTRL)
        assert lesson.window.findChild(QFileDialog) is None
        assert "Enter — скачать" in lesson.panel.message.text


# --- keys, names, places --------------------------------------------------------------------------------------------


def test_everything_about_files_has_its_key_on_the_page_of_keys(lesson: Open) -> None:
    told = {action.text: action.keys or action.shortcuts for action in lesson.screen.actions()}
    assert told["К файлам"] == ("Ctrl+Shift+F",)
    assert told["Прикрепить файл…"] == ("Ctrl+Shift+A",)
    assert told["Прикрепить из буфера обмена"] == ("Ctrl+Shift+V",)
    assert told["Сохранить файл как…"] == ("Ctrl+S",)
    assert told["Убрать файл"] == "Delete"
    assert told["Открыть файл или скачать его"] == "Enter"
    QTest.keyClick(lesson.screen.table, Qt.Key.Key_F, CTRL | SHIFT)
    lesson.qtbot.waitUntil(lambda: lesson.window.focusWidget() is lesson.panel.button)  # where the first is attached


def test_the_list_and_its_button_have_names_for_a_screen_reader(lesson: Open, tmp_path: Path) -> None:
    lesson.drop(named(tmp_path, "Задачи.pdf"))
    parts = {lesson.panel.list: "Файлы к заданию", lesson.panel.button: "Прикрепить…"}
    for part, name in parts.items():
        assert QAccessible.queryAccessibleInterface(part).text(QAccessible.Text.Name) == name


def test_files_of_another_lesson_never_stay_on_the_screen(lesson: Open, tmp_path: Path) -> None:
    lesson.drop(named(tmp_path, "Задачи.pdf"))
    other = ids.lesson(lesson.school.page, lesson.journal.clock().date().replace(day=14), 2)
    lesson.screen.open(other)
    assert lesson.titles() == []
    assert lesson.panel.message.text == ""
    lesson.screen.open(lesson.school.today_lesson)
    assert lesson.titles() == ["Задачи.pdf"]


def test_the_paper_clip_in_the_journal_opens_the_same_list(qtbot: QtBot, tmp_path: Path, viewer: Viewer) -> None:
    with open_session(qtbot, tmp_path) as (window, journal, school):
        attach_content(journal, school.today_lesson, b"%PDF", "Задачи.pdf", "application/pdf")
        window.go("journal")
        spread = window.screen_shown
        assert isinstance(spread, JournalScreen)
        qtbot.waitUntil(lambda: spread.view is not None and not spread.is_opening)
        sheet = spread.findChild(FilesSheet)
        assert sheet is not None
        topics = spread.topics
        assert topics is not None
        row = next(n for n, each in enumerate(topics.lessons.lessons) if each.lesson_id == school.today_lesson)
        place, role = topics.lessons.index(row), Qt.ItemDataRole.AccessibleTextRole
        qtbot.waitUntil(lambda: "Файлов: 1" in str(topics.lessons.data(place, role)))
        spread.open_lesson(school.today_lesson)
        clip = topics.plan(row).clip
        assert clip is not None
        assert topics.plan(row - 1).clip is None
        at = clip.center() + topics.visualRect(topics.lessons.index(row)).topLeft()
        QTest.mouseClick(topics.viewport(), Qt.MouseButton.LeftButton, pos=at)
        assert sheet.isVisible()
        assert [file.title for file in sheet.panel.list.rows] == ["Задачи.pdf"]
        assert window.focusWidget() is sheet.panel.list
        press(sheet.panel.list, ENTER)
        qtbot.waitUntil(lambda: len(viewer.opened) == 1)
        press(sheet.panel.list, DELETE)
        assert files_of_lesson(journal, school.today_lesson) == ()
        QTest.keyClick(sheet.panel.button, Qt.Key.Key_Z, CTRL)
        assert len(files_of_lesson(journal, school.today_lesson)) == 1
        sheet.panel.enter()
        QTest.keyClick(sheet.panel.list, ESC)
        assert not sheet.isVisible()
        assert window.focusWidget() is spread.view
        QTest.keyClick(spread.view, Qt.Key.Key_F, CTRL | SHIFT)
        assert sheet.isVisible()
        assert window.place == "journal"
        qtbot.waitUntil(lambda: not window.jobs.busy())


def test_the_lesson_fits_a_low_screen_with_all_its_files(lesson: Open, tmp_path: Path) -> None:
    lesson.drop(*(named(tmp_path, f"{number}.txt", os.urandom(9)) for number in range(LESSON_FILES)))
    lesson.panel.say("")
    lesson.window.resize(911, 512)  # 1366×768 at 150 %
    lesson.qtbot.waitUntil(lambda: lesson.window.height() == 512)
    bottom = lesson.screen.panel.saved.mapTo(lesson.window, QPoint(0, lesson.screen.panel.saved.height()))
    assert bottom.y() <= 512
    assert lesson.panel.list.height() >= HEIGHT, "a whole file is in sight, the others are scrolled to"
