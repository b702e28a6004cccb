"""How one lesson looks on the right page: date, number, whether it was held, topic and homework."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath, QPen, QPolygonF

from ejournal_desktop.models.pages import LessonRow
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.grids.spoken import DELIVERY, WEEKDAYS_SHORT, short_date

Field = Literal["topic", "homework"]
FIELDS: tuple[Field, Field] = ("topic", "homework")
LABELS = {"topic": "Тема", "homework": "Д/з"}

PAD = 2 * theme.UNIT
LABEL = 42  # width of the labels' column
HEAD = 20
HEAD_WIDE = 168  # width of the head in the strip, where it stands at the left
LINE = 18
STRIP_STEP = 14  # height of a line of the strip's head where a substitute is named there too
CLIP = 34  # width of a paper-clip with a number
DOT_ROOM = 10  # at the right of a text, for the dot of one that waits
MOST_LINES = {"topic": 2, "homework": 4}
WRAP = Qt.TextFlag.TextWordWrap.value


@dataclass(frozen=True)
class Plan:
    """Where the parts of a lesson stand, from the upper left corner of its row."""

    head: QRect
    held: QRect
    fields: dict[Field, QRect]
    height: int
    clip: QRect | None = None  # where the files are said, when there are any


def plan(lesson: LessonRow, width: int, *, strip: bool, drafts: Mapping[Field, str] | None = None) -> Plan:
    """Return the plan of a lesson in a row of `width`: parts one under the other, or side by side in the strip."""
    texts = {"topic": lesson.topic, "homework": lesson.homework, **(drafts or {})}
    if strip:
        return _strip(width, lesson)
    head = QRect(PAD + theme.UNIT, theme.UNIT + 2, width - 2 * PAD, HEAD)
    top = head.bottom() + 1
    fields: dict[Field, QRect] = {}
    for field in FIELDS:
        left = PAD + theme.UNIT + LABEL
        room = width - left - PAD - (CLIP if field == "homework" and lesson.files else 0)
        fields[field] = QRect(left, top, room, _lines(texts[field], room, MOST_LINES[field]) * LINE)
        top = fields[field].bottom() + 1
    held = QRect(width - PAD - 104, head.top(), 104, HEAD)
    return Plan(head, held, fields, top + theme.UNIT + 2, _beside(fields["homework"], lesson))


def _beside(homework: QRect, lesson: LessonRow) -> QRect | None:
    return QRect(homework.right() + 1, homework.top(), CLIP, LINE) if lesson.files else None


def _strip(width: int, lesson: LessonRow) -> Plan:
    head = QRect(PAD + theme.UNIT, theme.UNIT + 2, HEAD_WIDE, HEAD)
    rest = width - HEAD_WIDE - 2 * PAD
    topic_width = rest * 2 // 5
    fields: dict[Field, QRect] = {}
    left = HEAD_WIDE + PAD
    for field, room in zip(FIELDS, (topic_width, rest - topic_width), strict=True):
        taken = CLIP if field == "homework" and lesson.files else 0
        fields[field] = QRect(left + LABEL, theme.UNIT + 2, room - LABEL - PAD - taken, 2 * LINE)
        left += room
    held = QRect(head.left(), head.bottom() + 1, 104, LINE)
    if lesson.note:  # three lines in the room of two
        head = QRect(head.left(), theme.UNIT, HEAD_WIDE, STRIP_STEP)
        held = QRect(head.left(), head.top() + 2 * STRIP_STEP, 104, STRIP_STEP)
    return Plan(head, held, fields, 2 * LINE + 3 * theme.UNIT, _beside(fields["homework"], lesson))


def _lines(text: str, width: int, most: int) -> int:
    if not text:
        return 1
    metrics = QFontMetrics(theme.font())
    needed = metrics.boundingRect(QRect(0, 0, max(width - DOT_ROOM, 40), 10_000), WRAP, text).height()
    return max(1, min(most, round(needed / metrics.lineSpacing())))


def paint(
    p: QPainter,
    box: QRect,
    lesson: LessonRow,
    where: Plan,
    *,
    today: date,
    drafts: Mapping[Field, str],
    notes: Mapping[Field, str],
) -> None:
    """Paint a lesson; drafts are texts that were typed and not accepted, notes the sentences about them."""
    p.translate(box.topLeft())
    _paint_head(p, lesson, where, due=lesson.held_on <= today)
    for field in FIELDS:
        _paint_field(p, lesson, field, where.fields[field], drafts.get(field), notes.get(field, ""))
    if where.clip is not None:
        _paint_clip(p, where.clip, lesson.files)
    p.translate(-box.topLeft())


def _paint_head(p: QPainter, lesson: LessonRow, where: Plan, *, due: bool) -> None:
    t = theme.tokens()
    day = f"{short_date(lesson.held_on)} {WEEKDAYS_SHORT[lesson.held_on.weekday()]}"
    end = _write(p, where.head, day, t.ink, bold=True)
    end += _write(p, where.head.adjusted(end, 0, 0, 0), f" · {lesson.lesson_number} урок", t.secondary)
    beside = where.held.top() == where.head.top()
    if lesson.note and not beside:
        line = QRect(where.head.left(), where.head.top() + STRIP_STEP, where.head.width(), STRIP_STEP)
        _write(p, line, lesson.note, t.warning, size=theme.SMALL)
    if lesson.note and beside:
        room = QRect(where.head.left() + end, where.head.top(), where.held.left() - where.head.left() - end, HEAD)
        _write(p, room, f" · {lesson.note}", t.warning)
    if (due and not lesson.cancelled) or lesson.held:
        _paint_held(p, where.held, held=lesson.held, right=beside)


def _paint_held(p: QPainter, box: QRect, *, held: bool, right: bool) -> None:
    """A quiet tick and word when the lesson took place, an empty ring and a louder word when nobody has said so."""
    t = theme.tokens()
    text = "проведён" if held else "не отмечен"
    width = QFontMetrics(theme.font(theme.SMALL)).horizontalAdvance(text)
    x = box.right() - width - 14 if right else box.left()
    middle = box.center().y() + 1
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.setBrush(Qt.BrushStyle.NoBrush)
    if held:
        p.setPen(QPen(theme.colour(t.positive), 1.5))
        p.drawPolyline(QPolygonF([QPointF(x, middle), QPointF(x + 3, middle + 3), QPointF(x + 8, middle - 3.5)]))
    else:
        p.setPen(QPen(theme.colour(t.warning), 1.3))
        p.drawEllipse(QPointF(x + 4, middle), 3.5, 3.5)
    p.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    words = QRect(x + 14, box.top(), width + 1, box.height())
    _write(p, words, text, t.secondary if held else t.warning, size=theme.SMALL)


def _paint_clip(p: QPainter, box: QRect, files: int) -> None:
    """A paper-clip and how many files it holds."""
    t = theme.tokens()
    p.save()
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.setPen(QPen(theme.colour(t.accent), 1.3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    p.translate(box.left() + 4, box.center().y() + 1)
    p.rotate(35)
    p.drawPath(_clip_path())
    p.restore()
    _write(p, box.adjusted(16, 0, 0, 0), str(files), t.accent, size=theme.SMALL)


def _clip_path() -> QPainterPath:
    """Return the wire of a paper-clip, 6 × 13 px around the origin's right: three bends, both ends open."""
    wire = QPainterPath(QPointF(0, -2))
    wire.lineTo(0, 4)
    wire.arcTo(0, 2, 4, 4, 180, 180)
    wire.lineTo(4, -4)
    wire.arcTo(-2, -7, 6, 6, 0, 180)
    wire.lineTo(-2, 5)
    wire.arcTo(-2, 1, 8, 8, 180, 180)
    wire.lineTo(6, -2)
    return wire


