"""What the administrator's desk hears of the server's own copies and of a replaced recovery key, and does about it."""

from __future__ import annotations

import contextlib
import io
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pikepdf
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ejournal_core import key_sheet
from ejournal_core.age_file import BackupIdentity
from ejournal_core.kinds import RoleGrant
from ejournal_desktop import paths
from ejournal_desktop.backup.write import generations as names_on
from ejournal_desktop.models.commands.drives import keep_drive, put_away_drive, record_proof
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.drives import backup_state, backups_due
from ejournal_desktop.models.queries.due import due
from ejournal_desktop.sync.pairing import Workstation, keep_workstation
from ejournal_desktop.ui.screens.administration import AdministrationScreen
from ejournal_desktop.ui.screens.screen import Place
from ejournal_desktop.ui.widgets.backup_part import BackupPart
from ejournal_desktop.ui.widgets.due_row import what_waits
from ejournal_server import folder, generations
from ejournal_server.generations import Recipients
from tests.desktop.backup.drive_world import SAFE, Made, make_school, new_drive
from tests.desktop.models.pocket_server import PocketServer, meet
from tests.desktop.ui.test_backup_part import away
from tests.helpers.school import NOW, YEAR_START, Clock, SmallSchool, desk_of, small_school
from tests.helpers.windows import DEPUTY, shown_window
from tools.folder_volumes import FolderVolumes

TODAY = BackupIdentity.new()
FORMER, SHEET = key_sheet.fingerprint(SAFE.recipient), key_sheet.fingerprint(TODAY.recipient)
WHO = "p-class-teacher"


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> list[Made]:
    """Give a generation of the former key and one of today's."""
    root = tmp_path_factory.mktemp("school")
    (made, _) = make_school(root, marks=1)
    with contextlib.closing(folder.open_office(root / "data", None)) as office:
        renewed = generations.make_generation(
            office.authority, root / "made", Recipients(recovery=TODAY.recipient), office.ca_pem
        )
    return [made, Made(root / "made" / renewed.generation, renewed, made.signing)]


@pytest.fixture
def school(copies: list[Made]) -> SmallSchool:
    made = small_school(3, [RoleGrant(id="r-more", person_id=WHO, role="administrator", since=YEAR_START)])
    return msgspec.structs.replace(made, id=copies[0].school)


@pytest.fixture
def server(school: SmallSchool) -> PocketServer:
    return PocketServer(school)


@pytest.fixture
def journal(school: SmallSchool, tmp_path: Path) -> Iterator[Journal]:
    opened = desk_of(school, WHO, tmp_path / "desk")
    yield opened
    opened.close()


def tell(server: PocketServer, journal: Journal, event: str, detail: str) -> None:
    """Let the desk hear what the server told."""
    server.other("AuditEvent", f"e-{len(server.log)}", act="create", was={}, author="server", person_id="server",
                 event=event, detail=detail, desk_id="")  # fmt: skip
    meet(journal, server)


def move(journal: Journal, days: int) -> None:
    assert isinstance(journal.clock, Clock)
    journal.clock.now = NOW + timedelta(days=days)


def dues(journal: Journal) -> list[str]:
    return [each.what for each in backups_due(journal)]


def test_whoever_makes_the_copies_hears_when_the_server_makes_its_own_no_more(
    journal: Journal, server: PocketServer
) -> None:
    assert not backup_state(journal).daily.stopped
    assert backup_state(journal).daily.due_on is None, "nothing is known while there is no drive"
    tell(server, journal, "backup_made", "daily")
    tell(server, journal, "backup_made", "drives")
    move(journal, 3)
    assert (backup_state(journal).daily.stopped, "daily" in dues(journal)) == (False, False)
    move(journal, 4)
    assert backup_state(journal).daily.stopped
    (row,) = [each for each in due(journal) if each.what == "daily"]
    assert what_waits(row) == "ежедневная копия на сервере не делается"
    tell(server, journal, "backup_made", "drives")
    assert "daily" in dues(journal), "a copy for the drives is none of the day"


def test_copies_that_were_never_made_count_from_the_first_drive(journal: Journal) -> None:
    keep_drive(journal, "card", "Синяя")
    assert "daily" not in dues(journal)
    move(journal, 3)
    assert "daily" in dues(journal)


