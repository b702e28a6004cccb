"""Both copies of a cloned or restored desk are used: it is frozen, both branches are kept, and nothing is lost.

Each story follows from its seed. Five are played in the test command; more by EJOURNAL_CAMPAIGN="… CLONES=200".
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from ejournal_core import seal, wire
from ejournal_core.changes import Change
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.desk import create_journal, open_journal
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.outgoing_folder import sealed_files, sealed_records
from ejournal_desktop.models.state import Identity
from ejournal_desktop.sync.server import ServerRefused
from ejournal_desktop.sync.trust import BrokenHistory
from ejournal_server import accounts, admin, intake, quarantine
from ejournal_server.ledger import ACCEPTED
from ejournal_server.store import log
from tests.campaigns.lines import Direct
from tests.faults.amounts import amount
from tests.helpers.chaos import House

SEEDS = range(amount("CLONES", 5))
KEY = bytes(range(32))
PUPILS = [f"u-{number:02d}" for number in range(1, 9)]
PASSWORD = "верный пароль"
ADMINISTRATOR = "p-admin"


class Branch:
    """One copy of a desk's file, on a computer of its own."""

    def __init__(self, house: House, folder: Path, journal: Journal) -> None:
        self.house = house
        self.folder = folder
        self.journal = journal
        own = journal.identity
        self.line = Direct(house.office, own.desk_id, own.signing_key)
        self.made: dict[str, Change] = {}

    @property
    def file(self) -> Path:
        """The journal's file."""
        return self.folder / "journal.db"

    def write(self, pupil: str, value: str) -> None:
        """Put a mark at today's lesson."""
        lesson = self.house.school.today_lesson
        done = put_mark(self.journal, lesson, None, pupil, value)
        self.made.update((change.id, change) for change in done.changes)

    def meet(self) -> str:
        """Meet the server; return what it says to a desk that is closed, "" when all is well."""
        try:
            self.line.meet(self.journal)
        except ServerRefused as refused:
            return refused.answer
        return ""

    def open_again(self) -> None:
        """Close the file and open it."""
        self.journal.close()
        self.journal = open_journal(self.file, KEY, self.folder, clock=self.house.clock)


class Story:
    """A teacher's desk, an image of it taken at some moment, and both used afterwards as chance has it."""

    def __init__(self, house: House, root: Path, seed: int) -> None:
        self.house = house
        self.root = root
        self.chance = random.Random(seed)
        self.made: dict[str, Change] = {}
        self.branches: list[Branch] = []
        self._hire_an_administrator()

    def _hire_an_administrator(self) -> None:
        fields = {"person_id": ADMINISTRATOR, "role": "administrator", "since": "2026-09-01"}
        lines = [
            {"kind": "Person", "record": ADMINISTRATOR, "fields": {"last_name": "Админов", "first_name": "Олег"}},
            {"kind": "RoleGrant", "record": "g-admin", "fields": fields},
        ]
        file = self.root / "administrator.jsonl"
        file.write_text("\n".join(json.dumps(line) for line in lines))
        admin.load_records(self.house.office, file)

    def new_desk(self, name: str) -> Branch:
        """Certify a desk anew, as it is done on the spot."""
        folder = self.root / name
        folder.mkdir()
        key = seal.new_signing_key()
        person = self.house.school.teacher
        desk = self.house.certify(person, seal.signing_public_key(key))
        identity = Identity(desk, person, person, self.house.office.authority.school, key)
        journal = create_journal(folder / "journal.db", KEY, identity, folder, clock=self.house.clock)
        journal.note(seal_key=self.house.seal_key)
        branch = Branch(self.house, folder, journal)
        assert branch.meet() == ""
        self.branches.append(branch)
        return branch

    def use(self, branch: Branch) -> None:
        """Enter something, and meet the server perhaps."""
        for _ in range(self.chance.randrange(1, 4)):
            branch.write(self.chance.choice(PUPILS), self.chance.choice("2345"))
            if self.chance.random() < 0.4:
                branch.meet()

    def play(self) -> list[Branch]:
        """Play the story up to the moment when both branches have knocked; return the two copies."""
        first = self.new_desk("first")
        self.use(first)
        first.open_again()
        image = self._image(first)
        if self.chance.random() < 0.5:
            second = self._cloned(first, image)
            self.branches.append(second)
            turns = [first, second] * 2
            self.chance.shuffle(turns)
            for branch in turns:
                self.use(branch)
        else:
            self.use(first)
            second = self._restored(first, image)
            self.branches.append(second)
            self.use(second)
        for branch in (first, second, first, second):
            if branch is second or first.folder != second.folder:  # a file that was written over is nobody's any more
                branch.meet()
        return [first, second]

    @staticmethod
    def _image(branch: Branch) -> bytes:
        branch.journal.close()
        image = branch.file.read_bytes()
        branch.open_again()
        return image

    def _cloned(self, first: Branch, image: bytes) -> Branch:
        folder = self.root / "clone"
        folder.mkdir()
        (folder / "journal.db").write_bytes(image)
        return Branch(self.house, folder, open_journal(folder / "journal.db", KEY, folder, clock=self.house.clock))

    def _restored(self, first: Branch, image: bytes) -> Branch:
        """Put the older image in the place of the file; its sealed folder stays what it is."""
        first.journal.flush()
        first.journal.close()
        first.file.write_bytes(image)
        return Branch(self.house, first.folder, open_journal(first.file, KEY, first.folder, clock=self.house.clock))

    def deliver(self) -> None:
        """Let somebody deliver everything sealed on both computers."""
        for folder in {branch.folder for branch in self.branches}:
            for file in sealed_files(folder):
                records = b"".join(len(each).to_bytes(4, "big") + each for each in sealed_records(file))
                intake.deliver(self.house.office.authority, records)

    def close(self) -> None:
        """Close everything."""
        for branch in self.branches:
            branch.journal.close()


