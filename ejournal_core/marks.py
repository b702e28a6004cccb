"""Marks: which there are, how typed text becomes one, their averages and the mark proposed for a period.

A mark is a short text: "5" … "1", "5/4" (two marks in one cell), "зач"/"нз", "н/а" (не аттестован), "осв" (освобождён)
and "." (a work is owed). Everything is reckoned in decimals and compared exactly: 4.65 is 4.65.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from msgspec import Struct

from ejournal_core.errors import Refusal
from ejournal_core.policy import Policy
from ejournal_core.policy_values import AbsenceCode, RoundingThresholds

NUMERALS = ("5", "4", "3", "2", "1")
PASS, FAIL = "зач", "нз"
NOT_ASSESSED, EXEMPT, DEBT = "н/а", "осв", "."
#: Every single mark, in the order in which a list offers them.
SCALE = (*NUMERALS, PASS, FAIL, NOT_ASSESSED, EXEMPT, DEBT)

_SPELLINGS = {
    "зачёт": PASS, "зачет": PASS, "зачтено": PASS, "зач.": PASS, "незач": FAIL, "незачёт": FAIL, "незачет": FAIL,
    "н/з": FAIL, "н/з.": FAIL, "на": NOT_ASSESSED, "н.а": NOT_ASSESSED, "н.а.": NOT_ASSESSED, "осв.": EXEMPT,
    "освобожден": EXEMPT, "освобождён": EXEMPT,
    "ю": DEBT, "/": DEBT,  # the key of "." in the other layout
}  # fmt: skip

#: The letter on the same key of the Russian layout (ЙЦУКЕН) for each key of the Latin one (QWERTY).
_SAME_KEY = str.maketrans("qwertyuiop[]asdfghjkl;'zxcvbnm,.`", "йцукенгшщзхъфывапролджэячсмитьбюё")
#: The Cyrillic letter that looks like a Latin one.
_LOOKS_LIKE = str.maketrans("abcehkmoptxy", "авсенкмортху")

_LANGUAGE_SUBJECTS = ("русский", "родной", "родная лит", "литератур")


# --- typed text --------------------------------------------------------------------------------------------------


def parse_mark(text: str, policy: Policy, subject_title: str = "", for_period: bool = False) -> str:
    """Return the mark that a person meant by `text`, typed in either keyboard layout.

    "5 4", "5/4", "54" and "5.4" (the slash key of the Russian layout) are two marks in one cell; "pfx" is зач.

    Raises:
        Refusal: the text is no mark, or the school's rules do not allow it here.
    """
    value = _recognised(text.strip().casefold())
    if value is None:
        raise _off_the_scale(text)
    require_on_scale(value, policy, subject_title, for_period)
    return value


def parse_absence(text: str, policy: Policy) -> AbsenceCode:
    """Return the school's absence code that a person meant by `text`, typed in either keyboard layout (P17).

    A Latin letter first means the key it stands on ("y" is the key of Н), then the letter that looks like it ("H").

    Raises:
        Refusal: the school has no such code, or Latin and Cyrillic letters are mixed.
    """
    codes = {code.code.casefold(): code for code in policy.absence_codes}
    for reading in _readings(text.strip().casefold()):
        if reading in codes:
            return codes[reading]
    known = ", ".join(code.code for code in policy.absence_codes)
    raise Refusal("EJ-225", f"Кода «{text.strip()}» нет среди причин пропуска этой школы: {known}.", "P17")


def require_on_scale(value: str, policy: Policy, subject_title: str = "", for_period: bool = False) -> None:
    """Let a mark pass that the school uses here, in the form in which marks are stored.

    Args:
        value: a mark, "5" or "5/4".
        policy: asked for P15 (осв.) and P56 (two marks in one cell).
        subject_title: the subject, for P56; an unknown subject is not one of language or literature.
        for_period: a period, year, exam or final mark: neither two marks nor a debt.

    Raises:
        Refusal: the mark is not on the scale or not allowed here.
    """
    if value not in SCALE and not is_double(value):
        raise _off_the_scale(value)
    if value == EXEMPT and not policy.allow_exempt_mark:
        raise Refusal("EJ-220", "Запись «осв.» правилами школы не допускается.", "P15")
    if for_period and (value == DEBT or is_double(value)):
        raise Refusal("EJ-220", "Итоговая отметка — одна: ни две отметки, ни точка здесь не ставятся.", "P10")
    if is_double(value) and not _double_allowed(policy, subject_title):
        raise Refusal(
            "EJ-220", "Две отметки в одной клетке по этому предмету не ставятся: для второй добавьте столбец.", "P56"
        )


def is_double(value: str) -> bool:
    """Say whether the value is two marks in one cell."""
    return len(value) == 3 and value[1] == "/" and value[0] in NUMERALS and value[2] in NUMERALS


def _recognised(text: str) -> str | None:
    double = text.replace(" ", "/").replace(".", "/").replace("ю", "/")
    if is_double(double):
        return double
    if len(text) == 2 and is_double(f"{text[0]}/{text[1]}"):
        return f"{text[0]}/{text[1]}"
    for reading in _readings(text):
        value = _SPELLINGS.get(reading, reading)
        if value in SCALE:
            return value
    return None


def _readings(text: str) -> tuple[str, ...]:
    """Return what the text may mean: as it is, by the same keys, by the look. Mixed alphabets mean only themselves."""
    return (text, text.translate(_SAME_KEY), text.translate(_LOOKS_LIKE)) if text.isascii() else (text,)


def _double_allowed(policy: Policy, subject_title: str) -> bool:
    if policy.double_mark_allowed == "russian_and_literature":
        return subject_title.casefold().startswith(_LANGUAGE_SUBJECTS)
    return policy.double_mark_allowed == "all"


def _off_the_scale(text: str) -> Refusal:
    return Refusal("EJ-220", f"«{text.strip()}» — не отметка: есть 5, 4, 3, 2, 1, зач, нз, н/а и точка (долг).")


# --- averages ----------------------------------------------------------------------------------------------------


class WeighedMark(Struct, frozen=True):
    """A current mark with the weight of its column."""

    value: str
    weight: Decimal = Decimal(1)


def numbers_in(value: str) -> tuple[int, ...]:
    """Return the numbers in a mark: two in a double one, none in зач, н/а, осв or a debt."""
    return tuple(int(part) for part in value.split("/") if part in NUMERALS)


def count_of(marks: Iterable[WeighedMark]) -> int:
    """Return how many current marks these are: a double one is two, зач and нз one; н/а, осв and a debt are none."""
    return sum(len(numbers_in(mark.value)) or mark.value in (PASS, FAIL) for mark in marks)


def average(values: Iterable[str], *, na_counts_as_zero: bool = False) -> Decimal | None:
    """Return Σ marks / count, not rounded; a double mark is two marks; None when there is nothing to average.

    `na_counts_as_zero` is P53: н/а then adds nothing to the sum and one to the count.
    """
    return weighted_average(map(WeighedMark, values), na_counts_as_zero=na_counts_as_zero)


def weighted_average(marks: Iterable[WeighedMark], *, na_counts_as_zero: bool = False) -> Decimal | None:
    """Return Σ (mark × weight) / Σ weight, not rounded; None when no mark has weight."""
    total = weights = Decimal(0)
    for mark in marks:
        numbers = (0,) if na_counts_as_zero and mark.value == NOT_ASSESSED else numbers_in(mark.value)
        total += sum(numbers) * mark.weight
        weights += len(numbers) * mark.weight
    return total / weights if weights else None


def rounded(value: Decimal, places: int = 2) -> Decimal:
    """Return the value rounded half up to so many decimal places: 3.665 → 3.67."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


