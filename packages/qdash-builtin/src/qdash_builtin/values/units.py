"""Check for values that are stored in another unit than tasks declare, or that are impossible by their declarations."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from qdash_core.hooks.health_checks import HealthCheck
from qdash_core.models.estimates import Parameter
from qdash_core.models.health_findings import RESTORE, HealthFinding, count_with_examples
from qdash_core.models.project import make_command_options
from qdash_core.models.quantities import format_count
from qdash_core.models.units import are_alike, complete_unit, describe_unit
from qdash_core.repositories.chips import (
    ChipRepository,
    list_values_in_use,
)
from qdash_core.repositories.repositories import Repositories
from qdash_core.values.gate import describe_excess

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from qdash_builtin.values.gate import TableEntry
    from qdash_core.models.chip import ChipModel, StoredValue, StoredValues
    from qdash_core.repositories.store import Store

_NAMED = 3
_CORRECT = "measure them again, correct them (qdash values set), or undo the import (qdash values log, qdash values undo)"


def check_units(
    store: Store, quantities: Mapping[str, TableEntry], *, within_s: float | None
) -> HealthFinding:
    """Check the units and limits of the values in use of all chips: older versions stored what the gate of values refuses.

    The check ends after `within_s` seconds; None for all chips.
    """
    deadline = None if within_s is None else time.monotonic() + within_s
    found = _UnusualValues(quantities)
    checked = 0
    with store.read() as snapshot:
        repositories = Repositories(snapshot)
        chips = repositories.of(ChipRepository).list_all()
        for chip in chips:
            if checked and deadline is not None and time.monotonic() > deadline:
                break
            checked += 1
            found.add_chip(chip, list_values_in_use(repositories, chip.project_id, chip.chip_id))
    is_complete = checked == len(chips)
    extent = (
        f"{format_count(checked, 'chip')} checked"
        if is_complete
        else f"{checked} of {len(chips)} chips checked, --deep checks all"
    )
    problems = [*found.list_problems()]
    if not problems:
        return HealthFinding("units", "ok", extent)
    details, advice = zip(*problems, strict=True)
    return HealthFinding(
        "units", "warning", "; ".join((*details, *([] if is_complete else [extent]))), "; ".join(advice)
    )


class _UnusualValues:
    """Values in other units, with the commands that convert them, and values that their quantities cannot have."""

    def __init__(self, quantities: Mapping[str, TableEntry]) -> None:
        self._quantities = quantities
        self._in_other_units: list[str] = []
        self._impossible: list[str] = []
        self._commands: list[str] = []

    def list_problems(self) -> Iterator[tuple[str, str]]:
        """Yield a detail and an advice for each kind of unusual values."""
        if self._in_other_units:
            named = count_with_examples(len(self._in_other_units), self._in_other_units[:_NAMED], "value")
            advice = f"run {' and '.join(self._commands[:_NAMED])}"
            yield f"{named} in another unit than tasks declare", advice
        if self._impossible:
            named = count_with_examples(len(self._impossible), self._impossible[:_NAMED], "value")
            yield f"{named} impossible by the declarations of tasks", _CORRECT

    def add_chip(self, chip: ChipModel, targets: Iterable[StoredValues]) -> None:
        """Add those of a chip."""
        before = len(self._in_other_units)
        for target in targets:
            for name, known in target["data"].items():
                if name in self._quantities:
                    self._add(name, known, f"of {target['qid']} of chip {chip.chip_id}")
        if len(self._in_other_units) > before:
            options = make_command_options(chip.project_id)
            self._commands.append(f"qdash values convert {chip.chip_id}{options}")

    def _add(self, name: str, known: StoredValue, where: str) -> None:
        declared = self._quantities[name]
        unit = complete_unit(known.get("unit", ""), declared.unit)
        value = Parameter(known["value"], known.get("error"), unit)
        if not are_alike(unit, declared.unit):
            self._impossible.append(
                f"{name} {where} in {describe_unit(unit)}, not {describe_unit(declared.unit)}"
            )
        elif unit != declared.unit:
            self._in_other_units.append(f"{name} {where} in {describe_unit(unit)}")
        elif describe_excess(name, value, declared) is not None:
            self._impossible.append(f"{name} {where}: {value.value:g}")


CHECK = HealthCheck(
    "units",
    lambda home: check_units(home.store, home.registry.quantities(), within_s=home.within_s),
    RESTORE,
    place=20,
)
