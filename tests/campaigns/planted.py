"""Faults planted on purpose, each with a sentence and a seed that finds it: a check that cannot fail is a defect."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from msgspec import Struct

from ejournal_core import access, checks, wire
from ejournal_core.changes import Verdict, leaf_bytes
from ejournal_core.merge import Merged, defaults, merge
from ejournal_desktop.models import erasure, loading, purge, receive, records, rewind, slices
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.sync import trust
from ejournal_server import facts, intake, judging, ledger, scopes, signing
from ejournal_server.store import aside, log, people, requests
from ejournal_server.store import erasure as server_erasure
from tests.campaigns.lessons import LESSONS
from tests.campaigns.play import Ending, play
from tests.campaigns.stage import Disk, stage
from tests.campaigns.story import LONG, Plan, Step, Story, story, themed
from tests.campaigns.world import SeatLine, World

Patch = pytest.MonkeyPatch
Plant = Callable[[Patch], None]


class Fault(Struct, frozen=True):
    """A planted fault: what is wrong, how it is planted, and the seed and steps of a story that finds it.

    Attributes:
        theme: of the story; "": everything may happen in it.
        told: the story itself where no seed tells it.
    """

    name: str
    sentence: str
    plant: Plant
    seed: int
    steps: tuple[int, ...]
    theme: str = ""
    told: Story | None = None

    def long_story(self, seed: int) -> Story:
        """Return a whole story in which the fault may be found."""
        return themed(self.theme, seed) if self.theme else story(seed, LONG)

    @property
    def story(self) -> Story:
        """The story that finds the fault, without the steps that it does not need."""
        whole = self.told or self.long_story(self.seed)
        return msgspec.structs.replace(whole, steps=tuple(each for each in whole.steps if each.number in self.steps))

    def played(self, story: Story) -> Ending:
        """Live through a story in a school that was founded well and has the fault now."""
        stage()
        with pytest.MonkeyPatch.context() as patch:
            self.plant(patch)
            return play(story)


FAULTS: dict[str, Fault] = {}

#: A teacher asks for the correction of a mark in a closed period, and tries to approve that.
_ASKED_AND_APPROVED = Story(
    Plan(0, (0, 1, 2), loss=0.0, beside=0.0, faults=False),
    (
        Step(1, 2, "mark", 0, 1, 0, 1),
        Step(2, 0, "meet", 0, 0, 0, 1),
        Step(3, 0, "close_period", 0, 0, 0, 1),
        Step(4, 2, "meet", 0, 0, 0, 1),
        Step(5, 0, "meet", 0, 0, 0, 1),
        Step(6, 2, "ask", 0, 0, 1, 1),
        Step(7, 0, "meet", 0, 0, 0, 1),
        Step(8, 0, "decide", 0, 0, 1, 1),
    ),
)


#: The deputy is the second person of these stories, the class teacher the third, the administrator the fourth.
_CALM = Plan(0, (0, 2, 3, 4), loss=0.0, beside=0.0, faults=False)
_REVOKED = Story(
    Plan(0, (0, 1, 2), loss=0.0, beside=0.0, faults=False),
    (Step(1, 0, "revoke", 2, 0, 0, 1), Step(2, 0, "mark", 0, 1, 0, 1), Step(3, 0, "meet", 0, 0, 0, 1)),
)
_PUT_BACK = Story(
    _CALM,
    (
        Step(1, 0, "take_image", 0, 0, 0, 1),
        Step(2, 0, "mark", 0, 1, 0, 1),
        Step(3, 0, "lay_image", 0, 0, 0, 1),
        Step(4, 0, "mark", 0, 3, 1, 1),
        Step(5, 0, "meet", 0, 0, 0, 1),
    ),
)
_MADE_AGAIN = Story(
    _CALM,
    (
        Step(1, 0, "back_up", 0, 0, 0, 1),
        Step(2, 0, "mark", 0, 1, 0, 1),
        Step(3, 0, "meet", 0, 0, 0, 1),
        Step(4, 0, "restore_school", 0, 0, 0, 60),
    ),
)
_DESTROYED = Story(
    _CALM,
    (
        Step(1, 0, "presence", 0, 1, 0, 1),
        Step(2, 0, "meet", 0, 0, 0, 1),
        Step(3, 2, "meet", 0, 0, 0, 1),
        Step(4, 2, "reason", 0, 1, 0, 1),
        Step(5, 2, "meet", 0, 0, 0, 1),
        Step(6, 3, "order_destruction", 0, 1, 0, 1),
        Step(7, 3, "meet", 0, 0, 0, 1),
        Step(8, 1, "meet", 0, 0, 0, 1),
        Step(9, 1, "confirm_destruction", 0, 0, 0, 1),
        Step(10, 1, "meet", 0, 0, 0, 1),
    ),
)


#: A teacher gives a mark, and the power of the desk goes.
_POWER_GOES_AFTER_A_MARK = Story(
    Plan(0, (0, 1, 2), loss=0.0, beside=0.0), (Step(1, 2, "mark", 0, 1, 0, 1), Step(2, 0, "crash", 0, 0, 0, 1))
)

#: A teacher delivers two marks; the power goes while the deputy's desk takes them in.
_POWER_GOES_DURING_A_PULL = Story(
    Plan(1, (0, 1, 2), loss=0.0, beside=0.0),
    (
        Step(1, 2, "mark", 0, 1, 0, 1),
        Step(2, 2, "mark", 1, 1, 0, 1),
        Step(3, 0, "meet", 0, 0, 0, 1),
        Step(4, 2, "crash_meeting", 0, 14, 0, 1),
    ),
)


def _fault(seed: int, *steps: int, theme: str = "", told: Story | None = None) -> Callable[[Plant], Plant]:
    steps = tuple(each.number for each in told.steps) if told else steps

    def add(plant: Plant) -> Plant:
        assert plant.__doc__ is not None
        FAULTS[plant.__name__] = Fault(plant.__name__, plant.__doc__, plant, seed, steps, theme, told)
        return plant

    return add


# --- on the server -------------------------------------------------------------------------------------------------


@_fault(0, 15, 22, 24)
def verdict_lost_on_repeat(patch: Patch) -> None:
    """The same batch again gets another answer than the first time."""
    accept = intake.accept
    seen: set[str] = set()

    def forgetful(authority: Any, batch: wire.Batch) -> wire.Receipt:
        receipt = accept(authority, batch)
        if batch.head.root not in seen:
            seen.add(batch.head.root)
            return receipt
        lost = [msgspec.structs.replace(each, outcome="converged") for each in receipt.verdicts]
        return signing.sign_receipt(authority, batch, lost, receipt.head)

    patch.setattr(intake, "accept", forgetful)


@_fault(0, 39)
def receipts_not_kept(patch: Patch) -> None:
    """The server signs receipts and keeps none."""
    patch.setattr(log, "keep_receipt", lambda tx, stored: None)


@_fault(0, 37)
def batch_order_shuffled(patch: Patch) -> None:
    """The changes of a batch are judged from the last to the first."""
    enter = ledger.enter

    def backwards(authority: Any, tx: Any, head: Any, batch: Any, hashes: Any, positions: Sequence[int]) -> Any:
        entered = enter(authority, tx, head, batch, hashes, list(reversed(positions)))
        return msgspec.structs.replace(entered, verdicts=tuple(reversed(entered.verdicts)))

    patch.setattr(ledger, "enter", backwards)


@_fault(0, 15)
def number_before_commit(patch: Patch) -> None:
    """A number is seen before its transaction is committed: readers pass the line by."""
    lines_to_send = log.lines_to_send

    def hasty(*arguments: Any) -> Any:
        found = list(lines_to_send(*arguments))
        return found[:-1] if len(found) % 3 == 2 else found

    patch.setattr(log, "lines_to_send", hasty)


@_fault(1, 14, 28)
def last_writer_wins(patch: Patch) -> None:
    """Whoever comes last wins, and nobody is asked."""

    def win(current: Any, change: Any, *, moved: bool = False) -> Merged:
        return Merged("taken", {**defaults(change.kind), **(current or {}), **change.set})

    patch.setattr(judging, "merge", win)


@_fault(1, 14, 28)
def clock_decides(patch: Patch) -> None:
    """Of two values the one with the later clock stands."""
    latest: dict[str, str] = {}

    def by_clock(current: Any, change: Any, *, moved: bool = False) -> Merged:
        merged = merge(current, change, moved=moved)
        before = latest.get(change.record, "")
        latest[change.record] = max(before, change.at)
        if merged.outcome == "disputed" and change.at >= before:
            return Merged("taken", {**(current or {}), **change.set})
        return merged

    patch.setattr(judging, "merge", by_clock)


@_fault(3, 16, 26)
def homework_overwritten(patch: Patch) -> None:
    """Of two homework texts the later one stands alone."""

    def careless(current: Any, change: Any, *, moved: bool = False) -> Merged:
        merged = merge(current, change, moved=moved)
        if change.kind == "Lesson" and "homework" in change.set and merged.outcome != "disputed":
            return Merged(merged.outcome, {**merged.fields, "homework": change.set["homework"]})
        return merged

    patch.setattr(judging, "merge", careless)


@_fault(0, 25, 29, 30, theme="rights")
def as_of_judging_off(patch: Patch) -> None:
    """What was lawful when it was entered is judged by the rights of today alone."""
    init = facts.ServerFacts.__init__

    def without_past(self: Any, known: Any, moment: Any, *arguments: Any, **named: Any) -> None:
        init(self, known, moment, seen=named.get("seen", 0))

    patch.setattr(facts.ServerFacts, "__init__", without_past)


@_fault(0, 39)
def rights_not_checked(patch: Patch) -> None:
    """Nobody asks whose page it is."""
    _without_rule(patch, "the_author_teaches_this_lesson")


@_fault(23, 32, 35)
def closed_period_open(patch: Patch) -> None:
    """A closed period takes marks as if it were open."""
    _without_rule(patch, "the_period_is_open")


def _without_rule(patch: Patch, name: str) -> None:
    for kind, rules in checks.RULES.items():
        patch.setitem(checks.RULES, kind, tuple(rule for rule in rules if rule.__name__ != name))


@_fault(0, 17)
def waiting_not_kept(patch: Patch) -> None:
    """A change that waits for a decision gets its number and no line."""
    append = log.append

    def without_waiting(tx: Any, lines: Sequence[Any]) -> None:
        append(tx, [line for line in lines if line.verdict.outcome != "pending"])

    patch.setattr(log, "append", without_waiting)


@_fault(0, 35, 37)
def leaf_without_outcome(patch: Patch) -> None:
    """The tree says of every change that it was taken."""

    def flattering(hash_: bytes, verdict: Verdict) -> bytes:
        return leaf_bytes(hash_, msgspec.structs.replace(verdict, outcome="taken", reason=""))

    patch.setattr(ledger, "leaf_bytes", flattering)


@_fault(1, 14, 28, 30, 36)
def dispute_closed_by_any_edit(patch: Patch) -> None:
    """Any accepted edit of a record closes its disputes at the server."""
    keep = ledger.Entering._keep_record

    def closing(self: Any, change: Any, *arguments: Any) -> None:
        keep(self, change, *arguments)
        for dispute in aside.open_disputes_of(self.tx, change.kind, change.record):
            aside.close_dispute(self.tx, dispute, self.number)

    patch.setattr(ledger.Entering, "_keep_record", closing)


@_fault(1, 31, 36)
def sealed_delivery_forgets_the_chain(patch: Patch) -> None:
    """After a sealed delivery the server no longer knows where the desk's chain ends: the desk seems cloned."""
    deliver = intake.deliver

    def forgetful(authority: Any, file: bytes) -> Any:
        done = deliver(authority, file)
        with authority.store.write() as tx:
            for desk in people.desks(tx):
                people.set_desk(tx, msgspec.structs.replace(desk, last_hash=""))
        return done

    patch.setattr(intake, "deliver", forgetful)


