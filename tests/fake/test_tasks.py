"""Each task under difficult conditions for its measurement."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_core.artifacts.raw_data import decode, encode
from qdash_core.errors import AnalysisError, BackendError, InvalidInputError
from qdash_core.models.raw_data import RawData
from qdash_fake.devices import load_device
from qdash_tasks.tasks import (
    TASKS,
    CheckQubitSpectroscopy,
    CheckRabi,
    CheckRamsey,
    CheckResonatorSpectroscopy,
    CheckT1,
    CheckT2Echo,
    ReadoutClassification,
)

from ..case_tables import each_case
from .conftest import make_table
from .laboratory import Laboratory

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from qdash_core.tasks.base import BaseTask, TaskOutput


OF_QUBITS = [task for task in TASKS if task.task_type == "qubit"]
QUICK = {
    "CheckResonatorSpectroscopy",
    "CheckQubitFrequency",
    "CheckChevron",
    "CheckRabi",
    "CheckT1",
    "CheckRamsey",
    "CreateDRAGPIPulse",
    "ReadoutClassification",
    "CheckReadoutAmplitude",
    "RandomizedBenchmarking",
    "Check1QGateCoherenceLimit",
}
"""Tasks among the quick tests: one of each kind of program. The contract of tasks asks all of them for figures and refits."""
every_task = pytest.mark.parametrize(
    "task",
    [pytest.param(one, marks=() if one.name in QUICK else pytest.mark.slow) for one in OF_QUBITS],
    ids=lambda task: task.name,
)


@pytest.fixture
def jakarta_bench(tmp_path: Path) -> Laboratory:
    return Laboratory(tmp_path, load_device("jakarta"), 4).calibrate_perfectly()


# --- spectroscopy ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, *(pytest.param(one, marks=pytest.mark.slow) for one in range(1, 8))])
def test_the_qubit_is_told_from_its_neighbours_and_from_f02_half(tmp_path: Path, seed: int) -> None:
    # Qubit 0 lies between two neighbours, and f02/2 of qubit 2, 40 MHz up, is not its own.
    table = make_table(
        {"frequency_ghz": 5.0, "anharmonicity_ghz": -0.2},
        {"frequency_ghz": 4.95},
        {"frequency_ghz": 5.04},
        couplings=(("0", "1"), ("0", "2")),
    )
    laboratory = Laboratory(tmp_path, table, seed)
    for qid, true_ghz in (("0", 5.0), ("1", 4.95), ("2", 5.04)):
        probe_ghz = laboratory.chip.qubits[qid].resonator.best_probe_ghz
        laboratory.backend.laboratory.adjust(qid, {"readout_frequency_ghz": probe_ghz})
        found = laboratory.run(CheckQubitSpectroscopy, qid).parameters["qubit_frequency"]
        assert found.error is not None
        assert abs(found.value - true_ghz) < 5 * found.error
        assert found.error < 50e-6


def test_a_weakly_readable_qubit_is_found_with_more_shots(tmp_path: Path) -> None:
    table = make_table({"p_meas1_prep0": 0.35, "p_meas0_prep1": 0.4})
    laboratory = Laboratory(tmp_path, table, 6).calibrate_perfectly()
    found = laboratory.run(CheckQubitSpectroscopy, "0").parameters["qubit_frequency"]
    assert abs(found.value - 5.0) < 5 * (found.error or 0)


def test_a_resonator_is_not_pulled_by_a_readout_that_excites_the_qubit(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, make_table({"p_meas1_prep0": 0.5, "p_meas0_prep1": 0.01}), 2)
    found = laboratory.run(CheckResonatorSpectroscopy, "0").parameters["resonator_frequency"]
    resonator = laboratory.chip.qubits["0"].resonator
    assert abs(found.value - resonator.frequency_ghz) < 5 * (found.error or 0)
    assert abs(found.value - resonator.frequency_ghz) < 0.05e-3 * resonator.linewidth_mhz


def test_a_sweep_that_shows_no_resonator_is_refused(jakarta_bench: Laboratory) -> None:
    with pytest.raises(AnalysisError):
        jakarta_bench.run(CheckResonatorSpectroscopy, "0", frequency_range=list(np.linspace(6.0, 6.02, 101)))


# --- Rabi ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(one, marks=pytest.mark.slow) for one in range(2, 6))])
def test_rabi_sets_the_amplitude_for_the_usual_frequency_whatever_the_line_gives(
    tmp_path: Path, seed: int
) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), seed)
    laboratory.calibrate_perfectly().backend.laboratory.adjust("0", {"control_amplitude": 0.1})
    output = laboratory.run(CheckRabi, "0").parameters
    assert output["rabi_frequency"].value == pytest.approx(12.5, rel=0.02)
    slope = laboratory.chip.qubits["0"].drive.rabi_per_amplitude_mhz
    assert output["maximum_rabi_frequency"].error is not None
    assert abs(output["maximum_rabi_frequency"].value - slope) < 5 * output["maximum_rabi_frequency"].error
    assert output["control_amplitude"].error is None


@pytest.mark.parametrize("amplitude", [0.5, pytest.param(1.0, marks=pytest.mark.slow)])
def test_a_drive_too_strong_for_the_sampling_gives_no_alias(tmp_path: Path, amplitude: float) -> None:
    found, seeds = 0, range(6)
    for seed in seeds:
        # Between 30 and 300 MHz in use; steps of 8 ns sample 62 MHz.
        laboratory = Laboratory(tmp_path, make_table({}), seed).calibrate_perfectly()
        laboratory.backend.laboratory.adjust("0", {"control_amplitude": amplitude})
        slope = laboratory.chip.qubits["0"].drive.rabi_per_amplitude_mhz
        try:
            output = laboratory.run(CheckRabi, "0").parameters
        except AnalysisError:
            continue
        assert output["maximum_rabi_frequency"].value == pytest.approx(slope, rel=0.02)
        found += 1
    assert found >= len(seeds) / 2


def test_a_drive_that_jumps_about_is_refused(tmp_path: Path) -> None:
    for seed in range(4):
        with pytest.raises(AnalysisError):
            Laboratory(tmp_path, make_table({"sx_error": 0.14}), seed).calibrate_perfectly().run(
                CheckRabi, "0"
            )


def test_a_drive_far_off_resonance_is_refused(jakarta_bench: Laboratory) -> None:
    jakarta_bench.backend.laboratory.adjust(
        "0",
        {"drive_frequency_ghz": jakarta_bench.backend.laboratory.settings["0"].drive_frequency_ghz + 2.0},
    )
    with pytest.raises(AnalysisError):
        jakarta_bench.run(CheckRabi, "0")


@pytest.mark.parametrize("step_ns", [80.0, 28.0])
def test_a_sweep_too_coarse_for_the_expected_oscillation_is_refused_before_it_is_measured(
    jakarta_bench: Laboratory, step_ns: float
) -> None:
    # 12.5 MHz with a margin of 1.5 needs steps of 26.7 ns.
    with pytest.raises(
        InvalidInputError, match=r"undersample the expected 12\.\d+\xa0MHz: .* at most 26\.\d\xa0ns"
    ):
        jakarta_bench.run(CheckRabi, "1", time_range=list(step_ns * np.arange(40)))
    assert jakarta_bench.run(CheckRabi, "1", time_range=list(20.0 * np.arange(40))).parameters


@each_case("factor", [0.5, 0.79, 1.3, 4.0])
def test_an_oscillation_that_the_search_does_not_let_expect_is_refused(
    jakarta_bench: Laboratory, factor: float
) -> None:
    raw = jakarta_bench.measure(CheckRabi, "1")
    expected_mhz = raw.attributes["expected_mhz"]
    assert expected_mhz == pytest.approx(12.5)
    other = RawData(raw.arrays, {**raw.attributes, "expected_mhz": factor * expected_mhz})
    with pytest.raises(AnalysisError, match="alias"):
        CheckRabi().postprocess(None, other)


# --- Ramsey ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("offset_mhz", [0.0, 0.003, -0.05, 0.4, -2.0, 3.5, -3.5])
def test_ramsey_finds_the_sign_of_an_offset_near_and_far(
    jakarta_bench: Laboratory, offset_mhz: float
) -> None:
    jakarta_bench.backend.laboratory.adjust(
        "2",
        {
            "drive_frequency_ghz": jakarta_bench.backend.laboratory.settings["2"].drive_frequency_ghz
            - offset_mhz * 1e-3
        },
    )
    output = jakarta_bench.run(CheckRamsey, "2")
    found = output.parameters["qubit_frequency"]
    assert found.error is not None
    assert found.error < 2e-6
    assert abs(found.value - 5.1084082) < 5 * found.error
    assert output.note["detuning_mhz"] == pytest.approx(offset_mhz, abs=0.005)


@each_case(("t1_us", "t2_us"), [(2.0, 0.3), (20.0, 2.0), (800.0, 1000.0), (600.0, 30.0)])
def test_ramsey_and_echo_find_their_window_over_four_decades(
    tmp_path: Path, t1_us: float, t2_us: float
) -> None:
    laboratory = Laboratory(tmp_path, make_table({"t1_us": t1_us, "t2_us": t2_us}), 8).calibrate_perfectly()
    ramsey = laboratory.run(CheckRamsey, "0").parameters
    echo = laboratory.run(CheckT2Echo, "0").parameters["t2_echo"]
    truth = laboratory.chip.qubits["0"].coherence
    for found, true in (
        (ramsey["t2_star"], truth.t2_star_us),
        (echo, truth.t2_echo_us),
        (ramsey["qubit_frequency"], 5.0),
    ):
        assert found.error is not None
        assert abs(found.value - true) < 5 * found.error
    assert echo.error is not None
    assert echo.error < 0.15 * t2_us


def test_a_ramsey_whose_decay_is_not_seen_gives_the_frequency_alone_and_says_so(
    jakarta_bench: Laboratory,
) -> None:
    output = jakarta_bench.run(CheckRamsey, "2", time_range=list(np.linspace(0, 2000, 41)))
    assert set(output.parameters) == {"qubit_frequency"}
    assert output.note["t2_star"] == "no decay is resolved within 2\N{NO-BREAK SPACE}µs"
    assert abs(output.parameters["qubit_frequency"].value - 5.1084082) < 5 * (
        output.parameters["qubit_frequency"].error or 0
    )


# --- T1 --------------------------------------------------------------------------------------------------------------


@each_case("t1_us", [0.8, 5.0, 60.0, 300.0, 800.0])
def test_t1_is_found_over_three_decades(tmp_path: Path, t1_us: float) -> None:
    table = make_table({"t1_us": t1_us, "t2_us": t1_us})
    found = Laboratory(tmp_path, table, 3).calibrate_perfectly().run(CheckT1, "0").parameters["t1"]
    assert found.error is not None
    assert found.error < 0.06 * t1_us
    assert abs(found.value - t1_us) < 5 * found.error


# --- readout ---------------------------------------------------------------------------------------------------------


def test_readout_classification_gives_the_published_errors(jakarta_bench: Laboratory) -> None:
    for qid, error_0, error_1 in (("0", 0.0064, 0.0356), ("4", 0.0614, 0.0366)):
        found = jakarta_bench.run(ReadoutClassification, qid).parameters
        for name, published in (("readout_fidelity_0", error_0), ("readout_fidelity_1", error_1)):
            assert found[name].error is not None
            # 1e-3 for the pulse error, which the table's matrix does not hold.
            assert abs(1 - found[name].value - published) < 5 * (found[name].error or 0) + 1e-3


def test_pulses_that_do_nothing_leave_nothing_to_classify(jakarta_bench: Laboratory) -> None:
    jakarta_bench.backend.laboratory.adjust("0", {"pi_amplitude": 1e-6})
    with pytest.raises(AnalysisError, match="same IQ distribution"):
        jakarta_bench.run(ReadoutClassification, "0")


# --- what all share --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Callable[[type[BaseTask]], RawData]:
    """Raw data of a task on a calibrated qubit, measured once."""
    bench = Laboratory(tmp_path_factory.mktemp("bench"), load_device("jakarta"), 4).calibrate_perfectly()
    return cache(lambda task: bench.measure(task, "1"))


@pytest.fixture(scope="module")
def analysed(measured: Callable[[type[BaseTask]], RawData]) -> Callable[[type[BaseTask]], TaskOutput]:
    """The result of `measured`, analysed once."""
    return cache(lambda task: task().postprocess(None, measured(task)))


@every_task
def test_stored_data_alone_give_the_same_result_again(
    measured: Callable[[type[BaseTask]], RawData],
    analysed: Callable[[type[BaseTask]], TaskOutput],
    task: type[BaseTask],
    tmp_path: Path,
) -> None:
    path = tmp_path / "raw.npz"
    path.write_bytes(encode(measured(task)))
    assert task().postprocess(None, decode(path)) == analysed(task)


_WITHOUT_A_FIT = {
    "Check1QGateCoherenceLimit",
    "CheckQubitFrequencies",
    "CheckResonatorFrequencies",
    "CheckSimultaneousQubitSpectroscopy",
    "ReadoutClassification",
}
"""Tasks whose figure is a map or a scatter plot, without residuals."""
_IN_ANY_STATE = {
    "CheckElectricalDelay",
    "CheckReadoutAmplitude",
    "CheckReflectionCoefficient",
    "CheckResonatorFrequencies",
    "CheckResonatorSpectroscopy",
    "CheckWaveform",
}
"""Tasks of a readout line, which see it in any state of the qubit."""


@every_task
def test_the_figure_is_plain_json_with_axes_residuals_and_values(
    measured: Callable[[type[BaseTask]], RawData],
    analysed: Callable[[type[BaseTask]], TaskOutput],
    task: type[BaseTask],
) -> None:
    raw, output = measured(task), analysed(task)
    drawn: dict[str, Any] = json.loads(json.dumps(task.figure(raw, output), allow_nan=False))
    # Measured data, and the fit or marks.
    assert len(drawn["data"]) + len(drawn["layout"].get("shapes", ())) >= 2
    # Only counts and probabilities have no unit.
    assert all(drawn["layout"][axis]["title"]["text"] for axis in ("xaxis", "yaxis"))
    (box,) = drawn["layout"]["annotations"]
    assert all(f"<b>{name}</b>" in box["text"] for name in output.parameters)
    if task.name not in _WITHOUT_A_FIT:
        assert any(trace.get("yaxis") == "y2" for trace in drawn["data"]), "residuals"
    for trace in drawn["data"]:
        if trace["type"] == "heatmap":
            assert [len(row) for row in trace["z"]] == [len(trace["x"])] * len(trace["y"])
        else:
            assert len(trace["x"]) == len(trace["y"]) > 0


@each_case(
    ("task", "sweep"),
    [
        (CheckT1, {"time_range": [0, 100_000, 200_000]}),
        (CheckT2Echo, {"time_range": [1000] * 20}),
        (CheckRamsey, {"time_range": [0, 100, 200]}),
        (CheckRabi, {"time_range": [0, 8, 16]}),
        (CheckResonatorSpectroscopy, {"frequency_range": [6.8, 6.801]}),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_a_sweep_too_short_to_analyse_is_refused_before_it_is_measured(
    jakarta_bench: Laboratory, task: type[BaseTask], sweep: dict[str, list[float]]
) -> None:
    (name,) = sweep
    with pytest.raises(InvalidInputError, match=rf"{name}: \d+ different values, at least \d+ are needed"):
        jakarta_bench.run(task, "0", **sweep)
    assert jakarta_bench.backend.laboratory.lab_seconds == 0


@each_case(
    ("task", "parameter", "sweep", "array", "unit"),
    [
        (CheckT1, "time_range", [0, 10_000, 50_000, 100_000, 200_000, 300_000, 400_000], "fine_delay", 1e-3),
        (CheckT2Echo, "time_range", [0, 5_000, 10_000, 20_000, 40_000, 80_000, 160_000], "fine_delay", 1e-3),
        (CheckRabi, "time_range", list(range(0, 320, 8)), "rabi_duration", 1.0),
        (CheckRamsey, "time_range", list(range(0, 60_000, 1000)), "plus_delay", 1e-3),
        (
            CheckQubitSpectroscopy,
            "frequency_range",
            list(np.linspace(5.01, 5.018, 81)),
            "line_0_frequency",
            1.0,
        ),
    ],
)
def test_a_sweep_that_was_asked_for_is_the_one_measured(
    jakarta_bench: Laboratory,
    task: type[BaseTask],
    parameter: str,
    sweep: list[float],
    array: str,
    unit: float,
) -> None:
    raw = jakarta_bench.measure(task, "1", **{parameter: sweep})
    assert raw[array] == pytest.approx(np.array(sweep) * unit)
    assert task().postprocess(None, raw).parameters


def test_a_group_is_measured_in_the_time_of_its_slowest_member(
    jakarta_bench: Laboratory, tmp_path: Path
) -> None:
    jakarta_bench.run_group(CheckRabi, ["0", "2", "3"])
    alone = Laboratory(tmp_path, load_device("jakarta"), 5).calibrate_perfectly()
    alone.run_group(CheckRabi, ["0"])
    assert jakarta_bench.backend.laboratory.lab_seconds < 1.5 * alone.backend.laboratory.lab_seconds


@every_task
def test_one_targets_failure_is_its_own(tmp_path: Path, task: type[BaseTask]) -> None:
    dead = {"p_meas1_prep0": 1.0, "p_meas0_prep1": 0.0}
    laboratory = Laboratory(tmp_path, make_table({}, dead), 3).calibrate_perfectly()
    outcome = laboratory.run_group(task, ["0", "1"])
    failed = [qid for qid, found in outcome.items() if isinstance(found, Exception)]
    # A limit is computed from earlier values.
    assert failed == ([] if task.name in _IN_ANY_STATE | {"Check1QGateCoherenceLimit"} else ["1"])


def test_a_group_gives_what_each_target_alone_would(tmp_path: Path) -> None:
    benches = [
        Laboratory(tmp_path / name, make_table({}, {}), 3).calibrate_perfectly() for name in ("a", "b")
    ]
    together = benches[0].run_group(CheckT1, ["0", "1"])["1"]
    assert together == benches[1].run(CheckT1, "1")


def test_a_cancelled_run_stops_between_sweeps_and_keeps_what_it_has(jakarta_bench: Laboratory) -> None:
    task = jakarta_bench.prepare(CheckT1, "0")
    jakarta_bench.cancelled = True
    with pytest.raises(BackendError, match="cancelled"):
        task.run(jakarta_bench.backend)
    assert len(jakarta_bench.partial) == 1


def test_a_measurement_that_was_cut_is_not_analysed(jakarta_bench: Laboratory) -> None:
    raw = jakarta_bench.measure(CheckT1, "0")
    with pytest.raises(AnalysisError, match="incomplete"):
        CheckT1().postprocess(None, RawData(raw.arrays, {}))
