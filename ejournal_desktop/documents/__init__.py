"""Official paper: build a document, sign it, verify it, show it. The only place with reportlab."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ejournal_desktop.documents.forms.summary_sheet import build_summary_sheet
    from ejournal_desktop.documents.forms.year_book import build_year_book
    from ejournal_desktop.documents.paper import Built

__all__ = ["Built", "build_summary_sheet", "build_year_book"]


def __getattr__(name: str) -> object:
    """Load a form when it is asked for: the first window must not wait for the libraries of paper."""
    if name == "build_summary_sheet":
        from ejournal_desktop.documents.forms.summary_sheet import build_summary_sheet

        return build_summary_sheet
    if name == "build_year_book":
        from ejournal_desktop.documents.forms.year_book import build_year_book

        return build_year_book
    if name == "Built":
        from ejournal_desktop.documents.paper import Built

        return Built
    raise AttributeError(name)
