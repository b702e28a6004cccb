"""How the commands are read and asked for in Russian: argparse with our words, text that is not blank, passwords."""

from __future__ import annotations

import argparse
import codecs
import errno
import getpass
import io
import os
import re
import sys
from collections.abc import Iterable
from typing import Any, ClassVar, NoReturn

from ejournal_core.errors import Trouble
from ejournal_server.accounts import NotHandedOver

WRONG = 2  # exit status of a line that cannot be read

#: What argparse says of a wrong line, and what we say instead; its own words are English and for programmers.
SAID: tuple[tuple[str, str], ...] = (
    (r"the following arguments are required: (.+)", "не хватает: {0}"),
    (r"one of the arguments (.+) is required", "нужно одно из: {0}"),
    (r"unrecognized arguments: (.+)", "непонятно: {0}"),
    (r"argument (.+): not allowed with argument (.+)", "{0} и {1} вместе не бывают"),
    (r"argument (.+): expected (?:at least )?one argument", "после {0} нужно значение"),
    (r"argument КОМАНДА: invalid choice: '(.*?)' .*", "нет такой команды: {0}"),
    (r"argument (.+): invalid choice: '(.*?)' \(choose from (.+)\)", "{0}: «{1}» не подходит, можно: {2}"),
    (r"argument (.+): invalid .*value: '(.*)'", "{0}: «{1}» не подходит"),
    (r"ambiguous option: (.+) could match (.+)", "{0} можно понять по-разному: {1}"),
)


class NobodyToAsk(Trouble):
    """A password has to be typed, and there is nobody at the keyboard."""

    code: ClassVar[str] = "EJ-402"


class Interrupted(Trouble):
    """Somebody pressed Ctrl+C; what the command had finished stands, the rest is not there."""

    code: ClassVar[str] = "EJ-438"


class _Layout(argparse.HelpFormatter):
    def add_usage(self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, "Вызов: " if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """A parser of command lines that speaks Russian, its subcommands' parsers too."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": _Layout, **options, "add_help": False})
        self._positionals.title, self._optionals.title = "Что", "Параметры"
        self.add_argument("-h", "--help", action="help", help="эта подсказка")

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the line, that nothing was done, and where the help is; end."""
        self.print_usage(sys.stderr)
        self.exit(
            WRONG, f"Команда набрана неверно: {_russian(message)}. Ничего не сделано. Подсказка: {self.prog} -h\n"
        )


def _russian(message: str) -> str:
    for pattern, said in SAID:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return said.format(*found.groups())
    return "непонятно"


def some_text(text: str) -> str:
    """Return what was typed for a name or a reason; it is kept for years, so it must say something.

    Raises:
        ValueError: it is blank.
    """
    if not text.strip():
        raise ValueError(text)
    return text.strip()


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