@pytest.fixture(autouse=True)
def _log(caplog: pytest.LogCaptureFixture) -> None:
    """Quarantine is logged in every story."""


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], Story]]:
    """Give a teller of stories."""
    monkeypatch.setattr(accounts, "MEMORY_KIB", 64)
    stories: list[Story] = []

    def tell(seed: int) -> Story:
        root = tmp_path / str(seed)
        root.mkdir()
        stories.append(Story(House(root), root, seed))
        return stories[-1]

    yield tell
    for story in stories:
        story.close()
        story.house.office.close()


def where(story: Story) -> dict[str, list[str]]:
    """Return for each change that was ever made the places where it is: the log, quarantine, an outbox."""
    made = {id_ for branch in story.branches for id_ in branch.made}
    found: dict[str, list[str]] = {id_: [] for id_ in made}
    with story.house.office.authority.store.read() as tx:
        lines = log.lines(tx, 0, 10**9, 10**6)
    for line in lines:
        for id_ in {line.change.id, line.change.about} & made:
            found[id_].append(f"log {line.verdict.outcome}")
    for thing in quarantine.things(story.house.office.authority):
        for id_ in {change.id for change in thing.changes} & made:
            found[id_].append("quarantine")
    for branch in story.branches:
        with_outbox = {each.change.id for each in branch.journal.outbox()}
        for id_ in with_outbox & made:
            found[id_].append("outbox")
    return found


def lost(story: Story) -> list[str]:
    """Return the changes that are nowhere but in a file that was written over."""
    return [id_ for id_, places in where(story).items() if not places]


def official(story: Story) -> list[str]:
    """Return what stands in records although the log does not say so: values by numbers, replayed here."""
    with story.house.office.authority.store.read() as tx:
        lines = log.lines(tx, 0, 10**9, 10**6)
        rows = tx.connection.exec_driver_sql("SELECT id, number FROM record WHERE kind = 'Mark'").all()
    last = {
        line.change.record: line.verdict.number
        for line in lines
        if line.change.kind == "Mark" and line.verdict.outcome in ACCEPTED
    }
    return [f"{row[0]} stands at {row[1]}" for row in rows if last.get(row[0]) != row[1]]


def readmit_everything(story: Story) -> None:
    """Let an administrator and a deputy let everything in."""
    authority, school = story.house.office.authority, story.house.school
    code = accounts.new_activation_code(authority, school.deputy)
    accounts.check_secret(authority, wire.DeskRequest(person=school.deputy, secret=code, new_password=PASSWORD,
                                                      public_key=""))  # fmt: skip
    for thing in quarantine.things(authority):
        try:
            quarantine.readmit(authority, thing.sha256, ADMINISTRATOR, school.deputy, PASSWORD, "обе копии")
        except quarantine.NotHeld:  # the same changes came in another batch, too
            quarantine.dismiss(authority, thing.sha256, ADMINISTRATOR, "уже возвращено")


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_of_either_branch_is_lost_and_the_desk_goes_on_anew(told: Callable[[int], Story], seed: int) -> None:
    story = told(seed)
    story.play()
    story.deliver()
    assert lost(story) == []
    assert official(story) == []
    frozen = {branch.meet() for branch in story.branches}
    assert frozen <= {"EJ-382", ""}
    fresh = story.new_desk("anew")
    story.use(fresh)
    assert fresh.meet() == ""
    story.deliver()
    readmit_everything(story)
    assert quarantine.things(story.house.office.authority) == []
    assert {id_: places for id_, places in where(story).items() if not any("log" in place for place in places)} == {}
    assert official(story) == []
    assert fresh.meet() == ""


def test_the_stories_do_freeze_desks_and_hold_both_kinds(told: Callable[[int], Story]) -> None:
    seen = set()
    for seed in (1, 2):
        story = told(seed)
        first, second = story.play()
        seen.add((first.folder == second.folder, second.meet()))
    assert seen == {(True, "EJ-382"), (False, "EJ-382")}  # one restored, one cloned


# --- a negative control for the judge ---------------------------------------------------------------------------------


def _drop(_: object, __: object) -> None:
    """Keep nothing."""


def test_a_quarantine_that_keeps_nothing_is_noticed(
    told: Callable[[int], Story], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ejournal_server.store.aside.quarantine", _drop)
    story = told(1)
    story.play()
    story.deliver()
    assert lost(story) != []


def test_a_server_that_follows_both_branches_is_noticed(
    told: Callable[[int], Story], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake._Intake, "_branches", lambda self, earlier: False)
    story = told(2)
    with pytest.raises((BrokenHistory, IntegrityError)):  # the desk, or the store, stumbles over a counter used twice
        story.play()


def test_a_sealed_future_that_is_written_over_is_noticed(
    told: Callable[[int], Story], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ejournal_desktop.models.outgoing.Outgoing._keep_a_lost_future", lambda self: None)
    story = told(0)
    story.play()
    story.deliver()
    assert lost(story) != []
