"""Resume of a run after any interruption: no task is measured twice, and all complete."""

from __future__ import annotations

import os
import signal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from qdash_tasks import flows

from .command_line import UNFINISHED, CommandLine, ended, wait_until

if TYPE_CHECKING:
    import subprocess

BRING_UP = ("calibrate", "slow", "--flow", "bring-up", "--qids", "0")


@pytest.fixture
def slow(qdash: CommandLine) -> CommandLine:
    """A command line whose chip `slow` is just slow enough to be interrupted."""
    qdash.does("twin", "create", "slow", "--device", "jakarta", "--fault", "slow=0.02")
    return qdash


def kill_both(qdash: CommandLine, process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGSTOP)  # or it would reap the other one
    os.kill(qdash.holder(), signal.SIGKILL)
    process.kill()


def kill_the_command(qdash: CommandLine, process: subprocess.Popen[str]) -> None:
    process.kill()
    wait_until(lambda: qdash.locks() == [], what="the end of the flow")


def kill_the_flow(qdash: CommandLine, process: subprocess.Popen[str]) -> None:
    os.kill(qdash.holder(), signal.SIGKILL)
    ended(process)


def interrupt(_qdash: CommandLine, process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)
    ended(process)


def stopped(qdash: CommandLine, how: Any, *command: str, after: int = 2) -> dict[str, dict[str, Any]]:
    """Start a run, interrupt it after some tasks, and return the completed ones."""
    with qdash.running(*command) as process:
        wait_until(lambda: qdash.task_states().count("completed") >= after, what="completed tasks")
        how(qdash, process)
    (execution,) = qdash.json("executions", "list")
    shown = qdash.json("executions", "show", execution["execution_id"])
    return {one["task_id"]: one for one in shown["results"] if one["status"] == "completed"}


def only(qdash: CommandLine) -> dict[str, Any]:
    (execution,) = qdash.json("executions", "list")
    shown: dict[str, Any] = qdash.json("executions", "show", execution["execution_id"])
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
    before = stopped(slow, how, *BRING_UP)
    first = only(slow)

    outcome = slow.json("executions", "resume", first["execution_id"])

    assert (outcome["execution_id"], outcome["status"]) == (first["execution_id"], "completed")
    assert outcome["tasks"] == {"completed": len(flows.BRING_UP)}
    shown = only(slow)
    assert shown["flow_run_id"] == first["flow_run_id"]
    assert [attempt["status"] for attempt in shown["attempts"]][1:] == ["completed"]
    assert shown["attempts"][0]["status"] in {"cancelled", "failed"}
    after = {one["task_id"]: one for one in shown["results"] if one["status"] == "completed"}
    assert {task_id: after[task_id] for task_id in before} == before
    nodes = [(one["name"], one["qid"]) for one in after.values()]
    assert len(nodes) == len(set(nodes)) == len(flows.BRING_UP)
    assert not UNFINISHED & set(slow.task_states())
    assert slow.locks() == []


@pytest.mark.slow
def test_what_was_stopped_among_its_couplings_goes_on_there(slow: CommandLine) -> None:
    """The second stage is resumed, in laboratory time too: no qubit is in two measurements at once."""
    of_qubits = 2 * len(flows.BRING_UP)
    before = stopped(
        slow, kill_both, "calibrate", "slow", "--flow", "full", "--qids", "0,1", after=of_qubits + 1
    )
    control = slow.json("chip", "show", "slow")["couplings"]["0-1"]["control"]

    outcome = slow.json("executions", "resume", only(slow)["execution_id"])

    assert outcome["tasks"] == {"completed": of_qubits + len(flows.TWO_QUBIT_CALIBRATION)}
    after = {one["task_id"]: one for one in only(slow)["results"] if one["status"] == "completed"}
    assert {task_id: after[task_id] for task_id in before} == before
    assert len({(one["name"], one["qid"]) for one in after.values()}) == len(after)
    coupling = slow.json("chip", "show", "slow")["couplings"]["0-1"]
    assert (coupling["status"], coupling["control"]) == ("calibrated", control)
    for qid in ("0", "1"):
        spans = sorted(
            (one["lab_start_s"], one["lab_start_s"] + one["lab_s"])
            for one in slow.json("executions", "timeline", outcome["execution_id"])
            if qid in one["target"].split("-")
        )
        assert len(spans) == len(flows.BRING_UP) + len(flows.TWO_QUBIT_CALIBRATION)
        assert all(end <= begin + 1e-6 for (_, end), (begin, _) in pairwise(spans))


@pytest.mark.slow
def test_who_watches_is_told_how_much_is_done_already(slow: CommandLine) -> None:
    done = len(stopped(slow, interrupt, *BRING_UP))

    outcome = slow("executions", "resume", only(slow)["execution_id"])

    assert outcome.status == 0
    first, plan, *_ = outcome.err.splitlines()
    assert first == f"execution {only(slow)['execution_id']}, resumed: {done} tasks done already"
    total = len(flows.BRING_UP)
    assert plan == f"{total} tasks on 1 target in 1 group, {done} of {total} done already; measured again: 0"


@pytest.mark.slow
def test_a_demo_is_resumed_in_its_home(qdash: CommandLine) -> None:
    qdash.does("init")
    before = stopped(qdash, interrupt, "demo", "--qubits", "2", after=1)
    outcome = qdash.json("executions", "resume", only(qdash)["execution_id"])
    assert outcome["status"] == "completed"
    assert before.keys() < {one["task_id"] for one in only(qdash)["results"]}


@pytest.mark.slow
def test_everything_that_was_interrupted_is_resumed_at_once(slow: CommandLine) -> None:
    stopped(slow, kill_both, "calibrate", "slow", "--flow", "CheckResonatorSpectroscopy")
    slow.does(
        "task", "run", "CheckResonatorSpectroscopy", "--chip", "slow", "--qid", "0"
    )  # marks the dead run as failed
    (outcome,) = slow.json("executions", "resume", "--all")
    assert outcome["tasks"] == {"completed": 7}
    assert slow.execution_states() == ["completed", "completed"]
    assert slow.does("executions", "resume", "--all") == "nothing to resume\n"


@pytest.mark.slow
def test_what_was_run_anew_is_not_resumed_unasked(slow: CommandLine) -> None:
    flow = ("calibrate", "slow", "--flow", "CheckResonatorSpectroscopy", "--qids", "0,1,2")
    stopped(slow, kill_both, *flow, after=1)
    slow.does(*flow)
    assert slow.json("executions", "resume", "--all") == []


def test_only_what_was_stopped_can_be_resumed(bench: CommandLine) -> None:
    done = bench.json("calibrate", "bench", "--flow", "CheckT1", "--qids", "0")
    line = bench.refuses("executions", "resume", done["execution_id"])
    assert "is completed and cannot be resumed" in line
    assert "no execution '20200101-000'" in bench.refuses("executions", "resume", "20200101-000")
    assert "name an execution or use --all" in bench.refuses("executions", "resume")
