"""Values given by users that are far from all evidence: they become the chip's only after a confirmation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from qdash_core.models.estimates import Parameter
from qdash_core.models.quantities import format_quantity
from qdash_core.models.units import are_alike, convert_parameter
from qdash_core.values.plausible_changes import ChangeDeclaration, PlausibleChange, find_plausible_change

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from qdash_builtin.values.gate import NumberWithError

_OF_A_SETTING = PlausibleChange(0.9)
"""Change of a quantity without a declared one, such as a setting: by a factor of 10, as of a lost digit."""
_OF_DESIGN = 3.0
"""Distance from a design value, relative to a plausible change: it is a guess, and chips scatter about it."""
_WIDEST = 0.9
_ANGLES = ("rad", "deg")


def find_far_values(
    values: Mapping[str, Parameter],
    in_use: Mapping[str, NumberWithError],
    design: Mapping[str, Parameter],
    definitions: Mapping[str, ChangeDeclaration],
) -> Iterator[str]:
    """Yield each value that is far from the one in use, or if there is none from the design value, with both.

    `values` are in the units of their quantities.
    """
    for name, value in values.items():
        change = _find_change(definitions[name], value.unit) if name in definitions else None
        if change is None:
            continue
        known, designed = (_convert(name, one.get(name), value.unit) for one in (in_use, design))
        if known is not None:
            is_far = _is_far(change, value, known)
        elif designed is not None:
            is_far = _is_far(_widen(change), value, designed)
        else:
            continue
        if is_far:
            references = [
                f"{format_quantity(one.value, one.error, one.unit)} {what}"
                for one, what in ((known, "in use"), (designed, "of the design"))
                if one is not None
            ]
            given = format_quantity(value.value, value.error, value.unit)
            yield f"{name} = {given} is far from {' and '.join(references)}"


def add_units(design: Mapping[str, float | None], units: Mapping[str, str]) -> dict[str, Parameter]:
    """Return the known design values with their units."""
    return {
        name: Parameter(value, None, units[name])
        for name, value in design.items()
        if value is not None and name in units
    }


def _find_change(declared: ChangeDeclaration, unit: str) -> PlausibleChange | None:
    """Return the plausible change of a parameter; None for a phase, whose changes have no scale."""
    change = find_plausible_change([declared], unit)
    return _OF_A_SETTING if change is None and unit not in _ANGLES else change


def _widen(change: PlausibleChange) -> PlausibleChange:
    return PlausibleChange(
        min(_OF_DESIGN * change.jump, max(_WIDEST, change.jump)), negligible=change.negligible
    )


def _is_far(change: PlausibleChange, value: Parameter, reference: Parameter) -> bool:
    if reference.value == 0 and not change.negligible:
        return False  # there is no scale
    error = math.hypot(value.error or 0.0, reference.error or 0.0)
    return change.are_far_apart(value.value, reference.value, error=error)


def _convert(name: str, known: NumberWithError | None, unit: str) -> Parameter | None:
    """Return a known value in a unit; None if there is none, or it is stored in a unit of another kind."""
    if known is None or not are_alike(known.unit, unit):
        return None
    return convert_parameter(name, Parameter(known.value, known.error, known.unit), unit)
