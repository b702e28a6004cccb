"""A server that lies: whatever it forges, nothing of it is applied and nothing of the desk's is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
import pytest

from ejournal_core import seal, tree, wire
from ejournal_core.changes import Change
from ejournal_core.errors import Trouble
from ejournal_core.wire import Pulled, Receipt, TreeHead
from ejournal_desktop.models import loading
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.commands.lessons import set_topic
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.tables import metadata
from ejournal_desktop.sync.server import Pull
from ejournal_server.store import proofs
from tests.helpers.chaos import House, Loopback, Seat, violations
from tests.helpers.school import SmallSchool

replace = msgspec.structs.replace
WRONG_KEY = seal.new_signing_key()


class Liar(Loopback):
    """The school's server whose answers are twisted on the way out."""

    def __init__(self, honest: Seat, **twists: Callable[[Any], Any]) -> None:
        super().__init__(honest.house.office, honest.desk)
        self._twists = twists

    def _twisted(self, call: str, answer: Any) -> Any:
        return self._twists[call](answer) if call in self._twists else answer

    def hello(self) -> wire.Hello:
        return self._twisted("hello", super().hello())  # type: ignore[no-any-return]

    def push(self, batch: wire.Batch) -> Receipt:
        return self._twisted("push", super().push(batch))  # type: ignore[no-any-return]

    def pull(self, after: int, scope: str, own: tuple[int, int] = (0, 0), known: TreeHead | None = None) -> Pull | None:
        return self._twisted("pull", super().pull(after, scope, own, known))  # type: ignore[no-any-return]

    def begin_snapshot(self, names: Iterable[str], after: int) -> wire.SnapshotHead:
        return self._twisted("begin_snapshot", super().begin_snapshot(names, after))  # type: ignore[no-any-return]


class Case:
    """A colleague who is about to receive a page of the teacher's."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.teacher = house.sit_down(house.school.teacher)
        self.colleague = house.sit_down(house.school.colleague)
        self.class_teacher = house.sit_down(house.school.class_teacher)
        self._count = 0

    @property
    def signing(self) -> bytes:
        """The server's own key: what a corrupt administrator would have."""
        return self.house.office.authority.keys.signing

    def new_page(self) -> None:
        """Let the teacher deliver a batch of three or more changes in which the mark stands between two topics.

        Before it stands something of the class teacher's that the colleague may not see.
        """
        self._count += 1
        lesson = self.house.school.today_lesson
        self.class_teacher.do(note_absence, self.house.school, f"{self._count}")
        self.class_teacher.meet()
        self.teacher.do(set_topic, lesson, f"Тема {self._count}")
        self.teacher.do(put_mark, lesson, None, "u-04", str(2 + self._count % 4))
        self.teacher.do(set_topic, lesson, f"Тема {self._count}, продолжение")
        self.teacher.meet()

    def lie(self, besides: tuple[str, ...] = (), **twists: Callable[[Any], Any]) -> Trouble:
        """Let the colleague meet the liar; return the trouble, with everything on the desk as it was.

        What stands in the tables `besides` says only how far the desk has come.
        """
        before = everything(self.colleague, besides)
        self.colleague.server = Liar(self.colleague, **twists)
        with pytest.raises(Trouble) as caught:
            self.colleague.meet()
        self.colleague.server = Loopback(self.house.office, self.colleague.desk)
        assert everything(self.colleague, besides) == before
        return caught.value


def note_absence(journal: Journal, school: SmallSchool, number: str) -> ChangeSet:
    """Enter a document about an absence, as the class teacher does."""
    with journal.write() as write:
        write.edit(
            "AbsenceDocument", write.new_id(), class_group_id=school.class_group, pupil_id=school.pupils[0], reason="Б",
            since="2026-11-10", until="2026-11-12", number=number,
        )  # fmt: skip
    return write.changes


