"""Agreement of the Cliffords of `qdash_analysis` with the list of another group."""

from __future__ import annotations

import json
from importlib.util import find_spec
from itertools import product
from pathlib import Path

import numpy as np

from qdash_analysis.cliffords import one_qubit, two_qubits


def listed(name: str) -> list[dict[str, tuple[int, str]]]:
    """Return the action of each Clifford of the library on Pauli operators; importing it would take seconds."""
    spec = find_spec("qubex")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parent / f"clifford/clifford_list/clifford_list_{name}.json"
    return [entry["map"] for entry in json.loads(path.read_text())]


def as_rows(maps: list[dict[str, tuple[int, str]]], names: list[str]) -> set[tuple[int, ...]]:
    """Return for each Clifford the signed image (from 1) of each operator."""
    place = {name: number for number, name in enumerate(names, start=1)}
    return {tuple(one[name][0] * place[one[name][1]] for name in names) for one in maps}


def test_the_24_are_those_that_qubex_lists() -> None:
    turns = one_qubit.rotations()
    places = (np.abs(turns).argmax(axis=1) + 1) * turns.sum(axis=1).astype(int)
    assert {tuple(row) for row in places.tolist()} == as_rows(listed("1q"), ["X", "Y", "Z"])


def test_the_11520_are_those_that_qubex_lists() -> None:
    matrices = two_qubits.transfer_matrices(np.arange(11520))
    places = (np.abs(matrices).argmax(axis=1) + 1) * matrices.sum(axis=1).astype(int)
    names = ["".join(pair) for pair in product("IXYZ", repeat=2)]
    theirs = as_rows(listed("2q"), names)
    assert len(theirs) == 11520
    assert {tuple(row) for row in places.tolist()} == theirs
