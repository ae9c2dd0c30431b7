"""Resume is replay: the same flow runs again, gets the completed results, and runs the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core import (
    CalibConfig,
    CalibOrchestrator,
    CalibService,
    InvalidInputError,
    LockedError,
    NotFoundError,
    Parameter,
    TaskOutput,
)
from qdash_core.flows.run import LiveRun
from qdash_core.flows.steps import BringUp, CustomOneQubit, FilterByMetric, FilterByStatus
from qdash_core.flows.targets import QubitTargets
from qdash_core.models.chip import TargetStatus
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.progress import SilentProgress
from qdash_core.models.task import Verdict
from qdash_core.repositories.executions import ExecutionLockRepository
from qdash_core.session import running_flow
from qdash_core.session.dispatch.plans import Plan
from qdash_core.session.running_flow import RunningFlow, set_current_flow
from qdash_core.validation.verdicts import Finding

from ...access import ADMIN
from ...case_tables import keep_quick
from ..bench import CHIP, PROJECT, SIGNAL, make_backend, make_raising, make_task

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.models.task import TaskResultModel

    from ..bench import Bench
    from ..conftest import MakeBench


class Hardware:
    """Tasks that count their measurements; one of them interrupts the run at a chosen measurement."""

    def __init__(self) -> None:
        self.measured: list[tuple[str, str]] = []
        self.cut_at: int | None = None

    def make_task(
        self, name: str = "Measure", gives: dict[str, Parameter] | None = None, **given: Any
    ) -> Any:
        def measure(one: Any, hardware: Any) -> object:
            if len(self.measured) == self.cut_at:
                self.cut_at = None
                raise KeyboardInterrupt
            self.measured.append((name, one.context.qid))
            if hardware.clock is not None:
                hardware.clock.advance(one.context.qid, 5.0)
            return SIGNAL

        return make_task(name, gives, measure=measure, **given)


class DoubtfulValidator:
    """Validator that flags everything."""

    name = "doubt"

    def validate(self, _candidate: object) -> list[Finding]:
        return [Finding(Verdict.FLAGGED, "too good to be true")]


def run_all(session: CalibOrchestrator, *names: str, qids: str = "012") -> list[TaskResultModel]:
    return session.run_plan(Plan([session.plan_task(name) for name in names], [[qid] for qid in qids]))


def run_until_killed(bench: Bench, flow: Callable[[CalibOrchestrator], object], **config: Any) -> str:
    """Run a flow until its hardware interrupts it, and leave it like a killed process."""
    session = bench.start_session(**config)
    with pytest.raises(KeyboardInterrupt):
        flow(session)
    return bench.abandon(session)


def describe_result(result: TaskResultModel) -> tuple[str, str, int, int, str]:
    return result.name, result.qid, result.occurrence, result.attempt, str(result.status)


@pytest.mark.every_store
@pytest.mark.parametrize("cut_at", keep_quick(range(6), 0, 3, 5))
def test_what_was_completed_is_not_repeated_and_the_rest_is_run(make_bench: MakeBench, cut_at: int) -> None:
    hardware = Hardware()
    bench = make_bench(
        hardware.make_task("First"), hardware.make_task("Second", {"t2": Parameter(1.0, 0.1, "us")})
    )
    hardware.cut_at = cut_at
    execution_id = run_until_killed(bench, lambda session: run_all(session, "First", "Second"))
    before = {one.task_id: one for one in bench.list_results(execution_id) if one.status == "completed"}
    assert len(before) == cut_at

    session = bench.start_session(resume=True, execution_id=execution_id)
    results = run_all(session, "First", "Second")
    ended = session.complete()

    assert sorted(hardware.measured) == [(name, qid) for name in ("First", "Second") for qid in "012"]
    assert [(one.name, one.qid) for one in results] == hardware.measured
    assert list_session_values(bench) == {("0", 10.0), ("1", 10.0), ("2", 10.0)}
    assert (ended.status, ended.tasks) == (ExecutionStatus.COMPLETED, {"completed": 6})
    after = {one.task_id: one for one in bench.list_results(execution_id)}
    assert {key: after[key] for key in before} == before, "what was completed stays as it was written"
    cut = [one for one in after.values() if one.status in ("failed", "cancelled")]
    assert [str(one.status) for one in cut].count("failed") == 1
    assert all((one.message, one.attempt) == ("interrupted", 1) for one in cut)
    again = [one for one in after.values() if one.attempt == 2]
    assert {one.node for one in again} == {one.node for one in cut}
    assert all(one.status == "completed" for one in again)


def list_session_values(bench: Bench) -> set[tuple[str, float | None]]:
    return {(qid, bench.get_value(qid=qid)) for qid in "012"}


def test_the_record_of_an_execution_lists_every_run_attempt(make_bench: MakeBench) -> None:
    hardware = Hardware()
    bench = make_bench(hardware.make_task(), backends=[make_backend(clocked=True)])
    hardware.cut_at = 1
    execution_id = run_until_killed(bench, lambda session: run_all(session, "Measure"))
    assert bench.qdash.record.is_interrupted(bench.get_execution(execution_id))

    session = bench.start_session(resume=True, execution_id=execution_id)
    running = bench.get_execution(execution_id)
    assert not bench.qdash.record.is_interrupted(running)
    assert (running.status, running.message, running.end_at) == (ExecutionStatus.RUNNING, "", None)
    session.cancel("enough")
    session = bench.start_session(resume=True, execution_id=execution_id)
    run_all(session, "Measure")
    ended = session.complete()

    assert ended == bench.get_execution(execution_id)
    assert [str(one.status) for one in ended.attempts] == ["failed", "cancelled", "completed"]
    assert ended.attempts[0].message.startswith("interrupted: the process that ran it died")
    assert f"qdash executions resume {execution_id}" in ended.attempts[0].message
    assert ended.attempts[1].message == "enough"
    run_attempts = [
        (one.end_at - one.start_at).total_seconds() for one in ended.attempts if one.end_at is not None
    ]
    assert len(run_attempts) == 3
    assert ended.start_at == ended.attempts[0].start_at
    assert ended.elapsed_time == pytest.approx(sum(run_attempts))
    assert [one.lab_seconds for one in ended.attempts] == [5.0, 0.0, 10.0]
    completed = [one for one in bench.list_results(execution_id) if one.status == "completed"]
    assert sorted((one.qid, one.lab_start_s, one.lab_s) for one in completed) == [
        ("0", 0.0, 5.0),
        ("1", 5.0, 5.0),
        ("2", 10.0, 5.0),
    ]
    assert [event.kind for event in bench.list_events() if event.kind.startswith("execution")] == [
        "execution.running",
        "execution.failed",
        "execution.resumed",
        "execution.cancelled",
        "execution.resumed",
        "execution.completed",
    ]


@pytest.mark.parametrize("end", ["fail", "cancel"])
def test_what_failed_or_was_cancelled_is_resumed_and_its_failures_tried_again(
    make_bench: MakeBench, end: str
) -> None:
    hardware = Hardware()
    broken = make_raising(OSError("cable"))
    bench = make_bench(
        hardware.make_task(),
        make_task("Broken", {"x": Parameter(1.0)}, run=broken),
        make_task("After", needs=["x"]),
    )
    session = bench.start_session()
    run_all(session, "Measure", "Broken", "After", qids="0")
    execution_id = getattr(session, end)("out of helium").execution_id

    mended = bench.reinstall(
        hardware.make_task(), make_task("Broken", {"x": Parameter(1.0)}), make_task("After", needs=["x"])
    )
    session = mended.start_session(resume=True, execution_id=execution_id)
    results = run_all(session, "Measure", "Broken", "After", qids="0")
    ended = session.complete()
    assert [describe_result(one) for one in results] == [
        ("Measure", "0", 0, 1, "completed"),
        ("Broken", "0", 0, 2, "completed"),
        ("After", "0", 0, 2, "completed"),
    ]
    assert hardware.measured == [("Measure", "0")]
    assert ended.tasks == {"completed": 3}, "the last attempt of each node counts"
    assert sorted(describe_result(one) for one in bench.list_results(execution_id) if one.attempt == 1)[
        :2
    ] == [
        ("After", "0", 0, 1, "skipped"),
        ("Broken", "0", 0, 1, "failed"),
    ]


def test_a_task_that_a_flow_repeats_is_a_node_of_its_own_each_time(make_bench: MakeBench) -> None:
    hardware = Hardware()
    found = iter([1.0, 2.0, 3.0])
    bench = make_bench(hardware.make_task(analyse=lambda *_: TaskOutput({"t1": Parameter(next(found))})))

    def flow(session: CalibOrchestrator) -> list[float]:
        return [session.run_task("Measure", "0").output_parameters["t1"].value for _ in range(3)]

    hardware.cut_at = 2
    execution_id = run_until_killed(bench, flow)
    session = bench.start_session(resume=True, execution_id=execution_id)
    assert flow(session) == [1.0, 2.0, 3.0]
    session.complete()
    assert sorted(describe_result(one)[2:] for one in bench.list_results(execution_id)) == [
        (0, 1, "completed"),
        (1, 1, "completed"),
        (2, 1, "failed"),
        (2, 2, "completed"),
    ]


def test_a_refit_is_no_node_and_a_flagged_result_is_given_back(make_bench: MakeBench) -> None:
    hardware = Hardware()
    bench = make_bench(hardware.make_task(), validators=[DoubtfulValidator()])
    hardware.cut_at = 1
    execution_id = run_until_killed(bench, lambda session: run_all(session, "Measure"))
    (measured,) = [one for one in bench.list_results(execution_id) if one.status == "completed"]
    bench.qdash.get(RESULTS).refit(ADMIN, measured.task_id)
    session = bench.start_session(resume=True, execution_id=execution_id)
    results = run_all(session, "Measure")
    assert results[0] == measured
    assert measured.verdict is Verdict.FLAGGED
    assert session.complete().tasks == {"completed": 3}


def test_what_is_watched_is_told_of_recorded_results_too(make_bench: MakeBench) -> None:
    finished: list[str] = []

    class Watching(SilentProgress):
        def finished(self, result: TaskResultModel) -> None:
            finished.append(result.qid)

    hardware = Hardware()
    bench = make_bench(hardware.make_task())
    hardware.cut_at = 1
    execution_id = run_until_killed(bench, lambda session: run_all(session, "Measure"))
    config = CalibConfig(username="admin", chip_id=CHIP, resume=True, execution_id=execution_id)
    session = CalibOrchestrator(config, bench.qdash, progress=Watching())
    session.initialize()
    run_all(session, "Measure")
    assert finished == ["0", "1", "2"]
    assert [one.qid for one in session.task_context.task_result.qubit_tasks["0"]] == ["0"]
    assert session.task_context.calib_data.qubit["0"]["t1"].value == 10.0
    session.complete()


def test_replay_writes_nothing(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    session = bench.start_session()
    run_all(session, "Measure")
    execution_id = session.fail("the disk was full").execution_id
    seq = bench.list_events()[-1].seq
    session = bench.start_session(resume=True, execution_id=execution_id)
    run_all(session, "Measure")
    assert [event.kind for event in bench.list_events(seq)] == ["execution.resumed"]
    session.complete()


def test_the_backend_is_connected_and_given_the_latest_note(make_bench: MakeBench) -> None:
    hardware = Hardware()
    bench = make_bench(hardware.make_task(), backends=[make_backend(note={"amplitude": 1})])
    hardware.cut_at = 1
    execution_id = run_until_killed(bench, lambda session: run_all(session, "Measure"))
    following = make_backend()
    again = bench.reinstall(hardware.make_task(), backends=[following])
    again.start_session(resume=True, execution_id=execution_id).complete()
    assert following.calls == ["connect", "update_note {'amplitude': 1}", "disconnect"]


# ----------------------------------------------------------------------------------------------------- what cannot be


def test_what_cannot_be_resumed_is_refused_and_says_why(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    bench.add_chip("another")
    completed = bench.run().execution_id
    failed = bench.start_session().fail("cable").execution_id
    before = bench.list_events()
    for config, message in (
        ({"execution_id": completed}, f"{completed} is completed and cannot be resumed"),
        ({"execution_id": "20200101-000"}, "no execution '20200101-000'"),
        ({"execution_id": failed, "chip_id": "another"}, f"{failed} is one of chip chip, not of another"),
        ({}, "give the id of the execution"),
    ):
        with pytest.raises(InvalidInputError, match=message):
            bench.start_session(resume=True, **config)
    assert bench.list_events() == before
    assert bench.repositories.of(ExecutionLockRepository).list_by_project(PROJECT) == []


def test_a_running_execution_is_not_resumed_by_another_process(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    session = bench.start_session()
    with pytest.raises(LockedError, match=session.execution.execution_id):
        bench.start_session(resume=True, execution_id=session.execution.execution_id)
    assert session.complete().status is ExecutionStatus.COMPLETED


def test_an_execution_of_a_deleted_chip_is_not_resumed(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    execution_id = bench.start_session().fail("cable").execution_id
    bench.qdash.get(CHIPS).delete(ADMIN, CHIP, force=True)
    with pytest.raises(NotFoundError):
        bench.start_session(resume=True, execution_id=execution_id)
    bench.add_chip(CHIP)
    with pytest.raises(InvalidInputError):
        bench.start_session(resume=True, execution_id=execution_id)


def test_another_user_with_rights_may_resume(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    for name in ("alice", "bob"):
        bench.qdash.enroll(name)
    session = bench.start_session(username="alice")
    first = session.run_task("Measure", "0")
    execution_id = session.fail("cable").execution_id
    session = bench.start_session(username="bob", resume=True, execution_id=execution_id)
    second = session.run_task("Measure", "1")
    ended = session.complete()
    assert ended.username == "alice"
    assert [one.username for one in ended.attempts] == ["alice", "bob"]
    assert (first.username, second.username) == ("alice", "bob")


# -------------------------------------------------------------------------------------------------------------- filters


def get_flow_run(bench: Bench, session: CalibOrchestrator) -> LiveRun:
    return LiveRun(bench.qdash, session, ["0", "1", "2"])


def test_a_filter_leaves_again_what_it_left_before(make_bench: MakeBench) -> None:
    """The flow itself has changed the filtered values since."""
    hardware = Hardware()
    values = {"First": 10.0, "Second": 99.0}

    def analyse(one: Any, _raw: object) -> TaskOutput:
        return TaskOutput({"t1": Parameter(values[one.name])})

    bench = make_bench(
        hardware.make_task("First", analyse=analyse), hardware.make_task("Second", analyse=analyse)
    )

    def flow(session: CalibOrchestrator) -> None:
        run = get_flow_run(bench, session)
        run.run_tasks(["First"], kind="qubit")
        FilterByMetric("t1", maximum=50.0).apply(run)
        run.run_tasks(["Second"], kind="qubit")
        assert run.targets == ["0", "1", "2"]

    hardware.cut_at = 5
    execution_id = run_until_killed(bench, flow)
    session = bench.start_session(resume=True, execution_id=execution_id)
    flow(session)
    assert session.complete().tasks == {"completed": 6}
    assert len(hardware.measured) == 6


def test_a_filter_also_leaves_what_passes_only_now(make_bench: MakeBench) -> None:
    hardware = Hardware()
    missing: set[str] = {"1"}

    def analyse(one: Any, _raw: object) -> TaskOutput:
        if one.context.qid in missing:
            raise OSError("cable")
        return TaskOutput({"t1": Parameter(10.0)})

    bench = make_bench(hardware.make_task("First", analyse=analyse), hardware.make_task("Second"))

    def flow(session: CalibOrchestrator) -> list[str]:
        run = get_flow_run(bench, session)
        run.run_tasks(["First"], kind="qubit")
        FilterByMetric("t1").apply(run)
        run.run_tasks(["Second"], kind="qubit")
        return run.targets

    hardware.cut_at = 4
    execution_id = run_until_killed(bench, flow)
    missing.clear()
    session = bench.start_session(resume=True, execution_id=execution_id)
    assert flow(session) == ["0", "1", "2"]
    assert bench.get_execution(execution_id).choices == [["0", "2", "1"]]
    session.complete()


def test_bring_up_and_filters_by_status_go_on_where_they_were(make_bench: MakeBench) -> None:
    hardware = Hardware()
    bench = make_bench(hardware.make_task("First"), hardware.make_task("Second"))

    def flow(session: CalibOrchestrator) -> list[str]:
        run = get_flow_run(bench, session)
        FilterByStatus(["pending"]).apply(run)
        BringUp(["First"]).apply(run)
        FilterByStatus().apply(run)
        run.run_tasks(["Second"], kind="qubit")
        return run.targets

    hardware.cut_at = 2
    execution_id = run_until_killed(bench, flow)
    assert [str(bench.get_qubit(qid).status) for qid in "012"] == ["calibrated", "calibrated", "pending"]
    session = bench.start_session(resume=True, execution_id=execution_id)
    assert flow(session) == ["0", "1", "2"]
    assert session.complete().tasks == {"completed": 6}
    assert {bench.get_qubit(qid).status for qid in "012"} == {TargetStatus.CALIBRATED}


# ----------------------------------------------------------------------------------------------------- a user's own flow


def run_three_sessions(bench: Bench) -> list[str]:
    """Run a script with three consecutive sessions; return their executions."""
    executions = []
    for names in (["First"], ["First", "Second"], ["Second"]):
        session = bench.start_session()
        executions.append(session.execution.execution_id)
        try:
            run_all(session, *names)
        except KeyboardInterrupt:
            bench.abandon(session)
            raise
        session.complete()
    return executions


@pytest.mark.parametrize("cut_at", keep_quick([1, 4, 10], 1))
def test_a_flow_of_several_sessions_goes_on_in_the_one_that_was_cut(
    make_bench: MakeBench, cut_at: int
) -> None:
    hardware = Hardware()
    bench = make_bench(hardware.make_task("First"), hardware.make_task("Second"))
    hardware.cut_at = cut_at
    with set_current_flow(RunningFlow()), pytest.raises(KeyboardInterrupt):
        run_three_sessions(bench)
    made = [one.execution_id for one in reversed(bench.qdash.get(EXECUTIONS).newest(ADMIN))]

    with set_current_flow(RunningFlow(resumed=made[-1])):
        again = run_three_sessions(bench)
    assert again[: len(made)] == made
    assert len(hardware.measured) == 12, "nothing is measured twice"
    executions = [bench.get_execution(one) for one in again]
    assert [str(one.status) for one in executions] == ["completed"] * 3
    assert [len(one.attempts) for one in executions] == [2 if one == made[-1] else 1 for one in again]
    (flow_run_id,) = {one.flow_run_id for one in executions}
    assert flow_run_id is not None
    found = bench.qdash.record.find_by_flow_run_id(flow_run_id)
    assert [one.execution_id for one in found] == again
    assert bench.qdash.record.find_by_flow_run_id(flow_run_id, "other") == []


def say_it_failed(bench: Bench, *execution_ids: str) -> None:
    """Mark executions as failed, as if their flow had continued nevertheless."""
    for execution_id in execution_ids:
        failed = bench.get_execution(execution_id).model_copy(update={"status": ExecutionStatus.FAILED})
        with bench.qdash.store.transaction() as transaction:
            transaction.put("execution_history", failed.to_document())


def test_a_session_that_was_made_anew_behind_a_resumed_one_can_be_resumed_itself(
    make_bench: MakeBench,
) -> None:
    hardware = Hardware()
    bench = make_bench(hardware.make_task("First"), hardware.make_task("Second"))
    with set_current_flow(RunningFlow()):
        first = run_three_sessions(bench)
    say_it_failed(bench, *first[:2])
    with set_current_flow(RunningFlow(resumed=first[1])):
        second = run_three_sessions(bench)
    assert second[:2] == first[:2]
    with set_current_flow(RunningFlow(resumed=first[0])):
        third = run_three_sessions(bench)
    assert third[0] == first[0]
    assert not {*third[1:]} & {*first, *second}
    say_it_failed(bench, third[2])
    with set_current_flow(RunningFlow(resumed=third[2])):
        assert run_three_sessions(bench) == third
    assert len(bench.get_execution(third[2]).attempts) == 2


def test_another_flow_than_the_one_that_was_cut_is_refused(make_bench: MakeBench) -> None:
    hardware = Hardware()
    bench = make_bench(hardware.make_task("First"), hardware.make_task("Second"))
    hardware.cut_at = 4
    with set_current_flow(RunningFlow()), pytest.raises(KeyboardInterrupt):
        run_three_sessions(bench)
    cut = bench.qdash.get(EXECUTIONS).newest(ADMIN)[0].execution_id
    before = bench.list_events()
    with set_current_flow(RunningFlow(resumed=cut)):
        session = bench.start_session()
        with pytest.raises(InvalidInputError, match="has ended without Second on 0"):
            session.run_task("Second", "0")
    assert bench.list_events() == before


def test_the_environment_says_what_a_script_resumes(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = make_bench(make_task())
    execution_id = bench.start_session().fail("cable").execution_id
    monkeypatch.setenv("QDASH_RESUME", execution_id)
    monkeypatch.setattr(running_flow._process, "current", None)
    cal = CalibService("admin", CHIP, qdash=bench.qdash)
    cal.run(QubitTargets(["0"]), [CustomOneQubit(["Measure"])])
    ended = cal.finish_calibration()
    assert (ended.execution_id, len(ended.attempts)) == (execution_id, 2)


def test_what_does_not_exist_cannot_be_resumed_by_a_script(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    with (
        set_current_flow(RunningFlow(resumed="20200101-000")),
        pytest.raises(NotFoundError, match="QDASH_RESUME"),
    ):
        bench.start_session()


# ------------------------------------------------------------------------------------------------ several at the same time


@pytest.mark.parametrize("simultaneous", [False, True])
def test_of_a_group_only_those_are_measured_that_were_not(make_bench: MakeBench, simultaneous: bool) -> None:
    hardware = Hardware()
    hindered = {"1"}

    def analyse(one: Any, _raw: object) -> TaskOutput:
        if one.context.qid in hindered:
            raise OSError("cable")
        return TaskOutput({"t1": Parameter(10.0)})

    def run_group(_backend: object, tasks: list[Any]) -> list[Any]:
        return [one.run(_backend) for one in tasks]

    grouped: dict[str, Any] = {"run_group": staticmethod(run_group)} if simultaneous else {}
    bench = make_bench(
        hardware.make_task(analyse=analyse, simultaneous=simultaneous, **grouped),
        backends=[make_backend(max_parallel=None)],
    )

    def flow(session: CalibOrchestrator) -> list[TaskResultModel]:
        return session.run_plan(Plan([session.plan_task("Measure")], [["0", "1", "2"]]))

    session = bench.start_session()
    flow(session)
    execution_id = session.fail("helium").execution_id
    hindered.clear()
    session = bench.start_session(resume=True, execution_id=execution_id)
    results = flow(session)
    assert {one.qid: (one.attempt, str(one.status)) for one in results} == {
        "0": (1, "completed"),
        "1": (2, "completed"),
        "2": (1, "completed"),
    }
    assert sorted(hardware.measured) == [
        ("Measure", "0"),
        ("Measure", "1"),
        ("Measure", "1"),
        ("Measure", "2"),
    ]
    assert session.complete().tasks == {"completed": 3}
