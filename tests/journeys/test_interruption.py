"""Interruption of a run by any means: its record, and its resume."""

from __future__ import annotations

import os
import pty
import re
import signal
import socket
import subprocess
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from qdash_tasks import flows

from .command_line import (
    PATIENCE_S,
    QDASH,
    UNFINISHED,
    CommandLine,
    make_cancel_message,
    wait_for_end,
    wait_until,
)

BRING_UP = ("calibrate", "slow", "--flow", "bring-up", "--qids", "0,1")
ONE_TASK = ("task", "run", "CheckResonatorSpectroscopy", "--chip", "slow", "--qid", "0")


def wait_for_measurement(qdash: CommandLine) -> None:
    """Wait until a task is being measured."""
    wait_until(lambda: "running" in qdash.list_task_states(), what="a task that is running")


def assert_nothing_is_left_open(qdash: CommandLine) -> None:
    assert not UNFINISHED & set(qdash.list_task_states())
    assert not UNFINISHED & set(qdash.list_execution_states())
    assert qdash.list_locks() == []


@pytest.mark.parametrize(
    "how",
    [
        signal.SIGINT,
        *(pytest.param(one, marks=pytest.mark.release) for one in (signal.SIGTERM, signal.SIGHUP)),
    ],
)
def test_a_flow_that_is_interrupted_is_recorded_as_cancelled(slow: CommandLine, how: signal.Signals) -> None:
    with slow.run_beside(*BRING_UP, "--json") as (run, _):
        wait_until(lambda: "completed" in slow.list_task_states(), what="a completed task")
        os.kill(slow.get_command_pid(), how)
        outcome = run.result()

    assert (outcome.status, outcome.out) == (130, "")
    assert "Traceback" not in outcome.err
    (execution,) = slow.read_json("executions", "list")
    assert make_cancel_message(execution["execution_id"]) in outcome.err.splitlines(keepends=True)
    assert execution["status"] == "cancelled"
    assert set(execution["tasks"]) == {"completed", "cancelled"}
    assert sum(execution["tasks"].values()) == 2 * len(flows.BRING_UP)
    assert_nothing_is_left_open(slow)
    assert "resonator_frequency" in slow.read_json("metrics", "slow")["qubits"]["0"], (
        "what was measured is kept"
    )


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(signal.SIGINT, marks=pytest.mark.release),
        pytest.param(signal.SIGTERM, marks=pytest.mark.slow),
    ],
)
def test_a_single_task_that_is_interrupted_is_recorded_as_cancelled(
    qdash: CommandLine, how: signal.Signals
) -> None:
    qdash.does("twin", "create", "slow", "--device", "jakarta", "--fault", "slow=30")
    with qdash.start(*ONE_TASK) as process:
        wait_for_measurement(qdash)
        process.send_signal(how)
        outcome = wait_for_end(process)

    assert outcome.status == 130
    (execution,) = qdash.read_json("executions", "list")
    assert execution["status"] == "cancelled"
    assert outcome.err.endswith(make_cancel_message(execution["execution_id"]))
    assert_nothing_is_left_open(qdash)


@pytest.mark.parametrize(
    "module",
    [
        pytest.param("click.core", marks=pytest.mark.slow),
        pytest.param("qdash_cli.app", marks=pytest.mark.release),
        pytest.param("qdash_cli.command_user", marks=pytest.mark.release),
        pytest.param("pydantic_core", marks=pytest.mark.release),
        pytest.param("qdash_core.models.task", marks=pytest.mark.release),
        pytest.param("qdash_core.runtime.runtime", marks=pytest.mark.slow),
        pytest.param("qdash_builtin.runs.service", marks=pytest.mark.release),
        pytest.param("qdash_sqlite.store", marks=pytest.mark.release),
        pytest.param("numpy", marks=pytest.mark.slow),
        pytest.param("qdash_tasks.tasks", marks=pytest.mark.release),
    ],
)
def test_an_interrupt_in_the_first_moments_is_one_line(slow: CommandLine, module: str) -> None:
    """This holds at any point: during imports, during the checks of the run, and during the start of its
    process.
    """
    # Objects that Python leaves to the garbage collector between opening and reading a module are not tested.
    reading = slow.with_settings(
        PYTHONPROFILEIMPORTTIME="1", PYTHONWARNINGS="error,ignore:unclosed file:ResourceWarning"
    )
    with reading.start(*BRING_UP, fresh=True, start_new_session=True) as process:
        assert process.stderr is not None
        read = (line.split("|")[-1].strip() for line in process.stderr if line.startswith("import time:"))
        assert module in read, "it has been read"
        os.killpg(process.pid, signal.SIGINT)
        outcome = wait_for_end(process)

    runs = slow.read_json("executions", "list")
    assert [one["status"] for one in runs] in ([], ["cancelled"])
    assert "Traceback" not in outcome.err
    said = [line for line in outcome.err.splitlines() if not line.startswith("import time:")]
    assert said[-1] == (make_cancel_message(runs[0]["execution_id"]).rstrip() if runs else "error: cancelled")
    assert outcome.status == 130
    assert_nothing_is_left_open(slow)


