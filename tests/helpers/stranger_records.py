"""Records as a stranger's desk rebuilds them: lines of the log replayed as docs/sync-protocol.md has it.

What kinds of records there are is data: docs/protocol-examples/kinds.json. No code of ours.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.helpers.stranger_bytes import Message, Untrue, canonical

EXAMPLES = Path(__file__).parents[2] / "docs" / "protocol-examples"
ACCEPTED = ("taken", "converged", "merged")
JOINED = ("Lesson", "homework")


class Records:
    """The records of a desk: as the log made them, and as they are shown with what is unsent."""

    def __init__(self) -> None:
        self.kinds: Message = json.loads((EXAMPLES / "kinds.json").read_text(encoding="utf-8"))
        self.accepted: dict[tuple[str, str], Message] = {}
        self.shown: dict[tuple[str, str], Message] = {}
        self.undecided: dict[str, Message] = {}

    def get(self, kind: str, record: str) -> Message | None:
        """Return a record's fields as its person sees them."""
        return self.shown.get((kind, record), self.accepted.get((kind, record)))

    def show(self, change: Message) -> None:
        """Show what was entered and not judged yet."""
        key = (change["kind"], change["record"])
        if change["act"] not in ("request", "refuse"):
            self.shown[key] = self._merged(self.get(*key), change)

    def apply(self, change: Message, verdict: Message) -> None:
        """Take in a proved line of the log."""
        key = (change["kind"], change["record"])
        self.shown.pop(key, None)
        if verdict["outcome"] in ("disputed", "pending"):
            self.undecided[change["id"]] = verdict
        self.undecided.pop(change.get("about", ""), None)
        known = change["kind"] in self.kinds and change["min"] <= 1
        if known and verdict["outcome"] in ACCEPTED and change["act"] not in ("request", "refuse"):
            self.accepted[key] = self._merged(self.accepted.get(key), change)

    def _merged(self, stands: Message | None, change: Message) -> Message:
        kind = self.kinds[change["kind"]]
        if stands is None:
            gone = kind["erasable"] if change.get("content") else {}
            return {**kind["fields"], **gone, **change["set"]}
        made = dict(stands)
        for unit in self._units(kind):
            touched = [name for name in unit if name in change["set"]]
            made |= self._unit(stands, change, touched)
        return made

    def _units(self, kind: Message) -> list[list[str]]:
        together: list[list[str]] = kind["units"]
        return together + [[name] for name in kind["fields"] if not any(name in unit for unit in together)]

    def _unit(self, stands: Message, change: Message, touched: Sequence[str]) -> Message:
        """Return what becomes of one unit: nothing new, the wanted values, or two texts joined."""
        wanted = {name: change["set"][name] for name in touched}
        empty = self.kinds[change["kind"]]["fields"]
        if all(stands.get(name, empty[name]) == change["was"].get(name, empty[name]) for name in touched):
            return wanted
        if [(change["kind"], name) for name in touched] == [JOINED] and stands["homework"] != wanted["homework"]:
            return {"homework": "\n".join(filter(None, (stands["homework"], wanted["homework"])))}
        return {}

    def erasable(self, kind: str) -> set[str]:
        """Return the names of a kind's erasable fields."""
        return set(self.kinds[kind]["erasable"])

    def compare(self, records: Iterable[Message]) -> None:
        """Refuse a snapshot whose records are not what their history makes."""
        told = {(each["kind"], each["record"]): each["fields"] for each in records if each["kind"] in self.kinds}
        if told != self.accepted:
            raise Untrue("the snapshot is not what its history makes")

    # --- contents ---

    def slice_of(self, kind: str, fields: Message) -> str:
        """Return the slice in which a record is seen."""
        place = self.kinds[kind]["place"]
        if not place:
            return "directory"
        return f"{place['slice']}:{fields[place['field']].rsplit('.', place['without'])[0]}"

    def digest(self, slice_: str) -> str:
        """Return the content of a slice."""
        here = (each for each in self.accepted.items() if self.slice_of(each[0][0], each[1]) == slice_)
        return f"{sum(self._hash(kind, record, fields) for (kind, record), fields in here) % 2**256:064x}"

    def _hash(self, kind: str, record: str, fields: Message) -> int:
        empty = self.kinds[kind]["fields"]
        said = {name: value for name, value in fields.items() if name not in empty or value != empty[name]}
        return int.from_bytes(hashlib.sha256(canonical([kind, record, said])).digest())
