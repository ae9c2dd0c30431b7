"""A user's own flow in a file: performed, refused, cancelled, resumed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.flows.flow_preview import add_preview
from qdash_builtin.runs.previews import RunPreview
from qdash_core.session.running_flow import UnforeseenError
from qdash_tasks import flows

from .command_line import CommandLine, make_cancel_message, wait_for_end, wait_until

if TYPE_CHECKING:
    from pathlib import Path

TWO_SESSIONS = """
from qdash_core import CalibService
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets

def look(username, chip_id, qids, project_id=None, tags=(), *, shots=512):
    for qid in qids:
        cal = CalibService(username, chip_id, project_id=project_id, tags=tags, flow_name=f"look at {qid}",
                           default_run_parameters={"shots": shots})
        cal.run(QubitTargets([qid]), [CustomOneQubit(["CheckResonatorSpectroscopy", "CheckQubitSpectroscopy"])])
        print("through with", qid)
        cal.finish_calibration()

def _helper():
    pass

if __name__ == "__main__":
    look("admin", "slow", ["0", "1"])
"""
QUICKSTART = """
from qdash.workflow.service.calib_service import CalibService, on_flow_cancellation
from qdash.workflow.service.steps import CustomOneQubit
from qdash.workflow.service.targets import QubitTargets


def my_calibration_flow(
    username: str,
    chip_id: str,
    project_id: str | None = None,
    flow_name: str | None = None,
    tasks: list = ["CheckResonatorSpectroscopy"],
):
    cal = CalibService(username, chip_id, project_id=project_id, flow_name=flow_name)
    try:
        cal.run(QubitTargets(["0", "1"]), [CustomOneQubit(tasks)])
        cal.finish_calibration()
    except BaseException as e:
        from qdash.workflow.service.calib_service import _is_cancellation
        if _is_cancellation(e):
            cal.cancel_calibration()
        else:
            cal.fail_calibration(str(e))
        raise
"""


def write_flow(qdash: CommandLine, text: str, name: str = "my_flow.py") -> Path:
    path = qdash.folder / name
    path.write_text(text)
    return path


def wait_for_completed(qdash: CommandLine, number: int = 1) -> None:
    wait_until(lambda: qdash.list_task_states().count("completed") >= number, what="completed tasks")


# ------------------------------------------------------------------------------------------------------------ run


def test_it_is_called_with_what_it_takes_and_its_prints_are_not_results(bench: CommandLine) -> None:
    write_flow(bench, TWO_SESSIONS)
    outcome = bench("flow", "run", "my_flow.py:look", "--chip", "bench", "--qids", "0,Q1", "--tag", "night",
                    "--param", "shots=600", "--json")  # fmt: skip

    assert outcome.status == 0
    assert outcome.document["status"] == "completed"
    assert "through with 1" in outcome.err
    newest, other, _ = bench.read_json("executions", "list")
    assert newest["execution_id"] == outcome.document["execution_id"]
    assert (newest["name"], other["name"], newest["tags"]) == ("look at 1", "look at 0", ["night"])
    assert newest["flow_run_id"] == other["flow_run_id"]
    used = bench.query_rows(
        "SELECT DISTINCT doc ->> '$.run_parameters.shots.value' FROM task_result_history "
        f"WHERE doc ->> '$.execution_id' = '{newest['execution_id']}'"
    )
    assert used == [(600,)]


def test_it_runs_by_name_once_it_is_saved(bench: CommandLine) -> None:
    bench.does("flow", "save", str(write_flow(bench, TWO_SESSIONS)), "--name", "mine")
    ended = bench.read_json("flow", "run", "mine", "--chip", "bench", "--qids", "0", "--param", "shots=100")
    assert (ended["status"], ended["tasks"]) == ("completed", {"completed": 2})


def test_it_is_a_flow_of_calibrate_too(bench: CommandLine) -> None:
    write_flow(bench, TWO_SESSIONS)
    flow = ("calibrate", "bench", "--flow", "my_flow.py", "--qids", "0")
    assert bench.read_json(*flow, "--param", "shots=100")["status"] == "completed"
    line = bench.run_refused("calibrate", "bench", "--flow", "CheckT1", "--qids", "0", "--param", "depth=3")
    assert "takes no parameter 'depth'" in line


IMPERATIVE = """
from qdash.workflow.service.calib_service import init_calibration, finish_calibration, generate_execution_id
from qdash.workflow.service.steps import BringUp, CalibrationStep
from qdash.workflow.service.targets import QubitTargets

