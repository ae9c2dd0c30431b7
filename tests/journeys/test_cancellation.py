"""Cancellation of a run by a signal, by another shell, or by HTTP, always with the same outcome."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from .command_line import UNFINISHED, CommandLine, make_cancel_message, wait_for_end, wait_until

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


def wait_for_completed(qdash: CommandLine) -> None:
    """Wait until a task has completed."""
    wait_until(lambda: "completed" in qdash.list_task_states(), what="a completed task")


def get_execution(qdash: CommandLine) -> dict[str, object]:
    """Return the only execution with its results."""
    (only,) = qdash.read_json("executions", "list")
    shown: dict[str, object] = qdash.read_json("executions", "show", only["execution_id"])
    return shown


def get_execution_id(qdash: CommandLine) -> str:
    return str(get_execution(qdash)["execution_id"])


def assert_cancelled(qdash: CommandLine) -> None:
    """Assert that completed tasks stay, all others are cancelled with messages and times, and the lock is
    free.
    """
    shown = get_execution(qdash)
    assert shown["status"] == "cancelled"
    assert shown["message"]
    assert shown["end_at"]
    assert set(qdash.list_task_states()) <= {"completed", "cancelled"}
    assert "completed" in qdash.list_task_states()
    assert all(one["end_at"] for one in shown["results"])  # type: ignore[attr-defined]
    assert all(one["message"] for one in shown["results"] if one["status"] == "cancelled")  # type: ignore[attr-defined]
    assert qdash.list_locks() == []
    assert qdash.read_json("task", "run", "CheckResonatorSpectroscopy", "--chip", "slow", "--qid", "2")


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(signal.SIGTERM, marks=pytest.mark.slow),
        *(pytest.param(one, marks=pytest.mark.release) for one in (signal.SIGINT, signal.SIGHUP)),
    ],
)
def test_a_signal_to_the_process_of_the_flow_cancels_it(slow: CommandLine, how: signal.Signals) -> None:
    with slow.start(*BRING_UP) as process:
        wait_for_completed(slow)
        os.kill(slow.get_holder_pid(), how)
        outcome = wait_for_end(process)

    assert (outcome.status, outcome.out) == (130, "")
    assert "Traceback" not in outcome.err
    assert outcome.err.endswith(make_cancel_message(get_execution_id(slow)))
    assert_cancelled(slow)


def test_it_is_cancelled_from_another_shell(slow: CommandLine) -> None:
    with slow.run_beside(*BRING_UP) as (run, _):
        wait_for_completed(slow)
        told = slow.read_json("executions", "cancel", get_execution_id(slow))
        outcome = run.result()

    assert (told["status"], told["message"]) == ("cancelled", "cancelled by admin")
    assert (outcome.status, outcome.out) == (130, "")
    assert outcome.err.endswith(make_cancel_message(told["execution_id"]))
    assert_cancelled(slow)


@pytest.mark.slow
def test_a_task_that_takes_long_is_cut_from_another_shell(qdash: CommandLine) -> None:
    qdash.does("twin", "create", "slow", "--device", "jakarta", "--fault", "slow=50")
    with qdash.start("calibrate", "slow", "--flow", "CheckResonatorSpectroscopy", "--qids", "0") as process:
        wait_until(lambda: "running" in qdash.list_task_states(), what="a task that is running")
        qdash.does("executions", "cancel", get_execution_id(qdash))
        assert wait_for_end(process).status == 130
    assert qdash.list_task_states() == ["cancelled"]
    assert qdash.list_locks() == []


@pytest.mark.slow
def test_a_flow_that_does_something_else_between_its_tasks_hears_of_it(slow: CommandLine) -> None:
    file = slow.folder / "resting.py"
    file.write_text(RESTING)
    with slow.start("flow", "run", str(file), "--chip", "slow") as process:
        wait_for_completed(slow)
        slow.does("executions", "cancel", get_execution_id(slow))
        assert wait_for_end(process).status == 130
    assert (slow.folder / "heard").read_text() == "KeyboardInterrupt"
    assert_cancelled(slow)


@pytest.mark.parametrize(
    "how",
    [
        pytest.param("Ctrl-C", marks=pytest.mark.release),
        pytest.param("another shell", marks=pytest.mark.slow),
    ],
)
def test_what_heeds_nothing_is_killed_and_ended_from_outside(
    deaf: tuple[CommandLine, tuple[str, ...]], how: str
) -> None:
    qdash, command = deaf
    with qdash.start(*command) as process:
        wait_for_completed(qdash)
        if how == "Ctrl-C":
            process.send_signal(signal.SIGINT)
        else:
            qdash.does("executions", "cancel", get_execution_id(qdash))
        outcome = wait_for_end(process)

    assert (outcome.status, outcome.out) == (130, "")
    assert outcome.err.endswith(make_cancel_message(get_execution_id(qdash)))
    assert_cancelled(qdash)


@pytest.mark.release
def test_what_nobody_runs_any_more_is_cancelled_at_once(slow: CommandLine) -> None:
    with slow.start(*BRING_UP) as process:
        wait_for_completed(slow)
        process.send_signal(signal.SIGSTOP)  # or it would reap the other one
        os.kill(slow.get_holder_pid(), signal.SIGKILL)
    assert get_execution(slow)["interrupted"] is True
    assert "interrupted" in slow.does("executions", "list")

    assert slow.read_json("executions", "cancel", get_execution_id(slow))["status"] == "cancelled"
    assert_cancelled(slow)


def test_only_what_runs_can_be_cancelled(slow: CommandLine) -> None:
    run = slow.read_json("task", "run", "CheckResonatorSpectroscopy", "--chip", "slow", "--qid", "0")
    line = slow.run_refused("executions", "cancel", run["execution_id"])
    assert "is completed: there is nothing to cancel" in line
    assert "no execution '20200101-000'" in slow.run_refused("executions", "cancel", "20200101-000")


@pytest.mark.release
def test_a_prefect_hook_cancels_what_was_killed(slow: CommandLine) -> None:
    with slow.start(*BRING_UP) as process:
        wait_for_completed(slow)
        process.send_signal(signal.SIGSTOP)
        os.kill(slow.get_holder_pid(), signal.SIGKILL)
    code = (
        "from types import SimpleNamespace\n"
        "from qdash.workflow.service.calib_service import on_flow_cancellation\n"
        f"run = SimpleNamespace(id='{get_execution(slow)['flow_run_id']}', parameters={{'project_id': 'default'}})\n"
        "on_flow_cancellation(None, run, None)"
    )
    run_python(slow, "-c", code)
    assert_cancelled(slow)


# ------------------------------------------------------------------------------------------------- one of the two processes dies


def test_a_flow_ends_with_the_command_that_started_it(slow: CommandLine) -> None:
    with slow.run_beside(*BRING_UP):
        wait_for_completed(slow)
        os.kill(slow.get_command_pid(), signal.SIGKILL)
        wait_until(lambda: slow.list_locks() == [], what="the end of the flow")

    shown = get_execution(slow)
    assert shown["status"] == "failed"
    assert shown["message"] == "interrupted: whoever started it has ended, or has let it go"
    assert shown["reason"] == "interrupted"
    assert not UNFINISHED & set(slow.list_task_states())


@pytest.mark.release
def test_a_flow_that_heeds_nothing_ends_with_its_command_too(
    deaf: tuple[CommandLine, tuple[str, ...]],
) -> None:
    qdash, command = deaf
    with qdash.start(*command) as process:
        wait_for_completed(qdash)
        process.kill()
        wait_until(lambda: get_execution(qdash).get("interrupted"), what="the end of the flow")
    qdash.does("executions", "cancel", get_execution_id(qdash))
    assert_cancelled(qdash)


@pytest.mark.slow
def test_a_flow_whose_process_dies_has_failed_and_can_be_resumed(slow: CommandLine) -> None:
    with slow.start(*BRING_UP) as process:
        wait_for_completed(slow)
        os.kill(slow.get_holder_pid(), signal.SIGKILL)
        outcome = wait_for_end(process)

    assert (outcome.status, outcome.out) == (1, "")
    said = outcome.err.splitlines()[-1]
    assert "was killed by SIGKILL" in said
    assert f"`qdash executions resume {get_execution_id(slow)}`" in said
    shown = get_execution(slow)
    assert shown["status"] == "failed"
    assert str(shown["message"]).startswith("interrupted: ")
    assert not UNFINISHED & set(slow.list_task_states())
    assert slow.list_locks() == []


def run_python(qdash: CommandLine, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
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
