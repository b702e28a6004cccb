"""The command line of the school's server: found a school, load its records, let people and workstations in, serve."""

from __future__ import annotations

import argparse
import contextlib
import errno
import logging
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ejournal_core.age_file import BackupIdentity
from ejournal_core.archive import Proof
from ejournal_core.errors import Bug, EjournalError
from ejournal_core.typed_commands import Parser
from ejournal_server import (
    accounts,
    admin,
    app,
    backups,
    command_line,
    commands,
    credentials,
    epochs,
    folder,
    keys,
    messages,
    papers,
    trust,
    upgrading,
    verifying,
    workers,
)
from ejournal_server.accounts import Activation
from ejournal_server.command_line import (
    Interrupted,
    ask_password,
    hand_over,
    say_no_more,
    some_text,
    speak_plainly,
)
from ejournal_server.epochs import Opening
from ejournal_server.folder import Office
from ejournal_server.restore_wizard import Wizard

logger = logging.getLogger(__name__)

DATABASE_VARIABLE = "EJOURNAL_DATABASE"
NOT_DONE = 1  # exit status: nothing was done, and why was said
INTERRUPTED = 130  # exit status, as shells have it
VERIFY_LOG = "пересчитать весь журнал изменений и назвать первое место, где он не сходится"
STATES = {"none": "нет учётной записи", "invited": "код выдан", "active": "входит с паролем", "closed": "вход закрыт",
          "gone": "роли кончились, вход открыт"}  # fmt: skip
