"""Faults of a qubit: the truth and the traces during the fault."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_fake.laboratory import TwinLaboratory
from qdash_fake.options import TwinOptions
from qdash_fake.physics.defects import Defect
from qdash_fake.physics.draw import draw_chip
from qdash_fake.physics.spectroscopy import compute_population
from qdash_fake.sampling import make_clouds
from qdash_fake.sweep_parts import MOST_PARTS, split_request
from qdash_fake.truth import compute_ideal_settings
from qdash_fake.twin import create_twin
from qdash_tasks.laboratory.requests import Echo, Ramsey, ReadoutScan, Relaxation, SingleShots
from qdash_tasks.laboratory.shots import Shots

from ..case_tables import each_case
from .conftest import make_table
from .timed_changes import make_change
from .twin_requests import asked, asked_shots

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from qdash_fake.physics.chip import QubitTruth

HOUR_S = 3600.0
TABLE = make_table({}, {"frequency_ghz": 5.12}, couplings=(("0", "1"),))
CHIP = draw_chip(TABLE, 1)
QUBIT = CHIP.qubits["0"]


def during(name: str, text: str, *, qid: str = "0", hour: float = 0.0) -> QubitTruth:
    return make_change(name, f"{text}@0", CHIP, qid).at(CHIP.qubits[qid], hour * HOUR_S)


def moved_mhz(qubit: QubitTruth) -> float:
    return 1e3 * (qubit.frequency_ghz - QUBIT.frequency_ghz)


def test_a_jump_moves_the_frequency_at_once_and_a_ramp_by_the_hour() -> None:
    assert moved_mhz(during("frequency-jump", "0:-3")) == pytest.approx(-3)
    assert moved_mhz(during("frequency-ramp", "0:4", hour=0.5)) == pytest.approx(2)


@each_case("distance", [0.0, 0.5, -3.0])
def test_a_defect_acts_as_those_that_drift_do(distance: float) -> None:
    beside = during("defect", f"0:{distance}:60")
    coupling, width = 2 * np.pi * 0.06, 2 * np.pi
    steady = Defect(distance, 1.0, 2 * coupling**2 / width, 0.0, None, None)  # type: ignore[arg-type]  # it stays
    share = 1 / (1 + distance**2)
    rate = steady.peak_rate * share
    assert 1 / beside.coherence.t1_us - 1 / QUBIT.coherence.t1_us == pytest.approx(rate)
    assert moved_mhz(beside) == pytest.approx(-steady.peak_rate * distance * share / (4 * np.pi), abs=1e-9)


def test_dephasing_lowers_echo_and_fringes_and_slow_noise_the_fringes_only() -> None:
    before = QUBIT.coherence
    fast, slow = during("dephasing", "0:4").coherence, during("slow-noise", "0:4").coherence
    assert (fast.t1_us, fast.t2_echo_us) == (before.t1_us, pytest.approx(before.t2_echo_us / 4))
    assert fast.t2_star_us < before.t2_star_us
    assert (slow.t1_us, slow.t2_echo_us) == (before.t1_us, before.t2_echo_us)
    assert slow.t2_star_us == pytest.approx(before.t2_star_us / 4)


def test_quasiparticles_give_a_decay_of_two_times_that_ends_with_the_former_t1() -> None:
    before, after = QUBIT.coherence, during("quasiparticles", "0:1.5:4").coherence
    delays_us = np.array([0.0, 2.0, 10.0, 60.0])
    expected = np.exp(-delays_us / before.t1_us + 1.5 * np.expm1(-delays_us / 4))
    assert after.relaxation(delays_us) == pytest.approx(expected)
    assert after.relaxation(np.array(after.t1_us)) == pytest.approx(1 / np.e)
    # Pure dephasing is unchanged.
    dephasing = [1 / one.t2_echo_us - 1 / (2 * one.t1_us) for one in (before, after)]
    assert dephasing[0] == pytest.approx(dephasing[1])


def test_a_frequency_that_wanders_moves_the_phase_of_single_points_with_their_delay(tmp_path: Path) -> None:
    delays_us = np.repeat([2.0, 20.0], 150)
    fringes = Ramsey(delays_us, detuning_mhz=0.0)
    shots = Shots(count=20_000, reset="active")
    usual, wandering = (
        asked(make_calibrated_laboratory(tmp_path / name, options), {"0": fringes}, shots)["0"]
        for name, options in (("usual", {}), ("wandering", {"frequency-wander": "0:3@0"}))
    )
    extra = [
        np.var(wandering.iq[delays_us == delay]) - np.var(usual.iq[delays_us == delay])
        for delay in (2.0, 20.0)
    ]
    # The second order of a phase of 0.04 rad is lost in the noise, that of 0.38 rad is not.
    assert extra[1] > 10 * abs(extra[0])
    # Shots of one point do not scatter more: the stated noise does not contain the wander.
    assert np.abs(wandering.sigma).mean() == pytest.approx(np.abs(usual.sigma).mean(), rel=0.05)


def test_two_charge_parities_give_two_lines_and_beating_fringes() -> None:
    split = during("charge-splitting", "0:0.4")
    offsets_mhz = np.linspace(-0.5, 0.5, 1001)
    line = compute_population(split, split.frequency_ghz + 1e-3 * offsets_mhz, amplitude=1e-5)
    high = offsets_mhz[line > line.max() / 2]
    assert np.abs(high) == pytest.approx(0.2, abs=0.01)
    assert {*np.sign(high)} == {-1.0, 1.0}
    # Both parities are half a turn apart after 1 / (2 * 0.4 MHz).
    assert split.coherence.free_decay(np.array(1.25)) == pytest.approx(0.0, abs=1e-9)
    assert split.coherence.echo_decay(np.array(10.0)) == QUBIT.coherence.echo_decay(np.array(10.0))


def test_a_hot_qubit_is_excited_and_not_reset_completely() -> None:
    hot = during("thermal", "0:0.2")
    assert hot.thermal_population == 0.2
    assert QUBIT.active_reset.residual < hot.active_reset.residual < 0.2
    assert hot.coherence == QUBIT.coherence
    assert during("thermal", "0:0").thermal_population == QUBIT.thermal_population


def test_qubits_in_resonance_share_lines_resonators_and_excitations(tmp_path: Path) -> None:
    chip = create_twin(tmp_path / "twin", TABLE, 1, {"collision": "0:1@0"}).truth()
    one, other, coupling = chip.qubits["0"], chip.qubits["1"], chip.couplings["0-1"]
    apart_mhz = 1e3 * (one.frequency_ghz - other.frequency_ghz)
    assert apart_mhz == pytest.approx(2 * coupling.exchange_mhz, rel=2e-3)
    assert other.frequency_ghz == CHIP.qubits["1"].frequency_ghz
    assert one.crosstalk["1"] == other.crosstalk["0"] == (1.0, 1.0)
    assert one.drive.rabi_mhz(1.0) == pytest.approx(QUBIT.drive.rabi_mhz(1.0) / np.sqrt(2))
    assert "excitations are shared" in str(coupling.impossible)


def test_a_collision_with_f12_makes_the_static_zz_large(tmp_path: Path) -> None:
    twin = create_twin(tmp_path / "twin", TABLE, 1, {"f12-collision": "0:1@1"})
    before, after = twin.truth(), twin.wait(2 * HOUR_S).truth()
    one = after.qubits["0"]
    assert one.frequency_ghz + one.anharmonicity_ghz == pytest.approx(after.qubits["1"].frequency_ghz)
    assert abs(before.neighbours["0"]["1"]) < 0.2
    # |11> and |20> are degenerate: they repel by sqrt(2) J.
    exchange_mhz = after.couplings["0-1"].exchange_mhz
    assert abs(after.neighbours["0"]["1"]) == pytest.approx(np.sqrt(2) * exchange_mhz, rel=0.1)


def test_a_third_level_is_a_third_cloud_of_the_shots_and_a_part_of_the_mean(tmp_path: Path) -> None:
    laboratory = make_calibrated_laboratory(tmp_path, {"third-level": "0:0.3@0"})
    qubit = replace(QUBIT, third_level=0.3)
    where = make_clouds(
        qubit,
        frequency_ghz=laboratory.settings["0"].readout_frequency_ghz,
        amplitude=laboratory.settings["0"].readout_amplitude,
    )
    shots = asked_shots(laboratory, {"0": SingleShots(0)}, Shots(count=4000, reset="active"))["0"]
    third = np.abs(shots - where.zero - where.second) < np.abs(shots - where.zero)
    assert third.mean() == pytest.approx(0.3, abs=0.05)
    scan = asked(
        laboratory,
        {"0": ReadoutScan(np.full(40, laboratory.settings["0"].readout_frequency_ghz), state=0)},
        Shots(count=4000, reset="active"),
    )["0"]
    assert abs(scan.iq.mean() - shots.mean()) < 5 * abs(scan.sigma[0])
    # The stated noise contains the switching between the clouds.
    assert np.std(scan.iq.real) == pytest.approx(scan.sigma.real.mean(), rel=0.4)
    assert np.std(scan.iq.imag) == pytest.approx(scan.sigma.imag.mean(), rel=0.4)


def make_calibrated_laboratory(path: Path, options: Mapping[str, str]) -> TwinLaboratory:
    """Return a laboratory with the ideal settings of qubit 0."""
    twin = create_twin(path / "twin", TABLE, 1, options)
    laboratory = twin.open()
    assert isinstance(laboratory, TwinLaboratory)
    settings = compute_ideal_settings(twin.truth().qubits["0"]).as_note()
    laboratory.adjust("0", {name: value for name, value in settings.items() if value is not None})
    return laboratory


def test_a_ramp_changes_the_fringe_within_a_sweep(tmp_path: Path) -> None:
    twin = create_twin(tmp_path / "twin", TABLE, 1, {"frequency-ramp": "0:180@0"})
    laboratory = twin.open()
    settings = compute_ideal_settings(twin.truth().qubits["0"]).as_note()
    laboratory.adjust("0", {name: value for name, value in settings.items() if value is not None})
    delays_us = np.linspace(0.0, 4.0, 65)
    trace = asked(laboratory, {"0": Ramsey(delays_us, detuning_mhz=1.0)}, Shots(count=2000))["0"]
    assert trace.x.tolist() == delays_us.tolist()
    # 0.05 MHz per second.
    passed_s = laboratory.clock.now_s("0")
    now_mhz = 1e3 * (twin.truth(lambda _: passed_s).qubits["0"].frequency_ghz - QUBIT.frequency_ghz)
    assert now_mhz == pytest.approx(0.05 * passed_s)
    assert 0.5 < now_mhz < 2
    line = (trace.iq - trace.iq.mean()) * np.conj(trace.iq[0] - trace.iq.mean())
    crossings = np.diff(np.flatnonzero(np.diff(np.sign(line.real))))
    assert np.mean(crossings[-3:]) < np.mean(crossings[:3]) - 1


def test_parts_of_a_sweep_are_even_and_complete() -> None:
    request = Echo(np.linspace(0.0, 100.0, 51))
    parts = split_request(request)
    assert len(parts) <= MOST_PARTS
    assert all(part.x.size % 2 == 0 for part in parts[:-1])
    assert np.concatenate([part.x for part in parts]).tolist() == request.x.tolist()
    assert len(split_request(Relaxation(np.array([1.0])))) == 1


def test_only_a_ramp_makes_a_twin_measure_in_parts() -> None:
    assert TwinOptions.parse({"frequency-ramp": "0:1@0"}).changes_within_sweeps
    assert not TwinOptions.parse({"frequency-jump": "0:1@0"}).changes_within_sweeps
