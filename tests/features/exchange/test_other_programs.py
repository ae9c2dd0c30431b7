"""Files of other programs: IBM backend properties, calibration.json of qibolab, and QDash's own device file."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.exchange.views.chip_formats import FORMATS
from qdash_core import InvalidInputError, Parameter

from .other_programs import DEVICE, FILES, IBM, QIBOCAL

if TYPE_CHECKING:
    from qdash_core.hooks.formats import Format
    from qdash_core.hooks.imported_data import ImportedData


def read(folder: Path, document: object, name: str = "file.json") -> tuple[Format, ImportedData]:
    """Return the only format that recognizes a document, and what it reads."""
    file = folder / name
    file.write_text(document if isinstance(document, str) else json.dumps(document, indent=1), "utf-8")
    (format_,) = (one for one in FORMATS if one.is_reader and one.reads(file))
    return format_, format_.read(file, None)


def list_values(imported: ImportedData) -> dict[str, dict[str, Parameter]]:
    return {
        target: {name: one.parameter for name, one in values.items()}
        for target, values in imported.seeds.items()
    }


def test_properties_of_ibm_are_values_with_their_times_and_a_layout(tmp_path: Path) -> None:
    format_, found = read(tmp_path, IBM)
    assert format_.name == "ibm-properties"
    assert list_values(found) == {
        "0": {
            "t1": Parameter(81.764, None, "us"),
            "t2_echo": Parameter(41.4, None, "us"),
            "qubit_frequency": Parameter(8.4185, None, "GHz"),
            "average_readout_fidelity": Parameter(0.979, None, ""),
            "readout_fidelity_0": Parameter(0.9936, None, ""),
            "readout_fidelity_1": Parameter(0.9644, None, ""),
            "readout_length": Parameter(5518.2, None, "ns"),
            "x90_gate_fidelity": Parameter(0.99951, None, ""),
            "hpi_length": Parameter(35.6, None, "ns"),
        },
        "1": {"t1": Parameter(134.6, None, "us"), "qubit_frequency": Parameter(5.0143686, None, "GHz")},
    }
    t1 = found.seeds["0"]["t1"]
    assert t1.measured_at == datetime(2024, 5, 27, 0, 31, tzinfo=UTC)
    assert t1.key == "qubits[0][0].value"
    assert found.chip is not None
    assert (found.chip.chip_id, found.chip.topology.couplings) == ("ibm_pair", ("0-1",))
    assert [one.key for one in found.not_understood] == ["qubits[0][3]", "gates[1].parameters[0]", "gates"]


def test_a_calibration_of_qibolab_is_read_in_the_units_of_qdash(tmp_path: Path) -> None:
    format_, found = read(tmp_path, QIBOCAL, "calibration.json")
    assert format_.name == "qibolab-calibration"
    assert format_.read(tmp_path, None).seeds == found.seeds, "the folder of a platform stands for the file"
    assert list_values(found) == {
        "0": {
            "resonator_frequency": Parameter(8.4185, None, "GHz"),
            "qubit_frequency": Parameter(4.0, None, "GHz"),
            "anharmonicity": Parameter(-0.3, None, "GHz"),
            "average_readout_fidelity": Parameter(0.95, None, ""),
            "t1": Parameter(10.25, 0.13, "us"),
            "t2_star": Parameter(9.0, None, "us"),
            "t2_echo": Parameter(12.0, None, "us"),
        }
    }
    skipped = {one.key for one in found.not_understood}
    assert {
        "single_qubits.0.rb_fidelity",
        "two_qubits.0-1.cz_fidelity",
        "single_qubits.0.qubit.sweetspot",
    } <= skipped


def test_a_device_file_is_read_by_the_numbers_on_the_chip(tmp_path: Path) -> None:
    format_, found = read(tmp_path, DEVICE)
    assert format_.name == "device-topology"
    assert list_values(found) == {
        "4": {
            "x90_gate_fidelity": Parameter(0.9994, None, ""),
            "readout_fidelity_0": Parameter(0.9783, None, ""),
            "readout_fidelity_1": Parameter(0.9758, None, ""),
            "t1": Parameter(26.45, None, "us"),
            "t2_echo": Parameter(35.88, None, "us"),
            "hpi_length": Parameter(16.0, None, "ns"),
            "pi_length": Parameter(24.0, None, "ns"),
        },
        "2": {"t1": Parameter(40.5, None, "us")},
        "2-4": {
            "zx90_gate_fidelity": Parameter(0.985, None, ""),
            "zx90_gate_time": Parameter(160.0, None, "ns"),
        },
    }
    assert found.chip is not None
    assert (found.chip.topology.couplings, found.chip.controls) == (("2-4",), {"2-4": "4"})
    assert found.seeds["4"]["t1"].measured_at == datetime(2025, 4, 20, 10, 3, 16, 755183, tzinfo=UTC)


def test_the_example_of_the_gateway_is_read(tmp_path: Path) -> None:
    example = Path(__file__).with_name("device_files") / "device_topology.json"
    _, found = read(tmp_path, example.read_text("utf-8"))
    assert found.not_understood == ()
    assert found.seeds["2"]["t1"].parameter.value == 40.57616114919819
    own = found.seeds["2"]["average_readout_fidelity"].parameter.value
    assert own == 0.7091064453125, "not the mean of the other two: a value of its own"


def put(document: dict[str, Any], path: tuple[Any, ...], value: object) -> dict[str, Any]:
    """Return a copy of a document with another entry."""
    changed: Any = deepcopy(document)
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return changed  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("name", "path", "value", "said"),
    [
        (
            "ibm-properties",
            ("qubits", 0, 0, "value"),
            "81",
            r"qubits\[0\]\[0\]\.value: '81' is not a finite number",
        ),
        ("ibm-properties", ("qubits", 0, 0, "unit"), "h", r"qubits\[0\]\[0\]\.unit: h is not us, "),
        ("ibm-properties", ("qubits", 0, 0, "date"), "2024-05-27T09:31:00", "a time without a zone"),
        ("ibm-properties", ("qubits", 0), 5, r"qubits\[0\]: it is a int"),
        ("ibm-properties", ("qubits",), [], "not a list of at least one qubit"),
        ("ibm-properties", ("gates", 2, "qubits"), [0, 2], "not a list of different qubits from 0 to 1"),
        (
            "qibolab-calibration",
            ("single_qubits", "0", "t1"),
            ["long", 1],
            r"single_qubits\.0\.t1: 'long' is not",
        ),
        ("qibolab-calibration", ("single_qubits", "0", "qubit"), [], "qubit: it is a list, not an object"),
        ("qibolab-calibration", ("single_qubits", "D1"), {}, "'D1' is not a qubit"),
        (
            "device-topology",
            ("qubits", 1, "physical_id"),
            "x",
            r"qubits\[1\]\.physical_id: 'x' is not a qubit",
        ),
        ("device-topology", ("qubits", 1, "physical_id"), 4, "qubit 4, number 1, is there already"),
        ("device-topology", ("couplings", 0, "target"), 7, "control and target are 0 and 7"),
        (
            "device-topology",
            ("qubits", 0, "meas_error", "prob_meas1_prep0"),
            "a",
            "prob_meas1_prep0: 'a' is not a",
        ),
        ("device-topology", ("calibrated_at",), "yesterday", "calibrated_at: Invalid isoformat"),
    ],
)
def test_an_invalid_entry_is_refused_with_its_line(
    tmp_path: Path, name: str, path: tuple[Any, ...], value: object, said: str
) -> None:
    with pytest.raises(
        InvalidInputError, match=rf"^file\.json, line \d+: .*{said}|^file\.json has \d+ errors: line .*{said}"
    ):
        read(tmp_path, put(FILES[name], path, value))


def test_all_errors_of_a_file_are_reported_at_once(tmp_path: Path) -> None:
    wrong = put(put(IBM, ("qubits", 0, 0, "value"), None), ("qubits", 0, 1, "value"), True)
    wrong = put(wrong, ("qubits", 1, 0, "unit"), "GHz")
    with pytest.raises(InvalidInputError, match=r"has 2 errors: line 1\d: .*; line \d+: ") as raised:
        read(tmp_path, wrong)
    assert str(raised.value).count("line ") == 2


@pytest.mark.parametrize("name", FILES)
def test_a_key_that_is_there_twice_is_refused(tmp_path: Path, name: str) -> None:
    text = json.dumps(FILES[name])
    with pytest.raises(InvalidInputError, match="is there 2 times in one object"):
        read(tmp_path, text[:-1] + ', "qubits": [], "qubits": []}')
