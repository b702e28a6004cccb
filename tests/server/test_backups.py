"""Backups as the administrator meets them at the server: the program's own commands, and the two calls of a desk."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from ejournal_core import archive, rebuilding, wire
from ejournal_core.age_file import BackupIdentity, NoKey, NoMatchingKey
from ejournal_core.archive import Catalogue, DamagedArchive, ForeignArchive, Proof
from ejournal_core.errors import Trouble
from ejournal_server import accounts, admin, backups, folder, generations, intake, messages, restore, which_copy
from ejournal_server.backups import FolderFailed, RecoveryKeyExists
from ejournal_server.folder import Office
from ejournal_server.restore import StoreNotEmpty
from ejournal_server.store import people, whole
from tests.server import world
from tests.server.world import PUPILS, Caller, RunningServer

ADMINISTRATOR = BackupIdentity.new()


@pytest.fixture
def safe(office: Office) -> BackupIdentity:
    """Give the recovery key of a school in which somebody has worked."""
    hand = world.new_hand(office, world.TEACHER)
    intake.accept(office.authority, hand.batch(hand.lesson(), hand.column(), hand.mark(PUPILS[0], "5")))
    return backups.new_recovery_key(office, ADMINISTRATOR.recipient)


def test_the_recovery_key_is_made_once_and_its_secret_is_kept_nowhere(office: Office, safe: BackupIdentity) -> None:
    kept = b"".join(each.read_bytes() for each in office.folder.rglob("*") if each.is_file())
    assert safe.recipient.encode() in kept
    assert safe.secret.encode() not in kept
    with pytest.raises(RecoveryKeyExists):
        backups.new_recovery_key(office)
    assert backups.new_recovery_key(office, replace=True).recipient != safe.recipient
    with pytest.raises(NoKey):
        backups.new_recovery_key(office, "age1nobody", replace=True)


def test_after_a_lost_sheet_new_copies_open_with_the_new_key_alone_and_old_ones_with_the_old(
    office: Office, safe: BackupIdentity, tmp_path: Path
) -> None:
    """The sheet is lost, or the administrator has left with the identity: whoever has either opens nothing new."""
    old, new = [tmp_path / "old"], [tmp_path / "one", tmp_path / "two"]
    backups.back_up(office, old)
    successor = BackupIdentity.new()
    fresh = backups.new_recovery_key(office, successor.recipient, replace=True)
    made = backups.back_up(office, new)
    for drive in new:
        for secret in (fresh.secret, successor.secret):
            assert backups.verify(drive, secret) == (made, made.proof)
        for secret in (safe.secret, ADMINISTRATOR.secret):
            with pytest.raises(NoMatchingKey):
                backups.verify(drive, secret)
    assert backups.verify(old[0], safe.secret)[1] is not None
    with pytest.raises(NoMatchingKey):
        backups.verify(old[0], fresh.secret)


def test_a_backup_lies_in_both_folders_and_each_is_proved(office: Office, safe: BackupIdentity, tmp_path: Path) -> None:
    drives = [tmp_path / "one", tmp_path / "two"]
    made = backups.back_up(office, drives, ADMINISTRATOR.secret)
    for drive in drives:
        assert [each.name for each in drive.iterdir()] == [made.generation]
        assert backups.verify(drive, safe.secret) == (made, made.proof)
        assert backups.verify(drive) == (made, None)


def test_a_school_restored_from_either_folder_is_the_same_school(
    office: Office, safe: BackupIdentity, tmp_path: Path, database: str | None, request: pytest.FixtureRequest
) -> None:
    made = backups.back_up(office, [tmp_path / "one", tmp_path / "two"])
    damaged = tmp_path / "one" / made.generation / "base.age"
    damaged.write_bytes(damaged.read_bytes()[:-1])
    new = tmp_path / "new"
    with pytest.raises(DamagedArchive, match=r"base\.age"):
        backups.restore_school(tmp_path / "one", safe.secret, new)
    assert not new.exists()
    assert backups.restore_school(tmp_path / "two", safe.secret, new) == made.proof  # a PostgreSQL school moves, too
    with contextlib.closing(folder.open_office(new)) as restored:
        assert (restored.authority.school, restored.school_name) == (office.authority.school, office.school_name)
        assert restored.ca_pem == office.ca_pem
        assert restored.authority.keys.signing == office.authority.keys.signing
        assert restored.master.key != office.master.key
        assert generations.read_recipients(new) == generations.read_recipients(office.folder)
        with restored.authority.store.read() as tx, office.authority.store.read() as before:
            assert people.accounts(tx) == people.accounts(before)
            assert rebuilding.ordered_content_hash(whole.content(tx)) == made.proof.content_sha256
    assert sorted(each.name for each in tmp_path.iterdir()) == ["data", "new", "one", "two"]


def test_the_administrator_s_key_and_a_stranger_s_restore_nothing(
    office: Office, safe: BackupIdentity, tmp_path: Path
) -> None:
    backups.back_up(office, [tmp_path / "one"])
    for secret in (ADMINISTRATOR.secret, BackupIdentity.new().secret):
        with pytest.raises(NoMatchingKey):
            backups.restore_school(tmp_path / "one", secret, tmp_path / "new")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["data", "one"]


def test_a_folder_with_anything_in_it_is_not_restored_over(
    office: Office, safe: BackupIdentity, tmp_path: Path
) -> None:
    backups.back_up(office, [tmp_path / "one"])
    before = sorted(each.read_bytes() for each in office.folder.glob("*.pem"))
    with pytest.raises(StoreNotEmpty):
        backups.restore_school(tmp_path / "one", safe.secret, office.folder)
    assert sorted(each.read_bytes() for each in office.folder.glob("*.pem")) == before
    (tmp_path / "new").mkdir()
    assert backups.restore_school(tmp_path / "one", safe.secret, tmp_path / "new").school == office.authority.school


def test_what_a_killed_restore_left_is_no_hindrance(office: Office, safe: BackupIdentity, tmp_path: Path) -> None:
    made = backups.back_up(office, [tmp_path / "one"])
    left = tmp_path / ".new.restoring"
    left.mkdir()
    (left / "store.db").write_bytes(b"half")
    assert backups.restore_school(tmp_path / "one", safe.secret, tmp_path / "new") == made.proof
    assert not left.exists()


@pytest.mark.parametrize("name", ["base.age", "keys.age", "catalogue.json", "all of an older copy"])
def test_the_second_copy_is_read_back_whole_though_only_the_first_is_rebuilt(
    office: Office, safe: BackupIdentity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """What has the bytes of a proved copy is proved with it, and what has not is named."""
    one, two, flushed, proving = tmp_path / "one", tmp_path / "two", generations.flush_folder, restore.prove_generation
    proved: list[Path] = []

    def failing(folder: Path) -> None:
        flushed(folder)
        if folder == two and name.startswith("all"):
            old, new = sorted(two.glob("2*"))
            shutil.copytree(old, new, dirs_exist_ok=True)
        elif folder == two:
            file = max(two.glob("2*")) / name
            file.write_bytes(file.read_bytes()[:-9] + b"forgotten")

    def watched(folder: Path, secret: str, catalogue: Catalogue) -> Proof:
        proved.append(folder.parent)
        return proving(folder, secret, catalogue)

    monkeypatch.setattr(restore, "prove_generation", watched)
    backups.back_up(office, [one, two], ADMINISTRATOR.secret)
    assert proved == [one]
    monkeypatch.setattr(generations, "flush_folder", failing)
    with pytest.raises(DamagedArchive) as damaged:
        backups.back_up(office, [one, two], ADMINISTRATOR.secret)
    assert damaged.value.details.get("file", name) == ("catalogue.json" if name.startswith("all") else name)
    assert backups.verify(one, safe.secret)[1] is not None


def test_a_folder_that_cannot_be_written_is_named_and_the_copy_before_is_good(
    office: Office, safe: BackupIdentity, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderFailed) as failed:
        backups.back_up(office, [tmp_path / "one", tmp_path / "file"])
    assert str(failed.value.details["place"]).startswith(str(tmp_path / "file"))
    assert backups.verify(tmp_path / "one", safe.secret)[1] is not None
    with pytest.raises(FolderFailed) as missing:
        backups.read_secret(tmp_path / "nothing")
    assert missing.value.details["place"] == str(tmp_path / "nothing")


def test_a_folder_without_a_backup_says_so(tmp_path: Path) -> None:
    with pytest.raises(which_copy.NoBackupHere):
        backups.verify(tmp_path)
    said = run("verify", str(tmp_path))
    assert (said.returncode, said.stderr.startswith(f"EJ-332: В каталоге {tmp_path} нет")) == (1, True), said.stderr
    assert "не потеряно" in said.stderr


@pytest.mark.usefixtures("safe")
def test_no_backup_is_written_between_those_of_another_school(office: Office, tmp_path: Path) -> None:
    mixed, carded = tmp_path / "mixed", tmp_path / "carded"
    with contextlib.closing(folder.found(tmp_path / "other", "Другая школа")) as other:
        backups.new_recovery_key(other)
        backups.back_up(other, [mixed])
        theirs = generations.generations(mixed)
        carded.mkdir()
        card = {"v": 1, "id": "d", "school": other.authority.school, "label": "Зелёная"}
        (carded / "ejournal-drive.json").write_bytes(msgspec.json.encode(card))
    for foreign, named in ((mixed, theirs[0]), (carded, "«Зелёная»")):
        with pytest.raises(ForeignArchive) as refused:
            backups.back_up(office, [tmp_path / "one", foreign])
        assert named in messages.sentence(refused.value)
        assert not (tmp_path / "one").exists()
    assert generations.generations(mixed) == theirs
    assert generations.generations(generations.own_folder(office.folder)) == []


@pytest.mark.usefixtures("safe")
def test_a_key_that_would_not_open_the_copy_is_refused_before_anything_is_made(office: Office, tmp_path: Path) -> None:
    with pytest.raises(NoMatchingKey):
        backups.back_up(office, [tmp_path / "one"], BackupIdentity.new().secret)
    assert not (tmp_path / "one").exists()
    assert generations.generations(generations.own_folder(office.folder)) == []


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (StoreNotEmpty("the folder is not empty"), "здесь что-то есть. Ничего"),
        (DamagedArchive("base.age is cut", file="base.age"), "повреждена: файл base.age."),
        (DamagedArchive("a number of the log is missing", number=7), "повреждена: запись журнала № 7."),
        (DamagedArchive("the archive is cut"), "повреждена. Ничего"),
        (accounts.NoSuch("no such person"), "Такого сотрудника"),
        (admin.BadRecords("Expected `str`", line=3), "Строка 3 файла"),
    ],
)
def test_the_server_speaks_russian_to_its_administrator(trouble: Trouble, said: str) -> None:
    sentence = messages.sentence(trouble)
    assert said in sentence
    assert trouble.message not in sentence


# --- the program ---------------------------------------------------------------------------------------------------


def run(*arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ejournal_server", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


@pytest.mark.parametrize("database", ["sqlcipher"], indirect=True)  # both stores are tried above
def test_the_commands_go_from_the_first_key_to_a_restored_school(office: Office, tmp_path: Path) -> None:
    data, new = str(office.folder), str(tmp_path / "new")
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    refused = run("backup", "--data", data, "--to", str(tmp_path / "one"))
    assert (refused.returncode, "EJ-354" in refused.stderr) == (1, True)
    sheet = run("backup-keys", "--data", data, "--administrator", ADMINISTRATOR.recipient).stdout
    (tmp_path / "safe.txt").write_text(sheet.split("\n", 1)[1])
    (tmp_path / "admin.txt").write_text(ADMINISTRATOR.secret)
    for name in ("one", "two"):  # both stand for drives of their own
        made = run("backup", "--data", data, "--to", str(tmp_path / name), "--identity", str(tmp_path / "admin.txt"))
        assert made.returncode == 0, made.stderr
        assert f"доказана восстановлением: {tmp_path / name}\n" in made.stdout
    verified = run("verify", str(tmp_path / "two"), "--identity", str(tmp_path / "safe.txt"))
    order = ["--reason", "новый сервер", "--first", "Директорова В. И.", "--second", "Админов О. О."]
    command = ["restore", "--from", str(tmp_path / "two"), "--identity", str(tmp_path / "safe.txt"), "--data", new]
    alone = run(*command, *order[:-1], "директорова  в. и.")
    assert (alone.returncode, "EJ-251" in alone.stderr) == (1, True)
    restored = run(*command, *order)
    assert restored.returncode == 0, restored.stderr
    assert made.stdout.splitlines()[1:] == verified.stdout.splitlines()[1:] == restored.stdout.splitlines()[1:]
    again = run(*command, *order)
    assert (again.returncode, "EJ-350" in again.stderr) == (1, True)
    people_lines = run("people", "--data", data).stdout.splitlines()
    assert {line.split("\t")[2] for line in people_lines} == {"нет учётной записи"}
    secret = (tmp_path / "safe.txt").read_text().splitlines()[1]
    assert secret.startswith("AGE-SECRET-KEY-1")
    assert all(secret not in each.stdout + each.stderr for each in (made, verified, restored, again))


# --- a desk carries it ---------------------------------------------------------------------------------------------


@pytest.fixture
def served(server: RunningServer, database: str | None) -> tuple[RunningServer, dict[str, Caller], BackupIdentity]:
    """Give a running server, a caller for the administrator and one for a teacher, and the safe's key."""
    with contextlib.closing(folder.open_office(server.data, database)) as office:
        safe = backups.new_recovery_key(office)
        hands = {name: world.new_hand(office, person) for name, person in
                 (("administrator", world.ADMINISTRATOR), ("teacher", world.TEACHER))}  # fmt: skip
    callers = {name: Caller(server.address, None, f"desk:{hand.desk}", hand.key) for name, hand in hands.items()}
    return server, callers, safe


