"""Device table of a chip that has another backend: its twin agrees with the known facts about the chip.

Frequencies, anharmonicities, T1 and T2 are drawn around known or design values, other known values are used unchanged;
the rest is drawn with the twin (`physics.draw`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from qdash_builtin.chips.topology_files import parse_topology
from qdash_core.models.estimates import Parameter
from qdash_core.models.targets import split_coupling
from qdash_fake.devices.tables import CouplingRow, DeviceTable, QubitRow
from qdash_fake.physics.streams import stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.backends.base import ChipKnowledge

_FARTHEST_SIGMA = 3.0
_SCATTER_GHZ = {
    "qubit_frequency": 0.03,
    "anharmonicity": 0.01,
    "resonator_frequency": 0.003,
    "readout_frequency": 0.003,
}
"""Standard deviation of a fabricated quantity from its design value."""
_LARGEST_FIDELITY = 1 - 1e-6


def make_table_of_chip(chip: ChipKnowledge, seed: int) -> DeviceTable:
    """Return the device table of a chip from its topology, design and known values.

    The seed is that of deviations from known and design values. Raises `InvalidInputError` if the topology is invalid.
    """
    topology = parse_topology(chip.topology)
    return DeviceTable(
        device=topology.name,
        n_qubits=len(topology.qubits),
        qubits=tuple(_make_qubit_row(qid, chip, seed) for qid in topology.qids),
        couplings=tuple(_make_coupling_row(coupling, chip) for coupling in topology.couplings),
        topology=dict(chip.topology),
    )


def _make_qubit_row(qid: str, chip: ChipKnowledge, seed: int) -> QubitRow:
    values, design = chip.values.get(qid, {}), chip.design.get(qid, {})

    def draw(*names: str) -> float | None:
        """Return a true value drawn around the first of these parameters with a known value, else with a design value."""
        for name in names:
            if name in values:
                return _draw_around(values[name], seed, qid, name)
        for name in names:
            if name in design and name in _SCATTER_GHZ:
                fabricated = Parameter(design[name], _SCATTER_GHZ[name])
                return _draw_around(fabricated, seed, qid, f"fabricated {name}")
        return None

    def setting(name: str) -> float | None:
        return float(values[name].value) if name in values else design.get(name)

    resonator = draw("resonator_frequency", "readout_frequency")
    return QubitRow(
        qid=qid,
        frequency_ghz=_positive(draw("qubit_frequency", "coarse_qubit_frequency")),
        anharmonicity_ghz=draw("anharmonicity"),
        t1_us=_positive(draw("t1_average", "t1")),
        t2_us=_positive(draw("t2_echo_average", "t2_echo")),
        readout_error=_error_of(values, "average_readout_fidelity"),
        p_meas1_prep0=_error_of(values, "readout_fidelity_0"),
        p_meas0_prep1=_error_of(values, "readout_fidelity_1"),
        readout_length_ns=_positive(setting("readout_length")),
        sx_error=_error_of(values, "x90_gate_fidelity"),
        sx_length_ns=_positive(setting("hpi_length")),
        resonator_frequency_ghz=_positive(resonator),
        readout_amplitude=_amplitude(setting("readout_amplitude")),
        rabi_per_amplitude_mhz=_positive(_find_drive_strength(values)),
    )


def _make_coupling_row(coupling: str, chip: ChipKnowledge) -> CouplingRow:
    first, second = split_coupling(coupling)
    control = chip.controls.get(coupling, first)
    target = second if control == first else first
    values = chip.values.get(coupling, {})
    error = _error_of(values, "zx90_gate_fidelity")
    length = values.get("zx90_gate_time")
    if error is None or length is None or length.value <= 0:
        return CouplingRow(control=control, target=target)
    return CouplingRow(control=control, target=target, gate="ecr", error=error, length_ns=float(length.value))


def _draw_around(known: Parameter, seed: int, qid: str, name: str) -> float:
    deviation = float(stream(seed, qid, f"known {name}").normal(0, 1))
    clipped = min(max(deviation, -_FARTHEST_SIGMA), _FARTHEST_SIGMA)
    error = known.error if known.error is not None and math.isfinite(known.error) else 0.0
    return float(known.value) + clipped * error


def _find_drive_strength(values: Mapping[str, Parameter]) -> float | None:
    """Return the Rabi frequency per amplitude in MHz/a.u., or None if it is unknown."""
    if "maximum_rabi_frequency" in values:
        return float(values["maximum_rabi_frequency"].value)
    rabi, amplitude = values.get("rabi_frequency"), values.get("control_amplitude")
    if rabi is None or amplitude is None or not amplitude.value:
        return None
    return float(rabi.value) / float(amplitude.value)


def _error_of(values: Mapping[str, Parameter], fidelity: str) -> float | None:
    """Return the infidelity 1 − F of a known fidelity in the range 0 < F ≤ 1, else None."""
    known = values.get(fidelity)
    if known is None or not 0 < known.value <= 1:
        return None
    return 1 - min(float(known.value), _LARGEST_FIDELITY)


def _positive(value: float | None) -> float | None:
    return value if value is not None and 0 < value < math.inf else None


def _amplitude(value: float | None) -> float | None:
    return value if value is not None and 0 < value <= 1 else None
