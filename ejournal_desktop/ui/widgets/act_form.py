"""The two forms of destruction: an act to be entered, and the confirmation that cannot be undone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import QCompleter, QDateEdit, QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from ejournal_core.destruction import LONGEST_BASIS
from ejournal_desktop.models.queries.acts import MATTERS, ActRow, PupilToName
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.searching import first_found
from ejournal_desktop.ui.widgets.act_row import act_title
from ejournal_desktop.ui.widgets.controls import Chooser
from ejournal_desktop.ui.widgets.layouts import MARGIN, caption
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.widgets.strip_form import StripForm
from ejournal_desktop.ui.words import tr

LONGEST_NUMBER = 40
#: What an act may be about when it names a pupil; a file is named by its record, which only its own screen knows.
OF_A_PUPIL = ("AbsenceDocument", "RegisteredAbsence", "Attendance", "Guardian", "PupilRemark", "SpecialGroup",
               "DataReport")  # fmt: skip


@dataclass(frozen=True)
class Order:
    """An act as it was filled in."""

    target_kind: str
    pupil_id: str
    act_number: str
    act_date: date
    basis: str


class _Names(QCompleter):
    """Offers the names that hold what was typed in either layout."""

    def __init__(self, names: Sequence[str], parent: QLineEdit) -> None:
        super().__init__(list(names), parent)
        self._names = names
        self.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setFilterMode(Qt.MatchFlag.MatchContains)

    def splitPath(self, typed: str) -> list[str]:
        """Return what is looked for: what was typed, or the same keys in the Russian layout."""
        found = first_found(typed, lambda text: [text for name in self._names if text.lower() in name.lower()][:1])
        return list(found) or [typed]


class ActForm(StripForm):
    """What goes, whose, and the paper that says so. Enter enters the act, Esc steps back and keeps what was typed."""

    wanted = Signal(object)  # Order

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Акт об уничтожении"), parent)
        self._pupils: dict[str, str] = {}
        self.matter = Chooser(self)
        for kind in OF_A_PUPIL:
            self.matter.addItem(tr(MATTERS[kind]), kind)
        self.pupil, self.number, self.basis = QLineEdit(self), QLineEdit(self), QLineEdit(self)
        self.day = QDateEdit(self)
        self.note = Line(self)
        self._dress()
        self._lay_out()
        self.hide()

    def _dress(self) -> None:
        self.pupil.setPlaceholderText(self.tr("Фамилия: выберите из списка"))
        self.number.setMaxLength(LONGEST_NUMBER)
        self.basis.setMaxLength(LONGEST_BASIS)
        self.basis.setPlaceholderText(self.tr("Заявление, приказ, закон — ссылкой, без самих сведений: акт увидят все"))
        self.day.setDisplayFormat("dd.MM.yyyy")
        self.day.setCalendarPopup(True)
        for line in (self.pupil, self.number, self.basis):
            line.returnPressed.connect(self._order)

    def _lay_out(self) -> None:
        title = QLabel(self.tr("Внести акт"), self)
        title.setProperty("look", "title")
        grid = QGridLayout()
        grid.setHorizontalSpacing(3 * theme.UNIT)
        grid.setVerticalSpacing(theme.UNIT)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        named = (("Что уничтожить", self.matter, 0, 0), ("Чьё", self.pupil, 0, 2), ("Номер акта", self.number, 1, 0),
                 ("Дата акта", self.day, 1, 2), ("Основание", self.basis, 2, 0))  # fmt: skip
        for name, field, row, column in named:
            grid.addWidget(caption(tr(name), field, self), row, column)
            grid.addWidget(field, row, column + 1, 1, 3 if field is self.basis else 1)
        column_ = QVBoxLayout(self)
        column_.setContentsMargins(MARGIN, 2 * theme.UNIT, MARGIN, 2 * theme.UNIT)
        for part in (title, self.note):
            column_.addWidget(part)
        column_.insertLayout(1, grid)

    def offer(self, pupils: Sequence[PupilToName], today: date, chosen: PupilToName | None = None) -> None:
        """Open; with a pupil chosen it begins at the number of the act."""
        names = Counter(each.name for each in pupils)  # of two who cannot be told apart neither is offered
        self._pupils = {each.name: each.pupil_id for each in pupils if names[each.name] == 1}
        completer = _Names(list(self._pupils), self.pupil)
        self.pupil.setCompleter(completer)
        if chosen is not None:
            self.pupil.setText(chosen.name)
        if not self.number.text():
            self.day.setDate(QDate(today.year, today.month, today.day))
        self.note.say(self.tr("Enter — внести. До подтверждения другим человеком ничего не исчезнет. Esc — назад."))
        self.show()
        (self.number if chosen is not None else self.matter).setFocus(Qt.FocusReason.OtherFocusReason)

    def refuse(self, sentence: str) -> None:
        """Say why it cannot be entered; what was typed stays."""
        self.note.say(sentence, "danger")

    def close_form(self) -> None:
        """Close after the act was entered."""
        for line in (self.pupil, self.number, self.basis):
            line.clear()
        self.hide()

    def _order(self) -> None:
        pupil = self._pupils.get(self.pupil.text().strip(), "")
        day = self.day.date()
        if not pupil:
            self.refuse(self.tr("Выберите ученика из списка: акт должен назвать, чьи сведения уничтожить."))
            self.pupil.setFocus()
            return
        self.wanted.emit(Order(self.matter.currentData(), pupil, self.number.text().strip(),
                               date(day.year(), day.month(), day.day()), self.basis.text().strip()))  # fmt: skip


class ConfirmAct(StripForm):
    """What goes for ever and what stays; the number of the act is typed, so that no single key destroys anything."""

    confirmed = Signal(str)  # id of the act

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Подтвердить акт"), parent)
        self._row: ActRow | None = None
        self.told = QLabel(self)
        self.told.setWordWrap(True)
        self.number = QLineEdit(self)
        self.number.setAccessibleName(self.tr("Номер акта, чтобы подтвердить"))
        self.number.setPlaceholderText(self.tr("Наберите номер акта и нажмите Enter. Esc — не подтверждать"))
        self.number.returnPressed.connect(self._confirm)
        self.note = Line(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, 2 * theme.UNIT, MARGIN, 2 * theme.UNIT)
        for part in (self.told, self.number, self.note):
            column.addWidget(part)
        self.hide()

    def offer(self, row: ActRow) -> None:
        """Open for an act."""
        self._row = row
        self.told.setText(f"{act_title(row)}.\n\n{consequences(row)}")
        self.number.clear()
        self.note.say("")
        self.show()
        self.number.setFocus(Qt.FocusReason.OtherFocusReason)

    def refuse(self, sentence: str) -> None:
        """Say why it was not done."""
        self.note.say(sentence, "danger")

    def _confirm(self) -> None:
        assert self._row is not None
        if self.number.text().strip() == self._row.act.act_number:
            self.confirmed.emit(self._row.id)
        else:
            self.refuse(self.tr("Номер не совпал: ничего не уничтожено. Наберите номер акта, как он написан выше."))


def consequences(row: ActRow) -> str:
    """Return what an act does when it is carried out: what goes, what stays provable, where copies are left."""
    kept = row.act.backup_upto
    copies = (
        tr("Резервные копии до {generation} хранят содержание, пока их не заменят новые.").format(generation=kept)
        if kept
        else tr("Резервные копии, сделанные раньше, хранят содержание, пока их не заменят новые.")
    )
    return " ".join((
        tr("Содержание исчезнет на сервере и на всех компьютерах школы, вернуть его будет нельзя."),
        tr("Останется, кто, когда и под каким номером это вносил: журнал по-прежнему доказуем."),
        copies,
    ))  # fmt: skip
