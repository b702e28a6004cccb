"""A small invented school in one line: its records by `small_school()`, a real desk by `desk_of()`.

    school = small_school()
    journal = desk_of(school, school.teacher, tmp_path)

The class is 7 «Б» with algebra on Mondays (lesson 2), Tuesdays (lesson 3) and Fridays (lesson 1); the clock stands at
Tuesday, 15 September 2026, 10:42.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

from msgspec import Struct

from ejournal_core import ids, seal, wire
from ejournal_core.kinds import (
    BellSlot,
    CalendarDay,
    ClassGroup,
    Enrolment,
    GradingPeriod,
    JournalPage,
    Person,
    Pupil,
    Record,
    RoleGrant,
    School,
    SchoolYear,
    Subgroup,
    SubgroupMember,
    Subject,
    TeachingLoad,
    TimetableSlot,
    WorkKind,
    to_fields,
)
from ejournal_desktop.models.desk import create_journal
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.loading import load_whole
from ejournal_desktop.models.state import Identity

MOSCOW = timezone(timedelta(hours=3))
NOW = datetime(2026, 9, 15, 10, 42, tzinfo=MOSCOW)
YEAR_START, YEAR_END = date(2026, 9, 1), date(2027, 5, 31)

SURNAMES = (
    "Абрамова Анна", "Воробьёв Никита", "Дятлова Софья", "Ёлкин Пётр", "Журавлёв Артём", "Зимина Ольга", "Котов Илья",
    "Ласточкина Вера", "Мышкин Глеб", "Орехова Дарья", "Петухов Семён", "Рябинина Ева", "Сомов Тимур", "Тополев Лев",
    "Уткина Майя", "Филинов Марк", "Хомяков Роман", "Цветкова Злата", "Чижов Егор", "Шмелёва Алиса", "Щукин Павел",
    "Юнгина Яна", "Ягодкин Максим", "Ястребов Денис", "Ясенева Лина",
)  # fmt: skip


class SmallSchool(Struct, frozen=True):
    """The records of the school and the ids that tests speak of."""

    records: tuple[Record, ...]
    pupils: tuple[str, ...]
    class_group: str
    subgroup: str
    page: str  # algebra, whole class
    english: str  # English, second subgroup
    teacher: str = "p-teacher"
    colleague: str = "p-colleague"
    class_teacher: str = "p-class-teacher"
    deputy: str = "p-deputy"
    id: str = "school-1"

    def lesson(self, day: date, number: int, page: str | None = None) -> str:
        """Return the id of a lesson of algebra (or of another page)."""
        return ids.lesson(page or self.page, day, number)

    @property
    def today_lesson(self) -> str:
        """Algebra on the Tuesday on which the clock stands."""
        return self.lesson(date(2026, 9, 15), 3)


def small_school(pupils: int = 25, extra: Iterable[Record] = ()) -> SmallSchool:
    """Return a school with one class, two pages and four people."""
    pupil_ids = tuple(f"u-{i:02}" for i in range(1, pupils + 1))
    page, english = ids.journal_page("s-algebra", "c-7b"), ids.journal_page("s-english", "g-2")
    records = (
        *_year(),
        *_people(),
        ClassGroup(id="c-7b", school_year_id="y-2026", grade_level=7, letter="Б"),
        *_roles(),
        *_pupils(pupil_ids),
        *_subjects(page, english),
        *extra,
    )
    return SmallSchool(records, pupil_ids, "c-7b", "g-2", page, english)


def desk_of(
    school: SmallSchool,
    person_id: str,
    folder: Path,
    *,
    desk_id: str | None = None,
    key: bytes | None = None,
    now: datetime = NOW,
    outgoing: Path | None = None,
    number: int = 1,
) -> Journal:
    """Return the journal of a person on a fresh desk that has loaded the whole school at log number `number`.

    The file is `<folder>/<desk id>.journal`; `key` is random when none is given.
    """
    desk_id = desk_id or f"desk-of-{person_id}"
    name = next(f"{r.last_name} {r.first_name}" for r in school.records if isinstance(r, Person) and r.id == person_id)
    identity = Identity(desk_id, person_id, name, school.id, seal.new_signing_key())
    folder.mkdir(parents=True, exist_ok=True)
    journal = create_journal(folder / f"{desk_id}.journal", key or os.urandom(32), identity, outgoing, clock=Clock(now))
    load_whole(journal, number, snapshot_lines(school.records, number), scope="all")
    return journal


def snapshot_lines(records: Iterable[Record], number: int) -> Iterator[wire.SnapshotRecord]:
    """Yield records as lines of a snapshot, in the order given."""
    for record in records:
        kind = type(record).__name__
        yield wire.SnapshotRecord(kind=kind, record=record.id, number=number, fields=to_fields(record))


class Clock:
    """A clock that stands until a test moves it."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def _year() -> Iterator[Record]:
    yield School(id="school-1", full_name="МБОУ «Школа № 1 г. Заречного»", short_name="Школа № 1", place="г. Заречный")
    yield SchoolYear(id="y-2026", title="2026/27", starts_on=YEAR_START, ends_on=YEAR_END)
    quarters = ((date(2026, 9, 1), date(2026, 10, 30)), (date(2026, 11, 9), date(2026, 12, 30)),
                (date(2027, 1, 11), date(2027, 3, 26)), (date(2027, 4, 5), date(2027, 5, 31)))  # fmt: skip
    for number, (start, end) in enumerate(quarters, 1):
        yield GradingPeriod(id=f"q-{number}", school_year_id="y-2026", kind="quarter", number=number, starts_on=start,
                            ends_on=end)  # fmt: skip
    yield CalendarDay(id="v-autumn", school_year_id="y-2026", kind="vacation", starts_on=date(2026, 10, 31),
                      ends_on=date(2026, 11, 8), title="Осенние каникулы")  # fmt: skip
    starts = ("08:30", "09:25", "10:30", "11:30", "12:30", "13:25")
    ends = ("09:10", "10:05", "11:10", "12:10", "13:10", "14:05")
    for number, (opens, closes) in enumerate(zip(starts, ends, strict=True), 1):
        yield BellSlot(id=f"b-{number}", weekday=0, lesson_number=number, starts_at=opens, ends_at=closes)


