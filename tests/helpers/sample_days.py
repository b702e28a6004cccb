"""Days, lessons, states and people for pictures of screens: invented, and in every state that a real day may bring."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from ejournal_core.blobs import MEDIA_TYPES
from ejournal_core.kinds import Presence
from ejournal_desktop.models.pages import (
    Delivery,
    DisputeRow,
    DueItem,
    GridCell,
    GridColumn,
    LessonRow,
    LessonSheet,
    PersonRow,
    RollRow,
    StateRow,
    SyncState,
    Today,
    TodayLesson,
)
from ejournal_desktop.models.queries.due import DueRow
from ejournal_desktop.models.queries.files import AttachedFile, LessonFiles
from ejournal_desktop.models.queries.today import COMES_BY_ITSELF, LOADING
from ejournal_desktop.models.state import Identity
from ejournal_desktop.ui import errors
from ejournal_desktop.ui.sentences import SENTENCES
from ejournal_desktop.ui.widgets.desk_list import DeskChoice
from tests.helpers.sample_pages import LONG_NAMES, MOSCOW, NAMES, page_ref

DAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 14, 28, tzinfo=MOSCOW)
MORNING = datetime(2026, 11, 21, 9, 40, tzinfo=MOSCOW)

IVANOVA = PersonRow("ivanova", "Иванова Мария Петровна", "Иванова М. П.", ("subject_teacher", "class_teacher"))


class SilentJournal:
    """Stands where a screen only listens: nobody ever writes here."""

    identity = Identity("desk", "ivanova", "Иванова Мария Петровна", "school", b"")

    def listen(self, _callback: Callable[[Any], None]) -> Callable[[], None]:
        """Take the callback and never call it."""
        return lambda: None


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    """Return a moment of the sample day."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=MOSCOW)


def desks() -> tuple[DeskChoice, ...]:
    """Return the people of a staffroom PC, one of them with a very long name."""
    long = "Константинопольская-Белосельская Александра-Екатерина Всеволодовна"
    return (
        DeskChoice("1", PersonRow("1", "Громова Анна Викторовна", "Громова А. В.", ("deputy_director",))),
        DeskChoice("2", PersonRow("2", "Ёлкин Сергей Юрьевич", "Ёлкин С. Ю.", ("subject_teacher",))),
        DeskChoice("3", IVANOVA, undelivered=3),
        DeskChoice("4", PersonRow("4", long, "Константинопольская-Белосельская А. В.",
                                  ("subject_teacher", "class_teacher", "timetable_dispatcher")), undelivered=12),
        DeskChoice("5", PersonRow("5", "Петрова Светлана Игоревна", "Петрова С. И.", ("subject_teacher",))),
    )  # fmt: skip


# --- Сегодня ------------------------------------------------------------------------------------------------------


def items(held: bool = False, roll: bool = False, topic: bool = False, work: bool = False) -> tuple[DueItem, ...]:
    """Return what a lesson asks for."""
    midnight = at(23, 59)
    return (
        DueItem("held", held, midnight), DueItem("attendance", roll, midnight), DueItem("topic", topic, midnight),
        DueItem("homework", work, at(15, 10)),
    )  # fmt: skip


def day() -> Today:
    """Return a day in which everything happens."""
    lessons = (
        TodayLesson("l1", page_ref(), 1, "8:30".zfill(5), "09:15", "каб. 21", True, ("Ёлкин Пётр", "Котов Марк"), (),
                    items(True, True, True, False)),
        TodayLesson("l2", page_ref(class_title="8 «А»", subject="Геометрия"), 2, "09:25", "10:10", "каб. 21", False,
                    (), ("Котов (Б)",), items()),
        TodayLesson("l3", page_ref("2 группа", class_title="7 «В»"), 3, "10:30", "11:15", "каб. 34", True, (), (),
                    items(True, True, True, True), "Петрова С. И."),
        TodayLesson("l4", page_ref(class_title="10 «А»", subject="Вероятность и статистика"), 5, "12:25", "13:10",
                    "каб. 21", True, (), (), items(True, True, True, True)),
        TodayLesson("l5", page_ref(), 7, "14:15", "15:00", "каб. 21", False, (), ("Котов (Б)",), ()),
        TodayLesson("l6", page_ref(class_title="11 «А»", subject="Индивидуальный проект"), 8, "15:10", "15:55",
                    "спортзал", False, (), (), items()),
    )  # fmt: skip
    return Today(DAY, IVANOVA.name, lessons, disputes())


