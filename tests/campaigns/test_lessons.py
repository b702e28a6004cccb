"""Stories that failed once stay told."""

from __future__ import annotations

import pytest

from tests.campaigns.lessons import LESSONS
from tests.campaigns.play import play


@pytest.mark.parametrize("lesson", LESSONS)
def test_what_failed_once_does_not_fail_again(lesson: str) -> None:
    assert play(LESSONS[lesson]).broken == ()
