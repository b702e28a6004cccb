"""`ejournal-desktop paper`: the administrator's papers as PDF, without a window.

    ejournal-server backup-keys --json --confirm … | ejournal-desktop paper sheet --out list.pdf
    ejournal-server people --codes --json …        | ejournal-desktop paper sheet --out slips.pdf --ledger ledger.pdf
    ejournal-desktop paper custody --school "Школа № 1" --drive /media/disk1 --out act.pdf
    ejournal-desktop paper destruction --school "Школа № 1" --drive /media/disk1 --out act.pdf

A key or a code is written only into the file that the person names, readable by its owner alone and never over another
file; `--out -` gives the PDF to the next program of the pipe (`lp`) and leaves no file at all.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import IO, Final, Literal, TextIO

import msgspec

from ejournal_core.age_file import NoKey
from ejournal_core.errors import NOT_JSON
from ejournal_core.handouts import CodesHandout, Handout, NoHandout, RecoveryHandout, decode_handout
from ejournal_core.typed_commands import Parser
from ejournal_desktop import guards
from ejournal_desktop.backup import drives, write
from ejournal_desktop.documents.forms import activation_slips, carrier_acts, credential_ledger, recovery_sheet
from ejournal_desktop.documents.forms.carrier_acts import Carrier, CarrierDestructionAct, CustodyAct, Signer

HERE: Final = "-"
LONGEST_LINE: Final = 4 * 1024 * 1024
NO_LINE: Final = (
    "EJ-341: Это не строка для печати. Бумага не сделана, остальное цело. Ключ делает "
    "«ejournal-server backup-keys --json --confirm», коды — «ejournal-server people --codes --json»; "
    "их вывод подают сюда через «|»."
)
AGAIN: Final = "Если сервер уже выдал ключ или коды, повторите его команду: ключ с --replace, коды с --again."
KEY_DRAWN: Final = (
    "Лист восстановления готов{place}. На нём ключ в открытом виде: напечатайте, проверьте («backup-keys --check»), "
    "уберите в сейф{file}."
)
SLIPS_DRAWN: Final = "Листков с кодами: {count}{place}. Напечатайте, разрежьте, отдайте каждому лично{file}."


class _NotWritten(Exception):
    """A file cannot be made; `place` names it."""

    def __init__(self, place: str, error: OSError) -> None:
        super().__init__(place)
        self.place, self.error = place, error


def run(arguments: Sequence[str], source: IO[bytes], sink: IO[bytes], said: TextIO) -> int:
    """Make one paper; return 0, or 1 where it was not made and `said` told why.

    Args:
        source: where a handout comes from (standard input).
        sink: where a PDF goes that is asked for as "-" (standard output).
        said: sentences for the person (standard error).
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.paper == "sheet" and options.out == options.ledger:
        parser.refuse("--out и --ledger: назовите два разных файла")
    try:
        if options.paper == "sheet":
            return _sheet(options, source, sink, said)
        build = _custody if options.paper == "custody" else _destruction
        with _opened(options.out, sink) as out:
            out.write(build(options))
    except _NotWritten as failed:
        said.write(_why(failed) + "\n")
        return 1
    said.write(f"Акт готов{_place(options.out)}. Пустые строки впишите от руки.\n")
    return 0


