"""The files of a lesson, each with where its bytes are."""

from __future__ import annotations

from typing import Literal

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from ejournal_core import access
from ejournal_core.blobs import MEDIA_TYPES
from ejournal_desktop.models import blobs
from ejournal_desktop.models.blobs import Held
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.surroundings import Surroundings
from ejournal_desktop.models.state import SyncState
from ejournal_desktop.models.tables import TABLES, blob, history

#: here: на этом ПК · sending: загружается на сервер · waiting: ещё не передан автором · there: на сервере школы ·
#: fetching: скачивается · problem: не передаётся (см. код) · destroyed: содержание уничтожено по акту.
FileState = Literal["here", "sending", "waiting", "there", "fetching", "problem", "destroyed"]


class AttachedFile(Struct, frozen=True, kw_only=True):
    """A file as a screen shows it.

    Attributes:
        done: bytes already sent (sending) or received (fetching).
        problem: code of why it does not go on, "" where nothing is wrong.
        held: all its bytes are on this PC.
        by: short name of who attached it, "" where that is the person who asks.
    """

    kind: str
    id: str
    title: str
    size: int
    media_type: str
    author: str
    state: FileState
    done: int = 0
    problem: str = ""
    held: bool = False
    by: str = ""

    @property
    def is_carried(self) -> bool:
        """Say whether it is of a kind that is attached; a dishonest server might name any other."""
        return self.media_type in MEDIA_TYPES.values()


class LessonFiles(Struct, frozen=True):
    """The files of a lesson; `away`: the server did not answer last, so nothing comes or goes just now."""

    files: tuple[AttachedFile, ...] = ()
    away: bool = False


def lesson_files(journal: Journal, lesson_id: str) -> LessonFiles:
    """Return the files of a lesson as a list shows them."""
    own = journal.identity.person_id
    with journal.reading() as connection:
        state = SyncState.read(connection)
        around = Surroundings(connection, own, journal.clock().date())
        files = tuple(
            msgspec.structs.replace(file, by="" if author == own else around.short_name(author))
            for file in _files_of_lesson(connection, lesson_id)
            for author in [_who_attached(connection, file)]
        )
    return LessonFiles(files, away=bool(state.problem) or not state.last_contact)


def _who_attached(connection: sa.Connection, file: AttachedFile) -> str:
    """Return the person who attached a file: the record itself names the server once that has said `stored`."""
    if file.author != access.SERVER:
        return file.author
    return str(connection.execute(_BIRTH, {"kind": file.kind, "record": file.id}).scalar() or "")


def files_of_lesson(journal: Journal, lesson_id: str) -> tuple[AttachedFile, ...]:
    """Return the files attached to a lesson, in the order in which they were."""
    with journal.reading() as connection:
        return _files_of_lesson(connection, lesson_id)


def _files_of_lesson(connection: sa.Connection, lesson_id: str) -> tuple[AttachedFile, ...]:
    rows = connection.execute(_OF_LESSON, {"lesson_id": lesson_id}).mappings().all()
    return tuple(_attached(row, connection) for row in rows)


def files_leaving(connection: sa.Connection) -> int:
    """Return how many own files the server does not have whole yet."""
    return int(connection.execute(_LEAVING).scalar_one())


def _attached(row: sa.RowMapping, connection: sa.Connection) -> AttachedFile:
    sha256 = row["sha256"]
    known = blobs.held(connection, sha256) if sha256 else None
    state = _state(sha256, bool(row["stored"]), known)
    done = (known.sent if state == "sending" else known.received) if known else 0
    return AttachedFile(
        kind="HomeworkFile", id=row["id"], title=row["title"], size=row["size"], media_type=row["media_type"],
        author=row["author"] or "", state=state, done=done, problem=known.problem if known else "",
        held=bool(known and known.whole),
    )  # fmt: skip


def _state(sha256: str, stored: bool, known: Held | None) -> FileState:
    if not sha256:
        return "destroyed"
    if known is not None and known.problem:
        return "problem"
    if known is not None and known.whole:
        return "here" if stored else "sending"
    if not stored:
        return "waiting"
    return "fetching" if known is not None and known.wanted else "there"


_FILE = TABLES["HomeworkFile"]
_OF_LESSON = (
    sa.select(_FILE)
    .where(_FILE.c.lesson_id == sa.bindparam("lesson_id"), _FILE.c.voided.is_(False))
    .order_by(_FILE.c.id)
)
_BIRTH = (
    sa.select(history.c.author)
    .where(history.c.kind == sa.bindparam("kind"), history.c.record == sa.bindparam("record"))
    .where(history.c.author != access.SERVER)
    .order_by(history.c.seq)
    .limit(1)
)
_LEAVING = sa.select(sa.func.count()).select_from(blob).where(blob.c.outgoing)
