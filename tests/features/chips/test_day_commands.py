"""`qdash chip days`, `chip show --on` and `chip compare`: a chip on its past days."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_core import open_qdash
from qdash_core.models.chip import ParameterModel
from qdash_core.repositories.chips import QubitCalibrationRepository

if TYPE_CHECKING:
    from pathlib import Path

    from ...cli.conftest import InProcess


@pytest.fixture
def days(command: InProcess) -> InProcess:
    """Chip `a` with copies of two days."""
    command.does("chip", "create", "a", "--topology", "linear-16")
    with open_qdash() as qdash:
        for day, t1 in (("20260401", 80.0), ("20260403", 72.0)):
            known = {
                "t1": ParameterModel(value=t1, error=1.5, unit="us"),
                "hpi_length": ParameterModel(value=30, unit="ns"),
            }
            qubits = qdash.repositories.of(QubitCalibrationRepository)
            qubits.record_day(qubits.update_calib_data("default", "a", "0", known), day, None)
    return command


def test_days_are_listed_newest_first_with_their_numbers(days: InProcess) -> None:
    assert days.read_json("chip", "days", "a") == [
        {"date": "2026-04-03", "qubits": 1, "couplings": 0},
        {"date": "2026-04-01", "qubits": 1, "couplings": 0},
    ]
    assert days.does("chip", "days", "a", "--limit", "1").endswith("\nand more: --before 2026-04-03\n")
    (first,) = days.read_json("chip", "days", "a", "--before", "2026-04-03")
    assert first["date"] == "2026-04-01"
    days.does("chip", "create", "b", "--topology", "linear-16")
    assert days.does("chip", "days", "b") == "no copies on record\n"


def test_a_chip_is_shown_as_it_was(days: InProcess) -> None:
    shown = days.does("chip", "show", "a", "--on", "2026-04-02").splitlines()
    assert shown[0] == "a on 2026-04-02"
    assert shown[4].split() == [
        "0",
        "pending",
        "2026-04-01",
        "t1",
        "80.0(15)",
        "µs,",
        "hpi_length",
        "30",
        "ns",
    ]
    assert shown[-1].startswith("no change on record until then: 1, 2, 3,")
    document = days.read_json("chip", "show", "a", "--on", "20260402")
    assert document["qubits"]["0"]["values"]["t1"]["value"] == 80.0
    assert "the first one is of 2026-04-01" in days.run_refused("chip", "show", "a", "--on", "2026-03-31")
    assert "'2026' is not a date: write 2026-11-20" in days.run_refused("chip", "show", "a", "--on", "2026")


def test_two_days_are_compared(days: InProcess) -> None:
    lines = days.does("chip", "compare", "a", "2026-04-01", "2026-04-03").splitlines()
    assert (
        lines[0] == "chip a at day:2026-04-01 (04-02 00:00 JST) → chip a at day:2026-04-03 (04-04 00:00 JST)"
    )
    assert lines[4].split() == [
        "0",
        "t1",
        "80.0(15)",
        "µs",
        "72.0(15)",
        "µs",
        "−8(2)",
        "µs",
        "−3.8σ",
        "worse",
    ]
    assert lines[-1] == "values: 1 moved beyond usual scatter (1 worse), 1 equal"
    document = days.read_json("chip", "compare", "a", "2026-04-03", "2026-04-01")
    assert [(one["target"], one["difference"]) for one in document["values"]] == [("0", 8.0)]
    equal = days.does("chip", "compare", "a", "2026-04-01", "2026-04-02")
    assert equal.endswith("nothing changed: 2 equal values\n")


def test_an_imported_chip_begins_with_a_copy_of_its_values(days: InProcess, tmp_path: Path) -> None:
    days.does("export", "a", "-o", str(tmp_path / "a.json"))
    days.does("import", str(tmp_path / "a.json"), "--as", "b")
    (day,) = days.read_json("chip", "days", "b")
    assert day["qubits"] == 1
    shown = days.read_json("chip", "show", "b", "--on", day["date"])
    assert shown["qubits"]["0"]["values"]["t1"]["value"] == 72.0
