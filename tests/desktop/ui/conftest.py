"""What tests of screens share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from ejournal_desktop.ui.jobs import Jobs


@pytest.fixture
def jobs(qtbot: QtBot) -> Iterator[Jobs]:
    """Give the two workers of a window."""
    made = Jobs()
    yield made
    made.close()
    made.deleteLater()