def _people() -> Iterator[Record]:
    yield Person(id="p-teacher", last_name="Иванова", first_name="Мария", patronymic="Петровна", sex="f")
    yield Person(id="p-colleague", last_name="Петров", first_name="Семён", patronymic="Ильич", sex="m")
    yield Person(id="p-class-teacher", last_name="Сидорова", first_name="Анна", patronymic="Львовна", sex="f")
    yield Person(id="p-deputy", last_name="Громова", first_name="Вера", patronymic="Павловна", sex="f")


def _roles() -> Iterator[Record]:
    grants = (
        ("p-teacher", "subject_teacher", None),
        ("p-colleague", "subject_teacher", None),
        ("p-class-teacher", "class_teacher", "c-7b"),
        ("p-deputy", "deputy_director", None),
        ("p-deputy", "director", None),
    )
    for number, (person, role, group) in enumerate(grants):
        yield RoleGrant(id=f"r-{number}", person_id=person, role=role, class_group_id=group, since=YEAR_START)  # type: ignore[arg-type]


def _pupils(pupil_ids: tuple[str, ...]) -> Iterator[Record]:
    for number, pupil_id in enumerate(pupil_ids, 1):
        last, first = SURNAMES[(number - 1) % len(SURNAMES)].split()
        yield Pupil(id=pupil_id, last_name=last, first_name=first)
        yield Enrolment(id=f"e-{pupil_id}", pupil_id=pupil_id, class_group_id="c-7b", since=YEAR_START, position=number)
    yield Subgroup(id="g-2", class_group_id="c-7b", title="2 группа")
    for pupil_id in pupil_ids[1::2]:
        yield SubgroupMember(id=ids.subgroup_member("g-2", pupil_id), subgroup_id="g-2", pupil_id=pupil_id,
                             since=YEAR_START)  # fmt: skip


def _subjects(page: str, english: str) -> Iterator[Record]:
    yield Subject(id="s-algebra", title="Алгебра", position=1)
    yield Subject(id="s-english", title="Английский язык", short_title="Англ. яз.", position=2)
    yield JournalPage(id=page, subject_id="s-algebra", class_group_id="c-7b")
    yield JournalPage(id=english, subject_id="s-english", class_group_id="c-7b", subgroup_id="g-2")
    hours = Decimal(3)
    yield TeachingLoad(id="l-1", journal_page_id=page, person_id="p-teacher", since=YEAR_START, weekly_hours=hours)
    yield TeachingLoad(id="l-2", journal_page_id=page, person_id="p-colleague", since=YEAR_START, weekly_hours=hours)
    yield TeachingLoad(id="l-3", journal_page_id=english, person_id="p-colleague", since=YEAR_START, weekly_hours=hours)
    for weekday, number in ((1, 2), (2, 3), (5, 1)):
        yield TimetableSlot(id=f"t-a{weekday}", journal_page_id=page, weekday=weekday, lesson_number=number, room="21",
                            since=YEAR_START)  # fmt: skip
    yield TimetableSlot(id="t-e3", journal_page_id=english, weekday=3, lesson_number=4, room="14", since=YEAR_START)
    yield WorkKind(id="oral", code="У", title="Устный ответ", position=1)
    yield WorkKind(id="control", code="КР", title="Контрольная работа", weight=Decimal(2), whole_class=True,
                   written=True, position=2)  # fmt: skip
