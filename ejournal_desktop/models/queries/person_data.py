"""All that this desk holds about one person (152-ФЗ, art. 14): every record that names them, and what it was before.

What the desk does not hold is named as well: nobody takes a part for the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal

import sqlalchemy as sa
from msgspec import Struct

from ejournal_core import access, russian, wire
from ejournal_core.changes import Change
from ejournal_core.kinds import Enrolment, Fields, Person, RoleGrant, SubgroupMember
from ejournal_desktop.models import records, slices
from ejournal_desktop.models.facts import DeskFacts, read_policy, select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.acts import pupils_to_name
from ejournal_desktop.models.queries.person_fields import NAMING, SPELT, TITLES
from ejournal_desktop.models.queries.person_words import PersonWords, Said
from ejournal_desktop.models.queries.surroundings import Surroundings
from ejournal_desktop.models.queries.words import outcome_text, what_was_done, where_is
from ejournal_desktop.models.records import ACCEPTED, AT_ONCE
from ejournal_desktop.models.tables import TABLES, history

Whose = Literal["Pupil", "Person"]


class Whom(Struct, frozen=True):
    """A person of whom a report is made: a pupil, or a member of staff; `name` tells namesakes apart."""

    kind: Whose
    id: str
    name: str


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
    """

    whom: Whom
    sections: tuple[DataSection, ...]
    earlier: tuple[DataLine, ...]
    not_held: tuple[str, ...]

    @property
    def records(self) -> int:
        """Return how many records there are."""
        return sum(len(section.lines) for section in self.sections)


def tells_of_people(journal: Journal) -> bool:
    """Say whether the person of this desk makes such reports today."""
    with journal.reading() as connection:
        facts = DeskFacts(connection, journal.clock())
        return access.tells_of_people(facts.roles(journal.identity.person_id), facts.today())


def people_to_tell_of(journal: Journal) -> tuple[Whom, ...]:
    """Return pupils and members of staff, each group in the order of a Russian list."""
    pupils = [Whom("Pupil", each.pupil_id, each.name) for each in pupils_to_name(journal)]
    with journal.reading() as connection:
        staff = [Whom("Person", each.id, _staff_name(each)) for each in select_records(connection, Person)]
    return (*pupils, *sorted(staff, key=lambda each: russian.sort_key(each.name)))


def _staff_name(person: Person) -> str:
    name = russian.full_name(person.last_name, person.first_name, person.patronymic)
    return ", ".join((name, person.position or "сотрудник"))


def person_data(journal: Journal, whom: Whom) -> PersonData:
    """Read everything; takes seconds on a desk that holds the whole school: not for the thread of the window."""
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        words = PersonWords(around, whom.id, read_policy(connection), journal.clock().tzinfo)
        reader = _Reader(connection, around, words, whom)
        found = [(kind, reader.records_of(kind)) for kind in TITLES]
        sections = [reader.section(kind, stands) for kind, stands in found if stands]
        earlier = [line for kind, stands in found for line in reader.earlier(kind, stands)]
        if whom.kind == "Person":
            sections += [each for each in (reader.entered(), reader.files()) if each.lines]
            earlier += reader.not_taken()
        return PersonData(whom, tuple(sections), tuple(earlier), tuple(reader.not_held()))


