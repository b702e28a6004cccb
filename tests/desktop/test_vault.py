"""The vault: what opens a desk, what does not, and that nothing is lost on the way."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from ejournal_desktop import vault
from ejournal_desktop.vault import Desk, UnlockedDesk
from tests.helpers import secret_service

PASSWORD = "лист осенний 7"


def new_desk(folder: Path, name: str = "Иванова Мария Петровна", desk_id: str = "d-1") -> UnlockedDesk:
    return vault.create_desk(folder / "desks", desk_id=desk_id, person_id="p-1", person_name=name, school="school-1",
                             password=PASSWORD)  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return new_desk(tmp_path).desk


class StillClock:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.seconds = 1_000_000.0

    def __call__(self) -> float:
        return self.seconds


def test_the_right_password_gives_the_same_key_again(tmp_path: Path) -> None:
    made = new_desk(tmp_path)
    assert len(made.key) == 32
    assert vault.unlock(made.desk, PASSWORD).key == made.key


@pytest.mark.usefixtures("decided_cost")
def test_the_cost_of_a_password_is_the_one_that_was_decided(tmp_path: Path) -> None:
    made = new_desk(tmp_path)
    paid = vault._read_header(made.desk).argon2id
    assert (paid.t, paid.p, paid.m_kib) == (3, 2, 64 * 1024)
    assert vault.unlock(made.desk, PASSWORD).key == made.key


def test_the_same_password_in_another_unicode_form_opens_too(tmp_path: Path) -> None:
    made = vault.create_desk(tmp_path / "desks", desk_id="d", person_id="p", person_name="", school="s",
                             password="лёгкий й")  # fmt: skip
    assert vault.unlock(made.desk, "ле\u0308гкий и\u0306").key == made.key


def test_a_wrong_password_says_so_and_loses_nothing(desk: Desk) -> None:
    before = (desk.folder / "key.json").read_bytes()
    with pytest.raises(vault.WrongPassword) as caught:
        vault.unlock(desk, PASSWORD + "!")
    assert caught.value.code == "EJ-311"
    assert (desk.folder / "key.json").read_bytes() == before
    assert vault.unlock(desk, PASSWORD).key


def test_wrong_passwords_slow_down_and_the_right_one_after_the_wait_resets_the_count(desk: Desk) -> None:
    clock = StillClock()
    for _ in range(3):
        with pytest.raises(vault.WrongPassword):
            vault.unlock(desk, "не то", clock)
    with pytest.raises(vault.TooManyAttempts) as caught:
        vault.unlock(desk, PASSWORD, clock)
    assert caught.value.details["seconds"] == 1
    clock.seconds += 1.1
    vault.unlock(desk, PASSWORD, clock)
    with pytest.raises(vault.WrongPassword):  # counted from the beginning again: no waiting
        vault.unlock(desk, "не то", clock)


def test_a_clock_set_back_by_years_does_not_lock_the_person_out(desk: Desk) -> None:
    clock = StillClock()
    for _ in range(3):
        with pytest.raises(vault.WrongPassword):
            vault.unlock(desk, "не то", clock)
    clock.seconds -= 10 * 365 * 86400
    assert vault.unlock(desk, PASSWORD, clock).key


def test_a_desk_without_the_machines_half_is_named_so_even_with_the_right_password(tmp_path: Path, desk: Desk) -> None:
    shutil.rmtree(tmp_path / "secrets")
    with pytest.raises(vault.MachineSecretMissing) as caught:
        vault.unlock(desk, PASSWORD)
    assert caught.value.code == "EJ-312"


def test_a_copied_folder_opens_nowhere_else(tmp_path: Path, desk: Desk) -> None:
    stolen = tmp_path / "elsewhere" / "desks" / desk.id
    shutil.copytree(desk.folder, stolen)
    with pytest.raises(vault.MachineSecretMissing):
        vault.unlock(vault.list_desks(stolen.parent)[0], PASSWORD)


@pytest.mark.parametrize("damage", [b"", b"not json", b"{}"])
def test_a_destroyed_header_is_named_so(desk: Desk, damage: bytes) -> None:
    (desk.folder / "key.json").write_bytes(damage)
    with pytest.raises(vault.HeaderDamaged):
        vault.unlock(desk, PASSWORD)


def test_every_flipped_byte_of_the_header_is_found_and_never_taken_for_a_wrong_password(desk: Desk) -> None:
    header = desk.folder / "key.json"
    whole = header.read_bytes()
    for place in range(0, len(whole), 7):
        damaged = bytearray(whole)
        damaged[place] ^= 0x04
        header.write_bytes(bytes(damaged))
        with pytest.raises((vault.HeaderDamaged, vault.MachineSecretMissing)):
            vault.unlock(desk, PASSWORD)
    header.write_bytes(whole)
    assert vault.unlock(desk, PASSWORD).key


def test_a_forged_header_cannot_make_the_pc_run_out_of_memory(desk: Desk) -> None:
    header = vault._read_header(desk)
    greedy = msgspec.structs.replace(header.argon2id, m_kib=64 * 1024 * 1024)
    vault._write_header(desk, msgspec.structs.replace(header, argon2id=greedy))
    with pytest.raises(vault.HeaderDamaged):
        vault.unlock(desk, PASSWORD)


def test_a_new_password_opens_and_the_old_one_does_not_while_the_key_stays(tmp_path: Path) -> None:
    made = new_desk(tmp_path)
    vault.change_password(made.desk, PASSWORD, "новый пароль")
    assert vault.unlock(made.desk, "новый пароль").key == made.key
    with pytest.raises(vault.WrongPassword):
        vault.unlock(made.desk, PASSWORD)


def test_a_wrong_old_password_changes_nothing(desk: Desk) -> None:
    with pytest.raises(vault.WrongPassword):
        vault.change_password(desk, "не то", "новый пароль")
    assert vault.unlock(desk, PASSWORD).key


def test_locking_wipes_the_key_from_memory(tmp_path: Path) -> None:
    made = new_desk(tmp_path)
    key = made.key
    assert not made.is_locked
    vault.lock(made)
    assert key == bytes(32)
    assert made.is_locked


def test_password_machine_and_desk_each_change_the_wrapping_key(desk: Desk) -> None:
    header = vault._read_header(desk)
    keys = {
        vault._wrapping_key(header, PASSWORD, bytes(32)),
        vault._wrapping_key(header, PASSWORD, bytes([1]) * 32),
        vault._wrapping_key(header, PASSWORD + "!", bytes(32)),
        vault._wrapping_key(msgspec.structs.replace(header, desk="another"), PASSWORD, bytes(32)),
    }
    assert len(keys) == 4


def test_files_with_keys_are_readable_by_their_owner_alone(tmp_path: Path, desk: Desk) -> None:
    for path in (desk.folder / "key.json", tmp_path / "secrets" / desk.id):
        assert path.stat().st_mode & 0o077 == 0
    assert desk.folder.stat().st_mode & 0o077 == 0


def test_without_a_keyring_the_person_is_to_be_told_and_the_secret_lies_outside_the_desk(tmp_path: Path) -> None:
    made = new_desk(tmp_path)
    assert made.without_keyring
    assert not list(made.desk.folder.glob("*secret*"))


def test_desks_are_listed_by_name_and_a_damaged_one_last(tmp_path: Path) -> None:
    for number, name in enumerate(("Яковлева Нина", "Абрамов Пётр", "Испорченный"), 1):
        new_desk(tmp_path, name, f"d-{number}")
    (tmp_path / "desks" / "d-3" / "desk.json").write_text("{")
    listed = vault.list_desks(tmp_path / "desks")
    assert [desk.person_name for desk in listed] == ["Абрамов Пётр", "Яковлева Нина", ""]
    assert vault.list_desks(tmp_path / "nowhere") == []


def test_neither_password_nor_key_nor_secret_stands_in_the_desks_folder(tmp_path: Path) -> None:
    made = new_desk(tmp_path)
    secret = (tmp_path / "secrets" / made.desk.id).read_text()
    text = b"".join(path.read_bytes() for path in made.desk.folder.iterdir())
    for word in (PASSWORD.encode(), bytes(made.key), made.key.hex().encode(), secret.encode()):
        assert word not in text


KEYRING_STORY = """
import sys
from pathlib import Path
from ejournal_desktop import vault, guards
folder = Path(sys.argv[1])
made = vault.create_desk(folder / "desks", desk_id="d", person_id="p", person_name="", school="s", password="пароль")
assert not made.without_keyring, "the keyring was not used"
assert not (folder / "secrets").exists()
assert vault.unlock(made.desk, "пароль").key == made.key
backend = guards.usable_keyring()
backend.delete_password(vault.SERVICE, "desk:d")
try:
    vault.unlock(made.desk, "пароль")
