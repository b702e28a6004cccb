"""Is the server well: one look over store, desks, backups, disk and certificate, for people and for monitors."""

from __future__ import annotations

import shutil
import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import msgspec
from cryptography import x509
from msgspec import Struct

from ejournal_core import russian, seal
from ejournal_core.access import SERVER
from ejournal_core.backup_register import DAILY_GRACE
from ejournal_core.kinds import Person
from ejournal_core.wire import TreeHead
from ejournal_server import accounts, drives, folder, generations, schedule, scopes, signing
from ejournal_server.authority import Authority, stamp
from ejournal_server.drives import DriveLine
from ejournal_server.facts import Known
from ejournal_server.folder import Office
from ejournal_server.measures import Figure
from ejournal_server.store import contacts, log, people, slices, tallies
from ejournal_server.store.contacts import Contact
from ejournal_server.store.database import StoreFailure, Transaction
from ejournal_server.store.log import Line

SILENT_DAYS = 7
BACKUP_DAYS = 7
CERTIFICATE_DAYS = 30
LEAST_FREE = 1024 * 1024 * 1024  # bytes; a year of a large school is a third of that
DAY = 86_400
BEHIND_SECONDS = 600
LOOKED_THROUGH, FEWEST_DESKS = 50, 3  # newest lines of the log, and clocks that have to agree

#: How long ago a desk was last heard of, with the days below which it is so.
_AGES = (("day", 1.0), ("week", 7.0), ("month", 31.0), ("older", float("inf")))


class DeskLine(Struct, frozen=True, kw_only=True):
    """A desk for the administrator.

    Args:
        contact: when it last called (RFC 3339, UTC), "" when never.
        version: of its program, "" when it has not said.
        scope: "beyond" while by its own word it still holds what its person may not see any more, else "held" when it
            showed to hold what may be seen now, "differs" when not, "" before its first pull.
        state: "active", "frozen" or "revoked".
    """

    desk: str
    person: str
    name: str
    workstation: str
    state: str
    contact: str
    version: str
    scope: str


class Overview(Struct, frozen=True, kw_only=True):
    """What an administrator looks at. Moments are RFC 3339 in UTC, "" for never; sizes are bytes.

    `backup` is the newest copy for the drives, `daily` the newest that the server made for itself by the rules, and
    `daily_due` the day from which they ask for the next (ISO 8601), "" where they ask for none. `drives` are those of
    the register, each with what was proved on it.
    `unkept`: roles were given, and no administrator among those who can sign in.
    `ahead` is by how many seconds the server's clock seems to be ahead of the desks', 0 while too few have spoken.
    `alarms` are names of what needs somebody, `messages.ALARMS` has their sentences; none: all is well.
    """

    school: str
    name: str
    store: str
    number: int
    number_at: str
    backup: str
    daily: str
    daily_due: str
    drives: tuple[DriveLine, ...]
    certificate_until: str
    desks: int
    silent: int
    disputes: int
    pending: int
    quarantine: int
    gone: int
    ahead: int
    store_bytes: int
    free_bytes: int
    unkept: bool
    alarms: tuple[str, ...] = ()


# --- desks -----------------------------------------------------------------------------------------------------------


def desks(office: Office) -> list[DeskLine]:
    """Return people's desks in alphabetical order of their people; the server's own is none of them."""
    authority = office.authority
    with authority.store.read() as tx:
        known, heard = Known(tx), contacts.contacts(tx)
        places = {row.id: row.name for row in people.workstations(tx)}
        held = {each.desk: each.slices for each in slices.held(tx)}
        found = [desk for desk in people.desks(tx) if desk.workstation or desk.id in heard or desk.id in held]
        lines = [
            DeskLine(
                desk=desk.id, person=desk.person, name=_name(known, desk.person),
                workstation=places.get(desk.workstation, ""), state=desk.state,
                contact=_heard(heard, desk.id).at, version=_heard(heard, desk.id).version,
                scope=_scope(authority, tx, desk.person, _heard(heard, desk.id).scope, held.get(desk.id, ())),
            )
            for desk in found
        ]  # fmt: skip
    return sorted(lines, key=lambda line: (russian.sort_key(line.name), line.desk))


