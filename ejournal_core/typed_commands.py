"""How a line that was typed at a terminal is read: argparse that speaks Russian."""

from __future__ import annotations

import argparse
import re
import sys
from typing import Any, NoReturn

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
        """Say in Russian what argparse finds wrong with the line; end."""
        self.refuse(_russian(message))

    def refuse(self, said: str) -> NoReturn:
        """Say what is wrong with the line, that nothing was done, and where the help is; end."""
        self.print_usage(sys.stderr)
        self.exit(WRONG, f"Команда набрана неверно: {said}. Ничего не сделано. Подсказка: {self.prog} -h\n")


def _russian(message: str) -> str:
    for pattern, said in SAID:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return said.format(*found.groups())
    return "непонятно"
