"""The machine-readable copy of a document: the same data always give the same bytes, hence the same hash.

The copy travels inside the PDF as an attached file, and its SHA-256 stands printed in the code on the first sheet.
So anyone can take the attachment out with public tools, hash it and compare it with the paper.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from msgspec import Struct


def canonical(form: str, data: Struct) -> bytes:
    """Return `data` as UTF-8 JSON with sorted keys, no spaces and `form` as the name and version of the shape.

    A mapping becomes a list of [key …, value], sorted by key, so that the order of filling it does not matter.
    """
    plain = {"format": f"ejournal/{form}/1", "document": _plain(data)}
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sha256(copy: bytes) -> str:
    """Return the SHA-256 of a canonical copy as 64 hexadecimal digits."""
    return hashlib.sha256(copy).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Struct):
        return {name: _plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, Mapping):
        return [_pair(key, value[key]) for key in sorted(value)]
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    if value is None or isinstance(value, str | int | bool):
        return value
    raise TypeError(f"a document cannot hold a {type(value).__name__}")


def _pair(key: Any, value: Any) -> Any:
    keys = key if isinstance(key, tuple) else (key,)
    return [*(_plain(part) for part in keys), _plain(value)]
