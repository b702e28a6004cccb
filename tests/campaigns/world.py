"""A school that lives through a story: its desks, its server, the network between them, and the notes of a driver."""

from __future__ import annotations

import hashlib
import random
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from msgspec import Struct

from ejournal_core import ids, seal, wire
from ejournal_core.changes import Change
from ejournal_core.errors import EjournalError, Refusal, Trouble
from ejournal_desktop.models import arriving
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.sync import engine
from ejournal_desktop.sync.engine import Portion, sync_once
from ejournal_desktop.sync.epoch import EarlierEpoch
from ejournal_desktop.sync.server import ServerAway, ServerRefused, ServerSlow
from ejournal_server import epochs, intake, snapshots
from ejournal_server.authority import stamp
from ejournal_server.epochs import Opening
from ejournal_server.store import people
from tests.campaigns import forgery
from tests.campaigns.lines import Line, Message, Reply, Wire
from tests.campaigns.stage import Crash, Disk, Stage, certify, name_desk, reopened, stage
from tests.campaigns.story import Plan, Step
from tests.helpers.school import MOSCOW, NOW

_NEW_ID = ids.new_id

#: What a desk says of a server that it does not believe.
_SUSPICIONS = ("EJ-253", "EJ-266", "EJ-321", "EJ-322", "EJ-324", "EJ-325", "EJ-326")

#: Who decides to restore, and why.
OPENING = Opening(reason="Диск сервера вышел из строя", first_person="Иванова И. И.", second_person="Петров П. П.")