@pytest.mark.slow
def test_a_run_takes_the_lock_over_at_once_from_one_that_was_killed(slow: CommandLine) -> None:
    # The lock would last for ten minutes: it is freed because its process is dead, not because it expired.
    patient = slow.with_settings(QDASH_LEASE_TTL_S="600")
    with patient.start(*BRING_UP) as process:
        wait_for_measurement(slow)
        process.send_signal(signal.SIGSTOP)  # or it would reap the other one
        os.kill(slow.get_holder_pid(), signal.SIGKILL)
        process.kill()
        assert wait_for_end(process).status == -signal.SIGKILL
    assert len(slow.list_locks()) == 1

    assert slow.read_json(*ONE_TASK)["status"] == "completed"
    assert slow.list_execution_states() == ["completed", "failed"]
    assert_nothing_is_left_open(slow)


@pytest.mark.slow
def test_a_second_run_on_the_chip_is_told_who_holds_it_and_another_chip_is_free(slow: CommandLine) -> None:
    with slow.start(*BRING_UP):
        wait_for_measurement(slow)

        (held,) = slow.read_json("executions", "list")
        line = slow.run_refused(*BRING_UP, "--no-wait", status=1)
        demo = slow.read_json(
            "demo", "--device", "guadalupe", "--qubits", "1", "--flow", "CheckResonatorSpectroscopy"
        )

        for part in (
            held["execution_id"],
            f"process {slow.get_holder_pid()}",
            socket.gethostname(),
            "qdash executions show",
        ):
            assert part in line
        assert demo["status"] == "completed", "another chip is free"
    assert len(slow.read_json("executions", "list")) == 2, "what is refused is not recorded"


@pytest.mark.release
def test_of_two_runs_that_start_together_one_runs(qdash: CommandLine) -> None:
    qdash.does("twin", "create", "slow", "--device", "jakarta", "--fault", "slow=3")
    run = (*ONE_TASK, "--no-wait")
    with qdash.start(*run) as one, qdash.start(*run) as other:
        outcomes = sorted([wait_for_end(one), wait_for_end(other)], key=lambda outcome: outcome.status)

    assert [outcome.status for outcome in outcomes] == [0, 1]
    # The wording depends on how far the first run is: it is queued, holds the lock, or began just before the claim.
    refusals = ("cannot be measured now", "is in use by", "cannot begin now")
    assert any(refusal in outcomes[1].err for refusal in refusals), outcomes[1].err
    assert qdash.list_execution_states().count("completed") == 1


@pytest.mark.slow
def test_of_several_who_make_the_same_twin_in_a_new_home_one_does(qdash: CommandLine) -> None:
    make = ("twin", "create", "same", "--device", "linear-2")
    with qdash.start(*make) as one, qdash.start(*make) as two, qdash.start(*make) as three:
        outcomes = sorted(
            (wait_for_end(process) for process in (one, two, three)), key=lambda done: done.status
        )

    assert [outcome.status for outcome in outcomes] == [0, 2, 2]
    assert all("chip same exists already" in outcome.err for outcome in outcomes[1:])
    assert qdash.read_json("twin", "truth", "same")["qubits"]


