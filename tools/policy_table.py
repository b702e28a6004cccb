"""Write the table of docs/policies.md from the code: `python -m tools.policy_table`. A test compares the two."""

from __future__ import annotations

from pathlib import Path

from ejournal_core import policy, presets
from ejournal_core.policy import Policy, Source

PAGE = Path(__file__).parent.parent / "docs" / "policies.md"
BEGIN, END = "<!-- table: begin -->\n", "<!-- table: end -->"

#: Column heads, short enough for a table.
HEADS = {
    "paragraf-spb-2016": "S0",
    "sgo-tomsk-2021": "S1",
    "portal-mo": "S2",
    "avers-stavropol-2019": "S3",
    "dnevnikru-markovo-2016": "S4",
    "fop-2025": "FOP",
}


def table() -> str:
    """Return the table of all parameters: default, and each preset that says something of it, with its clauses."""
    default = Policy.default()
    lines = ["| code | identifier | title | default | presets |", "|---|---|---|---|---|"]
    for code, parameter in policy.PARAMETERS.items():
        value = policy.to_text(getattr(default, parameter.identifier))
        basis = parameter.default_source
        said = "<br>".join(_cell(name, code) for name in HEADS if code in presets.PRESETS[name])
        lines.append(
            f"| {code} | `{parameter.identifier}` | {parameter.title} | `{value}` ({basis.evidence}) | {said or '–'} |"
        )
    return "\n".join(lines) + "\n"


def _cell(name: str, code: str) -> str:
    parameter = policy.PARAMETERS[code]
    value, default = (getattr(p, parameter.identifier) for p in (policy.preset(name), Policy.default()))
    shown = "= default" if value == default else f"`{policy.to_text(value)}`"
    return f"**{HEADS[name]}** {shown} {_where(parameter.source(name))}"


def _where(source: Source) -> str:
    return f"({', '.join(source.clauses) or 'own'})"


def page_with(text: str, rows: str) -> str:
    """Return the page's text with its table replaced."""
    before, rest = text.split(BEGIN)
    return before + BEGIN + rows + END + rest.split(END)[1]


def main() -> None:
    """Rewrite the page."""
    PAGE.write_text(page_with(PAGE.read_text(encoding="utf-8"), table()), encoding="utf-8")


if __name__ == "__main__":
    main()
