"""A disk that is held up or refuses: stands before the real flush of this process."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Disk:
    """Stands before the real flush: holds it up, or lets it fail."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.open.set()
        self.error = 0
        self.reached = threading.Event()
        self._flush = os.fsync

    def fsync(self, handle: int) -> None:
        """Flush when it is allowed."""
        self.reached.set()
        assert self.open.wait(60)
        if self.error:
            raise OSError(self.error, os.strerror(self.error))
        self._flush(handle)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let no flush end meanwhile."""
        self.reached.clear()
        self.open.clear()
        try:
            yield
        finally:
            self.open.set()
