"""Above Итоги: which page and period, and what stands of them in one line."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QWidget

from ejournal_desktop.models.queries.period_results import PeriodResults
from ejournal_desktop.ui import theme
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
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.UNIT)
        row.addWidget(self.pages)
        row.addWidget(self.period)
        row.addStretch(1)

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
        missing = len(results.missing)
        words = count(missing, LINE_WORDS) if missing else "Все отметки выставлены"
    short = sum(row.short for row in results.rows if row.asked)
    parts = [words, f"меньше нормы отметок у {short}" if short else "", _due(results)]
    parts.append("период закрыт" if results.closed else "")
    return " · ".join(part for part in parts if part)


def _due(results: PeriodResults) -> str:
    left = results.days_left
    if left is None or results.due_on is None or results.complete:
        return ""
    day = f"{results.due_on:%d.%m.%Y}"
    if left < 0:
        return f"срок был {day}"
    return f"срок сегодня, {day}" if left == 0 else f"срок {day}, осталось {count(left, DAY)}"
