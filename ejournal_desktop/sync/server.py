"""The school server's calls as methods: signed requests over TLS 1.3 with the school's own authority pinned.

Whatever goes wrong on the way becomes a `Trouble` with a code; nothing here touches the journal. The protocol is in
docs/sync-protocol.md.
"""

from __future__ import annotations

import base64
import hashlib
import re
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from typing import ClassVar, TypeVar
from urllib.parse import quote

import httpx
import msgspec
from msgspec import Struct

from ejournal_core import seal, wire
from ejournal_core.errors import Trouble
from ejournal_core.handouts import CodesHandout, NoHandout, decode_handout
from ejournal_core.release import Release
from ejournal_desktop.sync.cutting import Cutting

MEDIA_TYPE = "application/x-ejournal"
GREETED_SECONDS = 5 * 60.0  # half of what a nonce lasts
KEPT_OPEN = 70.0  # seconds without a request; the server closes after 75
CONNECT_SECONDS = 5.0  # for the line and its handshake
SNAPSHOT_SECONDS = 10 * 60.0  # to prepare a whole school on a slow server
CODES_SECONDS = 10 * 60.0  # for a whole school: each code is hashed like a password
PERSON_SECONDS = 5 * 60.0  # to look through a log of many years
BACKUP_SECONDS = 30 * 60.0  # to seal the whole school, on a slow server with 25 years of it
M = TypeVar("M", bound=Struct)
_EXPECTED = re.compile(r"\(expected (\d{1,15})\)")


class ServerAway(Trouble):
    """Nobody answers: no network, the server is off, or the connection broke."""

    code: ClassVar[str] = "EJ-320"


class ServerSlow(ServerAway):
    """The server did not answer in time; less at once may help."""


class NotOurServer(Trouble):
    """Something answers that cannot prove to be the school's server."""

    code: ClassVar[str] = "EJ-322"


class ServerRefused(Trouble):
    """The server answered and said no; `answer` is its stable code, `retry_after` seconds."""

    code: ClassVar[str] = "EJ-323"

    def __init__(self, answer: str, status: int, note: str, retry_after: int = 0) -> None:
        super().__init__(note, answer=answer, status=status, retry_after=retry_after)
        self.answer = answer
        self.status = status
        found = _EXPECTED.search(note)
        self.expected = int(found[1]) if found else 0  # counter, where earlier changes of this desk are missing
        self.retry_after = retry_after


class Identity(Struct, frozen=True):
    """Who signs the requests: a workstation or a desk ("desk:<id>"), and its Ed25519 key."""

    key_id: str
    private_key: bytes


class Pull(Struct, frozen=True):
    """An answer to a pull: its head and lines in order of their numbers."""

    head: wire.PullHead
    lines: tuple[wire.Pulled, ...]


