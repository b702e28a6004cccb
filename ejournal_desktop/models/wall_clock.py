"""What time it is: the one clock of a PC, and how others are handed in. Alone in its module: everybody wants it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]


def local_now() -> datetime:
    """Return the wall clock of this PC, aware."""
    return datetime.now().astimezone()
