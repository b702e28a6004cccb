"""What an edit is and how it can end."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Any, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from ejournal_core.kinds import KINDS, Fields
from ejournal_core.plain_text import heaps_marks

FORMAT_VERSION = 1

Act = Literal["create", "change", "void", "request", "approve", "refuse", "resolve", "lock", "unlock", "issue"]
Outcome = Literal["taken", "converged", "merged", "disputed", "pending", "refused", "quarantined"]

#: What stands in a record where content was destroyed by law (152-ФЗ); its keys name what may be destroyed. The
#: log keeps a salted hash of them. A field with a default has that default here, so that a replay comes out the same.
BLANK: dict[str, Fields] = {
    "Attendance": {"reason": "", "document_id": None},
    "AbsenceDocument": {"reason": "", "number": "", "since": "0001-01-01", "until": "0001-01-01", "told_by": ""},
    "RegisteredAbsence": {"reason": "", "since": "0001-01-01", "until": "0001-01-01", "document_id": None},
    "PupilRemark": {"text": ""},
    "DataReport": {"wrong": "", "should_be": "", "answer_reason": ""},
    "SpecialGroup": {"since": None, "until": None, "basis": ""},
    "HomeworkFile": {"title": "", "size": 0, "sha256": "", "media_type": ""},
    "Guardian": {
        "last_name": "",
        "first_name": "",
        "patronymic": "",
        "relation": "",
        "phone": "",
        "email": "",
        "home_address": "",
        "consent_by": "",
    },
}
ERASABLE: dict[str, frozenset[str]] = {kind: frozenset(fields) for kind, fields in BLANK.items()}

#: Fields that are left out of the canonical form while they are empty: most changes have none of them.
LEFT_OUT: tuple[str, ...] = ("about", "requester", "signature", "hidden", "content")

#: Acts that enter no value: the record stays as it is, whatever becomes of them.
WITHOUT_VALUE: frozenset[str] = frozenset({"request", "refuse"})

#: Acts and kinds that are so rare and weighty that each change is signed alone as well, besides its batch.
RARE_ACTS: frozenset[str] = frozenset({"approve", "refuse", "lock", "unlock"})
RARE_KINDS: frozenset[str] = frozenset({"PeriodMark", "PageCompletion"})


class Change(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One record edited once by one person. Never split; its id and (desk, n) make a repeat harmless.

    Attributes:
        v: format version of this change; `min` is the lowest reader version that may apply it.
        id: UUIDv7 made once; its time part decides nothing.
        desk, n: the desk and its gap-free counter from 1.
        author: id of the person.
        kind, record: what is edited.
        was, set: the values seen and wanted, only of the units that change. `was` is empty for a birth.
        act, why: what is done, and the reason where the policy asks for one.
        at: wall clock of the desk, RFC 3339 with offset; shown to people, never trusted.
        head: hash (hex) of the last tree head this desk holds: the change is not older than that; "" at the start.
        salt: 32 random bytes (hex) where some of the content is erasable, else "".
        hidden: names of the erasable fields in `was` and `set`, sorted; they and `why` are hashed as a salted digest.
        content: that digest (hex) once the content has been destroyed by law, else "".
        about: id of the pending change that is approved or refused, else "".
        requester: the person whose values an approval enters, else "".
        signature: the desk's Ed25519 (hex) over this one change where it is a rare act (`is_rare`), else "".
        extra: fields of a newer format, kept and forwarded as they came.
    """

    v: int = FORMAT_VERSION
    min: int = 1
    id: str
    desk: str
    n: int
    author: str
    kind: str
    record: str
    was: Fields
    set: Fields
    act: str  # one of Act; one of a newer format is kept as it came and never applied
    why: str = ""
    at: str
    head: str = ""
    salt: str = ""
    hidden: tuple[str, ...] = ()
    content: str = ""
    about: str = ""
    requester: str = ""
    signature: str = ""
    extra: dict[str, Any] = {}

    def __post_init__(self) -> None:
        """Say which fields the salt is for, where the maker or an honest sender left that to be seen."""
        if self.salt and not self.hidden:
            msgspec.structs.force_setattr(self, "hidden", hidden_fields(self.kind, self.was, self.set))


class Verdict(Struct, frozen=True, kw_only=True):
    """How one change ended: its number in the school's log (0 when quarantined), outcome and reason code ("EJ-2xx")."""

    id: str
    number: int
    outcome: Outcome
    reason: str = ""
    at: str = ""  # server time, RFC 3339 UTC


