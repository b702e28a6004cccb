"""What is done on the spread beside single cells: with a column, about a pupil, and who did what before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtWidgets import QWidget

from ejournal_core import ids
from ejournal_core.errors import Refusal, Trouble
from ejournal_core.pupil_notes import is_physical_education
from ejournal_desktop.models.commands.asking import Wanted, wanted_column
from ejournal_desktop.models.commands.mark_columns import change_work_kind, describe_column, read_weight, remove_column
from ejournal_desktop.models.commands.marks import add_mark_column
from ejournal_desktop.models.commands.special_group import set_special_group
from ejournal_desktop.models.pages import GridColumn
from ejournal_desktop.models.preferences import TOTALS, prefer, preferred
from ejournal_desktop.models.queries.special_group import special_basis
from ejournal_desktop.models.queries.work_kinds import work_kinds
from ejournal_desktop.models.queries.workload import work_warning
from ejournal_desktop.ui.cell_past import CellPast
from ejournal_desktop.ui.clauses import with_clause
from ejournal_desktop.ui.grids import spoken
from ejournal_desktop.ui.grids.geometry import HEAD
from ejournal_desktop.ui.grids.mark_grid import NOTHING, Key, MarkGrid
from ejournal_desktop.ui.grids.mark_view import MarkView
from ejournal_desktop.ui.remarking import Remarking, Write
from ejournal_desktop.ui.spread_pages import SpreadPages
from ejournal_desktop.ui.widgets.cell_history import CellHistory
from ejournal_desktop.ui.widgets.column_form import ColumnForm
from ejournal_desktop.ui.widgets.group_form import GroupForm
from ejournal_desktop.ui.widgets.work_list import WorkList
from ejournal_desktop.ui.widgets.work_note import WorkNote
from ejournal_desktop.ui.words import tr

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Journal


class SpreadWork(QObject):
    """The forms and sheets of the spread, over `screen`; each speaks of the current cell, its column or its pupil.

    Signals:
        left: the person goes on in the grid.
        said: a line for the bottom of the window.
        troubled: a `Trouble` that was met.
    """

    left = Signal()
    said = Signal(str)
    troubled = Signal(object)

    def __init__(self, journal: Journal, pages: SpreadPages, clock: Callable[[], datetime], screen: QWidget) -> None:
        super().__init__(screen)
        self._journal = journal
        self._pages = pages
        self._screen = screen
        self.history = CellHistory(screen)
        self.past = CellPast(journal, self.history, clock)
        self.remarks = Remarking(journal, screen, clock, lambda write: self._enter(write, ("", "remark")))
        self.column = ColumnForm(screen)
        self.group = GroupForm(screen)
        self.works = WorkList(screen)
        self.work_note = WorkNote(self.works)
        self.history.closed.connect(self.left)
        self.past.troubled.connect(self.troubled)
        self.remarks.left.connect(self.left)
        self.remarks.troubled.connect(self.troubled)
        self.works.chosen.connect(self._add_column)
        for form in (self.column, self.group, self.works):
            form.left.connect(self.left)
        self.column.taken.connect(self._describe)
        self.column.removal_wanted.connect(self._remove)
        self.group.taken.connect(self._set_group)

    def show_totals(self) -> None:
        """Show or hide each pupil's totals, now and at the next sign-in."""
        view = self._pages.view
        if view is None:
            return
        on = view.totals.isHidden()
        view.show_totals(on=on)
        try:
            prefer(self._journal, TOTALS, "on" if on else "")
        except Trouble as trouble:
            self.troubled.emit(trouble)

    def remember_totals(self) -> None:
        """Show them where the person has chosen that before."""
        if self._pages.view is not None and preferred(self._journal, TOTALS):
            self._pages.view.show_totals(on=True)

    # --- who did what --------------------------------------------------------------------------------------------

    def show_history(self) -> None:
        """Show who entered what into the current cell."""
        if (here := self._pages.here()) is None:
            return
        grid, view = here
        column, row = view.current
        title = f"{grid.pupils[row].name} · {spoken.column_name(grid.columns[column])}"
        lesson = grid.lesson(grid.columns[column].lesson_id)
        if lesson is not None and lesson.late_reason:
            title += "\n" + tr("Урок внесён позже срока: {why}").format(why=lesson.late_reason)
        self.past.open(*record_of(grid, column, row), grid.page_id, title, spoken.present_value(grid, column, row))

    def show_column_history(self) -> None:
        """Show who made the current column, named and weighed it."""
        if (here := self._work_here()) is None:
            return
        grid, _view, at = here
        assert at.mark_column_id is not None
        title = tr("Столбец {where}").format(where=spoken.column_sentence(at))
        self.past.open("MarkColumn", at.mark_column_id, grid.page_id, title, None)

    # --- about a pupil -------------------------------------------------------------------------------------------

    def show_remarks(self) -> None:
        """Show what was written about the pupil, and write more at this lesson."""
        if (here := self._pages.here()) is None:
            return
        grid, view = here
        column, row = view.current
        pupil, lesson_id = grid.pupils[row], lesson_near(grid, column)
        if not lesson_id:
            self.said.emit(tr("Уроков на этой странице ещё нет: писать об ученике не к чему."))
            return
        day = ids.lesson_parts(lesson_id)[1]
        view.entering.leave_cell()
        self.remarks.open(lesson_id, pupil.pupil_id, f"{pupil.name} · {spoken.short_date(day)}",
                          grid.spread.only_look(lesson_id))  # fmt: skip

    def show_group(self) -> None:
        """Open the pupil's time in the special medical group, on the page of physical education."""
        if (here := self._pages.here()) is None:
            return
        grid, view = here
        if not is_physical_education(grid.spread.page.subject_title):
            self.said.emit(
                tr("Медицинскую группу отмечают на странице физической культуры: другим учителям она не нужна.")
            )
            return
        pupil = grid.pupils[view.current[1]]
        basis = special_basis(self._journal, grid.page_id, pupil.pupil_id)
        view.entering.leave_cell()
        self.group.open(pupil.name, pupil.special, basis, grid.spread.today, self._name_rect(view))

    def _set_group(self) -> None:
        if (here := self._pages.here()) is None:
            return
        grid, view = here
        form, pupil_id = self.group, grid.pupils[view.current[1]].pupil_id
        if any(field.text().strip() and field.day is None for field in (form.since, form.until)):
            form.refuse(tr("Это не день: введите, например, 01.09.2026. Ничего не изменено."))
            return
        self._close(form, self._enter(
            lambda: set_special_group(
                self._journal, grid.page_id, pupil_id, form.since.day, form.until.day, form.basis.text()
            ),
            ("", "group"),
        ))  # fmt: skip

    # --- columns -------------------------------------------------------------------------------------------------

    def offer_works(self) -> None:
        """Show the kinds of work of which a column can be added to the current lesson."""
        if (here := self._pages.here()) is None:
            return
        grid, view = here
        if not lesson_near(grid, view.current[0]):
            self.said.emit(tr("Столбец добавляют к уроку: перейдите к нему."))
        elif self._may_write(grid, lesson_near(grid, view.current[0])):
            view.entering.leave_cell()
            head = self._head_rect(view)
            kinds = work_kinds(self._journal)
            self.works.offer(kinds, head.left(), head.bottom())
            self.work_note.tell(kinds, work_warning(self._journal, lesson_near(grid, view.current[0])))

    def _add_column(self, work_kind_id: str) -> None:
        if (here := self._pages.here()) is None:
            return
        grid, view = here
        lesson_id = lesson_near(grid, view.current[0])
        before = {column.mark_column_id for column in grid.columns}
        row = view.current[1]
        if self._enter(lambda: add_mark_column(self._journal, lesson_id, work_kind_id), (lesson_id, "column")) == "":
            new = (n for n, column in enumerate(grid.columns) if column.mark_column_id not in before)
            view.set_current(next(new, view.current[0]), row)
        self.left.emit()

    def change_column(self) -> None:
        """Open the column of the current cell: its kind of work, name and weight."""
        if (here := self._work_here()) is None or not self._may_write(here[0], here[2].lesson_id):
            return
        grid, view, at = here
        kinds = work_kinds(self._journal)
        kind = next((each for each in kinds if each.id == at.work_kind_id), None)
        title = at.work_title if kind is None or at.work_title != kind.title else ""
        weight = "" if kind is not None and at.weight == kind.weight else f"{at.weight.normalize():f}".replace(".", ",")
        marks = sum(bool(cell.value) for (key, _pupil), cell in grid.cells.items() if key == at.key)
        day = spoken.short_date(at.held_on) if at.held_on else ""
        where = tr("{day}, {n} урок").format(day=day, n=at.lesson_number)
        view.entering.leave_cell()
        self.column.open(where, kinds, at.work_kind_id, title, weight, marks, self._head_rect(view))

    def _describe(self) -> None:
        """Enter what the form says; another kind of work is a step of its own."""
        if (here := self._work_here()) is None:
            return
        _grid, _view, at = here
        assert at.mark_column_id is not None
        column, form = at.mark_column_id, self.column
        try:
            weight = read_weight(form.weight.text())
        except Refusal as refusal:
            form.refuse(with_clause(refusal, self._journal.policy()))
            return
        refused = self._enter(
            lambda: describe_column(self._journal, column, form.title.text(), weight), (column, "column"),
            wanted_column(column, form.title.text(), weight),
        )  # fmt: skip
        if refused == "" and form.kind_id != at.work_kind_id:
            refused = self._enter(lambda: change_work_kind(self._journal, column, form.kind_id), (column, "column"))
        self._close(form, refused)

    def refused_column(self) -> Key | None:
        """Return by what the grid remembers what its form of the current column was refused, None where it is shut."""
        grid, at = self._pages.grid, self._work_here() if self.column.isVisible() else None
        key = (at[2].mark_column_id or "", "column") if at else None
        return key if grid is not None and key in grid.wanted else None

    def _remove(self) -> None:
        if (here := self._work_here()) is None:
            return
        column = here[2].mark_column_id
        assert column is not None
        refused = self._enter(lambda: remove_column(self._journal, column), (column, "column"))
        self._close(self.column, refused)
        if refused == "":
            self.said.emit(tr("Столбец убран вместе с отметками. Вернуть — Ctrl+Z."))

    # --- inside --------------------------------------------------------------------------------------------------

    def _work_here(self) -> tuple[MarkGrid, MarkView, GridColumn] | None:
        """Return the current column where it is one of marks; otherwise say so."""
        if (here := self._pages.here()) is None:
            return None
        grid, view = here
        at = grid.columns[view.current[0]]
        if at.mark_column_id is None:
            self.said.emit(tr("Здесь ещё нет столбца отметок: поставьте отметку или добавьте работу, Ctrl+N."))
            return None
        return grid, view, at

    def _may_write(self, grid: MarkGrid, lesson_id: str) -> bool:
        reason = grid.spread.only_look(lesson_id)
        if reason:
            self.said.emit(reason)
        return not reason

    def _enter(self, write: Write, key: Key, wanted: Wanted | None = None) -> str | None:
        """Do a write with the page's undo; return why it was refused, "" for accepted, None where trouble is told."""
        grid = self._pages.grid
        if grid is None:
            return None
        if grid.do(write, key, wanted):
            return ""
        return grid.notes.pop(key, None)

    def _close(self, form: ColumnForm | GroupForm, refused: str | None) -> None:
        if refused == "":
            form.leave()
        elif refused is not None:
            form.refuse(refused)

    def _head_rect(self, view: MarkView) -> QRect:
        """Return the head of the current column on the screen."""
        cell = view.current_rect()
        corner = view.viewport().mapTo(self._screen, cell.topLeft())
        return QRect(corner.x(), corner.y() - cell.y(), cell.width(), HEAD)

    def _name_rect(self, view: MarkView) -> QRect:
        cell = view.current_rect()
        corner = view.viewport().mapTo(self._screen, cell.topLeft())
        return QRect(view.viewport().mapTo(self._screen, view.viewport().rect().topLeft()).x(), corner.y(),
                     view.geometry_of_page.frozen, cell.height())  # fmt: skip


def lesson_near(grid: MarkGrid, column: int) -> str:
    """Return the lesson of a column, of a period's the last one before it, "" where there is none."""
    while column > 0 and not grid.columns[column].lesson_id:
        column -= 1
    return grid.columns[column].lesson_id


def record_of(grid: MarkGrid, column: int, row: int) -> tuple[str, str]:
    """Return kind and id of the record that a cell shows."""
    at, pupil_id = grid.columns[column], grid.pupils[row].pupil_id
    if at.kind == "period":
        assert at.period_kind is not None
        return "PeriodMark", ids.period_mark(grid.page_id, pupil_id, at.period_kind, at.period_number)
    cell = grid.cell(column, row) or NOTHING
    if at.mark_column_id and (cell.value or not cell.absence):
        return "Mark", ids.mark(at.mark_column_id, pupil_id)
    return "Attendance", ids.attendance(at.lesson_id, pupil_id)