# --- the mark of a period ----------------------------------------------------------------------------------------


class Proposal(Struct, frozen=True):
    """What the program proposes for a period and why; the teacher decides (a deviation needs a reason, S0-9.32).

    Attributes:
        value: "5" … "2", "зач", "нз", "осв" or "н/а".
        average, weighted_average: not rounded; None without marks in numbers.
        marks: current marks counted (a double mark counts twice).
        minimum: the least number by P12, 0 when not asked for.
        reason: sentences in Russian.
    """

    value: str
    average: Decimal | None
    weighted_average: Decimal | None
    marks: int
    minimum: int
    reason: str

    @property
    def enough(self) -> bool:
        """Say whether there are as many marks as P12 asks for."""
        return self.marks >= self.minimum


def propose(average_: Decimal, thresholds: RoundingThresholds) -> str:
    """Return the mark whose threshold the average reaches; the average is compared as it is, never rounded first."""
    if average_ >= thresholds.five:
        return "5"
    if average_ >= thresholds.four:
        return "4"
    return "3" if average_ >= thresholds.three else "2"


def propose_period_mark(
    marks: Sequence[WeighedMark], policy: Policy, weekly_hours: Decimal | None = None, *, excused: bool = False
) -> Proposal:
    """Return the proposal for a pupil's period from the current marks.

    Args:
        marks: the current marks of the period.
        policy: thresholds (P51), the least number of marks (P12), its exemption (P13).
        weekly_hours: hours of the subject a week; None: the number of marks is not judged.
        excused: the pupil missed lessons for a valid reason, so the number is not asked for where P13 says so.
    """
    exempted = weekly_hours is None or (excused and policy.min_marks_exempt_excused)
    minimum = 0 if weekly_hours is None or exempted else policy.min_marks.row_for(weekly_hours).minimum
    weighted = weighted_average(marks)
    count = count_of(marks)
    value, reason = _decide([mark.value for mark in marks], weighted, policy.rounding_thresholds)
    sentences = [reason]
    if count < minimum:
        sentences.append(f"Отметок {count}, нужно не меньше {minimum}.")
    if any(mark.value == DEBT for mark in marks):
        sentences.append("Есть несданные работы.")
    plain = average(mark.value for mark in marks)
    return Proposal(value, plain, weighted, count, minimum, " ".join(sentences))


def _decide(values: Sequence[str], weighted: Decimal | None, thresholds: RoundingThresholds) -> tuple[str, str]:
    if weighted is not None:
        value = propose(weighted, thresholds)
        return value, _average_sentence(weighted, value, thresholds)
    if FAIL in values:
        return FAIL, "Есть незачёт."
    if PASS in values:
        return PASS, "Все зачёты получены."
    if EXEMPT in values:
        return EXEMPT, "Ученик освобождён."
    return NOT_ASSESSED, "Отметок за период нет."


def _average_sentence(weighted: Decimal, value: str, thresholds: RoundingThresholds) -> str:
    reached = {"5": thresholds.five, "4": thresholds.four, "3": thresholds.three}
    if value in reached:
        return f"Средний балл {shown_average(weighted, thresholds)}: от {_comma(reached[value])} предлагается {value}."
    return f"Средний балл {shown_average(weighted, thresholds)}: меньше {_comma(thresholds.three)}."


def shown_average(average_: Decimal, thresholds: RoundingThresholds) -> str:
    """Return the average with a comma and as many decimals, at least two, as keep it on its side of the thresholds.

    4.647 is shown as «4,647» beside the threshold 4.65, so that nobody reads «4,65» and wonders at a 4.
    """
    places = 2
    while propose(rounded(average_, places), thresholds) != propose(average_, thresholds):
        places += 1
    return _comma(rounded(average_, places))


def _comma(value: Decimal) -> str:
    return str(value).replace(".", ",")
