"""How the drives of the register and the acts about them look in their lists, and the state of all in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from ejournal_desktop.models.queries.copies_told import DailyCopy
from ejournal_desktop.models.queries.drives import ActRow, BackupState, DriveRow
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.pill import Shape
from ejournal_desktop.ui.widgets.row_list import Brush
from ejournal_desktop.ui.widgets.say import Kind
from ejournal_desktop.ui.words import count, day_title, mid_sentence, span, tr

LINE, SECOND = 8 * theme.UNIT, 5 * theme.UNIT
LEFT, TEXT = 16, 36
COPY = ("копия", "копии", "копий")
DRIVE = ("носитель", "носителя", "носителей")
STANDINGS = {"lost": "потерян", "broken": "сломан", "destroyed": "уничтожен", "used": ""}
LEVELS: dict[str, tuple[Shape, str]] = {
    "good": ("check", "positive"),
    "soon": ("hollow", "warning"),
    "bad": ("bar", "danger"),
}
KINDS: dict[str, Kind] = {"good": "done", "soon": "hollow", "bad": "danger"}  # of a level, for a line of words
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
        return tr("проверенной копии нет") if row.held else tr("копии ещё нет")
    if row.former_key == "only":
        return tr("копию открывает только прежний лист")
    told = tr("проверено восстановлением: {ago}").format(ago=ago(row.proved_at, now))
    return tr("{told}, срок прошёл").format(told=told) if row.late else told


def place_words(row: DriveRow) -> str:
    """Return with whom and where it is kept."""
    return " · ".join((row.holder or tr("хранитель не назван"), row.room or tr("место не названо")))


def content_words(row: DriveRow) -> str:
    """Return what lies on it: which copy, how many, how much room is left."""
    if not row.generation and not row.held:
        return tr("на носителе ничего нет")
    free = tr("свободно {n} ГБ").format(n=f"{row.free_mib / 1024:.1f}".replace(".", ","))
    day = generation_day(row.generation)
    told = tr("копия от {day}").format(day=day) if day else tr("целой среди копий не нашлось")
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
        brush, hue = Brush(painter, rect), {"positive": "secondary"}.get(token, token)
        brush.sign(LEFT, shape, token, height=LINE)
        right = brush.at_the_right(rect.width() - LEFT, proof_words(row, self._clock()), hue, height=LINE)
        brush.words(TEXT, right - TEXT - 16, row.label, size=theme.MARK, bold=True, height=LINE)
        for number, text in enumerate((place_words(row), content_words(row))):
            brush.words(TEXT, rect.width() - TEXT - LEFT, text, "secondary", top=LINE - 6 + number * SECOND,
                        height=SECOND)  # fmt: skip


def _sign(row: DriveRow) -> tuple[Shape, str]:
    if row.standing != "used":
        return "hollow", "secondary"
    return ("bar", "danger") if row.late or row.former_key == "only" else ("check", "positive")


class BackupActFace:
    """What was done, with which drive and when; below by whom, and where the drive went."""

    def height(self, row: ActRow) -> int:
        """Return one line, or two."""
        return LINE + SECOND if self._people(row) else LINE

    def words(self, row: ActRow) -> str:
        """Return the act in words."""
        return ", ".join(part for part in (self._what(row), self._people(row)) if part)

    def _what(self, row: ActRow) -> str:
        what = tr("Уничтожены копии прежнего ключа") if row.what == "destruction" and row.sheet else tr(ACTS[row.what])
        named = tr("{day} · {what}").format(day=f"{row.acted_on:%d.%m.%Y}", what=what)
        label = tr("«{label}»").format(label=row.label) if row.label else ""
        number = tr(", акт № {n}").format(n=row.number) if row.number else ""
        return " ".join(part for part in (named, label) if part) + number

    def _people(self, row: ActRow) -> str:
        given = tr("передаёт {who}").format(who=row.gives) if row.gives else ""
        taken = tr("принимает {who}").format(who=row.takes) if row.takes else ""
        return " · ".join(part for part in (given, taken, row.room, row.reason) if part)

    def paint(self, painter: QPainter, rect: QRect, row: ActRow, *, current: bool) -> None:  # noqa: ARG002
        """Paint the row."""
        brush, width = Brush(painter, rect), rect.width() - TEXT - LEFT
        brush.words(TEXT, width, self._what(row), height=LINE)
        brush.words(TEXT, width, self._people(row), "secondary", top=LINE - 6, height=SECOND)


# --- all in one sentence -------------------------------------------------------------------------------------------


def state_words(state: BackupState, now: datetime) -> str:
    """Return how the school's backups stand."""
    used = state.used
    if not used:
        return tr("Резервных копий на носителях у школы ещё нет")
    if "drives" in state.lacks:
        return tr("Носителей {n} из {wanted}: второй копии негде лежать").format(n=len(used), wanted=state.wanted)
    missing = [row for row in used if row.proved_at is None]
    if missing:
        told = tr("На носителе {names} проверенной копии нет") if any(row.held for row in missing) else tr(
            "На носителе {names} копии ещё нет"
        )  # fmt: skip
        return told.format(names=_named([row.label for row in missing]))
    late = [row.label for row in used if row.late]
    if late:
        return tr("Копия на носителе {names} устарела").format(names=_named(late))
    if "key" in state.lacks:
        former = [row.label for row in used if row.former_key == "only"]
        return tr("Копию на носителе {names} открывает только прежний лист").format(names=_named(former))
    told = tr("Копии на {n} проверены восстановлением, самая давняя проверка: {ago}")
    return told.format(n=_on(len(used)), ago=_oldest(state, now))


