"""Frequency, T1, echo and T2*: known values shorten the measurement, contradictory data start a search."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_analysis import Estimate, fit_t1
from qdash_core.errors import AnalysisError
from qdash_core.models.estimates import Parameter
from qdash_tasks.programs.projection import fit_signal, project_signals
from qdash_tasks.programs.repeated_decay import ResultScatter
from qdash_tasks.qubit.decays import ECHO
from qdash_tasks.tasks import (
    CheckQubitFrequency,
    CheckRamsey,
    CheckT1,
    CheckT1Average,
    CheckT2Echo,
    CheckT2EchoAverage,
)

from ..case_tables import each_case
from .conftest import make_table
from .laboratory import Laboratory

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.tasks.base import BaseTask

DRIVE_GHZ = 5.0


def bench(path: Path, *, seed: int = 3, **row: float) -> Laboratory:
    """Return the bench of one qubit."""
    return Laboratory(path, make_table(row), seed).calibrate_perfectly()


def assert_near(found: Parameter, true: float, *, errors: float = 5.0) -> None:
    """Assert that a value agrees with the truth within its own error bar."""
    assert found.error is not None
    assert abs(found.value - true) < errors * found.error


# --- what is known ---------------------------------------------------------------------------------------------------


@each_case(("task", "name"), [(CheckT1, "t1"), (CheckT2Echo, "t2_echo"), (CheckRamsey, "t2_star")])
def test_a_second_run_needs_no_search_and_less_time(tmp_path: Path, task: type[BaseTask], name: str) -> None:
    laboratory = bench(tmp_path)
    first = laboratory.run(task, "0").parameters[name]
    spent = laboratory.backend.laboratory.lab_seconds
    laboratory.values["0"] = {name: first}
    raw = laboratory.measure(task, "0")
    assert laboratory.backend.laboratory.lab_seconds - spent < 0.8 * spent
    assert not any(array.startswith(("search", "longer")) for array in raw.arrays)
    truth = laboratory.chip.qubits["0"].coherence
    assert_near(task().postprocess(None, raw).parameters[name], getattr(truth, f"{name}_us"))


@pytest.mark.parametrize(
    ("task", "name"), [(CheckT1, "t1"), (CheckT2Echo, "t2_echo"), (CheckRamsey, "t2_star")]
)
@pytest.mark.parametrize(
    "wrong_by", [1e-3, 4.0, *(pytest.param(one, marks=pytest.mark.slow) for one in (0.03, 0.3, 30.0, 1e3))]
)
def test_a_known_time_that_the_data_contradict_does_no_harm(
    tmp_path: Path, task: type[BaseTask], name: str, wrong_by: float
) -> None:
    laboratory = bench(tmp_path)
    true = getattr(laboratory.chip.qubits["0"].coherence, f"{name}_us")
    laboratory.values["0"] = {name: Parameter(wrong_by * true, 0.1 * true, "us")}
    found = laboratory.run(task, "0").parameters[name]
    assert_near(found, true)
    assert (found.error or 0) < 0.1 * true


# --- frequency -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "offset_mhz",
    [
        *(0.002, -3.7, 7.0),
        *(pytest.param(one, marks=pytest.mark.slow) for one in (0.0, -0.08, 1.3, 5.0, -5.0, -9.0)),
    ],
)
@pytest.mark.parametrize("task", [CheckQubitFrequency, CheckRamsey])
def test_the_frequency_is_found_from_an_aliased_start(
    tmp_path: Path, task: type[BaseTask], offset_mhz: float
) -> None:
    laboratory = bench(tmp_path)
    laboratory.backend.laboratory.adjust(
        "0",
        {
            "drive_frequency_ghz": laboratory.backend.laboratory.settings["0"].drive_frequency_ghz
            - 1e-3 * offset_mhz
        },
    )
    output = laboratory.run(task, "0")
    assert_near(output.parameters["qubit_frequency"], DRIVE_GHZ)
    assert output.note["detuning_mhz"] == pytest.approx(offset_mhz, abs=0.03)


@each_case(("t1_us", "t2_us"), [(1.0, 0.5), (10.0, 5.0), (300.0, 200.0)])
def test_a_frequency_takes_a_fraction_of_a_ramsey(tmp_path: Path, t1_us: float, t2_us: float) -> None:
    laboratory = bench(tmp_path, t1_us=t1_us, t2_us=t2_us)
    output = laboratory.run(CheckQubitFrequency, "0").parameters
    short_s = laboratory.backend.laboratory.lab_seconds
    assert set(output) == {"qubit_frequency"}
    assert_near(output["qubit_frequency"], DRIVE_GHZ)
    # Ten kilohertz, or the limit set by T2*.
    assert (output["qubit_frequency"].error or 0) < max(10e-6, 0.05e-3 / t2_us)
    laboratory.run(CheckRamsey, "0")
    assert short_s < 0.7 * (laboratory.backend.laboratory.lab_seconds - short_s)


# --- averages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("task", "name", "true", "common_error"),
    [(CheckT1Average, "t1", 100.0, 0.0), (CheckT2EchoAverage, "t2_echo", 80.0, ECHO.common_error)],
)
def test_repeated_results_give_mean_scatter_and_what_of_it_is_noise(
    tmp_path: Path, task: type[BaseTask], name: str, true: float, common_error: float
) -> None:
    output = bench(tmp_path).run(task, "0")
    mean, std = output.parameters[f"{name}_average"], output.parameters[f"{name}_std"]
    assert_near(mean, true)
    assert (output.note["results"], output.note["refused"]) == (10, 0)
    # A stable qubit scatters by the noise alone; ten results give the scatter to 24 %.
    assert std.error == pytest.approx(std.value / np.sqrt(18))
    assert std.value == pytest.approx(output.note["measurement_noise_us"], rel=4 * 0.24)
    common = common_error * output.note["measurement_noise_us"]
    assert mean.error == pytest.approx(np.hypot(1.06 * std.value / np.sqrt(10), common), rel=0.01)


def test_what_results_scatter_beyond_their_errors_is_the_qubits_own() -> None:
    rng = np.random.default_rng(1)
    results = [Estimate(100 + rng.normal(0, 5) + rng.normal(0, 12), 5.0, "us") for _ in range(2000)]
    scatter = ResultScatter.from_estimates(results)
    assert scatter.std == pytest.approx(13, rel=0.05)
    assert scatter.noise == pytest.approx(5)
    assert scatter.fluctuation == pytest.approx(12, rel=0.06)
    assert scatter.mean_error == pytest.approx(scatter.std / np.sqrt(2000), rel=0.01)


@pytest.mark.parametrize(("task", "name"), [(CheckT1Average, "t1"), (CheckT2EchoAverage, "t2_echo")])
def test_what_all_traces_leave_alike_is_part_of_the_error_of_their_mean(
    tmp_path: Path, task: type[BaseTask], name: str
) -> None:
    raw = bench(tmp_path).measure(task, "0")
    right = task().postprocess(None, raw)
    places = np.arange(raw["fine_iq"].size)
    places[4:8] = places[4:8][::-1]
    arrays = {
        key: (value[places] if key.startswith("fine") and "delay" not in key else value, unit)
        for key, (value, unit) in raw.arrays.items()
    }
    wrong = task().postprocess(None, replace(raw, arrays=arrays))
    mean, exchanged = (output.parameters[f"{name}_average"] for output in (right, wrong))
    assert right.note["lack_of_fit"] == 1.0
    assert wrong.note["lack_of_fit"] > 2
    expected = wrong.note["measurement_noise_us"] * np.sqrt((wrong.note["lack_of_fit"] - 1) / 10)
    assert exchanged.error is not None
    assert mean.error is not None
    assert exchanged.error > max(expected, mean.error)


@pytest.mark.parametrize("task", [CheckT1Average, CheckT2EchoAverage])
def test_an_average_takes_the_window_of_the_known_time(tmp_path: Path, task: type[BaseTask]) -> None:
    laboratory = bench(tmp_path)
    laboratory.values["0"] = {"t1": Parameter(95.0, 3.0, "us"), "t2_echo": Parameter(85.0, 3.0, "us")}
    raw = laboratory.measure(task, "0", repeats=4)
    assert [name for name in raw.arrays if name.endswith("_iq")] == [
        "fine_iq",
        "fine_1_iq",
        "fine_2_iq",
        "fine_3_iq",
    ]


def test_an_average_of_what_shows_no_decay_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AnalysisError, match=r"\d of 10 traces show a decay: .*straight line"):
        bench(tmp_path).run(CheckT1Average, "0", time_range=list(range(0, 30_000, 1000)))


@each_case(
    ("task", "name"),
    [(CheckT1, "t1"), (CheckT1Average, "t1"), (CheckT2Echo, "t2_echo"), (CheckT2EchoAverage, "t2_echo")],
)
def test_a_requested_window_far_below_the_known_time_is_the_reason_why_no_decay_is_seen(
    tmp_path: Path, task: type[BaseTask], name: str
) -> None:
    laboratory = bench(tmp_path)
    laboratory.values["0"] = {name: Parameter(80.0, 1.0, "us")}
    with pytest.raises(
        AnalysisError, match=r"within 0\.35\sµs, as the known time is 80\sµs: time_range is in ns"
    ):
        laboratory.run(task, "0", time_range=list(range(0, 400, 50)))
    laboratory.values["0"] = {name: Parameter(1.0, 0.1, "us")}
    with pytest.raises(AnalysisError) as other:
        laboratory.run(task, "0", time_range=list(range(0, 400, 50)))
    assert "time_range" not in str(other.value)


# --- waiting ---------------------------------------------------------------------------------------------------------


def test_a_naive_exponential_after_a_short_wait_is_far_off_and_the_task_is_not(tmp_path: Path) -> None:
    # Shots that wait 153.6 us at T1 = 280 us start from exp(-0.55) = 58 % of the last one's excitation.
    qubits = [{"t1_us": 280.0, "t2_us": 200.0}] * 12
    laboratory = Laboratory(tmp_path, make_table(*qubits), 7).calibrate_perfectly()
    delays_ns = list(np.linspace(0, 3.5 * 280e3, 51))
    tasks = [
        laboratory.prepare(CheckT1, qid, reset="passive", time_range=delays_ns, shots=4096)
        for qid in laboratory.table.qids
    ]
    naive, right = [], []
    for task, raw in zip(tasks, CheckT1.run_group(laboratory.backend, tasks), strict=True):
        assert not isinstance(raw, Exception)
        right.append(task.postprocess(None, raw).parameters["t1"].value / 280.0)
        (signal,) = project_signals(raw, ("fine",), x_name="delay")
        assert "do not belong to the decay" in fit_signal(fit_t1, signal).message
        naive.append(fit_signal(partial(fit_t1, single=False), signal).parameters["t1"].value / 280.0)
    # 1.41 with a perfect X180. Means of twelve, each good to 2.5 and to 1.3 %.
    assert np.mean(naive) == pytest.approx(1.37, abs=0.03)
    assert np.mean(right) == pytest.approx(1.0, abs=0.02)
