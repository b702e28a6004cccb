"""Names of pupils where there is little room for them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics


def cut_name(metrics: QFontMetrics, name: str, width: int) -> str:
    """Return a name that fits: cut in its middle, since what tells namesakes apart stands at its end."""
    return metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, max(width, 0))
