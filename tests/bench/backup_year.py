"""A backup of a real school's year: what a whole generation costs, and what a day's lines alone would be.

Forty classes of twenty-five pupils, five lessons a day on every school day, about 400,000 changes, each lesson
delivered in a batch of its own as a desk does that sits by the network. All of it passes the server's rules.
"""

from __future__ import annotations

import contextlib
import io
import random
import tempfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import count, islice
from pathlib import Path

from ejournal_core import age_file, ids, seal
from ejournal_core.age_file import BackupIdentity
from ejournal_core.archive import ArchiveBatch, ArchiveEntry, ArchiveReceipt, Line
from ejournal_core.changes import Change
from ejournal_core.kinds import ClassGroup, Enrolment, Fields, JournalPage, Pupil, Record, Subject, TeachingLoad
from ejournal_desktop.backup.write import write_generation
from ejournal_server import backups, folder, generations, intake
from ejournal_server.authority import stamp
from ejournal_server.folder import Office
from ejournal_server.generations import Recipients
from ejournal_server.store import people
from tests.bench.generation import Silent, durable_copy, new_drive
from tests.bench.rows import Amounts, Bench, Row, seconds
from tests.bench.server_intake import load
from tests.helpers.school import MOSCOW, SURNAMES, YEAR_START, SmallSchool, small_school

CLASSES, PUPILS, SUBJECTS, LESSONS = 40, 25, 10, 5
PERIODS = ((date(2026, 9, 1), 44), (date(2026, 11, 9), 38), (date(2027, 1, 11), 53), (date(2027, 4, 5), 35))


def backup_year(amounts: Amounts) -> Iterator[Row]:
    """Make, write and prove a generation of the year, restore it, and seal the last day's lines alone."""
    with contextlib.ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        year = Year(place, amounts.backup_days, amounts.backup_classes)
        stack.callback(year.office.close)
        backup = _Backup(year, place)
        made, copied = seconds(backup.make), seconds(lambda: backup.copied(list((place / "server").glob("*.db*"))))
        size = sum(file.stat().st_size for file in backup.generation.iterdir())
        note = f"{backup.changes:,} changes, {size / 1e6:,.1f} MB"
        yield Row("backup_year_generation", made, "s", made / copied, "copy of the store, verified", note=note)
        written, plain = seconds(backup.write), seconds(lambda: backup.copied(list(backup.generation.iterdir())))
        yield Row("backup_year_two_drives", written, "s", written / (2 * plain), "copies, verified", "≤ 1.3")
        again = seconds(backup.restore)
        yield Row("backup_year_restored", again, "s", again / plain, "copy, verified", "≤ 1.5")
        day = backup.day_alone()
        yield Row("backup_year_day_alone", day / 1024, "KiB", day / size, "the whole generation", "≤ 0.05")


class _Backup:
    """The generation of a year, and what becomes of it."""

    def __init__(self, year: Year, place: Path) -> None:
        self._year, self._place = year, place
        self._safe, self._own = BackupIdentity.new(), BackupIdentity.new()
        self.generation = place / "none"
        self.changes = 0
        self._copies = count()

    def make(self) -> None:
        """Let the server seal the school."""
        office = self._year.office
        recipients = Recipients(recovery=self._safe.recipient, administrator=self._own.recipient)
        catalogue = generations.make_generation(office.authority, self._place / "made", recipients, office.ca_pem)
        self.generation, self.changes = self._place / "made" / catalogue.generation, catalogue.proof.size

    def write(self) -> None:
        """Write it to two drives and prove it on both."""
        office, secret = self._year.office, self._own.secret
        drives = tuple(new_drive(self._place, office, label) for label in ("А", "Б"))
        key = office.authority.keys.signing_public
        assert all(each.proved for each in write_generation(self.generation, drives, Silent(), secret, key))

    def restore(self) -> None:
        """Make an empty folder the school's server from it."""
        backups.restore_school(self.generation, self._safe.secret, self._place / "again")

    def copied(self, files: list[Path]) -> None:
        """Copy files durably and read them back."""
        durable_copy(files, self._place / f"copy-{next(self._copies)}")

    def day_alone(self) -> int:
        """Return how many bytes the last day's lines take, sealed alone."""
        day = _Day(frozenset(self._year.last_day))
        with (self.generation / generations.BASE).open("rb") as source:
            age_file.open_lines(source, self._own.secret, day.take)
        return age_file.seal_lines(day.lines, [self._safe.recipient, self._own.recipient], io.BytesIO()).size


class _Day:
    """Those lines of an archive that say what some changes were, who signed them and what was answered."""

    def __init__(self, changes: frozenset[str]) -> None:
        self._changes = changes
        self._batch: ArchiveBatch | None = None
        self.lines: list[Line] = []

    def take(self, line: Line) -> None:
        """Keep a line of the day."""
        if isinstance(line, ArchiveBatch):
            self._batch = line
        elif isinstance(line, ArchiveEntry) and line.verdict.id in self._changes:
            self.lines += [self._batch, line] if self._batch else [line]
            self._batch = None
        elif isinstance(line, ArchiveReceipt) and self.lines and self._batch is None:
            self.lines.append(line)