@_fault(10, 25, 37)
def scope_not_rechecked(patch: Patch) -> None:
    """What a person may see is worked out once and never again."""
    scope_of = scopes.scope_of
    known: dict[str, Any] = {}

    def once(authority: Any, tx: Any, person: str) -> Any:
        return known.setdefault(person, scope_of(authority, tx, person))

    patch.setattr(scopes, "scope_of", once)


@_fault(6, 12, 17, 23)
def yesterdays_disk(patch: Patch) -> None:
    """A restarted server comes back with the disk of the morning."""
    start = World.start_server

    def older(self: World) -> None:
        if hasattr(self, "wire"):
            self.ground.server_disk.lay((self.ground.server_image, b""))
        start(self)

    patch.setattr(World, "start_server", older)


@_fault(0, told=_REVOKED)
def revoked_desk_still_heard(patch: Patch) -> None:
    """A desk is revoked in the log, and what it sends afterwards is taken as before."""
    set_desk = people.set_desk

    def trusting(tx: Any, desk: people.Desk) -> None:
        state = "active" if desk.state == "revoked" else desk.state
        set_desk(tx, msgspec.structs.replace(desk, state=state))

    patch.setattr(people, "set_desk", trusting)


@_fault(0, told=_PUT_BACK)
def both_branches_followed(patch: Patch) -> None:
    """A desk whose disk was put back to an older image goes on as if its counters were new."""
    patch.setattr(intake._Intake, "_branches", lambda *_: False)


