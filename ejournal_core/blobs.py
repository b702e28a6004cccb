"""Files that travel between desks: homework of a lesson, papers between their signers. What is carried, and for whom.

A record names a file by its SHA-256 (`HomeworkFile`, `IssuedDocument`); the bytes follow on their own, in pieces, after
the record. A title is a text: nothing here or elsewhere takes it for a path.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from datetime import date

from ejournal_core import access
from ejournal_core.cases import Case, Judgement, refused
from ejournal_core.kinds import Fields, HomeworkFile, IssuedDocument, RoleGrant

BLOB_LIMIT = 20 * 1024 * 1024  # bytes of one file
PIECE = 256 * 1024  # bytes of one piece on the wire, and of a part in a store
SMALLEST_PIECE = 16 * 1024  # but for the last one: more pieces than that would be a burden to keep
LESSON_FILES = 10  # files of one lesson that are not struck out
LESSON_BYTES = 60 * 1024 * 1024  # of these together
TITLE_LIMIT = 200  # characters
NAME_LIMIT = 180  # bytes of a file's name on a disk: Linux takes 255, Windows 260 with all its folders

#: What may be attached, by the end of its name. Nothing that a PC would run; no SVG: a browser runs its scripts.
MEDIA_TYPES: dict[str, str] = {
    ".pdf": "application/pdf",
    ".txt": "text/plain",
    ".doc": "application/msword",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".rtf": "application/rtf",
    ".xls": "application/vnd.ms-excel",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".ppt": "application/vnd.ms-powerpoint",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".zip": "application/zip",
    ".fb2": "application/x-fictionbook+xml",
    ".djvu": "image/vnd.djvu",
}

#: The fields by which a record of a kind names a file: its hash and its size.
NAMES: dict[str, tuple[str, str]] = {"HomeworkFile": ("sha256", "size"), "IssuedDocument": ("file_sha256", "file_size")}

_SHA256 = re.compile(r"[0-9a-f]{64}")


def is_sha256(text: str) -> bool:
    """Say whether a text is a SHA-256 in hexadecimal, as records and addresses have it."""
    return _SHA256.fullmatch(text) is not None


def named_file(kind: str, fields: Fields) -> tuple[str, int] | None:
    """Return (SHA-256 in hex, size in bytes) of the file that a record names, None when it names none that travels."""
    if kind not in NAMES:
        return None
    sha256, size = (fields.get(name) for name in NAMES[kind])
    return (sha256, size) if isinstance(sha256, str) and isinstance(size, int) and is_sha256(sha256) and size else None


def may_have_file(
    kind: str, fields: Fields, slice_: str, seen: Collection[str], grants: Iterable[RoleGrant], day: date
) -> bool:
    """Say whether a person may bring and fetch the file that a record names.

    Homework is for whoever sees the lesson's page. Everybody sees that a paper was issued; what stands in it is for
    those who see the class, and for the secretary, who keeps it.

    Args:
        slice_: where the record is seen.
        seen: the slices that the person may see.
        grants: the person's roles.
    """
    if kind != "IssuedDocument":
        return slice_ in seen
    class_group_id = fields.get("class_group_id")
    keeps = access.holds_role(grants, access.OVERSEERS | {"secretary"}, day, str(class_group_id or "") or None)
    return keeps or f"class:{class_group_id}" in seen


def tidy_title(name: str) -> str:
    """Return a file's name as a title: one line of visible text, the end of the name kept when it is cut."""
    visible = "".join(c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c) not in _UNSEEN)
    text = " ".join(visible.split())
    stem, dot, ending = text.rpartition(".")
    if len(text) <= TITLE_LIMIT or not dot or len(ending) > 10:
        return text[:TITLE_LIMIT]
    return f"{stem[: TITLE_LIMIT - len(ending) - 1]}.{ending}"


_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")  # control signs, and those that turn the direction of a text


