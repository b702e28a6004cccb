"""What the rules say to a change that arrives, given what its desk had seen and what of its author's work still waits.

The rules themselves are `ejournal_core/checks.py`. Here is what only the server can tell: whether a change was lawful
when it was entered, whether its desk's clock is to be believed, and what it builds on that nobody has decided yet.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from ejournal_core import access, checks
from ejournal_core.audit_log import EVENTS_A_DAY, TOO_MANY_EVENTS
from ejournal_core.changes import Change, Outcome, entered_by, sets_values
from ejournal_core.decisions import CLOCK, DECISIONS, MOVED, SUBSTITUTION, TOO_MANY_JUMPS
from ejournal_core.merge import Merged, merge
from ejournal_server import facts
from ejournal_server.facts import Known, ServerFacts
from ejournal_server.store import records, requests
from ejournal_server.store.database import Transaction
from ejournal_server.store.requests import Request

Judged = tuple[Outcome, str, Merged | None]

#: What a change is refused with whose lesson, column or own birth is not there.
_WITHOUT_A_PARENT = frozenset({"EJ-203", "EJ-204"})
#: What a substitute's entry is refused with as long as the substitution waits.
_WITHOUT_A_RIGHT = frozenset({"EJ-210", "EJ-212"})

JUMPS_A_DAY = 10  # of a desk's clock: more explain nothing, and every one is kept for ever and sent to everybody
#: Kinds that a desk writes by itself: how many of a day are kept, and the code for more.
TOLD_A_DAY = {"ClockJump": (JUMPS_A_DAY, TOO_MANY_JUMPS), "AuditEvent": (EVENTS_A_DAY, TOO_MANY_EVENTS)}


class Judge:
    """Judges the changes of one transaction one after the other."""

    def __init__(self, tx: Transaction, known: Known) -> None:
        self.tx = tx
        self.known = known
        self._waiting: dict[str, dict[tuple[str, str], str]] = {}
        self._told: dict[tuple[str, str, date], int] = {}  # of a kind, by a desk, on a day

    def judge(self, change: Change, moment: datetime, seen: int, ruling: int) -> Judged:
        """Return what becomes of a change, with its code and what it makes of the record.

        Args:
            change: as its author's desk brought it.
            moment: when it counts as entered.
            seen: the size of the log that its desk had seen by then.
            ruling: the number at which what the rules rest on last changed.
        """
        if change.kind in TOLD_A_DAY:
            most, code = TOLD_A_DAY[change.kind]
            if self._count_told(change.kind, change.desk, moment) > most:
                return "refused", code, None
        answer = checks.check(change, ServerFacts(self.known, moment, seen=seen), at_arrival=True)
        if answer.outcome == "refused" and seen < ruling and change.act not in DECISIONS:
            then = checks.check(change, ServerFacts(self.known, moment, as_of=seen, seen=seen), at_arrival=True)
            if then.outcome != "refused":  # lawful when it was entered: a person decides
                return "pending", answer.code, None
        if reason := self._why_its_parent_waits(change, answer.code):
            return "pending", reason, None
        if answer.outcome == "refused" and self._is_lawful_by_its_own_clock(change, moment, seen):
            return "pending", CLOCK, None  # which of two clocks is wrong nobody can tell here: a person decides
        if answer.outcome != "taken":
            return answer.outcome, answer.code, None
        if not sets_values(change):  # a refusal, accepted: the record stays what it is
            return "converged", "", None
        row = self.known.row(change.kind, change.record)
        moved = row is not None and row.number > seen and row.desk != change.desk
        merged = merge(row.fields if row else None, change, moved=moved)
        if merged.outcome == "disputed" and change.act == "approve":  # to be decided anew, seeing what stands now
            return "refused", MOVED, None
        return merged.outcome, "", merged

    def _is_lawful_by_its_own_clock(self, change: Change, moment: datetime, seen: int) -> bool:
        """Say whether a change that came before it was entered, by its desk's clock, is lawful by that clock."""
        claimed = datetime.fromisoformat(change.at)
        if claimed <= moment or change.act in DECISIONS:
            return False
        there = claimed.astimezone(moment.tzinfo)
        sights = (ServerFacts(self.known, there, as_of, seen) for as_of in (None, seen))
        return any(checks.check(change, each, at_arrival=True).outcome != "refused" for each in sights)

    def _count_told(self, kind: str, desk: str, moment: datetime) -> int:
        """Return how often a desk told so of this day, this time included."""
        key = kind, desk, moment.astimezone(UTC).date()
        if key not in self._told:
            times = records.times_of_children(self.tx, kind, desk)
            self._told[key] = [datetime.fromisoformat(at).astimezone(UTC).date() for at in times].count(key[2])
        self._told[key] += 1
        return self._told[key]

    def is_doubtful(self, change: Change, moment: datetime) -> bool:
        """Say whether the desk's clock was further outside what the log proves than the school bears with."""
        doubt = self.known.policy(None).clock_doubt
        if change.desk == access.SERVER:
            return False
        return abs(datetime.fromisoformat(change.at) - moment) > timedelta(minutes=doubt.minutes)

    def _why_its_parent_waits(self, change: Change, code: str) -> str:
        """Return why the change of the same person waits that this one builds on, "" when none does."""
        if code not in _WITHOUT_A_PARENT | _WITHOUT_A_RIGHT or change.act in DECISIONS:
            return ""
        author = entered_by(change)
        if author not in self._waiting:
            found = requests.requests_of(self.tx, author)
            self._waiting[author] = {(r.kind, r.record): r.reason for r in found if not r.decided_by}
        waiting = self._waiting[author]
        around = [(change.kind, change.record), *facts.around(change)]
        reasons = [reason for each in around if (reason := waiting.get(each, ""))]
        if code in _WITHOUT_A_RIGHT:
            reasons = [reason for reason in reasons if reason == SUBSTITUTION]
        return next(iter(reasons), "")

    def note_waiting(self, request: Request) -> None:
        """Remember that a change waits from now on; what builds on it waits too."""
        if request.author in self._waiting:
            self._waiting[request.author][request.kind, request.record] = request.reason

    def forget_waiting(self, author: str) -> None:
        """Something of this author was decided: look again at what waits."""
        self._waiting.pop(author, None)
