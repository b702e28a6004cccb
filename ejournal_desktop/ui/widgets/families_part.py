"""Семьи of Мой класс: pupils at the left, the guardians and the sheet of one family at the right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ejournal_core.kinds import PeriodKind
from ejournal_desktop.models.commands import guardians, pupil_data
from ejournal_desktop.models.commands.audit_log import tell_copied
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.families import Families, FamilyRow, GuardianRow, families, guardian_history
from ejournal_desktop.models.queries.family_sheet import family_sheet
from ejournal_desktop.models.queries.my_class import ClassRef
from ejournal_desktop.models.queries.own_writes import family_steps
from ejournal_desktop.models.queries.pupil_data import list_checks
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.deeds import Deeds
from ejournal_desktop.ui.searching import TypedLetters
from ejournal_desktop.ui.widgets.families_faces import FamilyFace, GuardianFace
from ejournal_desktop.ui.widgets.families_form import GuardianForm
from ejournal_desktop.ui.widgets.families_sheet import FamilySheetView
from ejournal_desktop.ui.widgets.list_check_form import ListCheckForm
from ejournal_desktop.ui.widgets.pupil_field import found
from ejournal_desktop.ui.widgets.row_list import RowList
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.words import moment, tr

LIST_WIDTH = 270
BOTH = 540  # logical pixels of height for a form and the sheet under it

#: The keys that the lists and the form read by themselves, for the F1 page: (keys, what they do).
ENTRY_KEYS: tuple[tuple[str, str], ...] = (
    ("начало фамилии", "Найти ученика в любой раскладке"),
    ("Enter", "От ученика к родителям; у родителя — изменить; в форме — записать"),
    ("Delete", "Убрать запись о родителе"),
    ("Enter в днях листа", "Показать лист за эти дни"),
)


class FamiliesPart(QWidget):
    """One class; one family in sight.

    Signals:
        wrong_data_seen: class and pupil about whom the office is to be told; whoever hears it opens Сведения there.
    """

    troubled = Signal(object)
    wrong_data_seen = Signal(str, str)
    hint_changed = Signal(str)

    entry_keys = ENTRY_KEYS

    def __init__(self, journal: Journal, clock: Callable[[], datetime], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = self.tr("Семьи")
        self._journal = journal
        self._clock = clock
        self._class_id = ""
        self._letters = TypedLetters()
        self._shown = ""
        self._asked_for: tuple[PeriodKind | None, int] = (None, 1)
        self._days: tuple[date, date] | None = None
        self.families: Families | None = None
        self.pupils = RowList(FamilyFace(), self.tr("Ученики"), self, fit=False)
        self.name = QLabel(self)
        self.reason = QLabel(self)
        self.nobody = QLabel(self)
        self.guardians = RowList(GuardianFace(), self.tr("Родители и другие представители"), self)
        self.form = GuardianForm(self)
        self.check = ListCheckForm(self)
        self.past = QLabel(self)
        self.message = Line(self)
        self.deeds = Deeds(
            journal, say=self.message.say, troubled=self.troubled.emit, written=self.refresh, refuse=self._refuse
        )
        self.sheet = FamilySheetView(self)
        self.empty = QLabel(self)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.pupils.setFixedWidth(LIST_WIDTH)
        self.name.setProperty("look", "title")
        for label in (self.reason, self.past):
            label.setProperty("look", "strip")
            label.setWordWrap(True)
            label.setContentsMargins(3 * theme.UNIT, theme.UNIT, 3 * theme.UNIT, theme.UNIT)
        self.nobody.setProperty("look", "secondary")
        self.nobody.setContentsMargins(3 * theme.UNIT, 0, 3 * theme.UNIT, theme.UNIT)
        self.name.setContentsMargins(3 * theme.UNIT, theme.UNIT, 0, theme.UNIT)
        self.message.setContentsMargins(3 * theme.UNIT, theme.UNIT, 3 * theme.UNIT, theme.UNIT)
        self.empty.setProperty("look", "secondary")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.past.hide()
        self.right = QWidget(self)
        column = QVBoxLayout(self.right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        shown = (self.reason, self.check, self.name, self.guardians, self.nobody, self.past, self.form, self.message)
        for part in shown:
            column.addWidget(part)
        column.addWidget(self.sheet, 1)
        column.addStretch(0)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, theme.UNIT, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.pupils)
        row.addWidget(self.right, 1)
        row.addWidget(self.empty, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make room for the form that is open."""
        super().resizeEvent(event)
        self._share_height()

    def _share_height(self) -> None:
        """Let the sheet give way to an open form in a low window: squeezed, neither could be read."""
        open_ = not self.form.isHidden() or not self.check.isHidden()
        self.sheet.setVisible(not open_ or self.height() >= BOTH)

    def _connect(self) -> None:
        self.form.turned.connect(self._share_height)
        self.check.turned.connect(self._share_height)
        self.pupils.walked.connect(self._show_family)
        self.pupils.opened.connect(lambda _row: self.go_to_guardians())
        self.pupils.typed.connect(self._look_for)
        self.guardians.opened.connect(lambda _row: self.mend())
        self.guardians.put_away.connect(lambda _row: self.remove())
        self.guardians.walked.connect(lambda _row: self.past.hide())
        self.form.wanted.connect(self._write)
        self.form.left.connect(self.go_to_guardians)
        self.check.wanted.connect(self._confirm_list)
        self.check.left.connect(lambda: self.pupils.setFocus(Qt.FocusReason.OtherFocusReason))
        self.sheet.period_chosen.connect(self._choose_period)
        self.sheet.days_chosen.connect(self._choose_days)
        self.sheet.copied.connect(lambda: self.hint_changed.emit(
            self.tr("Лист скопирован текстом: вставьте его в письмо.")))  # fmt: skip
        self.sheet.copied.connect(lambda: tell_copied(self._journal, "family-sheet", 1))

    # --- reading -----------------------------------------------------------------------------------------------------

    def show_class(self, group: ClassRef) -> None:
        """Show a class, from its first pupil on."""
        if group.id != self._class_id:
            self._class_id = group.id
            self.deeds.go_over(partial(family_steps, self._journal, group.id))
            self.form.finish()
            self.check.hide()
            self._asked_for, self._days = (None, 1), None
            self.pupils.setCurrentRow(0)

    def show_pupil(self, pupil_id: str) -> None:
        """Show the family of a pupil."""
        rows = [row.pupil.pupil_id for row in self.pupils.rows]
        if pupil_id in rows:
            self.pupils.setCurrentRow(rows.index(pupil_id))

    def enter(self) -> None:
        """Read again and put the focus on the pupils, or on what is half typed."""
        self.refresh()
        if self.form.isVisible():
            self.form.lines["last_name"].setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.pupils.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self) -> None:
        """Read again; the pupil in sight, the cursor and what is half typed stay."""
        if not self._class_id:
            return
        found_ = families(self._journal, self._class_id)
        self.families = found_
        self.form.offer(found_.contacts, found_.today)
        said = found_.closed or ("" if found_.rows else self.tr("В списке класса пока нет учеников."))
        self.empty.setText(said)
        for part, shown in ((self.pupils, not said), (self.right, not said), (self.empty, bool(said))):
            part.setVisible(shown)
        self.reason.setText(found_.read_only)
        self.reason.setVisible(bool(found_.read_only))
        self.pupils.show_rows(found_.rows)
        self._show_family(self.family)

    @property
    def family(self) -> FamilyRow | None:
        """Return the family in sight."""
        current: FamilyRow | None = self.pupils.current
        return current

    @property
    def guardian(self) -> GuardianRow | None:
        """Return the guardian that the cursor is at."""
        current: GuardianRow | None = self.guardians.current
        return current

    def _show_family(self, row: FamilyRow | None) -> None:
        if row is None:
            return
        self.name.setText(row.pupil.whole_name)
        self.guardians.show_rows(row.guardians)
        self.guardians.setVisible(bool(row.guardians))
        may = self.families is not None and not self.families.read_only
        self.nobody.setText(self.tr("О родителях ничего не записано.") + (self.tr(" Ctrl+N — внести.") if may else ""))
        self.nobody.setVisible(not row.guardians)
        if self._shown != row.id:
            self._shown = row.id
            self.past.hide()
            self.form.setVisible(self.form.isVisible() and self.form.pupil_id == row.id)
        self._show_sheet()

    def _show_sheet(self) -> None:
        kind, number = self._asked_for
        if self.family is not None:
            pupil_id = self.family.pupil.pupil_id
            sheet = family_sheet(self._journal, self._class_id, pupil_id, self._days, kind, number)
            self.sheet.show_sheet(sheet, self._journal.policy())

    # --- writing -----------------------------------------------------------------------------------------------------

    def _may_write(self) -> bool:
        said = self.families.read_only if self.families is not None else ""
        if said:
            self.hint_changed.emit(said)
        return not said and self.family is not None

    def begin(self) -> None:
        """Begin a new guardian of the pupil in sight."""
        if self._may_write() and self.family is not None:
            self.form.begin(self.family.pupil.pupil_id, self.family.pupil.whole_name)

    def mend(self) -> None:
        """Open the current guardian to be changed, in its place."""
        if self.guardian is None:
            self.begin()
        elif self._may_write():
            self.form.mend(self.guardian)

    def _write(self, guardian_id: str, fields: dict[str, Any]) -> None:
        assert self.family is not None
        pupil_id = self.form.pupil_id
        if guardian_id:
            written = self.deeds.do(lambda: guardians.change_guardian(self._journal, guardian_id, **fields))
        else:
            written = self.deeds.do(lambda: guardians.add_guardian(self._journal, self._class_id, pupil_id, **fields))
        if written:
            self.form.finish()
            self.go_to_guardians()

    def withdraw(self) -> None:
        """Note that the current guardian has withdrawn the consent today: contacts are hidden at once."""
        row = self.guardian
        if row is None or not self._may_write():
            return
        if row.consent_on is None or row.withdrawn_on is not None:
            self.message.say(self.tr("Отзывать нечего: {consent}.").format(consent=row.consent))
            return
        told = self.tr("Записано: согласие отозвано, контакты скрыты. Ctrl+Z — вернуть.")
        self.deeds.do(lambda: guardians.withdraw_consent(self._journal, row.id, self._clock().date()), told)

    def remove(self) -> None:
        """Strike the current guardian out."""
        row = self.guardian
        told = self.tr("Запись убрана. Ctrl+Z — вернуть.")
        if (
            row is not None
            and self._may_write()
            and self.deeds.do(lambda: guardians.remove_guardian(self._journal, row.id), told)
        ):
            self.go_to_guardians()

    def _refuse(self, sentence: str) -> None:
        """Say it in the form that is open, else under the list."""
        if self.form.isVisible():
            self.form.refuse(sentence)
        elif self.check.isVisible():
            self.check.refuse(sentence)
        else:
            self.message.say(sentence, "danger")

    # --- is it all true? ---------------------------------------------------------------------------------------------

    def check_list(self) -> None:
        """Show when the list of the class was looked through, and note that it was today; or put that away again."""
        if self.check.isVisible():
            self.check.hide()
            self.go_to_guardians()
        elif self._class_id:
            self.check.begin(list_checks(self._journal, self._class_id))

    def _confirm_list(self, pupils: bool, families_too: bool) -> None:
        number = list_checks(self._journal, self._class_id).number
        told = self.tr("Записано: список сверен сегодня. Ctrl+Z — отменить.")
        if self.deeds.do(lambda: pupil_data.confirm_list(
            self._journal, self._class_id, pupils=pupils, families=families_too, number=number), told):  # fmt: skip
            self.check.hide()
            self.pupils.setFocus(Qt.FocusReason.OtherFocusReason)

    def tell_office(self) -> None:
        """Tell the office of what is wrong about the pupil in sight, or about the class."""
        pupil = self.family.pupil.pupil_id if self.family is not None else ""
        self.wrong_data_seen.emit(self._class_id, pupil)

    def show_past(self) -> None:
        """Show who did what to the current guardian, or hide it again."""
        row = self.guardian
        if row is None or self.past.isVisible():
            self.past.hide()
            return
        now = self._clock()
        lines = [f"{moment(each.at, now)} · {each.author} · {each.what} · {each.outcome}"
                 for each in guardian_history(self._journal, row.id)]  # fmt: skip
        self.past.setText("\n".join(lines) or self.tr("История этой записи на этом компьютере не хранится."))
        self.past.show()

    # --- going -------------------------------------------------------------------------------------------------------

    def go_to_guardians(self) -> None:
        """Put the focus on the guardians, or on the pupils where there are none."""
        (self.guardians if self.guardians.isVisible() else self.pupils).setFocus(Qt.FocusReason.OtherFocusReason)

    def walk(self) -> None:
        """Go from the pupils to the guardians, to the sheet and back."""
        places = [part for part in (self.pupils, self.guardians, self.sheet.table) if part.isVisible()]
        here = next((number for number, part in enumerate(places) if part.hasFocus()), -1)
        places[(here + 1) % len(places)].setFocus(Qt.FocusReason.OtherFocusReason)

    def _look_for(self, letter: str) -> None:
        """Go to the pupil whose surname begins with what has been typed; a letter that fits nobody begins anew."""
        pupils = [row.pupil for row in self.pupils.rows]
        fitting = self._letters.add(letter, lambda typed: found(pupils, typed))
        if fitting:
            self.show_pupil(fitting[0].pupil_id)

    def go_by_period(self, step: int) -> None:
        """Show the sheet of the next or previous period."""
        sheet = self.sheet.lines.sheet
        if sheet is not None:
            at = sheet.periods.index(sheet.period) + step if sheet.period is not None else 0
            if 0 <= at < len(sheet.periods):
                self._choose_period(sheet.periods[at].kind, sheet.periods[at].number)

    def _choose_period(self, kind: PeriodKind, number: int) -> None:
        self._asked_for, self._days = (kind, number), None
        self._show_sheet()

    def _choose_days(self, first: date, last: date) -> None:
        self._days = (min(first, last), max(first, last))
        self._show_sheet()
        self.sheet.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def actions(self) -> list[Action]:  # type: ignore[override]  # hides Qt's list, see `screen.Screen`
        """Return what can be done here, in the order of the F1 page."""
        writing, moving = tr("Запись"), tr("Переход")
        return [
            Action("families.new", tr("Внести родителя"), ("Ctrl+N",), self.begin, writing),
            Action("families.mend", tr("Изменить запись о родителе"), ("F2",), self.mend, writing),
            Action("families.withdraw", tr("Согласие отозвано: скрыть контакты"), ("Ctrl+U",), self.withdraw, writing),
            Action("families.remove", tr("Убрать запись о родителе"), (), self.remove, writing),
            Action("families.undo", tr("Отменить"), ("Ctrl+Z",), self.deeds.undo, writing),
            Action("families.redo", tr("Вернуть"), ("Ctrl+Y", "Ctrl+Shift+Z"), self.deeds.redo, writing),
            Action("families.past", tr("История записи о родителе"), ("Ctrl+H",), self.show_past, writing),
            Action("families.copy", tr("Скопировать лист семьи текстом"), ("Ctrl+Shift+C",), self.sheet.copy_text,
                   writing),
            Action("families.check", tr("Список класса сверен…"), ("Ctrl+G",), self.check_list, writing),
            Action("families.wrong", tr("Сообщить о неверных сведениях…"), ("Ctrl+E",), self.tell_office, writing),
            Action("families.earlier", tr("Лист за предыдущий период"), ("Alt+Left",), lambda: self.go_by_period(-1),
                   moving),
            Action("families.later", tr("Лист за следующий период"), ("Alt+Right",), lambda: self.go_by_period(1),
                   moving),
            Action("families.walk", tr("Ученики, родители, лист"), ("F6",), self.walk, moving),
        ]  # fmt: skip
