"""What a cell, a column and a pupil are called in words: for tooltips, the status line and screen readers."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from ejournal_core.errors import Refusal
from ejournal_core.kinds import RemarkKind
from ejournal_core.policy import Policy
from ejournal_desktop.models.pages import GridCell, GridColumn, JournalSpread, PupilRow
from ejournal_desktop.models.queries.terms import Terms
from ejournal_desktop.ui.clauses import with_clause
from ejournal_desktop.ui.grids.doubts import doubt
from ejournal_desktop.ui.grids.geometry import MONTHS_SHORT
from ejournal_desktop.ui.grids.mark_grid import NOTHING, MarkGrid
from ejournal_desktop.ui.sentences import ANSWERS
from ejournal_desktop.ui.words import tr

WEEKDAYS = ("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье")
WEEKDAYS_SHORT = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")
DELIVERY = {
    "delivered": "",
    "entered": "",
    "saving": "сохраняется",
    "waiting": "ждёт отправки",
    "pending": "ждёт решения",
    "disputed": "спор",
    "refused": "не принято",
    "quarantined": "отложено сервером, запись цела",
}
#: What can be done about it, where that is not plain from the state itself.
WAYS_OUT = {
    "disputed": "решают авторы или завуч",
    "refused": "стоит прежнее; исправьте и внесите ещё раз",
    "quarantined": "ждёт решения двух человек: напомните администратору",
}
ABSENCES = {"н": "отсутствие", "б": "болезнь", "у": "уважительная причина", "оп": "опоздание"}
_CODE = re.compile(r"\s*\(([\w-]+)\)\.?$")
SPECIAL = "специальная медицинская группа: отмечается по теории"
REMARKS: dict[RemarkKind, str] = {"praise": "похвала", "remark": "замечание", "address": "обращение к родителям"}
PERIODS = {"quarter": "четверть", "half_year": "полугодие", "trimester": "триместр"}


def short_date(day: date) -> str:
    """Return «11.09»."""
    return f"{day:%d.%m}"


def column_name(column: GridColumn) -> str:
    """Return «11.09» or «I четверть»."""
    if column.held_on:
        return short_date(column.held_on)
    period = PERIODS.get(column.period_kind or "", "")
    return f"{column.period_title.split()[0]} {period}" if period else column.period_title


def column_sentence(column: GridColumn) -> str:
    """Return «пятница, 11 сент., 4 урок; контрольная работа, вес 2»."""
    if column.held_on is None:
        return column_name(column) + ("; период закрыт" if column.closed else "")
    day = column.held_on
    text = f"{WEEKDAYS[day.weekday()]}, {day.day} {MONTHS_SHORT[day.month - 1]}, {column.lesson_number} урок"
    if column.work_title:
        text += f"; {in_sentence(column.work_title)}"
    if column.weight != 1:
        text += f", вес {column.weight.normalize():f}".replace(".", ",")
    return text


def pupil_sentence(pupil: PupilRow, today: date) -> str:
    """Return the full name with what is special about the pupil's time in the class."""
    parts = [pupil.whole_name]
    if pupil.until and pupil.until < today:
        parts.append(_left(pupil))
    elif not pupil.present_in_class(today) or pupil.arrival_order:
        parts.append(_came(pupil))
    if pupil.is_special(today):
        parts.append(SPECIAL)
    return " · ".join(parts)


def _left(pupil: PupilRow) -> str:
    if pupil.changed_group:
        return f"в списке группы по {pupil.until:%d.%m.%Y}"
    order = f", приказ {pupil.departure_order}" if pupil.departure_order else ""
    return f"выбытие {pupil.until:%d.%m.%Y}{order}"


def _came(pupil: PupilRow) -> str:
    order = f", приказ {pupil.arrival_order}" if pupil.arrival_order else ""
    return f"в списке с {pupil.since:%d.%m.%Y}{order}"


def away_reason(pupil: PupilRow, day: date) -> str:
    """Return why a pupil is not on the list on a day: «не в классе: выбытие 03.11.2026, приказ № 112»."""
    gone = pupil.until is not None and pupil.until < day
    where = "не в группе" if gone and pupil.changed_group else "не в классе"
    return f"{where}: {_left(pupil) if gone else _came(pupil)}"


def given_here(spread: JournalSpread) -> str:
    """Return which lessons of another teacher's page one fills in oneself, "" for none: «… по замене: 16.09.»."""
    days = dict.fromkeys(short_date(row.held_on) for row in spread.lessons if row.lesson_id in spread.given)
    if not days or not spread.read_only:
        return ""
    return f"Ваши уроки по замене ({', '.join(days)}) можно заполнять и здесь."


