"""From the server's key and codes to paper, and back from the paper to the server: real commands in a real pipe."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ejournal_core import key_sheet
from ejournal_core.age_file import BackupIdentity
from ejournal_server import accounts, admin, folder, generations
from ejournal_server.folder import Office
from ejournal_server.store import people
from tests.helpers.paper_words import joined, placed_words
from tests.server import world

SERVER = f"{sys.executable} -m ejournal_server"
DESKTOP = f"{sys.executable} -m ejournal_desktop"
PATIENCE = 200  # seconds without a word before a test gives up


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = folder.found(tmp_path / "data", world.SCHOOL_NAME)
    world.settle(made)
    yield made
    made.close()


class Terminal:
    """A person at a terminal where a line of the shell runs; what the terminal shows is kept."""

    def __init__(self, line: str) -> None:
        self._ours, theirs = pty.openpty()
        self.started = subprocess.Popen(
            ["bash", "-o", "pipefail", "-c", line], stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        )
        os.close(theirs)
        self.shown = ""
        self._at = 0

    def wait_for(self, pattern: str) -> str:
        """Read until the terminal shows a text behind what was waited for before; return what its group holds."""
        while not (found := re.compile(pattern).search(self.shown, self._at)):
            assert self._read(), f"«{pattern}» never came: {self.shown}"
        self._at = found.end()
        return found.group(found.lastindex or 0)

    def read_until_it_shows(self, text: str) -> None:
        """Read until a text stands anywhere: two programs of a pipe write to one terminal in any order."""
        while text not in self.shown:
            assert self._read(), f"«{text}» never came: {self.shown}"

    def _read(self) -> bool:
        ready, _, _ = select.select([self._ours], [], [], PATIENCE)
        try:
            data = os.read(self._ours, 4096) if ready else b""
        except OSError:  # the last program at the terminal has ended
            data = b""
        self.shown += data.decode()
        return bool(data)

    def type(self, text: str) -> None:
        """Type a line."""
        os.write(self._ours, f"{text}\n".encode())

    def asked_group(self) -> int:
        """Wait for the next question and return the group that it asks for."""
        return int(self.wait_for(r"Группа (\d+): "))

    def end(self) -> int:
        """Read what is left and return the exit status."""
        while self._read():
            pass
        return self.started.wait(PATIENCE)

    def close(self) -> None:
        """Let nothing of it go on."""
        self.started.kill()
        self.started.wait()
        os.close(self._ours)


@contextlib.contextmanager
def terminal(line: str) -> Iterator[Terminal]:
    shown = Terminal(line)
    try:
        yield shown
    finally:
        shown.close()


def printed_groups(sheet: Path) -> list[str]:
    """Return the groups as they stand on the paper."""
    words = [word.text for word in placed_words(sheet.read_bytes())]
    found = [word for word in words if re.fullmatch("[A-Z0-9]{4,6}-[A-Z0-9]", word)]
    assert len(found) == key_sheet.GROUPS
    return found


def make(office: Office, sheet: Path, *more: str) -> str:
    keys = f"{SERVER} backup-keys --json {' '.join(more)} --data {office.folder}"
    return f"{keys} | {DESKTOP} paper sheet --out {sheet}"


def test_a_key_counts_when_two_groups_were_typed_from_the_printed_sheet(office: Office, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.pdf"
    with terminal(make(office, sheet, "--confirm")) as shown:
        shown.read_until_it_shows("Лист восстановления готов")
        groups = printed_groups(sheet)
        with pytest.raises(generations.NoRecipients):
            generations.read_recipients(office.folder)
        number = shown.asked_group()
        shown.type("QQQQQQ-Q")
        shown.wait_for("Так не может быть")
        assert shown.asked_group() == number
        shown.type(groups[number - 1].lower())
        shown.type(groups[shown.asked_group() - 1])
        assert shown.end() == 0, shown.shown
        assert "ключ действует" in shown.shown
        assert all(group not in shown.shown for group in groups), "what is typed is never shown"
    recipient = generations.read_recipients(office.folder).recovery
    assert key_sheet.check_sheet(groups, recipient).state == "kept"


def test_a_key_whose_sheet_nobody_can_read_seals_nothing(office: Office, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.pdf"
    with terminal(make(office, sheet, "--confirm")) as shown:
        for _ in range(3):
            shown.asked_group()
            shown.type("QQQQQQ-Q")
        assert shown.end() == 1
        assert "EJ-444: " in shown.shown
        assert "набраны" in shown.shown
    with pytest.raises(generations.NoRecipients):
        generations.read_recipients(office.folder)


@pytest.fixture
def kept(office: Office, tmp_path: Path) -> list[str]:
    """Give the groups of a sheet whose key counts."""
    sheet = tmp_path / "kept.pdf"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", make(office, sheet)], check=True, capture_output=True)
    assert b"AGE-SECRET" not in done.stdout + done.stderr
    return printed_groups(sheet)


@pytest.mark.parametrize(
    ("whose", "status", "said"), [("kept", 0, "Лист верен"), ("other", 3, "ключ на нём другой")]
)  # fmt: skip
def test_the_sheet_of_the_safe_is_told_from_another_one(
    office: Office, kept: list[str], whose: str, status: int, said: str
) -> None:
    typed = kept if whose == "kept" else key_sheet.groups(BackupIdentity.new().secret)
    with terminal(f"{SERVER} backup-keys --check --data {office.folder}") as shown:
        for number, group in enumerate(typed, 1):
            assert shown.asked_group() == number
            shown.type(group)
        assert shown.end() == status
        assert said in shown.shown
        assert key_sheet.fingerprint(generations.read_recipients(office.folder).recovery) in shown.shown
        assert all(group not in shown.shown for group in typed)


def test_a_scanner_gives_the_whole_sheet_at_the_first_question(office: Office, kept: list[str]) -> None:
    line = key_sheet.PREFIX + "".join(group.partition("-")[0] for group in kept)
    with terminal(f"{SERVER} backup-keys --check --data {office.folder}") as shown:
        assert shown.asked_group() == 1
        shown.type(line)
        assert shown.end() == 0, shown.shown
        assert "Лист верен" in shown.shown
        assert line not in shown.shown


def test_a_group_that_cannot_be_read_is_named(office: Office, kept: list[str]) -> None:
    with terminal(f"{SERVER} backup-keys --check --data {office.folder}") as shown:
        for number, group in enumerate(kept, 1):
            for _ in range(3 if number == 4 else 1):
                assert shown.asked_group() == number
                shown.type("QQQQQQ-Q" if number == 4 else group)
        assert shown.end() == 3
        assert "посмотрите группы 4" in shown.shown


def test_the_check_needs_somebody_at_a_terminal(office: Office, kept: list[str]) -> None:
    assert kept
    line = [*SERVER.split(), "backup-keys", "--check", "--data", str(office.folder)]
    done = subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "EJ-402: " in done.stderr


def test_the_slips_hold_the_codes_that_count_and_the_ledger_none(office: Office, tmp_path: Path) -> None:
    slips, ledger = tmp_path / "slips.pdf", tmp_path / "ledger.pdf"
    codes = f"{SERVER} people --codes --json --data {office.folder}"
    drawn = f"{DESKTOP} paper sheet --out {slips} --ledger {ledger}"
    subprocess.run(["bash", "-o", "pipefail", "-c", f"{codes} | {drawn}"], check=True, capture_output=True)
    printed = [word.text for word in placed_words(slips.read_bytes())]
    found = [word for word in printed if re.fullmatch("(?:[A-Z2-9]{4}-){2}[A-Z2-9]{4}", word)]
    with office.authority.store.read() as tx:
        standing = [people.account(tx, line.person) for line in admin.staff(office)]
    for code, account in zip(found, standing, strict=True):  # both in alphabetical order
        assert account is not None
        assert accounts.is_secret(accounts.normal_code(code), account.activation)
    text = joined(placed_words(ledger.read_bytes()))
    assert all(code not in text for code in found)
    assert "(10 рабочих дней)" in text