def due() -> tuple[DueRow, ...]:
    """Return one line of everything that may be due besides the lessons of the day."""
    algebra, geometry = page_ref(), page_ref(class_title="8 «А»", subject="Геометрия")
    project = page_ref("2 группа", class_title="11 «А»", subject="Индивидуальный проект")
    return (
        DueRow(id="1", what="marks", page=algebra, lesson_id="l1", held_on=DAY, lesson_number=1, work="У",
               due_at=at(15, 15)),
        DueRow(id="2", what="marks", page=geometry, lesson_id="l2", held_on=date(2026, 11, 17), lesson_number=2,
               work="КР", pupils=("Абрамова Анна", "Гончаренко Ева", "Ёлкин Пётр", "Котов Марк"),
               due_at=datetime(2026, 11, 25, tzinfo=MOSCOW)),
        DueRow(id="3", what="period", page=algebra, period_kind="quarter", period_number=2, period="II четверть",
               due_at=datetime(2026, 11, 29, tzinfo=MOSCOW)),
        DueRow(id="4", what="wrong", page=algebra, lesson_id="l1", held_on=DAY, lesson_number=1,
               pupils=("Ёлкин Пётр", "Котов Марк")),
        DueRow(id="5", what="lessons", page=project, lesson_id="l6", held_on=date(2026, 11, 20), lesson_number=8,
               number=1, items=("held", "attendance", "topic"), due_at=at(0), allowed_until=at(0) + timedelta(days=1)),
        DueRow(id="6", what="lessons", page=geometry, lesson_id="l2", held_on=date(2026, 11, 3), lesson_number=2,
               number=4, items=("topic",), due_at=datetime(2026, 11, 4, tzinfo=MOSCOW)),
    )  # fmt: skip


def disputes() -> tuple[DisputeRow, ...]:
    """Return two disputes."""
    return (
        DisputeRow("d1", "Mark", "m1", "value", page_ref(), "7 «Б» · Алгебра · 11.09 · Ёлкин Пётр", "4",
                   "Петрова С. И.", at(10, 40), "2", "Иванова М. П.", at(10, 42), True),
        DisputeRow("d2", "Attendance", "a1", "presence", page_ref(), "7 «Б» · Алгебра · 20.11 · Жданова Кира", "н",
                   "Иванова М. П.", at(11, 2, date(2026, 11, 20)), "", "Петрова С. И.", at(12, 30, date(2026, 11, 20)),
                   True),
    )  # fmt: skip


def empty_day(note: str = "") -> Today:
    """Return a day without lessons."""
    return Today(DAY, IVANOVA.name, (), (), note)


def loading_day() -> Today:
    """Return the day of somebody whose journal is still on its way."""
    return Today(DAY, IVANOVA.name, (), (), note=LOADING, guidance=COMES_BY_ITSELF)


# --- Урок ---------------------------------------------------------------------------------------------------------


def sheet(pupils: int = 25, *, states: bool = True, read_only: str = "", fresh: bool = False) -> LessonSheet:
    """Return a lesson of 7 «Б»: 25 pupils, one of every state, or nothing entered yet (`fresh`)."""
    columns = _columns() if not fresh else (_columns()[0].__class__(kind="lesson", key="l1", lesson_id="l1"),)
    names = (*LONG_NAMES, *NAMES) if pupils > len(NAMES) - 1 else NAMES
    cells: dict[tuple[str, str], GridCell] = {}
    if not fresh:
        for number in range(pupils):
            if number % 3 == 0:
                cells["c1", f"p{number}"] = GridCell(value="5443"[number % 4])
            if number % 4 != 1:
                cells["c2", f"p{number}"] = GridCell(
                    value="54342"[number % 5], delivery="waiting" if number > 20 else "delivered"
                )
        if states:
            _states(cells)
    roll = tuple(_roll_row(number, name, cells, fresh=fresh) for number, name in enumerate(names[:pupils]))
    lesson = LessonRow(
        "l1", DAY, 1, 2, not fresh, not fresh, "" if fresh else "Линейное уравнение с одной переменной", "", "08:30",
        "09:15", "каб. 21",
    )  # fmt: skip
    due = items() if fresh else items(True, True, True, False)
    return LessonSheet(page_ref(), lesson, columns, roll, cells, due, "§ 11, № 198–204, правило на с. 64", read_only)


def _columns() -> tuple[GridColumn, ...]:
    return (
        GridColumn("lesson", "c1", "l1", "c1", True, DAY, 1, "oral", "У", "устный ответ"),
        GridColumn("lesson", "c2", "l1", "c2", False, DAY, 1, "control", "КР", "контрольная работа", Decimal(2)),
    )


def _states(cells: dict[tuple[str, str], GridCell]) -> None:
    cells["c2", "p2"] = GridCell("4", delivery="disputed", other_value="2", other_author="Петрова С. И.",
                                 reason="Петрова С. И. поставила 2 сегодня в 10:40")  # fmt: skip
    cells["c1", "p6"] = GridCell("5", delivery="refused", reason="Период закрыт: исправить можно через завуча.")
    cells["c2", "p7"] = GridCell("3", comment="переписать до пятницы")
    cells["c2", "p8"] = GridCell("5/4", delivery="waiting")
    cells["c1", "p10"] = GridCell(".")


