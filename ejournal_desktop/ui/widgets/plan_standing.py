"""Above the rows of КТП: who has approved it, whether the hours are right, and how far the class has come."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIntValidator, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ejournal_core.lesson_plans import YEARLY_HOURS
from ejournal_desktop.models.queries.lesson_plans import LessonPlanPage
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.words import DAY, count, day_short, tr

LESSON = ("урок", "урока", "уроков")
ROWS = ("строка", "строки", "строк")


class PlanStanding(QWidget):
    """Two lines of words, the one main button, and for the deputy the yearly hours.

    Signals:
        given: the main button: give in, take back, approve, take the approval back.
        return_wanted: the plan is to go back to its teacher.
        file_wanted, copy_wanted: rows are to come from a file, from another plan.
        hours_entered: yearly hours of the curriculum as they were typed.
        left: Esc in the field of hours.
    """

    given = Signal()
    return_wanted = Signal()
    file_wanted = Signal()
    copy_wanted = Signal()
    hours_entered = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state = QLabel(self)
        self.state.setTextFormat(Qt.TextFormat.PlainText)  # the reason is another person's words
        self.hours = QLabel(self)
        for label in (self.state, self.hours):
            label.setWordWrap(True)
        self.hours.setProperty("look", "secondary")
        self.curriculum = _HoursField(self)
        self.curriculum.left.connect(self.left)
        self.curriculum.returnPressed.connect(lambda: self.hours_entered.emit(self.curriculum.text()))
        self._label = QLabel(self.tr("Учебный план, ч в год"), self)
        self._label.setProperty("look", "secondary")
        self._label.setBuddy(self.curriculum)
        self.file = _quiet(self.tr("Из файла…"), "Ctrl+I", self)
        self.file.clicked.connect(self.file_wanted)
        self.copy = _quiet(self.tr("Из другого КТП…"), "Ctrl+K", self)
        self.copy.clicked.connect(self.copy_wanted)
        self.back = _quiet(self.tr("Вернуть…"), "Ctrl+Shift+G", self)
        self.back.clicked.connect(self.return_wanted)
        self.give = QPushButton(self)
        self.give.clicked.connect(self.given)
        self._lay_out()

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.state)
        words.addWidget(self.hours)
        row = QHBoxLayout(self)
        row.setContentsMargins(3 * theme.UNIT, 2 * theme.UNIT, 3 * theme.UNIT, theme.UNIT)
        row.setSpacing(2 * theme.UNIT)
        row.addLayout(words, 1)
        for part in (self._label, self.curriculum, self.file, self.copy, self.back, self.give):
            row.addWidget(part)

    def show_plan(self, plan: LessonPlanPage) -> None:
        """Show how a plan stands, and what this person can do about it."""
        self.state.setText(state_words(plan))
        self.state.setProperty("look", "warning" if plan.stage == "returned" else "")
        self.state.style().polish(self.state)
        self.hours.setText(hours_words(plan))
        warns = bool(plan.objection) and bool(plan.rows)
        self.hours.setProperty("look", "warning" if warns else "secondary")
        self.hours.style().polish(self.hours)
        for part in (self._label, self.curriculum):
            part.setVisible(plan.may_set_hours)
        for button in (self.file, self.copy):
            button.setVisible(not plan.read_only)
        self.back.setVisible(may_return(plan))
        self.curriculum.show_hours(plan.curriculum)
        words = what_to_do(plan)
        self.give.setText(words)
        self.give.setVisible(bool(words))
        self.give.setProperty("look", "main" if words in map(tr, MAIN) else "")
        self.give.style().polish(self.give)
        self.give.setToolTip("Ctrl+G")

    def enter_hours(self) -> None:
        """Go to the field of the yearly hours."""
        self.curriculum.setFocus(Qt.FocusReason.OtherFocusReason)
        self.curriculum.selectAll()


def _quiet(text: str, key: str, parent: QWidget) -> QPushButton:
    button = QPushButton(text, parent)
    button.setProperty("look", "quiet")
    button.setToolTip(key)
    return button


class _HoursField(QLineEdit):
    """Yearly hours; Enter writes them, Esc brings back what stands."""

    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Часы учебного плана на год"))
        self.setValidator(QIntValidator(0, YEARLY_HOURS, self))
        self.setFixedWidth(14 * theme.UNIT)
        self.setToolTip(self.tr("Ctrl+H; Enter — записать"))
        self._stands = ""

    def show_hours(self, hours: int | None) -> None:
        """Show what stands, unless something else is being typed."""
        if self.text() == self._stands or not self.hasFocus():
            self.setText("" if hours is None else str(hours))
        self._stands = "" if hours is None else str(hours)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step back on Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.setText(self._stands)
            self.left.emit()
        else:
            super().keyPressEvent(event)


# --- the words -------------------------------------------------------------------------------------------------------

GIVE_IN = "Сдать на утверждение"
GIVE_AGAIN = "Сдать снова"
GIVE_CHANGED = "Сдать изменённое"
TAKE_BACK = "Взять назад"
APPROVE = "Утвердить"
WITHDRAW = "Снять утверждение"
MAIN = (GIVE_IN, GIVE_AGAIN, GIVE_CHANGED, APPROVE)
#: What its teacher does next, by the stage of the plan; nothing where it is approved as it stands.
_TEACHERS = {"draft": GIVE_IN, "returned": GIVE_AGAIN, "changed": GIVE_CHANGED,
             "submitted": TAKE_BACK, "resubmitted": TAKE_BACK}  # fmt: skip


def what_to_do(plan: LessonPlanPage) -> str:
    """Return the words of the main button, "" where this person can do nothing."""
    if plan.may_approve:
        return tr(WITHDRAW) if plan.stage == "approved" else tr(APPROVE) if plan.rows else ""
    if plan.read_only or not plan.rows:
        return ""
    return tr(_TEACHERS.get(plan.stage, ""))


def may_return(plan: LessonPlanPage) -> bool:
    """Say whether this person can give the plan back to its teacher now."""
    return plan.may_approve and plan.stage in ("submitted", "resubmitted", "changed")


def why_nothing(plan: LessonPlanPage) -> str:
    """Return why this person can neither give in nor approve."""
    if plan.read_only:
        return plan.read_only
    return tr("КТП утверждено. Измените строки, и его можно будет сдать снова.") if plan.rows else tr(
        "В КТП ещё нет строк.")  # fmt: skip


def state_words(plan: LessonPlanPage) -> str:
    """Return «Утверждено 28.08: Громова В. П.», whether it changed since, or what is still to be done and by when."""
    if plan.stage == "returned":
        words = tr("Возвращено: {who} — «{why}»").format(who=plan.returned_by, why=plan.returned_why)
        return words if plan.read_only else f"{words} · {tr('исправьте и сдайте снова')}"
    if not plan.approved_by:
        return f"{_given_in(plan) or tr('Черновик')} · {_due(plan)}"
    day = f" {day_short(plan.approved_on)}" if plan.approved_on else ""
    words = tr("Утверждено{day}: {who}").format(day=day, who=plan.approved_by)
    if plan.stage == "approved":
        return words
    after = tr("изменённое отправлено на утверждение") if plan.stage == "resubmitted" else _changed(plan)
    return f"{words} · {after}"


def _changed(plan: LessonPlanPage) -> str:
    if plan.read_only:
        return tr("после утверждения изменено, учитель ещё не сдал")
    return tr("после утверждения изменено: когда будет готово, сдайте снова")


def _given_in(plan: LessonPlanPage) -> str:
    if not plan.submitted_by:
        return ""
    words = tr("Отправлено на утверждение: {who}").format(who=plan.submitted_by)
    return f"{words}, {tr('потом изменено')}" if plan.since_given_in else words


def _due(plan: LessonPlanPage) -> str:
    left = (plan.due - plan.today).days
    day = f"{plan.due:%d.%m.%Y}"
    if left < 0:
        return tr("срок утверждения был {day}").format(day=day)
    return tr("утвердить до {day}, осталось {days}").format(day=day, days=count(left, DAY))


def hours_words(plan: LessonPlanPage) -> str:
    """Return «66 ч из 68: не хватает 2, утвердить нельзя · дано 12 из 14 по плану: отставание 2 урока»."""
    parts = [_hours(plan), *([_pace(plan)] if plan.rows else [])]
    if plan.outside:
        parts.append(tr("не по плану: {n}").format(n=count(len(plan.outside), LESSON)))
    return " · ".join(part for part in parts if part)


def _hours(plan: LessonPlanPage) -> str:
    if plan.curriculum is None:
        who = tr("внесите их (Ctrl+H)") if plan.may_set_hours else tr("их вносит завуч")
        told = tr("{n} ч; часов учебного плана ещё нет, {who}").format(n=plan.hours, who=who)
    else:
        told = tr("{n} ч из {all} по учебному плану").format(n=plan.hours, all=plan.curriculum)
        lacking = plan.curriculum - plan.hours
        if lacking:
            word = tr("не хватает {n}") if lacking > 0 else tr("лишних {n}")
            told += ": " + word.format(n=abs(lacking))
    return f"{told}, {tr('утвердить нельзя')}" if plan.objection and plan.rows else told


def _pace(plan: LessonPlanPage) -> str:
    given = tr("дано {given} из {planned} по плану на сегодня").format(
        given=plan.given_to_date, planned=plan.planned_to_date
    )
    if plan.lag > 0:
        return f"{given}: {tr('отставание')} {count(plan.lag, LESSON)}"
    return f"{given}: {tr('опережение')} {count(-plan.lag, LESSON)}" if plan.lag < 0 else given
