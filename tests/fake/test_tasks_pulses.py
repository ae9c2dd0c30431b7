"""Calibrated pulses: amplitudes, DRAG coefficients and angle errors pooled over qubits, and refusals."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_core.artifacts.raw_data import decode, encode
from qdash_core.errors import AnalysisError
from qdash_core.models.estimates import Parameter
from qdash_core.tasks.base import TaskOutput
from qdash_fake.devices import load_device
from qdash_fake.physics.trains import find_true_beta
from qdash_fake.truth import compute_true_parameters
from qdash_tasks.tasks import (
    CheckDRAGHPIPulse,
    CheckDRAGPIPulse,
    CheckHPIPulse,
    CheckPIPulse,
    CheckRabi,
    CreateDRAGHPIPulse,
    CreateDRAGPIPulse,
    CreateHPIPulse,
    CreatePIPulse,
)

from ..case_tables import each_case
from .conftest import make_table
from .laboratory import Laboratory

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.tasks.base import BaseTask

CREATE: tuple[type[BaseTask], ...] = (CreateHPIPulse, CreatePIPulse, CreateDRAGHPIPulse, CreateDRAGPIPulse)
CHECK: tuple[type[BaseTask], ...] = (CheckHPIPulse, CheckPIPulse, CheckDRAGHPIPulse, CheckDRAGPIPulse)
WITHOUT_DRAG = (CreateHPIPulse, CheckHPIPulse, CreatePIPulse, CheckPIPulse)
CHIPS = (("jakarta", 31), ("guadalupe", 32))
SOME = 2
"""Number of uncoupled qubits of the first chip for a test without a whole chip."""

Pulls = dict[str, list[float]]
Spent = dict[str, list[float]]


def in_use(laboratory: Laboratory) -> dict[str, dict[str, tuple[float, str]]]:
    """Return the true values at the settings of the session."""
    return compute_true_parameters(laboratory.chip, laboratory.backend.laboratory.settings)["qubits"]


def found_before(laboratory: Laboratory) -> None:
    """Set the values of the earlier tasks of a bring-up."""
    for qid, truth in in_use(laboratory).items():
        for name in ("resonator_frequency", "readout_frequency", "qubit_frequency"):
            laboratory.values.setdefault(qid, {})[name] = Parameter(truth[name][0], None, truth[name][1])


def run_on_all(
    laboratory: Laboratory,
    task: type[BaseTask],
    pulls: Pulls,
    spent: Spent,
    groups: list[list[str]] | None = None,
) -> None:
    """Run a task on all qubits, or on some, put its values in use, and compare them with the truth."""
    session = laboratory.backend.laboratory
    before = session.lab_seconds
    found = {
        qid: output
        for group in groups or laboratory.uncoupled_groups
        for qid, output in laboratory.run_group(task, group).items()
    }
    spent[task.name].append(session.lab_seconds - before)
    laboratory.backend.apply(laboratory.values)
    for qid, output in found.items():
        assert isinstance(output, TaskOutput), output
        truth = laboratory.truth_of(qid)
        for name, parameter in output.parameters.items():
            if parameter.error is not None and name in truth:
                pulls[name].append((parameter.value - truth[name][0]) / parameter.error)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(0, id="some qubits"),
        pytest.param(1, id="one chip", marks=pytest.mark.slow),
        pytest.param(len(CHIPS), id="all chips", marks=pytest.mark.release),
    ],
)
def outcome(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Pulls, Pulls, Spent]:
    """Pulls of a first and of a second run by parameter, and the laboratory time of both by task."""
    first: Pulls = defaultdict(list)
    second: Pulls = defaultdict(list)
    spent: Spent = defaultdict(list)
    for device, seed in CHIPS[: request.param or 1]:
        laboratory = Laboratory(
            tmp_path_factory.mktemp("home"), load_device(device), seed
        ).calibrate_perfectly()
        found_before(laboratory)
        groups = laboratory.uncoupled_groups if request.param else [laboratory.uncoupled_groups[0][:SOME]]
        run_on_all(laboratory, CheckRabi, defaultdict(list), spent, groups)
        for task in CREATE:
            run_on_all(laboratory, task, first, spent, groups)
        for task in (*CHECK, *CREATE):
            run_on_all(laboratory, task, second, spent, groups)
    return first, second, spent


@pytest.mark.parametrize("run", [0, 1], ids=["first run", "second run"])
def test_errors_cover_the_truth(outcome: tuple[Pulls, Pulls, Spent], run: int) -> None:
    pulls = outcome[run]
    assert len(pulls) == (6, 10)[run]
    for name, found in pulls.items():
        size = np.abs(found)
        assert size.size in (SOME, 7, 7 + 16)
        # Normal errors: 68.3 % within one sigma, 95.4 % within two; four binomial standard deviations are allowed.
        for sigmas, share in ((1, 0.683), (2, 0.954)):
            margin = 4 * math.sqrt(share * (1 - share) / size.size)
            assert np.mean(size < sigmas) > share - margin, name
        assert np.mean(size < 1) < 0.683 + 4 * math.sqrt(0.683 * 0.317 / size.size), name
        assert size.max() < 5, name


def test_errors_together_are_neither_small_nor_large(outcome: tuple[Pulls, Pulls, Spent]) -> None:
    pulls = np.array([pull for run in outcome[:2] for found in run.values() for pull in found])
    for sigmas, share in ((1, 0.683), (2, 0.954)):
        margin = 4 * math.sqrt(share * (1 - share) / pulls.size)
        assert abs(np.mean(np.abs(pulls) < sigmas) - share) < margin
    assert abs(pulls.mean()) < 4 / math.sqrt(pulls.size)


@each_case("task", CREATE, ids=lambda task: task.name)
def test_the_last_train_is_one_of_the_amplitude_that_is_recorded(
    tmp_path: Path, task: type[BaseTask]
) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 1).calibrate_perfectly()
    session = laboratory.backend.laboratory
    session.adjust("0", {"control_amplitude": 1.03 * session.settings["0"].control_amplitude})
    output = laboratory.run(task, "0")
    ((_, amplitude),) = [one for one in output.parameters.items() if one[0].endswith("amplitude")]
    assert amplitude.error is not None
    assert abs(amplitude.value - output.note["amplitude_of_the_train"]) < 4 * amplitude.error


@each_case("task", CREATE, ids=lambda task: task.name)
def test_a_second_run_is_shorter(outcome: tuple[Pulls, Pulls, Spent], task: type[BaseTask]) -> None:
    times = outcome[2][task.name]
    first, second = times[::2], times[1::2]
    # One in twelve makes another correction within its error.
    assert np.mean(np.array(second) < 0.75 * np.array(first)) >= 0.5
    assert sum(second) < 0.75 * sum(first)


@pytest.fixture
def bench(tmp_path: Path) -> Laboratory:
    return Laboratory(tmp_path, make_table({}), 5).calibrate_perfectly()


def test_amplitude_and_coefficient_are_sharp(bench: Laboratory) -> None:
    found = bench.run_group(CreateHPIPulse, ["0"])["0"]
    assert isinstance(found, TaskOutput)
    amplitude = found.parameters["hpi_amplitude"]
    assert amplitude.error is not None
    assert amplitude.error < 5e-4 * amplitude.value
    assert found.parameters["hpi_length"].error is None
    drag = bench.run_group(CreateDRAGHPIPulse, ["0"])["0"]
    assert isinstance(drag, TaskOutput)
    # Motzoi et al.: 1 / (2 |alpha|) with the anharmonicity in rad/ns.
    expected_ns = 1 / (4 * math.pi * 0.33)
    assert drag.parameters["drag_hpi_beta"].value == pytest.approx(expected_ns, rel=0.1)


@pytest.mark.parametrize("stale_ns", [-4.0, -1.0, 0.9])
def test_an_optimum_outside_the_first_window_is_located_with_few_pairs_and_refined(
    bench: Laboratory, stale_ns: float
) -> None:
    right = bench.run(CreateDRAGHPIPulse, "0").parameters["drag_hpi_beta"]
    bench.backend.laboratory.adjust("0", {"drag_hpi_beta_ns": stale_ns})
    bench.values["0"] = {"drag_hpi_beta": Parameter(stale_ns, 0.01, "ns")}
    found = bench.run(CreateDRAGHPIPulse, "0").parameters["drag_hpi_beta"]
    assert found.error is not None
    assert right.error is not None
    assert abs(found.value - right.value) < 4 * math.hypot(found.error, right.error)


@pytest.mark.parametrize("factor", [0.7, 1.3])
def test_a_wrong_rabi_frequency_is_corrected(bench: Laboratory, factor: float) -> None:
    session = bench.backend.laboratory
    session.adjust("0", {"rabi_frequency_mhz": session.settings["0"].rabi_frequency_mhz * factor})
    truth = in_use(bench)["0"]
    for task, name in ((CreateHPIPulse, "hpi_amplitude"), (CreatePIPulse, "pi_amplitude")):
        found = bench.run(task, "0").parameters[name]
        assert found.error is not None
        assert abs(found.value - truth[name][0]) < 4 * found.error


@pytest.mark.parametrize("factor", [0.3, 3.0])
def test_a_rabi_frequency_far_off_is_refused_and_not_blamed_on_the_drive(
    bench: Laboratory, factor: float
) -> None:
    session = bench.backend.laboratory
    session.adjust("0", {"rabi_frequency_mhz": session.settings["0"].rabi_frequency_mhz * factor})
    with pytest.raises(AnalysisError) as refusal:
        bench.run(CreateHPIPulse, "0")
    assert "not stable" not in str(refusal.value)


def test_a_known_amplitude_that_has_become_wrong_is_corrected(bench: Laboratory) -> None:
    bench.run_group(CreateHPIPulse, ["0"])
    right = in_use(bench)["0"]["hpi_amplitude"][0]
    bench.backend.laboratory.adjust("0", {"hpi_amplitude": 1.25 * right})
    raw = bench.measure(CreateHPIPulse, "0")
    found = CreateHPIPulse().postprocess(None, raw).parameters["hpi_amplitude"]
    assert found.error is not None
    assert abs(found.value - right) < 4 * found.error
    assert found.error < 2e-3 * right


@pytest.mark.parametrize("error", [-0.08, 0.05])
def test_a_check_finds_the_size_and_sign_of_an_error(bench: Laboratory, error: float) -> None:
    truth = in_use(bench)["0"]
    wrong = {name: (1 + error) * truth[name][0] for name in ("hpi_amplitude", "pi_amplitude")}
    bench.backend.laboratory.adjust("0", wrong)
    for task, name, angle in (
        (CheckHPIPulse, "hpi_angle_error", math.pi / 2),
        (CheckPIPulse, "pi_angle_error", math.pi),
    ):
        found = bench.run(task, "0").parameters[name]
        assert found.value == pytest.approx(error * angle, abs=0.01)
        assert found.error is not None
        assert abs(found.value - in_use(bench)["0"][name][0]) < 4 * found.error


@pytest.mark.parametrize(("task", "error_per_pulse"), [(CheckHPIPulse, 0.03), (CheckPIPulse, 0.06)])
def test_a_thumbnail_shows_the_deviation_from_the_ideal_instead_of_a_zigzag(
    bench: Laboratory, task: type[BaseTask], error_per_pulse: float
) -> None:
    truth = in_use(bench)["0"]
    for factor, error in ((1.0, 0.0), (1.02, error_per_pulse)):
        amplitudes = {name: factor * truth[name][0] for name in ("hpi_amplitude", "pi_amplitude")}
        bench.backend.laboratory.adjust("0", amplitudes)
        raw = bench.measure(task, "0")
        drawn = task.sketch(raw, task().postprocess(None, raw))
        ideal, points, _ = drawn["data"]
        assert ideal["line"]["dash"] == "dash"
        assert {*ideal["y"]} == {0.0}
        for count, deviation in zip(points["x"], points["y"], strict=True):
            assert deviation == pytest.approx(math.sin(error * count), abs=0.15)
        low, high = drawn["layout"]["yaxis"]["range"]
        assert low <= min(points["y"])
        assert max(points["y"]) <= high


def test_a_pulse_beyond_full_scale_is_refused(bench: Laboratory) -> None:
    bench.backend.laboratory.adjust("0", {"pi_length_ns": 4.0, "pi_amplitude": 0.95})
    with pytest.raises(AnalysisError, match=r"full scale|no pulse train|not describe"):
        bench.run(CreatePIPulse, "0")


@pytest.mark.parametrize("task", [*CREATE, *CHECK], ids=lambda task: task.name)
@pytest.mark.parametrize("sx_error", [0.06, pytest.param(0.2, marks=pytest.mark.slow)])
def test_a_drive_that_jumps_about_is_refused(tmp_path: Path, task: type[BaseTask], sx_error: float) -> None:
    laboratory = Laboratory(tmp_path, make_table({"sx_error": sx_error}), 5).calibrate_perfectly()
    with pytest.raises(AnalysisError, match="the drive is not stable"):
        laboratory.run(task, "0")


@pytest.mark.parametrize(
    "row",
    [
        pytest.param({"sx_error": 0.03}, id="errors", marks=pytest.mark.slow),
        pytest.param({"t1_us": 3.0, "t2_us": 2.0}, id="decay"),
    ],
)
def test_poor_qubits_get_larger_errors_that_hold(tmp_path: Path, row: dict[str, Any]) -> None:
    pulls: Pulls = defaultdict(list)
    laboratory = Laboratory(tmp_path, make_table(*[row] * 2), 6).calibrate_perfectly()
    for task in CREATE:
        run_on_all(laboratory, task, pulls, defaultdict(list))
    size = np.abs([pull for found in pulls.values() for pull in found])
    assert size.size == 12
    assert np.mean(size < 2) > 0.954 - 4 * math.sqrt(0.954 * 0.046 / size.size)
    assert size.max() < 5


@each_case("offset_ghz", [-0.002, 0.001, 0.002, 0.004])
def test_no_drag_optimum_is_invented_far_off_resonance(bench: Laboratory, offset_ghz: float) -> None:
    laboratory = bench.backend.laboratory
    resonant_ghz = laboratory.settings["0"].drive_frequency_ghz
    laboratory.adjust("0", {"drive_frequency_ghz": resonant_ghz + offset_ghz})
    with pytest.raises(AnalysisError):
        bench.run(CreateDRAGHPIPulse, "0")
    laboratory.adjust("0", {"drive_frequency_ghz": resonant_ghz})


@pytest.mark.parametrize(
    ("task", "offset_mhz"),
    [(CreateHPIPulse, 3.0), (CreatePIPulse, -3.0), (CreateDRAGHPIPulse, 0.3), (CreateDRAGPIPulse, -0.3)],
    ids=lambda value: getattr(value, "name", None),
)
def test_a_pulse_is_not_calibrated_off_resonance(
    bench: Laboratory, task: type[BaseTask], offset_mhz: float
) -> None:
    bench.backend.laboratory.adjust(
        "0",
        {
            "drive_frequency_ghz": bench.backend.laboratory.settings["0"].drive_frequency_ghz
            + 1e-3 * offset_mhz
        },
    )
    with pytest.raises(
        AnalysisError, match=f"the drive is {abs(offset_mhz):.1g}\N{NO-BREAK SPACE}MHz off resonance"
    ):
        bench.run(task, "0")


@pytest.mark.parametrize(
    ("task", "off_khz"), [(CreateDRAGHPIPulse, 7.0), (CreateDRAGPIPulse, -20.0)], ids=["π/2", "π"]
)
def test_the_error_of_a_drag_coefficient_includes_the_distance_from_the_optimum_on_resonance(
    bench: Laboratory, task: type[BaseTask], off_khz: float
) -> None:
    (name,) = (name for name in task.output_parameters if name.endswith("beta"))
    session = bench.backend.laboratory
    resonant_ghz = session.settings["0"].drive_frequency_ghz
    right = bench.run(task, "0")
    session.adjust("0", {"drive_frequency_ghz": resonant_ghz - 1e-6 * off_khz})
    found = bench.run(task, "0")
    assert found.note["detuning_khz"] == pytest.approx(off_khz, abs=4.0)
    on_resonance, off_resonance = right.parameters[name], found.parameters[name]
    assert on_resonance.error is not None
    assert off_resonance.error is not None
    assert off_resonance.error > found.note["error_by_detuning_ns"] > right.note["error_by_detuning_ns"]
    assert abs(off_resonance.value - on_resonance.value) < 3 * math.hypot(
        on_resonance.error, off_resonance.error
    )


@pytest.mark.slow
@each_case("most_khz", [0.0, 20.0], ids=["on resonance", "up to 20 kHz off"])
def test_drag_errors_cover_the_optimum_on_resonance(tmp_path: Path, most_khz: float) -> None:
    rng = np.random.default_rng(7)
    pulls, sizes = [], []
    for seed in range(101, 107):
        laboratory = Laboratory(tmp_path / f"{seed}", load_device("jakarta"), seed).calibrate_perfectly()
        session = laboratory.backend.laboratory
        for qid, qubit in laboratory.chip.qubits.items():
            drive_ghz = session.settings[qid].drive_frequency_ghz + rng.uniform(-1e-6, 1e-6) * most_khz
            session.adjust(qid, {"drive_frequency_ghz": drive_ghz})
            parameters = laboratory.run(CreateDRAGHPIPulse, qid).parameters
            beta = parameters["drag_hpi_beta"]
            played = replace(session.settings[qid].x90, amplitude=parameters["drag_hpi_amplitude"].value)
            right_ns = find_true_beta(qubit, played, detuning_mhz=0.0)
            assert beta.error is not None
            pulls.append((beta.value - right_ns) / beta.error)
            sizes.append(beta.error / right_ns)
    size = np.abs(pulls)
    assert size.size > 35
    assert np.mean(size < 2) > 0.9
    assert size.max() < 5
    if not most_khz:
        # An error of 1.0 % by the pairs alone.
        assert np.median(sizes) < 0.014


@pytest.mark.parametrize("offset_mhz", [-8.0, 2.0])
def test_a_rabi_oscillation_off_resonance_is_refused(bench: Laboratory, offset_mhz: float) -> None:
    bench.backend.laboratory.adjust(
        "0",
        {
            "drive_frequency_ghz": bench.backend.laboratory.settings["0"].drive_frequency_ghz
            + 1e-3 * offset_mhz
        },
    )
    with pytest.raises(AnalysisError, match=r"off resonance.*Calibrate the frequency first"):
        bench.run(CheckRabi, "0")


def test_a_rabi_frequency_says_what_a_small_detuning_may_add(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, make_table(*[{}] * 6), 7).calibrate_perfectly()
    session = laboratory.backend.laboratory
    for qid, settings in session.settings.items():
        session.adjust(qid, {"drive_frequency_ghz": settings.drive_frequency_ghz + 0.001})
    found = laboratory.run_group(CheckRabi, tuple(laboratory.chip.qubits))
    for qid, output in found.items():
        assert isinstance(output, TaskOutput)
        rate = output.parameters["maximum_rabi_frequency"]
        true = laboratory.chip.qubits[qid].drive.rabi_per_amplitude_mhz
        # 1 MHz added in quadrature to 12.5 MHz gives 0.3 %, four to five statistical errors.
        assert abs(rate.value - true) < 3 * (rate.error or 0)


@each_case("task", CREATE, ids=lambda task: task.name)
def test_passive_reset_is_refused_where_the_wait_is_short(tmp_path: Path, task: type[BaseTask]) -> None:
    laboratory = Laboratory(tmp_path, make_table({"t1_us": 300.0, "t2_us": 200.0}), 5).calibrate_perfectly()
    with pytest.raises(AnalysisError, match="is too short for a T1"):
        laboratory.run(task, "0", reset="passive", interval=153_600.0)


def test_passive_reset_is_right_where_the_wait_is_long(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, make_table({"t1_us": 25.0, "t2_us": 20.0}), 5).calibrate_perfectly()
    truth = in_use(laboratory)["0"]
    for task in (CreateHPIPulse, CreatePIPulse):
        for name, found in laboratory.run(task, "0", reset="passive").parameters.items():
            if found.error is not None:
                assert abs(found.value - truth[name][0]) < 4 * found.error


@each_case("task", WITHOUT_DRAG, ids=lambda task: task.name)
def test_a_dead_readout_is_refused(tmp_path: Path, task: type[BaseTask]) -> None:
    row = {"p_meas1_prep0": 0.5, "p_meas0_prep1": 0.5}
    laboratory = Laboratory(tmp_path, make_table(row), 5).calibrate_perfectly()
    with pytest.raises(AnalysisError, match="readout"):
        laboratory.run(task, "0")


@each_case("task", [CreatePIPulse, CreateDRAGPIPulse, CheckDRAGHPIPulse], ids=lambda t: t.name)
def test_stored_data_alone_give_the_same_result_and_figure(
    bench: Laboratory, task: type[BaseTask], tmp_path: Path
) -> None:
    raw, path = bench.measure(task, "0"), tmp_path / "raw.npz"
    path.write_bytes(encode(raw))
    stored = decode(path)
    once, again = task().postprocess(None, raw), task().postprocess(None, stored)
    assert {n: p.value for n, p in once.parameters.items()} == {
        n: p.value for n, p in again.parameters.items()
    }
    drawn = task.figure(stored, again)
    assert {"data", "layout"} <= set(drawn)
    assert any(trace.get("mode") == "lines" for trace in drawn["data"])
