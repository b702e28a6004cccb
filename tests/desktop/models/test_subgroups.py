"""Groups of a class on a real desk: made, filled, left from a day on; what was before stays."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from ejournal_core import ids
from ejournal_core.errors import Refusal
from ejournal_core.kinds import JournalPage, Record, Subgroup, SubgroupMember, TeachingLoad
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands import subgroups, way_back
from ejournal_desktop.models.commands.lessons import set_topic
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.subgroups import class_subgroups
from tests.helpers.school import YEAR_START, desk_of, small_school

CLASS, ENGLISH, TUESDAY = "c-7b", "s-english.g-2", date(2026, 9, 15)
FIRST_GROUP: tuple[Record, ...] = (
    Subgroup(id="g-1", class_group_id=CLASS, title="1 группа"),
    JournalPage(id="s-english.g-1", subject_id="s-english", class_group_id=CLASS, subgroup_id="g-1"),
)


def desk(folder: Path, person: str = "p-class-teacher", *extra: Record) -> Journal:
    return desk_of(small_school(extra=(*FIRST_GROUP, *extra)), person, folder)


def stays(journal: Journal, pupil: str, group: str) -> list[tuple[date, date | None]]:
    """Return the times of a pupil in a group."""
    with journal.reading() as connection:
        found = select_records(connection, SubgroupMember, subgroup_id=group, pupil_id=pupil)
    return sorted(((stay.since, stay.until) for stay in found), key=lambda each: each[0])


def groups(journal: Journal) -> list[str]:
    return [group.title for group in class_subgroups(journal, CLASS).groups]


def test_a_pupil_goes_to_another_group_from_a_day_and_what_was_before_stays(tmp_path: Path) -> None:
    journal = desk(tmp_path)
    subgroups.move_pupils(journal, ["u-02", "u-04"], "g-1", TUESDAY, ["g-2"])
    for pupil in ("u-02", "u-04"):
        assert stays(journal, pupil, "g-2") == [(YEAR_START, TUESDAY - timedelta(days=1))]
        assert stays(journal, pupil, "g-1") == [(TUESDAY, None)]
    assert stays(journal, "u-06", "g-2") == [(YEAR_START, None)]
    lists = {page: {p.pupil_id: p for p in queries.journal_spread(journal, page).pupils}
             for page in (ENGLISH, "s-english.g-1")}  # fmt: skip
    assert lists[ENGLISH]["u-02"].until == TUESDAY - timedelta(days=1), "at his place, with the last day"
    assert lists["s-english.g-1"]["u-02"].since == TUESDAY
    journal.close()


def test_who_comes_back_has_both_times(tmp_path: Path) -> None:
    journal = desk(tmp_path)
    subgroups.move_pupils(journal, ["u-02"], "g-1", TUESDAY, ["g-2"])
    back = TUESDAY + timedelta(days=7)
    subgroups.move_pupils(journal, ["u-02"], "g-2", back, ["g-1"])
    assert stays(journal, "u-02", "g-2") == [(YEAR_START, TUESDAY - timedelta(days=1)), (back, None)]
    assert stays(journal, "u-02", "g-1") == [(TUESDAY, back - timedelta(days=1))]
    journal.close()


def test_a_move_on_the_same_day_leaves_no_empty_time_behind(tmp_path: Path) -> None:
    journal = desk(tmp_path)
    subgroups.move_pupils(journal, ["u-01"], "g-1", TUESDAY)
    subgroups.move_pupils(journal, ["u-01"], "g-2", TUESDAY, ["g-1"])
    assert (stays(journal, "u-01", "g-1"), stays(journal, "u-01", "g-2")) == ([], [(TUESDAY, None)])
    subgroups.move_pupils(journal, ["u-01"], "g-1", TUESDAY, ["g-2"])
    assert (stays(journal, "u-01", "g-1"), stays(journal, "u-01", "g-2")) == ([(TUESDAY, None)], [])
    journal.close()


def test_coming_back_the_day_after_is_one_time(tmp_path: Path) -> None:
    journal = desk(tmp_path)
    subgroups.leave_subgroup(journal, "u-02", "g-2", TUESDAY)
    assert stays(journal, "u-02", "g-2") == [(YEAR_START, TUESDAY - timedelta(days=1))]
    subgroups.move_pupils(journal, ["u-02"], "g-2", TUESDAY)
    assert stays(journal, "u-02", "g-2") == [(YEAR_START, None)]
    journal.close()


def test_a_move_is_taken_back_as_one_step(tmp_path: Path) -> None:
    journal = desk(tmp_path)
    done = subgroups.move_pupils(journal, ["u-02"], "g-1", TUESDAY, ["g-2"])
    way_back.take_back(journal, done)
    assert (stays(journal, "u-02", "g-1"), stays(journal, "u-02", "g-2")) == ([], [(YEAR_START, None)])
    left = subgroups.leave_subgroup(journal, "u-02", "g-2", YEAR_START)
    assert stays(journal, "u-02", "g-2") == []
    way_back.take_back(journal, left)
    assert stays(journal, "u-02", "g-2") == [(YEAR_START, None)]
    journal.close()


def test_a_group_is_made_once_under_a_name(tmp_path: Path) -> None:
    journal = desk(tmp_path)
    done = subgroups.make_subgroup(journal, CLASS, "  Информатика,  1 группа ")
    assert groups(journal) == ["1 группа", "2 группа", "Информатика, 1 группа"]
    for taken in ("информатика, 1 группа", "   "):
        with pytest.raises(Refusal) as refused:
            subgroups.make_subgroup(journal, CLASS, taken)
        assert refused.value.code == "EJ-274"
    way_back.take_back(journal, done)
    assert groups(journal) == ["1 группа", "2 группа"]
    journal.close()


def test_whoever_may_open_pages_opens_that_of_the_group_and_the_class_teacher_does_not(tmp_path: Path) -> None:
    for person, subjects in (("p-class-teacher", ()), ("p-deputy", ("Алгебра",))):
        journal = desk(tmp_path / person, person)
        done = subgroups.make_subgroup(journal, CLASS, "А", "s-algebra")
        made = next(group for group in class_subgroups(journal, CLASS).groups if group.title == "А")
        assert made.subjects == subjects
        way_back.take_back(journal, done)
        assert "А" not in groups(journal)
        journal.close()


def test_a_group_with_lessons_is_not_taken_back(tmp_path: Path) -> None:
    journal = desk(tmp_path, "p-deputy")
    with journal.write() as write:
        write.edit(JournalPage, "s-algebra.g-2", subject_id="s-algebra", class_group_id=CLASS, subgroup_id="g-2")
    opened = write.changes
    with journal.write() as write:
        write.edit(TeachingLoad, "l-x", journal_page_id="s-algebra.g-2", person_id="p-deputy", since=YEAR_START)
    set_topic(journal, ids.lesson("s-algebra.g-2", TUESDAY, 1), "Тема")
    with pytest.raises(Refusal) as refused:
        way_back.take_back(journal, opened)
    assert refused.value.code == "EJ-290"
    assert class_subgroups(journal, CLASS).groups[1].subjects == ("Алгебра", "Английский язык")
    journal.close()


@pytest.mark.parametrize("person", ["p-teacher", "p-colleague"])
def test_a_subject_teacher_moves_nobody(tmp_path: Path, person: str) -> None:
    journal = desk(tmp_path, person)
    with pytest.raises(Refusal) as refused:
        subgroups.move_pupils(journal, ["u-02"], "g-1", TUESDAY, ["g-2"])
    assert refused.value.code == "EJ-213"
    assert stays(journal, "u-02", "g-2") == [(YEAR_START, None)]
    assert class_subgroups(journal, CLASS).read_only
    journal.close()


def test_groups_of_one_subject_know_each_other(tmp_path: Path) -> None:
    journal = desk(tmp_path, "p-class-teacher", Subgroup(id="g-x", class_group_id=CLASS, title="Хор"))
    others = {group.title: (group.subjects, group.others) for group in class_subgroups(journal, CLASS).groups}
    assert others == {
        "1 группа": (("Английский язык",), ("g-2",)), "2 группа": (("Английский язык",), ("g-1",)), "Хор": ((), ()),
    }  # fmt: skip
    journal.close()
