"""Background runs: a worker performs them, and no death of a process loses one."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from .command_line import CommandLine, wait_until
from .test_queue import get_execution, queue, start_command, wait_for_text

if TYPE_CHECKING:
    from .test_queue import Started

LONG = ("calibrate", "slow", "--flow", "bring-up", "--qids", "0", "--detach")
SHORT = ("calibrate", "slow", "--flow", "CheckResonatorSpectroscopy", "--qids", "2", "--detach")


def submit(qdash: CommandLine, *arguments: str) -> str:
    """Submit a run for a worker and return its id, the only text on standard output."""
    outcome = qdash(*arguments)
    assert outcome.status == 0, outcome
    return outcome.out.strip()


def get_status(qdash: CommandLine, execution_id: str) -> str:
    return str(get_execution(qdash, execution_id)["status"])


def wait_for_measurement(qdash: CommandLine, execution_id: str) -> None:
    """Wait until a run has recorded a result and is measuring."""

    def happens() -> bool:
        if is_on_sqlite(qdash):  # inspected without a process
            return {"completed", "running"} <= set(qdash.list_task_states())
        shown = get_execution(qdash, execution_id)
        return {"completed", "running"} <= {one["status"] for one in shown["results"]}

    wait_until(happens, what=f"{execution_id} measures")


def is_on_sqlite(qdash: CommandLine) -> bool:
    return "QDASH_STORE_URL" not in qdash.settings


def wait_for_empty_queue(qdash: CommandLine) -> None:
    """Wait until no run is queued or running."""

    def found() -> list[Any]:
        return qdash.query_rows("SELECT doc FROM queue") if is_on_sqlite(qdash) else queue(qdash)

    wait_until(lambda: not found(), what="the queue is empty")


def wait_for_end(qdash: CommandLine, *ids: str) -> None:
    wait_for_empty_queue(qdash)
    assert [get_status(qdash, one) for one in ids] == ["completed"] * len(ids)


def kill_worker(worker: Started) -> None:
    worker.process.kill()
    worker.process.wait()


@pytest.fixture(
    params=[
        pytest.param("sqlite", marks=pytest.mark.slow),
        pytest.param("mongodb", marks=pytest.mark.release),
    ]
)
def laboratory(request: pytest.FixtureRequest, qdash: CommandLine) -> CommandLine:
    """A command line on each kind of store in turn, with the chip `slow`."""
    if request.param == "mongodb":
        qdash = qdash.with_settings(QDASH_STORE_URL=request.getfixturevalue("mongo_url"))
    qdash.does("twin", "create", "slow", "--device", "jakarta", "--fault", "slow=0.1")
    return qdash


@pytest.fixture
def slow(qdash: CommandLine) -> CommandLine:
    """A command line whose chip `slow` takes a twentieth of a second for every measurement."""
    qdash.does("twin", "create", "slow", "--device", "jakarta", "--fault", "slow=0.05")
    return qdash


def test_a_detached_run_waits_for_a_worker_and_is_performed_by_it(slow: CommandLine) -> None:
    outcome = slow(*SHORT)
    run = outcome.out.strip()
    assert "no worker is running: the run waits until `qdash worker` runs" in outcome.err
    assert f"qdash executions follow {run}" in outcome.err
    assert get_status(slow, run) == "scheduled"
    with slow.run_beside("executions", "follow", run) as (follower, errors):
        wait_for_text(errors, "waits for a worker: none is running")
        with start_command(slow, "worker") as worker:
            worker.wait_for_text(rf"execution {run}: completed")
            assert follower.result().status == 0
            worker.process.terminate()
            ended = worker.wait_for_end()
    assert (ended.status, ended.out) == (0, "")
    assert ended.err.endswith("ended\n")
    wait_for_end(slow, run)


@pytest.mark.slow
def test_a_detached_run_beside_a_worker_begins_without_a_warning(slow: CommandLine) -> None:
    run = submit(slow, *SHORT)
    with start_command(slow, "worker") as worker:
        worker.wait_for_text(rf"execution {run}: completed")
        outcome = slow(*SHORT)
        assert "no worker" not in outcome.err
        worker.wait_for_text(rf"execution {outcome.out.strip()}: completed")


@pytest.mark.release
def test_a_worker_that_is_stopped_lets_its_run_go_on_first_elsewhere(slow: CommandLine) -> None:
    run, later = submit(slow, *LONG), submit(slow, *SHORT)
    with start_command(slow, "worker") as worker:
        wait_for_measurement(slow, run)
        worker.process.terminate()
        assert worker.wait_for_end().status == 0
    first, second = queue(slow)
    assert (first["execution_id"], first["state"], first["resume"], first["deaths"]) == (
        run,
        "waiting",
        True,
        0,
    )
    assert (second["execution_id"], second["state"]) == (later, "waiting")
    assert get_execution(slow, run)["status"] == "failed"
    with start_command(slow, "worker"):
        wait_for_end(slow, run, later)
    shown = get_execution(slow, run)
    assert len(shown["attempts"]) == 2
    completed = [(one["name"], one["qid"]) for one in shown["results"] if one["status"] == "completed"]
    assert len(completed) == len(set(completed)), "nothing is measured twice"


def test_a_run_whose_worker_is_killed_goes_on_and_is_held_when_that_happens_again(
    laboratory: CommandLine,
) -> None:
    run, later = submit(laboratory, *LONG), submit(laboratory, *SHORT)
    with start_command(laboratory, "worker") as worker:
        wait_for_measurement(laboratory, run)
        kill_worker(worker)
    with start_command(laboratory, "worker") as worker:
        worker.wait_for_text(f"execution {run} of .*: begins")
        wait_for_measurement(laboratory, run)
        kill_worker(worker)
    with start_command(laboratory, "worker") as worker:
        worker.wait_for_text(f"execution {later}: completed")
        (entry,) = queue(laboratory)
        assert (entry["execution_id"], entry["state"], entry["deaths"]) == (run, "held", 2)
        assert entry["reason"].startswith("its worker died 2 times: interrupted")
        laboratory.does("queue", "release", run)
        wait_for_end(laboratory, run, later)
    assert len(get_execution(laboratory, run)["attempts"]) == 3


@pytest.mark.release
def test_a_run_whose_process_is_killed_goes_on_under_the_same_worker(slow: CommandLine) -> None:
    run = submit(slow, *LONG)
    with start_command(slow, "worker") as worker:
        wait_for_measurement(slow, run)
        os.kill(slow.get_holder_pid(), signal.SIGKILL)
        wait_for_end(slow, run)
        assert worker.process.poll() is None
    assert len(get_execution(slow, run)["attempts"]) == 2


def test_a_run_that_is_cancelled_does_not_go_on(laboratory: CommandLine) -> None:
    run, later = submit(laboratory, *LONG), submit(laboratory, *SHORT)
    with start_command(laboratory, "worker"):
        wait_for_measurement(laboratory, run)
        laboratory.does("executions", "cancel", run)
        wait_for_empty_queue(laboratory)
    assert [get_status(laboratory, one) for one in (run, later)] == ["cancelled", "completed"]


@pytest.mark.release
def test_two_chips_are_measured_at_once_and_one_chip_run_after_run(slow: CommandLine) -> None:
    slow.does("twin", "create", "other", "--device", "jakarta", "--fault", "slow=0.1")
    here, there = submit(slow, *LONG), submit(slow, LONG[0], "other", *LONG[2:])
    again = submit(slow, *SHORT)
    with start_command(slow, "worker"):
        wait_until(
            lambda: [get_status(slow, one) for one in (here, there)] == ["running"] * 2, what="both run"
        )
        assert get_status(slow, again) == "scheduled"
        (waits,) = (one["waits_for"] for one in queue(slow) if one["execution_id"] == again)
        assert waits.startswith(f"execution {here} of ")
        wait_for_end(slow, here, there, again)
    assert get_execution(slow, again)["start_at"] >= get_execution(slow, here)["end_at"]
