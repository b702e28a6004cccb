"""What is going to happen, drawn from a seed before anything happens: a step is complete in itself, so that any of them
may be left out and the others stay what they were.
"""

from __future__ import annotations

import random

import msgspec
from msgspec import Struct

#: What may happen in a step, and how often.
ACTS: dict[str, int] = {
    "mark": 30, "presence": 7, "reason": 3, "document": 1, "topic": 4, "homework": 5, "hold": 1, "column": 2,
    "period_mark": 3, "undo": 2, "close_period": 4, "resolve": 7, "give_load": 2, "take_load": 2, "give_role": 1,
    "take_role": 1, "meet": 36, "restart": 3, "crash": 4, "crash_meeting": 4, "restart_server": 2, "late_mail": 3,
    "resend": 3, "deliver_sealed": 3, "jump": 2, "jump_server": 1, "new_desk": 1, "ask": 4, "decide": 5,
    "substitute": 2,
}  # fmt: skip

#: What may happen in stories that look closely at one thing.
THEMES: dict[str, dict[str, int]] = {
    "requests": {"mark": 12, "close_period": 10, "ask": 14, "decide": 14, "meet": 24},
    "rights": {"mark": 24, "topic": 4, "take_load": 8, "give_load": 3, "meet": 16},
    "forgery": {"mark": 20, "homework": 4, "meet": 24},
}

#: What happens once a year, of one sort in a story.
HARDSHIPS: dict[str, dict[str, int]] = {
    "trust": {"revoke": 3, "take_image": 4, "lay_image": 4, "new_desk": 2},
    "restore": {"back_up": 4, "restore_school": 4},
    "destruction": {"order_destruction": 4, "confirm_destruction": 4, "reason": 5, "document": 4},
}
ALWAYS_HARD: dict[str, int] = {"set_policy": 2, "move_load": 2, "cut_snapshot": 1}
HARD = 0.3  # of the steps of a story with hardships
EASY = 30  # the first stories have none: planted faults are looked for there

#: Steps of a story where there is time for it; the test command tells shorter ones.
LONG = 40

_PAUSES = (1, 1, 1, 5, 30, 60, 600, 7_200)


class Step(Struct, frozen=True):
    """One thing that happens: at which seat, which act, three numbers to choose by, seconds since the last step."""

    number: int
    seat: int
    act: str
    a: int
    b: int
    c: int
    pause: int


class Plan(Struct, frozen=True):
    """The circumstances of a story.

    Attributes:
        seats: slots of the stage that take part, by number.
        loss: how often a request or its answer is lost, delayed or repeated.
        beside: how often something else happens while a request is on its way.
        faults: whether power, clocks and servers fail.
        page: entries of the log in one transaction of a desk.
        lines: lines in one answer to a pull.
        portion: changes in one push.
        bent: how often an answer is altered on its way.
        chunk: bytes of a part of a snapshot.
    """

    seed: int
    seats: tuple[int, ...]
    loss: float = 0.25
    beside: float = 0.15
    faults: bool = True
    page: int = 100
    lines: int = 5_000
    portion: int = 500
    bent: float = 0.0
    chunk: int = 1024 * 1024


class Story(Struct, frozen=True):
    """A plan and its steps."""

    plan: Plan
    steps: tuple[Step, ...]


_FAULTS = frozenset({"crash", "crash_meeting", "restart_server", "jump", "jump_server"})


def story(seed: int, length: int = 24) -> Story:
    """Return the story of a seed: three to five desks, one in twenty-five with all eight of a small stage."""
    draw = random.Random(seed)
    size = 8 if seed % 25 == 24 else draw.randint(3, 5)
    seats = (0, 1, *sorted(draw.sample(range(2, 8), size - 2)))
    plan = Plan(
        seed, seats, loss=draw.choice((0.0, 0.1, 0.3, 0.5)), beside=draw.choice((0.0, 0.15, 0.4)),
        faults=draw.random() < 0.7, page=draw.choice((2, 7, 100)), lines=draw.choice((3, 11, 5_000)),
        portion=draw.choice((1, 3, 50, 500)), bent=draw.choice((0.0, 0.0, 0.1)),
    )  # fmt: skip
    told = Story(plan, steps(plan, length))
    return with_hardships(told) if seed >= EASY and seed % 2 else told


def with_hardships(story: Story) -> Story:
    """Return the story with what happens once a year in the place of some of its steps, of one sort each time."""
    draw = random.Random(f"hardships of {story.plan.seed}")
    acts = HARDSHIPS[draw.choice(tuple(HARDSHIPS))] | ALWAYS_HARD
    names, weights = list(acts), list(acts.values())
    told = [
        msgspec.structs.replace(step, act=draw.choices(names, weights)[0]) if draw.random() < HARD else step
        for step in story.steps
    ]
    plan = msgspec.structs.replace(story.plan, chunk=draw.choice((2_000, 20_000, 1024 * 1024)))
    return Story(plan, tuple(told))


def themed(theme: str, seed: int, length: int = LONG) -> Story:
    """Return the story of a seed in which nothing but one theme happens, on a network that loses nothing."""
    draw = random.Random(f"{theme} {seed}")
    seats = (0, 1, 2, *sorted(draw.sample((3, 4, 6, 7), 2)))
    bent = 0.5 if theme == "forgery" else 0.0
    plan = Plan(seed, seats, loss=0.0, beside=0.0, faults=False, bent=bent)
    return Story(plan, steps(plan, length, THEMES[theme]))


def steps(plan: Plan, length: int, acts: dict[str, int] | None = None) -> tuple[Step, ...]:
    """Return the steps of a plan; `acts` says what may happen, where it is not everything."""
    draw = random.Random(f"steps of {plan.seed}")
    acts = acts or {act: often for act, often in ACTS.items() if plan.faults or act not in _FAULTS}
    names, weights = list(acts), list(acts.values())
    return tuple(
        Step(number, draw.randrange(1_000), draw.choices(names, weights)[0], draw.randrange(1_000),
             draw.randrange(1_000), draw.randrange(1_000), draw.choice(_PAUSES))
        for number in range(1, length + 1)
    )  # fmt: skip
