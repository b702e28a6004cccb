"""Администрирование, «Резервные копии»: the register, its acts and papers, the recovery sheet, what a round makes of
drives that it cannot use.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from ejournal_core import key_sheet
from ejournal_core.age_file import BackupIdentity
from ejournal_core.kinds import Role, RoleGrant, School
from ejournal_desktop import paths
from ejournal_desktop.backup.drives import register_drive
from ejournal_desktop.models.commands.drives import keep_drive, put_away_drive, record_proof
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.drives import backup_state
from ejournal_desktop.models.queries.due import due
from ejournal_desktop.sync.server import ServerAway
from ejournal_desktop.ui.administration_parts import administration_parts
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.places import Places
from ejournal_desktop.ui.screens.administration import AdministrationScreen
from ejournal_desktop.ui.screens.screen import Place
from ejournal_desktop.ui.speaking import Answer
from ejournal_desktop.ui.widgets.backup_part import BackupPart
from ejournal_desktop.ui.widgets.drive_row import KINDS, line_words
from ejournal_desktop.ui.widgets.due_row import what_waits
from tests.helpers.school import NOW, YEAR_START, Clock, desk_of, small_school
from tests.helpers.typing import type_text
from tests.helpers.windows import DEPUTY, shown_window
from tools.folder_volumes import FolderVolumes

SAFE = BackupIdentity.new()
SHEET = key_sheet.fingerprint(SAFE.recipient)
CTRL = Qt.KeyboardModifier.ControlModifier
PATIENCE = 20_000


def away(_ask: Callable[..., Answer], /) -> Answer:
    raise ServerAway("no server in this test")


class Desk:
    """Somebody at the part, with what was printed."""

    def __init__(self, window: MainWindow, journal: Journal) -> None:
        self.window, self.journal = window, journal
        self.printed: list[bytes] = []
        self.part = BackupPart(
            journal, window.jobs, away, journal.clock, volumes=FolderVolumes(), print_paper=self.printed.append
        )
        self.screen = AdministrationScreen(journal, [self.part])
        window.open_session(DEPUTY, [Place("administration", "Администрирование", self.screen)], 0)

    @property
    def clock(self) -> Clock:
        """Return the clock that stands until a test moves it."""
        assert isinstance(self.journal.clock, Clock)
        return self.journal.clock

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key where the focus is."""
        QTest.keyClick(self.focus, key, modifier)

    @property
    def focus(self) -> QWidget:
        """Return where the focus is."""
        found = QApplication.focusWidget()
        assert found is not None
        return found


Sit = Callable[[Role], Desk]


@pytest.fixture
def sit(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sit]:
    """Give a way to sit down with a role for the whole school."""
    monkeypatch.setenv(paths.OVERRIDE, str(tmp_path / "pc"))
    opened: list[Journal] = []
    with shown_window(qtbot) as window:

        def down(role: Role) -> Desk:
            grants = [
                RoleGrant(id="r-more", person_id="p-class-teacher", role=role, since=YEAR_START),
                School(id="s", full_name="Школа № 12 г. Заречного", short_name="Школа № 12"),
            ]
            journal = desk_of(small_school(3, grants), "p-class-teacher", tmp_path / "desk")
            opened.append(journal)
            if role == "administrator":
                register(journal)
            return Desk(window, journal)

        yield down
    for journal in opened:
        journal.close()


def register(journal: Journal) -> None:
    """Have two drives in the register, proved today."""
    for number, (label, room) in enumerate((("Красная", "каб. 21"), ("Синяя", "каб. 5"))):
        keep_drive(journal, f"card-{number}", label, holder="Громова В. П.", room=room)
        record_proof(journal, f"card-{number}", "20260915-074200-00", held=2, free=4 * 1024**3, sheet=SHEET)


def text_of(pdf: bytes) -> str:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        attached = opened.attachments
        return "".join(attached[name].get_file().read_bytes().decode() for name in attached)


# --- how it stands -------------------------------------------------------------------------------------------------


