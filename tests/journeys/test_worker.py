"""Background runs: a worker performs them, and no death of a process loses one."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from .command_line import CommandLine, wait_until
from .test_queue import execution, queue, started

if TYPE_CHECKING:
    from .test_queue import Started

LONG = ("calibrate", "slow", "--flow", "bring-up", "--qids", "0", "--detach")
SHORT = ("calibrate", "slow", "--flow", "CheckResonatorSpectroscopy", "--qids", "2", "--detach")


def submit(qdash: CommandLine, *arguments: str) -> str:
    """Submit a run for a worker and return its id, the only text on standard output."""
    outcome = qdash(*arguments)
    assert outcome.status == 0, outcome
    return outcome.out.strip()


def status_of(qdash: CommandLine, execution_id: str) -> str:
    return str(execution(qdash, execution_id)["status"])


def measuring(qdash: CommandLine, execution_id: str) -> None:
    """Wait until a run has recorded a result and is measuring."""

    def happens() -> bool:
        if on_sqlite(qdash):  # inspected without a process
            return {"completed", "running"} <= set(qdash.task_states())
        shown = execution(qdash, execution_id)
        return {"completed", "running"} <= {one["status"] for one in shown["results"]}

    wait_until(happens, what=f"{execution_id} measures")


def on_sqlite(qdash: CommandLine) -> bool:
    return "QDASH_STORE_URL" not in qdash.settings


def empty(qdash: CommandLine) -> None:
    """Wait until no run is queued or running."""

    def found() -> list[Any]:
        return qdash.rows("SELECT doc FROM queue") if on_sqlite(qdash) else queue(qdash)

    wait_until(lambda: not found(), what="the queue is empty")


def done(qdash: CommandLine, *ids: str) -> None:
    empty(qdash)
    assert [status_of(qdash, one) for one in ids] == ["completed"] * len(ids)


def killed(worker: Started) -> None:
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
    assert status_of(slow, run) == "scheduled"
    with started(slow, "executions", "follow", run) as follower:
        follower.says("waits for a worker: none lives")
        with started(slow, "worker") as worker:
            worker.says(rf"execution {run}: completed")
            assert follower.ended().status == 0
            outcome = slow(*SHORT)
            assert "no worker" not in outcome.err
            worker.says(rf"execution {outcome.out.strip()}: completed")
            worker.process.terminate()
            ended = worker.ended()
    assert (ended.status, ended.out) == (0, "")
    assert ended.err.endswith("ended\n")
    done(slow, run)


@pytest.mark.release
def test_a_worker_that_is_stopped_lets_its_run_go_on_first_elsewhere(slow: CommandLine) -> None:
    run, later = submit(slow, *LONG), submit(slow, *SHORT)
    with started(slow, "worker") as worker:
        measuring(slow, run)
        worker.process.terminate()
        assert worker.ended().status == 0
    first, second = queue(slow)
    assert (first["execution_id"], first["state"], first["resume"], first["deaths"]) == (
        run,
        "waiting",
        True,
        0,
    )
    assert (second["execution_id"], second["state"]) == (later, "waiting")
    assert execution(slow, run)["status"] == "failed"
    with started(slow, "worker"):
        done(slow, run, later)
    shown = execution(slow, run)
    assert len(shown["attempts"]) == 2
    completed = [(one["name"], one["qid"]) for one in shown["results"] if one["status"] == "completed"]
    assert len(completed) == len(set(completed)), "nothing is measured twice"


def test_a_run_whose_worker_is_killed_goes_on_and_is_held_when_that_happens_again(
    laboratory: CommandLine,
) -> None:
    run, later = submit(laboratory, *LONG), submit(laboratory, *SHORT)
    with started(laboratory, "worker") as worker:
        measuring(laboratory, run)
        killed(worker)
    with started(laboratory, "worker") as worker:
        worker.says(f"execution {run} of .*: begins")
        measuring(laboratory, run)
        killed(worker)
    with started(laboratory, "worker") as worker:
        worker.says(f"execution {later}: completed")
        (entry,) = queue(laboratory)
        assert (entry["execution_id"], entry["state"], entry["deaths"]) == (run, "held", 2)
        assert entry["reason"].startswith("its worker died 2 times: interrupted")
        laboratory.does("queue", "release", run)
        done(laboratory, run, later)
    assert len(execution(laboratory, run)["attempts"]) == 3


@pytest.mark.release
def test_a_run_whose_process_is_killed_goes_on_under_the_same_worker(slow: CommandLine) -> None:
    run = submit(slow, *LONG)
    with started(slow, "worker") as worker:
        measuring(slow, run)
        os.kill(slow.holder(), signal.SIGKILL)
        done(slow, run)
        assert worker.process.poll() is None
    assert len(execution(slow, run)["attempts"]) == 2


def test_a_run_that_is_cancelled_does_not_go_on(laboratory: CommandLine) -> None:
    run, later = submit(laboratory, *LONG), submit(laboratory, *SHORT)
    with started(laboratory, "worker"):
        measuring(laboratory, run)
        laboratory.does("executions", "cancel", run)
        empty(laboratory)
    assert [status_of(laboratory, one) for one in (run, later)] == ["cancelled", "completed"]


@pytest.mark.slow
def test_two_chips_are_measured_at_once_and_one_chip_run_after_run(slow: CommandLine) -> None:
    slow.does("twin", "create", "other", "--device", "jakarta", "--fault", "slow=0.1")
    here, there = submit(slow, *LONG), submit(slow, LONG[0], "other", *LONG[2:])
    again = submit(slow, *SHORT)
    with started(slow, "worker"):
        wait_until(
            lambda: [status_of(slow, one) for one in (here, there)] == ["running"] * 2, what="both run"
        )
        assert status_of(slow, again) == "scheduled"
        (waits,) = (one["waits_for"] for one in queue(slow) if one["execution_id"] == again)
        assert waits.startswith(f"execution {here} of ")
        done(slow, here, there, again)
    assert execution(slow, again)["start_at"] >= execution(slow, here)["end_at"]
