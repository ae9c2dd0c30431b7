"""Following a run of another process: past progress is reported first, then new progress, until the end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.runs.feature import EXECUTIONS, QUEUE, RUNS
from qdash_builtin.runs.text_output.tally import Tally
from qdash_core import NotFoundError
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.progress import SilentProgress
from qdash_core.models.request import TargetSelection
from qdash_core.repositories.queue import QueueRepository

from ...access import ADMIN, access_of
from ...core.bench import PROJECT, SIGNAL, Bench, make_task
from ...core.runs.crew import PATIENCE_S, Crew, make_request, wait_until

if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence

    from qdash_builtin.runs.queue_view import QueuePosition
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.task import TaskResultModel

    from ...core.runs.conftest import MakeCrew

TARGETS = TargetSelection(qubits=("0", "1"))


class ProgressRecorder:
    """A `Progress` that records its calls."""

    def __init__(self) -> None:
        self.said: list[Any] = []
        self.measuring: list[tuple[str, str]] = []

    def began(self, execution_id: str) -> None:
        self.said.append(execution_id)

    def planned(self, tasks: Sequence[str], groups: Sequence[Sequence[str]]) -> None:
        self.said.append(("planned", *tasks, sum(len(group) for group in groups)))

    def finished(self, result: TaskResultModel) -> None:
        self.said.append((result.name, result.qid, str(result.status)))

    def started(self, task: str, target: str) -> None:
        self.measuring.append((task, target))

    @property
    def results(self) -> list[Any]:
        return sorted(one for one in self.said if isinstance(one, tuple) and one[0] != "planned")


class CallCounter(SilentProgress):
    """Counts tasks like a display, and records the counts."""

    def __init__(self) -> None:
        self._tally = Tally()
        self.counted: list[tuple[int, int]] = []

    def _note(self) -> None:
        stage = self._tally.stage
        if stage is not None:
            self.counted.append((stage.done, stage.total))

    def began(self, execution_id: str) -> None:
        self._tally.began()
        self._note()

    def planned(self, tasks: Sequence[str], groups: Sequence[Sequence[str]]) -> None:
        self._tally.planned(tasks, [target for group in groups for target in group])
        self._note()

    def finished(self, result: TaskResultModel) -> None:
        self._tally.finished(result)
        self._note()


def make_interrupted_measurement(qid: str, on: list[str]) -> object:
    if qid in on:
        on.remove(qid)
        raise KeyboardInterrupt
    return SIGNAL


DONE = [("Measure", "0", "completed"), ("Measure", "1", "completed")]


@pytest.fixture
def gate() -> threading.Event:
    """Event that releases the measurement of qubit 1."""
    from threading import Event

    return Event()


@pytest.fixture
def bench_and_crew(make_crew: MakeCrew, gate: threading.Event) -> tuple[Bench, Crew]:
    def measure(one: Any, _backend: object) -> object:
        if one.context.qid == "1":
            assert gate.wait(PATIENCE_S)
        return SIGNAL

    return make_crew(make_task(measure=measure))


@pytest.mark.every_store
def test_a_run_that_has_ended_is_told_at_once(
    bench_and_crew: tuple[Bench, Crew], gate: threading.Event
) -> None:
    bench, _ = bench_and_crew
    gate.set()
    ended = bench.qdash.get(RUNS).run(ADMIN, make_request(targets=TARGETS))
    told = ProgressRecorder()
    assert bench.qdash.get(RUNS).follow(ADMIN, ended.execution_id, told) == ended
    assert told.said[:2] == [ended.execution_id, ("planned", "Measure", 2)]
    assert told.results == DONE
    assert bench.qdash.get(RUNS).wait(ADMIN, ended.execution_id) == ended


def test_a_run_that_goes_on_is_told_from_its_begin_to_its_end_and_nothing_twice(
    bench_and_crew: tuple[Bench, Crew], gate: threading.Event
) -> None:
    bench, crew = bench_and_crew
    running = crew.call_in_thread(bench.qdash.get(RUNS).run, ADMIN, make_request(targets=TARGETS))
    wait_until(
        lambda: [one for one in bench.qdash.get(EXECUTIONS).newest(ADMIN) if one.tasks.get("completed")],
        what="half",
    )
    (execution,) = bench.qdash.get(EXECUTIONS).newest(ADMIN)
    told = ProgressRecorder()
    following = crew.call_in_thread(bench.qdash.get(RUNS).follow, ADMIN, execution.execution_id, told)
    wait_until(lambda: told.results == DONE[:1], what="it tells what has happened")
    wait_until(lambda: told.measuring == [("Measure", "1")], what="and what is being measured")
    gate.set()
    assert following.result(PATIENCE_S) == running.result(PATIENCE_S)
    assert told.results == DONE
    assert told.said.count(("planned", "Measure", 2)) == 1
    assert told.said.count(execution.execution_id) == 1


def test_a_run_that_waits_says_for_what_until_it_runs(
    bench_and_crew: tuple[Bench, Crew], gate: threading.Event
) -> None:
    bench, crew = bench_and_crew
    gate.set()
    session = bench.start_session()
    before = session.execution.execution_id
    run = crew.submit(targets=TARGETS)
    told, said = ProgressRecorder(), list[str]()
    following = crew.call_in_thread(bench.qdash.get(RUNS).follow, ADMIN, run, told, waiting=said.append)
    wait_until(lambda: said, what="nobody is there")
    with crew.run_worker():
        wait_until(lambda: len(said) == 2, what="the chip is in use")
        session.complete()
        assert following.result(PATIENCE_S).status is ExecutionStatus.COMPLETED
    assert said[0] == f"execution {run} waits for a worker: none is running, `qdash worker` starts one"
    assert f"in use by execution {before}" in said[1]
    assert told.results == DONE


def test_a_run_that_goes_on_while_it_is_followed_is_counted_as_one(make_crew: MakeCrew) -> None:
    """Earlier completed tasks count as done, and a repeated task counts once."""
    interrupted_on = ["1"]
    bench, crew = make_crew(
        make_task(measure=lambda one, _: make_interrupted_measurement(one.context.qid, interrupted_on))
    )
    with pytest.raises(KeyboardInterrupt):
        bench.qdash.get(RUNS).run(ADMIN, make_request(targets=TARGETS))
    (first,) = bench.qdash.get(EXECUTIONS).newest(ADMIN)
    assert first.tasks == {"completed": 1, "cancelled": 1}
    bench.qdash.get(RUNS).submissions.submit_resume(ADMIN, first.execution_id)
    tally = CallCounter()
    following = crew.call_in_thread(bench.qdash.get(RUNS).follow, ADMIN, first.execution_id, tally)
    wait_until(lambda: tally.counted == [(0, 2), (1, 2), (1, 2)], what="what there was")
    with crew.run_worker():
        assert following.result(PATIENCE_S).status is ExecutionStatus.COMPLETED
    assert tally.counted[3:] == [(1, 2), (2, 2)]


def test_a_reason_is_told_after_the_news_and_again_when_it_comes_back(
    bench_and_crew: tuple[Bench, Crew], gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, crew = bench_and_crew
    gate.set()
    run = crew.submit()
    calls: list[str] = []
    view, record = bench.qdash.get(RUNS).queue.view, bench.qdash.record
    position, find = view.get_position, record.find

    def without_reason_at_second_report(*key: str) -> QueuePosition:
        found = position(*key)
        calls.append("position")
        return replace(found, waits_for=None, n_workers=1) if calls.count("position") == 3 else found

    def noted(*key: str) -> ExecutionModel:
        calls.append("news")
        return find(*key)

    monkeypatch.setattr(view, "get_position", without_reason_at_second_report)
    monkeypatch.setattr(record, "find", noted)
    following = crew.call_in_thread(
        bench.qdash.get(RUNS).follow, ADMIN, run, SilentProgress(), waiting=lambda _why: calls.append("told")
    )
    wait_until(lambda: calls.count("told") == 2, what="the reason has come back")
    bench.qdash.get(QUEUE).remove(ADMIN, run)
    following.result(PATIENCE_S)
    one_look = ["position", "news"]
    assert calls[:9] == ["position", *one_look, "told", *one_look, *one_look, "told"]


def test_a_run_that_is_held_and_has_not_begun_is_waited_for(
    bench_and_crew: tuple[Bench, Crew], gate: threading.Event
) -> None:
    bench, crew = bench_and_crew
    gate.set()
    run = crew.submit()
    bench.qdash.get(QUEUE).hold(access_of("bob"), run)
    said: list[str] = []
    following = crew.call_in_thread(
        bench.qdash.get(RUNS).follow, ADMIN, run, SilentProgress(), waiting=said.append
    )
    wait_until(lambda: said, what="it says that it is held")
    assert said == [f"execution {run} waits for its release: held by bob"]
    bench.qdash.get(QUEUE).remove(access_of("bob"), run)
    assert following.result(PATIENCE_S).message == "removed from the queue by bob"


@pytest.mark.parametrize("who", ["command", "worker"])
def test_a_run_whose_performer_is_gone_is_not_followed_for_ever(
    bench_and_crew: tuple[Bench, Crew], who: Any
) -> None:
    """There may be no other process to notice."""
    bench, crew = bench_and_crew
    owner = crew.register(who)
    run = crew.submit(waiter=owner if who == "command" else "")
    if who == "worker":
        for _ in range(2):
            crew.begin_and_die(owner, run)
            bench.qdash.get(RUNS).queue.sweep()
            owner = crew.register()
    else:
        assert crew.claim(owner, run)
        crew.begin(run)
    crew.kill(owner)
    ended = crew.call_in_thread(bench.qdash.get(RUNS).follow, ADMIN, run, SilentProgress()).result(PATIENCE_S)
    assert ended.status is ExecutionStatus.FAILED
    assert ended.message.startswith("interrupted: the process that ran it died")


def test_what_is_not_there_cannot_be_followed(bench_and_crew: tuple[Bench, Crew]) -> None:
    bench, _ = bench_and_crew
    with pytest.raises(NotFoundError):
        bench.qdash.get(RUNS).follow(ADMIN, "20000101-000", SilentProgress())


def test_a_run_that_nobody_will_perform_is_not_waited_for(bench_and_crew: tuple[Bench, Crew]) -> None:
    bench, crew = bench_and_crew
    run = crew.submit()
    bench.repositories.of(QueueRepository).remove(PROJECT, run)
    assert bench.qdash.get(RUNS).follow(ADMIN, run, SilentProgress()).status is ExecutionStatus.SCHEDULED
