"""How everybody signs in, as Люди keeps it: asked of the server, codes given and handed over, doors closed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ejournal_core.handouts import CodesHandout
from ejournal_core.wire import AccountLine, CodesRequest
from ejournal_desktop.models.commands.staff import hand_over
from ejournal_desktop.models.queries.staff import StaffRow
from ejournal_desktop.ui import errors
from ejournal_desktop.ui.speaking import Speak, ask_server
from ejournal_desktop.ui.widgets.codes_sheet import CODE
from ejournal_desktop.ui.words import count, tr

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Clock, Journal
    from ejournal_desktop.ui.deeds import Deeds
    from ejournal_desktop.ui.jobs import Jobs
    from ejournal_desktop.ui.widgets.say import Line

AWAY = (
    "Сервер не отвечает: кому закрыт вход, здесь не видно. Имена и роли вносите, они уйдут сами; коды — когда сервер "
    "ответит."
)
UNKNOWN = "EJ-376"  # the server's answer about somebody of whom it has not heard yet
ON_THE_WAY = (
    "Этот сотрудник ещё не дошёл до сервера. Ничего не пропало; когда справа вверху будет «Всё доставлено», повторите."
)
CONFIRMS = frozenset({"deputy_director", "director"})  # whose password lets somebody with a way in have a new code


class WaysIn(QObject):
    """Works on the person that the cursor is at.

    Args:
        deeds, message: those of the part, for what is written here and for what is said below its list.
        people: returns everybody whom the part knows, `current` the one that the cursor is at.

    Signals:
        known: `accounts` are told anew.
        second_wanted: somebody's new code is to be confirmed, and by whom it may be.
        codes_made: how many codes, and their paper.
        said: a sentence about what was asked for, and its kind as `Line` knows it.

    Attributes:
        accounts: as the server last told of them, None before it has.
    """

    known = Signal()
    second_wanted = Signal(object, object)
    codes_made = Signal(object)
    said = Signal(str, str)
    troubled = Signal(object)

    def __init__(
        self,
        journal: Journal,
        jobs: Jobs,
        speak: Speak,
        clock: Clock,
        parent: QObject,
        *,
        deeds: Deeds,
        message: Line,
        people: Callable[[], Sequence[StaffRow]],
        current: Callable[[], StaffRow | None],
    ) -> None:
        super().__init__(parent)
        self._journal, self._jobs, self._speak, self._clock = journal, jobs, speak, clock
        self._deeds, self._message = deeds, message
        self._people, self._current = people, current
        self._asking = False
        self.accounts: list[AccountLine] | None = None

    # --- how they stand ----------------------------------------------------------------------------------------------

    def ask(self) -> None:
        """Ask the server how the ways in stand; one question at a time."""
        if self._asking:
            return
        self._asking = True
        ask_server(self._jobs, self._speak, lambda server: server.ways_in(), done=self._came, failed=self._missed)

    def _came(self, lines: Sequence[AccountLine]) -> None:
        self._asking = False
        if self._message.text == tr(AWAY):
            self._message.say("")
        self.show_accounts(lines)

    def show_accounts(self, lines: Iterable[AccountLine]) -> None:
        """Show the ways in as the server told of them."""
        self.accounts = list(lines)
        self.known.emit()

    def _missed(self, _error: BaseException) -> None:
        self._asking = False
        if not self._message.text:  # what was just said of a deed stays
            self._message.say(tr(AWAY))

    # --- codes -------------------------------------------------------------------------------------------------------

    def give_code(self) -> None:
        """Give the current person a code: at once where there is no password yet, else with a second person."""
        row = self._current()
        if row is None:
            return
        if row.has_password:
            self.second_wanted.emit(row, self._seconds(row))
        else:
            self._ask_codes(CodesRequest(people=(row.id,)))

    def _seconds(self, row: StaffRow) -> list[StaffRow]:
        """Return who may confirm: deputies and directors with a way in, neither the asker nor who gets the code."""
        return [each for each in self._people() if each.id != row.id and not each.own and each.way == "open"
                and any(role.grant.role in CONFIRMS for role in each.held)]  # fmt: skip

    def confirm(self, second: str, password: str) -> None:
        """Give the current person a new code, confirmed by another one with their password."""
        row = self._current()
        if row is not None:
            self._ask_codes(CodesRequest(people=(row.id,), second=second, second_password=password))

    def give_codes(self) -> None:
        """Give codes to everybody who works here and has no way in."""
        without = tuple(
            row.id for row in self._people() if row.way in ("none", "expired") and row.held and not row.has_password
        )
        if without:
            self._ask_codes(CodesRequest(people=without))
        else:
            self._message.say(tr("У всех, кто работает, вход есть или код уже сделан."))

    def _ask_codes(self, wanted: CodesRequest) -> None:
        """Ask for codes and draw their paper, both on a worker thread: no disk sees a code."""
        self.said.emit(tr("Сервер делает коды: {n}…").format(n=count(len(wanted.people), CODE)), "")
        self._jobs.run(
            lambda _: codes_paper(self._speak(lambda server: server.give_codes(wanted))), title=tr("Коды для входа"),
            lane="network", done=self.codes_made.emit, failed=self._not_done,
        )  # fmt: skip

    def _not_done(self, error: BaseException) -> None:
        if getattr(error, "answer", "") == UNKNOWN and self._journal.is_anything_unsent():
            self.said.emit(tr(ON_THE_WAY), "danger")
            return
        wait = int(getattr(error, "retry_after", 0) or 0)
        more = tr(" Следующая попытка через {n} с.").format(n=wait) if wait else ""
        errors.tell(error, lambda text, kind: self.said.emit(text + more, kind), self.troubled.emit)
        self.ask()

    def hand_over(self) -> None:
        """Note that the code was handed over against signature today, or that it was not."""
        row = self._current()
        if row is None or not row.issue_id:
            self._message.say(tr("Кода, который ждёт выдачи, здесь нет."))
            return
        day = self._clock().date() if row.handed_on is None else None
        given = tr("Отмечено: код выдан под подпись сегодня. Ctrl+Z — отменить.")
        told = given if day is not None else tr("Отметка снята. Ctrl+Z — вернуть.")
        self._deeds.do(lambda: hand_over(self._journal, row.issue_id, day), told)

    # --- the door closed ---------------------------------------------------------------------------------------------

    def close_door(self) -> None:
        """Close the way in of the current person; it is opened again by a code that two people give."""
        row = self._current()
        if row is None:
            return
        if row.own:
            self._message.say(tr("Собственный вход не закрывают: это сделает другой администратор."), "danger")
            return
        ask_server(self._jobs, self._speak, lambda server: server.close_entry(row.id), done=self._closed,
                   failed=self._not_done)  # fmt: skip

    def _closed(self, _nothing: None) -> None:
        self._message.say(tr("Вход закрыт. Открыть снова — новый код, Ctrl+K, вместе с завучем."), "done")
        self.ask()


def codes_paper(handout: CodesHandout) -> tuple[int, bytes]:
    """Return how many codes there are, and their slips and ledger."""
    from ejournal_desktop.documents.codes_paper import build_codes_paper  # the libraries of paper load with the first

    return len(handout.slips), build_codes_paper(handout)
