"""Every code has words that answer three questions, stands in its place, and no report holds anybody's name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ejournal_core.errors import Bug, Refusal, Trouble
from ejournal_desktop.exchange.troubles import BrokenFile
from ejournal_desktop.models.database import DiskFull
from ejournal_desktop.sync.server import ServerAway, ServerRefused
from ejournal_desktop.ui.errors import explain, words
from ejournal_desktop.ui.sentences import ANSWERS, SENTENCES
from ejournal_desktop.ui.widgets.bug_window import BugWindow, report_text
from ejournal_desktop.vault import TooManyAttempts
from ejournal_server.messages import SENTENCES as OF_THE_SERVER
from tests.helpers.sample_days import at

ROOT = Path(__file__).resolve().parents[3]
ASSIGNED = re.compile(r"""\bcode(?:: (?:ClassVar\[str\]|str))? = "(EJ-[39]\d\d)\"""")

ALL = SENTENCES | ANSWERS


def test_every_code_that_a_class_of_errors_bears_has_words() -> None:
    sources = (path for name in ("core", "desktop", "server") for path in (ROOT / f"ejournal_{name}").rglob("*.py"))
    used = {code for path in sources for code in ASSIGNED.findall(path.read_text(encoding="utf-8"))}
    assert len(used) > 40
    assert used - ALL.keys() - OF_THE_SERVER.keys() == set()


@pytest.mark.parametrize("code", sorted(ALL))
def test_the_words_are_whole_sentences_without_machine_talk(code: str) -> None:
    text = words(ALL[code], {"message": "Файл не открылся.", "place": "строка 7"})
    assert text[0].isupper()
    assert text.endswith(".")
    assert "  " not in text
    assert not re.search(r"ошибка|исключени|exception|error", text, re.IGNORECASE)
    if code not in ("EJ-311", "EJ-328", "EJ-374") and not code.startswith("EJ-34"):
        assert ALL[code].safe, "says nothing about the work"
        assert ALL[code].now, "says nothing about what to do"


def test_a_refusal_speaks_for_itself_at_its_cell() -> None:
    explained = explain(Refusal("EJ-228", "I четверть закрыта.", "P07"))
    assert (explained.code, explained.text, explained.place) == ("EJ-228", "I четверть закрыта.", "cell")


def test_sync_trouble_stands_only_in_the_pill() -> None:
    assert explain(ServerAway()).place == "pill"
    assert "сохранено на этом компьютере" in explain(ServerAway()).text


def test_a_full_disk_says_that_the_last_entry_is_not_saved() -> None:
    assert "последняя запись не сохранена" in explain(DiskFull()).text
    assert explain(DiskFull()).place == "banner"


def test_the_servers_own_code_finds_its_words() -> None:
    assert explain(ServerRefused("EJ-374", 403, "")).code == "EJ-374"
    unknown = explain(ServerRefused("EJ-399", 418, ""))
    assert unknown.code == "EJ-323"
    assert "EJ-399" in unknown.text


def test_details_are_filled_in_and_a_missing_one_is_no_second_error() -> None:
    assert "Подождите 40 с" in explain(TooManyAttempts(seconds=40)).text
    assert "Подождите — с" in explain(TooManyAttempts()).text


def test_a_bad_file_brings_its_own_sentence() -> None:
    error = BrokenFile("учителя.xlsx", "файл обрывается", "сохраните его заново", "лист 1")
    assert "учителя.xlsx" in explain(error).text


@pytest.mark.parametrize("error", [ZeroDivisionError("x"), Bug("x"), KeyError("p")])
def test_what_nobody_expected_is_our_fault(error: BaseException) -> None:
    assert (explain(error).code, explain(error).place) == ("EJ-900", "window")


def test_an_unknown_trouble_is_still_a_trouble() -> None:
    class New(Trouble):
        code = "EJ-399"

    assert explain(New()).place == "banner"
    assert explain(New()).code == "EJ-399"


def test_a_report_holds_no_name_no_value_and_no_account(tmp_path: Path, qtbot: QtBot) -> None:
    home = tmp_path / "home" / "канарейка" / "модуль.py"
    home.parent.mkdir(parents=True)
    home.write_text("def put(name):\n    raise ValueError(f'нет ученика {name}')\n", encoding="utf-8")
    space: dict[str, object] = {}
    exec(compile(home.read_text(encoding="utf-8"), str(home), "exec"), space)
    error: BaseException = Bug()
    try:
        try:
            space["put"]("КАНАРЕЙКА Анна")  # type: ignore[operator]
        except ValueError as inner:
            raise Bug("КАНАРЕЙКА", record="КАНАРЕЙКА") from inner
    except Bug as caught:
        error = caught
    text = report_text(error, at(10, 42))
    assert "КАНАРЕЙКА" not in text
    assert "ValueError" in text
    assert "put" in text
    assert str(tmp_path.parent) not in text
    window = BugWindow(error, at(10, 42))
    qtbot.addWidget(window)
    window.save_to(tmp_path / "report.txt")
    assert "КАНАРЕЙКА" not in (tmp_path / "report.txt").read_text(encoding="utf-8")
    assert "10:42" in window.sentence
    window.save_to(tmp_path / "нет такой папки" / "report.txt")
    assert "выберите другую папку" in window.words.text()
