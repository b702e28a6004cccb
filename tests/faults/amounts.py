"""How much of a campaign runs: the test command's amount, or what EJOURNAL_CAMPAIGN="IMAGES=20000 …" says."""

from __future__ import annotations

import os


def amount(name: str, usual: int) -> int:
    """Return the amount of this name, `usual` where nobody asks for another."""
    given = dict(part.split("=", 1) for part in os.environ.get("EJOURNAL_CAMPAIGN", "").split() if "=" in part)
    return int(given.get(name, usual))
