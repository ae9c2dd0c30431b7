"""Simultaneous measurement of several targets: common steps, and steps of each target."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from qdash_core import InputParameter, Parameter, RawData, TaskOutput
from qdash_core.flows.run import LiveRun
from qdash_core.models.task import TaskStatus
from qdash_core.repositories.chips import ChipRepository

from ..bench import LINE, PROJECT, make_backend, make_raising, make_task

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qdash_core import BaseTask
    from qdash_core.models.task import TaskResultModel

    from ..bench import Bench
    from ..conftest import MakeBench


def group_task(measure_all: Callable[[Any, Sequence[Any]], Any], **changes: Any) -> type[BaseTask]:
    """Return a task with a given `run_group`, a function of the backend and the instances."""
    return make_task(
        simultaneous=True,
        run_group=classmethod(lambda cls, backend, tasks: measure_all(backend, tasks)),
        run=make_raising(AssertionError("run_group is what measures")),
        **changes,
    )


def make_signal(value: float) -> RawData:
    return RawData({"signal": ([value], "")})


def measure_by_number(_backend: object, tasks: Sequence[BaseTask]) -> list[RawData]:
    return [make_signal(float(one.context.qid)) for one in tasks]


def read_signal_value(_self: object, raw: RawData) -> TaskOutput:
    return TaskOutput({"t1": Parameter(float(raw["signal"][0]), 0.5, "us")})


def run_groups(bench: Bench, *names: str, qids: Sequence[str] = ("0", "2", "4")) -> list[TaskResultModel]:
    """Run tasks on uncoupled qubits, grouped by the scheduler."""
    session = bench.start_session()
    results = LiveRun(bench.qdash, session, qids).run_tasks(names or ("Measure",), kind="qubit")
    session.complete()
    return [bench.get_stored(result) for result in results]


@pytest.mark.every_store
def test_one_call_measures_all_and_each_is_recorded_for_itself(make_bench: MakeBench) -> None:
    calls: list[list[str]] = []

    def measure_all(hardware: object, tasks: Sequence[BaseTask]) -> list[RawData]:
        calls.append([one.context.qid for one in tasks])
        return measure_by_number(hardware, tasks)

    bench = make_bench(group_task(measure_all, analyse=read_signal_value))
    results = run_groups(bench)
    assert calls == [["0", "2", "4"]]
    assert [(result.qid, result.output_parameters["t1"].value) for result in results] == [
        ("0", 0.0),
        ("2", 2.0),
        ("4", 4.0),
    ]
    assert [bench.get_value(qid=qid) for qid in ("0", "2", "4")] == [0.0, 2.0, 4.0]
    stored = [bench.qdash.artifacts.load_raw_data(result.raw_data_path[0]) for result in results]
    assert [raw["signal"].tolist() for raw in stored] == [[0.0], [2.0], [4.0]]


def test_the_values_of_a_group_are_read_together(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = make_bench(group_task(measure_by_number, analyse=read_signal_value))
    read, reads = bench.qdash.store.read, list[None]()

    def count(*given: Any) -> Any:
        reads.append(None)
        return read(*given)

    monkeypatch.setattr(bench.qdash.store, "read", count)

    def count_reads(*qids: str) -> int:
        session = bench.start_session()
        reads.clear()
        LiveRun(bench.qdash, session, qids).run_tasks(["Measure"], kind="qubit")
        counted = len(reads)
        session.complete()
        return counted

    assert count_reads("0", "2", "4") == count_reads("0", "2")


def test_one_target_fails_alone(make_bench: MakeBench) -> None:
    def measure_all(_backend: object, tasks: Sequence[BaseTask]) -> list[Any]:
        return [
            ValueError("no resonance") if one.context.qid == "2" else make_signal(float(one.context.qid))
            for one in tasks
        ]

    bench = make_bench(group_task(measure_all, analyse=read_signal_value))
    results = run_groups(bench)
    assert [str(result.status) for result in results] == ["completed", "failed", "completed"]
    assert results[1].message == "run_group: ValueError: no resonance"
    assert results[1].raw_data_path == []
    assert [bench.get_value(qid=qid) for qid in ("0", "2", "4")] == [0.0, None, 4.0]


@pytest.mark.parametrize("stage", ["preprocess", "postprocess"])
def test_preparing_and_analysing_fail_for_each_target_alone(make_bench: MakeBench, stage: str) -> None:
    def fails_on_2(self: BaseTask, backend: object, result: Any = None) -> Any:
        if self.context.qid == "2":
            raise SystemExit("no")
        return None if result is None else read_signal_value(self, result)

    bench = make_bench(group_task(measure_by_number, **{"analyse": read_signal_value, stage: fails_on_2}))
    results = {result.qid: result for result in run_groups(bench)}
    assert {qid: str(result.status) for qid, result in results.items()} == {
        "0": "completed",
        "2": "failed",
        "4": "completed",
    }
    assert (results["2"].raw_data_path == []) == (stage == "preprocess")


def test_a_target_without_its_inputs_is_left_out_of_the_measurement(make_bench: MakeBench) -> None:
    calls: list[list[str]] = []

    def measure_all(hardware: object, tasks: Sequence[BaseTask]) -> list[RawData]:
        calls.append([one.context.qid for one in tasks])
        return measure_by_number(hardware, tasks)

    first = make_task("First", {"frequency": Parameter(5.0)})
    bench = make_bench(first, group_task(measure_all, needs={"frequency": InputParameter()}))
    bench.run("First", "0")
    bench.run("First", "4")
    results = run_groups(bench)
    assert calls == [["0", "4"]]
    assert results[1].status is TaskStatus.FAILED
    assert "run First first" in results[1].message


@pytest.mark.parametrize("number", [0, 2, 4])
def test_a_wrong_number_of_results_fails_all_and_says_so(make_bench: MakeBench, number: int) -> None:
    bench = make_bench(group_task(lambda backend, tasks: [make_signal(1.0)] * number))
    for result in run_groups(bench):
        assert result.status is TaskStatus.FAILED
        assert result.message == f"Measure.run_group returned {number} results for 3 targets"
    assert all(bench.get_qubit(qid).data == {} for qid in LINE.qids)


@pytest.mark.parametrize("answer", [None, 3, OSError("cable"), SystemExit(1), NotImplementedError()])
def test_a_group_that_fails_as_a_whole_fails_every_target(make_bench: MakeBench, answer: Any) -> None:
    def measure_all(_backend: object, _tasks: object) -> Any:
        if isinstance(answer, BaseException):
            raise answer
        return answer

    bench = make_bench(group_task(measure_all))
    assert [str(result.status) for result in run_groups(bench)] == ["failed"] * 3


def test_raw_data_of_one_target_that_cannot_be_kept_fail_it_alone(make_bench: MakeBench) -> None:
    def measure_all(_backend: object, tasks: Sequence[BaseTask]) -> list[RawData]:
        return [
            RawData({"signal": (["text"], "")}) if one.context.qid == "0" else make_signal(1.0)
            for one in tasks
        ]

    bench = make_bench(group_task(measure_all, analyse=read_signal_value))
    assert [str(result.status) for result in run_groups(bench)] == ["failed", "completed", "completed"]


@pytest.mark.every_store
def test_the_inputs_of_all_are_applied_at_once(make_bench: MakeBench) -> None:
    hardware = make_backend()
    bench = make_bench(
        make_task("First", {"frequency": Parameter(5.0)}),
        group_task(measure_by_number, needs=["frequency"]),
        backends=[hardware],
    )
    run_groups(bench, "First", "Measure")
    assert hardware.applied[-1] == {qid: {"frequency": Parameter(5.0)} for qid in ("0", "2", "4")}


def test_coupled_qubits_are_never_measured_together(make_bench: MakeBench) -> None:
    calls: list[set[str]] = []

    def measure_all(hardware: object, tasks: Sequence[BaseTask]) -> list[RawData]:
        calls.append({one.context.qid for one in tasks})
        return measure_by_number(hardware, tasks)

    bench = make_bench(group_task(measure_all))
    run_groups(bench, qids=LINE.qids)
    assert sorted(sorted(group) for group in calls) == [["0", "2", "4"], ["1", "3"]]


def test_a_backend_without_limit_measures_uncoupled_qubits_at_the_same_time(make_bench: MakeBench) -> None:
    """Three threads meet at a barrier: none passes it alone."""
    barrier = threading.Barrier(3)

    def measure(self: BaseTask, _backend: object) -> RawData:
        barrier.wait(timeout=30)
        return make_signal(float(self.context.qid))

    bench = make_bench(
        make_task(measure=measure, analyse=read_signal_value), backends=[make_backend(max_parallel=None)]
    )
    results = run_groups(bench)
    assert [(result.qid, str(result.status)) for result in results] == [
        ("0", "completed"),
        ("2", "completed"),
        ("4", "completed"),
    ]
    assert [bench.get_value(qid=qid) for qid in ("0", "2", "4")] == [0.0, 2.0, 4.0]
    assert [event.seq for event in bench.list_events()] == [*range(2, 7)]


@pytest.mark.every_store
@pytest.mark.parametrize(("limit", "groups"), [(1, [["0"], ["2"], ["4"]]), (2, [["0", "4"], ["2"]])])
def test_no_more_run_at_once_than_the_backend_can(
    make_bench: MakeBench, limit: int, groups: list[list[str]]
) -> None:
    lock, running, most = threading.Lock(), 0, 0

    def measure(self: BaseTask, _backend: object) -> RawData:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        bench.repositories.of(ChipRepository).list_by_project(PROJECT)
        with lock:
            running -= 1
        return make_signal(1.0)

    bench = make_bench(make_task(measure=measure), backends=[make_backend(max_parallel=limit)])
    session = bench.start_session()
    plan = LiveRun(bench.qdash, session, ["0", "2", "4"]).plan(["Measure"], kind="qubit")
    assert [list(group) for group in plan.groups] == groups
    session.run_plan(plan)
    session.complete()
    assert 1 <= most <= limit


def test_targets_come_one_by_one_where_nothing_runs_together(make_bench: MakeBench) -> None:
    order: list[tuple[str, str]] = []

    def note(self: BaseTask, _backend: object) -> RawData:
        order.append((self.name, self.context.qid))
        return make_signal(1.0)

    bench = make_bench(make_task("First", {}, measure=note), make_task("Second", {}, measure=note))
    run_groups(bench, "First", "Second", qids=("0", "1"))
    assert order == [("First", "0"), ("Second", "0"), ("First", "1"), ("Second", "1")]
