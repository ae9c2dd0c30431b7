"""`qdash values statistics`: table, JSON and CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.metrics.views.metric_statistics import MetricStatisticsDocument
from qdash_core import open_qdash
from qdash_core.models.chip import ParameterModel
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import QubitCalibrationRepository

from ...core.specifications import ask_limits

if TYPE_CHECKING:
    from ...cli.conftest import InProcess


@pytest.fixture
def lab(command: InProcess) -> InProcess:
    """Two chips of 16 qubits; T1 and T2 of the first eight qubits of one, T1 of a qubit of the other."""
    for chip_id, number in (("lab", 8), ("old", 1)):
        command.does("chip", "create", chip_id, "--topology", "linear-16")
        with open_qdash() as qdash:
            ask_limits(qdash.store, chip_id)
            for qid in range(number):
                values = {"t1": 80.0 + 5 * qid, "t2_echo": 60.0 + 4 * qid}
                qdash.repositories.of(QubitCalibrationRepository).update_calib_data(
                    "default",
                    chip_id,
                    str(qid),
                    {name: _make_parameter(value) for name, value in values.items()},
                )
    return command


def _make_parameter(value: float) -> ParameterModel:
    return ParameterModel(value=value, error=2.0, unit="us", calibrated_at=utc_now(), task_id="task")


def test_the_table_has_a_column_for_each_chip(lab: InProcess) -> None:
    lines = lab.does(
        "values", "statistics", "lab", "t1", "--other-chip", "old", "--with", "t2_echo"
    ).splitlines()
    rows = {line[:10].strip(): line[10:].split() for line in lines}
    assert rows["t1"] == ["lab", "old"]
    assert rows["measured"] == ["8", "of", "16", "1", "of", "16"]
    assert rows["yield"] == ["4", "of", "16", "(25", "%)", "0", "of", "16", "(0", "%)"]
    assert rows["best"] == ["115(2)", "µs", "of", "7", "80(2)", "µs", "of", "0"]
    assert rows["mean"] == ["98(4)", "µs", "80", "µs"]
    assert rows["pearson"] == ["1.00", "(1.00", "to", "1.00)"]
    assert "in specification: at least 100 µs" in lines
    assert "old: no coefficient: 1 target has both values, and it needs 8" in lines


def test_json_and_csv_have_the_values(lab: InProcess) -> None:
    found = MetricStatisticsDocument.model_validate(lab.read_json("values", "statistics", "lab", "t1"))
    assert [value.value for value in found.sets[0].values] == [80.0 + 5 * qid for qid in range(8)]
    rows = [*csv.DictReader(io.StringIO(lab.does("values", "statistics", "lab", "t1", "--csv")))]
    assert [row["value"] for row in rows[:2]] == ["80.0", "85.0"]
    assert len(rows) == 16
    series = lab.does("values", "statistics", "lab", "t1", "--csv", "--series").splitlines()
    assert len(series) == 1, "values that no result has are no series: only the header"


def test_a_metric_without_values_says_so(lab: InProcess) -> None:
    said = lab.does("values", "statistics", "lab", "zx90_gate_fidelity")
    assert said == "chip lab has no values of zx90_gate_fidelity in this selection\n"


def test_options_that_contradict_each_other_are_refused(lab: InProcess, subtests: pytest.Subtests) -> None:
    for options, message in [
        (("--json", "--csv"), "use --json or --csv, not both"),
        (("--series",), "use --series with --json or --csv"),
        (("--with", "t1"), "needs another metric"),
        (("--other-chip", "lab"), "name another chip, cool-down or time range"),
        (("--with", "t3"), "there is no metric 't3'"),
    ]:
        with subtests.test(str(options)):
            assert message in lab.run_refused("values", "statistics", "lab", "t1", *options)
