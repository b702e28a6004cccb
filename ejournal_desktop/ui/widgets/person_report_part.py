"""Сведения о человеке: choose a pupil or a member of staff, see what is held about them, save it as a paper or JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ejournal_core.russian import text_key
from ejournal_desktop.models.commands.audit_log import tell_copied
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.person_choice import Whom, people_to_tell_of, tells_alone, who_confirms
from ejournal_desktop.models.queries.person_data import DataSection, PersonData, person_data
from ejournal_desktop.ui import errors, theme
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.jobs import Jobs
from ejournal_desktop.ui.person_report import PersonReports
from ejournal_desktop.ui.searching import first_found
from ejournal_desktop.ui.speaking import Speak
from ejournal_desktop.ui.whole_person import WholePerson
from ejournal_desktop.ui.widgets.layouts import MARGIN
from ejournal_desktop.ui.widgets.line_table import LineTable
from ejournal_desktop.ui.widgets.say import Kind, Line
from ejournal_desktop.ui.widgets.text_model import TextModel
from ejournal_desktop.ui.widgets.whole_person_form import WholePersonForm
from ejournal_desktop.ui.words import ENTRY, count, tr

COLUMNS = (("Ученики и сотрудники", "name", 400),)
SECTION_COLUMNS = (("Что хранится", "title", 300), ("Записей", "number", 80))
EARLIER = "Прежние значения и заявки"


class PersonReportPart(QFrame):
    """The list at the left; at the right what is held about whoever was opened by Enter."""

    troubled = Signal(object)
    hint_changed = Signal(str)

    def __init__(self, journal: Journal, jobs: Jobs, speak: Speak, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = self.tr("Сведения о человеке")
        self.setProperty("look", "paper")
        self.setAccessibleName(self.title)
        self.journal, self._jobs = journal, jobs
        self._people: Sequence[Whom] = ()
        self.found: PersonData | None = None
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Фамилия, класс или должность  Ctrl+F"))
        self.search.setAccessibleName(self.tr("Найти человека"))
        self.search.setClearButtonEnabled(True)
        self.model = TextModel(COLUMNS, lambda whom: (whom.name,), self)
        self.table = LineTable(COLUMNS, (), self)
        self.held = TextModel(SECTION_COLUMNS, lambda line: line, self, numbers={"number"})
        self.sections = LineTable(SECTION_COLUMNS, {"number"}, self)
        for table, model, name in ((self.table, self.model, self.tr("Люди")),
                                   (self.sections, self.held, self.tr("Что хранится о человеке"))):  # fmt: skip
            table.setSortingEnabled(False)
            table.setModel(model)
            table.setAccessibleName(name)
        self.name, self.about = QLabel(self), QLabel(self)
        self.save_button = QPushButton(self.tr("Сохранить справку…"), self)
        self.save_button.setToolTip("Ctrl+S")
        self.whole_button = QPushButton(self.tr("Собрать всё на сервере…"), self)
        self.whole_button.setToolTip("Ctrl+Enter")
        self.gathered = self.tr("Сервер собрал всё; на этом компьютере оно не хранится. Ctrl+S — сохранить справку.")
        self.form = WholePersonForm(self)
        self.message = Line(self, lines=2)
        self.whole = WholePerson(journal, jobs, speak, self._came_whole, self._failed_whole)
        self.reports = PersonReports(journal, jobs, self, self._say, self.troubled.emit)
        self._lay_out()
        self._wire()

    def _lay_out(self) -> None:
        self.name.setProperty("look", "title")
        self.about.setProperty("look", "secondary")
        for label in (self.name, self.about):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.about.setAlignment(Qt.AlignmentFlag.AlignTop)
        left, right = QVBoxLayout(), QVBoxLayout()
        for column in (left, right):
            column.setSpacing(2 * theme.UNIT)
        left.addWidget(self.search)
        left.addWidget(self.table, 1)
        head = QHBoxLayout()
        head.addWidget(self.name, 1)
        head.addWidget(self.whole_button)
        head.addWidget(self.save_button)
        right.addLayout(head)
        right.addWidget(self.about)
        right.addWidget(self.sections, 100)
        right.addStretch(1)  # what is said of a person who was not opened yet stands at the top
        row = QHBoxLayout()
        row.setSpacing(4 * theme.UNIT)
        row.addLayout(left, 9)
        row.addLayout(right, 11)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, 3 * theme.UNIT, MARGIN, theme.UNIT)
        column.setSpacing(2 * theme.UNIT)
        column.addWidget(self.form)
        column.addLayout(row, 1)
        column.addWidget(self.message)

    def _wire(self) -> None:
        self.search.textChanged.connect(lambda _typed: self._show_people())
        self.search.returnPressed.connect(self._focus_table)
        self.table.selectionModel().currentRowChanged.connect(lambda _now, _before: self._leave_person())
        self.table.opened.connect(lambda _row: self.look())
        for table in (self.table, self.sections):
            table.copied.connect(lambda number: tell_copied(self.journal, "person", number))
        self.save_button.clicked.connect(self.save)
        self.whole_button.clicked.connect(self.gather)
        self.form.wanted.connect(self._gather)
        self.form.left.connect(self._focus_table)
        self.form.turned.connect(self._hint)
        self.form.turned.connect(self._show_main)
        self._show_main()

    # --- reading -----------------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Read again and put the focus where a name is typed."""
        self.refresh()
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)
        self._hint()

    def _hint(self) -> None:
        if self.form.isVisible():
            self.hint_changed.emit(self.tr("Enter собрать   Esc назад"))
        else:
            self.hint_changed.emit(
                self.tr("Enter — что есть здесь   Ctrl+Enter всё с сервера   Ctrl+S сохранить справку   Ctrl+F найти")
            )

    def _show_main(self) -> None:
        """Let one button be the main one: that of the strip while it is open."""
        self.save_button.setProperty("look", "" if self.form.isVisible() else "main")
        self.save_button.style().polish(self.save_button)

    def refresh(self) -> None:
        """Read who there is; whoever is in front stays, but for what the server told before a lock."""
        if self.found is not None and self.found.number and self.whole.found is None:
            self.show_held(None)
        people = people_to_tell_of(self.journal)
        if people != self._people:
            self._people = people
            self._show_people()

    def open_person(self, person_id: str) -> None:
        """Put the cursor at a person, whatever was looked for before, and gather what this desk holds."""
        self.search.clear()
        self.refresh()
        at = next((row for row, whom in enumerate(self.model.rows) if whom.id == person_id), -1)
        if at >= 0:
            self.table.setCurrentIndex(self.model.index(at, 0))
            self._focus_table()
            self.look()

    def _show_people(self) -> None:
        before = self.current
        typed = self.search.text().strip()
        rows = list(first_found(typed, self._called) if typed else self._people)
        self.model.show_rows(rows)
        if rows:
            at = rows.index(before) if before in rows else 0
            self.table.setCurrentIndex(self.model.index(at, 0))
        if before is None or self.current != before:
            self.show_held(None)

    def _called(self, typed: str) -> list[Whom]:
        words = text_key(typed).split()
        return [each for each in self._people if all(word in text_key(each.name) for word in words)]

    @property
    def current(self) -> Whom | None:
        """Return the person that the cursor is at."""
        at = self.table.currentIndex().row()
        whom: Whom | None = self.model.rows[at] if 0 <= at < len(self.model.rows) else None
        return whom

    def look(self) -> None:
        """Gather what is held about the current person, and show how much of what there is."""
        whom = self.current
        if whom is not None:
            self._say(self.tr("Собираю сведения…"))
            self._jobs.run(lambda _report: person_data(self.journal, whom), title=self.title, quiet=True,
                           done=self._came, failed=self._failed)  # fmt: skip

    def _came(self, found: PersonData) -> None:
        if found.whom == self.current:
            self._say("")
            self.show_held(found)

    def _failed(self, error: BaseException) -> None:
        self._say("")
        self.troubled.emit(error)

    # --- all that the school holds -----------------------------------------------------------------------------------

    def gather(self) -> None:
        """Have the server tell all that the school holds of the current person: a director at once, others with one."""
        if self.current is None:
            return
        if tells_alone(self.journal):
            self._gather("", "")
        else:
            self.form.begin_for(self.current, who_confirms(self.journal))

    def _leave_person(self) -> None:
        """Let go of everything about the person of before: a password typed for one opens nothing about another."""
        types_there = any(each.hasFocus() for each in self.form.findChildren(QWidget))
        self.form.hide()
        if types_there:
            self._focus_table()
        self.show_held(None)

    def _gather(self, second: str, password: str) -> None:
        if self.current is not None:
            self._say(self.tr("Сервер собирает сведения…"))
            self.whole.ask(self.current, second, password)

    def _came_whole(self, found: PersonData) -> None:
        self.form.hide()
        if found.whom != self.current:
            self.whole.forget()
            return
        self.show_held(found)
        self._focus_table()
        self._say(self.gathered, "done")

    def _failed_whole(self, error: BaseException) -> None:
        say = self.form.note.say if self.form.isVisible() else self._say
        self._say("")
        wait = int(getattr(error, "retry_after", 0) or 0)
        more = self.tr(" Следующая попытка через {n} с.").format(n=wait) if wait else ""
        errors.tell(error, lambda text, kind: say(text + more, kind), self.troubled.emit)

    def close_part(self) -> None:
        """Forget what the server told."""
        self.whole.forget()
        self.show_held(None)

    # --- showing -----------------------------------------------------------------------------------------------------

    def show_held(self, found: PersonData | None) -> None:
        """Show what was found about the current person, None before anybody has looked."""
        whom, self.found = self.current, found
        if found is None or not found.number:
            self.whole.forget()
        self.name.setText(whom.name if whom is not None else self.tr("Никого не нашлось"))
        self.save_button.setEnabled(whom is not None)
        self.whole_button.setEnabled(whom is not None)
        self.sections.setVisible(found is not None)
        if found is None:
            self.about.setText(self.tr(
                "Справка — ответ человеку или родителю на вопрос, что о нём хранит школа: отметки, пропуски и причины, "
                "записи учителей, семья, документы, роли, входы. Enter — что есть на этом рабочем месте, Ctrl+Enter — "
                "всё, что хранит школа (вместе с завучем или директором), Ctrl+S — сохранить. "
                "Кто и о ком сделал справку, остаётся в журнале событий."
            ) if whom is not None else "")  # fmt: skip
            return
        earlier = [(tr(EARLIER), str(len(found.earlier)))] if found.earlier else []
        self.held.show_rows([*map(_line, found.sections), *earlier])
        self.about.setText(self._told(found))

    def _told(self, found: PersonData) -> str:
        n = count(found.records, ENTRY)
        if found.number:
            said = self.tr("Всё, что хранит школа, по записи № {number}: {n}.").format(number=found.number, n=n)
        else:
            said = self.tr("На этом рабочем месте: {n}.").format(n=n)
        if not found.not_held:
            return said
        return f"{said}\n{self.tr('Здесь не хранится')}: {'; '.join(found.not_held)}."

    # --- taking out --------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Ask where and save the report of the current person."""
        if self.current is not None:
            self.reports.ask(self.current, self.whole.found)

    def save_to(self, path: Path) -> None:
        """Save the report of the current person; the end of the name says as what."""
        if self.current is not None:
            self.reports.save_to(self.current, path, self.whole.found)

    def _say(self, sentence: str, kind: Kind = "") -> None:
        self.message.say(sentence, kind)

    def _focus_table(self) -> None:
        (self.table if self.model.rows else self.search).setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc empties the search and leads to it."""
        if event.key() == Qt.Key.Key_Escape and (self.search.text() or not self.search.hasFocus()):
            self.search.clear()
            self.search.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            super().keyPressEvent(event)

    def actions(self) -> list[Action]:  # type: ignore[override]  # hides Qt's list, see `screen.Screen`
        """Return what can be done here."""
        menu = self.tr("Справка о человеке")
        return [
            Action("person_report.find", self.tr("Найти человека"), ("Ctrl+F",), self.search.setFocus, menu),
            Action("person_report.look", self.tr("Посмотреть, что хранится"), (), self.look, menu, "Enter"),
            Action("person_report.whole", self.tr("Собрать всё на сервере школы"), ("Ctrl+Return",), self.gather, menu),
            Action("person_report.save", self.tr("Сохранить справку: PDF или JSON"), ("Ctrl+S",), self.save, menu),
        ]


def _line(section: DataSection) -> tuple[str, str]:
    return tr(section.title), str(len(section.lines))
