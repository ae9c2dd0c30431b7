"""Dispatch: targets start as soon as their resources are free, without waiting for the end of a group."""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qdash_builtin.runs.timelines import list_stage_times, make_timeline
from qdash_core import InvalidInputError, Parameter, TaskOutput
from qdash_core.errors import LockedError
from qdash_core.repositories.executions import ExecutionLockRepository
from qdash_core.scheduling.conflicts import Conflicts
from qdash_core.session.dispatch.plans import Plan

from ..bench import SIGNAL, Bench, make_backend, make_task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from qdash_core.models.task import TaskResultModel

    from ..conftest import MakeBench

PATIENCE_S = 30.0
CHAIN = Conflicts({str(n): frozenset({f"ZZ {n - 1}-{n}", f"ZZ {n}-{n + 1}"}) for n in range(5)})
"""A line, on which neighbours exclude each other."""
GROUPS = (("0", "2", "4"), ("1", "3"))


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    """A single kind of store."""
    return f"memory://{tmp_path}"


def make_timed_task(name: str, durations: Mapping[str, float], **given: Any) -> Any:
    """Return a task of given durations by target, measured as one group."""

    def run_group(hardware: Any, tasks: Sequence[Any]) -> list[object]:
        for one in tasks:
            hardware.clock.advance(one.context.qid, durations[one.context.qid])
        return [SIGNAL for _ in tasks]

    return make_task(name, simultaneous=True, run_group=staticmethod(run_group), **given)


def run_plan(
    make_bench: MakeBench, *tasks: Any, conflicts: Conflicts | None, hardware: Any, groups: Any = GROUPS
) -> Any:
    bench = make_bench(*tasks, backends=[hardware])
    session = bench.start_session()
    results = session.run_plan(Plan([session.plan_task(one.name) for one in tasks], groups, conflicts))
    return session.complete(), results


