"""Where a file is saved, and as what."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget


def ask_where(parent: QWidget, title: str, offered: str, kinds: Mapping[str, str]) -> Path | None:
    """Return where a person wants a file, None where they thought better of it.

    Args:
        offered: its name, without an ending.
        kinds: what a file of each ending is called, the usual one first: {".pdf": "Документ PDF/A"}.
    """
    usual = next(iter(kinds))
    asked = ";;".join(f"{words} (*{ending})" for ending, words in kinds.items())
    name, wanted = QFileDialog.getSaveFileName(parent, title, offered + usual, asked)
    if not name:
        return None
    path = Path(name)
    if path.suffix.lower() in kinds:
        return path
    # Not every system adds the ending of the kind that was chosen, and a dot in «Иванова М. П» begins none.
    return path.with_name(path.name + next((ending for ending in kinds if ending in wanted), usual))
