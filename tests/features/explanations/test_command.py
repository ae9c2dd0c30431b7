"""`qdash explain` prints likely causes with their evidence and the next step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.issues.feature import ISSUES
from qdash_cli.rendering.times import format_time
from qdash_core import AnalysisError, BackendError, Parameter, RawData, TaskOutput
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.session.dispatch.plans import Plan

from ...access import ADMIN
from ...core.bench import CHIP, Bench, make_raising, make_task

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.models.task import TaskResultModel

    from ...cli.conftest import InProcess

TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.fixture
def failed(command: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TaskResultModel:
    """A result that failed because of the rack, and an issue about its qubit."""
    url = f"sqlite:///{tmp_path}/night.db"
    monkeypatch.setenv("QDASH_STORE_URL", url)
    task = make_task("Rabi", measure=make_raising(BackendError("the rack does not answer")))
    bench = Bench.open(tmp_path / "home", url, task)
    result = bench.run("Rabi")
    bench.qdash.get(ISSUES).open(ADMIN, "Rack is red", chip_id=CHIP, targets=["0"], body="since noon")
    bench.qdash.close()
    return result


def test_a_result_and_its_target_are_explained(command: InProcess, failed: TaskResultModel) -> None:
    text = command.does("explain", failed.task_id[:8])
    assert text == command.does("explain", "0")
    assert text == command.does("explain", "Q00", "--chip", CHIP)
    source = f"[result:{failed.task_id[:8]}]"
    assert text.splitlines() == [
        "Rabi on qubit 0 failed: the rack does not answer",
        f"started {format_time(failed.start_at, TOKYO)}",
        "",
        "1. Backend or instrument error: 100 %",
        f"   + The measurement ended with an error of the backend. {source}",
        "   next step: Look for the first error in the log, check the connection and state of the instruments, then measure again.",
        f"     qdash executions logs {failed.execution_id}",
        "",
        "see Rack is red: since noon [issue:1]",
    ]
    document = command.read_json("explain", failed.task_id)
    assert document["causes"][0]["id"] == "backend-error"
    assert document["related"][0]["text"] == "since noon"


def test_an_execution_is_explained(command: InProcess, failed: TaskResultModel) -> None:
    text = command.does("explain", "last")
    lines = text.splitlines()
    assert lines[0] == f"execution {failed.execution_id} on chip {CHIP} failed: no task completed"
    assert lines[2:5] == [
        "1. qubit 0",
        f"   Rabi on qubit 0 failed: the rack does not answer [result:{failed.task_id[:8]}]",
        "   Backend or instrument error: 100 %",
    ]
    assert command.read_json("explain", failed.execution_id)["groups"][0]["targets"] == ["0"]


def test_a_group_names_what_it_shares_and_without_a_cause_the_command_that_reads_more(
    command: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/night.db"
    monkeypatch.setenv("QDASH_STORE_URL", url)

    def measure(task: Any, _backend: object) -> RawData:
        if task.context.qid in {"0", "1", "2", "3"}:
            raise BackendError("the rack does not answer")
        return RawData({"signal": ([0.0, 1.0], "a.u.")})

    def analyse(task: Any, _raw: object) -> TaskOutput:
        if task.context.qid == "9":
            raise AnalysisError("no oscillation")
        return TaskOutput({"t1": Parameter(10.0, 0.5, "us")})

    bench = Bench.open(tmp_path / "home", url, make_task("Rabi", measure=measure, analyse=analyse))
    bench.qdash.get(CHIPS).create(
        ADMIN, "big", get_builtin_topology("square-lattice-mux-16"), backend="bench"
    )
    executions = []
    for numbers in (range(16), range(4, 6)):
        session = bench.start_session(chip_id="big")
        session.run_plan(Plan([session.plan_task("Rabi")], [[str(one) for one in numbers]]))
        executions.append(session.execution.execution_id)
        session.complete()
    bench.qdash.close()

    lines = command.does("explain", executions[0]).splitlines()
    assert "1. qubits 0, 1, 2 and 3 (4 of 4 on multiplexer 0)" in lines
    start = lines.index("2. qubit 9")
    assert lines[start + 2] == (
        "   No cause found: there is too little evidence in this execution. `qdash explain 9 --chip big` also reads earlier results."
    )
    of_target = command.does("explain", "9", "--chip", "big")
    assert "Measure more tasks on the target (flow `fine-tune`), or open an issue." in of_target
    assert "`qdash explain TARGET --chip big` also examines accepted results." in command.does(
        "explain", "last"
    )
    assert "Nothing to explain: the result was accepted" in command.does("explain", "4", "--chip", "big")


def test_a_target_without_results_has_none(command: InProcess, failed: TaskResultModel) -> None:
    assert command.does("explain", "3") == f"no task has run on qubit 3 of chip {CHIP}\n"
    assert "has no qubit 9" in command.run_refused("explain", "9")
    assert "no result 'x'" in command.run_refused("explain", "x")
