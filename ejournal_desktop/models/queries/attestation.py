"""Where period marks are put at all: not in grade 1 (P14), nor in a subject without attestation (P41)."""

from __future__ import annotations

from ejournal_core.kinds import ClassGroup, Subject
from ejournal_core.policy import Policy

#: Grades that end with an examination and a mark for the certificate.
LEAVING_GRADES = (9, 11)


def why_no_period_marks(group: ClassGroup, subject: Subject | None, policy: Policy) -> str:
    """Return why no period marks are put on a page, "" where they are."""
    if group.grade_level in policy.markless_grades:
        return f"В {group.grade_level} классе обучение безотметочное: итоговых отметок нет."
    if policy.no_attestation and subject is not None and not subject.attested:
        return "По этому предмету аттестации нет: итоговые отметки не ставятся."
    return ""
