"""What is shown once, a code or a recovery key, counts only when it has left the program."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from ejournal_core.age_file import BackupIdentity
from ejournal_server import __main__ as command
from ejournal_server import accounts, admin, backups, folder, generations, messages, revocation
from ejournal_server.accounts import NotHandedOver
from ejournal_server.folder import Office
from ejournal_server.store import people
from tests.helpers.slips import activation_codes
from tests.server import world

FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")


def run(*arguments: str, shell: str = "exec {}", encoding: str = "utf-8") -> subprocess.CompletedProcess[bytes]:
    """Run a command through a shell line, which may do harm to its output."""
    line = shell.format(" ".join([sys.executable, "-m", "ejournal_server", *arguments]))
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    return subprocess.run(["bash", "-c", line], capture_output=True, check=False, env=environment)


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Office]:
    office = folder.found(tmp_path / "data", world.SCHOOL_NAME)
    world.settle(office)
    yield office
    office.close()


@pytest.fixture
def ctrl_c_is_heard() -> Iterator[None]:
    """A shell lets what it starts in the background ignore Ctrl+C, and so would every process started from there."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def states(office: Office) -> set[str]:
    return {line.state for line in admin.staff(office)}


@pytest.mark.parametrize(
    ("harm", "why"),
    [pytest.param("{} >/dev/full", "нет места", marks=FULL), ("{} >&-", "он закрыт")],
)
def test_codes_that_nobody_took_do_not_count(embedded: Office, harm: str, why: str) -> None:
    done = run("people", "--codes", "--data", str(embedded.folder), shell=harm)
    assert done.returncode == 1
    told = done.stderr.decode()
    assert "EJ-444: " in told
    assert why in told
    assert states(embedded) == {"none"}


