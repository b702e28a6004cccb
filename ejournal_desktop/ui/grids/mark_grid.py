"""The page of the journal between the painted view and the file: what each cell holds, and entering into it.

Every entry is one command, done when the method returns. A refusal keeps the old value and is told at the cell; trouble
of the surroundings is told to the screen.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from ejournal_core import ids
from ejournal_core.errors import Refusal, Trouble
from ejournal_core.kinds import Mark, PeriodMark, Presence
from ejournal_desktop.models import queries
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.commands import asking, attendance, lessons, marks
from ejournal_desktop.models.commands.asking import Wanted
from ejournal_desktop.models.commands.pasting import CellEntry, enter_cells
from ejournal_desktop.models.commands.steps_back import take_back_step
from ejournal_desktop.models.journal import Journal, uncounted
from ejournal_desktop.models.pages import GridCell, GridColumn, JournalSpread, LessonRow, Proposal, PupilRow
from ejournal_desktop.models.queries import lesson_plans
from ejournal_desktop.models.queries.lesson_plans import LessonOffers
from ejournal_desktop.models.queries.pasting import Planned, Wish, plan_cells
from ejournal_desktop.models.queries.terms import ANYTHING, Terms, cell_terms
from ejournal_desktop.ui.clauses import with_clause
from ejournal_desktop.ui.grids.block_write import ENTERING, MANY, STEPPING, BlockWrite
from ejournal_desktop.ui.grids.long_write import Counted
from ejournal_desktop.ui.words import tr

Key = tuple[str, str]  # (column key, pupil id), as in `JournalSpread.cells`
Place = tuple[int, int]  # (column, row), as painted

REFRESH_AFTER_MS = 60
#: Kinds whose records carry the page's id in front of their own; anything else may concern every page.
_OF_ONE_PAGE = frozenset(
    {"Lesson", "MarkColumn", "Mark", "Attendance", "PeriodMark", "PageCompletion", "PupilRemark", "SpecialGroup"}
)
_LETTERS: dict[Presence, str] = {"present": "", "absent": "н", "late": "оп"}
NOTHING = GridCell()


class MarkGrid(QObject):
    """One journal page, kept up to date with the file whoever writes to it.

    `spread` is the page when it has been read already.

    Signals:
        replaced: the spread is new; rows and columns may differ.
        cells_changed: list of places that look different now.
        changed_elsewhere: dict of place → author, for cells that somebody else or sync has changed.
        refused: column key, pupil id, sentence. Also for lessons: lesson id, field name, sentence.
        troubled: the `Trouble`.
        edited: something of this page was written by this person here.
        stepped: column, row of a cell that undo or redo has changed.
        told: how far a block of very many cells is, and what became of it.
    """

    replaced = Signal()
    cells_changed = Signal(list)
    changed_elsewhere = Signal(object)  # PySide copies no dict with tuples for keys
    refused = Signal(str, str, str)
    troubled = Signal(object)
    edited = Signal()
    stepped = Signal(int, int)
    told = Signal(str)
    _arrived = Signal(object)

    def __init__(
        self, journal: Journal, page_id: str, parent: QObject | None = None, *, spread: JournalSpread | None = None
    ) -> None:
        super().__init__(parent)
        self._journal = journal
        self.page_id = page_id
        self._undo: list[ChangeSet] = []
        self._redo: list[ChangeSet] = []
        self._given_up: set[str] = set()  # ids of changes that could not be taken back
        self.writing = BlockWrite(self)
        self._fresh: tuple[int, JournalSpread] | None = None  # the page after a block, read where that was written
        self._heard = 0  # writes of which the journal has told, whoever's; counted at once, on the thread that wrote
        self._mine: set[Key] = set()  # (lesson id or period column, pupil id): a first mark changes its column's key
        self.notes: dict[Key, str] = {}  # refusals of the last key, by cell
        self.wanted: dict[Key, Wanted] = {}  # of them what another person may still allow
        self._only: frozenset[str] | None = None
        self._take(spread or queries.journal_spread(journal, page_id))
        self._is_behind = self._missed = False
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(REFRESH_AFTER_MS)
        self._later.timeout.connect(self._refresh_seen)
        self._arrived.connect(self._on_changes)
        self.writing.told.connect(self.told)
        self._stop_listening: Callable[[], None] | None = journal.listen(self._hear)

    def close(self) -> None:
        """Stop listening to the journal; a block that is being entered is entered to its end."""
        self.writing.finish()
        if self._stop_listening is not None:
            self._stop_listening()
            self._stop_listening = None
        self._later.stop()

    def go_behind(self) -> None:
        """Read nothing again while another screen is in front: whoever types there would wait for it."""
        self._is_behind = True

    def come_forward(self) -> None:
        """Show at once what came meanwhile."""
        self._is_behind = False
        if self._missed:
            self.refresh(glow=False)

    def _refresh_seen(self) -> None:
        if self.writing.is_on:
            self._later.start()
        elif self._is_behind or self._journal.is_closed:
            self._missed = True
        else:
            self.refresh()

    # --- reading -------------------------------------------------------------------------------------------------

    @property
    def columns(self) -> tuple[GridColumn, ...]:
        """Return the columns as painted."""
        return self.spread.columns

    @property
    def pupils(self) -> tuple[PupilRow, ...]:
        """Return the rows as painted."""
        return self.spread.pupils

    def key(self, column: int, row: int) -> Key:
        """Return the key of a cell in the spread's mappings."""
        return self.spread.columns[column].key, self.spread.pupils[row].pupil_id

    def place(self, key: Key) -> Place | None:
        """Return where a key is painted, None when it is not on this page."""
        column, row = self._column_index.get(key[0]), self._row_index.get(key[1])
        return None if column is None or row is None else (column, row)

    def cell(self, column: int, row: int) -> GridCell | None:
        """Return what a cell holds, None when nothing."""
        return self.cells.get(self.key(column, row))

    def proposal(self, column: int, row: int) -> Proposal | None:
        """Return the proposed period mark of a cell."""
        return self.spread.proposals.get(self.key(column, row))

    def is_away(self, column: int, row: int) -> bool:
        """Say whether the pupil was not on the list on the day of the column."""
        day = self.spread.columns[column].held_on
        return day is not None and not self.spread.pupils[row].present_in_class(day)

    def lesson(self, lesson_id: str) -> LessonRow | None:
        """Return a lesson of the right page."""
        number = self._lesson_index.get(lesson_id)
        return None if number is None else self.spread.lessons[number]

    def offers(self, lesson_id: str) -> LessonOffers:
        """Return what the lesson plan offers to the empty fields of a lesson."""
        try:
            return lesson_plans.offers(self._journal, lesson_id)
        except Trouble as trouble:
            self.troubled.emit(trouble)
            return LessonOffers()

    @property
    def whole(self) -> JournalSpread:
        """Return the page with the pupils whom a filter hides."""
        return self._whole

    def show_only(self, pupil_ids: frozenset[str] | None) -> None:
        """Hide all other pupils, whatever is entered meanwhile; None shows all. Numbers in the list stay."""
        if pupil_ids != self._only:
            self._only = pupil_ids
            self._take(self._whole)
            self.replaced.emit()

    def can_undo(self) -> bool:
        """Say whether an entry made here can be taken back."""
        return bool(self._undo)

    # --- entering ------------------------------------------------------------------------------------------------

    def put(self, column: int, row: int, value: str | None, comment: str | None = None) -> bool:
        """Enter a mark (None takes it away); says whether it was accepted.

        To a period mark the comment is its reason; the same mark once more keeps the one it has.
        """
        at, pupil_id = self.spread.columns[column], self.spread.pupils[row].pupil_id
        wanted = self._wanted_mark(at, pupil_id, value) if comment is None else None
        if at.kind == "period" and comment is None:
            stands = self.cell(column, row) or NOTHING
            comment = stands.comment if value == stands.value else ""

        def write() -> ChangeSet:
            if at.kind == "period":
                assert at.period_kind is not None
                return marks.put_period_mark(
                    self._journal, self.page_id, pupil_id, at.period_kind, at.period_number, value, comment or ""
                )
            return marks.put_mark(self._journal, at.lesson_id, at.mark_column_id, pupil_id, value, comment, holds=True)

        shown = {"value": value or ""} if comment is None else {"value": value or "", "comment": comment}
        shown |= {} if value else {"document": ""}
        if not self._enter(column, row, write, shown, wanted):
            return False
        if at.kind == "lesson" and at.mark_column_id is None:
            self.refresh()  # the first mark made a column
        return True

    def name_document(self, column: int, row: int, document: str) -> bool:
        """Enter the paper that the mark was brought with; says whether it was accepted."""
        at, pupil_id = self.spread.columns[column], self.spread.pupils[row].pupil_id
        kind: type[Mark | PeriodMark] = PeriodMark if at.period_kind is not None else Mark
        record_id = ids.mark(at.mark_column_id or "", pupil_id)
        if at.period_kind is not None:
            record_id = ids.period_mark(self.page_id, pupil_id, at.period_kind, at.period_number)
        return self._enter(
            column, row, lambda: marks.name_document(self._journal, kind, record_id, document), {"document": document}
        )

    def set_presence(self, column: int, row: int, presence: Presence, reason: str = "") -> bool:
        """Enter where the pupil was, with a reason if one is claimed ("Б"); shown in the lesson's first column.

        Says whether the presence was accepted. A reason may still be refused: it is the class teacher's to give.
        """
        at, pupil_id = self.spread.columns[column], self.spread.pupils[row].pupil_id
        first = self.first_column(at.lesson_id)

        def write() -> ChangeSet:
            return attendance.set_presence(self._journal, at.lesson_id, pupil_id, presence, holds=True)

        def explain() -> ChangeSet:
            return attendance.set_reason(self._journal, at.lesson_id, pupil_id, reason)

        steps = len(self._undo)
        wanted = asking.wanted_presence(at.lesson_id, pupil_id, presence) if at.lesson_id else None
        done = self._enter(first, row, write, {"absence": _LETTERS[presence], "missed": presence == "absent"}, wanted)
        if done and reason:
            code = self._journal.policy().absence_code(reason)
            missed = code is None or code.counts_as_missed
            self._enter(first, row, explain, {"absence": reason.lower(), "missed": missed})
            self._join_steps(steps)
        return done

    def set_topic(self, lesson_id: str, text: str) -> bool:
        """Enter the topic of a lesson; says whether it was accepted."""
        wanted = asking.wanted_lesson(lesson_id, topic=text)
        return self._enter_lesson(lesson_id, "topic", lambda: lessons.set_topic(self._journal, lesson_id, text), wanted)

    def set_homework(self, lesson_id: str, text: str) -> bool:
        """Enter the homework of a lesson; says whether it was accepted."""
        wanted = asking.wanted_lesson(lesson_id, homework=text)
        return self._enter_lesson(
            lesson_id, "homework", lambda: lessons.set_homework(self._journal, lesson_id, text), wanted
        )

    def hold_lesson(self, lesson_id: str, held: bool) -> bool:
        """Enter that the lesson took place, or take it back; says whether it was accepted."""
        wanted = asking.wanted_lesson(lesson_id, held=held)
        return self._enter_lesson(
            lesson_id, "held", lambda: lessons.hold_lesson(self._journal, lesson_id, held), wanted
        )

    def terms(self, column: int, row: int) -> Terms:
        """Return what the rules allow in a cell now; nothing is said of a page that may only be read."""
        at, pupil_id = self.spread.columns[column], self.spread.pupils[row].pupil_id
        if self.spread.only_look(at.lesson_id):
            return ANYTHING
        return cell_terms(self._journal, self.page_id, at, pupil_id, self.cell(column, row) or NOTHING)

    def plan(self, wishes: Sequence[Wish], count: Counted = uncounted) -> tuple[Planned, ...]:
        """Return what each wish would do to its cell; nothing is entered. May run on another thread."""
        return plan_cells(self._journal, self.spread, wishes, count)

    def enter_block(self, entries: Sequence[CellEntry]) -> bool:
        """Enter many cells, all or none, as one step that undo takes back; says whether they were accepted."""
        return self._is_free() and self._attempt_block(lambda: enter_cells(self._journal, self.page_id, entries))

    def enter_large_block(self, entries: Sequence[CellEntry], ended: Callable[[bool], None]) -> None:
        """Do the same with very many cells while the window goes on; `ended` hears whether they were accepted."""
        if not self._is_free():
            return

        def finished(deed: Callable[[], ChangeSet]) -> None:
            ended(self._attempt_block(deed))

        write = partial(enter_cells, self._journal, self.page_id, entries)
        self.writing.start(self._then_read(write), len(entries), ENTERING, finished)

    def _then_read(self, write: Callable[[Counted], ChangeSet]) -> Callable[[Counted], ChangeSet]:
        """Return a write that reads the page again on its own thread."""

        def work(count: Counted) -> ChangeSet:
            changes = write(count)
            heard = self._heard
            with contextlib.suppress(Trouble):  # the block is there: whoever shows it will meet the same trouble
                self._fresh = heard, queries.journal_spread(self._journal, self.page_id)
            return changes

        return work

    def _attempt_block(self, deed: Callable[[], ChangeSet]) -> bool:
        try:
            changes = deed()
        except Refusal:
            return False  # what the rules said a moment ago they say no more: whoever asks looks again
        except Trouble as trouble:
            self.troubled.emit(trouble)
            return False
        if changes.changes:
            self._undo.append(changes)
            self._redo.clear()
        self.notes.clear()
        self.wanted.clear()
        self.refresh(glow=False)
        self.edited.emit()
        return True

    def _is_free(self) -> bool:
        """Say whether nothing is being entered that is not all there yet; tell that it is."""
        if self.writing.is_on:
            self.told.emit(tr("Ещё записываю предыдущее: подождите немного."))
        return not self.writing.is_on

    def do(self, write: Callable[[], ChangeSet], key: Key, wanted: Wanted | None = None) -> bool:
        """Enter something of the page that is no single cell (a column, a remark); says whether it was accepted.

        Args:
            key: what a refusal is remembered by.
            wanted: what may be asked for should a rule refuse it.
        """
        self.forget_refusal(key)
        done = self._run(write, key, wanted)
        if done:
            self.refresh(glow=False)
        return done

    def asked(self, key: Key) -> None:
        """Show what became of a refused entry that was asked for: it waits for another person now."""
        self.wanted.pop(key, None)
        self.notes.pop(key, None)
        self._mine.add(self._fact(key))
        self.refresh(glow=False)
        place = self.place(key)
        self.cells_changed.emit([place] if place else [])

    def forget_refusal(self, key: Key) -> None:
        """Take a refused entry away: the value that stands is what was meant."""
        self.notes.pop(key, None)
        self.wanted.pop(key, None)

    def undo(self) -> bool:
        """Take back the last entry made here; when all of this session is, what was made before it (P61)."""
        if not self._is_free():
            return False
        if not self._undo:
            self._undo = queries.own_steps(self._journal, self.page_id, self._given_up)
        return self._step(self._undo, self._redo)

    def redo(self) -> bool:
        """Enter again what was taken back."""
        return self._is_free() and self._step(self._redo, self._undo)

    def first_column(self, lesson_id: str) -> int:
        """Return the first column of a lesson, where absences stand."""
        return self._first_column[lesson_id]

    # --- inside --------------------------------------------------------------------------------------------------

    def _wanted_mark(self, at: GridColumn, pupil_id: str, value: str | None) -> Wanted:
        if at.kind == "period":
            assert at.period_kind is not None
            return asking.wanted_period_mark(self.page_id, pupil_id, at.period_kind, at.period_number, value)
        return asking.wanted_mark(self._journal, at.lesson_id, at.mark_column_id, pupil_id, value)

    def _enter(
        self, column: int, row: int, write: Callable[[], ChangeSet], shown: Mapping[str, object],
        wanted: Wanted | None = None,
    ) -> bool:  # fmt: skip
        key = self.key(column, row)
        self.forget_refusal(key)
        steps = len(self._undo)
        if not self._run(write, key, wanted):
            self.cells_changed.emit([(column, row)])
            return False
        if len(self._undo) > steps:  # the same value once more is no entry: nothing waits for the server
            cell = self.cells.get(key, NOTHING)
            stands = "waiting" if self._journal.first_unsaved() is None else "entered"
            self.cells[key] = msgspec.structs.replace(cell, **shown, delivery=stands, reason="", other_value="")
            self._mine.add(self._fact(key))
        self.cells_changed.emit([(column, row)])
        return True

    def _enter_lesson(self, lesson_id: str, field: str, write: Callable[[], ChangeSet], wanted: Wanted) -> bool:
        self.forget_refusal((lesson_id, field))
        done = self._run(write, (lesson_id, field), wanted)
        if done:
            self.refresh()
        return done

    def _run(self, write: Callable[[], ChangeSet], key: Key, wanted: Wanted | None = None) -> bool:
        if not self._is_free():
            return False
        try:
            changes = write()
        except Refusal as refusal:
            askable = wanted is not None and refusal.code in asking.ASKABLE
            sentence = self._sentence(refusal)
            self.notes[key] = invitation(sentence) if askable else sentence
            if wanted is not None and askable:
                self.wanted[key] = wanted
            self.refused.emit(key[0], key[1], self.notes[key])
            return False
        except Trouble as trouble:
            self.troubled.emit(trouble)
            return False
        if changes.changes:
            self._undo.append(changes)
            self._redo.clear()
        self.edited.emit()
        return True

    def _sentence(self, refusal: Refusal) -> str:
        return with_clause(refusal, self._journal.policy())

    def _join_steps(self, since: int) -> None:
        """Make one step back of what one key has written."""
        written = self._undo[since:]
        if len(written) > 1:
            changes = tuple(change for step in written for change in step.changes)
            touched = frozenset[tuple[str, str]]().union(*(step.touched for step in written))
            self._undo[since:] = [ChangeSet(changes, touched)]

    def _step(self, taken: list[ChangeSet], given: list[ChangeSet]) -> bool:
        if not taken:
            return False
        step = taken[-1]
        if len(step.changes) <= MANY:
            return self._walk(lambda: take_back_step(self._journal, step), taken, given)
        write = partial(take_back_step, self._journal, step)
        self.writing.start(
            self._then_read(write), len(step.changes), STEPPING, lambda deed: self._walk_far(deed, taken, given)
        )
        return True

    def _walk_far(self, deed: Callable[[], ChangeSet], taken: list[ChangeSet], given: list[ChangeSet]) -> None:
        if self._walk(deed, taken, given):
            back = taken is self._undo
            self.told.emit(tr("Отменено. Ctrl+Y — вернуть.") if back else tr("Возвращено. Ctrl+Z — отменить."))

    def _walk(self, deed: Callable[[], ChangeSet], taken: list[ChangeSet], given: list[ChangeSet]) -> bool:
        try:
            inverse = deed()
        except Refusal as refusal:
            self._given_up.update(change.id for change in taken.pop().changes)  # the next one goes on before it
            self.refused.emit("", "", self._sentence(refusal))
            return False
        except Trouble as trouble:
            self.troubled.emit(trouble)
            return False
        taken.pop()
        given.append(inverse)
        self.notes.clear()
        self.wanted.clear()
        places = sorted(self.refresh(glow=False))
        self.edited.emit()
        if places:
            self.stepped.emit(*places[0])
        return True

    def _hear(self, changes: ChangeSet) -> None:
        self._heard += 1
        self._arrived.emit(changes)

    def _on_changes(self, changes: ChangeSet) -> None:
        if changes.everything or any(self._concerns(kind, record) for kind, record in changes.touched):
            self._later.start()

    def _concerns(self, kind: str, record_id: str) -> bool:
        return kind not in _OF_ONE_PAGE or record_id.startswith(self.page_id + ".")

    def refresh(self, *, glow: bool = True) -> list[Place]:
        """Read the page again and say what looks different, and what of it somebody else has done unless not `glow`.

        Returns the places that look different.
        """
        self._later.stop()
        self._missed = False
        old, old_cells = self.spread, self.cells
        self._take(self._read_with_the_block() or queries.journal_spread(self._journal, self.page_id))
        mine, self._mine = self._mine, set()
        if (old.columns, old.pupils, old.lessons, old.read_only) != (
            self.spread.columns, self.spread.pupils, self.spread.lessons, self.spread.read_only
        ):  # fmt: skip
            self.replaced.emit()
        different = [key for key in old_cells.keys() | self.cells.keys() if old_cells.get(key) != self.cells.get(key)]
        places = [place for key in different if (place := self.place(key))]
        if places:
            self.cells_changed.emit(places)
        if glow:
            self._tell_elsewhere(different, mine, old_cells)
        return places

    def _read_with_the_block(self) -> JournalSpread | None:
        """Return the page as it was read after a block, None for none or where others have written meanwhile."""
        (heard, fresh), self._fresh = self._fresh or (self._heard, None), None
        return fresh if heard == self._heard else None

    def _fact(self, key: Key) -> Key:
        column = self._column_index.get(key[0])
        lesson_id = "" if column is None else self.spread.columns[column].lesson_id
        return lesson_id or key[0], key[1]

    def _tell_elsewhere(self, different: list[Key], mine: set[Key], old_cells: dict[Key, GridCell]) -> None:
        elsewhere = {
            place: self.cells.get(key, NOTHING).author
            for key in different
            if self._fact(key) not in mine
            and (place := self.place(key))
            and _shows_another_fact(key, old_cells, self.cells)
        }
        if elsewhere:
            self.changed_elsewhere.emit(elsewhere)

    def _take(self, spread: JournalSpread) -> None:
        self._whole = spread
        if self._only is not None:
            left = tuple(pupil for pupil in spread.pupils if pupil.pupil_id in self._only)
            spread = msgspec.structs.replace(spread, pupils=left)
        self.spread = spread
        self.cells = dict(spread.cells)
        self._column_index = {column.key: number for number, column in enumerate(spread.columns)}
        self._row_index = {pupil.pupil_id: number for number, pupil in enumerate(spread.pupils)}
        self._lesson_index = {lesson.lesson_id: number for number, lesson in enumerate(spread.lessons)}
        self._first_column: dict[str, int] = {}
        for number, column in enumerate(spread.columns):
            if column.kind == "lesson":
                self._first_column.setdefault(column.lesson_id, number)


def _shows_another_fact(key: Key, old: dict[Key, GridCell], new: dict[Key, GridCell]) -> bool:
    before, after = old.get(key, NOTHING), new.get(key, NOTHING)
    return (before.value, before.absence, before.other_value) != (after.value, after.absence, after.other_value)


def invitation(sentence: str) -> str:
    """Return the sentence of a refusal with the way out of it."""
    return f"{sentence} {tr('Ctrl+E — попросить исправить.')}"