def suggested_name(title: str, media_type: str = "") -> str:
    """Return a title as a file name that every system takes: offered to the person who saves, never used unasked."""
    text = re.sub(r'[<>:"/\\|?*]', "_", tidy_title(title)).strip(" .")
    stem = text.split(".", 1)[0].strip().upper()
    if stem in _DEVICES or not text:
        text = f"_{text}"
    endings = [ending for ending, known in MEDIA_TYPES.items() if known == media_type]
    ending = next((ending for ending in endings if text.lower().endswith(ending)), "")
    named = text[: len(text) - len(ending)].encode()[:NAME_LIMIT].decode(errors="ignore").rstrip(" .")
    return named + (text[len(text) - len(ending) :] if ending else "".join(endings[:1]))


_DEVICES = frozenset({"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}) | {
    f"{port}{number}" for port in ("COM", "LPT") for number in "0123456789¹²³"
}


# --- rules ---------------------------------------------------------------------------------------------------------


def only_the_server_says_that_it_holds_a_file(case: Case) -> Judgement | None:
    """A reader trusts `stored`: who says so has compared every byte."""
    if case.sets("stored"):
        return refused("EJ-413", "О том, что файл передан, сообщает сам сервер школы.")
    return None


def the_file_is_one_that_is_carried(case: Case) -> Judgement | None:
    """Known kinds of files up to 20 MiB, with a title to be read."""
    file = case.after
    assert isinstance(file, HomeworkFile)
    if case.change.content or file.voided:
        return None
    if case.before is not None and case.sets("size", "sha256", "media_type") and case.change.act != "resolve":
        return refused("EJ-413", "Файл не подменяют: прикрепите новый и уберите прежний.")
    if not is_sha256(file.sha256) or not file.title or file.title != tidy_title(file.title):
        return refused("EJ-413", "Сведения о файле не того вида: прикрепите файл заново.")
    if file.media_type not in MEDIA_TYPES.values():
        return refused("EJ-411", "Файлы этого вида к уроку не прикрепляют. Подойдут документ, PDF, картинка или архив.")
    return _the_size_is_carried(file.size)


def the_paper_is_one_that_is_carried(case: Case) -> Judgement | None:
    """A paper's file may stay where it was made, and then each signature makes another file of it; one that travels is
    up to 20 MiB and stays what it is."""
    paper, before = case.after, case.before
    assert isinstance(paper, IssuedDocument)
    carried = isinstance(before, IssuedDocument) and max(before.file_size, paper.file_size) > 0
    if carried and case.sets("file_size", "file_sha256"):
        return refused("EJ-413", "Файл выданного документа не подменяют: выпустите документ заново.")
    if not paper.file_size:
        return None
    if not is_sha256(paper.file_sha256):
        return refused("EJ-413", "Сведения о файле не того вида: выпустите документ заново.")
    return _the_size_is_carried(paper.file_size)


def _the_size_is_carried(size: int) -> Judgement | None:
    if size > BLOB_LIMIT:
        return refused(
            "EJ-410", f"Файл больше {BLOB_LIMIT // 2**20} МБ: он не прикреплён. Уменьшите его или разделите."
        )
    if size < 1:
        return refused("EJ-410", "Файл пуст: он не прикреплён.")
    return None


def there_is_room_at_the_lesson(case: Case) -> Judgement | None:
    """A lesson has a handful of files, not a library."""
    file = case.after
    assert isinstance(file, HomeworkFile)
    if file.voided or not (case.sets("size", "voided") or case.before is None):
        return None
    others = [each for each in case.facts.homework_files(file.lesson_id) if each.id != file.id]
    if len(others) >= LESSON_FILES:
        return refused("EJ-412", f"У урока уже {LESSON_FILES} файлов: сначала уберите лишний.")
    if sum(each.size for each in others) + file.size > LESSON_BYTES:
        return refused("EJ-412", f"Файлы урока вместе больше {LESSON_BYTES // 2**20} МБ: этот не прикреплён.")
    return None


def files_are_planned_like_homework(case: Case) -> Judgement | None:
    """P36: homework may be planned ahead where the school says so, and so may its files."""
    allowed = case.facts.policy().allow_future_lessons
    if case.day > case.facts.today() and not allowed.topic_and_homework:
        return refused("EJ-222", "Урок ещё впереди: прикрепить файл можно будет в его день.", "P36")
    return None
