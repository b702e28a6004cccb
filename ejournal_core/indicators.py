"""What a school counts: progress, quality, learning index, average, accumulation, who is excellent and who fails.

All in decimals, not rounded (`marks.rounded` rounds half up for the eye); None where there is nobody to count. The
formulas and their variants: docs/policies.md, parameters P12, P52 and P53.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from ejournal_core import marks
from ejournal_core.marks import WeighedMark
from ejournal_core.policy import Policy
from ejournal_core.policy_values import RoundingThresholds, SouVariant

Standing = Literal["excellent", "good", "satisfactory", "not_progressing", "without_marks"]

#: What a mark adds to the learning index (Simonov).
_FIVE, _FOUR, _THREE, _TWO, _NOT_ASSESSED = 100, 64, 36, 16, 7


class Tally(Struct, frozen=True):
    """How many pupils have which period mark of one subject.

    Attributes:
        fives, fours, threes: as they say.
        twos: 2 and 1.
        not_assessed: «н/а», which stays in the denominator.
        exempt: «осв», which does not.
        without: no mark at all.
    """

    fives: int = 0
    fours: int = 0
    threes: int = 0
    twos: int = 0
    not_assessed: int = 0
    exempt: int = 0
    without: int = 0

    @property
    def denominator(self) -> int:
        """Return N: all pupils but the exempt, those without any mark, and those with зач or нз."""
        return self.fives + self.fours + self.threes + self.twos + self.not_assessed


def tally(values: Iterable[str | None]) -> Tally:
    """Count period marks, one per pupil on the list at the date; None for a pupil without a mark."""
    count = Counter(values)
    return Tally(
        fives=count["5"],
        fours=count["4"],
        threes=count["3"],
        twos=count["2"] + count["1"],
        not_assessed=count[marks.NOT_ASSESSED],
        exempt=count[marks.EXEMPT],
        without=count[None] + count[""],
    )


def progress_rate(t: Tally) -> Decimal | None:
    """Return успеваемость in per cent: (n5 + n4 + n3) × 100 / N."""
    return _per_cent(t.fives + t.fours + t.threes, t.denominator)


def quality_rate(t: Tally) -> Decimal | None:
    """Return качество знаний in per cent: (n5 + n4) × 100 / N."""
    return _per_cent(t.fives + t.fours, t.denominator)


def learning_index(t: Tally, variant: SouVariant = "with_2_and_na") -> Decimal | None:
    """Return СОУ in per cent: (100·n5 + 64·n4 + 36·n3 + 16·n2 + 7·n_н/а) / N; the variant drops the last two (P52)."""
    total = _FIVE * t.fives + _FOUR * t.fours + _THREE * t.threes
    if variant == "with_2_and_na":
        total += _TWO * t.twos + _NOT_ASSESSED * t.not_assessed
    return Decimal(total) / t.denominator if t.denominator else None


def average_mark(values: Iterable[str | None], policy: Policy) -> Decimal | None:
    """Return средний балл of period marks; P53 says whether «н/а» counts as 0."""
    return marks.average((value for value in values if value), na_counts_as_zero=policy.avg_counts_na)


# --- accumulation ------------------------------------------------------------------------------------------------


class Accumulation(Struct, frozen=True):
    """Накопляемость of a class in a subject: who has fewer current marks than the norm, and the share who reach it."""

    norm: int
    short: tuple[str, ...]  # ids of pupils below the norm, the excused left out
    rate: Decimal | None  # per cent of pupils (without the excused) who reach the norm


def accumulation(
    counts: Mapping[str, int], weekly_hours: Decimal, policy: Policy, excused: Collection[str] = ()
) -> Accumulation:
    """Return the accumulation of a class.

    Args:
        counts: pupil id → number of current marks in the period.
        weekly_hours: hours of the subject a week, for the norm of P12.
        excused: ids of pupils who missed lessons for a valid reason; asked for all the same where P13 says no.
    """
    norm = policy.min_marks.row_for(weekly_hours).minimum
    left_out = set(excused) if policy.min_marks_exempt_excused else set()
    asked = {pupil: count for pupil, count in counts.items() if pupil not in left_out}
    short = tuple(pupil for pupil, count in asked.items() if count < norm)
    return Accumulation(norm, short, _per_cent(len(asked) - len(short), len(asked)))


def pupil_norm(norm: int, on_list: int, lessons: int) -> int:
    """Return the norm of a pupil who was not on the list all the period: norm × lessons there / lessons, rounded down.

    The share is our definition: P12 gives the norm of a whole period only.
    """
    return norm * on_list // lessons if 0 <= on_list < lessons else norm


def is_exempt(count: int, norm: int, missed_excused: int, policy: Policy) -> bool:
    """Say whether a pupil below the norm is not asked for it (P13).

    Our definition: as many lessons missed for a valid reason as marks are missing, or more.
    """
    return policy.min_marks_exempt_excused and 0 < norm - count <= missed_excused


# --- what comes next ---------------------------------------------------------------------------------------------

MOST_FIVES = 20  # further than a teacher looks ahead in one period


class Forecast(Struct, frozen=True):
    """What it takes for a better mark of the period.

    Attributes:
        wanted: the mark of the period, one above the present proposal.
        next_mark: the lowest next mark that gives it, "" where not even a 5 does.
        fives: how many fives in a row give it; 0 where more than `MOST_FIVES` would be needed.
    """

    wanted: str
    next_mark: str
    fives: int


def forecast(
    given: Sequence[WeighedMark], thresholds: RoundingThresholds, weight: Decimal = Decimal(1)
) -> Forecast | None:
    """Return what the next marks of `weight` have to be for the next better mark of the period.

    Compared as exactly as `marks.propose` does. None without marks in numbers, where 5 is reached already, or where a
    mark without weight changes nothing.
    """
    present = marks.weighted_average(given)
    if present is None or weight <= 0:
        return None
    now = marks.propose(present, thresholds)
    if now == "5":
        return None
    wanted = str(int(now) + 1)
    nexts = (mark for mark in ("2", "3", "4", "5") if _reaches([*given, WeighedMark(mark, weight)], wanted, thresholds))
    fives = (
        number
        for number in range(1, MOST_FIVES + 1)
        if _reaches([*given, *[WeighedMark("5", weight)] * number], wanted, thresholds)
    )
    return Forecast(wanted, next(nexts, ""), next(fives, 0))


def _reaches(given: Iterable[WeighedMark], wanted: str, thresholds: RoundingThresholds) -> bool:
    average_ = marks.weighted_average(given)
    return average_ is not None and marks.propose(average_, thresholds) >= wanted


def deviates(value: str | None, proposed: str) -> bool:
    """Say whether a period mark differs from what the program proposes, so that it needs its reason (S0-9.32)."""
    return bool(value) and bool(proposed) and value != proposed


# --- pupils by their period marks --------------------------------------------------------------------------------


class ClassStanding(Struct, frozen=True):
    """How many pupils of a class stand how; the last two are counted among the good and the satisfactory as well."""

    excellent: int = 0
    good: int = 0
    satisfactory: int = 0
    not_progressing: int = 0
    without_marks: int = 0
    with_one_four: int = 0
    with_one_three: int = 0


def standing(values: Collection[str | None]) -> Standing:
    """Return how a pupil stands by the period marks of all subjects.

    A 2, a 1, нз or «н/а» anywhere means not progressing; зач, «осв» and empty subjects decide nothing.
    """
    present = set(values)
    if present & {"2", "1", marks.FAIL, marks.NOT_ASSESSED}:
        return "not_progressing"
    if "3" in present:
        return "satisfactory"
    if "4" in present:
        return "good"
    return "excellent" if "5" in present else "without_marks"


def class_standing(pupils: Iterable[Collection[str | None]]) -> ClassStanding:
    """Count a class by the period marks of each pupil."""
    lists = [list(values) for values in pupils]
    count = Counter(map(standing, lists))
    return ClassStanding(
        excellent=count["excellent"],
        good=count["good"],
        satisfactory=count["satisfactory"],
        not_progressing=count["not_progressing"],
        without_marks=count["without_marks"],
        with_one_four=sum(standing(values) == "good" and values.count("4") == 1 for values in lists),
        with_one_three=sum(standing(values) == "satisfactory" and values.count("3") == 1 for values in lists),
    )


#: Whom the preliminary report names: who fails, who is not assessed, who has one 3, who has one 4.
Risk = Literal["", "failing", "not_assessed", "one_three", "one_four"]

_FAILS = frozenset({"2", "1", marks.FAIL})


class Outlook(Struct, frozen=True):
    """How a pupil will stand if nothing changes before the period ends, and in which subjects that is decided.

    Attributes:
        subjects: keys of what the risk is about, in the order given; empty without a risk.
    """

    standing: Standing = "without_marks"
    risk: Risk = ""
    subjects: tuple[str, ...] = ()


def outlook(expected: Mapping[str, str]) -> Outlook:
    """Return how a pupil will stand.

    Args:
        expected: subject → the mark of the period that stands, else the one that the program proposes; "" for none.
    """
    values = list(expected.values())
    stands = standing(values)
    risk: Risk = ""
    if stands == "not_progressing":
        risk = "failing" if _FAILS & set(values) else "not_assessed"
    elif stands == "satisfactory" and values.count("3") == 1:
        risk = "one_three"
    elif stands == "good" and values.count("4") == 1:
        risk = "one_four"
    deciding = {"": (), "one_three": ("3",), "one_four": ("4",)}.get(risk, (*_FAILS, marks.NOT_ASSESSED))
    return Outlook(stands, risk, tuple(subject for subject, value in expected.items() if value in deciding))


def _per_cent(part: int, whole: int) -> Decimal | None:
    return Decimal(100 * part) / whole if whole else None
