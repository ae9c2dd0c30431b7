"""How good an echoed cross-resonance gate is by the solver's own propagator: for judges, not for tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_fake.physics.gate_quality import gate_fidelity
from qdash_fake.physics.superoperators import PAULIS
from qdash_fake.pulse_level.circuit import Circuit
from qdash_fake.pulse_level.several_qubits import computational, evolved, frame_mhz, matrix_units
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


def zx90_fidelity(
    chip: ChipTruth,
    direction: tuple[str, str],
    settings: Mapping[str, Settings],
    gate: ZX90,
    limits: Limits = _NO_LIMITS,
) -> float:
    """Return the average fidelity of a gate, as it is played, to ``exp(-i pi/4 ZX)``, leakage being lost.

    Parameters
    ----------
    direction
        Control and target.
    settings
        In use, of both.
    limits
        Of the laboratory that plays: its grid decides how long tones and pulses are.
    """
    return gate_fidelity(zx90_channel(chip, direction, settings, gate, limits))


def zx90_channel(
    chip: ChipTruth,
    direction: tuple[str, str],
    settings: Mapping[str, Settings],
    gate: ZX90,
    limits: Limits = _NO_LIMITS,
) -> Floats:
    """Return what a gate does to (II, IX, ..., ZZ), control first, each in the frame of its drive, shape (16, 16)."""
    timeline = Timeline(settings, limits)
    timeline.gate(*direction, gate)
    program = timeline.read(*direction)
    until_ns = timeline.now_ns(*direction)
    circuit = Circuit.of(chip, direction, {direction[0]})
    places = computational(circuit)
    rows, columns = np.repeat(places, places.size), np.tile(places, places.size)
    ends = evolved(circuit, direction, program.plays, until_ns, starts=matrix_units(circuit, rows, columns))
    drives_mhz = np.array([settings[qid].drive_frequency_ghz * 1e3 for qid in direction])
    turns = np.exp(
        2j
        * np.pi
        * until_ns
        * 1e-3
        * ((drives_mhz - frame_mhz(circuit)) @ circuit.dressed.numbers[:, places])
    )
    kept = ends[:, places[:, None], places] * (turns[:, None] * turns.conj())
    # Columns: what becomes of |row><column|; PAULIS as vectors lead to and from them.
    vectors = PAULIS.reshape(16, 16)
    return np.asarray((vectors.conj() @ kept.reshape(16, 16).T @ vectors.T).real / 4)