class Own(CalibrationStep):
    name = "own"

    def execute(self, service, targets, ctx):
        raise RuntimeError("a preview executes no step of a flow")

def night(username, chip_id, qids):
    cal = init_calibration(username, chip_id, qids, generate_execution_id(username, chip_id))
    cal.set_parameter(qids[0], "t1", 30.0)
    cal.record_stage_result("plan", {"qids": qids})
    results = cal.run(QubitTargets(qids), [BringUp(tasks=["CheckResonatorSpectroscopy"]), Own()])
    for qid in results["metadata"]["bringup"].successful_qids() or qids:
        cal.execute_task("CheckT1", qid)
    finish_calibration()
"""


def test_a_dry_run_shows_the_runs_of_a_flow_and_writes_nothing(bench: CommandLine) -> None:
    write_flow(bench, TWO_SESSIONS)
    before = bench.read_everything()
    flow = ("--qids", "0,1", "--dry-run")
    outcome = bench("flow", "run", "my_flow.py:look", "--chip", "bench", *flow, "--json")
    assert outcome.status == 0
    assert outcome.document["targets"] == ["0", "1"]
    names = ["CheckResonatorSpectroscopy", "CheckQubitSpectroscopy"]
    assert [(one["step"], one["tasks"], one["targets"]) for one in outcome.document["stages"]] == [
        ("CustomOneQubit", names, ["0"]),
        ("CustomOneQubit", names, ["1"]),
    ]
    assert all(one["makespan_s"] > 0 for one in outcome.document["stages"])
    assert "through with 1" in outcome.err
    assert "CheckQubitSpectroscopy" in bench.does("calibrate", "bench", "--flow", "my_flow.py:look", *flow)
    assert bench.read_everything() == before


def test_a_dry_run_ends_where_the_flow_needs_results(bench: CommandLine) -> None:
    write_flow(bench, IMPERATIVE)
    before = bench.read_everything()
    flow = ("flow", "run", "my_flow.py", "--chip", "bench", "--qids", "0", "--dry-run")
    stages = bench.read_json(*flow)["stages"]
    assert [(one["step"], one.get("foreseen")) for one in stages] == [
        ("bringup", None),
        ("own", False),
        ("the rest of my_flow.py:night", False),
    ]
    shown = bench.does(*flow)
    assert "own: unknown: the step decides during the run" in shown
    assert "the rest of my_flow.py:night: unknown: the flow needs results from here on" in shown
    assert bench.read_everything() == before


def test_a_dry_run_reports_the_error_of_a_flow_after_its_first_run(bench: CommandLine) -> None:
    write_flow(bench, TWO_SESSIONS.replace("cal.finish_calibration()", "cal.finish_calibration(); absent()"))
    flow = ("flow", "run", "my_flow.py:look", "--chip", "bench", "--qids", "0", "--dry-run")
    outcome = bench(*flow, "--json")
    assert outcome.status == 0
    rest = outcome.document["stages"][-1]
    assert (rest["step"], rest["foreseen"]) == ("the rest of my_flow.py:look", False)
    assert "the flow failed in the preview" in rest["reason"]
    assert "NameError: name 'absent' is not defined" in rest["reason"]
    assert f"{rest['step']}: unknown: {rest['reason']}" in bench.does(*flow)


ONE_RUN = """
from qdash_core import CalibService
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets

def measure():
    CalibService("admin", "bench").run(QubitTargets(["0"]), [CustomOneQubit(["CheckT1"])])
