"""What a teacher writes about a pupil at a lesson: praise, a remark, an address to the family."""

from __future__ import annotations

from ejournal_core import ids
from ejournal_core.changes import Change
from ejournal_core.errors import Refusal
from ejournal_core.kinds import PupilRemark, RemarkKind
from ejournal_desktop.models import records
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.commands.lessons import ensure_lesson
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.write import Write


def write_remark(journal: Journal, lesson_id: str, pupil_id: str, kind: RemarkKind, text: str) -> ChangeSet:
    """Записать похвалу, замечание или обращение об ученике на уроке; что записано, уже не переписывают.

    Raises:
        Refusal: without words (EJ-279), or a rule says no; nothing was changed.
    """
    with journal.write() as write:
        _write(write, lesson_id, pupil_id, kind, text.strip())
    return write.changes


def take_back_remark(journal: Journal, remark_id: str) -> ChangeSet:
    """Снять запись об ученике; в истории она остаётся.

    Raises:
        Refusal: a rule says no; nothing was changed.
    """
    with journal.write() as write:
        write.edit(PupilRemark, remark_id, act="void", voided=True)
    return write.changes


def take_back_written(journal: Journal, written: Change) -> ChangeSet:
    """Отменить написанное: снимается и то, что с тех пор вернули на его место.

    Raises:
        Refusal: nothing of it stands any more (EJ-290), or a rule says no.
    """
    same = {name: str(written.set[name]) for name in ("lesson_id", "pupil_id", "remark_kind")}
    with journal.write() as write:
        standing = select_records(write.connection, PupilRemark, **same)
        found = [remark for remark in standing if remark.text == written.set.get("text")]
        if not found:
            raise Refusal("EJ-290", "Эту запись уже сняли: отменять нечего.")
        write.edit(PupilRemark, found[-1].id, act="void", voided=True)
    return write.changes


def bring_back_remark(journal: Journal, remark_id: str) -> ChangeSet:
    """Вернуть снятую запись: она пишется заново, теми же словами.

    Raises:
        Refusal: its words were destroyed by an act, or a rule says no; nothing was changed.
    """
    with journal.write() as write:
        was = records.read(write.connection, "PupilRemark", remark_id).fields
        if was is None:
            raise Refusal("EJ-279", "Этой записи здесь больше нет: напишите её заново.")
        kind: RemarkKind = was["remark_kind"]  # type: ignore[assignment]  # as the rules let it in
        _write(write, str(was["lesson_id"]), str(was["pupil_id"]), kind, str(was["text"]))
    return write.changes


def _write(write: Write, lesson_id: str, pupil_id: str, kind: RemarkKind, text: str) -> None:
    ensure_lesson(write, lesson_id)
    remark_id = ids.pupil_remark(lesson_id, write.new_id())
    write.edit(PupilRemark, remark_id, lesson_id=lesson_id, pupil_id=pupil_id, remark_kind=kind, text=text)
