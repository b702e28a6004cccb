"""The messages between a desk and the school's server, and how they become bytes.

Bodies are canonical JSON or JSON lines (one message a line), compressed with zstd. Both ends decode with this module,
so the protocol has one definition. `docs/sync-protocol.md` tells the same in words.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator
from typing import Any, Literal, TypeVar

import msgspec
import zstandard
from msgspec import Struct

from ejournal_core.changes import Change, Outcome, Verdict, canonical, plain, text_of
from ejournal_core.errors import NOT_JSON, Trouble
from ejournal_core.kinds import Fields

PROTOCOL = 1
SPOKEN: tuple[int, ...] = (1,)  # this and the two before it, as far as there are any
PROTOCOL_HEADER = "Ejournal-Protocol"

BATCH_CHANGES = 500
BATCH_BYTES = 256 * 1024
CHANGE_BYTES = 1024 * 1024  # of one change: a longer one would not fit into what a desk accepts
PAGE_CHANGES = 5_000
PAGE_BYTES = 1024 * 1024
SLICES = 20_000  # named in one message
BODY_LIMIT = 4 * 1024 * 1024  # compressed bytes accepted from the other side
TEXT_LIMIT = 32 * 1024 * 1024  # decompressed bytes accepted
ASKED_TEXT = 1024 * 1024  # of them in what asks for something
BATCH_TEXT = 8 * 1024 * 1024  # of them in one batch
EXTRA_DEPTH, EXTRA_VALUES = 8, 1_000  # of what a newer format adds to one change
SEALED_LIMIT, SEALED_RECORDS = 16 * 1024 * 1024, 1_000  # bytes and records of one sealed delivery
SNAPSHOT_LIMIT = 256 * 1024 * 1024  # compressed bytes of a whole snapshot accepted by a desk
PERSON_TEXT = 128 * 1024 * 1024  # of them in all that is held of one person
ZSTD_LEVEL = 3

M = TypeVar("M")


class Malformed(Trouble):
    """The other side sent something that is no message of this protocol."""

    code = "EJ-321"


class Message(Struct, frozen=True, kw_only=True):
    """Anything sent. Unknown fields of a newer protocol are passed over."""


# --- trust -------------------------------------------------------------------------------------------------------


class TreeHead(Message, frozen=True, kw_only=True):
    """Size and root (hex) of the school's log, signed with the server's Ed25519 key without `signature`."""

    school: str
    epoch: int
    size: int
    root: str
    at: str
    signature: str = ""


class Hello(Message, frozen=True, kw_only=True):
    """`GET /v1/hello`: who the server is and what it speaks. `nonce` goes into the signature of the next requests."""

    school: str
    school_name: str
    protocols: tuple[int, ...]
    time: str
    nonce: str
    ca_sha256: str  # fingerprint of the school's certificate authority, hex of the DER
    server_key: str  # Ed25519, hex
    seal_key: str  # X25519, hex: sealed outboxes go to it
    head: TreeHead | None = None


class PairStart(Message, frozen=True, kw_only=True):
    """`POST /v1/pair`: a workstation asks to become known; commitment = SHA-256(nonce ‖ public key), hex."""

    workstation_name: str
    public_key: str  # Ed25519 of the workstation, hex
    commitment: str


class PairStarted(Message, frozen=True, kw_only=True):
    """The server's part of the pairing: its nonce (hex) and the certificate authority (PEM)."""

    pairing: str
    nonce: str
    ca_certificate: str


class PairReveal(Message, frozen=True, kw_only=True):
    """`POST /v1/pair/<pairing>`: the committed nonce (hex); repeated until the administrator has decided."""

    nonce: str


class PairState(Message, frozen=True, kw_only=True):
    """Where the pairing stands; both screens show the same code meanwhile."""

    state: Literal["waiting", "approved", "refused", "expired"]
    workstation: str = ""


