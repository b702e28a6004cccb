"""Bytes that somebody or something has damaged: a flipped bit, a cut end, a page of zeros, a page moved."""

from __future__ import annotations

import random

PAGE = 4096


def harmed(content: bytes, chance: random.Random) -> bytes:
    """Return the content with one damage drawn by chance; it differs from what it was."""
    bent = bytearray(content)
    kind, place = chance.choice(("bit", "bit", "bit", "cut", "zeros", "moved")), chance.randrange(len(content))
    if kind == "cut":
        del bent[place:]
    elif kind == "zeros":
        bent[place : place + 512] = bytes(len(bent[place : place + 512]))
    elif kind == "moved" and len(content) >= 2 * PAGE:
        one, two = sorted(chance.sample(range(len(content) // PAGE), 2))
        bent[one * PAGE : (one + 1) * PAGE] = content[two * PAGE : (two + 1) * PAGE]
    if bent == content:
        bent[place] ^= 1 << chance.randrange(8)
    return bytes(bent)
