"""View of all values of a large chip: time from the store to bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.null_laboratory import milliseconds
from benchmarks.table import Row, spread
from qdash_builtin.metrics.feature import METRICS
from qdash_builtin.metrics.selection import Selection
from qdash_builtin.metrics.views.metrics import ChipValuesDocument
from qdash_core import load_plugins, open_qdash
from qdash_core.models.chip import ChipModel, ParameterModel, QubitModel
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import ChipRepository, QubitCalibrationRepository
from qdash_core.settings import load_settings
from qdash_mongo.server import MongoServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core.runtime.application import QDash

QUBITS = 127
VALUES = 31
"""Number of values of a qubit after a full run."""
_PROJECT, _CHIP = "default", "sherbrooke"


def rows(folder: Path, *, rounds: int) -> Iterator[Row]:
    """Time the view on each store, in turn with the one built from models."""
    with MongoServer(folder / "mongod-values") as server:
        for store, url in (
            ("memory", "memory://values"),
            ("SQLite", f"sqlite:///{folder}/values.db"),
            ("MongoDB", server.url("values")),
        ):
            settings = load_settings(home=folder, store_url=url, artifacts_url=(folder / "values").as_uri())
            with open_qdash(settings, load_plugins()) as qdash:
                _fill(qdash)
                yield from _made(qdash, store, rounds)


def _made(qdash: QDash, store: str, rounds: int) -> Iterator[Row]:
    access = qdash.access("admin")

    def of_models() -> bytes:
        values = qdash.get(METRICS).select(access, _CHIP, Selection()).values
        return ChipValuesDocument.from_values(values).as_json_text().encode()

    def as_stored() -> bytes:
        values = qdash.get(METRICS).get_stored(access, _CHIP)
        return ChipValuesDocument.from_stored(values).as_json_text().encode()

    assert as_stored() == of_models()
    pairs = [(milliseconds(of_models), milliseconds(as_stored)) for _ in range(rounds)]
    slow, quick = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    of = f"document of {QUBITS} qubits with {QUBITS * VALUES:,} values"
    yield Row(f"{of}, of models: {store}", "ms", *spread(slow))
    yield Row(f"the same, as stored, against that of models: {store}", "ms", *spread(quick), against=slow)


def _fill(qdash: QDash) -> None:
    now, shared = utc_now(), {"project_id": _PROJECT, "username": "admin", "chip_id": _CHIP}
    value = ParameterModel(
        value=6.800074487652671,
        error=1.584483959576863e-05,
        unit="GHz",
        description="resonance with the qubit in |0>",
        calibrated_at=now,
        execution_id="20261121-000",
        task_id="0427e619-9314-4b41-b1d1-97870175e74d",
    )
    values = {f"parameter_{number}": value for number in range(VALUES)}
    chip = ChipModel(**shared, size=QUBITS, topology_id="heavy-hex", backend="fake")
    qdash.repositories.of(ChipRepository).add(chip)
    qdash.repositories.of(QubitCalibrationRepository).add_all(
        [QubitModel(**shared, qid=str(number), data=values) for number in range(QUBITS)]
    )
