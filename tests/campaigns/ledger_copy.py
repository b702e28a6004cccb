"""What lies in the files, read without the product's engine, and the log replayed by hand.

Shares no code with the engine: its own SQL on the raw tables, its own canonical JSON, hashes, tree and merging. Of the
product it uses the list of kinds and their fields alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import sqlcipher3.dbapi2 as sqlcipher

from ejournal_core.kinds import KINDS

Address = tuple[str, str]
Fields = dict[str, Any]

#: What an act of destruction may empty, and what stands there afterwards.
BLANK: dict[str, dict[str, Any]] = {
    "Attendance": {"reason": "", "document_id": None},
    "AbsenceDocument": {"reason": "", "number": "", "since": "0001-01-01", "until": "0001-01-01", "told_by": ""},
    "RegisteredAbsence": {"reason": "", "since": "0001-01-01", "until": "0001-01-01", "document_id": None},
    "PupilRemark": {"text": ""},
    "DataReport": {"wrong": "", "should_be": "", "answer_reason": ""},
    "SpecialGroup": {"since": None, "until": None, "basis": ""},
    "Guardian": dict.fromkeys(
        ("last_name", "first_name", "patronymic", "relation", "phone", "email", "home_address", "consent_by"), ""
    ),
}

ACCEPTED = ("taken", "converged", "merged")
JOINED = ("Lesson", "homework")


class Raw:
    """An encrypted file, opened beside whoever uses it."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._connection = sqlcipher.connect(str(path), isolation_level=None)
        self._connection.row_factory = sqlcipher.Row
        self._connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")

    def __enter__(self) -> Raw:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def rows(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        """Return the rows of a query as dictionaries."""
        return [dict(row) for row in self._connection.execute(statement, values)]

    def one(self, statement: str) -> Any:
        """Return the first value of a query, None when there is none."""
        row = self._connection.execute(statement).fetchone()
        return None if row is None else row[0]


def canonical(value: Any) -> bytes:
    """Return canonical JSON as the protocol page has it."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def change_hash(body: Fields, prev: str) -> str:
    """Return the hash (hex) of a change after `prev`, from its text."""
    hashed = dict(body)
    hidden = body.get("hidden", ())
    if hidden and not body.get("content"):
        content = {"set": _only(body["set"], hidden), "was": _only(body["was"], hidden), "why": body["why"]}
        hashed["content"] = hashlib.sha256(bytes.fromhex(body["salt"]) + canonical(content)).hexdigest()
    if hidden:
        hashed["set"], hashed["was"] = (
            {name: value for name, value in body[part].items() if name not in hidden} for part in ("set", "was")
        )
        del hashed["why"], hashed["salt"]
    return hashlib.sha256(canonical({**hashed, "prev": prev})).hexdigest()


def _only(fields: Fields, names: Iterable[str]) -> Fields:
    return {name: fields[name] for name in names if name in fields}


def root_of(leaves: list[bytes]) -> bytes:
    """Return the Merkle tree hash of RFC 9162, section 2.1.1, of leaf hashes."""
    level = list(leaves)
    if not level:
        return hashlib.sha256(b"").digest()
    while len(level) > 1:  # an odd last one rises as it is: the same tree as the recursive definition
        pairs = [hashlib.sha256(b"\1" + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)]
        level = pairs + ([level[-1]] if len(level) % 2 else [])
    return level[0]


@cache
def standard(kind: str) -> Mapping[str, Any]:
    """Return the values that fields have while nobody entered any."""
    return {
        field.name: None if field.default is msgspec.NODEFAULT else msgspec.to_builtins(field.default)
        for field in msgspec.structs.fields(KINDS[kind])
        if field.name != "id"
    }


class Line:
    """A line of the log."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.number: int = row["number"]
        self.id: str = row["id"]
        self.desk: str = row["desk"]
        self.n: int = row["n"]
        self.outcome: str = row["outcome"]
        self.reason: str = row["reason"]
        self.slice: str = row["slice"]
        self.prev: str = row["prev"].hex()
        self.hash: str = row["hash"].hex()
        self.leaf: bytes = row["leaf"]
        self.text: str = row["body"]
        self.at: str = row["at"]
        self.body: Fields = json.loads(row["body"])

    @property
    def address(self) -> Address:
        """Which record it is about."""
        return self.body["kind"], self.body["record"]

    @property
    def is_official(self) -> bool:
        """Whether the record holds what it wanted: to ask and to refuse enter no value."""
        return self.outcome in ACCEPTED and self.body["act"] not in ("request", "refuse")

    @property
    def destroys(self) -> bool:
        """Whether it confirms an act of destruction."""
        body = self.body
        return self.is_official and body["kind"] == "Destruction" and bool(body["set"].get("confirmed_by"))


def covers(order: Fields, body: Fields) -> bool:
    """Say whether an act about a pupil is about the record of a change."""
    pupil = body["set"].get("pupil_id") or body["was"].get("pupil_id")
    if body["kind"] == "Attendance":
        pupil = body["record"].rsplit(".", 1)[-1]
    return bool(body["kind"] == order["target_kind"] and pupil == order["pupil_id"])


def without_erasable(kind: str, fields: Fields | None) -> Fields | None:
    """Return fields as they are once everything is destroyed that can be."""
    return None if fields is None else {**fields, **BLANK.get(kind, {})}


class Replay:
    """The records as the lines make them, one line after the other; `faults` says which took a value unseen."""

    def __init__(self) -> None:
        self.records: dict[Address, Fields] = {}
        self.numbers: dict[Address, int] = {}
        self.faults: list[str] = []

    def enter(self, line: Line) -> None:
        """Take the next line."""
        if not line.is_official or line.body["kind"] not in KINDS:
            return
        kind = line.body["kind"]
        before = dict(standard(kind))
        now = self.records.setdefault(line.address, before)
        if line.body.get("content"):
            now.update({name: value for name, value in BLANK[kind].items() if name in line.body["hidden"]})
        for name, wanted in line.body["set"].items():
            seen = line.body["was"].get(name, before.get(name))
            now[name] = self._value(line, name, now.get(name), seen, wanted)
        self.numbers[line.address] = line.number
        if line.destroys:
            self._empty(now)

    def _empty(self, order: Fields) -> None:
        for (kind, record), fields in self.records.items():
            if covers(order, {"kind": kind, "record": record, "set": fields, "was": {}}):
                fields.update(BLANK[kind])

    def _value(self, line: Line, name: str, present: Any, seen: Any, wanted: Any) -> Any:
        if present in (seen, wanted):
            return wanted
        if (line.body["kind"], name) == JOINED:
            return f"{present}\n{wanted}" if present and wanted else present or wanted
        self.faults.append(f"I3: number {line.number} replaced {name} of {line.address} that it did not name")
        return wanted

    def copy(self) -> dict[Address, Fields]:
        """Return the records as they are now."""
        return {address: dict(fields) for address, fields in self.records.items()}


def content_hash(records: Mapping[Address, Mapping[str, Any]]) -> str:
    """Return one hash over records."""
    lines = sorted(json.dumps([*address, fields], sort_keys=True) for address, fields in records.items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def differing(here: Mapping[Address, Any], there: Mapping[Address, Any]) -> list[Address]:
    """Return the addresses at which two sets of records differ."""
    return sorted(each for each in here.keys() | there.keys() if here.get(each) != there.get(each))


def lines_of(raw: Raw, after: int = 0) -> list[Line]:
    """Return the lines of a server's log after a number."""
    return [Line(row) for row in raw.rows("SELECT * FROM change WHERE number > ? ORDER BY number", after)]


def own_ids(rows: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the ids of changes in rows of a desk's table."""
    return {row["change_id"] for row in rows}
