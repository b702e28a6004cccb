"""Журнал событий of Администрирование: who did what, when and where; found, read, and taken out as a table or paper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ejournal_core import russian
from ejournal_core.russian import text_key
from ejournal_desktop.models.commands.audit_log import tell_copied, tell_event
from ejournal_desktop.models.journal import Clock, Journal
from ejournal_desktop.models.queries.audit_log import EventLog, EventRow, event_log
from ejournal_desktop.models.queries.audit_words import MATTERS
from ejournal_desktop.ui import errors, theme
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.events_paper import events_csv, events_pdf, moment_of
from ejournal_desktop.ui.file_copies import save_copy
from ejournal_desktop.ui.jobs import Jobs, Report
from ejournal_desktop.ui.save_as import ask_where
from ejournal_desktop.ui.searching import readings
from ejournal_desktop.ui.widgets.controls import Chooser
from ejournal_desktop.ui.widgets.layouts import MARGIN
from ejournal_desktop.ui.widgets.line_table import LineTable
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.widgets.text_model import TextModel
from ejournal_desktop.ui.widgets.waiting_filter import fill
from ejournal_desktop.ui.words import ENTRY, count, tr

COLUMNS = (
    ("Когда", "at", 132), ("№", "number", 56), ("Кто", "who", 150), ("Что", "what", 380), ("Где", "place", 170),
    ("Причина", "why", 150),
)  # fmt: skip
EXACT = frozenset({"at", "number"})
#: Stretches of time: how many days back, 0 for everything.
SPANS = (("Сегодня", 1), ("7 дней", 7), ("30 дней", 30), ("Год", 366), ("Всё время", 0))
USUAL_SPAN = 2  # thirty days


class EventsModel(TextModel):
    """The lines in the order of a column: moments by time, numbers as numbers, words as a Russian list has them."""

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Put the lines in the order of a column; -1 leaves them as they came."""
        field = COLUMNS[column][1] if column >= 0 else ""
        if field not in EXACT:
            super().sort(column, order)
            return
        rows = sorted(self.rows, key=lambda row: getattr(row, field), reverse=order != Qt.SortOrder.AscendingOrder)
        self.show_rows(rows)


