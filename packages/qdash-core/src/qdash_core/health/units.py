"""Check for values that are stored in another unit than tasks declare, or outside of their limits."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from qdash_core.health.findings import HealthFinding, count_with_examples
from qdash_core.models.estimates import Parameter
from qdash_core.models.project import make_command_options
from qdash_core.repositories.repositories import Repositories
from qdash_core.values.gate import describe_excess
from qdash_core.values.unit_conversion import differs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qdash_core.models.chip import ChipModel, StoredValue, StoredValues
    from qdash_core.repositories.store import Store
    from qdash_core.values.gate import TableEntry

_NAMED = 3
_CORRECT = "measure them again, correct them (qdash values set), or undo the import (qdash values log, qdash values undo)"


def check_units(
    store: Store, quantities: Mapping[str, TableEntry], *, within_s: float | None
) -> HealthFinding:
    """Check the units and limits of the values in use of all chips: older versions stored what the gate of values refuses.

    Parameters
    ----------
    store : Store
        The store.
    quantities : mapping of str to TableEntry
        The declared parameters.
    within_s : float or None
        Time limit in seconds, or None for all chips.
    """
    deadline = None if within_s is None else time.monotonic() + within_s
    found = _UnusualValues(quantities)
    checked = 0
    with store.read() as snapshot:
        repositories = Repositories(snapshot)
        chips = repositories.chips.list_all()
        for chip in chips:
            if deadline is not None and time.monotonic() > deadline:
                break
            checked += 1
            place = chip.project_id, chip.chip_id
            found.add_chip(
                chip, (*repositories.qubits.list_values(*place), *repositories.couplings.list_values(*place))
            )
    if found.in_other_units:
        named = count_with_examples(len(found.in_other_units), found.in_other_units[:_NAMED], "value")
        advice = f"{'; '.join(found.commands[:_NAMED])} converts them"
        return HealthFinding("units", "warning", f"{named} in another unit than tasks declare", advice)
    if found.impossible:
        named = count_with_examples(len(found.impossible), found.impossible[:_NAMED], "value")
        return HealthFinding(
            "units", "warning", f"{named} outside of the limits that tasks declare", _CORRECT
        )
    rest = "" if checked == len(chips) else f" of {len(chips)}: --deep checks all"
    return HealthFinding("units", "ok", f"{checked} {'chip' if checked == 1 else 'chips'} checked{rest}")


class _UnusualValues:
    """Values in other units or outside of their limits, with the commands that convert them."""

    def __init__(self, quantities: Mapping[str, TableEntry]) -> None:
        self._quantities = quantities
        self.in_other_units: list[str] = []
        self.impossible: list[str] = []
        self.commands: list[str] = []

    def add_chip(self, chip: ChipModel, targets: Iterable[StoredValues]) -> None:
        """Add those of a chip."""
        before = len(self.in_other_units)
        for target in targets:
            for name, known in target["data"].items():
                if name in self._quantities:
                    self._add(name, known, f"of {target['qid']} of chip {chip.chip_id}")
        if len(self.in_other_units) > before:
            options = make_command_options(chip.project_id)
            self.commands.append(f"qdash values convert {chip.chip_id}{options}")

    def _add(self, name: str, known: StoredValue, where: str) -> None:
        declared = self._quantities[name]
        value = Parameter(known["value"], known.get("error"), known.get("unit", "") or declared.unit)
        if differs(value.unit, declared.unit):
            self.in_other_units.append(f"{name} {where} in {value.unit}")
        elif describe_excess(name, value, declared) is not None:
            self.impossible.append(f"{name} {where}: {value.value:g}")
