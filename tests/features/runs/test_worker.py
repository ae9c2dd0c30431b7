"""A worker: it performs background runs, and releases them when it stops."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.digests.feature import DIGEST_DELIVERY
from qdash_builtin.home.feature import PRUNER
from qdash_builtin.runs import worker
from qdash_builtin.runs.feature import QUEUE, RUNS
from qdash_builtin.timetables.clock import TimetableClock
from qdash_builtin.timetables.feature import TIMETABLES
from qdash_builtin.timetables.models.timetable import Interval
from qdash_core import NotFoundError, StoreUnavailableError
from qdash_core.hooks.runners import ProcessDiedError
from qdash_core.models.execution import EndReason, ExecutionStatus
from qdash_core.process.clock import utc_now

from ...access import ADMIN, access_of
from ...core.bench import PROJECT, Bench, make_backend_by_chip, make_raising, make_task
from ...core.runs.crew import Crew, make_request, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...core.runs.conftest import MakeCrew


@pytest.fixture
def bench_and_crew(make_crew: MakeCrew) -> tuple[Bench, Crew]:
    return make_crew(make_task(), make_task("Broken", {}, measure=make_raising(OSError("cable"))))


@pytest.fixture
def bench(bench_and_crew: tuple[Bench, Crew]) -> Bench:
    return bench_and_crew[0]


@pytest.fixture
def crew(bench_and_crew: tuple[Bench, Crew]) -> Crew:
    return bench_and_crew[1]


def assert_queue_empty(bench: Bench) -> bool:
    return bench.qdash.get(RUNS).queue.view.list_entries() == []


def list_held(bench: Bench) -> bool:
    return [one.state for one in bench.qdash.get(RUNS).queue.view.list_entries()] == ["held"]


@pytest.mark.every_store
def test_a_worker_performs_what_waits_in_order_and_says_so(bench: Bench, crew: Crew) -> None:
    runs = [crew.submit(), crew.submit(flow="Broken"), crew.submit()]
    with crew.run_worker() as said:
        wait_until(lambda: assert_queue_empty(bench) and len(said) == 6, what="all is done")
        assert len(bench.qdash.get(RUNS).queue.view.list_workers()) == 1
    # The end of a run frees its instrument and is printed just after: the next run may begin between the two.
    assert [line for line in said if line.endswith(": begins")] == [
        f"execution {run} of admin on chip: begins" for run in runs
    ]
    ends = ("completed", "failed (no task completed)", "completed")
    for run, end in zip(runs, ends, strict=True):
        about = [line for line in said if run in line]
        assert about == [f"execution {run} of admin on chip: begins", f"execution {run}: {end}"]
    assert bench.qdash.get(RUNS).queue.view.list_workers() == []


def test_a_worker_leaves_to_others_what_they_wait_for_and_what_is_held(bench: Bench, crew: Crew) -> None:
    mine = crew.submit(waiter=crew.register("command"))
    on_hold, free = crew.submit(), crew.submit()
    bench.qdash.get(QUEUE).hold(access_of("bob"), on_hold)
    bench.qdash.get(QUEUE).move(ADMIN, free, first=True)
    with crew.run_worker():
        wait_until(lambda: bench.get_execution(free).status.terminal, what="the free one is done")
    assert [bench.get_execution(run).status for run in (mine, on_hold)] == [ExecutionStatus.SCHEDULED] * 2


def test_chips_with_instruments_of_their_own_are_all_measured(make_crew: MakeCrew) -> None:
    bench, crew = make_crew(make_task(), backends=[make_backend_by_chip()])
    bench.add_chip("other")
    runs = [crew.submit(), crew.submit("other"), crew.submit()]
    with crew.run_worker():
        wait_until(lambda: assert_queue_empty(bench), what="all is done")
    assert [bench.get_execution(run).status for run in runs] == [ExecutionStatus.COMPLETED] * 3


@pytest.mark.every_store
def test_no_more_runs_at_once_than_wanted(make_crew: MakeCrew) -> None:
    bench, crew = make_crew(make_task(), backends=[make_backend_by_chip()])
    bench.add_chip("other")
    runs = [crew.submit(), crew.submit("other")]
    with crew.run_worker(max_runs=1) as said:
        wait_until(lambda: assert_queue_empty(bench) and len(said) == 4, what="all is done")
    assert [line.split(":")[0].split()[1] for line in said] == [runs[0], runs[0], runs[1], runs[1]]


def test_a_run_whose_chip_was_taken_just_before_waits_on(
    bench: Bench, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    performs, taken = bench.qdash.get(RUNS).perform_with_runner, list[Any]()

    def perform_with_runner(*given: Any) -> None:
        if taken:
            performs(*given)
            return
        taken.append(bench.start_session())
        try:
            performs(*given)
        finally:
            taken[0].complete()

    monkeypatch.setattr(bench.qdash.get(RUNS), "perform_with_runner", perform_with_runner)
    run = crew.submit()
    with crew.run_worker():
        wait_until(lambda: assert_queue_empty(bench), what="it is done")
    ended = bench.get_execution(run)
    assert (ended.status, len(ended.attempts)) == (ExecutionStatus.COMPLETED, 1)


def make_dying_runner(
    bench: Bench, crew: Crew, begins: Callable[[str], None], times: int
) -> Callable[..., None]:
    """Return a runner whose process dies a number of times."""
    performs, died = bench.qdash.get(RUNS).perform_with_runner, list[str]()

    def perform_with_runner(execution: Any, *given: Any) -> None:
        if len(died) == times:
            performs(execution, *given)
            return
        died.append(execution.execution_id)
        begins(execution.execution_id)
        raise ProcessDiedError("the process that ran it was killed by SIGKILL")

    return perform_with_runner


@pytest.mark.every_store
@pytest.mark.parametrize("when", ["before it began", "in the middle"])
def test_a_run_whose_process_died_goes_on_once(
    bench: Bench, crew: Crew, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    begins = crew.begin if when == "in the middle" else lambda _run: None
    monkeypatch.setattr(
        bench.qdash.get(RUNS), "perform_with_runner", make_dying_runner(bench, crew, begins, 1)
    )
    run = crew.submit()
    with crew.run_worker():
        wait_until(lambda: assert_queue_empty(bench), what="it is done")
    ended = bench.get_execution(run)
    assert (ended.status, ended.tasks) == (ExecutionStatus.COMPLETED, {"completed": 1})
    assert len(ended.attempts) == 1 + (when == "in the middle")


@pytest.mark.every_store
@pytest.mark.parametrize("when", ["before it began", "in the middle"])
def test_a_run_whose_process_died_twice_is_held_and_the_next_goes_on(
    bench: Bench, crew: Crew, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    begins = crew.begin if when == "in the middle" else lambda _run: None
    monkeypatch.setattr(
        bench.qdash.get(RUNS), "perform_with_runner", make_dying_runner(bench, crew, begins, 2)
    )
    run, later = crew.submit(), crew.submit()
    with crew.run_worker():
        wait_until(lambda: list_held(bench), what="it is held, and the other is done")
    assert crew.get_entry(run).reason.startswith("its worker died 2 times")
    assert bench.get_execution(run).status in (ExecutionStatus.SCHEDULED, ExecutionStatus.FAILED)
    assert bench.get_execution(later).status is ExecutionStatus.COMPLETED


def test_a_run_that_is_let_go_waits_first_for_the_next_worker(
    bench: Bench, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    performs, begun = bench.qdash.get(RUNS).perform_with_runner, []

    def perform_with_runner(execution: Any, progress: Any, stop: Any) -> None:
        crew.begin(execution.execution_id)
        begun.append(execution.execution_id)
        wait_until(lambda: stop.asked == "leave", what="it is let go")
        bench.qdash.external_transitions.end_interrupted(PROJECT)
        raise KeyboardInterrupt

    monkeypatch.setattr(bench.qdash.get(RUNS), "perform_with_runner", perform_with_runner)
    run, later = crew.submit(), crew.submit()
    with crew.run_worker():
        wait_until(lambda: begun, what="it has begun")
    first, second = bench.qdash.get(RUNS).queue.view.list_entries()
    assert (first.entry.execution_id, first.entry.resume, first.entry.deaths) == (run, True, 0)
    assert (second.entry.execution_id, second.state) == (later, "waiting")
    assert bench.get_execution(run).reason is EndReason.INTERRUPTED

    monkeypatch.setattr(bench.qdash.get(RUNS), "perform_with_runner", performs)
    with crew.run_worker():
        wait_until(lambda: assert_queue_empty(bench), what="both are done")
    assert [bench.get_execution(one).status for one in (run, later)] == [ExecutionStatus.COMPLETED] * 2


@pytest.mark.every_store
def test_a_store_that_is_away_as_a_run_ends_loses_nothing(
    bench: Bench, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    concludes, away = bench.qdash.get(RUNS).queue.conclude, [True]

    def conclude(*where: str, **how: Any) -> None:
        if away:
            away.pop()
            raise StoreUnavailableError("away")
        concludes(*where, **how)

    monkeypatch.setattr(bench.qdash.get(RUNS).queue, "conclude", conclude)
    run, later = crew.submit(), crew.submit()
    with crew.run_worker():
        wait_until(lambda: assert_queue_empty(bench), what="both are done")
    assert [bench.get_execution(one).status for one in (run, later)] == [ExecutionStatus.COMPLETED] * 2


def test_a_run_that_was_refused_is_over(bench: Bench, crew: Crew) -> None:
    run = crew.submit()
    bench.qdash.get(CHIPS).delete(ADMIN, "chip", force=True)
    with crew.run_worker() as said:
        wait_until(lambda: assert_queue_empty(bench) and len(said) == 2, what="it is refused")
    ended = bench.get_execution(run)
    assert (ended.status, ended.reason) == (ExecutionStatus.FAILED, EndReason.REFUSED)
    assert "chip" in ended.message


def test_a_resume_that_is_let_go_before_it_began_waits_in_its_place(
    bench: Bench, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = crew.submit(flow="Broken")
    with crew.run_worker():
        wait_until(lambda: assert_queue_empty(bench), what="it has failed")
    taken: list[str] = []

    def perform_with_runner(execution: Any, progress: Any, stop: Any) -> None:
        taken.append(execution.execution_id)
        wait_until(lambda: stop.asked == "leave", what="it is let go")
        raise KeyboardInterrupt

    monkeypatch.setattr(bench.qdash.get(RUNS), "perform_with_runner", perform_with_runner)
    bench.qdash.get(RUNS).submissions.submit_resume(ADMIN, failed)
    with crew.run_worker():
        wait_until(lambda: taken, what="it is about to begin")
    (status,) = bench.qdash.get(RUNS).queue.view.list_entries()
    assert (status.entry.execution_id, status.state, status.entry.deaths) == (failed, "waiting", 0)


@pytest.mark.parametrize("to_go_on", [False, True])
def test_what_cannot_begin_is_held_with_the_reason_and_the_next_goes_on(
    bench: Bench, crew: Crew, monkeypatch: pytest.MonkeyPatch, to_go_on: bool
) -> None:
    run = crew.submit()
    if to_go_on:
        crew.begin_and_die(crew.register(), run)
    later = crew.submit()
    performs = bench.qdash.get(RUNS).perform_with_runner

    def perform_with_runner(execution: Any, *given: Any) -> None:
        if execution.execution_id == run:
            raise NotFoundError("there is no runner 'nosuch'")
        performs(execution, *given)

    monkeypatch.setattr(bench.qdash.get(RUNS), "perform_with_runner", perform_with_runner)
    with crew.run_worker() as said:
        wait_until(lambda: list_held(bench), what="it is held, and the other is done")
    assert crew.get_entry(run).reason.endswith("there is no runner 'nosuch'")
    assert any(line.endswith("(there is no runner 'nosuch')") for line in said)
    assert bench.get_execution(later).status is ExecutionStatus.COMPLETED


def test_a_worker_that_nobody_hears_performs_all_the_same(bench: Bench, crew: Crew) -> None:
    def told(_line: str) -> None:
        raise BrokenPipeError

    run = crew.submit()
    with crew.run_worker(notify=told):
        wait_until(lambda: assert_queue_empty(bench), what="it is done")
    assert bench.get_execution(run).status is ExecutionStatus.COMPLETED


def test_a_worker_begins_what_is_due_by_itself(bench: Bench, crew: Crew) -> None:
    timetables = bench.qdash.get(TIMETABLES)
    timetables.add(ADMIN, "hourly", make_request().with_access(ADMIN), Interval(every_s=3600))
    soon = TimetableClock(
        bench.qdash,
        bench.qdash.get(RUNS).submissions,
        digests=bench.qdash.get(DIGEST_DELIVERY),
        get_pruner=lambda: bench.qdash.get(PRUNER),
        clock=lambda: utc_now() + timedelta(hours=1),
    )
    with crew.run_worker(start_due=soon.handle_due):
        wait_until(lambda: timetables.show(ADMIN, "hourly").timetable.execution_id, what="it is started")
        run = timetables.show(ADMIN, "hourly").timetable.execution_id
        wait_until(lambda: bench.get_execution(run).status.terminal, what="it is done")
    assert bench.get_execution(run).status is ExecutionStatus.COMPLETED


def test_a_worker_says_once_what_stops_its_timetables(
    crew: Crew, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LOOK_S", 0.01)
    full = ["the disk is full"]
    errors = iter([*full, *full, *full, "", *full, *full])
    over = threading.Event()

    def fail() -> None:
        if (error := next(errors, None)) is None:
            over.set()
        elif error:
            raise StoreUnavailableError(error)

    with crew.run_worker(start_due=fail):
        wait_until(over.is_set, what="it has tried")
    assert sum("timetables cannot be read" in one.message for one in caplog.records) == 2


def test_a_worker_does_not_begin_what_is_too_late(bench: Bench, crew: Crew) -> None:
    late = (
        bench.qdash.get(RUNS).submissions.submit(ADMIN, make_request(), begin_before=utc_now()).execution_id
    )
    with crew.run_worker():
        wait_until(lambda: bench.get_execution(late).status.terminal, what="it is taken out")
    assert bench.get_execution(late).status is ExecutionStatus.CANCELLED
    assert bench.get_execution(late).attempts == []
