"""Crosstalk between simultaneous operations on coupled qubits, and none between others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_analysis.cliffords.one_qubit import ends_in_one
from qdash_fake.physics.benchmarking import compute_clifford_decay
from qdash_fake.physics.draw import draw_chip
from qdash_fake.physics.levels import transfer_matrix
from qdash_fake.physics.simultaneous import BusyNeighbour, compute_channel
from qdash_fake.truth import compute_ideal_settings
from qdash_tasks.laboratory.requests import RandomSequences
from qdash_tasks.laboratory.shots import Shots

from .conftest import make_table
from .twin_requests import asked, calibrated

if TYPE_CHECKING:
    from qdash_fake.physics.chip import ChipTruth, QubitTruth


def chip_of(away_ghz: float) -> ChipTruth:
    """Return two coupled long-lived qubits, the second detuned above the first."""
    long = {"t1_us": 400.0, "t2_us": 400.0, "sx_error": 0.0}
    return draw_chip(
        make_table(
            {"frequency_ghz": 5.0, **long},
            {"frequency_ghz": 5.0 + away_ghz, **long},
            {"frequency_ghz": 5.05, **long},
            couplings=(("0", "1"),),
        ),
        3,
    )


@pytest.fixture(scope="module")
def qubit() -> QubitTruth:
    return chip_of(0.1).qubits["0"]


def test_a_pulse_alone_is_what_it_always_was(qubit: QubitTruth) -> None:
    pulse = compute_ideal_settings(qubit).x90
    own = qubit.drive.channel(pulse, detuning_mhz=0.0, levels=qubit.levels)
    assert np.array_equal(compute_channel(qubit, pulse, drive_ghz=qubit.frequency_ghz, busy=[]), own)


def test_a_pulse_that_arrives_on_resonance_turns_about_a_random_axis(qubit: QubitTruth) -> None:
    settings = compute_ideal_settings(qubit)
    nothing = replace(settings.x90, amplitude=0.0)
    busy = BusyNeighbour(0.0, 0.2, settings.x180, qubit.frequency_ghz)
    found = transfer_matrix(compute_channel(qubit, nothing, drive_ghz=qubit.frequency_ghz, busy=[busy]))
    # A rotation by pi / 5 about (cos, sin, 0) with a uniform angle: z keeps cos, x and y (1 + cos) / 2.
    kept = np.cos(0.2 * np.pi)
    # 36 ns of 400 us are lost; |2> changes the angle in second order.
    assert np.diag(found) == pytest.approx([1, (1 + kept) / 2, (1 + kept) / 2, kept], abs=5e-3)
    assert found == pytest.approx(np.diag(np.diag(found)), abs=0.05)


def test_a_pulse_that_arrives_far_from_resonance_does_little(qubit: QubitTruth) -> None:
    settings = compute_ideal_settings(qubit)
    own = qubit.drive.channel(settings.x90, detuning_mhz=0.0, levels=qubit.levels)
    busy = BusyNeighbour(0.0, 0.05, settings.x90, qubit.frequency_ghz + 0.2)
    found = compute_channel(qubit, settings.x90, drive_ghz=qubit.frequency_ghz, busy=[busy])
    assert compute_clifford_decay(found) == pytest.approx(compute_clifford_decay(own), abs=2e-5)


def test_a_neighbour_in_either_state_blurs_the_frequency(qubit: QubitTruth) -> None:
    settings = compute_ideal_settings(qubit)
    shifted = [
        qubit.drive.channel(settings.x90, detuning_mhz=shift, levels=qubit.levels)
        for shift in (0.0, 0.3, -0.2, 0.1)
    ]
    busy = [BusyNeighbour(zeta, 0.0, settings.x90, 5.2) for zeta in (0.3, -0.2)]
    found = compute_channel(qubit, settings.x90, drive_ghz=qubit.frequency_ghz, busy=busy)
    assert found == pytest.approx(np.mean(shifted, axis=0), abs=1e-12)


@pytest.mark.parametrize("away_ghz", [0.1, 0.004], ids=["apart", "in collision"])
def test_coupled_qubits_benchmarked_together_do_worse_than_alone(away_ghz: float) -> None:
    chip, each = chip_of(away_ghz), 400
    lengths = np.repeat([1.0, 121.0], each)

    def decay(*together: str) -> tuple[float, float]:
        requests = dict.fromkeys(together, RandomSequences(lengths))
        trace = asked(calibrated(chip), requests, Shots(count=100_000, reset="active"))["0"]
        signal = trace.iq * np.where(ends_in_one(2 * each), -1, 1)
        parts = signal.reshape(2, each // 2, 2).sum(axis=2)
        along = parts * np.conj(parts[0].mean())
        means, errors = along.real.mean(axis=1), along.real.std(axis=1) / np.sqrt(each // 2)
        return float(np.log(means[1] / means[0]) / 120), float(np.hypot(*(errors / means)) / 120)

    alone, other, both = decay("0"), decay("0", "2"), decay("0", "1")
    assert other == alone
    laboratory, one, neighbour = calibrated(chip), chip.qubits["0"], chip.qubits["1"]
    busy = BusyNeighbour(
        chip.couplings["0-1"].static_zz_mhz,
        one.crosstalk["1"][0],
        laboratory.settings["1"].x90,
        neighbour.frequency_ghz,
    )
    channel = compute_channel(one, laboratory.settings["0"].x90, drive_ghz=one.frequency_ghz, busy=[busy])
    assert abs(both[0] - np.log(compute_clifford_decay(channel))) < 4 * both[1]
    assert both[0] < alone[0] - 4 * np.hypot(both[1], alone[1])
