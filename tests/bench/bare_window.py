"""The least a PySide6 program with a table can be: `python -m tests.bench.bare_window`; tells when it is painted."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QApplication, QMainWindow, QTableView


class _Painted(QObject):
    seen = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.seen |= event.type() == QEvent.Type.Paint
        return False


def main() -> None:
    """Show the window, say so, say how much memory it takes."""
    app = QApplication([])
    table = QTableView()
    model = QStandardItemModel(35, 80)
    table.setModel(model)
    window = QMainWindow()
    window.setCentralWidget(table)
    window.resize(1600, 900)
    painted = _Painted(window)
    table.viewport().installEventFilter(painted)
    window.show()
    while not painted.seen:
        app.processEvents()
    print("painted", flush=True)
    with open("/proc/self/smaps_rollup") as rollup:  # noqa: PTH123 - pathlib is not part of the least
        print(next(line.split()[1] for line in rollup if line.startswith("Pss:")), flush=True)


if __name__ == "__main__":
    main()
