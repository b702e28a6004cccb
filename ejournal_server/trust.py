"""The commands about whom the school trusts: revoke, leave, come again, and what waits in quarantine."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterable
from datetime import date, datetime

from ejournal_core.changes import Change
from ejournal_server import accounts, credentials, folder, messages, quarantine, revocation
from ejournal_server.command_line import ask_password, hand_over, some_text
from ejournal_server.folder import Office
from ejournal_server.quarantine import Thing
from ejournal_server.revocation import Revoked

Command = Callable[..., argparse.ArgumentParser]

SECOND = "Пароль второго лица: "
NOTHING_HELD = "Ничего отложенного нет."
REASONS = {
    "EJ-373": "подпись не сходится или журнал не известен", "EJ-382": "журнал заморожен",
    "EJ-383": "две копии одного журнала", "EJ-384": "из более новой программы", "EJ-385": "записано от чужого имени",
    "EJ-386": "такая запись уже есть с другим содержанием", "EJ-392": "журнал отозван",
    "EJ-242": "важное действие не подписано отдельно",
}  # fmt: skip
STATES = {"waiting": "ждёт", "readmitted": "возвращено", "dismissed": "отклонено"}
OUTCOMES = {
    "taken": "принято", "converged": "принято, так уже стоит", "merged": "принято", "disputed": "спор",
    "pending": "ждёт решения завуча", "refused": "не принято правилами",
}  # fmt: skip


def add(command: Command) -> None:
    """Make these commands known to the command line."""
    taken = command("revoke", revoke, "отозвать журнал, рабочее место со всеми журналами или сотрудника")
    whom = taken.add_mutually_exclusive_group(required=True)
    whom.add_argument("--desk", metavar="ID", help="один журнал")
    whom.add_argument("--workstation", metavar="ID", help="компьютер со всеми журналами на нём; ID — в «pair --all»")
    whom.add_argument("--person", metavar="ID", help="все журналы сотрудника; войти он больше не сможет")
    taken.add_argument("--counter", type=int, metavar="N", help="последняя запись журнала, которой верят")
    taken.add_argument("--number", type=int, metavar="N", help="то же номером в журнале изменений школы")
    taken.add_argument("--why", required=True, type=some_text, metavar="ПРИЧИНА", help="останется в журнале изменений")
    gone = command("leave", leave, "сотрудник уходит: роли и нагрузка кончаются, вход закрывается")
    gone.add_argument("person", metavar="ID")
    gone.add_argument(
        "--last-day",
        type=day,
        metavar="ДД.ММ.ГГГГ",
        help="сегодня, если не сказано; до будущего дня вход открыт",
    )
    gone.add_argument("--why", required=True, type=some_text, metavar="ПРИЧИНА")
    again = command("return", come_again, "ушедший сотрудник возвращается: новый код, подтверждённый вторым лицом")
    again.add_argument("person", metavar="ID")
    again.add_argument("--second", required=True, metavar="ID", help="завуч или директор")
    made = command("appoint", appoint, "дать роль администратора, если администратора в школе не осталось")
    made.add_argument("person", metavar="ID")
    made.add_argument("--second", required=True, metavar="ID", help="завуч или директор, подтверждает своим паролем")
    _add_quarantine(command)


def _add_quarantine(command: Command) -> None:
    held = command("quarantine", look_at_quarantine, "отложенное: показать, вернуть вдвоём, отклонить")
    what = held.add_mutually_exclusive_group()
    what.add_argument("--all", action="store_true", help="показать и решённое")
    what.add_argument("--show", metavar="ID", help="показать записи одного отложенного")
    what.add_argument("--readmit", metavar="ID", help="вернуть в журнал; нужен второй человек")
    what.add_argument("--dismiss", metavar="ID", help="отклонить; остаётся на хранении")
    held.add_argument("--only", action="append", default=[], metavar="ЗАПИСЬ", help="вернуть только эту запись")
    held.add_argument("--by", default="", metavar="ID", help="администратор, который решает")
    held.add_argument("--second", default="", metavar="ID", help="завуч или директор, подтверждающий паролем")
    held.add_argument("--why", default="", metavar="ПРИЧИНА")


def day(text: str) -> date:
    """Return a day as people of this place write it, 31.12.2026, or as programs do, 2026-12-31.

    Raises:
        ValueError: it is neither.
    """
    return datetime.strptime(text, "%d.%m.%Y").date() if "." in text else date.fromisoformat(text)  # noqa: DTZ007 - a day


def _opened(options: argparse.Namespace) -> contextlib.closing[Office]:
    return contextlib.closing(folder.open_office(options.data, options.database))


def _print(lines: Iterable[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


# --- who is no longer trusted ---------------------------------------------------------------------------------------


def revoke(options: argparse.Namespace) -> int:
    """Revoke what the command line names: desk, person, last trusted counter and doubtful lines in columns."""
    with _opened(options) as office:
        authority, why, number = office.authority, options.why, options.number
        if options.desk:
            counter = options.counter
            done = [revocation.revoke_desk(authority, options.desk, why, counter=counter, number=number)]
        elif options.workstation:
            done = revocation.revoke_workstation(authority, options.workstation, why, number=number)
        else:
            done = revocation.revoke_person(authority, options.person, why, number=number)
    _print(_revoked(each) for each in done)
    said = f"Отозвано журналов: {len(done)}." if done else "Журналов, которым ещё верят, там нет; вход закрыт."
    _print([f"{said} Что придёт позже, будет ждать: «ejournal-server quarantine»."])
    return 0


def _revoked(done: Revoked) -> str:
    doubt = f"\tпосле неё в журнале школы уже есть: {done.suspect}" if done.suspect else ""
    return f"{done.desk}\t{done.person}\tпоследняя запись, которой верят: {done.trusted_n}{doubt}"


def leave(options: argparse.Namespace) -> int:
    """Let a person leave."""
    with _opened(options) as office:
        last_day = options.last_day or office.authority.today()
        ended = revocation.leave(office.authority, options.person, last_day, options.why)
        stays = last_day > office.authority.today()
    _print([(messages.LEAVES if stays else messages.LEFT).format(day=f"{last_day:%d.%m.%Y}", ended=ended)])
    return 0


def come_again(options: argparse.Namespace) -> int:
    """Print a new code for a person who left."""
    with _opened(options) as office:
        code = accounts.make_activation(office.authority, options.person, options.second, ask_password(SECOND))
        hand_over([f"{options.person}\t{code.code}"])
        credentials.issue(office.authority, [code])
    sys.stderr.write(f"{messages.ONE_CODE}\n")
    return 0


def appoint(options: argparse.Namespace) -> int:
    """Make somebody administrator where there is none left to do so."""
    with _opened(options) as office:
        given = revocation.appoint(office.authority, options.person, options.second, ask_password(SECOND))
    _print([messages.APPOINTED if given else messages.ADMINISTRATOR_ALREADY])
    return 0


# --- quarantine -----------------------------------------------------------------------------------------------------


def look_at_quarantine(options: argparse.Namespace) -> int:
    """List what is held, show one thing of it, or decide about one."""
    with _opened(options) as office:
        authority = office.authority
        if options.show:
            held = quarantine.thing(authority, options.show)
            _print([_held(held), *(_change(change) for change in held.changes)])
        elif options.dismiss:
            quarantine.dismiss(authority, options.dismiss, options.by, options.why)
            _print(["Отклонено; остаётся на хранении."])
        elif options.readmit:
            _readmit(office, options)
        else:
            _print([_held(each) for each in quarantine.things(authority, decided=options.all)] or [NOTHING_HELD])
    return 0


def _readmit(office: Office, options: argparse.Namespace) -> None:
    password = ask_password(SECOND) if options.second else ""
    verdicts = quarantine.readmit(
        office.authority, options.readmit, options.by, options.second, password, options.why, options.only
    )
    _print(f"{original}\t{OUTCOMES[verdict.outcome]}\t№ {verdict.number}" for original, verdict in verdicts.items())


def _held(held: Thing) -> str:
    reason = REASONS.get(held.reason, held.reason)
    columns = [held.sha256[:12], STATES[held.state], held.at, held.person or "—", held.desk, str(len(held.changes))]
    return "\t".join([*columns, f"{reason} ({held.reason})"])


def _change(change: Change) -> str:
    was = ", ".join(f"{name}={value}" for name, value in change.was.items())
    wanted = ", ".join(f"{name}={value}" for name, value in change.set.items())
    return "\t".join([change.id, change.at, change.author, change.kind, change.record, f"{was} → {wanted}"])
