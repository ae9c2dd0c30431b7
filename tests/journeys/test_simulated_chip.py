"""A chip with another backend, run on its twin: the chip stays as it was until a user adopts the values."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from .command_line import CommandLine

if TYPE_CHECKING:
    from .command_line import Prepared

RUN = ("calibrate", "lab", "--flow", "bring-up", "--qids", "0", "--backend", "fake")


def create_lab(qdash: CommandLine) -> CommandLine:
    """Create chip `lab` of backend `qubex`, from a topology file."""
    (qdash.folder / "lab.yaml").write_text(
        "name: lab\nqubits:\n"
        + "".join(f"  - {{id: '{qid}', row: 0, col: {qid}, mux: 0}}\n" for qid in range(3))
        + "couplings: [['0', '1'], ['1', '2']]\n",
        encoding="utf-8",
    )
    qdash.does("chip", "create", "lab", "--topology", "lab.yaml", "--backend", "qubex")
    return qdash


@pytest.fixture
def lab(qdash: CommandLine) -> CommandLine:
    """A home with chip `lab`."""
    return create_lab(qdash)


@pytest.fixture(scope="module")
def performed(
    prepared: Prepared, tmp_path_factory: pytest.TempPathFactory
) -> tuple[CommandLine, dict[str, Any], dict[str, Any]]:
    """A home with a run on the twin of chip `lab`, the export of the chip before it, and its result. Read-only."""
    folder = tmp_path_factory.mktemp("performed")
    lab = create_lab(CommandLine(prepared, folder, folder / "home"))
    return lab, lab.read_json("export", "lab", "--format", "json"), lab.read_json(*RUN)


def test_a_run_on_the_twin_changes_nothing_of_the_chip(
    performed: tuple[CommandLine, dict[str, Any], dict[str, Any]],
) -> None:
    lab, before, run = performed
    assert (run["status"], run["tasks"], run["simulated"]) == ("completed", {"completed": 15}, True)
    assert lab.read_json("export", "lab", "--format", "json") == before
    assert lab.read_json("metrics", "lab") == {"qubits": {}, "couplings": {}}
    shown = lab.read_json("executions", "show", "last")
    assert shown["simulated"]
    assert all(one["simulated"] for one in shown["results"])


def test_adopted_values_are_marked(
    qdash: CommandLine, performed: tuple[CommandLine, dict[str, Any], dict[str, Any]]
) -> None:
    before, _, performed_run = performed
    assert before.home is not None
    assert qdash.home is not None
    shutil.copytree(before.home, qdash.home)
    lab, run = qdash, performed_run["execution_id"]
    assert "belongs to chip lab" in lab.run_refused("executions", "adopt", run, "--confirm", "other")
    assert "--confirm" in lab.run_refused("executions", "adopt", run)

    adopted = lab.read_json("executions", "adopt", run, "--confirm", "lab")
    assert set(adopted["adopted"]) == {"0"}
    assert lab.read_json("metrics", "lab")["qubits"]["0"]["t1"]["simulated"] is True
    assert "^ simulated" in lab.does("metrics", "lab")
    assert lab.read_json("export", "lab", "--format", "json")["qubits"]["0"]["t1"]["simulated"] is True
    assert "adopted its values" in lab.does("executions", "show", "last")


def test_a_single_task_is_tried_on_the_twin(lab: CommandLine) -> None:
    result = lab.read_json(
        "task",
        "run",
        "CheckResonatorSpectroscopy",
        "--chip",
        "lab",
        "--qid",
        "0",
        "--backend",
        "fake",
        "--save",
    )
    assert (result["status"], result["simulated"], result["saved"]) == ("completed", True, False)
    assert lab.read_json("metrics", "lab")["qubits"] == {}


def test_the_twin_of_a_chip_has_a_seed_and_faults(lab: CommandLine) -> None:
    faults = (
        "--fault",
        "dead-line=1",
        "--fault",
        "frequency-jump=0:1@500",
        "--fault",
        "frequency-jump=1:2@0",
    )
    made = lab.read_json("twin", "create", "--for", "lab", "--seed", "3", *faults)
    assert (made["chip_id"], made["backend"], made["seed"], made["options"]) == (
        "lab",
        "qubex",
        3,
        {"dead_line": {"1": 0.0}, "frequency_jump": "0:1@500,1:2@0"},
    )
    assert "has a twin already" in lab.run_refused("twin", "create", "--for", "lab")
    assert lab.read_json("twin", "list")["twins"][0]["backend"] == "qubex"
    since = "since 0\N{NO-BREAK SPACE}h of laboratory time"
    assert lab.read_json("twin", "truth", "lab")["remarks"]["1"][:1] == [
        f"the qubit frequency has been shifted by +2\N{NO-BREAK SPACE}MHz {since}"
    ]
    states = {(one["qid"], one["status"]) for one in _run_spectroscopy(lab)}
    assert states == {("0", "completed"), ("1", "failed")}


def _run_spectroscopy(lab: CommandLine) -> list[dict[str, str]]:
    """Run the first tasks of a bring-up on two qubits, and return the results of the spectroscopy."""
    run = lab("calibrate", "lab", "--flow", "rough", "--qids", "0,1", "--backend", "fake", "--json").document
    results = lab.read_json("executions", "show", run["execution_id"])["results"]
    return [one for one in results if one["name"] == "CheckQubitSpectroscopy"]
