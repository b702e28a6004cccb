"""What is said of a member of staff: roles, the way in, and whose code waits; and who is found by what was typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from ejournal_core.russian import text_key
from ejournal_desktop.models.queries.rights import Right
from ejournal_desktop.models.queries.staff import RoleRow, StaffRow
from ejournal_desktop.ui.searching import first_found
from ejournal_desktop.ui.words import tr

#: Filters of the list by their key: what they are called.
FILTERS: dict[str, str] = {
    "all": "Все", "here": "Работают", "none": "Без входа", "wait": "Ждут кода на руки", "closed": "Вход закрыт",
    "gone": "Ролей нет, вход открыт", "left": "Без ролей",
}  # fmt: skip


def way_words(row: StaffRow, today: date) -> str:
    """Return how the way in of a person stands."""
    code = f"{row.code_until:%d.%m}" if row.code_until is not None else ""
    hand_by = f"{row.hand_by:%d.%m}" if row.hand_by is not None else ""
    match row.way:
        case "open" | "gone":
            since = tr("входит с {day}").format(day=f"{row.since:%d.%m.%Y}") if row.since else tr("входит")
            said = tr("{since}; ролей нет, вход открыт") if row.way == "gone" else "{since}"
            again = tr("; новый код по {day}").format(day=code) if code else ""
            return said.format(since=since) + again
        case "printed":
            wait = tr("код по {code}, на руки до {day}") if hand_by else tr("код по {code}")
            late = tr("просрочено: ") if row.is_late(today) else ""
            return late + wait.format(code=code, day=hand_by)
        case "given":
            handed = f"{row.handed_on:%d.%m}" if row.handed_on is not None else ""
            return tr("код выдан {day}, действует по {code}").format(day=handed, code=code)
        case "expired":
            return tr("код не введён, истёк {code}").format(code=code)
        case "closed":
            return tr("вход закрыт")
        case _:
            return tr("входа нет")


def way_in_short(row: StaffRow, today: date) -> str:
    """Return the same in the few words that the list has room for; the sheet beside it says all."""
    match row.way:
        case "open" | "gone":
            since = tr("входит с {day}").format(day=f"{row.since:%d.%m.%Y}") if row.since else tr("входит")
            if row.way == "gone":
                return tr("вход открыт")
            return tr("новый код") if row.code_until is not None else since
        case "printed" if row.hand_by is not None:
            told = tr("код не отдан до {day}") if row.is_late(today) else tr("отдать код до {day}")
            return told.format(day=f"{row.hand_by:%d.%m}")
        case "printed":
            return tr("отдать код")
        case "given":
            return tr("код выдан {day}").format(day=f"{row.handed_on:%d.%m}" if row.handed_on is not None else "")
        case "expired":
            return tr("код истёк")
        case _:
            return way_words(row, today)


def role_words(row: StaffRow) -> str:
    """Return the roles of today, «учитель-предметник, классный руководитель 7 «Б»»."""
    return ", ".join(dict.fromkeys(role.title for role in row.held)) or tr("ролей нет")


def staff_texts(row: StaffRow, today: date) -> tuple[str, ...]:
    """Return the cells of a person's row; what tells namesakes apart stands behind the name."""
    name = f"{row.name} ({row.namesake})" if row.namesake else row.name
    return name, row.person.position, role_words(row), way_in_short(row, today)


def role_texts(role: RoleRow) -> tuple[str, ...]:
    """Return the cells of a role's row."""
    until = f"{role.grant.until:%d.%m.%Y}" if role.grant.until is not None else tr("бессрочно")
    return role.title, f"{role.grant.since:%d.%m.%Y}", until


def right_texts(right: Right) -> tuple[str, ...]:
    """Return the cells of a right's row."""
    return right.what, right.why, f"{right.until:%d.%m.%Y}" if right.until is not None else tr("бессрочно")


def filtered(rows: Sequence[StaffRow], key: str, today: date) -> list[StaffRow]:
    """Return the people of a filter; those whose code waits for hands: the latest first."""
    fits: dict[str, Callable[[StaffRow], bool]] = {
        "here": lambda row: bool(row.held),
        "none": lambda row: row.way in ("none", "expired") and bool(row.held),
        "wait": lambda row: row.way == "printed",
        "closed": lambda row: row.way == "closed",
        "gone": lambda row: row.way == "gone",
        "left": lambda row: not row.held,
    }
    found = [row for row in rows if key not in fits or fits[key](row)]
    if key == "wait":
        found.sort(key=lambda row: (not row.is_late(today), row.hand_by or date.max))
    return found


def found(rows: Sequence[StaffRow], typed: str) -> list[StaffRow]:
    """Return the people one of whose names, whose position or role begins as was typed, in any keyboard layout."""
    if not typed.strip():
        return list(rows)
    return list(first_found(typed, lambda text: _called(rows, text_key(text).split())))


def _called(rows: Sequence[StaffRow], words: Sequence[str]) -> list[StaffRow]:
    return [row for row in rows if words and all(_has(row, word) for word in words)]


def _has(row: StaffRow, word: str) -> bool:
    told = text_key(f"{row.name} {row.person.position} {role_words(row)}").split()
    return any(each.startswith(word) for each in told)
