"""The page of a round of copies: where it stands, what to do, the fields of an unknown drive, one main button."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.layouts import MARGIN, caption, in_a_row
from ejournal_desktop.ui.widgets.round_steps import RoundSteps
from ejournal_desktop.ui.widgets.round_words import STEP_OF, Page, Standing, page_words, step_words
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.words import tr

WIDTH = 180 * theme.UNIT
#: Of a drive that is not registered: what is asked for, what stands in the empty field, longest text.
FIELDS = {
    "label": ("Надпись на носителе", "например, Синяя", 60),
    "holder": ("Хранитель", "должность, фамилия и инициалы", 120),
    "room": ("Где хранится", "помещение, сейф или шкаф", 120),
}


class RoundPage(QFrame):
    """Shows a page; what its buttons do is wired by whoever goes through the round."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "paper")
        self.setAccessibleName(tr("Копии на носители, по шагам"))
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.step, self.title, self.text, self.doing = (QLabel(self) for _ in range(4))
        for label, look in ((self.step, "secondary"), (self.title, "large"), (self.doing, "secondary")):
            label.setProperty("look", look)
        for label in (self.title, self.text):
            label.setWordWrap(True)
        self.steps = RoundSteps(self)
        self.message = Line(self, lines=2)
        self.form = QWidget(self)
        self.fields = {name: QLineEdit(self.form) for name in FIELDS}
        self.main, self.act, self.back = QPushButton(self), QPushButton(self), QPushButton(self)
        self.main.setProperty("look", "main")
        self.act.setText(tr("Передать носитель по акту"))
        self._lay_out_form()
        self._lay_out()

    def _lay_out_form(self) -> None:
        grid = QGridLayout(self.form)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(3 * theme.UNIT)
        grid.setVerticalSpacing(theme.UNIT)
        for row, (name, (words, empty, longest)) in enumerate(FIELDS.items()):
            field = self.fields[name]
            field.setPlaceholderText(tr(empty))
            field.setMaxLength(longest)
            grid.addWidget(caption(tr(words), field, self.form), row, 0)
            grid.addWidget(field, row, 1)

    def _lay_out(self) -> None:
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * theme.UNIT)
        for part in (self.step, self.steps, self.title, self.text, self.form, self.doing):
            column.addWidget(part)
        column.addSpacing(theme.UNIT)
        column.addLayout(in_a_row(self.main, self.act, self.back))
        column.addWidget(self.message)
        column.addStretch(1)
        held = QWidget(self)
        held.setMaximumWidth(WIDTH)
        held.setLayout(column)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(MARGIN, 4 * theme.UNIT, MARGIN, MARGIN)
        outer.addWidget(held, 1)
        outer.addStretch(0)

    def show_page(self, page: Page, standing: Standing) -> None:
        """Show a page of a round that stands so."""
        words = page_words(page, standing)
        self.step.setText(step_words(page, standing))
        self.steps.show_step(STEP_OF[page])
        for part in (self.step, self.steps, self.back):
            part.setVisible(page != "done")
        self.title.setText(words.title)
        self.text.setText(words.text)
        self.doing.setVisible(page == "busy")
        self.form.setVisible(page == "unknown")
        self.main.setText(words.deed)
        self.main.setVisible(bool(words.deed))
        self.act.setVisible(page == "done")
        self.back.setText(tr("Остановить") if page == "busy" else tr("Выйти"))

    def fill_in(self, known: Sequence[str]) -> None:
        """Offer label, holder and room of the drive that is in."""
        for field, text in zip(self.fields.values(), known, strict=True):
            field.setText(text)
        self.fields["label"].selectAll()

    def put_focus(self, page: Page) -> None:
        """Put the focus where work goes on; while there is nothing to do, Enter must not stop or leave."""
        target: QWidget = self
        if page == "unknown":
            target = self.fields["label"]
        elif self.main.text():
            target = self.main
        target.setFocus(Qt.FocusReason.OtherFocusReason)
