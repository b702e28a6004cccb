"""What one write did, as everybody hears of it who shows records."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from ejournal_core.changes import Change
from ejournal_desktop.models.records import Address


class ChangeSet(Struct, frozen=True):
    """What one write did: its changes in order and the records whose rows may look different now.

    `everything` says that so much came in (a snapshot) that open views do best to read anew.
    `prev` is the hash (hex) before the first change of a write of this person, None for what came in.
    `saved` is False while a power cut may still take it: listeners hear of it once more when it is on the disk.
    """

    changes: tuple[Change, ...] = ()
    touched: frozenset[Address] = frozenset()
    everything: bool = False
    prev: str | None = None
    saved: bool = True


Listener = Callable[[ChangeSet], None]
