"""`qdash task data`: the raw data of one result."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from .command_line import CommandLine


@pytest.fixture
def task_id(calibrated: CommandLine) -> str:
    results = calibrated.read_json("executions", "show", "last")["results"]
    return next(str(one["task_id"]) for one in results if (one["name"], one["qid"]) == ("CheckT1", "0"))


def test_arrays_and_attributes_are_listed(calibrated: CommandLine, task_id: str) -> None:
    said = calibrated.does("task", "data", task_id[:13])
    assert "fine_delay" in said
    assert "µs" in said
    assert "reset" in said


def test_json_csv_and_the_file_have_the_same_numbers(bench: CommandLine, task_id: str) -> None:
    document = bench.read_json("task", "data", task_id)
    rows = list(csv.DictReader(io.StringIO(bench.does("task", "data", task_id, "--csv"))))
    for name in ("stored.npz", "stored.csv", "stored.json"):
        assert bench.does("task", "data", task_id, "-o", name) == ""
    assert (bench.folder / "stored.csv").read_text() == bench.does("task", "data", task_id, "--csv")
    assert json.loads((bench.folder / "stored.json").read_text()) == document
    with np.load(bench.folder / "stored.npz") as stored:
        for name, array in document["arrays"].items():
            own = [row for row in rows if row["array"] == name]
            values = np.reshape([float(row["value"]) for row in own], array["shape"])
            if array["kind"] == "complex":
                values = values + 1j * np.reshape([float(row["imaginary"]) for row in own], array["shape"])
            assert {row["unit"] for row in own} == {array["unit"]}
            np.testing.assert_array_equal(values, stored[name])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--csv", "--json"), "use one of --json, --csv and --output"),
        (("-o", "data.txt"), "raw data are written as .npz, .csv, .nc, .json"),
        (("-o", "none/data.npz"), "there is no folder none"),
    ],
)
def test_other_outputs_are_refused(
    calibrated: CommandLine, task_id: str, arguments: tuple[str, ...], message: str
) -> None:
    assert message in calibrated.run_refused("task", "data", task_id, *arguments)
