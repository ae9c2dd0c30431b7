"""Exit status of runs, also if the reader of their output has gone."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from .command_line import PATIENCE_S, QDASH, CommandLine

if TYPE_CHECKING:
    from pathlib import Path

FLOW = """
from qdash_core import CalibService
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets

def look(username, chip_id, qids):
    for qid in qids:
        cal = CalibService(username, chip_id)
        print("x" * 100_000)
        cal.run(QubitTargets([qid]), [CustomOneQubit(["CheckResonatorSpectroscopy", "CheckQubitSpectroscopy"])])
        cal.finish_calibration()
"""


@pytest.fixture(scope="module")
def broken(prepared: object, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """A home with a chip whose qubit 1 has a dead drive line: its resonator has been found, its transition cannot be."""
    folder = tmp_path_factory.mktemp("broken")
    qdash = CommandLine(prepared, folder, folder / "home")  # type: ignore[arg-type]
    qdash.does("twin", "create", "bench", "--device", "jakarta", "--seed", "3", "--fault", "dead-line=1")
    (folder / "flow.py").write_text(FLOW, "utf-8")
    qdash.does("task", "run", "CheckResonatorSpectroscopy", "--chip", "bench", "--qid", "1", "--save")
    return qdash


RESONATOR = ("calibrate", "bench", "--flow", "CheckResonatorSpectroscopy", "--qids")
ROUGH = ("calibrate", "bench", "--flow", "rough", "--qids")
OWN = ("flow", "run", "flow.py", "--chip", "bench", "--qids")


@pytest.mark.parametrize(
    ("command", "status", "of_any"),
    [
        pytest.param((*RESONATOR, "0-1"), 0, 0, marks=pytest.mark.slow),
        ((*ROUGH, "0-1"), 0, 1),
        pytest.param((*OWN, "0"), 0, 0, marks=pytest.mark.release),
        pytest.param((*OWN, "0-1"), 0, 1, marks=pytest.mark.slow),
        pytest.param((*OWN, "1 0"), 0, 1, marks=pytest.mark.slow),
    ],
)
def test_a_run_with_a_failed_task_has_failed_only_on_request(
    broken: CommandLine, command: tuple[str, ...], status: int, of_any: int
) -> None:
    assert broken(*command).status == status
    assert broken(*command, "--fail-on", "any").status == of_any


def test_a_run_in_which_nothing_completed_has_failed(broken: CommandLine) -> None:
    assert broken("calibrate", "bench", "--flow", "CheckQubitSpectroscopy", "--qids", "1").status == 1
    assert broken.read_json("executions", "list", "--limit", "1")[0]["reason"] == "nothing completed"


def test_a_task_that_fails_is_a_failed_command(broken: CommandLine) -> None:
    failed = broken("task", "run", "CheckQubitSpectroscopy", "--chip", "bench", "--qid", "1")
    assert failed.status == 1
    assert "CheckQubitSpectroscopy on 1: failed" in failed.out


def test_the_status_of_a_followed_run_can_depend_on_any_task(broken: CommandLine) -> None:
    broken(*ROUGH, "0-1")
    assert broken("executions", "follow", "last").status == 0
    assert broken("executions", "follow", "last", "--fail-on", "any").status == 1


def test_a_detached_run_has_no_outcome_to_fail_on(broken: CommandLine) -> None:
    assert "not both" in broken.run_refused(*RESONATOR, "0", "--detach", "--fail-on", "any")


def run_into_closed_pipe(
    qdash: CommandLine, *arguments: str, redirection: str
) -> subprocess.CompletedProcess[str]:
    """Run a command whose output goes to a pipe without a reader; return its status and its standard error."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        return subprocess.run(
            ["/bin/sh", "-c", f'exec "$0" "$@" {redirection}', QDASH, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=writing,
            stderr=subprocess.PIPE,
            cwd=qdash.folder,
            env=qdash.environment,
            timeout=PATIENCE_S,
            text=True,
            check=False,
        )
    finally:
        os.close(writing)


@pytest.mark.parametrize(
    ("command", "status", "redirection"),
    [
        pytest.param(command, status, way, marks=marks if way == usual else pytest.mark.release)
        for command, status, usual, marks in (
            ((*RESONATOR, "0-1"), 0, "2>&1", pytest.mark.release),
            ((*RESONATOR, "0-1", "--json"), 0, "", pytest.mark.release),
            ((*ROUGH, "1", "--fail-on", "any"), 1, "", pytest.mark.slow),
            ((*OWN, "0-1"), 0, "2>&1", pytest.mark.slow),
            (
                ("task", "run", "CheckResonatorSpectroscopy", "--chip", "bench", "--qid", "0"),
                0,
                "",
                pytest.mark.release,
            ),
            (("executions", "show", "nothing"), 2, "2>&1", ()),
        )
        for way in ("", "2>&1")
    ],
)
def test_a_run_whose_reader_has_gone_is_recorded_and_ends_as_with_one(
    broken: CommandLine, command: tuple[str, ...], status: int, redirection: str
) -> None:
    def list_outcomes() -> list[object]:
        listed = broken.read_json("executions", "list")
        return [(one["status"], one["tasks"], one["name"]) for one in reversed(listed)]

    before = len(list_outcomes())
    read = broken(*command)
    recorded = list_outcomes()[before:]
    unread = run_into_closed_pipe(broken, *command, redirection=redirection)
    assert (read.status, unread.returncode) == (status, status)
    assert list_outcomes()[before:] == recorded * 2
    assert "Traceback" not in unread.stderr
    assert "BrokenPipe" not in unread.stderr


@pytest.mark.slow
def test_a_reader_that_leaves_during_a_run_in_this_process_changes_nothing(
    qdash: CommandLine, tmp_path: Path
) -> None:
    """With a store in memory, the command itself performs the run, and a user's flow prints to its streams."""
    (tmp_path / "flow.py").write_text(FLOW, "utf-8")
    program = (
        "from qdash_cli.main import run; from qdash_cli.streams import replace_streams; import sys\n"
        "replace_streams()\n"
        "for command in (['twin', 'create', 'bench', '--device', 'jakarta'],\n"
        "                ['flow', 'run', 'flow.py', '--chip', 'bench', '--qids', '0']):\n"
        "    status = run(command)\n"
        "sys.exit(status)"
    )
    memory = qdash.with_settings(QDASH_STORE_URL="memory://shared-in-process")
    done = subprocess.run(
        [
            "/bin/sh",
            "-c",
            '{ "$0" -c "$1" 2>err; echo $? >status; } | head -c 1',
            sys.executable,
            program,
        ],
        cwd=qdash.folder,
        env=memory.environment,
        timeout=PATIENCE_S,
        capture_output=True,
        text=True,
        check=False,
    )
    assert len(done.stdout) == 1
    assert (tmp_path / "status").read_text() == "0\n", (tmp_path / "err").read_text()
