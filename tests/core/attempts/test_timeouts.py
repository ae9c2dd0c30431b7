"""Time limits of tasks: a late task fails alone, and one that does not stop ends the run."""

from __future__ import annotations

import subprocess
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core import RawData, TaskOutput
from qdash_core.errors import TaskStuckError
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.task import TaskStatus
from qdash_core.repositories.executions import ExecutionLockRepository
from qdash_core.runs.performance import run_to_end
from qdash_core.session.running_flow import RunningFlow, set_current_flow
from qdash_sqlite.store import SQLiteStore

from ...access import ADMIN
from ..bench import CHIP, PROJECT, SIGNAL, Bench, make_backend, make_raising, make_task
from ..forked_programs import ForkedProgram

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core import BaseTask

    from ..conftest import MakeBench

SHORT_S = 0.1
LONG_S = 60.0
RECURSIVE: list[Any] = []
RECURSIVE.append(RECURSIVE)
SAID = "Measure took longer than its timeout of 0.1 s"

pytestmark = pytest.mark.parametrize("store_url", ["memory"], indirect=True)


def hang(*_: Any) -> Any:
    """Wait in short steps, so that it can be stopped in a lane too."""
    until = time.monotonic() + LONG_S
    while time.monotonic() < until:
        time.sleep(0.01)


def measure_on_one_qubit(qid: str, what: Any) -> Any:
    """Return a measurement that behaves differently on one qubit."""
    return lambda self, backend: what(self, backend) if self.context.qid == qid else SIGNAL


@pytest.mark.parametrize("stage", ["run", "preprocess"])
def test_a_task_that_takes_longer_than_it_may_fails(make_bench: MakeBench, stage: str) -> None:
    slow = make_task(timeout_s=SHORT_S)
    setattr(slow, stage, lambda *_: time.sleep(LONG_S))
    bench = make_bench(slow)
    result = bench.run()
    assert (result.status, result.message) == (TaskStatus.FAILED, SAID)
    assert bench.get_qubit().data == {}


def test_so_does_a_backend_that_does_not_take_its_inputs(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(timeout_s=SHORT_S), backends=[make_backend(apply=hang)])
    assert bench.run().message == SAID


def test_preparing_and_measuring_share_the_time(make_bench: MakeBench) -> None:
    def half(*_: Any) -> RawData:
        time.sleep(0.6)
        return SIGNAL

    bench = make_bench(make_task(timeout_s=1.0, preprocess=half, measure=half))
    assert bench.run().status is TaskStatus.FAILED


def test_the_analysis_has_as_much_time_again_and_leaves_the_data(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(timeout_s=SHORT_S, analyse=hang))
    result = bench.run()
    assert result.message == "Measure.postprocess took longer than its timeout of 0.1 s"
    assert bench.qdash.artifacts.load_raw_data(result.raw_data_path[0])["signal"].tolist() == [1.0, 2.0, 3.0]


def test_the_next_task_is_run(make_bench: MakeBench) -> None:
    bench = make_bench(make_task("Slow", {}, timeout_s=SHORT_S, measure=hang), make_task())
    session = bench.start_session()
    assert session.run_task("Slow", "0").status is TaskStatus.FAILED
    assert session.run_task("Measure", "0").status is TaskStatus.COMPLETED
    session.complete()


def test_what_was_kept_on_the_way_stays(make_bench: MakeBench) -> None:
    def measure(self: BaseTask, _: Any) -> None:
        self.context.partial(SIGNAL)
        hang()

    bench = make_bench(make_task(timeout_s=1.0, measure=measure))
    result = bench.run()
    assert result.message == "Measure took longer than its timeout of 1 s"
    assert bench.qdash.artifacts.exists(result.raw_data_path[0])


def test_a_task_is_told_and_what_it_still_returns_is_kept(make_bench: MakeBench) -> None:
    seen: list[bool] = []

    def measure(self: BaseTask, _: Any) -> RawData:
        seen.append(self.context.cancelled)
        try:
            hang()
        except BaseException:  # noqa: BLE001
            seen.append(self.context.cancelled)
        return SIGNAL

    bench = make_bench(make_task(timeout_s=SHORT_S, measure=measure), make_task("Next", {}))
    result = bench.run()
    assert (result.message, seen) == (SAID, [False, True])
    assert bench.qdash.artifacts.exists(result.raw_data_path[0])
    assert bench.run("Next").status is TaskStatus.COMPLETED


