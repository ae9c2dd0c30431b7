"""Device tables: valid tables, and errors that name the field and the index."""

from __future__ import annotations

import json
from copy import deepcopy
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_fake.devices import list_device_names, load_device, parse_device

from ..case_tables import each_case

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def document() -> dict[str, Any]:
    text = (resources.files("qdash_fake.devices") / "jakarta.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


@each_case(
    ("name", "qubits", "pairs"),
    [("brisbane", 127, 144), ("brooklyn", 65, 72), ("guadalupe", 16, 16), ("jakarta", 7, 6), ("kolkata", 27, 28),
     ("montreal", 27, 28), ("sherbrooke", 127, 144)],
)  # fmt: skip
def test_the_published_tables_are_there_and_both_directions_of_a_gate_are_one_coupling(
    name: str, qubits: int, pairs: int
) -> None:
    table = load_device(name)
    assert (table.n_qubits, len(table.pairs)) == (qubits, pairs)


def test_an_unknown_device_lists_the_known_ones() -> None:
    with pytest.raises(NotFoundError, match="jakarta") as caught:
        load_device("jakartta")
    assert all(name in str(caught.value) for name in list_device_names())


def test_a_table_is_read_from_a_file(tmp_path: Path, document: dict[str, Any]) -> None:
    path = tmp_path / "own.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert load_device(str(path)) == load_device("jakarta")


def test_every_field_of_a_qubit_but_its_id_may_be_null(document: dict[str, Any]) -> None:
    document["qubits"] = [
        {key: value if key == "qid" else None for key, value in q.items()} for q in document["qubits"]
    ]
    document["couplings"] = [
        {**c, "gate": None, "error": None, "length_ns": None} for c in document["couplings"]
    ]
    assert parse_device(json.dumps(document), origin="x").qubits[3].t1_us is None


def _qubit(index: int, **values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda table: table["qubits"][index].update(values)


def _coupling(index: int, **values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda table: table["couplings"][index].update(values)


@each_case(
    ("breakage", "complaint"),
    [
        (_qubit(3, t1_us=-5), "qubits[3].t1_us: -5 is not a positive time"),
        (_qubit(3, t2_us=0), "qubits[3].t2_us: 0 is not a positive time"),
        (_qubit(0, readout_length_ns=-1.5), "qubits[0].readout_length_ns: -1.5 is not a positive time"),
        (_qubit(0, sx_length_ns=0), "qubits[0].sx_length_ns"),
        (_qubit(2, p_meas0_prep1=1.2), "qubits[2].p_meas0_prep1: 1.2 is not a probability between 0 and 1"),
        (_qubit(2, p_meas1_prep0=-0.1), "qubits[2].p_meas1_prep0"),
        (_qubit(2, readout_error=2), "qubits[2].readout_error"),
        (_qubit(2, sx_error=7), "qubits[2].sx_error"),
        (_qubit(6, frequency_ghz=0), "qubits[6].frequency_ghz: 0 is not a positive frequency"),
        (_qubit(6, frequency_ghz=-4.9), "qubits[6].frequency_ghz"),
        (_qubit(1, t1_us=float("nan")), "qubits[1].t1_us: nan is not a finite number"),
        (
            _qubit(1, anharmonicity_ghz=float("inf")),
            "qubits[1].anharmonicity_ghz: inf is not a finite number",
        ),
        (_qubit(1, t1_us="80"), "qubits[1].t1_us"),
        (_qubit(1, t1_us=True), "qubits[1].t1_us"),
        (_qubit(1, t1_us=[80]), "qubits[1].t1_us"),
        (_qubit(1, qid=1), "qubits[1].qid"),
        (_qubit(1, qid=None), "qubits[1].qid"),
        (_qubit(1, qid="01"), "qubits[1].qid: '01'"),
        (_qubit(1, qid="Q1"), "qubits[1].qid: 'Q1'"),
        (_qubit(4, qid="2"), "qubits[4].qid: '2' is already at index 2"),
        (_qubit(4, t1=3.0), "qubits[4].t1: is not a field"),
        (_coupling(5, target="9"), "couplings[5].target: '9' is not a qubit of the table"),
        (_coupling(5, control=None), "couplings[5].control"),
        (_coupling(2, control="2"), "couplings[2].target: '2' is coupled to itself"),
        (_coupling(2, error=1.5), "couplings[2].error: 1.5 is not a probability"),
        (_coupling(2, length_ns=-300), "couplings[2].length_ns: -300 is not a positive time"),
        (lambda table: table.update(n_qubits=8), "n_qubits: 8 is not the number of qubits, 7"),
        (lambda table: table.update(n_qubits="7"), "n_qubits"),
        (lambda table: table.pop("couplings"), "couplings: is missing"),
        (lambda table: table.update(qubits={}), "qubits"),
        (lambda table: table["qubits"].__setitem__(2, 5), "qubits[2]"),
    ],
)
def test_a_broken_table_is_refused_with_field_and_index_in_one_line(
    document: dict[str, Any], breakage: Callable[[dict[str, Any]], None], complaint: str
) -> None:
    table = deepcopy(document)
    breakage(table)
    with pytest.raises(InvalidInputError) as caught:
        parse_device(json.dumps(table), origin="broken.json")
    message = str(caught.value)
    assert message.startswith(f"broken.json: {complaint}")
    assert "\n" not in message


@each_case("text", ["", "{", "[]", "7", '"jakarta"', '{"device": "a", "device": "b"}'])
def test_what_is_no_table_at_all_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match=r"^broken\.json: "):
        parse_device(text, origin="broken.json")