@pytest.mark.slow
def test_a_chip_is_looked_at_but_not_deleted_while_it_is_calibrated(slow: CommandLine) -> None:
    with slow.start(*BRING_UP, "--json") as process:
        wait_for_measurement(slow)
        (execution,) = slow.read_json("executions", "list")
        assert execution["status"] == "running"
        slow.does("metrics", "slow")
        assert process.poll() is None
        assert "is being measured by execution" in slow.run_refused(
            "chip", "delete", "slow", "--force", status=1
        )
        process.send_signal(signal.SIGINT)
        wait_for_end(process)
    assert_nothing_is_left_open(slow)


# ------------------------------------------------------------------------------------------------ who watches, and who stops


@pytest.mark.slow
def test_a_reader_that_stops_reading_the_progress_does_not_stop_the_run(bench: CommandLine) -> None:
    with bench.start("calibrate", "bench", "--flow", "check", "--qids", "0,1", "--json") as process:
        assert process.stderr is not None
        assert process.stdout is not None
        process.stderr.readline()
        process.stderr.close()
        assert '"completed"' in process.stdout.read()
        assert process.wait(PATIENCE_S) == 0


@pytest.mark.parametrize(
    "command",
    [
        ("task", "list"),
        pytest.param(("task", "list", "--json"), marks=pytest.mark.slow),
        pytest.param(("--help",), marks=pytest.mark.release),
    ],
)
def test_a_reader_that_has_read_enough_is_not_complained_to(
    qdash: CommandLine, command: tuple[str, ...]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        assert qdash(*command, stdout=writing).err == ""
    finally:
        os.close(writing)


def test_a_full_disk_is_one_line(qdash: CommandLine) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:  # noqa: PTH123  no path of ours
        outcome = qdash("task", "list", "--json", stdout=full)

    assert outcome.status == 1
    assert outcome.err == "error: output: No space left on device\n"


@pytest.mark.slow
def test_closed_streams_do_no_harm(bench: CommandLine) -> None:
    def run(redirection: str) -> subprocess.CompletedProcess[str]:
        command = f'exec "$0" calibrate bench --flow CheckT1 --qids 0 {redirection}'
        return subprocess.run(
            ["/bin/sh", "-c", command, QDASH],
            env=bench.environment,
            cwd=bench.folder,
            timeout=PATIENCE_S,
            capture_output=True,
            text=True,
            check=False,
        )

    without_errors, without_output = run("2>&-"), run(">&-")
    assert (without_errors.returncode, without_errors.stderr) == (0, "")
    assert "completed" in without_errors.stdout
    assert (without_output.returncode, without_output.stdout) == (0, "")


def test_on_a_terminal_the_progress_is_a_bar_with_the_number_of_results(bench: CommandLine) -> None:
    main_end, process_end = pty.openpty()
    shown: list[bytes] = []

    def read() -> None:
        try:
            while chunk := os.read(main_end, 4096):
                shown.append(chunk)
        except OSError:  # a terminal raises it when its last user has gone
            return

    reader = threading.Thread(target=read)
    reader.start()
    terminal = replace(bench.with_settings(TERM="xterm-256color"), err=Path(os.ttyname(process_end)))
    outcome = terminal("calibrate", "bench", "--flow", "check", "--qids", "0", "--json")
    os.close(process_end)
    reader.join(PATIENCE_S)
    os.close(main_end)

    assert outcome.document["status"] == "completed"
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", b"".join(shown).decode())
    assert f"execution {outcome.document['execution_id']}" in text
    assert re.search(r"qubit 0: .*t1", text)
    assert re.search(rf"qubit 0: .* \d+/{len(flows.ONE_QUBIT_CHECK)}", text)
    assert "\x1b[?25h" in b"".join(shown).decode(), "the cursor is shown again"


def test_progress_into_a_pipe_is_plain_lines(bench: CommandLine) -> None:
    outcome = bench("calibrate", "bench", "--flow", "CheckT1", "--qids", "0,1", "--json")

    assert "\x1b" not in outcome.err
    assert "\r" not in outcome.err
    _execution, _plan, *lines = outcome.err.splitlines()
    count = 2
    assert [line.partition(" ")[0] for line in lines if "/" in line.partition(" ")[0]] == [
        f"{number}/{count}" for number in range(1, count + 1)
    ]
    assert [line.partition(":")[0] for line in lines if line.startswith("qubit ")] == ["qubit 0", "qubit 1"]
