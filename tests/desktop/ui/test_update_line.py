"""The line about a newer program: quiet, said in one sentence, and nothing happens that was not chosen."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from ejournal_desktop.ui.jobs import Jobs
from ejournal_desktop.ui.newer_program import NewerProgram
from ejournal_desktop.ui.widgets.update_line import NewProgram, UpdateLine
from tests.helpers.sample_news import new_program


def made(qtbot: QtBot, standing: NewProgram, *, at_work: bool) -> UpdateLine:
    """Show a line."""
    line = UpdateLine(at_work=at_work)
    qtbot.addWidget(line)
    line.show()
    line.show_standing(standing)
    return line


def test_nothing_to_say_takes_no_room(qtbot: QtBot) -> None:
    line = made(qtbot, NewProgram(), at_work=True)
    assert line.isHidden()
    line.show_standing(new_program())
    assert line.isVisible()
    line.show_standing(NewProgram())
    assert line.isHidden()


def test_the_version_its_proof_and_what_is_new_are_told(qtbot: QtBot) -> None:
    line = made(qtbot, new_program(), at_work=True)
    assert line.text == "Готова версия программы 1.2.0. Подписи издателя и школы проверены."
    assert line.accessibleName() == line.text
    assert line.news == ""
    line.news_button.click()
    assert line.news.startswith("Файлы к домашнему заданию")
    line.show_standing(NewProgram("1.2.1"))
    assert line.news == ""
    assert line.news_button.isHidden()


def test_what_a_publisher_writes_is_shown_as_words_and_nothing_else(qtbot: QtBot) -> None:
    line = made(qtbot, NewProgram("1.2.0", "<a href='http://x'>сюда</a>"), at_work=True)
    line.news_button.click()
    assert line._news.textFormat() == line._news.textFormat().PlainText
    assert line.news == "<a href='http://x'>сюда</a>"


def test_at_work_it_installs_when_the_person_leaves_and_the_choice_can_be_taken_back(qtbot: QtBot) -> None:
    newer = NewerProgram(Jobs())
    line = made(qtbot, NewProgram(), at_work=True)
    newer.show_on(line, at_work=True)
    newer._now(version="1.2.0")
    assert line.install_button.text() == "Установить, когда выйду"
    line.install_button.click()
    assert newer.standing == NewProgram("1.2.0", chosen=True)
    assert line.text == "Версия 1.2.0 установится, когда вы закончите и выйдете. Журнал останется как есть."
    assert line.later_button.isHidden()
    line.install_button.click()
    assert not newer.standing.chosen
    newer._jobs.close()


def test_where_nobody_is_at_work_it_installs_now(qtbot: QtBot) -> None:
    newer = NewerProgram(Jobs())
    line = made(qtbot, NewProgram(), at_work=False)
    newer.show_on(line, at_work=False)
    newer._now(version="1.2.0")
    assert line.install_button.text() == "Установить сейчас"
    with qtbot.waitSignal(newer.install_now):
        line.install_button.click()
    newer._jobs.close()


def test_later_is_quiet_until_the_program_starts_again(qtbot: QtBot) -> None:
    newer = NewerProgram(Jobs())
    line = made(qtbot, NewProgram(), at_work=True)
    newer.show_on(line, at_work=True)
    newer._now(version="1.2.0")
    line.later_button.click()
    assert line.isHidden()
    assert newer.standing == NewProgram()
    newer._jobs.close()


def test_a_refused_or_broken_package_is_told_in_one_sentence_and_offers_nothing(qtbot: QtBot) -> None:
    newer = NewerProgram(Jobs())
    line = made(qtbot, NewProgram(), at_work=True)
    newer.show_on(line, at_work=True)
    newer.tell("EJ-426")
    assert line.text.startswith("Предложенная сервером новая версия не подписана издателем")
    assert "эта версия работает дальше" in line.text
    assert line.install_button.isHidden()
    newer.tell("")
    assert line.isHidden()
    newer._jobs.close()
