"""What cannot all be true of one pupil at one lesson."""

from __future__ import annotations

import pytest

from ejournal_core.contradictions import Contradiction, contradiction
from ejournal_core.kinds import Presence
from ejournal_core.policy import Policy, from_settings


@pytest.mark.parametrize(
    ("presence", "reason", "has_marks", "known_away", "held", "found"),
    [
        ("absent", "", True, False, True, "marked"),
        ("absent", "Б", False, True, True, ""),
        ("absent", "ОП", False, False, True, "late"),
        ("late", "ОП", True, False, True, ""),
        ("late", "Б", False, False, True, "late"),
        ("late", "", True, False, True, ""),
        ("present", "ОП", False, False, True, ""),
        ("present", "", True, True, False, "excused"),
        ("present", "", False, True, True, "unmarked"),
        ("present", "", False, True, False, ""),
        ("present", "", True, False, True, ""),
        ("absent", "ХЗ", False, False, True, ""),  # a code that this program does not know says nothing
    ],
)
def test_each_pair_of_entries_that_does_not_fit_has_its_name(
    presence: Presence, reason: str, has_marks: bool, known_away: bool, held: bool, found: Contradiction
) -> None:
    policy = Policy.default()
    told = contradiction(policy, presence, reason, has_marks=has_marks, known_away=known_away, held=held)
    assert told == found


def test_where_the_school_allows_marks_of_the_absent_they_fit() -> None:
    policy = from_settings("default", {"P16": "true"})
    assert contradiction(policy, "absent", "", has_marks=True, known_away=False, held=True) == ""