@_fault(0, told=_DESTROYED)
def destroyed_content_served(patch: Patch) -> None:
    """An act of destruction empties the records at the server, and not the lines of its log."""
    patch.setattr(server_erasure, "_empty", lambda *_: None)


# --- on the desk ---------------------------------------------------------------------------------------------------


@_fault(1, told=_POWER_GOES_DURING_A_PULL)
def cursor_before_rows(patch: Patch) -> None:
    """The cursor stands at the end of the page before all of its rows are in."""
    apply = Journal.apply

    def hasty(self: Journal, entries: Sequence[Any], cursor: int, *arguments: Any, **named: Any) -> Any:
        self.note(cursor=cursor)
        return apply(self, entries, cursor, *arguments, **named)

    patch.setattr(Journal, "apply", hasty)


@_fault(0, 17)
def patched_not_rebuilt(patch: Patch) -> None:
    """A row with own changes is left as it looks instead of being rebuilt; its shadow goes."""

    def leave(connection: sa.Connection, desk_id: str, addresses: Any) -> None:
        for kind, record in addresses:
            connection.exec_driver_sql("DELETE FROM shadow WHERE kind = ? AND record = ?", (kind, record))

    patch.setattr(records, "rebuild", leave)


@_fault(1, 5, 6)
def counter_reused(patch: Patch) -> None:
    """After a start the desk gives its last counter a second time."""
    init = Journal.__init__

    def again(self: Journal, engine: sa.Engine, *arguments: Any) -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql("UPDATE desk SET next_n = next_n - 1 WHERE next_n > 1")
        init(self, engine, *arguments)

    patch.setattr(Journal, "__init__", again)


