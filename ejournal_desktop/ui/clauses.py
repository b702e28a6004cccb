"""Which rule of the school stands behind a refusal, in words: its title and the clause that it comes from.

Codes of parameters («P07») and of regulations («S1-2.3.4») are for docs/policies.md; nobody reads them at a cell.
"""

from __future__ import annotations

import re

from ejournal_core.errors import Refusal
from ejournal_core.policy import PARAMETERS, Policy, Source
from ejournal_desktop.ui.words import tr

#: Which paper a clause is of, by what stands before its number: appendices of an order, the order itself.
_PAPERS = {"A1": "положения школы", "A2": "регламента школы", "A3": "приложения 3", "A4": "приложения 4",
           "O": "приказа школы", "": "положения школы"}  # fmt: skip
_CLAUSE = re.compile(r"S\d-(?:(A\d)-|(O))?(\d[\d.]*)")


def with_clause(refusal: Refusal, policy: Policy) -> str:
    """Return a refusal with the rule behind it: «… (правило «Виды работ», п. 2.3.4 положения школы).»."""
    if refusal.clause not in PARAMETERS:
        return refusal.sentence
    return f"{refusal.sentence.removesuffix('.')} ({rule_words(policy, refusal.clause)})."


def rule_words(policy: Policy, code: str) -> str:
    """Return what a parameter is called and where its value comes from, as far as that is a paper one can open.

    Raises:
        BadPolicy: there is no such parameter.
    """
    named = tr("правило «{title}»").format(title=PARAMETERS[code].title)
    return ", ".join(part for part in (named, _paper(policy, code)) if part)


def _paper(policy: Policy, code: str) -> str:
    own = dict(policy.own)
    return own[code].strip().removesuffix(".") if code in own else _clause(policy.source(code))


def _clause(source: Source) -> str:
    found = _CLAUSE.match(source.clauses[0]) if source.clauses else None
    if found is None:
        return ""
    return f"{tr('п.')} {found[3].rstrip('.')} {tr(_PAPERS[found[1] or found[2] or ''])}"
