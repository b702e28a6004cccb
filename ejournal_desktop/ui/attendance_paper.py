"""The map of attendance as it is printed: the numbers that stand on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejournal_desktop.models.queries.class_weeks import ClassWeeks, WeekCount
from ejournal_desktop.ui.words import day_short, tr

if TYPE_CHECKING:
    from ejournal_desktop.documents.forms.attendance_map_page import AttendanceMapPage, PrintedLine


def attendance_map_page(weeks: ClassWeeks) -> AttendanceMapPage:
    """Return what is printed of a class."""
    from ejournal_desktop.documents.forms.attendance_map_page import AttendanceMapPage

    whole = sum((weeks.of_week(week) for week in weeks.weeks), WeekCount())
    lines = [
        _line(str(pupil.position), pupil.name, [weeks.cell(pupil.pupil_id, week) for week in weeks.weeks])
        for pupil in weeks.pupils
    ]
    lines.append(_line("", tr("Весь класс"), [weeks.of_week(week) for week in weeks.weeks]))
    return AttendanceMapPage(
        title=tr("Посещаемость по неделям: {title}").format(title=weeks.title),
        subtitle=tr("на {day} · в клетке — пропущено уроков за неделю, черта под числом — какая это часть уроков · "
                    "всего пропущено {n}").format(day=f"{weeks.today:%d.%m.%Y}", n=whole.missed),
        heads=tuple(day_short(week) for week in weeks.weeks), lines=tuple(lines),
    )  # fmt: skip


def _line(number: str, name: str, cells: list[WeekCount]) -> PrintedLine:
    from ejournal_desktop.documents.forms.attendance_map_page import PrintedLine, PrintedWeek

    everything = sum(cells, WeekCount())
    printed = tuple(PrintedWeek(str(c.missed) if c.missed else "·" if c.lessons else "", c.share) for c in cells)
    return PrintedLine(number, name, printed, total_told(everything))


def total_told(cell: WeekCount) -> str:
    """Return «12 · 97,8 %»: missed lessons and attendance; "" without lessons."""
    attendance = cell.attendance
    return "" if attendance is None else f"{cell.missed} · {attendance:.1f} %".replace(".", ",")


def attendance_map_pdf(weeks: ClassWeeks) -> bytes:
    """Return the map on paper; the libraries of paper load now."""
    from ejournal_desktop.documents.forms.attendance_map_page import build_attendance_map

    return build_attendance_map(attendance_map_page(weeks))
