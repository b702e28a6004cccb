"""How long a connection may keep us waiting, and how many of them there may be: of one address and of all."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 15.0  # for a whole head, from the connection's or the head's first byte
READ_SECONDS = 60.0  # for the other side to take what we send
MOST_CONNECTIONS = 1_000
MOST_OF_ADDRESS = 200  # a whole school may come from behind one


class Door:
    """Counts who is in. Used on the event loop only."""

    def __init__(self) -> None:
        self._inside: Counter[str] = Counter()

    def admit(self, address: str) -> bool:
        """Let a connection in, or say that there is no room."""
        if self._inside.total() >= MOST_CONNECTIONS or self._inside[address] >= MOST_OF_ADDRESS:
            return False
        self._inside[address] += 1
        return True

    def leave(self, address: str) -> None:
        """Count a connection that has ended."""
        self._inside[address] -= 1
        if not self._inside[address]:
            del self._inside[address]


class Doorway(socket.socket):
    """A listening socket that counts connections from their first byte, long before TLS has made them calls.

    On Windows asyncio lets the system accept; there only those count whose TLS stands (`patient_protocol`).

    Args:
        listening: the socket to take the place of; it is not used any more.
    """

    def __init__(self, listening: socket.socket, door: Door) -> None:
        family, kind, protocol = listening.family, listening.type, listening.proto
        super().__init__(family, kind, protocol, fileno=listening.detach())
        self._door = door

    def accept(self) -> tuple[socket.socket, Any]:
        """Let the next connection in.

        Raises:
            ConnectionAbortedError: there was no room, and it is closed; asyncio goes on with the next one.
        """
        plain, address = super().accept()
        if not self._door.admit(address[0]):
            plain.close()
            raise ConnectionAbortedError
        return _Entered(plain, self._door, address[0]), address


class _Entered(socket.socket):
    """A connection that counts itself out."""

    def __init__(self, plain: socket.socket, door: Door, address: str) -> None:
        super().__init__(plain.family, plain.type, plain.proto, fileno=plain.detach())
        self._door, self._address = door, address

    def close(self) -> None:
        """Close it, and count it out once."""
        if self.fileno() != -1:
            self._door.leave(self._address)
        super().close()


def patient_protocol(door: Door) -> type[H11Protocol]:
    """Return uvicorn's protocol with an end to patience; all connections of a listener share a door."""

    class Patient(H11Protocol):
        """One connection."""

        _address = ""
        _admitted = False
        _head_timer: asyncio.TimerHandle | None = None
        _read_timer: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            """Let it in and wait for its first head, or close it at once."""
            super().connection_made(transport)
            self._address = self.client[0] if self.client else ""
            self._admitted = door.admit(self._address)
            if self._admitted:
                self._wait_for_head()
            else:
                transport.abort()

        def connection_lost(self, exc: Exception | None) -> None:
            """Count it out."""
            super().connection_lost(exc)
            self._stop(self._head_timer)
            self._stop(self._read_timer)
            if self._admitted:
                self._admitted = False
                door.leave(self._address)

        def data_received(self, data: bytes) -> None:
            """Take what came; a head that has begun has to end."""
            super().data_received(data)
            if self.conn.their_state is not h11.IDLE:
                self._stop(self._head_timer)
                self._head_timer = None
            elif self._head_timer is None and self.conn.trailing_data[0]:
                self._wait_for_head()

        def pause_writing(self) -> None:
            """Wait for the other side to read, but not for ever."""
            super().pause_writing()
            self._stop(self._read_timer)
            self._read_timer = self.loop.call_later(READ_SECONDS, self.transport.abort)

        def resume_writing(self) -> None:
            """It reads."""
            super().resume_writing()
            self._stop(self._read_timer)

        def _wait_for_head(self) -> None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

        @staticmethod
        def _stop(timer: asyncio.TimerHandle | None) -> None:
            if timer is not None:
                timer.cancel()

    return Patient
