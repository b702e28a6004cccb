"""Сегодня: the day's lessons, what is due when, what happened meanwhile, disputes and own requests with their state."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from ejournal_core.errors import EjournalError, Refusal
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.disputes import resolve_dispute
from ejournal_desktop.models.commands.notices import put_away
from ejournal_desktop.models.commands.substitutions import declare_substitution
from ejournal_desktop.models.commands.workplaces import answer_for_workplace
from ejournal_desktop.models.pages import DisputeRow, Today, TodayLesson
from ejournal_desktop.models.queries.deciding import Deciding
from ejournal_desktop.models.queries.due import DueRow
from ejournal_desktop.models.queries.notices import News, Notice
from ejournal_desktop.models.queries.requests import RequestRow
from ejournal_desktop.models.queries.substituting import nearest_to_substitute
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.screens.today_actions import hints, today_actions
from ejournal_desktop.ui.widgets.deciding_row import DecidingFace
from ejournal_desktop.ui.widgets.due import summary
from ejournal_desktop.ui.widgets.due_row import DueFace
from ejournal_desktop.ui.widgets.journal_watch import JournalWatch
from ejournal_desktop.ui.widgets.layouts import not_wider, scrolling, sheet_of_lists
from ejournal_desktop.ui.widgets.lesson_row import DisputeFace, LessonFace
from ejournal_desktop.ui.widgets.news_row import NoticeFace, OwnRequestFace, answered
from ejournal_desktop.ui.widgets.row_list import RowList
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.widgets.substitution import SubstitutionPanel
from ejournal_desktop.ui.widgets.today_header import TodayHeader
from ejournal_desktop.ui.words import day_title, span

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Journal

TICK_MS = 20_000  # minutes left are counted in minutes


def local_now() -> datetime:
    """Return the wall clock, aware, in the zone that this PC is set to now."""
    if hasattr(time, "tzset"):  # else the C library goes on with the zone of the program's start
        time.tzset()
    return datetime.now().astimezone()


class TodayScreen(QWidget):
    """One column: lessons, notices, disputes, own requests. Enter opens, 1 and 2 decide, Delete puts away."""

    place_opened = Signal(str)  # lesson id, in the journal
    lesson_opened = Signal(str)
    contradiction_opened = Signal(str)  # lesson id; the cursor goes to what does not fit
    late_opened = Signal(str)  # lesson id; the cursor goes to why it was entered late
    decisions_wanted = Signal()
    plan_wanted = Signal(str)  # page id
    cell_wanted = Signal(str, str, str)  # page id, column key, pupil id, in the journal
    results_wanted = Signal(str, str, int)  # page id, kind and number of the period
    report_wanted = Signal(str)  # class group id, whose preliminary report is due
    list_wanted = Signal(str)  # class group id, whose list is to be looked through
    reports_wanted = Signal()  # of wrong data
    backups_wanted = Signal()
    register_wanted = Signal(str)  # class group id, whose attendance is to be corrected
    troubled = Signal(object)
    hint_changed = Signal(str)

    def __init__(
        self,
        journal: Journal,
        clock: Callable[[], datetime] = local_now,
        parent: QWidget | None = None,
        read: Callable[[Journal, date], Today] | None = None,
        read_news: Callable[[Journal], News] | None = None,
        read_deciding: Callable[[Journal], Deciding] | None = None,
        read_due: Callable[[Journal], Sequence[DueRow]] | None = None,
    ) -> None:
        super().__init__(parent)
        self._journal = journal
        self._clock = clock
        self._read = read or queries.today
        self._read_news = read_news or (queries.news if read is None else lambda _journal: News())
        self._read_deciding = read_deciding or (queries.deciding if read is None else lambda _journal: Deciding())
        self._read_due = read_due or (queries.due if read is None else lambda _journal: ())
        self._today: Today | None = None
        self._read_at: datetime | None = None
        self._substitution_day = clock().date()
        self.setAccessibleName(self.tr("Сегодня"))
        self.header = TodayHeader()
        self.decisions = RowList(DecidingFace(clock), self.tr("Ждут вашего решения"), self)
        self.lessons = RowList(LessonFace(clock), self.tr("Уроки"), self)
        self.due = RowList(DueFace(clock), self.tr("Дела"), self)
        self.disputes = RowList(DisputeFace(clock), self.tr("Споры"), self)
        self.changed = RowList(NoticeFace(clock), self.tr("Изменено не вами"), self)
        self.notices = RowList(NoticeFace(clock), self.tr("Новое"), self)
        self.requests = RowList(OwnRequestFace(clock), self.tr("Ваши заявки"), self)
        self.substitution = SubstitutionPanel(self)
        self._note = QLabel(self)
        self._titles = {name: QLabel(self) for name in ("due", "changed", "notices", "disputes", "requests")}
        self.clocks = Line(self)
        self._message = Line(self)
        self._lay_out()
        self.decisions.opened.connect(lambda _row: self.decisions_wanted.emit())
        self.lessons.opened.connect(lambda lesson: self.lesson_opened.emit(lesson.lesson_id))
        self.due.opened.connect(self._open_due)
        self.substitution.taken.connect(self._take_over)
        self.substitution.stepped.connect(self.substitute_on)
        self.substitution.left.connect(self._focus_first)
        self.disputes.walked.connect(lambda _row: self._message.say(""))
        self.disputes.typed.connect(self._decide_by_key)
        self.notices.typed.connect(self._answer_by_key)
        for name, keys in hints().items():
            getattr(self, name).entered.connect(partial(self.hint_changed.emit, keys))
        for rows in (self.changed, self.notices, self.requests):
            rows.opened.connect(self._open_row)
            rows.put_away.connect(self.put_away)
        self._watch = JournalWatch(journal, self, seen_on=self)
        self._watch.changed.connect(self.refresh)
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()
        self.refresh()

    def _lay_out(self) -> None:
        page = sheet_of_lists(self._note, self)
        for title in self._titles.values():
            title.setProperty("look", "title")
            title.setContentsMargins(4 * theme.UNIT, 6 * theme.UNIT, 0, theme.UNIT)
        self._message.setContentsMargins(4 * theme.UNIT, theme.UNIT, 4 * theme.UNIT, 0)
        rows = QWidget(page)
        page.setLayout(not_wider(rows))
        column = QVBoxLayout(rows)
        column.setContentsMargins(0, 0, 0, 4 * theme.UNIT)
        column.setSpacing(0)
        self.clocks.setContentsMargins(4 * theme.UNIT, 3 * theme.UNIT, 4 * theme.UNIT, 2 * theme.UNIT)
        for part in (self.clocks, self.substitution, self.decisions, self._note, self.lessons):
            column.addWidget(part)
        for name, title in self._titles.items():
            column.addWidget(title)
            column.addWidget(getattr(self, name))
        column.addWidget(self._message)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(page, self))

    # --- reading -----------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the day again."""
        journal, self._read_at = self._journal, self._clock()
        waiting = self._read_deciding(journal)
        self.show_day(self._read(journal, self._read_at.date()), self._read_news(journal), waiting,
                      self._read_due(journal))  # fmt: skip

    def show_day(self, today: Today, news: News, waiting: Deciding, due: Sequence[DueRow] = ()) -> None:
        """Show a day; the current row and the focus stay where they are."""
        self._today = today
        self.decisions.show_rows([waiting] if waiting.number else [], key="number")
        self.decisions.setVisible(bool(waiting.number))
        self._show_clocks(today.clocks_apart)
        self._note.setText(self._empty_note(today))
        self._note.setVisible(bool(self._note.text()))
        self.lessons.show_rows(today.lessons, key="lesson_id")
        self.lessons.setVisible(bool(today.lessons))
        focused = next((rows for rows in self._lists if rows.hasFocus()), None)
        self.due.show_rows(due)
        self.disputes.show_rows(today.disputes)
        self.changed.show_rows([notice for notice in news.notices if notice.kind == "changed"])
        self.notices.show_rows([notice for notice in news.notices if notice.kind != "changed"])
        self.requests.show_rows(news.requests, key="change_id")
        for name, title in self._titles.items():
            rows: RowList = getattr(self, name)
            title.setText(f"{rows.accessibleName()} {rows.count()}")
            for part in (rows, title):
                part.setVisible(bool(rows.count()))
        if focused is not None and not focused.count():
            self._focus_first()
        self._tick()

    def _show_clocks(self, apart: int) -> None:
        """Warn while nobody can be sure that this day is today."""
        told = self.tr(
            "Часы этого компьютера и сервера расходятся на {span}: день и сроки здесь посчитаны по часам компьютера. "
            "Внесённое сохранено; проверьте дату и время на компьютере."
        )
        self.clocks.say_sign(told.format(span=span(abs(apart))), "split", "dispute")
        self.clocks.setVisible(bool(apart))

    def _empty_note(self, today: Today) -> str:
        if today.note:
            return "\n\n".join(part for part in (f"{today.note}.", today.guidance) if part)
        return "" if today.lessons else self.tr("Сегодня у вас нет уроков. Журналы открываются в разделе «Журнал».")

    def _tick(self) -> None:
        """Count the minutes left anew; after midnight, or in another time zone, the day is read anew."""
        now = self._clock()
        if self._today is not None and self._read_at is not None and not _is_same_day(self._read_at, now):
            self.refresh()
        elif self._today is not None:
            begun = [lesson.items for lesson in self._today.lessons if lesson.starts_at <= f"{now:%H:%M}"]
            self.header.say(day_title(self._today.day), summary(begun, self.due.rows, now))
            for rows in (self.lessons, self.due):
                rows.viewport().update()

    def enter(self) -> None:
        """Put the focus on the lesson that wants something first."""
        self.refresh()
        self._focus_first()

    @property
    def _lists(self) -> tuple[RowList, ...]:
        return self.lessons, self.due, self.changed, self.notices, self.disputes, self.requests, self.decisions

    def _focus_first(self) -> None:
        next((rows for rows in self._lists if rows.count()), self).setFocus()

    def go_to_decisions(self) -> None:
        """Go to where this person decides about others' requests."""
        if self.decisions.count():
            self.decisions_wanted.emit()

    @property
    def lesson_id(self) -> str:
        """Return the lesson that the focus is at, "" when there is none."""
        lesson: TodayLesson | None = self.lessons.current
        return lesson.lesson_id if lesson is not None else ""

    def close_screen(self) -> None:
        """Stop listening and ticking."""
        self._watch.close()
        self._timer.stop()

    # --- doing -------------------------------------------------------------------------------------------------------

    def actions(self) -> list[Action]:  # type: ignore[override]  # hides Qt's list, see `screen.Screen`
        """Return what can be done here."""
        return today_actions(self)

    def open_lesson(self) -> None:
        """Open the current lesson."""
        lesson: TodayLesson | None = self.lessons.current
        if lesson is not None:
            self.lesson_opened.emit(lesson.lesson_id)

    def open_due(self) -> None:
        """Open the place where what is due is entered."""
        row: DueRow | None = self.due.current
        if row is not None:
            self._open_due(row)

    def _open_due(self, row: DueRow) -> None:
        if row.period_kind is not None:
            self.results_wanted.emit(row.page.id, row.period_kind, row.period_number)
        elif row.what == "report":
            self.report_wanted.emit(row.page.class_group_id)
        elif row.what == "list":
            self.list_wanted.emit(row.page.class_group_id)
        elif row.what == "data":
            self.reports_wanted.emit()
        elif row.what in ("copy", "sheet", "daily"):
            self.backups_wanted.emit()
        elif row.what == "register":
            self.register_wanted.emit(row.page.class_group_id)
        elif row.what == "wrong":
            self.contradiction_opened.emit(row.lesson_id)
        elif row.what == "late":
            self.late_opened.emit(row.lesson_id)
        else:
            self.lesson_opened.emit(row.lesson_id)

    def _open_row(self, row: Notice | RequestRow) -> None:
        if isinstance(row, Notice) and row.cell is not None:
            self.cell_wanted.emit(*row.cell)
        elif isinstance(row, Notice) and row.plan_of:
            self.plan_wanted.emit(row.plan_of)
        elif isinstance(row, Notice) and row.kind == "answered":
            self.reports_wanted.emit()
        elif row.lesson_id:
            self.place_opened.emit(row.lesson_id)

    def offer_substitution(self) -> None:
        """Show the day's lessons of others, of which one can be given instead of its teacher."""
        try:
            self._substitution_day = self._clock().date()
            self.substitution.offer(
                queries.lessons_to_substitute(self._journal, self._substitution_day), self._substitution_day
            )
        except EjournalError as error:
            self.troubled.emit(error)

    def substitute_on(self, by: int) -> None:
        """Show the lessons of the nearest day before (-1) or after (1) on which others have any."""
        if not self.substitution.isVisible():
            return
        try:
            nearest = nearest_to_substitute(self._journal, self._substitution_day, by)
            if nearest is not None:
                self._substitution_day, lessons = nearest
                self.substitution.offer(lessons, self._substitution_day)
        except EjournalError as error:
            self.troubled.emit(error)

    def _take_over(self, lesson_id: str) -> None:
        said = self.tr("Замена записана, ждёт подтверждения. Урок можно заполнять.")
        if self._do(lambda: declare_substitution(self._journal, lesson_id), said):
            self.substitution.hide()
            self.lesson_opened.emit(lesson_id)

    def keep_standing(self) -> None:
        """Decide the current dispute for the value that stands."""
        self._resolve("standing")

    def take_wanted(self) -> None:
        """Decide the current dispute for the second value."""
        self._resolve("wanted")

    def _decide_by_key(self, sign: str) -> None:
        if sign == "1":
            self.keep_standing()
        elif sign == "2":
            self.take_wanted()

    def _answer_by_key(self, sign: str) -> None:
        if sign in ("+", "=", "-", "−", "_"):
            self.answer(is_mine=sign in ("+", "="))

    def answer(self, *, is_mine: bool) -> None:
        """Answer «это вы?» about the current notice."""
        notice: Notice | None = self.notices.current
        if notice is None or not notice.desk_id:
            return
        said = answered(notice, is_mine=is_mine)
        self._do(lambda: answer_for_workplace(self._journal, notice.desk_id, is_mine=is_mine), said)

    def put_away(self, row: Notice | RequestRow | None) -> None:
        """Put away what the person has seen; what still waits for an answer stays."""
        if row is None:
            return
        if isinstance(row, Notice):
            key, open_ = row.id, row.kind == "workplace"
        else:
            key, open_ = row.change_id, row.state in ("unsent", "waiting")
        if open_:
            self._message.say(self.tr("Это ещё не решено: останется здесь до ответа."))
        else:
            self._do(lambda: put_away(self._journal, key), "")

    def _do(self, deed: Callable[[], object], said: str) -> bool:
        try:
            deed()
        except Refusal as refusal:
            self._message.say(refusal.sentence, "danger")
        except EjournalError as error:
            self.troubled.emit(error)
        else:
            self.refresh()
            self._message.say(said, "done" if said else "")
            return True
        return False

    def _resolve(self, keep: Literal["standing", "wanted"]) -> None:
        row: DisputeRow | None = self.disputes.current
        if row is None:
            return
        self.disputes.setFocus()
        kept = row.standing_value if keep == "standing" else row.wanted_value
        said = self.tr("Решено: {value}. {where}").format(value=kept or self.tr("пусто"), where=row.where)
        self._do(lambda: resolve_dispute(self._journal, row.id, keep), said)


def _is_same_day(one: datetime, other: datetime) -> bool:
    return (one.date(), one.utcoffset()) == (other.date(), other.utcoffset())
