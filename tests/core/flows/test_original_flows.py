"""Flows in the original's style: their steps, results, previews, ends and resumes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash.workflow.service.calib_service import (
    CalibService,
    finish_calibration,
    get_session,
    init_calibration,
)
from qdash.workflow.service.github import GitHubPushConfig
from qdash.workflow.service.session_context import get_current_session
from qdash.workflow.service.single_task_flow import single_task_executor
from qdash.workflow.service.steps import (
    BringUp,
    CalibrationStep,
    CustomOneQubit,
    CustomTwoQubit,
    FilterByMetric,
    FilterByStatus,
    GenerateCRSchedule,
    OneQubitCheck,
    OneQubitFineTune,
    SetCRSchedule,
    StepContext,
    TransformStep,
    TwoQubitCalibration,
)
from qdash.workflow.service.targets import (
    AllMuxTargets,
    CouplingTargets,
    MuxTargets,
    QubitTargets,
    Target,
)
from qdash.workflow.service.task_results import Estimate
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_builtin.values.feature import VALUES
from qdash_core import InputParameter, InvalidInputError, Parameter, RunParameter
from qdash_core.errors import FlowError, NotFoundError
from qdash_core.models.chip import TargetStatus
from qdash_core.models.task import TaskStatus
from qdash_core.session.running_flow import RunningFlow, set_current_flow

from ...access import ADMIN
from ..bench import CHIP, SIGNAL, make_backend, make_task
from .samples import FREQUENCY, Flagging, get_states, make_failing_task, set_status

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.models.task import InputModel

    from ..bench import Bench
    from ..conftest import MakeBench

X90 = make_task("X90", {"x90_gate_fidelity": Parameter(0.99)}, needs=["qubit_frequency"])
READ = {"qubit_frequency": InputParameter(unit="GHz")}
GATE = make_task("Gate", {"zx90_gate_fidelity": Parameter(0.95)}, task_type="coupling")


def start(bench: Bench, **given: Any) -> CalibService:
    return CalibService("admin", CHIP, qdash=bench.qdash, **given)


def name_stages(bench: Bench) -> list[tuple[list[str], str]]:
    """Return the tasks and the strategy of each stage of the last execution."""
    return [(stage.tasks, stage.strategy) for stage in bench.get_last_execution().stages]


# ------------------------------------------------------------------------------------------------------- a whole run


def test_a_run_returns_the_results_of_its_steps_and_ends_the_execution(make_bench: MakeBench) -> None:
    bench = make_bench(make_failing_task("1"), X90, GATE)
    cal = start(bench, flow_name="night", tags=["a"])
    results = cal.run(
        MuxTargets([0], exclude_qids=[]),
        [
            OneQubitCheck(tasks=["Frequency"]),
            FilterByStatus(),
            OneQubitFineTune(tasks=["Frequency", "X90"]),
            FilterByMetric(),
            GenerateCRSchedule(),
            TwoQubitCalibration(tasks=["Gate"]),
        ],
    )
    assert set(results) == {
        "candidate_qids", "candidate_couplings", "one_qubit_check", "one_qubit_fine_tune", "two_qubit", "filters", "metadata",
    }  # fmt: skip
    check, tuned = results["one_qubit_check"], results["one_qubit_fine_tune"]
    assert (check.successful_qids(), check.failed_qids()) == (["0", "2"], ["1"])
    assert "no peak" in check.get_qubit("1").raw["error"]
    assert tuned.get_metric("0", "x90_fidelity") == tuned.get_metric("0", "x90_gate_fidelity") == 0.99
    assert check.get_qubit("0").raw["Frequency"]["qubit_frequency"].error == 0.1
    assert [(one.input_qids, one.filtered_out) for one in results["filters"]] == [
        (["0", "1", "2"], ["1"]),
        (["0", "2"], []),
    ]
    assert results["candidate_qids"] == ["0", "2"]
    assert results["two_qubit"].all_couplings() == results["candidate_couplings"] == []
    ended = bench.get_last_execution()
    assert (ended.status, ended.name, ended.tags) == ("completed", "night", ["a"])
    assert "no peak" in ended.left_out["1"]
    assert get_current_session() is None
    assert cal.finish_calibration() is None
    assert cal.execution_id == ended.execution_id


def test_a_filter_suggests_the_metric_that_was_measured(make_bench: MakeBench) -> None:
    bench = make_bench(X90, FREQUENCY)
    steps = [OneQubitCheck(tasks=["Frequency", "X90"]), FilterByMetric(metric="x90_fidelty")]
    assert start(bench).run(QubitTargets(["0"]), steps)["candidate_qids"] == []
    assert bench.get_last_execution().left_out["0"] == (
        "x90_fidelty was not measured; did you mean 'x90_fidelity'?"
    )


def test_couplings_are_scheduled_between_the_candidates(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, GATE)
    cal = start(bench)
    results = cal.run(
        AllMuxTargets(), [GenerateCRSchedule(inverse=True), CustomTwoQubit(step_name="gates", tasks=["Gate"])]
    )
    assert sorted(results["candidate_couplings"]) == ["1-0", "1-2", "3-2", "3-4"]
    assert sorted(results["metadata"]["gates"].all_couplings()) == ["1-0", "1-2", "3-2", "3-4"]
    assert results["metadata"]["gates"].filter_by_metric("zx90_fidelity", 0.9) == ["1-0", "1-2", "3-2", "3-4"]


def test_a_given_schedule_keeps_its_groups_and_directions(make_bench: MakeBench) -> None:
    bench = make_bench(GATE)
    schedule = [[("1", "0"), ("3", "4")], [("2", "1")]]
    pairs = [pair for group in schedule for pair in group]
    results = start(bench).run(
        CouplingTargets(pairs), [SetCRSchedule(schedule=schedule), TwoQubitCalibration(tasks=["Gate"])]
    )
    assert results["two_qubit"].successful_couplings() == ["1-0", "2-1", "3-4"]
    (stage,) = bench.get_last_execution().stages
    assert stage.groups == [["0-1", "3-4"], ["1-2"]]


@pytest.mark.parametrize(
    ("mode", "strategy"),
    [
        ("scheduled", "boxes"),
        ("synchronized", "synchronized"),
        ("serial", "serial"),
        ("simultaneous_spectroscopy", ""),
    ],
)
def test_a_mode_is_the_strategy_of_its_stage(make_bench: MakeBench, mode: str, strategy: str) -> None:
    bench = make_bench(FREQUENCY, backends=[make_backend(max_parallel=None)])
    start(bench).run(AllMuxTargets(), [CustomOneQubit(tasks=["Frequency"], mode=mode)])
    ((_, used),) = name_stages(bench)
    assert used == (strategy or "uncoupled")


def test_an_unknown_mode_is_refused_before_anything_runs(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY)
    with pytest.raises(InvalidInputError, match=r"no mode 'schedule'; did you mean 'scheduled'"):
        start(bench).run(QubitTargets(["0"]), [CustomOneQubit(tasks=["Frequency"], mode="schedule")])
    assert bench.qdash.get(EXECUTIONS).newest(ADMIN) == []


def test_a_step_that_requires_what_no_step_provides_is_refused(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY)
    with pytest.raises(
        InvalidInputError, match="filter_by_x90_fidelity requires one_qubit_check or one_qubit_fine_tune"
    ):
        start(bench).run(QubitTargets(["0"]), [CustomOneQubit(tasks=["Frequency"]), FilterByMetric()])


def test_flagged_values_pass_by_status_but_are_no_metrics(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, validators=[Flagging()])
    results = start(bench).run(QubitTargets(["0"]), [OneQubitCheck(tasks=["Frequency"])])
    assert results["one_qubit_check"].get_status("0") == "success"
    assert results["one_qubit_check"].get_metric("0", "qubit_frequency") is None


def test_qubits_that_a_person_has_set_aside_are_not_measured(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY)
    set_status(bench, "1", TargetStatus.DEAD)
    results = start(bench).run(QubitTargets(["0", "1"]), [OneQubitCheck(tasks=["Frequency"])])
    assert results["candidate_qids"] == results["one_qubit_check"].all_qids() == ["0"]


def test_run_parameters_have_the_originals_form_and_unused_ones_are_ignored(make_bench: MakeBench) -> None:
    shots = {"shots": RunParameter(value=100, value_type="int")}
    bench = make_bench(make_task("Measure", parameters=shots), make_task("Other", parameters=shots))
    given = {
        "hpi_duration": {"value": 32, "value_type": "int"},
        "shots": {"value": 200, "value_type": "int"},
        "Other": {"shots": {"value": 300, "value_type": "int"}},
        "Absent": {"x": {"value": 1}},
    }
    start(bench, default_run_parameters=given).run(
        QubitTargets(["0"]), [CustomOneQubit(tasks=["Measure", "Other"])]
    )
    used = {
        one.name: one.run_parameters["shots"].value
        for one in bench.list_results(bench.get_last_execution().execution_id)
    }
    assert used == {"Measure": 200, "Other": 300}


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ({"value": (2, 4, 3), "value_type": "np.logspace"}, [100.0, 1000.0, 10000.0]),
        ({"value": [0, 30, 10], "value_type": "np.arange"}, [0.0, 10.0, 20.0]),
        ({"value": [0, 30, 10], "value_type": "list"}, [0.0, 30.0, 10.0]),
        ({"value": [0, 30, 10]}, [0.0, 30.0, 10.0]),
    ],
)
def test_a_sweep_of_a_flow_becomes_the_points_of_a_list(
    make_bench: MakeBench, given: dict[str, Any], used: list[float]
) -> None:
    bench = make_bench(make_task("Measure", parameters={"time_range": RunParameter(value_type="list")}))
    steps = [CustomOneQubit(tasks=["Measure"])]
    start(bench, default_run_parameters={"Measure": {"time_range": given}}).run(QubitTargets(["0"]), steps)
    cal = start(bench, qids=["0"])
    cal.execute_task("Measure", "0", {"Measure": {"run_parameters": {"time_range": given}}})
    cal.finish_calibration()
    results = [
        one
        for each in bench.qdash.get(EXECUTIONS).newest(ADMIN)
        for one in bench.list_results(each.execution_id)
    ]
    assert [one.run_parameters["time_range"].value for one in results] == [used, used]


def test_a_whole_number_of_a_flow_may_be_a_product(make_bench: MakeBench) -> None:
    bench = make_bench(make_task("Measure", parameters={"interval": RunParameter(value_type="int")}))
    given = {"interval": {"value": "150 * 1024", "value_type": "int"}}
    start(bench, default_run_parameters=given).run(QubitTargets(["0"]), [CustomOneQubit(tasks=["Measure"])])
    (result,) = bench.list_results(bench.get_last_execution().execution_id)
    assert result.run_parameters["interval"].value == 153600


def test_a_sweep_that_does_not_fit_its_type_is_refused_before_anything_runs(make_bench: MakeBench) -> None:
    given = {"time_range": {"value": [1, 2], "value_type": "np.logspace"}}
    bench = make_bench(FREQUENCY)
    with pytest.raises(InvalidInputError, match=r"time_range: .* of np\.logspace"):
        start(bench, default_run_parameters=given)
    assert bench.qdash.get(EXECUTIONS).newest(ADMIN) == []


def test_an_exception_of_a_step_fails_the_execution(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY)
    with pytest.raises(ValueError, match="a bug"):
        start(bench).run(QubitTargets(["0"]), [OneQubitCheck(tasks=["Frequency"]), Broken()])
    ended = bench.get_last_execution()
    assert (ended.status, ended.message) == ("failed", "a bug")


# ---------------------------------------------------------------------------------------------------- steps of a flow


@dataclass
class Broken(TransformStep):
    @property
    def name(self) -> str:
        return "broken"

    def execute(self, service: CalibService, targets: Target, ctx: StepContext) -> StepContext:
        raise ValueError("a bug")


@dataclass
class MeasureTwice(CalibrationStep):
    """A step of a flow: a task on each candidate, with a decision that it records, and then another step."""

    task: str = "Frequency"
    then: str = "Later"

    @property
    def name(self) -> str:
        return "measure_twice"

    @property
    def requires(self) -> set[str]:
        return {"candidate_qids"}

    def execute(self, service: CalibService, targets: Target, ctx: StepContext) -> StepContext:
        good = []
        for qid in ctx.candidate_qids:
            result = service.execute_task(self.task, qid)
            if result["qubit_frequency"].value > 4.0:
                good.append(qid)
        service.record_stage_result(self.name, {"good": good, "of": targets.to_qids(service.chip_id)})
        ctx.candidate_qids = good
        return OneQubitFineTune(tasks=[self.then]).execute(service, targets, ctx)


def test_a_step_of_a_flow_runs_tasks_and_other_steps(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, make_task("Later"))
    cal = start(bench)
    results = cal.run(QubitTargets(["0", "1"]), [MeasureTwice()])
    assert results["one_qubit_fine_tune"].successful_qids() == ["0", "1"]
    assert cal.get_stage_result("measure_twice") == {"good": ["0", "1"], "of": ["0", "1"]}
    assert bench.get_last_execution().note["stage_results"]["measure_twice"]["result"]["good"] == ["0", "1"]


def test_a_step_of_a_flow_is_not_known_beforehand(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, make_task("Later"))
    steps = [
        OneQubitCheck(tasks=["Frequency"]),
        MeasureTwice(),
        CustomOneQubit(step_name="last", tasks=["Later"]),
    ]
    foreseen = start(bench).preview(QubitTargets(["0"]), steps)
    assert [(stage.step, stage.foreseen, len(stage.tasks)) for stage in foreseen.stages] == [
        ("one_qubit_check", True, 1),
        ("measure_twice", False, 0),
        ("last", True, 1),
    ]


def test_a_cut_flow_with_a_step_of_its_own_resumes(make_bench: MakeBench) -> None:
    measured: list[tuple[str, str]] = []
    cut = ["1"]

    def measure(task: Any, _backend: object) -> object:
        if cut and task.context.qid == cut[0] and task.name == "Later":
            cut.clear()
            raise KeyboardInterrupt
        measured.append((task.name, task.context.qid))
        return SIGNAL

    bench = make_bench(
        make_task("Frequency", {"qubit_frequency": Parameter(5.0, 0.1, "GHz")}, measure=measure),
        make_task("Later", measure=measure),
    )

    def flow() -> dict[str, Any]:
        return start(bench).run(QubitTargets(["0", "1", "2"]), [MeasureTwice()])

    with set_current_flow(RunningFlow()), pytest.raises(KeyboardInterrupt):
        flow()
    cancelled = bench.get_last_execution()
    assert cancelled.status == "cancelled"
    flow_run_id = cancelled.flow_run_id
    assert flow_run_id is not None
    again = RunningFlow(flow_run_id, resumed=cancelled.execution_id, requests_resume=True)
    with set_current_flow(again):
        results = flow()
    assert bench.get_last_execution().execution_id == cancelled.execution_id
    assert bench.get_last_execution().status == "completed"
    assert results["one_qubit_fine_tune"].successful_qids() == ["0", "1", "2"]
    assert sorted(measured) == [(name, qid) for name in ("Frequency", "Later") for qid in "012"]


def test_a_resumed_flow_reads_and_sets_the_values_of_its_first_run_attempt(make_bench: MakeBench) -> None:
    measured: list[str] = []

    def measure(task: Any, _backend: object) -> object:
        measured.append(task.context.qid)
        if len(measured) == 2:
            raise KeyboardInterrupt
        return SIGNAL

    bench = make_bench(make_task("Scan", {"t1": Parameter(7.0, 0.1, "us")}, measure=measure))
    bench.qdash.get(VALUES).set(ADMIN, CHIP, "0", {"t1": Parameter(2.0, None, "us")}, reason="design")
    read: list[object] = []

    def flow() -> None:
        cal = start(bench, qids=["0"])
        try:
            scan(cal)
        except KeyboardInterrupt as error:
            cal.end_after(error)
            raise
        cal.finish_calibration()

    def scan(cal: CalibService) -> None:
        before = cal.get_parameter("0", "t1")
        read.append(before)
        assert before is not None
        for factor in (1.0, 1.5):
            cal.set_parameter("0", "t1", before * factor)
            cal.execute_task("Scan", "0")
        cal.set_parameter("0", "t1", before)

    with set_current_flow(RunningFlow()), pytest.raises(KeyboardInterrupt):
        flow()
    cut_short = bench.get_last_execution()
    assert cut_short.status == "cancelled"
    assert cut_short.flow_run_id is not None
    again = RunningFlow(cut_short.flow_run_id, resumed=cut_short.execution_id, requests_resume=True)
    with set_current_flow(again):
        flow()
    assert read == [2.0, 2.0]
    assert bench.get_value("t1", "0") == 2.0
    assert len(measured) == 3


# ------------------------------------------------------------------------------------------------------- single tasks


def test_a_session_with_qubits_starts_at_once_and_runs_single_tasks(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, GATE)
    cal = start(bench, qids=["0", "1", "2", "3"])
    assert (cal.project_id, cal.backend_name, cal.execution_id) == (
        "default",
        "bench",
        bench.get_last_execution().execution_id,
    )
    result = cal.execute_task("Frequency", "0")
    assert (float(result["qubit_frequency"]), result["qubit_frequency"].unit) == (5.0, "GHz")
    assert result["task_id"]
    together = cal.execute_task_batch("Frequency", ["2", "3"])
    assert set(together) == {"2", "3"}
    cal.execute_task("Gate", "3-2")
    cal.finish_calibration()
    assert get_states(bench, bench.get_last_execution().execution_id) == {
        ("Frequency", "0"): TaskStatus.COMPLETED,
        ("Frequency", "2"): TaskStatus.COMPLETED,
        ("Frequency", "3"): TaskStatus.COMPLETED,
        ("Gate", "2-3"): TaskStatus.COMPLETED,
    }


def test_threads_of_a_flow_share_its_session(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY)
    cal = start(bench)
    qids = list("0123") * 10
    names = [f"part {number}" for number in range(100)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(partial(cal.execute_task, "Frequency"), qids))
        list(pool.map(cal.get_parameter, qids, repeat("qubit_frequency")))
        list(pool.map(cal.record_stage_result, names, repeat({"good": True})))
    cal.execute_task("Frequency", "0")
    cal.finish_calibration()
    (ended,) = bench.qdash.get(EXECUTIONS).newest(ADMIN)
    assert (ended.status, ended.tasks) == ("completed", {"completed": 41})
    assert [len(read) for read in ended.note["parameter_calls"]["read"].values()] == [10] * 4
    assert [name for name in names if cal.get_stage_result(name) is None] == []


def test_a_task_that_fails_raises_with_its_reason(make_bench: MakeBench) -> None:
    bench = make_bench(make_failing_task("1"))
    cal = start(bench, qids=["1"])
    with pytest.raises(FlowError, match=r"Frequency on 1 failed: .*no peak"):
        cal.execute_task("Frequency", "1")
    cal.fail_calibration("enough")
    assert (bench.get_last_execution().status, bench.get_last_execution().message) == ("failed", "enough")


POSITIONS = {"positions": RunParameter(value=None, value_type="list")}
RESONATOR_TASKS = (
    make_task("CheckResonatorFrequencies", {"coarse": Parameter(6.0)}, parameters=POSITIONS),
    make_task("CheckResonatorSpectroscopy", {"resonator_frequency": Parameter(6.0)}),
)


@pytest.mark.parametrize(
    ("pattern", "positions"), [("default", [1, 3, 2, 0]), ("16q", [0, 2, 3, 1]), (" 16Q ", [0, 2, 3, 1])]
)
@pytest.mark.parametrize("of_session", [True, False])
def test_a_pattern_assigns_the_resonators_before_the_spectroscopy(
    make_bench: MakeBench, pattern: str, positions: list[int], of_session: bool
) -> None:
    bench = make_bench(*RESONATOR_TASKS)
    step = BringUp(
        tasks=["CheckResonatorSpectroscopy"], resonator_assignment_pattern=None if of_session else pattern
    )
    given = {"CheckResonatorSpectroscopy": {"resonator_assignment_pattern": {"value": pattern}}}
    cal = start(bench, default_run_parameters=given if of_session else {})
    (data,) = cal.run(QubitTargets(["0"]), [step])["metadata"]["bringup"].qubits.values()
    assert (data.status, set(data.raw)) == ("success", {*(task.name for task in RESONATOR_TASKS), "status"})
    first, second = bench.list_results(bench.get_last_execution().execution_id)
    assert (first.name, first.run_parameters["positions"].value) == ("CheckResonatorFrequencies", positions)
    assert second.name == "CheckResonatorSpectroscopy"


def test_without_a_pattern_the_design_assigns_the_resonators(make_bench: MakeBench) -> None:
    bench = make_bench(*RESONATOR_TASKS)
    start(bench).run(QubitTargets(["0"]), [BringUp(tasks=["CheckResonatorSpectroscopy"])])
    (only,) = bench.list_results(bench.get_last_execution().execution_id)
    assert only.name == "CheckResonatorSpectroscopy"


def test_an_unknown_pattern_is_refused(make_bench: MakeBench) -> None:
    message = r"no resonator_assignment_pattern '16p'; did you mean '16q'\? \(there are: default, 16q\)"
    with pytest.raises(InvalidInputError, match=message):
        BringUp(resonator_assignment_pattern="16p")
    given = {"CheckResonatorSpectroscopy": {"resonator_assignment_pattern": "16p"}}
    bench = make_bench(*RESONATOR_TASKS)
    with pytest.raises(InvalidInputError, match=message):
        start(bench, default_run_parameters=given).run(QubitTargets(["0"]), [BringUp()])
    assert bench.qdash.get(EXECUTIONS).newest(ADMIN) == []


def find_input(bench: Bench, name: str) -> InputModel:
    """Return the input frequency of the last result of a task in the last execution."""
    results = bench.list_results(bench.get_last_execution().execution_id)
    return next(one for one in reversed(results) if one.name == name).input_parameters["qubit_frequency"]


@pytest.mark.parametrize(
    ("details", "shots"),
    [
        ({"calibration_inputs": {"qubit_frequency": {"value": 5.5, "error": 0.0, "unit": "GHz"}}}, 100),
        ({"input_parameters": {"qubit_frequency": {"value": 5.5}, "shots": {"value": 7}}}, 7),
        ({"input_parameters": {"qubit_frequency": 5.5}, "run_parameters": {"shots": 7}}, 7),
        ({"input_parameters": {"qubit_frequency": Parameter(5.5)}}, 100),
    ],
)
def test_a_call_gives_a_task_inputs_and_run_parameters(
    make_bench: MakeBench, details: dict[str, Any], shots: int
) -> None:
    declared = {"shots": RunParameter(value=100, value_type="int")}
    bench = make_bench(FREQUENCY, make_task("Read", needs=READ, parameters=declared))
    cal = start(bench, qids=["0", "1"])
    cal.execute_task("Frequency", "0")
    cal.execute_task("Read", "0", {"Read": details})
    used = find_input(bench, "Read")
    assert (used.value, used.error, used.unit, used.task_id) == (5.5, None, "GHz", "")
    assert used.from_user
    cal.execute_task_batch("Read", ["0", "1"], {"Read": details})
    cal.execute_task("Read", "0")
    cal.finish_calibration()
    reads = [one for one in bench.list_results(cal.execution_id or "") if one.name == "Read"]
    assert sorted((one.input_parameters["qubit_frequency"].value, one.qid) for one in reads) == [
        (5.0, "0"),
        (5.5, "0"),
        (5.5, "0"),
        (5.5, "1"),
    ]
    assert sorted(one.run_parameters["shots"].value for one in reads) == sorted([shots] * 3 + [100])


def test_inputs_of_a_flow_are_given_to_all_tasks_that_read_them(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, make_task("Read", needs=READ))
    overrides = {"input": {"qubit_frequency": 5.5}}
    start(bench, parameter_overrides=overrides).run(
        QubitTargets(["0"]), [CustomOneQubit(tasks=["Frequency", "Read"])]
    )
    assert (find_input(bench, "Read").value, find_input(bench, "Read").from_user) == (5.5, True)
    with pytest.raises(InvalidInputError, match="qubit_frequency: no task of this run has such an input"):
        start(bench, parameter_overrides=overrides).run(
            QubitTargets(["0"]), [CustomOneQubit(tasks=["Frequency"])]
        )


def run_single_task(bench: Bench, inputs: dict[str, Any], **given: Any) -> dict[str, Any]:
    overrides = {"input": inputs}
    return single_task_executor(
        "admin", CHIP, "0", "Read", "", parameter_overrides=overrides, qdash=bench.qdash, **given
    )


def test_a_single_task_has_the_given_inputs_over_recorded_ones(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, make_task("Read", needs={**READ, "offset": InputParameter(default=0.0)}))
    bench.run("Frequency")
    original = run_single_task(bench, {"qubit_frequency": 5.5})
    run_single_task(bench, {"offset": 1.0}, source_task_id=original["task_id"])
    (again,) = bench.list_results(bench.get_last_execution().execution_id)
    used = {name: (one.value, one.from_user) for name, one in again.input_parameters.items()}
    assert used == {"qubit_frequency": (5.5, True), "offset": (1.0, True)}


def test_a_call_with_an_input_that_its_task_does_not_read_starts_no_session(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, make_task("Read", needs=READ))
    with pytest.raises(InvalidInputError, match="Read has no input 'qubit_frequncy'; did you mean"):
        run_single_task(bench, {"qubit_frequncy": 5.5})
    with pytest.raises(InvalidInputError, match="Frequency has no input 'qubit_frequency'"):
        start(bench).execute_task(
            "Frequency", "0", {"Frequency": {"input_parameters": {"qubit_frequency": 5.5}}}
        )
    assert bench.qdash.get(EXECUTIONS).newest(ADMIN) == []


def test_a_resumed_flow_gives_its_tasks_the_same_inputs(make_bench: MakeBench) -> None:
    cut = [True]

    def measure(_task: Any, _backend: object) -> object:
        if cut:
            cut.clear()
            raise KeyboardInterrupt
        return SIGNAL

    bench = make_bench(make_task("Read", needs=READ, measure=measure))

    def flow() -> None:
        cal = start(bench, parameter_overrides={"input": {"qubit_frequency": 5.5}})
        cal.run(QubitTargets(["0"]), [CustomOneQubit(tasks=["Read"])])

    with set_current_flow(RunningFlow()), pytest.raises(KeyboardInterrupt):
        flow()
    cut_short = bench.get_last_execution()
    assert cut_short.flow_run_id is not None
    again = RunningFlow(cut_short.flow_run_id, resumed=cut_short.execution_id, requests_resume=True)
    with set_current_flow(again):
        flow()
    results = bench.list_results(cut_short.execution_id)
    assert [one.input_parameters["qubit_frequency"].from_user for one in results] == [True, True]
    assert results[-1].status is TaskStatus.COMPLETED


def test_values_are_read_and_set_by_name(make_bench: MakeBench) -> None:
    bench = make_bench(make_task("Frequency", {"x90_gate_fidelity": Parameter(0.9, 0.1)}))
    cal = start(bench, qids=["0"])
    assert cal.get_parameter("0", "x90_fidelity") is None
    cal.execute_task("Frequency", "0")
    value = cal.get_parameter("0", "x90_fidelity")
    assert isinstance(value, Estimate)
    assert (value.value, value.error) == (0.9, 0.1)
    cal.set_parameter("0", "x90_fidelity", 0.8)
    cal.set_parameter("0", "x90_fidelity", 0.8)
    assert cal.get_parameter("0", "x90_gate_fidelity") == 0.8
    cal.finish_calibration()


def test_the_current_session_is_that_of_init_calibration(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = make_bench(FREQUENCY)
    monkeypatch.setattr("qdash_core.runtime.runtime.Runtime.open_for", lambda *_: bench.qdash)
    monkeypatch.setattr(type(bench.qdash), "close", lambda _self: None)
    session = init_calibration("admin", CHIP, ["0"], flow_name="by hand")
    assert get_session() is session
    session.execute_task("Frequency", "0")
    finish_calibration()
    monkeypatch.undo()
    assert bench.get_last_execution().status == "completed"
    with pytest.raises(InvalidInputError, match="there is no session"):
        get_session()


def list_warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]


@pytest.mark.parametrize(
    ("given", "pushes", "warnings"),
    [
        ({}, None, 0),
        ({"enable_github": False}, None, 0),
        ({"enable_github_pull": True}, None, 1),
        ({"github_push_config": GitHubPushConfig(enabled=True)}, True, 1),
        ({}, True, 1),
    ],
)
def test_an_absent_remote_is_one_warning_if_the_flow_names_it(
    make_bench: MakeBench,
    caplog: pytest.LogCaptureFixture,
    given: dict[str, Any],
    pushes: bool | None,
    warnings: int,
) -> None:
    bench = make_bench(FREQUENCY)
    cal = start(bench, **given)
    cal.execute_task("Frequency", "0")
    assert cal.finish_calibration(push_to_github=pushes) is None
    found = list_warnings(caplog)
    assert len(found) == warnings
    assert all("nothing pulled or pushed: no git remote" in one for one in found)


def test_a_failed_pull_is_a_warning(
    make_bench: MakeBench, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    bench = make_bench(
        FREQUENCY, config_folder=tmp_path / "config", config_remote_url=(tmp_path / "absent.git").as_uri()
    )
    start(bench).run(QubitTargets(["0"]), [CustomOneQubit(tasks=["Frequency"])])
    pulled, _pushed = list_warnings(caplog)
    assert pulled.startswith("the configuration folder was not pulled: ")
    assert pulled.endswith("; the run uses it as it is")
    assert bench.get_last_execution().status == "completed"


@pytest.mark.parametrize("by_hand", [False, True])
def test_one_warning_names_the_run_parameters_that_no_task_uses(
    make_bench: MakeBench, caplog: pytest.LogCaptureFixture, by_hand: bool
) -> None:
    bench = make_bench(FREQUENCY)
    cal = start(bench, default_run_parameters={"hpi_duration": {"value": 32}, "Absent": {"shots": 1}})
    if by_hand:
        cal.execute_task("Frequency", "0")
        cal.execute_task("Frequency", "1")
    else:
        cal.run(QubitTargets(["0"]), [CustomOneQubit(tasks=["Frequency"])])
    assert list_warnings(caplog) == ["run parameters that no task uses are ignored: hpi_duration, Absent"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"lock_repo": object()}, "lock_repo: a session uses the store of the settings"),
        ({"parameter_overrides": {"input": {"t1": "long"}}}, "t1: 'long' is not a number"),
        ({"parameter_overrides": {"input": {"t1": {"error": 1.0}}}}, "t1: {'error': 1.0} is not a number"),
        ({"parameter_overrides": {"input": {"t1": True}}}, "t1: True is not a number"),
        ({"parameter_overrides": {"input": {"t1": np.True_}}}, "t1: .*True.* is not a number"),
        ({"parameter_overrides": {"input": {"t1": b"6.5"}}}, "t1: b'6.5' is not a number"),
        ({"parameter_overrides": {"input": {"t1": {"value": 1.0, "error": True}}}}, "t1: .* is not a number"),
        ({"parameter_overrides": {"input": {"t1": 10**5000}}}, "t1: the number is too large"),
        ({"parameter_overrides": {"input": {"t1": [1.0] * 10**5}}}, "t1: .{1,60} is not a number"),
        ({"parameter_overrides": {"input": {1: 6.5}}}, "1 is no name of an input: names are text"),
    ],
)
def test_arguments_without_a_meaning_here_are_refused(
    make_bench: MakeBench, given: dict[str, Any], message: str
) -> None:
    bench = make_bench(FREQUENCY)
    with pytest.raises(InvalidInputError, match=message):
        start(bench, **given)


def test_a_target_that_a_flow_defines_is_asked_for_its_qubits(make_bench: MakeBench) -> None:
    @dataclass
    class Even(Target):
        def to_qids(self, chip_id: str) -> list[str]:
            return ["0", "2", "4"]

        def to_coupling_ids(self, chip_id: str) -> list[str]:
            return []

    bench = make_bench(FREQUENCY)
    results = start(bench).run(Even(), [BringUp(tasks=["Frequency"], mode="serial")])
    assert results["metadata"]["bringup"].successful_qids() == ["0", "2", "4"]


def test_multiplexers_of_an_unknown_chip_have_four_qubits() -> None:
    assert MuxTargets([0, 2], exclude_qids=["1"]).to_qids("nowhere") == ["0", "2", "3", "8", "9", "10", "11"]


def test_an_unknown_qubit_is_refused(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY)
    with pytest.raises(NotFoundError, match="99"):
        start(bench).run(QubitTargets(["99"]), [CustomOneQubit(tasks=["Frequency"])])