def _roll_row(
    number: int, name: tuple[str, str, str], cells: dict[tuple[str, str], GridCell], *, fresh: bool
) -> RollRow:
    last, first, patronymic = name
    presence: Presence = "present"
    letter, known, minutes = "", "", None
    delivery: Delivery = "delivered"
    if number == 15:
        known = "болезнь, справка до 25.11"
    if not fresh and number in (9, 15):
        presence, letter = "absent", "б" if number == 15 else "н"
        delivery = "waiting" if number == 9 else "delivered"
    if not fresh and number == 4:
        presence, letter, minutes = "late", "оп", 10
    marks = tuple(
        (column, cells[column, f"p{number}"].value) for column in ("c1", "c2") if (column, f"p{number}") in cells
    )
    return RollRow(
        f"p{number}", number + 1, f"{last} {first}", f"{last} {first} {patronymic}".strip(), presence, minutes, letter,
        known, marks, delivery, "marked" if presence == "absent" and marks else "",
    )  # fmt: skip


def files(*, away: bool = False) -> LessonFiles:
    """Return a file in every state, one with a very long name."""
    long = "Контрольно-измерительные материалы по алгебре для повторения в конце первой четверти, с ответами.docx"
    pdf, png, mega = "application/pdf", "image/png", 1024 * 1024
    some = (
        ("f1", "Задачи к § 11.pdf", 1_258_291, pdf, "here", 0, "", True, ""),
        ("f2", long, 348_160, MEDIA_TYPES[".docx"], "sending", 139_264, "", True, ""),
        ("f3", "Снимок 21.11.2026 14-20-05.png", 5 * mega, png, "there", 0, "", False, "Петрова С. И."),
        ("f4", "Чертёж.png", 12 * mega, png, "fetching", 7 * mega, "", False, "Петрова С. И."),
        ("f5", "Видео опыта.mp4", 19 * mega, "video/mp4", "problem", 0, "EJ-416", True, ""),
    )
    return LessonFiles(
        tuple(
            AttachedFile(kind="HomeworkFile", id=id_, title=title, size=size, media_type=media, author="", done=done,
                         state=state, problem=problem, held=held, by=by)  # type: ignore[arg-type]
            for id_, title, size, media, state, done, problem, held, by in some
        ),
        away,
    )  # fmt: skip


# --- Состояние ----------------------------------------------------------------------------------------------------


def delivered_state() -> SyncState:
    """Return a state in which all is well."""
    rows = tuple(
        StateRow(f"s{number}", at(10, 42) - timedelta(minutes=3 * number), "7 «Б» · Алгебра · " + " ".join(name[:2]),
                 f"отметка {'5443'[number % 4]}", "delivered")
        for number, name in enumerate(NAMES[:14])
    )  # fmt: skip
    return SyncState(
        1284, 1284, 0, 0, 0, 0, 0, at(14, 27), 48213, "9f2c41d07ab35e18", "journal.school.local", rows=rows
    )


def offline_state() -> SyncState:
    """Return three entries that wait for the network."""
    rows = (
        StateRow("s1", at(14, 20), "7 «Б» · Алгебра · 21.11 · Ёлкин Пётр", "отметка 4", "waiting"),
        StateRow("s2", at(14, 21), "7 «Б» · Алгебра · 21.11 · Котов Марк", "отсутствует", "waiting"),
        StateRow("s3", at(14, 24), "7 «Б» · Алгебра · 21.11", "домашнее задание", "waiting"),
    )
    return SyncState(1287, 1284, 3, 0, 0, 0, 0, at(9, 2), 48190, "9f2c41d07ab35e18", "journal.school.local",
                     errors.words(SENTENCES["EJ-320"]), rows=rows, problem_code="EJ-320")  # fmt: skip


def troubled_state() -> SyncState:
    """Return a state with one of everything."""
    rows = (
        StateRow("s1", at(14, 20), "7 «Б» · Алгебра · 21.11 · Ёлкин Пётр", "отметка 4", "waiting"),
        StateRow("s4", at(11, 5), "8 «А» · Геометрия · 12.11 · Орлова Таисия", "отметка 3 → 4", "pending",
                 "Окно исправлений закрылось 19.11: ждёт разрешения завуча или директора."),
        StateRow("s5", at(10, 42), "7 «Б» · Алгебра · 11.09 · Ёлкин Пётр", "отметка 2", "disputed",
                 "Петрова С. И. поставила 4 сегодня в 10:40."),
        StateRow("s6", at(10, 12), "7 «Б» · Алгебра · I четверть · Котов Марк", "отметка за четверть 4", "refused",
                 "I четверть закрыта 24.10: исправляет завуч по заявке."),
        StateRow("s7", at(9, 50), "7 «Б» · Алгебра · 20.11 · Белов Тимофей", "отметка 5", "quarantined",
                 "Подпись этого компьютера не сошлась. Запись цела; решение за администратором."),
    )  # fmt: skip
    return SyncState(1291, 1286, 1, 1, 1, 1, 1, at(14, 27), 48213, "9f2c41d07ab35e18", "journal.school.local", "",
                     rows=rows)  # fmt: skip