class PersonLine(Message, frozen=True, kw_only=True):
    """A person who may sign in (`GET /v1/people`, paired workstations only)."""

    id: str
    name: str
    short_name: str
    roles: tuple[str, ...] = ()


class DeskRequest(Message, frozen=True, kw_only=True):
    """`POST /v1/desks`: certify a desk key for a person after password or activation code.

    `new_password` is set with an activation code, or with the present password to change it: it holds from now on.
    """

    person: str
    secret: str
    new_password: str = ""
    public_key: str  # Ed25519 of the desk, hex


class DeskCertified(Message, frozen=True, kw_only=True):
    """The desk is known; its certificate is a leaf of the log with this number."""

    desk: str
    person: str
    person_name: str
    number: int
    head: TreeHead


class SignerRequest(Message, frozen=True, kw_only=True):
    """`POST /v1/signer`: a PKCS#10 request (PEM) for a person's document certificate."""

    csr: str


class SignerIssued(Message, frozen=True, kw_only=True):
    """The certificate for signing documents and its chain up to the school's CA, PEM."""

    certificate: str
    chain: str


class AccountLine(Message, frozen=True, kw_only=True):
    """A line of `GET /v1/admin/people`: how a person's way in stands; who has no account has no line.

    Moments are RFC 3339. `code_until`: a code was given that nobody has used, and counts until then. `locked_until`:
    too many wrong passwords came, none is looked at before.
    """

    person: str
    state: Literal["invited", "active", "closed"]
    code_until: str = ""
    locked_until: str = ""


class CodesRequest(Message, frozen=True, kw_only=True):
    """`POST /v1/admin/codes`: one-time codes for these people; the answer is a `CodesHandout`.

    Whoever has a password, or had left, is named alone and with a deputy or director who confirms it.
    """

    people: tuple[str, ...]
    second: str = ""
    second_password: str = ""

    def __repr__(self) -> str:
        return "CodesRequest()"  # a password never stands in a log or a traceback


class PersonDataRequest(Message, frozen=True, kw_only=True):
    """`POST /v1/admin/person`: all that the school holds of one pupil or member of staff.

    A director asks alone, anybody else with a deputy or director who confirms it. The answer is a `PersonDataHead`,
    then lines of `SnapshotRecord` and of `PersonChange`, as many as it says.
    """

    kind: Literal["Pupil", "Person"]
    person: str
    second: str = ""
    second_password: str = ""

    def __repr__(self) -> str:
        return f"PersonDataRequest({self.person})"  # a password never stands in a log or a traceback


class EnteredCount(Message, frozen=True, kw_only=True):
    """How many changes of one kind a member of staff entered, how many more the school did not take, first and last.

    Moments are RFC 3339, as their desk's clock showed them.
    """

    kind: str
    taken: int
    not_taken: int
    first: str
    last: str


class PersonDataHead(Message, frozen=True, kw_only=True):
    """First line of the answer: as of which number of the log, and what follows.

    `days` are the days of lessons that were not held as planned, by id, for a desk that does not hold their page.
    `files` are records of the files that a member of staff attached; they stand among the records.
    """

    v: int = 1
    number: int
    at: str
    records: int
    changes: int
    entered: tuple[EnteredCount, ...] = ()
    days: dict[str, str] = {}
    files: tuple[str, ...] = ()


class CloseRequest(Message, frozen=True, kw_only=True):
    """`POST /v1/admin/close`: close a person's way in, everywhere."""

    person: str


class BackupRequest(Message, frozen=True, kw_only=True):
    """`POST /v1/backup`: seal the whole school for the safe and for the administrator who carries the drives.

    `administrator` is an age recipient ("age1…"); "" leaves the one that the server keeps. The answer is the signed
    catalogue; its files are fetched by `GET /v1/backup/<generation>/<file>`.
    """

    administrator: str = ""


# --- changes up --------------------------------------------------------------------------------------------------


