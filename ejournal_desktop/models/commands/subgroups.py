"""Groups of a class: made, filled, and left from a day on; what was before that day stays as it was."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from ejournal_core import access, ids
from ejournal_core.errors import Refusal
from ejournal_core.kinds import JournalPage, Subgroup, SubgroupMember
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.facts import DeskFacts, select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.write import Write

ALREADY_THERE = "EJ-274"
LONGEST_TITLE = 60


def make_subgroup(journal: Journal, class_group_id: str, title: str, subject_id: str = "") -> ChangeSet:
    """Завести подгруппу; кто вправе открывать страницы журнала, открывает и её страницу по предмету.

    Raises:
        Refusal: the class has a group of that name (EJ-274), the name is empty, or other rights are needed.
    """
    name = " ".join(title.split())[:LONGEST_TITLE]
    with journal.write() as write:
        others = select_records(write.connection, Subgroup, class_group_id=class_group_id)
        if not name or any(other.title.casefold() == name.casefold() for other in others):
            raise Refusal(ALREADY_THERE, "Нужно новое название: такая группа в классе уже есть." if name else
                          "Напишите название группы: ничего не заведено.")  # fmt: skip
        group = write.new_id()
        write.edit(Subgroup, group, class_group_id=class_group_id, title=name)
        facts = DeskFacts(write.connection, journal.clock())
        may_open = access.may_edit_directory(
            facts, journal.identity.person_id, "JournalPage", facts.today(), class_group_id
        )
        if subject_id and may_open:
            page = ids.journal_page(subject_id, group)
            write.edit(JournalPage, page, subject_id=subject_id, class_group_id=class_group_id, subgroup_id=group)
    return write.changes


def move_pupils(
    journal: Journal, pupil_ids: Iterable[str], subgroup_id: str, since: date, leave: Iterable[str] = ()
) -> ChangeSet:
    """Перевести учеников в подгруппу с этого дня; из названных других они с него же выходят.

    Args:
        leave: ids of groups that cannot be gone to at the same time: of the same subject.
    """
    left = [group for group in leave if group != subgroup_id]
    with journal.write() as write:
        for pupil_id in pupil_ids:
            for group in left:
                _end(write, group, pupil_id, since)
            _begin(write, subgroup_id, pupil_id, since)
    return write.changes


def leave_subgroup(journal: Journal, pupil_id: str, subgroup_id: str, since: date) -> ChangeSet:
    """Вывести ученика из подгруппы с этого дня; записанное раньше остаётся."""
    with journal.write() as write:
        _end(write, subgroup_id, pupil_id, since)
    return write.changes


def _stays(write: Write, subgroup_id: str, pupil_id: str) -> list[SubgroupMember]:
    return select_records(write.connection, SubgroupMember, subgroup_id=subgroup_id, pupil_id=pupil_id)


def _end(write: Write, subgroup_id: str, pupil_id: str, since: date) -> None:
    for stay in _stays(write, subgroup_id, pupil_id):
        if stay.until is not None and stay.until < since:
            continue
        if stay.since >= since:
            write.edit(SubgroupMember, stay.id, act="void", voided=True)
        else:
            write.edit(SubgroupMember, stay.id, until=since - timedelta(days=1))


def _begin(write: Write, subgroup_id: str, pupil_id: str, since: date) -> None:
    """Begin a stay, or let one go on that lasts or ended the day before."""
    stays = _stays(write, subgroup_id, pupil_id)
    lasting = next((stay for stay in stays if stay.since <= since and _reaches(stay, since)), None)
    for stay in stays:
        if stay is not lasting and stay.since >= since:
            write.edit(SubgroupMember, stay.id, act="void", voided=True)
    if lasting is not None:
        write.edit(SubgroupMember, lasting.id, until=None)
        return
    usual = ids.subgroup_member(subgroup_id, pupil_id)
    record = write.new_id() if write.exists(SubgroupMember, usual) else usual
    write.edit(SubgroupMember, record, subgroup_id=subgroup_id, pupil_id=pupil_id, since=since, until=None)


def _reaches(stay: SubgroupMember, day: date) -> bool:
    return stay.until is None or stay.until >= day - timedelta(days=1)
