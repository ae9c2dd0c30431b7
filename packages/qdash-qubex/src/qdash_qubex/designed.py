"""What the parameter files of a system say of its qubits before anything is measured, under QDash's names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_qubex.parameter_files import read_parameters

if TYPE_CHECKING:
    from qdash_qubex.configured import QubexSystem

_DESIGN = (
    "qubit_frequency",
    "anharmonicity",
    "resonator_frequency",
    "readout_frequency",
    "readout_amplitude",
    "control_amplitude",
)
_USUAL_AMPLITUDE = 0.1
"""What qubex itself uses where no file says anything."""


def parameters_of(system: QubexSystem, *names: str) -> dict[str, dict[str, float]]:
    """Return those of these parameters that files hold, by target; InvalidInputError names a file that is wrong."""
    found: dict[str, dict[str, float]] = {}
    for one in read_parameters(system)[0]:
        if one.name in names:
            found.setdefault(one.target, {}).setdefault(one.name, one.value)
    return found


def design_of(system: QubexSystem) -> dict[str, dict[str, float]]:
    """Return the design of the qubits that have a frequency; raises as `parameters_of`."""
    usual = {
        "readout_amplitude": _USUAL_AMPLITUDE,
        "control_amplitude": _USUAL_AMPLITUDE,
        "readout_length": system.readout_length_ns(),
    }
    said = parameters_of(system, *_DESIGN)
    return {qid: usual | values for qid, values in said.items() if "qubit_frequency" in values}
