"""What screens show, set beside what `tests.helpers.recount` counts: each function returns the figures that differ.

A difference reads «screen, who, figure: shown 5, counted 4».
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from ejournal_core.kinds import PeriodKind
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.class_attendance import class_attendance
from ejournal_desktop.models.queries.class_results import SubjectCell, class_results
from ejournal_desktop.models.queries.class_weeks import class_weeks
from ejournal_desktop.models.queries.family_sheet import family_sheet
from ejournal_desktop.models.queries.period_results import PeriodResults, PupilResult, period_results
from ejournal_desktop.ui.grids.mark_grid import MarkGrid
from ejournal_desktop.ui.grids.totals import totals_of
from ejournal_desktop.ui.widgets.results_pictures import pictures_of
from tests.helpers.recount import Recount, average, count_of, is_same, weighted_average

FAILS = {"2", "1", "нз"}
Sides = Iterator[tuple[str, Any, Any]]


def differences(screen: str, sides: Sides) -> list[str]:
    """Return what differs: sides are (what, shown, counted); a decimal is compared with a fraction exactly."""
    return [f"{screen}, {what}: shown {shown}, counted {counted}" for what, shown, counted in sides
            if not (is_same(shown, counted) if isinstance(counted, Fraction) else shown == counted)]  # fmt: skip


# --- Журнал --------------------------------------------------------------------------------------------------------


def spread(journal: Journal, count: Recount, page: str, number: int) -> list[str]:
    """Compare the cells of a page and the totals at its edge in a period."""
    grid = MarkGrid(journal, page)
    try:
        return differences(f"Журнал {page}", _spread(grid, count, page, number))
    finally:
        grid.close()


def _spread(grid: MarkGrid, count: Recount, page: str, number: int) -> Sides:
    listed = {pupil.pupil_id for pupil in grid.pupils}
    of_page = {lesson.id for lesson in count.lessons.values() if lesson.journal_page_id == page}
    standing = [m for m in count.marks if m.pupil_id in listed and count.columns[m.mark_column_id].lesson_id in of_page]
    away = [a for a in count.attendance if a.lesson_id in of_page and a.presence != "present" and a.pupil_id in listed]
    in_lessons = {column.key for column in grid.columns if column.kind == "lesson"}
    cells = [cell for (key, _), cell in grid.cells.items() if key in in_lessons]
    yield "marks", sum(bool(cell.value) for cell in cells), len(standing)
    yield "letters", sum(bool(cell.absence) for cell in cells), len(away)
    entered = [lesson for lesson in grid.spread.lessons if lesson.exists]
    yield "lessons entered", len(entered), len(of_page)
    first, last = count.span(number)
    for row, pupil in enumerate(grid.pupils):
        shown, who = totals_of(grid, row, number), pupil.name
        given = count.given(pupil.pupil_id, first, last, [page])
        missed = [each for each in count.away(pupil.pupil_id, first, last, [page]) if count.counts_as_missed(each)]
        yield f"{who}, number of marks", shown.count, count_of(given)
        yield f"{who}, average", shown.average, average(given)
        yield f"{who}, weighted", shown.weighted, weighted_average(given)
        yield f"{who}, missed", shown.missed, len(missed)


# --- Итоги ---------------------------------------------------------------------------------------------------------


def results(journal: Journal, count: Recount, page: str, number: int) -> list[str]:
    """Compare Итоги of a page in an ordinary period."""
    found = period_results(journal, page, count.class_.period_scheme, number)
    sides = [side for row in found.rows for side in _result(count, page, number, row, bool(found.nothing_due))]
    decided = Counter(row.cell.value for row in found.rows if row.asked or row.cell.value)
    shown = {value: len(pupils) for value, pupils in found.distribution}
    sides.append(("distribution", shown, dict(decided)))
    for (_title, bars), counted in zip(pictures_of(found), _bars(found, decided), strict=True):
        sides.append(("figures of the pictures", [bar.figure for bar in bars], counted))
    return differences(f"Итоги {page} {number}", iter(sides))


def _bars(found: PeriodResults, decided: Counter[str]) -> tuple[list[str], list[str]]:
    """Return what stands at the bars: how many have each mark in the order of the scale, and marks of the norm."""
    order = ("5", "4", "3", "2", "1", "зач", "нз", "н/а", "осв", "")
    listed = [row for row in found.rows if row.asked] if found.norm else []
    accumulated = [f"{row.marks} / {row.norm}" + " !" * row.short for row in listed]
    return [str(decided[value]) for value in order if decided[value]], accumulated


def _result(count: Recount, page: str, number: int, row: PupilResult, nothing_due: bool) -> Sides:
    pupil, who, (first, last) = row.pupil.pupil_id, row.pupil.name, count.span(number)
    given = count.given(pupil, first, last, [page])
    yield f"{who}, number of marks", row.marks, count_of(given)
    yield f"{who}, average", row.average, average(given)
    yield f"{who}, weighted", row.weighted_average, weighted_average(given)
    yield f"{who}, proposed", row.proposed, "" if nothing_due else count.proposed(given)
    yield f"{who}, mark", row.cell.value, count.period_mark(page, pupil, count.class_.period_scheme, number)
    hours = max(load.weekly_hours for load in count.rows["TeachingLoad"] if load.journal_page_id == page)
    whole = 0 if nothing_due else count.norm(Fraction(str(hours)))
    lessons = [day for day, _ in count.in_time(page) if first <= day <= last]
    there = sum(count.on_page(pupil, page, day) for day in lessons)
    norm = whole * there // len(lessons)
    yield f"{who}, norm", row.norm, norm
    until_today = min(last, count.today)
    excused = [each for each in count.away(pupil, first, until_today, [page])
               if count.counts_as_missed(each) and count.is_excused(each)]  # fmt: skip
    lacking = norm - count_of(given)
    exempt = count.policy.min_marks_exempt_excused and 0 < lacking <= len(excused)
    yield f"{who}, excused from the norm", row.exempt, exempt
    yield f"{who}, short", row.short, lacking > 0 and not exempt
    ahead = _ahead(count, given)
    yield f"{who}, forecast", (row.forecast.next_mark, row.forecast.fives) if row.forecast else None, ahead


def _ahead(count: Recount, given: list[tuple[str, Fraction]]) -> tuple[str, int] | None:
    """Try every next mark and every number of fives."""
    if weighted_average(given) is None or count.proposed(given) == "5":
        return None
    now, one = count.proposed(given), Fraction(1)
    nexts = [mark for mark in "2345" if count.proposed([*given, (mark, one)]) > now]
    fives = [n for n in range(1, 21) if count.proposed([*given, *[("5", one)] * n]) > now]
    return (nexts or [""])[0], (fives or [0])[0]


# --- Мой класс: Успеваемость ---------------------------------------------------------------------------------------


def whole_class(journal: Journal, count: Recount, number: int | None) -> list[str]:
    """Compare the table of a class in a period (None: the year) and whom its report names."""
    kind: PeriodKind = count.class_.period_scheme if number else "year"
    found = class_results(journal, count.group, kind, number or 1)
    first, last = count.span(number)
    sides: list[tuple[str, Any, Any]] = [
        ("pupils", {row.pupil.pupil_id for row in found.rows}, count.pupils(first, last))
    ]
    for row in found.rows:
        expected = {}
        for subject, cell in row.cells.items():
            sides += _cell(count, row.pupil.pupil_id, subject, number, cell)
            if is_asked(count, subject):
                expected[subject] = cell.value or cell.proposed
        pages = count.own_pages(row.pupil.pupil_id, first, last)
        sides.append((f"{row.pupil.name}, subjects", set(row.cells), {count.pages[p].subject_id for p in pages}))
        away = list(count.away_in_class(row.pupil.pupil_id, first, last))
        missed = [each for each in away if count.counts_as_missed(each)]
        sides += [
            (f"{row.pupil.name}, missed", row.missed, len(missed)),
            (f"{row.pupil.name}, unexcused", row.unexcused, sum(not count.is_excused(each) for each in missed)),
            (f"{row.pupil.name}, late", row.late, sum(each.presence == "late" for each in away)),
            (f"{row.pupil.name}, outlook", (row.outlook.standing, row.outlook.risk),
             _stands(list(expected.values()) if count.is_there_at(row.pupil.pupil_id, last) else [])),
        ]  # fmt: skip
    return differences(f"Мой класс {number or 'год'}", iter(sides))


def is_asked(count: Recount, subject: str) -> bool:
    """Say whether period marks are put in a subject (P14, P41)."""
    attested = next(each.attested for each in count.rows["Subject"] if each.id == subject)
    markless = count.class_.grade_level in count.policy.markless_grades
    return not markless and (attested or not count.policy.no_attestation)


def _cell(count: Recount, pupil: str, subject: str, number: int | None, cell: SubjectCell) -> Sides:
    first, last = count.span(number)
    pages = [p for p in count.own_pages(pupil, first, last) if count.pages[p].subject_id == subject]
    kind = count.class_.period_scheme
    if number:
        given = count.given(pupil, first, last, pages)
        of = (kind, number)
    else:
        of_periods = [count.period_mark(page, pupil, kind, n) for n in sorted(count.periods) for page in pages]
        given = [(value, Fraction(1)) for value in of_periods if value]
        of = ("year", 1)
    decided = [count.period_mark(page, pupil, *of) for page in count.last_page_first(pupil, first, last, pages)]
    who = f"{pupil} {subject}"
    yield f"{who}, marks", sorted(cell.marks), sorted(value for value, _ in given)
    yield f"{who}, average", cell.average, average(given)
    yield f"{who}, weighted", cell.weighted_average, weighted_average(given)
    yield f"{who}, debts", cell.debts, sum(value == "." for value, _ in given)
    yield f"{who}, mark that stands", cell.value, next(filter(None, decided), "")
    away = list(count.away_in_class(pupil, first, last, pages))
    yield f"{who}, missed", cell.missed, sum(map(count.counts_as_missed, away))
    yield f"{who}, late", cell.late, sum(each.presence == "late" for each in away)
    proposed = count.proposed(given) if is_asked(count, subject) else ""
    if proposed == "н/а" and not (number and count.report_day(number) <= count.today):
        proposed = ""
    yield f"{who}, proposed", cell.proposed, proposed


def _stands(values: list[str]) -> tuple[str, str]:
    """Return how a pupil stands, and for what the report names him or her."""
    if FAILS & set(values):
        return "not_progressing", "failing"
    if "н/а" in values:
        return "not_progressing", "not_assessed"
    if "3" in values:
        return "satisfactory", "one_three" if values.count("3") == 1 else ""
    if "4" in values:
        return "good", "one_four" if values.count("4") == 1 else ""
    return ("excellent", "") if "5" in values else ("without_marks", "")


# --- Мой класс: Посещаемость, карта, лист семьи ----------------------------------------------------------------------


def attendance(journal: Journal, count: Recount, first: str, last: str) -> list[str]:
    """Compare each pupil's days: lessons, missed, late, without a reason, and whether the day counts as missed."""
    found = class_attendance(journal, count.group, date.fromisoformat(first), date.fromisoformat(last))
    sides = []
    for pupil in found.pupils:
        for day, counted in count.days_of(pupil.pupil_id, first, last).items():
            cell = found.cell(pupil.pupil_id, date.fromisoformat(day))
            shown = (len(cell.lessons), cell.missed, len(cell.late), len(cell.unexplained), cell.is_missed)
            sides.append((f"{pupil.name} {day}", shown, counted))
    return differences("Посещаемость", iter(sides))


