"""Which parts of Администрирование a person has a use for."""

from __future__ import annotations

from ejournal_desktop.models.journal import Clock, Journal
from ejournal_desktop.ui.jobs import Jobs
from ejournal_desktop.ui.speaking import Speak
from ejournal_desktop.ui.widgets.part_tabs import Part


def administration_parts(journal: Journal, jobs: Jobs, speak: Speak, clock: Clock) -> list[Part]:  # noqa: ARG001
    """Return the parts in the order of their tabs; none for whoever keeps nothing but journals."""
    return []
