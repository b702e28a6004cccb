"""What every store and every reckoning can hold: no honest desk enters more, and one bad value would stop a school.

A record that is accepted reaches desks that reckon with it, draw it and judge others by it. So what a value may be is
asked once, where it is entered; whatever stands in a record may then be used without asking again.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from ejournal_core import policy
from ejournal_core.changes import BLANK
from ejournal_core.kinds import BellSlot, ClockJump, PolicySetting, Record
from ejournal_core.plain_text import heaps_marks

LARGEST = 100_000_000  # of any number in a record
LONGEST = 20_000  # characters of any text in a record
FIRST_YEAR, LAST_YEAR = 1900, 2200  # of any day or moment: months and weeks may be added to it
_EXPONENTS = range(-30, 9)  # of a decimal: written out in full it stays a number, not a gigabyte of zeros


def can_be_kept(record: Record) -> bool:
    """Say whether every store and every reckoning can hold the record's values."""
    blank = BLANK.get(type(record).__name__, {})
    for name in record.__struct_fields__:
        value = getattr(record, name)
        destroyed = value == date.min and blank.get(name) == date.min.isoformat()
        if not _can_be_kept(value) and not destroyed:
            return False
    return _has_its_form(record)


def _can_be_kept(value: object) -> bool:
    match value:
        case str():  # nearly all are
            return len(value) <= LONGEST and "\x00" not in value and (value.isascii() or not heaps_marks(value))
        case int():
            return 0 <= value <= LARGEST
        case Decimal():
            return value.is_finite() and 0 <= value <= LARGEST and value.as_tuple().exponent in _EXPONENTS
        case date():
            return FIRST_YEAR <= value.year <= LAST_YEAR
        case _:
            return True


def _has_its_form(record: Record) -> bool:
    """Say whether texts that are read as something else can be read so."""
    match record:
        case BellSlot():
            return is_time_of_day(record.starts_at) and is_time_of_day(record.ends_at)
        case PolicySetting():
            return record.voided or policy.is_setting(record.id, record.value)
        case ClockJump():
            return is_moment(record.expected_at) and is_moment(record.shown_at)
        case _:
            return True


def is_moment(text: str) -> bool:
    """Say whether it is a moment with an offset of whole minutes, in years that every reckoning can hold."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return False
    offset = moment.utcoffset()
    whole = offset is not None and not offset % timedelta(minutes=1)
    return whole and FIRST_YEAR <= moment.year <= LAST_YEAR


def is_time_of_day(text: str) -> bool:
    """Say whether it is a time of the school's own day, without an offset."""
    try:
        return time.fromisoformat(text).tzinfo is None
    except ValueError:
        return False
