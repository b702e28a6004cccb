"""A server that fits in a pocket: the log in a list, records folded by the shared merge. It judges no rights."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from ejournal_core import merge
from ejournal_core.changes import Change, Entry, Outcome, Verdict, sets_values
from ejournal_core.kinds import Fields, to_fields
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.unsent import Unsent
from tests.helpers.school import SmallSchool

Address = tuple[str, str]
ACCEPTED = ("taken", "converged", "merged")

AT = "2026-09-15T11:00:00+03:00"  # what the clock of another desk shows


class PocketServer:
    """Starts where the school's snapshot was taken: at number 1."""

    def __init__(self, school: SmallSchool) -> None:
        self.start: dict[Address, Fields] = {(type(r).__name__, r.id): to_fields(r) for r in school.records}
        self.records: dict[Address, Fields] = dict(self.start)
        self.log: list[Entry] = []
        self._seen: dict[str, Verdict] = {}

    @property
    def number(self) -> int:
        return 1 + len(self.log)

    def push(
        self, unsent: Sequence[Unsent], refuse: Callable[[Change], Outcome | None] = lambda _: None
    ) -> list[Verdict]:
        """Judge changes; the same one again gets the same verdict."""
        return [self._accept(each.change, each.prev, refuse(each.change)) for each in unsent]

    def other(
        self,
        kind: str,
        record: str,
        *,
        act: str = "change",
        author: str = "p-colleague",
        was: Fields | None = None,
        about: str = "",
        requester: str = "",
        why: str = "",
        min: int = 1,
        outcome: Outcome | None = None,
        **fields: object,
    ) -> Verdict:
        """Enter a change of somebody else's desk; by default it has seen what the server holds."""
        seen = self.records.get((kind, record), {})
        change = Change(
            id=f"other-{len(self.log)}", desk="other", n=len(self.log) + 1, author=author, kind=kind, record=record,
            was={name: seen.get(name) for name in fields} if was is None else was, set=msgspec.to_builtins(fields),
            act=act, at=AT, about=about, requester=requester, why=why, min=min,
        )  # fmt: skip
        return self._accept(change, "", outcome)

    def pull(self, after: int, limit: int = 5_000) -> tuple[list[Entry], int]:
        """Return the next entries and the mark to ask after next time."""
        found = [entry for entry in self.log if entry.verdict.number > after][:limit]
        return found, found[-1].verdict.number if found else self.number

    def as_of(self, number: int) -> dict[Address, Fields]:
        """Return the records as they were at a number."""
        records = dict(self.start)
        for entry in self.log:
            if entry.verdict.number <= number and entry.verdict.outcome in ACCEPTED and sets_values(entry.change):
                address = (entry.change.kind, entry.change.record)
                records[address] = merge.merge(records.get(address), entry.change).fields
        return records

    def _accept(self, change: Change, prev: str, refusal: Outcome | None) -> Verdict:
        if change.id in self._seen:
            return self._seen[change.id]
        address = (change.kind, change.record)
        current = self.records.get(address)
        outcome: Outcome = "refused" if current is None and change.was else "taken"
        merged = merge.merge(current, change)
        if refusal is not None:
            outcome = refusal
        elif not sets_values(change):
            outcome = "pending" if change.act == "request" else "converged"
        elif outcome != "refused":
            outcome = merged.outcome
        if outcome in ACCEPTED and sets_values(change):
            self.records[address] = merged.fields
        verdict = Verdict(id=change.id, number=self.number + 1, outcome=outcome,
                          reason="" if outcome in ACCEPTED else "EJ-2xx", at="2026-09-15T08:00:00Z")  # fmt: skip
        self.log.append(Entry(change=change, prev=prev, verdict=verdict))
        self._seen[change.id] = verdict
        return verdict


def meet(journal: Journal, server: PocketServer) -> None:
    """Let a desk bring what waits and fetch what is new."""
    journal.settle(server.push(journal.outbox()))
    entries, upto = server.pull(journal.cursor)
    journal.apply(entries, upto)
