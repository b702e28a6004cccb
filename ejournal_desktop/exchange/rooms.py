"""Guess rooms where the timetable gives none: each teacher keeps a room of her own, as in most schools."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from ejournal_desktop.exchange.sections import Section, Slot

_SPORT = "спорт"
_SPORT_SUBJECTS = ("физическая культура", "спортивные игры")

_Taken = dict[tuple[int, int], set[str]]


def with_rooms(sections: Sequence[Section], rooms: Sequence[str]) -> tuple[list[Section], int]:
    """Return the sections with a room for every lesson where there are rooms, and how many of them were guessed.

    Teachers get the rooms in order of appearance; when two who share one meet, the second takes the first free room.
    Lessons of physical culture are in a room for sport, together if need be.
    """
    sport = next((room for room in rooms if _SPORT in room.casefold()), "")
    ordinary = [room for room in rooms if room != sport]
    own: dict[str, str] = {}
    for teacher in _teachers(sections):
        own[teacher] = ordinary[len(own) % len(ordinary)] if ordinary else ""
    taken: _Taken = {}
    for section in sections:
        for slot in section.slots:
            taken.setdefault((slot.weekday, slot.lesson_number), set()).add(slot.room)
    guessed = 0
    result = []
    for section in sections:
        wanted = own.get(next(iter(section.teachers), ""), "")
        gym = sport if section.subject.casefold() in _SPORT_SUBJECTS else ""
        slots = [slot if slot.room else _settled(slot, gym, wanted, ordinary, taken) for slot in section.slots]
        guessed += sum(new.room != old.room for new, old in zip(slots, section.slots, strict=True))
        result.append(msgspec.structs.replace(section, slots=tuple(slots)))
    return result, guessed


def _teachers(sections: Sequence[Section]) -> Iterator[str]:
    yield from dict.fromkeys(teacher for section in sections for teacher in section.teachers)


def _settled(slot: Slot, gym: str, wanted: str, ordinary: Sequence[str], taken: _Taken) -> Slot:
    busy = taken[slot.weekday, slot.lesson_number]
    room = gym or next((room for room in (wanted, *ordinary) if room not in busy), wanted)
    busy.add(room)
    return msgspec.structs.replace(slot, room=room)
