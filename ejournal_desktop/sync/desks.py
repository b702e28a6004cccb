"""A person's desk on this PC: certified by the server at the first sign-in, opened without it ever after."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from msgspec import Struct

from ejournal_core import russian, seal, wire
from ejournal_core.errors import Trouble
from ejournal_desktop import paths, vault
from ejournal_desktop.models.desk import create_journal, open_journal
from ejournal_desktop.models.journal import Clock, Journal, local_now
from ejournal_desktop.models.outgoing import SealedFile, sealed_files, sealed_records
from ejournal_desktop.models.state import Identity
from ejournal_desktop.sync.engine import sync_once
from ejournal_desktop.sync.pairing import Workstation
from ejournal_desktop.sync.server import Identity as Caller

SEALED_AT_ONCE = 4 * 1024 * 1024  # bytes of sealed records in one delivery


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
    workstation: Workstation, person: wire.PersonLine, secret: str, new_password: str = "", clock: Clock = local_now
) -> OpenDesk:
    """Make a desk for a person who has none here: certify its key, make its encrypted file, fetch what may be seen.

    Args:
        secret: the person's password, or the activation code when `new_password` is given.

    Raises:
        Trouble: the server is away or refuses, or the disk is full. A desk left half made is opened by trying again.
    """
    signing_key = seal.new_signing_key()
    request = wire.DeskRequest(
        person=person.id, secret=secret, new_password=new_password,
        public_key=seal.signing_public_key(signing_key).hex(),
    )  # fmt: skip
    with workstation.connect() as server:
        certified = server.certify_desk(request)
    unlocked = vault.create_desk(
        paths.desks_folder(), desk_id=certified.desk, person_id=certified.person, person_name=certified.person_name,
        school=workstation.school, password=new_password or secret,
    )  # fmt: skip
    identity = Identity(certified.desk, certified.person, certified.person_name, workstation.school, signing_key)
    journal = create_journal(unlocked.desk.file, unlocked.key, identity, paths.outgoing_folder(), clock)
    desk = OpenDesk(unlocked, journal)
    try:
        journal.note(seal_key=workstation.seal_key)
        meet(desk.journal, workstation)
    except BaseException:
        desk.close()
        raise
    return desk


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
        sync_once(journal, server, bytes.fromhex(workstation.server_key), workstation.seal_key)


def undelivered(folder: Path) -> dict[str, int]:
    """Return how many sealed records of each desk wait on this PC."""
    return {file.desk_id: file.records for file in sealed_files(folder)}


def deliver_sealed(workstation: Workstation, folder: Path) -> int:
    """Deliver everybody's sealed work from this PC, without anybody's password; return how many records arrived.

    The files stay until their desks see the receipts: delivering twice is harmless.

    Raises:
        Trouble: the server is away or refuses.
    """
    with workstation.connect() as server:
        return sum(server.deliver_sealed(portion) for portion in _portions(workstation.school, folder))


def _portions(school: str, folder: Path) -> Iterator[list[bytes]]:
    """Yield the sealed records of a school in their order, so many at once as the server takes."""
    for file in sealed_files(folder):
        if file.school != school:
            continue
        portion: list[bytes] = []
        for record in _still_there(file):
            if portion and sum(map(len, portion)) + len(record) > SEALED_AT_ONCE:
                yield portion
                portion = []
            portion.append(record)
        if portion:
            yield portion


def _still_there(file: SealedFile) -> list[bytes]:
    try:
        return sealed_records(file)
    except FileNotFoundError:  # its owner's desk has delivered it meanwhile
        return []