class BatchHead(Message, frozen=True, kw_only=True):
    """First line of a push; the changes follow, one a line.

    `root` is the Merkle root (hex, RFC 9162 hashing) of the change hashes in order; `signature` the desk's Ed25519 over
    canonical JSON of this head without `signature`. `prev` is the hash of the desk's change before the first one.
    """

    v: int = PROTOCOL
    school: str
    desk: str
    first: int  # n of the first change
    count: int
    prev: str
    root: str
    signature: str = ""


class Batch(Message, frozen=True, kw_only=True):
    """A signed batch: up to 500 changes or 256 KiB of one desk, in order of n."""

    head: BatchHead
    changes: tuple[Change, ...]


class Receipt(Message, frozen=True, kw_only=True):
    """The signed answer to a batch: a verdict for each change. The same batch again gets the same receipt."""

    v: int = PROTOCOL
    school: str
    desk: str
    root: str
    verdicts: tuple[Verdict, ...]
    head: TreeHead
    at: str
    signature: str = ""


class DeskLine(Message, frozen=True, kw_only=True):
    """A person's desk on a workstation; `at`, `heard`: when certified and last heard of, RFC 3339 in UTC, "" never."""

    desk: str
    person: str
    state: str
    at: str = ""
    heard: str = ""
    version: str = ""


class WorkstationLine(Message, frozen=True, kw_only=True):
    """A workstation as the school knows it, for an administrator.

    Attributes:
        state: "waiting" for a decision (then `code` stands on its screen as well, until `until`), "approved" or
            "revoked".
        at: when it first asked. address: from where.
    """

    id: str
    name: str
    state: str
    code: str = ""
    at: str = ""
    until: str = ""
    address: str = ""
    desks: tuple[DeskLine, ...] = ()


class WorkstationOrder(Message, frozen=True, kw_only=True):
    """What an administrator wants done with a workstation, or with one desk on it.

    Attributes:
        act: "approve" and "refuse" name the `code` that was compared; "rename" the `name`; "revoke" and "revoke_desk"
            the reason `why`; "revoke_desk" the `desk`.
    """

    workstation: str
    act: Literal["approve", "refuse", "rename", "revoke", "revoke_desk"]
    code: str = ""
    name: str = ""
    desk: str = ""
    why: str = ""


class Delivered(Message, frozen=True, kw_only=True):
    """What became of the records of a sealed delivery: admitted now or before, waiting for earlier ones, damaged."""

    delivered: int = 0
    waiting: int = 0
    damaged: int = 0


# --- changes down ------------------------------------------------------------------------------------------------


class Pulled(Message, frozen=True, kw_only=True):
    """One line of the log as a desk receives it; `batch`, `index` and `path` prove the author's signature over it."""

    change: Change
    prev: str
    verdict: Verdict
    batch: str = ""  # root of the author's batch
    index: int = 0
    path: tuple[str, ...] = ()


class PullHead(Message, frozen=True, kw_only=True):
    """First line of a pull. `upto` is the high-water mark to ask after next time, even when no line follows.

    `hidden` are the hashes (hex, side by side) of the subtrees that cover what is not sent, up to the head's size: see
    `tree.extend_over`. With them the receiver recomputes the signed root itself.
    """

    v: int = PROTOCOL
    upto: int
    more: bool
    scope: str  # fingerprint of the slices this person may see
    head: TreeHead
    hidden: str = ""
    batches: tuple[BatchHead, ...] = ()


class Scope(Message, frozen=True, kw_only=True):
    """`GET /v1/scope`: the slices that the person may see now, and their fingerprint.

    `time` is what the server's clock shows: by its day roles and loads begin and end.
    """

    v: int = PROTOCOL
    time: str
    scope: str
    slices: tuple[str, ...]
    head: TreeHead


class ScopeHeld(Message, frozen=True, kw_only=True):
    """`POST /v1/scope`: the slices that the desk holds on its disk, after what it gained and lost."""

    slices: tuple[str, ...]


