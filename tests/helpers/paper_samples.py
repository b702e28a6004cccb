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
        "Иванова М. П.", "Петрова С. И.", "Воскресенский А. В.", date(2026, 10, 26) if len(periods) == 1 else date(2027, 5, 27), number, 48_211,
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
