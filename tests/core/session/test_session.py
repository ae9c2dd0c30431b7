"""Sessions: the record at the start, and each way to end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_builtin.tags.feature import TAGS
from qdash_core import (
    BackendError,
    CalibConfig,
    CalibOrchestrator,
    InvalidInputError,
    LockedError,
    NotFoundError,
    Parameter,
    StoreError,
)
from qdash_core.locks.lock import ExecutionLock
from qdash_core.models.chip import TargetStatus
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.process_marks import LockHold
from qdash_core.models.progress import SilentProgress
from qdash_core.models.task import TaskStatus
from qdash_core.repositories.chips import ChipHistoryRepository
from qdash_core.repositories.executions import ExecutionLockRepository
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.session.dispatch.plans import Plan
from qdash_core.session.running_flow import get_current_flow
from qdash_core.session.session import RunSession

from ...access import ADMIN
from ..bench import CHIP, PROJECT, SIGNAL, make_backend, make_raising, make_task

if TYPE_CHECKING:
    from qdash_core.models.execution import ExecutionModel

    from ..bench import Bench
    from ..conftest import MakeBench

ENDS = {
    "complete": lambda session: session.complete(),
    "fail": lambda session: session.fail("out of helium"),
    "cancel": lambda session: session.cancel(),
}


def list_stored(bench: Bench, execution: ExecutionModel) -> ExecutionModel:
    return bench.qdash.get(EXECUTIONS).show(ADMIN, execution.execution_id)[0]


@pytest.mark.every_store
def test_a_session_is_recorded_as_running_until_it_ends(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    session = bench.start_session(name="nightly", tags=["a", "b"], note={"why": "test"}, qids=["Q00"])
    begun = list_stored(bench, session.execution)
    assert (begun.status, begun.name, begun.tags) == (ExecutionStatus.RUNNING, "nightly", ["a", "b"])
    assert begun.note == {"why": "test", "flow_run_id": begun.flow_run_id}
    assert begun.session == get_current_flow().sessions - 1
    result = session.run_task("Measure", "Q00")
    assert (result.qid, result.tags, result.username) == ("0", ["a", "b"], "admin")
    assert session.task_context.calib_data.qubit["0"]["t1"].value == 10.0
    assert session.task_context.task_result.qubit_tasks["0"] == [result]
    ended = session.complete()
    assert ended == list_stored(bench, ended)
    assert (ended.status, ended.tasks, ended.message) == (ExecutionStatus.COMPLETED, {"completed": 1}, "")
    assert ended.start_at is not None
    assert ended.end_at is not None
    assert ended.elapsed_time == (ended.end_at - ended.start_at).total_seconds()


def test_the_folder_of_an_execution_is_there_before_its_first_file(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    storage = bench.qdash.settings.home / "artifacts"
    session = bench.start_session()
    folder = storage / session.execution.calib_data_path
    assert folder.is_dir()
    assert not [*folder.iterdir()]
    result = session.run_task("Measure", "0")
    assert [storage / path for path in result.raw_data_path] == [*folder.iterdir()]


def test_a_session_without_a_folder_for_its_raw_data_fails_at_its_start(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    storage = bench.qdash.settings.home / "artifacts"
    place = storage / PROJECT
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("a file in its place")
    with pytest.raises(StoreError, match="cannot be created"):
        bench.start_session()
    [listed] = bench.qdash.get(EXECUTIONS).list_executions(ADMIN)
    execution = bench.get_execution(listed.execution.execution_id)
    assert execution.status is ExecutionStatus.FAILED
    assert execution.message.startswith("the session could not begin: ")
    place.unlink()
    bench.start_session().complete()


@pytest.mark.parametrize(
    ("how", "status", "message"),
    [
        ("complete", "completed", ""),
        ("fail", "failed", "out of helium"),
        ("cancel", "cancelled", "cancelled"),
    ],
)
def test_each_way_to_end_is_recorded(make_bench: MakeBench, how: str, status: str, message: str) -> None:
    bench = make_bench(make_task())
    session = bench.start_session()
    session.run_task("Measure", "0")
    ended = list_stored(bench, ENDS[how](session))
    assert (ended.status, ended.message, ended.tasks) == (status, message, {"completed": 1})
    assert bench.list_events()[-1].kind == f"execution.{status}"


@pytest.mark.parametrize("second", ENDS)
@pytest.mark.parametrize("first", ENDS)
def test_a_session_ends_once(make_bench: MakeBench, first: str, second: str) -> None:
    bench = make_bench(make_task())
    session = bench.start_session()
    ended = ENDS[first](session)
    with pytest.raises(InvalidInputError, match="not running"):
        ENDS[second](session)
    with pytest.raises(InvalidInputError, match="not running"):
        session.run_task("Measure", "0")
    assert list_stored(bench, ended) == ended


def test_a_session_begins_once(make_bench: MakeBench) -> None:
    session = make_bench(make_task()).start_session()
    with pytest.raises(InvalidInputError, match="initialized already"):
        session.initialize()
    session.complete()


def test_what_has_not_begun_cannot_run_or_end(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    session = CalibOrchestrator(CalibConfig(username="admin", chip_id=CHIP), bench.qdash)
    for use in (*ENDS.values(), lambda one: one.run_task("Measure", "0"), lambda one: one.execution):
        with pytest.raises(InvalidInputError, match="call initialize"):
            use(session)


def test_a_run_in_which_nothing_completed_is_failed(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(run=make_raising(OSError("cable"))))
    session = bench.start_session()
    session.run_task("Measure", "0")
    ended = session.complete()
    assert (ended.status, ended.message, ended.tasks) == (
        ExecutionStatus.FAILED,
        "no task completed",
        {"failed": 1},
    )
    assert bench.list_events()[-1].kind == "execution.failed"


def test_a_session_in_which_something_completed_is_completed_with_counts(make_bench: MakeBench) -> None:
    bench = make_bench(
        make_task(), make_task("Broken", run=make_raising(OSError("cable"))), make_task("After", needs=["x"])
    )
    session = bench.start_session()
    for name in ("Broken", "Measure", "After"):
        session.run_task(name, "0")
    ended = session.complete()
    assert (ended.status, ended.tasks) == (ExecutionStatus.COMPLETED, {"failed": 2, "completed": 1})


def test_cancelling_marks_what_waited_and_what_ran(make_bench: MakeBench) -> None:
    """Ctrl-C in the middle of a plan does the same."""
    bench = make_bench(
        make_task(), make_task("Endless", run=make_raising(KeyboardInterrupt)), make_task("Later")
    )
    session = bench.start_session()
    names = ("Measure", "Endless", "Later")
    with pytest.raises(KeyboardInterrupt):
        session.run_plan(Plan([session.plan_task(name) for name in names], [["0"], ["1"]]))
    before = {(one.name, one.qid): one.status for one in bench.list_results(session.execution.execution_id)}
    assert before["Endless", "0"] is TaskStatus.RUNNING
    assert before["Later", "1"] is TaskStatus.SCHEDULED
    ended = session.cancel("enough")
    results = {(one.name, one.qid): one for one in bench.list_results(ended.execution_id)}
    assert {key: str(one.status) for key, one in results.items()} == {
        ("Measure", "0"): "completed",
        ("Endless", "0"): "cancelled",
        ("Later", "0"): "cancelled",
        ("Measure", "1"): "cancelled",
        ("Endless", "1"): "cancelled",
        ("Later", "1"): "cancelled",
    }
    assert results["Later", "1"].message == "enough"
    assert results["Later", "1"].end_at is not None
    assert ended.tasks == {"completed": 1, "cancelled": 5}
    assert bench.get_value() == 10.0


def test_a_task_can_see_that_the_run_is_being_cancelled(make_bench: MakeBench) -> None:
    seen: list[bool] = []

    def measure(self: Any, _backend: object) -> None:
        seen.append(self.context.cancelled)
        session.request_cancel()
        seen.append(self.context.cancelled)

    bench = make_bench(make_task(measure=measure))
    session = bench.start_session()
    with pytest.raises(KeyboardInterrupt, match="cancelled"):
        session.run_task("Measure", "0")
    session.cancel()
    assert seen == [False, True]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"chip_id": "other"}, "no chip 'other' in project default"),
        ({"project_id": "other"}, "no project 'other'"),
        ({"qids": ["7"]}, "no qubit or coupling '7'"),
        ({"qids": ["0-4"]}, "no qubit or coupling '0-4'"),
        ({"backend_name": "qubex"}, "no backend 'qubex'"),
    ],
)
def test_what_is_not_there_is_refused_before_anything_is_written(
    make_bench: MakeBench, config: dict[str, Any], message: str
) -> None:
    bench = make_bench(make_task())
    with pytest.raises(NotFoundError, match=message):
        bench.start_session(**config)
    assert bench.qdash.get(EXECUTIONS).newest(ADMIN) == []
    assert bench.list_events() == []
    assert bench.repositories.of(ExecutionLockRepository).list_by_project(PROJECT) == []


@pytest.mark.parametrize("qids", [["x"], ["00"], ["1-1"], [""], ["0-1-2"], ["-1"], [0], [None]])
def test_an_id_that_is_none_is_refused(qids: list[Any]) -> None:
    with pytest.raises(InvalidInputError):
        CalibConfig(username="admin", chip_id=CHIP, qids=qids)


def test_labels_are_normalised() -> None:
    assert CalibConfig(username="u", chip_id="c", qids=["Q07", "2-1", "3"]).qids == ("7", "1-2", "3")


@pytest.mark.parametrize(
    ("name", "qid", "message"),
    [
        ("Measure", "9", "chip chip has no qubit '9'"),
        ("Measure", "0-1", "has no qubit '0-1'"),
        ("Pair", "0", "has no coupling '0'"),
        ("Pair", "0-2", "has no coupling '0-2'"),
        ("Line", "5", "has no multiplexer '5'"),
        ("Whole", "0", "runs on the whole chip"),
        ("Measur", "0", "did you mean 'Measure'"),
    ],
)
def test_a_task_runs_only_where_it_can(make_bench: MakeBench, name: str, qid: str, message: str) -> None:
    kinds = {"Pair": "coupling", "Line": "mux", "Whole": "system"}
    bench = make_bench(make_task(), *(make_task(one, {}, task_type=kind) for one, kind in kinds.items()))
    session = bench.start_session()
    with pytest.raises(InvalidInputError, match=message):
        session.run_task(name, qid)
    assert bench.list_results(session.execution.execution_id) == []
    session.complete()


def test_tasks_of_every_kind_find_their_place(make_bench: MakeBench) -> None:
    kinds = {"Pair": "coupling", "Line": "mux", "Whole": "system", "All": "global"}
    bench = make_bench(make_task(), *(make_task(name, task_type=kind) for name, kind in kinds.items()))
    session = bench.start_session()
    for name, qid in (("Measure", "0"), ("Pair", "1-0"), ("Line", "1"), ("Whole", ""), ("All", "")):
        assert session.run_task(name, qid).status is TaskStatus.COMPLETED
    found = session.task_context.task_result
    session.complete()
    assert set(found.qubit_tasks) == {"0"}
    assert set(found.coupling_tasks) == {"0-1"}
    assert set(found.mux_tasks) == {"1"}
    assert [one.name for one in (*found.system_tasks, *found.global_tasks)] == ["Whole", "All"]
    assert bench.get_coupling("0-1").data["t1"].value == 10.0
    assert bench.get_value() == 10.0


# ------------------------------------------------------------------------------------------------------------ the backend


def test_the_backend_is_told_where_it_is_before_it_connects(make_bench: MakeBench) -> None:
    seen: list[Any] = []
    bench = make_bench(make_task(), backends=[make_backend(connect=lambda self: seen.append(self.context))])
    bench.start_session(qids=["1", "0"]).complete()
    (context,) = seen
    assert (context.project_id, context.chip_id, context.qids) == (PROJECT, CHIP, ("1", "0"))
    assert context.home == bench.qdash.settings.home


def test_another_backend_than_the_chips_may_be_asked_for(make_bench: MakeBench) -> None:
    special = make_task("Measure", {"t1": Parameter(20.0, 0.5, "us")}, backend="other")
    bench = make_bench(make_task(), special, backends=[make_backend(), make_backend(name="other")])
    assert bench.run().backend == "bench"
    result = bench.run(backend_name="other")
    assert (result.backend, result.output_parameters["t1"].value) == ("other", 20.0)


@pytest.mark.parametrize(
    "error", [OSError("no route to host"), SystemExit(3), BackendError("no route to host")]
)
def test_a_backend_that_does_not_connect_fails_the_execution_and_frees_the_project(
    make_bench: MakeBench, error: BaseException
) -> None:
    bench = make_bench(make_task(), backends=[make_backend(connect=make_raising(error))])
    with pytest.raises(BackendError, match=r"no route to host|does not connect: 3"):
        bench.start_session()
    (execution,) = bench.qdash.get(EXECUTIONS).newest(ADMIN)
    assert execution.status is ExecutionStatus.FAILED
    assert execution.message
    bench.reinstall(make_task()).start_session().complete()


def test_an_interrupt_while_connecting_cancels_the_execution_and_frees_the_project(
    make_bench: MakeBench,
) -> None:
    bench = make_bench(make_task(), backends=[make_backend(connect=make_raising(KeyboardInterrupt))])
    with pytest.raises(KeyboardInterrupt):
        bench.start_session()
    (execution,) = bench.qdash.get(EXECUTIONS).newest(ADMIN)
    assert execution.status is ExecutionStatus.CANCELLED
    assert bench.repositories.of(ExecutionLockRepository).list_by_project(PROJECT) == []


@pytest.mark.parametrize("error", [OSError("no licence"), SystemExit(3)])
def test_a_backend_that_cannot_be_made_is_a_backend_error(
    make_bench: MakeBench, error: BaseException
) -> None:
    bench = make_bench(make_task(), backends=[make_backend(__init__=make_raising(error))])
    with pytest.raises(BackendError, match="bench"):
        bench.start_session()
    assert bench.repositories.of(ExecutionLockRepository).list_by_project(PROJECT) == []
    assert bench.qdash.get(EXECUTIONS).newest(ADMIN) == []


@pytest.mark.parametrize("how", ENDS)
def test_the_backend_is_disconnected_whatever_the_outcome(make_bench: MakeBench, how: str) -> None:
    hardware = make_backend()
    bench = make_bench(make_task(), backends=[hardware])
    session = bench.start_session()
    ENDS[how](session)
    assert hardware.calls == ["connect", "disconnect"]


@pytest.mark.parametrize("method", ["disconnect", "save_note"])
@pytest.mark.parametrize("error", [OSError("gone"), SystemExit(1)])
def test_a_backend_that_fails_at_the_end_does_not_change_the_outcome(
    make_bench: MakeBench, method: str, error: BaseException
) -> None:
    bench = make_bench(make_task(), backends=[make_backend(**{method: make_raising(error)})])
    session = bench.start_session()
    session.run_task("Measure", "0")
    assert session.complete().status is ExecutionStatus.COMPLETED
    bench.reinstall(make_task()).start_session().complete()


def test_laboratory_time_is_that_of_the_backend(make_bench: MakeBench) -> None:
    def measure(one: Any, hardware: Any) -> object:
        hardware.clock.advance(one.context.qid, 12.5)
        return SIGNAL

    bench = make_bench(make_task(measure=measure), backends=[make_backend(clocked=True)])
    session = bench.start_session()
    session.run_task("Measure", "0")
    assert session.complete().lab_seconds == 12.5
    assert bench.reinstall(make_task()).start_session().complete().lab_seconds is None


# -------------------------------------------------------------------------------------------------------- what is watched


def test_progress_is_told_of_the_execution_each_plan_and_each_result(make_bench: MakeBench) -> None:
    told: list[object] = []

    class Watching:
        def began(self, execution_id: str) -> None:
            told.append(execution_id)

        def planned(self, tasks: list[str], groups: list[list[str]]) -> None:
            told.append((tasks, groups))

        def finished(self, result: Any) -> None:
            told.append((result.name, result.qid, str(result.status)))

    bench = make_bench(
        make_task(), make_task("Broken", run=make_raising(OSError)), make_task("After", needs=["t1"])
    )
    session = CalibOrchestrator(CalibConfig(username="admin", chip_id=CHIP), bench.qdash, progress=Watching())
    session.initialize()
    tasks = [session.plan_task(name) for name in ("Measure", "Broken", "After")]
    session.run_plan(Plan(tasks, [["0"], ["1"]]))
    ended = session.complete()
    assert told[:2] == [ended.execution_id, (["Measure", "Broken", "After"], [["0"], ["1"]])]
    assert told[2:5] == [
        ("Measure", "0", "completed"),
        ("Broken", "0", "failed"),
        ("After", "0", "completed"),
    ]
    assert len(told) == 8


@pytest.mark.parametrize("how", ["one after the other", "in lanes", "in one measurement"])
def test_who_wants_to_know_is_told_what_begins_before_its_result(make_bench: MakeBench, how: str) -> None:
    told: list[tuple[str, str, str]] = []

    class Watching(SilentProgress):
        def started(self, task: str, target: str) -> None:
            told.append(("started", task, target))

        def finished(self, result: Any) -> None:
            told.append(("finished", result.name, result.qid))

    together = make_task(simultaneous=True, run_group=staticmethod(lambda _, tasks: [SIGNAL for _ in tasks]))
    bench = make_bench(
        together if how == "in one measurement" else make_task(),
        backends=[make_backend(max_parallel=1 if how == "one after the other" else 2)],
    )
    session = CalibOrchestrator(CalibConfig(username="admin", chip_id=CHIP), bench.qdash, progress=Watching())
    session.initialize()
    session.run_plan(Plan([session.plan_task("Measure")], [["0", "1"]]))
    session.complete()
    assert sorted(told) == [(what, "Measure", qid) for what in ("finished", "started") for qid in ("0", "1")]
    for qid in ("0", "1"):
        assert told.index(("started", "Measure", qid)) < told.index(("finished", "Measure", qid))


def test_a_plan_may_hold_a_task_twice(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    session = bench.start_session()
    planned = session.plan_task("Measure")
    results = session.run_plan(Plan([planned, planned], [["0"], ["1"]]))
    ended = session.complete()
    assert [(result.qid, str(result.status)) for result in results] == [
        ("0", "completed"),
        ("0", "completed"),
        ("1", "completed"),
        ("1", "completed"),
    ]
    assert len({result.task_id for result in results}) == 4
    assert ended.tasks == {"completed": 4}


@pytest.mark.every_store
@pytest.mark.parametrize("how", ENDS)
def test_the_end_of_a_run_removes_its_lock_in_one_transaction(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    bench = make_bench(make_task())
    session = bench.start_session()
    execution, locks = session.execution, list[ExecutionLock]()

    def die(lock: ExecutionLock, **_: object) -> None:
        locks.append(lock)
        raise KeyboardInterrupt

    monkeypatch.setattr(ExecutionLock, "release", die)
    with pytest.raises(KeyboardInterrupt):
        ENDS[how](session)
    assert list_stored(bench, execution).status.terminal
    assert bench.repositories.of(ExecutionLockRepository).list_all() == []
    assert len(bench.repositories.of(ChipHistoryRepository).list_days(PROJECT, CHIP)) == 1
    monkeypatch.undo()
    locks[0].release()


@pytest.mark.every_store
def test_a_run_that_has_lost_its_lock_changes_nothing_of_its_chip(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    chips, hold = bench.qdash.chip_record, LockHold(owner="somebody else", instrument="bench")
    before = bench.get_qubit()
    with pytest.raises(LockedError):
        chips.set_status(PROJECT, CHIP, "0", TargetStatus.FAILED, hold=hold)
    with pytest.raises(LockedError):
        chips.record_day(PROJECT, CHIP, hold=hold)
    assert bench.get_qubit() == before
    assert bench.repositories.of(ChipHistoryRepository).list_days(PROJECT, CHIP) == []


def test_a_run_whose_lock_somebody_else_has_taken_records_nothing_more(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    session = bench.start_session()
    (lock,) = bench.repositories.of(ExecutionLockRepository).list_all()
    bench.repositories.of(ExecutionLockRepository).remove(lock.hold)
    bench.repositories.of(ExecutionLockRepository).put(lock.model_copy(update={"owner": "somebody else"}))
    with pytest.raises(LockedError, match="was lost: another user released it or took it over"):
        session.run_task("Measure", "0")
    assert (
        bench.repositories.of(TaskResultHistoryRepository).count({"project_id": PROJECT, "chip_id": CHIP})
        == 0
    )
    assert bench.get_qubit().data == {}


def test_a_session_that_has_been_ended_for_it_sets_no_status(make_bench: MakeBench) -> None:
    """A task that does not stop has it ended, while its flow continues."""
    bench = make_bench(make_task())
    session = bench.start_session()
    assert isinstance(session._session, RunSession)
    session._session._end_stuck("it hangs")
    with pytest.raises(LockedError):
        session.set_status("0", TargetStatus.FAILED)
    assert bench.get_qubit().status is TargetStatus.PENDING


def test_a_run_that_is_interrupted_while_it_begins_is_cancelled(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = make_bench(make_task())
    monkeypatch.setattr(ExecutionLock, "assign", make_raising(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        bench.start_session()
    (execution,) = bench.qdash.get(EXECUTIONS).newest(ADMIN)
    assert (str(execution.status), execution.message) == ("cancelled", "interrupted while it began")
    assert bench.repositories.of(ExecutionLockRepository).list_by_project(PROJECT) == []


def test_a_last_note_that_does_not_come_can_be_interrupted(make_bench: MakeBench) -> None:
    kind = make_backend(save_note=make_raising(KeyboardInterrupt))
    bench = make_bench(make_task(), backends=[kind])
    assert bench.start_session().fail("cable").message == "cable"
    assert kind.calls[-1] == "disconnect"


def test_what_was_measured_before_an_interrupt_is_kept(make_bench: MakeBench) -> None:
    def save_and_be_cut(path: str, raw: object) -> None:
        save(path, raw)
        raise KeyboardInterrupt

    def measure(one: Any, _backend: object) -> None:
        one.context.partial(SIGNAL)

    bench = make_bench(make_task(measure=measure))
    artifacts: Any = bench.qdash.artifacts
    save = artifacts.save_raw_data
    session = bench.start_session()
    artifacts.save_raw_data = save_and_be_cut
    with pytest.raises(KeyboardInterrupt):
        session.run_task("Measure", "0")
    (result,) = bench.list_results(session.cancel().execution_id)
    assert result.raw_data_path == [result.raw_data_file]


def test_on_a_chip_that_is_deleted_while_a_run_begins_nothing_begins(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = make_bench(make_task())
    acquire = ExecutionLock.acquire

    def deleted_meanwhile(lock: ExecutionLock) -> None:
        bench.qdash.get(CHIPS).delete(ADMIN, CHIP)
        acquire(lock)

    monkeypatch.setattr(ExecutionLock, "acquire", deleted_meanwhile)
    with pytest.raises(NotFoundError, match=CHIP):
        bench.start_session()
    assert bench.qdash.get(EXECUTIONS).newest(ADMIN) == []
    assert bench.repositories.of(ExecutionLockRepository).list_by_project(PROJECT) == []


def test_what_a_backend_tags_its_runs_with_stands_on_the_run_and_on_every_result(
    make_bench: MakeBench,
) -> None:
    tagging = make_backend(tags=classmethod(lambda cls, context: ["simulated", "a"]))
    bench = make_bench(make_task(), backends=[tagging])
    session = bench.start_session(tags=["a", "b"])
    assert session.run_task("Measure", "0").tags == ["a", "b", "simulated"]
    assert list_stored(bench, session.cancel()).tags == ["a", "b", "simulated"]
    assert "simulated" in [one.name for one in bench.qdash.get(TAGS).list_by_project(ADMIN)]


def test_a_resume_with_other_tags_carries_both(make_bench: MakeBench) -> None:
    told: list[str] = []
    bench = make_bench(make_task(), backends=[make_backend(tags=classmethod(lambda cls, context: told))])
    execution_id = bench.start_session().cancel().execution_id
    told.append("simulated")
    session = bench.start_session(resume=True, execution_id=execution_id)
    assert session.run_task("Measure", "0").tags == ["simulated"]
    assert list_stored(bench, session.complete()).tags == ["simulated"]


def test_tags_that_a_backend_yields_are_not_lost(make_bench: MakeBench) -> None:
    yielding = make_backend(tags=classmethod(lambda cls, context: (one for one in ["simulated"])))
    session = make_bench(make_task(), backends=[yielding]).start_session()
    assert session.run_task("Measure", "0").tags == ["simulated"]
    session.complete()


@pytest.mark.parametrize("tags", [None, 5])
def test_a_backend_that_cannot_say_its_tags_begins_nothing(make_bench: MakeBench, tags: Any) -> None:
    bench = make_bench(make_task(), backends=[make_backend(tags=classmethod(lambda cls, context: tags))])
    with pytest.raises(BackendError, match="cannot say how runs on chip"):
        bench.start_session()


@pytest.mark.parametrize("tags", ["simulated", [""], [1]])
def test_tags_of_a_backend_that_are_none_begin_nothing(make_bench: MakeBench, tags: Any) -> None:
    bench = make_bench(make_task(), backends=[make_backend(tags=classmethod(lambda cls, context: tags))])
    with pytest.raises(BackendError, match="these are no tags"):
        bench.start_session()
