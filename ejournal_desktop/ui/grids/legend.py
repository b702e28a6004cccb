"""What the signs in a cell and above a column mean, each painted as in the journal: for the F1 page."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from PySide6.QtGui import QPixmap

from ejournal_desktop.models.pages import GridColumn
from ejournal_desktop.ui.grids.tiles import Face, Tiles
from ejournal_desktop.ui.words import tr

WIDTH = 44


def _head(kind: str, code: str, weight: Decimal = Decimal(1), *, twin: bool = False) -> GridColumn:
    return GridColumn(
        kind="lesson", key=f"{kind}{twin}", mark_column_id=kind, held_on=date(2026, 9, 15), lesson_number=3,
        work_kind_id=kind, work_code=code, weight=weight, twin=twin,
    )  # fmt: skip


#: Faces of cells and what they say; in the order in which a person meets them.
SIGNS: tuple[tuple[Face, str], ...] = (
    (Face(WIDTH, "5", delivery="saving"), "Сохраняется: диск ещё пишет"),
    (Face(WIDTH, "5", delivery="waiting"), "Сохранено на этом компьютере, ждёт отправки"),
    (Face(WIDTH, "3", delivery="pending", other="4"), "Стоит 3; об исправлении на 4 попросили, ждёт решения"),
    (Face(WIDTH, "5", delivery="pending", other="5"), "Внесено и ждёт решения: замена или заявка"),
    (Face(WIDTH, "4", delivery="disputed", other="2"), "Спор: стоит 4, другой человек внёс 2; решают авторы или завуч"),
    (Face(WIDTH, "5", refused=True), "Последнее не принято, стоит прежнее; причина внизу"),
    (Face(WIDTH, "4", delivery="quarantined"), "Отложено сервером до решения двух человек; запись цела"),
    (Face(WIDTH, "4", locked=True), "Вела более новая программа: нужно обновление, пока только просмотр"),
    (Face(WIDTH, "4", corrected=True), "Исправлено позже ввода: Ctrl+H — история"),
    (Face(WIDTH, "3", comment=True), "Есть комментарий: F2"),
    (Face(WIDTH, "5", absence="оп"), "Отметка и опоздание"),
    (Face(WIDTH, "."), "Долг по работе"),
    (Face(WIDTH, proposed="4"), "Предложено по среднему баллу, ещё не выставлено"),
    (Face(WIDTH, away=True), "Ученика в этот день нет в списке: приказ — в подсказке и внизу"),
    (Face(WIDTH, "5", remarks=("praise",)), "Похвала на этом уроке: F4 — прочитать и написать"),
    (Face(WIDTH, remarks=("remark",)), "Замечание на этом уроке"),
    (Face(WIDTH, remarks=("address",)), "Обращение к родителям"),
)

#: Heads of columns: colour of the bar and letters say the kind of work, a raised number its weight.
HEADS: tuple[tuple[GridColumn, str], ...] = (
    (_head("oral", "У"), "Устный ответ, работа на уроке, домашняя работа и прочие виды"),
    (_head("control", "КР", Decimal(2)), "Контрольная работа; цифра вверху — вес"),
    (_head("independent", "СР"), "Самостоятельная или проверочная работа"),
    (_head("dictation", "Д"), "Диктант, изложение, сочинение"),
    (_head("national_check", "ВПР"), "Всероссийская проверочная работа"),
    (_head("oral", "У", twin=True), "Два урока предмета в один день: рядом с числом — номер урока"),
)


def legend(scale: float) -> list[tuple[QPixmap, str]]:
    """Return the signs as pictures for a screen of `scale` device pixels to one, with their words."""
    tiles = Tiles()
    tiles.forget(scale)
    cells = [(tiles.cell(face), tr(words)) for face, words in SIGNS]
    heads = [(tiles.head(column, WIDTH, today=False, here=False, repeated=False), tr(words)) for column, words in HEADS]
    return [*cells, *heads]
