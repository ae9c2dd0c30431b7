"""The notebook of `examples/`, executed by a kernel on a home and on a host."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ..lazy_modules import LazyModule
from .hosts import run_host

if TYPE_CHECKING:
    from .command_line import CommandLine

nbclient, nbformat = LazyModule("nbclient"), LazyModule("nbformat")

NOTEBOOK = Path(__file__).parents[2] / "examples/night-inspection.ipynb"
CHIP = "64Q"
OPENED = f'qdash.open_chip("{CHIP}")'
STRETCHED = "stretched exponential"
LIMIT_S = 120
"""Time limit of a cell; the whole notebook takes a few seconds."""


@pytest.fixture
def night(qdash: CommandLine) -> CommandLine:
    """The chip of the notebook after a night: decays with a fast part, and a dead drive line."""
    faults = ("--fault", "model-mismatch=2", "--fault", "dead-line=3")
    qdash.does("twin", "create", CHIP, "--device", "jakarta", "--seed", "5", *faults)
    qdash.does("calibrate", CHIP, "--flow", "bring-up", "--qids", "0,3")
    return qdash


def execute(qdash: CommandLine, *, opened: str = OPENED, **environment: str) -> dict[str, str]:
    """Execute the notebook in the folder of a command line; return the printed text and the last value of each cell."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    for cell in notebook.cells:
        cell.source = cell.source.replace(f"chip = {OPENED}", f"chip = {opened}")
    client = nbclient.NotebookClient(
        notebook,
        timeout=LIMIT_S,
        kernel_name="python3",
        resources={"metadata": {"path": str(qdash.folder)}},
    )
    # Warnings of the kernel's own code are no errors.
    client.execute(env={**qdash.environment, "PYTHONWARNINGS": "default", **environment})
    return {cell.id: "".join(map(get_text, cell.get("outputs", ()))) for cell in notebook.cells}


def get_text(output: Any) -> str:
    return str(output.get("text") or output.get("data", {}).get("text/plain", ""))


def check_night(qdash: CommandLine, shown: dict[str, str]) -> None:
    """Check what the notebook shows, and that its analysis is the result and the value."""
    assert "CheckQubitSpectroscopy" in shown["failures"]
    assert "fine_delay: 51 in µs: window that resolves the decay: delay" in shown["arrays"]
    assert "26 of 51 points: accepted []" in shown["refit"]
    assert STRETCHED in shown["record"]
    value = qdash.read_json("metrics", CHIP)["qubits"]["0"]["t1"]
    truth = qdash.read_json("twin", "truth", CHIP)["qubits"]["0"]["t1"]
    assert f"T1 = {value['value']:.1f} ± {value['error']:.1f} µs" in shown["fit"]
    assert abs(value["value"] - truth["value"]) < 4 * value["error"]
    assert 0 < value["error"] < 0.1 * truth["value"]
    analysed, refit, measured = qdash.read_json("task", "results", "--task", "CheckT1", "--target", "0")
    assert analysed["task_id"] == value["task_id"]
    assert (analysed["analysis_model"], analysed["username"]) == (STRETCHED, "admin")
    assert analysed["refit_of"] == refit["refit_of"] == measured["task_id"]
    newest = qdash.read_json("values", "log", CHIP)[0]
    assert (newest["kind"], newest["username"], newest["reason"]) == ("analysed", "admin", STRETCHED)
    note = qdash.read_json("note", "show", CHIP, "--task", analysed["task_id"])["note"]["content"]
    assert note.startswith("stretching exponent 0.9")
    exported = json.loads((qdash.folder / f"{CHIP}.json").read_text())
    assert exported["qubits"]["0"]["t1"]["value"] == value["value"]


def test_the_notebook_has_fifteen_cells_and_no_outputs() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    assert len(notebook.cells) == 15
    assert not [cell.id for cell in notebook.cells if cell.get("outputs") or cell.get("execution_count")]


@pytest.mark.slow
def test_the_notebook_runs_on_a_home(night: CommandLine) -> None:
    check_night(night, execute(night))


@pytest.mark.release
def test_the_notebook_runs_on_a_host(night: CommandLine) -> None:
    with run_host(night) as found:
        token = found.set_up().token
        opened = f'qdash.open_chip("{CHIP}", host="{found.url}")'
        shown = execute(night, opened=opened, QDASH_TOKEN=token)
    assert found.url in shown["open"]
    check_night(night, shown)
