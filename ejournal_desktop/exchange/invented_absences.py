"""When invented pupils are not at school, and why: short for most, long for a few."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from random import Random

from msgspec import Struct

from ejournal_core import ids
from ejournal_core.kinds import AbsenceDocument, Attendance

_ILL, _EXCUSED, _UNKNOWN = "Б", "У", ""


class Spell(Struct, frozen=True):
    """Days away, both inclusive; the reason is a code of policy P17, "" while unknown. An illness has a document."""

    since: date
    until: date
    reason: str
    document_id: str | None = None


def invented_spells(first: date, last: date, random: Random) -> list[Spell]:
    """Return one pupil's spells of absence that begin between two dates (both inclusive), in order."""
    chance = min(0.06, 0.008 * random.paretovariate(1.3))
    spells = []
    day = first
    while day <= last:
        if random.random() < chance:
            spells.append(_spell(day, random))
            day = spells[-1].until
        day += timedelta(days=random.randint(1, 3))
    return spells


def absence_document(class_group_id: str, pupil_id: str, spell: Spell) -> AbsenceDocument:
    """Return the paper about a spell that has one."""
    assert spell.document_id is not None
    return AbsenceDocument(
        id=spell.document_id,
        class_group_id=class_group_id,
        pupil_id=pupil_id,
        reason=spell.reason,
        since=spell.since,
        until=spell.until,
        number=f"справка № {int(spell.document_id[-4:], 16) % 900 + 100}",
    )


def absent(lesson_id: str, pupil_id: str, spell: Spell) -> Attendance:
    """Return the absence from one lesson during a spell."""
    return Attendance(
        id=ids.attendance(lesson_id, pupil_id),
        lesson_id=lesson_id,
        pupil_id=pupil_id,
        presence="absent",
        reason=spell.reason,
        document_id=spell.document_id,
    )


def _spell(day: date, random: Random) -> Spell:
    reason = random.choices((_ILL, _EXCUSED, _UNKNOWN), (65, 25, 10))[0]
    length = random.randint(3, 8) if reason == _ILL else random.choice((1, 1, 2))
    document_id = _document_id(day, random) if reason == _ILL else None
    return Spell(day, day + timedelta(days=length - 1), reason, document_id)


def _document_id(day: date, random: Random) -> str:
    morning = int(datetime.combine(day, time(8), UTC).timestamp() * 1000)
    return ids.new_id(lambda: morning, random.randbytes)