def test_the_state_is_good_only_while_both_are_proved_in_time_and_lie_apart(sit: Sit) -> None:
    desk = sit("administrator")
    assert backup_state(desk.journal).level == "good"
    assert desk.part.front.says.text().startswith("Копии на двух носителях проверены восстановлением")
    desk.clock.now = NOW + timedelta(days=5)
    assert backup_state(desk.journal).level == "soon"
    desk.clock.now = NOW + timedelta(days=8)
    desk.part.refresh()
    assert backup_state(desk.journal).level == "bad"
    assert "устарела" in desk.part.front.says.text()
    assert "Срок был 22 сентября" in desk.part.front.next.text()
    desk.clock.now = NOW
    keep_drive(desk.journal, "card-0", "Красная", holder="Громова В. П.", room="КАБ. 5")
    assert (backup_state(desk.journal).level, backup_state(desk.journal).lacks) == ("soon", ("room",))
    keep_drive(desk.journal, "card-0", "Красная")
    assert backup_state(desk.journal).lacks == ("place",)


def test_the_state_of_this_computer_says_in_one_line_how_the_drives_stand_and_colours_it_alike(sit: Sit) -> None:
    """The same reckoning as behind the tab: proved and due, soon, in one room, too old, nothing at all."""
    desk = sit("administrator")

    def said() -> tuple[str, str]:
        told = backup_state(desk.journal)
        return line_words(told, desk.clock()), KINDS[told.level]

    assert said() == ("Копии на носителях: проверены сегодня; следующая — не позже: 22 сентября, вторник.", "done")
    desk.clock.now = NOW + timedelta(days=5)
    assert said() == (
        "Копии на носителях: проверены 5\u00a0дней назад; следующая — не позже: 22 сентября, вторник.", "hollow",
    )  # fmt: skip
    desk.clock.now = NOW + timedelta(days=8)
    assert said()[1] == "danger"
    assert "устарела; следующая — сегодня." in said()[0]
    desk.clock.now = NOW
    keep_drive(desk.journal, "card-0", "Красная", holder="Громова В. П.", room="КАБ. 5")
    assert said()[1] == "hollow"
    assert said()[0].endswith("вторник. Два носителя записаны в одном помещении: они пропали бы вместе.")
    for card in ("card-0", "card-1"):
        put_away_drive(desk.journal, card, "lost")
    assert said() == ("Копии на носителях: их ещё нет; первая — сегодня.", "danger")


def test_the_line_of_the_drives_stands_in_the_state_of_the_administrator_and_leads_to_them(sit: Sit) -> None:
    desk = sit("administrator")
    places = _places(desk)
    state = places.state
    assert state.drives.isVisible()
    assert state.drives.text == line_words(backup_state(desk.journal), desk.clock())
    desk.clock.now = NOW + timedelta(days=8)
    state.refresh()
    assert "устарела" in state.drives.text
    state.backups_button.click()
    assert desk.window.place == "administration"
    assert places.administration is not None
    assert places.administration.tabs.part.title == "Резервные копии"


def test_a_director_sees_the_register_and_no_line_of_the_drives_in_the_state(sit: Sit) -> None:
    """Whoever does not make the copies has nothing to do about them there."""
    state = _places(sit("director")).state
    assert not state.drives.isVisible()
    assert not state.backups_button.isVisible()
    assert "state.backups" not in {action.id for action in state.actions()}


def _no_signature(_pdf: bytes, _reason: str, _place: str) -> bytes:
    raise AssertionError("nothing is signed here")


def _places(desk: Desk) -> Places:
    places = Places(desk.journal, desk.window, _no_signature, away, desk.clock)
    desk.window.open_session(DEPUTY, places.listed(), 0)
    desk.window.go("state")
    return places


def test_a_copy_and_the_sheet_are_among_what_is_due(sit: Sit) -> None:
    desk = sit("administrator")
    assert [row.what for row in due(desk.journal) if row.what in ("copy", "sheet")] == ["sheet"]
    desk.clock.now = NOW + timedelta(days=5)
    (row,) = (row for row in due(desk.journal) if row.what == "copy")
    assert (what_waits(row), row.page.title) == ("сделать копии на носители", "Резервные копии")
    assert row.due_at is not None
    assert row.due_at.date() == (NOW + timedelta(days=8)).date()


def test_a_teacher_has_no_such_part_and_the_director_only_looks(sit: Sit) -> None:
    desk = sit("director")
    titles = [part.title for part in administration_parts(desk.journal, desk.window.jobs, away, desk.clock)]
    assert "Резервные копии" in titles
    assert desk.part.actions() == []
    assert not desk.part.front.start.isVisible()
    assert [row.what for row in due(desk.journal) if row.what == "copy"] == []


