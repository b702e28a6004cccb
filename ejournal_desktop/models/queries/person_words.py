"""Say records in words for the report of all data about a person: every field that holds something, none left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, tzinfo
from typing import Any

from ejournal_core import calendar, guardians, ids
from ejournal_core.kinds import Certificate, Fields, Json, Lesson
from ejournal_core.person_data import NAMING
from ejournal_core.policy import Policy
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.queries.acts import MATTERS as DESTROYED
from ejournal_desktop.models.queries.audit_words import DETAILS, EVENTS
from ejournal_desktop.models.queries.families import FIELD_TITLES, RELATIONS
from ejournal_desktop.models.queries.person_fields import TITLES
from ejournal_desktop.models.queries.pupil_data import MATTERS, SOURCES
from ejournal_desktop.models.queries.register_words import ANSWERS
from ejournal_desktop.models.queries.staff import ROLES
from ejournal_desktop.models.queries.surroundings import Surroundings
from ejournal_desktop.models.queries.words import REMARKS, page_of

Said = tuple[tuple[str, str], ...]  # (what it is called, what stands there)

#: Fields that say where and when: columns of their own.
PLACED = frozenset({"journal_page_id", "lesson_id", "mark_column_id", "class_group_id", "subgroup_id", "since", "until",
                    "held_on", "voided", "period_number"})  # fmt: skip

#: Fields with nothing about a person: fingerprints of content, names of slices and tables.
TECHNICAL = frozenset({"given_in", "content", "school_id", "drive_id", "sheet", "backup_root", "backup_size", "held",
                       "free_mib", "target_record"})  # fmt: skip

#: Said of contacts, which a policy (P49) or a withdrawn consent hides from everybody.
HIDDEN = "хранится, не показывается: согласия нет или оно отозвано"

LABELS: dict[str, str] = {
    **FIELD_TITLES,
    "sex": "пол", "position": "должность", "Enrolment.position": "№ по списку", "born_on": "дата рождения",
    "file_number": "№ личного дела", "arrival_order": "приказ о прибытии", "departure_order": "приказ о выбытии",
    "role": "роль", "weekly_hours": "часов в неделю", "lesson_number": "номер урока", "Lesson.held": "урок проведён",
    "topic": "тема", "homework": "домашнее задание", "late_reason": "почему позже срока", "teacher_id": "ведёт урок",
    "cancelled": "урок отменён",
    "submitted_by": "сдано на утверждение", "returned_by": "вернул", "returned_why": "почему возвращено",
    "approved_by": "утвердил", "approved_on": "утверждено", "hours": "часов", "value": "отметка",
    "PolicySetting.value": "значение", "comment": "примечание", "document": "по документу", "presence": "явка",
    "late_minutes": "опоздание, минут", "reason": "причина", "document_id": "документ о пропуске",
    "remark_kind": "вид записи", "text": "запись", "basis": "основание", "number": "номер", "told_by": "кто сообщил",
    "first_lesson": "с урока", "last_lesson": "по урок", "period_kind": "период", "justification": "обоснование",
    "reporter_id": "сообщил", "told_on": "когда сообщено", "about": "о чём", "wrong": "что неверно",
    "should_be": "как должно быть", "source": "откуда известно", "answer": "ответ", "answer_reason": "почему",
    "answered_by": "ответил", "answered_on": "день ответа", "checked_on": "сверено", "checked_by": "сверил",
    "pupils": "список учеников", "families": "сведения о семьях", "ListCheck.number": "учеников в списке",
    "target_kind": "что уничтожено", "pupil_id": "ученик", "person_id": "сотрудник", "act_number": "номер акта",
    "act_date": "дата акта", "ordered_by": "внёс", "confirmed_by": "подтвердил", "backup_upto": "копии до",
    "subject_kind": "о чём", "workstation": "рабочее место", "public_key": "открытый ключ", "algorithm": "алгоритм",
    "place": "место", "issued_at": "выдан", "after_reset": "по новому коду", "confirmed": "подтверждено владельцем",
    "trusted_n": "принято записей до", "made_on": "сделан", "valid_until": "действует до", "given_by": "выдал",
    "second_id": "второй человек", "handed_on": "выдан под подпись", "desk_id": "журнал на рабочем месте",
    "expected_at": "ожидалось время", "shown_at": "часы показали", "event": "событие", "by": "распорядился",
    "subject": "предмет", "result": "итог", "AuditEvent.number": "количество", "detail": "подробность",
    "label": "надпись", "serial": "заводской номер", "holder": "у кого", "room": "где", "standing": "состояние",
    "generation": "копия", "proved_at": "проверено", "what": "что сделано", "acted_on": "день", "gives": "передал",
    "takes": "принял", "first_person": "решил", "second_person": "подтвердил", "opened_at": "открыто",
}  # fmt: skip

VALUES: dict[str, Mapping[Any, str]] = {
    "sex": {"m": "мужской", "f": "женский"},
    "relation": RELATIONS,
    "role": ROLES,
    "presence": {"present": "присутствие", "absent": "отсутствие", "late": "опоздание"},
    "remark_kind": REMARKS,
    "about": MATTERS,
    "source": SOURCES,
    "answer": ANSWERS,
    "target_kind": DESTROYED,
    "event": {event: text.partition(": {n}")[0]
              for event, (_matter, text) in EVENTS.items()},
    "detail": DETAILS,
    "result": {"done": "сделано", "refused": "отказано", "failed": "не получилось"},
    "confirmed": {"yes": "да", "no": "нет, это не я"},
    "subject_kind": {**TITLES, "desk": "журнал на рабочем месте", "signer": "подпись документов",
                     "ClassGroup": "Класс", "JournalPage": "Страница журнала", "Lesson": "Урок"},
    "standing": {"used": "в работе", "lost": "потерян", "broken": "сломан", "destroyed": "уничтожен"},
    "what": {"custody": "передача", "destruction": "уничтожение", "sheet": "лист восстановления проверен"},
    "CredentialIssue.reason": {"first": "первый вход", "again": "ещё один код до первого входа",
                               "reset": "новый код вместо пароля"},
}  # fmt: skip

_PEOPLE = frozenset({
    "teacher_id", "submitted_by", "returned_by", "approved_by", "reporter_id", "answered_by", "checked_by",
    "ordered_by", "confirmed_by", "given_by", "second_id", "by", "person_id",
})  # fmt: skip
_FIRST_DAY = ("told_on", "checked_on", "act_date", "acted_on", "made_on", "approved_on", "issued_at", "shown_at",
              "opened_at", "since")  # fmt: skip


class PersonWords:
    """Words of records about one person, whose own names and numbers need not be said again in each line.

    Args:
        whose: id of the pupil or member of staff.
        zone: of the school's clock.
        days: of lessons of pages that are not on this desk, by id, as far as another than the planned one.
    """

    def __init__(
        self, around: Surroundings, whose: str, policy: Policy, zone: tzinfo | None, days: Mapping[str, date]
    ) -> None:
        self._around, self._whose, self._policy, self._zone = around, whose, policy, zone
        self._lessons = dict(days)
        self._places = {each.id: each.place for each in select_records(around.connection, Certificate) if each.place}

    def author(self, person_id: str | None) -> str:
        """Return «Иванова М. П.», "" where nobody is known."""
        return self._around.short_name(person_id)

    def moment(self, at: str | None) -> str:
        """Return «15.09.2026 10:42» of an RFC 3339 time, "" of none; what is no time stays as it is."""
        try:
            return f"{datetime.fromisoformat(at).astimezone(self._zone):%d.%m.%Y %H:%M}" if at else ""
        except ValueError:
            return at or ""

    def day_of(self, kind: str, record: str, fields: Fields) -> date | None:
        """Return the day that a record is about, None for what has none."""
        lesson = ids.lesson_of(kind, record)
        if lesson is not None:
            return self._lesson_day(lesson)
        first = next((text for name in _FIRST_DAY if (text := str(fields.get(name) or ""))), "")
        try:
            return date.fromisoformat(first[:10]) if first else None
        except ValueError:
            return None

    def day_words(self, kind: str, record: str, fields: Fields) -> str:
        """Return «15.09.2026», «01.09.2026 – 31.05.2027», «с 01.09.2026»."""
        since, until = (str(fields.get(name) or "") for name in ("since", "until"))
        if since and "until" in fields:
            return f"{_day(since)} – {_day(until)}" if until else f"с {_day(since)}"
        day = self.day_of(kind, record, fields)
        return f"{day:%d.%m.%Y}" if day is not None else ""

    def _lesson_day(self, lesson_id: str) -> date:
        if lesson_id not in self._lessons:
            found = select_records(self._around.connection, Lesson, id=lesson_id)
            self._lessons[lesson_id] = found[0].held_on if found else ids.lesson_parts(lesson_id)[1]
        return self._lessons[lesson_id]

    def place(self, kind: str, record: str, fields: Fields) -> str:
        """Return «7 «Б» · Алгебра · Контрольная работа», «7 «Б»», "" for what is everywhere."""
        page = page_of(self._around, kind, record)
        if page is None and (known := self._around.pages.get(str(fields.get("journal_page_id") or ""))) is not None:
            page = self._around.page_ref(known)
        if page is not None:
            return " · ".join(part for part in (page.title, self._work(kind, record)) if part)
        subgroup = self._around.subgroups.get(str(fields.get("subgroup_id") or ""))
        group_id = subgroup.class_group_id if subgroup is not None else str(fields.get("class_group_id") or "")
        group = self._around.class_groups.get(group_id)
        parts = (group.title if group is not None else "", subgroup.title if subgroup is not None else "")
        return " · ".join(part for part in parts if part)

    def _work(self, kind: str, record: str) -> str:
        if kind != "Mark":
            return ""
        found = self._around.work_kinds.get(ids.mark_column_parts(ids.mark_parts(record)[0])[1])
        return found.title if found is not None else ""

    def said(self, kind: str, fields: Fields, stands: Fields | None = None) -> Said:
        """Return every field that holds something, in words.

        Args:
            stands: the record as it stands, where the fields are only what a change of it set: one that was emptied
                says so then.
        """
        found = list(self._pairs(kind, fields, stands))
        if fields.get("voided"):
            found.append(("запись", "вычеркнута"))
        return tuple(found) or (("запись", "без значения" if "value" in fields else "есть"),)

    def _pairs(self, kind: str, fields: Fields, stands: Fields | None) -> Iterator[tuple[str, str]]:
        hidden = guardians.hidden_names(stands or fields, self._policy) if kind == "Guardian" else frozenset()
        for name, value in fields.items():
            if is_told(kind, name) and not (value == self._whose and len(NAMING.get(kind, ())) == 1):
                if value not in (None, "", False, 0):
                    yield label(kind, name), HIDDEN if name in hidden else self._text(kind, name, value, fields)
                elif stands is not None:
                    yield label(kind, name), "нет"

    def _text(self, kind: str, name: str, value: Json, fields: Fields) -> str:
        text = str(value)
        if value is True:
            return "да"
        if name in _PEOPLE or name == "subject":
            return self._around.short_name(text) or self._around.pupil_name(text) or text
        if name == "pupil_id":
            return self._around.pupil_name(text) or text
        if name == "period_kind":
            return calendar.period_title(text, int(str(fields.get("period_number") or 0)))  # type: ignore[arg-type]
        if name == "reason" and kind in ("Attendance", "AbsenceDocument", "RegisteredAbsence"):
            known = self._policy.absence_code(text)
            return f"{text} ({known.title})" if known is not None else text
        if name in ("desk_id", "workstation"):
            return self._places.get(text, text)
        if name == "document_id":
            return "есть"
        if name == "public_key":
            return " ".join(text[at : at + 8] for at in range(0, len(text), 8))
        if name.endswith("_at"):
            return self.moment(text)
        known_words = VALUES.get(f"{kind}.{name}") or VALUES.get(name, {})
        return known_words.get(text) or _day(text)


def is_told(kind: str, name: str) -> bool:
    """Say whether a field is said in words; the others stand in the columns of place and day, or say nothing."""
    return f"{kind}.{name}" in LABELS or name not in PLACED | TECHNICAL


def label(kind: str, name: str) -> str:
    """Return what a person calls a field."""
    return LABELS.get(f"{kind}.{name}") or LABELS[name]


def _day(text: str) -> str:
    """Return an ISO day as «15.09.2026»; anything else stays."""
    try:
        return f"{date.fromisoformat(text):%d.%m.%Y}" if len(text) == len("2026-09-15") else text
    except ValueError:
        return text
