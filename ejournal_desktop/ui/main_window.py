"""The frame around everything: sign-in, the session with its screens, the lock.

What the composition root calls and hears:

- `show_sign_in(desks)` shows Вход; everything Вход wants is said by signals of `window.sign_in`
  (`sign_in_wanted(desk_id, password)`, `first_sign_in_wanted(FirstSignIn)`, `pairing_wanted(address)`,
  `deliver_wanted()`) and answered by its methods (`refuse`, `set_server`, `show_pairing_code`, …).
- `open_session(person, places, …)` shows the screens; `close_session()` takes them away again and goes to Вход.
- `locked` asks to take the key out of memory (`vault.lock`); `unlock_wanted(password)` asks to bring it back, answered
  by `unlocked()` or `unlock_refused(sentence)`. `leave_wanted` asks to close the session for somebody else.
- `set_sync_state(state)` moves the pill; `show_trouble(error, action)` puts any exception where it belongs.
- `jobs` runs long work; unanswered failures come to `show_trouble` by themselves.
- `geometry_text()` and the argument `geometry` carry size and place from one start to the next.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QContextMenuEvent, QIcon, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from ejournal_desktop import paths
from ejournal_desktop.models.pages import PersonRow, SyncState
from ejournal_desktop.ui import errors
from ejournal_desktop.ui.actions import Action, context_menu, install, offered, qt_action, told_only
from ejournal_desktop.ui.jobs import Jobs
from ejournal_desktop.ui.screens.screen import Place
from ejournal_desktop.ui.screens.sign_in import DeskChoice, SignInScreen
from ejournal_desktop.ui.this_system import system_watch
from ejournal_desktop.ui.widgets.banner import Banner
from ejournal_desktop.ui.widgets.header import Header
from ejournal_desktop.ui.widgets.hint_line import HintLine
from ejournal_desktop.ui.widgets.job_panel import JobPanel
from ejournal_desktop.ui.widgets.key_page import KeyPage
from ejournal_desktop.ui.widgets.loading_bar import LoadingBar
from ejournal_desktop.ui.widgets.lock import LockScreen
from ejournal_desktop.ui.widgets.navigation import Navigation
from ejournal_desktop.ui.widgets.watch import IdleWatch

SIZE = QSize(1366, 768)
MINIMUM = QSize(900, 500)
STATE = "state"
DIGITS = "123456789-="  # Ctrl and one of these: the places in their order; Ctrl+0 is Состояние


class MainWindow(QWidget):
    """One window for the whole program. See the module's docstring for how it is used."""

    locked = Signal()
    unlock_wanted = Signal(str)
    leave_wanted = Signal()
    sync_wanted = Signal()
    closing = Signal()

    def __init__(self, geometry: str = "", jobs: Jobs | None = None) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("Школьный журнал"))
        self.setWindowIcon(QIcon(str(paths.resources_folder() / "icons" / "ejournal.svg")))
        self.jobs = jobs if jobs is not None else Jobs(self)
        self._places: list[Place] = []
        self._current = ""
        self._before = ""
        self._hidden: list[QWidget] = []
        self._was_left = False  # by the person whose journal is still being opened
        self._person: PersonRow | None = None
        self.may_close: Callable[[], bool] = lambda: True  # asked whenever somebody wants to close
        self.safe_as_of: datetime | None = None  # the last commit; told on the window of an unexpected error
        self._build()
        self._wire()
        self._restore(geometry)

    # --- building ----------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.sign_in = SignInScreen(self)
        self.lock_screen = LockScreen(self)
        self.header = Header(self)
        self.navigation = Navigation(self)
        self.banner = Banner(self)
        self.loading_bar = LoadingBar(self)
        self.screens = QStackedWidget(self)
        self.job_panel = JobPanel(self)
        self.hint_line = HintLine(self)
        self._session = QWidget(self)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.navigation)
        middle.addWidget(self.screens, 1)
        column = _column(self._session)
        column.addWidget(self.header)
        column.addWidget(self.banner)
        column.addWidget(self.loading_bar)
        column.addLayout(middle, 1)
        column.addWidget(self.job_panel)
        column.addWidget(self.hint_line)
        self._stack = QStackedWidget(self)
        for page in (self.sign_in, self._session, self.lock_screen):
            self._stack.addWidget(page)
        _column(self).addWidget(self._stack)
        self.key_page = KeyPage(self._session)

    def _wire(self) -> None:
        self.header.lock_wanted.connect(self.lock)
        self.header.state_wanted.connect(lambda: self.go(STATE))
        self.hint_line.keys_wanted.connect(self.toggle_keys)
        self.navigation.chosen.connect(self.go)
        self.lock_screen.unlock_wanted.connect(self.unlock_wanted)
        self.lock_screen.leave_wanted.connect(self.leave_wanted)
        self.jobs.started.connect(self.job_panel.watch)
        self.jobs.failed.connect(self.show_trouble)
        self._idle = IdleWatch(self)
        self._idle.idle.connect(self.lock)
        self._system = system_watch(self)
        self._system.leaving.connect(self._leave_to_system)
        for wanted in (self.sign_in.sign_in_wanted, self.sign_in.first_sign_in_wanted):
            wanted.connect(self._come_to_open)

    def _restore(self, geometry: str) -> None:
        self.setMinimumSize(MINIMUM)
        if not geometry or not self.restoreGeometry(QByteArray.fromBase64(geometry.encode())):
            self.resize(SIZE)

    def geometry_text(self) -> str:
        """Return size and place as text for the settings."""
        return base64.b64encode(self.saveGeometry().data()).decode("ascii")

    # --- sign-in and session ----------------------------------------------------------------------------------------

    def show_sign_in(self, desks: Sequence[DeskChoice], last: str = "") -> None:
        """Show Вход with the people who have a desk on this computer; `last` is the desk of whoever was here before."""
        self.sign_in.show_desks(desks, last)
        self._stack.setCurrentWidget(self.sign_in)
        self.sign_in.enter()

    def open_session(self, person: PersonRow, places: Sequence[Place], idle_minutes: int = 5) -> None:
        """Show the screens of a person who signed in; the first place first. Locks after idle minutes (0: never)."""
        self.sign_in.forget_passwords()
        self._person = person
        self._places = list(places)
        self.header.person.setText(person.short_name)
        self.header.person.setAccessibleName(self.tr("Вы вошли как {name}").format(name=person.name))
        titled = [place for place in self._places if place.title]
        for digit, place in zip(DIGITS, titled, strict=False):
            self.navigation.add(place.id, place.title, f"Ctrl+{digit}")
        for place in self._places:
            self.screens.addWidget(place.widget)
            hint_changed = getattr(place.widget, "hint_changed", None)
            if hint_changed is not None:
                hint_changed.connect(partial(self._hint_from, place.id))
        self._idle_minutes = idle_minutes
        self._idle.start(idle_minutes * 60_000)
        self._make_menu()
        self._stack.setCurrentWidget(self._session)
        self.go(self._places[0].id)
        if self._was_left:
            self._was_left = False
            QTimer.singleShot(0, self, self.lock)  # when whoever opened it has it whole

    def close_session(self) -> None:
        """Take the person's screens and everything they show out of the window."""
        self._idle.stop()
        choosers = [chooser for place in self._places if (chooser := getattr(place.widget, "header", None)) is not None]
        for place in self._places:
            close = getattr(place.widget, "close_screen", None)
            if close is not None:
                close()
            self.screens.removeWidget(place.widget)
            place.widget.hide()
            place.widget.deleteLater()
        self._places, self._person = [], None
        self._current = self._before = ""
        self.navigation.clear()
        self.header.forget(choosers)
        self.banner.clear()
        self.hint_line.say("")
        self.set_sync_state(None)
        self._stack.setCurrentWidget(self.sign_in)

    def go(self, place_id: str) -> None:
        """Go to a place of the session and put the focus where work goes on there."""
        place = next((place for place in self._places if place.id == place_id), None)
        if place is None:
            return
        came_from = ""
        if self._current != place_id:
            came_from = str(getattr(self.screen_shown, "lesson_id", ""))
            self._before = self._current
        self._current = place_id
        self.key_page.hide()
        self.hint_line.say("")
        self.screens.setCurrentWidget(place.widget)
        self.navigation.show_current(place_id)
        self.header.show_title(place.title or place.widget.accessibleName(), getattr(place.widget, "header", None))
        install(place.widget, offered(place.widget))
        install(self._session, self.general_actions())
        if came_from and hasattr(place.widget, "come_from"):
            place.widget.come_from(came_from)
        enter = getattr(place.widget, "enter", place.widget.setFocus)
        enter()

    def _hint_from(self, place_id: str, text: str) -> None:
        """Show a screen's line while it is in front: one behind also refreshes, and would speak of another pupil."""
        if place_id == self._current:
            self.hint_line.say(text)

    def go_back(self) -> None:
        """Go to the place where the person was before."""
        self.go(self._before or self._places[0].id)

    @property
    def place(self) -> str:
        """Return the id of the place where the person is, "" outside a session."""
        return self._current

    @property
    def screen_shown(self) -> QWidget | None:
        """Return the screen in front, None outside a session."""
        return self.screens.currentWidget() if self._current else None

    def screen_of(self, place_id: str) -> QWidget | None:
        """Return the screen of a place of the session, None where there is none."""
        return next((place.widget for place in self._places if place.id == place_id), None)

    # --- actions -----------------------------------------------------------------------------------------------------

    def general_actions(self) -> list[Action]:
        """Return what can be done anywhere in a session."""
        menu = self.tr("Везде")
        titled = [place for place in self._places if place.title]
        walk = [self._walk(digit, place) for digit, place in zip(DIGITS, titled, strict=False)]
        state = Action("window.state", self.tr("Состояние"), ("Ctrl+0",), lambda: self.go(STATE), self.tr("Разделы"))
        return [
            *walk,
            *([state] if any(place.id == STATE for place in self._places) else []),
            Action("window.lock", self.tr("Заблокировать"), ("Ctrl+L",), self.lock, menu),
            Action("window.sync", self.tr("Обменяться с сервером сейчас"), ("F5",), self.sync_wanted.emit, menu),
            Action("window.leave", self.tr("Закончить и выйти"), ("Ctrl+Shift+Q",), self.leave_wanted.emit, menu),
            Action("window.keys", self.tr("Клавиши этого экрана"), ("F1",), self.toggle_keys, menu),
        ]

    def _walk(self, digit: str, place: Place) -> Action:
        return Action(f"go.{place.id}", place.title, (f"Ctrl+{digit}",), lambda: self.go(place.id), self.tr("Разделы"))

    def _make_menu(self) -> None:
        menu = QMenu(self.header.person)
        for action in self.general_actions():
            made = qt_action(menu, action)
            made.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            menu.addAction(made)
        old = self.header.person.menu()
        self.header.person.setMenu(menu)
        if old is not None:
            old.deleteLater()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer by the mouse (and the menu key) what the keyboard does on this screen."""
        screen = self.screen_shown
        if screen is not None and not self.is_locked and offered(screen):
            context_menu(self, offered(screen)).popup(event.globalPos())

    def toggle_keys(self) -> None:
        """Show the keys of this screen, or step back."""
        if self.screen_shown is not None:
            self.key_page.toggle(self.tr("Клавиши"), self.keys_here(), getattr(self.screen_shown, "signs", ()))

    def keys_here(self) -> list[Action]:
        """Return what the keyboard does on this screen, then what it does anywhere; nothing outside a session."""
        screen = self.screen_shown
        if screen is None:
            return []
        read = told_only(getattr(screen, "entry_heading", self.tr("Клетка")), getattr(screen, "entry_keys", ()))
        return [*read, *offered(screen), *self.general_actions()]

    # --- state and trouble -------------------------------------------------------------------------------------------

    def set_sync_state(self, state: SyncState | None) -> None:
        """Show where the person's entries stand."""
        self.header.pill.set_state(state)
        self.loading_bar.show_state(state)

    def show_trouble(self, error: BaseException, action: Action | None = None) -> None:
        """Put an error where it belongs: the banner with one action, the pill's tip, the window of faults."""
        explained = errors.explain(error)
        if explained.place == "window":
            self.show_bug(error)
        elif explained.place == "pill":
            self.header.pill.setToolTip(explained.text)
        else:
            self.banner.say(explained.code, explained.text, action)

    def show_bug(self, error: BaseException) -> None:
        """Say that we failed and what is safe; once at a time."""
        from ejournal_desktop.ui.widgets.bug_window import BugWindow  # never needed on a good day

        if self.findChild(BugWindow) is None:
            BugWindow(error, self.safe_as_of, self).open()

    # --- the lock ----------------------------------------------------------------------------------------------------

    @property
    def is_locked(self) -> bool:
        """Say whether the lock covers the window."""
        return self._stack.currentWidget() is self.lock_screen

    def lock(self) -> None:
        """Cover everything and ask to take the key out of memory; what is half typed stays where it is."""
        if self._person is None or self.is_locked:
            return
        self._idle.stop()
        self.key_page.hide()
        self._hide_other_windows()
        self._stack.setCurrentWidget(self.lock_screen)
        self.lock_screen.ask(self._person.name)
        self.lock_screen.repaint()  # at once: closing the file takes a moment
        self.locked.emit()

    def _leave_to_system(self) -> None:
        """Lock, or remember it for the journal that is being opened: the lid is closed while a first one comes."""
        self._was_left = self._person is None
        self.lock()

    def _come_to_open(self, *_: object) -> None:
        self._was_left = False

    def unlocked(self) -> None:
        """Uncover everything as it was, the focus included (the stack of pages remembers it)."""
        self.lock_screen.forget()
        self._stack.setCurrentWidget(self._session)
        for window in self._hidden:
            window.show()
        self._hidden = []
        self._idle.start(self._idle_minutes * 60_000)

    def unlock_refused(self, sentence: str, *, wrong_password: bool = True) -> None:
        """Say why the password did not open the journal; a wrong one also says what to look at."""
        self.lock_screen.refuse(sentence, wrong_password=wrong_password)

    def _hide_other_windows(self) -> None:
        popup = QApplication.activePopupWidget()
        while popup is not None:
            popup.close()
            popup = QApplication.activePopupWidget()
        others = [w for w in QApplication.topLevelWidgets() if w is not self and w.isVisible() and w.isWindow()]
        self._hidden = [window for window in others if window.parentWidget() is not None]
        for window in others:
            window.hide()

    # --- Qt ----------------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to watch for idle time and for the system once there is a window to watch."""
        super().showEvent(event)
        self._idle.look_at(self.windowHandle())
        self._system.begin(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the page of keys at its edge."""
        super().resizeEvent(event)
        if self.key_page.isVisible():
            self.key_page.place()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stay while something is not saved yet.

        Say so before the window is gone: geometry is remembered, jobs are stopped by whoever composed them.
        """
        if not self.may_close():
            event.ignore()
            return
        self.hide()  # at once: what still runs ends without anybody looking at it
        self.closing.emit()
        super().closeEvent(event)


def _column(owner: QWidget) -> QVBoxLayout:
    column = QVBoxLayout(owner)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    return column
