"""The forms of the register of drives: a drive's label and place, handing it over, and when it is used no more."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ejournal_core import key_sheet
from ejournal_core.kinds import DriveStanding
from ejournal_desktop.models.queries.drives import BackupState, DriveRow
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.controls import Chooser
from ejournal_desktop.ui.widgets.drive_row import generation_day
from ejournal_desktop.ui.widgets.layouts import MARGIN, in_a_row
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.widgets.strip_form import StripForm
from ejournal_desktop.ui.words import tr

ASKED = 2  # groups of the sheet: enough to see that it can be read, too few to open anything
OUTCOMES: tuple[tuple[DriveStanding, str], ...] = (
    ("lost", "потерян"),
    ("broken", "сломан, копии с него не читаются"),
    ("destroyed", "уничтожен по акту"),
    ("used", "снова в работе"),
)


class FieldsForm(StripForm):
    """A title, named one-line fields in two columns, one sentence; Enter does it, Esc steps back.

    Args:
        title: of the form.
        fields: name of the attribute, what it is called, what stands in it while it is empty, longest text.
        deed: what the button is called.
        before: a field of another kind that stands first, with what it is called.
    """

    wanted = Signal()

    def __init__(
        self,
        title: str,
        fields: Sequence[tuple[str, str, str, int]],
        deed: str,
        parent: QWidget | None = None,
        *,
        before: tuple[str, QWidget] | None = None,
    ) -> None:
        super().__init__(title, parent)
        self.title, self.note = QLabel(title, self), Line(self)
        self.title.setProperty("look", "title")
        self.button = QPushButton(deed, self)
        self.button.setProperty("look", "main")
        self.button.clicked.connect(self.wanted)
        first = [before] if before is not None else []
        for words, field in first:
            field.setParent(self)  # before the others, so that Tab goes in the order that is seen
            field.setAccessibleName(words)
        self.fields = {name: self._field(words, empty, longest) for name, words, empty, longest in fields}
        self._lay_out([*first, *((words, self.fields[name]) for name, words, _, _ in fields)])
        self.hide()

    def _field(self, words: str, empty: str, longest: int) -> QLineEdit:
        field = QLineEdit(self)
        field.setMaxLength(longest)
        field.setPlaceholderText(empty)
        field.setAccessibleName(words)
        field.returnPressed.connect(self.wanted)
        return field

    def _lay_out(self, named: Sequence[tuple[str, QWidget]]) -> None:
        self.grid = QGridLayout()
        self.grid.setHorizontalSpacing(3 * theme.UNIT)
        self.grid.setVerticalSpacing(theme.UNIT)
        for column in (1, 3):
            self.grid.setColumnStretch(column, 1)
        for number, (words, field) in enumerate(named):
            self._add_field(words, field, number)
        QWidget.setTabOrder(named[-1][1], self.button)
        page = QVBoxLayout(self)
        page.setContentsMargins(MARGIN, 2 * theme.UNIT, MARGIN, 2 * theme.UNIT)
        page.setSpacing(theme.UNIT)
        page.addWidget(self.title)
        page.addLayout(self.grid)
        page.addLayout(in_a_row(self.button))
        page.addWidget(self.note)

    def _add_field(self, words: str, field: QWidget, place: int) -> None:
        """Put a field with its name at a place, two in a row."""
        label = QLabel(words, self)
        label.setProperty("look", "secondary")
        label.setBuddy(field)
        self.grid.addWidget(label, place // 2, 2 * (place % 2))
        self.grid.addWidget(field, place // 2, 2 * (place % 2) + 1)

    def text(self, name: str) -> str:
        """Return what was typed in a field."""
        return self.fields[name].text().strip()

    def begin(self, note: str, first: str, **values: str) -> None:
        """Open with values at a field."""
        for name, value in values.items():
            self.fields[name].setText(value)
        self.note.say(note)
        self.show()
        self.fields[first].setFocus(Qt.FocusReason.OtherFocusReason)

    def refuse(self, sentence: str) -> None:
        """Say why it was not written; what was typed stays."""
        self.note.say(sentence, "danger")

    def finish(self) -> None:
        """Close after it was written."""
        for field in self.fields.values():
            field.clear()
        self.hide()


class DriveForm(FieldsForm):
    """Label, holder, room and number of a drive."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Запись о носителе"),
            (
                ("label", tr("Надпись на нём"), tr("например, Синяя"), 60),
                ("holder", tr("Хранитель"), tr("должность, фамилия и инициалы"), 120),
                ("room", tr("Где хранится"), tr("помещение, сейф или шкаф"), 120),
                ("serial", tr("Заводской номер"), tr("с корпуса, если есть"), 60),
            ),
            tr("Записать"),
            parent,
        )

    def show_drive(self, row: DriveRow) -> None:
        """Open for a drive of the register."""
        self.begin(
            tr("Enter — записать, Esc — назад. Меняется хранитель? Передайте носитель по акту: Ctrl+K."), "label",
            label=row.label, holder=row.holder, room=row.room, serial=row.serial,
        )  # fmt: skip