def list_spans(results: Sequence[TaskResultModel]) -> dict[str, tuple[float, float]]:
    """Return start and end of every target in laboratory time."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    for one in results:
        assert one.lab_start_s is not None
        assert one.lab_s is not None
        found[one.qid] += [one.lab_start_s, one.lab_start_s + one.lab_s]
    return {target: (min(times), max(times)) for target, times in found.items()}


# ------------------------------------------------------------------------------------------------ a simulated laboratory


def test_a_target_begins_when_its_neighbours_are_through(make_bench: MakeBench) -> None:
    durations = {"0": 10.0, "1": 5.0, "2": 20.0, "3": 5.0, "4": 1.0}
    execution, results = run_plan(
        make_bench,
        make_timed_task("Measure", durations),
        conflicts=CHAIN,
        hardware=make_backend(clocked=True),
    )
    assert list_spans(results) == {"0": (0, 10), "2": (0, 20), "4": (0, 1), "1": (20, 25), "3": (20, 25)}
    assert execution.lab_seconds == 25.0


def test_a_target_keeps_what_it_needs_from_its_first_task_to_its_last(make_bench: MakeBench) -> None:
    first = make_timed_task("First", dict.fromkeys("01234", 3.0))
    second = make_timed_task("Second", {"0": 1.0, "1": 1.0, "2": 9.0, "3": 1.0, "4": 1.0})
    _, results = run_plan(make_bench, first, second, conflicts=CHAIN, hardware=make_backend(clocked=True))
    assert list_spans(results) == {"0": (0, 4), "2": (0, 12), "4": (0, 4), "1": (12, 16), "3": (12, 16)}


def test_of_a_failed_target_the_rest_is_skipped_and_its_neighbours_begin(make_bench: MakeBench) -> None:

    def analyse(one: Any, _measured: object) -> TaskOutput:
        if one.context.qid in ("0", "2"):
            raise ValueError("no signal")
        return TaskOutput({"t1": Parameter(10.0, 0.1, "us")})

    first = make_timed_task("First", dict.fromkeys("01234", 1.0), analyse=analyse)
    second = make_timed_task("Second", dict.fromkeys("01234", 10.0), needs=["t1"])
    _, results = run_plan(make_bench, first, second, conflicts=CHAIN, hardware=make_backend(clocked=True))
    assert [str(one.status) for one in results if one.qid in ("0", "2") and one.name == "Second"] == [
        "skipped"
    ] * 2
    assert next(one.lab_start_s for one in results if one.qid == "1") == 1.0


def test_lanes_limit_how_many_are_measured_at_once(make_bench: MakeBench) -> None:
    free = Conflicts({str(n): frozenset() for n in range(5)}, max_parallel=2)
    execution, results = run_plan(
        make_bench,
        make_timed_task("Measure", dict.fromkeys("01234", 2.0)),
        conflicts=free,
        hardware=make_backend(clocked=True),
    )
    assert sorted(start for start, _ in list_spans(results).values()) == [0, 0, 2, 2, 4]
    assert execution.lab_seconds == 6.0


@settings(max_examples=settings().max_examples // 4)
@given(
    st.lists(st.sampled_from([1.0, 2.0, 3.0, 7.0]), min_size=10, max_size=10),
    st.sampled_from([None, 1, 2, 3]),
)
def test_whatever_measurements_take_none_overlaps_what_it_excludes(
    tmp_path_factory: pytest.TempPathFactory, taken: list[float], lanes: int | None
) -> None:
    first = make_timed_task("First", dict(zip("01234", taken[:5], strict=True)))
    second = make_timed_task("Second", dict(zip("01234", taken[5:], strict=True)))
    folder = tmp_path_factory.mktemp("bench")
    bench = Bench.open(folder, f"memory://{folder}", first, second, backends=[make_backend(clocked=True)])
    session = bench.start_session()
    planned = [session.plan_task(name) for name in ("First", "Second")]
    plan = Plan(planned, GROUPS, Conflicts(CHAIN.resources, max_parallel=lanes))
    found = list_spans(session.run_plan(plan))
    session.complete()
    bench.qdash.close()
    for number in range(4):
        one, other = found[str(number)], found[str(number + 1)]
        assert one[1] <= other[0] or other[1] <= one[0]
    if lanes is not None:
        for start, _ in found.values():
            assert sum(begin <= start < end for begin, end in found.values()) <= lanes


# ---------------------------------------------------------------------------------------------------- a real laboratory


def test_a_lane_goes_on_while_another_target_is_still_measured(make_bench: MakeBench) -> None:
    """Qubit 4 is measured until 0 and then 1 have finished: a barrier between groups would never open."""
    through = threading.Event()
    measured: list[str] = []

    def measure(one: Any, _hardware: object) -> object:
        if one.context.qid == "4":
            assert through.wait(PATIENCE_S)
        measured.append(one.context.qid)
        if one.context.qid == "1":
            through.set()
        return SIGNAL

    resources = {"0": frozenset({"ZZ 0-1"}), "4": frozenset(), "1": frozenset({"ZZ 0-1"})}
    _, results = run_plan(
        make_bench,
        make_task(measure=measure),
        conflicts=Conflicts(resources),
        hardware=make_backend(max_parallel=2),
        groups=[["0", "4"], ["1"]],
    )
    assert measured == ["0", "1", "4"]
    assert [str(one.status) for one in results] == ["completed"] * 3


@pytest.mark.parametrize("lanes", [1, 2, None])
def test_targets_that_exclude_each_other_are_never_measured_at_once(
    make_bench: MakeBench, lanes: int | None
) -> None:
    lock = threading.Lock()
    running: set[str] = set()
    clashes: list[str] = []

    def measure(one: Any, _hardware: object) -> object:
        with lock:
            clashes.extend(running & CHAIN.neighbours[one.context.qid])
            running.add(one.context.qid)
        threading.Event().wait(0.001)
        with lock:
            running.remove(one.context.qid)
        return SIGNAL

    _, results = run_plan(
        make_bench,
        make_task("First", measure=measure),
        make_task("Second", measure=measure),
        conflicts=CHAIN,
        hardware=make_backend(max_parallel=lanes),
    )
    assert clashes == []
    assert [(one.name, one.qid) for one in results] == [
        (name, qid) for group in GROUPS for name in ("First", "Second") for qid in group
    ], "in the order of the plan, whenever they were measured"


def test_simultaneous_tasks_measure_in_one_go_all_that_can_begin(make_bench: MakeBench) -> None:
    calls: list[list[str]] = []

    def run_group(_hardware: object, tasks: Sequence[Any]) -> list[object]:
        calls.append([one.context.qid for one in tasks])
        return [SIGNAL for _ in tasks]

    run_plan(
        make_bench,
        make_task(simultaneous=True, run_group=staticmethod(run_group)),
        conflicts=CHAIN,
        hardware=make_backend(),
    )
    assert calls == [["0", "2", "4"], ["1", "3"]]


class TurnTaking:
    """Laboratory of two simultaneous tasks, which records the calls, and analyses when a test permits it."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[str, ...]]] = []
        self.threads: set[threading.Thread] = set()
        self.begun_calls: defaultdict[int, threading.Event] = defaultdict(threading.Event)
        self.analyse: Callable[[str, str], object] = lambda _name, _qid: None
        self.measure: Callable[[str, Sequence[str]], object] = lambda _name, _qids: None

    def make_task(self, name: str, **given: Any) -> Any:
        def run_group(_hardware: object, tasks: Sequence[Any]) -> list[object]:
            qids = tuple(one.context.qid for one in tasks)
            self.calls.append((name, qids))
            self.threads.add(threading.current_thread())
            self.begun_calls[len(self.calls)].set()
            self.measure(name, qids)
            return [SIGNAL for _ in tasks]

        def analyse(one: Any, _measured: object) -> TaskOutput:
            self.analyse(name, one.context.qid)
            return TaskOutput({"t1": Parameter(10.0, 0.1, "us")})

        return make_task(name, simultaneous=True, run_group=staticmethod(run_group), analyse=analyse, **given)


