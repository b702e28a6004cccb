"""Say in school words where an entry of the register or of a group stands, and what was done to it."""

from __future__ import annotations

from datetime import date

from ejournal_core.changes import Change
from ejournal_core.kinds import Json
from ejournal_desktop.models import records
from ejournal_desktop.models.queries.surroundings import Surroundings

#: What an office answers to a report of wrong data.
ANSWERS = {"fixed": "исправлено", "unfounded": "не подтвердилось"}

#: What a change of each kind is called.
KINDS = {
    "RegisteredAbsence": "реестр отсутствующих",
    "AbsenceDocument": "документ о пропуске",
    "Subgroup": "подгруппа",
    "SubgroupMember": "состав подгруппы",
    "DataReport": "сообщение о неверных сведениях",
    "ListCheck": "сверка списка класса",
}


def where_is(around: Surroundings, kind: str, record_id: str) -> str:
    """Return «7 «Б» · Котов Илья», «7 «Б» · 2 группа · Котов Илья»."""
    fields = records.read(around.connection, kind, record_id).fields or {}
    group = around.subgroups.get(str(fields.get("subgroup_id") or ""))
    class_id = group.class_group_id if group is not None else str(fields.get("class_group_id") or "")
    parts = [around.class_groups[class_id].title if class_id in around.class_groups else ""]
    parts.append(group.title if group is not None else str(fields.get("title") or ""))
    pupil_id = str(fields.get("pupil_id") or "")
    parts.append(around.pupil_name(pupil_id) if pupil_id else "")
    return " · ".join(part for part in parts if part)


def what_was_done(change: Change) -> str:
    """Return «реестр отсутствующих: Б, с 15.09, по 18.09», «состав подгруппы: по 14.09», «… убрано»."""
    name, entered = KINDS[change.kind], change.set
    if entered.get("voided"):
        return f"{name}: убрано"
    told = [
        ANSWERS.get(str(entered.get("answer") or ""), ""),
        str(entered.get("reason") or ""),
        _day("с", entered.get("since")),
        _day("по", entered.get("until")),
    ]
    words = ", ".join(part for part in told if part)
    return f"{name}: {words}" if words else name


def _day(word: str, value: Json) -> str:
    return f"{word} {date.fromisoformat(str(value)):%d.%m}" if value else ""
