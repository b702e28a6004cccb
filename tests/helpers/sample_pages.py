"""Realistic frozen pages for tests and pictures of screens: all people are invented, the dice are seeded."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import msgspec

from ejournal_desktop.models.pages import (
    CellHistoryRow,
    GridCell,
    GridColumn,
    JournalSpread,
    LessonRow,
    PageRef,
    Proposal,
    PupilRow,
)
from ejournal_desktop.models.queries.cells import NEEDS_UPDATE

MOSCOW = timezone(timedelta(hours=3))
TEACHER = "Иванова Мария Петровна"
YEAR_START = date(2026, 9, 1)
TODAY = date(2026, 11, 20)

#: (last day, number) of the quarters of the sample year, and the vacations after them.
QUARTERS = ((date(2026, 10, 24), 1), (date(2026, 12, 28), 2), (date(2027, 3, 20), 3), (date(2027, 5, 26), 4))
VACATION_DAYS = 9

NAMES = (
    ("Абрамова", "Анна", "Игоревна"), ("Ахметзянов", "Рустам", "Ильдарович"), ("Бадмаева", "Сэсэг", "Баировна"),
    ("Белов", "Тимофей", "Андреевич"), ("Васильева", "Дарья", "Сергеевна"), ("Галкин", "Семён", "Олегович"),
    ("Гончаренко", "Ева", "Павловна"), ("Данилов", "Артём", "Денисович"), ("Егорова", "Полина", "Юрьевна"),
    ("Ёлкин", "Пётр", "Николаевич"), ("Жданова", "Кира", "Романовна"), ("Зайцев", "Глеб", "Ильич"),
    ("Ибрагимова", "Амина", "Руслановна"), ("Йорданов", "Христо", "Петров"), ("Калинина", "Вера", "Львовна"),
    ("Котов", "Марк", "Евгеньевич"), ("Ларионова", "София", "Антоновна"), ("Макаров", "Иван", "Алексеевич"),
    ("Мельникова", "Ульяна", "Фёдоровна"), ("Николаев", "Айсен", "Уйгунович"), ("Орлова", "Таисия", "Кирилловна"),
    ("Павлов", "Роман", "Викторович"), ("Рыбакова", "Милана", "Дмитриевна"), ("Семёнов", "Лев", "Степанович"),
    ("Тарасова", "Злата", "Максимовна"), ("Уваров", "Никита", "Георгиевич"), ("Фёдорова", "Алиса", "Матвеевна"),
    ("Хабибуллин", "Тимур", "Маратович"), ("Цветкова", "Майя", "Егоровна"), ("Чернов", "Егор", "Владимирович"),
    ("Шульга", "Олеся", "Тарасовна"), ("Щербаков", "Данил", "Русланович"), ("Эрдниева", "Герел", "Саналовна"),
    ("Юдин", "Фёдор", "Михайлович"), ("Яковлева", "Арина", "Вадимовна"),
)  # fmt: skip

LONG_NAMES = (
    ("Константинопольская-Белосельская", "Александра-Екатерина", "Всеволодовна"),
    ("Абдурахмангаджиев", "Нурмухаммад", "Абдулхакимович"),
    ("Ли", "Ян", ""),
)

TOPICS = (
    "Числовые выражения", "Выражения с переменными", "Сравнение значений выражений",
    "Свойства действий над числами", "Тождества. Тождественные преобразования выражений",
    "Уравнение и его корни", "Линейное уравнение с одной переменной",
    "Решение задач с помощью уравнений: движение, работа, смеси и сплавы", "Среднее арифметическое, размах и мода",
    "Контрольная работа № 1 по теме «Выражения, тождества, уравнения»", "Что такое функция",
    "Вычисление значений функции по формуле", "График функции", "Прямая пропорциональность и её график",
)  # fmt: skip

#: id → (code, title, weight)
WORK_KINDS = {
    "oral": ("У", "устный ответ", Decimal(1)),
    "control": ("КР", "контрольная работа", Decimal(2)),
    "independent": ("СР", "самостоятельная работа", Decimal("1.5")),
    "homework": ("ДЗ", "домашняя работа", Decimal(1)),
    "dictation": ("Д", "диктант", Decimal(1)),
}


@dataclass
class Sample:
    """What to vary in a sample spread."""

    pupils: int = 25
    lessons: int = 80
    subgroup: str = ""
    long_names: bool = False
    states: bool = True  # one cell of every delivery state
    fill: bool = True  # marks and absences up to today
    read_only: str = ""
    seed: int = 7
    today: date = TODAY
    names: tuple[tuple[str, str, str], ...] = field(default=NAMES)


def spread(sample: Sample | None = None) -> JournalSpread:
    """Return a spread of 7 «Б», algebra."""
    sample = sample or Sample()
    dice = random.Random(sample.seed)
    pupils = tuple(_pupils(sample))
    lessons = tuple(_lessons(sample))
    columns = tuple(_columns(lessons, dice))
    cells = _cells(sample, pupils, columns, dice) if sample.fill else {}
    proposals = dict(_proposals(pupils, columns, cells))
    return JournalSpread(
        page=page_ref(sample.subgroup), pupils=pupils, columns=columns, lessons=lessons, cells=cells,
        proposals=proposals, today=sample.today, read_only=sample.read_only,
    )  # fmt: skip


def page_ref(subgroup: str = "", class_title: str = "7 «Б»", subject: str = "Алгебра", *, mine: bool = True) -> PageRef:
    """Return a reference to an invented page."""
    key = f"{subject}.{class_title}.{subgroup}"
    return PageRef(
        id=key, class_group_id=class_title, subject_id=subject, class_title=class_title, subject_title=subject,
        subgroup_title=subgroup, teachers=(TEACHER,), mine=mine,
    )  # fmt: skip


def page_refs() -> tuple[PageRef, ...]:
    """Return the pages of a teacher with two subgroups and of a colleague."""
    return (
        page_ref(), page_ref("2 группа"), page_ref(subject="Геометрия"), page_ref(class_title="8 «А»"),
        page_ref(class_title="10 «А»", subject="Вероятность и статистика"),
        page_ref(class_title="7 «Б»", subject="Русский язык", mine=False),
    )  # fmt: skip


def history() -> tuple[CellHistoryRow, ...]:
    """Return the history of a cell that was mended once."""
    return (
        CellHistoryRow(datetime(2026, 9, 14, 8, 5, tzinfo=MOSCOW), TEACHER, "4", "5/4", "принято", 1204, "описка"),
        CellHistoryRow(datetime(2026, 9, 11, 10, 42, tzinfo=MOSCOW), TEACHER, "", "4", "принято", 987),
    )


def sport_spread() -> JournalSpread:
    """Return a page of physical education with two pupils of the special medical group, one of whom left it."""
    page = spread(Sample(states=False))
    special = {4: (YEAR_START, None), 8: (YEAR_START, date(2026, 10, 1)), 11: (date(2026, 11, 2), date(2026, 12, 1))}
    pupils = tuple(
        msgspec.structs.replace(pupil, special=special[number]) if number in special else pupil
        for number, pupil in enumerate(page.pupils)
    )
    return msgspec.structs.replace(page, page=page_ref(subject="Физическая культура"), pupils=pupils)


def empty_spread() -> JournalSpread:
    """Return a page of a class without pupils and lessons."""
    return JournalSpread(
        page=page_ref(), pupils=(), columns=(), lessons=(), cells={}, proposals={}, today=TODAY, read_only=""
    )


def _pupils(sample: Sample) -> Iterator[PupilRow]:
    names = (*LONG_NAMES, *sample.names) if sample.long_names else sample.names
    for number, (last, first, patronymic) in enumerate(names[: sample.pupils], start=1):
        arrived = date(2026, 10, 5) if number == 14 else YEAR_START
        left = date(2026, 11, 3) if number == 6 else None
        yield PupilRow(
            pupil_id=f"p{number:02}", position=number, name=f"{last} {first}",
            full_name=f"{last} {first} {patronymic}".strip(), since=arrived, until=left,
            departure_order="№ 112 от 03.11.2026" if left else "",
        )  # fmt: skip


def _school_days(lessons: int) -> Iterator[date]:
    """Give days with a lesson: four a week, or every day when 200 are wanted; no lessons in vacations."""
    weekdays = {0, 1, 2, 4} if lessons <= 140 else {0, 1, 2, 3, 4, 5}
    day = date(2026, 9, 1)
    while True:
        if day.weekday() in weekdays and not any(
            end < day <= end + timedelta(days=VACATION_DAYS) for end, _ in QUARTERS
        ):
            yield day
        day += timedelta(days=1)


def _quarter(day: date) -> int | None:
    return next((number for end, number in QUARTERS if day <= end), None)


def _lessons(sample: Sample) -> Iterator[LessonRow]:
    if not sample.lessons:
        return
    for number, day in enumerate(_school_days(sample.lessons)):
        if number == sample.lessons:
            return
        past = day <= sample.today and sample.fill
        today = day == sample.today
        lesson_number = 1 + (day.weekday() * 2 + 3) % 6
        yield LessonRow(
            lesson_id=f"page.{day:%Y%m%d}.{lesson_number}", held_on=day, lesson_number=lesson_number,
            period_number=_quarter(day), exists=past, held=past and not today,
            topic=TOPICS[number % len(TOPICS)] if past else "",
            homework=f"§ {number // 2 + 1}, № {number * 3 + 4}–{number * 3 + 8}" if past and not today else "",
            starts_at="10:30", ends_at="11:15", room="21",
            teacher="замена: Петрова С. И." if number == 9 else "",
            homework_delivery="waiting" if past and number % 11 == 10 else "delivered",
        )  # fmt: skip


def _columns(lessons: tuple[LessonRow, ...], dice: random.Random) -> Iterator[GridColumn]:
    for number, lesson in enumerate(lessons):
        kinds = _kinds_of_lesson(number, dice) if lesson.exists else [""]
        for ordinal, kind in enumerate(kinds):
            code, title, weight = WORK_KINDS.get(kind, ("", "", Decimal(1)))
            mark_column = f"{lesson.lesson_id}.{kind}.1" if kind else None
            yield GridColumn(
                kind="lesson", key=mark_column or lesson.lesson_id, lesson_id=lesson.lesson_id,
                mark_column_id=mark_column, first_of_lesson=ordinal == 0, held_on=lesson.held_on,
                lesson_number=lesson.lesson_number, work_kind_id=kind, work_code=code, work_title=title,
                weight=weight, period_number=lesson.period_number or 0,
            )  # fmt: skip
        following = lessons[number + 1].period_number if number + 1 < len(lessons) else None
        if lesson.period_number and lesson.period_number != following:
            yield from _period_columns(lesson.period_number)


def _kinds_of_lesson(number: int, dice: random.Random) -> list[str]:
    if number % 10 == 9:
        return ["control"]
    if number % 7 == 5:
        return ["oral", "independent"]
    return [dice.choice(["oral", "oral", "oral", "homework", ""])]


def _period_columns(number: int) -> Iterator[GridColumn]:
    title = ("I", "II", "III", "IV")[number - 1]
    yield GridColumn(
        kind="period", key=f"quarter.{number}", period_kind="quarter", period_number=number, period_title=f"{title} ч",
        closed=number == 1,
    )  # fmt: skip
    if number == 4:
        yield GridColumn(kind="period", key="year", period_kind="year", period_number=1, period_title="Год")


Cells = dict[tuple[str, str], GridCell]


def _cells(sample: Sample, pupils: tuple[PupilRow, ...], columns: tuple[GridColumn, ...], dice: random.Random) -> Cells:
    cells: Cells = {}
    for column in columns:
        for pupil in pupils:
            if column.held_on and column.held_on <= sample.today and pupil.present_in_class(column.held_on):
                cell = _cell(column, dice)
                if cell:
                    cells[column.key, pupil.pupil_id] = cell
    _period_marks(pupils, columns, cells, dice)
    if sample.states and len(pupils) > 12:
        _one_of_every_state(pupils, columns, cells, sample.today)
    return cells


def _cell(column: GridColumn, dice: random.Random) -> GridCell | None:
    assert column.held_on
    entered = datetime(column.held_on.year, column.held_on.month, column.held_on.day, 10, 42, tzinfo=MOSCOW)
    until = column.held_on + timedelta(days=7)
    throw = dice.random()
    if column.first_of_lesson and throw < 0.06:
        letter = dice.choice(["н", "н", "б", "у", "оп"])
        return GridCell(absence=letter, author=TEACHER, entered_at=entered, editable_until=until)
    density = 0.9 if column.work_kind_id in ("control", "independent") else 0.25
    if not column.mark_column_id or throw > density:
        return None
    value = dice.choice(["5", "5", "4", "4", "4", "3", "3", "2"])
    return GridCell(value=value, author=TEACHER, entered_at=entered, editable_until=until)


def _period_marks(
    pupils: tuple[PupilRow, ...], columns: tuple[GridColumn, ...], cells: Cells, dice: random.Random
) -> None:
    if not any(column.key == "quarter.1" for column in columns):
        return
    for pupil in pupils[:-2]:
        if pupil.since < date(2026, 10, 1):
            cells["quarter.1", pupil.pupil_id] = GridCell(value=dice.choice("5443"), author=TEACHER)


def _proposals(
    pupils: tuple[PupilRow, ...], columns: tuple[GridColumn, ...], cells: Cells
) -> Iterator[tuple[tuple[str, str], Proposal]]:
    for column in columns:
        if column.kind != "period" or column.period_kind != "quarter":
            continue
        lessons = [c for c in columns if c.kind == "lesson" and c.period_number == column.period_number]
        for pupil in pupils:
            marks = [
                int(cell.value)
                for lesson in lessons
                if (cell := cells.get((lesson.key, pupil.pupil_id))) and cell.value.isdigit()
            ]
            if marks:
                average = Decimal(sum(marks)) / len(marks)
                rounded = average.quantize(Decimal("0.01"))
                proposed = str(int(average + Decimal("0.5")))
                yield (column.key, pupil.pupil_id), Proposal(pupil.pupil_id, rounded, rounded, proposed, len(marks))


def _one_of_every_state(
    pupils: tuple[PupilRow, ...], columns: tuple[GridColumn, ...], cells: Cells, today: date
) -> None:
    """Put one cell of every state into the last three lessons before today, one under the other."""
    past = [c for c in columns if c.mark_column_id and c.held_on and c.held_on <= today][-3:]
    when = datetime(today.year, today.month, today.day, 10, 42, tzinfo=MOSCOW)
    until = today + timedelta(days=7)
    states = (
        GridCell("5", delivery="waiting", author=TEACHER, entered_at=when, editable_until=until),
        GridCell("5/4", author=TEACHER, entered_at=when, editable_until=until),
        GridCell(
            "4", delivery="disputed", other_value="2", other_author="Петрова Светлана Игоревна", author=TEACHER,
            entered_at=when,
        ),
        GridCell(
            "3", delivery="pending", other_value="4", other_author=TEACHER, author=TEACHER, entered_at=when,
            reason="Период закрыт: исправление возможно по заявке завучу.",
        ),
        GridCell("5", delivery="refused", author=TEACHER, entered_at=when,
                 reason="Сервер школы не принял запись (EJ-221)."),
        GridCell("4", delivery="quarantined", author=TEACHER, entered_at=when,
                 reason="Отложено до решения администратора (EJ-255)."),
        GridCell("4", corrected=True, author=TEACHER, entered_at=when, editable_until=until),
        GridCell("3", comment="переписать до пятницы", author=TEACHER, entered_at=when, editable_until=until),
        GridCell(".", author=TEACHER, entered_at=when, editable_until=until),
        GridCell("5", remarks=("praise",), author=TEACHER, entered_at=when, editable_until=until),
        GridCell(remarks=("remark", "address")),
        GridCell("5", absence="оп", author=TEACHER, entered_at=when, editable_until=until),
        GridCell("зач", author=TEACHER, entered_at=when, editable_until=until),
        GridCell(absence="н", delivery="waiting", author=TEACHER, entered_at=when, editable_until=until),
        GridCell("4", author=TEACHER, entered_at=when, reason=NEEDS_UPDATE),
    )  # fmt: skip
    rows = [row for row, pupil in enumerate(pupils) if pupil.present_in_class(today)]
    for row, state in zip(rows, states, strict=False):
        column = past[row % len(past)] if past else columns[0]
        first = state.absence and not column.first_of_lesson
        cells[(past[0] if first else column).key, pupils[row].pupil_id] = state
