"""Two-level-system defects: depth, duration and rate of the dips of T1."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_fake.physics.defects import DEEPEST, Defect, draw_defects
from qdash_fake.physics.draw import draw_chip
from qdash_fake.twin import create_twin
from qdash_tasks.tasks import CheckT1

from .conftest import make_table
from .laboratory import Laboratory

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_fake.physics.chip import QubitTruth
    from qdash_fake.twin import Twin

HOUR_S = 3600.0
T1_US = 100.0
MONTH_S = np.arange(0.0, 30 * 24 * HOUR_S, HOUR_S)


@pytest.fixture(scope="module")
def qubit() -> QubitTruth:
    return draw_chip(make_table({}), 1).qubits["0"]


def defects(qubit: QubitTruth, chips: int) -> list[Defect]:
    """Return the defects near this qubit on a number of chips."""
    return [defect for seed in range(chips) for defect in draw_defects(qubit, seed, 1.0).near]


def twin_in_a_dip(folder: Path, seed: int, *, deeper: float = 3.0) -> Twin:
    """Return a twin of one qubit at a time with its T1 below the table by a factor."""
    twin = create_twin(folder, make_table({}), seed, {"tls": 5.0})
    shown_s = 0.0
    chip = twin.truth(lambda _qid: shown_s)
    for shown_s in np.arange(1.0, 1000 * HOUR_S, 0.25 * HOUR_S).tolist():
        if chip.qubits["0"].coherence.t1_us * deeper < T1_US:
            return twin.wait(shown_s)
    raise AssertionError("no dip in a thousand hours")


def test_as_many_defects_are_near_as_is_said(qubit: QubitTruth) -> None:
    for density in (0.5, 3.0):
        counts = [len(draw_defects(qubit, seed, density).near) for seed in range(400)]
        assert np.mean(counts) == pytest.approx(density, abs=4 * np.sqrt(density / 400))
        assert np.var(counts) == pytest.approx(density, rel=0.35)


def test_more_defects_leave_those_that_there_were_where_they_are(qubit: QubitTruth) -> None:
    few, many = draw_defects(qubit, 7, 1.0).near, draw_defects(qubit, 7, 6.0).near
    assert 0 < len(few) < len(many)
    for one, other in zip(few, many, strict=False):
        assert one.detuning_mhz(12_345.0) == other.detuning_mhz(12_345.0)


def test_on_resonance_t1_falls_to_between_a_half_and_a_tenth(qubit: QubitTruth) -> None:
    falls = [1 + defect.peak_rate * qubit.coherence.t1_us for defect in defects(qubit, 60)]
    assert 2 <= min(falls) < 2.5
    assert 8 < max(falls) <= DEEPEST


def test_a_defect_is_within_its_width_for_a_tenth_of_the_time_and_for_hours(qubit: QubitTruth) -> None:
    shares, hours = [], []
    for defect in defects(qubit, 60):
        inside = np.array([abs(defect.detuning_mhz(t)) < defect.half_width_mhz for t in MONTH_S[:360]])
        shares.append(inside.mean())
        edges = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]).astype(int)))
        hours += (edges[1::2] - edges[::2]).tolist()
    # Sixty defects, some of them intermittent: the mean has an error of a fifth.
    assert np.mean(shares) == pytest.approx(0.1, abs=0.03)
    assert 1 <= np.median(hours) <= 3
    assert max(hours) >= 5


def test_between_its_jumps_a_defect_moves_on_continuously(qubit: QubitTruth) -> None:
    for defect in defects(qubit, 3):
        times = np.arange(0.0, 200 * HOUR_S, 120.0)
        steps = np.abs(np.diff([defect.detuning_mhz(t) for t in times]))
        jumps = steps > defect.half_jump_mhz
        # Ten hours in a state on average; the fastest wave of the others has a period of eight.
        assert 5 <= np.count_nonzero(jumps) <= 45
        assert steps[~jumps].max() < 0.3
        np.testing.assert_allclose(steps[jumps], 2 * defect.half_jump_mhz, atol=0.3)


def test_relaxation_and_shift_are_those_of_one_lorentzian(qubit: QubitTruth) -> None:
    """The reference is the sum over the poles: rate/2 + i shift is g^2 / (w + i d), whose parts belong
    together.
    """
    for defect in defects(qubit, 20):
        for clock_s in (0.0, 5e4, 3e5):
            rate, shift_mhz = defect.effect(clock_s)
            width = 2 * np.pi * defect.half_width_mhz
            coupling_squared = defect.peak_rate * width / 2
            pole = coupling_squared / (width + 2j * np.pi * defect.detuning_mhz(clock_s))
            assert rate == pytest.approx(2 * pole.real)
            assert shift_mhz * 2 * np.pi == pytest.approx(pole.imag)
            # A defect above the qubit shifts it down, by a few kHz at most.
            assert shift_mhz * defect.detuning_mhz(clock_s) < 0
            assert abs(shift_mhz) < 0.004


def test_pure_dephasing_and_integration_time_stay_while_t1_dips(qubit: QubitTruth, tmp_path: Path) -> None:
    found = twin_in_a_dip(tmp_path, 2).truth().qubits["0"]
    mean = draw_chip(make_table({}), 2).qubits["0"]

    def pure(one: QubitTruth) -> float:
        return 1 / one.coherence.t2_echo_us - 1 / (2 * one.coherence.t1_us)

    assert pure(found) == pytest.approx(pure(mean))
    integrated = -np.log1p(-found.readout.decay) * found.coherence.t1_us
    assert integrated == pytest.approx(mean.readout.integration_us)


def test_a_twin_says_which_defect_is_near_and_nothing_of_quiet_qubits(tmp_path: Path) -> None:
    twin = twin_in_a_dip(tmp_path / "dip", 3)
    said = " ".join(twin.remarks()["0"])
    assert "MHz" in said
    assert "reduces T1 by a factor of" in said
    assert create_twin(tmp_path / "quiet", make_table({}), 3, {"drift": 1.0}).remarks() == {}


def test_check_t1_sees_a_dip_with_an_honest_error(tmp_path: Path) -> None:
    pulls = []
    for seed in range(8):
        # The bench creates the same twin as the one in a dip, and opens it at that time.
        time_s = twin_in_a_dip(tmp_path / f"twin{seed}", seed).clock_s
        laboratory = Laboratory(tmp_path / "home", make_table({}), seed, options={"tls": 5.0}, clock_s=time_s)
        laboratory.calibrate_perfectly()
        true = laboratory.chip.qubits["0"].coherence.t1_us
        found = laboratory.run(CheckT1, "0").parameters["t1"]
        assert true < T1_US / 3
        assert found.error is not None
        assert found.error < 0.1 * found.value
        pulls.append((found.value - true) / found.error)
    assert np.max(np.abs(pulls)) < 4
    assert np.count_nonzero(np.abs(pulls) < 2) >= 6
