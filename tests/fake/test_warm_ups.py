"""Warm-ups: the truth within and outside of their hours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_fake.drift_schedules import list_remarks
from qdash_fake.options import TwinOptions
from qdash_fake.physics.draw import draw_chip
from qdash_fake.physics.warm_ups import compute_quasiparticle_rate, compute_thermal_population
from qdash_fake.twin import create_twin

from ..case_tables import each_case
from .conftest import make_table
from .timed_changes import make_change

if TYPE_CHECKING:
    from pathlib import Path

HOUR_S = 3600.0
TABLE = make_table({"t1_us": 100.0}, {"t1_us": 200.0})
CHIP = draw_chip(TABLE, 1)
QUBIT = replace(CHIP.qubits["0"], thermal_population=0.01)
WARM = make_change("warm-up", "140@12-18", CHIP)


@each_case("hour", [0.0, 11.99, 18.0, 1000.0])
def test_outside_of_its_hours_a_warm_up_changes_nothing(hour: float) -> None:
    assert WARM.at(QUBIT, hour * HOUR_S) == QUBIT
    assert WARM.remarks(hour * HOUR_S) == []


@pytest.mark.parametrize("hour", [12.0, 17.99])
def test_a_warm_qubit_is_excited_more_often_and_relaxes_faster(hour: float) -> None:
    warm = WARM.at(QUBIT, hour * HOUR_S)
    assert warm.thermal_population == pytest.approx(0.1526, abs=1e-4)
    # Stimulated relaxation by (1 - 2 * 0.01) / (1 - 2 * 0.1526), and quasiparticles with a time of 104.8 us.
    assert 1 / warm.coherence.t1_us == pytest.approx(1.4107 / 100.0 + 1 / 104.75, rel=1e-4)
    assert warm.readout == QUBIT.readout.with_t1(warm.coherence.t1_us)
    assert QUBIT.active_reset.residual < warm.active_reset.residual < warm.thermal_population
    assert warm.frequency_ghz == QUBIT.frequency_ghz


def test_pure_dephasing_stays_in_a_warm_up() -> None:
    before, after = QUBIT.coherence, WARM.at(QUBIT, 13 * HOUR_S).coherence
    assert 1 / after.t2_echo_us - 0.5 / after.t1_us == pytest.approx(
        1 / before.t2_echo_us - 0.5 / before.t1_us
    )


def test_the_warm_population_is_that_of_boltzmann_and_never_below_the_former_one() -> None:
    # h f = 2 k T ln 3 at 5 GHz and 109.2 mK: |1> is nine times less likely than |0>.
    assert compute_thermal_population(5.0, 5.0 * 47.99243 / np.log(9.0)) == pytest.approx(0.1)
    hot = replace(QUBIT, thermal_population=0.2)
    assert WARM.at(hot, 13 * HOUR_S).thermal_population == 0.2


def test_quasiparticles_follow_the_integral_over_their_thermal_distribution() -> None:
    # Catelani 2011, both directions: 4 f (1 + exp(-u)) exp(-D) times the integral of exp(-y) / sqrt(y (y + u)) over the energy y above
    # the gap, all in units of k T. With y = s^2 the integrand has no singularity.
    u, gap = 5.0 * 47.99243 / 140.0, 180.0 / 86.17333 / 0.140
    s = np.linspace(0.0, 8.0, 20001)
    integral = np.trapezoid(2 * np.exp(-(s**2)) / np.sqrt(s**2 + u), s)
    per_us = 4 * 5.0e3 * (1 + np.exp(-u)) * np.exp(-gap) * integral
    assert compute_quasiparticle_rate(5.0, 140.0) == pytest.approx(per_us, rel=2e-3)


def test_a_cold_chip_has_no_quasiparticles() -> None:
    assert compute_quasiparticle_rate(5.0, 20.0) == pytest.approx(0.0, abs=1e-30)
    kept = make_change("warm-up", "10@0", CHIP).at(QUBIT, 1.0)
    assert kept.coherence.t1_us == pytest.approx(QUBIT.coherence.t1_us)
    assert kept.thermal_population == QUBIT.thermal_population


def test_a_warm_up_without_an_end_lasts() -> None:
    assert make_change("warm-up", "140@0", CHIP).at(QUBIT, 1e9).coherence.t1_us < 50.0


def test_the_remarks_on_a_twin_name_a_present_warm_up_for_each_qubit() -> None:
    options = TwinOptions.parse({"warm-up": "140@2-3"})
    remark = ["the chip has been at 140\N{NO-BREAK SPACE}mK since 2\N{NO-BREAK SPACE}h of laboratory time"]
    chip = draw_chip(TABLE, 1)
    assert list_remarks(chip, options, lambda _: 2.5 * HOUR_S) == {"0": remark, "1": remark}
    assert list_remarks(chip, options, lambda _: 3.5 * HOUR_S) == {}


def test_all_qubits_of_a_twin_are_warm_until_the_end(tmp_path: Path) -> None:
    twin = create_twin(tmp_path / "twin", TABLE, 1, {"warm-up": "140@2-3"})
    cold = {qid: qubit.coherence.t1_us for qid, qubit in twin.truth().qubits.items()}
    warm = twin.wait(2.5 * HOUR_S).truth().qubits
    assert all(warm[qid].coherence.t1_us < 0.5 * t1_us for qid, t1_us in cold.items())
    assert all(qubit.thermal_population > 0.15 for qubit in warm.values())
    after = twin.wait(1.0 * HOUR_S).truth().qubits
    assert {qid: qubit.coherence.t1_us for qid, qubit in after.items()} == cold
