"""What the timetable would change in a plan, said above its rows, and the button that shows it and then writes it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from ejournal_desktop.models.queries.lesson_plans import LessonPlanPage
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.plan_standing import ROWS
from ejournal_desktop.ui.words import count, day_short, tr

LOST = ("урок выпал", "урока выпали", "уроков выпали")
MOST_DAYS = 3
MOST_ROWS = 2
LONGEST_TOPIC = 40


class PlanStrip(QFrame):
    """Shown only while there is something to say."""

    pressed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "strip")
        self.words = QLabel(self)
        self.words.setWordWrap(True)
        self.button = QPushButton(self)
        self.button.setToolTip("Ctrl+D")
        self.button.clicked.connect(self.pressed)
        row = QHBoxLayout(self)
        row.setContentsMargins(3 * theme.UNIT, theme.UNIT, 3 * theme.UNIT, theme.UNIT)
        row.setSpacing(3 * theme.UNIT)
        row.addWidget(self.words, 1)
        row.addWidget(self.button)

    def show_plan(self, plan: LessonPlanPage, *, shifting: bool) -> None:
        """Show what a shift would do; with `shifting` its dates are being looked at."""
        words = shift_words(plan)
        self.words.setText(words)
        self.button.setText(self.tr("Записать новые даты") if shifting else self.tr("Показать новые даты"))
        self.button.setProperty("look", "main" if shifting else "")
        self.button.style().polish(self.button)
        self.button.setVisible(bool(plan.shift) and not plan.read_only)
        self.setVisible(bool(words))


def shift_words(plan: LessonPlanPage) -> str:
    """Return why one may only look, what a shift would do, which rows have no lesson left; "" for nothing to say."""
    if not plan.rows and not plan.read_only:
        return tr("Печатайте темы одну под другой, или возьмите их из файла (Ctrl+I) либо из другого КТП (Ctrl+K).")
    return " ".join(part for part in (plan.read_only, _shift(plan), _without_lesson(plan)) if part)


def _shift(plan: LessonPlanPage) -> str:
    moved = count(len(plan.shift), ROWS)
    if not plan.shift or plan.read_only or not plan.lessons:
        return ""
    if not any(each.row.planned_on for each in plan.rows):
        return tr("Даты тем ещё не расставлены: их можно взять из расписания.")
    if not plan.lost:
        return tr("По расписанию даты другие: изменятся {rows}.").format(rows=moved)
    days = ", ".join(day_short(lesson.held_on) for lesson in plan.lost[:MOST_DAYS])
    days += " …" if len(plan.lost) > MOST_DAYS else ""
    lost = count(len(plan.lost), LOST)
    return tr("{lost} ({days}): темы сдвинутся, новые даты — {rows}.").format(lost=lost, days=days, rows=moved)


def _without_lesson(plan: LessonPlanPage) -> str:
    left = [each for each in plan.rows if each.state == "left"]
    if not left or not plan.lessons:
        return ""
    named = ", ".join(f"{each.number} «{_cut(each.row.topic)}»" for each in left[:MOST_ROWS])
    more = tr(" и ещё\u00a0{n}").format(n=len(left) - MOST_ROWS) if len(left) > MOST_ROWS else ""
    return tr("До конца года не хватает {hours} ч: без урока остаются {named}{more}.").format(
        hours=plan.left, named=named, more=more
    )


def _cut(topic: str) -> str:
    return topic if len(topic) <= LONGEST_TOPIC else topic[: LONGEST_TOPIC - 2].rstrip() + "…"