def weeks(journal: Journal, count: Recount) -> list[str]:
    """Compare the map of the year by weeks: each cell, each pupil's line, the line of the class."""
    found = class_weeks(journal, count.group)
    sides: list[tuple[str, Any, Any]] = []
    whole = [0] * 5
    for pupil in found.pupils:
        of_pupil = [0] * 5
        by_week: dict[date, list[int]] = {}
        for day, counted in count.days_of(pupil.pupil_id, count.year[0], count.today).items():
            monday = date.fromisoformat(day) - timedelta(days=date.fromisoformat(day).weekday())
            lessons, missed, late, unexplained, is_missed = counted
            figures = (lessons, missed, int(is_missed), late, unexplained)
            by_week[monday] = [a + b for a, b in zip(by_week.get(monday, [0] * 5), figures, strict=True)]
            of_pupil = [a + b for a, b in zip(of_pupil, figures, strict=True)]
        whole = [a + b for a, b in zip(whole, of_pupil, strict=True)]
        for monday, figures_ in by_week.items():
            sides.append((f"{pupil.name} {monday}", _figures(found.cell(pupil.pupil_id, monday)), figures_))
        total = found.of_pupil(pupil.pupil_id)
        sides.append((f"{pupil.name}, all", _figures(total), of_pupil))
        share = Fraction(100 * (of_pupil[0] - of_pupil[1]), of_pupil[0]) if of_pupil[0] else None
        sides.append((f"{pupil.name}, per cent", total.attendance, share))
    of_class = [sum(each) for each in zip(*(_figures(found.of_week(week)) for week in found.weeks), strict=True)]
    sides.append(("the class", of_class, whole))
    return differences("Карта", iter(sides))