class SnapshotRequest(Message, frozen=True, kw_only=True):
    """`POST /v1/snapshot`: prepare these slices.

    `after` is the number up to which the desk holds its other slices: what the directory has gained since comes along,
    since the wanted records may refer to it.
    """

    slices: tuple[str, ...]
    after: int = 0


class SnapshotChunk(Message, frozen=True, kw_only=True):
    """A part of a snapshot: SHA-256 (hex) of its body as it travels, and how many records it holds."""

    sha256: str
    records: int


class SnapshotHead(Message, frozen=True, kw_only=True):
    """The manifest of a snapshot: the wanted slices as they stood at number `number`, in chunks.

    `peaks` is the frontier of the tree at that number (hex, side by side): a new desk goes on from there.
    """

    v: int = PROTOCOL
    id: str
    number: int
    scope: str  # fingerprint of all that the person may see
    records: int
    head: TreeHead
    peaks: str = ""
    chunks: tuple[SnapshotChunk, ...]


class HistoryRequest(Message, frozen=True, kw_only=True):
    """`POST /v1/history`: the lines of these slices with numbers after `after` and up to `upto`."""

    slices: tuple[str, ...]
    after: int
    upto: int


class SliceDigest(Message, frozen=True, kw_only=True):
    """A line of `GET /v1/digest`: a slice's content (see `digests.content_digest`) since its last change."""

    slice: str
    number: int
    digest: str


class SnapshotRecord(Message, frozen=True, kw_only=True):
    """A line of a chunk: one record, parents before children; who entered its present value and when."""

    kind: str
    record: str
    number: int
    fields: Fields
    author: str = ""
    at: str = ""


class OpenDispute(Message, frozen=True, kw_only=True):
    """A line of a chunk after its records: a change that was disputed or waited at the snapshot's number."""

    dispute: Change
    verdict: Verdict


class PersonChange(Message, frozen=True, kw_only=True):
    """A line of the answer to `PersonDataRequest`: what was entered once, only what is the person's, and how it ended.

    `destroyed`: some of what it set was destroyed by law.
    """

    kind: str
    record: str
    act: str
    set: Fields
    author: str
    at: str
    why: str = ""
    destroyed: bool = False
    number: int
    outcome: Outcome


class PersonRecords(Struct, frozen=True):
    """The answer to `PersonDataRequest` as a whole."""

    head: PersonDataHead
    records: tuple[SnapshotRecord, ...]
    changes: tuple[PersonChange, ...]


class FileState(Message, frozen=True, kw_only=True):
    """Answer to a piece of a file (`PUT /v1/blob/<sha256>`): how many of its `size` bytes the server holds."""

    sha256: str
    size: int
    received: int


# --- proofs --------------------------------------------------------------------------------------------------------


class TreeProof(Message, frozen=True, kw_only=True):
    """`GET /v1/proof`: hashes (hex) as RFC 9162 has them, of inclusion (2.1.3) or of consistency (2.1.4)."""

    path: tuple[str, ...]


class EpochLine(Message, frozen=True, kw_only=True):
    """A line of `GET /v1/epochs`, after the tree head: the server's own line that opened an epoch.

    `signed` is the head of its batch, `path` (hex) leads from its leaf to the root of the tree head.
    """

    opening: Pulled
    signed: BatchHead
    path: tuple[str, ...]


class Problem(Message, frozen=True, kw_only=True):
    """Body of every answer that is not 2xx: a stable code and an English note without personal data."""

    code: str
    note: str
    retry_after: int = 0  # seconds


# --- bytes -------------------------------------------------------------------------------------------------------


def encode(message: Struct) -> bytes:
    """Return one message as canonical JSON; in a change, fields of a newer format stand where they came from."""
    return text_of(message) if isinstance(message, Change) else canonical(_plain(message))


