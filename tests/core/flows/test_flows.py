"""A calibration made of steps: what each runs on what, and what a failure leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_core import (
    InvalidInputError,
    LockedError,
    MissingInputError,
    NotFoundError,
    Parameter,
    RunParameter,
    TaskOutput,
)
from qdash_core.executions.dispatcher import Plan
from qdash_core.flows.running import run_to_end, steps_of
from qdash_core.flows.steps import (
    BringUp,
    CustomOneQubit,
    CustomTwoQubit,
    FilterByMetric,
    FilterByStatus,
    OneQubitCheck,
)
from qdash_core.flows.targets import AllMuxTargets, CouplingTargets, MuxTargets, QubitTargets
from qdash_core.models.chip import TargetStatus
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.task import Verdict
from qdash_core.validation.judgement import Finding

from ..bench import CHIP, PROJECT, backend, raises, task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core import BaseTask
    from qdash_core.flows.targets import Targets
    from qdash_core.validation.judgement import Candidate

    from ..bench import Bench
    from ..conftest import MakeBench

FREQUENCY = task("Frequency", {"frequency": Parameter(5.0, 0.1, "GHz")})
RABI = task("Rabi", {"amplitude": Parameter(0.1)}, needs=["frequency"])
T1 = task("T1", {"t1": Parameter(30.0, 1.0, "us")}, needs=["frequency", "amplitude"])


def failing_on(*qids: str) -> type[BaseTask]:
    """Return the frequency task, which fails on these qubits."""

    def measure(self: BaseTask, _backend: object) -> None:
        if self.context.qid in qids:
            raise ValueError("no peak")

    return task("Frequency", {"frequency": Parameter(5.0, 0.1, "GHz")}, measure=measure)


def states(bench: Bench, execution_id: str) -> dict[tuple[str, str], str]:
    return {(one.name, one.qid): str(one.status) for one in bench.results(execution_id)}


def set_status(bench: Bench, qid: str, status: TargetStatus) -> None:
    collection = "coupling" if "-" in qid else "qubit"
    with bench.qdash.store.transaction() as transaction:
        found = transaction.get(collection, (PROJECT, CHIP, qid))
        assert found is not None
        transaction.put(collection, {**found, "status": status})


# ---------------------------------------------------------------------------------------------------------- what is skipped


def test_what_depends_on_a_failed_task_is_skipped_with_the_reason_and_the_rest_runs(
    make_bench: MakeBench,
) -> None:
    free = task("Resonator", {"resonator": Parameter(7.0)})
    bench = make_bench(failing_on("1"), RABI, T1, free)
    cal = bench.service()
    cal.run(QubitTargets(["0", "1"]), [CustomOneQubit(["Frequency", "Rabi", "T1", "Resonator"])])
    ended = cal.finish_calibration()
    results = {(one.name, one.qid): one for one in bench.results(ended.execution_id)}
    assert {key: str(one.status) for key, one in results.items()} == {
        ("Frequency", "0"): "completed",
        ("Rabi", "0"): "completed",
        ("T1", "0"): "completed",
        ("Resonator", "0"): "completed",
        ("Frequency", "1"): "failed",
        ("Rabi", "1"): "skipped",
        ("T1", "1"): "skipped",
        ("Resonator", "1"): "completed",
    }
    assert results["Rabi", "1"].message == "frequency of 1 is not available: Frequency failed"
    assert results["T1", "1"].message == "frequency of 1 is not available: Frequency failed"
    assert results["Rabi", "1"].start_at is None
    assert ended.status is ExecutionStatus.COMPLETED
    assert ended.tasks == {"completed": 5, "failed": 1, "skipped": 2}


def test_an_old_value_does_not_stand_in_for_one_that_could_not_be_measured_again(
    make_bench: MakeBench,
) -> None:
    bench = make_bench(FREQUENCY, RABI)
    bench.run("Frequency")
    cal = bench.reinstall(failing_on("0"), RABI).service()
    cal.run(QubitTargets(["0"]), [CustomOneQubit(["Frequency", "Rabi"])])
    ended = cal.finish_calibration()
    assert states(bench, ended.execution_id) == {("Frequency", "0"): "failed", ("Rabi", "0"): "skipped"}
    assert (ended.status, ended.message) == (ExecutionStatus.FAILED, "no task completed")
    assert bench.value("frequency") == 5.0


def test_a_value_made_earlier_in_the_run_stays_good_when_a_finer_measurement_fails(
    make_bench: MakeBench,
) -> None:
    finer = task("Ramsey", {"frequency": Parameter(5.0)}, measure=raises(ValueError("flat")))
    bench = make_bench(FREQUENCY, finer, RABI)
    cal = bench.service()
    cal.run(QubitTargets(["0"]), [CustomOneQubit(["Frequency", "Ramsey", "Rabi"])])
    ended = cal.finish_calibration()
    assert states(bench, ended.execution_id)["Rabi", "0"] == "completed"


class Flagging:
    """Flags every frequency."""

    name = "flagging"

    def validate(self, candidate: Candidate) -> Sequence[Finding]:
        return [Finding(Verdict.FLAGGED, "odd")] if candidate.task.name == "Frequency" else []


@pytest.mark.parametrize(
    ("known", "expected", "message"),
    [
        (False, "skipped", "frequency of 0 is not available: Frequency was flagged"),
        (True, "completed", ""),
    ],
)
def test_after_a_flagged_value_the_last_accepted_one_serves_if_there_is_one(
    make_bench: MakeBench, known: bool, expected: str, message: str
) -> None:
    bench = make_bench(FREQUENCY, RABI)
    if known:
        bench.run("Frequency")
    flagging = bench.reinstall(FREQUENCY, RABI, validators=[Flagging()])
    cal = flagging.service()
    cal.run(QubitTargets(["0"]), [CustomOneQubit(["Frequency", "Rabi"])])
    ended = cal.finish_calibration()
    rabi = next(one for one in bench.results(ended.execution_id) if one.name == "Rabi")
    assert (str(rabi.status), rabi.message) == (expected, message)


def test_a_coupling_task_is_skipped_when_one_of_its_qubits_failed(make_bench: MakeBench) -> None:
    from qdash_core import InputParameter

    needs = {
        "control": InputParameter(source="frequency", role="control"),
        "target": InputParameter(source="frequency", role="target"),
    }
    bench = make_bench(
        failing_on("2"), task("CR", {"phase": Parameter(0.1)}, needs=needs, task_type="coupling")
    )
    cal = bench.service()
    cal.run(AllMuxTargets(), [CustomOneQubit(["Frequency"])])
    cal.run(CouplingTargets(), [CustomTwoQubit(["CR"])])
    ended = cal.finish_calibration()
    results = {one.qid: one for one in bench.results(ended.execution_id) if one.name == "CR"}
    assert {qid: str(one.status) for qid, one in results.items()} == {
        "0-1": "completed",
        "1-2": "skipped",
        "2-3": "skipped",
        "3-4": "completed",
    }
    assert results["2-3"].message == "frequency of 2 is not available: Frequency failed"


def test_a_task_with_a_default_is_not_skipped(make_bench: MakeBench) -> None:
    from qdash_core import InputParameter

    patient = task("Rabi", {"amplitude": Parameter(0.1)}, needs={"frequency": InputParameter(default=5.0)})
    bench = make_bench(failing_on("0"), patient)
    cal = bench.service()
    cal.run(QubitTargets(["0"]), [CustomOneQubit(["Frequency", "Rabi"])])
    assert states(bench, cal.finish_calibration().execution_id)["Rabi", "0"] == "completed"


def test_the_order_of_the_flow_wins_over_what_is_declared(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, RABI)
    session = bench.session()
    names = ("Rabi", "Frequency", "Rabi")
    results = session.run_plan(Plan([session.plan_task(name) for name in names], [["0"]]))
    session.complete()
    assert [str(one.status) for one in results] == ["failed", "completed", "completed"]


# ------------------------------------------------------------------------------------------------------------------ targets


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        (QubitTargets(["4", "Q01", "4"]), ["1", "4"]),
        (QubitTargets(["0", "1"], exclude_qids=["Q0"]), ["1"]),
        (MuxTargets([1]), ["3", "4"]),
        (MuxTargets([1, 0], exclude_qids=["2"]), ["0", "1", "3", "4"]),
        (AllMuxTargets(), ["0", "1", "2", "3", "4"]),
        (AllMuxTargets(exclude_qids=["0", "4"]), ["1", "2", "3"]),
        (CouplingTargets(), ["0-1", "1-2", "2-3", "3-4"]),
        (CouplingTargets(["3-2", ("Q1", "Q0")]), ["0-1", "2-3"]),
    ],
)
def test_targets_name_what_is_on_the_chip(
    make_bench: MakeBench, targets: Targets, expected: list[str]
) -> None:
    assert targets.resolve(make_bench(task()).qdash.chips.show(PROJECT, CHIP)) == expected


@pytest.mark.parametrize("status", [TargetStatus.EXCLUDED, TargetStatus.DEAD])
def test_what_a_person_has_left_out_is_left_out(make_bench: MakeBench, status: TargetStatus) -> None:
    bench = make_bench(task())
    set_status(bench, "1", status)
    set_status(bench, "3-4", status)
    chip = bench.qdash.chips.show(PROJECT, CHIP)
    assert AllMuxTargets().resolve(chip) == ["0", "2", "3", "4"]
    assert QubitTargets(["0", "1"]).resolve(chip) == ["0"]
    assert MuxTargets([0]).resolve(chip) == ["0", "2"]
    assert CouplingTargets().resolve(chip) == ["2-3"], "neither 3-4 nor what has to do with qubit 1"
    with pytest.raises(InvalidInputError, match="no qubit of chip chip is left"):
        QubitTargets(["1"]).resolve(chip)


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        (QubitTargets(["0", "9"]), "no qubit '9'"),
        (QubitTargets(["zero"]), "'zero' is not a qubit"),
        (QubitTargets([]), "is left to run on"),
        (MuxTargets([2]), "no multiplexer 2"),
        (CouplingTargets(["0-2"]), "no coupling '0-2'"),
        (CouplingTargets(["0"]), "not a coupling"),
        (AllMuxTargets(exclude_qids=["0", "1", "2", "3", "4"]), "is left to run on"),
    ],
)
def test_targets_that_are_not_there_are_refused_before_anything_begins(
    make_bench: MakeBench, targets: Targets, message: str
) -> None:
    bench = make_bench(task())
    cal = bench.service()
    with pytest.raises(InvalidInputError, match=message):
        cal.run(targets, [CustomOneQubit(["Measure"])])
    assert not cal.begun
    assert bench.qdash.executions.newest(PROJECT) == []


# -------------------------------------------------------------------------------------------------------------------- steps


def bring_up(*names: str) -> BringUp:
    return BringUp(tasks=names)


def test_a_bring_up_says_of_every_qubit_how_it_went(make_bench: MakeBench) -> None:
    bench = make_bench(failing_on("1", "3"), RABI)
    set_status(bench, "4", TargetStatus.EXCLUDED)
    cal = bench.service()
    cal.run(AllMuxTargets(), [bring_up("Frequency", "Rabi")])
    cal.finish_calibration()
    assert [str(bench.qubit(qid).status) for qid in "01234"] == [
        "calibrated",
        "failed",
        "calibrated",
        "failed",
        "excluded",
    ]


def test_a_flagged_value_is_no_success_of_a_bring_up(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, validators=[Flagging()])
    cal = bench.service()
    cal.run(QubitTargets(["0"]), [bring_up("Frequency")])
    cal.finish_calibration()
    assert bench.qubit().status is TargetStatus.FAILED


def test_a_later_bring_up_changes_the_status(make_bench: MakeBench) -> None:
    bench = make_bench(failing_on("0"))
    for plugins, expected in (
        (failing_on("0"), "failed"),
        (FREQUENCY, "calibrated"),
        (failing_on("0"), "failed"),
    ):
        cal = bench.reinstall(plugins).service()
        cal.run(QubitTargets(["0"]), [bring_up("Frequency")])
        cal.finish_calibration()
        assert bench.qubit().status == expected
        assert bench.repositories.qubits.days(PROJECT, CHIP, "0")[-1].status == expected


@pytest.mark.parametrize("step", [CustomOneQubit(["Frequency"]), OneQubitCheck(["Frequency"])])
def test_other_steps_leave_the_status_alone(make_bench: MakeBench, step: Any) -> None:
    bench = make_bench(FREQUENCY)
    cal = bench.service()
    cal.run(QubitTargets(["0"]), [step])
    cal.finish_calibration()
    assert bench.qubit().status is TargetStatus.PENDING
    assert bench.value("frequency") == 5.0


def test_a_filter_by_status_lets_only_good_qubits_go_on(make_bench: MakeBench) -> None:
    bench = make_bench(failing_on("1"), RABI)
    cal = bench.service()
    cal.run(
        QubitTargets(["0", "1", "2"]), [bring_up("Frequency"), FilterByStatus(), CustomOneQubit(["Rabi"])]
    )
    found = states(bench, cal.finish_calibration().execution_id)
    assert {qid for name, qid in found if name == "Rabi"} == {"0", "2"}


def test_a_filter_takes_any_statuses(make_bench: MakeBench) -> None:
    bench = make_bench(failing_on("1"), task())
    cal = bench.service()
    steps = [bring_up("Frequency"), FilterByStatus(["failed", "pending"]), CustomOneQubit(["Measure"])]
    cal.run(QubitTargets(["0", "1"]), steps)
    found = states(bench, cal.finish_calibration().execution_id)
    assert {qid for name, qid in found if name == "Measure"} == {"1"}


@pytest.mark.parametrize(
    ("bounds", "left"),
    [
        ({"minimum": 1.0}, ["1", "2"]),
        ({"maximum": 1.0}, ["0", "1"]),
        ({"minimum": 0.5, "maximum": 1.5}, ["1"]),
        ({}, ["0", "1", "2"]),
        ({"minimum": 9.0}, []),
    ],
)
def test_a_filter_by_metric_lets_values_within_its_bounds_go_on(
    make_bench: MakeBench, bounds: dict[str, float], left: list[str]
) -> None:
    """Qubit 3 has no value."""
    number = task(
        "Number",
        {"n": Parameter(0.0)},
        analyse=lambda self, _: TaskOutput({"n": Parameter(float(self.context.qid))}),
    )
    bench = make_bench(number, task())
    cal = bench.service()
    cal.run(QubitTargets(["0", "1", "2"]), [CustomOneQubit(["Number"])])
    cal.run(QubitTargets(["0", "1", "2", "3"]), [FilterByMetric("n", **bounds), CustomOneQubit(["Measure"])])
    found = states(bench, cal.finish_calibration().execution_id)
    assert sorted(qid for name, qid in found if name == "Measure") == left


def test_a_status_that_does_not_exist_is_refused_when_it_is_written() -> None:
    with pytest.raises(InvalidInputError, match=r"'good' is not a status \(there are: pending, calibrated,"):
        FilterByStatus(["calibrated", "good"])


@pytest.mark.parametrize(
    ("targets", "step", "message"),
    [
        (CouplingTargets(["0-1"]), CustomOneQubit(["Measure"]), "no qubit '0-1'"),
        (QubitTargets(["0"]), CustomTwoQubit(["CR"]), "no coupling '0'"),
        (QubitTargets(["0"]), CustomOneQubit(["LinkUp"]), "LinkUp runs on the whole chip"),
    ],
)
def test_a_step_that_does_not_run_on_the_targets_is_refused_before_anything_begins(
    make_bench: MakeBench, targets: Targets, step: Any, message: str
) -> None:
    bench = make_bench(task(), task("CR", {}, task_type="coupling"), task("LinkUp", {}, task_type="system"))
    with pytest.raises(InvalidInputError, match=message):
        bench.service().run(targets, [step])
    assert bench.events() == []


def test_couplings_that_share_a_qubit_or_a_multiplexer_are_never_together(make_bench: MakeBench) -> None:
    together: list[list[str]] = []

    def measure_all(_cls: object, _backend: object, tasks: Sequence[BaseTask]) -> list[None]:
        together.append([one.context.qid for one in tasks])
        return [None for _ in tasks]

    bench = make_bench(
        task("CR", {}, task_type="coupling", simultaneous=True, run_group=classmethod(measure_all))
    )
    cal = bench.service()
    cal.run(CouplingTargets(), [CustomTwoQubit(["CR"])])
    cal.finish_calibration()
    assert sorted(together) == [["0-1", "3-4"], ["1-2"], ["2-3"]]


# ------------------------------------------------------------------------------------------------------------- the service


def test_a_calibration_is_one_execution_over_several_runs(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, RABI)
    cal = bench.service(flow_name="nightly", tags=["n"])
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
    bench = make_bench(task())
    cal = bench.service()
    with pytest.raises(InvalidInputError, match="has not begun"):
        how(cal)
    cal.run(QubitTargets(["0"]), [CustomOneQubit(["Measure"])])
    assert how(cal).status == status
    with pytest.raises(InvalidInputError, match="has not begun"):
        how(cal)


def test_run_parameters_reach_the_tasks(make_bench: MakeBench) -> None:
    shots = {"shots": RunParameter(10, "int", minimum=1)}
    bench = make_bench(task("A", {}, parameters=shots), task("B", {}, parameters=shots), task("C", {}))
    cal = bench.service(default_run_parameters={"shots": 20, "B": {"shots": "30"}})
    cal.run(QubitTargets(["0"]), [CustomOneQubit(["A", "B", "C"])])
    results = {one.name: one for one in bench.results(cal.finish_calibration().execution_id)}
    assert results["A"].run_parameters["shots"].value == 20
    assert results["B"].run_parameters["shots"].value == 30
    assert results["C"].run_parameters == {}


@pytest.mark.parametrize(
    ("given", "steps", "message"),
    [
        ({"default_run_parameters": {"shotz": 1}}, ["Measure"], "shotz: no task of this flow"),
        ({"default_run_parameters": {"Other": {"shots": 1}}}, ["Measure"], "Other: not a task of this flow"),
        ({}, ["Measurement"], "no task for the backend 'bench' 'Measurement'; did you mean 'Measure'"),
        ({"qids": ["1"]}, ["Measure"], "0: not among the qids of this calibration"),
        ({"project_id": "other"}, ["Measure"], "no project 'other'"),
        ({"backend_name": "other"}, ["Measure"], "no backend 'other'"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_begins(
    make_bench: MakeBench, given: dict[str, Any], steps: list[str], message: str
) -> None:
    bench = make_bench(task())
    cal = bench.service(**given)
    with pytest.raises(InvalidInputError, match=message):
        cal.run(QubitTargets(["0"]), [CustomOneQubit(steps)])
    assert not cal.begun
    assert bench.events() == []


def test_a_flow_whose_inputs_are_nowhere_is_refused_before_anything_begins(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, RABI, T1)
    for tasks, missing in (
        (["Rabi"], "Rabi needs frequency of 0"),
        (["Frequency", "T1"], "T1 needs amplitude of 0"),
    ):
        with pytest.raises(MissingInputError, match=missing) as refused:
            bench.service().run(QubitTargets(["0", "1"]), [CustomOneQubit(tasks)])
        assert str(refused.value).endswith("first (and 1 other targets likewise)")
    assert bench.events() == []
    bench.service().check(QubitTargets(["0"]), [CustomOneQubit(["Frequency", "Rabi", "T1"])])


def test_a_flow_goes_ahead_where_some_target_has_its_inputs(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, RABI)
    bench.run("Frequency", "1")
    cal = bench.service()
    cal.run(QubitTargets(["0", "1"]), [CustomOneQubit(["Rabi"])])
    found = states(bench, cal.finish_calibration().execution_id)
    assert found == {("Rabi", "0"): "failed", ("Rabi", "1"): "completed"}


def test_a_second_calibration_is_refused_while_one_runs(make_bench: MakeBench) -> None:
    bench = make_bench(task())
    first = bench.service()
    first.run(QubitTargets(["0"]), [CustomOneQubit(["Measure"])])
    second = bench.service()
    with pytest.raises(LockedError, match=first.execution.execution_id):
        second.run(QubitTargets(["0"]), [CustomOneQubit(["Measure"])])
    assert not second.begun
    first.finish_calibration()


# ------------------------------------------------------------------------------------------------------------ to the end


def test_running_to_the_end_finishes(make_bench: MakeBench) -> None:
    bench = make_bench(task())
    ended = run_to_end(bench.service(), QubitTargets(["0"]), [CustomOneQubit(["Measure"])])
    assert ended.status is ExecutionStatus.COMPLETED


class Step:
    """A step that raises."""

    tasks = ()

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def apply(self, run: object) -> None:
        raise self._error


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (ValueError("a bug in a step"), "failed", "a bug in a step"),
        (ValueError(), "failed", "ValueError"),
        (SystemExit(3), "failed", "3"),
        (KeyboardInterrupt(), "cancelled", "cancelled"),
    ],
)
def test_whatever_stops_a_flow_is_recorded_and_raised(
    make_bench: MakeBench, error: BaseException, status: str, message: str
) -> None:
    bench = make_bench(task())
    with pytest.raises(type(error)):
        run_to_end(bench.service(), QubitTargets(["0"]), [CustomOneQubit(["Measure"]), Step(error)])
    (execution,) = bench.qdash.executions.newest(PROJECT)
    assert (execution.status, execution.message, execution.tasks) == (status, message, {"completed": 1})
    bench.session().complete()


def test_a_polite_end_is_a_cancellation(make_bench: MakeBench) -> None:
    """SIGTERM in the middle of a task, as a service manager sends it."""
    import os
    import signal

    bench = make_bench(task(measure=lambda *_: os.kill(os.getpid(), signal.SIGTERM)), task("Later"))
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt):
        run_to_end(bench.service(), QubitTargets(["0"]), [CustomOneQubit(["Measure", "Later"])])
    (execution,) = bench.qdash.executions.newest(PROJECT)
    assert (execution.status, execution.tasks) == (ExecutionStatus.CANCELLED, {"cancelled": 2})
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_flow_or_a_task_is_found_by_name(make_bench: MakeBench) -> None:
    pair = task("CR", {}, task_type="coupling")
    registry = make_bench(task(), pair, backends=[backend()]).qdash.registry
    assert steps_of("bring-up", registry, backend="bench") == [BringUp()]
    assert steps_of("check", registry, backend="bench") == [OneQubitCheck()]
    assert steps_of("Measure", registry, backend="bench") == [CustomOneQubit(["Measure"])]
    assert steps_of("CR", registry, backend="bench") == [CustomTwoQubit(["CR"])]
    with pytest.raises(NotFoundError, match=r"no flow or task 'x'.*bring-up, check"):
        steps_of("x", registry, backend="bench")
