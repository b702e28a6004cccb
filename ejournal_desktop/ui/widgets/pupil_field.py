"""A line that finds a pupil by the beginning of the surname, typed in either layout of the keyboard."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from ejournal_core.russian import text_key
from ejournal_desktop.models.pages import PupilRow
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.searching import first_found


def found(pupils: Sequence[PupilRow], typed: str) -> list[PupilRow]:
    """Return the pupils one of whose names begins as was typed: surnames first, each in the order of the list."""
    return list(first_found(typed, lambda text: _called(pupils, text_key(text).split())))


def _called(pupils: Sequence[PupilRow], words: list[str]) -> list[PupilRow]:
    if not words:
        return []
    fitting = [pupil for pupil in pupils if _begins(text_key(pupil.full_name).split(), words)]
    return sorted(fitting, key=lambda pupil: not text_key(pupil.full_name).startswith(words[0]))


def _begins(names: list[str], words: list[str]) -> bool:
    return all(any(name.startswith(word) for name in names) for word in words)


class PupilField(QLineEdit):
    """Says behind what was typed whom it means; the arrows go through all whom it may mean.

    Signals:
        taken: Enter on somebody: the id of the pupil.
    """

    taken = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pupils: Sequence[PupilRow] = ()
        self._at = 0
        self._pupil_id = ""
        self.setAccessibleName(self.tr("Ученик"))
        self.setPlaceholderText(self.tr("Фамилия"))
        self.textEdited.connect(self._forget)

    def offer(self, pupils: Sequence[PupilRow]) -> None:
        """Look among these pupils."""
        self._pupils = pupils

    @property
    def pupil(self) -> PupilRow | None:
        """Return whom the line means, None for nobody."""
        if self._pupil_id:
            return next((pupil for pupil in self._pupils if pupil.pupil_id == self._pupil_id), None)
        fitting = found(self._pupils, self.text())
        return fitting[self._at % len(fitting)] if fitting else None

    def show_pupil(self, pupil: PupilRow | None) -> None:
        """Show somebody, or empty the line."""
        self._pupil_id = pupil.pupil_id if pupil else ""
        self.setText(pupil.name if pupil else "")
        self._speak()

    def _forget(self) -> None:
        self._pupil_id, self._at = "", 0
        self._speak()

    def _speak(self) -> None:
        self.setAccessibleDescription(self.pupil.whole_name if self.pupil else self.tr("такого ученика нет"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take, or go through whom it may mean."""
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            pupil = self.pupil
            if pupil is not None:
                self.show_pupil(pupil)
                self.taken.emit(pupil.pupil_id)
        elif step and not self._pupil_id:
            self._at += step
            self._speak()
            self.update()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keep whom it means in full, so that nobody wonders."""
        super().focusOutEvent(event)
        if self.text().strip() and self.pupil is not None:
            self.show_pupil(self.pupil)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint whom it means behind what was typed."""
        super().paintEvent(event)
        if self._pupil_id or not self.text().strip():
            return
        fitting = found(self._pupils, self.text())
        more = f"  ↓ {len(fitting)}" if len(fitting) > 1 else ""
        words = f"→ {self.pupil.name}{more}" if self.pupil else self.tr("нет такого")
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(theme.colour(theme.tokens().secondary))
        start = 3 * theme.UNIT + self.fontMetrics().horizontalAdvance(self.text()) + 2 * theme.UNIT
        room = QRect(start, 0, self.width() - start - theme.UNIT, self.height())
        cut = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, max(room.width(), 0))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, cut)
        painter.end()
