"""Where the rows of КТП come from when nobody types them: a file of the teacher's, last year's plan, a colleague's."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from ejournal_core.errors import EjournalError
from ejournal_desktop.exchange.lesson_plan_tables import TextTable, read_tables, table_of_text
from ejournal_desktop.exchange.troubles import FileTrouble
from ejournal_desktop.models.queries import lesson_plans as queries
from ejournal_desktop.ui import errors
from ejournal_desktop.ui.widgets.plan_columns import PlanColumns
from ejournal_desktop.ui.widgets.plan_offer import PlanOffer
from ejournal_desktop.ui.widgets.plan_sources import PlanSources
from ejournal_desktop.ui.words import tr

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Journal
    from ejournal_desktop.models.queries.lesson_plans import LessonPlanPage
    from ejournal_desktop.ui.jobs import Jobs

ENDINGS = ("*.xlsx", "*.docx", "*.csv")


class PlanFilling(QObject):
    """Puts rows into the offer; whoever owns it shows it.

    Signals:
        opened: the offer has rows to look at.
        said: a sentence, and its kind as `Line` knows it.
    """

    opened = Signal()
    said = Signal(str, str)

    def __init__(self, journal: Journal, jobs: Jobs, offer: PlanOffer, parent: QWidget) -> None:
        super().__init__(parent)
        self._journal = journal
        self._jobs = jobs
        self._offer = offer
        self._window = parent
        self._reading = 0  # which reading is the last: an earlier one comes to nothing
        self.columns: PlanColumns | None = None
        self.sources: PlanSources | None = None

    def close(self) -> None:
        """Let a reading that still runs come to nothing."""
        self._reading += 1

    def choose_file(self, plan: LessonPlanPage) -> None:
        """Ask for a file and read it."""
        dialog = QFileDialog(self._window, tr("КТП из файла: {title}").format(title=plan.page.title))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([tr("Таблицы Excel и Word, CSV") + f" ({' '.join(ENDINGS)})", tr("Все файлы") + " (*)"])
        dialog.fileSelected.connect(lambda name: self.read_file(Path(name), plan))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def read_file(self, path: Path, plan: LessonPlanPage) -> None:
        """Read a file off the window's thread and offer its rows."""
        self._reading += 1
        self.said.emit(tr("Читаю файл «{name}»…").format(name=path.name), "")
        number = self._reading
        self._jobs.run(
            lambda _report: read_tables(path), quiet=True,
            done=lambda tables: self._came(number, tables, tr("файла «{name}»").format(name=path.name), plan),
            failed=partial(self._failed, number),
        )  # fmt: skip

    def _came(self, number: int, tables: tuple[TextTable, ...], whence: str, plan: LessonPlanPage) -> None:
        if number != self._reading:
            return
        self.columns = PlanColumns(self._offer)
        self.columns.show_tables(tables)
        self.columns.changed.connect(self._offer.refresh)
        title = tr("{title}: строки из {whence}").format(title=plan.page.title, whence=whence)
        self._show(title, self.columns, plan)

    def _failed(self, number: int, error: BaseException) -> None:
        if number == self._reading:
            self.said.emit(errors.explain(error).text, "danger")

    def paste(self, plan: LessonPlanPage) -> None:
        """Offer the rows that were copied in a spreadsheet or a document."""
        self._reading += 1
        try:
            table = table_of_text(QGuiApplication.clipboard().text(), tr("буфер обмена"))
        except FileTrouble as trouble:
            self.said.emit(trouble.problem.sentence, "danger")
        else:
            self._came(self._reading, (table,), tr("буфера обмена"), plan)

    def copy(self, plan: LessonPlanPage) -> None:
        """Offer the plans of the same subject."""
        try:
            found = queries.plan_sources(self._journal, plan.page.id)
        except EjournalError as error:
            self.said.emit(errors.explain(error).text, "danger")
            return
        if not found:
            self.said.emit(
                tr("Других КТП по этому предмету на этом компьютере нет: ни за прошлый год, ни у коллег."), ""
            )
            return
        self.sources = PlanSources(partial(queries.rows_to_copy, self._journal), self._offer)
        self.sources.show_sources(found)
        self.sources.changed.connect(self._offer.refresh)
        self._show(tr("{title}: строки из другого КТП").format(title=plan.page.title), self.sources, plan)

    def _show(self, title: str, head: PlanColumns | PlanSources, plan: LessonPlanPage) -> None:
        self.said.emit("", "")
        if isinstance(head, PlanColumns):
            self._offer.offer(title, head, partial(head.preview, plan.year_starts_on), len(plan.rows))
        else:
            self._offer.offer(title, head, head.preview, len(plan.rows))
        self.opened.emit()
