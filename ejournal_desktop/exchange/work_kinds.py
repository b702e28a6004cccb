"""The kinds of work that a new school starts with; it may change titles and weights afterwards."""

from __future__ import annotations

from decimal import Decimal

from ejournal_core.kinds import WorkKind

# id, code as printed, title, weight, for the whole class, written
_KINDS = (
    ("oral", "У", "Устный ответ", 1, False, False),
    ("classwork", "РР", "Работа на уроке", 1, False, False),
    ("homework", "ДЗ", "Домашняя работа", 1, False, True),
    ("independent", "СР", "Самостоятельная работа", 1, True, True),
    ("check", "ПР", "Проверочная работа", 1, True, True),
    ("control", "КР", "Контрольная работа", 2, True, True),
    ("test", "Т", "Тест", 1, True, True),
    ("dictation", "Д", "Диктант", 1, True, True),
    ("exposition", "ИЗ", "Изложение", 1, True, True),
    ("essay", "СОЧ", "Сочинение", 1, True, True),
    ("lab", "ЛР", "Лабораторная работа", 1, True, True),
    ("credit", "З", "Зачёт", 2, True, False),
    ("corrections", "РНО", "Работа над ошибками", 1, False, True),
    ("project", "ПРОЕКТ", "Проект", 1, False, True),
    ("report", "РЕФ", "Реферат", 1, False, True),
)


def work_kinds() -> list[WorkKind]:
    """Return the usual kinds of work (the codes that schools' regulations and journals name) in order of use."""
    return [
        WorkKind(
            id=kind_id,
            code=code,
            title=title,
            weight=Decimal(weight),
            whole_class=whole_class,
            written=written,
            position=position,
        )
        for position, (kind_id, code, title, weight, whole_class, written) in enumerate(_KINDS, 1)
    ]
