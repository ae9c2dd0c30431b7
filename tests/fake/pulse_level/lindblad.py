"""Response of a qubit to pulses by QuTiP: the Lindblad equation in the frame of the qubit."""

from __future__ import annotations

import warnings
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

with warnings.catch_warnings():
    # It warns without matplotlib, which is not needed here.
    warnings.simplefilter("ignore")
    import qutip

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qdash_fake.physics.chip import QubitTruth
    from qdash_tasks.laboratory.program import Play

LOWER = qutip.destroy(3)
NUMBER = LOWER.dag() * LOWER


def solved(qubit: QubitTruth, plays: Sequence[Play], until_ns: float) -> np.ndarray:
    """Return the populations of the three levels, from |0>."""
    rest = np.pi * qubit.levels.anharmonicity_mhz * NUMBER * (NUMBER - 1)
    state = qutip.fock_dm(3, 0)
    edges = sorted({0.0, until_ns, *(time for one in plays for time in (one.start_ns, one.end_ns))})
    for span in pairwise(edges):
        during = [one for one in plays if one.start_ns < sum(span) / 2 < one.end_ns]

        wave = reaching(qubit, during)
        driven = [[np.pi * LOWER.dag(), wave], [np.pi * LOWER, lambda time, of=wave: np.conj(of(time))]]
        options = {"atol": 1e-9, "rtol": 1e-8, "nsteps": 10**6, **({"max_step": 1e-3} if during else {})}
        times_us = np.array(span) * 1e-3
        found = qutip.mesolve(
            [rest, *driven] if during else rest, state, times_us, jumps(qubit), options=options
        )
        state = found.states[-1]
    return np.real(state.diag())


def reaching(qubit: QubitTruth, plays: Sequence[Play]) -> Callable[[float], complex]:
    """Return the complex Rabi frequency (MHz) of pulses in the frame of the qubit as a function of time (us)."""
    full_mhz = qubit.drive.rabi_per_amplitude_mhz

    def one(play: Play, time_ns: float) -> complex:
        turned = play.phase_rad - 2 * np.pi * (play.frequency_ghz - qubit.frequency_ghz) * time_ns
        shape = complex(play.waveform.at(np.array(time_ns - play.start_ns)))
        return complex(full_mhz * play.amplitude * shape * np.exp(1j * turned))

    # QuTiP evaluates annotations, which are missing at run time.
    return lambda time: sum(one(play, 1e3 * time) for play in plays)


def jumps(qubit: QubitTruth) -> list[qutip.Qobj]:
    levels = qubit.levels
    pure = 1 / levels.t2_us - 1 / (2 * levels.t1_us)
    fall, rise = qutip.projection(3, 0, 1), qutip.projection(3, 1, 0)
    return [
        np.sqrt((1 - levels.thermal_population) / levels.t1_us) * fall,
        np.sqrt(levels.thermal_population / levels.t1_us) * rise,
        np.sqrt(2 / levels.t1_us) * qutip.projection(3, 1, 2),
        np.sqrt(2 * pure) * NUMBER,
    ]
