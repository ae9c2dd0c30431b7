"""Raw data and exports of executions as files."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_builtin.files.feature import FILES
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.pages import PageRequest

from ...access import ADMIN, access_of
from ...core.bench import SIGNAL

if TYPE_CHECKING:
    from ...core.bench import Bench


def list_names(bench: Bench, path: str) -> list[str]:
    page = bench.qdash.get(FILES).list_files(ADMIN, "executions", path, PageRequest())
    return [one.path.rpartition("/")[2] for one in page.items]


def read(bench: Bench, path: str) -> bytes:
    return b"".join(bench.qdash.get(FILES).open(ADMIN, "executions", path).pieces)


def test_raw_data_are_browsed_by_execution(bench: Bench) -> None:
    results = [bench.run(), bench.run(qid="1")]
    assert list_names(bench, "") == [one.execution_id for one in reversed(results)]
    folder = f"{results[0].execution_id}/raw-data"
    [name] = list_names(bench, folder)
    assert name == f"Measure.0.{results[0].task_id}.npz"
    assert np.load(io.BytesIO(read(bench, f"{folder}/{name}")))["signal"].tolist() == [1.0, 2.0, 3.0]
    [array] = bench.qdash.get(FILES).preview(ADMIN, "executions", f"{folder}/{name}").preview.arrays
    assert (array.name, array.shape, array.unit) == ("signal", (3,), SIGNAL.arrays["signal"][1])
    with pytest.raises(NotFoundError):
        read(bench, f"{results[1].execution_id}/raw-data/{name}")
    with pytest.raises(NotFoundError):
        b"".join(
            bench.qdash.get(FILES)
            .open(access_of("olga", project_id="other"), "executions", f"{folder}/{name}")
            .pieces
        )


def test_the_values_of_the_chip_are_those_at_the_end_of_the_execution(bench: Bench) -> None:
    first, second = bench.run(), bench.run()
    assert list_names(bench, first.execution_id) == ["chip.csv", "chip.json", "raw-data", "report.html"]
    [row] = csv.DictReader(io.StringIO(read(bench, f"{first.execution_id}/chip.csv").decode()))
    assert (row["target"], row["parameter"], row["task_id"]) == ("0", "t1", first.task_id)
    [value] = json.loads(read(bench, f"{second.execution_id}/chip.json"))["values"]
    assert value["task_id"] == second.task_id


def test_files_of_executions_are_read_only(bench: Bench) -> None:
    execution_id = bench.run().execution_id
    for path in ("new.txt", f"{execution_id}/chip.json"):
        with pytest.raises(InvalidInputError, match="read-only"):
            bench.qdash.get(FILES).write(ADMIN, "executions", path, b"mine", seen="*")
    for path in ("", "nothing", f"{execution_id}/nothing", f"{execution_id}/raw-data/nothing.npz", "../x"):
        with pytest.raises(InvalidInputError):
            read(bench, path)
