"""Device file of OQTOPUS' device gateway."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.exchange.device_request import WHOLE_CHIP, DeviceRequest
from qdash_builtin.exchange.device_selection import describe_device
from qdash_builtin.exchange.views.chip_formats import DeviceFormat, DeviceTopologyFormat

from ...calibrated_chips import make_calibrated_chip, set_value

if TYPE_CHECKING:
    from qdash_core.chips.chip import Chip
    from qdash_core.hooks.formats import Format

FILES = Path(__file__).parent / "device_files"
CALIBRATED_AT = datetime(2025, 4, 20, 10, 3, 16, 755183, tzinfo=UTC)


def make_chip_of_the_example() -> Chip:
    """Return a chip of 2 × 2 qubits with the numbers of the example."""
    chip = make_calibrated_chip(("0-1", "0-2", "1-3", "2-3"), n_qubits=4, at=CALIBRATED_AT, columns=2)
    example = read_example()
    numbers = {qubit["id"]: str(qubit["physical_id"]) for qubit in example["qubits"]}
    for qubit in example["qubits"]:
        for name, value, unit in (
            ("x90_gate_fidelity", qubit["fidelity"], ""),
            ("readout_fidelity_0", 1 - qubit["meas_error"]["prob_meas1_prep0"], ""),
            ("readout_fidelity_1", 1 - qubit["meas_error"]["prob_meas0_prep1"], ""),
            ("t1", qubit["qubit_lifetime"]["t1"], "us"),
            ("t2_echo", qubit["qubit_lifetime"]["t2"], "us"),
            ("hpi_length", qubit["gate_duration"]["sx"], "ns"),
            ("pi_length", qubit["gate_duration"]["x"], "ns"),
        ):
            set_value(chip, numbers[qubit["id"]], name, value, unit, at=CALIBRATED_AT)
    for coupling in example["couplings"]:
        control, target = numbers[coupling["control"]], numbers[coupling["target"]]
        qid = "-".join(sorted((control, target)))
        chip.couplings[qid].control = control
        set_value(chip, qid, "zx90_gate_fidelity", coupling["fidelity"], at=CALIBRATED_AT)
        set_value(chip, qid, "zx90_gate_time", coupling["gate_duration"]["rzx90"], "ns", at=CALIBRATED_AT)
    return chip


def read_example() -> dict[str, Any]:
    example: dict[str, Any] = json.loads((FILES / "device_topology.json").read_text())
    return example


def write(chip: Chip, request: DeviceRequest, folder: Path, format_: Format | None = None) -> str:
    device = describe_device(chip, request, now=CALIBRATED_AT)
    (file,) = (format_ or DeviceTopologyFormat()).write_device(device, folder)
    return file.read_text()


def flatten(document: object, place: str = "") -> dict[str, Any]:
    """Return the leaves of a JSON document by place."""
    if isinstance(document, dict):
        parts = [(f"{place}.{key}", value) for key, value in document.items()]
    elif isinstance(document, list):
        parts = [(f"{place}[{index}]", value) for index, value in enumerate(document)]
    else:
        return {place: document}
    return {one: leaf for key, value in parts for one, leaf in flatten(value, key).items()}


def test_the_example_of_the_gateway_is_written_from_its_request(tmp_path: Path) -> None:
    request = DeviceRequest.parse(request=(FILES / "device_topology_request.json").read_text())
    written, example = (
        flatten(json.loads(write(make_chip_of_the_example(), request, tmp_path))),
        flatten(read_example()),
    )
    assert [*written] == [*example]
    # In the example the gateway had measured the two probabilities again, and left their mean as it was.
    numbers = {
        place
        for place, value in example.items()
        if isinstance(value, float) and not place.endswith("readout_assignment_error")
    }
    assert {place: written[place] for place in numbers} == pytest.approx(
        {place: example[place] for place in numbers}
    )
    assert {
        place: value for place, value in written.items() if not isinstance(value, float)
    } == pytest.approx(
        {
            place: value
            for place, value in example.items()
            if place in written and not isinstance(written[place], float)
        }
    )
    for qubit in range(3):
        errors = f".qubits[{qubit}].meas_error"
        mean = (example[f"{errors}.prob_meas1_prep0"] + example[f"{errors}.prob_meas0_prep1"]) / 2
        assert written[f"{errors}.readout_assignment_error"] == pytest.approx(mean)


def test_the_file_depends_on_the_values_alone(tmp_path: Path) -> None:
    chip = make_chip_of_the_example()
    assert write(chip, WHOLE_CHIP, tmp_path) == write(chip, WHOLE_CHIP, tmp_path)


def test_the_number_of_a_qubit_is_its_place_in_the_list(tmp_path: Path) -> None:
    """The gateway finds a qubit by its place in the list, and its label by `physical_id`."""
    written = json.loads(write(make_chip_of_the_example(), DeviceRequest(exclude=("1",)), tmp_path))
    assert [qubit["id"] for qubit in written["qubits"]] == [0, 1, 2]
    assert [qubit["physical_id"] for qubit in written["qubits"]] == [0, 2, 3]
    assert all({one["control"], one["target"]} <= {0, 1, 2} for one in written["couplings"])


def test_durations_are_whole_nanoseconds(tmp_path: Path) -> None:
    chip = make_chip_of_the_example()
    set_value(chip, "0", "hpi_length", 35.56, "ns", at=CALIBRATED_AT)
    (qubit, *_) = json.loads(write(chip, WHOLE_CHIP, tmp_path))["qubits"]
    assert qubit["gate_duration"] == {"rz": 0, "sx": 36, "x": 24}


def test_the_device_says_what_was_left_out(tmp_path: Path) -> None:
    written = json.loads(
        write(make_chip_of_the_example(), DeviceRequest(exclude=("1",)), tmp_path, DeviceFormat())
    )
    assert [(qubit["id"], qubit["qid"]) for qubit in written["qubits"]] == [(0, "0"), (1, "2"), (2, "3")]
    assert [(one["qid"], one["control"], one["target"]) for one in written["couplings"]] == [
        ("0-2", 0, 1),
        ("2-3", 2, 1),
    ]
    assert written["left_out"] == [
        {"target": "1", "reason": "excluded by the request"},
        {"target": "0-1", "reason": "without qubit 1"},
        {"target": "1-3", "reason": "without qubit 1"},
    ]
