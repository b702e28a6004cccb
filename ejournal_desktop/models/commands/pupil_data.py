"""What is done about wrong data of pupils: it is told, taken back, answered; and a list is looked through."""

from __future__ import annotations

from datetime import date

from ejournal_core.kinds import DataReport, ListCheck, ReportAnswer, ReportedMatter, ReportSource
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.journal import Journal


def report_wrong_data(
    journal: Journal,
    class_group_id: str,
    pupil_id: str | None,
    about: ReportedMatter,
    wrong: str,
    should_be: str = "",
    *,
    source: ReportSource = "self",
    told_on: date | None = None,
) -> ChangeSet:
    """Сообщить канцелярии о неверных сведениях; сами сведения этим не меняются.

    Args:
        told_on: when it was noticed or told; None: today.

    Raises:
        Refusal: something is missing (EJ-522); nothing was written.
    """
    day = told_on or journal.clock().date()
    with journal.write() as write:
        write.edit(
            DataReport, write.new_id(), reporter_id=journal.identity.person_id, told_on=day, about=about,
            class_group_id=class_group_id, pupil_id=pupil_id, wrong=wrong.strip(), should_be=should_be.strip(),
            source=source,
        )  # fmt: skip
    return write.changes


def take_back_report(journal: Journal, report_id: str) -> ChangeSet:
    """Снять своё сообщение, пока на него не ответили.

    Raises:
        Refusal: it is somebody else's (EJ-523), or it was answered (EJ-524).
    """
    with journal.write() as write:
        write.edit(DataReport, report_id, act="void", voided=True)
    return write.changes


def answer_report(journal: Journal, report_id: str, answer: ReportAnswer, reason: str = "") -> ChangeSet:
    """Ответить на сообщение: исправлено, или не подтвердилось — с причиной; "" снимает ответ.

    Raises:
        Refusal: there is no reason (EJ-522), or this person does not answer (EJ-523).
    """
    by, day = (journal.identity.person_id, journal.clock().date()) if answer else (None, None)
    with journal.write() as write:
        write.edit(DataReport, report_id, answer=answer, answer_reason=reason.strip(), answered_by=by, answered_on=day)
    return write.changes


def confirm_list(journal: Journal, class_group_id: str, *, pupils: bool, families: bool, number: int) -> ChangeSet:
    """Отметить, что список класса сегодня сверен: ученики, семьи или всё.

    Args:
        number: how many pupils the list has.

    Raises:
        Refusal: nothing is marked, or it is another person's class (EJ-526).
    """
    today = journal.clock().date()
    with journal.write() as write:
        write.edit(
            ListCheck, write.new_id(), class_group_id=class_group_id, checked_on=today,
            checked_by=journal.identity.person_id, pupils=pupils, families=families, number=number,
        )  # fmt: skip
    return write.changes
