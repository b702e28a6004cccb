"""What the administrator's papers are made from, handed to the program that draws them; was the recovery sheet kept.

The server draws nothing: it prints one line (`ejournal_core/handouts.py`), and a desk's `ejournal-desktop paper` behind
the pipe makes the PDF.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Final

import msgspec

from ejournal_core import key_sheet
from ejournal_core.handouts import RecoveryHandout
from ejournal_server import audit_log, credentials, generations, messages
from ejournal_server.accounts import Activation, NotHandedOver
from ejournal_server.command_line import ask_password

if TYPE_CHECKING:
    from ejournal_core.age_file import BackupIdentity
    from ejournal_core.key_sheet import SheetCheck
    from ejournal_server.folder import Office

logger = logging.getLogger(__name__)

ASKED: Final = 2  # groups of a sheet just printed
TRIES: Final = 3  # at one group: whoever types it wrong more often reads another sheet


def recovery_line(office: Office, made: BackupIdentity) -> str:
    """Return the line from which the recovery sheet is drawn."""
    handout = RecoveryHandout(
        school_name=office.school_name, made_on=_today(office), secret=made.secret, recipient=made.recipient
    )
    return msgspec.json.encode(handout).decode()


def codes_line(office: Office, made: Iterable[Activation]) -> str:
    """Return the line from which slips and ledger are drawn."""
    return msgspec.json.encode(credentials.codes_handout(office, made)).decode()


def _today(office: Office) -> date:
    return office.authority.clock().astimezone().date()


# --- was it kept ---------------------------------------------------------------------------------------------------


def confirm_printed(made: BackupIdentity) -> None:
    """Ask for a few groups of the printed sheet before the key counts; nothing but this process knows them.

    Raises:
        NotHandedOver: they were not typed; the key seals nothing.
        NobodyToAsk: there is no terminal.
    """
    print(messages.CONFIRM_SHEET, file=sys.stderr)
    for number in key_sheet.some_numbers(ASKED):
        if not any(_typed_right(made, number) for _ in range(TRIES)):
            raise NotHandedOver("the printed sheet was not confirmed", why="not-confirmed")


def _typed_right(made: BackupIdentity, number: int) -> bool:
    typed = ask_password(messages.ASK_GROUP.format(number=number))
    right = not key_sheet.misfits(made.secret, {number: typed})
    if not right:
        print(messages.WRONG_GROUP, file=sys.stderr)
    return right


def check_kept(office: Office) -> SheetCheck:
    """Ask for the sheet of the safe, group by group or scanned in one go, and compare it with the public key.

    What is typed is shown and kept nowhere.

    Raises:
        NoRecipients: no recovery key has been made.
        NobodyToAsk: there is no terminal.
    """
    recipient = generations.read_recipients(office.folder).recovery
    print(messages.CHECK_SHEET.format(fingerprint=key_sheet.fingerprint(recipient)), file=sys.stderr)
    typed: list[str] = []
    for number in range(1, key_sheet.GROUPS + 1):
        text = _ask_until_it_can_be(number)
        if len(text) >= key_sheet.SIGNS:
            found = key_sheet.check_line(text, recipient)
            break
        typed.append(text)
    else:
        found = key_sheet.check_sheet(typed, recipient)
    logger.info("recovery sheet checked", extra={"recipient": recipient, "state": found.state})
    _tell_checked(office, recipient, found)
    return found


def _tell_checked(office: Office, recipient: str, found: SheetCheck) -> None:
    """Tell the log of events that the sheet was looked at, and whether it was the one."""
    with office.authority.store.write() as tx:
        audit_log.tell(office.authority, tx, audit_log.event(
            "recovery_key_confirmed", result="done" if found.state == "kept" else "refused",
            detail=key_sheet.fingerprint(recipient),
        ))  # fmt: skip


def told(found: SheetCheck) -> str:
    """Return the sentence about a sheet; groups that cannot be right are named."""
    numbers = ", ".join(map(str, found.wrong))
    return messages.SHEET_STATES[found.state].format(
        groups=messages.UNREAD_GROUPS.format(numbers=numbers) if numbers else ""
    )


def _ask_until_it_can_be(number: int) -> str:
    for _ in range(TRIES):
        typed = ask_password(messages.ASK_GROUP.format(number=number))
        if len(typed) >= key_sheet.SIGNS or key_sheet.read_group(typed, number):
            return typed
        print(messages.WRONG_GROUP, file=sys.stderr)
    return typed
