"""Work beside the window gives way while the window paints a page.

A page is thousands of calls into Qt, and each lets the interpreter go for a moment: with other work beside it that
takes it each time, a frame of 20 ms took 100 on two quiet cores, nearly all of it waiting.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

#: A page that takes longer to paint, as on a very slow computer, shares the interpreter again.
LONGEST_S = 0.25

_at_rest = threading.Event()
_at_rest.set()


@contextmanager
def undisturbed() -> Iterator[None]:
    """Paint a page; on the window's thread."""
    _at_rest.clear()
    try:
        yield
    finally:
        _at_rest.set()


def give_way() -> None:
    """Wait while a page is being painted; on any other thread, between two small parts of long work."""
    _at_rest.wait(LONGEST_S)