def test_codes_for_a_program_that_has_ended_do_not_count(embedded: Office) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    line = [sys.executable, "-m", "ejournal_server", "people", "--codes", "--data", str(embedded.folder)]
    done = subprocess.run(line, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert done.returncode == 1
    assert "EJ-444: " in done.stderr.decode()
    assert states(embedded) == {"none"}


@FULL
def test_a_recovery_key_that_nobody_took_seals_nothing(embedded: Office) -> None:
    done = run("backup-keys", "--data", str(embedded.folder), shell="{} >/dev/full")
    assert done.returncode == 1
    assert "EJ-444: " in done.stderr.decode()
    with pytest.raises(generations.NoRecipients):
        generations.read_recipients(embedded.folder)


def test_a_recovery_key_counts_when_it_was_handed_over(embedded: Office) -> None:
    shown: list[BackupIdentity] = []
    made = backups.new_recovery_key(embedded, hand_over=shown.append)
    assert shown == [made]
    assert generations.read_recipients(embedded.folder).recovery == made.recipient


def test_lost_slips_are_printed_again_and_the_old_ones_are_dead(embedded: Office) -> None:
    (_, first), *_ = activation_codes(embedded)
    assert admin.make_codes(embedded) == []
    again = admin.make_codes(embedded, again=True)
    assert len(again) == len(admin.staff(embedded))
    accounts.issue_activations(embedded.authority, [made for _, made in again])
    person = again[0][0].person
    with embedded.authority.store.read() as tx:
        standing = people.account(tx, person)
    assert standing is not None
    assert not accounts.is_secret(accounts.normal_code(first), standing.activation)
    assert accounts.is_secret(accounts.normal_code(again[0][1].code), standing.activation)


def test_who_has_a_password_gets_no_slip_again(embedded: Office) -> None:
    activation_codes(embedded)
    with embedded.authority.store.write() as tx:
        standing = people.account(tx, world.TEACHER)
        assert standing is not None
        people.put_account(tx, msgspec.structs.replace(standing, password="x"))
    named = {line.person for line, _ in admin.make_codes(embedded, again=True)}
    assert world.TEACHER not in named
    assert world.DEPUTY in named


def test_an_account_that_changed_while_its_code_was_printed_takes_none_of_them(embedded: Office) -> None:
    made = [code for _, code in admin.make_codes(embedded)]
    revocation.leave(embedded.authority, world.TEACHER, embedded.authority.today(), "уволилась")
    with pytest.raises(NotHandedOver):
        accounts.issue_activations(embedded.authority, made)
    assert states(embedded) == {"none", "closed"}


@pytest.mark.parametrize("encoding", ["cp866", "koi8-r", "cp1251", "ascii"])
def test_a_terminal_with_few_letters_gets_its_sentence(tmp_path: Path, encoding: str) -> None:
    office = folder.found(tmp_path / "data", "Школа — №1 «Ёлка»…")
    office.close()
    done = run("status", "--data", str(tmp_path / "data"), encoding=encoding)
    assert done.returncode == 3
    told = done.stdout.decode(encoding)
    assert "EJ-900" not in done.stderr.decode(encoding)
    assert encoding == "ascii" or "Копия для дисков:   ни разу" in told
    done = run("status", "--data", str(tmp_path / "nothing"), encoding=encoding)
    assert done.stderr.decode(encoding).startswith("EJ-378: ")


#: A printer beside which somebody presses Ctrl+C after the first sign.
INTERRUPTING = """
import io, signal, sys
from ejournal_server.__main__ import main
class Printer(io.TextIOWrapper):
    def write(self, text):
        signal.raise_signal(signal.SIGINT)
sys.stdout = Printer(io.BytesIO(), encoding="utf-8")
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.usefixtures("ctrl_c_is_heard")
def test_ctrl_c_while_codes_are_printed_leaves_none_of_them(embedded: Office) -> None:
    line = [sys.executable, "-c", INTERRUPTING, "people", "--codes", "--data", str(embedded.folder)]
    done = subprocess.run(line, stderr=subprocess.PIPE, check=False)
    assert done.returncode == command.INTERRUPTED
    assert "EJ-438: " in done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert states(embedded) == {"none"}


@pytest.mark.usefixtures("ctrl_c_is_heard")
def test_ctrl_c_at_the_question_for_a_password_is_answered_by_a_sentence(embedded: Office) -> None:
    ours, theirs = pty.openpty()
    line = [sys.executable, "-m", "ejournal_server", "return", "--data", str(embedded.folder), world.TEACHER]
    started = subprocess.Popen(
        [*line, "--second", world.DEPUTY], stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    told = b""
    try:
        while "второго лица".encode() not in told:
            told += os.read(ours, 1000)
        started.send_signal(signal.SIGINT)
        while b"EJ-438: " not in told:
            told += os.read(ours, 1000)
        assert started.wait(30) == command.INTERRUPTED
    finally:
        started.kill()
        started.wait()
        os.close(ours)
    assert b"Traceback" not in told


#: Waits for as long as it takes until another process has done writing; says so whenever it looks.
WAITING = """
import sys
from ejournal_server.__main__ import main
from ejournal_server.store import database
database.BUSY_SECONDS = 3600
look = database._tried_to_begin
def tried(driver):
    print("waits", file=sys.stderr, flush=True)
    return look(driver)
database._tried_to_begin = tried
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.usefixtures("ctrl_c_is_heard")
def test_ctrl_c_is_heard_while_somebody_else_writes(embedded: Office) -> None:
    line = [sys.executable, "-c", WAITING, "people", "--codes", "--data", str(embedded.folder)]
    with embedded.authority.store.write(), subprocess.Popen(line, stdout=subprocess.DEVNULL,
                                                            stderr=subprocess.PIPE) as started:  # fmt: skip
        try:
            assert started.stderr is not None
            assert b"waits\n" in iter(started.stderr.readline, b"")
            started.send_signal(signal.SIGINT)
            assert started.wait(60) == command.INTERRUPTED
            told = started.stderr.read().decode()
        finally:
            started.kill()
    assert "EJ-438: " in told
    assert states(embedded) == {"none"}


def test_every_code_said_by_the_commands_has_a_sentence() -> None:
    assert {"EJ-438", "EJ-444"} <= messages.SENTENCES.keys()