def _paint_field(p: QPainter, lesson: LessonRow, field: Field, box: QRect, draft: str | None, note: str) -> None:
    t = theme.tokens()
    label = QRect(box.left() - LABEL, box.top(), LABEL, LINE)
    _write(p, label, LABELS[field], t.secondary, size=theme.SMALL)
    text = getattr(lesson, field) if draft is None else draft
    p.setFont(theme.font())
    p.setPen(theme.colour(t.ink if text else t.neutral))
    inner = box.adjusted(0, 0, -DOT_ROOM, 0)
    p.save()
    p.setClipRect(box, Qt.ClipOperation.IntersectClip)
    p.drawText(inner, WRAP | Qt.AlignmentFlag.AlignTop.value, text or "–")
    p.restore()
    if draft is not None or note:
        p.setPen(QPen(theme.colour(t.danger), 2))
        p.drawLine(box.left(), box.bottom(), box.right(), box.bottom())
    elif (delivery := lesson.topic_delivery if field == "topic" else lesson.homework_delivery) != "delivered":
        _paint_delivery(p, box, delivery)


def _paint_delivery(p: QPainter, box: QRect, delivery: str) -> None:
    """A hollow dot while it waits, a word for everything else."""
    t = theme.tokens()
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.setPen(QPen(theme.colour(t.secondary), 1))
    if delivery == "waiting":
        p.drawEllipse(QRectF(box.right() - 5, box.top() + LINE / 2 - 2, 4, 4))
    p.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    if delivery not in ("waiting", "entered"):
        words = QRect(box.left(), box.top(), box.width(), LINE)
        p.setFont(theme.font(theme.SMALL))
        p.setPen(theme.colour({"saving": t.secondary, "disputed": t.dispute}.get(delivery, t.danger)))
        p.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, DELIVERY[delivery])


def _write(p: QPainter, box: QRect, text: str, colour: str, *, size: int = theme.BASE, bold: bool = False) -> int:
    """Write one line at the left of a box; return how wide it is."""
    font = theme.font(size, theme.BOLD if bold else theme.REGULAR)
    metrics = QFontMetrics(font)
    p.setFont(font)
    p.setPen(theme.colour(colour))
    cut = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width() + 1)
    p.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, cut)
    return metrics.horizontalAdvance(cut)
