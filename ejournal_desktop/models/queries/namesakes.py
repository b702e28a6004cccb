"""Tell pupils of one name apart: by the patronymic, and where that does not do it, by the number in the class list."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from ejournal_core.kinds import Pupil
from ejournal_core.russian import text_key


def told_apart(pupils: Iterable[Pupil], places: Mapping[str, str]) -> dict[str, str]:
    """Return what namesakes have to be called besides surname and first name, by pupil: «Олеговна», «№ 8».

    Names are compared as they are found: «Фёдоров» and «Федоров» are namesakes.

    Args:
        pupils: all who can be mistaken for each other, those who left included.
        places: what tells each of them apart without fail: the number in the list.

    Returns:
        Namesakes only; nobody else needs more than surname and first name.
    """
    alike: dict[str, list[Pupil]] = defaultdict(list)
    for pupil in pupils:
        alike[text_key(f"{pupil.last_name} {pupil.first_name}")].append(pupil)
    found: dict[str, str] = {}
    for namesakes in alike.values():
        if len(namesakes) > 1:
            found |= _parted(namesakes, places)
    return found


def _parted(namesakes: list[Pupil], places: Mapping[str, str]) -> dict[str, str]:
    patronymics = Counter(text_key(pupil.patronymic) for pupil in namesakes)
    return {
        pupil.id: pupil.patronymic.strip()
        if pupil.patronymic.strip() and patronymics[text_key(pupil.patronymic)] == 1
        else places[pupil.id]
        for pupil in namesakes
    }
