"""The content of a slice as one number that desk and server compare: what a disk or a mistake has altered shows.

The digest of records is the sum of their hashes modulo 2**256: it does not depend on their order, and one record can be
taken out and put in again. It tells of damage, not of deceit: who rewrites history is found by the log's tree.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from ejournal_core.changes import canonical
from ejournal_core.kinds import KINDS, Fields
from ejournal_core.merge import defaults

_MODULUS = 2**256


def record_digest(kind: str, record_id: str, fields: Fields) -> int:
    """Return SHA-256 of a record's canonical form as a number; fields that hold their defaults say nothing.

    So a field that one side's version does not know yet makes no difference until somebody enters it.
    """
    standard = defaults(kind)
    said = {name: value for name, value in fields.items() if name not in standard or value != standard[name]}
    return int.from_bytes(hashlib.sha256(canonical([kind, record_id, said])).digest(), "big")


def content_digest(records: Iterable[tuple[str, str, Fields]]) -> str:
    """Return the digest of records (kind, id, fields), 64 hexadecimal digits; unknown kinds are passed over."""
    total = sum(record_digest(*record) for record in records if record[0] in KINDS)
    return f"{total % _MODULUS:064x}"
