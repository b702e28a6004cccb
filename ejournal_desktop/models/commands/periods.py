"""Period marks: decide them with their reasons, say that a page is complete, close a period of a class."""

from __future__ import annotations

from datetime import date

from ejournal_core import ids
from ejournal_core.entry_times import RECEIVED
from ejournal_core.errors import Refusal
from ejournal_core.indicators import deviates
from ejournal_core.kinds import PageCompletion, PeriodClosing, PeriodKind
from ejournal_core.marks import require_on_scale
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.commands.marks import put_period_mark
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.period_results import PeriodResults, PupilResult, period_results

NEEDS_A_REASON = "EJ-268"


def decide_period_mark(
    journal: Journal, results: PeriodResults, row: PupilResult, value: str | None, justification: str = ""
) -> ChangeSet:
    """Поставить итоговую отметку; отличная от предложения ставится только с обоснованием (S0-9.32).

    Args:
        results, row: what the teacher looks at: the proposal is the one that was seen.
        value: as on the scale; None takes the mark and its reason away.

    Raises:
        Refusal: the reason is missing (EJ-268), marks are not given here (EJ-270), or a rule says no.
    """
    if results.nothing_due and value:
        raise Refusal("EJ-270", results.nothing_due)
    if value:
        require_on_scale(value, journal.policy(), for_period=True)  # before anybody writes reasons for what is no mark
    reason = justification.strip()
    if deviates(value, row.proposed) and not reason:
        raise Refusal(
            NEEDS_A_REASON, f"Предложено {row.proposed}, а не {value}: напишите, почему. Прежнее значение осталось."
        )
    kept = reason if value else ""
    period = results.period
    return put_period_mark(journal, results.page.id, row.pupil.pupil_id, period.kind, period.number, value, kept)


def state_complete(
    journal: Journal, journal_page_id: str, period_kind: PeriodKind, period_number: int, *, complete: bool = True
) -> ChangeSet:
    """Заявить «итоги по этой странице готовы» или взять слова обратно; изменение подписывается отдельно.

    Raises:
        Refusal: somebody has no mark or no reason for it (EJ-269), no marks are given here (EJ-270), the page is
            another teacher's, or the period is closed.
    """
    if complete:
        _require_complete(period_results(journal, journal_page_id, period_kind, period_number))
    with journal.write() as write:
        write.edit(
            PageCompletion,
            ids.page_completion(journal_page_id, period_kind, period_number),
            journal_page_id=journal_page_id,
            period_kind=period_kind,
            period_number=period_number,
            complete=complete,
        )
    return write.changes


def receive_exam_results(
    journal: Journal, journal_page_id: str, received_on: date | None, received_at: str = ""
) -> ChangeSet:
    """Внести, когда получены результаты экзамена; None — день внесён по ошибке.

    Args:
        received_at: local time "HH:MM", "" where nobody said it.

    Raises:
        Refusal: the moment is ahead, before the year or no time of day (EJ-277), or the page is another teacher's.
    """
    now = journal.clock()
    if received_on == now.date() and received_at > f"{now:%H:%M}":
        raise Refusal(RECEIVED, "Это время ещё впереди: результаты не могли прийти.", "P11")
    with journal.write() as write:
        write.edit(
            PageCompletion,
            ids.page_completion(journal_page_id, "exam", 1),
            journal_page_id=journal_page_id,
            period_kind="exam",
            period_number=1,
            received_on=received_on,
            received_at=received_at,
        )
    return write.changes


def _require_complete(results: PeriodResults) -> None:
    if results.nothing_due:
        raise Refusal("EJ-270", results.nothing_due)
    missing = results.missing
    if missing:
        more = f" и ещё {len(missing) - 3}" if len(missing) > 3 else ""
        named = ", ".join(f"{row.pupil.name} ({row.missing})" for row in missing[:3])
        raise Refusal("EJ-269", f"Итоги ещё не готовы: {named}{more}. Отметки сохранены; закончите эти строки.")


def close_period(journal: Journal, class_group_id: str, grading_period_id: str) -> ChangeSet:
    """Закрыть учебный период класса: дальше — только по заявкам.

    Raises:
        Refusal: disputes or requests of the period wait for a decision (EJ-238), or other rights are needed.
    """
    return _set_closed(journal, class_group_id, grading_period_id, closed=True)


def reopen_period(journal: Journal, class_group_id: str, grading_period_id: str) -> ChangeSet:
    """Открыть закрытый период класса снова: сроки правки действуют, как до закрытия.

    Raises:
        Refusal: other rights are needed.
    """
    return _set_closed(journal, class_group_id, grading_period_id, closed=False)


def _set_closed(journal: Journal, class_group_id: str, grading_period_id: str, *, closed: bool) -> ChangeSet:
    with journal.write() as write:
        write.edit(
            PeriodClosing,
            ids.period_closing(class_group_id, grading_period_id),
            act="lock" if closed else "unlock",
            class_group_id=class_group_id,
            grading_period_id=grading_period_id,
            closed=closed,
        )
    return write.changes
