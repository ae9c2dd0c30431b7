"""Import filter: the kinds, targets and parameters of `--only`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from qdash_core.errors import InvalidInputError
from qdash_core.models.target_lists import names_targets, parse_targets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qdash_core.hooks.imported_data import ImportedData

T = TypeVar("T")
KINDS = frozenset({"values", "design", "wiring"})


@dataclass(frozen=True, slots=True)
class ImportFilter:
    """Import filter. An empty field excludes nothing.

    Parameters
    ----------
    kinds : frozenset of str
        A subset of `values`, `design`, `wiring`.
    older : bool
        Whether to include values that were measured before those of the chip.
    """

    kinds: frozenset[str] = frozenset()
    targets: frozenset[str] = frozenset()
    parameters: frozenset[str] = frozenset()
    older: bool = False

    @classmethod
    def parse(cls, texts: Iterable[str], *, older: bool = False) -> ImportFilter:
        """Return the filter for a list such as `t1,0..3,0-1,design`; InvalidInputError if an entry is empty or no target."""
        names = [name.strip() for text in texts for name in text.split(",")]
        if "" in names:
            raise InvalidInputError(
                "--only has an empty entry: write parameters, targets or kinds, as in t1,0,design"
            )
        kinds = {name for name in names if name in KINDS}
        targets = [name for name in names if names_targets(name)]
        parameters = set(names).difference(kinds, targets)
        chosen = parse_targets(targets) if targets else ()
        return cls(frozenset(kinds), frozenset(chosen), frozenset(parameters), older)

    def apply(self, imported: ImportedData) -> ImportedData:
        """Return the filtered data. A wiring belongs to no target and no parameter."""
        seeds = self._filter_targets(imported.seeds, "values")
        if imported.chip is None:
            return replace(imported, seeds=seeds)
        wiring = (
            imported.chip.wiring if self._includes("wiring") and not self.targets | self.parameters else None
        )
        chip = replace(
            imported.chip,
            wiring=wiring,
            design=self._filter_targets(imported.chip.design, "design"),
            values=self._filter_targets(imported.chip.values, "values"),
        )
        return replace(imported, seeds=seeds, chip=chip)

    def _includes(self, kind: str) -> bool:
        return not self.kinds or kind in self.kinds

    def _filter_targets(self, found: Mapping[str, Mapping[str, T]], kind: str) -> dict[str, dict[str, T]]:
        if not self._includes(kind):
            return {}
        chosen = {
            target: {
                name: one for name, one in values.items() if not self.parameters or name in self.parameters
            }
            for target, values in found.items()
            if not self.targets or target in self.targets
        }
        return {target: values for target, values in chosen.items() if values}