def _heard(heard: dict[str, Contact], desk: str) -> Contact:
    return heard.get(desk, Contact(desk=desk, at=""))


def _name(known: Known, person: str) -> str:
    found = known.build(Person, person)
    return russian.full_name(found.last_name, found.first_name, found.patronymic) if found else person


def _scope(authority: Authority, tx: Transaction, person: str, shown: str, held: Sequence[str]) -> str:
    seen = scopes.scope_of(authority, tx, person)
    if not seen.slices.issuperset(held):
        return "beyond"
    if not shown:
        return ""
    return "held" if seen.fingerprint == shown else "differs"


def is_silent(line: DeskLine, now: datetime) -> bool:
    """Say whether a working desk has not been heard of for a week, or never: it may hold what nobody has seen."""
    if line.state == "revoked":
        return False
    return not line.contact or (now - datetime.fromisoformat(line.contact)).days >= SILENT_DAYS


# --- all at once -----------------------------------------------------------------------------------------------------


def look(office: Office) -> Overview:
    """Look at everything once."""
    now = office.authority.clock()
    lines, gone = desks(office), accounts.without_roles(office.authority)
    with office.authority.store.read() as tx:
        head, waiting = signing.current_head(tx), tallies.tally(tx)
        taken = tallies.size(tx, office.folder / folder.STORE)
        ahead = ahead_of_desks(log.lines(tx, max(0, head.size - LOOKED_THROUGH), head.size, LOOKED_THROUGH))
        store = "postgresql" if tx.is_postgres else "file"
        unkept = accounts.has_no_administrator(tx, office.authority.today())
    seen = Overview(
        school=office.authority.school,
        name=office.school_name,
        store=store,
        number=head.size,
        number_at=head.at,
        backup=last_backup(office.folder),
        daily=schedule.newest(generations.daily_folder(office.folder)),
        daily_due=str(schedule.daily_due_on(office.authority, office.folder) or ""),
        drives=tuple(drives.drives(office.authority)),
        certificate_until=certificate_end(office.folder),
        desks=len(lines),
        silent=sum(is_silent(line, now) for line in lines),
        disputes=waiting.disputes,
        pending=waiting.pending,
        quarantine=waiting.quarantine,
        gone=len(gone),
        ahead=ahead,
        store_bytes=taken,
        free_bytes=shutil.disk_usage(office.folder).free,
        unkept=unkept,
    )
    return msgspec.structs.replace(seen, alarms=tuple(name for name, rings in _ALARMS.items() if rings(seen, now)))


def ahead_of_desks(lines: Sequence[Line]) -> int:
    """Return by how many seconds the server's clock is ahead of most desks', as the lines of a log show it.

    A line comes after it was entered, so a desk's quickest one shows its clock best. Long waits look like a server that
    is ahead, which is why only days of that mean something; nothing but clocks looks like one that is behind.
    """
    quickest: dict[str, float] = {}
    for line in lines:
        took = datetime.fromisoformat(line.verdict.at) - datetime.fromisoformat(line.change.at)
        if line.change.desk != SERVER:
            quickest[line.change.desk] = min(took.total_seconds(), quickest.get(line.change.desk, float("inf")))
    return round(statistics.median(quickest.values())) if len(quickest) >= FEWEST_DESKS else 0


def _older(moment: str, now: datetime, days: int) -> bool:
    return not moment or (now - datetime.fromisoformat(moment)).total_seconds() > days * DAY


def _daily_stopped(seen: Overview, now: datetime) -> bool:
    """Say whether the rules ask for a copy that nobody makes, be it any more or ever since the drives have theirs."""
    due = date.fromisoformat(seen.daily_due) if seen.daily_due else None
    return due is not None and (now.astimezone().date() - due).days > DAILY_GRACE


def _ends_soon(seen: Overview, now: datetime) -> bool:
    until = seen.certificate_until
    return bool(until) and (datetime.fromisoformat(until) - now).days < CERTIFICATE_DAYS


