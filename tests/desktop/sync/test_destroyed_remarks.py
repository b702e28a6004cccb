"""What was written about a pupil, or of their health, is destroyed by an act like every other such content."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ejournal_core import ids
from ejournal_core.kinds import JournalPage, Record, RoleGrant, Subject, TeachingLoad
from ejournal_desktop.models.commands.destruction import order_destruction
from ejournal_desktop.models.commands.pupil_remarks import write_remark
from ejournal_desktop.models.commands.special_group import set_special_group
from ejournal_desktop.models.queries.pupil_remarks import pupil_remarks
from ejournal_desktop.models.queries.special_group import special_basis
from ejournal_desktop.ui.widgets.remark_sheet import told as told_row
from tests.desktop.sync.test_destruction import WORD, confirm, told
from tests.helpers.chaos import House, meet
from tests.helpers.school import NOW, YEAR_START, small_school

SPORT = ids.journal_page("s-sport", "c-7b")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    extra: list[Record] = [RoleGrant(id="r-admin", person_id="p-colleague", role="administrator", since=YEAR_START)]
    extra += [Subject(id="s-sport", title="Физическая культура"),
              JournalPage(id=SPORT, subject_id="s-sport", class_group_id="c-7b"),
              TeachingLoad(id="l-9", journal_page_id=SPORT, person_id="p-teacher", since=YEAR_START)]  # fmt: skip
    house = House(tmp_path, small_school(4, extra))
    yield house
    house.close()


@pytest.mark.parametrize("kind", ["PupilRemark", "SpecialGroup"])
def test_an_act_about_a_pupil_takes_the_words_from_every_desk(house: House, kind: str) -> None:
    school = house.school
    pupil = school.pupils[0]
    teacher, administrator, deputy = (
        house.sit_down(each) for each in (school.teacher, school.colleague, school.deputy)
    )
    if kind == "PupilRemark":
        write_remark(teacher.journal, school.today_lesson, pupil, "remark", WORD)
    else:
        set_special_group(teacher.journal, SPORT, pupil, date(2026, 9, 1), None, WORD)
    meet(teacher, deputy)
    assert WORD in told(deputy.journal)
    order_destruction(administrator.journal, kind, pupil_id=pupil, act_number="9", act_date=date(2026, 9, 15),
                      basis="152-ФЗ, ст. 21")  # fmt: skip
    meet(administrator, deputy)
    confirm(deputy)
    meet(deputy, teacher, administrator)
    for seat in (teacher, administrator, deputy):
        assert WORD not in told(seat.journal)
    assert special_basis(deputy.journal, school.page, pupil) == ""
    rows = pupil_remarks(deputy.journal, school.page, pupil)
    assert ["уничтожено по акту" in told_row(row, NOW) for row in rows] == ([True] if kind == "PupilRemark" else [])
