"""Invented school data for official paper: a class of 35 with long names, 18 subjects, a year of lessons."""

from __future__ import annotations

from datetime import date, timedelta

from ejournal_desktop.models.pages import BookColumn, BookLesson, BookPage, PupilLine, SummarySheet, YearBook

SCHOOL = (
    "Муниципальное бюджетное общеобразовательное учреждение "
    "«Средняя общеобразовательная школа № 12 имени академика В. И. Сосновского»"
)
PLACE = "г. Приозёрный"

NAMES = (
    "Абрамова Анна Сергеевна", "Алексеев Тимофей Андреевич", "Белозёрова Мария Ильинична",
    "Вишневская-Константинопольская Александра Владиславовна", "Галиуллин Айрат Рашидович",
    "Григорьев Всеволод Ярославович", "Дементьева Ульяна Олеговна", "Ёлкин Пётр Ильич",
    "Жаворонков Степан Егорович", "Заболоцкая Вероника Павловна", "Зайцев Мирон Денисович",
    "Игнатьева Ксения Антоновна", "Ким Виктория Алексеевна", "Котов Глеб Максимович",
    "Крестовоздвиженский Святослав Вячеславович", "Кузнецова Полина Дмитриевна", "Лебедев Арсений Кириллович",
    "Лисицына Варвара Романовна", "Мамедов Эльчин Теймур оглы", "Мартынова Дарья Юрьевна",
    "Михайлов Лев Никитич", "Никифорова Есения Петровна", "Орлов Матвей Григорьевич", "Панфилова Злата Игоревна",
    "Преображенская-Воздвиженская Елизавета Станиславовна", "Рахимов Довуд Фарходович", "Савельева Яна Михайловна",
    "Семёнов Фёдор Васильевич", "Тихомирова Алиса Евгеньевна", "Ушаков Роман Артёмович",
    "Филиппова Василиса Тимуровна", "Хабибуллина Ляйсан Ильдаровна", "Цветков Макар Леонидович",
    "Шестакова Милана Константиновна", "Щербаков Юрий Семёнович",
)  # fmt: skip

SUBJECTS = (
    "Русский язык", "Литература", "Иностранный язык (английский)", "Второй иностранный язык (немецкий)", "Алгебра",
    "Геометрия", "Вероятность и статистика", "Информатика", "История России. Всеобщая история", "Обществознание",
    "География", "Физика", "Химия", "Биология", "Изобразительное искусство", "Музыка", "Труд (технология)",
    "Физическая культура",
)  # fmt: skip

QUARTER = ("I четверть",)
YEAR = ("I четверть", "II четверть", "III четверть", "IV четверть", "Годовая", "Экзаменационная", "Итоговая")
PERIOD_ENDS = (
    ("I четв.", date(2026, 10, 25)), ("II четв.", date(2026, 12, 29)),
    ("III четв.", date(2027, 3, 21)), ("IV четв.", date(2027, 5, 26)),
)  # fmt: skip

LONG_HOMEWORK = (
    "§ 14 прочитать, устно ответить на вопросы 1–6 после параграфа; письменно в тетради № 214 (а, в, д), № 216, "
    "№ 221 (все пункты, с пояснением каждого шага и чертежом), № 223*; повторить правила раскрытия скобок и таблицу "
    "квадратов до 30; подготовить сообщение на 3 минуты об одном из учёных, упомянутых в параграфе (портрет, годы "
    "жизни, главное открытие, источник), принести линейку, циркуль, транспортир и цветные карандаши для "
    "практической работы"
)
TOPICS = (
    "Числовые выражения. Повторение изученного в 6 классе", "Выражения с переменными", "Сравнение значений выражений",
    "Свойства действий над числами", "Тождества. Тождественные преобразования выражений",
    "Контрольная работа № 1 по теме «Выражения и тождества»", "Анализ контрольной работы", "Уравнение и его корни",
    "Линейное уравнение с одной переменной", "Решение задач с помощью уравнений на движение по течению и против него",
)  # fmt: skip
HOMEWORK = ("§ 1, № 4–8", "§ 2, № 21, 23 (а, б)", "", "повторить § 1–3", "№ 85, 87, 90*; правило выучить", "не задано")
MARKS = ("5", "4", "", "3", "", "н", "", "5/4", "", "4", "", "", "2", "", "зач", "", "н", "5")


def pupil_lines(count: int = 35) -> tuple[PupilLine, ...]:
    """Return `count` pupils; the 9th leaves in November, the last arrives in February."""
    lines = [PupilLine(at, name, since=date(2026, 9, 1)) for at, name in enumerate(NAMES[:count], 1)]
    if count > 9:
        note = "выбыл, приказ № 112-у от 16.11.2026"
        lines[8] = PupilLine(9, NAMES[8], note, date(2026, 9, 1), date(2026, 11, 16))
        note = "прибыл, приказ № 14-у от 01.02.2027"
        lines[-1] = PupilLine(count, NAMES[count - 1], note, date(2027, 2, 1))
    return tuple(lines)