def _plain(message: Struct) -> Any:
    if isinstance(message, Pulled):
        return {**msgspec.to_builtins(message), "change": plain(message.change)}
    if isinstance(message, EpochLine):
        return {**msgspec.to_builtins(message), "opening": _plain(message.opening)}
    if isinstance(message, OpenDispute):
        return {**msgspec.to_builtins(message), "dispute": plain(message.dispute)}
    return message


def decode(kind: type[M], data: bytes) -> M:
    """Read one message.

    Raises:
        Malformed: the bytes are something else (an HTML page of a captive portal, say).
    """
    try:
        if kind in (Change, Pulled, OpenDispute, EpochLine):
            if (known := _without_extra(kind, data)) is not None:
                return known
            return msgspec.convert(_with_extra(kind, msgspec.json.decode(data, type=dict[str, Any])), kind)
        return msgspec.json.decode(data, type=kind)
    except NOT_JSON as error:
        raise Malformed(f"not a {kind.__name__}: {error}") from None


_RECORDS = msgspec.json.Decoder(SnapshotRecord)


def decode_records(lines: Iterable[bytes]) -> list[SnapshotRecord]:
    """Read the records of a chunk: hundreds of thousands of lines of one kind.

    Raises:
        Malformed: a line is no record.
    """
    try:
        return [_RECORDS.decode(line) for line in lines]
    except NOT_JSON as error:
        raise Malformed(f"not a SnapshotRecord: {error}") from None


def encode_lines(messages: Iterable[Struct]) -> bytes:
    """Return JSON lines, one canonical message a line."""
    return b"".join(encode(message) + b"\n" for message in messages)


def read_person_records(body: bytes) -> PersonRecords:
    """Read all that the school holds of a person; a line less than was promised makes it none.

    Raises:
        Malformed: it is none, or not whole.
    """
    first, *lines = decompress(body, PERSON_TEXT).splitlines() or [b""]
    head = decode(PersonDataHead, first)
    if head.records < 0 or len(lines) != head.records + head.changes:
        raise Malformed("not as many lines as promised", lines=len(lines))
    records = tuple(decode(SnapshotRecord, line) for line in lines[: head.records])
    return PersonRecords(head, records, tuple(decode(PersonChange, line) for line in lines[head.records :]))


def agreed(theirs: Iterable[int]) -> int:
    """Return the newest protocol that both sides speak, 0 when there is none."""
    return max({*SPOKEN} & {*theirs}, default=0)


def span(text: str) -> tuple[int, int]:
    """Read the counters "first-last" of a query; "" and "0" are none.

    Raises:
        Malformed: it is something else.
    """
    found = _SPAN.fullmatch(text or "0-0")
    if found is None and text != "0":
        raise Malformed("not a range of counters")
    return (int(found[1]), int(found[2])) if found else (0, 0)


_SPAN = re.compile(r"([0-9]{1,15})-([0-9]{1,15})")


def split_lines(data: bytes) -> Iterator[bytes]:
    """Yield the lines of a body without their ends."""
    yield from data.splitlines()


def compress(data: bytes) -> bytes:
    """Return the body as it travels."""
    return zstandard.ZstdCompressor(level=ZSTD_LEVEL, write_content_size=True).compress(data)


_PIECE = 256 * 1024


def decompress(data: bytes, limit: int = TEXT_LIMIT) -> bytes:
    """Return the text of a body; refuses a bomb before unpacking it.

    Raises:
        Malformed: no zstd frame, or longer than `limit` bytes.
    """
    text = bytearray()
    try:
        with zstandard.ZstdDecompressor(max_window_size=2**23).stream_reader(data) as reader:
            while piece := reader.read(_PIECE):  # in pieces: reading at once would set the whole limit aside
                text += piece
                if len(text) > limit:
                    raise Malformed("longer than allowed when unpacked", limit=limit)
    except zstandard.ZstdError as error:
        raise Malformed(f"not zstd: {error}") from None
    return bytes(text)


