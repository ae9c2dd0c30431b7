"""Contract of import-linter: a member imports those members only that its line names."""

from __future__ import annotations

from typing import Any

from importlinter import Contract, ContractCheck, fields, output


class MemberImportsContract(Contract):
    """Table of the members, one line each: `member`, or `member: imported imported ...`."""

    type_name = "member_imports"
    members = fields.ListField(subfield=fields.StringField())

    def check(self, graph: Any, verbose: bool) -> ContractCheck:
        """Return the imports between members that no line allows, and the members without a line."""
        lines = (line.partition(":") for line in self.members)  # type: ignore[attr-defined]
        allowed = {member.strip(): imported.split() for member, _, imported in lines}
        found = set()
        for importer in sorted(graph.modules):
            member = importer.partition(".")[0]
            if member not in allowed:
                found.add(f"{member} has no line")
                continue
            for imported in graph.find_modules_directly_imported_by(importer):
                other = imported.partition(".")[0]
                if other not in (member, *allowed[member]):
                    found.add(f"{importer} -> {imported}")
        return ContractCheck(kept=not found, metadata={"found": sorted(found)})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print what was found, a line each."""
        for one in check.metadata["found"]:
            output.print_error(one)
