"""What the commands take and ask for at a terminal: text that is not blank, passwords, output that is handed over."""

from __future__ import annotations

import codecs
import errno
import getpass
import io
import os
import sys
from collections.abc import Iterable
from typing import ClassVar

from ejournal_core.errors import Trouble
from ejournal_server.accounts import NotHandedOver

LAST_EPOCH = 9999_12_31_23_59_59


class NobodyToAsk(Trouble):
    """A password has to be typed, and there is nobody at the keyboard."""

    code: ClassVar[str] = "EJ-402"


class Interrupted(Trouble):
    """Somebody pressed Ctrl+C; what the command had finished stands, the rest is not there."""

    code: ClassVar[str] = "EJ-438"


def some_text(text: str) -> str:
    """Return what was typed for a name or a reason; it is kept for years, so it must say something.

    Raises:
        ValueError: it is blank.
    """
    if not text.strip():
        raise ValueError(text)
    return text.strip()


def epoch_number(text: str) -> int:
    """Return the number of a restore as a desk has shown it; it is a moment to the second.

    Raises:
        ValueError: it is none.
    """
    number = int(text)
    if not 1 <= number <= LAST_EPOCH:
        raise ValueError(text)
    return number


#: What a terminal with few letters (cp866, KOI8-R, plain C) is given for signs that it has not.
_PLAIN = {"«": '"', "»": '"', "“": '"', "”": '"', "—": "-", "–": "-", "…": "...", "№": "N", "→": "->", "\u00a0": " "}


def speak_plainly() -> None:
    """Let no sign that a terminal does not know keep a sentence from whoever reads it."""
    codecs.register_error("plainly", _plainly)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="plainly")


def _plainly(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_PLAIN.get(sign, "?") for sign in error.object[error.start : error.end]), error.end


def hand_over(lines: Iterable[str]) -> None:
    """Print what is shown once, and see that it has left this program before anything relies on it.

    Raises:
        NotHandedOver: nobody took it.
    """
    try:
        if sys.stdout is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        sys.stdout.writelines(f"{line}\n" for line in lines)
        sys.stdout.flush()
    except OSError as error:
        say_no_more()
        raise NotHandedOver("nobody took the output", why="not-printed", errno=error.errno or 0) from None


def say_no_more() -> None:
    """Let what is still to be printed go nowhere: Python would try it again at its end, and end with 120."""
    if sys.stdout is not None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def is_at_a_terminal() -> bool:
    """Say whether somebody sits there to be asked."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def ask(question: str) -> str:
    """Ask for a line.

    Raises:
        NobodyToAsk: the terminal was closed.
    """
    try:
        return input(question)
    except EOFError:
        raise NobodyToAsk("the terminal was closed") from None


def ask_password(question: str) -> str:
    """Ask for a password without showing it.

    Raises:
        NobodyToAsk: there is no terminal where it could be typed unseen.
    """
    if sys.stdin is None or not sys.stdin.isatty():
        raise NobodyToAsk("no terminal")
    try:
        return getpass.getpass(question)
    except EOFError:
        raise NobodyToAsk("the terminal was closed") from None
