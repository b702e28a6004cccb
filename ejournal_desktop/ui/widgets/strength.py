"""How hard a new password is to guess, said while it is typed and without nagging: only too short is forbidden."""

from __future__ import annotations

from ejournal_desktop.ui.words import count, tr

SHORTEST_PASSWORD = 8
LONG = 12
SIGN = ("знак", "знака", "знаков")

#: Rows and words that are tried first. Both ways round and in either layout.
COMMON = ("1234567890", "qwertyuiop", "asdfghjkl", "йцукенгшщз", "фывапролд", "abcdefgh", "абвгдежз")
WORDS = ("password", "parol", "пароль", "gfhjkm", "qwerty", "йцукен", "школа", "учитель")


def strength(password: str, name: str = "") -> str:
    """Return one sentence about a new password, "" for none yet.

    Args:
        name: whose it will be; her own name is the first thing that is tried.
    """
    if not password:
        return ""
    if len(password) < SHORTEST_PASSWORD:
        return tr("Ещё {n}, и хватит.").format(n=count(SHORTEST_PASSWORD - len(password), SIGN))
    easy = _easy(password, name)
    if easy:
        return tr("Подойдёт, но угадать легко: {easy}.").format(easy=easy)
    if len(password) >= LONG:
        return tr("Надёжный.")
    return tr("Подойдёт. Ещё надёжнее — несколько слов подряд.")


def _easy(password: str, name: str) -> str:
    """Return why it would be tried among the first, "" when it would not."""
    plain = password.casefold().replace("ё", "е")
    if len(set(plain)) < 5:
        return tr("в нём повторяются одни и те же знаки")
    if plain.isdigit():
        return tr("в нём одни цифры")
    if any(part in plain for part in name.casefold().replace("ё", "е").split() if len(part) > 3):
        return tr("в нём ваше имя")
    rest = plain
    for row in (*COMMON, *(row[::-1] for row in COMMON), *WORDS):
        for end in range(len(row), 3, -1):
            rest = rest.replace(row[:end], "")
    return tr("его пробуют среди первых") if len(rest) < 4 else ""
