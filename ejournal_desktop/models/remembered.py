"""Questions whose answer holds until somebody writes to the file: most meetings ask a dozen and nothing has moved."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa

from ejournal_core.errors import EjournalError
from ejournal_desktop.models.database import sorted_errors

T = TypeVar("T")
Question = Callable[[sa.Connection], T]


class Remembered:
    """Answers of one file by question, forgotten with every commit, of this program or of another one.

    SQLite counts for each connection what others have committed (`PRAGMA data_version`), so one connection that never
    writes sees every commit.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._watching: Any = None
        self._version = -1
        self._answers: dict[Question[Any], Any] = {}

    def ask(self, question: Question[T]) -> T:
        """Return the answer, which nobody may alter.

        Args:
            question: a function of a module that reads and does nothing else.

        Raises:
            Trouble: the file cannot be read.
        """
        with self._lock:
            version = self._seen()
            if version != self._version:
                self._version, self._answers = version, {}
            answers = self._answers
            if question in answers:
                found: T = answers[question]
                return found
        with sorted_errors(), self._engine.connect() as connection:
            answer = question(connection)
        answers[question] = answer  # newer than this version, perhaps: then these answers are forgotten all the same
        return answer

    def close(self) -> None:
        """Let the connection go; the next question opens it again."""
        with self._lock:
            self._let_go()

    def _seen(self) -> int:
        """Return the number of the last commit that was seen; it counts for this connection only."""
        try:
            with sorted_errors():
                if self._watching is None:
                    self._watching = self._engine.raw_connection()
                    self._watching.detach()
                return int(self._watching.dbapi_connection.execute("PRAGMA data_version").fetchall()[0][0])
        except EjournalError:
            self._let_go()
            raise

    def _let_go(self) -> None:
        watching, self._watching, self._version = self._watching, None, -1
        if watching is not None:
            watching.close()