def _figures(week: Any) -> list[int]:
    return [week.lessons, week.missed, week.days, week.late, week.unexplained]


def families(journal: Journal, count: Recount, number: int) -> list[str]:
    """Compare the sheet of each family for a period."""
    first, last = count.span(number)
    sides: list[tuple[str, Any, Any]] = []
    for pupil in sorted(count.pupils(first, last)):
        sheet = family_sheet(journal, count.group, pupil, kind=count.class_.period_scheme, number=number)
        assert sheet is not None
        away = list(count.away_in_class(pupil, first, last))
        missed = [each for each in away if count.counts_as_missed(each)]
        reasons = Counter("ОП" if each.presence == "late" else count.code_of(each) for each in missed)
        lessons = sum(figures[0] for figures in count.days_of(pupil, first, min(last, count.today)).values())
        sides += [
            (f"{pupil}, lessons", sheet.lessons, lessons),
            (f"{pupil}, missed", sheet.missed, len(missed)),
            (f"{pupil}, late", sheet.late, sum(each.presence == "late" for each in away)),
            (f"{pupil}, reasons", {each.code: each.number for each in sheet.reasons}, dict(reasons)),
        ]
        titles = {each.id: each.title for each in count.rows["Subject"]}
        for subject in sheet.subjects:
            pages = [p for p in count.own_pages(pupil, first, last)
                     if titles[count.pages[p].subject_id] == subject.title]  # fmt: skip
            given = count.given(pupil, first, last, pages)
            kind = count.class_.period_scheme
            decided = [count.period_mark(page, pupil, kind, number)
                       for page in count.last_page_first(pupil, first, last, pages)]  # fmt: skip
            who = f"{pupil} {subject.title}"
            sides += [
                (f"{who}, mark that stands", subject.value, next(filter(None, decided), "")),
                (f"{who}, marks", sorted(mark.value for mark in subject.marks), sorted(value for value, _ in given)),
                (f"{who}, average", subject.average, average(given)),
                (f"{who}, weighted", subject.weighted_average, weighted_average(given)),
                (f"{who}, missed", subject.missed,
                 sum(map(count.counts_as_missed, count.away_in_class(pupil, first, last, pages)))),
            ]  # fmt: skip
    return differences("Лист семьи", iter(sides))
