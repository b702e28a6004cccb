"""Группы of Мой класс: who is in which group; from a day on a pupil goes to another, what was before stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ejournal_desktop.models.commands import subgroups
from ejournal_desktop.models.commands.subgroups import LONGEST_TITLE
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.my_class import ClassRef
from ejournal_desktop.models.queries.own_writes import group_steps
from ejournal_desktop.models.queries.subgroups import ClassSubgroups, GroupColumn, class_subgroups
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.deeds import Deeds
from ejournal_desktop.ui.widgets.controls import Chooser
from ejournal_desktop.ui.widgets.day_field import DayField
from ejournal_desktop.ui.widgets.groups_table import GroupsTable
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.words import day_short, tr

#: The keys that the table reads by itself, for the F1 page: (keys, what they do).
ENTRY_KEYS: tuple[tuple[str, str], ...] = (
    ("1 … 9", "Перевести ученика в группу с этим номером и перейти ниже"),
    ("Пробел, Enter", "Перевести ученика в группу столбца"),
    ("Delete", "Вывести ученика из группы столбца"),
)


class GroupsPart(QWidget):
    """The groups of one class, as of the day that is written above them."""

    troubled = Signal(object)
    hint_changed = Signal(str)

    def __init__(self, journal: Journal, clock: Callable[[], datetime], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = self.tr("Группы")
        self._journal = journal
        self._clock = clock
        self._class_id = ""
        self.groups: ClassSubgroups | None = None
        self.since = DayField(self)
        self.name, self.subject = QLineEdit(self), Chooser(self)
        self.make = QPushButton(self.tr("Завести группу"), self)
        self.table = GroupsTable(self)
        self.reason, self.empty = QLabel(self), QLabel(self)
        self.message = Line(self)
        self._deeds = Deeds(journal, say=self.message.say, troubled=self.troubled.emit, written=self.refresh)
        self.strip = QFrame(self)
        self._dress()
        self._lay_out()
        self._connect()

    def _dress(self) -> None:
        self.since.setAccessibleName(self.tr("С какого дня переводить"))
        self.since.setToolTip(self.tr("С этого дня ученик в новой группе; раньше всё остаётся как было"))
        self.name.setMaxLength(LONGEST_TITLE)
        self.name.setPlaceholderText(self.tr("Название: 1 группа"))
        self.name.setAccessibleName(self.tr("Название новой группы"))
        self.subject.setAccessibleName(self.tr("Предмет новой группы"))
        self.reason.setProperty("look", "strip")
        self.reason.setWordWrap(True)
        self.reason.setContentsMargins(3 * theme.UNIT, theme.UNIT, 3 * theme.UNIT, theme.UNIT)
        self.empty.setProperty("look", "secondary")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.strip.setProperty("look", "strip")

    def _lay_out(self) -> None:
        row = QHBoxLayout(self.strip)
        row.setContentsMargins(3 * theme.UNIT, 2 * theme.UNIT, 3 * theme.UNIT, 2 * theme.UNIT)
        row.setSpacing(2 * theme.UNIT)
        row.addWidget(QLabel(self.tr("Переводить с"), self.strip))
        row.addWidget(self.since)
        row.addStretch(1)
        row.addWidget(self.name, 2)
        row.addWidget(self.subject, 1)
        row.addWidget(self.make)
        foot = QFrame(self)
        inner = QVBoxLayout(foot)
        inner.setContentsMargins(4 * theme.UNIT, theme.UNIT, 4 * theme.UNIT, theme.UNIT)
        inner.addWidget(self.message)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2 * theme.UNIT, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.reason)
        column.addWidget(self.strip)
        column.addWidget(self.table, 1)
        column.addWidget(self.empty, 1)
        column.addWidget(foot)

    def _connect(self) -> None:
        self.table.wanted.connect(self._put)
        self.table.left_group.connect(self._take_out)
        self.make.clicked.connect(self.make_group)
        self.name.returnPressed.connect(self.make_group)
        self.since.returnPressed.connect(lambda: self.table.setFocus(Qt.FocusReason.OtherFocusReason))
        self.since.editingFinished.connect(self.refresh)

    # --- reading -----------------------------------------------------------------------------------------------------

    def show_class(self, group: ClassRef) -> None:
        """Show a class, as of today."""
        if group.id != self._class_id:
            self._class_id = group.id
            self._deeds.go_over(partial(group_steps, self._journal, group.id))
            self.since.near = self._clock().date()
            self.since.show_day(self.since.near)

    def enter(self) -> None:
        """Read again and put the focus where work goes on."""
        self.refresh()
        first = self.table if self.table.isVisibleTo(self) else self.name
        (first if first.isVisibleTo(self) else self).setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self) -> None:
        """Read again; the cursor and what is half typed stay."""
        if not self._class_id:
            return
        self.groups = found = class_subgroups(self._journal, self._class_id)
        self.reason.setText(found.read_only)
        self.reason.setVisible(bool(found.read_only))
        self.strip.setVisible(not found.read_only)
        self._offer_subjects(found)
        self.table.cells.show_groups(found, self._day() or found.today)
        nothing = self.tr("Групп в классе нет. Напишите название и нажмите Enter; потом разделите учеников цифрами.")
        self.empty.setText("" if found.groups and found.pupils else nothing if not found.read_only else self.tr(
            "Групп в классе нет."))  # fmt: skip
        self.empty.setVisible(bool(self.empty.text()))
        self.table.setVisible(not self.empty.text())

    def _offer_subjects(self, found: ClassSubgroups) -> None:
        self.subject.setVisible(found.opens_pages)
        offered = [("", self.tr("без предмета")), *found.subjects]
        if [self.subject.itemData(at) for at in range(self.subject.count())] != [each for each, _ in offered]:
            self.subject.clear()
            for subject_id, title in offered:
                self.subject.addItem(title, subject_id)

    def _day(self) -> date | None:
        return self.since.day

    # --- what a person does ------------------------------------------------------------------------------------------

    def _from_day(self) -> date | None:
        """Return the day from which to move, None (and why) when there is none or nobody may move here."""
        if self.groups is None or self.groups.read_only:
            self.hint_changed.emit(self.groups.read_only if self.groups else "")
            return None
        day = self._day()
        first, last = self.groups.year
        if day is None or not first <= day <= last:
            self.message.say(self.tr("День, с которого переводить, не понятен или вне учебного года."), "danger")
            self.since.setFocus()
            return None
        return day

    def _put(self, row: int, column: int) -> None:
        group, day = self.table.cells.group(column), self._from_day()
        if group is None or day is None or self.groups is None:
            return
        pupil = self.groups.pupils[row]
        leave = [each for each in self._shared(group) if self.groups.stay(pupil.pupil_id, each, day) is not None]
        told = self.tr("{name} — {group} с {day}.").format(name=pupil.name, group=group.title, day=day_short(day))
        if self._deeds.do(lambda: subgroups.move_pupils(self._journal, [pupil.pupil_id], group.id, day, leave), told):
            self.table.go_down()

    def _shared(self, group: GroupColumn) -> tuple[str, ...]:
        """Return the groups that a pupil leaves for this one: of the same subject; without pages, all without."""
        if group.subjects or self.groups is None:
            return group.others
        return tuple(each.id for each in self.groups.groups if not each.subjects and each.id != group.id)

    def _take_out(self, row: int, column: int) -> None:
        group, day = self.table.cells.group(column), self._from_day()
        if group is None or day is None or self.groups is None:
            return
        pupil = self.groups.pupils[row]
        if self.groups.stay(pupil.pupil_id, group.id, day) is not None:
            told = self.tr("{name}: {group} — больше не в ней с {day}.").format(
                name=pupil.name, group=group.title, day=day_short(day)
            )
            self._deeds.do(lambda: subgroups.leave_subgroup(self._journal, pupil.pupil_id, group.id, day), told)

    def make_group(self) -> None:
        """Make a group of the name that is written."""
        title, subject = self.name.text(), str(self.subject.currentData() or "")
        opens = self.groups is not None and self.groups.opens_pages and bool(subject)
        told = self.tr("Группа «{title}» заведена.").format(title=" ".join(title.split()))
        if not opens:
            told = f"{told} {self.tr('Её страницу в журнале откроет завуч или диспетчер расписания.')}"
        if self._deeds.do(lambda: subgroups.make_subgroup(self._journal, self._class_id, title, subject), told):
            self.name.clear()

    def actions(self) -> list[Action]:  # type: ignore[override]  # hides Qt's list, see `screen.Screen`
        """Return what can be done here."""
        writing = tr("Запись")
        return [
            Action("groups.new", tr("Новая группа"), ("Ctrl+N",), self.name.setFocus, writing),
            Action("groups.since", tr("С какого дня переводить"), ("F2",), self.since.setFocus, writing),
            Action("groups.undo", tr("Отменить"), ("Ctrl+Z",), self._deeds.undo, writing),
            Action("groups.redo", tr("Вернуть"), ("Ctrl+Y", "Ctrl+Shift+Z"), self._deeds.redo, writing),
        ]

    @property
    def entry_keys(self) -> tuple[tuple[str, str], ...]:
        """Return the keys that the table reads by itself, for the page of keys."""
        return ENTRY_KEYS
