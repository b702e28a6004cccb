"""Резервные копии: how they stand, the register of drives with its acts, the recovery sheet, the round of copies."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QStackedWidget, QVBoxLayout, QWidget

from ejournal_core.errors import EjournalError, Refusal
from ejournal_desktop.backup import rounds
from ejournal_desktop.backup.this_system import this_system
from ejournal_desktop.backup.volumes import Volumes
from ejournal_desktop.models.commands.audit_log import tell_event
from ejournal_desktop.models.commands.drives import keep_drive, put_away_drive, record_custody, record_sheet
from ejournal_desktop.models.queries.drives import BackupState, DriveRow, backup_state
from ejournal_desktop.ui import backup_papers, theme
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.widgets.backup_front import BackupFront
from ejournal_desktop.ui.widgets.backup_wizard import BackupWizard
from ejournal_desktop.ui.widgets.drive_checkup import DriveCheckup
from ejournal_desktop.ui.widgets.drive_forms import CustodyForm, DriveForm, FieldsForm, PutAwayForm, SheetForm
from ejournal_desktop.ui.widgets.former_copies import FormerCopies
from ejournal_desktop.ui.widgets.layouts import scrolling, set_in
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.words import mid_sentence

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Clock, Journal
    from ejournal_desktop.ui.jobs import Jobs
    from ejournal_desktop.ui.speaking import Speak


class BackupPart(QFrame):
    """The front, and the round in its place while it goes on.

    Args:
        volumes: who says what is plugged in; None asks the system that the program runs on.
        print_paper: asks for a printer and prints a PDF; None does it by the system's dialog.
    """

    troubled = Signal(object)
    hint_changed = Signal(str)

    def __init__(
        self, journal: Journal, jobs: Jobs, speak: Speak, clock: Clock, parent: QWidget | None = None, *,
        volumes: Volumes | None = None, print_paper: Callable[[bytes], object] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.title = self.tr("Резервные копии")
        self.setProperty("look", "paper")
        self.setAccessibleName(self.title)
        self._journal, self._jobs, self._clock = journal, jobs, clock
        self._print_paper = print_paper
        self.state: BackupState | None = None
        self.wizard = BackupWizard(journal, jobs, speak, volumes or this_system(), self)
        self.front = BackupFront(clock, self)
        self.drives = self.front.drives
        self.drive_form, self.custody, self.put_away = DriveForm(self), CustodyForm(self), PutAwayForm(self)
        self.sheet_form, self.former = SheetForm(self), FormerCopies(journal, jobs, self.wizard.volumes, self)
        self.checkup = DriveCheckup(journal, jobs, self)
        self._forms: tuple[FieldsForm, ...] = (
            self.drive_form, self.custody, self.put_away, self.sheet_form, self.former.form
        )  # fmt: skip
        self.message = Line(self)
        self._about = ""  # the drive that an open form is about
        self._lay_out()
        self._wire()

    def _lay_out(self) -> None:
        page = QFrame(self)
        below = QVBoxLayout(page)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(0)
        below.addWidget(scrolling(self.front, page), 1)
        below.addLayout(set_in(self.message, theme.UNIT, theme.UNIT))
        for form in self._forms:
            below.addWidget(form)
        self.pages = QStackedWidget(self)
        self.pages.addWidget(page)
        self.pages.addWidget(self.wizard)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.pages)

    def _wire(self) -> None:
        self.front.start.clicked.connect(self.begin)
        self.front.inspect.clicked.connect(self.check_drive)
        self.front.check.clicked.connect(self.check_sheet)
        self.drives.opened.connect(lambda _row: self.edit())
        self.wizard.left.connect(self._leave_wizard)
        self.wizard.custody_wanted.connect(self._hand_over_after)
        self.wizard.troubled.connect(self.troubled)
        self.wizard.turned.connect(lambda _page: self._hint_again())
        for form in self._forms:
            form.left.connect(self._focus)
            form.turned.connect(self._hint_again)
        self.drive_form.wanted.connect(self._keep)
        self.custody.wanted.connect(self._hand_over)
        self.put_away.wanted.connect(self._put_away)
        self.sheet_form.wanted.connect(self._checked)
        self.former.troubled.connect(self.troubled)
        self.former.printed.connect(self._print)
        self.former.said.connect(self._say_done)
        self.checkup.said.connect(self.message.say)
        self.checkup.troubled.connect(self.troubled)

    # --- reading -----------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read again; a form or a round that is open stays."""
        self.wizard.record()
        self.checkup.record()
        self.state = backup_state(self._journal)
        self.front.show_state(self.state, self._journal.policy(), self._clock(), rounds.last_here())

    def enter(self) -> None:
        """Read again and put the focus where work goes on."""
        self.refresh()
        if self.pages.currentWidget() is self.wizard:
            self.wizard.begin()
        else:
            self._focus()
        self._hint()

    def _focus(self) -> None:
        if self.drives.count():
            self.drives.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            (self.front.start if self.front.start.isVisibleTo(self) else self).setFocus(Qt.FocusReason.OtherFocusReason)

    def _hint(self) -> None:
        """Say the keys of what is in front."""
        keys = ""
        if self.pages.currentWidget() is self.wizard:
            keys = self.wizard.keys
        elif any(form.isVisible() for form in self._forms):
            open_form = next(form for form in self._forms if form.isVisible())
            keys = self.tr("Enter {deed}   Esc назад").format(deed=mid_sentence(open_form.button.text()))
        elif self.state is not None and self.state.keeps:
            keys = self.tr("Ctrl+N сделать копии   Ctrl+T проверить носитель")
            if self.state.drives:
                keys += self.tr("   Enter изменить запись   Ctrl+K передать по акту   Ctrl+U списать")
        self.hint_changed.emit(keys)

    def _hint_again(self) -> None:
        """Say the keys anew, unless another part is in front: a copy goes on meanwhile, and forms close behind."""
        if self.isVisible():
            self._hint()

    def actions(self) -> list[Action]:  # type: ignore[override]  # hides Qt's list, see `screen.Screen`
        """Return what can be done here."""
        if self.state is not None and not self.state.keeps:
            return []
        round_, drive = self.tr("Копии"), self.tr("Носитель")
        return [
            Action("backup.begin", self.tr("Сделать копии на носители"), ("Ctrl+N",), self.begin, round_),
            Action("backup.check", self.tr("Проверить носитель"), ("Ctrl+T",), self.check_drive, round_),
            Action("backup.sheet", self.tr("Проверить лист восстановления"), ("Ctrl+E",), self.check_sheet, round_),
            Action("backup.drive", self.tr("Изменить запись о носителе"), ("F2",), self.edit, drive),
            Action("backup.custody", self.tr("Передать носитель по акту"), ("Ctrl+K",), self.hand_over, drive),
            Action(
                "backup.former", self.tr("Уничтожить копии прежнего ключа"), ("Ctrl+D",), self.destroy_former, drive
            ),
            Action("backup.put_away", self.tr("Списать носитель"), ("Ctrl+U",), self.write_off, drive),
        ]

    # --- the round ---------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Begin a round of copies, or go on with one that was left."""
        self._close_forms()
        self.message.say("")
        self.pages.setCurrentWidget(self.wizard)
        self.wizard.begin()
        self._hint()

    def _leave_wizard(self) -> None:
        self.pages.setCurrentIndex(0)
        self.refresh()
        self._focus()
        self._hint()

    def _hand_over_after(self, card: str) -> None:
        self._leave_wizard()
        self._choose(card)
        self.hand_over()

    def close_part(self) -> None:
        """Stop what runs, before the journal is closed."""
        self.wizard.close_wizard()
        self.checkup.close_checkup()

    # --- the register ------------------------------------------------------------------------------------------------

    def _choose(self, card: str) -> None:
        for number, row in enumerate(self.drives.rows):
            if row.id == card:
                self.drives.setCurrentRow(number)

    def _drive(self) -> DriveRow | None:
        """Return the drive at which the person is, or say that there is none."""
        row: DriveRow | None = self.drives.current
        if row is None or self.pages.currentIndex():
            self.message.say(self.tr("Носителей в реестре ещё нет. Ctrl+N — сделать копии: программа внесёт их."))
            return None
        self._close_forms()
        self.message.say("")
        self._about = row.id
        return row

    def _close_forms(self) -> None:
        for form in self._forms:
            form.hide()

    def edit(self) -> None:
        """Open the form of the drive at which the person is."""
        if (row := self._drive()) is not None:
            self.drive_form.show_drive(row)

    def hand_over(self) -> None:
        """Open the form of handing that drive over."""
        if (row := self._drive()) is not None:
            self.custody.show_drive(row, self._journal.identity.person_name)

    def write_off(self) -> None:
        """Open the form that says what became of that drive."""
        if (row := self._drive()) is not None:
            self.put_away.show_drive(row)

    def destroy_former(self) -> None:
        """Open the form of destroying what a former recovery key opens on that drive."""
        row = self._drive()
        if row is None or self.state is None:
            return
        if row.former_key != "also" or row.standing != "used":
            self.message.say(self.tr("На этом носителе нет копий прежнего ключа рядом с проверенной новой."))
            return
        self.former.begin(row, self.state.sheet, self.state.former)

    def check_drive(self) -> None:
        """Read the drive that is plugged in and say what the newest copy on it is worth."""
        if self.state is None or self.pages.currentIndex():
            return
        self._close_forms()
        self.checkup.begin(self.drives.current, self.state, self.wizard.volumes)

    def _say_done(self, words: str) -> None:
        self.refresh()
        self._focus()
        self.message.say(words, "done")

    def check_sheet(self) -> None:
        """Open the check of the recovery sheet."""
        if self.state is None or not self.state.sheet or self.pages.currentIndex():
            self.message.say(self.tr("Проверять пока нечего: какой ключ действует, видно после первой копии."))
            return
        self._close_forms()
        self.sheet_form.show_sheet(self.state)

    def _row(self) -> DriveRow:
        return next(row for row in (self.state.drives if self.state else ()) if row.id == self._about)

    def _keep(self) -> None:
        form = self.drive_form
        self._done(form, self.tr("Записано."), lambda: keep_drive(
            self._journal, self._about, form.text("label"), holder=form.text("holder"), room=form.text("room"),
            serial=form.text("serial"),
        ))  # fmt: skip

    def _hand_over(self) -> None:
        form, row = self.custody, self._row()
        told = {name: form.text(name) for name in ("gives", "takes", "room", "reason", "number")}
        day = self._clock().date()
        if not (told["takes"] and told["room"]):
            form.refuse(self.tr("Напишите, кто принимает и где носитель будет храниться. Ничего не записано."))
            return
        said = self.tr("Передача «{label}» записана.").format(label=row.label)
        if self._done(form, said, lambda: record_custody(self._journal, row.id, **told)):
            self._paper(lambda: backup_papers.custody_pdf(self._journal, row, day, **told))

    def _put_away(self) -> None:
        form, row = self.put_away, self._row()
        standing, reason, number = form.standing, form.text("reason"), form.text("number")
        day = self._clock().date()
        deed = partial(put_away_drive, self._journal, row.id, standing, reason=reason, number=number)
        if self._done(form, self.tr("Записано: «{label}».").format(label=row.label), deed) and standing == "destroyed":
            self._paper(
                lambda: backup_papers.destruction_pdf(self._journal, row, day, reason=reason, number=number)
            )  # fmt: skip

    def _checked(self) -> None:
        form = self.sheet_form
        if objection := form.objection():
            form.refuse(objection)
            return
        said = self.tr("Лист на месте и читается. Верните его в сейф; следующая проверка через год.")
        self._done(form, said, lambda: record_sheet(self._journal, form.sheet))

    def _done(self, form: FieldsForm, said: str, deed: Callable[[], object]) -> bool:
        try:
            deed()
        except Refusal as refusal:
            form.refuse(refusal.sentence)
        except EjournalError as error:
            self.troubled.emit(error)
        else:
            form.finish()
            self.refresh()
            self._focus()
            self.message.say(said, "done")
            return True
        return False

    def _paper(self, build: Callable[[], bytes]) -> None:
        """Draw an act off the window's thread, then ask for a printer."""
        self._jobs.run(lambda _: build(), title=self.tr("Акт"), done=self._print, failed=self.troubled.emit)

    def _print(self, pdf: bytes) -> None:
        if self._print_paper is not None:
            self._print_paper(pdf)
            return
        from ejournal_desktop.ui.printing import ask_and_print  # the libraries of paper load with the first paper

        if ask_and_print(pdf, self._jobs, self):
            tell_event(self._journal, "printed", detail="carrier-act")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter on the front begins where nothing else is to be opened."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            for button in (self.front.start, self.front.inspect, self.front.check):
                if button.hasFocus():
                    button.click()
                    return
        super().keyPressEvent(event)
