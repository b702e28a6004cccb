"""Who knocks: fresh signed requests of known desks and workstations, and not too many of anybody's."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import ClassVar

from ejournal_core import seal, wire
from ejournal_core.errors import Trouble
from ejournal_core.seal import RequestParts
from ejournal_server.authority import Authority
from ejournal_server.store import people
from ejournal_server.store.people import Desk, Workstation

NONCE_SECONDS = 10 * 60
MOST_CALLERS = 10_000  # remembered at once
_TAG_BYTES = 18  # with the time 24 bytes: base64 without padding


class StaleNonce(Trouble):
    """The request's nonce is too old or not ours: ask for a fresh one and repeat."""

    code: ClassVar[str] = "nonce"


class NotSigned(Trouble):
    """The request is not signed by a desk or workstation that this school knows."""

    code: ClassVar[str] = "EJ-373"


class DeskClosed(Trouble):
    """The desk is frozen: it may deliver, but receives nothing more until it is certified anew."""

    code: ClassVar[str] = "EJ-382"


class DeskRevoked(DeskClosed):
    """The desk is revoked: only what was entered before may still be delivered."""

    code: ClassVar[str] = "EJ-392"


class WorkstationRevoked(Trouble):
    """The workstation is revoked: nobody signs in there and nothing is delivered from it."""

    code: ClassVar[str] = "EJ-393"


class PersonLeft(DeskClosed):
    """The person has left: the desk may deliver what was entered, and receives nothing more."""

    code: ClassVar[str] = "EJ-394"


#: What a desk that is not active is told.
CLOSED = {"frozen": DeskClosed, "revoked": DeskRevoked, "left": PersonLeft}


class NotSpoken(Trouble):
    """The caller uses a version of the protocol that this server does not speak."""

    code: ClassVar[str] = "EJ-443"


def check_protocol(headers: Mapping[str, str]) -> None:
    """Refuse a version that is not spoken here; who names none speaks the first.

    Raises:
        NotSpoken: it is another one.
    """
    if headers.get(wire.PROTOCOL_HEADER.lower(), "1") not in {str(version) for version in wire.SPOKEN}:
        raise NotSpoken("this version of the protocol is not spoken here")


class TooFast(Trouble):
    """Too many requests from one address."""

    code: ClassVar[str] = "EJ-375"


# --- nonces --------------------------------------------------------------------------------------------------------


def new_nonce(authority: Authority) -> str:
    """Return a nonce for the next ten minutes. It holds its own time, so that any worker can judge it."""
    moment = int(authority.clock().timestamp()).to_bytes(6, "big")
    return base64.urlsafe_b64encode(moment + _tag(authority, moment)).decode()


def is_fresh(authority: Authority, nonce: str) -> bool:
    """Say whether the nonce is one of this server's last ten minutes."""
    try:
        data = base64.urlsafe_b64decode(nonce)
    except ValueError:
        return False
    moment, tag = data[:6], data[6:]
    age = int(authority.clock().timestamp()) - int.from_bytes(moment, "big")
    return hmac.compare_digest(tag, _tag(authority, moment)) and -NONCE_SECONDS <= age <= NONCE_SECONDS


def _tag(authority: Authority, moment: bytes) -> bytes:
    return hmac.new(authority.keys.nonce_secret, moment, hashlib.sha256).digest()[:_TAG_BYTES]


# --- callers -------------------------------------------------------------------------------------------------------


def calling_desk(authority: Authority, parts: RequestParts, headers: Mapping[str, str], *, receives: bool) -> Desk:
    """Return the desk that signed the request.

    Args:
        receives: whether the call gives something out; a desk that is closed may still deliver.

    Raises:
        StaleNonce, NotSigned, DeskClosed, DeskRevoked, PersonLeft: it is not let in.
    """
    desk_id = _claimed(authority, headers, "desk:")
    with authority.store.read() as tx:
        desk = people.desk(tx, desk_id)
    if desk is None or not seal.is_request_signed(bytes.fromhex(desk.public_key), parts, headers):
        raise NotSigned("not signed by a desk of this school")
    if receives and desk.state != "active":
        raise CLOSED[desk.state](f"the desk is {desk.state}")
    return desk


def check_sender(authority: Authority, parts: RequestParts, headers: Mapping[str, str]) -> None:
    """Refuse a body before it is read, unless a desk or workstation of this school has signed its digest.

    Raises:
        StaleNonce, NotSigned, WorkstationRevoked: it is not let in.
    """
    claimed = seal.request_signer(headers)
    if claimed is not None and claimed[0].startswith("desk:"):
        calling_desk(authority, parts, headers, receives=False)
    else:
        calling_workstation(authority, parts, headers)


def check_may_push(desk: Desk, first: int) -> None:
    """Refuse what a revoked desk sends itself beyond its last trusted counter: it keeps that, and it can lie sealed.

    Raises:
        DeskRevoked: counter `first` is beyond it.
    """
    if desk.state == "revoked" and first > desk.trusted_n:
        raise DeskRevoked("the desk is revoked")


def calling_workstation(authority: Authority, parts: RequestParts, headers: Mapping[str, str]) -> Workstation:
    """Return the approved workstation that signed the request.

    Raises:
        StaleNonce, NotSigned, WorkstationRevoked: it is not let in.
    """
    workstation_id = _claimed(authority, headers, "workstation:")
    with authority.store.read() as tx:
        row = people.workstation(tx, workstation_id)
    if row is None or row.state not in ("approved", "revoked"):
        raise NotSigned("not a workstation of this school")
    if not seal.is_request_signed(bytes.fromhex(row.public_key), parts, headers):
        raise NotSigned("not signed by this workstation")
    if row.state == "revoked":
        raise WorkstationRevoked("the workstation is revoked")
    return row


def _claimed(authority: Authority, headers: Mapping[str, str], prefix: str) -> str:
    claimed = seal.request_signer(headers)
    if claimed is None or not claimed[0].startswith(prefix):
        raise NotSigned("this call needs a signature of its kind")
    if not is_fresh(authority, claimed[1]):
        raise StaleNonce("the nonce is too old")
    return claimed[0].removeprefix(prefix)


# --- not too fast --------------------------------------------------------------------------------------------------


class Bucket:
    """Lets through `rate` requests a second of each caller on average, `burst` at once.

    Of the callers that it knows, it forgets first who has asked for nothing the longest.

    Args:
        clock: seconds, never going back.
    """

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, caller: str) -> None:
        """Count one request.

        Raises:
            TooFast: the caller has used up its share.
        """
        with self._lock:
            level, now = self._level(caller)
            if level < 1:
                raise self._too_fast(level)
            self._levels[caller] = (level - 1, now)
            self._levels.move_to_end(caller)
            if len(self._levels) > MOST_CALLERS:
                self._levels.popitem(last=False)

    def check(self, caller: str) -> None:
        """Ask whether the caller has something left, without counting.

        Raises:
            TooFast: nothing.
        """
        with self._lock:
            level, _ = self._level(caller)
            if level < 1:
                raise self._too_fast(level)

    def _level(self, caller: str) -> tuple[float, float]:
        now = self._clock()
        level, since = self._levels.get(caller, (float(self._burst), now))
        return min(float(self._burst), level + (now - since) * self._rate), now

    def _too_fast(self, level: float) -> TooFast:
        return TooFast("too many requests", retry_after=max(1, math.ceil((1 - level) / self._rate)))


def address_of(host: str) -> str:
    """Return whom a network address stands for: of IPv6 the /64, which one household has whole."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(getattr(address, "ipv4_mapped", None) or address)
