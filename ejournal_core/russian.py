"""Russian as people write it: one key for sorting and searching, names, noun forms, dates and decimals."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal

_MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
    "декабря",
)  # fmt: skip
MONTHS = (
    "Январь", "Февраль", "Март", "Апрель", "Май", "Июнь", "Июль", "Август", "Сентябрь", "Октябрь", "Ноябрь", "Декабрь",
)  # fmt: skip
WEEKDAYS = ("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье")

_NOT_WORD = re.compile(r"[\W_]+")
_WORD = re.compile(r"[^\W\d_]{2}")
_RUSSIAN = re.compile(r"[а-яё]", re.IGNORECASE)


# --- sorting and searching ---------------------------------------------------------------------------------------


def text_key(text: str) -> str:
    """Return the key by which text is found: no case, Ё as Е, hyphens and other signs as one space.

    The same function makes the stored column and the searched words, so «ёлкин» finds «Елкин» and the reverse.
    """
    folded = unicodedata.normalize("NFC", text).casefold().replace("ё", "е")
    return _NOT_WORD.sub(" ", folded).strip()


def sort_key(text: str) -> str:
    """Return the key by which text is sorted: as `text_key`, and where that is equal Ё after Е.

    A string, so that a database column can hold it; a sign below the space parts the two halves.
    """
    return f"{text_key(text)}\x1f{unicodedata.normalize('NFC', text).casefold()}"


def has_no_russian(text: str) -> bool:
    """Say whether a text has words and no letter of Russian: «Present Perfect»; foreign words beside Russian ones do.

    Formulas and numbers of tasks («x + 2», «§ 5») are no words. From S0-9.25, S2-4.4d, S3-A1-4.4d, S4-2.5.2b.
    """
    return bool(_WORD.search(text)) and not _RUSSIAN.search(unicodedata.normalize("NFC", text))


# --- names -------------------------------------------------------------------------------------------------------


def full_name(last_name: str, first_name: str, patronymic: str = "") -> str:
    """Return «Иванова Мария Петровна»; an empty part leaves no gap."""
    return " ".join(part for part in (last_name.strip(), first_name.strip(), patronymic.strip()) if part)


def short_name(last_name: str, first_name: str, patronymic: str = "") -> str:
    """Return «Иванова М. П.»; «Анна-Мария» becomes «А.-М.», of «Теймур оглы» only the father's name is shortened."""
    initials = (_initials(part) for part in (first_name, patronymic))
    return full_name(last_name, *initials)


def _initials(name: str) -> str:
    words = name.split()
    return "-".join(f"{part[0].upper()}." for part in words[0].split("-") if part) if words else ""


# --- numbers and nouns -------------------------------------------------------------------------------------------


def plural(number: int, one: str, few: str, many: str) -> str:
    """Return the form of a noun after a number: 1 запись, 2 записи, 5 записей, 11 записей, 21 запись."""
    last_two = abs(number) % 100
    if 11 <= last_two <= 14:
        return many
    last = last_two % 10
    if last == 1:
        return one
    return few if 2 <= last <= 4 else many


def counted(number: int, one: str, few: str, many: str) -> str:
    """Return the number with its noun: «3 записи»."""
    return f"{number} {plural(number, one, few, many)}"


def leaves_in_words(number: int, in_words: str) -> str:
    """Return «112 (сто двенадцать) листов».

    Args:
        number: how many leaves.
        in_words: the number in Russian words, nominative; documents spell it with num2words.
    """
    return f"{number} ({in_words}) {plural(number, 'лист', 'листа', 'листов')}"


def decimal_text(value: Decimal) -> str:
    """Return the number with a decimal comma: «4,67»."""
    return f"{value:f}".replace(".", ",")


# --- dates -------------------------------------------------------------------------------------------------------


def day_and_month(day: date) -> str:
    """Return «21 ноября»."""
    return f"{day.day} {_MONTHS[day.month - 1]}"


def days_and_month(first: date, last: date) -> str:
    """Return «14–20 сентября», «28 сентября – 4 октября»."""
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day_and_month(last)}"
    return f"{day_and_month(first)} – {day_and_month(last)}"


def date_in_words(day: date) -> str:
    """Return «21 ноября 2026 г.»."""
    return f"{day_and_month(day)} {day.year} г."


def day_and_weekday(day: date) -> str:
    """Return «21 ноября, суббота»."""
    return f"{day_and_month(day)}, {WEEKDAYS[day.weekday()]}"
