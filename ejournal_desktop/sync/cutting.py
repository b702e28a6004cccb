"""Ending a request from another thread: the person locks the journal, and nobody waits for a server that is silent."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator, Mapping


class Cutting:
    """Knows whether a request is under way and how to end it.

    httpx has no way to end a request from outside, and a client must not be closed under the thread that uses it. The
    connection's own socket can be shut down from anywhere: whoever reads from it hears that it has ended.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._waiting = False
        self._is_cut = False

    def watch(self, event: str, told: Mapping[str, object]) -> None:
        """Keep a second handle of each new connection; the "trace" extension of httpcore calls this.

        TLS takes the first handle away into an object of its own, before it is known whether the other side answers.
        """
        if event != "connection.connect_tcp.complete":
            return
        stream = told["return_value"]
        made = stream.get_extra_info("socket").dup()  # type: ignore[attr-defined]  # httpcore.NetworkStream
        with self._lock:
            before, self._socket = self._socket, made
            if self._is_cut:
                _shut(made)
        if before is not None:
            before.close()

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """Mark the time of one request.

        Raises:
            ConnectionAbortedError: the line was cut before or meanwhile, even when an answer came.
        """
        with self._lock:
            self._refuse_if_cut()
            self._waiting = True
        try:
            yield
        finally:
            with self._lock:
                self._waiting = False
                self._refuse_if_cut()

    def cut(self) -> bool:
        """End the request under way and refuse all further ones; say whether there was one.

        After True no answer of this line reaches anybody any more.
        """
        with self._lock:
            self._is_cut = True
            if self._socket is not None:
                _shut(self._socket)
            return self._waiting

    def close(self) -> None:
        """Let the handle go."""
        with self._lock:
            if self._socket is not None:
                self._socket.close()
                self._socket = None

    def _refuse_if_cut(self) -> None:
        if self._is_cut:
            raise ConnectionAbortedError("cut from this side")


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it has ended already
        connection.shutdown(socket.SHUT_RDWR)
