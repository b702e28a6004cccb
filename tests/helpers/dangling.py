"""A test fails when it leaves a thread, a QThread or a running QTimer behind: random crashes are almost always these.

Timers are known by the calls of `QTimer.start` made from Python; `QTimer.singleShot` is not seen.
"""

from __future__ import annotations

import sys
import threading
import time
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

GRACE_SECONDS = 10.0  # what is about to end may be slow on a busy machine

started: weakref.WeakSet[Any] = weakref.WeakSet()


def watch_qt() -> None:
    """Make QTimer.start and QThread.start remember on whom they were called. Harmless without Qt or a second time."""
    core = sys.modules.get("PySide6.QtCore")
    for name in ("QTimer", "QThread") if core is not None else ():
        kind = getattr(core, name)
        if not hasattr(kind.start, "watched"):
            kind.start = remembering(kind.start)


def remembering(start: Any) -> Any:
    """Return `start` that notes its object first."""

    def noted(self: Any, *args: Any) -> Any:
        started.add(self)
        return start(self, *args)

    noted.watched = True  # type: ignore[attr-defined]
    return noted


@pytest.fixture(autouse=True)
def nothing_left_running() -> Iterator[None]:
    """Compare what runs after a test with what ran before it."""
    watch_qt()
    threads_before = set(threading.enumerate())
    running_before = set(map(id, running_qt_objects()))
    yield
    watch_qt()
    left = [f"thread {thread.name!r}" for thread in left_threads(threads_before)]
    left += [describe(thing) for thing in left_qt_objects(running_before)]
    if left:
        pytest.fail(f"left running by this test: {', '.join(left)}", pytrace=False)


def left_threads(before: set[threading.Thread]) -> list[threading.Thread]:
    """Return threads that are new and do not end within a short grace."""
    deadline = time.monotonic() + GRACE_SECONDS
    new = [thread for thread in threading.enumerate() if thread not in before]
    for thread in new:
        if thread is not threading.current_thread():
            thread.join(max(0.0, deadline - time.monotonic()))
    return [thread for thread in new if thread.is_alive()]


def left_qt_objects(before: set[int]) -> list[Any]:
    """Return timers and Qt threads that were started from Python and still run once deleted objects are gone."""
    deadline = time.monotonic() + GRACE_SECONDS
    while left := [thing for thing in running_qt_objects() if id(thing) not in before]:
        delete_what_waits_for_it()
        if time.monotonic() > deadline:
            break
        time.sleep(0.01)
    return left


def delete_what_waits_for_it() -> None:
    """Let objects go on which deleteLater was called; no event loop does it between tests."""
    core = sys.modules["PySide6.QtCore"]
    core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete.value)
    core.QCoreApplication.processEvents()


def running_qt_objects() -> list[Any]:
    """Return the started timers and threads that exist and run."""
    return [thing for thing in list(started) if exists(thing) and runs(thing)]


def exists(thing: Any) -> bool:
    """Return whether Qt's half of `thing` has not been deleted."""
    return bool(sys.modules["shiboken6"].isValid(thing))


def runs(thing: Any) -> bool:
    """Return whether a timer is active or a thread is running."""
    return bool(thing.isActive() if hasattr(thing, "isActive") else thing.isRunning())


def describe(thing: Any) -> str:
    """Return the kind, name and owner of `thing`."""
    return f"{type(thing).__name__} {thing.objectName()!r} of {thing.parent()!r}"
