"""Документы: choose a class and a paper, build it in the background, look at its pages, sign, save, print."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ejournal_core import ids
from ejournal_core.errors import Refusal
from ejournal_core.kinds import PeriodKind
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.audit_log import tell_event
from ejournal_desktop.ui import printing, theme
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.file_copies import FileNotSaved, save_copy
from ejournal_desktop.ui.jobs import Jobs, Report
from ejournal_desktop.ui.papers import FORMS, PERIODS, Form, Paper, Sign, build_paper, own_place, register_paper
from ejournal_desktop.ui.save_as import ask_where
from ejournal_desktop.ui.screens.today import local_now
from ejournal_desktop.ui.widgets.controls import Chooser
from ejournal_desktop.ui.widgets.layouts import caption
from ejournal_desktop.ui.widgets.paper_view import PaperView
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.words import count

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Journal

COLUMN = 84 * theme.UNIT
LEAF, PAGE = ("лист", "листа", "листов"), ("страница", "страницы", "страниц")


class DocumentsScreen(QWidget):
    """What to build at the left, the pages at the right."""

    troubled = Signal(object)
    hint_changed = Signal(str)

    def __init__(
        self,
        journal: Journal,
        jobs: Jobs,
        sign: Sign | None = None,
        clock: Callable[[], datetime] = local_now,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._journal = journal
        self._jobs = jobs
        self._sign = sign
        self._clock = clock
        self.paper: Paper | None = None
        self.setAccessibleName(self.tr("Документы"))
        self.form, self.group, self.period = Chooser(self), Chooser(self), Chooser(self)
        self.number = QLineEdit(self)
        self.build_button = self._button(self.tr("Построить"), self.build, main=True)
        self.sign_button = self._button(self.tr("Подписать"), self.sign)
        self.save_button = self._button(self.tr("Сохранить как…"), self.save_as)
        self.print_button = self._button(self.tr("Печать…"), self.print_paper)
        self.message = Line(self, lines=3)
        self.view = PaperView(jobs, self)
        self._place = QLabel(self)
        self._place.setProperty("look", "secondary")
        self._empty = QLabel(self.tr("Здесь появятся страницы документа."), self)
        self._empty.setProperty("look", "secondary")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._lay_out()
        self.form.currentIndexChanged.connect(self._show_fields)
        self.group.currentIndexChanged.connect(self._read_periods)
        self.view.turned.connect(self._say_page)
        for form, title in FORMS.items():
            self.form.addItem(self.tr(title), form)
        self._show_paper(None)

    def _button(self, text: str, run: Callable[[], None], *, main: bool = False) -> QPushButton:
        button = QPushButton(text, self)
        button.clicked.connect(run)
        if main:
            button.setProperty("look", "main")
        return button

    def _lay_out(self) -> None:
        fields = QFormLayout()
        fields.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        fields.setVerticalSpacing(theme.UNIT)
        self._fields = fields
        for title, field in (
            (self.tr("Документ"), self.form),
            (self.tr("Класс"), self.group),
            (self.tr("За какой период"), self.period),
            (self.tr("Номер по журналу регистрации"), self.number),
        ):
            fields.addRow(caption(title, field, self), field)
        left = QFrame(self)
        left.setFixedWidth(COLUMN)
        column = QVBoxLayout(left)
        column.setContentsMargins(*[4 * theme.UNIT] * 4)
        column.setSpacing(2 * theme.UNIT)
        column.addLayout(fields)
        column.addSpacing(theme.UNIT)
        for part in (self.build_button, self.message, self.sign_button, self.save_button, self.print_button):
            column.addWidget(part)
        column.addStretch(1)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, theme.UNIT)
        right.addWidget(self._empty, 1)
        right.addWidget(self.view, 1)
        right.addWidget(self._place, 0, Qt.AlignmentFlag.AlignHCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(left)
        row.addLayout(right, 1)

    # --- choosing ----------------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Read which classes there are and put the focus on the first choice."""
        pages = queries.journal_pages(self._journal)
        groups = {page.class_group_id: page.class_title for page in pages}
        known = [self.group.itemData(n) for n in range(self.group.count())]
        if known != list(groups):
            self.group.clear()
            for group_id, title in groups.items():
                self.group.addItem(title, group_id)
        self.build_button.setEnabled(bool(groups))
        if not groups:
            self.message.say(self.tr("Документы строятся по классам, журналы которых вам видны. Пока таких нет."))
        self.form.setFocus()

    def _show_fields(self) -> None:
        self._fields.setRowVisible(self.period, self._form == "summary-sheet")

    def _read_periods(self) -> None:
        group = self.group.currentData()
        if group is None:
            return
        titles = [t for t in queries.summary_sheet(self._journal, group).period_titles if t in PERIODS]
        self.period.clear()
        for title in titles:
            self.period.addItem(title, PERIODS[title])
        self.period.addItem(self.tr("Весь учебный год"), ("year", 1))

    @property
    def _form(self) -> Form:
        form: Form = self.form.currentData() or "summary-sheet"
        return form

    # --- building ----------------------------------------------------------------------------------------------------

    def build(self) -> None:
        """Build the chosen paper in the background."""
        form, group = self._form, self.group.currentData()
        if group is None:
            return
        period: tuple[PeriodKind, int] | None = self.period.currentData() if form == "summary-sheet" else None
        document_id, number = ids.new_id(), self.number.text().strip()
        title = f"{self.tr(FORMS[form])}, {self.group.currentText()}"
        title += f", {self.period.currentText()}" if period else ""

        def work(report: Report) -> Paper:
            built = build_paper(self._journal, form, group, period, document_id, number, report)
            return Paper(form, document_id, title, group, period, built, built.pdf)

        self._busy(self.tr("Строю документ…"))
        job = self._jobs.run(work, title=title, done=self._show_paper, failed=self._fail)
        job.cancelled.connect(lambda: self._free(self.tr("Остановлено: документ не построен.")))

    def _show_paper(self, paper: Paper | None) -> None:
        self.paper = paper
        there = paper is not None
        for button in (self.sign_button, self.save_button, self.print_button):
            button.setVisible(there)
        self.sign_button.setVisible(there and self._sign is not None)
        self._empty.setVisible(not there)
        self.view.setVisible(there)
        self._place.setVisible(there)
        if paper is not None:
            self.view.show_pdf(paper.pdf)
            self._free(self._about(paper))
            self.view.setFocus()

    def _about(self, paper: Paper) -> str:
        size = f"{count(paper.built.pages, PAGE)}, {count(paper.built.leaves, LEAF)}."
        signed = self.tr("Подписей: {n}.").format(n=paper.signatures) if paper.signatures else self.tr("Не подписан.")
        digits = paper.built.data_sha256[:16]
        code = " ".join(digits[at : at + 4] for at in range(0, 16, 4))
        return f"{size} {signed}\n{self.tr('Код данных {code}…').format(code=code)}"

    def _busy(self, sentence: str) -> None:
        self.message.say(sentence)
        for button in (self.build_button, self.sign_button):
            button.setEnabled(False)
        self.view.setFocus() if self.view.isVisible() else self.form.setFocus()

    def _free(self, sentence: str) -> None:
        self.message.say(sentence)
        for button in (self.build_button, self.sign_button):
            button.setEnabled(True)

    def _fail(self, error: BaseException) -> None:
        if isinstance(error, Refusal):
            self._free("")
            self.message.say(error.sentence, "danger")
            return
        self._free(self.tr("Не получилось."))
        self.troubled.emit(error)

    # --- signing, saving, printing -----------------------------------------------------------------------------------

    def sign(self) -> None:
        """Add this person's signature at her own place and enter the paper in the register of issued documents."""
        paper, sign = self.paper, self._sign
        if paper is None or sign is None:
            return

        def work(_report: Report) -> Paper:
            signed = sign(paper.pdf, paper.title, own_place(self._journal, paper))
            register_paper(self._journal, paper, signed, self._clock())
            done = (paper.form, paper.document_id, paper.title, paper.class_group_id, paper.period, paper.built)
            return Paper(*done, signed, paper.signatures + 1)

        self._busy(self.tr("Подписываю…"))
        self._jobs.run(work, title=self.tr("Подпись"), done=self._show_paper, failed=self._fail)

    def save_as(self) -> None:
        """Ask where and save the PDF as it is now."""
        if self.paper is None:
            return
        kinds = {".pdf": self.tr("Документ PDF")}
        path = ask_where(self, self.tr("Сохранить документ"), self.paper.title, kinds)
        if path is not None:
            self.save_to(path)

    def save_to(self, path: Path) -> None:
        """Write the PDF."""
        if self.paper is None:
            return
        try:
            save_copy(self.paper.pdf, path)
        except FileNotSaved:
            self.message.say(
                self.tr("Файл сюда не записался: нет места или прав. Документ цел на экране; выберите другую папку."),
                "danger",
            )
            return
        self._tell("exported")
        self.message.say(self.tr("Сохранено: {name}").format(name=path.name), "done")

    def _tell(self, event: str) -> None:
        """Tell the log of events that the paper in front left the program."""
        if self.paper is not None:
            tell_event(self._journal, event, subject_kind="ClassGroup", subject=self.paper.class_group_id,
                       detail=self.paper.form)  # fmt: skip

    def print_paper(self) -> None:
        """Ask for the printer and print in the background."""
        if self.paper is not None and printing.ask_and_print(self.paper.pdf, self._jobs, self):
            self._tell("printed")

    def _say_page(self, page: int, pages: int) -> None:
        self._place.setText(self.tr("страница {page} из {pages}").format(page=page, pages=pages) if pages else "")

    def actions(self) -> list[Action]:  # type: ignore[override]  # hides Qt's list, see `screen.Screen`
        """Return what can be done here."""
        menu, leaf = self.tr("Документ"), self.tr("Страницы")
        done = [Action("documents.build", self.tr("Построить"), ("Ctrl+Return",), self.build, menu)]
        if self._sign is not None:
            done.append(Action("documents.sign", self.tr("Подписать"), ("Ctrl+Shift+S",), self.sign, menu))
        return [
            *done,
            Action("documents.save", self.tr("Сохранить как…"), ("Ctrl+S",), self.save_as, menu),
            Action("documents.print", self.tr("Печать…"), ("Ctrl+P",), self.print_paper, menu),
            Action("documents.pages", self.tr("К страницам"), ("Ctrl+R",), self.view.setFocus, leaf),
            Action("documents.next", self.tr("Следующая страница"), ("PgDown",), lambda: self.view.turn(1), leaf),
            Action("documents.back", self.tr("Предыдущая страница"), ("PgUp",), lambda: self.view.turn(-1), leaf),
        ]
