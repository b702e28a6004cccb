"""Sign in on this PC, whatever has happened to the desk meanwhile: frozen, revoked, its password changed elsewhere.

A desk that the server has closed is certified anew on the spot, with a key, an id and a file of its own. What was
unsent there is handed over first and waits in quarantine, readable; the old file stays as it is.
"""

from __future__ import annotations

import logging
from typing import ClassVar

from ejournal_core import wire
from ejournal_core.errors import Trouble
from ejournal_desktop import paths, vault
from ejournal_desktop.models.journal import Clock, local_now
from ejournal_desktop.sync import desks
from ejournal_desktop.sync.desks import REVOKED, OpenDesk
from ejournal_desktop.sync.pairing import Workstation
from ejournal_desktop.sync.server import ServerRefused

log = logging.getLogger(__name__)


#: What the server answers to a password that is not the person's.
WRONG = "EJ-374"


class DeskRevoked(Trouble):
    """This journal was revoked; only the server can open another for the person."""

    code: ClassVar[str] = "EJ-392"


class PasswordChangedElsewhere(Trouble):
    """The password is the person's new one, set on another PC: here the old one is asked for once."""

    code: ClassVar[str] = "EJ-396"


def sign_in(
    desk: vault.Desk, password: str, workstation: Workstation | None, clock: Clock = local_now, old_password: str = ""
) -> OpenDesk:
    """Open a person's desk, or the one that takes its place; needs the server only where something has happened.

    Args:
        workstation: where the server is; None: this PC works alone.
        old_password: what the password here was until now, when it was changed on another PC.

    Raises:
        PasswordChangedElsewhere: the typed password is right at the server and new to this desk.
        WrongPassword: it is not this desk's; with `old_password`, that one is not.
        DeskRevoked: the desk is revoked and the server cannot open another now.
        Trouble: as `desks.open_again`.
    """
    if old_password and workstation is not None:
        _check_at_server(workstation, desk.person_id, password)
        vault.change_password(desk, old_password, password)
    try:
        opened = desks.open_again(desk, password, clock)
    except vault.WrongPassword:
        if old_password or workstation is None or not _is_right(workstation, desk.person_id, password):
            raise
        raise PasswordChangedElsewhere(desk=desk.id) from None
    closed = opened.journal.state().closed
    return _anew(opened, password, workstation, closed, clock) if closed else opened


def _is_right(workstation: Workstation, person: str, password: str) -> bool:
    """Say whether the server knows the password as the person's; while it is away nobody can tell."""
    try:
        _check_at_server(workstation, person, password)
    except Trouble:
        return False
    return True


def _check_at_server(workstation: Workstation, person: str, password: str) -> None:
    """Have the server try a password.

    Raises:
        Trouble: it is not the person's (EJ-374), or the server is away.
    """
    with workstation.connect() as server:
        server.certify_desk(wire.DeskRequest(person=person, secret=password, public_key=""))


def _anew(opened: OpenDesk, password: str, workstation: Workstation | None, closed: str, clock: Clock) -> OpenDesk:
    """Give the desk that takes the place of a closed one; while the server is away a frozen one can still be used."""
    try:
        if workstation is None:
            raise DeskRevoked(desk=opened.unlocked.desk.id)
        left_behind = _hand_over(opened, workstation)
        identity = opened.journal.identity
        person = wire.PersonLine(id=identity.person_id, name=identity.person_name, short_name=identity.person_name)
        fresh = desks.open_first(workstation, person, password, clock=clock)
    except Trouble as trouble:
        log.info("desk not certified anew: %s", trouble.code)
        if closed != REVOKED:
            return opened
        opened.close()
        raise DeskRevoked(desk=opened.unlocked.desk.id, why=trouble.code) from None
    except BaseException:
        opened.close()
        raise
    opened.close()
    fresh.journal.note(anew=closed, left_behind=left_behind)
    return fresh


def _hand_over(opened: OpenDesk, workstation: Workstation) -> int:
    """Bring the server what the closed desk has not sent; return how many of its changes wait for two people.

    Raises:
        Trouble: the server is away; the desk keeps everything.
    """
    journal = opened.journal
    journal.flush()
    desks.deliver_sealed(workstation, paths.outgoing_folder())
    try:
        desks.meet(journal, workstation)  # pushes and settles; then it is told again that it is closed
    except ServerRefused as refused:
        if refused.answer not in desks.CLOSED:
            raise
    return journal.count_held_back("quarantined") + len(journal.outbox(MANY))


MANY = 100_000


def change_password(desk: vault.Desk, old: str, new: str, workstation: Workstation) -> None:
    """Change the person's password: at the server, which other PCs will ask for, and then on this desk.

    Raises:
        Trouble: the old one is wrong here, or the server is away or refuses; then nothing is changed. If it fails
            between the two, the next sign-in asks for both, and the same change again ends what was begun.
    """
    vault.lock(vault.unlock(desk, old))
    try:
        with workstation.connect() as server:
            wanted = wire.DeskRequest(person=desk.person_id, secret=old, new_password=new, public_key="")
            server.certify_desk(wanted)
    except ServerRefused as refused:
        if refused.answer != WRONG or not _is_right(workstation, desk.person_id, new):
            raise  # else it is the new one already: the answer to an earlier attempt was lost
    vault.change_password(desk, old, new)