def test_in_lanes_one_target_fails_alone(make_bench: MakeBench) -> None:
    slow = make_task(timeout_s=SHORT_S, measure=measure_on_one_qubit("2", hang))
    bench = make_bench(slow, backends=[make_backend(max_parallel=None)])
    execution = run_to_end(bench.make_service(), QubitTargets(["0", "2", "4"]), [CustomOneQubit(["Measure"])])
    found = {result.qid: result.status for result in bench.list_results(execution.execution_id)}
    assert found == {"0": TaskStatus.COMPLETED, "2": TaskStatus.FAILED, "4": TaskStatus.COMPLETED}


def test_a_group_fails_together(make_bench: MakeBench) -> None:
    grouped = make_task(simultaneous=True, timeout_s=SHORT_S, run_group=classmethod(hang))
    bench = make_bench(grouped)
    execution = run_to_end(bench.make_service(), QubitTargets(["0", "2"]), [CustomOneQubit(["Measure"])])
    assert execution.status is ExecutionStatus.FAILED
    assert [result.message for result in bench.list_results(execution.execution_id)] == [SAID, SAID]


# Tasks that cannot be stopped


def will_not_stop(noticed: threading.Event) -> Any:
    """Return a measurement that continues until `noticed` is set, whatever is raised in it."""

    def measure(*_: Any) -> Any:
        try:
            hang()
        finally:
            assert noticed.wait(LONG_S)

    return measure


@pytest.mark.parametrize("lanes", [1, None])
def test_a_task_that_cannot_be_stopped_ends_the_run_from_outside(
    make_bench: MakeBench, lanes: int | None
) -> None:
    noticed = threading.Event()
    found: list[Any] = []
    stuck = make_task(timeout_s=SHORT_S, measure=measure_on_one_qubit("2", will_not_stop(noticed)))
    bench = make_bench(
        stuck, make_task("Next", {}), backends=[make_backend(max_parallel=lanes)], cancel_grace_s=0.05
    )

    def look(error: Exception) -> None:
        execution = bench.qdash.get(EXECUTIONS).newest(ADMIN)[0]
        found.extend([execution, bench.list_results(execution.execution_id), error])
        noticed.set()

    with (
        set_current_flow(RunningFlow(stuck=look)),
        pytest.raises(TaskStuckError, match="Measure took longer than its timeout"),
    ):
        run_to_end(bench.make_service(), QubitTargets(["0", "2"]), [CustomOneQubit(["Measure", "Next"])])

    execution, results, error = found
    said = f"{SAID}, and did not stop within 0.05 s"
    goes_on = f"{said}: `qdash executions resume {execution.execution_id}` resumes the run"
    assert (execution.status, execution.message, str(error)) == (ExecutionStatus.FAILED, goes_on, goes_on)
    by_node = {(result.name, result.qid): result for result in results}
    assert by_node["Measure", "0"].status is TaskStatus.COMPLETED
    assert (by_node["Measure", "2"].status, by_node["Measure", "2"].message) == (TaskStatus.FAILED, said)
    assert by_node["Next", "2"].status is TaskStatus.CANCELLED
    assert bench.repositories.of(ExecutionLockRepository).list_by_project(PROJECT) == []
    # What it is worth that the call returned after all: nothing is written over what has been recorded.
    assert bench.qdash.get(EXECUTIONS).show(ADMIN, execution.execution_id) == (execution, results)
    assert bench.run("Next", "0", chip_id=CHIP).status is TaskStatus.COMPLETED


STUCK_IN_C = """
import hashlib, os, sys
from pathlib import Path
from tests.core.bench import Bench, make_task
from qdash_core.session.running_flow import RunningFlow, set_current_flow
from qdash_core.runs.performance import run_to_end
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets

def measure(self, backend):
    if self.context.qid == "2":  # in C, without the interpreter's lock, heeding no signal
        hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)

def end(error):
    print(error, flush=True)
    os._exit(1)

bench = Bench.open(
    Path(sys.argv[1]), sys.argv[2], make_task(gives={}, timeout_s=0.1, measure=measure), cancel_grace_s=0.1
)
with set_current_flow(RunningFlow(stuck=end)):
    run_to_end(bench.make_service(), QubitTargets(["0", "2", "4"]), [CustomOneQubit(["Measure"])])
"""


