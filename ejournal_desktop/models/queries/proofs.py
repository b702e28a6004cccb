"""How well an entry is proved by what this desk holds, without asking the server."""

from __future__ import annotations

from typing import Literal

import sqlalchemy as sa
from msgspec import Struct

from ejournal_desktop.models import evidence
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.state import SyncState

#: "log": the entry was part of the log whose signed root this desk recomputed; "receipt": the server's signed answer is
#: kept; "none": it has not been delivered, or came in a snapshot.
By = Literal["log", "receipt", "none"]


class Standing(Struct, frozen=True):
    """Number of an entry in the log (0: none yet), and by what it is proved."""

    number: int
    by: By

    @property
    def word(self) -> str:
        """By what it is proved, in a word; "" while it has no number."""
        words = {"log": "доказано", "receipt": "есть расписка школы", "none": "не доказано"}
        return words[self.by] if self.number else ""

    @property
    def sentence(self) -> str:
        """What the screen says; "" when there is nothing to say."""
        return f"запись № {self.number}, {self.word}" if self.number else ""


def standing(journal: Journal, change_id: str) -> Standing:
    """Return how an entry is proved."""
    with journal.reading() as connection:
        return standing_on(connection, change_id, journal.identity.desk_id)


def standing_on(connection: sa.Connection, change_id: str, desk_id: str) -> Standing:
    """Return how an entry is proved, on a connection at hand."""
    told = evidence.line(connection, change_id)
    if told is None:
        return Standing(0, "none")
    number, own = told.verdict.number, told.change.desk == desk_id
    came_by_log = evidence.authors_proof(connection, change_id) is not None
    if came_by_log:
        return Standing(number, "log")
    answer = evidence.receipt_of(connection, told.change.n) if own else None
    if answer is None or told.verdict not in answer.verdicts:
        return Standing(number, "none")
    return Standing(number, "log" if number <= _walked(connection) else "receipt")


def _walked(connection: sa.Connection) -> int:
    """Own leaves have gone into the tree up to the cursor, receipts being what they were computed from."""
    return SyncState.read(connection).cursor
