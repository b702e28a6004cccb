"""What the roll of a lesson and the class teacher's register have to say to each other, in one line above the topic."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from ejournal_desktop.models.pages import LessonSheet, RollRow
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.say import Line

MOST_NAMES = 3


def known_absent(sheet: LessonSheet) -> list[RollRow]:
    """Return the pupils of whom the class teacher knows that they are away, and whom nobody has marked so.

    One with a mark was there, whatever the paper says: that stands as a contradiction in the roll.
    """
    return [row for row in sheet.roll if row.known_reason and row.presence == "present" and not row.marks]


def contradictions(sheet: LessonSheet) -> list[RollRow]:
    """Return the pupils whose entries cannot all be true: what one key cannot mend before what it can."""
    wrong = [row for row in sheet.roll if row.contradiction]
    return sorted(wrong, key=lambda row: row.contradiction == "unmarked")


class RollCheck(QWidget):
    """Offers to mark whom the register knows to be away, and names contradictions; silent it takes no room.

    Signals:
        mark_wanted: mark those of the register.
        show_wanted: go to the first contradiction.
    """

    mark_wanted = Signal()
    show_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = Line(self)
        self.mark = QPushButton(self.tr("Отметить"), self)
        self.mark.setToolTip("Ctrl+K")
        self.mark.clicked.connect(self.mark_wanted)
        self.mark.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its key works anywhere, and it goes with its deed
        self.show_first = QPushButton(self.tr("Показать"), self)
        self.show_first.setToolTip("Ctrl+J")
        self.show_first.clicked.connect(self.show_wanted)
        self.show_first.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * theme.UNIT)
        row.addWidget(self.line, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.show_first, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def show_sheet(self, sheet: LessonSheet, today: date) -> None:
        """Say what there is to say about a lesson's roll; ahead of its day nobody is away yet."""
        ahead = sheet.lesson.held_on > today
        wrong, known = ([], []) if ahead else (contradictions(sheet), known_absent(sheet))
        closed = bool(sheet.read_only)
        if wrong and wrong[0].contradiction != "unmarked":
            grave = [row for row in wrong if row.contradiction != "unmarked"]
            self.line.say_sign(self.tr("Не сходится: {names}").format(names=_names(grave)), "hollow", "warning")
        elif wrong:
            told = self.tr("По сведениям классного руководителя отсутствуют, а не отмечены: {names}").format(
                names=_names(wrong)
            )
            self.line.say_sign(told, "hollow", "warning")
        elif known:
            told = self.tr("По сведениям классного руководителя отсутствуют: {names}").format(names=_names(known))
            self.line.say_sign(told, "hollow", "accent")
        self.setVisible(bool(wrong or known) and not closed)
        self.mark.setVisible(bool(known))
        self.show_first.setVisible(bool(wrong))


def _names(rows: list[RollRow]) -> str:
    named = ", ".join(row.name for row in rows[:MOST_NAMES])
    return f"{named} и ещё {len(rows) - MOST_NAMES}" if len(rows) > MOST_NAMES else named
