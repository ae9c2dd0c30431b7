"""A task with a request of its own, installed from a wheel: it measures on every laboratory that plays pulses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from .environments import ESSENTIAL, make_environment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .environments import Environment

MEMBERS = (
    *(*ESSENTIAL, "packages/qdash-fake", "packages/qdash-qubex"),
    *("examples/my-bench", "examples/my-rack", "examples/qubex-on-a-twin"),
)
TASK = "CheckColdWait"
READOUT = ("resonator_frequency", "readout_frequency", "readout_amplitude")
DRIVE = ("qubit_frequency", "control_amplitude", "rabi_frequency")
VALUES = (*READOUT, *DRIVE, "pi_length", "drag_pi_amplitude", "drag_pi_beta", "t1")
BOX = """
import json
from math import pi
from my_bench.box import *
print(json.dumps({
    "resonator_frequency": RESONATOR_GHZ, "readout_frequency": RESONATOR_GHZ, "readout_amplitude": 0.2,
    "qubit_frequency": QUBIT_GHZ, "control_amplitude": 0.1, "rabi_frequency": 0.1 * FULL_SCALE_MHZ,
    "pi_length": 40.0,
    "drag_pi_amplitude": 0.5 / (FULL_SCALE_MHZ * 20e-3),
    "drag_pi_beta": 1e3 / (4 * pi * abs(ANHARMONICITY_MHZ)), "t1": T1_US,
}))
"""
"""Program that prints the true values of the qubit behind the bench's box, and those of its pulse of 40 ns."""


@pytest.fixture(scope="module")
def laboratories(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Laboratories, and a plugin whose request none of them names."""
    found = make_environment(MEMBERS, tmp_path_factory)
    found.run("qdash", "plugins", "new", "request", "cold-wait")
    found.install([found.folder / "cold-wait"])
    return found


def measure(at: Environment, chip: str, true: Mapping[str, float], **variables: str) -> Mapping[str, Any]:
    """Set true values of qubit 0, and run the task on it."""
    values = (f"{name}={true[name]!r}" for name in VALUES)
    at.run("qdash", "values", "set", chip, "0", *values, "--reason", "true", "--yes", **variables)
    ran = at.read_json("task", "run", TASK, "--chip", chip, "--qid", "0", **variables)
    found: Mapping[str, Any] = ran["output_parameters"]["cold_wait_t1"]
    return found


def read_truth(at: Environment, chip: str, **variables: str) -> Mapping[str, float]:
    truth = at.read_json("twin", "truth", chip, **variables)["qubits"]["0"]
    return {name: truth[name]["value"] for name in VALUES}


def require_right(found: Mapping[str, Any], true: Mapping[str, float]) -> None:
    assert found["error"] < 0.1 * true["t1"]
    assert abs(found["value"] - true["t1"]) < 4 * found["error"]


@pytest.mark.parametrize(
    "options",
    [
        pytest.param((), id="by formulas", marks=pytest.mark.slow),
        pytest.param(("--pulse-level",), id="by pulses", marks=pytest.mark.release),
    ],
)
def test_it_measures_on_a_twin(laboratories: Environment, options: tuple[str, ...]) -> None:
    chip = "twin" + "".join(options)
    laboratories.run("qdash", "twin", "create", chip, "--device", "linear-1", *options)
    true = read_truth(laboratories, chip)
    require_right(measure(laboratories, chip, true), true)


@pytest.mark.slow
def test_it_measures_on_a_bench_that_plays_pulses(laboratories: Environment) -> None:
    laboratories.run("qdash", "chip", "create", "bench", "--topology", "linear-1", "--backend", "my-bench")
    true = json.loads(laboratories.run("python", "-c", BOX))
    require_right(measure(laboratories, "bench", true), true)


@pytest.mark.release
def test_it_measures_through_qubex(laboratories: Environment) -> None:
    make = ("qubex_on_a_twin", "SIM", "--qubits", "0", "--config", "qubex-config")
    lines = laboratories.run("python", "-m", *make).splitlines()
    variables = dict(line.removeprefix("export ").split("=", 1) for line in lines if "=" in line)
    laboratories.run("qdash", "import", "qubex-config", "--backend", "qubex", "--yes", **variables)
    true = read_truth(laboratories, "SIM", **variables)
    require_right(measure(laboratories, "SIM", true, **variables), true)


@pytest.mark.slow
def test_a_laboratory_that_plays_no_pulses_says_that_it_lacks_the_request(laboratories: Environment) -> None:
    laboratories.run("qdash", "chip", "create", "rack", "--topology", "linear-1", "--backend", "my-rack")
    tasks = {one["name"]: one for one in laboratories.read_json("task", "list", "--chip", "rack")}
    assert tasks[TASK]["why_not"] == "needs ColdWaitScan, which backend my-rack does not offer"
    refused = laboratories.try_command("qdash", "task", "run", TASK, "--chip", "rack", "--qid", "0")
    assert refused.returncode != 0
    assert "needs ColdWaitScan" in refused.stderr