"""
OUTSIDE_OF_THE_FUNCTION = {
    "at import": "measure()\ndef main(): pass\n",
    "before an error at import": "measure()\nabsent()\ndef main(): pass\n",
    "in a thread that outlives it": (
        "import threading\n"
        "def wait_and_measure():\n    threading.main_thread().join()\n    measure()\n"
        "def main():\n    measure()\n    threading.Thread(target=wait_and_measure).start()\n"
    ),
    "at exit": "import atexit\natexit.register(measure)\ndef main():\n    measure()\n",
}


@pytest.mark.parametrize(
    "rest",
    [
        pytest.param(rest, id=where, marks=[] if where == "at exit" else [pytest.mark.slow])
        for where, rest in OUTSIDE_OF_THE_FUNCTION.items()
    ],
)
def test_a_dry_run_measures_nothing_outside_of_the_function(bench: CommandLine, rest: str) -> None:
    write_flow(bench, ONE_RUN + rest)
    before = bench.read_everything()
    outcome = bench.run_in_new_process("flow", "run", "my_flow.py:main", "--dry-run", "--json")
    assert outcome.status == 0, outcome
    first, *others = outcome.document["stages"]
    assert (first["tasks"], first["targets"]) == (["CheckT1"], ["0"])
    named = ["the rest of my_flow.py"] if "absent" in rest else []
    assert [one["step"] for one in others] == named
    assert bench.read_everything() == before


def test_a_preview_takes_a_limited_number_of_runs() -> None:
    run = RunPreview([], [], [], {}, {}, frozenset())
    previews: list[RunPreview] = []
    for _ in range(100):
        add_preview(previews, run)
    with pytest.raises(UnforeseenError, match="the preview ends after 100 runs"):
        add_preview(previews, run)


@pytest.mark.slow
def test_a_dry_run_of_a_flow_that_repeats_until_its_results_are_good_ends(bench: CommandLine) -> None:
    run = 'cal.run(QubitTargets(["0"]), [CustomOneQubit(["CheckT1"])])'
    body = f"    cal = CalibService('admin', 'bench')\n    while True:\n        {run}\n"
    write_flow(bench, f"{ONE_RUN}\ndef main():\n{body}")
    *runs, rest = bench.read_json("flow", "run", "my_flow.py:main", "--dry-run")["stages"]
    assert {tuple(one["tasks"]) for one in runs} == {("CheckT1",)}
    assert rest["step"] == "the rest of my_flow.py:main"
    assert f"the preview ends after {len(runs)} runs" in rest["reason"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("pass", "ran to its end and calibrated nothing"),
        ("raise ValueError('no targets')", "raised ValueError: no targets"),
        ("CalibService('admin', 'bench').run(QubitTargets(['99']), [])", "99"),
    ],
)
def test_a_dry_run_reports_a_flow_that_cannot_run(bench: CommandLine, body: str, message: str) -> None:
    head = TWO_SESSIONS.partition("def look")[0]
    write_flow(bench, f"{head}def look():\n    {body}\n")
    outcome = bench("flow", "run", "my_flow.py", "--dry-run")
    assert outcome.status != 0
    assert message in outcome.err


def test_the_flows_that_plugins_give_are_listed(qdash: CommandLine) -> None:
    flows = {one["name"]: one for one in qdash.read_json("flow", "list")}
    assert {"bring-up", "check", "fine-tune"} <= flows.keys()
    assert "CheckRabi" in flows["bring-up"]["tasks"]
    assert "bring-up" in qdash.does("flow", "list")


# --------------------------------------------------------------------------------------------------------- refused

BEGIN = "from qdash_core import CalibService\n"
REFUSED: dict[str, tuple[str | None, tuple[str, ...], int, str]] = {
    "no file": (None, ("my_flow.py",), 2, "there is no file"),
    "no Python": ("", ("my_flow.txt",), 2, "FILE.py or FILE.py:FUNCTION"),
    "a syntax error": ("def a():\n    x = = 1", ("my_flow.py",), 2, "my_flow.py, line 2: invalid syntax"),
    "no chip": (TWO_SESSIONS, ("my_flow.py",), 2, "needs 'chip_id': give it with --chip CHIP"),
    "a malformed parameter": ("def a(): pass", ("my_flow.py", "--param", "3"), 2, "NAME=VALUE"),
    "no calibration": ("def a(): pass", ("my_flow.py",), 1, "calibrated nothing"),
    "a bug": (
        "def a():\n    1 / 0",
        ("my_flow.py",),
        1,
        "ZeroDivisionError: division by zero (my_flow.py:2)",
    ),
}


FOUND_BY_RUNNING = {"no chip", "no calibration", "a bug"}


def test_what_cannot_be_run_is_refused_in_one_line(qdash: CommandLine, subtests: pytest.Subtests) -> None:
    n_recorded = 0
    for name, (text, arguments, status, message) in REFUSED.items():
        with subtests.test(name):
            if text is not None:
                write_flow(qdash, text)
            assert message in qdash.run_refused("flow", "run", *arguments, status=status)
            n_recorded += name in FOUND_BY_RUNNING
            # Errors that appear only when the file runs are recorded.
            recorded = [(one["status"], one["reason"]) for one in qdash.read_json("executions", "list")]
            assert recorded == n_recorded * [("failed", "refused")]


def test_what_a_flow_leaves_open_is_ended_with_it(bench: CommandLine) -> None:
    begin = f"{BEGIN}from qdash_core.flows.steps import CustomOneQubit\nfrom qdash_core.flows.targets import QubitTargets\n"
    run = "    cal = CalibService(username, chip_id)\n    cal.run(QubitTargets(['0']), [CustomOneQubit(['CheckT1'])])\n"
    write_flow(bench, f"{begin}def forgets(username, chip_id):\n{run}")
    write_flow(bench, f"{begin}def fails(username, chip_id):\n{run}    raise ValueError('odd')\n", "fails.py")

    forgets = bench("flow", "run", "my_flow.py", "--chip", "bench", "--json")
    fails = bench("flow", "run", "fails.py", "--chip", "bench", "--json")

    assert (forgets.status, forgets.document["status"]) == (1, "failed")
    assert (fails.status, fails.out) == (1, "")
    assert fails.err.endswith("error: fails.py:fails raised ValueError: odd (fails.py:7)\n")
    failed, forgotten, _ = bench.read_json("executions", "list")
    assert (failed["status"], failed["message"]) == (
        "failed",
        "fails.py:fails raised ValueError: odd (fails.py:7)",
    )
    assert forgotten["message"] == "the flow ended without finish_calibration()"
    assert bench.list_locks() == []


# ----------------------------------------------------------------------------------------------- the original's quickstart


def test_the_quickstart_of_the_original_runs_as_it_stands(bench: CommandLine) -> None:
    write_flow(bench, QUICKSTART)
    assert bench.read_json("flow", "run", "my_flow.py", "--chip", "bench")["status"] == "completed"
    line = bench.run_refused("flow", "run", "my_flow.py", "--chip", "bench", "--param", 'tasks=["CheckIt"]')
    assert "no task 'CheckIt'" in line, "and its `except` does not hide why it was refused"


@pytest.mark.parametrize(
    "how",
    [
        pytest.param("Ctrl-C", marks=pytest.mark.slow),
        pytest.param("another shell", marks=pytest.mark.release),
    ],
)
def test_the_quickstart_of_the_original_is_cancelled(slow: CommandLine, how: str) -> None:
    write_flow(slow, QUICKSTART)
    tasks = f"tasks={json.dumps(flows.BRING_UP)}"
    with slow.start("flow", "run", "my_flow.py", "--chip", "slow", "--param", tasks) as process:
        wait_for_completed(slow)
        if how == "Ctrl-C":
            process.send_signal(signal.SIGINT)
        else:
            slow.does("executions", "cancel", slow.read_json("executions", "list")[0]["execution_id"])
        outcome = wait_for_end(process)
    (execution,) = slow.read_json("executions", "list")
    assert outcome.status == 130
    assert outcome.err.endswith(make_cancel_message(execution["execution_id"]))
    assert (execution["status"], set(execution["tasks"])) == ("cancelled", {"cancelled", "completed"})
    assert slow.list_locks() == []


# --------------------------------------------------------------------------------------------------------- resumed


@pytest.mark.slow
def test_a_flow_that_was_killed_in_its_second_session_is_resumed(qdash: CommandLine) -> None:
    qdash.does("twin", "create", "slow", "--device", "jakarta", "--fault", "slow=0.6")
    write_flow(qdash, TWO_SESSIONS)
    with qdash.start("flow", "run", "my_flow.py", "--chip", "slow", "--qids", "0,1") as process:
        wait_for_completed(qdash, 3)
        process.send_signal(signal.SIGSTOP)
        os.kill(qdash.get_holder_pid(), signal.SIGKILL)
    second, first = qdash.read_json("executions", "list")
    assert (first["status"], second.get("interrupted")) == ("completed", True)

    outcome = qdash.read_json("executions", "resume", second["execution_id"])

    assert (outcome["execution_id"], outcome["status"]) == (second["execution_id"], "completed")
    assert qdash.list_task_states().count("completed") == 4
    assert len(qdash.read_json("executions", "list")) == 2
    assert qdash.list_locks() == []


@pytest.mark.slow
def test_a_script_is_resumed_by_running_it_again(slow: CommandLine) -> None:
    file = write_flow(slow, TWO_SESSIONS)
    script = subprocess.Popen([sys.executable, file], env=slow.environment, cwd=slow.folder)
    try:
        wait_for_completed(slow)
    finally:
        script.kill()
        script.wait()
    (execution,) = slow.read_json("executions", "list")
    line = slow.run_refused("executions", "resume", execution["execution_id"])
    assert f"QDASH_RESUME={execution['execution_id']} python my_flow.py" in line

    again = slow.with_settings(QDASH_RESUME=execution["execution_id"]).environment
    subprocess.run([sys.executable, file], env=again, cwd=slow.folder, check=True, timeout=60)

    executions: list[dict[str, Any]] = slow.read_json("executions", "list")
    assert [(one["name"], one["status"]) for one in executions] == [
        ("look at 1", "completed"),
        ("look at 0", "completed"),
    ]
    assert executions[1]["execution_id"] == execution["execution_id"]
    assert slow.list_task_states().count("completed") == 4


def test_a_flow_is_saved_under_its_name_with_every_version(qdash: CommandLine) -> None:
    file = qdash.folder / "look.py"
    file.write_text('def look(chip_id):\n    """Look at it."""\n')
    assert "no saved flows yet" in qdash.does("flow", "list", "--saved")
    assert "look version 1: `qdash calibrate CHIP --flow look` runs it" in qdash.does("flow", "save", file)
    file.write_text("def look(chip_id): ...\n")
    saved = qdash.read_json("flow", "save", f"{file}:look", "--description", "Again.", "--tag", "day")
    assert (saved["version"], saved["function"], saved["form"]["given"]) == (2, "look", ["chip_id"])
    assert [one["name"] for one in qdash.read_json("flow", "list", "--saved")] == ["look"]
    listed = {one["name"]: one for one in qdash.read_json("flow", "list")}
    assert (listed["look"]["kind"], listed["look"]["version"]) == ("saved", 2)
    assert listed["check"]["kind"] == "installed"
    assert "CheckT1" in listed["check"]["tasks"]
    assert "look" in qdash.does("flow", "list")
    assert [one["description"] for one in qdash.read_json("flow", "versions", "look")] == [
        "Again.",
        "Look at it.",
    ]
    assert qdash.does("flow", "versions", "look", "--source", "2") == "def look(chip_id): ...\n"
    file.write_text("def look(:")
    assert "line 1: invalid syntax" in qdash.run_refused("flow", "save", file)
    assert "is a flow or a task of a plugin" in qdash.run_refused(
        "flow", "save", "--name", "check", write_flow(qdash, "def other(): ...\n")
    )
    assert "no saved flow 'other'" in qdash.run_refused("flow", "versions", "other")
