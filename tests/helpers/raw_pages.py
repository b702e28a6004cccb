"""Read an SQLCipher file as a thief with the key would: every page, free ones and those of the write-ahead log too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PAGE = 4096
RESERVED = 80  # initialisation vector and authentication code at the end of each page
SALT = 16
WAL_HEADER, FRAME_HEADER = 32, 24


def traces(file: Path, key: bytes, words: list[str]) -> list[str]:
    """Return where the words stand: "journal.db: word" for the file itself, its log, and every file beside it."""
    found = []
    for each in sorted(file.parent.glob(f"{file.name}*")):
        content = b"".join(_pages(each, key, file))
        found += [f"{each.name}: {word}" for word in words if word.encode() in content]
    return found


def _pages(path: Path, key: bytes, main: Path) -> Iterator[bytes]:
    data = path.read_bytes()
    if path.name == f"{main.name}-wal":
        for start in range(WAL_HEADER, len(data), FRAME_HEADER + PAGE):
            page = data[start + FRAME_HEADER : start + FRAME_HEADER + PAGE]
            first = int.from_bytes(data[start : start + 4], "big") == 1
            yield _opened(page, key, SALT if first else 0)
    elif path == main:
        for start in range(0, len(data), PAGE):
            yield _opened(data[start : start + PAGE], key, SALT if start == 0 else 0)
    else:
        yield data


def _opened(page: bytes, key: bytes, skipped: int) -> bytes:
    """Return the plain content of a page; SQLCipher takes a raw key as it is, for AES-256-CBC."""
    if len(page) < PAGE or not any(page):
        return b""
    vector = page[PAGE - RESERVED : PAGE - RESERVED + 16]
    cipher = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
    return cipher.update(page[skipped : PAGE - RESERVED]) + cipher.finalize()
