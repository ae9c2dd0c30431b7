"""`qdash task record-analysis`: a user's own analysis as a result, in lists, and its refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ...core.bench import CHIP
from .test_refit_command import measured

if TYPE_CHECKING:
    from pathlib import Path

    from ...cli.conftest import InProcess

__all__ = ["measured"]

COMMAND = ("task", "record-analysis")
STRETCHED = ("--model", "stretched exponential")


def test_an_analysis_is_recorded_and_named_in_lists(command: InProcess, measured: str) -> None:
    shown = command.does(*COMMAND, measured[:12], "t1=8.5±0.4", *STRETCHED, "--note", "exponent 0.83")
    assert shown.startswith(
        f"Measure on 0: completed\n  analysis (stretched exponential) of {measured} by admin\n  t1 = 8.5(4) µs\n"
    )
    assert command.read_json("metrics", CHIP)["qubits"]["0"]["t1"]["value"] == 8.5
    assert "analysis (stretched exponential)" in command.does("task", "results")
    assert "analysis (stretched exponential)" in command.does("executions", "show", "last")
    assert "analysis (stretched exponential)" in command.does("values", "history", CHIP, "0", "t1")
    (newest, *_) = command.read_json("values", "log", CHIP)
    assert (newest["kind"], newest["username"], newest["reason"]) == (
        "analysed",
        "admin",
        "stretched exponential",
    )
    command.does("values", "undo")
    assert command.read_json("metrics", CHIP)["qubits"]["0"]["t1"]["value"] == 9.0


def test_json_is_the_whole_result_and_no_save_keeps_the_value(command: InProcess, measured: str) -> None:
    recorded = command.read_json(*COMMAND, measured, "t1=8.5", *STRETCHED, "--no-save")
    assert (recorded["analysis_model"], recorded["refit_of"], recorded["saved"]) == (
        "stretched exponential",
        measured,
        False,
    )
    assert command.read_json("metrics", CHIP)["qubits"]["0"]["t1"]["value"] == 9.0


@pytest.mark.parametrize(
    ("given", "said"), [("t2=1", "Measure has no output 't2'"), ("t1=5MHz", "t1 is in µs, not in MHz")]
)
def test_what_the_task_does_not_measure_is_refused(
    command: InProcess, measured: str, given: str, said: str
) -> None:
    assert said in command.run_refused(*COMMAND, measured, given, *STRETCHED)
    assert len(command.read_json("task", "results")) == 1


def test_a_curve_is_read_from_a_file(command: InProcess, measured: str, tmp_path: Path) -> None:
    curve = tmp_path / "curve.csv"
    curve.write_text("x,y\n0,4\n1,5.5\n")
    recorded = command.read_json(*COMMAND, measured, "t1=8.5", *STRETCHED, "--curve", str(curve))
    assert recorded["analysis_curve"] == {"x": [0.0, 1.0], "y": [4.0, 5.5], "x_unit": "", "y_unit": ""}
    curve.write_text("0,4\n1;5.5\n")
    refused = command.run_refused(*COMMAND, measured, "t1=8.5", *STRETCHED, "--curve", str(curve))
    assert "line 2: '1;5.5' is not x and y of a point of the curve" in refused
