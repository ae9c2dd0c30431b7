"""Sessions in flows of Prefect that a user's own program calls; tests/prefect/test_called_flows.py has a real server."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from contextvars import Token
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from qdash_core.hooks.manager import Registry
from qdash_core.models.execution import ExecutionStatus
from qdash_core.repositories.executions import ExecutionLockRepository
from qdash_core.runs.feature import EXECUTIONS
from qdash_core.session.calling_flow_runs import PREFECT_USER
from qdash_core.session.running_flow import RunningFlow, set_current_flow

from ...access import ADMIN
from ..bench import PROJECT, make_task
from ..runs.crew import make_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.tasks.base import BaseTask

    from ..conftest import MakeBench


class Prefect:
    """Stand-in for Prefect's contexts of running flows."""

    def __init__(self) -> None:
        self.innermost: Any = None

    def get(self) -> Any:
        return self.innermost

    @contextmanager
    def run(self, flow_run_id: str, *, detached: bool = False) -> Iterator[None]:
        """Open a block that runs in a flow run."""
        before = self.innermost
        token = SimpleNamespace(old_value=before or Token.MISSING)
        flow_run = SimpleNamespace(id=flow_run_id)
        self.innermost = SimpleNamespace(flow_run=flow_run, detached=detached, _token=token)
        try:
            yield
        finally:
            self.innermost = before


@pytest.fixture
def prefect(monkeypatch: pytest.MonkeyPatch) -> Iterator[Prefect]:
    """Prefect, imported by a user's own program."""
    monkeypatch.delenv("PREFECT__FLOW_RUN_ID", raising=False)
    module, contexts = ModuleType("prefect.context"), Prefect()
    module.FlowRunContext = contexts  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "prefect.context", module)
    with set_current_flow(RunningFlow()):
        yield contexts


def list_ids(*sessions: Any) -> list[tuple[Any, ...]]:
    executions = [session.execution for session in sessions]
    return [(one.flow_run_id, one.brought_as, one.note["flow_run_id"], one.session) for one in executions]


def test_a_session_outside_of_prefect_has_its_own_id(make_bench: MakeBench, prefect: Prefect) -> None:
    assert prefect.get() is None
    session = make_bench(make_task()).start_session()
    ((own, brought_as, noted, _),) = list_ids(session)
    assert (brought_as, noted) == (None, own)
    session.complete()


def test_a_session_records_its_flow_run_and_the_one_that_called_it(
    make_bench: MakeBench, prefect: Prefect
) -> None:
    bench = make_bench(make_task())
    made = []
    with prefect.run("calling"):
        for called in ("first", "second"):
            with prefect.run(called):
                session = bench.start_session()
                assert list_ids(session) == [("calling", called, called, len(made))]
                made.append(session.complete().execution_id)
    find = bench.qdash.record.find_by_flow_run_id
    assert [one.execution_id for one in find("calling", PROJECT)] == made
    assert [one.execution_id for one in find("first", PROJECT)] == made[:1]
    resolve_id = bench.qdash.get(EXECUTIONS).resolve_id
    assert [resolve_id(ADMIN, one) for one in ("first", "second", "calling")] == [*made, made[1]]


def test_a_flow_in_another_process_does_not_count_as_calling(make_bench: MakeBench, prefect: Prefect) -> None:
    with prefect.run("elsewhere"), prefect.run("remote", detached=True):
        session = make_bench(make_task()).start_session()
        assert list_ids(session) == [("remote", "remote", "remote", 0)]
        session.complete()


