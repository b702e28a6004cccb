"""What the server says to the people who run it: one Russian sentence per code, and what to do now.

Desks get codes, never these sentences; `docs/errors.md` has a section for each code.
"""

from __future__ import annotations

from ejournal_core.errors import EjournalError

SENTENCES: dict[str, str] = {
    "EJ-321": "Присланное не похоже на сообщение рабочего места; ничего не принято.",
    "EJ-370": "Запечатанная запись не открывается: она повреждена или предназначена другой школе.",
    "EJ-371": "Хранилище школы не открывается: {message}. Проверьте каталог данных, ключ и адрес базы.",
    "EJ-372": "В цепочке изменений рабочего места не хватает записей: ожидается № {expected}.",
    "EJ-373": "Подпись запроса не сходится: рабочее место или журнал не известны этой школе.",
    "EJ-374": "Неверный пароль или код. Осталось подождать {retry_after} с до следующей попытки.",
    "EJ-375": "Слишком много запросов сразу: повторите через {retry_after} с.",
    "EJ-376": "Такого здесь нет: {message}.",
    "EJ-377": "Сообщение слишком велико.",
    "EJ-378": "Сервер ещё не настроен: сначала выполните «ejournal-server create-school».",
    "EJ-379": "Ключ хранилища недоступен: {message}.",
    "EJ-380": "Строка {line} файла записей не подходит: {message}. Ничего не загружено.",
    "EJ-381": "Нужен второй человек: новый код для действующей учётной записи подтверждает завуч или директор.",
    "EJ-387": "В этом каталоге уже есть школа: {message}.",
    "EJ-382": "Журнал этого рабочего места заморожен или отозван: откройте его заново, записанное сохранено.",
}


def sentence(error: EjournalError) -> str:
    """Return the sentence for an error, with its values."""
    text = SENTENCES.get(error.code, "Непредвиденная ошибка: {message}.")
    return text.format_map({"message": error.message, **error.details})
