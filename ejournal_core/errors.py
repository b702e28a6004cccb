"""Errors by blame: the rules said no, the surroundings failed, or we did.

Every error carries a code (docs/errors.md has a section for each) and plain values for its sentence. The Russian
sentence itself lives in one table per program (`ejournal_desktop/ui/errors.py`, `ejournal_server/messages.py`) except
for refusals, whose sentence is part of the rule.
"""

from __future__ import annotations

from typing import ClassVar, Final

import msgspec

#: What reading bytes as JSON raises where they are something else: another shape, no UTF-8, nested too deep.
NOT_JSON: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class EjournalError(Exception):
    """Any error a person may see. `code` is stable for ever; `details` holds ids and numbers, never personal data."""

    code: ClassVar[str] = "EJ-900"

    def __init__(self, message: str = "", /, **details: str | int) -> None:
        super().__init__(message or type(self).__name__)
        self.message = message
        self.details = details


class Refusal(EjournalError):
    """EJ-2xx: the rules say no; nobody is to blame and the old value stays."""

    def __init__(self, code: str, sentence: str, clause: str = "", /, **details: str | int) -> None:
        super().__init__(sentence, **details)
        self.code = code  # type: ignore[misc]  # a refusal's code comes from its rule
        self.sentence = sentence
        self.clause = clause


class Trouble(EjournalError):
    """EJ-3xx: the surroundings failed (disk, drive, network, keyring); may be tried again."""

    code: ClassVar[str] = "EJ-300"


class Bug(EjournalError):
    """EJ-9xx: we failed."""

    code: ClassVar[str] = "EJ-900"