def _oldest(state: BackupState, now: datetime) -> str:
    return ago(min(row.proved_at for row in state.used if row.proved_at is not None), now)


def line_words(state: BackupState, now: datetime) -> str:
    """Return the same in one line among other matters: what is proved, and when the next copy is due."""
    if not state.used:
        return tr("Копии на носителях: их ещё нет; первая — сегодня.")
    if state.level == "bad":
        told = tr("Копии на носителях: {what}; следующая — сегодня.")
        return told.format(what=mid_sentence(state_words(state, now)))
    told = tr("Копии на носителях: проверены {ago}; следующая — не позже: {when}.")
    when = tr("сегодня") if state.due_on == now.date() else day_title(state.due_on)
    return " ".join(part for part in (told.format(ago=_oldest(state, now), when=when), _kept_words(state)) if part)


def _kept_words(state: BackupState) -> str:
    """Return what is wrong with where the drives are, "" for nothing."""
    if "place" in state.lacks:
        return tr("Не у каждого носителя названы хранитель и помещение.")
    return tr("Два носителя записаны в одном помещении: они пропали бы вместе.") if "room" in state.lacks else ""


def daily_words(daily: DailyCopy) -> str:
    """Return how the server's own copies stand, "" where the rules ask for none and none was made."""
    last = f"{daily.made_at.astimezone():%d.%m.%Y %H:%M}" if daily.made_at is not None else ""
    if daily.stopped:
        told = tr("последняя {last}").format(last=last) if last else tr("не было ни одной")
        return tr(
            "Ежедневная копия на самом сервере не делается ({told}): причину скажет на сервере «ejournal-server "
            "status». Школа цела, копий на носителях это не касается."
        ).format(told=told)  # fmt: skip
    return tr("Ежедневная копия на самом сервере: {last}.").format(last=last) if last else ""


def former_words(state: BackupState) -> str:
    """Return which drives may still carry copies that a former recovery key opens, and what to do with each."""
    here = [row.label for row in state.used if row.former_key == "also"]
    away = [row.label for row in state.drives if row.former_key and row.standing in ("lost", "broken")]
    said = []
    if here:
        said.append(tr(
            "Ключ восстановления сменён, а на {names} остались копии, которые открывает прежний лист. Вставьте носитель"
            " и уничтожьте их по акту: Ctrl+D."
        ).format(names=_named(here)))  # fmt: skip
    if away:
        said.append(tr("Копии прежнего ключа остались и там, куда не дотянуться: {names}.").format(names=_named(away)))
    return " ".join(said)


def _named(labels: list[str]) -> str:
    return ", ".join(f"«{label}»" for label in labels)


def _on(number: int) -> str:
    return tr("двух носителях") if number == 2 else tr("всех носителях")


def next_words(state: BackupState, today: date) -> str:
    """Return what is to be done next and until when."""
    if {"drives", "proof", "key"} & set(state.lacks):
        return tr("Сделайте копии сегодня: программа проведёт по шагам, минут десять на оба носителя.")
    when = tr("сегодня") if state.due_on == today else day_title(state.due_on)
    told = tr("Следующие копии — не позже: {when}.").format(when=when)
    if state.due_on < today:
        told = tr("Срок был {when}. Сделайте копии сегодня.").format(when=day_title(state.due_on))
    if "place" in state.lacks:
        return told + " " + tr("Назовите хранителя и помещение каждого носителя (F2).")
    return " ".join(part for part in (told, _kept_words(state)) if part)
