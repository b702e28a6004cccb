"""A person's desk on this PC: certified by the server at the first sign-in, opened without it ever after."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from msgspec import Struct

from ejournal_core import russian, seal, wire
from ejournal_core.errors import Trouble
from ejournal_desktop import paths, vault
from ejournal_desktop.models.desk import create_journal, open_journal
from ejournal_desktop.models.journal import Clock, Journal, local_now
from ejournal_desktop.models.loading import Progress
from ejournal_desktop.models.outgoing_folder import UPTO, sealed_files, sealed_records
from ejournal_desktop.models.state import Identity
from ejournal_desktop.sync.engine import Meeting, Portion, sync_once
from ejournal_desktop.sync.pairing import Workstation
from ejournal_desktop.sync.server import Identity as Caller
from ejournal_desktop.sync.server import SchoolServer, ServerRefused

log = logging.getLogger(__name__)

SEALED_AT_ONCE = 4 * 1024 * 1024  # bytes of sealed records in one delivery
SEALED_RECORDS = 200

#: What the server answers to a desk that is frozen or revoked, or whose person has left.
FROZEN, REVOKED, LEFT = "EJ-382", "EJ-392", "EJ-394"
CLOSED = (FROZEN, REVOKED, LEFT)


class NoSuchPerson(Trouble):
    """Nobody of this name may sign in, or several bear it."""

    code: ClassVar[str] = "EJ-328"


class OpenDesk(Struct, frozen=True):
    """A desk whose key is in memory, with its open journal."""

    unlocked: vault.UnlockedDesk
    journal: Journal

    def close(self) -> None:
        """Close the journal; the key leaves memory."""
        self.journal.close()
        vault.lock(self.unlocked)


def caller(journal: Journal) -> Caller:
    """Return the desk's identity for signing requests."""
    return Caller(f"desk:{journal.identity.desk_id}", journal.identity.signing_key)


def find_person(people: tuple[wire.PersonLine, ...], typed: str) -> wire.PersonLine:
    """Return the one person whose full or short name, or surname, was typed.

    Raises:
        NoSuchPerson: nobody, or more than one.
    """
    wanted = russian.text_key(typed)
    keys = [(person, (person.name, person.short_name, person.name.split(" ")[0])) for person in people]
    for place in range(3):
        found = [person for person, names in keys if russian.text_key(names[place]) == wanted]
        if len(found) == 1:
            return found[0]
    raise NoSuchPerson("nobody of this name, or several")


def open_first(
    workstation: Workstation,
    person: wire.PersonLine,
    secret: str,
    new_password: str = "",
    clock: Clock = local_now,
    watch: Callable[[Progress], None] = lambda _: None,
) -> OpenDesk:
    """Make a desk for a person: certify its key, make its encrypted file, fetch what may be seen.

    It takes the place of one that the person had here (a forgotten password, say), whose unsent work lies sealed. When
    something stops the first meeting while the journal is being loaded, it is opened with what has come, and the next
    meeting goes on there.

    Args:
        secret: the person's password, or the activation code when `new_password` is given.
        watch: called on this thread after each part of the journal that has come.

    Raises:
        Trouble: the server is away or refuses, or the disk is full. Once the desk is certified it is there all the same
            and opens by its password: an activation code counts only once.
    """
    signing_key = seal.new_signing_key()
    request = wire.DeskRequest(
        person=person.id, secret=secret, new_password=new_password,
        public_key=seal.signing_public_key(signing_key).hex(),
    )  # fmt: skip
    with workstation.connect() as server:
        certified = server.certify_desk(request)
    before = [desk for desk in vault.list_desks(paths.desks_folder())
              if (desk.person_id, desk.school) == (certified.person, workstation.school)]  # fmt: skip
    desk = _make(workstation, certified, new_password or secret, signing_key, clock)
    try:
        desk.journal.note(seal_key=workstation.seal_key)
        _meet_first(desk.journal, workstation, watch)
    except BaseException:
        desk.close()
        raise
    for old in before:
        vault.retire(old, certified.desk)
    return desk


