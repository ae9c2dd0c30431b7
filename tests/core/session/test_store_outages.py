"""Store outages in a run: the run waits and loses nothing, or it stops and can be resumed."""

from __future__ import annotations

import logging
import signal
import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core import Parameter, StoreError
from qdash_core.errors import StoreUnavailableError
from qdash_core.flows.steps import CustomOneQubit, FilterByStatus
from qdash_core.flows.targets import QubitTargets
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.task import TaskStatus
from qdash_core.repositories import retry
from qdash_core.repositories.executions import ExecutionLockRepository
from qdash_core.repositories.retry import StoreRetry
from qdash_core.repositories.store import Store
from qdash_core.runs.performance import run_to_end
from qdash_core.session.running_flow import RunningFlow, set_current_flow

from ...access import ADMIN
from ..bench import PROJECT, Bench, make_backend, make_task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Self

    from qdash_core.hooks.flows import Step
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.repositories.store import Snapshot, Transaction

    from ..conftest import MakeBench

pytestmark = pytest.mark.parametrize("store_url", ["memory"], indirect=True)

QIDS = ("0", "2")
NAMES = ("Measure", "Second")


class FaultyStore(Store):
    """A store that fails on request in the thread of the run; its background helpers are unaffected.

    Parameters
    ----------
    inner : Store
        The working store.
    """

    def __init__(self, inner: Store) -> None:
        self.inner = inner
        self.calls = 0
        self.away: Callable[[int], bool] = lambda _call: False
        """Condition on the number of a call: it fails without effect."""
        self.deaf: Callable[[int], bool] = lambda _call: False
        """Condition on the number of a call: it succeeds, but its response is lost."""

    @classmethod
    def open(cls, url: str) -> Self:
        raise NotImplementedError

    @contextmanager
    def read(self) -> Iterator[Snapshot]:
        self._count_call()
        with self.inner.read() as snapshot:
            yield snapshot

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[Transaction]:
        call = self._count_call()
        with self.inner.transaction(durable=durable) as transaction:
            yield transaction
        if self.deaf(call):
            raise StoreUnavailableError("the answer was lost")

    def close(self) -> None:
        self.inner.close()

    def _count_call(self) -> int:
        if threading.current_thread().daemon:
            return -1
        self.calls += 1
        if self.away(self.calls):
            raise StoreUnavailableError("nobody answers")
        return self.calls


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries almost without delay."""
    monkeypatch.setattr(retry, "FIRST_PAUSE_S", 0.001)


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    made = make_bench(make_task(), make_task("Second", {"t2": Parameter(1.0, 0.1, "us")}, needs=["t1"]))
    return Bench(replace(made.qdash, store=FaultyStore(made.qdash.store)))


def store_of(bench: Bench) -> FaultyStore:
    assert isinstance(bench.qdash.store, FaultyStore)
    return bench.qdash.store


def calibrate(bench: Bench, **identity: Any) -> ExecutionModel:
    """Run two tasks on two qubits, with a filter between them."""
    steps: list[Step] = [
        CustomOneQubit(["Measure"]),
        FilterByStatus(["pending", "calibrated"]),
        CustomOneQubit(["Second"]),
    ]
    with set_current_flow(RunningFlow(**identity)):
        return run_to_end(bench.make_service(), QubitTargets(list(QIDS)), steps)


def number_of_calls(bench: Bench) -> int:
    calibrate(bench)
    calls, store_of(bench).calls = store_of(bench).calls, 0
    return calls


def require_whole(bench: Bench, execution: ExecutionModel) -> None:
    """Check that all results are stored, and none twice."""
    assert execution.status is ExecutionStatus.COMPLETED
    assert execution.tasks == {"completed": len(QIDS) * len(NAMES)}
    results = bench.list_results(execution.execution_id)
    assert sorted((one.name, one.qid) for one in results) == [(name, qid) for name in NAMES for qid in QIDS]
    told = [
        one.task_id
        for one in bench.list_events()
        if one.execution_id == execution.execution_id and one.task_id
    ]
    assert told == [one.task_id for one in sorted(results, key=lambda one: one.end_at or one.updated_at)]
    assert bench.repositories.of(ExecutionLockRepository).list_by_project(PROJECT) == []


@pytest.mark.parametrize("step", [3, pytest.param(1, marks=pytest.mark.release)])
def test_an_outage_at_any_moment_is_waited_for(bench: Bench, step: int) -> None:
    """Each lasts for three calls."""
    store = store_of(bench)
    for moment in range(1, number_of_calls(bench) + 1, step):
        store.calls = 0
        store.away = range(moment, moment + 3).__contains__
        execution = calibrate(bench)
        store.away = lambda _call: False
        require_whole(bench, execution)


@pytest.mark.parametrize("step", [4, pytest.param(1, marks=pytest.mark.release)])
def test_answers_that_are_lost_at_any_moment_leave_nothing_twice(bench: Bench, step: int) -> None:
    store = store_of(bench)
    for moment in range(1, number_of_calls(bench) + 1, step):
        store.calls = 0
        store.deaf = {moment}.__contains__
        execution = calibrate(bench)
        store.deaf = lambda _call: False
        require_whole(bench, execution)


def test_waiting_is_told_once_as_it_begins_and_once_as_it_ends(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    calls = number_of_calls(bench)
    store_of(bench).away = range(calls // 2, calls // 2 + 5).__contains__
    with caplog.at_level(logging.WARNING, logger=retry.__name__):
        calibrate(bench)
    assert [record.getMessage() for record in caplog.records if record.name == retry.__name__] == [
        "the store is away: nobody answers; waiting for it, 300 s at most",
        "the store is back after 0 s",
    ]


def test_lanes_wait_together(make_bench: MakeBench, caplog: pytest.LogCaptureFixture) -> None:
    """Every lane keeps its own result until it can be written."""
    measured = threading.Barrier(3)
    away = threading.Event()

    def measure(*_: Any) -> None:
        measured.wait(timeout=60)
        away.set()

    made = make_bench(make_task(measure=measure), backends=[make_backend(max_parallel=None)])
    bench = Bench(replace(made.qdash, store=FaultyStore(made.qdash.store)))
    refused: list[int] = []

    def is_away(call: int) -> bool:
        if away.is_set() and len(refused) < 20:
            refused.append(call)
            return True
        return False

    store_of(bench).away = is_away
    with caplog.at_level(logging.WARNING, logger=retry.__name__):
        execution = run_to_end(
            bench.make_service(), QubitTargets(["0", "2", "4"]), [CustomOneQubit(["Measure"])]
        )
    assert execution.tasks == {"completed": 3}
    assert len([record for record in caplog.records if record.name == retry.__name__]) == 2


def set_time_limit(bench: Bench, seconds: float) -> Bench:
    settings = bench.qdash.settings.model_copy(update={"store_patience_s": seconds})
    return Bench(replace(bench.qdash, settings=settings))


def test_a_store_that_stays_away_stops_the_run_which_can_be_resumed(bench: Bench) -> None:
    bench = set_time_limit(bench, 0.05)
    store = store_of(bench)
    hardware = bench.qdash.registry.backend("bench").calls  # type: ignore[attr-defined]
    calls = number_of_calls(bench)
    store.away = lambda call: call > calls // 2
    hardware.clear()
    with pytest.raises(StoreUnavailableError) as stopped:
        calibrate(bench)
    assert hardware == ["connect", "disconnect"]

    store.away = lambda _call: False
    left = bench.qdash.get(EXECUTIONS).newest(ADMIN)[0]
    said = f"waited for 0.05 s: when it is back, `qdash executions resume {left.execution_id}` goes on"
    assert str(stopped.value).endswith(said)
    assert left.status is ExecutionStatus.RUNNING
    done = [
        one.task_id for one in bench.list_results(left.execution_id) if one.status is TaskStatus.COMPLETED
    ]

    finished = calibrate(bench, resumed=left.execution_id)
    assert (finished.execution_id, finished.status) == (left.execution_id, ExecutionStatus.COMPLETED)
    assert finished.tasks == {"completed": len(QIDS) * len(NAMES)}
    results = bench.list_results(left.execution_id)
    assert set(done) <= {one.task_id for one in results if one.status is TaskStatus.COMPLETED}


def test_ctrl_c_while_waiting_stops_the_run_and_says_that_the_record_is_open(bench: Bench) -> None:
    store = store_of(bench)
    calls = number_of_calls(bench)
    hardware = bench.qdash.registry.backend("bench").calls  # type: ignore[attr-defined]
    hardware.clear()
    interrupted: list[int] = []

    def is_away(call: int) -> bool:
        if call > calls // 2 + 3 and not interrupted:
            interrupted.append(call)
            signal.raise_signal(signal.SIGINT)
        return call > calls // 2

    store.away = is_away
    with pytest.raises(
        StoreUnavailableError, match="the record stays as it is: when it is back, `qdash executions"
    ):
        calibrate(bench)
    assert interrupted
    assert hardware == ["connect", "disconnect"]
    store.away = lambda _call: False
    assert calibrate(bench).status is ExecutionStatus.COMPLETED
    assert {one.status for one in bench.qdash.get(EXECUTIONS).newest(ADMIN)} == {
        ExecutionStatus.COMPLETED,
        ExecutionStatus.FAILED,
    }


def test_a_cancelled_run_does_not_wait(bench: Bench) -> None:
    cancelled = threading.Event()
    cancelled.set()
    tries: list[int] = []

    def work() -> None:
        tries.append(1)
        raise StoreUnavailableError("nobody answers")

    with pytest.raises(StoreUnavailableError, match="nobody answers"):
        StoreRetry(300.0, cancelled=cancelled)(work)
    assert len(tries) == 1


def test_what_waiting_does_not_help_is_raised_at_once(bench: Bench) -> None:
    def work() -> None:
        raise StoreError("it is no database")

    with pytest.raises(StoreError, match="no database"):
        StoreRetry(300.0)(work)


def test_a_run_without_patience_is_told_at_once_how_to_go_on(bench: Bench) -> None:
    bench = set_time_limit(bench, 0.0)
    calls = number_of_calls(bench)
    store_of(bench).away = lambda call: call > calls // 2
    with pytest.raises(StoreUnavailableError, match="qdash executions resume"):
        calibrate(bench)
