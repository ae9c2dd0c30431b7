"""Chips for the specification of the twins."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from qdash_fake.devices import DeviceTable, load_device, parse_device
from qdash_fake.physics.draw import draw_chip

if TYPE_CHECKING:
    from qdash_fake.physics.chip import ChipTruth

PERFECT_QUBIT = {
    "frequency_ghz": 5.0,
    "anharmonicity_ghz": -0.33,
    "t1_us": 100.0,
    "t2_us": 80.0,
    "p_meas0_prep1": 0.02,
    "p_meas1_prep0": 0.01,
    "readout_length_ns": 1500.0,
    "sx_error": 0.0001,
    "sx_length_ns": 36.0,
}


def make_table(*qubits: dict[str, Any], couplings: tuple[tuple[str, str], ...] = ()) -> DeviceTable:
    """Return a table of qubits 0, 1, ... with the values of `PERFECT_QUBIT`, except for the given ones."""
    rows = [{"qid": str(index), **PERFECT_QUBIT, **given} for index, given in enumerate(qubits)]
    pairs = [
        {"control": a, "target": b, "gate": "cx", "error": 0.01, "length_ns": 300.0} for a, b in couplings
    ]
    document = {"device": "made", "n_qubits": len(rows), "qubits": rows, "couplings": pairs}
    return parse_device(json.dumps(document), origin="made")


@pytest.fixture(scope="session")
def jakarta() -> ChipTruth:
    """A twin of a seven-qubit device."""
    return draw_chip(load_device("jakarta"), 1)
