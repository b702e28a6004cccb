"""How the drives of the register and the acts about them look in their lists, and the state of all in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from ejournal_desktop.models.queries.drives import ActRow, BackupState, DriveRow
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.pill import Shape
from ejournal_desktop.ui.widgets.row_list import Brush
from ejournal_desktop.ui.words import count, day_title, span, tr

LINE, SECOND = 8 * theme.UNIT, 5 * theme.UNIT
LEFT, TEXT = 16, 36
STATE_W = 380
COPY = ("копия", "копии", "копий")
DRIVE = ("носитель", "носителя", "носителей")
STANDINGS = {"lost": "потерян", "broken": "сломан", "destroyed": "уничтожен", "used": ""}
LEVELS: dict[str, tuple[Shape, str]] = {
    "good": ("check", "positive"),
    "soon": ("hollow", "warning"),
    "bad": ("bar", "danger"),
}
ACTS = {"custody": "Передача", "destruction": "Уничтожение", "sheet": "Лист восстановления проверен"}

Clock = Callable[[], datetime]


def generation_day(name: str) -> str:
    """Return «15.09.2026» of a generation's name, "" where it has no day."""
    try:
        return f"{datetime.strptime(name[:8], '%Y%m%d').date():%d.%m.%Y}"  # noqa: DTZ007 (a day of a name)
    except ValueError:
        return ""


def ago(at: datetime, now: datetime) -> str:
    """Return how long ago something was: «3 дня назад», «сегодня»."""
    days = (now.date() - at.astimezone(now.tzinfo).date()).days
    return tr("сегодня") if days <= 0 else tr("{span} назад").format(span=span(days * 86_400))


def proof_words(row: DriveRow, now: datetime) -> str:
    """Return what is proved of a drive and how old that is."""
    if row.standing != "used":
        return tr(STANDINGS[row.standing])
    if row.proved_at is None:
        return tr("копии ещё нет")
    told = tr("проверено восстановлением: {ago}").format(ago=ago(row.proved_at, now))
    return tr("{told}, срок прошёл").format(told=told) if row.late else told


def place_words(row: DriveRow) -> str:
    """Return with whom and where it is kept."""
    return " · ".join((row.holder or tr("хранитель не назван"), row.room or tr("место не названо")))


def content_words(row: DriveRow) -> str:
    """Return what lies on it: which copy, how many, how much room is left."""
    if not row.generation:
        return tr("на носителе ничего нет")
    free = tr("свободно {n} ГБ").format(n=f"{row.free_mib / 1024:.1f}".replace(".", ","))
    told = tr("копия от {day}").format(day=generation_day(row.generation))
    return " · ".join((told, tr("на нём {n}").format(n=count(row.held, COPY)), free))


class DriveFace:
    """Label and proof; holder, room and what lies on it below."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def height(self, _row: DriveRow) -> int:
        """Return three lines."""
        return LINE + 2 * SECOND

    def words(self, row: DriveRow) -> str:
        """Return the drive in words."""
        return ", ".join((row.label, proof_words(row, self._clock()), place_words(row), content_words(row)))

    def paint(self, painter: QPainter, rect: QRect, row: DriveRow, *, current: bool) -> None:  # noqa: ARG002
        """Paint the row."""
        shape, token = _sign(row)
        brush, right = Brush(painter, rect), rect.width() - LEFT - STATE_W
        brush.sign(LEFT, shape, token, height=LINE)
        brush.words(TEXT, right - TEXT - 16, row.label, size=theme.MARK, bold=True, height=LINE)
        hue = {"positive": "secondary"}.get(token, token)
        brush.words(right, STATE_W, proof_words(row, self._clock()), hue, height=LINE, right=True)
        for number, text in enumerate((place_words(row), content_words(row))):
            brush.words(TEXT, rect.width() - TEXT - LEFT, text, "secondary", top=LINE - 6 + number * SECOND,
                        height=SECOND)  # fmt: skip


def _sign(row: DriveRow) -> tuple[Shape, str]:
    if row.standing != "used":
        return "hollow", "secondary"
    return ("bar", "danger") if row.late else ("check", "positive")


class BackupActFace:
    """What was done, with which drive, when and by whom, in one line."""

    def height(self, _row: ActRow) -> int:
        """Return one line."""
        return LINE

    def words(self, row: ActRow) -> str:
        """Return the act in words."""
        return ", ".join(part for part in (self._what(row), self._people(row)) if part)

    def _what(self, row: ActRow) -> str:
        named = tr("{day} · {what}").format(day=f"{row.acted_on:%d.%m.%Y}", what=tr(ACTS[row.what]))
        label = tr("«{label}»").format(label=row.label) if row.label else ""
        number = tr(", акт № {n}").format(n=row.number) if row.number else ""
        return " ".join(part for part in (named, label) if part) + number

    def _people(self, row: ActRow) -> str:
        given = tr("передаёт {who}").format(who=row.gives) if row.gives else ""
        taken = tr("принимает {who}").format(who=row.takes) if row.takes else ""
        return " · ".join(part for part in (given, taken, row.room, row.reason) if part)

    def paint(self, painter: QPainter, rect: QRect, row: ActRow, *, current: bool) -> None:  # noqa: ARG002
        """Paint the row."""
        brush, half = Brush(painter, rect), rect.width() * 2 // 5
        brush.words(TEXT, half - TEXT - 16, self._what(row), height=LINE)
        brush.words(half, rect.width() - half - LEFT, self._people(row), "secondary", height=LINE)


# --- all in one sentence -------------------------------------------------------------------------------------------


def state_words(state: BackupState, now: datetime) -> str:
    """Return how the school's backups stand."""
    used = state.used
    if not used:
        return tr("Резервных копий на носителях у школы ещё нет")
    if "drives" in state.lacks:
        return tr("Носителей {n} из {wanted}: второй копии негде лежать").format(n=len(used), wanted=state.wanted)
    missing = [row.label for row in used if row.proved_at is None]
    if missing:
        return tr("На носителе {names} копии ещё нет").format(names=_named(missing))
    late = [row.label for row in used if row.late]
    if late:
        return tr("Копия на носителе {names} устарела").format(names=_named(late))
    oldest = min(row.proved_at for row in used if row.proved_at is not None)
    told = tr("Копии на {n} проверены восстановлением, самая давняя проверка: {ago}")
    return told.format(n=_on(len(used)), ago=ago(oldest, now))


def _named(labels: list[str]) -> str:
    return ", ".join(f"«{label}»" for label in labels)


def _on(number: int) -> str:
    return tr("двух носителях") if number == 2 else tr("всех носителях")


def next_words(state: BackupState, today: date) -> str:
    """Return what is to be done next and until when."""
    if "drives" in state.lacks or "proof" in state.lacks:
        return tr("Сделайте копии сегодня: программа проведёт по шагам, минут десять на оба носителя.")
    when = tr("сегодня") if state.due_on == today else day_title(state.due_on)
    told = tr("Следующие копии — не позже: {when}.").format(when=when)
    if state.due_on < today:
        told = tr("Срок был {when}. Сделайте копии сегодня.").format(when=day_title(state.due_on))
    if "place" in state.lacks:
        told += " " + tr("Назовите хранителя и помещение каждого носителя (F2).")
    elif "room" in state.lacks:
        told += " " + tr("Два носителя записаны в одном помещении: они пропали бы вместе.")
    return told
