"""Runs by workers of a pool: their end as seen by a waiting command, and refusals of a worker."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.record_lookup.newest_executions import list_newest
from qdash_builtin.runs.feature import EXECUTIONS, RUNS
from qdash_builtin.runs.service import RunService
from qdash_core import FlowError, NotFoundError
from qdash_core.hooks.manager import Registry
from qdash_core.models.execution import EndReason, ExecutionStatus
from qdash_core.session.running_flow import RunningFlow, set_current_flow

from ...access import ADMIN
from ...core.bench import PROJECT, make_task
from ...core.runs.crew import make_request, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.models.access import Access
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.runs.worker_context import WorkerContext

    from ...core.bench import Bench
    from ...core.runs.conftest import MakeCrew


def submit_and_follow(bench: Bench, follow: Callable[[ExecutionModel], object]) -> ExecutionModel:
    """Submit a run, and follow it like a command; `follow` is called meanwhile."""

    def follows(_access: Access, execution_id: str, *_: object, **__: object) -> ExecutionModel:
        follow(bench.get_execution(execution_id))
        return bench.get_execution(execution_id)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RunService, "_workers_perform", True)
        patch.setattr(bench.qdash.get(RUNS), "follow", follows)
        return bench.qdash.get(RUNS).run(ADMIN, make_request())


@pytest.mark.every_store
def test_a_run_that_completes_is_returned(make_crew: MakeCrew) -> None:
    bench, crew = make_crew(make_task())
    ended = submit_and_follow(bench, lambda execution: crew.perform(execution.execution_id))
    assert ended.status is ExecutionStatus.COMPLETED


def test_one_in_which_nothing_completed_is_returned_as_it_is(make_crew: MakeCrew) -> None:
    def fail(_task: object, _backend: object) -> None:
        raise RuntimeError("no signal")

    bench, crew = make_crew(make_task(measure=fail))
    ended = submit_and_follow(bench, lambda execution: crew.perform(execution.execution_id))
    assert (ended.status, ended.reason) == (ExecutionStatus.FAILED, EndReason.NOTHING_COMPLETED)


def test_one_that_could_not_begin_is_refused_with_the_words_of_the_record(make_crew: MakeCrew) -> None:
    bench, _ = make_crew(make_task())

    def refuse(execution: ExecutionModel) -> None:
        bench.qdash.external_transitions.refuse(PROJECT, execution.execution_id, "the cryostat is warm")

    with pytest.raises(FlowError, match="the cryostat is warm"):
        submit_and_follow(bench, refuse)


def test_one_that_somebody_cancels_is_said_to_be_cancelled(make_crew: MakeCrew) -> None:
    bench, _ = make_crew(make_task())
    with pytest.raises(KeyboardInterrupt, match="is cancelled"):
        submit_and_follow(
            bench, lambda execution: bench.qdash.get(RUNS).cancel(ADMIN, execution.execution_id)
        )


def test_ctrl_c_cancels_it_wherever_it_is_performed(make_crew: MakeCrew) -> None:
    bench, _ = make_crew(make_task())

    def interrupt(_execution: ExecutionModel) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match="is cancelled"):
        submit_and_follow(bench, interrupt)
    [execution] = list_newest(bench.repositories, PROJECT)
    assert execution.status is ExecutionStatus.CANCELLED
    assert bench.qdash.get(RUNS).queue.view.list_entries() == []


def test_it_is_found_by_the_id_it_was_submitted_with_and_by_that_of_the_flow_run_that_brought_it(
    make_crew: MakeCrew,
) -> None:
    bench, crew = make_crew(make_task())
    own: list[str] = []

    def brought(execution: ExecutionModel) -> None:
        own.append(execution.flow_run_id or "")
        bench.qdash.external_transitions.record_flow_run_id(PROJECT, execution.execution_id, "given back")
        bench.qdash.external_transitions.record_flow_run_id(PROJECT, execution.execution_id, "brought")
        crew.perform(execution.execution_id)

    ended = submit_and_follow(bench, brought)
    assert [ended.flow_run_id, ended.note["flow_run_id"]] == own * 2
    executions = bench.qdash.get(EXECUTIONS)
    assert {executions.require_id(ADMIN, each) for each in (*own, "brought")} == {ended.execution_id}
    with pytest.raises(NotFoundError):
        executions.require_id(ADMIN, "given back")

    bench.qdash.external_transitions.record_flow_run_id(PROJECT, ended.execution_id, "brought again")
    assert executions.require_id(ADMIN, "brought again") == ended.execution_id


def test_all_sessions_of_a_flow_are_found_by_the_flow_run_that_brought_one_of_them(
    make_crew: MakeCrew,
) -> None:
    bench, _ = make_crew(make_task())
    identity = RunningFlow(request=make_request())
    made = []
    with set_current_flow(identity):
        for _ in range(2):
            session = bench.start_session()
            made.append(session.execution.execution_id)
            session.cancel()
    bench.qdash.external_transitions.record_flow_run_id(PROJECT, made[1], "brought")
    found = bench.qdash.record.find_by_flow_run_id("brought", PROJECT)
    assert [one.execution_id for one in found] == made


class _Pool:
    """A runner with a pool, which reports when runs could start."""

    def __init__(self) -> None:
        self.open = False
        self.work: WorkerContext | None = None
        self.left = False

    @contextmanager
    def at_work(self, work: WorkerContext) -> Iterator[Callable[[], bool]]:
        self.work = work
        yield lambda: self.open
        self.left = True


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> _Pool:
    """The runner in use, which has a pool."""
    pool = _Pool()
    monkeypatch.setattr(Registry, "runner", lambda _registry, _name: pool)
    return pool


@pytest.mark.every_store
def test_a_worker_claims_nothing_while_its_pool_could_begin_nothing(make_crew: MakeCrew, pool: _Pool) -> None:
    bench, crew = make_crew(make_task())
    execution_id = crew.submit()
    with crew.run_worker():
        wait_until(lambda: pool.work is not None, what="the pool is there")
        other = crew.submit()
        assert crew.get_entry(execution_id).performer == crew.get_entry(other).performer == ""
        pool.open = True
        wait_until(lambda: not bench.qdash.get(RUNS).queue.view.list_entries(), what="both were performed")
    assert bench.get_execution(execution_id).status is ExecutionStatus.COMPLETED
    assert pool.left


@pytest.mark.every_store
def test_the_pool_knows_under_which_name_its_worker_claims(make_crew: MakeCrew, pool: _Pool) -> None:
    bench, crew = make_crew(make_task())
    with crew.run_worker():
        wait_until(bench.qdash.get(RUNS).queue.view.list_workers, what="the worker is there")
        wait_until(lambda: pool.work is not None, what="the pool is there")
        assert pool.work is not None
        [worker] = bench.qdash.get(RUNS).queue.view.list_workers()
        assert pool.work.owner == worker.owner
