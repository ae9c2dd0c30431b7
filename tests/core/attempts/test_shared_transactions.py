"""Results of several threads in one transaction: each whole or absent, and durable when its thread goes on."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qdash_core import ConflictError, LockedError
from qdash_core.attempts.history_recorder import TaskHistoryRecorder
from qdash_core.models.process_marks import LockHold
from qdash_core.models.task import TaskResultModel, TaskStatus
from qdash_core.repositories.results import TaskResultHistoryRepository

from ..bench import CHIP, PROJECT, Bench, make_task

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..conftest import MakeBench

PATIENCE_S = 30.0
EXECUTION = "20260101-000"


class Store:
    """Store whose first durable transaction begins when as many results wait as a test expects."""

    def __init__(self, bench: Bench, expected: int) -> None:
        self._store = bench.qdash.store
        self._all_wait, self._expected = threading.Event(), expected
        self.recorder: TaskHistoryRecorder | None = None
        self.sizes: list[int] = []
        """Number of waiting entries at the beginning of each durable transaction."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[Any]:
        if durable:
            assert self.recorder is not None
            first = not self.sizes
            self.sizes.append(len(self.recorder._waiting))
            while first and len(self.recorder._waiting) < self._expected:
                self._all_wait.wait(0.001)
        with self._store.transaction(durable=durable) as transaction:
            yield transaction


def make_result(name: str, status: TaskStatus = TaskStatus.FAILED) -> TaskResultModel:
    result = TaskResultModel(
        project_id=PROJECT, username="admin", chip_id=CHIP, execution_id=EXECUTION, task_id=str(uuid4()),
        name=name, task_type="qubit", qid="0", status=status, backend="bench",
    )  # fmt: skip
    result.start_at = result.end_at = result.created_at
    result.message = "cable"
    return result


def record_in_threads(
    bench: Bench, groups: Sequence[Sequence[TaskResultModel]], **given: Any
) -> tuple[list[BaseException | None], list[int]]:
    """Record each group of results in a thread; return their errors, and the sizes of the transactions."""
    store: Any = Store(bench, len(groups))
    recorder = TaskHistoryRecorder(store, bench.qdash.zone, **given)
    store.recorder = recorder
    with ThreadPoolExecutor(len(groups)) as threads:
        futures = [threads.submit(recorder.record_outcome, *results) for results in groups]
        errors = [future.exception(PATIENCE_S) for future in futures]
    assert recorder._waiting == []
    return errors, store.sizes


def list_stored(bench: Bench) -> list[str]:
    """Return the names of the stored results; each must have one event."""
    found = sorted(
        one.name
        for one in bench.repositories.of(TaskResultHistoryRepository).list_by_execution(PROJECT, EXECUTION)
    )
    events = sorted(event.data["name"] for event in bench.list_events() if event.kind == "task.failed")
    assert events == found
    return found


@pytest.mark.every_store
def test_results_that_wait_are_recorded_in_one_transaction(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    results = [make_result(f"Task{number}") for number in range(6)]
    errors, sizes = record_in_threads(bench, [[one] for one in results])
    assert errors == [None] * 6
    assert len(sizes) == 2, "the first one, and all that came meanwhile"
    assert list_stored(bench) == [one.name for one in results]


@pytest.mark.every_store
def test_a_lost_lock_is_told_to_every_thread(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    results = [make_result(f"Task{number}") for number in range(3)]
    hold = LockHold(owner="somebody else", instrument="bench")
    errors, _ = record_in_threads(bench, [[one] for one in results], hold=hold)
    assert [type(error) for error in errors] == [LockedError] * 3
    assert list_stored(bench) == []


@settings(
    max_examples=settings().max_examples // 8, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.booleans(), min_size=1, max_size=8))
def test_a_refused_result_fails_its_own_thread_only(
    tmp_path_factory: pytest.TempPathFactory, refused: list[bool]
) -> None:
    folder = tmp_path_factory.mktemp("bench")
    bench = Bench.open(folder, f"sqlite:///{folder}/qdash.db", make_task())
    results = [make_result(f"Task{number}") for number in range(len(refused))]
    taken = [one for one, is_refused in zip(results, refused, strict=True) if is_refused]
    for one in taken:
        other = one.model_copy(update={"message": "of another process", "attempt": 2})
        TaskHistoryRecorder(bench.qdash.store, bench.qdash.zone).record_outcome(other)
    errors, _ = record_in_threads(bench, [[one] for one in results])
    assert [type(error) for error in errors] == [
        ConflictError if is_refused else type(None) for is_refused in refused
    ]
    assert list_stored(bench) == [one.name for one in results]
    assert [bench.get_stored(one).message for one in taken] == ["of another process"] * len(taken)
    bench.qdash.close()


@settings(
    max_examples=settings().max_examples // 8, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.lists(st.booleans(), min_size=1, max_size=3), min_size=1, max_size=4))
def test_a_result_that_no_store_can_hold_is_reduced_to_a_failure_alone(
    tmp_path_factory: pytest.TempPathFactory, storable: list[list[bool]]
) -> None:
    """Whichever results are recorded together with it, in its group or by other threads."""
    folder = tmp_path_factory.mktemp("bench")
    bench = Bench.open(folder, f"sqlite:///{folder}/qdash.db", make_task())
    numbers = count()
    groups = [[make_result(f"Task{next(numbers):02}") for _ in group] for group in storable]
    results = [one for group in groups for one in group]
    broken = [
        one
        for one, can_be in zip(results, [can_be for group in storable for can_be in group], strict=True)
        if not can_be
    ]
    for one in broken:
        one.note = {"text": "\udcff"}

    def strip(result: TaskResultModel, message: str) -> None:
        result.note, result.message = {}, message

    errors, _ = record_in_threads(bench, groups, strip=strip)
    assert errors == [None] * len(groups)
    assert list_stored(bench) == [one.name for one in results]
    reduced = [one.name for one in results if bench.get_stored(one).message != "cable"]
    assert reduced == [one.name for one in broken]
    bench.qdash.close()