class CustodyForm(FieldsForm):
    """Who hands the drive over, who takes it and where to; then the act is printed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Передать носитель по акту"),
            (
                ("gives", tr("Передаёт"), tr("должность, фамилия имя отчество"), 200),
                ("takes", tr("Принимает"), tr("должность, фамилия имя отчество"), 200),
                ("room", tr("Где будет храниться"), tr("помещение, сейф или шкаф"), 120),
                ("reason", tr("Причина"), tr("на хранение, смена ответственного"), 300),
                ("number", tr("Номер акта"), tr("по журналу школы"), 40),
            ),
            tr("Записать и напечатать акт"),
            parent,
        )

    def show_drive(self, row: DriveRow, gives: str) -> None:
        """Open for a drive of the register."""
        self.title.setText(tr("Передать носитель «{label}» по акту").format(label=row.label))
        self.begin(
            tr("Enter — записать и напечатать, Esc — назад. Пустое впишут в акт от руки."), "takes",
            gives=gives, takes=row.holder, room=row.room, reason=tr("на хранение"),
        )  # fmt: skip


class PutAwayForm(FieldsForm):
    """What became of a drive that is used no more."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.outcome = Chooser()
        for standing, words in OUTCOMES:
            self.outcome.addItem(tr(words), standing)
        super().__init__(
            tr("Списать носитель"),
            (
                ("reason", tr("Причина"), tr("срок истёк, не читается, потерян при переезде"), 300),
                ("number", tr("Номер акта"), tr("по журналу школы"), 40),
            ),
            tr("Записать"),
            parent,
            before=(tr("Что с ним"), self.outcome),
        )
        self.outcome.entered.connect(self.wanted)

    def show_drive(self, row: DriveRow) -> None:
        """Open for a drive of the register."""
        self.title.setText(tr("Списать носитель «{label}»").format(label=row.label))
        self.begin(
            tr("Копии на потерянном носителе зашифрованы. Об уничтоженном печатается акт. Esc — назад."), "reason"
        )
        self.outcome.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def standing(self) -> DriveStanding:
        """Return what became of the drive."""
        chosen: DriveStanding = self.outcome.currentData()
        return chosen


class FormerForm(FieldsForm):
    """The act of destroying a drive's copies that a former recovery key opens."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Уничтожить копии прежнего ключа"),
            (
                ("reason", tr("Причина"), tr("сменён ключ восстановления"), 300),
                ("number", tr("Номер акта"), tr("по журналу школы"), 40),
            ),
            tr("Уничтожить и напечатать акт"),
            parent,
        )

    def show_drive(self, row: DriveRow) -> None:
        """Open for a drive of the register."""
        self.title.setText(tr("Уничтожить на «{label}» копии прежнего ключа").format(label=row.label))
        self.begin(
            tr("Копия от {day}, проверенная под новым ключом, останется. Носитель должен быть вставлен. Esc — назад.")
            .format(day=generation_day(row.generation)),
            "reason", reason=tr("сменён ключ восстановления"),
        )  # fmt: skip


class SheetForm(FieldsForm):
    """Is the recovery sheet of the safe the right one, and can it be read: never the whole key on this computer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Проверить лист восстановления"),
            (
                ("fingerprint", tr("Отпечаток"), tr("шестнадцать знаков, на листе под ключом"), 40),
                ("first", tr("Группа"), tr("шесть знаков, дефис и знак"), 12),
                ("second", tr("Группа"), tr("шесть знаков, дефис и знак"), 12),
            ),
            tr("Сверить"),
            parent,
        )
        self._names = [self.grid.itemAtPosition(0, 2), self.grid.itemAtPosition(1, 0)]
        self.asked: tuple[int, ...] = ()
        self.sheet = ""

    def show_sheet(self, state: BackupState) -> None:
        """Open: ask for the fingerprint and two groups, other ones each time."""
        self.asked, self.sheet = key_sheet.some_numbers(ASKED), state.sheet
        for item, number, field in zip(self._names, self.asked, ("first", "second"), strict=True):
            told = tr("Группа {n}").format(n=number)
            label = item.widget() if item is not None else None
            if isinstance(label, QLabel):
                label.setText(told)
            self.fields[field].setAccessibleName(told)
        for field in self.fields:
            self.fields[field].clear()
        self.begin(
            tr("Возьмите лист из сейфа. Весь ключ здесь не набирают: по двум группам видно, что он читается."),
            "fingerprint",
        )  # fmt: skip

    def objection(self) -> str:
        """Return what does not fit, "" where the sheet is the right one and can be read."""
        if _plain(self.text("fingerprint")) != _plain(self.sheet):
            return tr(
                "Отпечаток не тот: это лист другого ключа или опечатка. Копии и журнал целы. Наберите ещё раз; если "
                "лист другой, сделайте новый ключ и новые копии."
            )
        wrong = [
            number
            for number, field in zip(self.asked, ("first", "second"), strict=True)
            if key_sheet.read_group(self.text(field), number) is None
        ]
        if wrong:
            return tr("Группа {n} так не читается. Ничего не записано. Проверьте каждый знак.").format(n=wrong[0])
        return ""


def _plain(text: str) -> str:
    return "".join(text.upper().translate(str.maketrans("АВСЕО", "ABCE0")).split())
