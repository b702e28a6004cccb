"""Reading what is sent: the sender is known before a long body is read, and none is longer or slower than it may be."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from ejournal_core import wire
from ejournal_core.errors import EjournalError
from ejournal_core.seal import RequestParts
from ejournal_core.wire import Malformed
from ejournal_server import gate
from ejournal_server.authority import Authority

BODY_SECONDS = 30  # of waiting for a whole body
SMALL = 64 * 1024  # bytes that anybody may send before we know who it is
LONGEST_RECORD = wire.BODY_LIMIT + 1024  # a sealed batch with its seal
_LENGTH = 4


class TooBig(EjournalError):
    """The body is longer than this call takes."""

    code = "EJ-377"


async def parts(request: Request, authority: Authority, limit: int = wire.BODY_LIMIT) -> RequestParts:
    """Read a signed request; a long body only when its digest is signed by somebody whom the school knows.

    Raises:
        TooBig, Malformed: the body is too long or too slow.
        StaleNonce, NotSigned, WorkstationRevoked: nobody known has signed a long one.
    """
    if _may_be_long(request):
        await checked_sender(request, authority)
    return msgspec.structs.replace(_head(request), body=await body(request, limit), digest="")


def _may_be_long(request: Request) -> bool:
    length = request.headers.get("content-length", "0")
    small = length.isascii() and length.isdecimal() and len(length) < 10 and int(length) <= SMALL
    return not small or "transfer-encoding" in request.headers


def _head(request: Request) -> RequestParts:
    path = request.scope["raw_path"].decode("ascii", "replace")
    query = request.scope["query_string"].decode("ascii", "replace")
    return RequestParts(request.method, path, query, digest=request.headers.get("content-digest", ""))


async def checked_sender(request: Request, authority: Authority) -> RequestParts:
    """Return the head of a request whose sender, a desk or a workstation, is known.

    Raises:
        StaleNonce, NotSigned, WorkstationRevoked: nobody known has signed it.
    """
    head = _head(request)
    await run_in_threadpool(gate.check_sender, authority, head, request.headers)
    return head


async def body(request: Request, limit: int = SMALL) -> bytes:
    """Read a body within limits of size and time.

    Raises:
        TooBig, Malformed: it is too long or too slow.
    """
    data = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                data += chunk
                if len(data) > limit:
                    raise TooBig("the body is too long", limit=limit)
    except TimeoutError:
        raise Malformed("the body came too slowly") from None
    return bytes(data)


class SealedBody:
    """A sealed delivery as it comes in: whole records one by one, no more in memory than the longest of them.

    Args:
        digest: the Content-Digest that the sender has signed.
    """

    def __init__(self, digest: str) -> None:
        self._digest = digest
        self._sha256 = hashlib.sha256()
        self._buffer = bytearray()

    async def records(self, request: Request) -> AsyncIterator[bytes]:
        """Yield the records as they come; a torn last one is left out.

        Raises:
            TooBig, Malformed: too much, too many or too slow; what was yielded before may have been taken in.
        """
        size = count = 0
        async for chunk in _patiently(request):
            self._sha256.update(chunk)
            self._buffer += chunk
            size += len(chunk)
            if size > wire.SEALED_LIMIT:
                raise TooBig("the body is too long", limit=wire.SEALED_LIMIT)
            while (record := self._next()) is not None:
                count += 1
                if count > wire.SEALED_RECORDS:
                    raise TooBig("too many records", limit=wire.SEALED_RECORDS)
                yield record

    def _next(self) -> bytes | None:
        length = int.from_bytes(self._buffer[:_LENGTH], "big")
        if length > LONGEST_RECORD:
            raise TooBig("a record is too long", limit=LONGEST_RECORD)
        end = _LENGTH + length
        if len(self._buffer) < max(end, _LENGTH + 1):
            return None
        record = bytes(self._buffer[_LENGTH:end])
        del self._buffer[:end]
        return record

    def check_digest(self) -> None:
        """Refuse a body that is not the one that was signed; each of its records was judged by its own signature.

        Raises:
            NotSigned: as said.
        """
        said = f"sha-256=:{base64.b64encode(self._sha256.digest()).decode()}:"
        if not hmac.compare_digest(self._digest.encode(), said.encode()):
            raise gate.NotSigned("the body is not the one that was signed")


async def _patiently(request: Request) -> AsyncIterator[bytes]:
    """Yield the pieces of a body; waiting for them counts against the limit, our own work between them does not."""
    clock = asyncio.get_running_loop().time
    left, pieces = float(BODY_SECONDS), aiter(request.stream())
    while True:
        began = clock()
        try:
            async with asyncio.timeout(left):
                piece = await anext(pieces, None)
        except TimeoutError:
            raise Malformed("the body came too slowly") from None
        left -= clock() - began
        if piece is None:
            return
        yield piece
