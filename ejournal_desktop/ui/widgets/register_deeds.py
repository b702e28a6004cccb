"""What the class teacher does to the register and to reasons, one after the other, with the way back."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal

from ejournal_core.errors import EjournalError, Refusal
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.commands import register
from ejournal_desktop.models.commands.register import AbsenceDraft
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.class_attendance import MissedLesson, PupilDay, RegisterEntry
from ejournal_desktop.models.queries.own_writes import register_steps
from ejournal_desktop.models.queries.reconciliation import Discrepancy
from ejournal_desktop.ui.clauses import with_clause
from ejournal_desktop.ui.deeds import Deeds


def draft_of(row: RegisterEntry, **other: object) -> AbsenceDraft:
    """Return an entry as a draft, with some of it changed."""
    entry = row.entry
    values: dict[str, object] = {
        "pupil_id": entry.pupil_id, "reason": entry.reason, "since": entry.since, "until": entry.until,
        "first_lesson": entry.first_lesson, "last_lesson": entry.last_lesson, "number": row.number,
        "told_by": row.told_by,
    }  # fmt: skip
    return AbsenceDraft(**(values | other))  # type: ignore[arg-type]  # the names of its own fields


class RegisterDeeds(QObject):
    """Each deed is one step to be taken back.

    Signals:
        said: a sentence and its kind ("done", "danger") after every deed.
        written: something changed: read again.
    """

    said = Signal(str, str)
    written = Signal()
    troubled = Signal(object)

    def __init__(self, journal: Journal, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._journal = journal
        self._deeds = Deeds(journal, say=self.said.emit, troubled=self.troubled.emit, written=self.written.emit)
        self.undo, self.redo = self._deeds.undo, self._deeds.redo

    def open_class(self, class_group_id: str) -> None:
        """Go over to the steps of another class."""
        self._deeds.go_over(partial(register_steps, self._journal, class_group_id))

    def write(self, class_group_id: str, entry_id: str, draft: AbsenceDraft) -> str:
        """Enter or mend an entry; return why it was not written, "" when it was."""
        try:
            done = (register.change_absence(self._journal, entry_id, draft) if entry_id
                    else register.register_absence(self._journal, class_group_id, draft))  # fmt: skip
        except Refusal as refusal:
            return with_clause(refusal, self._journal.policy())
        except EjournalError as error:
            self.troubled.emit(error)
            return self.tr("Не записано; написанное осталось в строке.")
        self._deeds.remember(done)
        self.written.emit()
        return ""

    def remove(self, row: RegisterEntry) -> None:
        """Take an entry out of the register."""
        self._deeds.do(lambda: register.remove_absence(self._journal, row.entry.id),
                 self.tr("Запись убрана: {name}. Ctrl+Z — вернуть.").format(name=row.name))  # fmt: skip

    def give_up_day(self, row: RegisterEntry, cell: PupilDay) -> None:
        """Take one day out of an entry."""
        told = self.tr("Реестр об этом дне больше не говорит: {name}. Ctrl+Z — вернуть.").format(name=row.name)
        self._deeds.do(lambda: register.release(self._journal, row.entry.id, cell.day), told)

    def code(self, name: str, cell: PupilDay, entry: RegisterEntry | None, code: str, class_group_id: str) -> None:
        """Give a pupil's day a code: change the entry, explain the absences, or make an entry of the day."""
        known = self._journal.policy().absence_code(code)
        if known is None or known.late:
            return
        told = f"{name}: {known.title}"
        unexplained = tuple(each for each in cell.marked if each.presence == "absent")
        if entry is not None and entry.entry.since == entry.entry.until:
            self._deeds.do(
                lambda: register.change_absence(self._journal, entry.entry.id, draft_of(entry, reason=code)), told
            )
        elif entry is not None:
            self._deeds.do(lambda: register.recode_day(self._journal, entry.entry.id, cell.day, code), told)
        elif unexplained:
            self._deeds.do(lambda: self._explain(unexplained, code), told)
        else:
            draft = AbsenceDraft(pupil_id=cell.pupil_id, reason=code, since=cell.day, until=cell.day)
            self._deeds.do(lambda: register.register_absence(self._journal, class_group_id, draft), told)

    def settle(self, row: Discrepancy, sign: str) -> None:
        """Take a side: "1" the register, "2" the lessons; a letter is the reason that nobody gave."""
        if row.clash == "unexplained":
            known = self._journal.policy().absence_code(sign)
            if known is not None and not known.late:
                self._deeds.do(lambda: self._explain(row.marked, sign), f"{row.name}: {known.title}")
        elif sign == "1":
            self._take_register(row)
        elif sign == "2":
            self._take_lessons(row)

    def _take_register(self, row: Discrepancy) -> None:
        if row.clash == "code":
            self._deeds.do(lambda: self._explain(row.marked, row.code), self.tr("Причина на уроках — как в реестре."))
        elif row.mine:
            lessons = tuple(place.lesson_id for place in row.lessons)
            self._deeds.do(lambda: register.mark_away(self._journal, lessons, row.pupil_id),
                     self.tr("Отмечено отсутствие: {name}.").format(name=row.name))  # fmt: skip
        else:
            told = self.tr("Присутствие отмечает учитель ({who}): в его уроке уже стоит «Не сходится». Здесь ничего не "
                           "изменено.")  # fmt: skip
            self.said.emit(told.format(who=", ".join(row.teachers) or "—"), "")

    def _take_lessons(self, row: Discrepancy) -> None:
        if row.clash == "code":
            self._deeds.do(lambda: register.recode_day(self._journal, row.entry_id, row.day, row.lesson_code),
                     self.tr("Код в реестре — как на уроках."))  # fmt: skip
            return
        lessons = () if row.whole_day else tuple(place.number for place in row.lessons)
        self._deeds.do(lambda: register.release(self._journal, row.entry_id, row.day, lessons),
                 self.tr("Реестр уступил: {name} на этих уроках присутствует.").format(name=row.name))  # fmt: skip

    def _explain(self, marked: tuple[MissedLesson, ...], code: str) -> ChangeSet:
        away = tuple((each.record_id, each.lesson.lesson_id) for each in marked)
        return register.explain_absences(self._journal, away, code)
