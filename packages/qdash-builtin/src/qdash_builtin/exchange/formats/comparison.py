"""Comparison of imported data with a chip, as pure functions."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from qdash_builtin.values.far_values import add_units, find_far_values
from qdash_builtin.values.long_t2 import describe_long_t2
from qdash_core.chips.design import DESIGN_UNITS, get_quantities, validate_design
from qdash_core.models.estimates import Parameter
from qdash_core.models.targets import by_number, get_target_kind
from qdash_core.models.units import convert_alike

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime

    from qdash_core.chips.chip import Chip
    from qdash_core.hooks.imported_data import ImportedData, SkippedEntry
    from qdash_core.models.chip import ParameterModel
    from qdash_core.values.plausible_changes import ChangeDeclaration

SAME_WITHIN = 1e-9
"""Relative tolerance for equal numbers, which may have been written in two units."""

Kind = Literal["value", "design"]


class ComparisonState(StrEnum):
    """Outcome of the comparison of an imported number with the chip's."""

    NEW = "new"
    """The chip has no number."""
    DIFFERS = "differs"
    OLDER = "older"
    """Different, and measured before the chip's number: imported only on request."""
    SAME = "same"
    UNKNOWN = "unknown"
    """The target or the parameter does not exist: not imported."""


_CHANGES = frozenset({ComparisonState.NEW, ComparisonState.DIFFERS})


@dataclass(frozen=True, slots=True)
class DatedNumber:
    """A number with its error and measurement time.

    Parameters
    ----------
    value : float or None
        The number; None only for a design value that is recorded as absent.
    error : float or None
        Standard deviation, or None if unknown.
    measured_at : datetime or None
        Time of the measurement, or None if unknown.
    """

    value: float | None
    error: float | None = None
    measured_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NumberComparison:
    """An imported number beside the chip's number.

    Parameters
    ----------
    kind : {"value", "design"}
        Whether it is a value in use or a design value.
    had : DatedNumber or None
        The chip's number, or None if it has none.
    place : str
        File and key.
    why : str
        Reason if the standing is unknown.
    """

    kind: Kind
    target: str
    parameter: str
    unit: str
    imported: DatedNumber
    had: DatedNumber | None
    standing: ComparisonState
    place: str
    why: str = ""

    @property
    def sigmas(self) -> float | None:
        """Difference in units of its standard deviation, or None if a value or both errors are missing."""
        if self.had is None or self.had.value is None or self.imported.value is None:
            return None
        spread = math.hypot(self.had.error or 0.0, self.imported.error or 0.0)
        return abs(self.imported.value - self.had.value) / spread if spread else None


@dataclass(frozen=True, slots=True)
class ChipComparison:
    """Comparison of imported data with a chip.

    Parameters
    ----------
    numbers : tuple of NumberComparison
        Values and design, by target.
    wiring : ComparisonState or None
        Outcome of the comparison of the wiring, or None if the files have none.
    layout : str
        Qubits and couplings that only the files or only the chip have, or empty. An import never changes
        them.
    warnings : tuple of str
        Imported values that are far from those in use, and contradictions with others of their target.
    """

    numbers: tuple[NumberComparison, ...]
    wiring: ComparisonState | None = None
    layout: str = ""
    not_understood: tuple[SkippedEntry, ...] = ()
    older: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def changes(self) -> tuple[NumberComparison, ...]:
        """The numbers that an import would write."""
        wanted = _CHANGES | {ComparisonState.OLDER} if self.older else _CHANGES
        return tuple(one for one in self.numbers if one.standing in wanted)

    @property
    def changes_wiring(self) -> bool:
        """True if an import would change the wiring."""
        return self.wiring in _CHANGES

    @property
    def changes_something(self) -> bool:
        """True if an import would change the chip."""
        return bool(self.changes) or self.changes_wiring


def compare_with_chip(
    imported: ImportedData,
    chip: Chip,
    known: Collection[str],
    *,
    definitions: Mapping[str, ChangeDeclaration] | None = None,
    older: bool = False,
) -> ChipComparison:
    """Return the comparison of imported data with a chip.

    Parameters
    ----------
    imported : ImportedData
        The imported data, whose values have passed the gate of values.
    definitions : mapping of str to ChangeDeclaration, or None
        Declared parameters, to warn of values that are far from those in use.
    older : bool
        Whether to import values that were measured before the chip's.

    Raises
    ------
    InvalidInputError
        If a design value is out of bounds.
    """
    numbers = [*_compare_values(imported, chip, known), *_compare_design(imported, chip)]
    found = ChipComparison(
        tuple(sorted(numbers, key=lambda one: ("-" in one.target, by_number(one.target)))),
        wiring=_compare_wiring(imported, chip),
        layout=_compare_layout(imported, chip),
        not_understood=imported.not_understood,
        older=older,
    )
    return replace(found, warnings=tuple(_find_warnings(found, chip, definitions or {})))


