"""Official paper: build a document, sign it, verify it, show it. The only place with reportlab."""

from ejournal_desktop.documents.forms.summary_sheet import build_summary_sheet
from ejournal_desktop.documents.forms.year_book import build_year_book
from ejournal_desktop.documents.paper import Built

__all__ = ["Built", "build_summary_sheet", "build_year_book"]
