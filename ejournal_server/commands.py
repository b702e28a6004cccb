"""The commands for who looks after the server: is it well, which desks are there."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import get_args

import msgspec

from ejournal_core.release import Package, System
from ejournal_server import daily, folder, generations, messages, moving, overview, releases, schedule, upgrading
from ejournal_server.drives import DriveLine
from ejournal_server.folder import Office
from ejournal_server.overview import DeskLine, Overview

ALARM = 3  # exit status: something needs a person
STATES = {"active": "работает", "frozen": "заморожен", "revoked": "отозван", "left": "сотрудник ушёл"}
SCOPES = {
    "beyond": "ещё хранит лишнее",
    "held": "получил своё",
    "differs": "ещё не получил нового",
    "": "ещё не обращался",
}
CHECKED = {True: "доказана восстановлением", False: "файлы сверены"}  # with a key, without one
STORES = {"file": "в файле на этом компьютере", "postgresql": "в PostgreSQL"}

Command = Callable[..., argparse.ArgumentParser]


def add(command: Command) -> None:
    """Make these commands known to the command line."""
    well = command("status", status, "всё ли в порядке: один экран")
    well.add_argument("--json", action="store_true", help="вывести для программ")
    command("migrate", migrate, "обновить таблицы хранилища после обновления программы: сначала копия")
    moving_ = command("move", move, "перевести школу в PostgreSQL или обратно в файл; службу сначала остановите")
    moving_.add_argument(
        "--to", required=True, type=store_address, metavar="АДРЕС|file", help="postgresql+psycopg://… или слово file"
    )
    joining = command("join", join, "второй сервер той же школы в PostgreSQL")
    joining.add_argument("--from", dest="source", required=True, type=Path, metavar="КАТАЛОГ",
                         help="копия каталога данных работающего сервера")  # fmt: skip
    released = command("release", release_package, "выпуски программы, которые сервер предлагает рабочим местам")
    released.add_argument("--add", type=Path, metavar="ФАЙЛ", help="предложить пакет; рядом лежит ФАЙЛ.sig издателя")
    released.add_argument("--version", metavar="X.Y.Z", help="версия этого пакета")
    released.add_argument("--signature", type=Path, metavar="ФАЙЛ", help="файл подписи, если он не рядом")
    released.add_argument("--withdraw", choices=get_args(System), help="больше не предлагать")
    all_ = command("desks", list_desks, "журналы сотрудников на рабочих местах: когда слышали, какая версия")
    all_.add_argument("--json", action="store_true", help="вывести для программ")


def opened(options: argparse.Namespace) -> contextlib.closing[Office]:
    """Open the school that the command line names."""
    return contextlib.closing(folder.open_office(options.data, options.database))


def store_address(text: str) -> str:
    """Return where a school may be moved to: a database's address or the word file.

    Raises:
        ValueError: it is neither.
    """
    if text != "file" and not text.startswith("postgresql"):
        raise ValueError(text)
    return text


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
        ("Копия для дисков", _moment(seen.backup)),
        ("Ежедневная копия", _daily(seen)),
        *(("Носитель", _drive(each)) for each in seen.drives),
        ("Сертификат до", _moment(seen.certificate_until) if seen.certificate_until else "первого запуска"),
        ("Журналов", f"{seen.desks}, из них молчат неделю: {seen.silent}"),
        ("Ждут решения", f"споров {seen.disputes}, заявок {seen.pending}, отложено {seen.quarantine}"),
    ]
    alarms = [f"! {messages.ALARMS[name]}" for name in seen.alarms]
    return [*(f"{name + ':':<20}{value}" for name, value in facts), "", *(alarms or ["Всё в порядке."])]


def _daily(seen: Overview) -> str:
    if seen.daily:
        return f"{_moment(seen.daily)}, на этом же диске"
    return _moment("") if seen.daily_due else "правила школы не требуют"


def _drive(line: DriveLine) -> str:
    late = ", срок прошёл" if line.late and line.proved else ""
    return f"«{line.label}», проверен восстановлением: {_moment(line.proved)}{late}"


def daily_copy(options: argparse.Namespace, secret: str) -> int:
    """Make the copy that the school's rules want on the server itself, or say why none is made."""
    with opened(options) as office:
        made, where = daily.make(office, secret), generations.daily_folder(office.folder)
        due, last = schedule.daily_due_on(office.authority, office.folder), schedule.newest(where)
    if made is not None:
        print(messages.DAILY_MADE.format(generation=made.generation, checked=CHECKED[bool(secret)], folder=where))
    elif due is None:
        print(messages.DAILY_NOT_WANTED)
    else:
        print(messages.DAILY_NOT_DUE.format(made=_moment(last), due=f"{due:%d.%m.%Y}"))
    return 0