def _parser() -> Parser:
    parser = Parser(prog="ejournal-desktop paper", description="Бумаги администратора в PDF")
    papers = parser.add_subparsers(dest="paper", required=True, metavar="БУМАГА")
    sheet = papers.add_parser("sheet", help="лист восстановления или листки с кодами из вывода ejournal-server --json")
    sheet.add_argument("--ledger", metavar="ФАЙЛ", help="туда же к кодам: ведомость выдачи, без кодов")
    custody = papers.add_parser("custody", help="акт приёма-передачи носителя")
    destruction = papers.add_parser("destruction", help="акт об уничтожении носителя или старых копий")
    for made in (sheet, custody, destruction):
        made.add_argument("--out", required=True, metavar="ФАЙЛ", help="PDF; «-» — следующей программе, без файла")
    for act in (custody, destruction):
        _add_act(act)
    custody.add_argument("--room", default="", metavar="МЕСТО", help="где будет храниться")
    custody.add_argument("--gives", default="", metavar="ДОЛЖНОСТЬ,ФИО", help="кто передаёт")
    custody.add_argument("--takes", default="", metavar="ДОЛЖНОСТЬ,ФИО", help="кто принимает")
    destruction.add_argument("--address", default="", metavar="АДРЕС", help="адрес школы")
    destruction.add_argument("--generation", action="append", default=[], metavar="КОПИЯ",
                             help="уничтоженная копия; без него уничтожают весь носитель")  # fmt: skip
    destruction.add_argument("--method", default="", metavar="СПОСОБ", help="способ уничтожения")
    destruction.add_argument("--extract", default="", metavar="НОМЕР", help="номер и дата выписки из журнала событий")
    destruction.add_argument("--term", default="", metavar="СРОК", help="срок хранения акта")
    destruction.add_argument("--director", default="", metavar="ФИО", help="кто утверждает")
    destruction.add_argument("--member", action="append", default=[], metavar="ДОЛЖНОСТЬ,ФИО",
                             help="член комиссии, первым председатель")  # fmt: skip
    return parser


def _add_act(act: argparse.ArgumentParser) -> None:
    act.add_argument("--school", required=True, metavar="НАЗВАНИЕ", help="полное название школы")
    act.add_argument("--drive", type=Path, metavar="КАТАЛОГ", help="вставленный носитель: его карточка и копии")
    act.add_argument("--label", default="", metavar="НАДПИСЬ", help="надпись на носителе, если он не вставлен")
    act.add_argument("--serial", default="", metavar="НОМЕР", help="заводской номер с корпуса")
    act.add_argument("--place", default="", metavar="ГОРОД", help="город или посёлок")
    act.add_argument("--number", default="", metavar="НОМЕР", help="номер акта")
    act.add_argument("--date", type=date.fromisoformat, metavar="ГГГГ-ММ-ДД", help="дата акта; без неё сегодня")
    act.add_argument("--reason", default="", metavar="ПРИЧИНА", help="причина")


# --- sheets --------------------------------------------------------------------------------------------------------


def _sheet(options: argparse.Namespace, source: IO[bytes], sink: IO[bytes], said: TextIO) -> int:
    """Open what is to be written before the line is read: a key that cannot be drawn shall not be taken."""
    try:
        with contextlib.ExitStack() as files:
            out = files.enter_context(_opened(options.out, sink))
            ledger = files.enter_context(_opened(options.ledger, sink)) if options.ledger else None
            handout = _read(source)
            out.write(_drawn(handout))
            if ledger is not None and isinstance(handout, CodesHandout):
                ledger.write(credential_ledger.build_credential_ledger(handout).pdf)
    except NoHandout:
        said.write(NO_LINE + "\n")
        return 1
    except _NotWritten as failed:
        said.write(f"{_why(failed)} {AGAIN}\n")
        return 1
    said.write(_told(handout, options) + "\n")
    return 0


def _read(source: IO[bytes]) -> Handout:
    if source.isatty():
        raise NoHandout("nobody pipes a handout")
    return decode_handout(source.readline(LONGEST_LINE))


def _drawn(handout: Handout) -> bytes:
    if isinstance(handout, RecoveryHandout):
        try:
            return recovery_sheet.build_recovery_sheet(handout).pdf
        except NoKey:
            raise NoHandout("its key is none") from None
    return activation_slips.build_activation_slips(handout).pdf


def _told(handout: Handout, options: argparse.Namespace) -> str:
    place, file = _place(options.out), "" if options.out == HERE else ", файл удалите"
    if isinstance(handout, RecoveryHandout):
        return KEY_DRAWN.format(place=place, file=file)
    told = SLIPS_DRAWN.format(count=len(handout.slips), place=place, file=file)
    return f"{told} Ведомость{_place(options.ledger)}: кодов в ней нет." if options.ledger else told


# --- acts ----------------------------------------------------------------------------------------------------------


