"""Installation from wheels in an empty environment: each package is complete, without unneeded dependencies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from .environments import ESSENTIAL, make_environment

if TYPE_CHECKING:
    from .environments import Environment

MEMBERS = (*ESSENTIAL, "examples/my-rack", "examples/my-bench")
ANSWERED = {
    *(
        "laboratory",
        "ReadoutScan",
        "QubitScan",
        "SingleShots",
        "Rabi",
        "RabiAmplitude",
        "Relaxation",
        "Ramsey",
        "Echo",
    ),
    *("PulseTrain", "DragScan", "RandomSequences"),
}
"""Requests that the example's rack answers: no chevrons, and none on couplings."""
TRUTH = "import json, my_bench.box as box; print(json.dumps({name: getattr(box, name) for name in dir(box) if name.isupper() and isinstance(getattr(box, name), float)}))"
"""Program that prints the true values of the qubit behind the bench's box, by the names of its module."""


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The essential members and a user's own laboratory."""
    found = make_environment(MEMBERS, tmp_path_factory)
    found.run("qdash", "chip", "create", "bench", "--topology", "linear-4", "--backend", "my-rack")
    return found


@pytest.mark.slow
def test_a_laboratory_is_found_by_its_entry_point_and_needs_no_twins(laboratory: Environment) -> None:
    plugins = {plugin["name"]: plugin["status"] for plugin in laboratory.read_json("plugins", "list")}
    assert plugins.keys() >= {"core", "tasks", "my-rack", "my-bench"}
    assert plugins.keys().isdisjoint({"fake", "qubex", "mongo"})
    assert {*plugins.values()} == {"ok"}


@pytest.mark.slow
def test_it_has_the_tasks_whose_requests_it_answers(laboratory: Environment) -> None:
    tasks = [
        task for task in laboratory.read_json("task", "list", "--chip", "bench") if task["backend"] is None
    ]
    assert {task["name"] for task in tasks if task["why_not"] is None} == {
        task["name"] for task in tasks if {*task["requires"]} <= ANSWERED
    }


@pytest.mark.slow
def test_what_authors_tell_of_tasks_comes_along(laboratory: Environment) -> None:
    shown = laboratory.read_json("task", "show", "CheckT1")
    assert shown["measures"].startswith(
        "Energy relaxation time T1, from the readout signal after X180 and a delay."
    )
    assert len(shown["failures"]) == 3


@pytest.mark.slow
def test_design_values_of_the_rack_are_seen(laboratory: Environment) -> None:
    assert (
        laboratory.read_json("chip", "design", "bench", "0")["qubits"]["0"]["qubit_frequency"]["value"] == 4.9
    )


@pytest.mark.slow
def test_looking_for_a_task_does_not_import_what_it_measures_with(laboratory: Environment) -> None:
    """Other members are not installed, and must not be imported either."""
    code = "import sys, qdash_core, qdash_tasks; print(*sorted(m for m in sys.modules if m.startswith(('qdash_fake', 'scipy'))))"
    assert laboratory.run("python", "-c", code).split() == []


@pytest.fixture(scope="module")
def brought_up(laboratory: Environment) -> dict[str, dict[str, Any]]:
    """Values and errors of a bring-up of the bench's only qubit, whose author wrote `play`, by name."""
    laboratory.run("qdash", "chip", "create", "one", "--topology", "linear-1", "--backend", "my-bench")
    laboratory.run("qdash", "calibrate", "one", "--flow", "bring-up")
    found: dict[str, dict[str, Any]] = laboratory.read_json("metrics", "one")["qubits"]["0"]
    return found


@pytest.mark.release
def test_a_bench_that_only_plays_pulses_is_brought_up_to_what_is_true(
    laboratory: Environment, brought_up: dict[str, dict[str, Any]]
) -> None:
    box = json.loads(laboratory.run("python", "-c", TRUTH))
    # A raised cosine of 40 ns rotates two levels by pi; the third level shifts that by some thousandths.
    pi_amplitude = 0.5 / (box["FULL_SCALE_MHZ"] * 20e-3)
    true = {
        "qubit_frequency": box["QUBIT_GHZ"],
        "anharmonicity": box["ANHARMONICITY_MHZ"] * 1e-3,
        "drag_pi_beta": 1e3 / (4 * np.pi * abs(box["ANHARMONICITY_MHZ"])),
        "t1": box["T1_US"],
        "t2_echo": box["T2_US"],
        "dispersive_shift": -2 * box["CHI_MHZ"],
    }
    pulls = {
        name: (brought_up[name]["value"] - value) / brought_up[name]["error"] for name, value in true.items()
    }
    assert max(map(abs, pulls.values())) < 4, pulls
    assert abs(brought_up["drag_pi_amplitude"]["value"] / pi_amplitude - 1) < 5e-3


