"""A document between the journal and the screen: the forms, how one is built, and its entry in the register."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from ejournal_core.calendar import period_mark_title
from ejournal_core.errors import Refusal
from ejournal_core.kinds import PeriodKind
from ejournal_desktop.documents import data_copy
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.documents import record_issue
from ejournal_desktop.ui.jobs import Report

if TYPE_CHECKING:
    from ejournal_desktop.documents import Built
    from ejournal_desktop.models.journal import Journal

Form = Literal["summary-sheet", "year-book"]
Sign = Callable[[bytes, str, str], bytes]  # (PDF, reason, place to sign) → PDF with one more signature

FORMS: dict[Form, str] = {"summary-sheet": "Сводная ведомость учёта успеваемости", "year-book": "Годовая копия журнала"}
PERIOD_KINDS: tuple[PeriodKind, ...] = ("quarter", "half_year", "trimester")
#: Titles of the periods back to what they are.
PERIODS: dict[str, tuple[PeriodKind, int]] = {
    period_mark_title(kind, number): (kind, number) for kind in PERIOD_KINDS for number in range(1, 5)
}


@dataclass(frozen=True)
class Paper:
    """A document on the screen."""

    form: Form
    document_id: str
    title: str
    class_group_id: str
    period: tuple[PeriodKind, int] | None
    built: Built
    pdf: bytes  # with the signatures made so far
    signatures: int = 0


def build_paper(
    journal: Journal, form: Form, group: str, period: tuple[PeriodKind, int] | None, document_id: str, number: str,
    report: Report,
) -> Built:  # fmt: skip
    """Read the journal and lay the paper out; runs off the GUI thread.

    Args:
        period: kind and number up to which a summary sheet goes; None for the bound copy.
        document_id: what the printed code names.
        number: of the school's register of documents, may be empty.

    Raises:
        Trouble: EJ-36x, the paper cannot be made.
        Cancelled: the person stopped it.
    """
    from ejournal_desktop import documents  # the libraries of paper load with the first paper, not with the window

    report.check()
    if form == "year-book":
        book = queries.year_book(journal, group, document_number=number, document_id=document_id)
        report.check()
        return documents.build_year_book(book)
    kind, ordinal = period or ("year", 1)
    sheet = queries.summary_sheet(
        journal, group, kind, ordinal, document_number=number, document_id=document_id
    )  # fmt: skip
    report.check()
    return documents.build_summary_sheet(sheet)


def own_place(journal: Journal, paper: Paper) -> str:
    """Return the place on the paper that this person signs: the first empty one of those that are hers by office.

    Raises:
        Refusal: EJ-214, nothing on this paper is hers to sign, or all that is hers is signed.
    """
    from ejournal_desktop.documents.sign import places_of  # loads with the first signature

    signed = places_of(paper.pdf)
    own = [place for place in queries.signing_places(journal, paper.class_group_id) if place in signed]
    empty = next((place for place in own if not signed[place]), "")
    if not empty:
        raise Refusal("EJ-214", _ALL_SIGNED if own else _NOTHING_TO_SIGN)
    return empty


_ALL_SIGNED = "Ваше место в этом документе уже подписано; документ остался как был."
_NOTHING_TO_SIGN = (
    "В этом документе нет места для вашей подписи: его подписывают классный руководитель этого класса, "
    "заместитель директора и директор. Документ остался как был."
)


def register_paper(journal: Journal, paper: Paper, signed: bytes, now: datetime) -> None:
    """Enter a signed paper in the register of issued documents.

    Raises:
        Refusal: the person may not issue this paper.
    """
    kind, number = paper.period or (None, None)
    record_issue(
        journal, paper.document_id, form=paper.form, title=paper.title, data_sha256=paper.built.data_sha256,
        file_sha256=data_copy.sha256(signed), issued_at=now, class_group_id=paper.class_group_id, period_kind=kind,
        period_number=number,
    )  # fmt: skip
