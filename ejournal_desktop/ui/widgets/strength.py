"""How hard a new password is to guess, said while it is typed and without nagging.

Forbidden is what is too short or tried first (`ejournal_core/passwords.py`, the server refuses the same); the rest is
advice.
"""

from __future__ import annotations

from ejournal_core.passwords import SHORTEST, guessed_first
from ejournal_desktop.ui.words import count, tr

SHORTEST_PASSWORD = SHORTEST
LONG = 12
SIGN = ("знак", "знака", "знаков")


def strength(password: str, name: str = "") -> str:
    """Return one sentence about a new password, "" for none yet.

    Args:
        name: whose it will be; her own name is the first thing that is tried.
    """
    if not password:
        return ""
    if len(password) < SHORTEST_PASSWORD:
        return tr("Ещё {n}, и хватит.").format(n=count(SHORTEST_PASSWORD - len(password), SIGN))
    refused = why_not_taken(password, name)
    if refused:
        return refused
    easy = _easy(password, name)
    if easy:
        return tr("Подойдёт, но угадать легко: {easy}.").format(easy=easy)
    if len(password) >= LONG:
        return tr("Надёжный.")
    return tr("Подойдёт. Ещё надёжнее — несколько слов подряд.")


def why_not_taken(password: str, name: str = "") -> str:
    """Return why a password of enough signs cannot be taken and what to take instead, "" where it can."""
    guessed = guessed_first(password, name)
    if not guessed:
        return ""
    why = tr("это ваше имя") if guessed == "own" else tr("его пробуют среди первых")
    return tr("Не подойдёт: {why}. Возьмите три слова подряд.").format(why=why)


def _easy(password: str, name: str) -> str:
    """Return why it would be tried soon, "" when it would not."""
    plain = password.casefold().replace("ё", "е")
    if len(set(plain)) < 5:
        return tr("в нём повторяются одни и те же знаки")
    if plain.isdigit():
        return tr("в нём одни цифры")
    if any(part in plain for part in name.casefold().replace("ё", "е").split() if len(part) > 3):
        return tr("в нём ваше имя")
    return ""
