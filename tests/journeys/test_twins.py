"""`qdash twin`: sources of twins, their faults, and their drift."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from qdash_core import open_qdash
from qdash_core.settings import Settings
from qdash_fake.chips import compute_truth

from ..access import ADMIN

if TYPE_CHECKING:
    from pathlib import Path

    from .command_line import CommandLine

CREATE = ("twin", "create", "new", "--device", "jakarta")


def make_entry(name: str, value: float, unit: str) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "date": "2024-05-27T01:07:34-03:00"}


PROPS = {
    "backend_name": "ibm_made",
    "backend_version": "1.0.0",
    "last_update_date": "2024-05-27T15:32:24-03:00",
    "qubits": [
        [make_entry("T1", 80.0, "us"), make_entry("frequency", 5.0 + 0.1 * index, "GHz")]
        for index in range(2)
    ],
    "gates": [
        {
            "gate": "cx",
            "qubits": [1, 0],
            "parameters": [make_entry("gate_error", 0.01, ""), make_entry("gate_length", 300.0, "ns")],
        }
    ],
}
CONF = {"backend_name": "ibm_made", "n_qubits": 2, "coupling_map": [[1, 0], [0, 1]]}


def write_snapshot(folder: Path) -> tuple[str, ...]:
    """Write a published snapshot and return the options that select it."""
    (folder / "props.json").write_text(json.dumps(PROPS), encoding="utf-8")
    (folder / "conf.json").write_text(json.dumps(CONF), encoding="utf-8")
    return "--ibm-props", "props.json", "--ibm-conf", "conf.json"


def test_a_twin_is_made_from_a_published_snapshot(qdash: CommandLine) -> None:
    made = qdash.read_json("twin", "create", "new", *write_snapshot(qdash.folder))
    assert (made["device"], made["n_qubits"], made["n_couplings"]) == ("made", 2, 1)
    with open_qdash(Settings(home=qdash.home)) as opened:  # without the best gate, which takes seconds
        truth = compute_truth(opened, ADMIN, "new")["qubits"]
    assert truth["1"]["qubit_frequency"] == (5.1, "GHz")
    assert truth["0"]["t1"] == (80.0, "us")
    shown = qdash.read_json("chip", "show", "new")
    assert len(shown["qubits"]) == 2


@pytest.mark.parametrize("given", [0, 2])
def test_half_a_snapshot_makes_no_twin(qdash: CommandLine, given: int) -> None:
    half = write_snapshot(qdash.folder)[given : given + 2]
    assert "--device, or both --ibm-props and --ibm-conf" in qdash.run_refused("twin", "create", "new", *half)


def test_a_device_and_a_snapshot_exclude_each_other(qdash: CommandLine) -> None:
    assert "--device, or both --ibm-props" in qdash.run_refused(*CREATE, *write_snapshot(qdash.folder))


def test_a_malformed_snapshot_is_refused_with_file_field_and_index(qdash: CommandLine) -> None:
    named = write_snapshot(qdash.folder)
    (qdash.folder / "conf.json").write_text(
        json.dumps({**CONF, "coupling_map": [[0, 1], [0, 2]]}), encoding="utf-8"
    )
    said = qdash.run_refused("twin", "create", "new", *named)
    assert "conf.json: coupling_map[1]: [0, 2] is not 2 of the 2 qubits" in said


def test_options_are_shown(qdash: CommandLine) -> None:
    made = qdash.read_json(*CREATE, "--drift", "--fault", "model-mismatch", "--fault", "slow=0.01")
    assert made["options"] == {"slow": 0.01, "model_mismatch": 1.0, "drift": 1.0}
    assert qdash.read_json("twin", "list")["twins"][0]["options"] == made["options"]
    assert "slow=0.01, model-mismatch=1, drift=1" in qdash.does("twin", "list")


def test_a_twin_that_plays_pulses_is_asked_for(qdash: CommandLine) -> None:
    qdash.does(*CREATE, "--pulse-level", "--fault", "phase-mirrored", "--fault", "left-pad=40")
    (twin,) = qdash.read_json("twin", "list")["twins"]
    assert twin["options"] == {"pulse_level": True, "left_pad": 40.0, "phase_mirrored": True}
    assert "pulse-level=1, left-pad=40, phase-mirrored=1" in qdash.does("twin", "list")
    measured = qdash.read_json("calibrate", "new", "--flow", "CheckResonatorSpectroscopy", "--qids", "0")
    assert measured["status"] == "completed"


def test_strengths_may_be_given(qdash: CommandLine) -> None:
    made = qdash.read_json(*CREATE, "--drift", "2.5", "--fault", "model-mismatch=0.5")
    assert made["options"] == {"model_mismatch": 0.5, "drift": 2.5}


def test_each_kind_of_misbehaviour_is_asked_for_alone(qdash: CommandLine) -> None:
    dead = ("--fault", "dead-line=3", "--fault", "dead-line=Q05@2.5", "--fault", "dead-readout=1")
    made = qdash.read_json(*CREATE, "--drift", "frequency=1,readout=2", "--fault", "tls", *dead)
    assert made["options"] == {
        "drift": {"frequency": 1.0, "readout": 2.0},
        "tls": 1.0,
        "dead_line": {"3": 0.0, "5": 2.5},
        "dead_readout": {"1": 0.0},
    }
    assert qdash.read_json("twin", "list")["twins"][0]["options"] == made["options"]
    # A narrow terminal may wrap the cell.
    shown = " ".join(qdash.does("twin", "list").split())
    assert "drift=frequency=1,readout=2, tls=1, dead-line=3@0,5@2.5, dead-readout=1@0" in shown


@pytest.mark.slow
def test_a_qubit_behind_a_dead_line_fails_with_a_reason_and_the_others_are_calibrated(
    qdash: CommandLine,
) -> None:
    qdash.does("twin", "create", "new", "--device", "linear-2", "--seed", "3", "--fault", "dead-line=1")
    run = qdash.read_json("calibrate", "new", "--flow", "bring-up", "--qids", "0,1")
    results = qdash.read_json("executions", "show", run["execution_id"])["results"]
    of_dead = {one["name"]: one for one in results if one["qid"] == "1"}
    first = of_dead["CheckQubitSpectroscopy"]
    assert first["status"] == "failed"
    assert "the drive does not reach the qubit" in first["message"]
    assert {one["status"] for one in of_dead.values()} == {"completed", "failed", "skipped"}
    assert of_dead["CheckResonatorSpectroscopy"]["status"] == "completed"
    assert {one["status"] for one in results if one["qid"] == "0"} == {"completed"}
    values = qdash.read_json("metrics", "new")["qubits"]
    assert "t1" in values["0"]
    assert "qubit_frequency" not in values["1"]
    assert "control_amplitude" not in qdash.read_json("twin", "truth", "new")["qubits"]["1"]


def test_impossible_strengths_are_refused(qdash: CommandLine, subtests: pytest.Subtests) -> None:
    for wrong, complaint in [
        (("--fault", "dead-line=9"), "dead-line: jakarta has no qubit '9'"),
        (("--fault", "dead-line"), "--fault dead-line: write NAME=VALUE"),
        (("--fault", "dead-line=1@noon"), "the hour of 1 must be a number"),
        (("--fault", "dead-line=1", "--fault", "dead-line=1@3"), "'1' is given twice"),
        (("--fault", "tls=many"), "tls: 'many'"),
        (("--drift", "t1=1,echo=2"), "'echo' does not drift (known: t1, dephasing"),
        (("--drift", "far"), "drift: 'far': the size of a drift must be a number"),
        (("--drift", "101"), "drift: '101'"),
        (("--drift", "nan"), "drift: 'nan'"),
        (("--fault", "model-mismatch=-1"), "model-mismatch: '-1'"),
        (("--fault", "model-mismatch=much"), "model-mismatch: 'much'"),
    ]:
        with subtests.test(str(wrong)):
            assert complaint in qdash.run_refused(*CREATE, *wrong)


@pytest.mark.slow
def test_time_passes_by_measuring_and_by_waiting(qdash: CommandLine) -> None:
    def twin() -> Any:
        return qdash.read_json("twin", "list")["twins"][0]

    qdash.does("twin", "create", "new", "--device", "linear-2", "--drift")
    assert (twin()["sessions"], twin()["clock_s"]) == (0, 0.0)
    before = qdash.read_json("twin", "truth", "new")
    waited = qdash.read_json("twin", "wait", "new", "--hours", "12")
    assert waited == {"chip_id": "new", "clock_s": 43_200.0}
    after = qdash.read_json("twin", "truth", "new")
    moved = (
        after["qubits"]["0"]["qubit_frequency"]["value"] - before["qubits"]["0"]["qubit_frequency"]["value"]
    )
    assert 1e-8 < abs(moved) < 3e-5
    run = qdash.read_json("calibrate", "new", "--flow", "bring-up", "--qids", "0")
    assert twin()["sessions"] == 1
    assert twin()["clock_s"] == pytest.approx(43_200 + run["lab_s"])
    assert "shows" in qdash.does("twin", "wait", "new", "--hours", "0.5")


def test_no_other_time_can_be_waited(qdash: CommandLine, subtests: pytest.Subtests) -> None:
    qdash.does(*CREATE)
    for hours in ["0", "-1", "nan", "long", "1e9"]:
        with subtests.test(hours):
            assert "hours" in qdash.run_refused("twin", "wait", "new", "--hours", hours)


def test_only_a_twin_waits(qdash: CommandLine) -> None:
    qdash.does("chip", "create", "real", "--topology", "linear-16")
    assert "contains no twin" in qdash.run_refused("twin", "wait", "real", "--hours", "1")
    assert "no chip 'nowhere'" in qdash.run_refused("twin", "wait", "nowhere", "--hours", "1")
