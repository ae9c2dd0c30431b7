"""Resume of a run after any interruption: no task is measured twice, and all complete."""

from __future__ import annotations

import os
import signal
from itertools import pairwise
from typing import Any

import pytest

from qdash_tasks import flows

from .command_line import UNFINISHED, CommandLine, wait_until

BRING_UP = ("calibrate", "slow", "--flow", "bring-up", "--qids", "0")


@pytest.fixture
def slow(qdash: CommandLine) -> CommandLine:
    """A command line whose chip `slow` is just slow enough to be interrupted."""
    qdash.does("twin", "create", "slow", "--device", "jakarta", "--fault", "slow=0.02")
    return qdash


@pytest.fixture
def slower(qdash: CommandLine) -> CommandLine:
    """A command line whose chip `slow` can be interrupted among a few measurements, on a busy machine too."""
    qdash.does("twin", "create", "slow", "--device", "jakarta", "--fault", "slow=0.5")
    return qdash


def kill_both(qdash: CommandLine) -> None:
    command = qdash.get_command_pid()
    os.kill(command, signal.SIGSTOP)  # or it would reap the other one
    os.kill(qdash.get_holder_pid(), signal.SIGKILL)
    os.kill(command, signal.SIGKILL)


def kill_the_command(qdash: CommandLine) -> None:
    os.kill(qdash.get_command_pid(), signal.SIGKILL)
    wait_until(lambda: qdash.list_locks() == [], what="the end of the flow")


def kill_the_flow(qdash: CommandLine) -> None:
    os.kill(qdash.get_holder_pid(), signal.SIGKILL)


def interrupt(qdash: CommandLine) -> None:
    os.kill(qdash.get_command_pid(), signal.SIGINT)


def interrupt_run(qdash: CommandLine, how: Any, *command: str, after: int = 2) -> dict[str, dict[str, Any]]:
    """Start a run, interrupt it after some tasks, and return the completed ones."""
    with qdash.run_beside(*command):
        wait_until(lambda: qdash.list_task_states().count("completed") >= after, what="completed tasks")
        how(qdash)
    (execution,) = qdash.read_json("executions", "list")
    shown = qdash.read_json("executions", "show", execution["execution_id"])
    return {one["task_id"]: one for one in shown["results"] if one["status"] == "completed"}


def get_execution(qdash: CommandLine) -> dict[str, Any]:
    (execution,) = qdash.read_json("executions", "list")
    shown: dict[str, Any] = qdash.read_json("executions", "show", execution["execution_id"])
    return shown


@pytest.mark.parametrize(
    "how",
    [
        kill_both,
        pytest.param(kill_the_flow, marks=pytest.mark.slow),
        *(pytest.param(one, marks=pytest.mark.release) for one in (kill_the_command, interrupt)),
    ],
)
def test_what_was_stopped_is_finished_without_measuring_anything_twice(slow: CommandLine, how: Any) -> None:
    before = interrupt_run(slow, how, *BRING_UP)
    first = get_execution(slow)

    outcome = slow.read_json("executions", "resume", first["execution_id"])

    assert (outcome["execution_id"], outcome["status"]) == (first["execution_id"], "completed")
    assert outcome["tasks"] == {"completed": len(flows.BRING_UP)}
    shown = get_execution(slow)
    assert shown["flow_run_id"] == first["flow_run_id"]
    assert [attempt["status"] for attempt in shown["attempts"]][1:] == ["completed"]
    assert shown["attempts"][0]["status"] in {"cancelled", "failed"}
    after = {one["task_id"]: one for one in shown["results"] if one["status"] == "completed"}
    assert {task_id: after[task_id] for task_id in before} == before
    nodes = [(one["name"], one["qid"]) for one in after.values()]
    assert len(nodes) == len(set(nodes)) == len(flows.BRING_UP)
    assert not UNFINISHED & set(slow.list_task_states())
    assert slow.list_locks() == []