def _meet_first(journal: Journal, workstation: Workstation, watch: Callable[[Progress], None]) -> None:
    stop = journal.watch_loading(watch)
    try:
        meet(journal, workstation)
    except Trouble as trouble:
        known = journal.state()
        if known.loading is None and not known.scope:
            raise
        log.info("the first meeting ended early and the next goes on: %s", trouble.code)
    finally:
        stop()


def _make(
    workstation: Workstation, certified: wire.DeskCertified, password: str, signing_key: bytes, clock: Clock
) -> OpenDesk:
    """Make the file of a certified desk; it is offered at sign-in only once its journal is there."""
    unlocked = vault.create_desk(
        paths.desks_folder(), desk_id=certified.desk, person_id=certified.person, person_name=certified.person_name,
        school=workstation.school, password=password, kept=False,
    )  # fmt: skip
    identity = Identity(certified.desk, certified.person, certified.person_name, workstation.school, signing_key)
    journal = create_journal(unlocked.desk.file, unlocked.key, identity, paths.outgoing_folder(), clock)
    vault.keep(unlocked.desk)
    return OpenDesk(unlocked, journal)


def open_again(desk: vault.Desk, password: str, clock: Clock = local_now) -> OpenDesk:
    """Open a desk that this PC holds; needs no server.

    Raises:
        Trouble: the password is wrong, the keyring is locked, the file is damaged: each with its own code.
    """
    unlocked = vault.unlock(desk, password)
    try:
        return OpenDesk(unlocked, open_journal(desk.file, unlocked.key, paths.outgoing_folder(), clock))
    except BaseException:
        vault.lock(unlocked)
        raise


def meet(journal: Journal, workstation: Workstation) -> None:
    """Hold one meeting with the server.

    Raises:
        Trouble: as `engine.sync_once`.
    """
    with workstation.connect(caller(journal)) as server:
        hold(journal, server, workstation)


def hold(journal: Journal, server: SchoolServer, workstation: Workstation, portion: Portion | None = None) -> Meeting:
    """Hold one meeting over an open connection; a desk that is told that it is closed remembers it.

    Raises:
        Trouble: as `engine.sync_once`.
    """
    key = bytes.fromhex(workstation.server_key)
    try:
        return sync_once(journal, server, key, workstation.seal_key, portion=portion)
    except ServerRefused as refused:
        if refused.answer in CLOSED:
            journal.note(closed=refused.answer)
        raise


# --- everybody's sealed work ---------------------------------------------------------------------------------------


class Delivery(Struct):
    """What became of the sealed records of a PC: arrived, waiting for earlier ones, damaged."""

    delivered: int = 0
    waiting: int = 0
    damaged: int = 0

    def add(self, done: wire.Delivered | Delivery) -> None:
        """Count what became of further records."""
        self.delivered += done.delivered
        self.waiting += done.waiting
        self.damaged += done.damaged


def deliver_sealed(workstation: Workstation, folder: Path) -> Delivery:
    """Deliver everybody's sealed work from this PC, without anybody's password; return what became of it.

    A file stays until its desk sees the receipts: delivering twice is harmless. What came on a stick, or of a desk that
    another has taken the place of, nobody here will ever settle: it goes once all of it has arrived.

    Raises:
        Trouble: the server is away or refuses.
    """
    orphans = vault.retired_desks(paths.desks_folder())
    total = Delivery()
    with workstation.connect() as server:
        for file in sealed_files(folder):
            if file.school != workstation.school:
                continue
            records = sealed_records(file)
            done = Delivery()
            for portion in _portions(records):
                done.add(server.deliver_sealed(portion))
            total.add(done)
            if done.delivered == len(records) and (file.is_nobodys or file.desk_id in orphans):
                with suppress(OSError):
                    file.path.unlink()
                    file.path.with_suffix(UPTO).unlink(missing_ok=True)
    return total


def _portions(records: list[bytes]) -> Iterator[list[bytes]]:
    """Yield records in their order, so many at once as the server takes."""
    portion: list[bytes] = []
    for record in records:
        if portion and (len(portion) == SEALED_RECORDS or sum(map(len, portion)) + len(record) > SEALED_AT_ONCE):
            yield portion
            portion = []
        portion.append(record)
    if portion:
        yield portion
