"""Attach several files in the background: each for itself, so that one that may not be attached stops no other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QImage

from ejournal_core.errors import Refusal
from ejournal_desktop.models.commands.files import FileUnreadable, attach_content
from ejournal_desktop.ui import errors
from ejournal_desktop.ui.jobs import Cancelled, Report

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import ChangeSet, Journal

Attach = Callable[[], "ChangeSet"]


@dataclass
class Attached:
    """What became of several files: the records made, and for others the name and why not."""

    made: list[ChangeSet] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def attach_all(each: Sequence[tuple[str, Attach]], report: Report) -> Attached:
    """Attach what can be until the person stops it; what is wrong with one file keeps the others from nothing."""
    result = Attached()
    for number, (name, attach) in enumerate(each):
        report.step(number, len(each), name)
        try:
            report.check()
            result.made.append(attach())
        except (Refusal, FileUnreadable) as error:
            result.refused.append((name, errors.explain(error).text))
        except Cancelled:
            break
    return result


def attach_picture(journal: Journal, lesson_id: str, image: QImage, title: str) -> ChangeSet:
    """Attach a picture that was copied, as PNG.

    Raises:
        Refusal: too large, or a rule says no; nothing was changed.
    """
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stub knows bytes alone
    return attach_content(journal, lesson_id, bytes(buffer.data().data()), title, "image/png")
