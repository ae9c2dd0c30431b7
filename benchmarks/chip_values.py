"""View of all values of a large chip: time from the store to bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.null_laboratory import milliseconds
from benchmarks.servers import opened_store
from benchmarks.table import Row
from qdash_builtin.metrics.feature import METRICS
from qdash_builtin.metrics.selection import Selection
from qdash_builtin.metrics.views.metrics import ChipValuesDocument
from qdash_core.models.chip import ChipModel, ParameterModel, QubitModel
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import ChipRepository, QubitCalibrationRepository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core.runtime.application import QDash

QUBITS, VALUES = 127, 31
"""Qubits, and values of each after a full run."""
_SHARED = {"project_id": "default", "username": "admin", "chip_id": "sherbrooke"}


def rows(folder: Path, *, quick: bool, store: str = "SQLite") -> Iterator[Row]:
    """Time the view, in turn with the one built from models."""
    with opened_store(store, folder) as qdash:
        _fill(qdash)
        access = qdash.access("admin")

        def of_models() -> bytes:
            values = qdash.get(METRICS).select(access, _SHARED["chip_id"], Selection()).values
            return ChipValuesDocument.from_values(values).as_json_text().encode()

        def as_stored() -> bytes:
            values = qdash.get(METRICS).get_stored(access, _SHARED["chip_id"])
            return ChipValuesDocument.from_stored(values).as_json_text().encode()

        assert as_stored() == of_models()
        pairs = [(milliseconds(of_models), milliseconds(as_stored)) for _ in range(5 if quick else 50)]
        what = f"document of {QUBITS} qubits with {QUBITS * VALUES:,} values"
        slow, fast = zip(*pairs, strict=True)
        yield Row.of(f"{what}, as stored, over that of models: {store}", "ms", fast, against=slow)


def _fill(qdash: QDash) -> None:
    value = ParameterModel(
        value=6.800074487652671,
        error=1.584483959576863e-05,
        unit="GHz",
        description="resonance with the qubit in |0>",
        calibrated_at=utc_now(),
        execution_id="20261121-000",
        task_id="0427e619-9314-4b41-b1d1-97870175e74d",
    )
    values = {f"parameter_{number}": value for number in range(VALUES)}
    chip = ChipModel(**_SHARED, size=QUBITS, topology_id="heavy-hex", backend="fake")
    qdash.repositories.of(ChipRepository).add(chip)
    qubits = [QubitModel(**_SHARED, qid=str(number), data=values) for number in range(QUBITS)]
    qdash.repositories.of(QubitCalibrationRepository).add_all(qubits)
