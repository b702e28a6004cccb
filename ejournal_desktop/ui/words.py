"""Russian words around figures: plurals, days, moments and spans of time, said as a colleague would."""

from __future__ import annotations

import html
import re
from datetime import date, datetime, timedelta

from PySide6.QtCore import QCoreApplication

from ejournal_core import russian

ENTRY = ("запись", "записи", "записей")
WAITS = ("ждёт", "ждут", "ждут")
DAY = ("день", "дня", "дней")
SIGN = re.compile(r"(№|§|\b(?:с|стр|упр)\.) (?=\d)")

Forms = tuple[str, str, str]  # one, two, five


def tr(text: str) -> str:
    """Return the text in the language of the interface; the Russian source when there is no other."""
    return QCoreApplication.translate("ejournal", text)


def as_tip(text: str) -> str:
    """Return words for a tip, which takes mark-up for its own: what others entered must hide and fetch nothing."""
    if "<" not in text and "&" not in text:
        return text
    lines = html.escape(text).splitlines()
    return f"<span>{'<br>'.join(lines)}</span>"


def unbroken(text: str) -> str:
    """Return words with the number that belongs to a sign on the same line as the sign: «с. 64», «№ 12», «§ 3»."""
    return SIGN.sub("\\1\u00a0", text)


def mid_sentence(text: str) -> str:
    """Return words that begin a button as they go on in a sentence: «Дать роль» → «дать роль»."""
    return text[:1].lower() + text[1:]


def about_language(text: str) -> str:
    """Return what to say of a topic or homework that was taken without a Russian word in it, "" where it has one."""
    if not russian.has_no_russian(text):
        return ""
    return tr("Записано. Журнал ведут на русском языке: иностранные слова пишут рядом с русскими.")


def plural(number: int, forms: Forms) -> str:
    """Return the form of a word that goes with a number: 1 запись, 2 записи, 5 записей, 11 записей, 21 запись."""
    return russian.plural(number, *forms)


def count(number: int, forms: Forms) -> str:
    """Return the number and its word, «3 записи», which no end of a line parts."""
    return f"{grouped(number)}\u00a0{plural(number, forms)}"


def grouped(number: int) -> str:
    """Return a number with thin spaces between thousands: «12 480»; four digits stay together."""
    return f"{number:,}".replace(",", "\u202f") if number >= 10_000 else str(number)


def day_title(day: date) -> str:
    """Return «21 ноября, суббота»."""
    return russian.day_and_weekday(day)


def room_title(room: str) -> str:
    """Return «каб. 21» for a number, and a named room («спортзал») as it is."""
    return f"{tr('каб.')} {room}" if room[:1].isdigit() else room


def day_short(day: date) -> str:
    """Return «21.11»."""
    return f"{day:%d.%m}"


def moment(at: datetime, now: datetime) -> str:
    """Return «сегодня в 10:42», «вчера в 10:42», «21.11 в 10:42» or, in another year, «21.11.2025 в 10:42»."""
    local = at.astimezone(now.tzinfo) if at.tzinfo else at
    if local.date() == now.date():
        return f"{tr('сегодня')} {tr('в')} {local:%H:%M}"
    if local.date() == now.date() - timedelta(days=1):
        return f"{tr('вчера')} {tr('в')} {local:%H:%M}"
    pattern = "%d.%m" if local.year == now.year else "%d.%m.%Y"
    return f"{local.strftime(pattern)} {tr('в')} {local:%H:%M}"


def moment_title(at: datetime) -> str:
    """Return «22 ноября 2026, воскресенье, 18:40»."""
    day, weekday = day_title(at.date()).split(", ")
    return f"{day} {at.year}, {weekday}, {at:%H:%M}"


def span(seconds: float) -> str:
    """Return a stretch of time rounded for the eye: «меньше минуты», «42 мин», «1 ч 10 мин», «3 дня»."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return tr("меньше минуты")
    if minutes < 60:
        return f"{minutes} мин"
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} ч {rest} мин" if rest else f"{hours} ч"
    return count(hours // 24, DAY)
