"""The queue of a busy chip: runs wait in order, and leave the queue if their commands end."""

from __future__ import annotations

import re
import signal
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from .command_line import CommandLine, Outcome, make_cancel_message, wait_for_end, wait_until

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

LONG = ("calibrate", "slow", "--flow", "bring-up", "--qids", "0,1")
SHORT = ("calibrate", "slow", "--flow", "CheckResonatorSpectroscopy", "--qids", "2")


def wait_for_text(errors: Path, what: str) -> None:
    """Wait until the standard error of a command contains a text."""
    wait_until(lambda: re.search(what, errors.read_text("utf-8")), what=f"{what!r} in {errors}")


@dataclass(frozen=True)
class Started:
    """A running command and its output."""

    process: subprocess.Popen[str]
    errors: Path

    @property
    def said(self) -> str:
        return self.errors.read_text("utf-8")

    def wait_for_text(self, what: str) -> None:
        """Wait until its output contains a text."""
        wait_for_text(self.errors, what)

    def wait_for_end(self) -> Outcome:
        outcome = wait_for_end(self.process)
        return Outcome(outcome.status, outcome.out, self.said)


@contextmanager
def start_command(qdash: CommandLine, *arguments: str) -> Iterator[Started]:
    """Start a command, and end it when the block ends."""
    number = len([*qdash.folder.glob("*.err")])
    errors = qdash.folder / f"{number}.err"
    with errors.open("w") as stream, qdash.start(*arguments, stderr=stream) as process:
        yield Started(process, errors)


def queue(qdash: CommandLine) -> list[Any]:
    found: list[Any] = qdash.read_json("queue", "list")
    return found


def get_execution(qdash: CommandLine, execution_id: str) -> dict[str, Any]:
    shown: dict[str, Any] = qdash.read_json("executions", "show", execution_id)
    return shown


@pytest.fixture
def busy(slow: CommandLine) -> Iterator[tuple[CommandLine, str]]:
    """A command line with a chip that is being measured, and the id of that execution."""
    with slow.run_beside(*LONG) as (_, errors):
        wait_for_text(errors, "execution ")
        wait_until(lambda: "running" in slow.list_task_states(), what="a task that is running")
        ((execution_id,),) = slow.query_rows("SELECT doc ->> '$.execution_id' FROM queue")
        yield slow, str(execution_id)
        slow("executions", "cancel", str(execution_id))


def test_a_second_run_waits_says_who_runs_and_begins_by_itself(busy: tuple[CommandLine, str]) -> None:
    qdash, running = busy
    with qdash.run_beside(*SHORT, "--json") as (second, errors):
        wait_for_text(errors, rf"execution \S+ waits for execution {running} of \w+, which runs")
        first, entry = queue(qdash)
        assert (first["execution_id"], first["state"]) == (running, "running")
        assert (entry["state"], entry["detached"]) == ("waiting", False)
        refused = qdash.run_refused(*SHORT, "--no-wait", status=1)
        assert running in refused
        assert len(queue(qdash)) == 2

        qdash.does("executions", "cancel", running)
        outcome = second.result()
    assert outcome.status == 0, outcome
    assert get_execution(qdash, entry["execution_id"])["status"] == "completed"
    assert queue(qdash) == []


@pytest.mark.slow
def test_a_waiting_command_that_is_killed_leaves_the_queue(busy: tuple[CommandLine, str]) -> None:
    qdash, running = busy
    with start_command(qdash, *SHORT) as second:
        second.wait_for_text("waits for ")
        _, entry = queue(qdash)
        second.process.kill()
        second.process.wait()
    assert [one["execution_id"] for one in queue(qdash)] == [running]
    qdash.run_refused(*SHORT, "--no-wait", status=1)  # a request for a run cleans up after dead processes
    lost = get_execution(qdash, entry["execution_id"])
    assert (lost["status"], lost["message"]) == (
        "cancelled",
        "the command that waited for it ended before its turn",
    )


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(signal.SIGINT, marks=pytest.mark.slow),
        *(pytest.param(one, marks=pytest.mark.release) for one in (signal.SIGTERM, signal.SIGHUP)),
    ],
)
def test_a_signal_while_it_waits_cancels_the_run_and_says_which(
    busy: tuple[CommandLine, str], how: signal.Signals
) -> None:
    qdash, running = busy
    with start_command(qdash, *SHORT, "--json") as second:
        second.wait_for_text("waits for ")
        _, entry = queue(qdash)
        second.process.send_signal(how)
        outcome = second.wait_for_end()
    assert (outcome.status, outcome.out) == (130, "")
    assert outcome.err.endswith(make_cancel_message(entry["execution_id"]))
    assert "Traceback" not in outcome.err
    assert get_execution(qdash, entry["execution_id"])["message"] == "cancelled while it waited"
    assert [one["execution_id"] for one in queue(qdash)] == [running]


def test_the_order_is_changed_from_another_shell(busy: tuple[CommandLine, str]) -> None:
    qdash, running = busy
    ids = [qdash(*SHORT, "--detach").out.strip() for _ in range(3)]
    qdash.does("queue", "move", ids[2], "--before", ids[0])
    qdash.does("queue", "hold", ids[1])
    (removed,) = qdash.read_json("queue", "remove", ids[0])["changes"]
    assert removed["execution_id"] == ids[0]
    assert [(one["execution_id"], one["state"]) for one in queue(qdash)] == [
        (running, "running"),
        (ids[2], "waiting"),
        (ids[1], "held"),
    ]
    assert get_execution(qdash, ids[0])["status"] == "cancelled"
    qdash.run_refused("queue", "move", ids[2])
    qdash.run_refused("queue", "hold", running)


@pytest.mark.slow
def test_a_run_is_followed_from_another_shell(busy: tuple[CommandLine, str]) -> None:
    qdash, running = busy
    with start_command(qdash, "executions", "follow", "last") as follower:
        follower.wait_for_text(f"execution {running}")
        qdash.does("executions", "cancel", running)
        outcome = follower.wait_for_end()
    assert outcome.status == 1
    assert f"{running} cancelled" in outcome.out
    assert f"execution {running} begins" in qdash.does("executions", "logs", running)


@pytest.mark.slow
def test_ctrl_c_ends_the_following_and_not_the_run(busy: tuple[CommandLine, str]) -> None:
    qdash, running = busy
    with start_command(qdash, "executions", "follow", running) as follower:
        follower.wait_for_text(f"execution {running}")
        follower.process.send_signal(signal.SIGINT)
        assert follower.wait_for_end().status == 130
    assert get_execution(qdash, running)["status"] == "running"
