"""Runs on only those targets that meet a condition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.runs.execution_lists import ExecutionFilter
from qdash_builtin.runs.feature import EXECUTIONS, RUNS
from qdash_builtin.values.feature import VALUES
from qdash_core import InvalidInputError, NoSignalError, NotFoundError, OutputParameter, Parameter, TaskOutput
from qdash_core.errors import NothingToDoError
from qdash_core.flows.steps import CustomOneQubit, CustomTwoQubit, FilterByCondition
from qdash_core.flows.targets import AllMuxTargets
from qdash_core.hooks.flows import FlowTemplate
from qdash_core.models.request import RunRequest, TargetSelection

from ...access import ADMIN
from ...case_tables import keep_quick
from ...core.bench import CHIP, make_task
from ...core.specifications import ask_limits

if TYPE_CHECKING:
    from qdash_core import BaseTask

    from ...core.bench import Bench
    from ...core.conftest import MakeBench

OUTCOMES: dict[str, str] = {}
"""Outcome of the next measurement by target; others are accepted."""


def analyse(task: BaseTask, _raw: object) -> TaskOutput:
    outcome = OUTCOMES.get(task.context.qid)
    if outcome == "failed":
        raise NoSignalError("no peak")
    chi2 = 100.0 if outcome == "flagged" else 1.0
    usual = {"qubit_frequency": 5.0}
    values = {name: 1.0 if outcome == "short" else usual.get(name, 200.0) for name in task.output_parameters}
    return TaskOutput(
        {name: Parameter(value, 0.1) for name, value in values.items()}, quality={"reduced_chi2": chi2}
    )


def make_measurement(name: str, output: str, *needs: str, kind: str = "qubit") -> type[BaseTask]:
    outputs = {output: OutputParameter()}
    return make_task(name, analyse=analyse, needs=needs, output_parameters=outputs, task_type=kind)


TASKS = (
    make_measurement("Frequency", "qubit_frequency"),
    make_measurement("T1", "t1", "qubit_frequency"),
    make_measurement("Gate", "zx90_gate_fidelity", kind="coupling"),
)
FLOWS = [
    FlowTemplate("qubits", "Test.", [CustomOneQubit(["Frequency", "T1"])]),
    FlowTemplate("coherence", "Test.", [CustomOneQubit(["T1"])]),
    FlowTemplate("frequency", "Test.", [CustomOneQubit(["Frequency"])]),
    FlowTemplate("gates", "Test.", [CustomTwoQubit(["Gate"])]),
]


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    bench = make_bench(*TASKS, flows=FLOWS)
    ask_limits(bench.qdash.store, CHIP)
    measure(bench, "qubits")
    return bench


def measure(bench: Bench, flow: str, outcomes: dict[str, str] | None = None, **fields: Any) -> str:
    """Run a flow and return its execution."""
    OUTCOMES.clear()
    OUTCOMES.update(outcomes or {})
    request = RunRequest(chip_id=CHIP, flow=flow, **fields)
    return str(bench.qdash.get(RUNS).run(ADMIN, request).execution_id)


def list_targets(bench: Bench, execution_id: str) -> list[str]:
    return sorted({one.qid for one in bench.list_results(execution_id)})


def list_selected(bench: Bench, flow: str, *only: str) -> list[str]:
    """Return the targets that a run with these conditions measures, after a check that its preview says the same."""
    preview = bench.qdash.get(RUNS).preview(ADMIN, RunRequest(chip_id=CHIP, flow=flow, only=only))
    measured = list_targets(bench, measure(bench, flow, only=only))
    assert measured == sorted({target for stage in preview.stages if stage.tasks for target in stage.targets})
    return measured


@pytest.mark.parametrize(
    ("condition", "outcome"),
    keep_quick(
        [("failed", "failed"), ("disputed", "flagged"), ("flagged", "flagged"), ("out-of-spec", "short")],
        0,
        2,
        3,
    ),
)
def test_a_run_measures_only_the_targets_that_meet_its_condition(
    bench: Bench, condition: str, outcome: str
) -> None:
    measure(bench, "qubits", {"1": outcome, "3": outcome})
    assert list_selected(bench, "qubits", condition) == ["1", "3"]


def test_stale_targets_have_an_input_that_moved(bench: Bench) -> None:
    bench.qdash.get(VALUES).set(ADMIN, CHIP, "2", {"qubit_frequency": Parameter(50.0)}, reason="a new line")
    assert list_selected(bench, "coherence", "stale") == ["2"]


def test_one_of_several_conditions_is_enough(bench: Bench) -> None:
    measure(bench, "qubits", {"0": "failed", "4": "flagged"})
    assert list_selected(bench, "qubits", "failed", "disputed") == ["0", "4"]


def test_couplings_are_selected_by_their_own_values_if_the_flow_measures_couplings(bench: Bench) -> None:
    measure(bench, "gates", {"1-2": "failed"})
    assert list_selected(bench, "gates", "failed") == ["1-2"]


def test_values_that_the_flow_does_not_measure_do_not_count(bench: Bench) -> None:
    measure(bench, "qubits", {"1": "short"})
    with pytest.raises(
        NothingToDoError, match="no target of chip chip is out-of-spec: nothing needs to be measured"
    ):
        measure(bench, "frequency", only=("out-of-spec",))


def test_the_message_is_about_the_selected_targets(bench: Bench, subtests: pytest.Subtests) -> None:
    for targets, said in [
        ({"qubits": ("0", "1")}, "no selected target of chip chip is failed"),
        ({"exclude": ("3",)}, "no selected target of chip chip is failed"),
        ({}, "no target of chip chip is failed"),
    ]:
        with subtests.test(str(targets)), pytest.raises(NothingToDoError, match=said):
            measure(bench, "qubits", only=("failed",), targets=TargetSelection(**targets))


def test_a_run_for_which_no_target_is_left_is_not_recorded(bench: Bench) -> None:
    before = bench.qdash.get(EXECUTIONS).list_executions(ADMIN, ExecutionFilter(), limit=10)
    with pytest.raises(NothingToDoError):
        measure(bench, "qubits", only=("failed",))
    assert bench.qdash.get(EXECUTIONS).list_executions(ADMIN, ExecutionFilter(), limit=10) == before


def test_conditions_that_cannot_be_used_are_refused(bench: Bench, subtests: pytest.Subtests) -> None:
    for fields, message in [
        ({"flow": "qubits", "only": ("stael",)}, "'stael' is not a condition; did you mean 'stale'"),
        ({"flow": "T1", "single": "0", "only": ("stale",)}, "a single task has one target"),
        ({"flow": "nights", "only": ("stale",)}, "there is no flow or task 'nights'"),
    ]:
        with subtests.test(str(fields)):
            request = RunRequest(chip_id=CHIP, **fields)
            with pytest.raises((InvalidInputError, NotFoundError), match=message):
                bench.qdash.get(RUNS).submissions.submit(ADMIN, request)


def test_a_step_of_a_users_flow_selects_by_condition(bench: Bench) -> None:
    measure(bench, "qubits", {"1": "failed"})
    OUTCOMES.clear()
    service = bench.make_service()
    service.run(AllMuxTargets(), [FilterByCondition(["failed"]), CustomOneQubit(["T1"])])
    assert list_targets(bench, service.finish_calibration().execution_id) == ["1"]
    with pytest.raises(InvalidInputError, match="'old' is not a condition"):
        FilterByCondition(["old"])
