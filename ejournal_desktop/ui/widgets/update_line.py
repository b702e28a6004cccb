"""The quiet line about a newer program: which version, what is new in it, install it when leaving, or later."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.layouts import MARGIN, in_a_row
from ejournal_desktop.ui.widgets.say import Line


@dataclass(frozen=True)
class NewProgram:
    """How a newer program stands for the person at this PC.

    Attributes:
        version: of the program that lies ready, "" for none.
        news: what its publisher says is new in it.
        chosen: it will be installed when the person leaves.
        trouble: one sentence on why what is offered cannot be used, "" for nothing.
        proving: its package is being read once more before the system takes it.
    """

    version: str = ""
    news: str = ""
    chosen: bool = False
    trouble: str = ""
    proving: bool = False


class UpdateLine(QWidget):
    """Shows a `NewProgram`; hidden while there is nothing to say.

    Args:
        at_work: somebody is signed in, so installing waits until that person leaves.
    """

    install_wanted = Signal(bool)  # False: not any more
    put_off = Signal()

    def __init__(self, parent: QWidget | None = None, *, at_work: bool) -> None:
        super().__init__(parent)
        self._at_work = at_work
        self._standing = NewProgram()
        self._line = Line(self)
        self._news = QLabel(self)
        self._news.setWordWrap(True)
        self._news.setTextFormat(Qt.TextFormat.PlainText)  # whatever stands there, it is words and no links
        self._news.setProperty("look", "secondary")
        self._news.setContentsMargins(MARGIN, 0, 0, 0)
        self.install_button = QPushButton(self)
        self.install_button.clicked.connect(lambda: self.install_wanted.emit(not self._standing.chosen))
        self.news_button = QPushButton(self.tr("Что нового"), self)
        self.news_button.setCheckable(True)
        self.news_button.toggled.connect(self._unfold)
        self.later_button = QPushButton(self.tr("Позже"), self)
        self.later_button.clicked.connect(self.put_off)
        self._lay_out()
        self.show_standing(NewProgram())

    def _lay_out(self) -> None:
        buttons = in_a_row(self.install_button, self.news_button, self.later_button, gap=2 * theme.UNIT)
        buttons.setContentsMargins(MARGIN, 0, 0, 0)
        for button in (self.news_button, self.later_button):
            button.setProperty("look", "quiet")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 2 * theme.UNIT)
        column.setSpacing(theme.UNIT)
        column.addWidget(self._line)
        column.addWidget(self._news)
        column.addLayout(buttons)

    @property
    def text(self) -> str:
        """Return the sentence shown."""
        return self._line.text

    @property
    def news(self) -> str:
        """Return what is said to be new, "" while it is folded away."""
        return "" if self._news.isHidden() else self._news.text()

    def show_standing(self, standing: NewProgram) -> None:
        """Show how a newer program stands."""
        self._standing = standing
        self._line.say(self._words(standing), "hollow" if standing.trouble else "full")
        self._news.setText(standing.news)
        self.news_button.setVisible(bool(standing.version and standing.news))
        self.news_button.setChecked(self.news_button.isChecked() and not self.news_button.isHidden())
        self._news.setVisible(self.news_button.isChecked())
        self.install_button.setText(self._button_words(standing))
        self.install_button.setVisible(bool(standing.version) and not standing.proving)
        self.later_button.setVisible(bool(standing.version) and not (standing.chosen or standing.proving))
        self.setAccessibleName(self.text)
        self.setVisible(bool(self.text))

    def _unfold(self, unfolded: bool) -> None:
        self._news.setVisible(unfolded)
        self.news_button.setText(self.tr("Скрыть новое") if unfolded else self.tr("Что нового"))

    def _words(self, standing: NewProgram) -> str:
        if standing.trouble or not standing.version:
            return standing.trouble
        if standing.proving:
            told = self.tr("Проверяю версию {version} ещё раз: сейчас её откроет установщик системы.")
        elif standing.chosen:
            told = self.tr("Версия {version} установится, когда вы закончите и выйдете. Журнал останется как есть.")
        else:
            told = self.tr("Готова версия программы {version}. Подписи издателя и школы проверены.")
        return told.format(version=standing.version)

    def _button_words(self, standing: NewProgram) -> str:
        if standing.chosen:
            return self.tr("Не устанавливать")
        return self.tr("Установить, когда выйду") if self._at_work else self.tr("Установить сейчас")