class Entry(Struct, frozen=True, kw_only=True):
    """A change with its verdict: one line of the school's log; and where its author signed it, as far as that is known.

    `batch` is the root of the author's batch, `position` the place in it, `path` (hex) leads from there to the root; it
    is empty where the whole batch is at hand.
    """

    change: Change
    prev: str  # hash (hex) of this desk's previous change; "" for the first
    verdict: Verdict
    batch: str = ""
    position: int = 0
    path: tuple[str, ...] = ()


def is_erasable(kind: str, fields: Fields) -> bool:
    """Say whether any of the fields may have to be destroyed by law."""
    return not ERASABLE.get(kind, frozenset()).isdisjoint(fields)


def hidden_fields(kind: str, was: Fields, set_: Fields) -> tuple[str, ...]:
    """Return which of a change's fields are erasable, sorted."""
    return tuple(sorted(ERASABLE.get(kind, frozenset()) & (was.keys() | set_.keys())))


def hides_what_it_should(change: Change) -> bool:
    """Say whether lawful destruction of the change's content is possible, or has been done as it should be."""
    fields = change.was.keys() | change.set.keys()
    if change.content:
        known = BLANK.get(change.kind, dict.fromkeys(change.hidden)).keys()
        gone = fields.isdisjoint(change.hidden) and known >= set(change.hidden) and not (change.salt or change.why)
        return bool(change.hidden) and gone and re.fullmatch("[0-9a-f]{64}", change.content) is not None
    wanted = hidden_fields(change.kind, change.was, change.set)
    if change.kind not in KINDS and change.hidden:  # of a newer version, which knows better
        wanted = tuple(sorted(fields & set(change.hidden)))
    return change.hidden == wanted and bool(change.salt or not wanted)


def destroyed(change: Change) -> Change:
    """Return the change without its erasable content and salt; its hash stays what it was."""
    if not change.hidden or change.content:
        return change
    return msgspec.structs.replace(
        change, set=_without(change.set, change.hidden), was=_without(change.was, change.hidden), why="", salt="",
        content=erasable_digest(change),
    )  # fmt: skip


def _without(fields: Fields, names: tuple[str, ...]) -> Fields:
    return {name: value for name, value in fields.items() if name not in names}


def _only(fields: Fields, names: tuple[str, ...]) -> Fields:
    return {name: value for name, value in fields.items() if name in names}


#: A number with a fraction or exponent stands after one of these signs; a text may look so too (moments must not: they
#: are everywhere).
#: Three patterns, because one for all takes ten times as long as the encoding itself.
_FLOAT_AFTER_KEY = re.compile(rb'":-?\d+[.eE]')
_FLOAT_IN_LIST = re.compile(rb"[,\[]-?\d+[.eE]")
_FLOAT_ALONE = re.compile(rb"-?\d+[.eE]")


def _may_hold_float(data: bytes) -> bool:
    in_list = b"[" in data and _FLOAT_IN_LIST.search(data)
    return bool(_FLOAT_AFTER_KEY.search(data) or in_list or _FLOAT_ALONE.match(data))


def canonical(value: Any) -> bytes:
    """Return canonical JSON: sorted keys, no white space, UTF-8 in NFC, no floats (after RFC 8785).

    Raises:
        TypeError: the value holds a float, or heaps combining marks: sorting those takes the square of their number.
    """
    data = msgspec.json.encode(value, order="sorted")
    if _may_hold_float(data) and _holds_float(msgspec.json.decode(data)):
        raise TypeError("canonical JSON holds no floats")
    return in_nfc(data)


def in_nfc(data: bytes) -> bytes:
    """Return JSON text with each of its strings in NFC.

    Raises:
        TypeError: it heaps combining marks.
    """
    if data.isascii():
        return data
    text = data.decode()
    if len(data) > _SHORT and heaps_marks(text):
        raise TypeError("canonical JSON heaps no marks")
    # A quotation mark composes with nothing, so the whole text is in NFC exactly when each of its strings is.
    return data if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text).encode()


#: Text shorter than this (bytes) is brought into NFC in a moment, whatever it is.
_SHORT = 4096


def record_text(kind: str, record: str, fields: Fields) -> bytes:
    """Return the same as `canonical([kind, record, fields])`: the values are flat, so none has to be searched for.

    Raises:
        TypeError: as `canonical`.
    """
    if float in {*map(type, fields.values())}:
        raise TypeError("canonical JSON holds no floats")
    return in_nfc(msgspec.json.encode([kind, record, fields], order="sorted"))


