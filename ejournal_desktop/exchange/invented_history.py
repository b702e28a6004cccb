"""A believable history of a demo school: lessons given, marks, absences, the marks of closed periods.

Everything follows from the plan, the day and the seed, so that two machines show the same school. It obeys the rules
that `ejournal_core.checks` judges by: nobody gets a mark while absent, before arriving, or in a subject without marks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from random import Random

from msgspec import Struct

from ejournal_core import ids
from ejournal_core.calendar import Occurrence, StudyCalendar, lesson_times, occurrences, study_calendar
from ejournal_core.kinds import (
    KINDS,
    Attendance,
    BellSlot,
    CalendarDay,
    ClassGroup,
    Enrolment,
    GradingPeriod,
    JournalPage,
    Lesson,
    Mark,
    MarkColumn,
    PeriodMark,
    Record,
    RoleGrant,
    SchoolYear,
    SubgroupMember,
    Subject,
    TeachingLoad,
    TimetableSlot,
    WorkKind,
)
from ejournal_core.marks import WeighedMark, propose_period_mark
from ejournal_core.policy import Policy
from ejournal_desktop.exchange.invented_absences import Spell, absence_document, absent, invented_spells
from ejournal_desktop.exchange.plan import ImportPlan
from ejournal_desktop.exchange.topics import Topics, homework, read_topics, topic
from ejournal_desktop.paths import resources_folder

_PARENTS_FIRST = {kind: place for place, kind in enumerate(KINDS)}
MOSCOW = timezone(timedelta(hours=3))

_WRITTEN_KINDS = {
    "Русский язык": ("independent", "dictation", "test"),
    "Литература": ("test", "essay"),
    "Физика": ("lab", "independent"),
    "Химия": ("lab", "check"),
    "Биология": ("lab", "test"),
}
_NAMED_KINDS = (("контрольный диктант", "control"), ("контрольная работа", "control"), ("диктант", "dictation"),
                ("изложение", "exposition"), ("сочинение", "essay"))  # fmt: skip


class DemoEntry(Struct, frozen=True):
    """A record with who entered it and when (aware, in the school's zone)."""

    record: Record
    author: str
    at: datetime


def demo_marks(
    plan: ImportPlan, until: date, seed: int = 1, *, topics: Topics | None = None, zone: tzinfo = MOSCOW
) -> list[DemoEntry]:
    """Return what the teachers of a planned school entered from the first day of the year to `until`, in order of time.

    On the last day only the first lessons are entered, as if it were the break after them. Each record appears once,
    after those it refers to.

    Args:
        topics: what is taught; the demo school's own when None.

    Raises:
        ImportRefused: the plan has problems.
    """
    history = _History(plan, topics or read_topics(resources_folder() / "demo" / "topics.toml"), seed, zone)
    entries = [*history.documents(until), *history.lessons(until), *history.period_marks(until)]
    return sorted(entries, key=lambda entry: (entry.at, _PARENTS_FIRST[type(entry.record).__name__]))


class _History:
    """The plan arranged for reading, and what has been invented so far."""

    def __init__(self, plan: ImportPlan, topics: Topics, seed: int, zone: tzinfo) -> None:
        self._plan = plan
        self._topics = topics
        self._seed = seed
        self._zone = zone
        self._year = plan.of(SchoolYear)[0]
        self._classes = {group.id: group for group in plan.of(ClassGroup)}
        self._subjects = {subject.id: subject for subject in plan.of(Subject)}
        self._pages = {page.id: page for page in plan.of(JournalPage)}
        self._teacher = {load.journal_page_id: load.person_id for load in reversed(plan.of(TeachingLoad))}
        self._since = {enrolment.pupil_id: enrolment.since for enrolment in plan.of(Enrolment)}
        self._weights = {kind.id: kind.weight for kind in plan.of(WorkKind)}
        self._bells = plan.of(BellSlot)
        self._slots = self._slots_by_page()
        self._members = self._members_by_group()
        self._away: dict[str, list[Spell]] = {}
        self._marks: dict[tuple[str, str, int], list[WeighedMark]] = defaultdict(list)  # page, pupil, period

    def _slots_by_page(self) -> dict[str, list[TimetableSlot]]:
        slots: dict[str, list[TimetableSlot]] = defaultdict(list)
        for slot in self._plan.of(TimetableSlot):
            slots[slot.journal_page_id].append(slot)
        return slots

    def _members_by_group(self) -> dict[str, list[str]]:
        members: dict[str, list[str]] = defaultdict(list)
        for enrolment in self._plan.of(Enrolment):
            members[enrolment.class_group_id].append(enrolment.pupil_id)
        for member in self._plan.of(SubgroupMember):
            members[member.subgroup_id].append(member.pupil_id)
        return members

    def _random(self, *parts: str) -> Random:
        """Return chance that depends on what it decides alone: a longer history begins like a shorter one."""
        return Random("|".join((str(self._seed), *parts)))  # noqa: S311  # nothing secret

    def documents(self, until: date) -> Iterator[DemoEntry]:
        """Decide who is away when; yield the papers about it, as the class teachers entered them in the morning."""
        class_teachers = {g.class_group_id: g.person_id for g in self._plan.of(RoleGrant) if g.role == "class_teacher"}
        for enrolment in self._plan.of(Enrolment):
            spells = invented_spells(enrolment.since, until, self._random("away", enrolment.pupil_id))
            self._away[enrolment.pupil_id] = spells
            author = class_teachers.get(enrolment.class_group_id)
            for spell in spells if author else ():
                if spell.document_id:
                    assert author is not None
                    document = absence_document(enrolment.class_group_id, enrolment.pupil_id, spell)
                    yield DemoEntry(document, author, datetime.combine(spell.since, time(8), self._zone))

    # --- lessons -----------------------------------------------------------------------------------------------

    def lessons(self, until: date) -> Iterator[DemoEntry]:
        """Yield the lessons of every page with their marks and absences."""
        for page in self._pages.values():
            calendar = self._calendar(self._classes[page.class_group_id])
            given = occurrences(self._slots[page.id], calendar, self._year.starts_on, until)
            for number, lesson in enumerate(given):
                if page.id in self._teacher and (lesson.day < until or lesson.lesson_number == 1):
                    yield from self._lesson(page, lesson, number)

    def _calendar(self, group: ClassGroup) -> StudyCalendar:
        return study_calendar(
            self._year,
            group.period_scheme,
            self._plan.of(GradingPeriod),
            self._plan.of(CalendarDay),
            self._plan.of(TimetableSlot),
        )

    def _lesson(self, page: JournalPage, occurrence: Occurrence, number: int) -> Iterator[DemoEntry]:
        subject, group = self._subjects[page.subject_id], self._classes[page.class_group_id]
        lesson_id = ids.lesson(page.id, occurrence.day, occurrence.lesson_number)
        random = self._random("lesson", lesson_id)
        taught = self._topics.of(subject.title, group.grade_level)
        lesson = Lesson(
            id=lesson_id,
            journal_page_id=page.id,
            held_on=occurrence.day,
            lesson_number=occurrence.lesson_number,
            held=True,
            topic=topic(taught, number),
            homework=homework(taught, number, random) if subject.attested else "",
        )
        author, at = self._teacher[page.id], self._moment(occurrence, random)
        pupils = [id_ for id_ in self._listed(page) if self._since[id_] <= occurrence.day]
        presence = {id_: self._attendance(lesson, id_, random) for id_ in pupils}
        there = [id_ for id_ in pupils if not ((seen := presence[id_]) and seen.presence == "absent")]
        made: list[Record] = [lesson, *(seen for seen in presence.values() if seen)]
        if subject.attested:
            made += self._marks_of(page, lesson, there, random)
        yield from (DemoEntry(record, author, at) for record in made)

    def _listed(self, page: JournalPage) -> Sequence[str]:
        return self._members[page.subgroup_id or page.class_group_id]

    def _moment(self, occurrence: Occurrence, random: Random) -> datetime:
        """Return when the lesson was entered: within the break after it."""
        times = lesson_times(self._bells, occurrence.day, occurrence.lesson_number)
        ended = datetime.combine(occurrence.day, times[1] if times else time(15), self._zone)
        return ended + timedelta(minutes=random.randint(0, 8), seconds=random.randint(0, 59))

    def _attendance(self, lesson: Lesson, pupil_id: str, random: Random) -> Attendance | None:
        for spell in self._away[pupil_id]:
            if spell.since <= lesson.held_on <= spell.until:
                return absent(lesson.id, pupil_id, spell)
        if random.random() < (0.02 if lesson.lesson_number == 1 else 0.002):
            minutes = random.choice((5, 10, 15))
            id_ = ids.attendance(lesson.id, pupil_id)
            return Attendance(id=id_, lesson_id=lesson.id, pupil_id=pupil_id, presence="late", late_minutes=minutes)
        return None

    # --- marks -------------------------------------------------------------------------------------------------

    def _marks_of(self, page: JournalPage, lesson: Lesson, there: Sequence[str], random: Random) -> Iterator[Record]:
        """Yield the columns of a lesson and the marks in them: a few answers, or a work of everybody present."""
        subject = self._subjects[page.subject_id].title
        kind = self._written_kind(subject, lesson.topic, random)
        if kind:
            title = lesson.topic if kind == "control" else ""
            yield from self._column(page, lesson, kind, title, there, random)
        elif there:
            answering = self._asked(page, lesson.held_on, there, random)
            yield from self._column(page, lesson, random.choice(("oral", "oral", "classwork")), "", answering, random)

    def _asked(self, page: JournalPage, day: date, there: Sequence[str], random: Random) -> Sequence[str]:
        """Return who answers: rather those who have few marks yet, as teachers do."""
        period = self._period_number(page, day)
        waiting = {id_: len(self._marks[page.id, id_, period]) + 2.5 * random.random() for id_ in there}
        return sorted(there, key=waiting.__getitem__)[: random.choice((1, 2, 3, 3, 4))]

    @staticmethod
    def _written_kind(subject: str, lesson_topic: str, random: Random) -> str:
        for words, kind in _NAMED_KINDS:
            if words in lesson_topic.casefold() and "анализ" not in lesson_topic.casefold():
                return kind
        if lesson_topic.endswith(": обобщение"):
            return "check"
        return random.choice(_WRITTEN_KINDS.get(subject, ("independent", "test"))) if random.random() < 0.1 else ""

    def _column(
        self, page: JournalPage, lesson: Lesson, kind: str, title: str, pupils: Sequence[str], random: Random
    ) -> Iterator[Record]:
        column_id = ids.mark_column(lesson.id, kind, 1)
        yield MarkColumn(id=column_id, lesson_id=lesson.id, work_kind_id=kind, title=title)
        subject = self._subjects[page.subject_id].title
        for pupil_id in pupils:
            value = self._value(pupil_id, subject, random)
            if kind in ("dictation", "exposition", "essay") and subject in ("Русский язык", "Литература"):
                value = f"{value}/{self._value(pupil_id, subject, random)}"
            period = self._period_number(page, lesson.held_on)
            self._marks[page.id, pupil_id, period].append(WeighedMark(value, self._weights.get(kind, Decimal(1))))
            yield Mark(id=ids.mark(column_id, pupil_id), mark_column_id=column_id, pupil_id=pupil_id, value=value)

    def _value(self, pupil_id: str, subject: str, random: Random) -> str:
        """Return a mark around what this pupil can do in this subject: most 4 and 5, some 3, few 2."""
        able = self._random("able", pupil_id).gauss(4.1, 0.5) + self._random("able", pupil_id, subject).gauss(0, 0.3)
        return str(min(5, max(2, round(random.gauss(able, 0.6)))))

    # --- marks of closed periods -------------------------------------------------------------------------------

    def _periods(self, page: JournalPage) -> list[GradingPeriod]:
        scheme = self._classes[page.class_group_id].period_scheme
        return [period for period in self._plan.of(GradingPeriod) if period.kind == scheme]

    def _period_number(self, page: JournalPage, day: date) -> int:
        return next((p.number for p in self._periods(page) if p.starts_on <= day <= p.ends_on), 0)

    def period_marks(self, until: date) -> Iterator[DemoEntry]:
        """Yield the marks of the periods that ended before `until`, as the program itself proposes them."""
        policy = Policy.default()
        for page in self._pages.values():
            attested = self._subjects[page.subject_id].attested and page.id in self._teacher
            for period in self._periods(page) if attested else ():
                last = self._calendar(self._classes[page.class_group_id]).last_study_day(period)
                if last is None or last >= until:
                    continue
                at = datetime.combine(last, time(15), self._zone)
                for pupil_id in self._listed(page):
                    if self._since[pupil_id] <= last:
                        yield self._period_mark(page, period, pupil_id, at, policy)

    def _period_mark(
        self, page: JournalPage, period: GradingPeriod, pupil_id: str, at: datetime, policy: Policy
    ) -> DemoEntry:
        proposal = propose_period_mark(self._marks[page.id, pupil_id, period.number], policy)
        record = PeriodMark(
            id=ids.period_mark(page.id, pupil_id, period.kind, period.number),
            journal_page_id=page.id,
            pupil_id=pupil_id,
            period_kind=period.kind,
            period_number=period.number,
            value=proposal.value,
        )
        return DemoEntry(record, self._teacher[page.id], at)