def test_while_a_batch_is_analysed_the_other_one_is_measured(make_bench: MakeBench) -> None:
    """The analysis of each task ends when the next call to the instrument has begun."""
    lab = TurnTaking()

    def wait_for_next_call(name: str, qid: str) -> None:
        number = 1 + next(place for place, call in enumerate(lab.calls) if call[0] == name and qid in call[1])
        if number < 4:
            assert lab.begun_calls[number + 1].wait(PATIENCE_S)

    lab.analyse = wait_for_next_call
    _, results = run_plan(
        make_bench,
        lab.make_task("First"),
        lab.make_task("Second", needs=["t1"]),
        conflicts=CHAIN,
        hardware=make_backend(),
    )
    even, odd = ("0", "2", "4"), ("1", "3")
    assert lab.calls == [("First", even), ("First", odd), ("Second", even), ("Second", odd)]
    assert lab.threads == {threading.current_thread()}, "one at a time, where signals arrive"
    assert [str(one.status) for one in results] == ["completed"] * 10


def test_results_are_recorded_in_the_order_of_their_measurements(make_bench: MakeBench) -> None:
    lab = TurnTaking()
    bench = make_bench(lab.make_task("First"), lab.make_task("Second"), backends=[make_backend()])
    session = bench.start_session()
    session.run_plan(Plan([session.plan_task(name) for name in ("First", "Second")], GROUPS, CHAIN))
    session.complete()
    events = [event.data for event in bench.list_events() if event.kind == "task.completed"]
    assert [(one["name"], one["qid"]) for one in events] == [
        (name, qid) for name, qids in lab.calls for qid in qids
    ]


def test_a_cancel_in_a_measurement_leaves_the_results_before_it_recorded(make_bench: MakeBench) -> None:
    """The first batch is still analysed when Ctrl-C arrives in the measurement of the second one."""
    lab, arrived = TurnTaking(), threading.Event()

    def interrupt(_name: str, qids: Sequence[str]) -> None:
        if "1" in qids:
            arrived.set()
            raise KeyboardInterrupt

    lab.measure = interrupt
    lab.analyse = lambda _name, _qid: arrived.wait(PATIENCE_S)
    bench = make_bench(lab.make_task("First"), lab.make_task("Second"), backends=[make_backend()])
    session = bench.start_session()
    with pytest.raises(KeyboardInterrupt):
        session.run_plan(Plan([session.plan_task(name) for name in ("First", "Second")], GROUPS, CHAIN))
    found = bench.list_results(session.cancel().execution_id)
    statuses = {(one.name, one.qid): str(one.status) for one in found}
    assert {node for node, status in statuses.items() if status == "completed"} == {
        ("First", "0"),
        ("First", "2"),
        ("First", "4"),
    }
    assert [bench.get_value(qid=qid) for qid in "01234"] == [10.0, None, 10.0, None, 10.0]


def test_a_run_whose_results_cannot_be_recorded_measures_no_more(make_bench: MakeBench) -> None:
    lab = TurnTaking()
    bench = make_bench(lab.make_task("First"), lab.make_task("Second"), backends=[make_backend()])
    session = bench.start_session()

    def lose_lock(_name: str, _qid: str) -> None:
        locks = bench.repositories.of(ExecutionLockRepository)
        for lock in locks.list_all():
            locks.remove(lock.hold)

    lab.analyse = lose_lock
    with pytest.raises(LockedError):
        session.run_plan(Plan([session.plan_task(name) for name in ("First", "Second")], GROUPS, CHAIN))
    assert [name for name, _ in lab.calls] == ["First"] * len(lab.calls)
    assert bench.get_value(qid="0") is None
    session.fail("the lock is lost")


