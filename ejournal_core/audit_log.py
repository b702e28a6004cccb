"""Журнал событий: which events a desk or the server tells of, and the rules of every line.

An event is a record like any other: signed by the desk that tells it, numbered and hash-linked by the school's log, so
nobody edits, voids or forges one. It names everything by id: no name, no text that a person typed, stands in it.
"""

from __future__ import annotations

import re

from ejournal_core.cases import Case, Judgement, refused
from ejournal_core.kinds import AuditEvent

#: What a desk tells of what its own person did at it.
DESK_EVENTS: frozenset[str] = frozenset({
    "signed_in", "unlocked", "wrong_password", "password_changed",
    "printed", "exported", "copied", "attachment_opened", "attachment_saved", "log_exported", "person_report",
    "backup_viewed", "drive_checked", "unusual_put_away",
})  # fmt: skip

#: What only the server tells, in lines of its own. Codes, certificates, roles, drives and restores have records of
#: their own kinds, which the list of events shows as well.
SERVER_EVENTS: frozenset[str] = frozenset({
    "pairing_approved", "pairing_refused", "workstation_renamed", "workstation_revoked", "desk_revoked",
    "person_revoked", "person_left", "person_returned", "entry_closed", "readmitted", "dismissed",
    "recovery_key_made", "recovery_key_confirmed", "backup_made", "person_data_given",
})  # fmt: skip

EVENTS = DESK_EVENTS | SERVER_EVENTS

LONGEST_DETAIL = 80  # characters: the name of a form, of a file format, of a generation
LONGEST_SUBJECT = 512  # of an id, docs/sync-protocol.md
LONGEST_KIND = 40
MOST_COUNTED = 100_000

#: Of one desk on one day. A desk is unlocked some twenty times (P48: five minutes) and prints some dozens of papers;
#: each line is kept for ever, so a program gone wild is not let in.
EVENTS_A_DAY = 200
TOO_MANY_EVENTS = "EJ-521"

_WORD = re.compile(r"[\x20-\x7e]*")


def the_event_is_told_once_by_its_own_desk(case: Case) -> Judgement | None:
    """Nobody tells of another person or desk, orders anything by an event, or has the last word about one later."""
    event, change = case.after, case.change
    assert isinstance(event, AuditEvent)
    own = (event.person_id, event.desk_id, event.by, event.workstation) == (change.author, change.desk, "", "")
    if case.before is not None or change.act != "create" or event.voided or not own:
        return refused("EJ-520", "О событии говорит тот журнал, где оно было, и один раз: ничего не изменено.")
    return None


def the_event_is_one_that_a_desk_tells(case: Case) -> Judgement | None:
    """Its code is a desk's, and its words are ids and codes: personal data has no place in it."""
    event = case.after
    assert isinstance(event, AuditEvent)
    if event.event in DESK_EVENTS and is_plain(event):
        return None
    return refused("EJ-520", "О таком событии рабочее место не рассказывает: ничего не изменено.")


def is_plain(event: AuditEvent) -> bool:
    """Say whether an event's texts are short and in signs that no name is written with."""
    bounds = ((event.detail, LONGEST_DETAIL), (event.subject, LONGEST_SUBJECT), (event.subject_kind, LONGEST_KIND))
    short = all(len(text) <= longest and _WORD.fullmatch(text) for text, longest in bounds)
    return short and event.number <= MOST_COUNTED
