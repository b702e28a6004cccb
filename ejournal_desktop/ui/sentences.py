"""The words of every error code that the workstation can meet: what happened, is my work safe, what now.

Refusals bring their own sentence from the rule, troubles of imported files from the place in the file (`{message}`).
`docs/errors.md` says more about each code; a test compares program, table and page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Place = Literal["cell", "banner", "pill", "window"]

SAFE = "Всё введённое сохранено на этом компьютере."
BEFORE = "Введённое раньше сохранено."
UNTOUCHED = "Ничего не изменено."
NOT_STARTED = "Программа не начата, данные не тронуты."
AS_IT_WAS = "Документ остался как был."
AGAIN_FROM_SERVER = "Войдите с доступным сервером: рабочее место создастся заново, неотправленное лежит запечатанным."


@dataclass(frozen=True)
class Sentence:
    """The words of one code; `{names}` stand for the error's details."""

    happened: str
    safe: str
    now: str
    place: Place = "banner"


#: A trouble with a file from outside brings the whole sentence: the file, the place in it and what to do.
FROM_THE_FILE = Sentence("{message}", "", "")

SENTENCES: dict[str, Sentence] = {
    "EJ-300": Sentence("Не получилось из-за неполадки вокруг программы.", SAFE, "Попробуйте ещё раз чуть позже."),
    # the journal's file
    "EJ-301": Sentence(
        "На диске нет места: последняя запись не сохранена.", BEFORE, "Освободите место и внесите её снова."
    ),
    "EJ-302": Sentence(
        "Файл журнала закрыт для записи: последняя запись не сохранена.", BEFORE, "Позовите администратора."
    ),
    "EJ-303": Sentence("Файл журнала повреждён.", "Неотправленное лежит запечатанным.", AGAIN_FROM_SERVER),
    "EJ-304": Sentence("Файл журнала занят другой программой.", BEFORE, "Повторите через минуту."),
    "EJ-305": Sentence("Журнал записан более новой программой.", UNTOUCHED, "Обновите программу на этом компьютере."),
    "EJ-306": Sentence("Журнал лежит на сетевом диске, там он портится.", UNTOUCHED, "Перенесите данные на свой диск."),
    "EJ-307": Sentence("Файла журнала нет на месте.", "Неотправленное лежит запечатанным.", AGAIN_FROM_SERVER),
    "EJ-308": Sentence("Диск отказал при чтении или записи.", BEFORE, "Позовите администратора: диск нужно заменить."),
    "EJ-309": Sentence(
        "В программе устаревший SQLite {version}, он может испортить журнал.", NOT_STARTED, "Установите её заново."
    ),
    # opening it
    "EJ-311": Sentence("Пароль не подходит.", "", "Проверьте раскладку и Caps Lock."),
    "EJ-312": Sentence("На этом компьютере нет второй половины ключа.", UNTOUCHED, AGAIN_FROM_SERVER),
    "EJ-313": Sentence("Хранилище ключей системы заперто.", UNTOUCHED, "Отоприте его и повторите вход."),
    "EJ-314": Sentence("Файл с ключом повреждён.", "Сам журнал не тронут.", AGAIN_FROM_SERVER),
    "EJ-315": Sentence("Слишком много неверных паролей подряд.", UNTOUCHED, "Подождите {seconds} с."),
    # the server
    "EJ-320": Sentence("Сервер школы не отвечает.", SAFE, "Отправится само, когда он ответит.", "pill"),
    "EJ-321": Sentence("Вместо сервера школы отвечает что-то другое.", SAFE, "Отправится само позже.", "pill"),
    "EJ-322": Sentence(
        "Отвечает не тот сервер, с которым связано это место.", SAFE, "Позовите администратора.", "pill"
    ),
    "EJ-323": Sentence("Сервер отказал: {answer}.", SAFE, "Подробности — в «Состоянии».", "pill"),
    "EJ-324": Sentence("Журнал сервера противоречит тому, что было.", SAFE, "Сразу сообщите администратору.", "pill"),
    "EJ-325": Sentence("Это сервер другой школы.", SAFE, "Проверьте адрес сервера.", "pill"),
    "EJ-326": Sentence("Сервер и программа не понимают друг друга.", SAFE, "Обновите ту, что старше.", "pill"),
    "EJ-327": Sentence("Связать место с сервером не удалось.", UNTOUCHED, "Начните снова и сравните коды на экранах."),
    # files from outside
    **dict.fromkeys([f"EJ-{number}" for number in range(340, 350)], FROM_THE_FILE),
    # archives
    "EJ-351": Sentence("Копия повреждена.", UNTOUCHED, "Возьмите второй носитель."),
    "EJ-352": Sentence("Копия запечатана другими ключами.", UNTOUCHED, "Нужен лист восстановления того времени."),
    "EJ-353": Sentence("Это не ключ восстановления.", UNTOUCHED, "Проверьте, нет ли опечатки."),
    "EJ-366": Sentence("Копия записана более новой программой.", UNTOUCHED, "Откройте её новой версией."),
    # documents
    "EJ-360": Sentence("На лист не помещается даже самым мелким шрифтом.", UNTOUCHED, "Сократите список."),
    "EJ-361": Sentence("Ключ подписи не читается.", AS_IT_WAS, "Проверьте пароль ключа."),
    "EJ-362": Sentence("Сертификат не подходит для подписи.", AS_IT_WAS, "Получите новый сертификат."),
    "EJ-363": Sentence("Место этой подписи занято.", AS_IT_WAS, "Документ уже подписан."),
    "EJ-364": Sentence("Это не PDF, или он повреждён.", UNTOUCHED, "Создайте документ заново."),
    "EJ-365": Sentence("Подпись не поставлена.", AS_IT_WAS, "Попробуйте ещё раз."),
    "EJ-368": Sentence(
        "У вас ещё нет сертификата подписи.", AS_IT_WAS, "Войдите при доступном сервере: он его выдаст."
    ),
    "EJ-369": Sentence("Принтер не принял документ.", AS_IT_WAS, "Проверьте принтер и напечатайте снова."),
    "EJ-370": Sentence("Запечатанная запись не открывается.", UNTOUCHED, "Она отложена; сообщите администратору."),
    # unsafe ground at start
    "EJ-390": Sentence(
        "PySide6 {version} на Python {python} обрывает программу посреди урока.", NOT_STARTED, "Установите её заново."
    ),
    "EJ-391": Sentence(
        "Хранилище ключей {keyring} держит их открытыми для всех.", NOT_STARTED, "Удалите пакет keyrings.alt."
    ),
    "EJ-900": Sentence("Программа ошиблась.", "Сохранённые данные целы.", "Можно работать дальше.", "window"),
}
