"""What the administrator does at the server: load records, hand out activation codes, approve workstations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import ClassVar

import msgspec
from msgspec import Struct

from ejournal_core import russian
from ejournal_core.bounds import can_be_kept
from ejournal_core.errors import NOT_JSON, Trouble
from ejournal_core.kinds import KINDS, Fields, Person, from_fields, to_fields
from ejournal_server import accounts, own_lines
from ejournal_server.accounts import Activation
from ejournal_server.facts import Known
from ejournal_server.folder import Office
from ejournal_server.own_lines import Wish
from ejournal_server.store import people

LOAD_CHANGES = 500


class BadRecords(Trouble):
    """A line of a record file is wrong; nothing is loaded. `details["line"]` says which."""

    code: ClassVar[str] = "EJ-380"


class RecordLine(Struct, frozen=True):
    """One line of a record file: JSON with kind, record (id) and fields."""

    kind: str
    record: str
    fields: Fields


# --- loading records -----------------------------------------------------------------------------------------------


def load_records(office: Office, file: Path) -> int:
    """Write the records of a JSON-lines file as changes of the server's own desk; return how many changed.

    Records that stand so already are passed over, so the same file twice changes nothing. All or nothing.

    Raises:
        BadRecords: a line is wrong.
    """
    lines = _sorted(_read(file))
    with office.authority.store.write() as tx:
        known = Known(tx)
        for kind in KINDS:
            known.prefetch(kind, (line.record for line in lines if line.kind == kind))
        wishes = [wish for line in lines if (wish := _wish(known, line)) is not None]
        for start in range(0, len(wishes), LOAD_CHANGES):
            own_lines.write_own(office.authority, tx, wishes[start : start + LOAD_CHANGES])
    return len(wishes)


def _read(file: Path) -> Iterator[RecordLine]:
    for number, text in enumerate(file.read_bytes().splitlines(), 1):
        if not text.strip():
            continue
        try:
            line = msgspec.json.decode(text, type=RecordLine)
            kind = KINDS[line.kind]
            # A record of its own kind holds every field, defaults too.
            record = from_fields(kind, line.record, line.fields)
            if not can_be_kept(record):
                raise BadRecords("a value that no desk could reckon with", line=number)
            yield RecordLine(line.kind, line.record, to_fields(record))
        except (*NOT_JSON, KeyError) as error:
            raise BadRecords(str(error), line=number) from None


def _sorted(lines: Iterable[RecordLine]) -> list[RecordLine]:
    """Return the lines parents first, so that whoever replays the log never misses one."""
    order = {kind: position for position, kind in enumerate(KINDS)}
    return sorted(lines, key=lambda line: order[line.kind])


def _wish(known: Known, line: RecordLine) -> Wish | None:
    row = known.row(line.kind, line.record)
    if row is None:
        return Wish(line.kind, line.record, line.fields)
    changed = {name: value for name, value in line.fields.items() if row.fields.get(name) != value}
    if not changed:
        return None
    return Wish(line.kind, line.record, changed, {name: row.fields.get(name) for name in changed}, act="change")


# --- people --------------------------------------------------------------------------------------------------------


class StaffLine(Struct, frozen=True):
    """A member of staff and the state of the account: "none", "invited", "active", "closed", or "gone" where the last
    role has ended and the way in is open.
    """

    person: str
    name: str
    state: str


def staff(office: Office) -> list[StaffLine]:
    """Return all members of staff in alphabetical order."""
    with office.authority.store.read() as tx:
        persons = Known(tx).all_of(Person)
        by_person = {account.person: account for account in people.accounts(tx)}
    gone = accounts.without_roles(office.authority)
    lines = [
        StaffLine(each.id, _name(each), "gone" if each.id in gone else _state(by_person.get(each.id)))
        for each in persons
    ]
    return sorted(lines, key=lambda line: russian.sort_key(line.name))


def _name(person: Person) -> str:
    return russian.full_name(person.last_name, person.first_name, person.patronymic)


def _state(account: people.Account | None) -> str:
    if account is None:
        return "none"
    if account.state != "active":
        return "closed"
    return "active" if account.password else "invited"


def make_codes(office: Office, *, again: bool = False) -> list[tuple[StaffLine, Activation]]:
    """Make a code for everybody who has no account yet, for the printed slips; none of them counts before it is issued.

    Args:
        again: also for everybody whose code was not used: the slips were lost.
    """
    waiting = ("none", "invited") if again else ("none",)
    lines = [line for line in staff(office) if line.state in waiting]
    return [(line, accounts.make_activation(office.authority, line.person)) for line in lines]


# --- workstations --------------------------------------------------------------------------------------------------


class PlaceLine(Struct, frozen=True):
    """A workstation, its state ("approved" or "revoked") and how many desks are on it."""

    workstation: str
    name: str
    state: str
    desks: int


def places(office: Office) -> list[PlaceLine]:
    """Return all workstations that were ever approved, in alphabetical order: `revoke` needs their ids."""
    with office.authority.store.read() as tx:
        on_it = Counter(desk.workstation for desk in people.desks(tx))
        known = [row for row in people.workstations(tx) if row.state in ("approved", "revoked")]
    lines = [PlaceLine(row.id, row.name, row.state, on_it[row.id]) for row in known]
    return sorted(lines, key=lambda line: (russian.sort_key(line.name), line.workstation))


def approve(office: Office, code_or_id: str, *, yes: bool = True) -> str:
    """Approve (or refuse) the workstation that shows this code, or has this id; return its name.

    Raises:
        NoSuch: none waits with this code.
    """
    wanted = code_or_id.replace(" ", "")
    for row, code in accounts.waiting_pairings(office.authority, office.ca_sha256):
        if wanted in (row.id, code.replace(" ", "")):
            accounts.decide_pairing(office.authority, row.id, approve=yes)
            return row.name
    raise accounts.NoSuch("no workstation waits with this code")
