"""A calibration: started by its first run, refused before any write, ended once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.runs.feature import EXECUTIONS
from qdash_builtin.runs.previews import preview_steps
from qdash_core import InvalidInputError, LockedError, MissingInputError, RunParameter
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets
from qdash_core.models.execution import ExecutionStatus

from ...access import ADMIN
from ..bench import make_task
from .samples import FREQUENCY, RABI, T1, get_states

if TYPE_CHECKING:
    from ..conftest import MakeBench


@pytest.mark.every_store
def test_a_calibration_is_one_execution_over_several_runs(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, RABI)
    cal = bench.make_service(flow_name="nightly", tags=["n"])
    assert not cal.begun
    cal.run(QubitTargets(["0"]), [CustomOneQubit(["Frequency"])])
    assert cal.begun
    cal.run(QubitTargets(["0"]), [CustomOneQubit(["Rabi"])])
    assert cal.execution.status is ExecutionStatus.RUNNING
    ended = cal.finish_calibration()
    assert (ended.name, ended.tags, ended.tasks) == ("nightly", ["n"], {"completed": 2})
    assert not cal.begun


@pytest.mark.parametrize(
    ("how", "status"),
    [
        (lambda cal: cal.finish_calibration(), "completed"),
        (lambda cal: cal.fail_calibration("power cut"), "failed"),
        (lambda cal: cal.cancel_calibration(), "cancelled"),
    ],
)
def test_a_calibration_ends_once_in_one_of_three_ways(make_bench: MakeBench, how: Any, status: str) -> None:
    bench = make_bench(make_task())
    cal = bench.make_service()
    cal.run(QubitTargets(["0"]), [CustomOneQubit(["Measure"])])
    assert how(cal).status == status
    assert (cal.fail_calibration("again"), cal.cancel_calibration()) == (None, None)
    with pytest.raises(InvalidInputError, match="has not begun"):
        cal.finish_calibration()
    assert bench.qdash.get(EXECUTIONS).newest(ADMIN)[0].status == status


def test_what_never_began_is_neither_failed_nor_cancelled(make_bench: MakeBench) -> None:
    """A flow's own `except` must not hide the reason of the refusal."""
    bench = make_bench(make_task())
    cal = bench.make_service()
    assert (cal.fail_calibration("refused"), cal.cancel_calibration()) == (None, None)
    with pytest.raises(InvalidInputError, match="has not begun"):
        cal.finish_calibration()
    assert bench.list_events() == []


def test_run_parameters_reach_the_tasks(make_bench: MakeBench) -> None:
    shots = {"shots": RunParameter(10, "int", minimum=1)}
    bench = make_bench(
        make_task("A", {}, parameters=shots), make_task("B", {}, parameters=shots), make_task("C", {})
    )
    cal = bench.make_service(default_run_parameters={"shots": 20, "B": {"shots": "30"}})
    cal.run(QubitTargets(["0"]), [CustomOneQubit(["A", "B", "C"])])
    results = {one.name: one for one in bench.list_results(cal.finish_calibration().execution_id)}
    assert results["A"].run_parameters["shots"].value == 20
    assert results["B"].run_parameters["shots"].value == 30
    assert results["C"].run_parameters == {}


def test_names_are_refused_before_types_and_types_before_ranges(make_bench: MakeBench) -> None:
    shots = {"shots": RunParameter(10, "int", minimum=1)}
    bench = make_bench(make_task("A", {}, parameters=shots), make_task("B", {}, parameters=shots))
    wrong = {"A": {"shots": 0}, "B": {"shots": "many"}}
    steps = [CustomOneQubit(["A", "B"])]
    for qid, overrides, message in (
        ("9", {**wrong, "A": {"shotz": 1}}, "no qubit 9"),
        ("0", {**wrong, "C": {}}, "C: not a task of this flow"),
        ("0", wrong, r"B\.shots: 'many' is not a whole number"),
        ("0", {"A": {"shots": 0}}, r"A\.shots: 0 is below the minimum"),
    ):
        with pytest.raises(InvalidInputError, match=message):
            bench.make_service(default_run_parameters=overrides).run(QubitTargets([qid]), steps)


@pytest.mark.parametrize(
    ("given", "steps", "message"),
    [
        ({"default_run_parameters": {"shotz": 1}}, ["Measure"], "shotz: no task of this flow"),
        ({"default_run_parameters": {"Other": {"shots": 1}}}, ["Measure"], "Other: not a task of this flow"),
        ({}, ["Measurement"], "'Measurement'.*did you mean 'Measure'"),
        ({"qids": ["1"]}, ["Measure"], "0: not among the qids of this calibration"),
        ({"project_id": "other"}, ["Measure"], "no project 'other'"),
        ({"backend_name": "other"}, ["Measure"], "no backend 'other'"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_begins(
    make_bench: MakeBench, given: dict[str, Any], steps: list[str], message: str
) -> None:
    bench = make_bench(make_task())
    cal = bench.make_service(**given)
    with pytest.raises(InvalidInputError, match=message):
        cal.run(QubitTargets(["0"]), [CustomOneQubit(steps)])
    assert not cal.begun
    assert bench.list_events() == []


def test_a_flow_whose_inputs_are_nowhere_is_refused_before_anything_begins(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, RABI, T1)
    for tasks, missing in (
        (["Rabi"], "Rabi needs qubit_frequency of 0"),
        (["Frequency", "T1"], "T1 needs amplitude of 0"),
    ):
        with pytest.raises(MissingInputError, match=missing) as refused:
            bench.make_service().run(QubitTargets(["0", "1"]), [CustomOneQubit(tasks)])
        assert str(refused.value).endswith("first (and 1 other target likewise)")
    assert bench.list_events() == []
    preview_steps(bench.make_service(), QubitTargets(["0"]), [CustomOneQubit(["Frequency", "Rabi", "T1"])])


def test_a_flow_goes_ahead_where_some_target_has_its_inputs(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, RABI)
    bench.run("Frequency", "1")
    cal = bench.make_service()
    cal.run(QubitTargets(["0", "1"]), [CustomOneQubit(["Rabi"])])
    found = get_states(bench, cal.finish_calibration().execution_id)
    assert found == {("Rabi", "0"): "failed", ("Rabi", "1"): "completed"}


def test_a_second_calibration_is_refused_while_one_runs(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    first = bench.make_service()
    first.run(QubitTargets(["0"]), [CustomOneQubit(["Measure"])])
    second = bench.make_service()
    with pytest.raises(LockedError, match=first.execution.execution_id):
        second.run(QubitTargets(["0"]), [CustomOneQubit(["Measure"])])
    assert not second.begun
    first.finish_calibration()
