"""Files that records name, as this desk keeps them: in parts inside the encrypted journal, never as files of their own.

Own files wait here until the server has them whole; others' are fetched when a person asks and kept as long as there is
room. docs/decisions/0041 tells what was measured.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import bindparam as bind
from sqlalchemy.dialects.sqlite import insert

from ejournal_core.blobs import NAMES, PIECE
from ejournal_core.errors import Bug, EjournalError, Trouble
from ejournal_desktop.models.tables import TABLES, blob, blob_part

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Journal

CACHE_LIMIT = 300 * 1024 * 1024  # bytes of files that the server has too; the longest unused go first


class Held(Struct, frozen=True, kw_only=True):
    """A file by its SHA-256 (hex): how much of it is here and at the server, and where it is going."""

    sha256: str
    size: int
    received: int
    sent: int = 0
    outgoing: bool = False
    wanted: bool = False
    problem: str = ""
    used_at: str = ""

    @property
    def whole(self) -> bool:
        """Whether all its bytes are on this desk."""
        return self.received == self.size


# --- reading -------------------------------------------------------------------------------------------------------


def held(connection: sa.Connection, sha256: str) -> Held | None:
    """Return what is known here of a file, None when nothing is."""
    row = connection.execute(_ONE, {"sha256": sha256}).mappings().first()
    return Held(**row) if row else None


def content(connection: sa.Connection, sha256: str) -> bytes:
    """Return all bytes of a file that are here."""
    return b"".join(connection.execute(_PARTS, {"sha256": sha256}).scalars())


def piece(journal: Journal, sha256: str, offset: int, length: int) -> bytes:
    """Return up to `length` bytes of a file from `offset`."""
    with journal.reading() as connection:
        rows = connection.execute(_PARTS_AROUND, {"sha256": sha256, "first": offset - PIECE, "last": offset + length})
        found = [(row.at, row.content) for row in rows]
    if not found:
        return b""
    start = offset - found[0][0]
    return b"".join(part for _, part in found)[start : start + length]


def to_bring(journal: Journal) -> list[Held]:
    """Return own files whose record the server has accepted and whose bytes it has not, the smallest first."""
    return journal.ask(_waiting_to_go)


def to_fetch(journal: Journal) -> list[Held]:
    """Return the files that somebody here asked for and the server is known to have, the smallest first."""
    return journal.ask(_asked_for)


def _waiting_to_go(connection: sa.Connection) -> list[Held]:
    return [Held(**row) for row in connection.execute(_TO_BRING).mappings()]


def _asked_for(connection: sa.Connection) -> list[Held]:
    return [Held(**row) for row in connection.execute(_TO_FETCH).mappings()]


# --- writing -------------------------------------------------------------------------------------------------------


def _lay_ready(journal: Journal, sha256: str, data: bytes) -> None:
    """Bring the bytes of an own file here, a piece a transaction, before the change that names it: nobody who types
    waits for a book.

    Until `keep` nothing is shown of them. Where somebody asks for the same file meanwhile, or it is swept away, this
    leaves off, and `keep` takes all of it.
    """
    if len(data) <= PIECE:
        return
    with journal.keeping() as connection:
        known = held(connection, sha256)
        if known is not None and known.whole:
            return
        drop(connection, sha256)
        connection.execute(_PUT, {"sha256": sha256, "size": len(data), "used_at": moment(journal)})
    for at in range(0, len(data), PIECE):
        if not _lay(journal, sha256, at, data[at : at + PIECE]):
            return


def _lay(journal: Journal, sha256: str, at: int, data: bytes) -> bool:
    with journal.keeping() as connection:
        now = held(connection, sha256)
        if now is None or now.wanted or now.received != at:
            return False
        connection.execute(blob_part.insert(), {"sha256": sha256, "at": at, "content": data})
        connection.execute(_MOVE.values(received=at + len(data)), {"sha": sha256})
    return True


def keep(connection: sa.Connection, sha256: str, data: bytes, used_at: str) -> None:
    """Keep an own file for the server, in the transaction that names it; its bytes are here already, or come now."""
    known = held(connection, sha256)
    if known is not None and known.whole:
        connection.execute(_MOVE.values(outgoing=True, wanted=False, problem="", used_at=used_at), {"sha": sha256})
        return
    connection.execute(_DROP_PARTS, {"sha256": sha256})
    row = {"sha256": sha256, "size": len(data), "received": len(data), "outgoing": True, "used_at": used_at}
    connection.execute(_PUT, row)
    parts = [{"sha256": sha256, "at": at, "content": data[at : at + PIECE]} for at in range(0, len(data), PIECE)]
    connection.execute(blob_part.insert(), parts)


@contextmanager
def laid_ready(journal: Journal, sha256: str, data: bytes) -> Iterator[None]:
    """Lay the bytes of an own file ready for the transaction within; when that fails, they go again."""
    try:
        _lay_ready(journal, sha256, data)
        yield
    except EjournalError:
        with suppress(Trouble):  # what failed is told; the next opening of the journal sweeps
            sweep(journal)
        raise


def sweep(journal: Journal) -> None:
    """Remove files that no record on this desk names (any more), piece by piece; broken off, the next call goes on."""
    with journal.reading() as connection:
        left = list(connection.execute(_UNNAMED).scalars())
    for sha256 in left:
        while not _sweep_some(journal, sha256):
            pass


def _sweep_some(journal: Journal, sha256: str) -> bool:
    """Remove a few of its last parts; say whether there is nothing left to do."""
    with journal.keeping() as connection:
        if connection.execute(_UNNAMED_ONE, {"sha256": sha256}).first() is None:
            return True  # named meanwhile
        last = list(connection.execute(_LAST_PARTS, {"sha256": sha256}).scalars())
        if not last:
            drop(connection, sha256)
            return True
        connection.execute(_MOVE.values(received=last[-1], wanted=False), {"sha": sha256})
        connection.execute(_DROP_FROM, {"sha256": sha256, "first": last[-1]})
    return False


def want(journal: Journal, sha256: str, size: int) -> None:
    """Have a file fetched at the next meeting, unless it is here."""
    with journal.keeping() as connection:
        known = held(connection, sha256)
        if known is None or known.size != size:
            drop(connection, sha256)
            connection.execute(_PUT, {"sha256": sha256, "size": size, "wanted": True, "used_at": moment(journal)})
        elif not known.whole:
            connection.execute(_MOVE.values(wanted=True, problem=""), {"sha": sha256})


def add_piece(journal: Journal, known: Held, data: bytes) -> Held | None:
    """Keep the next bytes of a file that is being fetched; with the last ones its hash decides.

    Returns:
        The file as it stands then: wrong bytes are gone, `received` is 0 and `problem` says so. None when it is not
        wanted here any more, or somebody else has gone on with it.
    """
    received = known.received + len(data)
    if received > known.size or not data:
        raise Bug("more bytes than the file has, or none")
    with journal.keeping() as connection:
        now = held(connection, known.sha256)
        if now is None or not now.wanted or now.received != known.received:
            return None
        row = {"sha256": known.sha256, "at": known.received, "content": data}
        connection.execute(blob_part.insert(), row)
        values: dict[str, Any] = {"received": received, "wanted": received < known.size, "used_at": moment(journal)}
        if received == known.size and hash_of(connection, known.sha256) != known.sha256:
            connection.execute(_DROP_PARTS, {"sha256": known.sha256})
            values |= {"received": 0, "problem": "EJ-415"}
        connection.execute(_MOVE.values(**values), {"sha": known.sha256})
        made = held(connection, known.sha256)
        if made is not None and made.whole:
            _make_room(connection, made)
    return made


def note(journal: Journal, sha256: str, **values: Any) -> None:
    """Keep how a file's way goes: `sent`, `outgoing`, `wanted`, `problem`."""
    if values:
        with journal.keeping() as connection:
            connection.execute(_MOVE.values(**values), {"sha": sha256})


