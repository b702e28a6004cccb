"""An entry shown as proved: by the school's log, by the receipt, by its author's signature; and what is no proof."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import msgspec
import pytest

from ejournal_core import seal
from ejournal_core.wire import TreeHead
from ejournal_desktop.models import evidence, queries
from ejournal_desktop.models.commands.lessons import set_topic
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.sync.proving import NothingToProve, prove_change
from ejournal_desktop.sync.server import ServerRefused
from ejournal_desktop.sync.trust import BrokenHistory
from tests.desktop.sync.test_lying_server import note_absence
from tests.helpers.chaos import House, Loopback, Seat


class Scene:
    """A teacher who has put a mark, and a colleague who has received it."""

    def __init__(self, root: Path) -> None:
        self.house = House(root)
        self.teacher, self.colleague = map(
            self.house.sit_down, (self.house.school.teacher, self.house.school.colleague)
        )
        self.teacher.do(put_mark, self.house.school.today_lesson, None, "u-01", "5")
        self.change = next(id_ for id_, change in self.teacher.made.items() if change.kind == "Mark")

    def prove(self, seat: Seat) -> tuple[int, str]:
        """Prove the mark at a desk; return its number and by what its author is proved."""
        proved = prove_change(seat.journal, seat.server, self.house.server_key, self.change)
        assert proved.sentence == f"запись № {proved.number}, доказано"
        return proved.number, proved.author


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path)
    yield made
    made.house.close()


def test_an_unsent_entry_is_not_proved_and_says_so(scene: Scene) -> None:
    assert queries.standing(scene.teacher.journal, scene.change).sentence == ""
    with pytest.raises(NothingToProve):
        scene.prove(scene.teacher)


def test_author_and_reader_can_both_prove_a_delivered_entry(scene: Scene) -> None:
    scene.teacher.meet()
    scene.colleague.meet()
    number, author = scene.prove(scene.teacher)
    assert author == "own"
    assert scene.prove(scene.colleague) == (number, "signature")
    for seat in (scene.teacher, scene.colleague):
        assert queries.standing(seat.journal, scene.change).sentence == f"запись № {number}, доказано"


def test_a_delivered_entry_that_no_pull_has_passed_yet_stands_by_its_receipt(scene: Scene) -> None:
    scene.teacher.meet()
    scene.teacher.journal.note(cursor=1)
    assert queries.standing(scene.teacher.journal, scene.change).by == "receipt"


def test_a_part_of_a_batch_is_proved_by_its_path(scene: Scene) -> None:
    """The colleague receives the batch in two pages, so none of them holds it as a whole."""
    scene.teacher.do(set_topic, scene.house.school.today_lesson, "Дроби")
    scene.teacher.meet()
    after = scene.colleague.journal.cursor
    page = scene.colleague.server.pull(after, scene.colleague.journal.scope)
    assert page is not None
    scene.colleague.meet()
    with scene.colleague.journal.receiving() as connection:
        whole = evidence.authors_proof(connection, scene.change)
        assert whole is not None
        path = b"".join(bytes.fromhex(each) for each in whole.path)
        connection.exec_driver_sql("UPDATE history SET path = ? WHERE change_id = ?", (path, scene.change))
        connection.exec_driver_sql("UPDATE batch SET hashes = NULL")
        assert evidence.authors_proof(connection, scene.change) == whole
    assert scene.prove(scene.colleague)[1] == "signature"


@pytest.mark.parametrize(
    "alter",
    [
        'UPDATE history SET body = replace(body, \'"value":"5"\', \'"value":"2"\') WHERE change_id = ?',
        "UPDATE history SET outcome = 'refused' WHERE change_id = ?",
        "UPDATE history SET log_number = log_number - 1 WHERE change_id = ?",
        "UPDATE history SET judged_at = '2026-01-01T00:00:00.000Z' WHERE change_id = ?",
    ],
)
def test_what_was_altered_on_this_disk_is_not_proved(scene: Scene, alter: str) -> None:
    scene.teacher.meet()
    scene.colleague.meet()
    with scene.colleague.journal.receiving() as connection:
        connection.exec_driver_sql(alter, (scene.change,))
    with pytest.raises(BrokenHistory):
        scene.prove(scene.colleague)


def test_a_batch_signed_by_another_key_proves_no_author(scene: Scene) -> None:
    scene.teacher.meet()
    scene.colleague.meet()
    with scene.colleague.journal.receiving() as connection:
        proof = evidence.authors_proof(connection, scene.change)
        assert proof is not None
        forged = seal.sign_message(seal.new_signing_key(), proof.head)
        connection.exec_driver_sql(
            "UPDATE batch SET head = ? WHERE root = ?", (msgspec.json.encode(forged).decode(), proof.head.root)
        )
    with pytest.raises(BrokenHistory):
        scene.prove(scene.colleague)


def test_a_false_path_proves_nothing(scene: Scene) -> None:
    class Liar(Loopback):
        def prove_line(self, number: int, size: int) -> tuple[str, ...]:
            return ("00" * 32, *super().prove_line(number, size)[1:])

    scene.teacher.meet()
    scene.teacher.server = Liar(scene.house.office, scene.teacher.desk)
    with pytest.raises(BrokenHistory):
        scene.prove(scene.teacher)


def test_nobody_gets_a_proof_of_what_may_not_be_seen(scene: Scene) -> None:
    scene.teacher.meet()
    scene.colleague.meet()
    number = scene.prove(scene.teacher)[0]
    class_teacher = scene.house.sit_down(scene.house.school.class_teacher)
    class_teacher.do(note_absence, scene.house.school, "17")
    class_teacher.meet()
    scene.teacher.meet()
    (document,) = class_teacher.made
    hidden = prove_change(class_teacher.journal, class_teacher.server, scene.house.server_key, document).number
    head = scene.teacher.journal.head
    assert head is not None
    assert hidden > number
    for wanted, size in ((hidden, head.size), (number, head.size + 1_000), (0, head.size)):
        with pytest.raises(ServerRefused) as refused:
            scene.teacher.server.prove_line(wanted, size)
        assert refused.value.answer == "EJ-250"
    with pytest.raises(ServerRefused):
        scene.teacher.server.prove_beginning(head.size + 1, head.size)


def test_heads_are_kept_all_of_a_week_and_then_one_a_day(scene: Scene) -> None:
    days = [f"2026-10-{day:02}" for day in range(1, 21)]
    with scene.teacher.journal.receiving() as connection:
        connection.exec_driver_sql("DELETE FROM tree_head")
        for size, (day, hour) in enumerate(product(days, (8, 12, 16)), 1):
            head = TreeHead(school="school", epoch=1, size=size, root="", at=f"{day}T{hour:02}:00:00.000Z")
            evidence.keep_head(connection, head)
        kept = evidence.heads(connection)
        counts = Counter(head.at[:10] for head in kept)
        assert [counts[day] for day in days] == [1] * 12 + [3] * 8
        assert {head.at[11:13] for head in kept if head.at < "2026-10-13"} == {"16"}
        evidence.lose_heads(connection, 40)
        newest, lost = evidence.newest_head(connection, 1_000), evidence.heads(connection, lost=True)
    assert newest is not None
    assert (newest.size, [head.size for head in lost]) == (40, list(range(41, 61)))
