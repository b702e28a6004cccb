"""A whole ordinary fortnight of a school raises no alert; one evening of somebody with another's password does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from ejournal_core import ids
from ejournal_core.changes import Change, Entry, Verdict
from ejournal_core.kinds import JournalPage, Lesson, Mark, RoleGrant, TeachingLoad, to_fields
from ejournal_desktop.exchange.invented_history import MOSCOW, DemoEntry, demo_marks
from ejournal_desktop.exchange.plan import ImportPlan
from ejournal_desktop.exchange.schools import demo_school
from ejournal_desktop.models import queries
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.alerts import unusual_in_school
from tests.helpers.school import SmallSchool, desk_of

FRIDAY = datetime(2026, 9, 11, 16, 0, tzinfo=MOSCOW)
ACADEMIC = "deputy_director"


class Log:
    """The school's log: every line is a change of somebody, accepted at once."""

    def __init__(self) -> None:
        self.lines: list[Entry] = []

    def add(self, author: str, at: datetime, kind: str, record: str, was: dict[str, object], **fields: object) -> None:
        """Enter a change."""
        number = len(self.lines) + 2
        change = Change(
            id=f"{number:032x}", desk=f"desk-{author}", n=number, author=author, kind=kind, record=record,
            was=was, set=fields, act="change" if was else "create", at=at.isoformat(),  # type: ignore[arg-type]
        )  # fmt: skip
        verdict = Verdict(id=change.id, number=number, outcome="taken", at=f"{FRIDAY - timedelta(hours=3):%FT%TZ}")
        self.lines.append(Entry(change=change, prev="", verdict=verdict))

    def give(self, entry: DemoEntry) -> None:
        """Enter a record as it was born."""
        self.add(entry.author, entry.at, type(entry.record).__name__, entry.record.id, {}, **to_fields(entry.record))

    def correct(self, entry: DemoEntry, at: datetime, author: str = "") -> None:
        """Change a mark after it was given, if that was before the end of the fortnight."""
        assert isinstance(entry.record, Mark)
        if at < FRIDAY:
            value = "4" if entry.record.value != "4" else "5"
            was = {"value": entry.record.value}
            self.add(author or entry.author, at, "Mark", entry.record.id, was, value=value)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def plan() -> ImportPlan:
    return demo_school()


def live(plan: ImportPlan) -> tuple[Log, list[DemoEntry]]:
    """Tell the fortnight: lessons, slips put right, homework in the evening, a correction each teacher, substitutes."""
    log, corrected = Log(), set()
    entries = demo_marks(plan, FRIDAY.date())
    teachers = [load.person_id for load in plan.of(TeachingLoad)]
    marks = [entry for entry in entries if isinstance(entry.record, Mark)]
    given_by = {lesson: teachers[at % len(teachers)] for at, lesson in enumerate(substituted(entries))}
    for entry in entries:
        lesson = entry.record.mark_column_id.rsplit(ids.SEPARATOR, 2)[0] if isinstance(entry.record, Mark) else ""
        log.give(DemoEntry(entry.record, given_by.get(lesson, entry.author), entry.at))
    for at, entry in enumerate(marks):
        author = given_by.get(entry.record.mark_column_id.rsplit(ids.SEPARATOR, 2)[0], entry.author)  # type: ignore[attr-defined]
        if at % 12 == 0:
            log.correct(entry, entry.at + timedelta(minutes=3), author)
        elif at % 40 == 1:
            log.correct(entry, datetime.combine(entry.at.date() + timedelta(days=1), time(8, 10), MOSCOW), author)
        elif author == entry.author and author not in corrected:
            corrected.add(author)
            log.correct(entry, entry.at + timedelta(days=4), author)
    for entry in entries:
        if isinstance(entry.record, Lesson):
            evening = datetime.combine(entry.at.date(), time(21, 40), MOSCOW)
            log.add(
                entry.author, evening, "Lesson", entry.record.id, {"homework": entry.record.homework}, homework="§ 4"
            )
    return log, marks


def substituted(entries: list[DemoEntry]) -> list[str]:
    """Return every fifteenth lesson: somebody else gave it."""
    return [entry.record.id for entry in entries if isinstance(entry.record, Lesson)][::15]


def desk(plan: ImportPlan, person: str, folder: Path, log: Log) -> Journal:
    """Return a person's desk that has heard of everything."""
    group = plan.of(JournalPage)[0]
    school = SmallSchool(plan.records(), (), group.class_group_id, "", group.id, "")
    journal = desk_of(school, person, folder, now=FRIDAY)
    journal.apply(log.lines, len(log.lines) + 1)
    return journal


def overseers(plan: ImportPlan) -> Iterator[str]:
    yield from {grant.person_id for grant in plan.of(RoleGrant) if grant.role in (ACADEMIC, "director")}


def test_an_ordinary_fortnight_of_a_school_raises_no_alert(plan: ImportPlan, tmp_path: Path) -> None:
    log, marks = live(plan)
    assert len(marks) > 900
    assert sum(line.change.was.get("value") is not None for line in log.lines) > 90
    for person in sorted(overseers(plan)):
        journal = desk(plan, person, tmp_path, log)
        assert unusual_in_school(journal) == ()
        journal.close()


def test_an_ordinary_fortnight_tells_a_teacher_of_nothing(plan: ImportPlan, tmp_path: Path) -> None:
    log, marks = live(plan)
    counted: dict[str, int] = defaultdict(int)
    for entry in marks:
        counted[entry.author] += 1
    for person in sorted(counted, key=counted.__getitem__)[-3:]:
        journal = desk(plan, person, tmp_path, log)
        assert [each for each in queries.news(journal).notices if each.kind in ("changed", "unusual")] == []
        journal.close()


def test_fifty_one_marks_changed_with_another_s_password_are_a_line_a_page(plan: ImportPlan, tmp_path: Path) -> None:
    log, marks = live(plan)
    author = marks[0].author
    own = [entry for entry in marks if entry.author == author and entry.at.date() <= date(2026, 9, 8)]
    old = own[:51]
    assert len(old) > 20
    for entry in old:
        log.correct(entry, datetime(2026, 9, 11, 15, 0, tzinfo=MOSCOW))
    journal = desk(plan, min(overseers(plan)), tmp_path, log)
    found = unusual_in_school(journal)
    pages = {entry.record.id.rsplit(ids.SEPARATOR, 5)[0] for entry in old}
    assert len(found) == len(pages)
    assert {each.that_day for each in found} == {len(old)}
    journal.close()
