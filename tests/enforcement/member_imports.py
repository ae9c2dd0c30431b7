"""Contract of import-linter: a member, or a folder of one, imports those only that its line names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from importlinter import Contract, ContractCheck, fields, output

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class MemberImportsContract(Contract):
    """Table of the members, one line each: `member`, or `member: imported imported ...`.

    With `within`, the table is of the folders of this member, such as features, and a line names lines above it only: there are no circles.
    Folders with the name `apart` in these, such as `pages`, import all folders with lines above that of their own, and those that a line of
    `against` names, which have lines below; only one another imports them.
    """

    type_name = "member_imports"
    members = fields.ListField(subfield=fields.StringField())
    within = fields.StringField(required=False)
    apart = fields.StringField(required=False)
    against = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: Any, verbose: bool) -> ContractCheck:
        """Return imports that no line allows, members without a line, and what lines name in vain."""
        lines = [line.partition(":") for line in self.members]  # type: ignore[attr-defined]
        allowed = {member.strip(): imported.split() for member, _, imported in lines}
        known = {member for module in graph.modules if (member := self._find_member(module)) is not None}
        found = {f"{member} has no line" for member in known - allowed.keys()}
        found |= {f"{member} has a line, and no module" for member in allowed.keys() - known}
        made = set[tuple[str, str]]()
        for importer, imported in self._iter_imports(graph):
            member, other = self._find_member(importer), self._find_member(imported)
            assert member is not None
            assert other is not None
            made.add((member, other))
            if self._is_apart(imported) or other not in (member, *allowed.get(member, ())):
                found.add(f"{importer} -> {imported}")
        order = [*allowed]
        for member, names in allowed.items():
            above = order[: order.index(member)] if self.within else names
            in_vain = {other for other in names if (member, other) not in made}
            found |= {f"{member}: its line names {other}, and nothing imports it" for other in in_vain}
            found |= {
                f"{member}: its line names {other}, which has no line above" for other in {*names} - {*above}
            }
        found |= self._find_against(graph, order)
        return ContractCheck(kept=not found, metadata={"found": sorted(found)})

    def _find_against(self, graph: Any, order: Sequence[str]) -> set[str]:
        """Return imports by modules that are apart of folders with lines below, which no line names, and what lines name in vain."""
        lines = [line.partition(":") for line in self.against or ()]  # type: ignore[attr-defined]
        named = {(member.strip(), other) for member, _, imported in lines for other in imported.split()}
        made = dict[tuple[str, str], str]()
        for importer, imported in self._iter_imports(graph, apart=True):
            member, other = str(self._find_member(importer)), str(self._find_member(imported))
            if {member, other} <= {*order} and order.index(other) > order.index(member):
                made[member, other] = f"{importer} -> {imported}, against the order"
        in_vain = {f"{member}: its line names {other} in vain" for member, other in named - made.keys()}
        return in_vain | {place for pair, place in made.items() if pair not in named}

    def _iter_imports(self, graph: Any, *, apart: bool = False) -> Iterator[tuple[str, str]]:
        """Yield the imports of modules of members: of those that are apart, or of the others."""
        for importer in graph.modules:
            if self._find_member(importer) is not None and self._is_apart(importer) is apart:
                for imported in graph.find_modules_directly_imported_by(importer):
                    if self._find_member(imported) is not None:
                        yield importer, imported

    def _find_member(self, module: str) -> str | None:
        """Return the member, or the folder of one, to which a module belongs, or None."""
        if not self.within:
            return module.partition(".")[0]
        within, _, rest = module.partition(".")
        return rest.partition(".")[0] or None if within == self.within else None

    def _is_apart(self, module: str) -> bool:
        """Return whether a module belongs to a folder that has no line."""
        return bool(self.apart) and module.split(".")[:3:2] == [self.within, self.apart]

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print what was found, a line each."""
        for one in check.metadata["found"]:
            output.print_error(one)
