"""Marks of values in tables, summaries, exports and `chip show`."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from qdash_core import open_qdash
from qdash_core.models.chip import MeasuredAttempt, ParameterModel, StatusReason, TargetStatus
from qdash_core.models.marks import Mark
from qdash_core.models.task import InputModel, TaskResultModel, TaskStatus, Verdict
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import QubitCalibrationRepository
from qdash_core.repositories.results import TaskResultHistoryRepository

if TYPE_CHECKING:
    from pathlib import Path

    from ...cli.conftest import InProcess

DEAD_LINE = "CheckRabi failed: the drive does not reach the qubit"
MARKS = {"0": ["too-old"], "1": ["last-failed"], "2": ["inputs-moved"], "3": ["disputed"]}
"""Marks of t1 by qubit."""


@pytest.fixture
def lab(command: InProcess) -> InProcess:
    """A chip of 16 qubits whose first four have a T1 with one mark each; qubit 4 has one without marks."""
    command.does("chip", "create", "lab", "--topology", "linear-16")
    now = utc_now()
    ago = {"0": timedelta(days=8)}
    with open_qdash() as qdash:
        for qid in "01234":
            at = now - ago.get(qid, timedelta(hours=1))
            data = {"t1": make_value(120.0, 2.0, "us", at, f"t1-{qid}")}
            changes: dict[str, Any] = {"status": TargetStatus.CALIBRATED}
            if qid == "1":
                attempt = make_attempt("CheckT1 failed: the signal does not decay", now)
                changes |= {"failures": {"t1": attempt}, "status": TargetStatus.FAILED, "status_at": now}
                changes["status_reason"] = StatusReason(
                    text=DEAD_LINE, task_id="r", execution_id="20260401-007"
                )
            if qid == "2":
                data["qubit_frequency"] = make_value(5.001, 0.0001, "GHz", now, "new-frequency")
                used = InputModel(value=5.0, error=0.0001, unit="GHz", task_id="old-frequency")
                used = used.model_copy(update={"target": "2", "parameter": "qubit_frequency"})
                qdash.repositories.of(TaskResultHistoryRepository).add(
                    make_result("t1-2", at, inputs={"qubit_frequency": used})
                )
            if qid == "3":
                changes["disputes"] = {"t1": make_attempt("CheckT1 was flagged: the fit is poor", now)}
            known = qdash.repositories.of(QubitCalibrationRepository).require("default", "lab", qid)
            stored = known.with_changes(data=data, **changes, now=now)
            qdash.repositories.of(QubitCalibrationRepository).write_values(
                stored, former=stored, recorded_date="20260401", cooldown_id=None
            )
    return command


def make_value(value: float, error: float, unit: str, at: Any, task_id: str) -> ParameterModel:
    origin = {"calibrated_at": at, "execution_id": "20260401-000", "task_id": task_id}
    return ParameterModel(value=value, error=error, unit=unit, **origin)


def make_attempt(text: str, at: Any) -> MeasuredAttempt:
    return MeasuredAttempt(
        task="CheckT1",
        task_id="attempt",
        execution_id="20260401-001",
        measured_at=at,
        ended_at=at,
        text=text,
    )


def make_result(task_id: str, at: Any, *, inputs: dict[str, InputModel]) -> TaskResultModel:
    about = {"project_id": "default", "chip_id": "lab", "username": "admin", "execution_id": "20260401-000"}
    came = {"status": TaskStatus.COMPLETED, "verdict": Verdict.ACCEPTED, "start_at": at, "end_at": at}
    gives = {"t1": ParameterModel(value=120.0, error=2.0, unit="us", calibrated_at=at)}
    return TaskResultModel(
        **about,
        **came,
        name="CheckT1",
        qid="2",
        task_id=task_id,
        input_parameters=inputs,
        output_parameters=gives,
    )


@pytest.mark.parametrize("columns", [80, 100])
def test_a_table_has_a_sign_at_each_marked_value_and_a_legend(
    lab: InProcess, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    told = lab.does("metrics", "lab", "--metric", "t1")
    cells = [line.split() for line in told.splitlines()[3:8]]
    assert cells == [["0", "120(2)~"], ["1x", "120(2)x"], ["2", "120(2)>"], ["3", "120(2)#"], ["4", "120(2)"]]
    assert max(map(len, told.splitlines())) <= columns
    words = " ".join(told.split())
    assert "~ too-old (older than its age limit), x last-failed (its newest measurement failed)" in words
    assert (
        "> inputs-moved (an input has moved since), # disputed (a newer flagged value awaits a decision)"
        in words
    )
    assert (
        "marked: 1 too-old, 1 last-failed, 1 inputs-moved, 1 disputed; `qdash metrics lab --marked last-failed` lists those whose "
        "newest measurement failed, and `--marked` without a mark lists all"
    ) in words
    assert "x at a target: it is failed or dead" in words
    assert f"1 failed: {DEAD_LINE}; `qdash chip show lab`" in words


def test_a_legend_explains_only_signs_that_occur(lab: InProcess) -> None:
    told = lab.does("metrics", "lab", "--qids", "0,4")
    assert "too-old (" in told
    assert "disputed (" not in told
    assert "marked" not in lab.does("metrics", "lab", "--qids", "4")
    assert "`qdash metrics lab --marked` lists them" in lab.does("metrics", "lab", "--qids", "0,3")


def test_failed_and_dead_targets_have_a_sign_and_a_reason(lab: InProcess) -> None:
    lab.does("chip", "exclude", "lab", "0", "--dead", "--note", "open line")
    told = lab.does("metrics", "lab", "--metric", "t1").splitlines()
    assert [line.split()[0] for line in told[3:8]] == ["0x", "1x", "2", "3", "4"]
    assert told[-3:-1] == ["0 dead: open line", f"1 failed: {DEAD_LINE}; `qdash chip show lab`"]
    assert "failed or dead" not in lab.does("metrics", "lab", "--qids", "2-4")
    assert "1 failed" not in lab.does("metrics", "lab", "--marked", "disputed")


def test_each_row_has_its_marks_with_reasons(lab: InProcess) -> None:
    rows = lab.does("metrics", "lab", "--long", "--metric", "t1").splitlines()[2:7]
    reasons = [" ".join(row.split("20260401-000")[1].split()) for row in rows]
    assert reasons == [
        "too-old: measured 8 d ago; the limit is 7 d",
        "last-failed: CheckT1 failed: the signal does not decay",
        "inputs-moved: Qubit frequency has moved by 7.1 times its usual scatter since",
        "disputed: CheckT1 was flagged: the fit is poor",
        "",
    ]


def test_marked_values_are_selected_by_any_mark_or_by_names(lab: InProcess) -> None:
    assert [*lab.read_json("metrics", "lab", "--marked")["qubits"]] == ["0", "1", "2", "3"]
    assert [*lab.read_json("metrics", "lab", "--marked", "disputed,too-old")["qubits"]] == ["0", "3"]
    told = lab.does("metrics", "lab", "--marked", "last-failed")
    assert "1 t1: last-failed: CheckT1 failed: the signal does not decay" in told
    assert "yield" not in told


def test_marked_values_are_listed_with_the_most_severe_reasons_first(lab: InProcess) -> None:
    told = [line for line in lab.does("metrics", "lab", "--marked").splitlines() if " t1: " in line]
    assert [line.split(": ")[1] for line in told] == ["last-failed", "disputed", "too-old", "inputs-moved"]


def test_a_selection_without_values_says_so_in_its_words(lab: InProcess, subtests: pytest.Subtests) -> None:
    for arguments, said in [
        (("--qids", "4", "--marked"), "no selected value in use of lab has a mark"),
        (
            ("--metric", "qubit_frequency", "--marked", "disputed,too-old"),
            "no selected value in use of lab has the mark disputed or too-old",
        ),
        (("--qids", "4", "--failed"), "no newest selected measurement of lab failed"),
        (("--marked", "disputed", "--failed"), "chip lab has no matching values"),
    ]:
        with subtests.test(str(arguments)):
            assert lab.does("metrics", "lab", *arguments) == f"{said}\n"


def test_a_chip_without_marks_and_failures_says_so(command: InProcess) -> None:
    command.does("chip", "create", "new", "--topology", "linear-16")
    assert command.does("metrics", "new", "--marked") == "no value in use of new has a mark\n"
    assert command.does("metrics", "new", "--failed") == "no newest measurement of new failed\n"


def test_the_document_has_marks_with_reason_and_result(lab: InProcess) -> None:
    t1 = lab.read_json("metrics", "lab")["qubits"]["1"]["t1"]
    assert t1["marks"] == ["last-failed"]
    assert t1["mark_reasons"] == [
        {
            "mark": "last-failed",
            "reason": "CheckT1 failed: the signal does not decay",
            "task_id": "attempt",
            "trust": "trusted",
        }
    ]
    assert "marks" not in lab.read_json("metrics", "lab")["qubits"]["4"]["t1"]


def test_a_summary_counts_values_by_mark(lab: InProcess) -> None:
    document = lab.read_json("metrics", "lab", "--summary")["qubits"]
    assert document["t1"]["marks"] == {"too-old": 1, "last-failed": 1, "inputs-moved": 1, "disputed": 1}
    assert document["qubit_frequency"]["marks"] == {}
    told = lab.does("metrics", "lab", "--summary").splitlines()
    assert next(line for line in told if line.startswith("t1 ")).endswith(
        "1 too-old, 1 last-failed, 1 inputs-moved, 1 disputed"
    )


def test_an_impossible_selection_is_refused(lab: InProcess, subtests: pytest.Subtests) -> None:
    for arguments, message in [
        (
            ["--marked", "stale"],
            f"no mark 'stale': the marks are {', '.join(Mark)}, any",
        ),
        (["--marked", "disputed,"], "no mark ''"),
        (["--marked", "any", "--mode", "best"], "only values in use have marks"),
        (["--marked", "any", "--since", "2d"], "only values in use have marks"),
        (["--marked", "any", "--summary"], "--marked leave some out"),
    ]:
        with subtests.test(str(arguments)):
            assert message in " ".join(lab.run_refused("metrics", "lab", *arguments).split())


def test_a_chip_names_the_reason_of_a_failed_status_and_counts_marks(lab: InProcess) -> None:
    told = lab.does("chip", "show", "lab")
    (line,) = (line for line in told.splitlines() if line.startswith("  1: failed since "))
    assert line.endswith(f" JST: {DEAD_LINE} (`qdash executions show 20260401-007`)")
    advice = "`qdash calibrate lab --flow FLOW --only failed`, or leave it out: `qdash chip exclude lab 1 --note TEXT`"
    assert f"  measure again: {advice}\n" in told
    assert (
        "marked values: 1 too-old, 1 last-failed, 1 inputs-moved, 1 disputed; `qdash metrics lab --marked last-failed`"
        in told
    )
    document = lab.read_json("chip", "show", "lab")["qubits"]["1"]
    assert (document["status"], document["status_reason"]["text"]) == ("failed", DEAD_LINE)


def test_exports_have_marks(lab: InProcess) -> None:
    texts = {name: lab.does("export", "lab", "--format", name) for name in ("json", "yaml", "csv")}
    for name in ("json", "yaml"):
        qubits = yaml.safe_load(texts[name])["qubits"]
        assert {qid: one["t1"].get("marks") for qid, one in qubits.items()} == {**MARKS, "4": None}
    rows = [row for row in csv.DictReader(io.StringIO(texts["csv"])) if row["parameter"] == "t1"]
    assert [row["marks"].split() for row in rows] == [*MARKS.values(), []]


@pytest.mark.parametrize("name", ["json", "yaml"])
def test_an_imported_chip_has_its_values_without_the_marks_of_the_file(
    lab: InProcess, tmp_path: Path, name: str
) -> None:
    file = tmp_path / f"lab.{name}"
    file.write_text(lab.does("export", "lab", "--format", name))
    lab.does("import", str(file), "--as", "copy")
    marks = {qid: one["t1"].get("marks") for qid, one in lab.read_json("metrics", "copy")["qubits"].items()}
    assert marks == {**MARKS, "1": None, "3": None, "4": None}, "failures and disputes stay with the chip"


def test_an_imported_table_of_values_passes_over_the_marks(lab: InProcess, tmp_path: Path) -> None:
    file = tmp_path / "values.csv"
    file.write_text(lab.does("export", "lab", "--format", "csv"))
    lab.does("chip", "create", "copy", "--topology", "linear-16")
    document = lab.read_json("import", str(file), "--chip", "copy", "--yes")
    assert "marks" not in str(document)
    assert lab.read_json("metrics", "copy")["qubits"]["1"]["t1"]["value"] == 120.0


def test_a_release_has_the_trust_and_marks_of_its_time(lab: InProcess) -> None:
    lab.does("release", "create", "lab", "--name", "friday")
    lab.does("values", "set", "lab", "0", "t1=100(1)us", "--reason", "by hand")
    exported = yaml.safe_load(lab.does("release", "export", "lab", "friday"))
    t1 = {qid: exported["qubits"][qid]["t1"] for qid in "01234"}
    assert [one["trust"] for one in t1.values()] == ["doubtful", "trusted", "doubtful", "doubtful", "trusted"]
    assert t1["0"]["marks"] == ["too-old"]


def test_a_value_that_rounds_to_its_limit_shows_by_how_much_it_misses(
    lab: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("qubit_metrics: {t1: {threshold: {value: 121}}}")
    monkeypatch.setenv("QDASH_METRICS_FILE", str(own))
    assert "below the limit" not in lab.does("metrics", "lab"), "the table shows 120 and 121"
    own.write_text("qubit_metrics: {t1: {threshold: {value: 120.00012}}}")
    told = lab.does("metrics", "lab", "--qids", "4")
    assert "120(2)!" in told
    assert "in specification: T1 at least 120 µs\n4 T1: 0.00012 µs below the limit\n" in told
