"""Releases of a large chip: durations of their creation and of a reversion to them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from benchmarks.null_laboratory import milliseconds
from benchmarks.servers import opened_store
from benchmarks.table import Row
from qdash_builtin.exchange.feature import RELEASES
from qdash_builtin.values.feature import VALUES as VALUES_SERVICE
from qdash_builtin.values.selection import TargetChoice
from qdash_core.models.chip import ChipModel, CouplingModel, ParameterModel, QubitModel
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import (
    ChipRepository,
    CouplingCalibrationRepository,
    QubitCalibrationRepository,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core.repositories.store import Document
    from qdash_core.runtime.application import QDash

COLUMNS = 32
"""Qubits in a row of the square lattice, which has as many rows."""
VALUES = 25
"""Number of values of a qubit or coupling."""
_PROJECT, _CHIP = "default", "lattice"
_WRITTEN = ("qubit", "qubit_history", "value_change")
"""Collections that a reversion of qubits writes."""


def rows(folder: Path, *, quick: bool, store: str = "SQLite") -> Iterator[Row]:
    """Time the creation of a release, and a reversion in turn with a bare write of the same documents."""
    rounds = 2 if quick else 20
    with opened_store(store, folder) as qdash:
        _fill(qdash)
        access = qdash.access("admin")
        qubits = TargetChoice(qubits=tuple(str(number) for number in range(COLUMNS**2)))
        releases: list[str] = []

        def create() -> None:
            releases.append(qdash.get(RELEASES).create(access, _CHIP).name)

        def revert() -> None:
            found = qdash.get(VALUES_SERVICE).revert(access, _CHIP, f"release:{releases[0]}", targets=qubits)
            assert len(found.values) == COLUMNS**2 * VALUES

        made = [milliseconds(create) for _ in range(rounds)]
        of = f"{COLUMNS**2:,} qubits and {2 * COLUMNS * (COLUMNS - 1):,} couplings, {VALUES} values each: {store}"
        yield Row.of(f"release of {of}", "ms", made)
        bare, reverted = [], []
        for number in range(rounds):
            _change_qubits(qdash, float(number))
            reverted.append(milliseconds(revert))
            documents = _read_written(qdash)
            bare.append(milliseconds(partial(_write, qdash, documents)))
        what = f"reversion of {COLUMNS**2:,} qubits, over a transaction that writes its documents: {store}"
        yield Row.of(what, "ms", reverted, against=bare)


def _read_written(qdash: QDash) -> dict[str, list[Document]]:
    """Return the documents of the last reversion."""
    where = {"project_id": _PROJECT, "chip_id": _CHIP}
    with qdash.store.read() as snapshot:
        found = {name: snapshot.find(name, where) for name in _WRITTEN}
    last = max(one["number"] for one in found["value_change"])
    found["value_change"] = [one for one in found["value_change"] if one["number"] == last]
    return found


def _write(qdash: QDash, documents: dict[str, list[Document]]) -> None:
    with qdash.store.transaction() as transaction:
        for name, written in documents.items():
            for document in written:
                transaction.put(name, document)


def _change_qubits(qdash: QDash, number: float) -> None:
    with qdash.store.transaction() as transaction:
        for qubit in _make_qubits(number):
            transaction.put("qubit", qubit.to_document())


def _fill(qdash: QDash) -> None:
    lattice = {"size": COLUMNS**2, "topology_id": "square", "backend": "fake"}
    qdash.repositories.of(ChipRepository).add(
        ChipModel(project_id=_PROJECT, username="admin", chip_id=_CHIP, **lattice)
    )
    qdash.repositories.of(QubitCalibrationRepository).add_all(_make_qubits(-1.0))
    right = [(one, one + 1) for one in range(COLUMNS**2) if (one + 1) % COLUMNS]
    below = [(one, one + COLUMNS) for one in range(COLUMNS * (COLUMNS - 1))]
    values = _make_values(-1.0)
    qdash.repositories.of(CouplingCalibrationRepository).add_all(
        [
            CouplingModel(project_id=_PROJECT, username="admin", chip_id=_CHIP, qid=f"{a}-{b}", data=values)
            for a, b in (*right, *below)
        ]
    )


def _make_qubits(number: float) -> list[QubitModel]:
    values = _make_values(number)
    return [
        QubitModel(project_id=_PROJECT, username="admin", chip_id=_CHIP, qid=str(qid), data=values)
        for qid in range(COLUMNS**2)
    ]


def _make_values(number: float) -> dict[str, ParameterModel]:
    value = ParameterModel(
        value=number,
        error=1.584483959576863e-05,
        unit="GHz",
        description="resonance with the qubit in |0>",
        calibrated_at=utc_now(),
        execution_id="20261121-000",
        task_id="0427e619-9314-4b41-b1d1-97870175e74d",
    )
    return {f"parameter_{number}": value for number in range(VALUES)}
