"""Period marks: decide them with their reasons, say that a page is complete, close a period of a class."""

from __future__ import annotations

from ejournal_core import ids
from ejournal_core.kinds import PageCompletion, PeriodClosing, PeriodKind
from ejournal_desktop.models.journal import ChangeSet, Journal


def state_complete(
    journal: Journal, journal_page_id: str, period_kind: PeriodKind, period_number: int, *, complete: bool = True
) -> ChangeSet:
    """Заявить «итоги по этой странице готовы» или взять слова обратно; изменение подписывается отдельно.

    Raises:
        Refusal: the page is another teacher's, or the period is closed.
    """
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


def close_period(journal: Journal, class_group_id: str, grading_period_id: str) -> ChangeSet:
    """Закрыть учебный период класса: дальше — только по заявкам.

    Raises:
        Refusal: disputes or requests of the period wait for a decision (EJ-238), or other rights are needed.
    """
    with journal.write() as write:
        write.edit(
            PeriodClosing,
            ids.period_closing(class_group_id, grading_period_id),
            act="lock",
            class_group_id=class_group_id,
            grading_period_id=grading_period_id,
            closed=True,
        )
    return write.changes