def test_the_secretary_has_no_such_part(sit: Sit) -> None:
    desk = sit("secretary")
    titles = [part.title for part in administration_parts(desk.journal, desk.window.jobs, away, desk.clock)]
    assert "Резервные копии" not in titles


# --- the register and its papers -----------------------------------------------------------------------------------


def test_a_drive_is_handed_over_by_the_keyboard_and_its_act_printed(sit: Sit, qtbot: QtBot) -> None:
    desk = sit("administrator")
    desk.press(Qt.Key.Key_Down)
    desk.press(Qt.Key.Key_K, CTRL)
    field = desk.focus
    assert field is desk.part.custody.fields["takes"]
    desk.part.custody.fields["takes"].clear()
    type_text(field, "завуч, Орлова Ольга Игоревна")
    desk.part.custody.fields["room"].setText("каб. 30")
    desk.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(desk.printed) == 1, timeout=PATIENCE)
    row = next(row for row in backup_state(desk.journal).drives if row.label == "Синяя")
    assert (row.holder, row.room) == ("завуч, Орлова Ольга Игоревна", "каб. 30")
    told = text_of(desk.printed[0])
    assert all(word in told for word in ("Синяя", "Орлова Ольга Игоревна", "каб. 30", "Школа № 12 г. Заречного"))
    (act,) = backup_state(desk.journal).acts
    assert (act.what, act.label, act.takes) == ("custody", "Синяя", "завуч, Орлова Ольга Игоревна")


def test_a_hand_over_to_nobody_is_not_written(sit: Sit) -> None:
    desk = sit("administrator")
    desk.press(Qt.Key.Key_K, CTRL)
    desk.part.custody.fields["takes"].clear()
    desk.press(Qt.Key.Key_Return)
    assert "кто принимает" in desk.part.custody.note.text
    assert backup_state(desk.journal).acts == ()
    desk.press(Qt.Key.Key_Escape)
    assert not desk.part.custody.isVisible()
    assert desk.focus is desk.part.drives


@pytest.mark.parametrize(("standing", "papers"), [("lost", 0), ("broken", 0), ("destroyed", 1)])
def test_a_drive_that_is_used_no_more_is_missed_and_a_destroyed_one_has_its_act(
    sit: Sit, qtbot: QtBot, standing: str, papers: int
) -> None:
    desk = sit("administrator")
    desk.press(Qt.Key.Key_U, CTRL)
    form = desk.part.put_away
    form.outcome.setCurrentIndex(form.outcome.findData(standing))
    form.fields["reason"].setText("не читается")
    form.fields["reason"].setFocus()
    desk.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not desk.window.jobs.busy(), timeout=PATIENCE)
    state = backup_state(desk.journal)
    assert (state.level, state.lacks, [row.label for row in state.used]) == ("bad", ("drives",), ["Синяя"])
    assert len(desk.printed) == len(state.acts) == papers
    assert all("Красная" in text_of(pdf) for pdf in desk.printed)


def test_enter_in_the_list_of_what_became_of_a_drive_writes_it(sit: Sit) -> None:
    desk = sit("administrator")
    desk.press(Qt.Key.Key_U, CTRL)
    assert desk.part.put_away.outcome.hasFocus()
    desk.press(Qt.Key.Key_Return)
    assert [row.standing for row in backup_state(desk.journal).drives].count("lost") == 1


def test_an_empty_label_is_refused_in_the_form_and_what_was_typed_stays(sit: Sit) -> None:
    desk = sit("administrator")
    desk.press(Qt.Key.Key_F2)
    desk.part.drive_form.fields["label"].clear()
    desk.part.drive_form.fields["room"].setText("каб. 1")
    desk.press(Qt.Key.Key_Return)
    assert "как подписан носитель" in desk.part.drive_form.note.text
    assert desk.part.drive_form.fields["room"].text() == "каб. 1"
    assert [row.room for row in backup_state(desk.journal).drives] == ["каб. 21", "каб. 5"]


# --- the sheet -----------------------------------------------------------------------------------------------------


