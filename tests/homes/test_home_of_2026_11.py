"""A home recorded when every task belonged to the twin: it can be shown, drawn, refitted and continued."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from qdash_builtin.provenance.feature import PROVENANCE
from qdash_builtin.results.feature import RESULTS as RESULTS_SERVICE
from qdash_builtin.results.figures import rebuild_output
from qdash_core import CalibConfig, CalibOrchestrator, open_qdash
from qdash_core.settings import Settings
from qdash_pictures.thumbnail import draw_svg
from qdash_tasks.flows import ONE_QUBIT_CHECK

from . import command_output
from .command_output import require_as_recorded
from .home_archives import unpack_home

RECORDED = Path(__file__).with_name("2026-11")
SAID: dict[str, Any] = json.loads((RECORDED / "expected.json").read_text("utf-8"))
RESULTS = command_output.with_raw_data(SAID)
_FIRST = {of.partition(" of ")[0]: of for of in reversed(RESULTS)}
_TEXTS = ("message", "reasons")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
ONE_OF_EACH_TASK = {of: RESULTS[of] for of in _FIRST.values()}


@pytest.fixture(scope="module")
def recorded_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The recorded home. Read-only."""
    return unpack_home(RECORDED.name, tmp_path_factory.mktemp("recorded"))


@pytest.fixture
def home(recorded_home: Path, tmp_path: Path) -> Path:
    """A copy of the recorded home."""
    return Path(shutil.copytree(recorded_home, tmp_path, dirs_exist_ok=True, symlinks=True))


def without_labels(figures: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Return the traces without their labels: the words of a figure may change, its numbers may not."""
    return {
        of: [{name: value for name, value in trace.items() if name != "name"} for trace in traces]
        for of, traces in figures.items()
    }


def without_words(refits: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the refits with the numbers in their messages and reasons alone, as the words may change."""
    return {
        of: {name: _NUMBER.findall(str(value)) if name in _TEXTS else value for name, value in refit.items()}
        for of, refit in refits.items()
    }


def performed(home: Path, *command: str) -> dict[str, Any]:
    """Run a command that must complete, and return the execution."""
    outcome = command_output.asked(home, *command)
    assert outcome["status"] == "completed"
    found: dict[str, Any] = command_output.asked(home, "executions", "show", outcome["execution_id"])
    return found


def measure(home: Path, target: str, *tasks: str) -> dict[str, Any]:
    """Run tasks in this process, and return the execution."""
    with open_qdash(Settings(home=home)) as qdash:
        session = CalibOrchestrator(CalibConfig(username="admin", chip_id="old"), qdash)
        session.initialize()
        for task in tasks:
            session.run_task(task, target)
        session.complete()
    found: dict[str, Any] = command_output.asked(home, "executions", "show", "last")
    assert found["status"] == "completed"
    return found


def test_every_task_sketches_its_results(home: Path) -> None:
    with open_qdash(Settings(home=home)) as qdash:
        access = qdash.access("admin")
        for task_id in RESULTS.values():
            result = qdash.get(RESULTS_SERVICE).show(access, task_id)
            task = qdash.registry.task(result.name, backend=result.backend)
            drawn = task.sketch(
                qdash.get(RESULTS_SERVICE).load_raw_data(access, task_id), rebuild_output(result)
            )
            assert draw_svg(drawn), result.name


def test_executions_values_and_exports_are_what_they_were(home: Path) -> None:
    require_as_recorded(
        {name: SAID[name] for name in ("listed", "executions", "metrics", "exports")},
        command_output.documents(home),
    )


def test_its_values_have_their_origins_and_uses(home: Path) -> None:
    with open_qdash(Settings(home=home)) as qdash:
        found = qdash.get(PROVENANCE).trace_value(qdash.access("admin"), "old", "3", "t1", depth=1)
    tasks = {(node.depth, node.result.name) for node in found.nodes.values() if node.result is not None}
    assert tasks >= {
        (-1, "CheckRamsey"),
        (-1, "CreatePIPulse"),
        (1, "Check1QGateCoherenceLimit"),
        (1, "CreateZX90"),
    }


def select_given(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the inputs without values that the laboratory used of its own."""
    return {name: one for name, one in inputs.items() if "from_laboratory" not in one}


@pytest.mark.slow
def test_the_figure_of_every_result_is_drawn(home: Path) -> None:
    require_as_recorded(
        without_labels(SAID["figures"]), without_labels(command_output.figures(home, RESULTS))
    )


@pytest.mark.parametrize(
    "results",
    [
        pytest.param(ONE_OF_EACH_TASK, id="one of each task"),
        pytest.param(RESULTS, id="all", marks=pytest.mark.slow),
    ],
)
def test_a_result_is_analysed_again_to_the_same_numbers(home: Path, results: dict[str, str]) -> None:
    require_as_recorded(
        without_words({of: SAID["refits"][of] for of in results}),
        without_words(command_output.refits(home, results)),
    )


def test_its_results_are_the_inputs_of_new_ones(home: Path) -> None:
    execution = measure(home, "3", *ONE_QUBIT_CHECK)

    first = select_given(execution["results"][0]["input_parameters"])
    assert first
    values = SAID["metrics"]["old"]["qubits"]["3"]
    require_as_recorded(sources({name: values[name] for name in first}), sources(first))
    assert {result["verdict"] for result in execution["results"]} == {"accepted"}


def test_so_are_those_of_both_qubits_and_their_coupling(home: Path) -> None:
    execution = measure(home, "3-5", "CheckZX90")

    (result,) = execution["results"]
    known = SAID["metrics"]["old"]
    values = {
        **known["couplings"]["3-5"],
        **{f"control_{name}": value for name, value in known["qubits"]["3"].items()},
        **{f"target_{name}": value for name, value in known["qubits"]["5"].items()},
    }
    inputs = select_given(result["input_parameters"])
    assert {"cr_amplitude", "control_drag_pi_amplitude", "target_drag_hpi_amplitude"} <= inputs.keys()
    require_as_recorded(sources({name: values[name] for name in inputs}), sources(inputs))


def test_nothing_is_wrong_with_it(home: Path) -> None:
    checks = command_output.asked(home, "doctor")["checks"]

    others = {check["name"]: check for check in checks if check["status"] != "ok"}
    assert others.keys() == {"permissions", "backups"}, (
        "homes of that time are open to everybody, and their backup is old"
    )
    assert {check["status"] for check in others.values()} == {"warning"}


@pytest.mark.slow
def test_its_cancelled_run_is_resumed_where_it_stopped(home: Path) -> None:
    cancelled = SAID["listed"][0]["execution_id"]
    before = {one["task_id"]: one for one in SAID["executions"][cancelled]["results"]}
    done = {task_id for task_id, one in before.items() if one["status"] == "completed"}

    after = performed(home, "executions", "resume", cancelled)

    assert after["execution_id"] == cancelled
    now = {one["task_id"]: one for one in after["results"]}
    require_as_recorded({task_id: before[task_id] for task_id in done}, now)
    completed = sorted(one["name"] for one in after["results"] if one["status"] == "completed")
    assert completed == sorted(one["name"] for one in before.values())


def sources(values: dict[str, Any]) -> dict[str, Any]:
    """Return the value and the origin of each parameter."""
    return {name: {key: value[key] for key in ("value", "task_id")} for name, value in values.items()}
