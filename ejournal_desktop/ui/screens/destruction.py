"""Уничтожение сведений: acts that wait for a second person, acts carried out, pupils who have left.

A page of Контроль. Nothing here is done by one key: an act is filled in, and whoever confirms it types its number.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from ejournal_core.errors import EjournalError, Refusal, Trouble
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.audit_log import tell_event
from ejournal_desktop.models.commands.destruction import (
    confirm_destruction,
    order_destruction,
    withdraw_destruction,
)
from ejournal_desktop.models.queries.acts import ActRow, PupilToName
from ejournal_desktop.ui import errors, theme
from ejournal_desktop.ui.clauses import rule_words
from ejournal_desktop.ui.destruction_paper import act_pdf, file_name
from ejournal_desktop.ui.file_copies import save_copy
from ejournal_desktop.ui.save_as import ask_where
from ejournal_desktop.ui.widgets.act_form import ActForm, ConfirmAct, Order
from ejournal_desktop.ui.widgets.act_row import ActFace, LeaverFace
from ejournal_desktop.ui.widgets.layouts import MARGIN, scrolling, set_in
from ejournal_desktop.ui.widgets.row_list import RowList
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.words import count, tr

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Journal


class DestructionPage(QFrame):
    """Acts, then whose term is over and whose is not, the form at the foot. `left` comes on Esc with no form open."""

    left = Signal()
    troubled = Signal(object)
    hint_changed = Signal(str)

    def __init__(self, journal: Journal, clock: Callable[[], datetime], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "paper")
        self.setAccessibleName(self.tr("Уничтожение сведений по акту"))
        self._journal = journal
        self._clock = clock
        self.may_order = queries.may_order(journal)
        self.acts = RowList(ActFace(), self.tr("Акты об уничтожении"), self)
        self.due = RowList(LeaverFace(due=True), self.tr("Срок хранения вышел"), self)
        self.leavers = RowList(LeaverFace(due=False), self.tr("Выбывшие ученики: срок идёт"), self)
        self.form, self.confirmation = ActForm(self), ConfirmAct(self)
        self._about, self._note, self._term = QLabel(self), QLabel(self), QLabel(self)
        self._titles = {name: QLabel(self) for name in ("acts", "due", "leavers")}
        self._message = Line(self)
        self._lay_out()
        self._wire()

    def _lay_out(self) -> None:
        page = QFrame(self)
        page.setProperty("look", "paper")
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 3 * theme.UNIT, 0, MARGIN)
        column.setSpacing(0)
        title = QLabel(self.tr("Уничтожение сведений по акту"), page)
        self._about.setText(self.tr(
            "По акту уничтожают записанное об ученике и его семье: причины пропусков и документы о них, телефоны и "
            "согласия, похвалу и замечания, медицинскую группу. Отметки и темы хранят весь срок журнала. Вносит акт "
            "администратор, подтверждает завуч или директор: один человек не может уничтожить ничего."
        ))  # fmt: skip
        for label, look in ((title, "title"), (self._about, "secondary"), (self._note, "secondary"),
                            *((label, "title") for label in self._titles.values()),
                            (self._term, "secondary")):  # fmt: skip
            label.setProperty("look", look)
            label.setWordWrap(True)
            label.setMargin(0)
        for part in (title, self._about, self._note):
            column.addLayout(set_in(part, theme.UNIT, theme.UNIT))
        for name, heading in self._titles.items():
            if name == "due":
                column.addLayout(set_in(self._term, theme.UNIT, theme.UNIT))
            column.addLayout(set_in(heading, theme.UNIT, theme.UNIT))
            column.addWidget(getattr(self, name))
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(scrolling(page, self), 1)
        outer.addLayout(set_in(self._message, theme.UNIT, theme.UNIT))
        for form in (self.form, self.confirmation):
            outer.addWidget(form)

    def _wire(self) -> None:
        self.acts.typed.connect(lambda sign: self.confirm() if sign in ("+", "=") else None)
        self.acts.opened.connect(lambda _row: self.confirm())
        self.acts.put_away.connect(lambda _row: self.withdraw())
        self.due.opened.connect(lambda _row: self.order())
        self.leavers.opened.connect(self._too_early)
        self.form.wanted.connect(self._order)
        self.confirmation.confirmed.connect(self._confirm)
        for form in (self.form, self.confirmation):
            form.left.connect(self._focus_first)
            form.turned.connect(self._hint)

    # --- reading -----------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read acts and pupils again."""
        self.may_order = queries.may_order(self._journal)
        acts = queries.acts_shown(self._journal)
        gone, today = queries.leavers(self._journal) if self.may_order else (), self._clock().date()
        due = tuple(each for each in gone if each.is_due(today))
        kept = tuple(each for each in gone if not each.is_due(today))
        self.acts.show_rows(acts)
        self.due.show_rows(due, key="pupil_id")
        self.leavers.show_rows(kept, key="pupil_id")
        self._titles["acts"].setText(self.tr("Акты {n}").format(n=len(acts)))
        self._titles["due"].setText(self.tr("Срок хранения вышел {n}").format(n=len(due)))
        self._titles["leavers"].setText(self.tr("Выбыли, срок хранения идёт {n}").format(n=len(kept)))
        self._term.setText(self._term_words())
        for name, rows in (("acts", acts), ("due", due), ("leavers", kept)):
            getattr(self, name).setVisible(bool(rows))
            self._titles[name].setVisible(bool(rows))
        self._term.setVisible(bool(gone))
        self._note.setText(self._empty())
        self._note.setVisible(not acts)

    def _term_words(self) -> str:
        """Return how long the journals are kept, counted from when, by which rule of the school."""
        policy = self._journal.policy()
        years, rule = policy.retention.journal_years, rule_words(policy, "P27")
        if years is None:
            return self.tr("Сколько лет хранить журналы, школа числом не назвала ({rule}): смотрите номенклатуру дел. "
                           "Уничтожать ли, решает школа.").format(rule=rule)  # fmt: skip
        return self.tr(
            "Журналы хранят {years} с 1 января после года выбытия ({rule}). Уничтожать ли, когда срок вышел, решает "
            "школа."
        ).format(years=count(years, ("год", "года", "лет")), rule=rule)

    def _empty(self) -> str:
        if self.may_order:
            return self.tr("Актов ещё не было. Ctrl+N — внести акт, когда на руках есть подписанная бумага.")
        return self.tr("Актов ещё не было. Когда администратор внесёт акт, он появится здесь и будет ждать вас.")

    def enter(self) -> None:
        """Read and put the focus on what waits."""
        self.refresh()
        self._message.say("")
        self._focus_first()

    def _hint(self) -> None:
        """Say the keys of what is in front; behind another page nothing is said."""
        if not self.isVisible():
            return
        if self.form.isVisible() or self.confirmation.isVisible():
            deed = self.tr("Enter подтвердить") if self.confirmation.isVisible() else self.tr("Enter внести акт")
            self.hint_changed.emit(f"{deed}   {self.tr('Esc назад')}")
            return
        keys = [self.tr("Ctrl+N внести акт")] if self.may_order else []
        keys.append(self.tr("Esc к заявкам и спорам"))
        self.hint_changed.emit("   ".join(keys))

    def _focus_first(self) -> None:
        self._hint()
        next((rows for rows in (self.acts, self.due, self.leavers) if rows.count()), self).setFocus()

    # --- doing -------------------------------------------------------------------------------------------------------

    def order(self) -> None:
        """Open the form of an act; the pupil at whom the focus is stands in it."""
        if not self.may_order:
            self._message.say(self.tr("Акт вносит администратор. Вы его подтверждаете."))
            return
        self.confirmation.hide()
        chosen = self.due.current if self.due.hasFocus() else None
        self.form.offer(queries.pupils_to_name(self._journal), self._clock().date(), chosen)

    def _too_early(self, row: PupilToName) -> None:
        until = tr("Срок хранения идёт до {day}").format(day=f"{row.kept_until:%d.%m.%Y}") if row.kept_until else tr(
            "Срок хранения — по номенклатуре дел")  # fmt: skip
        self._message.say(
            self.tr(
                "{until}: раньше уничтожают только по требованию — отозвано согласие, решил суд. "
                "Тогда Ctrl+N, и основание — в акт. Ничего не изменено."
            ).format(until=until)
        )

    def _order(self, order: Order) -> None:
        said = self.tr("Акт № {number} внесён. Он ждёт завуча или директора; до этого ничего не исчезнет.")
        if self._done(lambda: order_destruction(
            self._journal, order.target_kind, pupil_id=order.pupil_id, act_number=order.act_number,
            act_date=order.act_date, basis=order.basis,
        ), self.form):  # fmt: skip
            self.form.close_form()
            self._settled(said.format(number=order.act_number))

    def confirm(self) -> None:
        """Open the confirmation of the current act, or say why this person has none to give."""
        row: ActRow | None = self.acts.current
        if row is None:
            return
        if row.may_confirm:
            self.form.hide()
            self.confirmation.offer(row)
        else:
            self._message.say(self._why_not(row))

    def _why_not(self, row: ActRow) -> str:
        if row.state == "done":
            return self.tr("Акт исполнен: содержание уничтожено, записи о том, кто и когда его вносил, остались.")
        if row.state == "sent":
            return self.tr("Акт подтверждён. Содержание исчезнет, когда сервер примет подтверждение.")
        return self.tr("Акт подтверждает завуч или директор — не тот, кто его внёс.")

    def _confirm(self, act_id: str) -> None:
        if self._done(lambda: confirm_destruction(self._journal, act_id), self.confirmation):
            self.confirmation.hide()
            self._settled(self.tr("Акт подтверждён. Содержание исчезнет, когда сервер примет подтверждение."))

    def withdraw(self) -> None:
        """Take one's own act back while nobody has confirmed it."""
        row: ActRow | None = self.acts.current
        if row is None:
            return
        if row.may_withdraw:
            if self._done(lambda: withdraw_destruction(self._journal, row.id), None):
                self._settled(self.tr("Акт отозван: ничего не уничтожено."))
        else:
            self._message.say(self.tr("Отозвать акт может тот, кто его внёс, и пока его никто не подтвердил."))

    # --- the paper ---------------------------------------------------------------------------------------------------

    def save_act(self) -> None:
        """Ask where and save the current act on paper, with what the log says of it."""
        row: ActRow | None = self.acts.current
        if row is None:
            self._message.say(self.tr("Актов ещё не было: сохранять нечего."))
            return
        offered = self.tr("Акт об уничтожении {number}").format(number=file_name(row.act.act_number))
        path = ask_where(self, self.tr("Сохранить акт с выпиской"), offered, {".pdf": self.tr("Документ PDF/A")})
        if path is not None:
            self.save_act_to(row, path)

    def save_act_to(self, row: ActRow, path: Path) -> None:
        """Save an act on paper."""
        try:
            save_copy(act_pdf(self._journal, row), path)
        except Trouble as error:
            self._message.say(errors.explain(error).text, "danger")
        except EjournalError as error:
            self.troubled.emit(error)
        else:
            tell_event(self._journal, "exported", subject_kind="Destruction", subject=row.id,
                       detail="data-destruction-act")  # fmt: skip
            self._message.say(self.tr("Сохранено: {name}").format(name=path.name), "done")

    def _done(self, deed: Callable[[], object], form: ActForm | ConfirmAct | None) -> bool:
        try:
            deed()
        except Refusal as refusal:
            if form is None:
                self._message.say(refusal.sentence, "danger")
            else:
                form.refuse(refusal.sentence)
        except EjournalError as error:
            self.troubled.emit(error)
        else:
            return True
        return False

    def _settled(self, said: str) -> None:
        self.refresh()
        self._focus_first()
        self._message.say(said, "done")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc steps back."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
