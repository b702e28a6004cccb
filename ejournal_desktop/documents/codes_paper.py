"""Slips with codes and the ledger behind them, as one print: made in memory, and nowhere else."""

from __future__ import annotations

from io import BytesIO

from pikepdf import Pdf

from ejournal_core.handouts import CodesHandout
from ejournal_desktop.documents.forms.activation_slips import build_activation_slips
from ejournal_desktop.documents.forms.credential_ledger import build_credential_ledger


def build_codes_paper(handout: CodesHandout) -> bytes:
    """Return slips to be cut apart, then the ledger to be signed, as one PDF; the ledger holds no code."""
    out = BytesIO()
    with (
        Pdf.new() as whole,
        Pdf.open(BytesIO(build_activation_slips(handout).pdf)) as slips,
        Pdf.open(BytesIO(build_credential_ledger(handout).pdf)) as ledger,
    ):
        for part in (slips, ledger):
            whole.pages.extend(part.pages)
        whole.save(out)
    return out.getvalue()
