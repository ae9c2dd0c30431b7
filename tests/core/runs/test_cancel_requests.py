"""Cancellation of a run in another process or thread: by request, and without its cooperation."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.runs.feature import EXECUTIONS, QUEUE, RUNS
from qdash_core import (
    CalibConfig,
    CalibOrchestrator,
    CancelledError,
    IllegalTransitionError,
    NotFoundError,
    Parameter,
)
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets
from qdash_core.models.execution import EndReason, ExecutionModel, ExecutionStatus
from qdash_core.models.task import TaskStatus
from qdash_core.repositories.executions import ExecutionLockRepository, ExecutionRepository
from qdash_core.repositories.queue import QueueRepository
from qdash_core.runs.cancellation import cancel_execution
from qdash_core.runs.performance import run_to_end
from qdash_core.session.dispatch.plans import Plan

from ...access import ADMIN
from ..bench import CHIP, PROJECT, SIGNAL, make_raising, make_task
from .crew import wait_until

if TYPE_CHECKING:
    from ..bench import Bench
    from ..conftest import MakeBench
    from .conftest import MakeCrew
    from .crew import Crew

PATIENCE_S = 30.0


def request_cancel(bench: Bench, execution_id: str, username: str = "alice") -> ExecutionModel:
    return bench.qdash.external_transitions.request_cancel(PROJECT, execution_id, username)


def make_message(execution_id: str) -> str:
    return f"execution {execution_id} was cancelled by alice and has ended: a new calibration measures again"


def make_cooperating_task(bench_of: list[Bench], **given: Any) -> Any:
    """Return a task that is cancelled during its measurement, keeps its partial data, and stops."""

    def measure(one: Any, _backend: object) -> object:
        request_cancel(bench_of[0], one.context.execution_id)
        one.context.partial(SIGNAL)
        asked_at = time.monotonic()
        while not one.context.cancelled and time.monotonic() < asked_at + PATIENCE_S:
            threading.Event().wait(0.01)
        return SIGNAL

    return make_task("Slow", {"x": Parameter(1.0)}, measure=measure, **given)


@pytest.mark.every_store
def test_a_run_that_is_asked_to_ends_as_cancelled_and_says_by_whom(make_bench: MakeBench) -> None:
    made: list[Bench] = []
    bench = make_bench(make_task(), make_cooperating_task(made))
    made.append(bench)
    cal = bench.make_service()
    with pytest.raises(CancelledError, match="cancelled by alice"):
        run_to_end(cal, QubitTargets(["0", "1"]), [CustomOneQubit(["Measure", "Slow"])])
    (execution,) = bench.qdash.get(EXECUTIONS).newest(ADMIN)
    assert (execution.status, execution.message) == (ExecutionStatus.CANCELLED, "cancelled by alice")
    rows = {(one.name, one.qid): one for one in bench.list_results(execution.execution_id)}
    assert {key: str(one.status) for key, one in rows.items()} == {
        ("Measure", "0"): "completed",
        ("Slow", "0"): "cancelled",
        ("Measure", "1"): "cancelled",
        ("Slow", "1"): "cancelled",
    }
    assert rows["Slow", "0"].raw_data_path, "what there was so far is kept"
    assert all(one.end_at is not None and (one.message or one.status == "completed") for one in rows.values())
    assert bench.repositories.of(ExecutionLockRepository).list_by_project(PROJECT) == []


def test_a_run_in_another_thread_stops_behind_the_present_task(make_bench: MakeBench) -> None:
    """Signals reach the main thread only; a notebook's thread checks between tasks."""
    made: list[Bench] = []
    bench = make_bench(make_task(), make_cooperating_task(made))
    made.append(bench)
    raised: list[BaseException] = []

    def run() -> None:
        session = bench.start_session()
        tasks = [session.plan_task(name) for name in ("Slow", "Measure")]
        try:
            session.run_plan(Plan(tasks, [["0"], ["1"]]))
        except CancelledError as error:
            raised.append(error)
            session.cancel()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(PATIENCE_S)
    (execution,) = bench.qdash.get(EXECUTIONS).newest(ADMIN)
    assert [str(error) for error in raised] == [make_message(execution.execution_id)]
    assert (execution.status, execution.message) == (ExecutionStatus.CANCELLED, "cancelled by alice")
    rows = bench.list_results(execution.execution_id)
    assert {str(one.status) for one in rows} == {"cancelled"}
    assert [one.name for one in rows if one.raw_data_path] == ["Slow"], "what it gave when it was told"


