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


class SyncState(Struct, frozen=True, kw_only=True):
    """What the desk knows of the server.

    Attributes:
        cursor: the log's number up to which everything visible has been applied.
        peaks: frontier of the log's tree at the cursor, hex: its root follows from every line and gap received.
        head: last verified tree head.
        scope: fingerprint of the slices this person may see.
        last_contact: RFC 3339, "" before the first.
        problem: one sentence while the server cannot be reached.
        seal_key: the server's X25519 public key, hex; "" until it is known.
        signer_key, signer_certificate, signer_chain: what the person signs documents with, PEM; "" until issued.
        backup_key: the administrator's age identity for trial restores, "AGE-SECRET-KEY-1…"; "" until one is needed.
    """

    cursor: int = 0
    peaks: str = ""
    head: TreeHead | None = None
    scope: str = ""
    last_contact: str = ""
    server_name: str = ""
    problem: str = ""
    seal_key: str = ""
    signer_key: str = ""
    signer_certificate: str = ""
    signer_chain: str = ""
    backup_key: str = ""

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
