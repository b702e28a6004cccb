"""What the signs in a cell mean, each painted as it stands in the journal: for the F1 page."""

from __future__ import annotations

from PySide6.QtGui import QPixmap

from ejournal_desktop.ui.grids.tiles import Face, Tiles
from ejournal_desktop.ui.words import tr

WIDTH = 44

#: Faces of cells and what they say; in the order in which a person meets them.
SIGNS: tuple[tuple[Face, str], ...] = (
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
    (Face(WIDTH, away=True), "Ученика в этот день нет в списке"),
)


def legend(scale: float) -> list[tuple[QPixmap, str]]:
    """Return the signs as pictures for a screen of `scale` device pixels to one, with their words."""
    tiles = Tiles()
    tiles.forget(scale)
    return [(tiles.cell(face), tr(words)) for face, words in SIGNS]