def migrate(options: argparse.Namespace) -> int:
    """Bring the store to this program's version, after a copy."""
    copy = upgrading.bring_up(options.data, options.database)
    print(f"Хранилище обновлено. Копия прежнего: {copy}" if copy else "Хранилище уже этой версии, ничего не изменено.")
    return 0


def move(options: argparse.Namespace) -> int:
    """Move the school to another store and print what both must have in common."""
    target = None if options.to == "file" else options.to
    proof = moving.move(options.data, options.database, target)
    print("Школа переехала. Новое хранилище доказано повторением всех записей.")
    print(f"Записей в журнале изменений: {proof.size}")
    print(f"Корень дерева: {proof.root}")
    print(f"Хеш содержимого: {proof.content_sha256}")
    print("Прежнее хранилище цело, но больше ничего не принимает.")
    return 0


def join(options: argparse.Namespace) -> int:
    """Make an empty folder a further server of the school."""
    school = moving.join(options.data, options.source, options.database)
    print(f"Сервер присоединён к школе {school}. Копию каталога, из которой взяты ключи, удалите.")
    return 0


def release_package(options: argparse.Namespace) -> int:
    """Offer a package, take an offer back, or list what is offered: system, version, file, since when."""
    with opened(options) as office:
        if options.add:
            offered = releases.add(office, options.add, options.version or "", options.signature)
            print(f"Предложена версия {offered.package.version} ({offered.package.system})")
        elif options.withdraw:
            was = releases.withdraw(office.folder, options.withdraw)
            print("Больше не предлагается." if was else "Для этой системы ничего не предлагалось.")
        else:
            lines = [(*_package(each.package), _moment(each.at)) for each in releases.offers(office.folder)]
            print_lines(lines, messages.NO_RELEASES)
    return 0


def list_desks(options: argparse.Namespace) -> int:
    """List people's desks: person, workstation, state, last contact, program, scope, id in columns."""
    with opened(options) as office:
        lines = overview.desks(office)
    if options.json:
        print_json(lines)
    else:
        print_lines([_columns(line) for line in lines], messages.NO_DESKS)
    return 0


def print_lines(lines: Iterable[Iterable[str]], none: str) -> None:
    """Print columns, or tell a person that there is nothing; a program reads no line then."""
    sys.stdout.writelines(told := ["\t".join(columns) + "\n" for columns in lines])
    if not told:
        print(none, file=sys.stderr)


def _package(package: Package) -> tuple[str, str, str]:
    return package.system, package.version, package.name


def _columns(line: DeskLine) -> list[str]:
    heard = _moment(line.contact)
    return [line.name, line.workstation, STATES[line.state], heard, line.version or "—", SCOPES[line.scope], line.desk]


def _moment(text: str) -> str:
    """Return a moment as people of this place read it."""
    return f"{datetime.fromisoformat(text).astimezone():%d.%m.%Y %H:%M}" if text else "ни разу"


def _size(number: int) -> str:
    giga, mega = number / 1024**3, number / 1024**2
    return (f"{giga:.1f} ГБ" if giga >= 1 else f"{mega:.1f} МБ").replace(".", ",")
