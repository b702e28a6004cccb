"""Files on their way between desks: how far each has come, and its parts as they are kept (sealed by the caller)."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from sqlalchemy import bindparam as bind
from sqlalchemy import func, select, text

from ejournal_server.store import tables as t
from ejournal_server.store.database import Transaction


class Blob(Struct, frozen=True, kw_only=True):
    """A file: its SHA-256 (hex), size and how many of its bytes are here; when the last part came, and who began."""

    sha256: str
    size: int
    received: int
    desk: str
    at: str

    @property
    def whole(self) -> bool:
        """Whether all bytes are here; the last part is kept only when the hash is right."""
        return self.received == self.size


class Part(Struct, frozen=True):
    """Some bytes of a file as they are kept, and the offset of the first."""

    at: int
    content: bytes


_B, _P = t.blob.c, t.blob_part.c
_ALL = select(t.blob).where(_B.school == bind("school")).order_by(_B.sha256)
_ONE = _ALL.where(_B.sha256 == bind("sha256"))
_ONE_LOCKED = _ONE.with_for_update()
_UNFINISHED = _ALL.where(_B.received < _B.size)
_KEPT = select(func.coalesce(func.sum(_B.size), 0)).where(_B.school == bind("school"))
_KEPT_BY = _KEPT.where(
    _B.desk.in_(select(t.desk.c.id).where(t.desk.c.school == bind("school"), t.desk.c.person == bind("person")))
)
_BEGIN = text(
    "INSERT INTO blob (school, sha256, size, received, desk, at) VALUES (:school, :sha256, :size, 0, :desk, :at) "
    "ON CONFLICT (school, sha256) DO NOTHING"
)
_MOVE = t.blob.update().where(_B.school == bind("school_"), _B.sha256 == bind("sha256_"))
_DROP = t.blob.delete().where(_B.school == bind("school"), _B.sha256 == bind("sha256"))
_DROP_PARTS = t.blob_part.delete().where(_P.school == bind("school"), _P.sha256 == bind("sha256"))
_NEXT = (
    select(_P.at, _P.content)
    .where(_P.school == bind("school"), _P.sha256 == bind("sha256"), _P.at >= bind("start"))
    .order_by(_P.at)
    .limit(1)
)
_AROUND = (
    select(_P.at, _P.content)
    .where(_P.school == bind("school"), _P.sha256 == bind("sha256"), _P.at <= bind("offset"))
    .order_by(_P.at.desc())
    .limit(1)
)


def read(tx: Transaction, sha256: str, *, lock: bool = False) -> Blob | None:
    """Return how far a file has come; `lock` makes others who bring it wait until this transaction ends."""
    row = tx.run(_ONE_LOCKED if lock else _ONE, sha256=sha256).first()
    return Blob(sha256=row.sha256, size=row.size, received=row.received, desk=row.desk, at=row.at) if row else None


def all_blobs(tx: Transaction) -> list[Blob]:
    """Return every file, whole or not, in order of hashes."""
    return [Blob(sha256=r.sha256, size=r.size, received=r.received, desk=r.desk, at=r.at) for r in tx.run(_ALL)]


def unfinished(tx: Transaction) -> list[Blob]:
    """Return the files of which something is missing."""
    return [Blob(sha256=r.sha256, size=r.size, received=r.received, desk=r.desk, at=r.at) for r in tx.run(_UNFINISHED)]


def bytes_promised(tx: Transaction) -> int:
    """Return how many bytes all files have, those that are still coming counted whole."""
    return int(tx.run(_KEPT).scalar_one())


def bytes_promised_by(tx: Transaction, person: str) -> int:
    """Return how many bytes the files have that desks of a person began to bring."""
    return int(tx.run(_KEPT_BY, person=person).scalar_one())


def begin(tx: Transaction, sha256: str, size: int, desk: str, at: str) -> None:
    """Make room for a file; one that is known stays as it is."""
    tx.run(_BEGIN, sha256=sha256, size=size, desk=desk, at=at)


def resize(tx: Transaction, sha256: str, size: int) -> None:
    """Let an unfinished file have another size, of which less than all is here."""
    tx.alter(_MOVE, {"size": size}, sha256=sha256)


def add_part(tx: Transaction, sha256: str, part: Part, received: int, at: str) -> None:
    """Keep the next part; `received` bytes are here with it."""
    tx.run(t.blob_part.insert(), sha256=sha256, at=part.at, content=part.content)
    tx.alter(_MOVE, {"received": received, "at": at}, sha256=sha256)


def part_around(tx: Transaction, sha256: str, offset: int) -> Part | None:
    """Return the part that holds the byte at `offset`, if any does."""
    row = tx.run(_AROUND, sha256=sha256, offset=offset).first()
    return Part(row.at, row.content) if row else None


def parts(tx: Transaction, sha256: str) -> Iterator[Part]:
    """Yield the parts of a file in order, one at a time in memory."""
    start = 0
    while row := tx.run(_NEXT, sha256=sha256, start=start).first():
        yield Part(row.at, row.content)
        start = row.at + 1


def drop(tx: Transaction, sha256: str) -> None:
    """Remove a file with all its bytes."""
    tx.run(_DROP_PARTS, sha256=sha256)
    tx.run(_DROP, sha256=sha256)
