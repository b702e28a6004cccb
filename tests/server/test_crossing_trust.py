"""Trust that is taken back, or used up, in the very moment in which somebody relies on it. On both stores."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ejournal_core import seal
from ejournal_core.wire import DeskRequest
from ejournal_server import accounts, revocation
from ejournal_server.accounts import NotKnown
from ejournal_server.authority import Authority
from ejournal_server.folder import Office
from ejournal_server.store import people
from tests.server import world

PASSWORD = "верный пароль"


def request_of(secret: str, new_password: str = "") -> DeskRequest:
    public = seal.signing_public_key(seal.new_signing_key()).hex()
    return DeskRequest(person=world.TEACHER, secret=secret, new_password=new_password, public_key=public)


def meanwhile(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Let something happen while a secret is being hashed, which takes its time and holds no lock."""
    hashed = accounts.is_secret

    def slowly(secret: str, phc: str) -> bool:
        monkeypatch.setattr(accounts, "is_secret", hashed)
        found = hashed(secret, phc)
        happens()
        return found

    monkeypatch.setattr(accounts, "is_secret", slowly)


def desks_of_teacher(office: Office) -> list[str]:
    with office.authority.store.read() as tx:
        return [desk.state for desk in people.desks(tx) if desk.person == world.TEACHER]


def test_who_has_left_while_her_password_was_tried_gets_no_desk(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.certify_desk(office.authority, "pc-1", request_of(world.invite(office, world.TEACHER), PASSWORD))
    today = office.authority.today()
    meanwhile(monkeypatch, lambda: revocation.leave(office.authority, world.TEACHER, today, "уволена"))
    with pytest.raises(NotKnown):
        accounts.certify_desk(office.authority, "pc-2", request_of(PASSWORD))
    assert desks_of_teacher(office) == ["left"]


def test_one_code_opens_one_desk_though_two_people_type_it_at_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = world.invite(office, world.TEACHER)
    own, thief = request_of(code, PASSWORD), request_of(code, "пароль вора")
    meanwhile(monkeypatch, lambda: accounts.certify_desk(office.authority, "pc-1", own))
    with pytest.raises(NotKnown):
        accounts.certify_desk(office.authority, "pc-2", thief)
    assert desks_of_teacher(office) == ["active"]
    accounts.check_secret(office.authority, request_of(PASSWORD))


def test_who_has_left_between_password_and_certificate_gets_no_desk(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.certify_desk(office.authority, "pc-1", request_of(world.invite(office, world.TEACHER), PASSWORD))
    today, checked = office.authority.today(), accounts.check_secret

    def then_she_leaves(authority: Authority, request: DeskRequest, *, repeated: bool) -> None:
        checked(authority, request, repeated=repeated)
        revocation.leave(authority, world.TEACHER, today, "уволена")

    monkeypatch.setattr(accounts, "check_secret", then_she_leaves)
    with pytest.raises(NotKnown):
        accounts.certify_desk(office.authority, "pc-2", request_of(PASSWORD))
    assert desks_of_teacher(office) == ["left"]