_ALARMS: dict[str, Callable[[Overview, datetime], bool]] = {
    "backup": lambda seen, now: _older(seen.backup, now, BACKUP_DAYS),
    "daily": _daily_stopped,
    "drives": lambda seen, _: any(each.late for each in seen.drives),
    "clock": lambda seen, now: now < datetime.fromisoformat(seen.number_at) - timedelta(days=1),
    "behind": lambda seen, _: seen.ahead < -BEHIND_SECONDS,
    "ahead": lambda seen, _: seen.ahead > DAY,
    "disk": lambda seen, _: seen.free_bytes < LEAST_FREE,
    "certificate": _ends_soon,
    "quarantine": lambda seen, _: seen.quarantine > 0,
    "silent": lambda seen, _: seen.silent > 0,
    "gone": lambda seen, _: seen.gone > 0,
    "administrator": lambda seen, _: seen.unkept,
}


def last_backup(data: Path) -> str:
    """Return when the newest generation for the drives was made, "" when there is none; the daily copy is none."""
    return schedule.newest(generations.own_folder(data))


def certificate_end(data: Path) -> str:
    """Return until when the server's certificate is good, "" before the first `serve`."""
    file = data / folder.CERTIFICATE
    if not file.exists():
        return ""
    return stamp(x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc)


# --- for monitors ----------------------------------------------------------------------------------------------------


def unready(office: Office) -> list[str]:
    """Return why this server should get no calls now: "store", "head" or "disk"; nothing when it is ready.

    The schema was compared when the store was opened, and a store that answers here still has its tables.
    """
    authority = office.authority
    try:
        with authority.store.read() as tx:
            signed = log.read_head(tx).signed
    except StoreFailure:
        return ["store"]
    found = []
    key = bytes.fromhex(authority.keys.signing_public)
    if not signed or not seal.is_message_signed(key, msgspec.json.decode(signed, type=TreeHead)):
        found.append("head")
    if shutil.disk_usage(office.folder).free < LEAST_FREE // 16:
        found.append("disk")
    return found


def figures(office: Office) -> Iterator[Figure]:
    """Yield the school's figures for a monitor: numbers alone, of nobody in particular."""
    now = office.authority.clock()
    with office.authority.store.read() as tx:
        head, waiting = log.read_head(tx), tallies.tally(tx)
        ages = Counter(_age(contact.at, now) for contact in contacts.contacts(tx).values())
        taken = tallies.size(tx, office.folder / folder.STORE)
    at_work, kept = tallies.pool(office.authority.store)
    yield "ejournal_log_number", "Number of the last line of the log", "", {"": head.number}
    open_ = {"dispute": waiting.disputes, "pending": waiting.pending, "quarantine": waiting.quarantine}
    yield "ejournal_waiting", "What waits for a person", "what", open_
    yield "ejournal_desks", "Desks by their last contact", "contact", {name: ages[name] for name, _ in _AGES}
    yield "ejournal_store_bytes", "Size of the store", "", {"": taken}
    yield "ejournal_free_bytes", "Free space on the disk of the data folder", "", {"": _free(office)}
    yield "ejournal_pool_connections", "Connections of the answering process", "state", {"busy": at_work, "open": kept}
    if made := last_backup(office.folder):
        yield "ejournal_backup_timestamp_seconds", "When the last backup was made", "", {"": _seconds(made)}
    if daily := schedule.newest(generations.daily_folder(office.folder)):
        yield "ejournal_daily_timestamp_seconds", "When the last daily copy was made", "", {"": _seconds(daily)}
    proved = {each.drive: _seconds(each.proved) for each in drives.drives(office.authority) if each.proved}
    yield "ejournal_drive_proved_timestamp_seconds", "When a copy on each drive was last proved", "drive", proved
    if until := certificate_end(office.folder):
        yield "ejournal_certificate_end_timestamp_seconds", "When the certificate ends", "", {"": _seconds(until)}


def _age(at: str, now: datetime) -> str:
    days = (now - datetime.fromisoformat(at)).total_seconds() / DAY
    return next(name for name, below in _AGES if days < below)


def _free(office: Office) -> float:
    return float(shutil.disk_usage(office.folder).free)


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
