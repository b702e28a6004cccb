"""Ask for exactly what a rule has just refused: the value is known, only the reason is missing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct

from ejournal_core import ids
from ejournal_core.errors import Refusal
from ejournal_core.kinds import Fields, Lesson, MarkColumn, PeriodKind, Presence
from ejournal_desktop.models import blobs
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.commands.files import Content, is_not_there_yet
from ejournal_desktop.models.commands.lessons import ensure_lesson, lesson_identity
from ejournal_desktop.models.commands.mark_columns import LONGEST_TITLE
from ejournal_desktop.models.commands.marks import column_identity, ensure_column, usual_column
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.write import Write

#: Refusals at the key press that another person may lift: a closed period, an edit window that has passed.
ASKABLE = frozenset({"EJ-228", "EJ-229"})


class Wanted(Struct, frozen=True, kw_only=True):
    """A value that a person wants to stand: kind and id of the record, all its fields, and the lesson it hangs on.

    Of a file also its bytes: they are kept with the request, and go to the server once it is approved.
    """

    kind: str
    record_id: str
    fields: Fields
    lesson_id: str = ""
    column_id: str = ""
    content: bytes = b""


def wanted_mark(
    journal: Journal, lesson_id: str, mark_column_id: str | None, pupil_id: str, value: str | None
) -> Wanted:
    """Return what `put_mark` would have entered."""
    column = mark_column_id or _usual_column(journal, lesson_id)
    fields: Fields = {"mark_column_id": column, "pupil_id": pupil_id, "value": value}
    record = ids.mark(column, pupil_id)
    return Wanted(kind="Mark", record_id=record, fields=fields, lesson_id=lesson_id, column_id=column)


def _usual_column(journal: Journal, lesson_id: str) -> str:
    with journal.reading() as connection:
        return usual_column(connection, lesson_id)


def wanted_column(mark_column_id: str, title: str, weight: Decimal | None) -> Wanted:
    """Return what `describe_column` would have entered."""
    fields = _plain({"title": title.strip()[:LONGEST_TITLE], "weight": weight})
    return Wanted(kind="MarkColumn", record_id=mark_column_id, fields=fields)


def wanted_period_mark(
    page_id: str, pupil_id: str, kind: PeriodKind, number: int, value: str | None, justification: str = ""
) -> Wanted:
    """Return what `put_period_mark` would have entered; with it its reason, where one was typed."""
    fields: Fields = {"journal_page_id": page_id, "pupil_id": pupil_id, "period_kind": kind, "period_number": number,
                      "value": value, **({"justification": justification} if justification else {})}  # fmt: skip
    return Wanted(kind="PeriodMark", record_id=ids.period_mark(page_id, pupil_id, kind, number), fields=fields)


def wanted_presence(lesson_id: str, pupil_id: str, presence: Presence, late_minutes: int | None = None) -> Wanted:
    """Return what `set_presence` would have entered."""
    fields: Fields = {"lesson_id": lesson_id, "pupil_id": pupil_id, "presence": presence,
                      "late_minutes": late_minutes if presence == "late" else None}  # fmt: skip
    record = ids.attendance(lesson_id, pupil_id)
    return Wanted(kind="Attendance", record_id=record, fields=fields, lesson_id=lesson_id)


def wanted_lesson(lesson_id: str, **fields: Any) -> Wanted:
    """Return what `set_topic`, `set_homework` or `hold_lesson` would have entered."""
    return Wanted(kind="Lesson", record_id=lesson_id, fields=fields)


def wanted_file(journal: Journal, lesson_id: str, file: Content) -> Wanted:
    """Return what `attach_content` would have entered; its bytes are brought here, which takes a while."""
    sha256 = hashlib.sha256(file.data).hexdigest()
    fields: Fields = {"lesson_id": lesson_id, "title": file.title, "size": len(file.data), "sha256": sha256,
                      "media_type": file.media_type}  # fmt: skip
    with blobs.laid_ready(journal, sha256, file.data):
        record = ids.homework_file(lesson_id, ids.new_id())
    return Wanted(kind="HomeworkFile", record_id=record, fields=fields, lesson_id=lesson_id, content=file.data)


def ask_for(journal: Journal, wanted: Wanted, why: str) -> ChangeSet:
    """Подать заявку на то, что только что не приняли.

    Where a closed period lacks the lesson or the column that the value stands in, that is asked for instead: nothing
    can hang on what is not there yet.

    Raises:
        Refusal: as `ask_correction`; nothing was changed.
    """
    with journal.write() as write:
        if not _asks_for_its_place(write, wanted, why):
            born = wanted.kind == "Lesson" and not write.exists(Lesson, wanted.record_id)
            fields = {**(_plain(lesson_identity(wanted.record_id)) if born else {}), **wanted.fields}
            write.put(wanted.kind, wanted.record_id, fields, act="request", why=why.strip())
            if wanted.content:
                sha256 = str(wanted.fields["sha256"])
                is_not_there_yet(write, wanted.lesson_id, sha256)
                blobs.keep(write.connection, sha256, wanted.content, blobs.moment(journal))
    return write.changes


def _asks_for_its_place(write: Write, wanted: Wanted, why: str) -> bool:
    """Make lesson and column where that is allowed; say whether one of them had to be asked for."""
    lesson, column = wanted.lesson_id, wanted.column_id
    if lesson and _had_to_ask(write, lambda: ensure_lesson(write, lesson), "Lesson", lesson, lesson_identity, why):
        return True
    return bool(column) and not write.exists(MarkColumn, column) and _had_to_ask(
        write, lambda: ensure_column(write, column), "MarkColumn", column, column_identity, why
    )  # fmt: skip


def _had_to_ask(
    write: Write, make: Callable[[], None], kind: str, record: str, identity: Callable[[str], dict[str, Any]], why: str
) -> bool:
    try:
        make()
    except Refusal as refusal:
        if refusal.code not in ASKABLE:
            raise
        write.put(kind, record, _plain(identity(record)), act="request", why=why.strip())
        return True
    return False


def _plain(fields: dict[str, Any]) -> Fields:
    plain: Fields = msgspec.to_builtins(fields)
    return plain