def test_where_the_rules_ask_for_no_copy_on_the_server_none_is_missed(journal: Journal, server: PocketServer) -> None:
    value = '{"local":"none","drives":"weekly","mandatory_at":[]}'
    server.other("PolicySetting", "P25", act="create", was={}, value=value)
    tell(server, journal, "backup_made", "daily")
    move(journal, 30)
    assert "daily" not in dues(journal)


def test_after_a_new_key_a_drive_is_not_good_until_its_copy_is_of_that_key_and_the_former_ones_are_gone(
    journal: Journal, server: PocketServer
) -> None:
    tell(server, journal, "recovery_key_made", FORMER)
    for card, label in (("card-1", "Синяя"), ("card-2", "Потерянная")):
        keep_drive(journal, card, label, holder="Громова В. П.", room=f"каб. {card[-1]}")
        record_proof(journal, card, "20260915-074200-00", held=2, free=0, sheet=FORMER)
    put_away_drive(journal, "card-2", "lost")
    assert [each.former_key for each in backup_state(journal).drives] == ["", ""]
    tell(server, journal, "recovery_key_made", SHEET)
    state = backup_state(journal)
    assert ([each.former_key for each in state.drives], "key" in state.lacks) == (["only", "only"], True)
    assert (state.sheet, state.former, state.level) == (SHEET, FORMER, "bad")
    assert "copy" in dues(journal)
    record_proof(journal, "card-1", "20260915-084200-00", held=3, free=0, sheet=SHEET)
    assert [each.former_key for each in backup_state(journal).drives] == ["also", "only"]
    keep_drive(journal, "card-3", "Новая")
    assert backup_state(journal).drives[0].former_key == "", "nothing was ever proved on a new one"


def test_the_administrator_destroys_the_former_copies_and_gets_the_act(
    qtbot: QtBot, journal: Journal, server: PocketServer, copies: list[Made], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv(paths.OVERRIDE, str(tmp_path / "pc"))
    made, renewed = copies
    keep_workstation(Workstation(
        id="w-1", school=made.school, school_name="Школа", address="https://127.0.0.1:9", ca_certificate="",
        server_key=made.server_key, seal_key="", private_key="00" * 32,
    ))  # fmt: skip
    drive = new_drive(tmp_path, made.school, "Синяя")
    for each in copies:
        shutil.copytree(each.folder, drive.folder / each.catalogue.generation)
    keep_drive(journal, drive.card.id, "Синяя")
    for sheet in (FORMER, SHEET):
        tell(server, journal, "recovery_key_made", sheet)
    record_proof(journal, drive.card.id, renewed.catalogue.generation, held=2, free=0, sheet=SHEET)
    printed: list[bytes] = []
    with shown_window(qtbot) as window:
        part = BackupPart(journal, window.jobs, away, journal.clock, volumes=FolderVolumes(drive.folder),
                          print_paper=printed.append)  # fmt: skip
        screen = AdministrationScreen(journal, [part])
        window.open_session(DEPUTY, [Place("administration", "Администрирование", screen)], 0)
        assert "Ключ восстановления сменён" in part.front.former.text()
        assert part.front.former.textFormat() == Qt.TextFormat.PlainText
        part.destroy_former()
        assert part.former.form.isVisible()
        part.former.form.fields["number"].setText("7")
        part.former.form.wanted.emit()
        qtbot.waitUntil(lambda: bool(printed), timeout=20_000)
        assert names_on(drive.folder) == [renewed.catalogue.generation]
        assert part.front.former.text() == ""
        assert backup_state(journal).drives[0].former_key == ""
        (act,) = backup_state(journal).acts
        assert (act.what, act.sheet, act.number) == ("destruction", FORMER, "7")
        assert backup_state(journal).drives[0].standing == "used"
        with pikepdf.open(io.BytesIO(printed[0])) as opened:
            data = b"".join(opened.attachments[name].get_file().read_bytes() for name in opened.attachments).decode()
        assert made.catalogue.generation in data
        part.destroy_former()
        assert "нет копий прежнего ключа" in part.message.text
