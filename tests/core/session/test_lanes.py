"""Parallel lanes: several targets at once, if one of them ends the run, and if all are told to stop."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from qdash_core import TaskOutput
from qdash_core.errors import TaskStuckError
from qdash_core.session.dispatch.plans import Plan
from qdash_core.session.stop_signal import StopSignal

from ..bench import SIGNAL, make_backend, make_task

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core import CalibOrchestrator

    from ..conftest import MakeBench

PATIENCE_S = 30.0
LANES = make_backend(max_parallel=2)


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    """A single kind of store."""
    return f"memory://{tmp_path}"


def run(session: CalibOrchestrator, *groups: list[str]) -> None:
    session.run_plan(Plan([session.plan_task("Measure")], groups))


def wait_until_stopped(one: Any) -> None:
    """Wait like a task that checks whether to stop."""
    waited = threading.Event()
    for _ in range(int(PATIENCE_S / 0.01)):
        if one.context.cancelled:
            return
        waited.wait(0.01)
    raise TimeoutError("nobody told it to stop")


def test_what_ends_the_run_in_one_lane_stops_the_others_at_once(make_bench: MakeBench) -> None:
    measured: list[str] = []

    def measure(one: Any, _backend: object) -> object:
        measured.append(one.context.qid)
        if one.context.qid == "1":
            raise KeyboardInterrupt
        wait_until_stopped(one)
        return SIGNAL

    bench = make_bench(make_task(measure=measure), backends=[LANES])
    session = bench.start_session()
    with pytest.raises(KeyboardInterrupt):
        run(session, ["0", "1", "2", "3", "4"])
    ended = session.cancel()
    assert ended.tasks == {"cancelled": 5}
    assert set(measured) <= {"0", "1", "2"}, "what waits is not begun; one may be before anybody looks"


@pytest.mark.parametrize("stage", ["run", "postprocess"])
def test_a_task_that_has_heard_of_the_cancellation_is_cancelled_whatever_it_gives(
    make_bench: MakeBench, stage: str
) -> None:
    """Its result is partial at best, and must not become a value of the chip."""
    other_is_done = threading.Event()

    def cancelled_in(present: str, one: Any) -> None:
        if stage == present and one.context.qid == "0":
            assert other_is_done.wait(10)
            session.request_cancel()
            wait_until_stopped(one)

    def measure(one: Any, _backend: object) -> object:
        cancelled_in("run", one)
        return SIGNAL

    def analyse(one: Any, _measured: object) -> TaskOutput:
        cancelled_in("postprocess", one)
        if one.context.qid == "1":
            other_is_done.set()
        return TaskOutput()

    bench = make_bench(make_task(gives={}, measure=measure, analyse=analyse), backends=[LANES])
    session = bench.start_session()
    with pytest.raises(KeyboardInterrupt):
        run(session, ["0", "1"], ["2"])
    execution_id = session.cancel().execution_id
    found = {one.qid: one for one in bench.list_results(execution_id)}
    assert (str(found["0"].status), found["0"].message) == ("cancelled", "cancelled")
    assert found["0"].raw_data_path == [found["0"].raw_data_file]
    assert str(found["1"].status) == "completed", "it never asked, and was done"
    assert str(found["2"].status) == "cancelled"


def test_a_task_that_fails_because_it_was_told_to_stop_is_cancelled(make_bench: MakeBench) -> None:
    def measure(one: Any, _backend: object) -> None:
        session.request_cancel()
        if one.context.cancelled:
            raise RuntimeError("stopped")

    bench = make_bench(make_task(measure=measure))
    session = bench.start_session()
    with pytest.raises(KeyboardInterrupt):
        run(session, ["0"])
    assert session.cancel().tasks == {"cancelled": 1}


def test_in_a_group_one_who_asks_asks_for_all(make_bench: MakeBench) -> None:
    def run_group(_backend: object, tasks: list[Any]) -> list[Any]:
        session.request_cancel()
        assert tasks[0].context.cancelled
        return [SIGNAL for _ in tasks]

    bench = make_bench(make_task(simultaneous=True, run_group=staticmethod(run_group)))
    session = bench.start_session()
    with pytest.raises(KeyboardInterrupt):
        run(session, ["0", "1"])
    ended = session.cancel()
    assert ended.tasks == {"cancelled": 2}
    assert all(one.raw_data_path for one in bench.list_results(ended.execution_id))


@pytest.mark.parametrize("cancelled_too", [False, True])
def test_a_run_that_may_not_go_on_says_why_whatever_its_lanes_raise(cancelled_too: bool) -> None:
    stop = StopSignal()
    stop.raise_if_set()
    stop.fail(TaskStuckError("stuck"))
    stop.fail(TaskStuckError("stuck too"))
    if cancelled_too:
        stop.cancel()
    with pytest.raises(TaskStuckError, match=r"^stuck$"):
        stop.raise_if_set()
