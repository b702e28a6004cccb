"""What a caller hears when a call goes wrong: a `Problem` of the protocol, no HTML and no exception's own text."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from ejournal_core import wire
from ejournal_core.errors import EjournalError
from ejournal_core.wire import Problem
from ejournal_server.reception import MEDIA_TYPE

logger = logging.getLogger(__name__)

#: HTTP status by code of the trouble; anything else is 503.
STATUS = {
    "nonce": 401, "scope-changed": 409, "EJ-321": 400, "EJ-370": 400, "EJ-372": 409, "EJ-373": 401, "EJ-374": 403,
    "EJ-353": 400, "EJ-354": 409, "EJ-367": 403, "EJ-375": 429, "EJ-414": 404, "EJ-415": 409, "EJ-416": 507,
    "EJ-250": 404, "EJ-376": 404, "EJ-377": 413, "EJ-265": 410, "EJ-382": 403,
    "EJ-392": 403, "EJ-393": 403, "EJ-394": 403, "EJ-443": 426,
    "EJ-381": 403, "EJ-444": 409, "EJ-507": 403, "EJ-508": 409, "EJ-528": 409, "EJ-529": 409,
    "EJ-544": 400, "EJ-560": 403, "EJ-561": 403,
}  # fmt: skip


def _problem(status: int, code: str, note: str, retry_after: int = 0) -> Response:
    body = wire.encode(Problem(code=code, note=note, retry_after=retry_after))
    headers = {"Retry-After": str(retry_after)} if retry_after else None
    return Response(body, status, headers, MEDIA_TYPE)


async def _trouble(request: Request, error: EjournalError) -> Response:
    retry_after = error.details.get("retry_after", 0)
    status = STATUS.get(error.code, 503)
    level = logging.WARNING if status >= 500 else logging.INFO
    logger.log(level, "request refused", extra={"path": request.url.path, "code": error.code, "status": status})
    expected = error.details.get("expected")
    note = f"{error.message} (expected {expected})" if expected is not None else error.message
    return _problem(status, error.code, note, retry_after if isinstance(retry_after, int) else 0)


async def _http_error(_: Request, error: HTTPException) -> Response:
    return _problem(error.status_code, "EJ-376" if error.status_code == 404 else "EJ-321", error.detail)


async def _gone(request: Request, _: Exception) -> Response:
    """Whoever called has left in the middle of the call, as a cut line does: nothing failed, and nobody reads this."""
    logger.info("caller left", extra={"path": request.url.path})
    return _problem(400, "EJ-321", "the request is cut")


async def _bug(request: Request, error: Exception) -> Response:
    # The message of a foreign exception may hold a person's data: only its type and place are logged.
    place = "".join(traceback.format_tb(error.__traceback__))
    kind = type(error).__name__
    logger.error("unexpected failure", extra={"path": request.url.path, "kind": kind, "place": place})
    return _problem(500, "EJ-900", "unexpected failure")


#: By kind of exception, as Starlette takes them.
HANDLERS: Mapping[Any, Any] = {
    EjournalError: _trouble, HTTPException: _http_error, ClientDisconnect: _gone, Exception: _bug
}  # fmt: skip
