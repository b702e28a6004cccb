"""The commands for who looks after the server: is it well, which desks are there."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable
from datetime import datetime
from importlib.metadata import version

import msgspec

from ejournal_server import folder, messages, overview
from ejournal_server.folder import Office
from ejournal_server.overview import DeskLine, Overview

ALARM = 3  # exit status: something needs a person
STATES = {"active": "работает", "frozen": "заморожен", "revoked": "отозван"}
SCOPES = {"held": "получил своё", "differs": "ещё не получил нового", "": "ещё не обращался"}
STORES = {"file": "в файле на этом компьютере", "postgresql": "в PostgreSQL"}

Command = Callable[..., argparse.ArgumentParser]


def add(command: Command) -> None:
    """Make these commands known to the command line."""
    well = command("status", status, "всё ли в порядке: один экран")
    well.add_argument("--json", action="store_true", help="вывести для программ")
    all_ = command("desks", list_desks, "журналы сотрудников на рабочих местах: когда слышали, какая версия")
    all_.add_argument("--json", action="store_true", help="вывести для программ")


def opened(options: argparse.Namespace) -> contextlib.closing[Office]:
    """Open the school that the command line names."""
    return contextlib.closing(folder.open_office(options.data, options.database))


def print_json(value: object) -> None:
    """Print a value for programs, one line."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")


def status(options: argparse.Namespace) -> int:
    """Say whether the server is well; 3 when something needs a person."""
    with opened(options) as office:
        seen = overview.look(office)
    if options.json:
        print_json(seen)
    else:
        sys.stdout.writelines(f"{line}\n" for line in _screen(seen))
    return ALARM if seen.alarms else 0


def _screen(seen: Overview) -> list[str]:
    facts = [
        ("Школа", seen.name),
        ("Программа", version("ejournal")),
        ("Хранилище", f"{STORES[seen.store]}, {_size(seen.store_bytes)}; свободно на диске {_size(seen.free_bytes)}"),
        ("Записей в журнале", str(seen.number)),
        ("Последняя копия", _moment(seen.backup)),
        ("Сертификат до", _moment(seen.certificate_until) if seen.certificate_until else "первого запуска"),
        ("Журналов", f"{seen.desks}, из них молчат неделю: {seen.silent}"),
        ("Ждут решения", f"споров {seen.disputes}, заявок {seen.pending}, в карантине {seen.quarantine}"),
    ]
    alarms = [f"! {messages.ALARMS[name]}" for name in seen.alarms]
    return [*(f"{name + ':':<20}{value}" for name, value in facts), "", *(alarms or ["Всё в порядке."])]


def list_desks(options: argparse.Namespace) -> int:
    """List people's desks: person, workstation, state, last contact, program, scope, id in columns."""
    with opened(options) as office:
        lines = overview.desks(office)
    if options.json:
        print_json(lines)
    else:
        sys.stdout.writelines("\t".join(_columns(line)) + "\n" for line in lines)
    return 0


def _columns(line: DeskLine) -> list[str]:
    heard = _moment(line.contact)
    return [line.name, line.workstation, STATES[line.state], heard, line.version or "—", SCOPES[line.scope], line.desk]


def _moment(text: str) -> str:
    """Return a moment as people of this place read it."""
    return f"{datetime.fromisoformat(text).astimezone():%d.%m.%Y %H:%M}" if text else "ни разу"


def _size(number: int) -> str:
    giga, mega = number / 1024**3, number / 1024**2
    return (f"{giga:.1f} ГБ" if giga >= 1 else f"{mega:.1f} МБ").replace(".", ",")
