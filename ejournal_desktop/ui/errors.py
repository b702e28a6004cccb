"""What went wrong, said to a person: what happened, whether the work is safe, what to do now, and where it is shown.

Refusals (EJ-2xx) bring their own sentence from the rule. The sentences of all other codes stand in
`ejournal_desktop/ui/sentences.py`.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ejournal_core.errors import Bug, EjournalError, Refusal
from ejournal_desktop.ui.full_disk import NoRoom, is_full
from ejournal_desktop.ui.sentences import ANSWERS, SENTENCES, Place, Sentence

if TYPE_CHECKING:
    from ejournal_desktop.ui.widgets.say import Say

UNKNOWN_TROUBLE = "EJ-300"
UNKNOWN_BUG = "EJ-900"


@dataclass(frozen=True)
class Explained:
    """An error as a person meets it."""

    code: str
    text: str
    place: Place


class _Details(dict[str, str | int]):
    """Details of an error; one that is missing leaves a dash rather than a second error."""

    def __missing__(self, key: str) -> str:
        return "—"


def explain(error: BaseException) -> Explained:
    """Return the words for any exception and the place where they belong."""
    if isinstance(error, Refusal):
        return Explained(error.code, error.sentence, "cell")
    if isinstance(error, OSError) and is_full(error):  # of a file beside the journal
        return explain(NoRoom("no room"))
    code = error.code if isinstance(error, EjournalError) else UNKNOWN_BUG
    fallback = UNKNOWN_BUG if isinstance(error, Bug) or not isinstance(error, EjournalError) else UNKNOWN_TROUBLE
    answer = str(error.details.get("answer", "")) if isinstance(error, EjournalError) else ""
    sentence = ANSWERS.get(answer) or SENTENCES.get(code) or SENTENCES[fallback]
    details = _Details({**error.details, "message": error.message} if isinstance(error, EjournalError) else {})
    return Explained(answer if answer in ANSWERS else code, words(sentence, details), sentence.place)


def tell(error: BaseException, say: Say, troubled: Callable[[BaseException], object]) -> None:
    """Say what went wrong where the work was; a fault of the program itself goes to the window, and nothing is said."""
    explained = explain(error)
    if explained.place == "window":
        say("", "")
        troubled(error)
    else:
        say(explained.text, "danger")


def words(sentence: Sentence, details: dict[str, str | int] | None = None) -> str:
    """Return the whole text of a sentence with its details filled in."""
    parts = (sentence.happened, sentence.safe, sentence.now)
    known = _Details(details or {})
    return " ".join(string.Formatter().vformat(part, (), known) for part in parts if part)
