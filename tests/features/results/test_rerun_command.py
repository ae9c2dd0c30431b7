"""`qdash task rerun`: both results side by side, one JSON document, refusals in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.results.feature import RESULTS
from qdash_core import Parameter, RawData, RunParameter
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.runtime.application import open_qdash

from ...access import ADMIN
from ...core.bench import CHIP, LINE, make_backend, make_registry, make_task

if TYPE_CHECKING:
    from ...cli.conftest import InProcess

SHOTS = {"shots": RunParameter(1024, "int", unit="", description="repetitions")}


def install(monkeypatch: pytest.MonkeyPatch, shots: dict[str, RunParameter], value: float = 10.0) -> None:
    data = RawData({"signal": ([value], "a.u.")})
    tasks = [make_task(gives={"t1": Parameter(value, 0.5, "us")}, measure=lambda *_: data, parameters=shots)]
    registry = make_registry(tasks, [make_backend()])
    for module in ("hooks.manager", "runtime.runtime"):
        monkeypatch.setattr(f"qdash_core.{module}.load_plugins", lambda **_: registry)


@pytest.fixture
def measured(command: InProcess, monkeypatch: pytest.MonkeyPatch) -> str:
    """A measured result, after which the task has another value and another run parameter."""
    install(monkeypatch, SHOTS)
    with open_qdash() as qdash:
        qdash.get(CHIPS).create(ADMIN, CHIP, LINE, backend="bench")
    command.does("task", "run", "Measure", "--chip", CHIP, "--qid", "0", "--save", "--set", "shots=7")
    found: str = command.read_json("task", "results")[0]["task_id"]
    install(monkeypatch, {**SHOTS, "averages": RunParameter(3, "int")}, value=11.0)
    return found


def test_both_results_are_shown_with_their_differences_within_the_line(
    command: InProcess, measured: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    shown = command.does("task", "rerun", measured[:12])
    assert "t1      10.0(5) µs  11.0(5) µs  +1 µs       1.4" in shown
    assert "0 inputs equal, 0 different" in shown
    assert "averages       -         3" in shown
    assert "Values may have drifted in the " in shown
    unrecorded = "Calibration note of the original and the rerun: not recorded"
    assert f"{unrecorded}\nSoftware: no difference\nLaboratory, as recorded: no difference" in shown
    assert max(map(len, shown.splitlines())) <= 100
    again = command.read_json("task", "results")[0]
    assert again["rerun_of"] == measured
    assert f"rerun of {measured}" in command.does("executions", "show", again["execution_id"])


def test_the_comparison_is_one_document_and_the_scope_gets_the_value(
    command: InProcess, measured: str
) -> None:
    found = command.read_json("task", "rerun", measured, "--scope", "again")
    assert (found["first"]["task_id"], found["second"]["scope"]) == (measured, "again")
    assert found["settings"] == [{"name": "averages", "second": 3}]
    assert (found["outputs"][0]["difference"], found["n_equal_inputs"]) == (1.0, 0)
    assert command.read_json("metrics", CHIP)["qubits"]["0"]["t1"]["value"] == 10.0


def test_software_that_was_not_recorded_is_said_and_not_taken_to_be_equal(
    command: InProcess, measured: str
) -> None:
    with open_qdash() as qdash:
        result = qdash.get(RESULTS).show(ADMIN, measured)
        executions = qdash.repositories.of(ExecutionRepository)
        recorded = executions.require(result.project_id, result.execution_id)
        executions.replace(recorded.model_copy(update={"software": []}), was=recorded.status)
    shown = command.does("task", "rerun", measured)
    assert "Software of the original: not recorded" in shown
    assert "Software: no difference" not in shown


def test_an_unknown_result_is_refused(command: InProcess, measured: str) -> None:
    assert "there is no result 'zzz'" in command.run_refused("task", "rerun", "zzz")
