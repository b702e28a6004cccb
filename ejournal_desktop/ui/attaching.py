"""Attach several files in the background: each for itself, so that one that may not be attached stops no other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QImage

from ejournal_core.errors import Refusal
from ejournal_desktop.models.commands.asking import ASKABLE
from ejournal_desktop.models.commands.files import Content, FileUnreadable, attach_content
from ejournal_desktop.ui import errors
from ejournal_desktop.ui.jobs import Cancelled, Report

if TYPE_CHECKING:
    from ejournal_desktop.models.change_set import ChangeSet
    from ejournal_desktop.models.journal import Journal

Read = Callable[[], Content]


@dataclass
class Attached:
    """What became of several files: the records made; of others the name and why not, and what may be asked for."""

    made: list[ChangeSet] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    askable: list[Read] = field(default_factory=list)


def attach_all(journal: Journal, lesson_id: str, each: Sequence[tuple[str, Read]], report: Report) -> Attached:
    """Attach what can be until the person stops it; what is wrong with one file keeps the others from nothing."""
    result = Attached()
    for number, (name, read) in enumerate(each):
        report.step(number, len(each), name)
        try:
            report.check()
            file = read()
            result.made.append(attach_content(journal, lesson_id, file.data, file.title, file.media_type))
        except (Refusal, FileUnreadable) as error:
            result.refused.append((name, errors.explain(error).text))
            result.askable += [read] if isinstance(error, Refusal) and error.code in ASKABLE else []
        except Cancelled:
            break
    return result


def picture(image: QImage, title: str) -> Content:
    """Return a picture that was copied, as PNG."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stub knows bytes alone
    return Content(bytes(buffer.data().data()), title, "image/png")