def hash_of(connection: sa.Connection, sha256: str) -> str:
    """Return the SHA-256 (hex) of the bytes that are here."""
    digest = hashlib.sha256()
    for part in connection.execute(_PARTS, {"sha256": sha256}).scalars():
        digest.update(part)
    return digest.hexdigest()


def drop(connection: sa.Connection, sha256: str) -> None:
    """Remove a file with all its bytes; `secure_delete` overwrites them."""
    connection.execute(_DROP_PARTS, {"sha256": sha256})
    connection.execute(blob.delete().where(blob.c.sha256 == bind("sha256")), {"sha256": sha256})


def _make_room(connection: sa.Connection, newest: Held) -> None:
    """Drop the longest unused files that the server has too, until the others fit."""
    rows = [Held(**row) for row in connection.execute(_CACHED).mappings()]
    total = sum(each.size for each in rows)
    for each in rows:
        if total <= CACHE_LIMIT:
            return
        if each.sha256 != newest.sha256:
            drop(connection, each.sha256)
            total -= each.size


def moment(journal: Journal) -> str:
    """Return the desk's present moment as it is kept with files: UTC, so that it sorts."""
    return journal.clock().astimezone(UTC).isoformat(timespec="seconds")


# --- SQL -----------------------------------------------------------------------------------------------------------


