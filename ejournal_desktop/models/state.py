"""Who a desk's file belongs to and where it stands with the server."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.dialects.sqlite import insert

from ejournal_core.errors import Bug
from ejournal_core.tree import Frontier
from ejournal_core.wire import TreeHead
from ejournal_desktop.models.tables import desk, sync_state


class Identity(Struct, frozen=True):
    """The desk and its person. `signing_key` is the desk's Ed25519 private key, 32 raw bytes."""

    desk_id: str
    person_id: str
    person_name: str
    school: str
    signing_key: bytes

    @staticmethod
    def read(connection: sa.Connection) -> Identity:
        """Return the identity that the file holds."""
        row = connection.execute(sa.select(desk)).first()
        if row is None:
            raise Bug("the desk's file names no desk")
        return Identity(row.id, row.person_id, row.person_name, row.school, bytes.fromhex(row.signing_key))

    def write(self, connection: sa.Connection) -> None:
        """Enter the identity into a fresh file."""
        connection.execute(
            desk.insert().values(
                id=self.desk_id,
                person_id=self.person_id,
                person_name=self.person_name,
                school=self.school,
                signing_key=self.signing_key.hex(),
            )
        )


class Loading(Struct, frozen=True, kw_only=True):
    """A snapshot that is being loaded: which slices, as of which number, in which chunks.

    Attributes:
        id: by which the server gives its chunks.
        chunks: (SHA-256 in hex, number of records) of each.
        scope: fingerprint of all that the person may see then.
        whole: everything the person may see: the cursor comes to stand at the number.
        repair: what is held already is put right; nothing is gained.
        fresh: the desk held nothing before, so nothing has to be removed.
    """

    id: str
    slices: tuple[str, ...]
    number: int
    scope: str
    chunks: tuple[tuple[str, int], ...]
    head: TreeHead | None = None
    peaks: str = ""
    whole: bool = False
    repair: bool = False
    fresh: bool = False


class Learning(Struct, frozen=True, kw_only=True):
    """The history of slices that is on its way: lines up to number `after` are here, `upto` are to come.

    `peaks` is the frontier of the tree at `after`, hex.
    """

    slices: tuple[str, ...]
    after: int
    upto: int
    peaks: str = ""

    @property
    def frontier(self) -> Frontier:
        """The frontier of the log's tree at `after`."""
        return Frontier.from_bytes(self.after, bytes.fromhex(self.peaks))


class Notice(Struct, frozen=True, kw_only=True):
    """Something about slices that the person should hear of: its code, when (RFC 3339), and which slices."""

    code: str
    at: str
    slices: tuple[str, ...]


class SyncState(Struct, frozen=True, kw_only=True):
    """What the desk knows of the server.

    Attributes:
        cursor: the log's number up to which everything visible has been applied.
        peaks: frontier of the log's tree at the cursor, hex: its root follows from every line and gap received.
        head: last verified tree head.
        scope: fingerprint of the slices this person may see.
        loading, loaded: the snapshot that is being loaded and how many of its chunks are in.
        learning: the history that is on its way behind a snapshot.
        compared_at: when this desk last compared its content with the server's, RFC 3339; "" when it is due.
        confirmed: fingerprint of the held slices that the server has been told of.
        notices: what happened to slices, oldest first.
        clocks_apart: seconds by which the server's clock is ahead while a doubt about clocks keeps slices here.
        last_contact: RFC 3339, "" before the first.
        problem: one sentence while the server cannot be reached.
        seal_key: the server's X25519 public key, hex; "" until it is known.
        signer_key, signer_certificate, signer_chain: what the person signs documents with, PEM; "" until issued.
        backup_key: the administrator's age identity for trial restores, "AGE-SECRET-KEY-1…"; "" until one is needed.
        closed: the server's code for a desk that is frozen, revoked or whose person has left; "" while it is none.
        anew: why this desk took the place of another here, as that code; "" when it did not.
        left_behind: changes of the desk before that wait in quarantine for two people.
        seen: ids of the notices that the person has put away, oldest first.
        problem_code: the code of `problem` in docs/errors.md.
    """

    cursor: int = 0
    peaks: str = ""
    head: TreeHead | None = None
    scope: str = ""
    loading: Loading | None = None
    loaded: int = 0
    learning: Learning | None = None
    compared_at: str = ""
    confirmed: str = ""
    notices: tuple[Notice, ...] = ()
    clocks_apart: int = 0
    last_contact: str = ""
    server_name: str = ""
    problem: str = ""
    seal_key: str = ""
    signer_key: str = ""
    signer_certificate: str = ""
    signer_chain: str = ""
    backup_key: str = ""
    closed: str = ""
    anew: str = ""
    left_behind: int = 0
    seen: tuple[str, ...] = ()
    problem_code: str = ""

    @property
    def frontier(self) -> Frontier:
        """The frontier of the log's tree at the cursor."""
        return Frontier.from_bytes(self.cursor, bytes.fromhex(self.peaks))

    @staticmethod
    def read(connection: sa.Connection) -> SyncState:
        """Return the state; a fresh desk has the defaults."""
        return msgspec.convert({row.key: row.value for row in connection.execute(_ALL)}, SyncState)

    @staticmethod
    def write(connection: sa.Connection, **values: Any) -> None:
        """Replace some of the values.

        Raises:
            Bug: a value that the state does not have.
        """
        unknown = values.keys() - set(SyncState.__struct_fields__)
        if unknown:
            raise Bug(f"no such state: {sorted(unknown)}")
        rows = [{"key": key, "value": msgspec.to_builtins(value)} for key, value in values.items()]
        if rows:
            connection.execute(_PUT, rows)


_ALL = sa.select(sync_state.c.key, sync_state.c.value)
_PUT = insert(sync_state)
_PUT = _PUT.on_conflict_do_update(index_elements=["key"], set_={"value": _PUT.excluded.value})
