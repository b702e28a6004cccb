"""Whom the preliminary report names, and in which subjects that is decided."""

from __future__ import annotations

import pytest

from ejournal_core.indicators import Outlook, outlook


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"а": "5", "б": "5"}, Outlook("excellent")),
        ({"а": "5", "б": "4", "в": "4"}, Outlook("good")),
        ({"а": "5", "б": "4"}, Outlook("good", "one_four", ("б",))),
        ({"а": "3", "б": "4", "в": "5"}, Outlook("satisfactory", "one_three", ("а",))),
        ({"а": "3", "б": "3", "в": "5"}, Outlook("satisfactory")),
        ({"а": "н/а", "б": "5"}, Outlook("not_progressing", "not_assessed", ("а",))),
        ({"а": "н/а", "б": "2", "в": "3"}, Outlook("not_progressing", "failing", ("а", "б"))),
        ({"а": "нз", "б": "1", "в": "зач"}, Outlook("not_progressing", "failing", ("а", "б"))),
        ({"а": "", "б": "осв"}, Outlook("without_marks")),
        ({}, Outlook()),
    ],
)
def test_a_pupil_stands_by_the_marks_that_come_out(values: dict[str, str], expected: Outlook) -> None:
    assert outlook(values) == expected
