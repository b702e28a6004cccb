"""What a planned work would meet in the class, as far as this desk knows, and how much time there is for homework."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ejournal_core.kinds import PolicySetting, Record, TimetableSlot
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.marks import add_mark_column
from ejournal_desktop.models.queries.workload import work_warning
from tests.helpers.school import YEAR_START, desk_of, small_school

LATER = TimetableSlot(id="t-late", journal_page_id="s-english.g-2", weekday=2, lesson_number=5, since=YEAR_START)
EARLIER = TimetableSlot(id="t-early", journal_page_id="s-english.g-2", weekday=2, lesson_number=1, since=YEAR_START)


def test_the_colliding_works_are_named_across_subjects_where_the_desk_holds_them(tmp_path: Path) -> None:
    school = small_school(extra=(EARLIER, LATER))
    journal = desk_of(school, "p-colleague", tmp_path)  # teaches algebra and English here
    add_mark_column(journal, school.lesson(date(2026, 9, 15), 5, school.english), "control")
    add_mark_column(journal, school.lesson(date(2026, 9, 7), 2), "control")
    add_mark_column(journal, school.lesson(date(2026, 9, 8), 3), "oral")
    told = work_warning(journal, school.today_lesson)
    assert [(each.rule, [(work.title, work.day) for work in each.works]) for each in told.collisions] == [
        ("day", [("КР, Английский язык", date(2026, 9, 15))]),
        ("days", [("КР, Алгебра", date(2026, 9, 7))]),
    ]
    assert told.unseen == ()
    journal.close()


def test_a_desk_that_holds_one_subject_says_of_which_it_does_not_know(tmp_path: Path) -> None:
    school = small_school(extra=(EARLIER, LATER))
    journal = desk_of(school, "p-teacher", tmp_path)
    told = work_warning(journal, school.today_lesson)
    assert (told.collisions, told.unseen) == ((), ("Английский язык",))
    journal.close()


def test_the_only_lesson_of_the_day_is_the_first_and_the_last(tmp_path: Path) -> None:
    school = small_school()
    journal = desk_of(school, "p-teacher", tmp_path)
    assert [each.rule for each in work_warning(journal, school.today_lesson).collisions] == ["first", "last"]
    journal.close()


def test_a_school_that_does_not_watch_hears_nothing(tmp_path: Path) -> None:
    off = PolicySetting(
        id="P55",
        value='{"enabled":false,"per_day":1,"days_between":17,"max_share_percent":10,"not_first_or_last":true,'
        '"warning_only":true}',
    )
    school = small_school(extra=(off,))
    journal = desk_of(school, "p-teacher", tmp_path)
    told = work_warning(journal, school.today_lesson)
    assert (told.collisions, told.unseen) == ((), ())
    journal.close()


@pytest.mark.parametrize(
    ("extra", "advice"),
    [
        # algebra again on Friday, the only subject of the class on that day
        ((), (date(2026, 9, 18), 150, 1, 150)),
        ((TimetableSlot(id="t-f", journal_page_id="s-english.g-2", weekday=5, lesson_number=2, since=YEAR_START),),
         (date(2026, 9, 18), 150, 2, 75)),
    ],
)  # fmt: skip
def test_homework_is_advised_for_the_day_of_the_next_lesson(
    tmp_path: Path, extra: tuple[Record, ...], advice: tuple[object, ...]
) -> None:
    school = small_school(extra=extra)
    journal = desk_of(school, "p-teacher", tmp_path)
    found = queries.lesson_sheet(journal, school.today_lesson).advice
    assert found is not None
    assert (found.day, found.minutes, found.subjects, found.minutes_each) == advice
    journal.close()


def test_no_time_in_the_policy_and_no_lesson_to_come_give_no_advice(tmp_path: Path) -> None:
    school = small_school(extra=(PolicySetting(id="P54", value="[]"),))
    journal = desk_of(school, "p-teacher", tmp_path)
    assert queries.lesson_sheet(journal, school.today_lesson).advice is None
    journal.close()
    journal = desk_of(small_school(), "p-teacher", tmp_path / "other")
    assert queries.lesson_sheet(journal, school.lesson(date(2027, 5, 31), 2)).advice is None
    journal.close()
