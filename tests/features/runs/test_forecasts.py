"""Forecast of a flow's duration, planned as the flow will run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.runs.previews import preview_steps
from qdash_core.flows.steps import CustomOneQubit, CustomTwoQubit, GenerateCRSchedule, SetCRSchedule
from qdash_core.flows.targets import AllMuxTargets
from qdash_core.tasks.run_parameters import RunParameter

from ...core.bench import SIGNAL, make_backend, make_task

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_builtin.runs.previews import Forecast
    from qdash_core.hooks.flows import Step

    from ...core.bench import Bench
    from ...core.conftest import MakeBench

QUBIT_S, COUPLING_S = 3.0, 10.0


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    """A single kind of store."""
    return f"memory://{tmp_path}"


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(
        make_task("Qubit", {}, expected_s=QUBIT_S),
        make_task("Gate", {}, task_type="coupling", expected_s=COUPLING_S),
        backends=[make_backend(max_parallel=None)],
    )


def forecast(bench: Bench, *steps: Step, **given: Any) -> Forecast:
    """Return the forecast of the last step."""
    found = preview_steps(bench.make_service(**given), AllMuxTargets(), steps).forecasts[-1]
    assert found is not None
    return found


def test_coupled_qubits_are_expected_one_after_the_other(bench: Bench) -> None:
    found = forecast(bench, CustomOneQubit(["Qubit"]))
    assert (found.makespan_s, found.lower_bound_s, found.group_by_group_s) == (6.0, 6.0, 6.0)


def test_couplings_are_expected_as_the_step_before_schedules_them(bench: Bench) -> None:
    """On the line only 0-1 and 3-4 share neither a qubit nor a multiplexer."""
    gates = CustomTwoQubit(["Gate"])
    assert forecast(bench, gates).makespan_s == 3 * COUPLING_S
    assert forecast(bench, GenerateCRSchedule(), gates).makespan_s == 3 * COUPLING_S
    alone = forecast(bench, GenerateCRSchedule(max_parallel=1), gates)
    assert (alone.makespan_s, alone.lower_bound_s) == (4 * COUPLING_S, 4 * COUPLING_S)


def test_of_groups_that_somebody_has_written_down_each_waits_for_the_one_before(bench: Bench) -> None:
    found = forecast(bench, SetCRSchedule([["1-0", "3-2"], ["3-4"]]), CustomTwoQubit(["Gate"]))
    assert [list(group) for group in found.groups] == [["0-1", "2-3"], ["3-4"]]
    assert (found.makespan_s, found.lower_bound_s) == (2 * COUPLING_S, COUPLING_S)


def test_a_flow_with_other_run_parameters_is_forecast_from_runs_with_these(make_bench: MakeBench) -> None:
    def measure(one: Any, hardware: Any) -> object:
        hardware.clock.advance(one.context.qid, 0.01 * one.context.parameters["shots"])
        return SIGNAL

    shots = {"shots": RunParameter(1000, "int")}
    task = make_task("Qubit", {}, measure=measure, parameters=shots)
    bench = make_bench(task, backends=[make_backend(clocked=True, max_parallel=None)])
    bench.run("Qubit")
    bench.run("Qubit", run_parameters={"shots": 1_000_000})
    usual, long = (
        forecast(bench, CustomOneQubit(["Qubit"]), default_run_parameters=overrides)
        for overrides in ({}, {"shots": 1_000_000})
    )
    assert usual.makespan_s == 2 * 10.0
    assert long.makespan_s == 2 * 10_000.0
