"""The printed slips with codes, without a printer."""

from __future__ import annotations

from ejournal_server import accounts, admin
from ejournal_server.admin import StaffLine
from ejournal_server.folder import Office


def activation_codes(office: Office) -> list[tuple[StaffLine, str]]:
    """Make a code for everybody who has no account yet, and let all of them count."""
    made = admin.make_codes(office)
    accounts.issue_activations(office.authority, [activation for _, activation in made])
    return [(line, activation.code) for line, activation in made]
