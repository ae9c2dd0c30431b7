"""Design values of a chip: names, units and bounds."""

from __future__ import annotations

import math
from numbers import Real
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.targets import get_target_kind, parse_target_id
from qdash_core.parsing.similar_names import suggest

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from qdash_core.chips.chip import Chip
    from qdash_core.models.chip import DesignValues


class DesignQuantity(NamedTuple):
    """A design quantity: its unit, and bounds that reveal a value given in another unit."""

    unit: str
    lowest: float
    highest: float


_FREQUENCY = DesignQuantity("GHz", 0.01, 100.0)
_AMPLITUDE = DesignQuantity("a.u.", 0.0, 1e6)
_LENGTH = DesignQuantity("ns", 0.1, 1e6)

OF_QUBITS: Mapping[str, DesignQuantity] = MappingProxyType(
    {
        "qubit_frequency": _FREQUENCY,
        "anharmonicity": DesignQuantity("GHz", -10.0, 10.0),
        "resonator_frequency": _FREQUENCY,
        "readout_frequency": _FREQUENCY,
        "readout_amplitude": _AMPLITUDE,
        "control_amplitude": _AMPLITUDE,
        "readout_length": _LENGTH,
        "hpi_length": _LENGTH,
        "pi_length": _LENGTH,
    }
)
OF_COUPLINGS: Mapping[str, DesignQuantity] = MappingProxyType(
    {"zx90_gate_time": _LENGTH, "static_zz_interaction": DesignQuantity("MHz", -1e3, 1e3)}
)

DESIGN_UNITS: Mapping[str, str] = MappingProxyType(
    {name: one.unit for name, one in {**OF_QUBITS, **OF_COUPLINGS}.items()}
)
"""Units of design values by name."""

Design = dict[str, dict[str, float]]
"""Design values by qubit or coupling id, then by name."""


def get_quantities(target: str) -> Mapping[str, DesignQuantity]:
    """Return the design quantities that exist for a qubit, or for a coupling (`"0-1"`)."""
    return OF_COUPLINGS if "-" in target else OF_QUBITS


def validate_design(
    design: Mapping[str, Mapping[str, object]], targets: Collection[str], *, chip: str = "the chip"
) -> dict[str, DesignValues]:
    """Return validated design values by target id, as floats, or None where a value is stated not to exist.

    Raises
    ------
    NotFoundError
        If the chip has no such qubit or coupling.
    InvalidInputError
        If a target is invalid or given twice, a name is unknown, or a value is not a number or out of bounds.
    """
    found: dict[str, DesignValues] = {}
    for called, values in design.items():
        target = parse_target_id(called)
        if target not in targets:
            kind = get_target_kind(target)
            raise NotFoundError(f"{chip} has no {kind} {target}, of which design values are given")
        if target in found:
            raise InvalidInputError(f"design values of {target} are given twice, once as {called!r}")
        found[target] = {name: _check_value(target, name, value) for name, value in values.items()}
    return found


def _check_value(target: str, name: str, value: object) -> float | None:
    quantities = get_quantities(target)
    if name not in quantities:
        kind = "couplings" if "-" in target else "qubits"
        raise InvalidInputError(
            f"{target}: {name!r} is no design value of {kind}{suggest(name, quantities)}; there are {', '.join(quantities)}"
        )
    if value is None:
        return None
    if not isinstance(value, Real) or isinstance(value, bool) or not math.isfinite(value):
        raise InvalidInputError(f"{target}.{name} is {value!r}, not a finite number")
    number = float(value)
    unit, lowest, highest = quantities[name]
    if not lowest <= number <= highest:
        raise InvalidInputError(
            f"{target}.{name} is {number:g}: it is wanted in {unit}, from {lowest:g} to {highest:g}"
        )
    return number


def complete_design(chip: Chip, known_to_backend: Mapping[str, DesignValues]) -> Design:
    """Return the design values of a chip, completed with those that only the backend has."""
    found: Design = {}
    for target, model in {**chip.qubits, **chip.couplings}.items():
        fields = {**known_to_backend.get(target, {}), **model.design}
        if values := {name: value for name, value in fields.items() if value is not None}:
            found[target] = values
    return found