@_fault(0, 39)
def outbox_emptied_when_sent(patch: Patch) -> None:
    """What was sent leaves the outbox before its receipt has come."""
    push = SeatLine.push

    def trusting(self: SeatLine, batch: wire.Batch) -> wire.Receipt:
        journal = self._seat.journal
        with journal.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM outbox WHERE n <= ?", (batch.changes[-1].n,))
        return push(self, batch)

    patch.setattr(SeatLine, "push", trusting)


@_fault(0, 35, 37)
def edit_during_pull_lost(patch: Patch) -> None:
    """What the log brings is written over rows that have unsent changes."""
    write = receive._Stands.write

    def over(self: Any) -> None:
        self.shadowed = set()
        write(self)

    patch.setattr(receive._Stands, "write", over)


@_fault(0, 17, 20)
def refused_birth_leaves_half(patch: Patch) -> None:
    """A record whose birth was refused stays where it was entered."""
    patch.setattr(records, "_remove", lambda connection, kind, record_id: None)


@_fault(20, 8, 20, 30, 33, 38)
def snapshot_over_unsent(patch: Patch) -> None:
    """A snapshot is written over rows whose changes have not been sent."""
    take = loading.take_records

    def over(connection: sa.Connection, *arguments: Any) -> None:
        connection.exec_driver_sql("DELETE FROM shadow")
        take(connection, *arguments)

    patch.setattr(loading, "take_records", over)