class EventsPart(QFrame):
    """The lines that are asked for, newest first."""

    troubled = Signal(object)
    hint_changed = Signal(str)
    page_wanted = Signal(str)
    lesson_wanted = Signal(str)

    def __init__(self, journal: Journal, jobs: Jobs, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = self.tr("Журнал событий")
        self.setProperty("look", "paper")
        self.setAccessibleName(self.title)
        self._journal, self._jobs, self._clock = journal, jobs, clock
        self.log = EventLog()
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Найти: человек, событие, место, причина  Ctrl+F"))
        self.search.setAccessibleName(self.tr("Найти в журнале событий"))
        self.person, self.matter, self.place, self.span = (
            self._chooser(name) for name in ("Чьи события", "О чём", "Где", "За какое время")
        )
        for title, days in SPANS:
            self.span.addItem(tr(title), days)
        self.span.setCurrentIndex(USUAL_SPAN)
        self.model = EventsModel(COLUMNS, _texts, self, numbers={"number"})
        self.table = LineTable(COLUMNS, EXACT, self)
        self.table.setModel(self.model)
        self.table.setAccessibleName(self.title)
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.save_button = QPushButton(self.tr("Сохранить выписку…"), self)
        self.save_button.setToolTip("Ctrl+S")
        self.summary, self.message = QLabel(self), Line(self)
        self.summary.setProperty("look", "secondary")
        self._lay_out()
        self._wire()

    def _chooser(self, name: str) -> Chooser:
        made = Chooser(self)
        made.setAccessibleName(tr(name))
        return made

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(MARGIN, 3 * theme.UNIT, MARGIN, 2 * theme.UNIT)
        row.setSpacing(2 * theme.UNIT)
        row.addWidget(self.search, 3)
        for chooser in (self.person, self.matter, self.place):
            chooser.setMinimumWidth(28 * theme.UNIT)  # leaves the search its room on a narrow window
            row.addWidget(chooser, 1)
        row.addWidget(self.span)
        row.addWidget(self.save_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.table, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(MARGIN, theme.UNIT, MARGIN, theme.UNIT)
        foot.setSpacing(4 * theme.UNIT)
        foot.addWidget(self.summary)
        foot.addWidget(self.message, 1)
        column.addLayout(foot)

    def _wire(self) -> None:
        self.search.textChanged.connect(self._show)
        self.search.textChanged.connect(lambda _typed: self.message.say(""))
        self.search.returnPressed.connect(self._focus_table)
        for chooser in (self.person, self.matter, self.place):
            chooser.currentIndexChanged.connect(self._show)
        self.span.currentIndexChanged.connect(self.refresh)
        self.save_button.clicked.connect(self.save_as)
        self.table.opened.connect(self.open_row)
        self.table.copied.connect(lambda n: tell_copied(self._journal, "events", n))
        self.table.copied.connect(lambda n: self.message.say(tr("Скопировано: {n}").format(n=count(n, ENTRY)), "done"))

    # --- reading -----------------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Read again and put the focus into the list."""
        self.refresh()
        self._focus_table()
        self.hint_changed.emit(self.tr("Enter к тому, о чём запись   Ctrl+F найти   Ctrl+S сохранить выписку"))

    def refresh(self) -> None:
        """Read again; what is chosen and the current line stay."""
        days = self.span.currentData()
        since = self._clock().date() - timedelta(days=days - 1) if days else None
        self.log = event_log(self._journal, since)
        fill(self.person, tr("Все люди"), _offers(row.who for row in self.log.rows))
        fill(self.matter, tr("Все события"), [(tr(title), each) for each, title in MATTERS.items()])
        fill(self.place, tr("Все места"), _offers(row.place for row in self.log.rows if row.place))
        self._show()

    def _show(self) -> None:
        here: int = self.table.currentIndex().row()
        before: str = self.model.rows[here].id if 0 <= here < len(self.model.rows) else ""
        rows = [row for row in self.log.rows if self._is_wanted(row)]
        self.model.show_rows(rows)
        header = self.table.horizontalHeader()
        self.model.sort(header.sortIndicatorSection(), header.sortIndicatorOrder())
        at = next((n for n, row in enumerate(self.model.rows) if row.id == before), 0)
        if self.model.rows:
            self.table.selectRow(at)
        self.summary.setText(self._summary(rows))
        self.summary.setVisible(bool(rows))
        self.table.say_nothing("" if rows else self.summary.text())

    def _is_wanted(self, row: EventRow) -> bool:
        chosen = ((self.person, row.who), (self.matter, row.matter), (self.place, row.place))
        if any(chooser.currentData() and chooser.currentData() != value for chooser, value in chosen):
            return False
        typed = self.search.text()
        words = text_key(" ".join((*_texts(row), tr(MATTERS[row.matter])))).replace(" ", "")
        return not typed.strip() or any(_has(words, each) for each in readings(typed))

    def _summary(self, rows: Sequence[EventRow]) -> str:
        if not rows:
            return self._nothing()
        said = tr("Показано: {n}.").format(n=count(len(rows), ENTRY))
        return f"{said} {tr('Это не всё: старших записей слишком много, выберите время.')}" if self.log.cut else said

    def _nothing(self) -> str:
        """Return why nothing is shown; that it is not within thirty days does not mean that it never was."""
        further = tr(" Искать дальше — «Всё время».") if self.span.currentData() else ""
        return (
            tr("Таких событий за это время нет.") if self.log.rows else tr("За это время событий не было.")
        ) + further

    def _focus_table(self) -> None:
        (self.table if self.model.rows else self.search).setFocus(Qt.FocusReason.OtherFocusReason)

    # --- going on ----------------------------------------------------------------------------------------------------

    def open_row(self, number: int) -> None:
        """Go to what a line is about, where it has a place in the journal."""
        if not 0 <= number < len(self.model.rows):
            return
        row: EventRow = self.model.rows[number]
        if row.subject_kind == "JournalPage":
            self.page_wanted.emit(row.subject)
        elif row.subject_kind == "Lesson":
            self.lesson_wanted.emit(row.subject)
        else:
            told = " · ".join(part for part in (moment_of(row.at), row.who, row.what, row.place, row.why) if part)
            self.message.say(tr("{told}. Своего места в журнале у этой записи нет.").format(told=told))

    def chosen_words(self) -> str:
        """Return what is chosen, for the paper: «с 17.08.2026 по 15.09.2026; Иванова М. П.; Входы и пароли».

        «30 дней» would tell nobody which, once the paper lies in a file.
        """
        today, days = self._clock().date(), self.span.currentData()
        since = today - timedelta(days=days - 1) if days else None
        told = tr("с {since:%d.%m.%Y} по {today:%d.%m.%Y}") if since else tr("за всё время по {today:%d.%m.%Y}")
        parts = [told.format(since=since, today=today)]
        parts += [each.currentText() for each in (self.person, self.matter, self.place) if each.currentData()]
        found = self.search.text().strip()
        return "; ".join([*parts, *([tr("найдено: «{0}»").format(found)] if found else [])])

    def save_as(self) -> None:
        """Ask where and save what is shown."""
        offered = f"{tr('Журнал событий')} {self._clock():%Y-%m-%d}"
        kinds = {".pdf": tr("Документ PDF/A"), ".csv": tr("Таблица CSV")}
        path = ask_where(self, tr("Сохранить выписку из журнала событий"), offered, kinds)
        if path is not None:
            self.save_to(path)

    def save_to(self, path: Path) -> None:
        """Save what is shown; the end of the name says as what. That it was taken out is an event itself."""
        rows: list[EventRow] = list(self.model.rows)
        chosen, kind = self.chosen_words(), "csv" if path.suffix.lower() == ".csv" else "pdf"

        def work(_report: Report) -> tuple[str, str, int]:
            made = events_csv(rows) if kind == "csv" else events_pdf(self._journal, rows, chosen)
            save_copy(made, path)
            return path.name, kind, len(rows)

        self.message.say(tr("Сохраняю…"))
        self._jobs.run(work, title=tr("Выписка из журнала событий"), done=self._saved, failed=self._failed)

    def _saved(self, saved: tuple[str, str, int]) -> None:
        name, kind, number = saved
        tell_event(self._journal, "log_exported", number=number, detail=kind)
        self.refresh()
        self.message.say(tr("Сохранено: {name}").format(name=name), "done")

    def _failed(self, error: BaseException) -> None:
        errors.tell(error, self.message.say, self.troubled.emit)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc takes the search back and leads to the list."""
        if event.key() == Qt.Key.Key_Escape and (self.search.text() or self.search.hasFocus()):
            self.search.clear()
            self._focus_table()
        else:
            super().keyPressEvent(event)

    def actions(self) -> list[Action]:  # type: ignore[override]  # hides Qt's list, see `screen.Screen`
        """Return what can be done here."""
        menu = self.tr("Журнал событий")
        return [
            Action("events.find", self.tr("Найти событие"), ("Ctrl+F",), self.search.setFocus, menu),
            Action("events.open", self.tr("К тому, о чём запись"), (), self._open, menu, "Enter"),
            Action("events.save", self.tr("Сохранить выписку: PDF или CSV"), ("Ctrl+S",), self.save_as, menu),
        ]

    def _open(self) -> None:
        self.open_row(self.table.currentIndex().row())


def _texts(row: EventRow) -> tuple[str, ...]:
    return moment_of(row.at), str(row.number or ""), row.who, row.what, row.place, row.why


def _has(told: str, typed: str) -> bool:
    return all(text_key(word).replace(" ", "") in told for word in typed.split())


def _offers(names: Iterable[str]) -> list[tuple[str, str]]:
    return [(each, each) for each in sorted(set(names), key=russian.sort_key)]
