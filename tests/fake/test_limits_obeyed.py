"""Tasks under limits of instruments: accepted or not offered; every task with every option: `benchmarks/limits.md`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks import limits_table
from benchmarks.two_qubits import by_task, calibrated
from qdash_core.models.raw_data import RawData
from qdash_core.tasks.base import TaskOutput
from qdash_tasks.laboratory.limits import Limits, ReadoutLimits
from qdash_tasks.laboratory.pair_requests import DetunedConditionalRamsey, LaterCrossResonance
from qdash_tasks.tasks import (
    CheckCrossResonance,
    CheckOptimalReadoutAmplitude,
    CheckRabi,
    CheckReadoutFrequency,
    CheckT1Average,
    CheckT2Echo,
    CheckZX90,
    CheckZZInteraction,
    CreateDRAGPIPulse,
    CreateHPIPulse,
    CreateZX90,
    X90InterleavedRandomizedBenchmarking,
)

from ..case_tables import each_case
from .conftest import make_table
from .laboratory import Laboratory
from .test_tasks_benchmarking import with_drag

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.two_qubits import Done
    from qdash_core.tasks.base import BaseTask

OPTIONS = (
    {"no_active_reset": True},
    {"plane_turns": 120.0},
    {"grid": 4},
    {"keeps": "mean"},
    {"no_active_reset": True, "plane_turns": 120.0, "grid": 4, "keeps": "each", "iq": "250@-40"},
)
TASKS: tuple[type[BaseTask], ...] = (
    CheckRabi,
    CheckReadoutFrequency,
    CreateHPIPulse,
    CreateDRAGPIPulse,
    CheckT2Echo,
    CheckT1Average,
    X90InterleavedRandomizedBenchmarking,
)
CHOSEN = ("control_amplitude", "hpi_length", "pi_length")


def bench(path: Path, **options: object) -> Laboratory:
    """Return two coupled qubits, one of them long-lived, with perfect settings in use."""
    rows = {"frequency_ghz": 5.1, "t1_us": 280.0, "t2_us": 150.0}, {"frequency_ghz": 5.0}
    laboratory = with_drag(Laboratory(path, make_table(*rows, couplings=(("0", "1"),)), 4, options=options))
    laboratory.controls["0-1"] = "0"
    return laboratory


@pytest.mark.parametrize(
    "options",
    [
        *(pytest.param(one, id=",".join(one), marks=pytest.mark.slow) for one in OPTIONS[:-1]),
        pytest.param(OPTIONS[-1], id=",".join(OPTIONS[-1])),
    ],
)
def test_what_a_qubit_is_measured_to_be_is_true(tmp_path: Path, options: dict[str, object]) -> None:
    laboratory = bench(tmp_path, **options)
    for task in TASKS:
        true = laboratory.truth_of("0")
        for name, found in laboratory.run(task, "0").parameters.items():
            if name in true and name not in CHOSEN:
                assert found.error
                # Statistically none of some hundred estimates is further off.
                assert abs(found.value - true[name][0]) < 5 * found.error, (task.name, name)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"plane_turns": 120.0}, id="plane_turns", marks=pytest.mark.slow),
        pytest.param({"grid": 4}, id="grid", marks=pytest.mark.slow),
    ],
)
def test_a_gate_is_made_and_turns_by_the_right_angle(tmp_path: Path, options: dict[str, object]) -> None:
    laboratory = bench(tmp_path, **options)
    for task in (CheckCrossResonance, CreateZX90):
        laboratory.values.setdefault("0-1", {}).update(laboratory.run(task, "0-1").parameters)
        laboratory.backend.apply(laboratory.values)
    output = laboratory.run(CheckZX90, "0-1")
    assert output.quality["angle_error_rad"] == pytest.approx(0, abs=0.05)
    gate_ns = laboratory.values["0-1"]["zx90_gate_time"].value
    grid_ns = laboratory.backend.laboratory.limits.line("0").start_ns
    assert gate_ns / 2 / grid_ns == pytest.approx(round(gate_ns / 2 / grid_ns))


@each_case(
    ("task", "target", "calls"),
    [
        # Short trains, long ones, and those with the corrected amplitude.
        (CreateHPIPulse, "0", 3),
        (CheckT1Average, "0", 3),
        (CheckOptimalReadoutAmplitude, "0", 1),
        (CheckCrossResonance, "0-1", 3),
    ],
)
def test_what_needs_no_decision_in_between_is_one_call(
    tmp_path: Path, task: type[BaseTask], target: str, calls: int
) -> None:
    assert bench(tmp_path).measure(task, target).attributes["calls"] <= calls


def test_repeated_traces_are_as_many_calls_as_take_their_points(tmp_path: Path) -> None:
    laboratory = bench(tmp_path)
    laboratory.backend.laboratory.limits = Limits(points_a_call=110)
    raw = laboratory.measure(CheckT1Average, "0")
    # Nine further traces of 51 points, two per call, after the search and its first trace.
    assert raw.attributes["calls"] == 2 + 5
    assert CheckT1Average().postprocess(None, raw).parameters


@pytest.mark.parametrize(
    ("task", "trace", "points"),
    [(CheckZZInteraction, "detuned", 170), (CheckCrossResonance, "pure_1_later", 200)],
)
def test_a_check_beside_a_measurement_is_left_out_where_it_cannot_be_asked_for(
    tmp_path: Path, task: type[BaseTask], trace: str, points: int
) -> None:
    """A call may take too few points for it, or a laboratory with sequences of its own may not answer it."""
    laboratory = bench(tmp_path)
    twin = laboratory.backend.laboratory
    assert f"{trace}_iq" in laboratory.measure(task, "0-1").arrays
    checks = {DetunedConditionalRamsey, LaterCrossResonance}
    for limits, requests in (
        (Limits(points_a_call=points), twin.requests),
        (Limits(), twin.requests - checks),
    ):
        twin.limits, twin.requests = limits, requests  # type: ignore[misc]  # of an instance, here
        raw = laboratory.measure(task, "0-1")
        assert f"{trace}_iq" not in raw.arrays
        assert task().postprocess(None, raw).parameters


def test_no_readout_amplitude_is_tried_beyond_what_the_line_plays(tmp_path: Path) -> None:
    laboratory = bench(tmp_path)
    in_use = laboratory.backend.laboratory.settings["0"].readout_amplitude
    laboratory.backend.laboratory.limits = Limits(readout=ReadoutLimits(largest_amplitude=1.2 * in_use))
    raw = laboratory.measure(CheckOptimalReadoutAmplitude, "0")
    assert raw["amplitude"].max() == pytest.approx(1.2 * in_use)


def test_data_of_before_references_stood_beside_their_sweeps_are_read_as_they_were(tmp_path: Path) -> None:
    """Such data have one reference for all following sweeps, under its own name."""
    raw = bench(tmp_path).measure(CheckCrossResonance, "0-1")
    first = next(name for name in raw.arrays if name.startswith("reference_")).removesuffix("_state")
    arrays = {
        name.replace(first, "reference"): kept
        for name, kept in raw.arrays.items()
        if not name.startswith("reference_") or name.startswith(f"{first}_")
    }
    old = CheckCrossResonance().postprocess(None, RawData(arrays, raw.attributes))
    new = CheckCrossResonance().postprocess(None, raw)
    for name, found in new.parameters.items():
        assert old.parameters[name].value == pytest.approx(found.value, rel=0.02, abs=0.02)
    assert CheckCrossResonance.figure(RawData(arrays, raw.attributes), TaskOutput())["data"]


@pytest.mark.parametrize(
    "name",
    [
        # All but one option at once; that one, and each alone, before a release.
        pytest.param(name, marks=pytest.mark.slow if name == "all but keeps" else pytest.mark.release)
        for name in limits_table.OPTIONS
        if name != "none"
    ],
)
def test_every_task_comes_through_with_every_option(tmp_path: Path, name: str) -> None:
    done = calibrated(tmp_path, seed=11, options=limits_table.OPTIONS[name])
    needs_shots = {"ReadoutClassification", "CheckBellState", "CheckBellStateTomography"}
    require_through(done, needs_shots | {"CheckOptimalReadoutAmplitude"} if name == "keeps=mean" else set())


@pytest.mark.release
def test_every_task_comes_through_with_none_and_the_table_of_calls_is_up_to_date(tmp_path: Path) -> None:
    done = calibrated(tmp_path, seed=0, options=limits_table.OPTIONS["none"])
    require_through(done, set())
    assert limits_table.calls_as_markdown(done) in limits_table.CALLS.read_text(encoding="utf-8")


def require_through(done: Sequence[Done], refused: set[str]) -> None:
    """Require that every task gives true values, except the tasks that must be refused."""
    cells = {task: limits_table.cell(found) for task, found in by_task(done).items()}
    bad = {task: cell for task, cell in cells.items() if cell in ("**wrong**", "**failed**", "not reached")}
    assert not bad, [reason for one in done for reason in limits_table.reasons(one)]
    assert {task for task, cell in cells.items() if cell == "refused"} == refused