def test_a_process_that_is_there_for_one_flow_ends_with_a_call_that_cannot_be_stopped(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    folder = tmp_path / "child"
    url = f"sqlite:///{tmp_path}/child.db"
    process = ForkedProgram(STUCK_IN_C, folder, url, stdout=subprocess.PIPE)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said.startswith(f"{SAID}, and did not stop within 0.1 s: `qdash executions resume ")

    store = SQLiteStore.open(url)
    bench = Bench(replace(make_bench().qdash, store=store))
    (execution,) = bench.qdash.get(EXECUTIONS).newest(ADMIN)
    assert execution.status is ExecutionStatus.FAILED
    found = {result.qid: result.status for result in bench.list_results(execution.execution_id)}
    assert found == {"0": TaskStatus.COMPLETED, "2": TaskStatus.FAILED, "4": TaskStatus.CANCELLED}
    assert bench.repositories.of(ExecutionLockRepository).list_by_project(PROJECT) == []
    store.close()


# Other behaviour of tasks


def test_a_task_that_interrupts_the_run_itself_cancels_it(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(measure=make_raising(KeyboardInterrupt)), make_task("Next", {}))
    with pytest.raises(KeyboardInterrupt, match="is cancelled"):
        run_to_end(bench.make_service(), QubitTargets(["0"]), [CustomOneQubit(["Measure", "Next"])])
    execution = bench.qdash.get(EXECUTIONS).newest(ADMIN)[0]
    assert execution.status is ExecutionStatus.CANCELLED
    assert {result.status for result in bench.list_results(execution.execution_id)} == {TaskStatus.CANCELLED}


def test_a_task_without_end_to_its_recursion_fails_alone(make_bench: MakeBench) -> None:
    def deeper(*given: Any) -> Any:
        return deeper(*given)  # without arguments, Python 3.13.0 dies of it

    bench = make_bench(make_task(measure=deeper), make_task("Next", {}))
    assert "RecursionError: maximum recursion depth exceeded" in bench.run().message
    assert bench.run("Next").status is TaskStatus.COMPLETED


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ({"trace": "x" * 16 * 2**20}, "the note holds 16.0 MiB, and 15 MiB can be kept"),
        ({"trace": np.zeros(2**27)}, "the note holds 1024.0 MiB"),
        ({"trace": '"' * 9 * 2**20}, "would have 18.0 MiB"),  # twice as much in JSON
        ({"trace": RECURSIVE}, "the note is not JSON"),
    ],
    ids=["text", "array", "escapes", "recursive"],
)
def test_a_note_that_no_store_can_hold_fails_its_task_and_says_why(
    make_bench: MakeBench, note: dict[str, Any], said: str
) -> None:
    bench = make_bench(make_task(gives={}, analyse=lambda *_: TaskOutput(note=note)), make_task("Next", {}))
    result = bench.run()
    assert result.status is TaskStatus.FAILED
    assert said in result.message
    assert bench.run("Next").status is TaskStatus.COMPLETED


def test_a_note_of_the_library_that_is_too_large_fails_nobody(
    make_bench: MakeBench, caplog: pytest.LogCaptureFixture
) -> None:
    bench = make_bench(make_task(), backends=[make_backend(note={"text": "x" * 16 * 2**20})])
    assert bench.run().status is TaskStatus.COMPLETED
    assert "the backend's calibration note is not kept: 16.0 MiB" in caplog.text


def test_threads_that_a_task_leaves_behind_disturb_nobody(make_bench: MakeBench) -> None:
    end = threading.Event()

    def measure(*_: Any) -> RawData:
        threading.Thread(target=end.wait).start()
        return SIGNAL

    bench = make_bench(make_task(measure=measure))
    assert bench.run().status is TaskStatus.COMPLETED
    end.set()
