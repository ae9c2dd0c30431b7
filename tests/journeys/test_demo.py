"""`qdash demo`: a complete run in one command."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from qdash_tasks.flows import BRING_UP

if TYPE_CHECKING:
    from .command_line import CommandLine

KEYS = {
    "device",
    "chip",
    "home",
    "n_qubits",
    "n_couplings",
    "execution_ids",
    "status",
    "tasks",
    "wall_s",
    "lab_s",
    "accuracy",
    "not_calibrated",
}
SHORT = ("--qubits", "1", "--flow", "CheckResonatorSpectroscopy")
"""Options of the shortest demo."""


@pytest.mark.parametrize(
    ("named", "device", "n_qubits"),
    [
        (("--device", "linear-1"), "linear-1", 1),
        pytest.param(("--device", "linear-2"), "linear-2", 2, marks=pytest.mark.release),
        pytest.param((), "jakarta", 7, marks=pytest.mark.slow, id="as it is"),
    ],
)
def test_the_demo_brings_up_every_qubit_and_compares_with_the_truth(
    qdash: CommandLine, named: tuple[str, ...], device: str, n_qubits: int
) -> None:
    document = qdash.read_json("demo", *named)

    assert set(document) == KEYS
    assert (document["device"], document["chip"]) == (device, device)
    assert (document["n_qubits"], document["n_couplings"]) == (n_qubits, n_qubits - 1)
    assert document["home"] == str(qdash.home)
    assert document["status"] == "completed"
    assert sum(document["tasks"].values()) == n_qubits * len(BRING_UP)
    assert 0 < document["wall_s"] < document["lab_s"]
    assert {"qubit_frequency", "t1", "t2_echo", "t2_star", "average_readout_fidelity"} <= set(
        document["accuracy"]
    )
    for found in document["accuracy"].values():
        assert set(found) == {"n", "within_1_sigma", "within_2_sigma", "median_relative_error"}
        assert 1 <= found["n"] <= n_qubits
        assert 0 <= found["within_1_sigma"] <= found["within_2_sigma"] <= 1


@pytest.mark.slow
def test_the_values_behind_the_demo_are_in_its_home(qdash: CommandLine) -> None:
    document = qdash.read_json("demo", "--device", "linear-2")

    metrics, truth = qdash.read_json("metrics", "linear-2"), qdash.read_json("twin", "truth", "linear-2")
    assert set(metrics["qubits"]) == {"0", "1"}
    assert document["accuracy"]["t1"]["n"] == 2
    for qid, values in metrics["qubits"].items():
        for name in document["accuracy"]:
            assert truth["qubits"][qid][name]["unit"] == values[name]["unit"]
    (execution_id,) = document["execution_ids"]
    assert qdash.read_json("executions", "show", execution_id)["tasks"] == document["tasks"]


@pytest.mark.slow
def test_the_full_demo_shows_each_coupling(qdash: CommandLine) -> None:
    printed = qdash.does("demo", "--flow", "full", "--device", "linear-2", "--seed", "1")

    assert re.search(r"^0-1 +0\.\d+\(\d+\) +0\.\d+ +0\.\d+ +\d+", printed, re.MULTILINE)
    assert "1 coupling, a gate is possible on 1: 1 calibrated" in printed
    truth = qdash.read_json("twin", "truth", "linear-2")
    assert 0.9 < truth["couplings"]["0-1"]["zx90_gate_fidelity"]["value"] < 1


@pytest.mark.slow
def test_the_full_demo_says_how_good_its_gates_are_and_why_a_dead_qubit_has_none(qdash: CommandLine) -> None:
    rows = [
        {"qid": "0", "frequency_ghz": 5.1},
        {"qid": "1", "frequency_ghz": 5.0},
        {"qid": "2", "frequency_ghz": 5.09, "p_meas0_prep1": 0.5, "p_meas1_prep0": 0.5},
    ]
    known = {"anharmonicity_ghz": -0.33, "t1_us": 100.0, "t2_us": 80.0, "readout_length_ns": 1500.0}
    known |= {"p_meas0_prep1": 0.02, "p_meas1_prep0": 0.01, "sx_error": 1e-4, "sx_length_ns": 36.0}
    pairs = [("0", "1"), ("1", "2")]
    table = {
        "device": "three",
        "n_qubits": 3,
        "qubits": [known | row for row in rows],
        "couplings": [
            {"control": a, "target": b, "gate": "cx", "error": 0.01, "length_ns": 300.0} for a, b in pairs
        ],
    }
    path = qdash.folder / "three.json"
    path.write_text(json.dumps(table), encoding="utf-8")

    document = qdash.read_json("demo", "--flow", "full", "--device", str(path))

    assert set(document) == KEYS | {"couplings"}
    counted = document["couplings"]
    assert (counted["n"], counted["not_impossible"]) == (2, 1)
    assert 0 <= counted["within_20_percent_of_best"] <= counted["calibrated"] <= 1
    assert {"zx_rotation_rate", "static_zz_interaction", "zx90_gate_fidelity", "bell_state_fidelity"} <= set(
        document["accuracy"]
    )
    assert set(document["not_calibrated"]) == {"2", "1-2"}
    assert document["not_calibrated"]["1-2"] == "not measured: qubit 2 is not calibrated"


def test_a_second_demo_makes_a_second_chip_in_the_same_home(qdash: CommandLine) -> None:
    qdash.does("twin", "create", "jakarta", "--device", "jakarta")  # as a first one makes it
    second = qdash.read_json("demo", *SHORT)

    assert second["chip"] == "jakarta-2"
    assert {chip["chip_id"] for chip in qdash.read_json("chip", "list")} == {"jakarta", "jakarta-2"}


@pytest.mark.slow
def test_two_demos_are_two_runs(qdash: CommandLine) -> None:
    first, second = (qdash.read_json("demo", *SHORT) for _ in range(2))

    assert (first["chip"], second["chip"]) == ("jakarta", "jakarta-2")
    assert first["execution_ids"] != second["execution_ids"]


def test_without_a_home_the_demo_makes_a_folder_of_its_own_and_says_where(homeless: CommandLine) -> None:
    printed = homeless.does("demo", *SHORT)

    (home,) = homeless.folder.glob("qdash-demo-*")
    assert f"QDASH_HOME={home} qdash metrics jakarta" in printed
    assert not (homeless.folder / "data").exists(), "the user's own data folder is left alone"
    assert homeless.with_home(home).read_json("metrics", "jakarta")["qubits"]


def test_who_came_through_uv_is_shown_the_way_through_uv(qdash: CommandLine) -> None:
    printed = qdash.with_settings(UV_RUN_RECURSION_DEPTH="1").does("demo", *SHORT)

    assert f"QDASH_HOME={qdash.home} uv run qdash metrics jakarta" in printed


@pytest.mark.slow
def test_an_empty_home_counts_as_not_set(qdash: CommandLine) -> None:
    document = qdash.with_settings(QDASH_HOME="").read_json("demo", *SHORT)

    assert document["home"].startswith(str(qdash.folder / "qdash-demo-"))


def test_the_table_shows_what_was_found_beside_what_is_true(qdash: CommandLine) -> None:
    printed = qdash.does("demo", "--device", "linear-1")

    (found,) = re.findall(r"^0 +([\d.]+)\(\d+\) ", printed, re.MULTILINE)
    (true,) = re.findall(r"^true +([\d.]+) ", printed, re.MULTILINE)
    assert float(found) == pytest.approx(float(true), rel=1e-6)
    assert "relative error" in printed
    assert re.search(r"^all +\d+ +\d+% +\d+%$", printed, re.MULTILINE)
    assert f"completed: {len(BRING_UP)} accepted" in printed


@pytest.mark.release
def test_the_same_seed_is_the_same_chip_and_another_seed_is_another(qdash: CommandLine) -> None:
    def truth(chip: str, seed: str) -> Any:
        qdash.does("twin", "create", chip, "--device", "linear-2", "--seed", seed)
        return qdash.read_json("twin", "truth", chip)

    assert truth("a", "4") == truth("b", "4") != truth("c", "5")


@pytest.mark.parametrize("flow", ["check", pytest.param("CheckT1", marks=pytest.mark.slow)])
def test_a_flow_that_cannot_begin_leaves_no_chip_behind(qdash: CommandLine, flow: str) -> None:
    qdash.does("init")

    assert "run CheckResonatorSpectroscopy or CheckReflectionCoefficient first" in qdash.run_refused(
        "demo", "--flow", flow
    )

    assert qdash.read_json("chip", "list") == []
    assert qdash.read_json("executions", "list") == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--device", "atlantis"), "'atlantis' is neither a file nor a known device"),
        (("--flow", "lift-off"), "there is no flow or task 'lift-off'"),
        (("--qubits", "8"), "--qubits 8: jakarta has 7"),
    ],
)
def test_a_demo_that_is_refused_makes_no_folder(
    homeless: CommandLine, arguments: tuple[str, str], message: str
) -> None:
    assert message in homeless.run_refused("demo", *arguments)

    assert list(homeless.folder.iterdir()) == []
