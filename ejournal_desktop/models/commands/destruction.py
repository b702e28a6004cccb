"""What an administrator and a second person do to have content destroyed by law."""

from __future__ import annotations

from datetime import date

from ejournal_core.kinds import Destruction
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.journal import Journal


def order_destruction(
    journal: Journal,
    target_kind: str,
    *,
    target_record: str = "",
    pupil_id: str | None = None,
    act_number: str,
    act_date: date,
    basis: str,
    backup_upto: str = "",
) -> ChangeSet:
    """Внести акт об уничтожении: ничего не происходит, пока его не подтвердит другой человек.

    Args:
        target_kind: one of `changes.BLANK`.
        target_record, pupil_id: one record, or all records of the kind of one pupil.
        basis: a reference to law and request, not their text: every desk of the school receives it.
        backup_upto: the newest backup generation known here; copies up to it hold the content until they go.

    Raises:
        Refusal: the person may not, or the act is not whole; nothing was changed.
    """
    with journal.write() as write:
        write.edit(
            Destruction, write.new_id(), target_kind=target_kind, target_record=target_record, pupil_id=pupil_id,
            act_number=act_number, act_date=act_date, basis=basis, ordered_by=journal.identity.person_id,
            backup_upto=backup_upto,
        )  # fmt: skip
    return write.changes


def confirm_destruction(journal: Journal, order_id: str) -> ChangeSet:
    """Подтвердить акт, который внёс другой человек: после приёма сервером сведения уничтожаются везде и навсегда."""
    with journal.write() as write:
        write.edit(Destruction, order_id, confirmed_by=journal.identity.person_id)
    return write.changes


def withdraw_destruction(journal: Journal, order_id: str) -> ChangeSet:
    """Отозвать свой акт, пока его никто не подтвердил."""
    with journal.write() as write:
        write.edit(Destruction, order_id, act="void", voided=True)
    return write.changes