@_fault(10, 13, 18, 37)
def purge_skips_history(patch: Patch) -> None:
    """What may no longer be seen leaves the tables and stays in the history."""
    steps = purge.steps

    def rows_only(connection: sa.Connection, name: str, kept: Any = ()) -> Any:
        for step in steps(connection, name, kept):
            yield [(statement, rows) for statement, rows in step if statement.table.name != "history"]

    patch.setattr(purge, "steps", rows_only)


@_fault(10, 25, 37)
def purge_forgets_rows(patch: Patch) -> None:
    """What may no longer be seen stays on the disk, and is no longer counted as held."""
    patch.setattr(purge, "steps", lambda *_: iter(()))


@_fault(0, told=LESSONS["of a page that is lost while a substitution there waits, only what waits stays"])
def purge_takes_what_waits(patch: Patch) -> None:
    """A page that is lost takes along what its substitute has entered and nobody has confirmed yet."""
    patch.setattr(slices, "awaiting", lambda *_: frozenset())


@_fault(1, 14, 28)
def dispute_of_others_unseen(patch: Patch) -> None:
    """A dispute is shown to its author alone."""
    add = receive.Arrivals.add_dispute

    def own_only(self: Any, connection: Any, change: Any, verdict: Any) -> None:
        if change.author == self.identity.person_id:
            add(self, connection, change, verdict)

    patch.setattr(receive.Arrivals, "add_dispute", own_only)


@_fault(1, 14, 28)
def dispute_closed_too_early(patch: Patch) -> None:
    """A desk takes any later edit of a disputed record for its decision."""
    close = receive.Arrivals.close_what_is_decided

    def eager(self: Any, connection: Any, change: Any, number: int) -> None:
        connection.exec_driver_sql(
            "UPDATE dispute SET resolved_by = ? WHERE kind = ? AND record = ? AND resolved_by IS NULL",
            (change.id, change.kind, change.record),
        )
        close(self, connection, change, number)

    patch.setattr(receive.Arrivals, "close_what_is_decided", eager)


@_fault(0, told=_MADE_AGAIN)
def restored_school_not_told_again(patch: Patch) -> None:
    """A desk follows a restored school and does not put its own later changes back into the outbox."""
    patch.setattr(rewind, "_put_back", lambda *_: [])


@_fault(0, told=_DESTROYED)
def destroyed_content_kept(patch: Patch) -> None:
    """An act of destruction empties a desk's rows, and not its history."""
    patch.setattr(erasure, "_empty_history", lambda *_: None)


@_fault(0, told=_POWER_GOES_AFTER_A_MARK)
def commits_not_flushed(patch: Patch) -> None:
    """A commit returns before the disk has it: the power takes the write-ahead log."""
    freeze = Disk.freeze
    patch.setattr(Disk, "freeze", lambda self: (freeze(self)[0], b""))


@_fault(7, 19, 21)
def settled_without_verification(patch: Patch) -> None:
    """A desk enters the verdicts of a receipt that the server did not sign."""
    patch.setattr(trust, "check_receipt", lambda *_: None)


@_fault(0, 32, 35, 36, 40, theme="forgery")
def page_without_verification(patch: Patch) -> None:
    """A desk enters lines that their authors did not sign."""
    patch.setattr(trust, "check_page", lambda *_: None)


@_fault(0, told=_ASKED_AND_APPROVED)
def who_asked_approves(patch: Patch) -> None:
    """Whoever asks for a correction may approve it."""
    patch.setattr(access, "may_decide", lambda *_: True)


@_fault(0, 11, 15, 17, 21, 29, 40, theme="requests")
def request_decided_unseen(patch: Patch) -> None:
    """A decision does not take the request off the server's list."""
    patch.setattr(requests, "decide", lambda *_, **__: None)


@_fault(0)
def plain_copy_beside(patch: Patch) -> None:
    """A copy of what is entered is left beside the desk's file in the clear."""
    init = Journal.__init__

    def leaky(self: Journal, engine: sa.Engine, *arguments: Any) -> None:
        init(self, engine, *arguments)
        with self.reading() as connection:
            file = connection.exec_driver_sql("PRAGMA database_list").first()
            texts = connection.exec_driver_sql("SELECT body FROM history").scalars().all()
        assert file is not None
        Path(f"{file[2]}.tmp").write_text("\n".join(texts), encoding="utf-8")

    patch.setattr(Journal, "__init__", leaky)
