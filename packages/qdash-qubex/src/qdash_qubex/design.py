"""Design values of the qubits from a system's parameter files, under QDash's names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_qubex.parameter_files import read_parameters

if TYPE_CHECKING:
    from qdash_qubex.system_config import QubexSystem

_DESIGN = (
    "qubit_frequency",
    "anharmonicity",
    "resonator_frequency",
    "readout_frequency",
    "readout_amplitude",
    "control_amplitude",
)
_USUAL_AMPLITUDE = 0.1
"""Default value of qubex."""


def read_design_parameters(system: QubexSystem, *names: str) -> dict[str, dict[str, float]]:
    """Return these parameters from the files, by target; raise InvalidInputError naming an invalid file."""
    found: dict[str, dict[str, float]] = {}
    for one in read_parameters(system)[0]:
        if one.name in names:
            found.setdefault(one.target, {}).setdefault(one.name, one.value)
    return found


def read_design(system: QubexSystem) -> dict[str, dict[str, float]]:
    """Return the design of the qubits that have a frequency; raises as `read_design_parameters`."""
    usual = {
        "readout_amplitude": _USUAL_AMPLITUDE,
        "control_amplitude": _USUAL_AMPLITUDE,
        "readout_length": system.readout_length_ns(),
    }
    said = read_design_parameters(system, *_DESIGN)
    return {qid: usual | values for qid, values in said.items() if "qubit_frequency" in values}