@pytest.mark.slow
def test_what_was_stopped_among_its_couplings_goes_on_there(slow: CommandLine) -> None:
    """The second stage is resumed, in laboratory time too: no qubit is in two measurements at once."""
    of_qubits = 2 * len(flows.BRING_UP)
    before = interrupt_run(
        slow, kill_both, "calibrate", "slow", "--flow", "full", "--qids", "0,1", after=of_qubits + 1
    )
    control = slow.read_json("chip", "show", "slow")["couplings"]["0-1"]["control"]

    outcome = slow.read_json("executions", "resume", get_execution(slow)["execution_id"])

    assert outcome["tasks"] == {"completed": of_qubits + len(flows.TWO_QUBIT_CALIBRATION)}
    after = {one["task_id"]: one for one in get_execution(slow)["results"] if one["status"] == "completed"}
    assert {task_id: after[task_id] for task_id in before} == before
    assert len({(one["name"], one["qid"]) for one in after.values()}) == len(after)
    coupling = slow.read_json("chip", "show", "slow")["couplings"]["0-1"]
    assert (coupling["status"], coupling["control"]) == ("calibrated", control)
    for qid in ("0", "1"):
        spans = sorted(
            (one["lab_start_s"], one["lab_start_s"] + one["lab_s"])
            for one in slow.read_json("executions", "timeline", outcome["execution_id"])
            if qid in one["target"].split("-")
        )
        assert len(spans) == len(flows.BRING_UP) + len(flows.TWO_QUBIT_CALIBRATION)
        assert all(end <= begin + 1e-6 for (_, end), (begin, _) in pairwise(spans))


@pytest.mark.release
def test_who_watches_is_told_how_much_is_done_already(slow: CommandLine) -> None:
    done = len(interrupt_run(slow, interrupt, *BRING_UP))

    outcome = slow("executions", "resume", get_execution(slow)["execution_id"])

    assert outcome.status == 0
    first, plan, *_ = outcome.err.splitlines()
    assert first == f"execution {get_execution(slow)['execution_id']}, resumed: {done} tasks done already"
    total = len(flows.BRING_UP)
    assert plan == f"{total} tasks on 1 target in 1 group, {done} of {total} done already; measured again: 0"


@pytest.mark.release
def test_a_demo_is_resumed_in_its_home(qdash: CommandLine) -> None:
    qdash.does("init")
    before = interrupt_run(qdash, interrupt, "demo", "--qubits", "2", after=1)
    outcome = qdash.read_json("executions", "resume", get_execution(qdash)["execution_id"])
    assert outcome["status"] == "completed"
    assert before.keys() < {one["task_id"] for one in get_execution(qdash)["results"]}


@pytest.mark.slow
def test_everything_that_was_interrupted_is_resumed_at_once(slower: CommandLine) -> None:
    interrupt_run(slower, kill_both, "calibrate", "slow", "--flow", "CheckResonatorSpectroscopy")
    slower.does(
        "task", "run", "CheckResonatorSpectroscopy", "--chip", "slow", "--qid", "0"
    )  # marks the dead run as failed
    (outcome,) = slower.read_json("executions", "resume", "--all")
    assert outcome["tasks"] == {"completed": 7}
    assert slower.list_execution_states() == ["completed", "completed"]
    assert slower.does("executions", "resume", "--all") == "nothing to resume\n"


@pytest.mark.release
def test_what_was_run_anew_is_not_resumed_unasked(slower: CommandLine) -> None:
    flow = ("calibrate", "slow", "--flow", "CheckResonatorSpectroscopy", "--qids", "0,1,2")
    interrupt_run(slower, kill_both, *flow, after=1)
    slower.does(*flow)
    assert slower.read_json("executions", "resume", "--all") == []


def test_only_what_was_stopped_can_be_resumed(bench: CommandLine) -> None:
    done = bench.read_json("calibrate", "bench", "--flow", "CheckT1", "--qids", "0")
    line = bench.run_refused("executions", "resume", done["execution_id"])
    assert "is completed and cannot be resumed" in line
    assert "no execution '20200101-000'" in bench.run_refused("executions", "resume", "20200101-000")
    assert "name an execution or use --all" in bench.run_refused("executions", "resume")
