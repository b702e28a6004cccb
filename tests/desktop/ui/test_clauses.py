"""What stands behind a refusal is said in words: the rule's title and the clause of the school's paper."""

from __future__ import annotations

import re

import pytest

from ejournal_core import policy
from ejournal_core.errors import Refusal
from ejournal_desktop.ui.clauses import rule_words, with_clause

CLOSED = Refusal("EJ-228", "Период закрыт: исправление возможно по заявке завучу.", "P07")


def test_a_refusal_names_the_rule_and_the_clause_of_the_schools_paper() -> None:
    assert with_clause(CLOSED, policy.preset("sgo-tomsk-2021")) == (
        "Период закрыт: исправление возможно по заявке завучу "
        "(правило «Кто разрешает исправление после срока», п. 2.3.4 положения школы)."
    )


def test_a_rule_that_no_paper_asks_for_names_itself_alone() -> None:
    assert with_clause(CLOSED, policy.Policy.default()).endswith("(правило «Кто разрешает исправление после срока»).")


def test_a_rule_of_the_schools_own_names_the_schools_paper() -> None:
    own = policy.from_settings("sgo-tomsk-2021", {"P06": '{"days":3}'}, {"P06": "приказ № 40 от 28.08.2026"})
    assert rule_words(own, "P06").endswith(", приказ № 40 от 28.08.2026")


def test_a_sentence_without_a_rule_stays_as_it_is() -> None:
    assert with_clause(Refusal("EJ-210", "Здесь можно только смотреть."), policy.Policy.default()) == (
        "Здесь можно только смотреть."
    )


@pytest.mark.parametrize("name", policy.PRESET_NAMES)
def test_no_code_of_a_parameter_or_a_regulation_reaches_a_person(name: str) -> None:
    for code, parameter in policy.PARAMETERS.items():
        said = rule_words(policy.preset(name), code)
        assert parameter.title in said
        assert not re.search(r"\bP\d\d\b|\bS\d\b|FOP|\d[a-z]", said)
