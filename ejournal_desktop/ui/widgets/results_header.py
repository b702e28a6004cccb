"""Above Итоги: which page and period, and what stands of them in one line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QWidget

from ejournal_desktop.models.queries.period_results import PeriodResults
from ejournal_desktop.models.queries.readiness import PageReadiness
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.grids.spoken import short_name
from ejournal_desktop.ui.widgets.chooser_button import ChooserButton
from ejournal_desktop.ui.widgets.page_chooser import PageChooser
from ejournal_desktop.ui.words import DAY, count

LINE_WORDS = ("строка не закончена", "строки не закончены", "строк не закончено")


class ResultsHeader(QFrame):
    """Page and period in the window's header."""

    period_chosen = Signal(str, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pages = PageChooser(self)
        self.period = ChooserButton(theme.font(), self)
        self._menu = QMenu(self.period)
        self.period.clicked.connect(lambda: self._menu.popup(self.period.mapToGlobal(QPoint(0, self.period.height()))))
        self.ready = ChooserButton(theme.font(), self)
        self.ready_menu = QMenu(self.ready)
        self.ready.clicked.connect(self.open_ready)
        self.ready.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.UNIT)
        row.addWidget(self.pages)
        row.addWidget(self.period)
        row.addWidget(self.ready)
        row.addStretch(1)

    def open_ready(self) -> None:
        """Open the list of the class's pages with what was stated of each."""
        if self.ready.isVisible():
            self.ready_menu.popup(self.ready.mapToGlobal(QPoint(0, self.ready.height())))

    def show_ready(self, pages: Sequence[PageReadiness]) -> None:
        """Offer the pages of a class, those that are not complete first; one page alone says it by itself."""
        self.ready.setVisible(len(pages) > 1)
        done = sum(page.complete for page in pages)
        self.ready.setText(self.tr("{title}: готово {done} из {all}").format(
            title=pages[0].page.class_title if pages else "", done=done, all=len(pages)))  # fmt: skip
        self.ready.setAccessibleName(self.tr("Готовность итогов. {0}").format(self.ready.text()))
        self.ready.updateGeometry()
        self.ready_menu.clear()
        for each in pages:
            name = " · ".join(part for part in (each.page.subject_title, each.page.subgroup_title) if part)
            who = each.stated_by or ", ".join(map(short_name, each.page.teachers))
            words = self.tr("✓ {name} — {who}") if each.complete else self.tr("○ {name} — {who}, в работе")
            action = self.ready_menu.addAction(words.format(name=name, who=who).replace("&", "&&"))
            action.triggered.connect(lambda _checked=False, page_id=each.page.id: self.pages.chosen.emit(page_id))

    def show_period(self, results: PeriodResults) -> None:
        """Offer the periods of a page, one of which is shown."""
        self.period.setText(results.period.title)
        self.period.setAccessibleName(self.tr("Период: {0}").format(results.period.title))
        self.period.updateGeometry()
        self._menu.clear()
        for choice in results.periods:
            action = self._menu.addAction(choice.title)
            action.triggered.connect(lambda _checked=False, at=choice: self.period_chosen.emit(at.kind, at.number))


def what_stands(results: PeriodResults) -> str:
    """Return what stands of the page: «3 строки не закончены · до 30 октября, осталось 10 дней»."""
    if results.complete:
        words = f"Итоги готовы: {results.stated_by}" if results.stated_by else "Итоги готовы"
    else:
        words = _entered(results)
    short = sum(row.short for row in results.rows if row.asked)
    parts = [words, f"меньше нормы отметок у {short}" if short else "", _due(results)]
    parts.append("период закрыт" if results.closed else "")
    return " · ".join(part for part in parts if part)


def _entered(results: PeriodResults) -> str:
    missing = len(results.missing)
    if missing:
        return count(missing, LINE_WORDS)
    if any(row.asked for row in results.rows):
        return "Все отметки выставлены"
    return f"Отметок выставлено: {sum(bool(row.cell.value) for row in results.rows)}"  # nobody knows whose are to come


def _due(results: PeriodResults) -> str:
    if results.period.kind == "exam":
        return _received(results)
    left = results.days_left
    if left is None or results.due_on is None or results.complete:
        return ""
    day = f"{results.due_on:%d.%m.%Y}"
    if left < 0:
        return f"срок был {day}"
    return f"срок сегодня, {day}" if left == 0 else f"срок {day}, осталось {count(left, DAY)}"


def _received(results: PeriodResults) -> str:
    """Return «результаты получены 11.06.2027 в 10:00 · внести до 10:00 12.06.2027», or how to say that they were."""
    if results.received_on is None or results.due_at is None:
        return "день получения результатов не внесён"
    told = f"результаты получены {results.received_on:%d.%m.%Y}"
    told += f" в {results.received_at}" if results.received_at else ""
    if results.complete:
        return told
    return f"{told} · {'срок был' if results.late else 'внести до'} {moment_text(results.due_at)}"


def moment_text(moment: datetime) -> str:
    """Return a moment as people say it: «10:00 12.06.2027»; 0:00 is 24:00 of the day before."""
    if (moment.hour, moment.minute) == (0, 0):
        return f"24:00 {moment - timedelta(days=1):%d.%m.%Y}"
    return f"{moment:%H:%M %d.%m.%Y}"