class AtOnce(Executor):
    """Stands in for the thread on which a desk sends while it works: here everything happens one after the other."""

    def __init__(self, *_: object) -> None:
        """Need no threads."""

    def submit(self, work: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """Do the work now; who asks for the result gets it, or what went wrong."""
        done: Future[Any] = Future()
        try:
            done.set_result(work(*arguments, **named))
        except BaseException as error:  # noqa: BLE001  # the power goes for whoever asks
            done.set_exception(error)
        return done


class SeatLine(Line):
    """A seat's line, which keeps what was pushed: it may be sent once more."""

    def __init__(self, seat: Seat, signing: bytes) -> None:
        super().__init__(seat.world, f"desk:{seat.desk}", signing)
        self._seat = seat

    def push(self, batch: wire.Batch) -> wire.Receipt:
        """Send a batch, and keep it."""
        self._seat.world.pushed.append((self._seat, batch))
        return super().push(batch)


class Seat:
    """A person at a desk.

    Attributes:
        image: of the desk's disk, kept by somebody.
        is_copy: whether that was put back: what the desk knows of itself is older than what others know.
    """

    def __init__(
        self, world: World, disk: Disk, person: str, desk: str, signing: bytes, workstation: str = "pc"
    ) -> None:
        self.world = world
        self.disk = disk
        self.person = person
        self.desk = desk
        self.workstation = workstation
        self.ahead = timedelta()
        self.zone: timezone = MOSCOW
        self.image: tuple[bytes, bytes] | None = None
        self.is_copy = False
        self._signing = signing
        self.portion = Portion(world.plan.portion, clock=lambda: 0.0)
        self.last: ChangeSet | None = None
        self.is_meeting = False
        self.open()

    def open(self) -> None:
        """Open the desk's file; the program begins anew, and so does its connection."""
        self.line = SeatLine(self, self._signing)
        self.journal = Journal(self.disk.engine, self._clock, self.world.entropy)

    def _clock(self) -> datetime:
        try:
            return (self.world.now + self.ahead).astimezone(self.zone)
        except OverflowError:
            return self.world.now

    def do(self, command: Callable[..., ChangeSet], *arguments: Any, **named: Any) -> str:
        """Enter something; a refusal changes nothing. Returns what came of it, in words."""
        try:
            done = command(self.journal, *arguments, **named)
        except Refusal as refusal:
            return f"refused at the desk: {refusal.code}"
        self.last = done
        self.world.entered(self, done.changes)
        return f"{len(done.changes)} changes" if done.changes else "nothing to change"

    def meet(self) -> str:
        """Meet the server once; a desk has one meeting at a time."""
        if self.is_meeting:
            return "is meeting the server already"
        self.is_meeting = True
        try:
            return self._meet()
        finally:
            self.is_meeting = False

    def _meet(self) -> str:
        keys = self.world.office.authority.keys
        server_key = bytes.fromhex(keys.signing_public)
        try:
            met = sync_once(self.journal, self.line, server_key, keys.sealing_public, portion=self.portion)
        except (ServerAway, Refusal) as away:
            return f"met nobody: {away.code}"
        except Trouble as trouble:
            self.world.troubled(self, trouble)
            return f"in trouble: {trouble.code} {trouble.message}"
        return f"sent {met.pushed}, received {met.pulled}" + (", a snapshot" if met.snapshot else "")


class Kept(Struct, frozen=True):
    """A backup: the server's disk, how often the school had been restored before, and what it had signed."""

    disk: tuple[bytes, bytes]
    restores: int
    given: dict[str, tuple[int, str]]


class World:
    """Everything that a story touches.

    Attributes:
        made: changes whose saving was told to a person, by desk.
        entered_on: the school's day on which each of them was entered.
        given: what the server has signed about a change: (number, outcome) by change id.
        receipts: the server's answers to batches, by the root of the batch.
        wrong: what was found broken on the way, in words.
    """

    def __init__(self, plan: Plan, ground: Stage) -> None:
        self.plan = plan
        self.ground = ground
        self.now = NOW
        self.server_ahead = timedelta()
        self.made: dict[str, list[str]] = {}
        self.entered_on: dict[str, date] = {}
        self.given: dict[str, tuple[int, str]] = {}
        self.receipts: dict[str, bytes] = {}
        self.pushed: list[tuple[Seat, wire.Batch]] = []
        self.in_flight: list[Message] = []
        self.wrong: list[str] = []
        self.tale: list[str] = []
        self.seats: list[Seat] = []
        self.calm = False
        self.backups: list[Kept] = []
        self.restores = 0
        self._beside = 0
        self._was_bent = False
        self._bytes = random.Random(plan.seed)
        self.luck = random.Random(plan.seed)
        ground.server_disk.lay((ground.server_image, b""))
        self.start_server()
        for slot_number in plan.seats:
            slot = ground.slots[slot_number]
            self._sit(slot.image, slot.person, slot.desk, slot.signing)

    # --- the server ---

    def start_server(self) -> None:
        """Start the server anew: what it kept in memory is gone."""
        forget_what_is_cached()
        self.ground.server_disk.fuse = None
        self.ground.server_disk.engine.dispose()
        self.office = reopened(self.ground, self.server_clock)
        self.wire = Wire(self.office)

    def server_clock(self) -> datetime:
        """Return what the server's clock shows."""
        return self.now + timedelta(seconds=2) + self.server_ahead

    def set_clocks_right(self) -> None:
        """Let nobody's clock be in doubt any more: until then a desk keeps what has to leave."""
        self.server_ahead = timedelta()
        for seat in self.seats:
            seat.ahead = timedelta()

    def _sit(self, image: bytes, person: str, desk: str, signing: bytes) -> Seat:
        disk = self.ground.disk(len(self.seats))
        disk.lay((image, b""))
        seat = Seat(self, disk, person, desk, signing)
        self.seats.append(seat)
        return seat

    def new_desk(self, person: str) -> Seat:
        """Give a person one more desk, which has met nobody yet."""
        desk = f"desk-new-{len(self.seats)}"
        signing = hashlib.sha256(desk.encode()).digest()
        workstation = f"pc-{desk}"
        with self.office.authority.store.write() as tx:
            known = people.Workstation(id=workstation, name=workstation, public_key="", state="approved", commitment="",
                                       server_nonce="", until=0, at=stamp(self.server_clock()))  # fmt: skip
            people.put_workstation(tx, known)
        certify(self.office.authority, desk, person, seal.signing_public_key(signing), workstation)
        self.backups.clear()  # a school made again from one of them would not know the desk
        disk = self.ground.disk(len(self.seats))
        disk.lay((self.ground.empty, b""))
        name_desk(disk.engine, desk, person, self.office.authority.school, signing)
        seat = Seat(self, disk, person, desk, signing, workstation)
        self.seats.append(seat)
        return seat

    def open_seats(self) -> list[Seat]:
        """Return the desks that the server trusts."""
        with self.office.authority.store.read() as tx:
            trusted = {desk.id for desk in people.desks(tx) if desk.state == "active"}
        return [seat for seat in self.seats if seat.desk in trusted]

    def expect_quarantine(self) -> None:
        """From now on a quarantine is no news: somebody is trusted no more, or was put back to an older image."""
        self._patch.setattr(intake.logger, "disabled", True)

    def back_up(self) -> None:
        """Keep the school as it stands."""
        self.backups.append(Kept(self.ground.server_disk.freeze(), self.restores, dict(self.given)))

    def has_gone_back(self, size: int, kept: Kept) -> None:
        """Note that the server was made again from a backup: what it signed behind it, it has to be brought anew.

        What it signed in a log that the backup has left, it may have signed of other numbers.
        """
        given = {**kept.given, **(self.given if kept.restores == self.restores else {})}
        self.restores += 1
        self.given = {change: told for change, told in given.items() if 0 < told[0] <= size}
        self.receipts.clear()

    # --- chance ---

    def entropy(self, count: int) -> bytes:
        """Return bytes that the seed gives."""
        return self._bytes.randbytes(count)

    def begin(self, step: Step) -> None:
        """Let time go on to a step; its luck does not depend on the steps before it."""
        self.now += timedelta(seconds=step.pause)
        self.luck = random.Random(f"{self.plan.seed}/{step.number}")
        self._bytes = random.Random(f"{self.plan.seed}/{step.number}/bytes")

    @contextmanager
    def injected(self) -> Iterator[None]:
        """Let ids, secrets and page sizes come from the story alone."""

        def new_id(now_ms: Any = None, entropy: Any = None) -> str:
            return _NEW_ID(now_ms or (lambda: int(self.now.timestamp() * 1000)), entropy or self.entropy)

        with pytest.MonkeyPatch.context() as patch:
            self._patch = patch
            patch.setattr(ids, "new_id", new_id)
            patch.setattr(secrets, "token_hex", lambda count=32: self.entropy(count).hex())
            patch.setattr(secrets, "token_bytes", lambda count=32: self.entropy(count))
            patch.setattr(time, "monotonic", lambda: (self.now - NOW).total_seconds())
            patch.setattr(engine, "ThreadPoolExecutor", AtOnce)
            patch.setattr(wire, "PAGE_CHANGES", self.plan.lines)
            patch.setattr(snapshots, "CHUNK_BYTES", self.plan.chunk)
            patch.setattr(arriving, "PAGE", self.plan.page)
            yield

    # --- the network ---

    def carry(self, message: Message) -> Reply:
        """Take a request to the server, or lose it, delay it, deliver it twice; something may happen meanwhile."""
        self._something_beside()
        fate = "" if self.calm else self._fate()
        if fate == "lost":
            raise ServerAway("the request was lost")
        if fate == "late":
            self.in_flight.append(message)
            raise ServerSlow("the request was held up")
        reply = self.deliver(message)
        if fate == "twice":
            self.in_flight.append(message)
        self._something_beside()
        if fate == "deaf":
            raise (ServerSlow if self.luck.random() < 0.5 else ServerAway)("the answer was lost")
        if not self.calm and self.luck.random() < self.plan.bent:
            return self._bent(message, reply)
        return reply

    def _bent(self, message: Message, reply: Reply) -> Reply:
        """Return an answer as somebody on the way altered it, where there is something to alter."""
        altered = forgery.alter(message.path, reply.body) if reply.status == 200 else reply.body
        if altered != reply.body:
            self.tell(f"the answer to {message.path} was altered on its way")
            self._was_bent = True
        return Reply(reply.status, altered)

    def _fate(self) -> str:
        if self.luck.random() >= self.plan.loss:
            return ""
        return self.luck.choice(("lost", "late", "twice", "deaf"))

    def deliver(self, message: Message) -> Reply:
        """Let the server answer; a power cut there is an answer that never comes."""
        try:
            reply = self.wire.carry(message)
        except Crash as crash:
            if crash.disk is not self.ground.server_disk:
                raise
            crash.disk.lay(crash.image)
            self.start_server()
            self.tell("the server's power went and came back")
            raise ServerAway("the server is gone") from None
        if message.path == "/v1/push" and reply.status == 200:
            self._acknowledged(reply)
        return reply

    def _something_beside(self) -> None:
        """While a request is on its way people go on, and so do other desks."""
        if self.calm or self._beside or not self.seats or self.luck.random() >= self.plan.beside:
            return
        from tests.campaigns.acts import perform

        self._beside += 1
        try:
            act = self.luck.choice(("mark", "mark", "homework", "presence", "meet", "resolve", "late_mail"))
            numbers = [self.luck.randrange(1_000) for _ in range(4)]
            perform(self, Step(0, numbers[0], act, numbers[1], numbers[2], numbers[3], 0))
        finally:
            self._beside -= 1

    # --- the driver's notes ---

    def tell(self, what: str) -> None:
        """Note what happened, for whoever reads the story."""
        self.tale.append("  " * self._beside + what)

    def entered(self, seat: Seat, changes: tuple[Change, ...]) -> None:
        """Note that a person was told: saved."""
        self.made.setdefault(seat.desk, []).extend(change.id for change in changes)
        self.entered_on.update((change.id, self.now.astimezone(MOSCOW).date()) for change in changes)

    def _acknowledged(self, reply: Reply) -> None:
        receipt = wire.decode(wire.Receipt, reply.body)
        if self.receipts.setdefault(receipt.root, reply.body) != reply.body:
            self.wrong.append(f"I9: the batch {receipt.root} got another receipt than the first time")
        for verdict in receipt.verdicts:
            told = (verdict.number, verdict.outcome)
            if self.given.setdefault(verdict.id, told) != told:
                self.wrong.append(f"I9: {verdict.id} got the answer {told} after {self.given[verdict.id]}")

    def troubled(self, seat: Seat, trouble: EjournalError) -> None:
        """Note a trouble that no network explains."""
        status = trouble.status if isinstance(trouble, ServerRefused) else 0
        if self._was_bent:  # rightly not believed
            self._was_bent = False
        elif isinstance(trouble, EarlierEpoch):  # a restore by a slow clock: the administrator reads what the desk says
            head = epochs.open_epoch(self.office.authority, OPENING, int(trouble.details["known"]))
            self.tell(f"    epoch {head.epoch} is opened, beyond the one that {seat.desk} knows")
        elif trouble.code in _SUSPICIONS:
            self.wrong.append(f"{seat.person}: an honest server was not believed: {trouble.code} {trouble.message}")
        elif status >= 500 or status == 400:
            self.wrong.append(f"{seat.person}: an honest desk was answered {status}: {trouble.message}")


def forget_what_is_cached() -> None:
    """Empty what server modules remember between requests: a restarted process remembers nothing."""
    for name, module in list(sys.modules.items()):
        if name.startswith("ejournal_server."):
            for each, value in vars(module).items():
                if each.startswith("_") and not each.startswith("__") and isinstance(value, dict) and _is_memory(value):
                    value.clear()


def _is_memory(value: dict[Any, Any]) -> bool:
    """Say whether a dictionary of a module is a memory: its keys name schools."""
    return all(isinstance(key, tuple) and len(key) > 2 for key in value)


@contextmanager
def living(plan: Plan, size: int = 8, open_policy: bool = False) -> Iterator[World]:
    """Give a world that a story may happen in."""
    world = World(plan, stage(size, open_policy))
    try:
        with world.injected():
            yield world
    finally:
        for seat in world.seats:
            seat.journal.close()
