"""QuTiP as a second opinion on what a qubit alone does under pulses: the Lindblad equation in the frame of the qubit."""

from __future__ import annotations

import warnings
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_fake.pulse_level.one_qubit import reached
from qdash_fake.pulse_level.waves import arriving
from qdash_tasks.laboratory.program import Play, Waveform

with warnings.catch_warnings():
    # Without matplotlib, which nothing here draws with, it warns.
    warnings.simplefilter("ignore")
    import qutip

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qdash_fake.physics import ChipTruth
    from qdash_fake.physics.chip import QubitTruth

LOWER = qutip.destroy(3)
NUMBER = LOWER.dag() * LOWER
CLOSE = 1e-6


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def qubit(jakarta: ChipTruth) -> QubitTruth:
    """Return a qubit whose shots are all alike."""
    one = jakarta.qubits["4"]
    drive = replace(one.drive, amplitude_spread=0.0, extra_error=0.0)
    return replace(one, coherence=replace(one.coherence, jitter_mhz=0.0), drive=drive)


def solved(qubit: QubitTruth, plays: Sequence[Play], until_ns: float) -> np.ndarray:
    """Populations of the three levels, from |0>."""
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
    """Return the complex Rabi frequency (MHz) of pulses in the frame of the qubit against time (us)."""
    full_mhz = qubit.drive.rabi_per_amplitude_mhz

    def one(play: Play, time_ns: float) -> complex:
        turned = play.phase_rad - 2 * np.pi * (play.frequency_ghz - qubit.frequency_ghz) * time_ns
        shape = complex(play.waveform.at(np.array(time_ns - play.start_ns)))
        return complex(full_mhz * play.amplitude * shape * np.exp(1j * turned))

    # QuTiP looks at annotations, which are not there when tests run.
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


def played(qubit: QubitTruth, waveform: Waveform, turns: float, **given: float) -> Play:
    """Return a pulse that turns so many times, at the qubit's frequency unless another is given."""
    area_us = waveform.length_ns * 1e-3 / (1 if waveform.shape == "square" else 2)
    usual = {"start_ns": 0.0, "frequency_ghz": qubit.frequency_ghz, "phase_rad": 0.0}
    amplitude = turns / (area_us * qubit.drive.rabi_per_amplitude_mhz)
    return Play(line=qubit.qid, waveform=waveform, amplitude=amplitude, **(usual | given))


def agree(qubit: QubitTruth, plays: Sequence[Play], until_ns: float) -> None:
    found = reached(qubit, [arriving(one, qubit.drive.rabi_per_amplitude_mhz) for one in plays], [until_ns])
    assert found[0, 0] == pytest.approx(solved(qubit, plays, until_ns), abs=CLOSE)


@pytest.mark.parametrize("off_mhz", [0.0, 3.0, -7.0])
def test_a_rectangle_off_the_line(qubit: QubitTruth, off_mhz: float) -> None:
    frequency_ghz = qubit.frequency_ghz + off_mhz * 1e-3
    agree(qubit, [played(qubit, Waveform("square", 87.0), 1.1, frequency_ghz=frequency_ghz)], 87.0)


@pytest.mark.parametrize("beta_ns", [-0.5, 0.0, 0.25])
def test_a_pi_pulse_with_drag(qubit: QubitTruth, beta_ns: float) -> None:
    agree(qubit, [played(qubit, Waveform("cosine", 20.0, beta_ns=beta_ns), 0.5, phase_rad=0.7)], 20.0)


@pytest.mark.parametrize("artificial_mhz", [1.0, -1.0])
def test_two_x90_with_a_delay_between(qubit: QubitTruth, artificial_mhz: float) -> None:
    x90, delay_ns = Waveform("cosine", 36.0, beta_ns=0.23), 730.0
    low_ghz, phase_rad = qubit.frequency_ghz - 0.4e-3, 2e-3 * np.pi * artificial_mhz * delay_ns
    plays = [
        played(qubit, x90, 0.25, frequency_ghz=low_ghz),
        played(qubit, x90, 0.25, frequency_ghz=low_ghz, start_ns=36.0 + delay_ns, phase_rad=phase_rad),
    ]
    agree(qubit, plays, 72.0 + delay_ns)