def _custody(options: argparse.Namespace) -> bytes:
    names = _generations(options.drive)
    contents = f"резервные копии журнала: {len(names)}, последняя {names[-1]}" if names else ""
    act = CustodyAct(
        school_full_name=options.school,
        place=options.place,
        number=options.number,
        acted_on=_day(options),
        carrier=_carrier(options),
        contents=contents,
        room=options.room or _card(options.drive).room,
        reason=options.reason,
        gives=_signer(options.gives),
        takes=_signer(options.takes or _card(options.drive).holder),
    )
    return carrier_acts.build_custody_act(act).pdf


def _destruction(options: argparse.Namespace) -> bytes:
    what: Literal["carrier", "generations"] = "generations" if options.generation else "carrier"
    act = CarrierDestructionAct(
        school_full_name=options.school,
        address=options.address,
        place=options.place,
        number=options.number,
        acted_on=_day(options),
        what=what,
        carrier=_carrier(options),
        generations=tuple(options.generation) or tuple(_generations(options.drive)),
        method=options.method,
        reason=options.reason,
        log_extract=options.extract,
        term=options.term,
        director=options.director,
        commission=tuple(_signer(each) for each in options.member),
    )
    return carrier_acts.build_carrier_destruction_act(act).pdf


def _day(options: argparse.Namespace) -> date:
    day: date | None = options.date
    return day or datetime.now().astimezone().date()


def _carrier(options: argparse.Namespace) -> Carrier:
    card = _card(options.drive)
    return Carrier(label=options.label or card.label, serial=options.serial, card_id=card.id)


def _card(folder: Path | None) -> drives.DriveCard:
    """Return the card of a drive, an empty one where there is none: the act then has lines to be written on."""
    nothing = drives.DriveCard(id="", school="", label="")
    try:
        if folder is None or all(each.name != drives.CARD for each in folder.iterdir()):
            return nothing
        return msgspec.json.decode((folder / drives.CARD).read_bytes(), type=drives.DriveCard)
    except NOT_JSON:
        return nothing
    except OSError as error:
        raise _NotWritten(str(folder), error) from None


def _generations(folder: Path | None) -> list[str]:
    try:
        return write.generations(folder) if folder is not None else []
    except OSError as error:
        raise _NotWritten(str(folder), error) from None


def _signer(text: str) -> Signer:
    """Return who was named as «должность, фамилия имя отчество», or by the name alone."""
    position, comma, name = text.rpartition(",")
    return Signer(position=position.strip(), name=name.strip()) if comma else Signer(name=text.strip())


# --- files ---------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _opened(place: str, sink: IO[bytes]) -> Iterator[IO[bytes]]:
    """Give what a paper is written to; a file is new, its owner's alone, and is there whole or not at all."""
    if place == HERE:
        try:
            if sink.isatty():
                raise OSError(errno.ENOTTY, os.strerror(errno.ENOTTY))
            yield sink
            sink.flush()
        except OSError as error:
            raise _NotWritten("вывод", error) from None
        return
    file = Path(place)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    except OSError as error:
        raise _NotWritten(place, error) from None
    try:
        with os.fdopen(descriptor, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
            empty = not out.tell()
        if empty:  # a recovery sheet has no ledger
            file.unlink()
    except BaseException as error:
        file.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _NotWritten(place, error) from None
        raise


def _place(place: str) -> str:
    return " (отдано следующей программе)" if place == HERE else f" (файл {place})"


_ERRNO: Final = {
    errno.EEXIST: "такой файл уже есть, назовите другой",
    errno.ENOENT: "такого места нет",
    errno.ENOTDIR: "такого места нет",
    errno.EACCES: "сюда нельзя записать",
    errno.EROFS: "носитель только для чтения",
    errno.ENOSPC: "нет места",
    errno.ENOTTY: "PDF на экран не выводится, добавьте «| lp» или назовите файл",
    errno.EPIPE: "его никто не принял",
}


def _why(failed: _NotWritten) -> str:
    reason = _ERRNO.get(failed.error.errno or 0, "носитель отвечает ошибкой")
    return f"EJ-433: «{failed.place}»: {reason}. Бумага не сделана, остальное цело."


def main(arguments: Sequence[str]) -> int:
    """Run with the streams of this process, whose memory holds a secret for a moment."""
    guards.keep_memory_off_the_disk()
    return run(arguments, sys.stdin.buffer, sys.stdout.buffer, sys.stderr)
