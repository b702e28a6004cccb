"""What is done with the families of a class: guardians are entered, changed and struck out, consent is noted."""

from __future__ import annotations

from datetime import date
from typing import Any

from ejournal_core import ids
from ejournal_core.guardians import CONTACTS
from ejournal_core.kinds import Fields, Guardian
from ejournal_desktop.models import records
from ejournal_desktop.models.journal import ChangeSet, Journal, Write


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


def give_consent(journal: Journal, guardian_id: str, day: date, who: str) -> ChangeSet:
    """Отметить согласие: когда и кем дано; прежний отзыв этим снят."""
    return change_guardian(journal, guardian_id, consent_on=day, consent_by=who, withdrawn_on=None)


def withdraw_consent(journal: Journal, guardian_id: str, day: date) -> ChangeSet:
    """Отметить отзыв согласия: контакты с этой минуты не видны никому."""
    return change_guardian(journal, guardian_id, withdrawn_on=day)


def remove_guardian(journal: Journal, guardian_id: str) -> ChangeSet:
    """Убрать запись о родителе: из истории она не исчезает, для этого есть акт об уничтожении."""
    with journal.write() as write:
        write.edit(Guardian, guardian_id, act="void", voided=True)
    return write.changes


def take_back(journal: Journal, done: ChangeSet) -> ChangeSet:
    """Отменить сделанное: новая запись убирается, прочее — как было.

    What was struck out stays so: such a guardian is born again under another id, without contacts whose consent was
    withdrawn.

    Raises:
        Refusal: somebody has changed one of the values since (EJ-290), or it cannot stand any more.
    """
    with journal.write() as write:
        for change in reversed(done.changes):
            if change.act == "create":
                write.edit(Guardian, change.record, act="void", voided=True)
            elif change.act == "void":
                _bear_again(write, change.record)
            else:
                write.take_back(change)
    return write.changes


def _bear_again(write: Write, guardian_id: str) -> None:
    fields = dict(records.read(write.connection, "Guardian", guardian_id).fields or {})
    kept: Fields = {name: value for name, value in fields.items() if name != "voided"}
    if kept["withdrawn_on"] is not None:
        kept |= dict.fromkeys(CONTACTS, "")
    record = ids.guardian(str(kept["class_group_id"]), str(kept["pupil_id"]), write.new_id())
    write.put("Guardian", record, kept)