@pytest.mark.every_store
@pytest.mark.parametrize("end", ["fail", "complete"])
def test_cancelled_wins_over_failed(make_bench: MakeBench, end: str) -> None:
    bench = make_bench(make_task(run=make_raising(OSError("cut off"))))
    session = bench.start_session()
    session.run_task("Measure", "0")
    request_cancel(bench, session.execution.execution_id)
    if end == "fail":
        session.fail("cut off")
    else:
        with pytest.raises(CancelledError, match="cancelled by alice"):
            session.complete()
    ended = bench.get_last_execution()
    assert (ended.status, ended.message) == (ExecutionStatus.CANCELLED, "cancelled by alice")


def test_what_was_completed_before_it_could_be_cancelled_is_completed(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    session = bench.start_session()
    session.run_task("Measure", "0")
    requested = request_cancel(bench, session.execution.execution_id)
    assert requested.cancel_request is not None
    assert request_cancel(bench, requested.execution_id, "bob").cancel_request == requested.cancel_request, (
        "the first counts"
    )
    ended = session.complete()
    assert ended.status is ExecutionStatus.COMPLETED
    assert ended.cancel_request == requested.cancel_request, "the end does not undo what others wrote"


def test_only_what_goes_on_can_be_cancelled(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    execution_id = bench.run().execution_id
    with pytest.raises(IllegalTransitionError, match="is completed: there is nothing to cancel"):
        request_cancel(bench, execution_id)
    with pytest.raises(NotFoundError, match="20200101-000"):
        request_cancel(bench, "20200101-000")


@pytest.mark.every_store
def test_what_waits_for_a_worker_is_cancelled_at_once(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    waiting = ExecutionModel(
        project_id=PROJECT, username="admin", name="nightly", execution_id="20260101-000", chip_id="chip"
    )
    bench.repositories.of(ExecutionRepository).add(waiting)
    cancelled = request_cancel(bench, "20260101-000")
    assert cancelled == bench.get_execution("20260101-000")
    assert (cancelled.status, cancelled.message) == (ExecutionStatus.CANCELLED, "cancelled by alice")
    assert cancelled.end_at is not None


def test_a_resumed_run_is_not_cancelled_by_an_old_request(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    session = bench.start_session()
    request_cancel(bench, session.execution.execution_id)
    execution_id = session.fail("").execution_id
    session = bench.start_session(resume=True, execution_id=execution_id)
    session.run_task("Measure", "0")
    assert session.complete().status is ExecutionStatus.COMPLETED


# ---------------------------------------------------------------------------------------------- of a notebook or script


def test_an_idle_notebook_is_cancelled_at_once_and_its_next_call_says_so(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    cal, steps = bench.make_service(), [CustomOneQubit(["Measure"])]
    cal.run(QubitTargets(["0"]), steps)
    execution_id = cal.execution.execution_id
    ended = cancel_execution(bench.qdash, PROJECT, execution_id, "alice")
    assert (ended.status, ended.tasks) == (ExecutionStatus.CANCELLED, {"completed": 1})
    wait_until(
        lambda: not bench.repositories.of(ExecutionLockRepository).list_by_project(PROJECT),
        what="the instrument is free",
    )
    for _ in range(2):
        with pytest.raises(CancelledError) as raised:
            cal.run(QubitTargets(["1"]), steps)
        assert str(raised.value) == make_message(execution_id)
    with pytest.raises(CancelledError):
        cal.finish_calibration()
    assert bench.get_execution(execution_id) == ended, "nothing is recorded after its end"
    assert bench.run().status is TaskStatus.COMPLETED


def test_a_session_that_is_cancelled_between_two_tasks_ends_its_block(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())

    def calibrate() -> None:
        with CalibOrchestrator(CalibConfig(username="admin", chip_id=CHIP), bench.qdash) as session:
            session.run_task("Measure", "0")
            cancel_execution(bench.qdash, PROJECT, session.execution.execution_id, "alice")
            session.run_task("Measure", "1")

    with pytest.raises(CancelledError, match="cancelled by alice"):
        calibrate()
    assert bench.get_last_execution().status is ExecutionStatus.CANCELLED


def test_a_cancelled_run_of_a_notebook_is_over_when_its_call_returns(make_bench: MakeBench) -> None:
    made: list[Bench] = []
    bench = make_bench(make_cooperating_task(made))
    made.append(bench)
    cal = bench.make_service()
    with pytest.raises(CancelledError):
        cal.run(QubitTargets(["0"]), [CustomOneQubit(["Slow"])])
    assert bench.get_last_execution().status is ExecutionStatus.CANCELLED
    assert bench.repositories.of(ExecutionLockRepository).list_by_project(PROJECT) == []
    ended = cal.cancel_calibration()
    assert ended == bench.get_last_execution()


# ------------------------------------------------------------------------------------------------ while it is to go on


@pytest.fixture
def bench_and_crew(make_crew: MakeCrew) -> tuple[Bench, Crew]:
    return make_crew(make_task(), make_task("Broken", {}, measure=make_raising(OSError("cable"))))


def make_interrupted_run(bench: Bench, crew: Crew) -> str:
    """Return a run whose worker died, and that is queued to be resumed."""
    run = crew.submit()
    crew.begin_and_die(crew.register(), run)
    bench.qdash.get(RUNS).queue.sweep()
    assert bench.get_execution(run).reason is EndReason.INTERRUPTED
    assert crew.get_entry(run).resume
    return run


def test_what_was_interrupted_and_waits_to_be_resumed_is_cancelled(
    bench_and_crew: tuple[Bench, Crew],
) -> None:
    bench, crew = bench_and_crew
    run = make_interrupted_run(bench, crew)
    cancelled = bench.qdash.get(RUNS).cancel(ADMIN, run, wait=False)
    assert (cancelled.status, cancelled.message) == (ExecutionStatus.CANCELLED, "cancelled by admin")
    assert [one.reason for one in cancelled.attempts] == [EndReason.INTERRUPTED], "how it ended stays"
    assert bench.repositories.of(QueueRepository).list_all() == []
    kinds = [one.kind for one in bench.list_events() if one.kind.startswith("execution.")]
    assert kinds[-2:] == ["execution.failed", "execution.cancelled"]


@pytest.mark.every_store
def test_a_process_that_had_claimed_it_does_not_resume_what_was_cancelled(
    bench_and_crew: tuple[Bench, Crew],
) -> None:
    """The cancellation comes between a worker's query of the queue and the transaction that would start its
    process.
    """
    bench, crew = bench_and_crew
    run, worker = make_interrupted_run(bench, crew), crew.register()
    assert crew.claim(worker, run)
    bench.qdash.get(RUNS).cancel(ADMIN, run, wait=False)
    with pytest.raises(IllegalTransitionError, match="was cancelled by admin: only a person resumes it"):
        crew.begin(run)
    with pytest.raises(KeyboardInterrupt):
        crew.perform(run)
    bench.qdash.get(RUNS).queue.conclude(PROJECT, run, died=False, refusal="it was cancelled")
    assert bench.repositories.of(QueueRepository).list_all() == []
    assert len(bench.get_execution(run).attempts) == 1


@pytest.mark.every_store
def test_a_cancel_whose_process_dies_before_it_looks_is_not_resumed(
    bench_and_crew: tuple[Bench, Crew],
) -> None:
    bench, crew = bench_and_crew
    run, worker = crew.submit(), crew.register()
    assert crew.claim(worker, run)
    crew.begin(run)
    (lock,) = bench.repositories.of(ExecutionLockRepository).list_all()
    bench.repositories.of(ExecutionLockRepository).put(lock.model_copy(update={"host": "elsewhere"}))
    assert bench.qdash.get(RUNS).cancel(ADMIN, run, wait=False).status is ExecutionStatus.RUNNING
    bench.repositories.of(ExecutionLockRepository).remove(lock.hold)
    crew.kill(worker)
    bench.qdash.get(RUNS).queue.sweep()
    assert bench.get_execution(run).status is ExecutionStatus.CANCELLED
    assert bench.repositories.of(QueueRepository).list_all() == []


@pytest.mark.parametrize("how", ["queued", "a program"])
def test_only_a_person_resumes_what_was_cancelled(bench_and_crew: tuple[Bench, Crew], how: str) -> None:
    bench, crew = bench_and_crew
    run = make_interrupted_run(bench, crew)
    bench.qdash.get(RUNS).cancel(ADMIN, run, wait=False)
    if how == "queued":
        bench.qdash.get(RUNS).submissions.submit_resume(ADMIN, run)
        assert crew.claim(crew.register(), run)
        ended = crew.perform(run)
    else:
        session = bench.start_session(resume=True, execution_id=run)
        session.run_task("Measure", "0")
        ended = session.complete()
    assert (ended.status, ended.cancel_request) == (ExecutionStatus.COMPLETED, None)
    request = ended.attempts[-1].resume_request
    assert request is not None
    assert request.username == "admin"


def test_a_resume_that_a_person_asked_for_is_cancelled_and_taken_back_by_its_removal(
    bench_and_crew: tuple[Bench, Crew],
) -> None:
    bench, crew = bench_and_crew
    failed = crew.submit(flow="Broken")
    assert crew.claim(crew.register(), failed)
    crew.perform(failed)
    bench.qdash.get(RUNS).queue.conclude(PROJECT, failed, died=False)
    bench.qdash.get(RUNS).submissions.submit_resume(ADMIN, failed)
    assert bench.qdash.get(RUNS).cancel(ADMIN, failed, wait=False).status is ExecutionStatus.CANCELLED
    assert bench.get_execution(failed).is_cancel_in_force
    bench.qdash.get(RUNS).submissions.submit_resume(ADMIN, failed)
    assert not bench.get_execution(failed).is_cancel_in_force
    bench.qdash.get(QUEUE).remove(ADMIN, failed)
    assert bench.get_execution(failed).is_cancel_in_force
    with pytest.raises(IllegalTransitionError, match="is cancelled: there is nothing to cancel"):
        bench.qdash.get(RUNS).cancel(ADMIN, failed, wait=False)


@pytest.mark.parametrize("held", [False, True])
def test_what_failed_and_nobody_resumes_cannot_be_cancelled_and_what_is_held_can(
    bench_and_crew: tuple[Bench, Crew], held: bool
) -> None:
    bench, crew = bench_and_crew
    run = make_interrupted_run(bench, crew)
    if held:
        bench.qdash.get(QUEUE).hold(ADMIN, run)
        assert bench.qdash.get(RUNS).cancel(ADMIN, run, wait=False).status is ExecutionStatus.CANCELLED
        return
    bench.qdash.get(QUEUE).remove(ADMIN, run)
    with pytest.raises(IllegalTransitionError, match="is failed: there is nothing to cancel"):
        bench.qdash.get(RUNS).cancel(ADMIN, run, wait=False)


def test_an_entry_that_was_left_of_a_cancelled_run_is_not_put_back(
    bench_and_crew: tuple[Bench, Crew],
) -> None:
    bench, crew = bench_and_crew
    run, worker = crew.submit(), crew.register()
    assert crew.claim(worker, run)
    left = crew.get_entry(run)
    bench.qdash.get(RUNS).cancel(ADMIN, run, wait=False)
    bench.repositories.of(QueueRepository).put(left)
    crew.kill(worker)
    bench.qdash.get(RUNS).queue.sweep()
    assert bench.repositories.of(QueueRepository).list_all() == []


def test_a_run_cancelled_while_it_waits_for_prefect_is_not_put_back_when_its_worker_dies(
    bench_and_crew: tuple[Bench, Crew],
) -> None:
    bench, crew = bench_and_crew
    run, worker = crew.submit(), crew.register()
    assert crew.claim(worker, run)
    bench.qdash.external_transitions.cancel_scheduled(PROJECT, run, "cancelled")
    crew.kill(worker)
    bench.qdash.get(RUNS).queue.sweep()
    assert bench.repositories.of(QueueRepository).list_all() == []
    assert bench.get_execution(run).status is ExecutionStatus.CANCELLED


# --------------------------------------------------------------------------------------------------------- from outside


def cut(bench: Bench) -> CalibOrchestrator:
    session = bench.start_session()
    tasks = [session.plan_task(name) for name in ("Measure", "Endless")]
    with pytest.raises(KeyboardInterrupt):
        session.run_plan(Plan(tasks, [["0"], ["1"]]))
    return session


def test_from_outside_what_is_open_is_cancelled_and_what_ended_stays(make_bench: MakeBench) -> None:
    def measure(one: Any, _backend: object) -> None:
        one.context.partial(SIGNAL)
        raise KeyboardInterrupt

    bench = make_bench(make_task(), make_task("Endless", {}, measure=measure))
    session = cut(bench)
    execution_id = session.execution.execution_id
    done = [one for one in bench.list_results(execution_id) if one.status.terminal]
    cancelled = bench.qdash.external_transitions.cancel_from_outside(
        PROJECT, execution_id, "the worker was killed"
    )
    assert cancelled == bench.get_execution(execution_id)
    assert (cancelled.status, cancelled.message) == (ExecutionStatus.CANCELLED, "the worker was killed")
    assert cancelled.tasks == {"completed": 1, "cancelled": 3}
    rows = bench.list_results(execution_id)
    assert [one for one in rows if one.status == "completed"] == done
    assert all(one.end_at is not None for one in rows)
    assert [one.raw_data_path for one in rows if one.status == "cancelled" and one.start_at] == [
        [one.raw_data_file for one in rows if one.status == "cancelled" and one.start_at]
    ]
    assert bench.repositories.of(ExecutionLockRepository).list_by_project(PROJECT) == []
    assert bench.list_events()[-1].kind == "execution.cancelled"

    again = bench.qdash.external_transitions.cancel_from_outside(PROJECT, execution_id, "once more")
    assert again == cancelled, "what has ended stays as it is"


@pytest.mark.every_store
def test_a_late_worker_cannot_write_over_what_was_cancelled_from_outside(make_bench: MakeBench) -> None:
    made: list[Bench] = []

    def measure(one: Any, _backend: object) -> object:
        made[0].qdash.external_transitions.cancel_from_outside(PROJECT, one.context.execution_id)
        return SIGNAL

    bench = make_bench(make_task(measure=measure))
    made.append(bench)
    session = bench.start_session()
    with pytest.raises(CancelledError, match="was cancelled and has ended"):
        session.run_task("Measure", "0")
    seen = bench.qdash.get(EXECUTIONS).show(ADMIN, session.execution.execution_id)
    seq = bench.list_events()[-1].seq
    assert session.fail("the lock was lost") == seen[0]
    assert bench.qdash.get(EXECUTIONS).show(ADMIN, seen[0].execution_id) == seen
    assert seen[0].status is ExecutionStatus.CANCELLED
    assert [str(one.status) for one in seen[1]] == ["cancelled"]
    assert bench.get_value() is None
    assert bench.list_events(seq) == []
