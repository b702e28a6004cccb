"""What is done with the families of a class: guardians are entered, changed and struck out, consent is noted."""

from __future__ import annotations

from datetime import date
from typing import Any

from ejournal_core import ids
from ejournal_core.kinds import Guardian
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.journal import Journal


def add_guardian(journal: Journal, class_group_id: str, pupil_id: str, **fields: Any) -> ChangeSet:
    """Внести родителя или другого законного представителя ученика.

    Args:
        fields: of `Guardian`; contacts only together with a consent.

    Raises:
        Refusal: a name is missing (EJ-525), the school does not keep such data (EJ-275), a contact stands without a
            consent (EJ-276), or the class is another person's.
    """
    with journal.write() as write:
        record = ids.guardian(class_group_id, pupil_id, write.new_id())
        write.edit(Guardian, record, class_group_id=class_group_id, pupil_id=pupil_id, **fields)
    return write.changes


def change_guardian(journal: Journal, guardian_id: str, **fields: Any) -> ChangeSet:
    """Изменить сведения о родителе; контакты — только с согласия.

    Raises:
        Refusal: as `add_guardian`; nothing was changed.
    """
    with journal.write() as write:
        write.edit(Guardian, guardian_id, **fields)
    return write.changes


def withdraw_consent(journal: Journal, guardian_id: str, day: date) -> ChangeSet:
    """Отметить отзыв согласия: контакты с этой минуты не видны никому."""
    return change_guardian(journal, guardian_id, withdrawn_on=day)


def remove_guardian(journal: Journal, guardian_id: str) -> ChangeSet:
    """Убрать запись о родителе: из истории она не исчезает, для этого есть акт об уничтожении."""
    with journal.write() as write:
        write.edit(Guardian, guardian_id, act="void", voided=True)
    return write.changes
