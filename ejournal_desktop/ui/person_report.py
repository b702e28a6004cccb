"""All that the journal holds about one person, taken out: as a paper to be handed over, or for a machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtWidgets import QWidget

from ejournal_desktop.models.commands.audit_log import tell_event
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.drives import school_name
from ejournal_desktop.models.queries.person_choice import Whom
from ejournal_desktop.models.queries.person_data import DataLine, PersonData, person_data
from ejournal_desktop.ui import errors
from ejournal_desktop.ui.file_copies import save_copy
from ejournal_desktop.ui.jobs import Jobs
from ejournal_desktop.ui.save_as import ask_where
from ejournal_desktop.ui.widgets.say import Say
from ejournal_desktop.ui.words import ENTRY, count, tr

if TYPE_CHECKING:
    from ejournal_desktop.documents.forms.person_report import PersonReport, ReportLine

Format = Literal["pdf", "json"]


def format_of(path: Path) -> Format:
    """Return what a file with such a name holds."""
    return "json" if path.suffix.lower() == ".json" else "pdf"


def make_report(journal: Journal, found: PersonData, format_: Format) -> bytes:
    """Draw; takes seconds, and the libraries of paper load now: not for the thread of the window."""
    from ejournal_desktop.documents.forms.person_report import build_person_report, report_json

    paper = _paper(journal, found)
    return report_json(paper) if format_ == "json" else build_person_report(paper).pdf


def _paper(journal: Journal, found: PersonData) -> PersonReport:
    from ejournal_desktop.documents.forms.person_report import PersonReport, ReportSection

    sections = (ReportSection(each.kind, each.title, tuple(map(_line, each.lines))) for each in found.sections)
    return PersonReport(
        school_name=school_name(journal), made_on=journal.clock().date(), made_by=journal.identity.person_name,
        whom=found.whom.name, person_id=found.whom.id, sections=tuple(sections),
        earlier=tuple(map(_line, found.earlier)), not_held=found.not_held, number=found.number,
    )  # fmt: skip


def _line(line: DataLine) -> ReportLine:
    from ejournal_desktop.documents.forms.person_report import ReportLine

    return ReportLine(line.day, line.place, line.said, line.entered)


def save_report(journal: Journal, whom: Whom, path: Path, whole: PersonData | None = None) -> PersonData:
    """Make the report and write it; whose it was is told to the log of events.

    Args:
        whole: all that the school holds, as the server told it; None: what this desk holds is read now.

    Raises:
        FileNotSaved: it could not be written there; nothing is told.
    """
    found = whole if whole is not None else person_data(journal, whom)
    save_copy(make_report(journal, found, format_of(path)), path)
    tell_event(journal, "person_report", subject_kind=whom.kind, subject=whom.id, number=found.records,
               detail=format_of(path))  # fmt: skip
    return found


def told_of(found: PersonData, path: Path) -> str:
    """Return what to say when it is done."""
    said = tr("Сохранено: {name}, {n}.").format(name=path.name, n=count(found.records, ENTRY))
    if not found.not_held:
        return said
    return f"{said} {tr('Здесь хранится не всё: чего в справке нет, написано на первом листе.')}"


class PersonReports:
    """Makes reports for a screen: asks where, works in the background, says how it ended.

    Args:
        parent: over which the question for the file stands.
        say: says a sentence on that screen.
        troubled: takes what is nobody's fault but the program's.
    """

    def __init__(
        self, journal: Journal, jobs: Jobs, parent: QWidget, say: Say, troubled: Callable[[BaseException], object]
    ) -> None:
        self._journal, self._jobs, self._parent, self._say, self._troubled = journal, jobs, parent, say, troubled

    def ask(self, whom: Whom, whole: PersonData | None = None) -> None:
        """Ask for a file and save the report of a person in it; `whole` as in `save_report`."""
        offered = f"{tr('Сведения')} {whom.name.partition(',')[0]}"
        kinds = {".pdf": tr("Документ PDF/A"), ".json": tr("Для программ, JSON")}
        path = ask_where(self._parent, tr("Сохранить сведения о человеке"), offered, kinds)
        if path is not None:
            self.save_to(whom, path, whole)

    def save_to(self, whom: Whom, path: Path, whole: PersonData | None = None) -> None:
        """Save the report of a person; `whole` as in `save_report`."""
        self._say(tr("Собираю сведения…"), "")
        self._jobs.run(
            lambda _report: told_of(save_report(self._journal, whom, path, whole), path),
            title=tr("Сведения о человеке"), done=self._saved, failed=self._failed,
        )  # fmt: skip

    def _saved(self, said: str) -> None:
        self._say(said, "done")

    def _failed(self, error: BaseException) -> None:
        errors.tell(error, self._say, self._troubled)
