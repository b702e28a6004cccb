"""A school restored by question and answer: for whoever stands before a new machine with a drive and a sheet."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ejournal_core import key_sheet
from ejournal_core.age_file import NoKey
from ejournal_core.archive import Catalogue, Proof
from ejournal_core.errors import EjournalError, Trouble
from ejournal_server import backups, epochs, messages, restore, which_copy
from ejournal_server.backups import FolderFailed
from ejournal_server.command_line import NobodyToAsk
from ejournal_server.epochs import Opening
from ejournal_server.restore import StoreNotEmpty
from ejournal_server.store.database import open_store
from ejournal_server.which_copy import Choice, OlderBackup

T = TypeVar("T")
Ask = Callable[[str], str]
Say = Callable[[str], None]

DATA = "/var/lib/ejournal-server"
PORT = 8443

BEGINNING = (
    "Восстановление школы из резервной копии. Вопросов около десяти; прервать можно в любой момент: Ctrl+C.\n"
    "До последнего «да» ничего не меняется, а на носителе не меняется ничего и никогда."
)
KEY = (
    "Ключ с листа восстановления из сейфа: десять групп, по одной в строке. Можно и всю строку AGE-SECRET-KEY-1… или\n"
    "имя файла с ней. Набранное не показывается; опечатка в группе видна сразу."
)


class Wizard:
    """The questions, one after the other; a wrong answer is told and asked again.

    Args:
        ask: shows a question and returns what was typed.
        ask_unseen: the same for what nobody should read over a shoulder.
        say: shows lines.
    """

    def __init__(self, ask: Ask, ask_unseen: Ask, say: Say) -> None:
        self._ask, self._ask_unseen, self._say = ask, ask_unseen, say

    def run(self) -> Proof | None:
        """Ask, and restore after the last yes; None where the answer was no.

        Raises:
            Trouble: what no other answer would mend; nothing is left behind.
        """
        self._say(BEGINNING)
        chosen = self._until(self._choose)
        assert chosen.catalogue is not None
        opening = self._until(self._order)
        secret, school = self._until(lambda: self._key(chosen))
        while True:
            data, database = self._until(self._place)
            self._say(_summary(chosen, school, data, database, opening))
            if not self._agrees("Восстановить? (да/нет) "):
                self._say("Ничего не изменено.")
                return None
            self._say("Восстанавливается…")
            try:
                proof = backups.restore_school(chosen.folder, secret, data, database, opening)
            except StoreNotEmpty as full:
                self._tell(full)
                continue
            self._say(_ending(school, data, proof))
            return proof

    def _until(self, step: Callable[[], T]) -> T:
        """Ask until the answer can be used."""
        while True:
            try:
                return step()
            except NobodyToAsk:
                raise  # no answer will come any more
            except Trouble as trouble:
                self._tell(trouble)

    def _tell(self, error: EjournalError) -> None:
        self._say(f"{error.code}: {messages.sentence(error)}")

    def _agrees(self, question: str) -> bool:
        return self._ask(question).strip().casefold() in ("да", "д", "yes", "y")

    # --- which copy --------------------------------------------------------------------------------------------------

    def _choose(self) -> Choice:
        drive = _path(self._ask("1. Где носитель с копией? Каталог: "))
        chosen = self._generation(self._found_in(drive))
        other = self._newer_than(chosen)
        return chosen if other is None else self._generation(self._found_in(other))

    @staticmethod
    def _found_in(folder: Path) -> list[Choice]:
        try:
            found = which_copy.choices(folder) if folder.is_dir() else []
        except OSError as error:
            raise FolderFailed.of(error, folder) from None
        if not found:
            raise which_copy.nothing_found(folder)
        return found

    def _generation(self, found: list[Choice]) -> Choice:
        self._say("Копии на нём, новые сверху:")
        for place, each in enumerate(found, 1):
            self._say(f"  {place}. {_told(each)}")
        number = ""
        while number not in map(str, range(1, len(found) + 1)):
            number = self._ask("2. Какую восстановить? Номер [1]: ").strip() or "1"
        chosen = found[int(number) - 1]
        if chosen.trouble is not None:
            raise chosen.trouble
        return chosen

    def _newer_than(self, chosen: Choice) -> Path | None:
        """Return another drive that a newer copy was found on and is wanted from."""
        other = self._until(self._second_drive)
        if other is None:
            return None
        assert chosen.catalogue is not None
        try:
            which_copy.see_it_reaches_farthest(chosen.catalogue, other)
        except OSError as error:
            raise FolderFailed.of(error, other) from None
        except OlderBackup as older:
            self._tell(older)
            return other if self._agrees("   Взять копию оттуда? (да/нет) ") else None
        return None

    def _second_drive(self) -> Path | None:
        """Return a drive with copies: a mistyped folder must not pass for one that holds nothing newer."""
        typed = self._ask("3. Каталог второго носителя, чтобы узнать, нет ли там копии новее (Enter — второго нет): ")
        if not typed.strip():
            return None
        other = _path(typed)
        self._found_in(other)
        return other

    # --- who, with what, to where ------------------------------------------------------------------------------------

    def _order(self) -> Opening:
        opening = Opening(
            reason=self._ask("4. Почему восстанавливают? Причину увидят все рабочие места: "),
            first_person=self._ask("5. Кто решил (фамилия, имя, отчество): "),
            second_person=self._ask("6. Кто подтвердил, второй человек: "),
        )
        epochs.check_opening(opening)
        return opening

    def _key(self, chosen: Choice) -> tuple[str, str]:
        """Return the key, and the name of the school whose server it brings back."""
        secret = self._typed_key()
        assert chosen.catalogue is not None
        return secret, restore.keys_of(chosen.folder, secret, chosen.catalogue).school_name

    def _typed_key(self) -> str:
        self._say(KEY)
        typed = self._ask_unseen("7. Группа 1: ").strip()
        if key_sheet.read_typed(typed).secret:
            return key_sheet.read_typed(typed).secret
        if typed and Path(typed).expanduser().is_file():
            return backups.read_secret(Path(typed).expanduser())
        groups = [self._group(1, typed), *(self._group(number) for number in range(2, key_sheet.GROUPS + 1))]
        secret = key_sheet.read_line("".join(groups))
        if secret is None:
            raise NoKey("every group is right, and together they are no key")
        return secret

    def _group(self, number: int, typed: str | None = None) -> str:
        while True:
            text = typed if typed is not None else self._ask_unseen(f"   Группа {number}: ")
            signs, typed = key_sheet.read_group(text, number), None
            if signs is not None:
                return signs
            self._say(f"   В группе {number} опечатка: сверьте её с листом и наберите ещё раз.")

    def _place(self) -> tuple[Path, str | None]:
        data = _path(self._ask(f"8. Пустой каталог для данных нового сервера [{DATA}]: ").strip() or DATA)
        try:
            if data.exists() and any(data.iterdir()):
                raise StoreNotEmpty("the folder is not empty")
            _see_it_can_be_made(data)
        except OSError as error:
            raise FolderFailed.of(error) from None
        database = self._ask("9. Адрес пустой базы PostgreSQL (Enter — встроенное хранилище): ").strip() or None
        if database is not None:
            open_store(database, data, b"", "").engine.dispose()  # an address that does not open is told before the end
        return data, database


def _path(typed: str) -> Path:
    """Return the folder; a terminal puts quotes around one that was dropped on it."""
    return Path(typed.strip().strip("'\"")).expanduser().resolve()


def _see_it_can_be_made(data: Path) -> None:
    """See before the end that the folder may be made: ten groups of a key are not typed for nothing.

    Raises:
        OSError: what it would lie in is no folder, or is closed to us.
    """
    there = next(each for each in data.parents if each.exists())
    if not there.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "no folder", str(there))
    if not os.access(there, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, "closed", str(there))


def _told(choice: Choice) -> str:
    if choice.catalogue is None:
        assert choice.trouble is not None
        return f"{choice.folder.name} — {choice.trouble.code}: {messages.sentence(choice.trouble)}"
    size = choice.catalogue.proof.size
    return f"{which_copy.told_moment(choice.catalogue)}, записей в журнале изменений: {size}, файлы целы"


def _summary(chosen: Choice, school: str, data: Path, database: str | None, opening: Opening) -> str:
    catalogue: Catalogue | None = chosen.catalogue
    assert catalogue is not None
    store = "база PostgreSQL" if database else "встроенное хранилище"
    return (
        f"\nШкола: {school}\nКопия: от {which_copy.told_moment(catalogue)}, записей {catalogue.proof.size}\n"
        f"Куда: {data}, {store}\nПричина: {opening.reason}\n"
        f"Решили: {opening.first_person} и {opening.second_person}"
    )


def _ending(school: str, data: Path, proof: Proof) -> str:
    return (
        f"Школа восстановлена и проверена: {school}. Записей: {proof.size}, корень дерева: {proof.root}\n"
        "Дальше: отдайте каталог службе и включите её, рабочие места придут сами и принесут введённое после копии.\n"
        f"    chown -R ejournal: {data}\n    systemctl enable --now ejournal-server\n"
        f"Адрес сервера: https://{socket.gethostname()}:{PORT}. Если раньше был другой, дайте серверу прежний адрес."
    )