class SchoolServer:
    """One school's server. Not shared between threads, but for `cut`; `close` it.

    Args:
        address: "https://host:port".
        ca_certificate: PEM of the pinned authority; None only while pairing, when the code on both screens decides.
        identity: who signs; None for the calls that need no signature.
        timeout: seconds for one answer.
    """

    _protocol = wire.PROTOCOL  # until a server has said what it speaks

    def __init__(
        self, address: str, ca_certificate: str | None, identity: Identity | None = None, timeout: float = 20.0
    ) -> None:
        self._identity = identity
        self._nonce, self._greeted = "", 0.0
        self._cutting = Cutting()
        try:
            base_url = httpx.URL(address)
        except httpx.InvalidURL:
            raise ServerAway("not an address") from None
        if base_url.scheme != "https":
            raise ServerAway("nothing is ever said in the clear")
        self._http = httpx.Client(
            base_url=base_url,
            verify=_tls(ca_certificate),
            timeout=httpx.Timeout(timeout, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=1, keepalive_expiry=KEPT_OPEN),
            trust_env=False,  # the school's server is never behind a proxy of the surroundings
            headers={"Accept": MEDIA_TYPE, "User-Agent": f"ejournal-desktop/{version('ejournal')}"},
        )

    def close(self) -> None:
        """End the connection."""
        self._http.close()
        self._cutting.close()

    def cut(self) -> bool:
        """End the request under way, from any thread, and refuse all further ones; say whether there was one.

        The request ends with `ServerAway`; `close` stays the affair of the thread that uses the connection.
        """
        return self._cutting.cut()

    def __enter__(self) -> SchoolServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- unsigned ---

    def hello(self) -> wire.Hello:
        """Ask who the server is; its nonce signs what follows."""
        hello = wire.decode(wire.Hello, self._exchange("GET", "/v1/hello"))
        self._nonce, self._greeted = hello.nonce, time.monotonic()
        self._protocol = wire.agreed(hello.protocols) or wire.PROTOCOL
        return hello

    @property
    def is_greeted(self) -> bool:
        """Whether it has said who it is on this connection, lately enough for its nonce to hold through a meeting."""
        return bool(self._nonce) and time.monotonic() - self._greeted < GREETED_SECONDS

    def pair_start(self, request: wire.PairStart) -> wire.PairStarted:
        """Ask to become known; the answer brings the server's nonce and its authority."""
        return wire.decode(wire.PairStarted, self._exchange("POST", "/v1/pair", wire.encode(request)))

    def pair_reveal(self, pairing: str, reveal: wire.PairReveal) -> wire.PairState:
        """Open the commitment and ask how the administrator decided."""
        return wire.decode(wire.PairState, self._exchange("POST", f"/v1/pair/{pairing}", wire.encode(reveal)))

    # --- signed by the workstation ---

    def people(self) -> tuple[wire.PersonLine, ...]:
        """Return the people who may sign in."""
        lines = wire.split_lines(wire.decompress(self._signed("GET", "/v1/people")))
        return tuple(wire.decode(wire.PersonLine, line) for line in lines)

    def certify_desk(self, request: wire.DeskRequest) -> wire.DeskCertified:
        """Make a person's desk known after password or activation code."""
        return wire.decode(wire.DeskCertified, self._signed("POST", "/v1/desks", wire.encode(request)))

    def deliver_sealed(self, records: Iterable[bytes]) -> wire.Delivered:
        """Deliver sealed batches of any desk, whoever brings them; return what became of them."""
        body = b"".join(len(record).to_bytes(4, "big") + record for record in records)
        return wire.decode(wire.Delivered, self._signed("POST", "/v1/sealed", body))

    def offered_release(self, system: str) -> Release | None:
        """Return the program that the school offers for a system, None when it offers none. Nothing is proved yet."""
        body = self._signed("GET", "/v1/update", query=f"system={system}")
        return wire.decode(Release, body) if body else None

    def fetch_release(self, sha256: str, offset: int) -> bytes:
        """Return bytes of an offered package from an offset, at most a piece; none at its end."""
        return self._signed("GET", f"/v1/update/{sha256}", query=f"offset={offset}")

    # --- signed by the desk ---

    def push(self, batch: wire.Batch) -> wire.Receipt:
        """Send a batch; the same batch again gets the same receipt."""
        return wire.decode(wire.Receipt, self._signed("POST", "/v1/push", wire.encode_batch(batch)))

    def receipts(self, first: int) -> tuple[wire.Receipt, ...]:
        """Return the receipts of this desk that hold its change `first` or later ones."""
        lines = wire.split_lines(wire.decompress(self._signed("GET", "/v1/receipts", query=f"first={first}")))
        return tuple(wire.decode(wire.Receipt, line) for line in lines)

    def pull(
        self, after: int, scope: str, own: tuple[int, int] = (0, 0), known: wire.TreeHead | None = None
    ) -> Pull | None:
        """Return what the person may see of the log after number `after`, without own changes `own` (first, last).

        None when the log still stands at the head `known`.

        Raises:
            ServerRefused: with answer "scope-changed" when the scope has to be asked for anew.
        """
        head = f"&head={seal.head_hash(known)}" if known is not None and known.size == after else ""
        body = self._signed("GET", "/v1/pull", query=f"after={after}&scope={scope}&own={own[0]}-{own[1]}{head}")
        return None if head and not body else _pull(body)

    def scope(self) -> wire.Scope:
        """Return the slices that the person may see now."""
        return wire.decode(wire.Scope, wire.decompress(self._signed("GET", "/v1/scope")))

    def confirm_scope(self, names: Iterable[str]) -> None:
        """Say which slices this desk holds on its disk."""
        told = wire.ScopeHeld(slices=tuple(names))
        self._signed("POST", "/v1/scope", wire.compress(wire.encode(told)))

    def begin_snapshot(self, names: Iterable[str], after: int) -> wire.SnapshotHead:
        """Let the server prepare slices as they stand; return the manifest.

        Raises:
            ServerRefused: with answer "scope-changed" when the person may not see one of them.
        """
        wanted = wire.SnapshotRequest(slices=tuple(names), after=after)
        body = self._signed("POST", "/v1/snapshot", wire.compress(wire.encode(wanted)), timeout=SNAPSHOT_SECONDS)
        return wire.decode(wire.SnapshotHead, wire.decompress(body))

    def chunk(self, snapshot: str, index: int) -> bytes:
        """Return chunk `index` (from 0) of a snapshot as it travels.

        Raises:
            ServerRefused: with answer "EJ-265" when the snapshot is not kept any longer.
        """
        return self._signed("GET", f"/v1/snapshot/{snapshot}/{index}")

    def history(self, names: Iterable[str], after: int, upto: int) -> Pull:
        """Return a page of what happened to slices after number `after`, up to number `upto`."""
        wanted = wire.HistoryRequest(slices=tuple(names), after=after, upto=upto)
        return _pull(self._signed("POST", "/v1/history", wire.compress(wire.encode(wanted))))

    def history_of(self, kind: str, record: str) -> Pull:
        """Return what happened to one record, the newest lines if there are too many."""
        return _pull(self._signed("GET", "/v1/history", query=f"kind={quote(kind)}&record={quote(record)}"))

    def digests(self, after: str) -> tuple[wire.SliceDigest, ...]:
        """Return the content of slices whose names come after `after`, in order; none when there are no more."""
        lines = wire.split_lines(wire.decompress(self._signed("GET", "/v1/digest", query=f"after={quote(after)}")))
        return tuple(wire.decode(wire.SliceDigest, line) for line in lines)

    def prove_line(self, number: int, size: int) -> tuple[str, ...]:
        """Return the path (hex) from the leaf of line `number` to the root of the tree of `size` lines."""
        query = f"number={number}&to={size}"
        return wire.decode(wire.TreeProof, self._signed("GET", "/v1/proof", query=query)).path

    def prove_beginning(self, old: int, size: int) -> tuple[str, ...]:
        """Return the proof (hex) that the tree of `old` lines is the beginning of the tree of `size`."""
        return wire.decode(wire.TreeProof, self._signed("GET", "/v1/proof", query=f"from={old}&to={size}")).path

    def epochs(self, after: int) -> tuple[wire.TreeHead, tuple[wire.EpochLine, ...]]:
        """Return the signed tree head, and the lines under it that opened the epochs after number `after`."""
        lines = list(wire.split_lines(wire.decompress(self._signed("GET", "/v1/epochs", query=f"after={after}"))))
        if not lines:
            raise wire.Malformed("no tree head")
        return wire.decode(wire.TreeHead, lines[0]), tuple(wire.decode(wire.EpochLine, line) for line in lines[1:])

    def deliver_again(self, batches: Iterable[bytes]) -> int:
        """Bring batches of others that a restored log does not hold; return how many it has admitted or known."""
        body = b"".join(len(batch).to_bytes(4, "big") + batch for batch in batches)
        answer = msgspec.json.decode(self._signed("POST", "/v1/again", body), type=dict[str, int])
        return answer.get("delivered", 0)

    def issue_signer(self, request: wire.SignerRequest) -> wire.SignerIssued:
        """Ask for a certificate to sign documents with."""
        return wire.decode(wire.SignerIssued, self._signed("POST", "/v1/signer", wire.encode(request)))

    def bring_file(self, sha256: str, size: int, offset: int, piece: bytes) -> wire.FileState:
        """Send the next piece of a file; an empty one asks how far it has come."""
        query = f"size={size}&offset={offset}"
        return wire.decode(wire.FileState, self._signed("PUT", f"/v1/blob/{sha256}", piece, query))

    def fetch_file(self, sha256: str, offset: int) -> bytes:
        """Return bytes of a file from an offset, at most a piece; none at its end."""
        return self._signed("GET", f"/v1/blob/{sha256}", query=f"offset={offset}")

    # --- signed by an administrator's desk ---

    def ways_in(self) -> tuple[wire.AccountLine, ...]:
        """Return how everybody's way in stands; who has no account has no line."""
        lines = wire.split_lines(wire.decompress(self._signed("GET", "/v1/admin/people")))
        return tuple(wire.decode(wire.AccountLine, line) for line in lines)

    def give_codes(self, request: wire.CodesRequest) -> CodesHandout:
        """Let one-time codes count from now on and return them, the only time: they stand nowhere else.

        Raises:
            Malformed: the answer holds no codes.
        """
        body = self._signed("POST", "/v1/admin/codes", wire.encode(request), timeout=CODES_SECONDS)
        try:
            handout = decode_handout(body)
        except NoHandout:
            raise wire.Malformed("no codes in the answer") from None
        if not isinstance(handout, CodesHandout):
            raise wire.Malformed("no codes in the answer")
        return handout

    def close_entry(self, person: str) -> None:
        """Close a person's way in, everywhere."""
        self._signed("POST", "/v1/admin/close", wire.encode(wire.CloseRequest(person=person)))

    def person_data(self, request: wire.PersonDataRequest) -> wire.PersonRecords:
        """Return all that the school holds of a person; the server has written that it was handed out.

        Raises:
            ServerRefused: with answer "EJ-560" or "EJ-561", "EJ-374" where the second person's password is wrong.
            Malformed: the answer is not whole.
        """
        return wire.read_person_records(
            self._signed("POST", "/v1/admin/person", wire.encode(request), timeout=PERSON_SECONDS)
        )

    def make_backup(self, request: wire.BackupRequest) -> bytes:
        """Let the server seal the whole school; return the signed catalogue as `archive.read_catalogue` takes it."""
        return self._signed("POST", "/v1/backup", wire.encode(request), timeout=BACKUP_SECONDS)

    def fetch_backup(self, generation: str, name: str, sink: Callable[[bytes], object]) -> None:
        """Hand a file of a generation to `sink`, piece by piece; what `sink` raises ends the call."""
        self._signed("GET", f"/v1/backup/{generation}/{name}", sink=sink)

    def workstations(self) -> tuple[wire.WorkstationLine, ...]:
        """Return the workstations: those that wait with their codes, then those that were ever let in."""
        lines = wire.split_lines(wire.decompress(self._signed("GET", "/v1/admin/workstations")))
        return tuple(wire.decode(wire.WorkstationLine, line) for line in lines)

    def order_workstation(self, order: wire.WorkstationOrder) -> None:
        """Have a workstation let in, refused, renamed or revoked, or one desk on it revoked.

        Raises:
            ServerRefused: with answer "EJ-528" when nothing waits with this code, "EJ-529" for the own workstation.
        """
        self._signed("POST", "/v1/admin/workstations", wire.encode(order))

    # --- the way there ---

    def _signed(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        query: str = "",
        *,
        sink: Callable[[bytes], object] | None = None,
        timeout: float | None = None,
    ) -> bytes:
        if not self._nonce:
            self.hello()
        try:
            return self._exchange(method, path, body, query, sign=True, sink=sink, timeout=timeout)
        except ServerRefused as refused:
            if refused.answer != "nonce":
                raise
        self.hello()  # the nonce had expired: once more with a fresh one
        return self._exchange(method, path, body, query, sign=True, sink=sink, timeout=timeout)

    def _exchange(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        query: str = "",
        *,
        sign: bool = False,
        sink: Callable[[bytes], object] | None = None,
        timeout: float | None = None,
    ) -> bytes:
        headers = {"Content-Type": MEDIA_TYPE} if body else {}
        if sign:
            if self._identity is None:
                raise ServerRefused("unsigned", 0, "this call needs a desk or a workstation")
            parts = seal.RequestParts(method, path, query, body)
            created = int(time.time())
            headers[wire.PROTOCOL_HEADER] = str(self._protocol)
            headers |= seal.sign_request(self._identity.private_key, self._identity.key_id, self._nonce, parts, created)
        target = f"{path}?{query}" if query else path
        request = self._http.build_request(
            method, target, content=body, headers=headers,
            timeout=timeout or httpx.USE_CLIENT_DEFAULT,
            extensions={"trace": self._cutting.watch},
        )  # fmt: skip
        try:
            with self._cutting.waiting():
                return _translated(lambda: self._read(request, sink))
        except ConnectionAbortedError:
            raise ServerAway("cut") from None

    def _read(self, request: httpx.Request, sink: Callable[[bytes], object] | None = None) -> bytes:
        """Return the answer, or hand a good one to `sink`."""
        response = self._http.send(request, stream=True)
        try:
            data = bytearray()
            if not (response.is_success and response.headers.get("content-type", "").startswith(MEDIA_TYPE)):
                sink = None  # a problem, or a stranger: never into a person's file
            for chunk in response.iter_raw():
                if sink is not None:
                    sink(chunk)
                    continue
                data += chunk
                if len(data) > wire.SNAPSHOT_LIMIT:
                    raise wire.Malformed("the answer is longer than allowed")
        finally:
            response.close()
        if not response.headers.get("content-type", "").startswith(MEDIA_TYPE):
            raise wire.Malformed("the answer is not from a school server", status=response.status_code)
        if not response.is_success:
            problem = wire.decode(wire.Problem, bytes(data))
            raise ServerRefused(problem.code, response.status_code, problem.note, problem.retry_after)
        return bytes(data)


