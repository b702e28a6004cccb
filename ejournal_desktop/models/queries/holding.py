"""What of the journal is on this disk, and how sure it is: for the status line and for screens."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from ejournal_desktop.models import loading, slices
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.slices import Proof
from ejournal_desktop.models.state import SyncState


class HoldingState(Struct, frozen=True):
    """How far the journal has come onto this disk.

    Attributes:
        percent: of a snapshot that is being loaded; None when none is.
        history_percent: of the history that is on its way behind a snapshot; None when none is.
        unproved: pages whose records are not what their history makes of them (ids of journal pages); an alarm.
        partial: the journal is new and not all here: lists still miss what is to come.
    """

    percent: int | None
    history_percent: int | None
    unproved: tuple[str, ...] = ()
    partial: bool = False

    @property
    def sentence(self) -> str:
        """Return «загружается журнал: 45 %», «история загружается: 12 %», "" when there is nothing to say."""
        if self.percent is not None:
            return f"загружается журнал: {self.percent} %"
        if self.history_percent is not None:
            return f"история загружается: {self.history_percent} %"
        return ""


class SliceNotice(Struct, frozen=True):
    """Something that happened to what is held: its code in docs/errors.md, when, and how many slices."""

    code: str
    at: datetime
    slices: int


def holding_state(journal: Journal) -> HoldingState:
    """Return how far the journal has come onto this disk."""
    with journal.reading() as connection:
        state = SyncState.read(connection)
        held = slices.held(connection).values()
    done = loading.progress(state)
    task = state.learning
    unproved = [each.name.removeprefix("page:") for each in held if each.proof == "differs"]
    return HoldingState(
        percent=done.percent if done else None,
        history_percent=task.after * 100 // task.upto if task and task.upto else None,
        unproved=tuple(sorted(unproved)),
        partial=state.loading is not None and state.loading.whole,
    )


def history_of_page(journal: Journal, journal_page_id: str) -> Proof:
    """Return how the history of a page stands: "" or "loading" (not all here yet), "proved", or "differs"."""
    with journal.reading() as connection:
        found = slices.held(connection).get(f"page:{journal_page_id}")
    return found.proof if found else ""


def slice_notices(journal: Journal) -> tuple[SliceNotice, ...]:
    """Return what happened to what is held, newest first."""
    known = journal.state().notices
    return tuple(SliceNotice(n.code, datetime.fromisoformat(n.at), len(n.slices)) for n in reversed(known))