def summary_sheet(
    periods: tuple[str, ...] = QUARTER, pupils: int = 35, subjects: tuple[str, ...] = SUBJECTS, number: str = "17-СВ"
) -> SummarySheet:
    """Return a filled summary sheet; with `YEAR` as periods it has the rows of the whole year."""
    lines = pupil_lines(pupils)
    marks = {
        (line.position, period, subject): _summary_mark(line, at, period, subject)
        for line in lines
        for at, period in enumerate(periods)
        for subject in subjects
    }
    return SummarySheet(
        SCHOOL, PLACE, "7 «Б»", "2026/27", periods, subjects, lines,
        {key: value for key, value in marks.items() if value}, _decisions(lines, periods),
        "Иванова М. П.", "Петрова С. И.", "Воскресенский А. В.",
        date(2026, 10, 26) if len(periods) == 1 else date(2027, 5, 27), number, 48_211,
        "5f3a" * 16, document_id="0190a1b2c3d47e5f8a6b7c8d9e0f1a2b",
    )  # fmt: skip


def _summary_mark(line: PupilLine, at: int, period: str, subject: str) -> str:
    if period == "Экзаменационная" and subject not in ("Русский язык", "Алгебра"):
        return ""
    if line.until is not None and at > 0:
        return ""
    if subject == "Музыка":
        return "зач"
    if subject == "Физическая культура" and line.position % 11 == 0:
        return "осв"
    if (line.position * 7 + at) % 53 == 0:
        return "н/а"
    return str(3 + (line.position * 5 + len(subject) * 3 + at) % 3)


def _decisions(lines: tuple[PupilLine, ...], periods: tuple[str, ...]) -> dict[int, str]:
    if len(periods) == 1:
        return {}
    transferred = "переведена в 8 класс, протокол № 9 от 26.05.2027"
    return {line.position: line.note if line.until else transferred for line in lines}


TEACHERS = ("Иванова Мария Петровна", "Кабалевский-Преображенский Константин Вячеславович")
VACATIONS = (
    (date(2026, 10, 26), date(2026, 11, 3)),
    (date(2026, 12, 30), date(2027, 1, 10)),
    (date(2027, 3, 22), date(2027, 3, 30)),
)


def lesson_days(weekdays: tuple[int, ...], start: date = date(2026, 9, 1), end: date = date(2027, 5, 26)) -> list[date]:
    """Return the study days on these weekdays (0 is Monday; a weekday named twice gives a double lesson)."""
    every = (start + timedelta(days=n) for n in range((end - start).days + 1))
    study = (day for day in every if not any(since <= day <= until for since, until in VACATIONS))
    return [day for day in study for weekday in weekdays if day.weekday() == weekday]


def book_page(
    subject: str = "Алгебра", weekdays: tuple[int, ...] = (0, 2, 2, 4), subgroup: str = "", pupils: int = 35
) -> BookPage:
    """Return a year of one subject with period columns, control works, double lessons and long homework."""
    lines, days = pupil_lines(pupils), lesson_days(weekdays)
    lessons = tuple(
        BookLesson(
            day, 1 + (at % 6), TOPICS[at % len(TOPICS)],
            LONG_HOMEWORK if at % 37 == 5 else HOMEWORK[at % len(HOMEWORK)],
            "замена: Петрова С. И." if at % 41 == 7 else "",
        )
        for at, day in enumerate(days)
    )  # fmt: skip
    columns = _book_columns(lessons)
    cells = {
        (line.position, index): text
        for line in lines
        for index, column in enumerate(columns)
        if (text := _book_cell(line, index, column))
    }
    return BookPage(
        subject, subgroup, TEACHERS[:2] if subgroup else TEACHERS[:1], lines, columns, lessons, cells,
        len(lessons) + 2, len(lessons),
    )  # fmt: skip


def _book_columns(lessons: tuple[BookLesson, ...]) -> tuple[BookColumn, ...]:
    columns: list[BookColumn] = []
    ends = list(PERIOD_ENDS)
    for at, lesson in enumerate(lessons):
        while ends and lesson.held_on > ends[0][1]:
            title, end = ends.pop(0)
            columns.append(BookColumn(end, title))
        columns.append(BookColumn(lesson.held_on, str(lesson.held_on.day), "КР" if at % 10 == 5 else "", at))
        if at % 10 == 5:
            columns.append(BookColumn(lesson.held_on, str(lesson.held_on.day), "СР", at))
    columns += [BookColumn(end, title) for title, end in ends]
    return (*columns, BookColumn(date(2027, 5, 26), "Год"), BookColumn(date(2027, 5, 26), "Итог"))


def _book_cell(line: PupilLine, index: int, column: BookColumn) -> str:
    day = column.held_on
    if day and ((line.since and day < line.since) or (line.until and day > line.until)):
        return ""
    if column.lesson_index < 0:
        return str(3 + (line.position + index) % 3)
    return MARKS[(line.position * 5 + index * 3) % len(MARKS)]


def year_book(pages: tuple[BookPage, ...] | None = None, pupils: int = 35) -> YearBook:
    """Return the bound copy of one class; without `pages` a whole year of 18 subjects, about 110 leaves."""
    if pages is None:
        weeks = ((0, 1, 2, 3), (1, 3), (0, 2, 4), (1, 4), (0, 2, 4), (1, 3), (2,), (4,), (0, 3))
        pages = tuple(
            book_page(subject, weeks[at % len(weeks)], "1 группа" if "английский" in subject else "", pupils)
            for at, subject in enumerate(SUBJECTS)
        )
    return YearBook(
        SCHOOL, PLACE, "7 «Б»", "2026/27", pages, summary_sheet(YEAR, pupils), "Воскресенский А. В.", date(2027, 5, 28),
        "ЖК-7Б-2027", 48_211, "5f3a" * 16, document_id="0190a1b2c3d47e5f8a6b7c8d9e0f1a2c",
    )  # fmt: skip