def everything(seat: Seat, besides: tuple[str, ...] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """Return the whole content of a desk's file, without some tables."""
    with seat.journal.reading() as connection:
        return {
            name: sorted((tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {name}")), key=repr)
            for name in metadata.tables
            if name not in besides
        }


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    house = House(tmp_path_factory.mktemp("school"))
    yield Case(house)
    house.close()


@pytest.fixture(autouse=True)
def honest_in_the_end(case: Case) -> Iterator[None]:
    """Whatever was tried, the honest server is believed afterwards, and both desks hold what it holds."""
    case.new_page()
    yield
    case.colleague.meet()
    case.teacher.meet()
    case.class_teacher.meet()
    assert violations(case.house.office, case.house.seats, case.house.sees) == []


# --- pages ---------------------------------------------------------------------------------------------------------


def head_with(page: Pull, key: bytes, **fields: Any) -> Pull:
    """Return the page under another tree head."""
    return Pull(replace(page.head, head=seal.sign_message(key, replace(page.head.head, **fields))), page.lines)


def upto(page: Pull, number: int, *, more: bool) -> Pull:
    """Return the page with another high-water mark."""
    return Pull(replace(page.head, upto=number, more=more), page.lines)


def with_line(page: Pull, place: int, /, **fields: Any) -> Pull:
    """Return the page with one line altered."""
    lines = [*page.lines]
    lines[place] = replace(lines[place], **fields)
    return Pull(page.head, tuple(lines))


def with_change(page: Pull, index: int, **fields: Any) -> Pull:
    """Return the page with one change altered."""
    return with_line(page, index, change=replace(page.lines[index].change, **fields))


def with_number(page: Pull, index: int, number: int) -> Pull:
    """Return the page with one line under another number."""
    return with_line(page, index, verdict=replace(page.lines[index].verdict, number=number))


def signed_by_a_stranger(page: Pull) -> Pull:
    """Return the page with all changes in a batch that another key has signed."""
    changes = tuple(replace(line.change, set={"topic": "подделка"}) for line in page.lines)
    batch = seal.sign_batch(WRONG_KEY, page.head.head.school, changes[0].desk, page.lines[0].prev, changes)
    prevs = [page.lines[0].prev, *(each.hex() for each in seal.chain(page.lines[0].prev, changes))]
    lines = tuple(
        Pulled(change=change, prev=prev, verdict=line.verdict, batch=batch.head.root, index=index)
        for index, (change, prev, line) in enumerate(zip(changes, prevs, page.lines, strict=False))
    )
    return Pull(replace(page.head, batches=(batch.head,)), lines)


def certifies_a_stranger(page: Pull) -> Pull:
    """Return the page behind a certificate for the wrong key that the server's desk has not signed."""
    forged = signed_by_a_stranger(page)
    desk = forged.lines[0].change.desk
    fields: dict[str, Any] = {"subject_kind": "desk", "person_id": forged.lines[0].change.author,
                              "public_key": seal.signing_public_key(WRONG_KEY).hex()}  # fmt: skip
    certificate = Change(id="forged", desk="server", n=9_000, author="server", kind="Certificate", record=desk, was={},
                         set=fields, act="issue", at=forged.lines[0].change.at)  # fmt: skip
    batch = seal.sign_batch(WRONG_KEY, page.head.head.school, "server", "", [certificate])
    number = forged.lines[0].verdict.number
    lines = [with_number(forged, i, number + 1 + i).lines[i] for i in range(len(forged.lines) - 1)]
    verdict = replace(page.lines[0].verdict, id="forged", number=number)
    first = Pulled(change=certificate, prev="", verdict=verdict, batch=batch.head.root)
    return Pull(replace(forged.head, batches=(*forged.head.batches, batch.head)), (first, *lines))


def swapped(page: Pull) -> Pull:
    """Return the page with its first two lines in the wrong order."""
    return Pull(page.head, (page.lines[1], page.lines[0], *page.lines[2:]))


def with_verdict(page: Pull, place: int, **fields: Any) -> Pull:
    """Return the page with one line's verdict altered."""
    return with_line(page, place, verdict=replace(page.lines[place].verdict, **fields))


def with_hidden(page: Pull, alter: Callable[[str], str]) -> Pull:
    """Return the page with other hashes of what is not sent."""
    return Pull(replace(page.head, hidden=alter(page.head.hidden)), page.lines)


def without_the_last(page: Pull) -> Pull:
    """Return the page without its last line and its batch, as if it were somebody else's."""
    gone = page.lines[-1].batch
    heads = tuple(head for head in page.head.batches if head.root != gone)
    return Pull(replace(page.head, batches=heads), tuple(line for line in page.lines if line.batch != gone))


PAGES: dict[str, Callable[[Pull, bytes], Pull]] = {
    "a head signed by another key": lambda page, _: head_with(page, WRONG_KEY),
    "a head without a signature": lambda page, _: Pull(
        replace(page.head, head=replace(page.head.head, signature="")), page.lines
    ),
    "a shrunken log": lambda page, key: head_with(page, key, size=3),
    "a later epoch that no line opened": lambda page, key: head_with(page, key, epoch=page.head.head.epoch + 1),
    "an earlier epoch": lambda page, key: head_with(page, key, epoch=-1),
    "a head of another school": lambda page, key: head_with(page, key, school="another"),
    "swapped lines": lambda page, _: swapped(page),
    "a number that was there before": lambda page, _: with_number(page, 0, 5),
    "a number twice": lambda page, _: with_number(page, 0, page.lines[1].verdict.number),
    "a number beyond the page": lambda page, _: with_number(page, -1, page.head.upto + 1),
    "a mark beyond the tree": lambda page, _: upto(page, page.head.head.size + 1, more=True),
    "a page without an end": lambda page, _: Pull(
        replace(page.head, upto=page.lines[0].verdict.number - 1, more=True), ()
    ),
    "an end before the head": lambda page, _: upto(page, page.head.upto - 1, more=False),
    "an altered value": lambda page, _: with_change(page, 1, set={"value": "5", "comment": "подделка"}),
    "an altered author": lambda page, _: with_change(page, 1, author="p-deputy"),
    "an altered place in the chain": lambda page, _: with_line(page, 1, prev="00" * 32),
    "a verdict for another change": lambda page, _: with_line(
        page, 1, verdict=replace(page.lines[1].verdict, id="another")
    ),
    "a change left out of a whole batch": lambda page, _: Pull(page.head, (page.lines[0], *page.lines[2:])),
    "a change twice in place of another": lambda page, _: with_line(
        page,
        1,
        change=page.lines[0].change,
        prev=page.lines[0].prev,
        index=0,
        verdict=replace(page.lines[0].verdict, number=page.lines[1].verdict.number),
    ),
    "a salt that is none": lambda page, _: with_change(page, 1, salt="соль"),
    "an index below the batch": lambda page, _: with_line(page, 1, index=-1, path=("00" * 32,)),
    "batches without heads": lambda page, _: Pull(replace(page.head, batches=()), page.lines),
    "a batch of a stranger's key": lambda page, _: signed_by_a_stranger(page),
    "a stranger's certificate": lambda page, _: certifies_a_stranger(page),
    "another outcome": lambda page, _: with_verdict(page, 1, outcome="refused", reason="EJ-201"),
    "another reason": lambda page, _: with_verdict(page, 1, reason="EJ-201"),
    "another time of arrival": lambda page, _: with_verdict(page, 1, at="2026-01-01T00:00:00.000Z"),
    "a hidden line altered": lambda page, _: with_hidden(page, lambda text: "00" * 32 + text[64:]),
    "a hidden stretch left out": lambda page, _: with_hidden(page, lambda text: text[64:]),
    "a hidden stretch too many": lambda page, _: with_hidden(page, lambda text: text + "00" * 32),
    "hidden hashes that are none": lambda page, _: with_hidden(page, lambda _: "не хеш"),
    "hidden hashes cut short": lambda page, _: with_hidden(page, lambda text: text[:-2]),
    "a batch left out": lambda page, _: without_the_last(page),
    "the root of another tree": lambda page, key: head_with(page, key, root="00" * 32),
    "a larger log of another tree": lambda page, key: head_with(
        page, key, root="00" * 32, size=page.head.head.size + 5
    ),
}


@pytest.mark.parametrize("lie", PAGES)
def test_a_forged_page_is_refused_whole(case: Case, lie: str) -> None:
    trouble = case.lie(pull=lambda page: PAGES[lie](page, case.signing))
    assert trouble.code == "EJ-324"


def test_the_log_may_not_say_otherwise_than_the_receipt(case: Case) -> None:
    """The server signs one verdict in the receipt and enters another: the root does not follow from the receipt."""
    case.colleague.meet()
    case.colleague.do(put_mark, case.house.school.today_lesson, None, "u-06", "4")
    case.colleague.server = Liar(
        case.colleague,
        push=lambda receipt: signed_anew(
            receipt,
            case.signing,
            verdicts=tuple(replace(each, at="2026-01-01T00:00:00.000Z") for each in receipt.verdicts),
        ),
    )
    cursor = case.colleague.journal.cursor
    with pytest.raises(Trouble) as caught:
        case.colleague.meet()
    assert caught.value.code == "EJ-324"
    assert case.colleague.journal.cursor == cursor
    case.colleague.server = Loopback(case.house.office, case.colleague.desk)
    with pytest.raises(Trouble) as caught:  # nor is it believed when it brings the line itself
        case.colleague.meet()
    assert caught.value.code == "EJ-324"
    case.house.seats.remove(case.colleague)
    case.colleague.journal.close()
    case.colleague = case.house.sit_down(case.house.school.colleague)


@pytest.mark.parametrize("moved", [-40, 1_000])
def test_a_receipt_may_not_name_a_number_that_no_pull_will_show(case: Case, moved: int) -> None:
    """The change stands elsewhere, perhaps with another outcome, among the hidden lines."""

    def renumbered(receipt: Receipt) -> Receipt:
        verdicts = tuple(replace(each, number=each.number + moved) for each in receipt.verdicts)
        return signed_anew(receipt, case.signing, verdicts=verdicts)

    def hiding_own(page: Pull) -> Pull:
        """Cover the own lines that were left out by their true leaves."""
        hidden = proofs_of(case, page, cursor)
        return Pull(replace(page.head, hidden=hidden), page.lines)

    colleague = case.house.sit_down(case.house.school.colleague)
    case.class_teacher.meet()
    colleague.meet()
    colleague.do(put_mark, case.house.school.today_lesson, None, "u-07", "4" if moved < 0 else "5")
    cursor = colleague.journal.cursor
    colleague.server = Liar(colleague, push=renumbered, pull=hiding_own)
    with pytest.raises(Trouble) as caught:
        colleague.meet()
    assert caught.value.code == "EJ-324"
    assert colleague.journal.cursor == cursor
    case.house.seats.remove(colleague)
    colleague.journal.close()


def proofs_of(case: Case, page: Pull, after: int) -> str:
    """Return the hidden hashes of a page as if nothing that is left out were known."""
    gaps = tree.gaps(after, (line.verdict.number - 1 for line in page.lines), page.head.upto, page.head.head.size)
    with case.house.office.authority.store.read() as tx:
        return b"".join(proofs.hidden(tx, gaps)).hex()


def test_a_desk_that_is_certified_on_the_same_page_is_believed(case: Case) -> None:
    fresh = case.house.sit_down(case.house.school.teacher)
    fresh.do(set_topic, case.house.school.today_lesson, "С другого компьютера")
    fresh.meet()
    before = case.colleague.journal.cursor
    case.colleague.meet()
    assert case.colleague.journal.cursor > before
    case.house.seats.remove(fresh)
    fresh.journal.close()


def test_only_the_server_certifies(case: Case) -> None:
    """A colleague's desk signs a certificate for a desk of its own invention, and the server plays along."""
    own = case.teacher.journal.identity
    key = seal.signing_public_key(WRONG_KEY).hex()
    fields: dict[str, Any] = {"subject_kind": "desk", "person_id": "p-deputy", "public_key": key}

    def page_of_accomplices(page: Pull) -> Pull:
        last = page.lines[-1]
        issue = replace(last.change, id="issue", kind="Certificate", record="invented", was={}, set=fields)
        mark = replace(last.change, id="mark", desk="invented", author="p-deputy", n=1)
        first = seal.sign_batch(own.signing_key, own.school, own.desk_id, last.prev, [issue])
        second = seal.sign_batch(WRONG_KEY, own.school, "invented", "", [mark])
        numbers = [line.verdict.number for line in page.lines]
        lines = (
            Pulled(change=issue, prev=last.prev, batch=first.head.root,
                   verdict=replace(last.verdict, id="issue", number=numbers[0], outcome="taken")),
            Pulled(change=mark, prev="", batch=second.head.root,
                   verdict=replace(last.verdict, id="mark", number=numbers[1])),
        )  # fmt: skip
        return Pull(replace(page.head, batches=(first.head, second.head)), lines)

    assert case.lie(pull=page_of_accomplices).code == "EJ-324"


def test_a_forked_log_is_refused(case: Case) -> None:
    """Same size, other root, signed by the server itself: two histories are shown to two desks."""
    case.colleague.meet()
    trouble = case.lie(pull=lambda page: head_with(page, case.signing, root="00" * 32))
    assert trouble.code == "EJ-324"


# --- receipts ------------------------------------------------------------------------------------------------------


def signed_anew(receipt: Receipt, key: bytes, **fields: Any) -> Receipt:
    """Return the receipt altered and signed again."""
    return seal.sign_message(key, replace(receipt, **fields))


RECEIPTS: dict[str, Callable[[Receipt, bytes], Receipt]] = {
    "signed by another key": lambda receipt, _: signed_anew(receipt, WRONG_KEY),
    "altered after signing": lambda receipt, _: replace(receipt, at="2026-01-01T00:00:00.000Z"),
    "with verdicts for other changes": lambda receipt, key: signed_anew(
        receipt, key, verdicts=tuple(replace(verdict, id="another") for verdict in receipt.verdicts)
    ),
    "with a verdict less": lambda receipt, key: signed_anew(receipt, key, verdicts=receipt.verdicts[1:]),
    "of another batch": lambda receipt, key: signed_anew(receipt, key, root="00" * 32),
    "of another desk": lambda receipt, key: signed_anew(receipt, key, desk="another"),
    "of another school": lambda receipt, key: signed_anew(receipt, key, school="another"),
    "that takes without a number": lambda receipt, key: signed_anew(
        receipt, key, verdicts=tuple(replace(verdict, number=0) for verdict in receipt.verdicts)
    ),
}


@pytest.mark.parametrize("lie", RECEIPTS)
def test_a_forged_receipt_leaves_everything_in_the_outbox(case: Case, lie: str) -> None:
    case.colleague.do(put_mark, case.house.school.today_lesson, None, "u-05", str(2 + list(RECEIPTS).index(lie) % 4))
    waiting = len(case.colleague.journal.outbox())
    trouble = case.lie(push=lambda receipt: RECEIPTS[lie](receipt, case.signing))
    assert trouble.code == "EJ-324"
    assert len(case.colleague.journal.outbox()) == waiting > 0


# --- greetings and snapshots -----------------------------------------------------------------------------------------


def hello_head(hello: wire.Hello, key: bytes, **fields: Any) -> wire.Hello:
    """Return the greeting under another tree head."""
    assert hello.head is not None
    return replace(hello, head=seal.sign_message(key, replace(hello.head, **fields)))


HELLOS: dict[str, tuple[str, Callable[[wire.Hello, bytes], wire.Hello]]] = {
    "another school": ("EJ-325", lambda hello, _: replace(hello, school="another")),
    "an unknown protocol": ("EJ-326", lambda hello, _: replace(hello, protocols=(99,))),
    "another key": ("EJ-324", lambda hello, _: replace(hello, server_key="00" * 32)),
    "another key to seal to": ("EJ-324", lambda hello, _: replace(hello, seal_key="00" * 32)),
    "no tree head": ("EJ-324", lambda hello, _: replace(hello, head=None)),
    "a shrunken log": ("EJ-324", lambda hello, key: hello_head(hello, key, size=3)),
}


@pytest.mark.parametrize("lie", HELLOS)
def test_a_wrong_greeting_is_told_nothing(case: Case, lie: str) -> None:
    case.colleague.do(set_topic, case.house.school.today_lesson, f"Своя тема: {lie}")
    told: list[wire.Batch] = []
    code, twist = HELLOS[lie]
    trouble = case.lie(hello=lambda hello: twist(hello, case.signing), push=told.append)
    assert (trouble.code, told) == (code, [])


SNAPSHOTS: dict[str, Callable[[wire.SnapshotHead, bytes], wire.SnapshotHead]] = {
    "at another number than its head": lambda head, _: replace(head, number=head.number - 1),
    "signed by another key": lambda head, _: replace(head, head=seal.sign_message(WRONG_KEY, head.head)),
    "with the frontier of another tree": lambda head, _: replace(head, peaks="00" * 32 + head.peaks[64:]),
    "without a frontier": lambda head, _: replace(head, peaks=""),
    "with a frontier that is none": lambda head, _: replace(head, peaks="не хеш"),
    "older than what the desk holds": lambda head, key: replace(
        head, number=3, head=seal.sign_message(key, replace(head.head, size=3))
    ),
    "with another chunk": lambda head, _: replace(head, chunks=(replace(head.chunks[0], sha256="00" * 32),)),
}


@pytest.mark.parametrize("lie", SNAPSHOTS)
def test_a_forged_snapshot_is_refused_whole(case: Case, lie: str) -> None:
    case.colleague.meet()
    with case.colleague.journal.receiving() as connection:  # as if nothing had been loaded yet
        connection.exec_driver_sql("DELETE FROM held_slice")
    case.colleague.journal.note(scope="")
    started = lie == "with another chunk"  # what is to be loaded is remembered before its first chunk
    trouble = case.lie(
        begin_snapshot=lambda head: SNAPSHOTS[lie](head, case.signing),
        besides=("sync_state", "held_slice") if started else (),
    )
    assert trouble.code == "EJ-324"
    if started:
        loading.abandon(case.colleague.journal)


def test_heads_and_lines_that_nobody_twisted_pass(case: Case) -> None:
    """The stand-in itself is honest: without a twist the same meeting goes well."""
    case.colleague.server = Liar(case.colleague, pull=lambda page: page)
    cursor = case.colleague.journal.cursor
    case.colleague.meet()
    assert case.colleague.journal.cursor > cursor
    assert isinstance(case.colleague.journal.head, TreeHead)
