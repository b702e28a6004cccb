"""Люди of Администрирование: the list with its search, one person beside it, what is entered in a strip below.

Names and roles are ordinary entries and need no server. Codes and closed doors are the server's: it is asked over a
signed call, and the codes that come live in the memory of this part until they are printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from ejournal_core.errors import EjournalError
from ejournal_core.handouts import CodesHandout
from ejournal_desktop.models.commands import staff as deeds_of_staff
from ejournal_desktop.models.commands.audit_log import tell_copied, tell_event
from ejournal_desktop.models.journal import Clock, Journal
from ejournal_desktop.models.queries.own_writes import staff_steps
from ejournal_desktop.models.queries.person_choice import tells_of_people
from ejournal_desktop.models.queries.rights import rights
from ejournal_desktop.models.queries.staff import Staff, StaffRow, staff
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.deeds import Deeds
from ejournal_desktop.ui.jobs import Jobs
from ejournal_desktop.ui.speaking import Speak
from ejournal_desktop.ui.staff_words import FILTERS, filtered, found, staff_texts
from ejournal_desktop.ui.ways_in import WaysIn, codes_paper
from ejournal_desktop.ui.widgets import people_actions
from ejournal_desktop.ui.widgets.codes_sheet import CodesSheet
from ejournal_desktop.ui.widgets.controls import Chooser
from ejournal_desktop.ui.widgets.layouts import MARGIN, set_in
from ejournal_desktop.ui.widgets.line_table import LineTable
from ejournal_desktop.ui.widgets.people_sheet import PersonSheet
from ejournal_desktop.ui.widgets.say import Kind, Line
from ejournal_desktop.ui.widgets.staff_forms import EndForm, PersonForm, RoleForm, SecondForm, StaffForm
from ejournal_desktop.ui.widgets.text_model import TextModel
from ejournal_desktop.ui.words import count, mid_sentence, tr

COLUMNS = (("Сотрудник", "name", 236), ("Должность", "position", 82), ("Роли", "roles", 138), ("Вход", "way", 144))
SPARE = ("position", "roles")  # of the chosen person they stand beside the list
PERSON = ("сотрудник", "сотрудника", "сотрудников")


class PeoplePart(QWidget):
    """See the module's docstring."""

    troubled = Signal(object)
    hint_changed = Signal(str)
    report_wanted = Signal(str)  # id of a person whose report of all data is asked for

    entry_keys = people_actions.ENTRY_KEYS

    def __init__(self, journal: Journal, jobs: Jobs, speak: Speak, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = self.tr("Люди")
        self._journal, self._clock = journal, clock
        self.staff: Staff | None = None
        self.gives_roles = deeds_of_staff.keeps_people(journal)[1]
        self.tells_of_people = tells_of_people(journal)
        self.search = QLineEdit(self)
        self.filter = Chooser(self)
        self.known = QLabel(self)
        self.lines = TextModel(COLUMNS, self._texts, self, hue=self._hue)
        self.table = LineTable(COLUMNS, (), self, spare=SPARE, first="name")
        self.sheet = PersonSheet(self)
        self.message = Line(self)
        self.person_form, self.role_form = PersonForm(self), RoleForm(self)
        self.end_form, self.second_form = EndForm(self), SecondForm(self)
        self.deeds = Deeds(
            journal, say=self.message.say, troubled=self.troubled.emit, written=self.refresh,
            refuse=lambda sentence: self.say(sentence, "danger"),
        )  # fmt: skip
        self.deeds.go_over(partial(staff_steps, journal))
        self.paper = CodesSheet(jobs, self)
        self.ways = WaysIn(
            journal, jobs, speak, clock, self, deeds=self.deeds, message=self.message,
            people=lambda: self.staff.rows if self.staff is not None else (), current=lambda: self.current,
        )  # fmt: skip
        self._lay_out()
        self._connect()

    @property
    def forms(self) -> tuple[StaffForm, ...]:
        """Return the strips, of which one at most is open."""
        return self.person_form, self.role_form, self.end_form, self.second_form

    def _lay_out(self) -> None:
        self.search.setPlaceholderText(self.tr("Фамилия, должность или роль"))
        self.search.setAccessibleName(self.tr("Найти сотрудника"))
        self.search.setClearButtonEnabled(True)
        self.filter.setAccessibleName(self.tr("Кого показать"))
        for key, title in FILTERS.items():
            self.filter.addItem(tr(title), key)
        self.known.setProperty("look", "secondary")
        self.table.setModel(self.lines)
        self.table.setAccessibleName(self.tr("Сотрудники"))
        self.table.setSelectionMode(LineTable.SelectionMode.ExtendedSelection)
        head = QHBoxLayout()
        head.setContentsMargins(MARGIN, theme.UNIT, 2 * theme.UNIT, 2 * theme.UNIT)
        head.setSpacing(2 * theme.UNIT)
        head.addWidget(self.search, 1)
        head.addWidget(self.filter)
        head.addWidget(self.known)
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addLayout(head)
        left.addWidget(self.table, 1)
        middle = QHBoxLayout()
        middle.setSpacing(theme.UNIT)
        middle.addLayout(left, 6)
        middle.addWidget(self.sheet, 5)
        self.work = QWidget(self)
        column = QVBoxLayout(self.work)
        column.setContentsMargins(0, theme.UNIT, 0, 0)
        column.setSpacing(0)
        column.addLayout(middle, 1)
        column.addLayout(set_in(self.message, theme.UNIT, theme.UNIT))
        for form in self.forms:
            column.addWidget(form)
        self.pages = QStackedWidget(self)
        self.pages.addWidget(self.work)
        self.pages.addWidget(self.paper)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.pages)

    def _connect(self) -> None:
        self.search.textChanged.connect(lambda _text: self._show_rows())
        self.search.returnPressed.connect(lambda: self.table.setFocus(Qt.FocusReason.OtherFocusReason))
        self.filter.currentIndexChanged.connect(lambda _at: self._show_rows())
        self.table.selectionModel().currentRowChanged.connect(lambda _now, _before: self._show_person())
        self.table.opened.connect(lambda _row: self.mend())
        self.sheet.roles.opened.connect(lambda _row: self.end_role())
        for table in (self.table, self.sheet.roles, self.sheet.rights):
            table.copied.connect(self._copied)
        self.person_form.wanted.connect(self._write_person)
        self.role_form.wanted.connect(self._write_role)
        self.end_form.wanted.connect(self._write_end)
        self.second_form.wanted.connect(self.ways.confirm)
        self.ways.known.connect(self._show_ways)
        self.ways.second_wanted.connect(self._ask_second)
        self.ways.codes_made.connect(self.show_codes)
        self.ways.said.connect(self.say)
        self.ways.troubled.connect(self.troubled)
        for form in self.forms:
            form.left.connect(self._to_the_list)
            form.turned.connect(self._hint)
        self.paper.left.connect(self._put_paper_away)
        self.paper.printed.connect(lambda number: tell_event(
            self._journal, "printed", number=number, detail="activation-codes"))  # fmt: skip

    def _copied(self, number: int) -> None:
        said = self.tr("Скопировано: {n}.").format(n=count(number, ("строка", "строки", "строк")))
        self.message.say(said, "done")
        tell_copied(self._journal, "people", number)

    # --- reading -----------------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Read again, ask the server how the ways in stand, and put the focus where work goes on."""
        self.refresh()
        if self.gives_roles:
            self.ways.ask()
        if self.paper.is_full:
            self.paper.view.setFocus(Qt.FocusReason.OtherFocusReason)
        elif not any(form.isVisible() for form in self.forms):
            self._to_the_list()
        self._hint()

    def refresh(self) -> None:
        """Read again; the person in sight, the cursor and what is half typed stay."""
        self.staff = staff(self._journal, self.ways.accounts)
        self._show_rows()

    def _show_ways(self) -> None:
        with suppress(EjournalError):  # locked meanwhile: whoever comes back reads again
            self.refresh()

    def _texts(self, row: StaffRow) -> tuple[str, ...]:
        assert self.staff is not None
        return staff_texts(row, self.staff.today)

    def _hue(self, row: StaffRow) -> QColor | None:
        late = self.staff is not None and (row.is_late(self.staff.today) or row.way == "gone")
        return theme.colour(theme.tokens().danger) if late else None

    def _show_rows(self) -> None:
        if self.staff is None:
            return
        before = self.current.id if self.current is not None else ""
        rows = found(filtered(self.staff.rows, str(self.filter.currentData()), self.staff.today), self.search.text())
        self.lines.show_rows(rows)
        self.known.setText(count(len(rows), PERSON))
        self.table.say_nothing(self.tr("Никого не нашлось. Сотрите слова поиска или выберите «Все»."))
        at = next((number for number, row in enumerate(rows) if row.id == before), 0)
        if rows:
            self.table.setCurrentIndex(self.lines.index(at, 0))
        self._show_person()

    @property
    def current(self) -> StaffRow | None:
        """Return the person that the cursor is at, None while codes cover the list."""
        if self.paper.is_full:
            return None
        at = self.table.currentIndex().row()
        row: StaffRow | None = self.lines.rows[at] if 0 <= at < len(self.lines.rows) else None
        return row

    def _show_person(self) -> None:
        row = self.current
        self.sheet.setVisible(row is not None)
        if row is not None and self.staff is not None:
            try:
                self.sheet.show_person(row, rights(self._journal, row.id), self.staff.today)
            except EjournalError as error:
                self.troubled.emit(error)

    def _hint(self) -> None:
        """Say the keys of what is in front; behind another part nothing is said."""
        if not self.isVisible():
            return
        if self.paper.is_full:
            keys = self.tr("Ctrl+P напечатать   Esc убрать")
        elif any(form.isVisible() for form in self.forms):
            open_form = next(form for form in self.forms if form.isVisible())
            keys = self.tr("Enter {deed}   Esc назад").format(deed=mid_sentence(open_form.enter.text()))
        else:
            keys = self.tr("Ctrl+F найти   Ctrl+N новый сотрудник   Enter исправить   F6 роли и права")
            if self.gives_roles:
                keys += self.tr("   Ctrl+R дать роль   Ctrl+K код для входа   Ctrl+D код отдан")
        self.hint_changed.emit(keys)

    # --- going -------------------------------------------------------------------------------------------------------

    def look_for(self) -> None:
        """Go to the search."""
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)
        self.search.selectAll()

    def walk(self) -> None:
        """Go from the list to the roles, to the rights and back."""
        places = [self.table, self.sheet.roles, self.sheet.rights]
        here = next((number for number, part in enumerate(places) if part.hasFocus()), -1)
        places[(here + 1) % len(places)].setFocus(Qt.FocusReason.OtherFocusReason)

    def _to_the_list(self) -> None:
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def actions(self) -> list[Action]:  # type: ignore[override]  # hides Qt's list, see `screen.Screen`
        """Return what can be done here."""
        return people_actions.people_actions(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc empties the search."""
        if event.key() == Qt.Key.Key_Escape and self.search.text():
            self.search.clear()
        else:
            super().keyPressEvent(event)

    def want_report(self) -> None:
        """Ask for the report of all that is held about the current person."""
        if self.current is not None:
            self.report_wanted.emit(self.current.id)

    # --- people and roles --------------------------------------------------------------------------------------------

    def open_form(self, form: StaffForm) -> None:
        """Open one of the strips and close the others; whoever opens it fills it in."""
        for each in self.forms:
            each.setVisible(each is form)
        self.message.say("")

    def begin(self) -> None:
        """Begin a new member of staff."""
        if self.paper.is_full:
            return
        self.open_form(self.person_form)
        self.person_form.begin(None)

    def mend(self) -> None:
        """Open the current person to be mended."""
        if self.current is not None:
            self.open_form(self.person_form)
            self.person_form.begin(self.current)

    def begin_role(self) -> None:
        """Begin a role of the current person."""
        if self.current is not None and self.staff is not None:
            self.open_form(self.role_form)
            self.role_form.begin(self.current, self.staff.classes, self.staff.today)

    def end_role(self) -> None:
        """Ask for the last day of the role that the cursor is at."""
        row, role = self.current, self.sheet.role
        if row is None or role is None or self.staff is None or not self.gives_roles:
            return
        self.open_form(self.end_form)
        self.end_form.begin(row, role, self.staff.today)

    def begin_leaving(self) -> None:
        """Ask for the last day of everything that the current person does here."""
        if self.current is None or self.staff is None:
            return
        if self.current.own:
            self.message.say(self.tr("Себя не увольняют: это сделает другой администратор."), "danger")
            return
        self.open_form(self.end_form)
        self.end_form.begin(self.current, None, self.staff.today)

    def _ask_second(self, row: StaffRow, seconds: Sequence[StaffRow]) -> None:
        self.open_form(self.second_form)
        self.second_form.begin(row, seconds)

    def give_codes(self) -> None:
        """Give codes to everybody who works here and has no way in; those that are in sight come first."""
        if not self.paper.is_full:
            self.ways.give_codes()

    def _write_person(self, person_id: str, fields: dict[str, Any]) -> None:
        told = self.tr("Записано. Ctrl+Z — отменить.")
        if person_id:
            done = self.deeds.do(lambda: deeds_of_staff.change_person(self._journal, person_id, **fields), told)
        else:
            done = self.deeds.do(lambda: deeds_of_staff.add_person(self._journal, **fields), told)
        if done:
            self._finish(self.person_form)
            self._find_again(person_id, fields)

    def _find_again(self, person_id: str, fields: dict[str, Any]) -> None:
        """Put the cursor at whom was just entered."""
        if person_id or self.staff is None:
            return
        self.search.clear()
        self.filter.setCurrentIndex(0)
        named = [at for at, row in enumerate(self.lines.rows)
                 if all(getattr(row.person, name) == value for name, value in fields.items())]  # fmt: skip
        if named:
            self.table.setCurrentIndex(self.lines.index(named[-1], 0))

    def _write_role(self, role: Any, group: str, since: Any, until: Any) -> None:
        row = self.current
        if row is not None and self.deeds.do(
            lambda: deeds_of_staff.give_role(self._journal, row.id, role, since, until, group),
            self.tr("Роль дана. Ctrl+Z — отменить."),
        ):
            self._finish(self.role_form)

    def _write_end(self, day: Any, why: str) -> None:
        row, role, told = self.current, self.end_form.role, f"{day:%d.%m.%Y}"
        if row is None:
            return
        if role is not None:
            said = self.tr("Роль кончается {day}. Ctrl+Z — отменить.").format(day=told)
            done = self.deeds.do(lambda: deeds_of_staff.end_role(self._journal, role.id, day, why), said)
        else:
            said = self.tr("Роли и нагрузка кончаются {day}. Теперь закройте вход: Ctrl+Shift+L.").format(day=told)
            done = self.deeds.do(lambda: deeds_of_staff.leave(self._journal, row.id, day, why), said)
        if done:
            self._finish(self.end_form)

    def _finish(self, form: StaffForm) -> None:
        form.hide()
        self._to_the_list()

    def say(self, sentence: str, kind: Kind = "") -> None:
        """Say it in the strip that is open, else below the list."""
        form = next((form for form in self.forms if form.isVisible()), None)
        (form.note if form is not None else self.message).say(sentence, kind)

    # --- the paper ---------------------------------------------------------------------------------------------------

    def show_paper(self, handout: CodesHandout) -> None:
        """Show codes that were just given."""
        self.show_codes(codes_paper(handout))

    def show_codes(self, made: tuple[int, bytes]) -> None:
        """Show codes that were just given, as the paper that they are drawn on."""
        for form in self.forms:
            form.hide()
        self.message.say("")
        self.pages.setCurrentWidget(self.paper)
        self.paper.show_codes(*made)
        self._hint()
        self.ways.ask()

    def _put_paper_away(self) -> None:
        self.pages.setCurrentWidget(self.work)
        self.refresh()
        self._to_the_list()
        self._hint()
