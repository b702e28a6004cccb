"""Around every call: its id in the log, its time, and a door that closes before the server goes."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ejournal_core import seal, wire
from ejournal_core.wire import Problem
from ejournal_server import measures

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/x-ejournal"
STOPPING = "EJ-425"
RETRY_SECONDS = 5
_CALLER = re.compile(r"(?:desk|workstation):[0-9A-Za-z-]{1,64}")

#: The id of the call that is being answered, "" outside of one.
call_id: ContextVar[str] = ContextVar("call_id", default="")


class CallIds(logging.Filter):
    """Gives every line that is logged during a call the call's id."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add `call`."""
        if call := call_id.get():
            record.call = call
        return True


class Reception:
    """An ASGI application around another: counts and logs its calls; once closed it lets no new one in."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._inside = 0
        self._closed = False
        self._empty = asyncio.Event()

    def close(self) -> None:
        """Answer everything new with 503; what is inside goes on. Called on the event loop."""
        self._closed = True
        if not self._inside:
            self._empty.set()

    async def wait_until_empty(self, seconds: float) -> bool:
        """Wait until the last call that is inside has its answer; say whether that came in time."""
        try:
            async with asyncio.timeout(seconds):
                await self._empty.wait()
        except TimeoutError:
            return False
        return True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif self._closed:
            await _refuse(send)
        else:
            self._inside += 1
            try:
                await _Call(scope, send).answer(self._app, receive)
            finally:
                self._leave()

    def _leave(self) -> None:
        self._inside -= 1
        if self._closed and not self._inside:
            self._empty.set()


class _Call:
    """One call from its first byte to its last."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope = scope
        self.id = secrets.token_hex(8)
        self.status = 0
        self._send = send

    async def answer(self, app: ASGIApp, receive: Receive) -> None:
        """Let the application answer, and say how it went."""
        token = call_id.set(self.id)
        began = time.perf_counter()
        try:
            await app(self.scope, receive, self._pass_on)
        finally:
            self._tell(time.perf_counter() - began)
            call_id.reset(token)

    async def _pass_on(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), (b"x-request-id", self.id.encode())]
        await self._send(message)

    def _tell(self, seconds: float) -> None:
        call = self._route()
        measures.count_call(self.scope["method"], call, self.status, seconds)
        told: MutableMapping[str, Any] = {"method": self.scope["method"], "path": call, "status": self.status}
        if caller := _claimed_caller(self.scope):
            told["caller"] = caller
        logger.info("call", extra={**told, "ms": round(seconds * 1000, 1)})

    def _route(self) -> str:
        """Return the call's name as the protocol has it: what a stranger asked for stands in no log and no metric."""
        route = self.scope.get("route")
        return str(getattr(route, "path", "")) or "-"


def _claimed_caller(scope: Scope) -> str:
    """Return who says to be calling; whether it is true is judged elsewhere, so only what can be an id is repeated."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    claimed = seal.request_signer(headers)
    return claimed[0] if claimed and _CALLER.fullmatch(claimed[0]) else ""


async def _refuse(send: Send) -> None:
    body = wire.encode(Problem(code=STOPPING, note="the server is being stopped", retry_after=RETRY_SECONDS))
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"retry-after", str(RETRY_SECONDS).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": body})
