"""What cannot all be true of one pupil at one lesson: presence, the reason, marks, and what the class teacher knows."""

from __future__ import annotations

from typing import Literal

from ejournal_core.kinds import Presence
from ejournal_core.policy import Policy

#: marked: absent, yet with a mark (P16) · late: late and absent at once · excused: marked as present, with a mark,
#: though the class teacher knows the pupil to be away · unmarked: the same without a mark, once the lesson was held.
Contradiction = Literal["", "marked", "late", "excused", "unmarked"]


def contradiction(
    policy: Policy, presence: Presence, reason: str, *, has_marks: bool, known_away: bool, held: bool
) -> Contradiction:
    """Return what does not fit, "" where everything can be true.

    Args:
        reason: code of the absence entered for this lesson, "" while unknown.
        has_marks: a mark stands for the pupil at the lesson.
        known_away: the class teacher's register covers the lesson.
        held: the lesson took place.
    """
    code = policy.absence_code(reason)
    if presence == "absent" and has_marks and not policy.allow_mark_when_absent:
        return "marked"
    if code is not None and presence != "present" and code.late != (presence == "late"):
        return "late"
    if presence == "present" and known_away:
        return "excused" if has_marks else "unmarked" if held else ""
    return ""
