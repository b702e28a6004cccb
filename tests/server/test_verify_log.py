"""`ejournal-server verify-log`: a whole log recomputed from the command line, on both stores and from a backup."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ejournal_core.verify import BrokenLog
from ejournal_server import backups, epochs, verifying
from ejournal_server.epochs import Opening, UnnamedDecision
from ejournal_server.folder import Office

OPENING = Opening(reason="учения", first_person="Директорова В. И.", second_person="Админов О. О.")


def verify_log(database: str | None, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    environment = dict(os.environ) | ({"EJOURNAL_DATABASE": database} if database else {})
    command = [sys.executable, "-m", "ejournal_server", "verify-log", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_log_that_holds_is_said_to_hold_and_a_broken_one_is_named_in_one_sentence(
    office: Office, database: str | None
) -> None:
    good = verify_log(database, "--data", str(office.folder))
    assert good.returncode == 0, good.stderr
    size = verifying.verify_store(office.authority).size
    assert f"записей {size}" in good.stdout
    with office.authority.store.write() as tx:
        tx.connection.exec_driver_sql("UPDATE change SET reason = 'EJ-201' WHERE number = 7")
    bad = verify_log(database, "--data", str(office.folder))
    assert bad.returncode == 1
    said = [line for line in bad.stderr.splitlines() if line.startswith("EJ-254")]
    assert said == [
        "EJ-254: Журнал изменений не сходится: запись № 7 (рабочее место server, № 7 на нём): исход записи изменён."
        " Ничего не изменено; сохраните хранилище и проверьте копии."
    ]


@pytest.mark.parametrize("database", ["sqlcipher"], indirect=True)
def test_a_backup_is_verified_from_its_drive(office: Office, tmp_path: Path) -> None:
    safe = backups.new_recovery_key(office)
    stands = verifying.verify_store(office.authority)  # the line that tells of the copy comes after it
    backups.back_up(office, [tmp_path / "usb"])
    key = tmp_path / "key.txt"
    key.write_text(safe.secret)
    good = verify_log(None, "--from", str(tmp_path / "usb"), "--identity", str(key))
    assert good.returncode == 0, good.stderr
    assert stands.root in good.stdout
    neither = verify_log(None)
    assert neither.returncode == 2


def test_an_epoch_is_a_line_of_the_log_and_later_ones_follow(office: Office) -> None:
    before = verifying.verify_store(office.authority)
    first = epochs.open_epoch(office.authority, OPENING)
    second = epochs.open_epoch(office.authority, OPENING)
    assert first.epoch == 20261120093000
    assert (second.epoch, second.size) == (first.epoch + 1, before.size + 2)
    verified = verifying.verify_store(office.authority)
    assert (verified.size, verified.root) == (second.size, second.root)


@pytest.mark.parametrize("database", ["sqlcipher"], indirect=True)
@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ("А. А. Один", "а. а.  один", "пожар"),
        ("Ёлкина А. А.", "елкина а.а", "пожар"),
        ("Один", "", "пожар"),
        ("Один", "Два", "  "),
    ],
)
def test_a_restore_is_not_decided_by_one_person_or_without_a_reason(
    office: Office, first: str, second: str, reason: str
) -> None:
    with pytest.raises(UnnamedDecision):
        epochs.open_epoch(office.authority, Opening(reason=reason, first_person=first, second_person=second))


@pytest.mark.parametrize("database", ["sqlcipher"], indirect=True)
@pytest.mark.parametrize(
    "alter",
    [
        "UPDATE school SET epoch = 3",
        "UPDATE change SET body = replace(body, 'Админов', 'Другой') WHERE body LIKE '%\"kind\":\"Epoch\"%'",
    ],
)
def test_an_altered_epoch_is_found(office: Office, alter: str) -> None:
    epochs.open_epoch(office.authority, OPENING)
    with office.authority.store.write() as tx:
        tx.connection.exec_driver_sql(alter)
    with pytest.raises(BrokenLog):
        verifying.verify_store(office.authority)
