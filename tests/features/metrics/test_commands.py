"""`qdash metrics`: targets by metrics, marks of values, and JSON."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.metrics.views.metric_summaries import ChipSummaryDocument
from qdash_builtin.metrics.views.metrics import ChipValuesDocument
from qdash_core import Feature, open_qdash
from qdash_core.features.declarations import remember_features
from qdash_core.models.chip import ParameterModel
from qdash_core.models.task import LatestResultModel, TaskResultModel, TaskStatus, Verdict
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import CouplingCalibrationRepository, QubitCalibrationRepository
from qdash_core.repositories.results import LatestResultRepository, TaskResultHistoryRepository

from ...core.specifications import ask_limits

if TYPE_CHECKING:
    from pathlib import Path

    from ...cli.conftest import InProcess

QUBITS = {
    "0": {"t1": (80.0, 2.0, "us"), "x90_gate_fidelity": (0.99951, 0.00002, ""), "gain": (3.0, None, "dB")},
    "2": {"t1": (120.0, 2.0, "us")},
    "10": {"x90_gate_fidelity": (0.98, 0.001, "")},
}
COUPLINGS = {"0-1": {"static_zz_interaction": (-0.15, 0.001, "MHz")}}


@pytest.fixture
def lab(command: InProcess) -> InProcess:
    """A chip with some values; t1 of qubit 2 is eight days old."""
    command.does("chip", "create", "lab", "--topology", "linear-16")
    now = utc_now()
    with open_qdash() as qdash:
        ask_limits(qdash.store, "lab")
        for targets, known in (
            (qdash.repositories.of(QubitCalibrationRepository), QUBITS),
            (qdash.repositories.of(CouplingCalibrationRepository), COUPLINGS),
        ):
            for target, values in known.items():
                at = now - timedelta(days=8 if target == "2" else 1)
                targets.update_calib_data("default", "lab", target, _make_parameters(values, at))
    return command


def _make_parameters(values: Any, at: Any) -> dict[str, ParameterModel]:
    origin = {"calibrated_at": at, "execution_id": "20260401-000", "task_id": "task"}
    return {
        name: ParameterModel(value=value, error=error, unit=unit, **origin)
        for name, (value, error, unit) in values.items()
    }


def test_qubits_and_couplings_are_tables_with_what_has_to_be_known_of_a_value(lab: InProcess) -> None:
    assert lab.does("metrics", "lab").splitlines() == [
        "                  X90",
        "         T1       fidelity",
        "qubit    µs       %",
        "────────────────────────────",
        "0        80(2)!   99.951(2)",
        "2        120(2)~",
        "10                98.00(10)!",
        "",
        "median   100      98.975",
        "yield    1 of 16  1 of 16",
        "missing  14       14",
        "without these values: 13 qubits, 1, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, ...",
        "",
        "          Static ZZ",
        "coupling  kHz",
        "────────────────────",
        "0-1       −150.0(10)",
        "",
        "median    −150",
        "missing   14",
        "without these values: 14 couplings, 1-2, 2-3, 3-4, 4-5, 5-6, 6-7, 7-8, 8-9, 9-10, 10-11, 11-12, 12-13, ...",
        "",
        "! out of specification, ~ too-old (older than its age limit)",
        "in specification: T1 at least 100 µs, X90 fidelity at least 99.9 %",
        "marked: 1 too-old; `qdash metrics lab --marked` lists them",
    ]


def test_a_terminal_that_is_not_wide_enough_gets_several_tables(
    lab: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "22")
    lines = lab.does("metrics", "lab", "--qids", "0,10").splitlines()
    assert [line.split() for line in lines if line.startswith("0 ")] == [["0", "80(2)!"], ["0", "99.951(2)"]]
    assert max(map(len, lines)) <= 22


def test_metrics_that_are_named_are_shown_in_that_order_groups_among_them(lab: InProcess) -> None:
    shown = lab.does("metrics", "lab", "--qids", "0", "--metric", "gain,fidelity", "--metric", "t1")
    assert shown.splitlines()[4].split() == ["0", "3", "99.951(2)", "80(2)!"]


def test_a_value_in_use_counts_also_where_a_newer_one_is_flagged(lab: InProcess) -> None:
    about = {"project_id": "default", "chip_id": "lab", "name": "CheckT1", "qid": "0", "task_id": "flagged"}
    came = {"execution_id": "20260401-001", "status": TaskStatus.COMPLETED, "verdict": Verdict.FLAGGED}
    now = utc_now()
    with open_qdash() as qdash:
        gives = {"t1": ParameterModel(value=300.0, error=2.0, unit="us", calibrated_at=now)}
        given = {"username": "admin", "reasons": ["odd"], "output_parameters": gives, "start_at": now}
        qdash.repositories.of(TaskResultHistoryRepository).add(
            TaskResultModel(**about, **came, **given, end_at=now)
        )
        qdash.repositories.of(LatestResultRepository).put(
            LatestResultModel(**about, **came, end_at=now, flagged_task_id="flagged")
        )
    shown = lab.does("metrics", "lab", "--all", "--metric", "t1").splitlines()
    assert [line.split() for line in shown[3:9]] == [
        ["0", "300(2)?"],
        ["2", "120(2)~"],
        [],
        ["median", "100"],
        ["yield", "1", "of", "16"],
        ["missing", "14"],
    ]
    summed, *_ = lab.does("metrics", "lab", "--all", "--metric", "t1", "--summary").splitlines()[2:]
    assert summed.split()[2:7] == ["2", "14", "1", "of", "16"]


def test_what_is_left_out_is_not_counted(lab: InProcess) -> None:
    shown = lab.does("metrics", "lab", "--out-of-spec")
    assert [line.split() for line in shown.splitlines()[4:6]] == [["0", "80(2)!"], ["10", "98.00(10)!"]]
    assert "yield" not in shown
    assert "2  " in lab.does("metrics", "lab", "--older-than", "7d")
    assert lab.does("metrics", "lab", "--older-than", "9d") == "chip lab has no matching values\n"


def test_every_value_has_its_row_with_long(lab: InProcess) -> None:
    rows = lab.does("metrics", "lab", "--long").splitlines()[2:]
    assert [row.split()[:3] for row in rows] == [
        ["0", "t1", "80(2)"],
        ["0", "x90_gate_fidelity", "0.99951(2)"],
        ["0", "gain", "3"],
        ["2", "t1", "120(2)"],
        ["10", "x90_gate_fidelity", "0.9800(10)"],
        ["0-1", "static_zz_interaction", "−0.1500(10)"],
    ]


def test_the_document_holds_what_was_chosen_as_it_is_stored(lab: InProcess) -> None:
    document = lab.read_json("metrics", "lab", "--metric", "t1", "--out-of-spec")
    assert ChipValuesDocument.model_validate(document).as_json() == document
    assert document["couplings"] == {}
    assert [*document["qubits"]] == ["0"]
    t1 = document["qubits"]["0"]["t1"]
    assert [*t1] == [
        "value",
        "error",
        "unit",
        "calibrated_at",
        "execution_id",
        "task_id",
        "trust",
        "out_of_spec",
    ]
    assert (t1["value"], t1["error"], t1["unit"], t1["task_id"]) == (80.0, 2.0, "us", "task")


def test_a_summary_has_of_each_metric_how_many_how_good_and_the_distribution(lab: InProcess) -> None:
    document = lab.read_json("metrics", "lab", "--summary")
    assert ChipSummaryDocument.model_validate(document).as_json() == document
    assert [*document["qubits"]] == ["t1", "x90_gate_fidelity", "gain"]
    assert document["qubits"]["t1"] == {
        "title": "T1",
        "unit": "us",
        "targets": 16,
        "n": 2,
        "missing": 14,
        "within": 1,
        "yield": 1 / 16,
        "stale": 1,
        "marks": {"too-old": 1},
        "median": 100.0,
        "best": {"target": "2", "value": 120.0},
        "cdf": [[80.0, 0.5], [120.0, 1.0]],
    }
    assert document["qubits"]["gain"] == {
        "unit": "dB",
        "targets": 16,
        "n": 1,
        "missing": 15,
        "marks": {},
        "median": 3.0,
        "cdf": [[3.0, 1.0]],
    }
    row = next(line for line in lab.does("metrics", "lab", "--summary").splitlines() if line.startswith("t1"))
    assert row.split() == ["t1", "µs", "2", "14", "1", "of", "16", "100", "120", "of", "2", "1", "too-old"]


METRICS = {
    "qubit_metrics": {
        "gain": {
            "title": "Gain",
            "unit": "mB",
            "scale": 1000,
            "evaluation": {"mode": "maximize"},
            "threshold": {"value": 4.0},
        }
    }
}


def test_a_metric_of_a_feature_has_its_unit_and_threshold(lab: InProcess) -> None:
    remember_features([Feature("amplifiers", metrics=f"{__name__}:METRICS")])
    lines = lab.does("metrics", "lab", "--metric", "gain").splitlines()
    assert lines[3].split() == ["0", "3000!"]
    assert "in specification: Gain at least 4000 mB" in lines
    assert "0" in lab.read_json("metrics", "lab", "--metric", "gain", "--out-of-spec")["qubits"]


def test_the_file_of_the_settings_says_what_is_good(
    lab: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "qubit_metrics: {t1: {threshold: {value: 70}}, gain: {title: Gain, unit: mB, scale: 1000}}"
    )
    lab.does("chip", "specification", "lab", "--remove", "t1")
    monkeypatch.setenv("QDASH_METRICS_FILE", str(own))
    monkeypatch.setenv("COLUMNS", "400")
    assert lab.read_json("metrics", "lab", "--out-of-spec")["qubits"].keys() == {"10"}
    assert lab.does("metrics", "lab", "--metric", "gain").splitlines()[3].split() == ["0", "3000"]
    own.write_text("qubit_metrics: {t1: {naem: T1}}")
    assert f"metrics file {own}: unknown key qubit_metrics.t1.naem" in lab.run_refused("metrics", "lab")
    assert lab.read_json("metrics", "lab")["qubits"], "the values in use are there all the same"


def test_what_cannot_be_is_refused_in_one_line(lab: InProcess, subtests: pytest.Subtests) -> None:
    for arguments, said in [
        (["--older-than", "soon"], "'soon' is not a length of time"),
        (["--since", "soon"], "--since: 'soon' is not a moment"),
        (["--since", "9999999d"], "--since: '9999999d' is not a moment"),
        (["--since", "2d", "--until", "3d"], "does not end after its beginning"),
        (["--metric", "t1,,t2_echo"], "--metric has an empty entry"),
        (["--metric", "t3"], "there is no metric 't3'"),
        (["--qids", "99"], "chip lab has no qubit 99"),
        (["--couplings", "0-2"], "chip lab has no coupling 0-2"),
        (["--cooldown", "x"], "there is no cool-down 'x'"),
        (["--long", "--summary"], "use --summary without --long and --trend"),
        (["--all", "--mode", "best"], "flagged values are shown among the latest ones"),
    ]:
        with subtests.test(str(arguments)):
            assert said in " ".join(lab.run_refused("metrics", "lab", *arguments).split())