def _find_warnings(
    found: ChipComparison, chip: Chip, definitions: Mapping[str, ChangeDeclaration]
) -> Iterator[str]:
    """Yield the values of an import that are far from those in use, and the contradictions that it would make, with their targets."""
    imported: dict[str, dict[str, Parameter]] = {}
    for one in found.changes:
        if one.kind == "value" and one.imported.value is not None:
            value = Parameter(one.imported.value, one.imported.error, one.unit)
            imported.setdefault(one.target, {})[one.parameter] = value
    for target, values in imported.items():
        stored = chip.qubits[target] if target in chip.qubits else chip.couplings[target]
        design = add_units(stored.design, DESIGN_UNITS)
        yield from (f"{target}: {far}" for far in find_far_values(values, stored.data, design, definitions))
        known = chip.qubits[target].data if target in chip.qubits else {}
        contradiction = describe_long_t2({**known, **values})
        if contradiction is not None and {"t1", "t2_echo"} & {*values}:
            yield f"{target}: {contradiction}"


def _compare_values(imported: ImportedData, chip: Chip, names: Collection[str]) -> Iterator[NumberComparison]:
    targets = {**chip.qubits, **chip.couplings}
    for target, seeds in imported.seeds.items():
        model = targets.get(target)
        for name, seed in seeds.items():
            kept = None if model is None else model.data.get(name)
            had = None if kept is None else _convert_kept(kept, seed.parameter.unit)
            why = f"the chip has no {get_target_kind(target)} {target}" if model is None else ""
            if name not in names:
                why = why or "no task makes or needs it"
            known = DatedNumber(seed.parameter.value, seed.parameter.error, seed.measured_at)
            yield NumberComparison(
                "value",
                target,
                name,
                seed.parameter.unit,
                known,
                had,
                ComparisonState.UNKNOWN if why else _compare_number(known, had),
                seed.place,
                why,
            )


def _convert_kept(kept: ParameterModel, unit: str) -> DatedNumber:
    """Return a value of the chip, in a unit if it can be given in it."""
    value = convert_alike(Parameter(kept.value, kept.error, kept.unit), unit)
    return DatedNumber(value.value, value.error, kept.calibrated_at)


def _compare_design(imported: ImportedData, chip: Chip) -> Iterator[NumberComparison]:
    if imported.chip is None:
        return
    targets = {**chip.qubits, **chip.couplings}
    of_file = {site.id for site in imported.chip.topology.qubits} | {*imported.chip.topology.couplings}
    for target, values in validate_design(imported.chip.design, {*targets, *of_file}).items():
        model = targets.get(target)
        for name, value in values.items():
            had = DatedNumber(model.design[name]) if model is not None and name in model.design else None
            yield NumberComparison(
                "design",
                target,
                name,
                get_quantities(target)[name].unit,
                DatedNumber(value),
                had,
                ComparisonState.UNKNOWN if model is None else _compare_number(DatedNumber(value), had),
                "design",
                f"the chip has no {get_target_kind(target)} {target}" if model is None else "",
            )


def _compare_wiring(imported: ImportedData, chip: Chip) -> ComparisonState | None:
    if imported.chip is None or imported.chip.wiring is None:
        return None
    if chip.header.wiring is None:
        return ComparisonState.NEW
    return ComparisonState.SAME if chip.header.wiring == imported.chip.wiring else ComparisonState.DIFFERS


def _compare_layout(imported: ImportedData, chip: Chip) -> str:
    """Return a text with the qubits and couplings that only the files, or only the chip have."""
    if imported.chip is None:
        return ""
    parts = []
    topology = imported.chip.topology
    for what, of_file, of_chip in (
        ("qubits", {site.id for site in topology.qubits}, {*chip.qubits}),
        ("couplings", {*topology.couplings}, {*chip.couplings}),
    ):
        for whose, only in (
            ("only the files have", of_file - of_chip),
            ("only the chip has", of_chip - of_file),
        ):
            if only:
                parts.append(f"{whose} {what} {', '.join(sorted(only, key=by_number))}")
    return "; ".join(parts)


def _compare_number(imported: DatedNumber, had: DatedNumber | None) -> ComparisonState:
    if had is None:
        return ComparisonState.NEW
    if imported.value is None or had.value is None:
        return ComparisonState.SAME if imported.value is had.value else ComparisonState.DIFFERS
    if math.isclose(imported.value, had.value, rel_tol=SAME_WITHIN, abs_tol=0.0):
        return ComparisonState.SAME
    ours, theirs = had.measured_at, imported.measured_at
    return (
        ComparisonState.OLDER
        if ours is not None and theirs is not None and theirs < ours
        else ComparisonState.DIFFERS
    )
