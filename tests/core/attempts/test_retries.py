"""Retries after transient errors: which errors, how often, and the recorded task attempts."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from qdash_core import BackendError, MissingInputError, RawData
from qdash_core.attempts import executor
from qdash_core.attempts.executor import RetryPolicy
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets
from qdash_core.models.task import TaskStatus
from qdash_core.runs.performance import run_to_end

from ..bench import SIGNAL, make_backend, make_raising, make_task

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qdash_core import BaseTask
    from qdash_core.models.task import TaskResultModel

    from ..bench import Bench, BenchBackend
    from ..conftest import MakeBench


class LinkDownError(BackendError):
    """A transient fault of a laboratory."""


LINK_DOWN = LinkDownError("the link is down")


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries almost without delay."""
    monkeypatch.setattr(executor, "FIRST_PAUSE_S", 0.001)


def make_flaky_task() -> type[BenchBackend]:
    return make_backend(transient_errors=(LinkDownError, TimeoutError))


def make_failing_measurement(times: int, error: BaseException = LINK_DOWN) -> Callable[..., Any]:
    """Return a measurement that fails a number of times, then succeeds."""
    left = [times]

    def measure(*_: Any) -> RawData:
        left[0] -= 1
        if left[0] >= 0:
            raise error
        return RawData({"signal": ([float(left[0])], "a.u.")})

    return measure


def run(bench: Bench, *qids: str) -> list[TaskResultModel]:
    """Run `Measure`, and return the results of all attempts, in order."""
    execution = run_to_end(
        bench.make_service(), QubitTargets(list(qids or "0")), [CustomOneQubit(["Measure"])]
    )
    return bench.list_results(execution.execution_id)


@pytest.mark.every_store
def test_a_transient_fault_is_tried_again_and_every_attempt_is_a_row(make_bench: MakeBench) -> None:
    bench = make_bench(
        make_task(retries=3, measure=make_failing_measurement(2)), backends=[make_flaky_task()]
    )
    attempts = run(bench)
    assert [(one.attempt, one.status, one.message) for one in attempts] == [
        (1, TaskStatus.FAILED, "attempt 1 of 4: the link is down; tried again"),
        (2, TaskStatus.FAILED, "attempt 2 of 4: the link is down; tried again"),
        (3, TaskStatus.COMPLETED, ""),
    ]
    assert len({one.node for one in attempts}) == 1
    assert bench.get_value() == 10.0
    kinds = [event.kind for event in bench.list_events() if event.task_id]
    assert kinds == ["task.failed", "task.failed", "task.completed"]


def test_the_last_attempt_says_that_it_was_the_last(make_bench: MakeBench) -> None:
    bench = make_bench(
        make_task(retries=1, measure=make_failing_measurement(9)), backends=[make_flaky_task()]
    )
    calibration = bench.make_service()
    calibration.run(QubitTargets(["0"]), [CustomOneQubit(["Measure"])])
    execution = calibration.finish_calibration()
    assert [one.message for one in bench.list_results(execution.execution_id)] == [
        "attempt 1 of 2: the link is down; tried again",
        "attempt 2 of 2: the link is down",
    ]
    assert execution.tasks == {"failed": 1}


@pytest.mark.parametrize(
    ("error", "retries", "message"),
    [
        (LinkDownError("the link is down"), 0, "the link is down"),
        (BackendError("a cable is loose"), 3, "a cable is loose"),
        (ValueError("no peak"), 3, "run: ValueError: no peak"),
        (MissingInputError("t1 is missing"), 3, "t1 is missing"),
    ],
)
def test_nothing_else_is_tried_again(
    make_bench: MakeBench, error: Exception, retries: int, message: str
) -> None:
    bench = make_bench(
        make_task(retries=retries, measure=make_failing_measurement(1, error)), backends=[make_flaky_task()]
    )
    assert [one.message.partition(" (")[0] for one in run(bench)] == [message]


@pytest.mark.parametrize("stage", ["preprocess", "apply"])
def test_a_fault_before_the_measurement_counts_too(make_bench: MakeBench, stage: str) -> None:
    faulty, kind = make_task(retries=1), make_flaky_task()
    setattr(
        faulty if stage == "preprocess" else kind,
        stage,
        make_failing_measurement(1, TimeoutError("no answer")),
    )
    attempts = run(make_bench(faulty, backends=[kind]))
    assert [one.status for one in attempts] == [TaskStatus.FAILED, TaskStatus.COMPLETED]
    assert attempts[0].message.startswith("attempt 1 of 2: ")
    assert "TimeoutError: no answer" in attempts[0].message


