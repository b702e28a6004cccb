"""The program as `ejournal-desktop` starts it, until its first window is painted; with a desk, until a class is open.

`python -m tests.bench.our_window [DESK MOMENT]`: prints "painted", and then the memory it takes in KiB.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Do what `__main__` and `app.run` do; the event loop is turned by hand."""
    from ejournal_desktop import guards

    guards.check_surroundings()
    from PySide6.QtCore import QEvent, QObject
    from PySide6.QtWidgets import QApplication

    from ejournal_desktop import app as program_module
    from ejournal_desktop import paths, settings
    from ejournal_desktop.ui import theme

    class Painted(QObject):
        seen = False

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            self.seen |= event.type() == QEvent.Type.Paint and watched.isWidgetType()
            return False

    app = QApplication(sys.argv)
    theme.apply(app, settings.load(paths.settings_file()).theme)
    moment = sys.argv[2] if len(sys.argv) > 2 else ""
    program = program_module.Program(_standing(moment)) if moment else program_module.Program()
    program_module.collect_on_the_window_s_thread(program)
    painted = Painted(program)
    app.installEventFilter(painted)  # a page that covers the window whole leaves nothing of the window to paint
    program.show()
    while not painted.seen:
        app.processEvents()
    print("painted", flush=True)
    if moment:
        _open_class(app, program, sys.argv[1])
    with open("/proc/self/smaps_rollup") as rollup:  # noqa: PTH123 - as in the bare window
        print(next(line.split()[1] for line in rollup if line.startswith("Pss:")), flush=True)
    program.window.close()


def _standing(moment: str):  # type: ignore[no-untyped-def]  # the import of typing would be measured too
    from datetime import datetime

    now = datetime.fromisoformat(moment)
    return lambda: now


def _open_class(app, program, desk: str) -> None:  # type: ignore[no-untyped-def]  # likewise
    from ejournal_desktop.ui.screens.journal import JournalScreen
    from tests.bench.classroom import PASSWORD, SIZE, settle, until

    program.window.resize(*SIZE)
    program.entrance.sign_in(desk, PASSWORD)
    until(app, lambda: program.session is not None)
    program.window.go("journal")
    screen = program.window.findChildren(JournalScreen)[0]
    until(app, lambda: screen.view is not None)
    settle(app)


if __name__ == "__main__":
    main()
