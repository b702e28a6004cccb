"""From a stranger to a colleague's screen, over TLS against a real server process on both stores."""

from __future__ import annotations

from ejournal_core import seal
from tests.server import world
from tests.server.world import Caller, RunningServer


def ca_of(server: RunningServer) -> str:
    return (server.data / "ca.pem").read_text()


def test_a_workstation_pairs_two_people_sign_in_and_a_mark_travels(server: RunningServer) -> None:
    with world.pair(server) as workstation:
        teacher, hand = world.open_desk(server, workstation, ca_of(server), world.TEACHER)
        colleague, _ = world.open_desk(server, workstation, ca_of(server), world.COLLEAGUE)
        with teacher, colleague:
            number, scope = _start(colleague)
            receipt = teacher.push(hand.batch(hand.lesson(), hand.column(), hand.mark(world.PUPILS[0], "5")))
            assert [verdict.outcome for verdict in receipt.verdicts] == ["taken"] * 3
            server_key = bytes.fromhex(teacher.hello().server_key)
            assert seal.is_message_signed(server_key, receipt)
            head, lines = colleague.pull(number, scope)
            assert [line.change.kind for line in lines][-3:] == ["Lesson", "MarkColumn", "Mark"]
            assert lines[-1].change.set["value"] == "5"
            assert (head.upto, head.more) == (receipt.verdicts[-1].number, False)
            assert seal.is_message_signed(server_key, head.head)
    assert server.stop() == 0
    server.start()


def _start(desk: Caller) -> tuple[int, str]:
    head, _, _ = desk.snapshot()
    return head.number, head.scope
