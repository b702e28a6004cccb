"""The way between desks and server without sockets, threads or time: the product's own messages, signatures and routes.

`Wire` runs the server's ASGI application in this thread. `Line` is the desk's own `SchoolServer` on top of it, so every
call a desk has goes this way as it would over HTTPS, but for TLS itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache
from typing import Any, Protocol

import anyio.to_thread
from msgspec import Struct

from ejournal_core import seal, wire
from ejournal_core.seal import RequestParts
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.sync.engine import Portion, sync_once
from ejournal_desktop.sync.server import MEDIA_TYPE, Identity, SchoolServer, ServerRefused
from ejournal_server import gate
from ejournal_server.api import Routes
from ejournal_server.folder import Office


class Message(Struct, frozen=True):
    """A request as it travels."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


class Reply(Struct, frozen=True):
    """An answer as it travels."""

    status: int
    body: bytes


class Carrier(Protocol):
    """Whatever takes requests to a server: it may lose, delay or repeat them."""

    def carry(self, message: Message) -> Reply:
        """Return the answer."""


async def _at_once(work: Callable[..., Any], *arguments: Any, **_: Any) -> Any:
    return work(*arguments)


setattr(anyio.to_thread, "run_sync", _at_once)  # noqa: B010  # stories have one thread, also for the server's work


@cache
def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()


class Wire:
    """A server process: its routes, ready to answer."""

    def __init__(self, office: Office) -> None:
        routes = Routes(office)
        routes.strangers = gate.Bucket(rate=1, burst=10**9, clock=lambda: 0.0)  # stories have no haste to be slowed
        routes.doors = gate.Bucket(rate=1, burst=10**9, clock=lambda: 0.0)
        self._app = routes.app()

    def carry(self, message: Message) -> Reply:
        """Let the server answer."""
        return _loop().run_until_complete(self._answer(message))

    async def _answer(self, message: Message) -> Reply:
        status, pieces = 0, bytearray()

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": message.body, "more_body": False}

        async def send(event: Any) -> None:
            nonlocal status
            if event["type"] == "http.response.start":
                status = event["status"]
            else:
                pieces.extend(event.get("body", b""))

        await self._app(_scope(message), receive, send)
        return Reply(status, bytes(pieces))


def _scope(message: Message) -> dict[str, Any]:
    headers = [(name.lower().encode(), value.encode()) for name, value in message.headers.items()]
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": message.method, "scheme": "https",
        "path": message.path, "raw_path": message.path.encode(), "query_string": message.query.encode(),
        "root_path": "", "headers": headers, "client": ("127.0.0.1", 1), "server": ("school", 443),
    }  # fmt: skip


class Line(SchoolServer):
    """A desk's connection to the school's server."""

    def __init__(self, carrier: Carrier, key_id: str, signing: bytes) -> None:
        self._carrier = carrier
        self._identity = Identity(key_id, signing)
        self._nonce, self._greeted = "", 0.0

    def close(self) -> None:
        """Nothing is open."""

    def _exchange(
        self, method: str, path: str, body: bytes = b"", query: str = "", *, sign: bool = False, **_: Any
    ) -> bytes:
        headers = {"Content-Type": MEDIA_TYPE, "Content-Length": str(len(body))} if body else {}
        if sign and self._identity is not None:
            parts = RequestParts(method, path, query, body)
            headers[wire.PROTOCOL_HEADER] = str(self._protocol)
            headers |= seal.sign_request(self._identity.private_key, self._identity.key_id, self._nonce, parts, 0)
        reply = self._carrier.carry(Message(method, path, query, headers, body))
        if reply.status >= 300:
            problem = wire.decode(wire.Problem, reply.body)
            raise ServerRefused(problem.code, reply.status, problem.note, problem.retry_after)
        return reply.body


class Direct:
    """A line on which nothing goes wrong."""

    def __init__(self, office: Office, desk: str, signing: bytes) -> None:
        self._keys = office.authority.keys
        self.line = Line(Wire(office), f"desk:{desk}", signing)

    def meet(self, journal: Journal) -> None:
        """Meet the server once."""
        server_key = bytes.fromhex(self._keys.signing_public)
        sync_once(journal, self.line, server_key, self._keys.sealing_public, portion=Portion(clock=lambda: 0.0))