def test_the_results_of_a_measurement_are_one_transaction(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = TurnTaking()
    bench = make_bench(lab.make_task("First"), backends=[make_backend()])
    session = bench.start_session()
    planned = session.plan_task("First")
    durable, begin = 0, bench.qdash.store.transaction

    def count(**given: bool) -> Any:
        nonlocal durable
        durable += given.get("durable", True)
        return begin(**given)

    monkeypatch.setattr(bench.qdash.store, "transaction", count)
    results = session.run_plan(Plan([planned], GROUPS, CHAIN))
    before = 2  # the definition of the task, and the stage
    assert durable == before + len(GROUPS)
    session.complete()
    assert [str(bench.get_stored(one).status) for one in results] == ["completed"] * 5


@settings(max_examples=settings().max_examples // 4)
@given(
    st.lists(
        st.sampled_from(["kept", "not measured", "not analysed", "not storable"]), min_size=3, max_size=3
    )
)
def test_every_outcome_of_a_group_is_whole_or_absent(
    tmp_path_factory: pytest.TempPathFactory, outcomes: list[str]
) -> None:
    """A value that no store can hold fails its own target, although results are recorded together."""
    expected = dict(zip(("0", "2", "4"), outcomes, strict=True))

    def run_group(_hardware: object, tasks: Sequence[Any]) -> list[object]:
        cable = OSError("cable")
        return [cable if expected[one.context.qid] == "not measured" else SIGNAL for one in tasks]

    def analyse(one: Any, _measured: object) -> TaskOutput:
        if expected[one.context.qid] == "not analysed":
            raise ValueError("no signal")
        note = {"text": "\udcff"} if expected[one.context.qid] == "not storable" else {}
        return TaskOutput({"t1": Parameter(10.0, 0.1, "us")}, note=note)

    task = make_task(simultaneous=True, run_group=staticmethod(run_group), analyse=analyse)
    folder = tmp_path_factory.mktemp("bench")
    bench = Bench.open(folder, f"memory://{folder}", task, backends=[make_backend()])
    session = bench.start_session()
    results = session.run_plan(Plan([session.plan_task("Measure")], [["0", "2", "4"]], None))
    stored = {one.qid: bench.get_stored(one) for one in results}
    kept = {qid for qid, outcome in expected.items() if outcome == "kept"}
    assert {qid for qid, one in stored.items() if one.status == "completed"} == kept
    assert {qid for qid, one in stored.items() if one.output_parameters} == kept
    assert {qid for qid in expected if bench.get_value(qid=qid) is not None} == kept
    events = [event.data["qid"] for event in bench.list_events() if event.kind.startswith("task.")]
    assert sorted(events) == ["0", "2", "4"]
    session.complete()
    bench.qdash.close()


def test_groups_that_somebody_has_written_down_run_one_after_another(make_bench: MakeBench) -> None:
    durations = {"0": 10.0, "1": 5.0, "2": 20.0, "3": 5.0, "4": 1.0}
    execution, results = run_plan(
        make_bench, make_timed_task("Measure", durations), conflicts=None, hardware=make_backend(clocked=True)
    )
    assert list_spans(results) == {"0": (0, 10), "2": (0, 20), "4": (0, 1), "1": (20, 25), "3": (20, 25)}
    (times,) = list_stage_times(execution, results)
    assert (times.makespan_s, times.lower_bound_s, times.group_by_group_s) == (25.0, 20.0, 25.0)


def test_the_record_says_how_short_a_stage_could_have_been(make_bench: MakeBench) -> None:
    durations = {"0": 10.0, "1": 5.0, "2": 1.0, "3": 5.0, "4": 20.0}
    execution, results = run_plan(
        make_bench,
        make_timed_task("Measure", durations),
        conflicts=CHAIN,
        hardware=make_backend(clocked=True),
    )
    (times,) = list_stage_times(execution, results)
    assert (times.makespan_s, times.lower_bound_s, times.group_by_group_s) == (25.0, 25.0, 25.0)
    assert [(one.target, one.lab_start_s, one.lab_end_s) for one in make_timeline(execution, results)] == [
        ("0", 0.0, 10.0),
        ("2", 0.0, 1.0),
        ("4", 0.0, 20.0),
        ("1", 10.0, 15.0),
        ("3", 20.0, 25.0),
    ]


def test_the_timeline_of_a_real_laboratory_is_that_of_the_wall(make_bench: MakeBench) -> None:
    execution, results = run_plan(make_bench, make_task(), conflicts=CHAIN, hardware=make_backend())
    spans_ = make_timeline(execution, results)
    assert len(spans_) == 5
    assert all(one.lab_end_s <= execution.elapsed_time for one in spans_)
    (times,) = list_stage_times(execution, results)
    assert times.lower_bound_s <= times.makespan_s


def test_what_was_planned_is_recorded(make_bench: MakeBench) -> None:
    execution, _ = run_plan(make_bench, make_task(), conflicts=CHAIN, hardware=make_backend())
    (stage,) = execution.stages
    assert (stage.tasks, stage.groups) == (["Measure"], [["0", "2", "4"], ["1", "3"]])
    assert stage.resources["1"] == ["ZZ 0-1", "ZZ 1-2"]


def test_a_plan_whose_groups_and_conflicts_are_of_different_targets_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="has 3, 4 in its groups or in its conflicts"):
        Plan([], [["0", "2"], ["1"]], CHAIN)