def test_an_analysis_is_not_tried_again(make_bench: MakeBench) -> None:
    bench = make_bench(
        make_task(retries=3, analyse=make_raising(LinkDownError("what?"))), backends=[make_flaky_task()]
    )
    assert [one.message for one in run(bench)] == ["what?"]


def test_each_attempt_keeps_its_own_data(make_bench: MakeBench) -> None:
    chunks = iter([1.0, 2.0])

    def measure(self: BaseTask, _: Any) -> RawData:
        raw = RawData({"signal": ([next(chunks)], "a.u.")})
        self.context.partial(raw)
        if raw["signal"][0] == 1.0:
            raise LinkDownError
        return raw

    bench = make_bench(make_task(retries=1, measure=measure), backends=[make_flaky_task()])
    kept = [bench.qdash.artifacts.load_raw_data(one.raw_data_path[0])["signal"][0] for one in run(bench)]
    assert kept == [1.0, 2.0]


def test_of_a_group_those_that_failed_are_tried_again_together(make_bench: MakeBench) -> None:
    asked: list[list[str]] = []

    def run_group(_: Any, __: Any, tasks: Sequence[BaseTask]) -> list[Any]:
        asked.append([one.context.qid for one in tasks])
        return [
            SIGNAL if one.context.qid == "0" or len(asked) > 1 else LinkDownError("down") for one in tasks
        ]

    grouped = make_task(simultaneous=True, retries=2, run_group=classmethod(run_group))
    attempts = run(make_bench(grouped, backends=[make_flaky_task()]), "0", "2", "4")
    assert asked == [["0", "2", "4"], ["2", "4"]]
    found = sorted((one.qid, one.attempt, one.status) for one in attempts)
    assert found == [
        ("0", 1, TaskStatus.COMPLETED),
        ("2", 1, TaskStatus.FAILED),
        ("2", 2, TaskStatus.COMPLETED),
        ("4", 1, TaskStatus.FAILED),
        ("4", 2, TaskStatus.COMPLETED),
    ]


def test_what_depends_on_it_goes_by_the_last_attempt(make_bench: MakeBench) -> None:
    maker = make_task(retries=1, measure=make_failing_measurement(1))
    bench = make_bench(maker, make_task("Next", {}, needs=["t1"]), backends=[make_flaky_task()])
    execution = run_to_end(bench.make_service(), QubitTargets(["0"]), [CustomOneQubit(["Measure", "Next"])])
    assert execution.tasks == {"completed": 2}


def test_a_cancelled_run_does_not_wait_for_the_next_attempt(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executor, "FIRST_PAUSE_S", 60.0)
    monkeypatch.setattr(executor, "LONGEST_PAUSE_S", 60.0)
    bench = make_bench(
        make_task(retries=3, measure=make_failing_measurement(9)), backends=[make_flaky_task()]
    )
    session = bench.start_session()
    cancel = threading.Timer(0.1, session.request_cancel)
    cancel.start()
    last = session.run_task("Measure", "0")
    cancel.join()
    execution = session.cancel()
    assert (last.status, last.message) == (TaskStatus.CANCELLED, "cancelled before it was tried again")
    assert [(one.attempt, one.status) for one in bench.list_results(execution.execution_id)] == [
        (1, TaskStatus.FAILED),
        (2, TaskStatus.CANCELLED),
    ]


def test_nothing_is_tried_again_in_a_cancelled_run(make_bench: MakeBench) -> None:
    def measure(*_: Any) -> Any:
        session.request_cancel()
        raise LINK_DOWN

    bench = make_bench(make_task(retries=3, measure=measure), backends=[make_flaky_task()])
    session = bench.start_session()
    assert session.run_task("Measure", "0").message == "the link is down"
    assert len(bench.list_results(session.cancel().execution_id)) == 1


def test_what_a_backend_calls_transient_need_not_be_classes_of_exceptions(make_bench: MakeBench) -> None:
    bench = make_bench(
        make_task(retries=1, measure=make_failing_measurement(1)),
        backends=[make_backend(transient_errors=("LinkDown",))],
    )
    assert [one.message for one in run(bench)] == ["the link is down"]


def test_pauses_double_up_to_half_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    retries = RetryPolicy(8, make_flaky_task()())
    assert [retries.count_attempt() for _ in range(8)] == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
