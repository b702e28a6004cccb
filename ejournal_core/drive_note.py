"""The note that lies beside the files of every backup: what they are and how to open them without this program."""

from __future__ import annotations

NAME = "README.txt"

#: What a registered drive says of itself, in its own root.
CARD = "ejournal-drive.json"

TEXT = """\
РЕЗЕРВНАЯ КОПИЯ ШКОЛЬНОГО ЖУРНАЛА

base.age        все записи журнала: сжаты (zstd) и зашифрованы (age, age-encryption.org/v1)
keys.age        закрытые ключи школьного сервера; открывает только ключ восстановления из сейфа директора
catalogue.json  что здесь лежит и чему должно быть равно; подписан школьным сервером; персональных данных нет

Открыть без программы журнала, общедоступными средствами age и zstd:

    age --decrypt --identity КЛЮЧ.txt base.age | zstd --decompress > journal.jsonl

КЛЮЧ.txt — строка AGE-SECRET-KEY-1… с листа восстановления. Получится обычный текст: в каждой строке одна
запись JSON. Строки "entry" — журнал изменений по порядку: что изменено ("kind", "record", "was", "set"),
кем ("author"), когда ("at") и чем кончилось ("verdict"). Значение записи — последнее принятое ("taken", "merged").
Этот текст содержит персональные данные: после работы уничтожьте его.

Целы ли файлы: их размер и SHA-256 названы в catalogue.json (sha256sum base.age keys.age).
Проверить всё, что можно проверить, и восстановить школу (вторая команда спросит обо всём по порядку):

    ejournal-server verify ПАПКА --identity КЛЮЧ.txt
    ejournal-server restore

Описание формата целиком: docs/backup.md в исходном тексте программы ejournal.


BACKUP OF A SCHOOL JOURNAL

base.age        every record of the journal: compressed (zstd), sealed (age, age-encryption.org/v1)
keys.age        the school server's private keys; only the recovery key from the director's safe opens it
catalogue.json  what lies here and what it must prove to be; signed by the school server; no personal data

To open it without the journal's program, with the public tools age and zstd:

    age --decrypt --identity KEY.txt base.age | zstd --decompress > journal.jsonl

KEY.txt holds the line AGE-SECRET-KEY-1... of the recovery sheet. The result is plain text, one JSON object a line.
Lines "entry" are the log of changes in order: what was edited ("kind", "record", "was", "set"), by whom ("author"),
when ("at") and how it ended ("verdict"). A record's value is the last one accepted ("taken", "merged").
The text holds personal data: destroy it when you are done.

Are the files whole: size and SHA-256 are named in catalogue.json (sha256sum base.age keys.age).
To prove everything that can be proved, and to restore the school (the second command asks for all it needs):

    ejournal-server verify FOLDER --identity KEY.txt
    ejournal-server restore

The whole format: docs/backup.md in the source of the program ejournal.
"""
