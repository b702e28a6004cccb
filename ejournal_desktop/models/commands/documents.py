"""Enter in the journal that a paper was issued."""

from __future__ import annotations

from datetime import datetime

from ejournal_core.kinds import IssuedDocument, PeriodKind
from ejournal_desktop.models import blobs
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.journal import Journal


def record_issue(
    journal: Journal,
    document_id: str,
    *,
    form: str,
    title: str,
    data_sha256: str,
    file_sha256: str,
    issued_at: datetime,
    class_group_id: str | None = None,
    period_kind: PeriodKind | None = None,
    period_number: int | None = None,
    content: bytes | None = None,
) -> ChangeSet:
    """Внести в реестр выданный документ: что это, хеш его данных и хеш подписанного файла.

    Args:
        document_id: as printed in the document's code.
        data_sha256, file_sha256: hexadecimal.
        issued_at: aware.
        content: the file itself, when it travels to those who sign after this person; None: it stays where it is.
    """
    with blobs.laid_ready(journal, file_sha256, content or b""), journal.write() as write:
        write.edit(
            IssuedDocument,
            document_id,
            act="issue",
            form=form,
            title=title,
            class_group_id=class_group_id,
            period_kind=period_kind,
            period_number=period_number,
            data_sha256=data_sha256,
            file_sha256=file_sha256,
            issued_at=issued_at.isoformat(timespec="seconds"),
            file_size=len(content or b""),
        )
        if content is not None:
            blobs.keep(write.connection, file_sha256, content, blobs.moment(journal))
    return write.changes
