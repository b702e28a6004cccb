"""A wire between a desk and its server that can be cut after any byte, in either direction; TLS passes untouched."""

from __future__ import annotations

import selectors
import socket
import threading


class Wire:
    """A TCP proxy on loopback: `with Wire(port) as wire: … wire.address`.

    Args:
        port: of the server on 127.0.0.1.
        up, down: bytes that a connection may carry to and from the server before it is cut; None: never cut.
    """

    def __init__(self, port: int, up: int | None = None, down: int | None = None) -> None:
        self._port = port
        self._room = {"up": up, "down": down}
        self.carried = {"up": 0, "down": 0}
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._end, self._ended = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, name="wire")

    @property
    def address(self) -> str:
        """Where the server seems to be."""
        return f"https://127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self) -> Wire:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.close()
        self._thread.join()
        self._ended.close()
        self._listening.close()

    def _serve(self) -> None:
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._listening, selectors.EVENT_READ)
            waiting.register(self._ended, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in waiting.select()}
                if self._ended in ready:
                    return
                self._connect()

    def _connect(self) -> None:
        desk, _ = self._listening.accept()
        with desk, socket.create_connection(("127.0.0.1", self._port)) as server:
            self._carry(desk, server)

    def _carry(self, desk: socket.socket, server: socket.socket) -> None:
        """Carry bytes both ways until one side ends or the wire is cut."""
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._ended, selectors.EVENT_READ)
            waiting.register(desk, selectors.EVENT_READ, ("up", desk, server))
            waiting.register(server, selectors.EVENT_READ, ("down", server, desk))
            while True:
                for key, _ in waiting.select():
                    if key.data is None or not self._pass(*key.data):
                        return

    def _pass(self, way: str, source: socket.socket, target: socket.socket) -> bool:
        try:
            data = source.recv(65_536)
            room = self._room[way]
            target.sendall(data if room is None else data[: room - self.carried[way]])
        except OSError:
            return False
        self.carried[way] += len(data)
        return bool(data) and (room is None or self.carried[way] < room)
