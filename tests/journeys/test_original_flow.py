"""A flow in the original's style with a step of its own: checked, performed, cancelled, killed and resumed."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from .command_line import CommandLine, make_cancel_message, wait_for_end, wait_until

if TYPE_CHECKING:
    from pathlib import Path

FLOW = """
from dataclasses import dataclass

from qdash.workflow.service import CalibService
from qdash.workflow.service.steps import CalibrationStep, ConfigureAll, CustomOneQubit, FilterByStatus, OneQubitCheck
from qdash.workflow.service.targets import QubitTargets


@dataclass
class Look(CalibrationStep):
    task: str = "CheckQubitSpectroscopy"

    @property
    def name(self):
        return "look"

    def execute(self, service, targets, ctx):
        found = {qid: service.execute_task(self.task, qid)["qubit_frequency"].value for qid in ctx.candidate_qids}
        service.record_stage_result(self.name, found)
        return ctx


def night(username, chip_id, qids, project_id=None, flow_name=None, tags=None):
    cal = CalibService(username, chip_id, flow_name=flow_name, tags=tags, project_id=project_id, skip_execution=True,
                       default_run_parameters={"hpi_duration": {"value": 32, "value_type": "int"}})
    results = cal.run(QubitTargets(qids=qids), steps=[
        ConfigureAll(),
        OneQubitCheck(mode="serial", tasks=["CheckResonatorSpectroscopy"]),
        FilterByStatus(),
        Look(),
    ])
    print("candidates:", results["candidate_qids"])
    return results
"""


@pytest.fixture
def file(slow: CommandLine) -> Path:
    path = slow.folder / "night.py"
    path.write_text(FLOW)
    return path


def wait_for_completed(qdash: CommandLine, number: int) -> None:
    wait_until(lambda: qdash.list_task_states().count("completed") >= number, what="completed tasks")


def test_what_does_not_exist_is_named_before_anything_runs(slow: CommandLine, file: Path) -> None:
    assert "no name is missing" in slow.does("flow", "check", file)
    file.write_text(
        FLOW.replace("FilterByStatus, OneQubitCheck", "FilterByStatus, OneQubitCheck, FilterByWeather")
    )
    outcome = slow("flow", "check", file)
    assert outcome.status == 1
    assert "line 5: qdash.workflow.service.steps has no FilterByWeather" in outcome.out + outcome.err
    (problem,) = slow("flow", "check", file, "--json").document
    assert problem["line"] == 5
    line = slow.run_refused("flow", "run", file, "--chip", "slow", "--qids", "0")
    assert "line 5: qdash.workflow.service.steps has no FilterByWeather" in line
    assert slow.read_json("executions", "list") == []


@pytest.mark.slow
def test_a_killed_flow_resumes_and_a_cancelled_one_too(slow: CommandLine, file: Path) -> None:
    with slow.start("flow", "run", file, "--chip", "slow", "--qids", "0,1,2") as process:
        wait_for_completed(slow, 4)
        process.send_signal(signal.SIGSTOP)
        os.kill(slow.get_holder_pid(), signal.SIGKILL)
    (killed,) = slow.read_json("executions", "list")
    assert (killed["name"], killed.get("interrupted")) == ("night", True)

    with slow.start("executions", "resume", killed["execution_id"]) as process:
        wait_for_completed(slow, 5)
        process.send_signal(signal.SIGINT)
        outcome = wait_for_end(process)
    assert outcome.status == 130
    assert outcome.err.endswith(make_cancel_message(killed["execution_id"]))

    outcome = slow("executions", "resume", killed["execution_id"], "--json")
    assert (outcome.status, outcome.document["status"]) == (0, "completed")
    assert "candidates: ['0', '1', '2']" in outcome.err
    assert slow.list_task_states().count("completed") == 6
    (note,) = slow.query_rows("SELECT doc ->> '$.note.stage_results.look.result' FROM execution_history")
    assert all(f'"{qid}"' in note[0] for qid in "012")
    assert slow.list_locks() == []