@pytest.mark.release
def test_benchmarking_finds_what_relaxation_and_dephasing_leave(
    laboratory: Environment, brought_up: dict[str, dict[str, Any]]
) -> None:
    """A gate of 40 ns has an average error of (t / T1 + 2 t / T2) / 6 to first order in t."""
    box = json.loads(laboratory.run("python", "-c", TRUTH))
    error = (0.04 / box["T1_US"] + 2 * 0.04 / box["T2_US"]) / 6
    found = brought_up["average_gate_fidelity"]
    assert abs(1 - found["value"] - error) < 4 * found["error"] + 0.02 * error


# ------------------------------------------------------------------------------------------------- without the library

FOLDER = {
    "config/chip.yaml": "SIM4:\n  name: four qubits\n  n_qubits: 4\n  topology: {type: square_lattice, mux_size: 4}\n",
    "config/system.yaml": "SIM4-Q3:\n  chip_id: SIM4\n  backend: quel3\n",
    "config/box.yaml": "BOXA: {name: quel3-a, type: quel3}\n",
    "config/wiring.yaml": "SIM4-Q3:\n  - {mux: 0, ctrl: ['BOXA:4', 'BOXA:2', 'BOXA:11', 'BOXA:9'], read_out: 'BOXA:1', read_in: 'BOXA:0'}\n",
    "params/SIM4-Q3/control_frequency.yaml": "meta: {unit: GHz}\ndata: {0: 4.34, 1: 4.81, 2: 4.79, 3: 4.36}\n",
    "params/SIM4-Q3/readout_frequency.yaml": "meta: {unit: GHz}\ndata: {0: 6.2, 1: 6.25, 2: 6.3, 3: 6.35}\n",
}
"""Configuration of the library, by file."""


@pytest.fixture(scope="module")
def without_library(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Twins and the backend for the library, without the library itself; a chip of its configuration."""
    wheels = (*ESSENTIAL, "packages/qdash-fake", "packages/qdash-qubex")
    found = make_environment(wheels, tmp_path_factory, without=("qubex", "qx"))
    for name, text in FOLDER.items():
        path = found.folder / "qubex-config" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found.run("qdash", "chip", "create", "SIM4", "--topology", "linear-4", "--backend", "qubex")
    return found


@pytest.mark.release
def test_the_plugin_of_a_library_that_is_not_there_is_whole(without_library: Environment) -> None:
    plugins = {plugin["name"]: plugin["status"] for plugin in without_library.read_json("plugins", "list")}
    assert plugins.keys() >= {"core", "tasks", "fake", "qubex"}
    assert {*plugins.values()} == {"ok"}


@pytest.mark.slow
def test_its_chip_is_looked_at_without_it(without_library: Environment) -> None:
    configured = {"QDASH_QUBEX_CONFIG": str(without_library.folder / "qubex-config")}
    design = without_library.try_command("qdash", "chip", "design", "SIM4", "0", "--json", **configured)
    assert json.loads(design.stdout)["qubits"]["0"]["qubit_frequency"]["value"] == 4.34, design.stderr
    tasks = without_library.try_command("qdash", "task", "list", "--chip", "SIM4", "--json", **configured)
    assert {"CheckT1", "LinkUp"} <= {task["name"] for task in json.loads(tasks.stdout) if not task["why_not"]}


@pytest.mark.slow
def test_a_run_says_what_to_install(without_library: Environment) -> None:
    configured = {"QDASH_QUBEX_CONFIG": str(without_library.folder / "qubex-config")}
    task = ("task", "run", "CheckResonatorSpectroscopy", "--chip", "SIM4", "--qid", "0")
    ran = without_library.try_command("qdash", *task, **configured)
    assert ran.returncode == 1
    assert "qubex is not installed: `pip install" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.slow
def test_a_twin_is_measured_without_it(without_library: Environment) -> None:
    without_library.run("qdash", "twin", "create", "lab", "--device", "jakarta")
    task = without_library.read_json(
        "task", "run", "CheckResonatorSpectroscopy", "--chip", "lab", "--qid", "0"
    )
    assert task["status"] == "completed"
