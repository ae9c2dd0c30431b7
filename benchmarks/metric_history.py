"""History of a metric: the service call that returns 10,000 values."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from benchmarks.null_laboratory import milliseconds
from benchmarks.servers import opened_store
from benchmarks.table import Row
from qdash_builtin.metrics.feature import METRICS
from qdash_core.models.chip import ChipModel, ParameterModel, QubitModel
from qdash_core.models.task import (
    InputModel,
    LatestResultModel,
    RunParameterModel,
    TaskModel,
    TaskResultModel,
    TaskStatus,
    Verdict,
)
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import ChipRepository, QubitCalibrationRepository
from qdash_core.repositories.results import (
    LatestResultRepository,
    TaskRepository,
    TaskResultHistoryRepository,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core.runtime.application import QDash

_PROJECT, _CHIP, _TASK = "default", "lab", "CheckT1"
_BATCH = 500


def rows(folder: Path, *, quick: bool, store: str = "SQLite") -> Iterator[Row]:
    """Time the call with as many results of one task on one qubit as every 50 minutes for a year."""
    results = 1_000 if quick else 10_000
    with opened_store(store, folder) as qdash:
        _fill(qdash, results)
        access = qdash.access("admin")

        def read() -> None:
            assert len(qdash.get(METRICS).get_history(access, _CHIP, "0", "t1").points) == results

        read()
        times = [milliseconds(read) for _ in range(5 if quick else 60)]
        yield Row.of(f"history of {results:,} values: {store}", "ms", times)
        yield Row.of(f"history of {results:,} values, fastest: {store}", "ms", [min(times)])


def _fill(qdash: QDash, number: int) -> None:
    now, shared = utc_now(), {"project_id": _PROJECT, "username": "admin", "chip_id": _CHIP}
    begun = now - timedelta(days=400)
    qdash.repositories.of(ChipRepository).add(
        ChipModel(**shared, size=1, topology_id="grid", backend="fake", installed_at=begun)
    )
    qdash.repositories.of(QubitCalibrationRepository).add_all([QubitModel(**shared, qid="0")])
    qdash.repositories.of(TaskRepository).put(
        TaskModel(
            project_id=_PROJECT,
            username="admin",
            name=_TASK,
            backend="fake",
            task_type="qubit",
            output_parameters={"t1": {}},
        )
    )
    results = [_make_result(shared, place, now - timedelta(minutes=50 * place)) for place in range(number)]
    for start in range(0, number, _BATCH):
        qdash.repositories.of(TaskResultHistoryRepository).add(*results[start : start + _BATCH])
    qdash.repositories.of(LatestResultRepository).put(
        LatestResultModel(
            project_id=_PROJECT,
            chip_id=_CHIP,
            name=_TASK,
            qid="0",
            task_id=results[0].task_id,
            execution_id=results[0].execution_id,
            status=TaskStatus.COMPLETED,
            end_at=now,
        )
    )


def _make_result(shared: dict[str, str], number: int, at: datetime) -> TaskResultModel:
    task_id, execution_id = str(UUID(int=number)), "20261121-000"
    value = ParameterModel(
        value=80.123456789 + number * 1e-3,
        error=1.234567891,
        unit="us",
        description="relaxation time",
        calibrated_at=at,
        execution_id=execution_id,
        task_id=task_id,
    )
    used = InputModel(value=4.123456789, error=1e-5, unit="GHz", task_id=task_id)
    return TaskResultModel(
        **shared,
        execution_id=execution_id,
        task_id=task_id,
        name=_TASK,
        qid="0",
        backend="fake",
        status=TaskStatus.COMPLETED,
        verdict=Verdict.ACCEPTED,
        start_at=at,
        end_at=at,
        output_parameters={"t1": value},
        output_parameter_names=["t1"],
        input_parameters={f"input_{place}": used for place in range(4)},
        run_parameters={"shots": RunParameterModel(value=1024, value_type="int", description="shots")},
        quality={"reduced_chi2": 1.02},
        note={"fit": {axis: [step * 0.1234567 for step in range(60)] for axis in ("x", "y")}},
    )
