"""The line from which slips and ledger are drawn: terms by the school's policy, and nothing kept of a secret."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from ejournal_core import handouts
from ejournal_core.age_file import BackupIdentity
from ejournal_core.handouts import CodesHandout, RecoveryHandout
from ejournal_core.kinds import Fields
from ejournal_core.policy import PRESET_RECORD
from ejournal_server import accounts, papers
from ejournal_server.folder import Office
from ejournal_server.own_lines import Wish, write_own
from tests.server import world


def handed(office: Office, *people: str) -> CodesHandout:
    """Make codes and return what a printing program is handed."""
    made = [accounts.make_activation(office.authority, person) for person in people or (world.TEACHER,)]
    handout = handouts.decode_handout(papers.codes_line(office, made))
    assert isinstance(handout, CodesHandout)
    assert [slip.code for slip in handout.slips] == [each.code for each in made]
    return handout


def set_policy(office: Office, record: str, value: object) -> None:
    with office.authority.store.write() as tx:
        fields: Fields = {"value": msgspec.json.encode(value).decode(), "basis": "приказ № 1"}
        write_own(office.authority, tx, [Wish("PolicySetting", record, fields)])


def test_the_last_whole_day_of_a_code_is_before_the_moment_when_it_ends(office: Office) -> None:
    handout = handed(office)
    until = office.authority.clock() + timedelta(days=accounts.CODE_DAYS)
    assert handout.valid_until == until.astimezone().date() - timedelta(days=1)


def test_the_term_to_hand_codes_out_is_the_school_s(office: Office) -> None:
    plain = handed(office)
    assert (plain.working_days, plain.by_director, plain.clause) == (10, False, "")
    set_policy(office, PRESET_RECORD, "dnevnikru-markovo-2016")
    told = handed(office)
    assert (told.by_director, told.clause) == (True, "S4-2.4.1a")
    set_policy(office, "P32", {"working_days": 3})
    assert handed(office).issue_until < plain.issue_until


def test_a_slip_has_name_and_position_of_its_person(office: Office) -> None:
    said = [(slip.name, slip.position) for slip in handed(office, world.DEPUTY, world.TEACHER).slips]
    assert said == [("Завучева Ольга Львовна", "заместитель директора"), ("Иванова Мария Петровна", "учитель")]


def test_a_handout_shows_no_secret_where_it_is_printed_by_mistake(office: Office) -> None:
    made = BackupIdentity.new()
    recovery = handouts.decode_handout(papers.recovery_line(office, made))
    assert isinstance(recovery, RecoveryHandout)
    assert recovery.secret == made.secret
    codes = handed(office)
    shown = f"{recovery!r} {codes!r}"
    assert made.secret not in shown
    assert all(slip.code not in shown for slip in codes.slips)


@pytest.mark.parametrize("line", ["", "{}", "[]", '{"handout":"other"}', "[" * 100_000])
def test_what_is_no_handout_is_refused(line: str) -> None:
    with pytest.raises(handouts.NoHandout):
        handouts.decode_handout(line)
