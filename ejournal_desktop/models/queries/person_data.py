"""All that is held about one person (152-ФЗ, art. 14): every record that names them, and what it was before.

Either what this desk holds, which then names what it does not hold, or all that the school's server told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

import sqlalchemy as sa
from msgspec import Struct
from msgspec.structs import replace

from ejournal_core import russian
from ejournal_core.kinds import Enrolment, Fields, RoleGrant, SubgroupMember
from ejournal_core.person_data import DataSubject
from ejournal_core.wire import EnteredCount, Malformed, PersonRecords
from ejournal_desktop.models import slices
from ejournal_desktop.models.facts import read_policy, select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.person_choice import Whom
from ejournal_desktop.models.queries.person_fields import TITLES
from ejournal_desktop.models.queries.person_sources import DeskSource, Entered, ServerSource, Source
from ejournal_desktop.models.queries.person_words import PersonWords, Said
from ejournal_desktop.models.queries.surroundings import Surroundings
from ejournal_desktop.models.queries.words import outcome_text
from ejournal_desktop.models.records import ACCEPTED, Stand


class DataLine(Struct, frozen=True):
    """One record: of which day, where in the journal, every field in words, who entered it and when."""

    day: str
    place: str
    said: Said
    entered: str


class DataSection(Struct, frozen=True):
    """All records of one kind that name the person."""

    kind: str
    title: str
    lines: tuple[DataLine, ...]


class PersonData(Struct, frozen=True):
    """The whole.

    Attributes:
        earlier: what stood in these records before, or was asked for and not taken.
        not_held: what of the person's data may be elsewhere and is not on this desk.
        number: up to which line of the log the server told all, 0 where this is what the desk holds.
    """

    whom: Whom
    sections: tuple[DataSection, ...]
    earlier: tuple[DataLine, ...]
    not_held: tuple[str, ...]
    number: int = 0

    @property
    def records(self) -> int:
        """Return how many records there are."""
        return sum(len(section.lines) for section in self.sections)


def person_data(journal: Journal, whom: Whom, told: PersonRecords | None = None) -> PersonData:
    """Put everything in words; takes seconds on a desk that holds the whole school: not for the thread of the window.

    Args:
        told: all that the server holds of the person; nothing of it is kept. None: what this desk holds.

    Raises:
        Malformed: what was told cannot be put in words.
    """
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        if told is None:
            source: Source = DeskSource(connection, _subject(around, whom))
            return _Reader(connection, around, _words(journal, around, whom, {}), whom, source).read()
        try:
            known = ServerSource(told)
            days = {lesson: date.fromisoformat(day) for lesson, day in told.head.days.items()}
            found = _Reader(connection, around, _words(journal, around, whom, days), whom, known).read()
        except (LookupError, ValueError):
            raise Malformed("what was told of a person cannot be put in words", number=told.head.number) from None
        return replace(found, not_held=_of_a_newer_program(known.unknown), number=told.head.number)


def _subject(around: Surroundings, whom: Whom) -> DataSubject:
    person = around.people.get(whom.id)
    if whom.kind == "Pupil" or person is None:
        return DataSubject(whom.kind, whom.id)
    return DataSubject(whom.kind, whom.id, person.last_name, person.first_name)


def _words(journal: Journal, around: Surroundings, whom: Whom, days: dict[str, date]) -> PersonWords:
    return PersonWords(around, whom.id, read_policy(around.connection), journal.clock().tzinfo, days)


def _of_a_newer_program(records: int) -> tuple[str, ...]:
    return (f"записей, которых эта версия программы не знает: {records}",) if records else ()


class _Reader:
    """Reads kind by kind on one view of the file."""

    def __init__(
        self, connection: sa.Connection, around: Surroundings, words: PersonWords, whom: Whom, source: Source
    ) -> None:
        self._connection, self._around, self._words, self._whom = connection, around, words, whom
        self._source = source

    def read(self) -> PersonData:
        """Return all that the source knows, kind by kind, and what this desk may lack."""
        found = [(kind, self._source.records_of(kind)) for kind in TITLES]
        sections = [self.section(kind, stands) for kind, stands in found if stands]
        earlier = [line for kind, stands in found for line in self.earlier(kind, stands)]
        if self._whom.kind == "Person":
            sections += [each for each in (self.entered(), self.files()) if each.lines]
        return PersonData(self._whom, tuple(sections), tuple(earlier), tuple(self.not_held()))

    # --- records ----------------------------------------------------------------------------------------------------

    def section(self, kind: str, stands: Mapping[str, Stand]) -> DataSection:
        """Return the records of a kind in words, by day and place."""
        lines = [(self._order(kind, record, stand), self._line(kind, record, stand))
                 for record, stand in stands.items()]  # fmt: skip
        return DataSection(kind, TITLES[kind], tuple(line for _order, line in sorted(lines, key=lambda each: each[0])))

    def _order(self, kind: str, record: str, stand: Stand) -> tuple[str, str, str]:
        fields = stand.fields or {}
        day = self._words.day_of(kind, record, fields)
        return day.isoformat() if day else stand.entered_at or "", self._words.place(kind, record, fields), record

    def _line(self, kind: str, record: str, stand: Stand) -> DataLine:
        fields = stand.fields or {}
        entered = ", ".join(part for part in (self._words.author(stand.author), self._words.moment(stand.entered_at))
                            if part)  # fmt: skip
        return DataLine(self._words.day_words(kind, record, fields), self._words.place(kind, record, fields),
                        self._words.said(kind, fields), entered)  # fmt: skip

    # --- what was before --------------------------------------------------------------------------------------------

    def earlier(self, kind: str, stands: Mapping[str, Stand]) -> Iterator[DataLine]:
        """Yield the changes of records that were changed, or asked for: of others the record itself says all."""
        changes = list(self._source.changes_of(kind, stands))
        times = Counter(each.record for each in changes)
        several = {record for record, number in times.items() if number > 1}
        several |= {each.record for each in changes if each.outcome not in (None, *ACCEPTED)}
        several |= times.keys() - stands.keys()
        for each in changes:
            if each.record in several:
                stand = stands.get(each.record)
                yield self._change(each, (stand.fields if stand is not None else None) or each.set)

    def _change(self, change: Entered, stands: Fields) -> DataLine:
        gone = (("содержание", "уничтожено по акту"),) if change.destroyed else ()
        why = (("причина", change.why),) if change.why else ()
        said = (*self._words.said(change.kind, change.set, stands), *why, *gone)
        where = change.kind, change.record, stands
        parts = (TITLES[change.kind], self._words.place(*where), self._words.day_words(*where))
        place = " · ".join(part for part in parts if part)
        return DataLine(self._words.moment(change.at), place, said, self._by(change))

    def _by(self, change: Entered) -> str:
        return f"{self._words.author(change.author)}, {outcome_text(change, change.outcome, None, None)}"

    # --- what a member of staff entered -----------------------------------------------------------------------------

    def entered(self) -> DataSection:
        """Return how much the person entered, kind by kind: each entry stands with whom or what it is about."""
        lines = [DataLine(f"{self._words.moment(each.first)} – {self._words.moment(each.last)}", _called(each.kind),
                          _numbers(each), "") for each in self._source.counts()]  # fmt: skip
        return DataSection("entered", "Внесено этим сотрудником", tuple(sorted(lines, key=lambda line: line.place)))

    def files(self) -> DataSection:
        """Return the files that the person attached to lessons: their names."""
        lines = [DataLine(self._words.day_words("HomeworkFile", record, stand.fields or {}),
                          self._words.place("HomeworkFile", record, stand.fields or {}),
                          (("файл", str((stand.fields or {}).get("title") or "содержание уничтожено")),), "")
                 for record, stand in sorted(self._source.files().items())]  # fmt: skip
        return DataSection("files", "Файлы, прикреплённые к урокам", tuple(lines))

    # --- what is not here -------------------------------------------------------------------------------------------

    def not_held(self) -> Iterator[str]:
        """Yield what may be held elsewhere, in words, by the slices that are not on this disk."""
        here = frozenset(slices.held(self._connection))
        for title, names in self._needed():
            missing = [name for name in sorted(set(names)) if name not in here]
            told = sorted(filter(None, (self._called(name) for name in missing)), key=russian.sort_key)
            if missing:
                yield f"{title}: {', '.join(dict.fromkeys(told))}" if told else title

    def _needed(self) -> Iterable[tuple[str, list[str]]]:
        everybody = list(self._around.people)
        if self._whom.kind == "Pupil":
            classes, pages = self._classes_of_pupil(), self._pages_of_pupil()
            yield "отметки, посещаемость, записи на уроках", [f"page:{each}" for each in pages]
            yield "реестр отсутствующих", [f"register:{each}" for each in classes]
            yield "документы о пропусках", [f"class:{each}" for each in classes]
            yield "личное дело и законные представители", [f"office:{each}" for each in classes]
            yield "сообщения о неверных сведениях от других", [f"reports:{each}" for each in everybody]
            yield "события других: печать, сохранение, справки", [f"events:{each}" for each in everybody]
            return
        pages = [page for page, loads in self._around.loads.items()
                 if any(load.person_id == self._whom.id for load in loads)]  # fmt: skip
        subjects = {self._around.pages[page].subject_id for page in pages if page in self._around.pages}
        grants = select_records(self._connection, RoleGrant, person_id=self._whom.id)
        yield "уроки, которые ведёт сотрудник", [f"page:{each}" for each in pages]
        yield "КТП предметов", [f"plan:{each}" for each in subjects]
        yield "сверки списков", [f"class:{each.class_group_id}" for each in grants if each.role == "class_teacher"]
        yield "сообщения о неверных сведениях", [f"reports:{self._whom.id}"]
        yield "события этого сотрудника", [f"events:{self._whom.id}"]
        yield "реестр носителей с копиями", [f"drives:{self._around.school.id}"]

    def _classes_of_pupil(self) -> list[str]:
        stays = select_records(self._connection, Enrolment, pupil_id=self._whom.id)
        return list(dict.fromkeys(each.class_group_id for each in stays))

    def _pages_of_pupil(self) -> list[str]:
        members = select_records(self._connection, SubgroupMember, pupil_id=self._whom.id)
        groups, classes = {each.subgroup_id for each in members}, set(self._classes_of_pupil())
        return [
            page.id
            for page in self._around.pages.values()
            if page.subgroup_id in groups or (page.subgroup_id is None and page.class_group_id in classes)
        ]

    def _called(self, name: str) -> str:
        place, _colon, owner = name.partition(":")
        if place == "page" and owner in self._around.pages:
            return self._around.page_ref(self._around.pages[owner]).title
        if place == "plan" and owner in self._around.subjects:
            return self._around.subjects[owner].title
        group = self._around.class_groups.get(owner)
        return group.title if group is not None else ""


def _numbers(entered: EnteredCount) -> Said:
    """Return how many entries there are; what the school did not take stands in no record of anybody."""
    not_taken = (("не принято или ждёт решения", str(entered.not_taken)),) if entered.not_taken else ()
    return (("записей", str(entered.taken)), *not_taken)


def _called(kind: str) -> str:
    return ENTERED.get(kind) or TITLES.get(kind) or "Сведения школы"


#: What else a member of staff enters and names nobody by it.
ENTERED = {
    "Lesson": "Уроки", "HomeworkFile": "Файлы к урокам", "MarkColumn": "Столбцы отметок", "LessonPlan": "КТП",
    "PlannedLesson": "Строки КТП", "PageCompletion": "Готовность итогов", "PeriodClosing": "Закрытие периодов",
    "IssuedDocument": "Подписанные документы", "TimetableSlot": "Расписание", "Pupil": "Ученики",
    "Person": "Сотрудники", "Subgroup": "Группы",
}  # fmt: skip
