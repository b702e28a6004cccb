"""Stories of a lesson given instead of its teacher: both write it, nobody confirms it, its desk dies over an entry."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ejournal_core import ids
from ejournal_core.errors import Refusal
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.lessons import set_topic
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.commands.requests import approve_request, refuse_request
from ejournal_desktop.models.commands.substitutions import declare_substitution
from ejournal_desktop.models.queries.requests import RequestRow
from ejournal_desktop.sync.desks import OpenDesk
from tests.together.town import Town, mark_on, until_quiet

DAY = date(2026, 9, 16)
LATER = timedelta(days=1, hours=2)


class Story:
    """Иванова gives the English of Петров on Wednesday; Громова confirms; all three have met the server."""

    def __init__(self, town: Town) -> None:
        self.town, school = town, town.school
        self.desks = {
            "staffroom": town.sit_down("staffroom", school.teacher),
            "hall": town.sit_down("hall", school.colleague),
            "office": town.sit_down("office", school.deputy),
        }
        town.clock.now += LATER
        town.server.stop()
        town.server.moment += LATER
        town.server.start()
        self.lesson = school.lesson(DAY, 4, school.english)
        self.column = ids.mark_column(self.lesson, "oral", 1)
        self.pupils = school.pupils[1::2]

    def __getitem__(self, place: str) -> OpenDesk:
        return self.desks[place]

    def meet(self) -> None:
        """Let everybody meet the server until nothing is under way."""
        for _ in range(2):
            until_quiet(*(lambda d=d, n=n: self.town.meet(d, n) for n, d in self.desks.items()))

    def declared(self) -> RequestRow:
        """Return the one line that the deputy has to decide."""
        (row,) = queries.waiting_decisions(self["office"].journal)
        return row

    def marks(self, pupil: str) -> set[str | None]:
        return {mark_on(desk.journal, self.column, pupil) for desk in self.desks.values()}


@pytest.fixture
def story(town: Town) -> Story:
    return Story(town)


def test_a_substitution_with_all_that_was_entered_is_one_line_for_who_decides_and_for_who_waits(story: Story) -> None:
    substitute = story["staffroom"].journal
    declare_substitution(substitute, story.lesson)
    put_mark(substitute, story.lesson, None, story.pupils[0], "5")
    set_topic(substitute, story.lesson, "Настоящее время")
    story.meet()
    row = story.declared()
    assert (row.standing_value, row.wanted_value, len(row.carried)) == ("Петров С. И.", "Иванова М. П.", 3)
    (own,) = queries.own_requests(substitute)
    assert (own.state, len(own.carried)) == ("waiting", 3)
    approve_request(story["office"].journal, row.change_id)
    story.meet()
    (own,) = queries.own_requests(substitute)
    assert (own.state, own.decided_by, len(own.carried)) == ("approved", "Громова В. П.", 3)
    assert story.marks(story.pupils[0]) == {"5"}


def test_a_substitution_that_is_refused_takes_its_entries_along_and_says_why(story: Story) -> None:
    substitute = story["staffroom"].journal
    declare_substitution(substitute, story.lesson)
    put_mark(substitute, story.lesson, None, story.pupils[0], "5")
    set_topic(substitute, story.lesson, "Настоящее время")
    story.meet()
    refuse_request(story["office"].journal, story.declared().change_id, "урок был перенесён")
    story.meet()
    assert queries.waiting_decisions(story["office"].journal) == ()
    (own,) = queries.own_requests(substitute)
    assert (own.state, own.decision_why, len(own.carried)) == ("refused", "урок был перенесён", 3)
    assert story.marks(story.pupils[0]) == {None}
    assert queries.sync_state(substitute).pending == 0
    with pytest.raises(Refusal) as refused:
        put_mark(substitute, story.lesson, None, story.pupils[0], "5")
    assert refused.value.code == "EJ-210"
    put_mark(story["hall"].journal, story.lesson, None, story.pupils[0], "4")
    story.meet()
    assert mark_on(story["office"].journal, story.column, story.pupils[0]) == "4"


def test_the_teacher_and_the_substitute_who_both_wrote_the_lesson_offline_lose_nothing(story: Story) -> None:
    substitute, teacher = story["staffroom"].journal, story["hall"].journal
    one, two, three = story.pupils[:3]
    story.town.server.stop()
    declare_substitution(substitute, story.lesson)
    for journal, marks in ((substitute, {one: "5", two: "4"}), (teacher, {two: "3", three: "2"})):
        for pupil, value in marks.items():
            put_mark(journal, story.lesson, None, pupil, value)
    story.town.server.start()
    story.meet()
    approve_request(story["office"].journal, story.declared().change_id)
    story.meet()
    assert story.marks(one) == {"5"}
    assert story.marks(three) == {"2"}
    assert mark_on(teacher, story.column, two) == mark_on(story["office"].journal, story.column, two) == "3"
    row = story.declared()
    assert (row.where.split(" · ")[-1], row.standing_value, row.wanted_value) == ("Ёлкин Пётр", "3", "4")
    assert [each.state for each in queries.own_requests(substitute)] == ["waiting", "approved"]
    approve_request(story["office"].journal, row.change_id)
    story.meet()
    assert story.marks(two) == {"4"}
