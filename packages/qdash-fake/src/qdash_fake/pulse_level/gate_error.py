"""True error of an echoed cross-resonance gate, from the propagator of the solver; hidden from tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_fake.physics.gate_quality import gate_fidelity
from qdash_fake.physics.superoperators import PAULIS
from qdash_fake.pulse_level.circuit import Circuit
from qdash_fake.pulse_level.several_qubits import (
    evolve,
    get_frame_mhz,
    list_computational_states,
    make_matrix_units,
)
from qdash_tasks.laboratory.limits import Limits
from qdash_tasks.laboratory.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from qdash_fake.physics.chip import ChipTruth
    from qdash_tasks.laboratory.pulses import ZX90
    from qdash_tasks.laboratory.settings import Settings

    Floats = NDArray[np.float64]

_NO_LIMITS = Limits()
_BEGINS = 6


def compute_zx90_fidelity(
    chip: ChipTruth,
    direction: tuple[str, str],
    settings: Mapping[str, Settings],
    gate: ZX90,
    limits: Limits = _NO_LIMITS,
) -> float:
    """Return the average gate fidelity of a played gate to ``exp(-i pi/4 ZX)``; leakage counts as error.

    The fidelity is averaged over the phase between the frames of tone and control at the start, on which flips of the
    control by the edges of a tone depend.

    `direction` is control, target; the grids of `limits` apply to tones and pulses.
    """
    begins = 2 * np.pi * np.arange(_BEGINS) / _BEGINS
    return float(
        np.mean(
            [
                gate_fidelity(
                    compute_zx90_channel(chip, direction, settings, gate, limits, control_rad=begin)
                )
                for begin in begins
            ]
        )
    )


def compute_zx90_channel(
    chip: ChipTruth,
    direction: tuple[str, str],
    settings: Mapping[str, Settings],
    gate: ZX90,
    limits: Limits = _NO_LIMITS,
    *,
    control_rad: float = 0.0,
) -> Floats:
    """Return the Pauli transfer matrix (16, 16) of a gate on (II, IX, ..., ZZ), control first.

    Each qubit is in the frame of its drive; `control_rad` is the phase of the control's relative to the tone's at the
    start.
    """
    timeline = Timeline(settings, limits)
    timeline.turn(direction[0], -control_rad)
    timeline.gate(*direction, gate)
    program = timeline.read(*direction)
    until_ns = timeline.now_ns(*direction)
    circuit = Circuit.from_chip(chip, direction, {direction[0]})
    places = list_computational_states(circuit)
    rows, columns = np.repeat(places, places.size), np.tile(places, places.size)
    ends = evolve(
        circuit, direction, program.plays, until_ns, starts=make_matrix_units(circuit, rows, columns)
    )
    drives_mhz = np.array([settings[qid].drive_frequency_ghz * 1e3 for qid in direction])
    numbers = circuit.dressed.numbers[:, places]
    begun = control_rad * numbers[0]
    turned = 2e-3 * np.pi * until_ns * ((drives_mhz - get_frame_mhz(circuit)) @ numbers) - begun
    kept = ends[:, places[:, None], places] * np.exp(1j * np.subtract.outer(turned, turned))
    kept *= np.exp(1j * np.subtract.outer(begun, begun)).reshape(-1, 1, 1)
    # Columns of `kept` are the images of |row><column|; PAULIS as vectors convert to and from them.
    vectors = PAULIS.reshape(16, 16)
    return np.asarray((vectors.conj() @ kept.reshape(16, 16).T @ vectors.T).real / 4)
