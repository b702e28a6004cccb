"""A contract for import-linter: no module knows one that knows it, wherever in the packages the two lie.

Its own `acyclic_siblings` takes a package for one thing; here modules of `ui` and of the packages below it lean on each
other. Imports inside functions and those for types alone count like all others.
"""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.application.contract_utils import AlertLevel, remove_ignored_imports


class NoCircles(Contract):
    """Kept while the modules can be put in a row in which each knows only earlier ones."""

    type_name = "no_circles"
    ignore_imports = fields.SetField(subfield=fields.ImportExpressionField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002 - import-linter's own names
        """Look for one circle, importers before what they import; an exception that nobody needs is an error."""
        remove_ignored_imports(graph, self.ignore_imports, AlertLevel.ERROR)  # type: ignore[arg-type]
        try:
            TopologicalSorter(
                {each: sorted(graph.find_modules_directly_imported_by(each)) for each in sorted(graph.modules)}
            ).prepare()
        except CycleError as error:
            return ContractCheck(kept=False, metadata={"circle": error.args[1][::-1]})
        return ContractCheck(kept=True)

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Say who knows whom."""
        output.print_error(" -> ".join(check.metadata["circle"]))
