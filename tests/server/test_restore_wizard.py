"""Bad input of a restore, and the restore by question and answer: each wrong thing is named, and nothing is lost."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ejournal_core import archive, key_sheet
from ejournal_core.age_file import BackupIdentity
from ejournal_core.archive import Catalogue
from ejournal_core.changes import canonical
from ejournal_server import backups, folder, intake
from ejournal_server.folder import Office
from ejournal_server.restore_wizard import Wizard
from tests.server import world

ORDER = ["--reason", "погиб диск", "--first", "Директорова В. И.", "--second", "Админов О. О."]


class Drives:
    """A school in which somebody worked, its safe, and two drives: the first holds an older copy too."""

    def __init__(self, root: Path) -> None:
        self.root = root
        office: Office = folder.found(root / "data", world.SCHOOL_NAME)
        try:
            world.settle(office)
            self.safe = backups.new_recovery_key(office)
            self.signing = office.authority.keys.signing
            self.school = office.authority.school
            hand = world.new_hand(office, world.TEACHER)
            intake.accept(office.authority, hand.batch(hand.lesson(), hand.column()))
            self.older = backups.back_up(office, [root / "one"])
            intake.accept(office.authority, hand.batch(hand.mark(world.PUPILS[0], "5")))
            self.newer = backups.back_up(office, [root / "one", root / "two"])
        finally:
            office.close()
        self.key = root / "safe.txt"
        self.key.write_text(self.safe.secret)

    @property
    def new(self) -> Path:
        """Where the school is to be restored."""
        return self.root / "new"

    def restore(self, *more: str, source: str = "one", key: Path | None = None) -> tuple[int, str]:
        """Run the command; return its exit status and what it said of an error."""
        line = ["restore", "--from", str(self.root / source), "--identity", str(key or self.key), "--data",
                str(self.new), *ORDER, *more]  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "ejournal_server", *line], text=True, check=False, capture_output=True,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return done.returncode, done.stderr


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Drives:
    """Give the school; what is changed on its drives is changed on copies of them."""
    return Drives(tmp_path_factory.mktemp("school"))


@pytest.fixture
def drives(made: Drives, tmp_path: Path) -> Iterator[Drives]:
    """Give drives of one's own."""
    own = object.__new__(Drives)
    own.__dict__.update(made.__dict__)
    own.root = tmp_path
    for name in ("one", "two"):
        shutil.copytree(made.root / name, tmp_path / name)
    yield own
    secrets = [made.safe.secret.removeprefix(key_sheet.PREFIX)]
    left = [each for each in tmp_path.rglob("*") if each.is_file() and each.name != "typed.txt"]
    assert not [each for each in left if any(secret.encode() in each.read_bytes() for secret in secrets)]


def generation(drives: Drives, name: str = "one") -> Path:
    return drives.root / name / drives.newer.generation


def signed_again(drives: Drives, change: Callable[[Catalogue], Catalogue]) -> None:
    catalogue = archive.sign_catalogue(drives.signing, change(drives.newer))
    (generation(drives) / "catalogue.json").write_bytes(canonical(catalogue))


# --- bad input -----------------------------------------------------------------------------------------------------


def cut(drives: Drives) -> None:
    base = generation(drives) / "base.age"
    base.write_bytes(base.read_bytes()[:-30])