PLACES = {"approved": "подтверждено", "revoked": "отозвано"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status: 0 done, 1 not done and said why, 2 the command line is wrong, 3 alarms.

    Whatever fails, a person reads a sentence; a foreign failure's place goes into the log, its text nowhere.
    """
    speak_plainly()
    options = _parser().parse_args(arguments)
    app.log_to_stderr(_least_worth_logging(options.command))
    try:
        if getattr(options, "log_file", None) is not None:
            app.log_to_file(options.log_file)
        run: Callable[[argparse.Namespace], int] = options.run
        status = run(options)
        if sys.stdout is not None:
            sys.stdout.flush()
    except KeyboardInterrupt:
        _say(Interrupted("interrupted"))
        return INTERRUPTED
    except BrokenPipeError:  # whoever read along has seen enough, as `head` does
        say_no_more()
        return 0
    except EjournalError as error:
        return _say(error)
    except OSError as error:  # a file that is not there, a disk that is full: it has a name, so it gets a sentence
        return _say(backups.FolderFailed.of(error)) if error.filename else _say(_nameless(error))
    except Exception as error:  # noqa: BLE001 - the last line before a person: no text of a foreign failure
        return _say(_bug(error))
    return status


def _least_worth_logging(command: str) -> int:
    """Return what a command logs: at a terminal a person reads sentences, and lines for programs would bury them."""
    at_a_terminal = sys.stderr is not None and sys.stderr.isatty()
    return logging.WARNING if at_a_terminal and command != "serve" else logging.INFO


def _say(error: EjournalError) -> int:
    print(f"{error.code}: {messages.sentence(error)}", file=sys.stderr)
    return 1


def _nameless(error: OSError) -> EjournalError:
    """Return what is left to say of a failure without a file: a full disk takes no more of what a command prints."""
    if error.errno != errno.ENOSPC:
        return _bug(error)
    say_no_more()
    return backups.FolderFailed.of(error, "вывод команды")


def _bug(error: BaseException) -> Bug:
    place = "".join(traceback.format_tb(error.__traceback__))
    logger.error("unexpected failure", extra={"kind": type(error).__name__, "place": place})
    return Bug("unexpected failure")


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="ejournal-server", description="Школьный сервер электронного журнала")
    parser.add_argument("--version", action="version", version=f"ejournal-server {version('ejournal')}", help="версия")
    subcommands = parser.add_subparsers(required=True, dest="command", metavar="КОМАНДА")

    def command(name: str, run: Callable[[argparse.Namespace], int], help_: str) -> argparse.ArgumentParser:
        made = subcommands.add_parser(name, help=help_, description=help_)
        made.add_argument(
            "--data", required=True, type=app.data_folder, metavar="КАТАЛОГ", help="каталог данных сервера"
        )
        made.add_argument(
            "--database",
            metavar="АДРЕС",
            default=os.environ.get(DATABASE_VARIABLE),
            help=f"адрес PostgreSQL (postgresql+psycopg://…); лучше в переменной {DATABASE_VARIABLE}",
        )
        made.set_defaults(run=run)
        return made

    create = command("create-school", create_school, "завести школу в пустом каталоге")
    create.add_argument(
        "--name", required=True, type=some_text, metavar="НАЗВАНИЕ", help="название школы, как в документах"
    )
    load = command("load", load_records, "загрузить записи, подготовленные рабочим местом")
    load.add_argument("--records", required=True, type=Path, metavar="ФАЙЛ", help="файл JSON, по записи в строке")
    staff = command("people", list_people, "сотрудники и коды для первого входа")
    staff.add_argument("--code", metavar="ID", help="выдать код одному сотруднику")
    staff.add_argument("--codes", action="store_true", help="выдать коды всем, у кого нет учётной записи")
    staff.add_argument("--again", action="store_true", help="то же и тем, кто свой код ещё не ввёл: листы пропали")
    staff.add_argument("--json", action="store_true", help="вывести для программ; коды — для «ejournal-desktop paper»")
    staff.add_argument("--second", default="", metavar="ID", help="завуч или директор, подтверждающий новый код")
    pair = command("pair", pair_workstations, "рабочие места, ждущие подтверждения")
    pair.add_argument("--approve", metavar="КОД", help="подтвердить рабочее место с этим кодом на экране")
    pair.add_argument("--refuse", metavar="КОД", help="отказать рабочему месту")
    pair.add_argument("--all", action="store_true", help="все рабочие места, и подтверждённые раньше")
    serving = command("serve", serve, "принимать запросы рабочих мест")
    serving.add_argument(
        "--listen", type=app.address, default="127.0.0.1:8443", metavar="АДРЕС:ПОРТ", help="порт 0 — любой свободный"
    )
    serving.add_argument(
        "--host", action="append", default=[], metavar="ИМЯ", help="ещё одно имя или адрес в сертификате"
    )
    serving.add_argument("--workers", type=_workers, default=1, metavar="N", help="процессов (больше 1 — с PostgreSQL)")
    serving.add_argument("--metrics", type=app.address, metavar="АДРЕС:ПОРТ", help="отдельный адрес для Prometheus")
    serving.add_argument("--log-file", type=app.data_folder, metavar="ФАЙЛ", help="журнал работы в файле, с ротацией")
    _add_backups(command, subcommands)
    commands.add(command)
    trust.add(command)
    return parser


def _workers(text: str) -> int:
    number = int(text)
    if not 1 <= number <= workers.MOST:
        raise ValueError(text)
    return number


def _add_backups(command: Callable[..., argparse.ArgumentParser], subcommands: Any) -> None:
    made = command("backup-keys", backup_keys, "сделать ключ восстановления; он показывается один раз, для сейфа")
    made.add_argument("--administrator", default="", metavar="age1…", help="открытый ключ администратора")
    made.add_argument("--replace", action="store_true", help="заменить прежний ключ: старые копии открывает старый")
    made.add_argument("--json", action="store_true", help="вывести для «ejournal-desktop paper», который сделает лист")
    made.add_argument(
        "--confirm", action="store_true", help="ключ начнёт действовать, когда с листа наберут две группы"
    )
    made.add_argument("--check", action="store_true", help="проверить лист из сейфа: тот ли он и читается ли")
    copy = command("backup", backup, "сделать резервную копию и переписать её в каталоги по очереди")
    where = copy.add_mutually_exclusive_group(required=True)
    where.add_argument("--to", action="append", type=app.data_folder, metavar="КАТАЛОГ",
                       help="диск или другой носитель; можно несколько раз")  # fmt: skip
    where.add_argument(
        "--daily",
        action="store_true",
        help="вместо носителей — в каталог данных, если копии сегодня требуют правила школы",
    )
    copy.add_argument("--identity", type=Path, metavar="ФАЙЛ", help="ключ, которым копии доказываются восстановлением")
    check = subcommands.add_parser("verify", help="проверить резервную копию", description="проверить резервную копию")
    check.add_argument("folder", type=app.data_folder, metavar="КАТАЛОГ", help="носитель с копиями")
    check.add_argument("--identity", type=Path, metavar="ФАЙЛ", help="ключ; без него сверяются только файлы")
    check.set_defaults(run=verify)
    log_ = subcommands.add_parser("verify-log", help=VERIFY_LOG, description=VERIFY_LOG)
    where = log_.add_mutually_exclusive_group(required=True)
    where.add_argument(
        "--data", type=app.data_folder, metavar="КАТАЛОГ", help="каталог данных сервера: проверяется хранилище"
    )
    where.add_argument("--from", dest="source", type=app.data_folder, metavar="КАТАЛОГ", help="резервная копия")
    log_.add_argument("--identity", type=Path, metavar="ФАЙЛ", help="ключ, которым открывается копия")
    log_.add_argument("--database", metavar="АДРЕС", default=os.environ.get(DATABASE_VARIABLE), help="адрес PostgreSQL")
    log_.set_defaults(run=verify_log)
    _add_restore(subcommands)
    going_on = command(
        "open-epoch", open_epoch, "рабочие места считают восстановленный сервер более ранним: продолжить на нём"
    )
    going_on.add_argument("--after", required=True, type=command_line.epoch_number, metavar="НОМЕР",
                          help="номер восстановления, который показывает рабочее место")  # fmt: skip
    _add_decision(going_on, required=True)


def _add_restore(subcommands: Any) -> None:
    help_ = "восстановить школу из резервной копии в пустой каталог; без параметров спросит обо всём по порядку"
    again = subcommands.add_parser("restore", help=help_, description=help_)
    again.add_argument("--data", type=app.data_folder, metavar="КАТАЛОГ", help="каталог данных нового сервера, пустой")
    again.add_argument(
        "--database", metavar="АДРЕС", default=os.environ.get(DATABASE_VARIABLE), help="адрес PostgreSQL"
    )
    again.add_argument("--from", dest="source", type=app.data_folder, metavar="КАТАЛОГ", help="носитель с копией")
    again.add_argument("--other", action="append", default=[], type=app.data_folder, metavar="КАТАЛОГ",
                       help="другой носитель: нет ли на нём копии новее; можно несколько раз")  # fmt: skip
    again.add_argument("--older", action="store_true", help="восстановить, хотя на другом носителе есть копия новее")
    again.add_argument("--identity", type=Path, metavar="ФАЙЛ", help="ключ восстановления из сейфа")
    _add_decision(again, required=False)
    again.set_defaults(run=restore, parser=again)


def _add_decision(command: argparse.ArgumentParser, *, required: bool) -> None:
    command.add_argument("--reason", required=required, metavar="ПРИЧИНА",
                         help="почему восстанавливают: это увидят все рабочие места")  # fmt: skip
    command.add_argument("--first", required=required, metavar="ФИО", help="кто решил восстановить")
    command.add_argument("--second", required=required, metavar="ФИО", help="второй человек, подтвердивший решение")


def _office(options: argparse.Namespace) -> contextlib.closing[Office]:
    return contextlib.closing(folder.open_office(options.data, options.database))


def create_school(options: argparse.Namespace) -> int:
    """Found a school and say where its key lies."""
    places = {
        "credential": "в учётных данных systemd",
        "keyring": "в системном хранилище ключей",
        "file": f"в файле {keys.KEY_FILE} каталога данных, доступном только этому пользователю",
    }
    with contextlib.closing(folder.found(options.data, options.name, options.database)) as office:
        print(f"Школа заведена: {office.authority.school}")
        print(f"Ключ хранилища: {places[office.master.place]}")
        print(f"Отпечаток удостоверяющего центра: {office.ca_sha256}")
    return 0


def load_records(options: argparse.Namespace) -> int:
    """Load a record file."""
    with _office(options) as office:
        print(f"Загружено записей: {admin.load_records(office, options.records)}")
    return 0


def list_people(options: argparse.Namespace) -> int:
    """List the staff, or print activation codes: id, name and code or state in columns."""
    with _office(options) as office:
        if options.code:
            password = ask_password(trust.SECOND) if options.second else ""
            made = accounts.make_activation(office.authority, options.code, options.second, password)
            line = papers.codes_line(office, [made]) if options.json else f"{options.code}\t{made.code}"
            _give_out(office, [line], [made])
            print(messages.ONE_CODE, file=sys.stderr)
        elif options.codes or options.again:
            slips = admin.make_codes(office, again=options.again)
            given = [each for _, each in slips]
            lines = [f"{line.person}\t{line.name}\t{each.code}" for line, each in slips]
            if options.json:
                lines = [papers.codes_line(office, given)] if given else []
            _give_out(office, lines, given)
            nobody = messages.NO_CODES if admin.staff(office) else messages.NO_STAFF
            print(messages.CODES_COUNT.format(number=len(slips)) if slips else nobody, file=sys.stderr)
        elif options.json:
            commands.print_json(admin.staff(office))
        else:
            staff = [(line.person, line.name, STATES[line.state]) for line in admin.staff(office)]
            commands.print_lines(staff, messages.NO_STAFF)
    return 0


def _give_out(office: Office, lines: Sequence[str], made: Sequence[Activation]) -> None:
    """Print codes, and let them count when they have left: a full printer leaves everybody without one, as before."""
    hand_over(lines)
    credentials.issue(office.authority, made)


def pair_workstations(options: argparse.Namespace) -> int:
    """List waiting workstations with their codes, or decide about one."""
    with _office(options) as office:
        if options.approve or options.refuse:
            name = admin.approve(office, options.approve or options.refuse, yes=bool(options.approve))
            print(f"{'Подтверждено' if options.approve else 'Отказано'}: {name}")
        elif options.all:
            places = [
                (each.workstation, each.name, PLACES[each.state], f"журналов: {each.desks}")
                for each in admin.places(office)
            ]
            commands.print_lines(places, messages.NO_PLACES)
        else:
            waiting = accounts.waiting_pairings(office.authority, office.ca_sha256)
            for row, code in waiting:
                print(f"{code}\t{row.name}\t{row.id}")
            if not waiting:
                print("Ни одно рабочее место не ждёт подтверждения.")
    return 0


def serve(options: argparse.Namespace) -> int:
    """Serve until told to stop."""
    host, port = options.listen
    if copy := upgrading.bring_up(options.data, options.database):
        print(f"Хранилище обновлено. Копия прежнего: {copy}", flush=True)
    with _office(options) as office, app.exposed(office, options.metrics):
        if options.workers > 1:
            workers.serve(office, options.database, host, port, options.host, options.workers)
        else:
            app.serve(office, host, port, options.host)
    return 0


def backup_keys(options: argparse.Namespace) -> int:
    """Make the recovery key and print it, once; or check the sheet that was printed then: 3 when it is not the one."""
    with _office(options) as office:
        if options.check:
            found = papers.check_kept(office)
            print(papers.told(found))
            return 0 if found.state == "kept" else commands.ALARM

        def hand_over_sheet(made: BackupIdentity) -> None:
            hand_over([papers.recovery_line(office, made)] if options.json else _sheet(made))
            if options.confirm:
                papers.confirm_printed(made)

        backups.new_recovery_key(office, options.administrator, replace=options.replace, hand_over=hand_over_sheet)
        if options.confirm:
            print(messages.SHEET_CONFIRMED, file=sys.stderr)
    return 0


def _sheet(made: BackupIdentity) -> list[str]:
    return [
        "# Лист восстановления. Напечатайте и уберите в сейф директора; больше нигде этот ключ не хранится.",
        f"# открытый ключ: {made.recipient}",
        made.secret,
    ]


def backup(options: argparse.Namespace) -> int:
    """Make a generation and copy it to each folder; or the daily copy, where it is due."""
    if options.daily:
        return commands.daily_copy(options, _secret(options))
    backups.check_media(options.to)
    for folder_ in backups.same_disk(options.data, options.to):
        print(messages.SAME_DISK.format(folder=folder_), file=sys.stderr)
    with _office(options) as office:
        made = backups.back_up(office, options.to, _secret(options))
    checked = commands.CHECKED[bool(options.identity)]
    print(f"Копия {made.generation} записана, {checked}: {', '.join(map(str, options.to))}")
    _print_proof(made.proof)
    return 0


def verify(options: argparse.Namespace) -> int:
    """Verify a generation, or the newest one of a folder."""
    catalogue, proof = backups.verify(options.folder, _secret(options))
    print(f"Копия {catalogue.generation}: {'доказана восстановлением' if proof else 'файлы сверены с каталогом'}")
    _print_proof(catalogue.proof)
    return 0


def verify_log(options: argparse.Namespace) -> int:
    """Recompute the whole log of the live store or of a backup."""
    if options.source is not None:
        verified = verifying.verify_generation(backups.find_generation(options.source), _secret(options))
    else:
        with _office(options) as office:
            verified = verifying.verify_store(office.authority)
    print(f"Журнал изменений сходится: записей {verified.size}")
    print(f"Корень дерева: {verified.root}")
    return 0


def restore(options: argparse.Namespace) -> int:
    """Restore a school; without any parameter, by question and answer."""
    asked = {"--data": options.data, "--from": options.source, "--identity": options.identity,
             "--reason": options.reason, "--first": options.first, "--second": options.second}  # fmt: skip
    missing = [name for name, given in asked.items() if given is None]
    if len(missing) == len(asked) and command_line.is_at_a_terminal():
        return 0 if Wizard(command_line.ask, ask_password, print).run() is not None else NOT_DONE
    if missing:
        options.parser.error(f"the following arguments are required: {', '.join(missing)}")
    opening = Opening(reason=options.reason, first_person=options.first, second_person=options.second)
    others = [] if options.older else options.other
    proof = backups.restore_school(options.source, _secret(options), options.data, options.database, opening, others)
    print(f"Школа восстановлена: {proof.school}")
    _print_proof(proof)
    return 0


def open_epoch(options: argparse.Namespace) -> int:
    """Let desks that know of another restore go on with this one: its epoch is raised beyond that."""
    opening = Opening(reason=options.reason, first_person=options.first, second_person=options.second)
    with _office(options) as office:
        head = epochs.open_epoch(office.authority, opening, options.after)
    print(f"Школа продолжается на этом сервере, номер восстановления {head.epoch}: рабочие места перейдут сами.")
    return 0


def _secret(options: argparse.Namespace) -> str:
    return backups.read_secret(options.identity) if options.identity else ""


def _print_proof(proof: Proof) -> None:
    print(f"Записей в журнале изменений: {proof.size}")
    print(f"Корень дерева: {proof.root}")
    print(f"Хеш содержимого: {proof.content_sha256}")


if __name__ == "__main__":
    sys.exit(main())
