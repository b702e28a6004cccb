"""The last part of the day: a backup on two drives, one of them damaged, and a school restored from the other."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import time
from pathlib import Path
from typing import Protocol

from ejournal_core.archive import Proof
from ejournal_core.rebuilding import ordered_content_hash
from ejournal_desktop import paths, vault
from ejournal_desktop.backup.check import check_drive
from ejournal_desktop.backup.drives import open_drives, register_drive
from ejournal_desktop.backup.fetch import fetch_generation
from ejournal_desktop.backup.identity import own_identity
from ejournal_desktop.backup.write import write_generation
from ejournal_desktop.sync import desks
from ejournal_server import backups, folder
from ejournal_server.folder import Office
from ejournal_server.store import log, whole
from tools.demo_place import Days, DemoServer
from tools.demo_school import PASSWORD, Story
from tools.folder_volumes import FolderVolumes

DRIVES = {"usb-siniy": "Синяя", "usb-krasnyy": "Красная"}


class Teller(Protocol):
    """What a part of the day tells to."""

    def head(self, text: str) -> None:
        """Begin a part."""

    def say(self, text: str) -> None:
        """Tell one thing."""


class _Quiet:
    """A report nobody reads."""

    def step(self, done: int, total: int, text: str = "") -> None:
        """Go on."""

    def check(self) -> None:
        """Go on."""


def play(day: Teller, story: Story, clock: Days, server: DemoServer, work: Path, out: Path) -> None:
    """Back the school up to two folders that stand for drives; damage one; restore from the other.

    Raises:
        RuntimeError: a damaged drive was not noticed, or the restored school is not the same.
    """
    day.head("Резервная копия")
    with contextlib.closing(folder.open_office(server.data, clock=clock)) as office:
        sheet = work / "list-vosstanovleniya.txt"
        sheet.write_text(backups.new_recovery_key(office).secret + "\n")
        school = office.authority.school
    day.say("Ключ восстановления сделан и лежит «в сейфе»; на компьютерах школы его нет.")
    folders = [out / name for name in DRIVES]
    for place, label in zip(folders, DRIVES.values(), strict=True):
        place.mkdir()
        register_drive(place, school, label, volumes=FolderVolumes(place))
    secret, server_key, proof = _write(day, story, clock, server, school, folders)
    _open_with_age(day, folders[1], sheet)
    _damage(day, folders, school, server_key, secret)
    server.stop()
    _restore(day, clock, server, folders[1], sheet, work / "restored", proof)


def _write(
    day: Teller, story: Story, clock: Days, server: DemoServer, school: str, folders: list[Path]
) -> tuple[str, str, Proof]:
    """Write the copy to both; return the administrator's key, the server's, and what the copy was shown to hold."""
    place = server.pair("")
    known = next(d for d in vault.list_desks(paths.desks_folder()) if d.person_id == story.administrator)
    with contextlib.closing(desks.open_again(known, PASSWORD, clock)) as desk:
        identity, began = own_identity(desk.journal), time.monotonic()
        with place.connect(desks.caller(desk.journal)) as calls:
            fetched, catalogue = fetch_generation(
                calls, paths.data_folder() / "backups", identity.recipient, place.server_key, _Quiet()
            )
    size = sum(file.size for file in catalogue.files)
    day.say(
        f"Сервер запечатал школу: {catalogue.proof.size} записей журнала изменений, {size / 1024:.0f} КиБ "
        f"за {time.monotonic() - began:.1f} с"
    )
    began = time.monotonic()
    drives = open_drives(folders, school, FolderVolumes(*folders))
    results = write_generation(fetched, drives, _Quiet(), identity.secret, place.server_key)
    for result in results:
        if not result.proved:
            raise RuntimeError(f"drive {result.drive.card.label}: {result.trouble}")
    day.say(
        f"Оба накопителя записаны, прочитаны заново и проверены восстановлением за {time.monotonic() - began:.1f} с"
    )
    return identity.secret, place.server_key, catalogue.proof


def _open_with_age(day: Teller, drive: Path, sheet: Path) -> None:
    base = next(drive.glob("*/base.age"))
    if shutil.which("age") is None:
        day.say("Программы age на этом компьютере нет: открыть ею копию не пробовали.")
        return
    done = subprocess.run(["age", "-d", "-i", str(sheet), str(base)], capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.decode())
    day.say("Та же копия открывается общедоступной программой age.")


def _damage(day: Teller, folders: list[Path], school: str, server_key: str, secret: str) -> None:
    base = next(folders[0].glob("*/base.age"))
    content = bytearray(base.read_bytes())
    content[len(content) // 2] ^= 1
    base.write_bytes(bytes(content))
    volumes = FolderVolumes(*folders)
    checked = (check_drive(place, school, server_key, _Quiet(), secret, volumes=volumes) for place in folders)
    states = [each.findings[0] for each in checked]
    if (states[0].state, states[1].state) != ("damaged", "proved"):
        raise RuntimeError(f"the damaged drive was not noticed: {states[0].state}, {states[1].state}")
    day.say(
        f"На накопителе «{DRIVES[folders[0].name]}» испорчен один байт: проверка называет накопитель и файл "
        f"{states[0].file}; накопитель «{DRIVES[folders[1].name]}» цел."
    )


def _restore(
    day: Teller, clock: Days, server: DemoServer, drive: Path, sheet: Path, target: Path, proof: Proof
) -> None:
    began = time.monotonic()
    backups.restore_school(drive, sheet.read_text(), target)
    spent = time.monotonic() - began
    with contextlib.closing(folder.open_office(target, clock=clock)) as again:
        size, root, content = _hashes(again)
    if (size, root, content) != (proof.size, proof.root, proof.content_sha256):
        raise RuntimeError("the restored school is not the one that was copied")
    with contextlib.closing(folder.open_office(server.data, clock=clock)) as lost:
        since = _hashes(lost)[0] - size
    day.say(
        f"Школа восстановлена в пустой каталог за {spent:.1f} с; корень журнала {root[:16]}… и хеш содержимого "
        f"{content[:16]}… те же, что подписаны в копии. После неё сервер записал ещё {since}: о самой копии."
    )


def _hashes(office: Office) -> tuple[int, str, str]:
    """Return size and root of the log, and the content hash."""
    with office.authority.store.read() as tx:
        head = log.read_head(tx)
        return head.number, head.frontier.root().hex(), ordered_content_hash(whole.content(tx))