def _pull(body: bytes) -> Pull:
    lines = list(wire.split_lines(wire.decompress(body)))
    if not lines:
        raise wire.Malformed("an empty pull")
    return Pull(wire.decode(wire.PullHead, lines[0]), tuple(wire.decode(wire.Pulled, line) for line in lines[1:]))


def _tls(ca_certificate: str | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    if ca_certificate is None:  # pairing: the short code on both screens stands in for the authority
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        context.check_hostname = False  # any address will do: the authority signs for one server only
        context.load_verify_locations(cadata=ca_certificate)
    return context


def _translated(call: Callable[[], bytes]) -> bytes:
    try:
        return call()
    except httpx.HTTPError as error:
        raise trouble_of(error) from None


def trouble_of(error: httpx.HTTPError) -> Trouble:
    """Say what a failed request means for a person."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return NotOurServer(str(cause.verify_message))
        if isinstance(cause, ssl.SSLError) and _speaks_something_else(cause):
            return wire.Malformed(f"no TLS: {cause.reason}")  # a captive portal that speaks plain HTTP, say
    slow = isinstance(error, httpx.ReadTimeout | httpx.WriteTimeout)
    return (ServerSlow if slow else ServerAway)(type(error).__name__)


def _speaks_something_else(error: ssl.SSLError) -> bool:
    """Say whether the other side answered, but not in TLS. A cut line has no reason, or some OpenSSL's own EOF."""
    cut = isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | ssl.SSLSyscallError)
    return not cut and getattr(error, "reason", None) is not None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def ca_fingerprint(ca_certificate: str) -> str:
    """Return SHA-256 (hex) of the DER of a PEM certificate."""
    lines = [line for line in ca_certificate.strip().splitlines() if not line.startswith("-----")]
    return hashlib.sha256(base64.b64decode("".join(lines))).hexdigest()