def _holds_float(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds_float(item) for item in value.values())
    if isinstance(value, list):
        return any(_holds_float(item) for item in value)
    return isinstance(value, float)


def erasable_digest(change: Change) -> str:
    """Return SHA-256(salt ‖ canonical content), hex: what stays in the log when the content has been destroyed."""
    hidden = {"set": _only(change.set, change.hidden), "was": _only(change.was, change.hidden), "why": change.why}
    return hashlib.sha256(bytes.fromhex(change.salt) + canonical(hidden)).hexdigest()


class _Form(Struct, frozen=True, gc=False):
    """A change as it is written: fields in the order of their names, without those that are left out.

    Every change is written twice on either side; a mapping with its keys sorted each time takes three times as long.
    """

    about: str | UnsetType
    act: str
    at: str
    author: str
    content: str | UnsetType
    desk: str
    head: str
    hidden: tuple[str, ...] | UnsetType
    id: str
    kind: str
    min: int
    n: int
    prev: str | UnsetType
    record: str
    requester: str | UnsetType
    salt: str | UnsetType
    set: Fields
    signature: str | UnsetType
    v: int
    was: Fields
    why: str | UnsetType


def _form(change: Change, prev: str | UnsetType = UNSET) -> _Form:
    c = change
    return _Form(
        c.about or UNSET, c.act, c.at, c.author, c.content or UNSET, c.desk, c.head, c.hidden or UNSET, c.id, c.kind,
        c.min, c.n, prev, c.record, c.requester or UNSET, c.salt, c.set, c.signature or UNSET, c.v, c.was, c.why,
    )  # fmt: skip


def _bytes_of(form: _Form, extra: dict[str, Any]) -> bytes:
    if extra:
        return canonical({**extra, **msgspec.to_builtins(form)})
    if float in {*map(type, form.set.values()), *map(type, form.was.values())}:
        raise TypeError("canonical JSON holds no floats")
    return in_nfc(msgspec.json.encode(form, order="deterministic"))


def plain(change: Change) -> dict[str, Any]:
    """Return a change as a plain mapping; fields of a newer format stand where they came from."""
    fields: dict[str, Any] = msgspec.to_builtins(change)
    extra = fields.pop("extra")
    for name in LEFT_OUT:
        if not fields[name]:
            del fields[name]
    return {**extra, **fields}


def text_of(change: Change) -> bytes:
    """Return a change as canonical JSON: as it travels and as it is kept.

    Raises:
        TypeError: as `canonical`.
    """
    return _bytes_of(_form(change), change.extra)


def entered_by(change: Change) -> str:
    """Return the person whose values a change enters: its author, or who asked where another person approved."""
    return change.requester or change.author


def sets_values(change: Change) -> bool:
    """Say whether a change enters values once it is accepted: a request waits for its approval, a refusal has none."""
    return change.act not in WITHOUT_VALUE and change.min <= FORMAT_VERSION


def is_rare(change: Change) -> bool:
    """Say whether the change has to be signed alone."""
    return change.act in RARE_ACTS or change.kind in RARE_KINDS


def hashed_form(change: Change, prev: str) -> bytes:
    """Return the bytes that are hashed and signed for a change after the desk's change `prev` (hex or "").

    Content that may have to be destroyed by law enters only as a salted digest, so that lawful destruction leaves every
    hash valid.
    """
    form = _form(change, prev)
    if change.hidden:
        form = msgspec.structs.replace(
            form, content=change.content or erasable_digest(change), set=_without(change.set, change.hidden),
            was=_without(change.was, change.hidden), why=UNSET, salt=UNSET,
        )  # fmt: skip
    return _bytes_of(form, change.extra)


def change_hash(change: Change, prev: str) -> bytes:
    """Return the SHA-256 of a change in its desk's chain, 32 bytes."""
    return hashlib.sha256(hashed_form(change, prev)).digest()


def leaf_bytes(hash_: bytes, verdict: Verdict) -> bytes:
    """Return the content of the tree's leaf: neither a change nor its outcome can be altered afterwards."""
    v = verdict
    return in_nfc(msgspec.json.encode(_Leaf(v.at, hash_.hex(), v.number, v.outcome, v.reason)))


class _Leaf(Struct, frozen=True, gc=False):
    """The fields of a leaf in the order of their names."""

    at: str
    change: str
    number: int
    outcome: str
    reason: str