def altered(drives: Drives) -> None:
    base = generation(drives) / "base.age"
    whole = bytearray(base.read_bytes())
    whole[len(whole) // 2] ^= 1
    base.write_bytes(whole)


def without_keys(drives: Drives) -> None:
    (generation(drives) / "keys.age").unlink()


def without_catalogue(drives: Drives) -> None:
    (generation(drives) / "catalogue.json").unlink()


def emptied_catalogue(drives: Drives) -> None:
    (generation(drives) / "catalogue.json").write_bytes(b"")


def nothing_but_its_name(drives: Drives) -> None:
    for each in generation(drives).iterdir():
        each.unlink()


def the_only_one_without_catalogue(drives: Drives) -> None:
    without_catalogue(drives)
    shutil.rmtree(drives.root / "one" / drives.older.generation)


def mismatched(drives: Drives) -> None:
    signed_again(drives, lambda one: msgspec.structs.replace(one, proof=drives.older.proof))


def forged(drives: Drives) -> None:
    changed = msgspec.structs.replace(drives.newer, made_at="2030-01-01T00:00:00+00:00")
    (generation(drives) / "catalogue.json").write_bytes(canonical(changed))


def newer_format(drives: Drives) -> None:
    signed_again(drives, lambda one: msgspec.structs.replace(one, v=2))


def another_shape(drives: Drives) -> None:
    (generation(drives) / "catalogue.json").write_bytes(b'{"v":2,"contents":[]}')


def foreign_drive(drives: Drives) -> None:
    card = {"v": 1, "id": "d", "school": "another", "label": "Зелёная"}
    (drives.root / "one" / "ejournal-drive.json").write_bytes(msgspec.json.encode(card))


@pytest.mark.parametrize(
    ("spoil", "code", "says"),
    [
        (cut, "EJ-351", "файл base.age"),
        (altered, "EJ-351", "файл base.age"),
        (without_keys, "EJ-351", "файл keys.age"),
        (without_catalogue, "EJ-351", "catalogue.json"),
        (emptied_catalogue, "EJ-351", "catalogue.json"),
        (nothing_but_its_name, "EJ-351", "catalogue.json"),
        (the_only_one_without_catalogue, "EJ-351", "catalogue.json"),
        (mismatched, "EJ-351", "файл base.age"),
        (forged, "EJ-351", "файл catalogue.json"),
        (newer_format, "EJ-366", "обновите сервер"),
        (another_shape, "EJ-366", "обновите сервер"),
        (foreign_drive, "EJ-538", "носителе «Зелёная»"),
    ],
)
def test_a_backup_that_cannot_be_restored_says_which_thing_what_is_lost_and_what_to_do(
    drives: Drives, spoil: Callable[[Drives], None], code: str, says: str
) -> None:
    spoil(drives)
    status, said = drives.restore()
    assert (status, code in said, says in said, "Ничего не изменено" in said) == (1, True, True, True), said
    assert said.count("\n") == 1
    assert sorted(each.name for each in drives.root.iterdir()) == ["one", "two"], "nothing is half there"


def test_an_earlier_copy_is_restored_beside_a_broken_one_only_where_its_folder_is_named(drives: Drives) -> None:
    without_catalogue(drives)
    with pytest.raises(archive.DamagedArchive) as refused:
        backups.verify(drives.root / "one", drives.safe.secret)
    assert drives.newer.generation in str(refused.value.details["file"])
    status, said = drives.restore(source=f"one/{drives.older.generation}")
    assert status == 0, said


def test_the_note_on_a_drive_names_commands_that_do_what_it_says(drives: Drives, tmp_path: Path) -> None:
    note = (generation(drives) / "README.txt").read_text(encoding="utf-8")
    named = [line.split() for line in note.splitlines() if line.strip().startswith("ejournal-server ")]
    verified = [line for line in named if line[1] == "verify"]
    assert [line[1:] for line in named if line[1] == "restore"] == [["restore"]] * 2, "it asks for all it needs"
    assert len(named) == 2 + len(verified) == 4
    for line in verified:
        places = {line[2]: str(drives.root / "one"), line[4]: str(drives.key)}
        command = [places.get(word, word) for word in line[1:]]
        done = subprocess.run([sys.executable, "-m", "ejournal_server", *command], text=True, capture_output=True,
                              check=False)  # fmt: skip
        assert (done.returncode, "доказана восстановлением" in done.stdout) == (0, True), done.stderr


def test_a_wrong_key_and_what_is_no_key_say_so(drives: Drives) -> None:
    typed = drives.root / "typed.txt"
    for text, code in ((BackupIdentity.new().secret, "EJ-352"), ("не ключ", "EJ-353"), ("\x00\xff", "EJ-353")):
        typed.write_text(text)
        status, said = drives.restore(key=typed)
        assert (status, code in said, "Ничего не изменено" in said) == (1, True, True), said
        assert not drives.new.exists()


def test_a_sheet_typed_off_group_by_group_restores(drives: Drives) -> None:
    typed = drives.root / "typed.txt"
    typed.write_text("# лист из сейфа\n" + "\n".join(key_sheet.groups(drives.safe.secret)).lower())
    status, said = drives.restore(key=typed)
    assert status == 0, said
    typed.unlink()


def test_an_older_copy_than_another_drive_s_is_refused_until_that_is_wanted(drives: Drives) -> None:
    shutil.rmtree(generation(drives, "one"))
    status, said = drives.restore("--other", str(drives.root / "two"))
    assert (status, "EJ-539" in said, "не потеряно" in said) == (1, True, True), said
    assert not drives.new.exists()
    status, said = drives.restore("--other", str(drives.root / "two"), "--older")
    assert status == 0, said


def test_another_drive_that_is_older_or_empty_hinders_nothing(drives: Drives) -> None:
    shutil.rmtree(generation(drives, "two"))
    status, said = drives.restore("--other", str(drives.root / "two"))
    assert status == 0, said


def test_a_second_drive_that_is_not_there_is_no_drive_without_a_newer_copy(drives: Drives) -> None:
    status, said = drives.restore("--other", str(drives.root / "mistyped"))
    assert (status, "EJ-359" in said, "mistyped" in said, drives.new.exists()) == (1, True, True, False), said


def other_school(drives: Drives) -> Path:
    """Put a copy of another school on a third drive."""
    key = Ed25519PrivateKey.generate().private_bytes_raw()
    public = Ed25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw().hex()
    proof = msgspec.structs.replace(drives.newer.proof, school="another")
    foreign = msgspec.structs.replace(drives.newer, school="another", server_key=public, proof=proof)
    place = drives.root / "three" / drives.newer.generation
    shutil.copytree(generation(drives, "two"), place)
    (place / "catalogue.json").write_bytes(canonical(archive.sign_catalogue(key, foreign)))
    return place.parent


def test_drives_of_two_schools_are_not_restored_from_before_somebody_looks_which_is_which(drives: Drives) -> None:
    status, said = drives.restore("--other", str(other_school(drives)))
    assert (status, "EJ-538" in said, "не той, что на первом" in said) == (1, True, True), said
    assert not drives.new.exists()


def test_where_nobody_can_be_asked_the_command_says_what_it_lacks(drives: Drives) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ejournal_server", "restore"], text=True, capture_output=True, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 2
    assert "не хватает: --data, --from, --identity" in done.stderr


# --- question and answer -------------------------------------------------------------------------------------------


class Keyboard:
    """Answers one after the other; remembers what was said."""

    def __init__(self, *answers: str) -> None:
        self.answers = [*answers]
        self.said: list[str] = []
        self.asked: list[str] = []

    def ask(self, question: str) -> str:
        """Give the next answer."""
        self.asked.append(question)
        return self.answers.pop(0)

    def run(self) -> bool:
        """Let the wizard ask; say whether it restored."""
        done = Wizard(self.ask, self.ask, self.said.append).run() is not None
        assert self.answers == []
        return done

    def heard(self, words: str) -> bool:
        """Say whether that was said."""
        return any(words in each for each in self.said)


DECIDED = ("погиб диск", "Директорова В. И.", "Админов О. О.")


def test_every_answer_leads_to_a_restored_school(drives: Drives) -> None:
    groups = key_sheet.groups(drives.safe.secret)
    keyboard = Keyboard(str(drives.root / "one"), "", "", *DECIDED, *groups, str(drives.new), "", "да")
    assert keyboard.run()
    assert keyboard.heard(world.SCHOOL_NAME)
    assert keyboard.heard("Школа восстановлена и проверена")
    assert keyboard.heard("Адрес сервера: https://")
    office = folder.open_office(drives.new)
    assert office.authority.school == drives.school
    office.close()


def test_no_leaves_everything_as_it_was(drives: Drives) -> None:
    answers = (str(drives.root / "one"), "1", "", *DECIDED, drives.safe.secret, str(drives.new), "", "нет")
    keyboard = Keyboard(*answers)
    assert not keyboard.run()
    assert keyboard.said[-1] == "Ничего не изменено."
    assert not drives.new.exists()


def test_each_wrong_answer_is_told_and_asked_again(drives: Drives) -> None:
    groups = [*key_sheet.groups(drives.safe.secret)]
    full = drives.root / "two"
    keyboard = Keyboard(
        str(drives.root / "nowhere"), str(drives.root / "one"), "9", "2",  # no such copy, then the older one
        str(full), "да", "1",  # a newer one lies there: that
        "погиб диск", "Админов О. О.", "админов о.о.", *DECIDED,  # one person twice
        BackupIdentity.new().secret,  # a key that does not fit
        groups[0], "QQQQQQ-Q", *groups[1:],  # a group with an error
        str(full), str(drives.new), "banana",  # not empty; no address
        str(drives.new), "", "да",
    )  # fmt: skip
    assert keyboard.run()
    for code in ("EJ-332", "EJ-539", "EJ-251", "EJ-352", "EJ-350", "EJ-545"):
        assert keyboard.heard(code), code
    assert keyboard.heard("В группе 2 опечатка")
    assert sum("Номер" in question for question in keyboard.asked) == 3


def test_a_damaged_copy_stands_in_the_list_with_what_is_wrong_and_is_not_taken(drives: Drives) -> None:
    cut(drives)
    answers = (str(drives.root / "one"), "2", str(drives.root / "two"), "", "", *DECIDED, drives.safe.secret)
    keyboard = Keyboard(*answers, str(drives.new), "", "да")
    assert keyboard.run()
    assert sum("файл base.age" in each for each in keyboard.said) == 2, "in the list, and when it is chosen"


def test_a_mistyped_second_drive_is_asked_for_again_and_quotes_do_no_harm(drives: Drives) -> None:
    shutil.rmtree(generation(drives, "one"))
    empty = drives.root / "empty"
    empty.mkdir()
    mistyped, second = str(drives.root / "mistyped"), f'"{drives.root / "two"}"'
    answers = (f"'{drives.root / 'one'}'", "", mistyped, str(empty), second, "да", "", *DECIDED, drives.safe.secret)
    keyboard = Keyboard(*answers, str(drives.new), "", "нет")
    assert not keyboard.run()
    assert sum("EJ-332" in each for each in keyboard.said) == 2
    assert keyboard.heard("EJ-539")
    empty.rmdir()


def test_a_place_where_no_folder_can_be_made_is_told_before_the_end(drives: Drives) -> None:
    file = generation(drives) / "catalogue.json"
    answers = (str(drives.root / "one"), "", "", *DECIDED, drives.safe.secret, str(file / "new" / "data"))
    keyboard = Keyboard(*answers, str(drives.new), "", "нет")
    assert not keyboard.run()
    assert keyboard.heard(f"EJ-359: Не читается или не записывается: {file}")


def test_a_copy_without_its_catalogue_stands_in_the_list_too(drives: Drives) -> None:
    without_catalogue(drives)
    keyboard = Keyboard(str(drives.root / "one"), "", "", *DECIDED, drives.safe.secret, str(drives.new), "", "нет")
    assert not keyboard.run()
    assert keyboard.heard(f"2. {drives.newer.generation} — EJ-351")


def test_at_a_real_terminal_the_key_is_not_shown(drives: Drives) -> None:
    """The program itself on a terminal of its own: asked, answered, restored."""
    answers = [str(drives.root / "one"), "", "", *DECIDED, drives.safe.secret, str(drives.new), "", "да"]
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "ejournal_server", "restore"], stdin=child, stdout=child, stderr=child,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"}, start_new_session=True,
    )  # fmt: skip
    os.close(child)
    shown = b""
    for number, answer in enumerate(answers):
        shown = _until(parent, shown, number + 1)
        os.write(parent, f"{answer}\n".encode())
    shown = _to_the_end(parent, shown)
    assert process.wait(timeout=60) == 0, shown.decode()
    os.close(parent)
    assert "Школа восстановлена и проверена" in shown.decode()
    assert drives.safe.secret.encode() not in shown
    assert drives.new.is_dir()


QUESTION = re.compile(rb"(?:: |\) )$")


def _until(parent: int, shown: bytes, _number: int) -> bytes:
    """Read until a question waits for its answer."""
    deadline = time.monotonic() + 60
    fresh = b""
    while not QUESTION.search(fresh) and time.monotonic() < deadline:
        if select.select([parent], [], [], 0.5)[0]:
            fresh += os.read(parent, 4096)
    return shown + fresh


def _to_the_end(parent: int, shown: bytes) -> bytes:
    while True:
        try:
            piece = os.read(parent, 4096)
        except OSError:  # Linux says so when the program has ended
            return shown
        if not piece:
            return shown
        shown += piece
