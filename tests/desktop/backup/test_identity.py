"""The administrator's backup identity lives in the administrator's own encrypted journal."""

from __future__ import annotations

import os
from pathlib import Path

from ejournal_desktop.backup.identity import own_identity
from tests.helpers.school import desk_of, small_school


def test_the_identity_is_made_once_and_lies_nowhere_in_the_clear(tmp_path: Path) -> None:
    school = small_school()
    journal = desk_of(school, school.deputy, tmp_path, key=os.urandom(32))
    made = own_identity(journal)
    assert own_identity(journal) == made
    journal.close()
    kept = b"".join(each.read_bytes() for each in tmp_path.rglob("*") if each.is_file())
    assert kept
    for word in (made.secret, made.recipient, made.secret[16:]):
        assert word.encode() not in kept
