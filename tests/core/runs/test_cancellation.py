"""Cancellation of a run in another process. Real processes are in tests/journeys/test_cancellation.py."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.people.feature import MEMBERS, USERS
from qdash_builtin.runs.feature import EXECUTIONS, RUNS
from qdash_core import IllegalTransitionError, LockedError, NotFoundError
from qdash_core.locks.liveness import get_process_start
from qdash_core.repositories.executions import ExecutionLockRepository
from qdash_core.repositories.queue import QueueRepository
from qdash_core.runs.cancellation import cancel_execution
from qdash_core.session.running_flow import RunningFlow, set_current_flow

from ...access import ADMIN, access_of
from ..bench import PROJECT, make_task
from .crew import Crew, make_request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.models.execution import ExecutionModel

    from ..bench import Bench
    from ..conftest import MakeBench

IMPATIENT = {"cancel_grace_s": 0.0}


def start_locked_execution(bench: Bench, **changes: Any) -> ExecutionModel:
    """Start an execution whose lock is held by another process, which QDash has started for it."""
    with set_current_flow(RunningFlow(request=make_request())):
        session = bench.start_session()
    execution = session.execution
    (lock,) = bench.repositories.of(ExecutionLockRepository).list_by_project(PROJECT)
    bench.repositories.of(ExecutionLockRepository).put(lock.model_copy(update=changes))
    return execution


def cancel_and_check(bench: Bench, execution: ExecutionModel) -> bool:
    ended = cancel_execution(bench.qdash, PROJECT, execution.execution_id, "bob")
    assert bench.repositories.of(ExecutionLockRepository).list_by_project(PROJECT) == []
    return (ended.status, ended.message) == ("cancelled", "cancelled by bob")


@pytest.mark.every_store
def test_what_a_dead_process_left_is_ended_at_once(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    assert cancel_and_check(bench, start_locked_execution(bench, pid=2**22 + 1))


@pytest.mark.every_store
def test_a_number_that_another_process_has_taken_over_is_not_killed(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(), **IMPATIENT)
    with run_sleeping_process() as other:
        assert cancel_and_check(bench, start_locked_execution(bench, pid=other.pid, process_start=-1.0))
        assert other.poll() is None


def test_a_process_that_does_not_answer_is_killed(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(), **IMPATIENT)
    with run_sleeping_process() as other:
        start = get_process_start(other.pid)
        assert cancel_and_check(bench, start_locked_execution(bench, pid=other.pid, process_start=start))
        assert other.wait(30) != 0


def test_a_notebook_that_does_not_answer_is_not_killed_and_keeps_its_instruments(
    make_bench: MakeBench,
) -> None:
    bench = make_bench(make_task(), **IMPATIENT)
    with run_sleeping_process() as other:
        execution = bench.start_session().execution
        (lock,) = bench.repositories.of(ExecutionLockRepository).list_by_project(PROJECT)
        taken = {"pid": other.pid, "process_start": get_process_start(other.pid)}
        bench.repositories.of(ExecutionLockRepository).put(lock.model_copy(update=taken))
        with pytest.raises(
            LockedError, match="the run ends when that task returns, and its instruments stay locked"
        ):
            cancel_execution(bench.qdash, PROJECT, execution.execution_id, "bob")
        assert other.poll() is None
        assert bench.repositories.of(ExecutionLockRepository).list_by_project(PROJECT)
    assert cancel_and_check(bench, execution), "its program has ended"


def test_a_process_of_another_host_that_does_not_answer_is_named(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(), **IMPATIENT)
    execution = start_locked_execution(bench, host="elsewhere", pid=7)
    with pytest.raises(LockedError, match="process 7 on elsewhere, which has not answered"):
        cancel_execution(bench.qdash, PROJECT, execution.execution_id, "bob")
    shown, _ = bench.qdash.get(EXECUTIONS).show(ADMIN, execution.execution_id)
    assert shown.status == "running"
    assert shown.cancel_request is not None, "it ends as soon as it looks"


def test_a_run_of_this_process_is_not_killed_with_it(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(), **IMPATIENT)
    with set_current_flow(RunningFlow(request=make_request())):
        session = bench.start_session()
    with pytest.raises(LockedError, match="is run by this process"):
        cancel_execution(bench.qdash, PROJECT, session.execution.execution_id, "bob")
    assert session.cancel().status == "cancelled"


def test_only_what_has_not_ended_can_be_cancelled(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    execution_id = bench.run().execution_id
    with pytest.raises(IllegalTransitionError, match="is completed: there is nothing to cancel"):
        cancel_execution(bench.qdash, PROJECT, execution_id, "bob")
    with pytest.raises(NotFoundError, match="no execution '20200101-000'"):
        cancel_execution(bench.qdash, PROJECT, "20200101-000", "bob")


def test_who_does_not_wait_asks_and_ends_only_what_nobody_runs(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(), **IMPATIENT)
    runs = bench.qdash.get(RUNS)
    waiting = runs.submissions.submit(ADMIN, make_request()).execution_id
    assert runs.cancel(ADMIN, waiting, wait=False).status == "cancelled"
    assert bench.repositories.of(QueueRepository).list_all() == []
    dead = start_locked_execution(bench, pid=2**22 + 1)
    assert runs.cancel(ADMIN, dead.execution_id, wait=False).status == "cancelled"
    assert bench.repositories.of(ExecutionLockRepository).list_by_project(PROJECT) == []

    session = bench.start_session()
    lives = session.execution.execution_id
    told = runs.cancel(ADMIN, lives, wait=False)
    assert (told.status, told.cancel_request and told.cancel_request.username) == ("running", "admin")
    assert runs.cancel(ADMIN, lives, wait=False) == told, "asked for once"
    assert session.cancel().status == "cancelled"
    with pytest.raises(IllegalTransitionError, match="there is nothing to cancel"):
        runs.cancel(ADMIN, lives, wait=False)


@pytest.mark.parametrize("end", ["disabled", "off-boarded"])
def test_who_is_disabled_has_no_runs_left(make_bench: MakeBench, end: str) -> None:
    bench = make_bench(make_task())
    users, runs, bob = bench.qdash.get(USERS), bench.qdash.get(RUNS), access_of("bob")
    users.create("bob", by="admin")
    bench.qdash.get(MEMBERS).invite(ADMIN, "bob")
    bench.qdash.get(MEMBERS).accept("bob", PROJECT)
    running, waiting, to_go_on = (
        runs.submissions.submit(bob, make_request(username="bob")).execution.execution_id for _ in range(3)
    )
    others = runs.submissions.submit(ADMIN, make_request()).execution_id
    with Crew(bench) as crew:
        worker = crew.register()
        crew.begin_and_die(worker, to_go_on)
        runs.cancel(bob, to_go_on)
        bench.repositories.of(QueueRepository).remove(PROJECT, to_go_on)
        runs.submissions.submit_resume(bob, to_go_on)
        assert crew.claim(worker, running)
        crew.begin(running)
        users.edit("bob", by="admin", full_name="Bob")
        assert len(bench.repositories.of(QueueRepository).list_all()) == 4

        if end == "disabled":
            users.edit("bob", by="admin", disabled=True)
        else:
            users.off_board("bob", by="admin", force=True)
    for execution_id in (running, waiting):
        found = bench.get_execution(execution_id)
        assert (found.status, found.message) == ("cancelled", "cancelled by admin")
    left = [one.execution_id for one in bench.repositories.of(QueueRepository).list_all()]
    assert left == [running, others], "its worker takes out what has run"


@contextmanager
def run_sleeping_process() -> Iterator[subprocess.Popen[bytes]]:
    """Yield a process that does nothing."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        try:
            yield process
        finally:
            process.kill()
