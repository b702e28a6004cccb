"""What people write in words: how long it may be, and that it shows what it says.

The screens have the same bounds; here they hold for every desk, whatever its program lets through.
"""

from __future__ import annotations

import re
from decimal import Decimal

from ejournal_core.cases import Case, Judgement, refused
from ejournal_core.kinds import MarkColumn

FORM, WEIGHT = "EJ-286", "EJ-532"

#: Characters of a text, by kind and field; families, plans, remarks and reports have rules of their own besides.
LONGEST: dict[str, dict[str, int]] = {
    "Lesson": {"late_reason": 300, "cancelled": 300},
    "MarkColumn": {"title": 120},
    "Mark": {"comment": 500, "document": 200},
    "PeriodMark": {"justification": 500, "document": 200},
    "AbsenceDocument": {"number": 100, "told_by": 100},
    "RegisteredAbsence": {"document_id": 64},
    "Subgroup": {"title": 60},
    "Guardian": {"last_name": 60, "first_name": 60, "patronymic": 60, "consent_by": 120, "phone": 40, "email": 120,
                 "home_address": 200},
    "Person": {"last_name": 60, "first_name": 60, "patronymic": 60, "position": 120},
    "PupilRemark": {"text": 500},
    "SpecialGroup": {"basis": 120},
    "BackupDrive": {"label": 60, "serial": 60, "holder": 120, "room": 120, "sheet": 40},
    "BackupAct": {"number": 40, "gives": 200, "takes": 200, "room": 120, "reason": 300, "sheet": 40},
}  # fmt: skip

HEAVIEST = Decimal(100)
#: Signs that turn the order of letters, so that a name reads as another one, and those that no keyboard has.
_HIDDEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def its_words_can_be_read(case: Case) -> Judgement | None:
    """No text is longer than its form has room for, nor holds signs that show it otherwise than it is."""
    bounds = LONGEST[case.change.kind]
    for name in bounds.keys() & case.change.set.keys():
        text = getattr(case.after, name, None) or ""
        if len(text) > bounds[name]:
            return refused(FORM, f"Слишком длинный текст: здесь не больше {bounds[name]} знаков. Прежнее осталось.")
        if _HIDDEN.search(text):
            return refused(FORM, "В тексте есть невидимые знаки, которые переставляют буквы: наберите его заново.")
    return None


def the_weight_is_a_number_of_the_school(case: Case) -> Judgement | None:
    """A work weighs more than nothing and at most a hundred, to the hundredth."""
    assert isinstance(case.after, MarkColumn)
    weight = case.after.weight
    if weight is None or not case.sets("weight") or is_weight(weight):
        return None
    return refused(WEIGHT, "Такого веса у работы не бывает: нужно число больше 0 и не больше 100, например 1,5.")


def is_weight(weight: Decimal) -> bool:
    """Say whether a work can weigh so much."""
    return weight.is_finite() and 0 < weight <= HEAVIEST and weight == round(weight, 2)