except vault.MachineSecretMissing as missing:
    print(missing.code)
"""


@pytest.mark.keyring
def test_with_a_keyring_the_secret_lies_there_and_its_loss_is_named(
    tmp_path: Path, keyring_environment: dict[str, str]
) -> None:
    done = subprocess.run([sys.executable, "-c", KEYRING_STORY, str(tmp_path)], env=os.environ | keyring_environment,
                          capture_output=True, text=True, timeout=60, check=False)  # fmt: skip
    assert done.stdout.strip() == "EJ-312", done.stderr


LOCKED_STORY = """
import sys
from pathlib import Path
from ejournal_desktop import vault
folder = Path(sys.argv[1])
made = vault.create_desk(folder / "desks", desk_id="d", person_id="p", person_name="", school="s", password="пароль")
assert not made.without_keyring
import secretstorage
bus = secretstorage.dbus_init()
secretstorage.get_default_collection(bus).lock()
try:
    vault.unlock(made.desk, "пароль")
except vault.KeyringLocked as locked:
    print(locked.code)
"""


@pytest.mark.keyring
def test_a_closed_keyring_is_named_so(tmp_path: Path) -> None:
    with secret_service.unlocked_keyring() as environment:  # its own: it stays closed afterwards
        done = subprocess.run([sys.executable, "-c", LOCKED_STORY, str(tmp_path)], env=os.environ | environment,
                              capture_output=True, text=True, timeout=60, check=False)  # fmt: skip
    assert done.stdout.strip() == "EJ-313", done.stderr
