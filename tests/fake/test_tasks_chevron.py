"""Chevrons and Rabi oscillations: frequency and amplitude without shifts by the third level, and use of known
values.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_core.errors import AnalysisError
from qdash_core.models.estimates import Parameter
from qdash_fake.devices import load_device
from qdash_fake.sampling import make_clouds
from qdash_tasks.laboratory.requests import Chevron, Rabi
from qdash_tasks.laboratory.settings import USUAL_RABI_MHZ
from qdash_tasks.laboratory.shots import Shots
from qdash_tasks.tasks import (
    CheckChevron,
    CheckCoarseChevron,
    CheckControlAmplitude,
    CheckFineChevron,
    CheckRabi,
)

from ..case_tables import each_case
from .conftest import make_table
from .laboratory import Bench, Laboratory, bench_with
from .twin_requests import asked

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.tasks.base import BaseTask, TaskOutput


def line_of(laboratory: Laboratory, *, rate_mhz: float, design_ghz: float = 5.0) -> Bench:
    """Return the only qubit with another drive line and another design frequency."""
    qubit = laboratory.chip.qubits["0"]
    drive = replace(qubit.drive, rabi_per_amplitude_mhz=rate_mhz)
    laboratory.redesign("0", qubit_frequency=design_ghz)
    bench = bench_with(laboratory.chip, "0", drive=drive)
    bench.laboratory.adjust("0", {"drive_frequency_ghz": qubit.frequency_ghz})
    return bench


def run_at(laboratory: Laboratory, task: type[BaseTask], bench: Bench) -> TaskOutput:
    instance: Any = laboratory.prepare(task, "0")
    output: TaskOutput = instance.postprocess(None, instance.run(bench))
    return output


def pull(found: Parameter, true: float) -> float:
    assert found.error is not None
    return (found.value - true) / found.error


# --- laboratory -----------------------------------------------------------------------------------------------------


def test_a_map_has_a_row_for_each_frequency(tmp_path: Path) -> None:
    opened = Laboratory(tmp_path, make_table({}), 1).calibrate_perfectly().backend.laboratory
    times, frequencies = np.linspace(0, 200, 11), 5.0 + np.array([-0.02, 0.0, 0.02])
    spent, shots = opened.lab_seconds, Shots(count=4096)
    trace = asked(opened, {"0": Chevron(times, frequencies)}, shots)["0"]
    assert trace.x == pytest.approx(times)
    assert trace.iq.shape == trace.sigma.shape == trace.covariance.shape == (3, 11)
    alone = asked(opened, {"0": Rabi(times)}, shots)["0"]
    assert np.abs(trace.iq[1] - alone.iq) == pytest.approx(0, abs=8 * np.abs(alone.sigma).max())
    assert opened.lab_seconds - spent > 33 * 4096 * 150e-6


# --- coarse ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate_mhz", [60.0, pytest.param(135.0, marks=pytest.mark.slow), 300.0])
@pytest.mark.parametrize("offset_ghz", [-0.15, pytest.param(0.0, marks=pytest.mark.slow), 0.15])
def test_a_qubit_far_off_its_design_is_found_whatever_the_line_gives(
    tmp_path: Path, rate_mhz: float, offset_ghz: float
) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 2)
    found = run_at(
        laboratory, CheckCoarseChevron, line_of(laboratory, rate_mhz=rate_mhz, design_ghz=5.0 - offset_ghz)
    ).parameters
    assert abs(pull(found["coarse_qubit_frequency"], 5.0)) < 5
    assert found["coarse_qubit_frequency"].error == pytest.approx(1.5e-5, abs=1.5e-5)
    assert found["coarse_control_amplitude"].value == pytest.approx(USUAL_RABI_MHZ / rate_mhz, rel=0.01)


def test_the_search_looks_where_and_as_long_as_it_is_asked_to(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 1)
    frequencies, times = list(np.linspace(4.9, 5.1, 41)), list(np.linspace(0, 180, 25))
    raw = laboratory.measure(CheckCoarseChevron, "0", frequency_range=frequencies, time_range=times)
    assert raw["wide_frequency"] == pytest.approx(np.array(frequencies))
    assert raw["wide_duration"] == pytest.approx(np.array(times))


def test_a_window_without_the_qubit_is_refused(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 2)
    with pytest.raises(AnalysisError):
        run_at(laboratory, CheckCoarseChevron, line_of(laboratory, rate_mhz=120.0, design_ghz=5.6))


# --- close -----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_frequency_and_rabi_frequency_are_right_without_light_shift(tmp_path: Path) -> None:
    # At 12.5 MHz the third level shifts the resonance by 230 kHz, twenty times the error.
    pulls: dict[str, list[float]] = {"qubit_frequency": [], "rabi_frequency": []}
    for seed in range(4):
        laboratory = Laboratory(tmp_path / str(seed), load_device("jakarta"), seed).calibrate_perfectly()
        for qid, qubit in laboratory.chip.qubits.items():
            found = laboratory.run(CheckChevron, qid).parameters
            assert (found["qubit_frequency"].error or 1) < 3e-5
            pulls["qubit_frequency"].append(pull(found["qubit_frequency"], qubit.frequency_ghz))
            pulls["rabi_frequency"].append(pull(found["rabi_frequency"], USUAL_RABI_MHZ))
    # 28 pulls of width one: their mean scatters by 0.19. A design anharmonicity is often better than its error.
    for found_pulls in pulls.values():
        assert np.abs(found_pulls).max() < 4
        assert abs(np.mean(found_pulls)) < 0.8
        assert 0.4 < np.std(found_pulls) < 1.6


@pytest.mark.parametrize("offset_ghz", [-0.025, 0.018])
def test_a_chevron_off_the_middle_is_measured_again(tmp_path: Path, offset_ghz: float) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 1).calibrate_perfectly()
    laboratory.backend.laboratory.adjust("0", {"drive_frequency_ghz": 5.0 + offset_ghz})
    raw = laboratory.measure(CheckChevron, "0")
    assert raw["chevron_frequency"].mean() == pytest.approx(5.0, abs=0.002)
    found = CheckChevron().postprocess(None, raw).parameters["qubit_frequency"]
    assert abs(pull(found, 5.0)) < 4


@pytest.mark.parametrize("factor", [0.7, 1.4])
def test_a_fine_chevron_ends_at_the_usual_rabi_frequency(tmp_path: Path, factor: float) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 1).calibrate_perfectly()
    amplitude = laboratory.backend.laboratory.settings["0"].control_amplitude
    laboratory.values["0"] = {
        "coarse_qubit_frequency": Parameter(5.003, None, "GHz"),
        "coarse_control_amplitude": Parameter(factor * amplitude, None, "a.u."),
    }
    found = laboratory.run(CheckFineChevron, "0").parameters
    assert found["rabi_frequency"].value == pytest.approx(USUAL_RABI_MHZ, rel=0.05)
    rate = laboratory.chip.qubits["0"].drive.rabi_per_amplitude_mhz
    assert abs(pull(found["rabi_frequency"], rate * found["control_amplitude"].value)) < 4
    assert abs(pull(found["qubit_frequency"], 5.0)) < 4


def test_the_sweeps_that_were_asked_for_are_measured(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 1).calibrate_perfectly()
    times, frequencies = list(np.linspace(0, 200, 21)), list(np.linspace(4.98, 5.03, 15))
    raw = laboratory.measure(CheckChevron, "0", time_range=times, frequency_range=frequencies)
    assert raw["chevron_duration"] == pytest.approx(np.array(times))
    assert raw["chevron_frequency"] == pytest.approx(np.array(frequencies))
    assert raw["chevron_iq"].shape == (15, 21)


@pytest.mark.parametrize("task", [CheckChevron, CheckCoarseChevron])
def test_the_figure_is_a_map(tmp_path: Path, task: type[BaseTask]) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 1).calibrate_perfectly()
    raw = laboratory.measure(task, "0")
    drawn = task.figure(raw, task().postprocess(None, raw))
    assert drawn["data"][0]["type"] == "heatmap"
    assert np.shape(drawn["data"][0]["z"]) == raw["chevron_iq"].shape


# --- Rabi ------------------------------------------------------------------------------------------------------------


@each_case("rate_mhz", [60.0, 135.0, 300.0])
def test_the_amplitude_for_the_usual_rabi_frequency_is_found_over_a_factor_of_five(
    tmp_path: Path, rate_mhz: float
) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 2)
    found = run_at(laboratory, CheckControlAmplitude, line_of(laboratory, rate_mhz=rate_mhz)).parameters
    assert abs(pull(found["maximum_rabi_frequency"], rate_mhz)) < 4
    assert found["control_amplitude"].value == pytest.approx(USUAL_RABI_MHZ / rate_mhz, rel=0.005)


@pytest.mark.parametrize("task", [CheckRabi, CheckControlAmplitude])
def test_a_known_line_needs_no_search(tmp_path: Path, task: type[BaseTask]) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 2).calibrate_perfectly()
    laboratory.measure(task, "0")
    spent = laboratory.backend.laboratory.lab_seconds
    rate = laboratory.chip.qubits["0"].drive.rabi_per_amplitude_mhz
    laboratory.values["0"] = {
        "control_amplitude": Parameter(USUAL_RABI_MHZ / rate, None, "a.u."),
        "rabi_frequency": Parameter(USUAL_RABI_MHZ, 0.01, "MHz"),
    }
    raw = laboratory.measure(task, "0")
    assert "search_iq" not in raw.arrays
    assert laboratory.backend.laboratory.lab_seconds - spent < 0.6 * spent
    assert abs(pull(task().postprocess(None, raw).parameters["maximum_rabi_frequency"], rate)) < 4


@each_case("task", [CheckRabi, CheckControlAmplitude])
@each_case("factor", [0.4, 2.5])
def test_a_line_that_has_changed_is_searched(tmp_path: Path, task: type[BaseTask], factor: float) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 2).calibrate_perfectly()
    rate = laboratory.chip.qubits["0"].drive.rabi_per_amplitude_mhz
    laboratory.values["0"] = {
        "control_amplitude": Parameter(factor * USUAL_RABI_MHZ / rate, None, "a.u."),
        "rabi_frequency": Parameter(USUAL_RABI_MHZ, 0.01, "MHz"),
    }
    found = laboratory.run(task, "0").parameters
    assert abs(pull(found["maximum_rabi_frequency"], rate)) < 4
    assert found["control_amplitude"].value == pytest.approx(USUAL_RABI_MHZ / rate, rel=0.02)


@pytest.mark.slow
def test_where_the_oscillation_lies_in_the_plane_is_known_within_the_errors(tmp_path: Path) -> None:
    pulls: dict[str, list[float]] = {"rabi_angle": [], "rabi_distance": []}
    for seed in range(5):
        laboratory = Laboratory(tmp_path / str(seed), load_device("jakarta"), seed).calibrate_perfectly()
        for qid, qubit in laboratory.chip.qubits.items():
            found = laboratory.run(CheckRabi, qid).parameters
            settings = laboratory.backend.laboratory.settings[qid]
            true = make_clouds(
                qubit, frequency_ghz=settings.readout_frequency_ghz, amplitude=settings.readout_amplitude
            )
            axis = complex(true.difference / abs(true.difference))
            turned = found["rabi_angle"].value - float(np.angle(axis))
            nearest = Parameter((turned + np.pi) % (2 * np.pi) - np.pi, found["rabi_angle"].error)
            pulls["rabi_angle"].append(pull(nearest, 0.0))
            across = float((complex(true.zero) * axis.conjugate()).imag)
            pulls["rabi_distance"].append(pull(found["rabi_distance"], across))
            # From |0> to |1>: it starts at the low end, and swings over nearly the whole distance.
            assert abs(found["rabi_phase"].value) == pytest.approx(np.pi, abs=0.1)
            assert 2 * found["rabi_amplitude"].value == pytest.approx(abs(true.difference), rel=0.2)
    # 35 pulls of width one: their mean scatters by 0.17, their standard deviation by 0.12.
    for found_pulls in pulls.values():
        assert np.abs(found_pulls).max() < 4.5
        assert abs(np.mean(found_pulls)) < 0.7
        assert 0.6 < np.std(found_pulls) < 1.5


def test_the_noise_is_that_of_the_points(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 2).calibrate_perfectly()
    raw = laboratory.measure(CheckRabi, "0")
    noise = CheckRabi().postprocess(None, raw).parameters["rabi_noise"]
    expected = float(np.sqrt(np.mean(np.abs(raw["rabi_sigma"]) ** 2)))
    assert 0.4 * expected < noise.value < 1.2 * expected
    assert noise.error == pytest.approx(noise.value / np.sqrt(2 * 46))
