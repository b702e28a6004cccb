"""How well an entry is proved by what this desk holds, without asking the server."""

from __future__ import annotations

from typing import Literal

import sqlalchemy as sa
from msgspec import Struct

from ejournal_desktop.models import evidence, slices
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.state import SyncState

#: "log": the entry was part of the log whose signed root this desk recomputed; "receipt": the server's signed answer is
#: kept; "author": its author's signature is verified, its place in the log not yet: the page's history is on its way;
#: "none": it has not been delivered, or came in a snapshot.
By = Literal["log", "receipt", "author", "none"]


class Standing(Struct, frozen=True):
    """Number of an entry in the log (0: none yet), and by what it is proved."""

    number: int
    by: By

    @property
    def word(self) -> str:
        """By what it is proved, in a word; "" while it has no number."""
        words = {"log": "доказано", "receipt": "есть расписка школы", "author": "подпись автора верна",
                 "none": "не доказано"}  # fmt: skip
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
        return Standing(number, "author" if _is_ahead_of_its_history(connection, told) else "log")
    answer = evidence.receipt_of(connection, told.change.n) if own else None
    if answer is None or told.verdict not in answer.verdicts:
        return Standing(number, "none")
    return Standing(number, "log" if number <= _walked(connection) else "receipt")


def _is_ahead_of_its_history(connection: sa.Connection, told: evidence.Told) -> bool:
    """Say whether an entry older than the snapshot of its slice came before the history that proves its place."""
    held = slices.held(connection).get(slices.slice_of_change(connection, told.change))
    return held is not None and told.verdict.number <= held.number and held.proof in ("", "loading")


def _walked(connection: sa.Connection) -> int:
    """Own leaves have gone into the tree up to the cursor, receipts being what they were computed from."""
    return SyncState.read(connection).cursor
