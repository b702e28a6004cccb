"""The one rule of local state, in whatever order things happen: row = the server's word + own changes, replayed."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from ejournal_core import ids, merge
from ejournal_core.changes import Change, Outcome
from ejournal_core.kinds import Fields, Mark
from ejournal_desktop.models import records
from ejournal_desktop.models.desk import open_journal
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.tables import NEVER_BORN, TABLES, history, shadow
from tests.desktop.models.conftest import COLUMN, LESSON
from tests.desktop.models.pocket_server import ACCEPTED, Address, PocketServer
from tests.helpers.school import NOW, Clock, SmallSchool, desk_of

KEY = bytes(range(32))
PUPILS = ("u-01", "u-02")
WATCHED: tuple[Address, ...] = (("Lesson", LESSON), *(("Mark", ids.mark(COLUMN, pupil)) for pupil in PUPILS))

marks = st.sampled_from([None, "5", "4", "3"])
texts = st.sampled_from(["", "§ 1", "№ 2"])
what = st.one_of(
    st.tuples(st.just("Mark"), st.sampled_from(PUPILS), marks),
    st.tuples(st.just("topic"), st.just(""), texts),
    st.tuples(st.just("homework"), st.just(""), texts),
)
step = st.one_of(
    st.tuples(st.just("mine"), what),
    st.tuples(st.just("theirs"), what, st.booleans()),
    st.tuples(st.just("push"), st.integers(1, 4), st.sampled_from(["judge", "judge", "judge", "refused", "pending"])),
    st.tuples(st.just("lost answer"), st.integers(1, 4)),
    st.tuples(st.just("settle late"), st.just(0)),
    st.tuples(st.just("pull"), st.sampled_from([1, 2, 5, 5_000])),
    st.tuples(st.just("pull without own"), st.sampled_from([1, 2, 5, 5_000])),
    st.tuples(st.just("pull again"), st.just(0)),
)


class Story:
    """One desk, one pocket server, and what is still on its way between them."""

    def __init__(self, journal: Journal, server: PocketServer) -> None:
        self.journal = journal
        self.server = server
        self.late: list[object] = []

    def tell(self, steps: Sequence[tuple[object, ...]]) -> None:
        for name, *details in steps:
            getattr(self, str(name).replace(" ", "_"))(*details)
            self.check()

    def mine(self, wanted: tuple[str, str, str | None]) -> None:
        kind, pupil, value = wanted
        with self.journal.write() as write:
            if kind == "Mark":
                write.edit(Mark, ids.mark(COLUMN, pupil), mark_column_id=COLUMN, pupil_id=pupil, value=value)
            else:
                write.put("Lesson", LESSON, {kind: value})

    def theirs(self, wanted: tuple[str, str, str | None], blind: bool) -> None:
        kind, pupil, value = wanted
        was: Fields | None = {"value" if kind == "Mark" else kind: "?"} if blind else None
        if kind == "Mark":
            record = ids.mark(COLUMN, pupil)
            born = ("Mark", record) in self.server.records
            identity: dict[str, Any] = {} if born else {"mark_column_id": COLUMN, "pupil_id": pupil}
            self.server.other("Mark", record, was=was if born else {}, **identity, value=value)
        else:
            self.server.other("Lesson", LESSON, was=was, **dict[str, Any]({kind: value}))

    def push(self, count: int, outcome: str) -> None:
        refusal: Outcome | None = None if outcome == "judge" else outcome  # type: ignore[assignment]
        self.journal.settle(self.server.push(self.journal.outbox(count), lambda _: refusal))

    def lost_answer(self, count: int) -> None:
        self.late += self.server.push(self.journal.outbox(count))

    def settle_late(self, _: int) -> None:
        self.journal.settle(self.late)  # type: ignore[arg-type]

    def pull(self, limit: int) -> None:
        entries, upto = self.server.pull(self.journal.cursor, limit)
        self.journal.apply(entries, upto)

    def pull_without_own(self, limit: int) -> None:
        """Receive a page as the server sends it: own changes whose receipts the desk has are left out."""
        entries, upto = self.server.pull(self.journal.cursor, limit)
        with self.journal.reading() as connection:
            settled = {row.change_id for row in connection.execute(history.select()) if row.outcome is not None}
        self.journal.apply([e for e in entries if e.change.desk == "other" or e.change.id not in settled], upto)

    def pull_again(self, _: int) -> None:
        cursor = self.journal.cursor
        entries, _upto = self.server.pull(1)
        self.journal.apply([e for e in entries if e.verdict.number <= cursor], cursor)

    def finish(self) -> None:
        while self.journal.outbox(1):
            self.push(500, "judge")
        self.pull(5_000)

    def check(self) -> None:
        """Compare each row with the rule, worked out from the server's log and the desk's own changes alone."""
        said = self.server.as_of(self.journal.cursor)
        for address in WATCHED:
            assert self.row(address) == expected(said.get(address), self.own(address)), address

    def own(self, address: Address) -> list[Change]:
        """Return the desk's changes that the log up to the cursor does not hold: unsent, or accepted further on."""
        waiting = {each.change.id: each.change for each in self.journal.outbox(10_000)}
        further = {e.change.id: e.change for e in self.server.log if e.change.desk != "other"
                   and e.verdict.outcome in ACCEPTED and e.verdict.number > self.journal.cursor}  # fmt: skip
        found = {**further, **waiting}.values()
        return sorted((c for c in found if (c.kind, c.record) == address), key=lambda change: change.n)

    def row(self, address: Address) -> Fields | None:
        with self.journal.reading() as connection:
            return records.read(connection, *address).fields


def expected(said: Fields | None, own: list[Change]) -> Fields | None:
    if not own:
        return said
    fields = dict(said) if said is not None else dict(merge.defaults(own[0].kind))
    for change in own:
        fields.update(change.set)
    if said is None:  # the birth may have been refused: later edits show the value, the identity stays
        fields |= {"mark_column_id": COLUMN, "pupil_id": own[0].record.rsplit(".", 1)[1]}
    return fields


@pytest.fixture(scope="module")
def template(school: SmallSchool, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    desk_of(school, school.teacher, folder, key=KEY).close()
    return folder / "desk-of-p-teacher.journal"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(step, min_size=3, max_size=25))
def test_rows_follow_the_rule_through_any_story_and_end_equal_to_the_server(
    template: Path, school: SmallSchool, tmp_path: Path, steps: list[tuple[object, ...]]
) -> None:
    path = tmp_path / "j.db"
    shutil.copy(template, path)
    journal = open_journal(path, KEY, clock=Clock(NOW))
    try:
        story = Story(journal, PocketServer(school))
        story.tell(steps)
        story.finish()
        story.check()
        event(f"{len(story.server.log)} entries")
        with journal.reading() as connection:
            assert connection.execute(shadow.select()).all() == []
            for kind, record in WATCHED:
                row = connection.execute(TABLES[kind].select().where(TABLES[kind].c.id == record)).mappings().first()
                born = (kind, record) in story.server.records
                assert (row is not None and row["log_number"] != NEVER_BORN) == born
    finally:
        journal.close()
        for leftover in tmp_path.glob("j.db*"):
            leftover.unlink()