def answer(desk: Desk, fingerprint: str, secret: str) -> None:
    """Answer what the check of the sheet asks from a sheet."""
    desk.press(Qt.Key.Key_E, CTRL)
    form = desk.part.sheet_form
    form.fields["fingerprint"].setText(fingerprint)
    for number, field in zip(form.asked, ("first", "second"), strict=True):
        form.fields[field].setText(key_sheet.groups(secret)[number - 1].lower())
    form.fields["second"].setFocus()
    desk.press(Qt.Key.Key_Return)


def test_the_right_sheet_is_recorded_and_due_no_more_for_a_year(sit: Sit) -> None:
    desk = sit("administrator")
    assert "не проверялся ни разу" in desk.part.front.sheet.text()
    answer(desk, SHEET.lower().replace(" ", ""), SAFE.secret)
    state = backup_state(desk.journal)
    assert (state.sheet_seen_on, state.sheet_late) == (NOW.date(), False)
    assert "проверен 15.09.2026" in desk.part.front.sheet.text()
    desk.clock.now = NOW + timedelta(days=366)
    assert backup_state(desk.journal).sheet_late


def test_another_sheet_or_one_that_cannot_be_read_is_told_and_nothing_is_recorded(sit: Sit) -> None:
    desk = sit("administrator")
    answer(desk, key_sheet.fingerprint(BackupIdentity.new().recipient), SAFE.secret)
    assert "лист другого ключа" in desk.part.sheet_form.note.text
    desk.part.sheet_form.fields["fingerprint"].setText(SHEET)
    desk.part.sheet_form.fields["first"].setText("QQQQQQ-Q")
    desk.press(Qt.Key.Key_Return)
    assert "так не читается" in desk.part.sheet_form.note.text
    assert backup_state(desk.journal).sheet_seen_on is None


# --- drives that a round cannot use --------------------------------------------------------------------------------


def test_a_drive_of_another_school_is_named_and_its_card_left_alone(sit: Sit, qtbot: QtBot, tmp_path: Path) -> None:
    desk, stick = sit("administrator"), tmp_path / "stick"
    stick.mkdir()
    register_drive(stick, "another-school", "Чужая", volumes=FolderVolumes(stick))
    before = (stick / "ejournal-drive.json").read_bytes()
    desk.part.wizard.volumes = FolderVolumes(stick)
    desk.press(Qt.Key.Key_N, CTRL)
    qtbot.waitUntil(lambda: "принадлежит другой школе" in desk.part.wizard.message.text, timeout=PATIENCE)
    desk.press(Qt.Key.Key_Return)
    assert desk.part.wizard.isVisible(), "Enter does nothing while there is nothing to do"
    assert (stick / "ejournal-drive.json").read_bytes() == before
    desk.part.wizard.volumes = FolderVolumes()
    qtbot.waitUntil(lambda: not desk.part.wizard.message.text, timeout=PATIENCE)


def test_a_drive_that_was_written_off_is_asked_about_before_it_is_written(
    sit: Sit, qtbot: QtBot, tmp_path: Path
) -> None:
    desk, stick = sit("administrator"), tmp_path / "stick"
    stick.mkdir()
    card = register_drive(stick, desk.journal.identity.school, "Зелёная", volumes=FolderVolumes(stick)).card.id
    desk.part.wizard.volumes = FolderVolumes(stick)
    desk.press(Qt.Key.Key_N, CTRL)
    qtbot.waitUntil(lambda: desk.part.wizard.page == "unknown", timeout=PATIENCE)
    assert desk.part.wizard.fields["label"].text() == "Зелёная"
    desk.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: desk.part.wizard.page == "ready", timeout=PATIENCE)
    assert card in {row.id for row in backup_state(desk.journal).used}, "the drive keeps its card"


def test_without_a_server_the_round_says_so_and_the_drive_stays_empty(sit: Sit, qtbot: QtBot, tmp_path: Path) -> None:
    desk, stick = sit("administrator"), tmp_path / "stick"
    stick.mkdir()
    desk.part.wizard.volumes = FolderVolumes(stick)
    desk.press(Qt.Key.Key_N, CTRL)
    qtbot.waitUntil(lambda: desk.part.wizard.page == "unknown", timeout=PATIENCE)
    desk.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: desk.part.wizard.page == "ready", timeout=PATIENCE)
    desk.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(desk.part.wizard.message.text), timeout=PATIENCE)
    assert [each.name for each in stick.iterdir()] == ["ejournal-drive.json"]
