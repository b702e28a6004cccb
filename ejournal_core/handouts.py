"""What the server's command line gives to a program that prints it: the recovery key, the codes for the first sign-in.

One line of JSON each, made once and kept nowhere. The server draws no paper and the desk makes no secrets, so what
stands between them is this line, in a pipe.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

import msgspec
from msgspec import Struct

from ejournal_core.errors import NOT_JSON, Trouble


class NoHandout(Trouble):
    """What was given is no line of a handout: nothing was made, or another command printed it."""

    code: ClassVar[str] = "EJ-341"


class RecoveryHandout(Struct, frozen=True, kw_only=True, tag_field="handout", tag="recovery-key"):
    """A recovery key just made; `secret` stands nowhere else."""

    school_name: str
    made_on: date
    secret: str
    recipient: str

    def __repr__(self) -> str:
        return f"RecoveryHandout({self.recipient})"  # a secret never stands in a log or a traceback


class SlipLine(Struct, frozen=True, kw_only=True):
    """A person's one-time code."""

    name: str
    position: str
    code: str

    def __repr__(self) -> str:
        return "SlipLine()"


class CodesHandout(Struct, frozen=True, kw_only=True, tag_field="handout", tag="activation-codes"):
    """Codes for the first sign-in, in alphabetical order.

    Attributes:
        made_on: the day, by the server's local time.
        valid_until: the last whole day on which they count.
        issue_until: the last day to hand them out, by the school's policy (P32).
        by_director: they are given out on the director's instruction (P32).
        clause: where the school's policy takes that from, "" for its own choice.
    """

    school_name: str
    made_on: date
    valid_until: date
    issue_until: date
    working_days: int
    by_director: bool
    clause: str
    slips: tuple[SlipLine, ...]


Handout = RecoveryHandout | CodesHandout


def decode_handout(text: bytes | str) -> Handout:
    """Read a line.

    Raises:
        NoHandout: it is none.
    """
    try:
        handout: Handout = msgspec.json.decode(text, type=Handout)
    except NOT_JSON:
        raise NoHandout("no line of a handout") from None
    return handout
