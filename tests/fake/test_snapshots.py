"""Conversion of published backend snapshots to tables; errors name file, field and index."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_fake.devices import load_snapshot, parse_device

from ..case_tables import each_case

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_fake.devices import DeviceTable


def value(name: str, number: object, unit: str = "") -> dict[str, Any]:
    return {"date": "2024-05-27T01:07:34-03:00", "name": name, "unit": unit, "value": number}


def gate(name: str, *qubits: int, error: float = 0.01, length: float = 300.0) -> dict[str, Any]:
    parameters = [value("gate_error", error), value("gate_length", length, "ns")]
    return {"qubits": list(qubits), "gate": name, "parameters": parameters, "name": f"{name}{qubits}"}


PROPS: dict[str, Any] = {
    "backend_name": "ibmq_made",
    "backend_version": "1.4.8",
    "last_update_date": "2024-05-27T15:32:24-03:00",
    "qubits": [
        [
            value("T1", 81.76376, "us"),
            value("T2", 41462.32, "ns"),
            value("frequency", 5.236573217, "GHz"),
            value("anharmonicity", -0.3398836, "GHz"),
            value("readout_error", 0.0209999999),
            value("prob_meas0_prep1", 0.0356),
            value("prob_meas1_prep0", 0.0064),
            value("readout_length", 5518.2222, "ns"),
            value("something new", "whatever"),
        ],
        [value("T1", 100.0, "µs"), value("frequency", 5000.0, "MHz"), value("anharmonicity", 0, "GHz")],
        [],
    ],
    "gates": [
        gate("id", 0),
        gate("sx", 0, error=0.000491378, length=35.5555),
        gate("u2", 1, error=0.0005, length=36.0),
        gate("cx", 1, 0, error=1, length=312.888),
        gate("cx", 0, 1, error=0.006091969),
        gate("rzz", 0, 1),
    ],
}
CONF: dict[str, Any] = {
    "backend_name": "ibmq_made",
    "n_qubits": 3,
    "coupling_map": [[0, 1], [1, 0], [2, 1], [1, 2]],
}


def written(folder: Path, props: object = PROPS, conf: object = CONF) -> tuple[Path, Path]:
    for name, document in (("props", props), ("conf", conf)):
        (folder / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    return folder / "props.json", folder / "conf.json"


@pytest.fixture
def made(tmp_path: Path) -> DeviceTable:
    return load_snapshot(*written(tmp_path))


def test_values_come_over_in_the_units_of_a_table(made: DeviceTable) -> None:
    assert made.qubits[0].model_dump(exclude_none=True) == {
        "qid": "0",
        "frequency_ghz": 5.2365732,
        "anharmonicity_ghz": -0.339884,
        "t1_us": 81.764,
        "t2_us": 41.462,
        "readout_error": 0.021,
        "p_meas0_prep1": 0.0356,
        "p_meas1_prep0": 0.0064,
        "readout_length_ns": 5518.2,
        "sx_error": 0.00049138,
        "sx_length_ns": 35.6,
    }
    assert (made.device, made.snapshot, made.n_qubits) == ("made", "2024-05-27T18:32:24Z", 3)


def test_what_the_snapshot_lacks_is_null_and_so_is_a_placeholder(made: DeviceTable) -> None:
    assert made.qubits[1].anharmonicity_ghz is None
    assert (made.qubits[1].frequency_ghz, made.qubits[1].t1_us) == (5.0, 100.0)
    assert made.qubits[2].model_dump(exclude_none=True) == {"qid": "2"}


def test_the_half_pulse_of_an_old_backend_is_its_u2(made: DeviceTable) -> None:
    assert (made.qubits[1].sx_error, made.qubits[1].sx_length_ns) == (0.0005, 36.0)


def test_gates_keep_their_directions_and_an_error_of_one(made: DeviceTable) -> None:
    rows = [(row.control, row.target, row.gate, row.error, row.length_ns) for row in made.couplings]
    assert rows[:2] == [("0", "1", "cx", 0.006092, 300.0), ("1", "0", "cx", 1.0, 312.9)]


def test_a_coupling_without_a_gate_is_a_row_without_one(made: DeviceTable) -> None:
    assert made.couplings[2].model_dump(exclude_none=True) == {"control": "2", "target": "1"}
    assert made.pairs == (("0", "1"), ("1", "2"))


def test_the_table_is_one_that_can_be_written_and_read(made: DeviceTable) -> None:
    assert parse_device(made.model_dump_json(), origin="made") == made


@each_case(
    ("path", "wrong", "complaint"),
    [
        (("backend_name",), 3, r"props\.json: backend_name: '3', not a text"),
        (("backend_name",), "ibmq_other", "is not the backend 'ibmq_other'"),
        (("last_update_date",), "yesterday", "last_update_date: "),
        (("qubits",), {}, "qubits: '{}', not a list"),
        (("qubits", 0), 3, r"qubits\[0\]: is missing, or not a list"),
        (("qubits", 0, 1), [], r"qubits\[0\]\[1\]\.name"),
        (("qubits", 0, 0, "value"), "long", r"qubits\[0\]\[0\]\.value: T1: 'long' is not a finite number"),
        (("qubits", 0, 0, "value"), True, r"qubits\[0\]\[0\]\.value: T1: True is not a finite"),
        (("qubits", 0, 0, "value"), float("nan"), r"qubits\[0\]\[0\]\.value: T1: nan is not a finite"),
        (("qubits", 0, 0, "value"), -3.0, r"qubits\[0\]\[0\]\.value: T1: -3 is not positive"),
        (("qubits", 0, 2, "value"), 0, r"qubits\[0\]\[2\]\.value: frequency: 0 is not positive"),
        (("qubits", 0, 5, "value"), 1.5, r"qubits\[0\]\[5\]\.value: prob_meas0_prep1: 1.5 is not a prob"),
        (("qubits", 0, 0, "unit"), "GHz", r"qubits\[0\]\[0\]\.unit: T1: 'GHz' is not one of us"),
        (("qubits", 0, 1, "name"), "T1", r"qubits\[0\]\[1\]: T1 occurs twice"),
        (("gates", 1), 3, r"gates\[1\]\.gate"),
        (("gates", 3, "qubits"), [1, 7], r"gates\[3\]\.qubits: \[1, 7\] is not 2 of the 3 qubits"),
        (("gates", 3, "qubits"), [1, 1], r"gates\[3\]\.qubits"),
        (("gates", 3, "qubits"), [0, 1], r"gates\[4\]: cx on \[0, 1\] occurs twice"),
        (("gates", 3, "parameters"), None, r"gates\[3\]\.parameters: is missing"),
        (("gates", 3, "parameters", 0, "value"), 2, r"gates\[3\]\.parameters\[0\]\.value: gate_error: 2"),
    ],
)
def test_malformed_properties_are_refused_with_field_and_index(
    tmp_path: Path, path: tuple[str | int, ...], wrong: object, complaint: str
) -> None:
    props = copy.deepcopy(PROPS)
    inner: Any = props
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = wrong
    with pytest.raises(InvalidInputError, match=complaint) as caught:
        load_snapshot(*written(tmp_path, props=props))
    assert "\n" not in str(caught.value)


@each_case(
    ("change", "complaint"),
    [
        ({"n_qubits": 2}, r"conf\.json: n_qubits: 2 is not the number of qubits in .*props\.json, 3"),
        ({"coupling_map": None}, r"conf\.json: coupling_map: 'None', not a list"),
        ({"coupling_map": [[0, 1], [0]]}, r"coupling_map\[1\]: \[0\] is not 2 of the 3 qubits"),
        ({"coupling_map": [["0", "1"]]}, r"coupling_map\[0\]"),
    ],
)
def test_a_malformed_configuration_is_refused_with_field_and_index(
    tmp_path: Path, change: dict[str, object], complaint: str
) -> None:
    with pytest.raises(InvalidInputError, match=complaint):
        load_snapshot(*written(tmp_path, conf={**CONF, **change}))


@each_case("text", ["", "[]", "{", "\x00"])
def test_what_is_no_snapshot_is_refused(tmp_path: Path, text: str) -> None:
    props, conf = written(tmp_path)
    props.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInputError, match=r"props\.json: .*JSON"):
        load_snapshot(props, conf)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    props, _ = written(tmp_path)
    with pytest.raises(NotFoundError, match=r"there is no snapshot file .*nowhere\.json"):
        load_snapshot(props, tmp_path / "nowhere.json")


def test_a_single_qubit_needs_no_coupling_map(tmp_path: Path) -> None:
    props = {**PROPS, "qubits": PROPS["qubits"][:1], "gates": PROPS["gates"][:2]}
    made = load_snapshot(*written(tmp_path, props, {"backend_name": "ibmq_made", "n_qubits": 1}))
    assert (made.n_qubits, made.couplings) == (1, ())
