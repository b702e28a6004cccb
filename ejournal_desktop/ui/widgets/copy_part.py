"""«Просмотр копии» of Администрирование: choose a copy, look into it, compare a class of it with today."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QStackedLayout, QWidget

from ejournal_core.errors import EjournalError
from ejournal_desktop.backup.viewing import Copy
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.ui import errors
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.copies_open import CopiesOpen, CopyRow
from ejournal_desktop.ui.jobs import Job, Jobs
from ejournal_desktop.ui.widgets.copy_choice import CopyChoice
from ejournal_desktop.ui.widgets.copy_compare import CopyCompare
from ejournal_desktop.ui.widgets.copy_view import CopyView


class CopyPart(QWidget):
    """Three pages, one in front: the choice, the copy, the comparison.

    Signals:
        cell_wanted: page id, column key, pupil id: whoever hears it opens that cell of today's journal.
        lesson_wanted: lesson id, likewise.
        page_wanted: page id, likewise.
        turned: another page came to the front: other actions are offered.
    """

    cell_wanted = Signal(str, str, str)
    lesson_wanted = Signal(str)
    page_wanted = Signal(str)
    troubled = Signal(object)
    hint_changed = Signal(str)
    turned = Signal()

    def __init__(
        self,
        journal: Journal,
        jobs: Jobs,
        clock: Callable[[], datetime],
        parent: QWidget | None = None,
        copies: CopiesOpen | None = None,
    ) -> None:
        super().__init__(parent)
        self.title = self.tr("Просмотр копии")
        self._journal = journal
        self._jobs = jobs
        self.copies = copies or CopiesOpen(journal)
        self.choice = CopyChoice(clock, self)
        self.compare = CopyCompare(journal, jobs, clock, self)
        self.view: CopyView | None = None
        self._folders: list[Path] = []
        self._job: Job | None = None
        self._pages = QStackedLayout(self)
        for page in (self.choice, self.compare):
            self._pages.addWidget(page)
        self._connect()

    def _connect(self) -> None:
        self.choice.wanted.connect(self._open)
        self.choice.looked_for.connect(self.look)
        self.choice.folder_wanted.connect(self.choose_folder)
        self.compare.left.connect(self._to_copy)
        self.compare.cell_wanted.connect(self.cell_wanted)
        self.compare.lesson_wanted.connect(self.lesson_wanted)
        self.compare.page_wanted.connect(self.page_wanted)
        self.compare.troubled.connect(self.troubled)
        self.compare.hint_changed.connect(self.hint_changed)

    # --- a part ------------------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Look at the drives again, or go on where the copy was left."""
        self.refresh()
        if self.view is None:
            self.look()
        self._put_focus()

    def refresh(self) -> None:
        """Let go of a copy that was closed with the journal: nothing of it is shown after a lock."""
        if self.view is not None and self.copies.copy is None:
            self._drop_view()

    def close_part(self) -> None:
        """Close what is open, before the journal is closed."""
        if self._job is not None:
            self._job.cancel()
        self._drop_view()
        self.copies.close()

    def actions(self) -> list[Action]:  # type: ignore[override]  # hides Qt's list, see `screen.Screen`
        """Return what can be done on the page in front."""
        if self._pages.currentWidget() is self.compare:
            return self.compare.actions()
        if self.view is not None:
            return self.view.actions()
        menu = self.tr("Копия")
        return [
            Action("copy.open", self.choice.open.text(), ("Ctrl+Return",), self.choice.submit, menu),
            Action("copy.look", self.choice.again.text(), ("Ctrl+R",), self.look, menu),
            Action("copy.folder", self.choice.folder.text(), ("Ctrl+O",), self.choose_folder, menu),
        ]

    def _put_focus(self) -> None:
        page = self._pages.currentWidget()
        if isinstance(page, CopyChoice | CopyView | CopyCompare):
            page.put_focus()
        if page is self.choice:
            self.hint_changed.emit(self.choice.keys)

    def _show(self, page: QWidget) -> None:
        self._pages.setCurrentWidget(page)
        self.hint_changed.emit("")
        self.turned.emit()
        self._put_focus()

    # --- choosing ----------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Look at the drives and at the folders named before."""
        self._jobs.run(lambda _: self.copies.find(self._folders), quiet=True, done=self._found, failed=self._failed)

    def _found(self, rows: tuple[CopyRow, ...]) -> None:
        had = self.choice.list.count()
        self.choice.show_rows(rows, own_key=self.copies.has_own_key)
        if not had and rows and self._pages.currentWidget() is self.choice and self.isVisible():
            self._put_focus()

    def choose_folder(self) -> None:
        """Ask for a folder that holds copies."""
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Папка с копиями"))
        if chosen:
            self.add_folder(Path(chosen))

    def add_folder(self, folder: Path) -> None:
        """Look into a folder from now on, too."""
        self._folders = [*(each for each in self._folders if each != folder), folder]
        self.choice.message.say("")
        self.look()

    # --- looking -----------------------------------------------------------------------------------------------------

    def _open(self, row: CopyRow, typed: str) -> None:
        if self._job is not None:
            return
        if row.found.trouble is not None:
            self._failed(row.found.trouble)
            return
        try:
            secret = self.copies.key_of(typed)
        except EjournalError as error:
            self._failed(error)
            return
        self.choice.message.say(self.tr("Копия проверяется и разворачивается…"))
        self.choice.open.setEnabled(False)
        job = self._job = self._jobs.run(
            partial(self.copies.open, row.found, secret), title=self.tr("Открывается копия"), done=self._opened,
            failed=self._failed,
        )  # fmt: skip
        job.cancelled.connect(lambda: self.choice.message.say(self.tr("Отменено: ничего не открыто.")))
        job.ended.connect(self._ended)

    def _ended(self) -> None:
        self._job = None
        self.choice.open.setEnabled(True)

    def _opened(self, copy: Copy) -> None:
        self.choice.key.clear()
        self.choice.message.say("")
        if self.copies.copy is not copy:
            return  # locked meanwhile
        self.view = CopyView(copy, self)
        self.view.left.connect(self.close_copy)
        self.view.comparing.connect(self.begin_comparing)
        self.view.troubled.connect(self.troubled)
        self.view.hint_changed.connect(self.hint_changed)
        self._pages.addWidget(self.view)
        self._show(self.view)

    def _failed(self, error: BaseException) -> None:
        groups = str(error.details.get("groups", "")) if isinstance(error, EjournalError) else ""
        if groups:
            one = self.tr("Опечатка в группе {n}. Ничего не изменено. Сверьте с листом каждый знак.")
            many = self.tr("Опечатки в группах {n}. Ничего не изменено. Сверьте с листом каждый знак.")
            told = many if "," in groups else one
            self.choice.message.say(told.format(n=groups), "danger")
        else:
            errors.tell(error, self.choice.message.say, self.troubled.emit)

    def close_copy(self) -> None:
        """Close the copy and go back to the choice."""
        self._drop_view()
        self.copies.close()

    def _drop_view(self) -> None:
        view, self.view = self.view, None
        self.compare.forget()
        if view is not None:
            view.close_view()
            self._show(self.choice)
            self._pages.removeWidget(view)
            view.deleteLater()

    # --- comparing ---------------------------------------------------------------------------------------------------

    def begin_comparing(self) -> None:
        """Compare the class whose page is open with today."""
        if self.view is not None:
            page = self.view.spread.grid.spread.page if self.view.spread.grid is not None else None
            self.compare.begin(self.view.copy, page.class_group_id if page is not None else "")
            self._show(self.compare)

    def _to_copy(self) -> None:
        self._show(self.view or self.choice)
