"""Which parts of Администрирование a person has a use for."""

from __future__ import annotations

from ejournal_desktop.models.commands.staff import keeps_people
from ejournal_desktop.models.journal import Clock, Journal
from ejournal_desktop.models.queries.day_bells import keeps_bells
from ejournal_desktop.models.queries.drives import sees_drives
from ejournal_desktop.models.queries.people import looks_into_copies
from ejournal_desktop.models.queries.person_choice import tells_of_people
from ejournal_desktop.models.queries.staff_names import keeps_workstations, reads_the_log
from ejournal_desktop.models.queries.substitution_day import keeps_timetable
from ejournal_desktop.ui.jobs import Jobs
from ejournal_desktop.ui.speaking import Speak
from ejournal_desktop.ui.widgets.bells_part import BellsPart
from ejournal_desktop.ui.widgets.events_part import EventsPart
from ejournal_desktop.ui.widgets.part_tabs import Part
from ejournal_desktop.ui.widgets.people_part import PeoplePart
from ejournal_desktop.ui.widgets.person_report_part import PersonReportPart
from ejournal_desktop.ui.widgets.substitutes_part import SubstitutesPart
from ejournal_desktop.ui.widgets.workplaces_part import WorkplacesPart


def administration_parts(journal: Journal, jobs: Jobs, speak: Speak, clock: Clock) -> list[Part]:
    """Return the parts in the order of their tabs; none for whoever keeps nothing but journals."""
    return [
        *_people(journal, jobs, speak, clock),
        *_workplaces(journal, jobs, speak, clock),
        *_substitutes(journal, jobs, clock),
        *_bells(journal, clock),
        *_events(journal, jobs, clock),
        *_reports(journal, jobs, speak),
        *_drives(journal, jobs, speak, clock),
        *_copies(journal, jobs, clock),
    ]


def _people(journal: Journal, jobs: Jobs, speak: Speak, clock: Clock) -> list[Part]:
    return [PeoplePart(journal, jobs, speak, clock)] if any(keeps_people(journal)) else []


def _workplaces(journal: Journal, jobs: Jobs, speak: Speak, clock: Clock) -> list[Part]:
    return [WorkplacesPart(journal, jobs, speak, clock)] if keeps_workstations(journal) else []


def _substitutes(journal: Journal, jobs: Jobs, clock: Clock) -> list[Part]:
    return [SubstitutesPart(journal, jobs, clock)] if keeps_timetable(journal) else []


def _bells(journal: Journal, clock: Clock) -> list[Part]:
    return [BellsPart(journal, clock)] if keeps_bells(journal) else []


def _events(journal: Journal, jobs: Jobs, clock: Clock) -> list[Part]:
    return [EventsPart(journal, jobs, clock)] if reads_the_log(journal) else []


def _reports(journal: Journal, jobs: Jobs, speak: Speak) -> list[Part]:
    return [PersonReportPart(journal, jobs, speak)] if tells_of_people(journal) else []


def _copies(journal: Journal, jobs: Jobs, clock: Clock) -> list[Part]:
    if not looks_into_copies(journal):
        return []
    from ejournal_desktop.ui.widgets.copy_part import CopyPart  # reading backups loads with whoever may

    return [CopyPart(journal, jobs, clock)]


def _drives(journal: Journal, jobs: Jobs, speak: Speak, clock: Clock) -> list[Part]:
    if not sees_drives(journal):
        return []
    from ejournal_desktop.ui.widgets.backup_part import BackupPart  # what speaks with drives loads with whoever does

    return [BackupPart(journal, jobs, speak, clock)]