def encode_batch(batch: Batch) -> bytes:
    """Return the body of a push."""
    return compress(encode_lines((batch.head, *batch.changes)))


def decode_batch(data: bytes) -> Batch:
    """Read the body of a push; only the form is judged here.

    Raises:
        Malformed: not a batch, or its count differs from its lines, or there are too many.
    """
    text = decompress(data, BATCH_TEXT)
    if text.count(b"\n") > BATCH_CHANGES + 1 or b"\r" in text:  # before they become so many objects
        raise Malformed("a batch holds 1 to 500 changes")
    lines = list(split_lines(text))
    if not lines or len(lines) > BATCH_CHANGES + 1:
        raise Malformed("a batch holds 1 to 500 changes", lines=len(lines))
    if max(map(len, lines)) > CHANGE_BYTES:
        raise Malformed("a change is longer than allowed", limit=CHANGE_BYTES)
    head = decode(BatchHead, lines[0])
    if head.count != len(lines) - 1 or head.count < 1:
        raise Malformed("the batch is cut", count=head.count, lines=len(lines) - 1)
    return Batch(head=head, changes=tuple(_bounded(decode(Change, line)) for line in lines[1:]))


def _bounded(change: Change) -> Change:
    """Refuse nesting that another reader would stumble over, and a name whose value no hash would cover."""
    if "prev" in change.extra:  # the hashed form has its own
        raise Malformed("a change names what is hashed, not sent")
    if change.extra and _values(change.extra, EXTRA_DEPTH) > EXTRA_VALUES:
        raise Malformed("a change is nested too deep or holds too much")
    return change


def _values(value: Any, depth: int) -> int:
    """Count the values in something decoded; too deep counts as too many."""
    if not isinstance(value, dict | list):
        return 1
    if depth == 0:
        return EXTRA_VALUES + 1
    inner = value.values() if isinstance(value, dict) else value
    return 1 + sum(_values(each, depth - 1) for each in inner)


def _without_extra(kind: type[M], data: bytes) -> M | None:
    """Read a message whose change has no fields of a newer format, as nearly all are; None: it needs a closer look."""
    if b'"extra"' in data or b"\\u" in data:  # a foreign field of that name, however it is written
        return None
    try:
        return msgspec.json.decode(data, type=kind)  # `Change` forbids unknown fields
    except msgspec.ValidationError:
        return None


_KNOWN = frozenset(Change.__struct_fields__) - {"extra"}


#: Where a message holds a change, and in what.
_INNER: dict[type[Any], tuple[str, type[Any]]] = {
    Pulled: ("change", Change), OpenDispute: ("dispute", Change), EpochLine: ("opening", Pulled),
}  # fmt: skip


def _with_extra(kind: type[Any], raw: dict[str, Any]) -> dict[str, Any]:
    if kind is Change:
        return {**{key: raw[key] for key in raw if key in _KNOWN}, "extra": {k: raw[k] for k in raw if k not in _KNOWN}}
    inner, of_inner = _INNER[kind]
    return {**raw, inner: _with_extra(of_inner, raw[inner])} if isinstance(raw.get(inner), dict) else raw


def decode_change(data: bytes) -> Change:
    """Read a change and keep its unknown fields in `extra`.

    Raises:
        Malformed: not a change.
    """
    return decode(Change, data)


def change_of(fields: dict[str, Any]) -> Change:
    """Read a change that is a plain mapping already, as `changes.plain` gives it; the same as `decode_change`.

    Raises:
        Malformed: not a change.
    """
    try:
        if "extra" not in fields:
            with contextlib.suppress(msgspec.ValidationError):
                return msgspec.convert(fields, Change)  # `Change` forbids unknown fields
        return msgspec.convert(_with_extra(Change, fields), Change)
    except NOT_JSON as error:
        raise Malformed(f"not a Change: {error}") from None