def _named(*conditions: str) -> sa.ColumnElement[bool]:
    """Say in SQL that some record names the file; the conditions are columns' values of that record."""
    texts = {
        "accepted": lambda table: table.c.log_number > 0,
        "waiting": lambda table: ~table.c.stored,
        "stored": lambda table: table.c.stored,
    }
    found = []
    for kind, (hash_field, _) in NAMES.items():
        table = TABLES[kind]
        where = [texts[name](table) for name in conditions]
        found.append(sa.exists().where(table.c[hash_field] == blob.c.sha256, *where))
    return sa.or_(*found)


_ONE = sa.select(blob).where(blob.c.sha256 == bind("sha256"))
_PARTS = sa.select(blob_part.c.content).where(blob_part.c.sha256 == bind("sha256")).order_by(blob_part.c.at)
_PARTS_AROUND = (
    sa.select(blob_part.c.at, blob_part.c.content)
    .where(blob_part.c.sha256 == bind("sha256"), blob_part.c.at > bind("first"), blob_part.c.at < bind("last"))
    .order_by(blob_part.c.at)
)
_ALL_HERE = blob.c.received == blob.c.size
_TO_BRING = (
    sa.select(blob)
    .where(blob.c.outgoing, _ALL_HERE, blob.c.problem != "EJ-415", _named("accepted", "waiting"))
    .order_by(blob.c.size)
)
_TO_FETCH = (
    sa.select(blob).where(blob.c.wanted, ~_ALL_HERE, blob.c.problem == "", _named("stored")).order_by(blob.c.size)
)
_CACHED = sa.select(blob).where(~blob.c.outgoing, _ALL_HERE).order_by(blob.c.used_at)
_UNNAMED = sa.select(blob.c.sha256).where(~blob.c.outgoing, ~_named())
_UNNAMED_ONE = _UNNAMED.where(blob.c.sha256 == bind("sha256"))
_PARTS_AT_ONCE = 2  # `secure_delete` writes over all that goes
_LAST_PARTS = (
    sa.select(blob_part.c.at)
    .where(blob_part.c.sha256 == bind("sha256"))
    .order_by(blob_part.c.at.desc())
    .limit(_PARTS_AT_ONCE)
)
_DROP_PARTS = blob_part.delete().where(blob_part.c.sha256 == bind("sha256"))
_DROP_FROM = _DROP_PARTS.where(blob_part.c.at >= bind("first"))
_MOVE = blob.update().where(blob.c.sha256 == bind("sha"))
_INSERT = insert(blob)
_PUT = _INSERT.on_conflict_do_update(
    index_elements=["sha256"],
    set_={name: _INSERT.excluded[name] for name in ("size", "received", "outgoing", "wanted", "problem", "used_at")},
)
