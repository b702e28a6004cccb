"""Files between desks: take them in piece by piece, give them out piece by piece, to whoever may see what names them.

The record comes first and the bytes after it, so that nobody brings what no accepted record names, and every reader
of the record knows by its field `stored` whether the bytes are here yet. The server says so itself, in the log, once it
has compared the whole file with its hash.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from ejournal_core import blobs as rules
from ejournal_core.errors import Bug, Trouble
from ejournal_core.kinds import RoleGrant
from ejournal_core.wire import FileState, Malformed
from ejournal_server import blobs, own_lines
from ejournal_server.authority import Authority, stamp
from ejournal_server.blobs import WrongContent
from ejournal_server.facts import Known
from ejournal_server.own_lines import Wish
from ejournal_server.scopes import scope_of
from ejournal_server.store import blobs as store
from ejournal_server.store import log, records
from ejournal_server.store.blobs import Blob, Part
from ejournal_server.store.database import Transaction
from ejournal_server.store.people import Desk
from ejournal_server.store.records import Row

logger = logging.getLogger(__name__)

SCHOOL_LIMIT = 50 * 1024**3  # bytes of all files of a school
PERSON_LIMIT = SCHOOL_LIMIT // 10  # bytes of homework that one person's desks brought
DESK_UNFINISHED = 40  # files that one desk may have begun
ORPHAN_AFTER = timedelta(days=7)  # without a part, and no record names it any more
FORGOTTEN_AFTER = timedelta(days=60)  # without a part: its desk begins anew, if it still has it


class NoSuchBlob(Trouble):
    """No record that this person may see names such a file."""

    code: ClassVar[str] = "EJ-376"


class NotHereYet(Trouble):
    """The record is known, its file is still on its way."""

    code: ClassVar[str] = "EJ-414"


class NoRoom(Trouble):
    """The school's share for files, or the desk's share of unfinished ones, is used up."""

    code: ClassVar[str] = "EJ-416"


# --- bringing ------------------------------------------------------------------------------------------------------


def bring(authority: Authority, desk: Desk, sha256: str, size: int, offset: int, piece: bytes) -> FileState:
    """Take the next piece of a file and say how far it has come.

    A piece that is not the next one changes nothing; an empty one only asks. So every request may be repeated, and
    another desk goes on where one was cut.

    Raises:
        NoSuchBlob: no record that the desk's person may see names a file of this hash and size.
        NoRoom: it is new, and there is no room for it.
        WrongContent: it was the last piece, and the whole is not what the hash says.
        Malformed: no piece of such a file.
    """
    if len(piece) > rules.PIECE:
        raise Malformed("a longer piece than allowed")
    last = offset + len(piece) == size
    with authority.store.write() as tx:
        if last:
            log.read_head(tx, lock=True)  # before the file's own row, as whoever destroys content does
        names = [row for row in _names_seen(authority, tx, desk, sha256) if _size_named(row) == size]
        if not names:
            raise NoSuchBlob("no record that you may see names this file")
        known = store.read(tx, sha256)
        if piece and (known is None or (known.size != size and not known.whole)):
            known = _make_room(authority, tx, desk, sha256, names)
        state = _take(authority, tx, known, offset, piece) if known else None
        if state and state.whole:
            _say_stored(authority, tx, sha256, size)
    if piece and last and state and not state.received:
        logger.warning("a file is not what its hash says", extra={"desk": desk.id, "sha256": sha256})
        raise WrongContent("the bytes are not those of the hash")
    return FileState(sha256=sha256, size=size, received=state.received if state else 0)


def _size_named(row: Row) -> int:
    named = rules.named_file(row.kind, row.fields)
    return named[1] if named else 0


def _make_room(authority: Authority, tx: Transaction, desk: Desk, sha256: str, names: Sequence[Row]) -> Blob:
    """Begin a file, or go on with one whose size somebody names otherwise: what has arrived of it stays.

    The bytes may be the right ones whoever is wrong about their number. Only where no fewer have arrived than this size
    has does the older record decide: who names a colleague's file comes after the colleague.
    """
    _sweep(authority, tx)
    known, size = store.read(tx, sha256, lock=True), _size_named(names[0])
    if known is not None and known.received >= size:
        rivals = [row.number for row in _names(tx, sha256) if _size_named(row) == known.size]
        if min(rivals, default=sys.maxsize) < min(row.number for row in names):
            raise NoRoom("this file is on its way with another size", retry_after=3600)
        store.drop(tx, sha256)
        known = None
    _check_room(tx, desk, names, size, known)
    if known is None:
        store.begin(tx, sha256, size, desk.id, stamp(authority.clock()))
    else:
        store.resize(tx, sha256, size)
    made = store.read(tx, sha256, lock=True)
    if made is None:
        raise Bug("a file that was begun is not there")
    return made


def _check_room(tx: Transaction, desk: Desk, names: Sequence[Row], size: int, known: Blob | None) -> None:
    """Refuse a file beyond the school's room, the desk's unfinished ones, or the person's share for homework.

    Papers of the office are no one person's: they count for the school alone.
    """
    more = size - (known.size if known else 0)
    begun = 0 if known else sum(blob.desk == desk.id for blob in store.unfinished(tx))
    homework = all(row.kind == "HomeworkFile" for row in names)
    if (
        begun >= DESK_UNFINISHED
        or store.bytes_promised(tx) + more > SCHOOL_LIMIT
        or (homework and store.bytes_promised_by(tx, desk.person) + more > PERSON_LIMIT)
    ):
        raise NoRoom("no room for another file", retry_after=3600)


def _take(authority: Authority, tx: Transaction, known: Blob, offset: int, piece: bytes) -> Blob:
    """Keep the piece if it is the next one; return the file as it stands then: with nothing of it if it was wrong."""
    blob = store.read(tx, known.sha256, lock=True)
    if blob is None:
        raise Bug("a file is gone under its lock")
    if not piece or blob.whole or offset != blob.received:
        return blob
    received = offset + len(piece)
    if received > blob.size or (len(piece) < rules.SMALLEST_PIECE and received < blob.size):
        raise Malformed("not a piece of this file")
    at = stamp(authority.clock())
    store.add_part(
        tx, blob.sha256, Part(offset, blobs.sealed(authority.keys.signing, blob.sha256, offset, piece)), received, at
    )
    if received == blob.size and blobs.hash_of(authority.keys.signing, tx, blob.sha256) != blob.sha256:
        store.drop(tx, blob.sha256)
        received = 0
    return Blob(sha256=blob.sha256, size=blob.size, received=received, desk=blob.desk, at=at)


def _say_stored(authority: Authority, tx: Transaction, sha256: str, size: int) -> None:
    """Tell everybody who sees a record of the file that its bytes are here: a line of the log like any other."""
    waiting = [
        row for row in _names(tx, sha256) if _size_named(row) == size and not row.voided and not row.fields["stored"]
    ]
    if waiting:
        wishes = [Wish(row.kind, row.id, {"stored": True}, {"stored": False}, "change") for row in waiting]
        own_lines.write_own(authority, tx, wishes)


def _names(tx: Transaction, sha256: str) -> list[Row]:
    """Return the records that name a file, struck out ones included."""
    return [row for kind in rules.NAMES for row in records.children(tx, kind, [sha256]).get(sha256, [])]


def _names_seen(authority: Authority, tx: Transaction, desk: Desk, sha256: str) -> list[Row]:
    names = _names(tx, sha256) if rules.is_sha256(sha256) else []
    if not names:
        return []
    seen = scope_of(authority, tx, desk.person).slices
    grants = Known(tx).family(RoleGrant, desk.person)
    today = authority.today()
    return [row for row in names if rules.may_have_file(row.kind, row.fields, row.slice, seen, grants, today)]


# --- fetching ------------------------------------------------------------------------------------------------------


def fetch(authority: Authority, desk: Desk, sha256: str, offset: int) -> bytes:
    """Return the bytes of a file from `offset` to the end of the part that holds it; none at its end.

    Raises:
        NoSuchBlob: no record that the desk's person may see names it.
        NotHereYet: not all of it has come.
    """
    with authority.store.read() as tx:
        if not _names_seen(authority, tx, desk, sha256):
            raise NoSuchBlob("no record that you may see names this file")
        blob = store.read(tx, sha256)
        if blob is None or not blob.whole:
            raise NotHereYet("the file is still on its way")
        part = store.part_around(tx, sha256, offset) if offset < blob.size else None
    return blobs.opened(authority.keys.signing, sha256, part)[offset - part.at :] if part else b""


# --- keeping -------------------------------------------------------------------------------------------------------


def _sweep(authority: Authority, tx: Transaction) -> None:
    """Remove what was begun and given up: no record names it after some days, or no part has come for two months.

    A whole file goes only by lawful destruction.
    """
    now = authority.clock()
    for blob in store.unfinished(tx):
        age = now - datetime.fromisoformat(blob.at)
        if age > FORGOTTEN_AFTER or (age > ORPHAN_AFTER and not any(not row.voided for row in _names(tx, blob.sha256))):
            store.drop(tx, blob.sha256)
            logger.info("an unfinished file is swept", extra={"sha256": blob.sha256})
