"""Say in school words what a change did to a lesson plan."""

from __future__ import annotations

from datetime import date

from ejournal_core import ids
from ejournal_core.changes import Change
from ejournal_core.kinds import Fields, Json
from ejournal_desktop.models.queries.surroundings import Surroundings

KINDS = frozenset({"LessonPlan", "PlannedLesson", "CurriculumHours"})
#: What a person calls the fields of a row.
FIELDS = {"section": "раздел", "topic": "тема", "hours": "часы", "planned_on": "дата по плану",
          "control": "вид контроля", "homework": "домашнее задание"}  # fmt: skip


def told_of_plan(change: Change) -> str:
    """Return «строка КТП: часы 1 → 2», «КТП утверждено», «часы учебного плана: 68»."""
    if change.kind == "CurriculumHours":
        return f"часы учебного плана: {change.set.get('hours', 'нет')}"
    return _of_plan(change.set) if change.kind == "LessonPlan" else _of_row(change)


def _of_plan(entered: Fields) -> str:
    if entered.get("returned_by"):
        return f"КТП возвращено: {entered.get('returned_why', '')}"
    if "approved_by" in entered:
        return "КТП утверждено" if entered["approved_by"] else "утверждение КТП снято"
    if "submitted_by" in entered:
        return "КТП сдано на утверждение" if entered["submitted_by"] else "КТП взято назад"
    return "КТП сдано снова" if "given_in" in entered else "КТП"


def _of_row(change: Change) -> str:
    if change.set.get("voided"):
        return "строка КТП убрана"
    if change.act == "create":
        return f"строка КТП: {change.set.get('topic', '')}"
    told = [_field(name, change.was.get(name), change.set[name]) for name in FIELDS if name in change.set]
    return f"строка КТП: {', '.join(told)}" if told else "строка КТП передвинута"


def _field(name: str, old: Json, new: Json) -> str:
    before, after = _text(name, old), _text(name, new) or "нет"
    return f"{FIELDS[name]} {before} → {after}" if before else f"{FIELDS[name]}: {after}"


def _text(name: str, value: Json) -> str:
    if name == "planned_on" and isinstance(value, str):
        return f"{date.fromisoformat(value):%d.%m}"
    return "" if value is None else str(value)


def page_of_plan(kind: str, record_id: str) -> str:
    """Return the id of the page whose plan a record belongs to, "" for the hours of a curriculum."""
    return "" if kind == "CurriculumHours" else record_id.rsplit(ids.SEPARATOR, 1)[0]


def where_are_hours(around: Surroundings, record_id: str) -> str:
    """Return «7 «Б» · Алгебра» for the hours of a curriculum."""
    subject_id, class_group_id = record_id.split(ids.SEPARATOR)
    group, subject = around.class_groups.get(class_group_id), around.subjects.get(subject_id)
    return " · ".join(each.title for each in (group, subject) if each is not None)
