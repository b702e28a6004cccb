"""The differences between a copy and today's journal as they are printed: the lines that stand on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ejournal_desktop.models.queries.copy_differences import ClassDifferences, Difference, Way
from ejournal_desktop.ui.widgets.difference_row import where
from ejournal_desktop.ui.words import moment_title, tr


def differences_pdf(
    school: str, found: ClassDifferences, ways: frozenset[Way], notes: Sequence[str], now: datetime
) -> bytes:
    """Return the list on paper; the libraries of paper load now."""
    from ejournal_desktop.documents.forms.copy_differences_page import (
        CopyDifferencesPage,
        PrintedPage,
        build_copy_differences,
    )

    empty = tr("пусто")
    pages = tuple(
        PrintedPage(page.title, tuple(
            (line.pupil or tr("весь урок"), where(line), line.was or empty, line.now or empty, _by_whom(line, now))
            for line in page.lines if line.way in ways
        ))
        for page in found.pages if any(line.way in ways for line in page.lines)
    )  # fmt: skip
    return build_copy_differences(CopyDifferencesPage(
        school_name=school,
        title=tr("{title}: копия и сегодняшний журнал").format(title=found.class_title),
        subtitle=tr("копия от {then}, журнал на {now}").format(
            then=moment_title(found.moment), now=moment_title(now)),
        notes=tuple(notes), pages=pages,
    ))  # fmt: skip


def _by_whom(line: Difference, now: datetime) -> str:
    """Return «Иванова М. П., 15.09.2026 10:42»: on paper «сегодня» would soon be wrong."""
    at = f"{line.at.astimezone(now.tzinfo):%d.%m.%Y %H:%M}" if line.at is not None else ""
    return ", ".join(part for part in (line.who, at) if part)