class _Reader:
    """Reads kind by kind on one view of the file."""

    def __init__(self, connection: sa.Connection, around: Surroundings, words: PersonWords, whom: Whom) -> None:
        self._connection, self._around, self._words, self._whom = connection, around, words, whom
        person = around.people.get(whom.id)
        self._spelt = (person.last_name, person.first_name) if person is not None else ()

    # --- records ----------------------------------------------------------------------------------------------------

    def records_of(self, kind: str) -> dict[str, records.Stand]:
        """Return the rows that name the person, voided ones included: they are still held."""
        table = TABLES[kind]
        named = [table.c[name] == self._whom.id for name in NAMING.get(kind, ())]
        named += [self._spells(table.c[name]) for name in SPELT.get(kind, ())]
        rows = records.read_where(self._connection, kind, sa.or_(*named))
        return {record: stand for record, stand in rows if stand.fields is not None}

    def _spells(self, column: sa.Column[Any]) -> sa.ColumnElement[bool]:
        whole = column.contains(f'"{self._whom.id}"', autoescape=True)
        if not self._spelt:
            return whole
        return sa.or_(whole, sa.and_(*(column.contains(name, autoescape=True) for name in self._spelt)))

    def section(self, kind: str, stands: dict[str, records.Stand]) -> DataSection:
        """Return the records of a kind in words, by day and place."""
        lines = [(self._order(kind, record, stand), self._line(kind, record, stand))
                 for record, stand in stands.items()]  # fmt: skip
        return DataSection(kind, TITLES[kind], tuple(line for _order, line in sorted(lines, key=lambda each: each[0])))

    def _order(self, kind: str, record: str, stand: records.Stand) -> tuple[str, str, str]:
        fields = stand.fields or {}
        day = self._words.day_of(kind, record, fields)
        return day.isoformat() if day else stand.entered_at or "", self._words.place(kind, record, fields), record

    def _line(self, kind: str, record: str, stand: records.Stand) -> DataLine:
        fields = stand.fields or {}
        entered = ", ".join(part for part in (self._words.author(stand.author), self._words.moment(stand.entered_at))
                            if part)  # fmt: skip
        return DataLine(self._words.day_words(kind, record, fields), self._words.place(kind, record, fields),
                        self._words.said(kind, fields), entered)  # fmt: skip

    # --- what was before --------------------------------------------------------------------------------------------

    def earlier(self, kind: str, stands: dict[str, records.Stand]) -> Iterator[DataLine]:
        """Yield the changes of records that were changed, or asked for: of others the record itself says all."""
        names = list(stands)
        for start in range(0, len(names), AT_ONCE):
            rows = self._connection.execute(_CHANGES, {"kind": kind, "records": names[start : start + AT_ONCE]}).all()
            several = {row.record for row in rows if row.outcome not in (None, *ACCEPTED)}
            seen: set[str] = set()
            for row in rows:
                several |= {row.record} & seen
                seen.add(row.record)
            for row in rows:
                if row.record in several:
                    yield self._change(row, stands[row.record].fields or {})

    def _change(self, row: Any, stands: Fields) -> DataLine:
        change = wire.decode(Change, row.body.encode())
        gone = (("содержание", "уничтожено по акту"),) if change.content else ()
        said = (*self._words.said(change.kind, change.set, stands), *gone)
        where = change.kind, row.record, stands
        parts = (TITLES[change.kind], self._words.place(*where), self._words.day_words(*where))
        place = " · ".join(part for part in parts if part)
        return DataLine(self._words.moment(change.at), place, said, self._by(change, row.outcome))

    def _by(self, change: Change, outcome: str | None) -> str:
        return f"{self._words.author(change.author)}, {outcome_text(change, outcome, None, None)}"

    # --- what a member of staff entered -----------------------------------------------------------------------------

    def entered(self) -> DataSection:
        """Return how much the person entered, kind by kind: each entry stands with whom or what it is about."""
        rows = self._connection.execute(_ENTERED, {"who": self._whom.id})
        lines = [DataLine(f"{self._words.moment(row.first)} – {self._words.moment(row.last)}", _called(row.kind),
                          (("записей", str(row.number)),), "") for row in rows]  # fmt: skip
        return DataSection("entered", "Внесено этим сотрудником", tuple(sorted(lines, key=lambda line: line.place)))

    def files(self) -> DataSection:
        """Return the files that the person attached to lessons: their names."""
        attached = list(self._connection.execute(_ATTACHED, {"who": self._whom.id}).scalars())
        stands = records.read_many(self._connection, "HomeworkFile", attached)
        lines = [DataLine(self._words.day_words("HomeworkFile", record, stand.fields or {}),
                          self._words.place("HomeworkFile", record, stand.fields or {}),
                          (("файл", str((stand.fields or {}).get("title") or "содержание уничтожено")),), "")
                 for record, stand in sorted(stands.items())]  # fmt: skip
        return DataSection("files", "Файлы, прикреплённые к урокам", tuple(lines))

    def not_taken(self) -> Iterator[DataLine]:
        """Yield what the person entered and the school did not take as it was: requests, disputes, refusals."""
        for row in self._connection.execute(_NOT_TAKEN, {"who": self._whom.id}):
            change = wire.decode(Change, row.body.encode())
            yield DataLine(
                self._words.moment(change.at), where_is(self._around, change.kind, change.record),
                (("внесено", what_was_done(change)), *((("причина", change.why),) if change.why else ())),
                self._by(change, row.outcome),
            )  # fmt: skip

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


def _called(kind: str) -> str:
    return ENTERED.get(kind) or TITLES.get(kind) or "Сведения школы"


#: What else a member of staff enters and names nobody by it.
ENTERED = {
    "Lesson": "Уроки", "HomeworkFile": "Файлы к урокам", "MarkColumn": "Столбцы отметок", "LessonPlan": "КТП",
    "PlannedLesson": "Строки КТП", "PageCompletion": "Готовность итогов", "PeriodClosing": "Закрытие периодов",
    "IssuedDocument": "Подписанные документы", "TimetableSlot": "Расписание", "Pupil": "Ученики",
    "Person": "Сотрудники", "Subgroup": "Группы",
}  # fmt: skip

_H = history.c
_TAKEN = sa.or_(_H.outcome.is_(None), _H.outcome.in_(ACCEPTED))
_CHANGES = (
    sa.select(_H.record, _H.body, _H.outcome)
    .where(_H.kind == sa.bindparam("kind"), _H.record.in_(sa.bindparam("records", expanding=True)))
    .order_by(_H.record, _H.seq)
)
_ENTERED = (
    sa.select(_H.kind, sa.func.count().label("number"), sa.func.min(_H.at).label("first"),
              sa.func.max(_H.at).label("last"))
    .where(_H.author == sa.bindparam("who"), _TAKEN)
    .group_by(_H.kind)
)  # fmt: skip
_ATTACHED = sa.select(_H.record).where(_H.author == sa.bindparam("who"), _H.kind == "HomeworkFile", _TAKEN).distinct()
_NOT_TAKEN = (
    sa.select(_H.body, _H.outcome)
    .where(_H.author == sa.bindparam("who"), _H.outcome.is_not(None), _H.outcome.not_in(ACCEPTED))
    .order_by(_H.seq)
)
