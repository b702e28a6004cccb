"""Beside the list of kinds of work: what a work of the whole class would meet at this lesson (P55), before it is."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QLabel

from ejournal_core.assessments import Assessment, Collision
from ejournal_core.kinds import WorkKind
from ejournal_desktop.models.queries.workload import WorkWarning
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.work_list import ROLE, WorkList
from ejournal_desktop.ui.words import DAY, count, day_short, tr

WIDTH = 90 * theme.UNIT


def warning_words(warning: WorkWarning) -> str:
    """Return the warning as a colleague would say it, one line for each thing; "" where there is nothing to say."""
    rules = {each.rule for each in warning.collisions}
    told = [collision_words(each) for each in warning.collisions if each.rule not in ("first", "last")]
    if rules & {"first", "last"}:
        told.append(_place_words("first" in rules, "last" in rules))
    if told:
        told.append(tr("Это только предупреждение: решаете вы."))
    if warning.unseen:
        subjects = ", ".join(warning.unseen)
        told.append(tr("О работах по другим предметам этот компьютер не знает: {subjects}.").format(subjects=subjects))
    return "\n".join(told)


def collision_words(collision: Collision) -> str:
    """Return what other works a planned one meets."""
    works = _named(collision.works)
    if collision.rule == "day":
        return tr("В этот день у класса уже есть работа: {works}.").format(works=works)
    if collision.rule == "days":
        between = count(collision.limit, DAY)
        return tr("По этому предмету от другой работы меньше, чем {days}: {works}.").format(days=between, works=works)
    return tr("Работ больше {n} % уроков предмета.").format(n=collision.limit)


def _place_words(first: bool, last: bool) -> str:
    if first and last:
        return tr("Это единственный урок дня.")
    return tr("Это первый урок дня.") if first else tr("Это последний урок дня.")


def _named(works: Sequence[Assessment]) -> str:
    return "; ".join(f"{work.title}, {day_short(work.day)}, {work.lesson_number} {tr('урок')}" for work in works)


class WorkNote(QLabel):
    """Stands under the list while a kind of work for the whole class is chosen there."""

    def __init__(self, works: WorkList) -> None:
        super().__init__(works.parentWidget())
        self._works = works
        self._kinds: frozenset[str] = frozenset()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setProperty("look", "note")
        self.hide()
        works.currentRowChanged.connect(self._follow)
        works.installEventFilter(self)

    def tell(self, kinds: Collection[WorkKind], warning: WorkWarning) -> None:
        """Say the warning at those of the kinds offered that the whole class writes."""
        self.setText(warning_words(warning))
        self._kinds = frozenset(kind.id for kind in kinds if kind.whole_class) if self.text() else frozenset()
        for number in range(self._works.count()):
            item = self._works.item(number)
            if item.data(ROLE) in self._kinds:
                item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, self.text())
        self._follow()

    def _follow(self) -> None:
        row = self._works.currentRow()
        chosen = self._works.item(row).data(ROLE) if row >= 0 else None
        shown = chosen in self._kinds and not self._works.isHidden()
        if shown:
            self._place()
        self.setVisible(shown)

    def _place(self) -> None:
        room, place = self._works.parentWidget(), self._works.geometry()
        assert room is not None  # a list at the head of a page has one
        width = min(WIDTH, room.width())
        height = self.heightForWidth(width)
        below = place.bottom() + 1
        left, top = max(0, min(place.left(), room.width() - width)), below
        if below + height > room.height():
            left, top = max(0, place.left() - width), place.top()
        self.setGeometry(left, top, width, height)
        self.raise_()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Go when the list goes."""
        if event.type() == QEvent.Type.Hide:
            self.hide()
        return False