def test_the_flow_run_of_the_environment_is_recorded_without_a_context(
    make_bench: MakeBench, prefect: Prefect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT__FLOW_RUN_ID", "served")
    bench = make_bench(make_task())
    session = bench.start_session()
    assert list_ids(session) == [("served", "served", "served", 0)]
    session.complete()
    with prefect.run("called"):
        session = bench.start_session()
        assert list_ids(session) == [("served", "called", "called", 1)]
        session.complete()


def test_a_requested_run_keeps_its_id(make_bench: MakeBench, prefect: Prefect) -> None:
    bench = make_bench(make_task())
    identity = RunningFlow(request=make_request())
    with prefect.run("of its worker"), set_current_flow(identity):
        session = bench.start_session()
        assert list_ids(session) == [(identity.flow_run_id, None, identity.flow_run_id, 0)]
        session.complete()


def test_flows_called_one_after_the_other_are_told_apart(make_bench: MakeBench, prefect: Prefect) -> None:
    bench = make_bench(make_task())
    with prefect.run("first"):
        first = bench.start_session().fail("cable").execution_id
    with prefect.run("second"):
        session = bench.start_session()
        assert list_ids(session) == [("second", "second", "second", 0)]
        session.complete()
    alone = bench.start_session()
    ((own, brought_as, _, _),) = list_ids(alone)
    assert (own in ("first", "second"), brought_as) == (False, None)
    alone.complete()

    with set_current_flow(RunningFlow(resumed=first)):
        with prefect.run("again"):
            session = bench.start_session()
            assert list_ids(session) == [("first", "again", "again", 0)]
            assert session.complete().execution_id == first
        with prefect.run("another"):
            session = bench.start_session()
            assert session.complete().execution_id != first, "only the first flow resumes"
    assert bench.qdash.get(EXECUTIONS).resolve_id(ADMIN, "again") == first


class Watch:
    """Runner whose service can cancel flows, and its only watch."""

    name = "watching"

    def __init__(self) -> None:
        self.contexts: list[str] = []
        self.ended: list[bool] = []
        self.cancel: Callable[[], None] = lambda: None
        self.end_cancelled: Callable[[], object] = lambda: None

    def watch(self, contexts: Any, record_cancel: Any, end_cancelled: Any) -> Watch:
        self.contexts = [one.flow_run.id for one in contexts]
        self.cancel, self.end_cancelled = record_cancel, end_cancelled
        return self

    def end(self, *, cancelled: bool) -> None:
        self.ended.append(cancelled)


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    watch = Watch()
    monkeypatch.setattr(Registry, "runners", lambda _: {"watching": watch, "other": object()})
    return watch


def test_a_session_that_its_service_cancels_ends_although_its_flow_does_not_end_it(
    make_bench: MakeBench, prefect: Prefect, watch: Watch
) -> None:
    def run(task: BaseTask, _backend: object) -> None:
        watch.cancel()
        while not task.context.cancelled:
            pass

    bench = make_bench(make_task(run=run))
    with prefect.run("calling"), prefect.run("called"):
        session = bench.start_session()
        with pytest.raises(KeyboardInterrupt):
            session.run_task("Measure", "0")
    assert (watch.contexts, watch.ended) == (["called", "calling"], [True])
    ended = bench.get_execution(session.execution.execution_id)
    assert (ended.status, ended.message) == (ExecutionStatus.CANCELLED, f"cancelled by {PREFECT_USER}")
    assert bench.repositories.of(ExecutionLockRepository).list_by_project(PROJECT) == []
    assert session.cancel() == ended, "the flow may end it as well"
    watch.cancel()
    assert bench.get_execution(ended.execution_id).status is ExecutionStatus.CANCELLED


def test_a_flow_that_ends_without_its_session_has_it_ended(
    make_bench: MakeBench, prefect: Prefect, watch: Watch
) -> None:
    bench = make_bench(make_task())
    with prefect.run("called"):
        session = bench.start_session()
        execution_id = session.execution.execution_id
        session.run_task("Measure", "0")
        watch.end_cancelled()
    assert watch.ended == [False]
    assert bench.get_execution(execution_id).status is ExecutionStatus.CANCELLED


def test_a_completed_session_ends_its_watch(make_bench: MakeBench, prefect: Prefect, watch: Watch) -> None:
    bench = make_bench(make_task())
    with prefect.run("called"):
        bench.run()
    assert (watch.contexts, watch.ended) == (["called"], [False])


def test_a_requested_run_is_not_watched(make_bench: MakeBench, prefect: Prefect, watch: Watch) -> None:
    bench = make_bench(make_task())
    with prefect.run("of its worker"), set_current_flow(RunningFlow(request=make_request())):
        bench.run()
    assert (watch.contexts, watch.ended) == ([], [])