def test_the_administrator_s_desk_gets_a_generation_sealed_to_its_own_key(
    served: tuple[RunningServer, dict[str, Caller], BackupIdentity], tmp_path: Path
) -> None:
    _, callers, safe = served
    with callers["teacher"], callers["administrator"] as administrator:
        wanted = wire.encode(wire.BackupRequest(administrator=ADMINISTRATOR.recipient))
        answer = administrator.call("POST", "/v1/backup", body=wanted)
        assert answer.status_code == 200, answer.text
        catalogue = archive.read_catalogue(answer.content, administrator.hello().server_key)
        for name in ("base.age", "keys.age", "README.txt", "catalogue.json"):
            fetched = administrator.call("GET", f"/v1/backup/{catalogue.generation}/{name}")
            assert fetched.status_code == 200, fetched.text
            (tmp_path / name).write_bytes(fetched.content)
    for secret in (safe.secret, ADMINISTRATOR.secret):
        assert backups.verify(tmp_path, secret) == (catalogue, catalogue.proof)


def test_nobody_else_gets_the_school_and_no_other_file_is_given(
    served: tuple[RunningServer, dict[str, Caller], BackupIdentity],
) -> None:
    server, callers, _ = served
    with callers["teacher"] as teacher, callers["administrator"] as administrator:
        made = administrator.call("POST", "/v1/backup", body=wire.encode(wire.BackupRequest()))
        name = archive.read_catalogue(made.content).generation
        refused = [teacher.call("POST", "/v1/backup", body=wire.encode(wire.BackupRequest())),
                   teacher.call("GET", f"/v1/backup/{name}/base.age")]  # fmt: skip
        assert [(each.status_code, wire.decode(wire.Problem, each.content).code) for each in refused] == [
            (403, "EJ-367")
        ] * 2
        for path in (f"{name}/store.db", "%2e%2e/store.db", "nothing/base.age", f"{name}/..%2f..%2fstore.key"):
            assert administrator.call("GET", f"/v1/backup/{path}").status_code == 404, path
        bad = administrator.call("POST", "/v1/backup", body=wire.encode(wire.BackupRequest(administrator="age1nobody")))
        assert (bad.status_code, wire.decode(wire.Problem, bad.content).code) == (400, "EJ-353")
        assert administrator.http.post("/v1/backup", content=b"{}").status_code == 401
        assert len(generations.generations(generations.own_folder(server.data))) == 1
        shutil.rmtree(generations.own_folder(server.data))
        assert administrator.call("GET", f"/v1/backup/{name}/base.age").status_code == 404
