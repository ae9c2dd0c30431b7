"""Cancellation of a run by a signal, by another shell, or by HTTP, always with the same outcome."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from .command_line import UNFINISHED, CommandLine, cancelled, ended, wait_until

if TYPE_CHECKING:
    from pathlib import Path

BRING_UP = ("calibrate", "slow", "--flow", "bring-up", "--qids", "0,1", "--json")
DEAF = """
import signal
from qdash_core import CalibService
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets

def deaf(username, chip_id):
    cal = CalibService(username, chip_id)
    cal.run(QubitTargets(["0"]), [CustomOneQubit(["CheckResonatorSpectroscopy"])])
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    signal.sigtimedwait({signal.SIGUSR1}, 60)
"""
"""A flow that ignores all signals after its first task."""

RESTING = """
import time
from pathlib import Path
from qdash_core import CalibService
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets

def resting(username, chip_id):
    cal = CalibService(username, chip_id)
    cal.run(QubitTargets(["0"]), [CustomOneQubit(["CheckResonatorSpectroscopy"])])
    try:
        time.sleep(600)
    except BaseException as error:
        Path(__file__).with_name("heard").write_text(type(error).__name__)
        raise
"""
"""A flow that waits for something else after its first task."""


@pytest.fixture
def deaf(slow: CommandLine) -> tuple[CommandLine, tuple[str, ...]]:
    """A command line with a short grace period, and a command that exceeds it."""
    file = slow.folder / "deaf.py"
    file.write_text(DEAF)
    return slow.with_settings(QDASH_CANCEL_GRACE_S="0.3"), ("flow", "run", str(file), "--chip", "slow")


def completed(qdash: CommandLine) -> None:
    """Wait until a task has completed."""
    wait_until(lambda: "completed" in qdash.task_states(), what="a completed task")


def execution(qdash: CommandLine) -> dict[str, object]:
    """Return the only execution with its results."""
    (only,) = qdash.json("executions", "list")
    shown: dict[str, object] = qdash.json("executions", "show", only["execution_id"])
    return shown


def identity(qdash: CommandLine) -> str:
    return str(execution(qdash)["execution_id"])


def assert_cancelled(qdash: CommandLine) -> None:
    """Assert that completed tasks stay, all others are cancelled with messages and times, and the lock is
    free.
    """
    shown = execution(qdash)
    assert shown["status"] == "cancelled"
    assert shown["message"]
    assert shown["end_at"]
    assert set(qdash.task_states()) <= {"completed", "cancelled"}
    assert "completed" in qdash.task_states()
    assert all(one["end_at"] for one in shown["results"])  # type: ignore[attr-defined]
    assert all(one["message"] for one in shown["results"] if one["status"] == "cancelled")  # type: ignore[attr-defined]
    assert qdash.locks() == []
    assert qdash.json("task", "run", "CheckResonatorSpectroscopy", "--chip", "slow", "--qid", "2")


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(signal.SIGTERM, marks=pytest.mark.slow),
        *(pytest.param(one, marks=pytest.mark.release) for one in (signal.SIGINT, signal.SIGHUP)),
    ],
)
def test_a_signal_to_the_process_of_the_flow_cancels_it(slow: CommandLine, how: signal.Signals) -> None:
    with slow.running(*BRING_UP) as process:
        completed(slow)
        os.kill(slow.holder(), how)
        outcome = ended(process)

    assert (outcome.status, outcome.out) == (130, "")
    assert "Traceback" not in outcome.err
    assert outcome.err.endswith(cancelled(identity(slow)))
    assert_cancelled(slow)


def test_it_is_cancelled_from_another_shell(slow: CommandLine) -> None:
    with slow.running(*BRING_UP) as process:
        completed(slow)
        told = slow.json("executions", "cancel", identity(slow))
        outcome = ended(process)

    assert (told["status"], told["message"]) == ("cancelled", "cancelled by admin")
    assert (outcome.status, outcome.out) == (130, "")
    assert outcome.err.endswith(cancelled(told["execution_id"]))
    assert_cancelled(slow)


@pytest.mark.slow
def test_a_task_that_takes_long_is_cut_from_another_shell(qdash: CommandLine) -> None:
    qdash.does("twin", "create", "slow", "--device", "jakarta", "--fault", "slow=50")
    with qdash.running("calibrate", "slow", "--flow", "CheckResonatorSpectroscopy", "--qids", "0") as process:
        wait_until(lambda: "running" in qdash.task_states(), what="a task that is running")
        qdash.does("executions", "cancel", identity(qdash))
        assert ended(process).status == 130
    assert qdash.task_states() == ["cancelled"]
    assert qdash.locks() == []


@pytest.mark.slow
def test_a_flow_that_does_something_else_between_its_tasks_hears_of_it(slow: CommandLine) -> None:
    file = slow.folder / "resting.py"
    file.write_text(RESTING)
    with slow.running("flow", "run", str(file), "--chip", "slow") as process:
        completed(slow)
        slow.does("executions", "cancel", identity(slow))
        assert ended(process).status == 130
    assert (slow.folder / "heard").read_text() == "KeyboardInterrupt"
    assert_cancelled(slow)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["Ctrl-C", "another shell"])
def test_what_heeds_nothing_is_killed_and_ended_from_outside(
    deaf: tuple[CommandLine, tuple[str, ...]], how: str
) -> None:
    qdash, command = deaf
    with qdash.running(*command) as process:
        completed(qdash)
        if how == "Ctrl-C":
            process.send_signal(signal.SIGINT)
        else:
            qdash.does("executions", "cancel", identity(qdash))
        outcome = ended(process)

    assert (outcome.status, outcome.out) == (130, "")
    assert outcome.err.endswith(cancelled(identity(qdash)))
    assert_cancelled(qdash)


@pytest.mark.slow
def test_what_nobody_runs_any_more_is_cancelled_at_once(slow: CommandLine) -> None:
    with slow.running(*BRING_UP) as process:
        completed(slow)
        process.send_signal(signal.SIGSTOP)  # or it would reap the other one
        os.kill(slow.holder(), signal.SIGKILL)
    assert execution(slow)["interrupted"] is True
    assert "interrupted" in slow.does("executions", "list")

    assert slow.json("executions", "cancel", identity(slow))["status"] == "cancelled"
    assert_cancelled(slow)


def test_only_what_runs_can_be_cancelled(slow: CommandLine) -> None:
    run = slow.json("task", "run", "CheckResonatorSpectroscopy", "--chip", "slow", "--qid", "0")
    line = slow.refuses("executions", "cancel", run["execution_id"])
    assert "is completed: there is nothing to cancel" in line
    assert "no execution '20200101-000'" in slow.refuses("executions", "cancel", "20200101-000")


@pytest.mark.slow
def test_a_prefect_hook_cancels_what_was_killed(slow: CommandLine) -> None:
    with slow.running(*BRING_UP) as process:
        completed(slow)
        process.send_signal(signal.SIGSTOP)
        os.kill(slow.holder(), signal.SIGKILL)
    code = (
        "from types import SimpleNamespace\n"
        "from qdash.workflow.service.calib_service import on_flow_cancellation\n"
        f"run = SimpleNamespace(id='{execution(slow)['flow_run_id']}', parameters={{'project_id': 'default'}})\n"
        "on_flow_cancellation(None, run, None)"
    )
    python(slow, "-c", code)
    assert_cancelled(slow)


# ------------------------------------------------------------------------------------------------- one of the two processes dies


def test_a_flow_ends_with_the_command_that_started_it(slow: CommandLine) -> None:
    with slow.running(*BRING_UP) as process:
        completed(slow)
        process.kill()
        wait_until(lambda: slow.locks() == [], what="the end of the flow")

    shown = execution(slow)
    assert shown["status"] == "failed"
    assert shown["message"] == "interrupted: whoever started it has ended, or has let it go"
    assert shown["reason"] == "interrupted"
    assert not UNFINISHED & set(slow.task_states())


@pytest.mark.slow
def test_a_flow_that_heeds_nothing_ends_with_its_command_too(
    deaf: tuple[CommandLine, tuple[str, ...]],
) -> None:
    qdash, command = deaf
    with qdash.running(*command) as process:
        completed(qdash)
        process.kill()
        wait_until(lambda: execution(qdash).get("interrupted"), what="the end of the flow")
    qdash.does("executions", "cancel", identity(qdash))
    assert_cancelled(qdash)


@pytest.mark.slow
def test_a_flow_whose_process_dies_has_failed_and_can_be_resumed(slow: CommandLine) -> None:
    with slow.running(*BRING_UP) as process:
        completed(slow)
        os.kill(slow.holder(), signal.SIGKILL)
        outcome = ended(process)

    assert (outcome.status, outcome.out) == (1, "")
    said = outcome.err.splitlines()[-1]
    assert "was killed by SIGKILL" in said
    assert f"`qdash executions resume {identity(slow)}`" in said
    shown = execution(slow)
    assert shown["status"] == "failed"
    assert str(shown["message"]).startswith("interrupted: ")
    assert not UNFINISHED & set(slow.task_states())
    assert slow.locks() == []


def python(qdash: CommandLine, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run Python with the settings of a command line."""
    import sys

    return subprocess.run(
        [sys.executable, *arguments],
        env=qdash.environment,
        cwd=qdash.folder,
        check=True,
        timeout=60,
        capture_output=True,
        text=True,
    )
