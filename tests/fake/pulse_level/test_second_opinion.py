"""QuTiP as an independent solution for the response of a single qubit to pulses: the Lindblad equation in the
frame of the qubit.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_fake.pulse_level.one_qubit import compute_final_state
from qdash_fake.pulse_level.waves import make_wave
from qdash_tasks.laboratory.program import Play, Waveform

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_fake.physics.chip import ChipTruth, QubitTruth

CLOSE = 1e-6


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def qubit(jakarta: ChipTruth) -> QubitTruth:
    """A qubit without variation between shots."""
    one = jakarta.qubits["4"]
    drive = replace(one.drive, amplitude_spread=0.0, extra_error=0.0)
    return replace(one, coherence=replace(one.coherence, jitter_mhz=0.0), drive=drive)


def played(qubit: QubitTruth, waveform: Waveform, turns: float, **given: float) -> Play:
    """Return a pulse that rotates by a number of turns, by default at the qubit's frequency."""
    area_us = waveform.length_ns * 1e-3 / (1 if waveform.shape == "square" else 2)
    usual = {"start_ns": 0.0, "frequency_ghz": qubit.frequency_ghz, "phase_rad": 0.0}
    amplitude = turns / (area_us * qubit.drive.rabi_per_amplitude_mhz)
    return Play(line=qubit.qid, waveform=waveform, amplitude=amplitude, **(usual | given))


def agree(qubit: QubitTruth, plays: Sequence[Play], until_ns: float) -> None:
    from tests.fake.pulse_level.lindblad import solved  # QuTiP takes seconds to import, in every test process

    found = compute_final_state(
        qubit, [make_wave(one, qubit.drive.rabi_per_amplitude_mhz) for one in plays], [until_ns]
    )
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
