"""What the server tells the log of events about copies and the recovery key."""

from __future__ import annotations

import pytest

from ejournal_core import key_sheet
from ejournal_core.kinds import AuditEvent
from ejournal_server import backups, daily, generations, papers
from ejournal_server.backups import RecoveryKeyExists
from ejournal_server.facts import Known
from ejournal_server.folder import Office
from ejournal_server.generations import NoRecipients


def told(office: Office) -> list[tuple[str, str, str, str]]:
    """Return event, result, detail and who ordered it, of each line about copies."""
    with office.authority.store.read() as tx:
        lines = [each for each in Known(tx).all_of(AuditEvent) if each.event.startswith(("backup", "recovery"))]
    return sorted((each.event, each.result, each.detail, each.by) for each in lines)


def test_every_copy_is_told_of_the_day_and_for_the_drives(office: Office) -> None:
    with pytest.raises(NoRecipients):
        daily.make(office)
    assert told(office) == []
    backups.new_recovery_key(office)
    (key,) = told(office)
    generations.back_up(office.authority, office.folder, office.ca_pem, by="p-administrator")
    assert daily.make(office) is not None
    assert daily.make(office) is None
    assert told(office) == [
        ("backup_made", "done", "daily", ""), ("backup_made", "done", "drives", "p-administrator"), key,
    ]  # fmt: skip


def test_a_key_is_told_by_its_fingerprint_and_one_that_is_refused_is_not(office: Office) -> None:
    made = backups.new_recovery_key(office)
    line = ("recovery_key_made", "done", key_sheet.fingerprint(made.recipient), "")
    assert told(office) == [line]
    with pytest.raises(RecoveryKeyExists):
        backups.new_recovery_key(office)
    assert told(office) == [line]


def test_a_look_at_the_sheet_is_told_with_what_came_of_it(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    made = backups.new_recovery_key(office)
    signs, fingerprint = made.secret, key_sheet.fingerprint(made.recipient)
    monkeypatch.setattr(papers, "ask_password", lambda _question: signs)
    assert papers.check_kept(office).state == "kept"
    signs = backups.new_recovery_key(office, replace=True).secret
    assert ("recovery_key_confirmed", "done", fingerprint, "") in told(office)
    signs = made.secret
    assert papers.check_kept(office).state == "other"
    assert [result for event, result, *_ in told(office) if event == "recovery_key_confirmed"] == ["done", "refused"]