class Year:
    """A school that has lived so many days, and its server's folder."""

    def __init__(self, place: Path, days: int, classes: int) -> None:
        self.now = datetime(2026, 9, 1, 8, 0, tzinfo=MOSCOW)
        self.office = folder.found(place / "server", "Школа № 1", None, lambda: self.now)
        school = small_school(extra=_directory(classes))
        load(self.office, school, place)
        hand = Hand(self.office, school)
        self.last_day: list[str] = []
        for day in islice(school_days(), days):
            self.now = datetime(day.year, day.month, day.day, 15, 0, tzinfo=MOSCOW)
            self.last_day = [id_ for lesson in _lessons(day, classes) for id_ in hand.deliver(self.office, lesson)]


class Hand:
    """A certified desk of a teacher who signs changes straight away: no journal stands behind it."""

    def __init__(self, office: Office, school: SmallSchool) -> None:
        self._person, self._key, self._desk = school.teacher, seal.new_signing_key(), ids.new_id()
        public = seal.signing_public_key(self._key).hex()
        with office.authority.store.write() as tx:
            people.add_desk(tx, people.Desk(id=self._desk, person=self._person, public_key=public,
                                            at=stamp(office.authority.clock())))  # fmt: skip
        self._n, self._prev, self._head = 0, "", ""

    def deliver(self, office: Office, edits: list[tuple[str, str, Fields, Fields]]) -> list[str]:
        """Sign edits as one batch and let the server take it; return the ids of the changes."""
        at = office.authority.clock().isoformat(timespec="seconds")
        changes = [self._change(at, *edit) for edit in edits]
        hashes = seal.chain(self._prev, changes)
        batch = seal.sign_batch(self._key, office.authority.school, self._desk, self._prev, changes, hashes)
        receipt = intake.accept(office.authority, batch)
        assert all(each.outcome == "taken" for each in receipt.verdicts), receipt.verdicts
        self._prev, self._head = hashes[-1].hex(), seal.head_hash(receipt.head)
        return [change.id for change in changes]

    def _change(self, at: str, kind: str, record: str, was: Fields, set_: Fields) -> Change:
        self._n += 1
        return Change(id=ids.new_id(), desk=self._desk, n=self._n, author=self._person, kind=kind, record=record,
                      was=was, set=set_, act="change" if was else "create", at=at, head=self._head)  # fmt: skip


def school_days() -> Iterator[date]:
    """Yield the days from Monday to Friday of the four quarters."""
    for start, days in PERIODS:
        every = (start + timedelta(days=number) for number in range(100))
        yield from islice((day for day in every if day.isoweekday() <= 5), days)


def _directory(classes: int) -> Iterator[Record]:
    for number in range(SUBJECTS):
        yield Subject(id=f"s-{number}", title=f"Предмет {number}", position=number + 3)
    for number in range(classes):
        group = f"c-{number:02}"
        yield ClassGroup(id=group, school_year_id="y-2026", grade_level=2 + number % 10, letter="АБВГ"[number % 4])
        for subject in range(SUBJECTS):
            page = ids.journal_page(f"s-{subject}", group)
            yield JournalPage(id=page, subject_id=f"s-{subject}", class_group_id=group)
            yield TeachingLoad(id=f"l-{group}-{subject}", journal_page_id=page, person_id="p-teacher", since=YEAR_START)
        for place, name in enumerate(SURNAMES[:PUPILS], 1):
            pupil = _pupil(number, place)
            last, first = name.split()
            yield Pupil(id=pupil, last_name=last, first_name=first)
            yield Enrolment(id=f"e-{pupil}", pupil_id=pupil, class_group_id=group, since=YEAR_START, position=place)


def _pupil(number: int, place: int) -> str:
    return f"u-{number:02}-{place:02}"


def _lessons(day: date, classes: int) -> Iterator[list[tuple[str, str, Fields, Fields]]]:
    for number in range(classes):
        for place in range(1, LESSONS + 1):
            subject = (day.toordinal() * LESSONS + place) % SUBJECTS
            yield list(_lesson(day, number, place, f"s-{subject}"))


def _lesson(day: date, number: int, place: int, subject: str) -> Iterator[tuple[str, str, Fields, Fields]]:
    """Yield what a teacher enters: topic, homework, who is away, three or four marks, at times a work of the class."""
    chance = random.Random(f"{day} {number} {place}")
    page = ids.journal_page(subject, f"c-{number:02}")
    lesson = ids.lesson(page, day, place)
    whole_class = chance.random() < 0.1
    kind, marks = ("control", PUPILS) if whole_class else ("oral", chance.choice((3, 4)))
    column = ids.mark_column(lesson, kind, 1)
    yield "Lesson", lesson, {}, {"journal_page_id": page, "held_on": day.isoformat(), "lesson_number": place}
    topic = f"Тема {chance.randrange(10_000)}: {chance.choice(SURNAMES)}"
    words: Fields = {"topic": topic, "homework": f"§ {day.day}, № {place}"}
    yield "Lesson", lesson, {"topic": "", "homework": ""}, words
    yield "MarkColumn", column, {}, {"lesson_id": lesson, "work_kind_id": kind, "ordinal": 1}
    for each in chance.sample(range(1, PUPILS + 1), marks):
        pupil = _pupil(number, each)
        fields: Fields = {"mark_column_id": column, "pupil_id": pupil, "value": chance.choice("3445")}
        yield "Mark", ids.mark(column, pupil), {}, fields
    for each in chance.sample(range(1, PUPILS + 1), 2):
        pupil = _pupil(number, each)
        away: Fields = {"lesson_id": lesson, "pupil_id": pupil, "presence": "absent"}
        yield "Attendance", ids.attendance(lesson, pupil), {}, away
    yield "Lesson", lesson, {"held": False}, {"held": True}


BENCHES: tuple[Bench, ...] = (backup_year,)
