"""Contract of import-linter: a member, or a part of one, imports those only that its line names."""

from __future__ import annotations

from typing import Any

from importlinter import Contract, ContractCheck, fields, output


class MemberImportsContract(Contract):
    """Table of the members, one line each: `member`, or `member: imported imported ...`.

    With `within`, the table is of the folders of this member, such as features, and a line names lines above it only: there are no circles.
    """

    type_name = "member_imports"
    members = fields.ListField(subfield=fields.StringField())
    within = fields.StringField(required=False)

    def check(self, graph: Any, verbose: bool) -> ContractCheck:
        """Return imports that no line allows, members without a line, and what lines name in vain or before its own line."""
        lines = [line.partition(":") for line in self.members]  # type: ignore[attr-defined]
        allowed = {member.strip(): imported.split() for member, _, imported in lines}
        found, made = set[str](), set[tuple[str, str]]()
        for importer in sorted(graph.modules):
            member = self._find_member(importer)
            made.add((member, member))
            if member and member not in allowed:
                found.add(f"{member} has no line")
            for imported in graph.find_modules_directly_imported_by(importer):
                other = self._find_member(imported)
                made.add((member, other))
                if member and other and other not in (member, *allowed.get(member, ())):
                    found.add(f"{importer} -> {imported}")
        above: list[str] = []
        for member, names in allowed.items():
            if (member, member) not in made:
                found.add(f"{member} has a line, and no module")
            found |= {
                f"{member}: its line names {other}, and nothing imports it"
                for other in names
                if (member, other) not in made
            }
            if self.within:
                found |= {
                    f"{member}: its line names {other}, which has no line above"
                    for other in names
                    if other not in above
                }
            above.append(member)
        return ContractCheck(kept=not found, metadata={"found": sorted(found)})

    def _find_member(self, module: str) -> str:
        """Return the member, or the part of one, to which a module belongs, or an empty text."""
        if not self.within:
            return module.partition(".")[0]
        within, _, rest = module.partition(".")
        return rest.partition(".")[0] if within == self.within else ""

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print what was found, a line each."""
        for one in check.metadata["found"]:
            output.print_error(one)
