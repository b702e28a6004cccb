"""How pupils and their guardians look in the lists of Семьи."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QFontMetrics, QPainter

from ejournal_core.guardians import CONTACTS
from ejournal_desktop.models.queries.families import RELATIONS, FamilyRow, GuardianRow
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.pupil_names import cut_name
from ejournal_desktop.ui.widgets.row_list import Brush
from ejournal_desktop.ui.words import tr

NUMBER, NAME = 8, 38
WHO_W = 110
GUARDIAN = 46
RELATION_W, NAME_W = 110, 300


def relation_words(row: GuardianRow) -> str:
    """Return «мать»; for who is only in the list «представитель»."""
    return tr(RELATIONS[row.relation]) if row.relation else tr("представитель")


class FamilyFace:
    """Number and name; at the right who is known of the family."""

    def height(self, _row: FamilyRow) -> int:
        """Return one line."""
        return 7 * theme.UNIT

    def words(self, row: FamilyRow) -> str:
        """Return the row in words."""
        return f"{row.pupil.whole_name}, {self._known(row) or tr('о родителях ничего не записано')}"

    def _known(self, row: FamilyRow) -> str:
        return ", ".join(relation_words(each) for each in row.guardians if not each.destroyed)

    def paint(self, painter: QPainter, rect: QRect, row: FamilyRow, *, current: bool) -> None:  # noqa: ARG002
        """Paint the row."""
        brush = Brush(painter, rect)
        brush.words(NUMBER, NAME - NUMBER - 10, str(row.pupil.position), "secondary", size=theme.SMALL, right=True)
        room = rect.width() - NAME - 8
        end = brush.words(NAME, room, cut_name(QFontMetrics(theme.font(theme.BASE)), row.pupil.name, room))
        known = self._known(row)
        brush.words(end + 12, rect.width() - end - 22, known or tr("нет сведений"), "secondary", size=theme.SMALL,
                    right=True)  # fmt: skip


class GuardianFace:
    """Who it is and how to reach them in the first line, the consent in the second."""

    def height(self, _row: GuardianRow) -> int:
        """Return two lines."""
        return GUARDIAN

    def words(self, row: GuardianRow) -> str:
        """Return the row in words."""
        return ", ".join(part for part in (relation_words(row), row.name, self._reached(row), row.consent) if part)

    def _reached(self, row: GuardianRow) -> str:
        return " · ".join(value for name in CONTACTS if (value := getattr(row, name)))

    def paint(self, painter: QPainter, rect: QRect, row: GuardianRow, *, current: bool) -> None:  # noqa: ARG002
        """Paint the row."""
        brush = Brush(painter, rect)
        left, half = 3 * theme.UNIT, GUARDIAN // 2
        brush.words(left, RELATION_W - 12, relation_words(row), "secondary", top=3, height=half - 2)
        end = brush.words(left + RELATION_W, NAME_W, row.name or tr("имя уничтожено по акту"), bold=True, top=3,
                          height=half - 2)  # fmt: skip
        at = max(left + RELATION_W + NAME_W // 2 + 60, end + 20)
        brush.words(at, rect.width() - at - 12, self._reached(row), top=3, height=half - 2)
        hue = "warning" if row.withdrawn_on is not None or row.consent_on is None else "secondary"
        brush.words(left + RELATION_W, rect.width() - left - RELATION_W - 12, row.consent, hue, size=theme.SMALL,
                    top=half, height=half - 4)  # fmt: skip