def in_sentence(title: str) -> str:
    """Return a title as it stands inside a sentence: «устный ответ», but «ВПР»."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def cell_value(grid: MarkGrid, column: int, row: int) -> str:
    """Return what a cell says in a few words: «5/4», «отсутствие», «предложено 4», «пусто»."""
    day = grid.columns[column].held_on
    if day is not None and grid.is_away(column, row):
        return away_reason(grid.pupils[row], day)
    cell = grid.cell(column, row) or NOTHING
    parts = ["долг по работе" if cell.value == "." else cell.value, ABSENCES.get(cell.absence, cell.absence)]
    proposal = grid.proposal(column, row)
    if not cell.value and proposal and proposal.proposed:
        average = f", средний балл {proposal.average}".replace(".", ",") if proposal.average is not None else ""
        parts.append(f"предложено {proposal.proposed}{average}")
    return ", ".join(part for part in parts if part) or "пусто"


def present_value(grid: MarkGrid, column: int, row: int) -> tuple[str, str, datetime | None] | None:
    """Return what stands in a cell, its author and when it was entered; None for an empty cell."""
    cell = grid.cell(column, row) or NOTHING
    if not (cell.value or cell.absence):
        return None
    return cell_value(grid, column, row), cell.author, cell.entered_at


def cell_sentence(
    grid: MarkGrid, column: int, row: int, now: datetime | None = None, allowed: str | None = None,
    policy: Policy | None = None,
) -> str:  # fmt: skip
    """Return the status line of a cell: who, which lesson, what stands there, by whom and until when it can change.

    `allowed` is what the rules say of it now, where they were asked; else the edit window is told. With the school's
    `policy` what does not fit is told as well.
    """
    at, pupil = grid.columns[column], grid.pupils[row]
    cell = grid.cell(column, row) or NOTHING
    what = cell_value(grid, column, row)
    if at.work_title and cell.value:
        what += f" {in_sentence(at.work_title)}"
    parts = [pupil.name, column_name(at), "" if what == "пусто" else what, *_circumstances(cell, now)]
    if policy is not None:
        parts.append(doubt(grid, column, row, policy))
    if allowed is None and cell.editable_until:
        allowed = f"можно изменить до {short_date(cell.editable_until)}"
    parts.append(allowed or "")
    return " · ".join(part for part in parts if part)


def _circumstances(cell: GridCell, now: datetime | None) -> list[str]:
    parts = [_entered(cell, now), written_about(cell), DELIVERY[cell.delivery]]
    if cell.delivery == "pending" and cell.other_value:
        parts.append(f"просят {cell.other_value}, {short_name(cell.other_author)}")
    if cell.delivery == "disputed":
        parts.append(f"другое значение: {cell.other_value or 'пусто'}, {short_name(cell.other_author)}")
    parts += [plain_reason(cell.reason), WAYS_OUT.get(cell.delivery, "")]
    if cell.comment:
        parts.append(f"«{cell.comment}»")
    if cell.document:
        parts.append(tr("по документу: {0}").format(cell.document))
    return parts


def written_about(cell: GridCell) -> str:
    """Return «похвала, замечание»: what was written about the pupil at this lesson."""
    return ", ".join(dict.fromkeys(REMARKS[kind] for kind in cell.remarks))


def allowed(terms: Terms, cell: GridCell, policy: Policy) -> str:
    """Return what a person may do in a cell now and until when, or why nothing, with the rule and the way out."""
    if terms.refusal is not None:
        refusal = terms.refusal
        if terms.askable:  # the way out before the rule: a narrow window cuts the end of the line
            way = tr("{0}: внесите нужное и нажмите Ctrl+E.").format(refusal.sentence.removesuffix("."))
            refusal = Refusal(refusal.code, way, refusal.clause)
        return with_clause(refusal, policy)
    if terms.until is None:
        return ""
    what = tr("можно изменить") if cell.value else tr("можно поставить")
    return f"{what} {tr('до')} {_until(terms.until)}"


def _until(moment_: datetime) -> str:
    """Return «22.09» for a moment at which a day ends, else «15.09, 21:00»."""
    if moment_.time() == time():
        return short_date((moment_ - timedelta(days=1)).date())
    return f"{short_date(moment_.date())}, {moment_:%H:%M}"


def plain_reason(reason: str) -> str:
    """Return why an entry is not official; where that is only a code, the words of the code, or none: Состояние has it.

    How the entry stands says as much already («не принято», «отложено сервером»).
    """
    found = _CODE.search(reason)
    if found is None:
        return reason.removesuffix(".")
    known = ANSWERS.get(found[1])
    return known.happened.removesuffix(".") if known else ""


def _entered(cell: GridCell, now: datetime | None) -> str:
    if not cell.author:
        return ""
    when = f" {moment(cell.entered_at, now)}" if cell.entered_at else ""
    return f"{'исправлено: ' if cell.corrected else ''}{short_name(cell.author)}{when}"


def moment(at: datetime, now: datetime | None) -> str:
    """Return «сегодня в 10:42» or «11.09 в 10:42»."""
    local = at.astimezone(now.tzinfo) if now else at
    day = "сегодня" if now and local.date() == now.date() else short_date(local.date())
    return f"{day} в {local:%H:%M}"


def short_name(full: str) -> str:
    """Return «Иванова М. П.» of «Иванова Мария Петровна»; a name already short stays."""
    last, *rest = full.split()[:3] if full else [""]
    return " ".join([last, *(f"{name[0]}." for name in rest)])


def announcement(grid: MarkGrid, column: int, row: int) -> str:
    """Return what a screen reader says of the current cell."""
    at, pupil = grid.columns[column], grid.pupils[row]
    cell = grid.cell(column, row) or NOTHING
    parts = [pupil.name, column_sentence(at), cell_value(grid, column, row), written_about(cell),
             DELIVERY[cell.delivery], plain_reason(cell.reason)]  # fmt: skip
    return ", ".join(part for part in parts if part)
