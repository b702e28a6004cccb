"""What a person does with the files of a lesson: attach, take away, have one fetched, read it."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path
from typing import ClassVar

from msgspec import Struct

from ejournal_core import ids
from ejournal_core.blobs import BLOB_LIMIT, MEDIA_TYPES, named_file, tidy_title
from ejournal_core.errors import Refusal, Trouble
from ejournal_core.kinds import HomeworkFile
from ejournal_desktop.models import blobs, records
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.commands.lessons import ensure_lesson
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.write import Write

#: Beginnings of what a PC would run, whatever its name ends with.
_RUNS = (b"MZ", b"\x7fELF", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"#!")


class FileUnreadable(Trouble):
    """The file that a person chose cannot be read on this PC."""

    code: ClassVar[str] = "EJ-418"


class NotOnThisPc(Trouble):
    """The bytes of the file are not here yet, or not any more."""

    code: ClassVar[str] = "EJ-414"


class Content(Struct, frozen=True):
    """A file as it was read: its bytes, what it is called in the journal, of which kind it is."""

    data: bytes
    title: str
    media_type: str


def read_chosen(path: Path, title: str = "") -> Content:
    """Прочитать файл, который выбрал человек.

    Args:
        title: what it is called in the journal; "" takes the file's own name.

    Raises:
        Refusal: too large, or of a kind that is not attached.
        FileUnreadable: it cannot be read.
    """
    media_type = MEDIA_TYPES.get(path.suffix.lower())
    if media_type is None:
        raise Refusal("EJ-411", "Файлы этого вида к уроку не прикрепляют. Подойдут документ, PDF, картинка или архив.")
    return Content(_read(path), tidy_title(title or path.name), media_type)


def attach_file(journal: Journal, lesson_id: str, path: Path, title: str = "") -> ChangeSet:
    """Прикрепить файл к уроку: он сохраняется здесь и уходит на сервер после записей.

    Raises:
        Refusal, FileUnreadable: as `read_chosen`, or a rule says no; nothing was changed.
    """
    file = read_chosen(path, title)
    return attach_content(journal, lesson_id, file.data, file.title, file.media_type)


def attach_content(journal: Journal, lesson_id: str, data: bytes, title: str, media_type: str) -> ChangeSet:
    """Прикрепить к уроку содержимое, которое уже прочитано.

    Raises:
        Refusal: the same bytes are attached to this lesson already (EJ-434), or a rule says no; nothing was changed.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    with blobs.laid_ready(journal, sha256, data), journal.write() as write:
        is_not_there_yet(write, lesson_id, sha256)
        ensure_lesson(write, lesson_id)
        file_id = ids.homework_file(lesson_id, write.new_id())
        write.edit(HomeworkFile, file_id, lesson_id=lesson_id, title=title, size=len(data), sha256=sha256,
                   media_type=media_type)  # fmt: skip
        blobs.keep(write.connection, sha256, data, blobs.moment(journal))
    return write.changes


def is_not_there_yet(write: Write, lesson_id: str, sha256: str) -> None:
    """Refuse what a second press would attach twice; two desks that meet with the same file keep both records."""
    for file in select_records(write.connection, HomeworkFile, lesson_id=lesson_id):
        if file.sha256 == sha256:
            raise Refusal("EJ-434", f"Этот файл уже прикреплён к уроку: «{file.title}». Второй раз не нужно.")


def _read(path: Path) -> bytes:
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            raise FileUnreadable("not a file", kind=stat.S_IFMT(facts.st_mode))
        if facts.st_size > BLOB_LIMIT:
            raise _too_large()
        with path.open("rb") as source:
            data = source.read(BLOB_LIMIT + 1)
    except (OSError, ValueError) as error:  # ValueError: a name that no system has
        raise FileUnreadable(type(error).__name__) from None
    if len(data) > BLOB_LIMIT:  # it grew meanwhile
        raise _too_large()
    if data.startswith(_RUNS):
        raise Refusal("EJ-411", "Это программа, а не документ: файл не прикреплён.")
    return data


def _too_large() -> Refusal:
    return Refusal("EJ-410", f"Файл больше {BLOB_LIMIT // 2**20} МБ: он не прикреплён. Уменьшите его или разделите.")


def detach_file(journal: Journal, file_id: str) -> ChangeSet:
    """Убрать файл из урока; в истории он остаётся."""
    with journal.write() as write:
        write.edit(HomeworkFile, file_id, act="void", voided=True)
    return write.changes


def take_back_file(journal: Journal, attached: ChangeSet) -> ChangeSet:
    """Отменить прикрепление: файл убирается, и тот, что с тех пор вернули на его место, тоже."""
    birth = next(change for change in attached.changes if change.kind == "HomeworkFile")
    same = {name: str(birth.set[name]) for name in ("lesson_id", "sha256")}
    with journal.write() as write:
        for file in select_records(write.connection, HomeworkFile, **same):
            write.edit(HomeworkFile, file.id, act="void", voided=True)
    return write.changes


def bring_back_file(journal: Journal, file_id: str) -> ChangeSet:
    """Вернуть убранный файл: он прикрепляется заново, под прежним названием.

    Raises:
        NotOnThisPc: its bytes are not here any more.
        Refusal: a rule says no; nothing was changed.
    """
    with journal.reading() as connection:
        fields = records.read(connection, "HomeworkFile", file_id).fields or {}
    data = read_file(journal, "HomeworkFile", file_id)
    return attach_content(journal, str(fields["lesson_id"]), data, str(fields["title"]), str(fields["media_type"]))


def ask_for_file(journal: Journal, kind: str, record_id: str) -> None:
    """Попросить сервер о файле: он придёт при ближайшей встрече.

    Raises:
        NotOnThisPc: the record names no file that travels.
    """
    sha256, size = _named(journal, kind, record_id)
    blobs.want(journal, sha256, size)


def read_file(journal: Journal, kind: str, record_id: str) -> bytes:
    """Вернуть содержимое файла, который есть на этом ПК; оно сверено с записью.

    Raises:
        NotOnThisPc: it is not here.
    """
    sha256, size = _named(journal, kind, record_id)
    with journal.reading() as connection:
        known = blobs.held(connection, sha256)
        data = blobs.content(connection, sha256) if known is not None and known.whole else b""
    if len(data) != size or hashlib.sha256(data).hexdigest() != sha256:
        raise NotOnThisPc("the file is not on this PC")
    return data


def _named(journal: Journal, kind: str, record_id: str) -> tuple[str, int]:
    with journal.reading() as connection:
        fields = records.read(connection, kind, record_id).fields
    named = named_file(kind, fields or {})
    if named is None:
        raise NotOnThisPc("the record names no file")
    return named
