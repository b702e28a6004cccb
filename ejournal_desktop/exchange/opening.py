"""Open a file that came from outside: what it really is, whether it is whole, and whether it is safe to read."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from ejournal_desktop.exchange.troubles import (
    BrokenFile,
    EncryptedFile,
    FileTrouble,
    ForeignFile,
    UnsafeFile,
    WrongShape,
)

MAX_FILE = 32 * 1024 * 1024  # the largest of FET's own 236 examples is under 6 MB
MAX_UNPACKED = 256 * 1024 * 1024
MAX_PARTS = 2_000

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_SAVE_AS_XLSX = "откройте его в Excel или LibreOffice, сохраните как «Книга Excel (*.xlsx)» и выберите новый файл"


def read_bytes(path: Path) -> bytes:
    """Return the file's content.

    Raises:
        FileTrouble: it is absent, unreadable or empty.
        UnsafeFile: it is larger than 32 MiB.
    """
    try:
        size = path.stat().st_size
        if size > MAX_FILE:
            raise UnsafeFile(path, "файл больше 32 МБ", "проверьте, тот ли это файл")
        content = path.read_bytes()
    except OSError as error:
        raise FileTrouble(path, _why_unreadable(error), "проверьте путь к файлу и права на чтение") from error
    if not content:
        raise BrokenFile(path, "файл пуст", "получите его заново")
    return content


def _why_unreadable(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "файла нет"
    if isinstance(error, IsADirectoryError):
        return "это папка, а не файл"
    if isinstance(error, PermissionError):
        return "нет прав на чтение"
    return "файл не читается с диска"


def looks_like(content: bytes) -> str:
    """Say in Russian what the content is by its first bytes; "" when unknown."""
    start = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    lowered = start[:64].lower()
    if lowered.startswith((b"<!doctype html", b"<html", b"<head")):
        return "это веб-страница (HTML)"
    if lowered.startswith(b"<"):
        return "это XML"
    for signature, name in ((b"%PDF", "это PDF"), (b"PK", "это архив или книга"), (_OLE, "это файл старого Office")):
        if start.startswith(signature):
            return name
    return "это текст (например, CSV)" if _is_text(content) else ""


def _is_text(content: bytes) -> bool:
    return b"\0" not in content[:4096]


def parse_xml(path: Path, content: bytes, root_tag: str, kind: str, advice: str) -> Element:
    """Return the root of an XML file named `root_tag`; DTDs and entities are refused, nothing is fetched.

    Args:
        path: for messages only.
        kind: what the file should be, in the instrumental case («файлом расписания FET»).
        advice: what to do when it is something else.

    Raises:
        ForeignFile, BrokenFile, UnsafeFile, WrongShape: see their codes.
    """
    what = looks_like(content)
    if what != "это XML":
        raise ForeignFile(path, f"файл не является {kind}" + (f": {what}" if what else ""), advice)
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        raise UnsafeFile(path, "в файле есть объявления DTD, которых в нём не бывает", advice) from error
    except ParseError as error:
        line, column = error.position
        what = "файл повреждён или обрезан: дальше этого места он не читается"
        raise BrokenFile(path, what, "получите его заново", f"строка {line}, знак {column + 1}") from error
    except (ValueError, LookupError) as error:
        raise BrokenFile(path, "файл записан в неизвестной кодировке", advice) from error
    if root.tag != root_tag:
        raise WrongShape(path, f"файл не является {kind}: он начинается с <{root.tag[:40]}>", advice)
    return root


def check_workbook(path: Path, content: bytes) -> None:
    """Raise unless the content is a whole, unencrypted XLSX of a bearable size.

    Raises:
        ForeignFile, EncryptedFile, BrokenFile, UnsafeFile: see their codes.
    """
    if content.startswith(_OLE):
        if _ENCRYPTED_STREAM in content:
            raise EncryptedFile(path, "книга защищена паролем", "снимите пароль в Excel и сохраните её снова")
        raise ForeignFile(path, "это книга старого вида (XLS), а не XLSX", _SAVE_AS_XLSX)
    if not content.startswith(b"PK"):
        what = looks_like(content) or "это неизвестный файл"
        raise ForeignFile(path, f"{what}, а не книга XLSX", _SAVE_AS_XLSX)
    check_parts(path, content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if "xl/workbook.xml" not in archive.namelist():
            raise ForeignFile(path, "это архив или документ другой программы, а не книга XLSX", _SAVE_AS_XLSX)


def check_parts(path: Path, content: bytes) -> None:
    """Raise unless the content is a whole, unencrypted archive of a bearable size, as office programs write them.

    Raises:
        EncryptedFile, BrokenFile, UnsafeFile: see their codes.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_parts(path, archive)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise BrokenFile(path, "книга повреждена или скопирована не до конца", "получите файл заново") from error


def _check_parts(path: Path, archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise UnsafeFile(path, "распакованная книга неправдоподобно велика", "проверьте, откуда этот файл")
    if any(part.flag_bits & 1 for part in parts):
        raise EncryptedFile(path, "архив книги защищён паролем", "снимите пароль и сохраните её снова")
    damaged = _first_damaged(archive)
    if damaged:
        raise BrokenFile(path, f"книга повреждена (часть {damaged})", "получите файл заново")


def _first_damaged(archive: zipfile.ZipFile) -> str | None:
    """Return the first part whose checksum is wrong; a part that cannot even be unpacked counts as such."""
    try:
        return archive.testzip()
    except zlib.error:
        return "сжатые данные"
