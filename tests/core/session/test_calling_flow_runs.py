"""Sessions in flow runs of another service that a user's own program calls; tests/prefect/test_called_flows.py has Prefect."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core.hooks.manager import Registry
from qdash_core.models.execution import ExecutionStatus
from qdash_core.repositories.executions import ExecutionLockRepository
from qdash_core.session.running_flow import RunningFlow, set_current_flow

from ...access import ADMIN
from ..bench import PROJECT, make_task
from ..runs.crew import make_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.tasks.base import BaseTask

    from ..conftest import MakeBench


class Service:
    """Runner whose service runs flows and can cancel them, and its only watch."""

    name = "service"

    def __init__(self) -> None:
        self.running: list[str] = []
        self.watched: list[str] = []
        self.ended: list[bool] = []
        self.cancel: Callable[[], None] = lambda: None
        self.end_cancelled: Callable[[], object] = lambda: None

    @contextmanager
    def run(self, flow_run_id: str) -> Iterator[None]:
        """Open a block that runs in a flow run."""
        self.running.insert(0, flow_run_id)
        try:
            yield
        finally:
            self.running.pop(0)

    def list_flow_run_ids(self) -> list[str]:
        return [*self.running]

    def watch(self, record_cancel: Any, end_cancelled: Any) -> Service | None:
        self.watched = [*self.running]
        self.cancel, self.end_cancelled = record_cancel, end_cancelled
        return self if self.running else None

    def end(self, *, cancelled: bool) -> None:
        self.ended.append(cancelled)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    service = Service()
    monkeypatch.setattr(Registry, "runners", lambda _: {"service": service, "other": object()})
    with set_current_flow(RunningFlow()):
        yield service


def list_ids(*sessions: Any) -> list[tuple[Any, ...]]:
    executions = [session.execution for session in sessions]
    return [(one.flow_run_id, one.brought_as, one.note["flow_run_id"], one.session) for one in executions]


def test_a_session_outside_of_a_service_has_its_own_id(make_bench: MakeBench, service: Service) -> None:
    assert service.running == []
    session = make_bench(make_task()).start_session()
    ((own, brought_as, noted, _),) = list_ids(session)
    assert (brought_as, noted) == (None, own)
    session.complete()


def test_a_session_records_its_flow_run_and_the_one_that_called_it(
    make_bench: MakeBench, service: Service
) -> None:
    bench = make_bench(make_task())
    made = []
    with service.run("calling"):
        for called in ("first", "second"):
            with service.run(called):
                session = bench.start_session()
                assert list_ids(session) == [("calling", called, called, len(made))]
                made.append(session.complete().execution_id)
    find = bench.qdash.record.find_by_flow_run_id
    assert [one.execution_id for one in find("calling", PROJECT)] == made
    assert [one.execution_id for one in find("first", PROJECT)] == made[:1]
    resolve_id = bench.qdash.get(EXECUTIONS).resolve_id
    assert [resolve_id(ADMIN, one) for one in ("first", "second", "calling")] == [*made, made[1]]


def test_a_requested_run_keeps_its_id(make_bench: MakeBench, service: Service) -> None:
    bench = make_bench(make_task())
    identity = RunningFlow(request=make_request())
    with service.run("of its worker"), set_current_flow(identity):
        session = bench.start_session()
        assert list_ids(session) == [(identity.flow_run_id, None, identity.flow_run_id, 0)]
        session.complete()


def test_flows_called_one_after_the_other_are_told_apart(make_bench: MakeBench, service: Service) -> None:
    bench = make_bench(make_task())
    with service.run("first"):
        first = bench.start_session().fail("cable").execution_id
    with service.run("second"):
        session = bench.start_session()
        assert list_ids(session) == [("second", "second", "second", 0)]
        session.complete()
    alone = bench.start_session()
    ((own, brought_as, _, _),) = list_ids(alone)
    assert (own in ("first", "second"), brought_as) == (False, None)
    alone.complete()

    with set_current_flow(RunningFlow(resumed=first)):
        with service.run("again"):
            session = bench.start_session()
            assert list_ids(session) == [("first", "again", "again", 0)]
            assert session.complete().execution_id == first
        with service.run("another"):
            session = bench.start_session()
            assert session.complete().execution_id != first, "only the first flow resumes"
    assert bench.qdash.get(EXECUTIONS).resolve_id(ADMIN, "again") == first


def test_a_session_that_its_service_cancels_ends_although_its_flow_does_not_end_it(
    make_bench: MakeBench, service: Service
) -> None:
    def run(task: BaseTask, _backend: object) -> None:
        service.cancel()
        while not task.context.cancelled:
            pass

    bench = make_bench(make_task(run=run))
    with service.run("calling"), service.run("called"):
        session = bench.start_session()
        with pytest.raises(KeyboardInterrupt):
            session.run_task("Measure", "0")
    assert (service.watched, service.ended) == (["called", "calling"], [True])
    ended = bench.get_execution(session.execution.execution_id)
    assert (ended.status, ended.message) == (ExecutionStatus.CANCELLED, f"cancelled by {service.name}")
    assert bench.repositories.of(ExecutionLockRepository).list_by_project(PROJECT) == []
    assert session.cancel() == ended, "the flow may end it as well"
    service.cancel()
    assert bench.get_execution(ended.execution_id).status is ExecutionStatus.CANCELLED


def test_a_flow_that_ends_without_its_session_has_it_ended(make_bench: MakeBench, service: Service) -> None:
    bench = make_bench(make_task())
    with service.run("called"):
        session = bench.start_session()
        execution_id = session.execution.execution_id
        session.run_task("Measure", "0")
        service.end_cancelled()
    assert service.ended == [False]
    assert bench.get_execution(execution_id).status is ExecutionStatus.CANCELLED


def test_a_completed_session_ends_its_watch(make_bench: MakeBench, service: Service) -> None:
    bench = make_bench(make_task())
    with service.run("called"):
        bench.run()
    assert (service.watched, service.ended) == (["called"], [False])


def test_a_requested_run_is_not_watched(make_bench: MakeBench, service: Service) -> None:
    bench = make_bench(make_task())
    with service.run("of its worker"), set_current_flow(RunningFlow(request=make_request())):
        bench.run()
    assert (service.watched, service.ended) == ([], [])
