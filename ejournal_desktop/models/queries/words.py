"""Say in school words where a record stands in the journal and what a change did to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Protocol, cast

from ejournal_core import calendar, ids
from ejournal_core.changes import Change
from ejournal_core.decisions import declares
from ejournal_core.kinds import Fields, Json, PeriodKind
from ejournal_desktop.models import records
from ejournal_desktop.models.pages import PageRef
from ejournal_desktop.models.queries import plan_words, register_words
from ejournal_desktop.models.queries.proposals import period_key
from ejournal_desktop.models.queries.surroundings import Surroundings

OUTCOMES: Mapping[str | None, str] = {
    None: "ждёт отправки",
    "taken": "принято",
    "converged": "принято: там уже было так",
    "merged": "принято вместе с чужой правкой",
    "disputed": "спор",
    "pending": "ждёт решения",
    "refused": "не принято",
    "quarantined": "отложено до решения администратора",
}

#: What became of a change that had to wait for another person, and what a decision was.
_DECIDED = {"approved": "разрешено", "refused": "отказано"}
_DECISIONS = {"approve": "разрешено", "refuse": "отказ"}

_PRESENCE = {"present": "присутствие", "absent": "отсутствие", "late": "опоздание"}

#: What a teacher's words about a pupil are.
REMARKS = {"praise": "похвала", "remark": "замечание", "address": "обращение к родителям"}

#: What a change is called that sets nothing a person would name.
_WHOLE = {
    "AuditEvent": "строка журнала событий",
    "Lesson": "урок",
    "MarkColumn": "столбец отметок",
    "SpecialGroup": "медицинская группа",
}

#: What the office keeps beside the journal: its fields bear names that mean other things at a lesson.
_OFFICE = {
    "BackupAct": "акт о носителе копий",
    "BackupDrive": "карточка носителя копий",
    "Certificate": "рабочее место",
    "CredentialIssue": "выдача кода",
    "Destruction": "акт об уничтожении",
}

#: What a person calls a field when its value changes; other fields are directory work.
_FIELDS = {
    "topic": "тема",
    "homework": "домашнее задание",
    "held": "урок проведён",
    "late_reason": "почему позже срока",
    "cancelled": "урок отменён",
    "presence": "явка",
    "late_minutes": "минуты опоздания",
    "reason": "причина пропуска",
    "value": "отметка",
    "comment": "примечание",
    "justification": "обоснование",
    "document": "по документу",
    "title": "название",
    "weight": "вес",
    "text": "запись об ученике",
    "since": "с",
    "until": "по",
    "basis": "основание",
    "closed": "период закрыт",
    "complete": "итоги готовы",
    "received_on": "результаты получены",
    "received_at": "время получения",
    "phone": "телефон",
    "email": "почта",
    "home_address": "адрес",
    "consent_on": "согласие дано",
    "withdrawn_on": "согласие отозвано",
    **{name: title for name, title in plan_words.FIELDS.items() if name not in ("topic", "homework")},
}


class Ended(Protocol):
    """What was entered once: how, and when by the clock of its desk (RFC 3339)."""

    @property
    def act(self) -> str: ...
    @property
    def at(self) -> str: ...


def outcome_text(change: Ended, outcome: str | None, decided: str | None, received: datetime | None) -> str:
    """Return how a change ended: «принято», «заявка: отказано», «разрешено»; with the day on which a late one came."""
    word = OUTCOMES[outcome]
    if outcome == "pending":
        word = _DECIDED.get(decided or "", word)
    elif outcome in ("taken", "converged", "merged"):
        word = _DECISIONS.get(change.act, word)
    if change.act == "request":
        word = f"заявка: {word}"
    entered = datetime.fromisoformat(change.at)
    late = received is not None and received.astimezone(entered.tzinfo).date() > entered.date()
    return f"{word}, доставлено {received:%d.%m}" if received and late else word


def page_of(around: Surroundings, kind: str, record_id: str) -> PageRef | None:
    """Return the journal page that a fact belongs to, None for the directory."""
    lesson_id = ids.lesson_of(kind, record_id)
    if lesson_id is not None:
        page_id = ids.lesson_parts(lesson_id)[0]
    elif kind == "PeriodMark":
        page_id = record_id.rsplit(ids.SEPARATOR, 3)[0]
    elif kind == "PageCompletion":
        page_id = record_id.rsplit(ids.SEPARATOR, 2)[0]
    elif kind == "SpecialGroup":
        page_id = record_id.rsplit(ids.SEPARATOR, 1)[0]
    elif kind in plan_words.KINDS:
        page_id = plan_words.page_of_plan(kind, record_id)
    else:
        return None
    page = around.pages.get(page_id)
    return around.page_ref(page) if page is not None else None


def cell_of(kind: str, record_id: str) -> tuple[str, str, str] | None:
    """Return page id, column key and pupil id of the cell of Журнал that a mark stands in, None for other facts."""
    if kind == "Mark":
        column_id, pupil_id = ids.mark_parts(record_id)
        return ids.lesson_parts(ids.mark_column_parts(column_id)[0])[0], column_id, pupil_id
    if kind == "PeriodMark":
        page_id, pupil_id, period_kind, number = ids.period_mark_parts(record_id)
        return page_id, period_key(cast("PeriodKind", period_kind), number), pupil_id
    return None


def where_is(around: Surroundings, kind: str, record_id: str) -> str:
    """Return «7 «Б» · Алгебра · 11.09 · Ёлкин Пётр», as much of it as applies."""
    if kind in register_words.KINDS:
        return register_words.where_is(around, kind, record_id) or "Сведения школы"
    page = page_of(around, kind, record_id)
    parts = [page.title if page else ""]
    lesson_id = ids.lesson_of(kind, record_id)
    if lesson_id is not None:
        parts.append(f"{ids.lesson_parts(lesson_id)[1]:%d.%m}")
    if kind in plan_words.KINDS:
        parts.append("КТП" if page else plan_words.where_are_hours(around, record_id))
    pupil_id = _pupil_of(kind, record_id)
    if kind in ("PeriodMark", "PageCompletion"):
        *_, period_kind, number = record_id.split(ids.SEPARATOR)
        parts.append(calendar.period_title(period_kind, int(number)))  # type: ignore[arg-type]  # the id says the kind
    parts.append(around.pupil_name(pupil_id) if pupil_id else "")
    return " · ".join(part for part in parts if part) or "Сведения школы"


def _pupil_of(kind: str, record_id: str) -> str | None:
    if kind in ("Mark", "Attendance", "SpecialGroup"):
        return record_id.rsplit(ids.SEPARATOR, 1)[1]
    if kind == "Guardian":
        return record_id.rsplit(ids.SEPARATOR, 2)[1]
    return record_id.rsplit(ids.SEPARATOR, 3)[1] if kind == "PeriodMark" else None


def what_was_done(change: Change) -> str:
    """Return «отметка 5 → 4», «тема: Дроби», «столбец отметок», «файл «Задачи.pdf»»."""
    if change.kind == "HomeworkFile":
        return _told_of_file(change.set)
    if change.kind == "PupilRemark":
        return _told_of_remark(change.set)
    if change.kind == "Guardian":
        return _told_of_guardian(change.set)
    if change.kind in plan_words.KINDS:
        return plan_words.told_of_plan(change)
    if change.kind in register_words.KINDS:
        return register_words.what_was_done(change)
    if change.kind in _OFFICE:
        return _OFFICE[change.kind]
    if declares(change):
        return "замена учителя"
    told = [name for name in change.set if name in _FIELDS and change.set[name] != change.was.get(name)]
    if not told:
        return _WHOLE.get(change.kind, "сведения школы")
    return ", ".join(_told(name, change.was.get(name), change.set[name]) for name in told)


def _told_of_file(entered: Fields) -> str:
    if entered.get("voided"):
        return "файл убран"
    return f"файл «{entered['title']}»" if entered.get("title") else "файл"


def _told_of_remark(entered: Fields) -> str:
    if entered.get("voided"):
        return "запись об ученике снята"
    return f"{REMARKS.get(str(entered.get('remark_kind')), 'запись об ученике')}: {entered.get('text', '')}"


def _told_of_guardian(entered: Fields) -> str:
    """Name what was changed and not to what: a list of what waits lies open to whoever looks over a shoulder."""
    if entered.get("voided"):
        return "запись о родителе убрана"
    named = [_FIELDS[name] for name in entered if name in _FIELDS and entered[name] is not None]
    return f"о родителе: {', '.join(named)}" if named else "запись о родителе"


def value_text(fields: Fields, names: frozenset[str] | None = None) -> str:
    """Return the value of a fact as one short text: "5", «отсутствует», a topic; only of `names` when given."""
    if fields.keys() == {"voided"}:
        return "вычеркнуто" if fields["voided"] else "стоит"
    shown = [name for name in _FIELDS if name in fields and (names is None or name in names)]
    texts = [text for name in shown if (text := _text(name, fields[name]))]
    return " · ".join(texts) or "пусто"


def _told(name: str, old: Json, new: Json) -> str:
    before, after = _text(name, old), _text(name, new)
    if name == "complete":
        return "итоги готовы" if new else "итоги снова в работе"
    if name == "presence":
        return f"{before} → {after}" if before else after
    if name == "held":
        return "урок проведён" if new else "отметка о проведении снята"
    if name == "cancelled":
        return f"{_FIELDS[name]}: {after}" if after else "урок снова в расписании"
    if name == "late_reason":
        return f"{_FIELDS[name]}: {after}" if after else "причина позднего внесения убрана"
    if name in ("topic", "homework"):
        return f"{_FIELDS[name]}: {after}" if after else f"{_FIELDS[name]} убрана" if name == "topic" else "д/з убрано"
    return f"{_FIELDS[name]} {before} → {after or 'нет'}" if before else f"{_FIELDS[name]} {after or 'нет'}"


def _text(name: str, value: Json) -> str:
    if name == "presence":
        return _PRESENCE.get(str(value), "") if value else ""
    if isinstance(value, bool):
        return "да" if value else "нет"
    if name == "received_on" and value:
        return f"{date.fromisoformat(str(value)):%d.%m.%Y}"
    return "" if value is None else str(value)


def standing_fields(around: Surroundings, kind: str, record_id: str) -> records.Stand:
    """Return what the journal holds of a record now."""
    return records.read(around.connection, kind, record_id)
