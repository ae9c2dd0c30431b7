"""Results of a run for people: few are listed, many are counted by outcome, with advice where to look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from qdash_builtin.runs.commands.run_results import print_counts, show_results
from qdash_builtin.runs.run_results import ResultSelection
from qdash_cli.rendering.output import format_outcomes
from qdash_core.errors import InvalidInputError
from qdash_core.models.chip import ParameterModel
from qdash_core.models.decision import Decision
from qdash_core.models.execution import ExecutionModel, ExecutionStatus
from qdash_core.models.task import InputModel, TaskResultModel, TaskStatus, Verdict
from qdash_core.process.clock import utc_now

if TYPE_CHECKING:
    from collections.abc import Sequence

UTC_ZONE = ZoneInfo("Etc/UTC")


def make_result(name: str, qid: int, **given: Any) -> TaskResultModel:
    """Return an accepted result, with some fields replaced."""
    usual = {"status": TaskStatus.COMPLETED, "verdict": Verdict.ACCEPTED, "lab_s": 2.0}
    about = {"project_id": "p", "username": "u", "chip_id": "c", "execution_id": "20261120-000"}
    task_id = f"{name}-{qid}-{given.get('attempt', 1)}"
    return TaskResultModel(**{**about, "task_id": task_id, "name": name, "qid": str(qid), **usual, **given})


def make_failed_result(name: str, qid: int, **given: Any) -> TaskResultModel:
    return make_result(name, qid, status=TaskStatus.FAILED, verdict=None, message="no peak", **given)


def make_big_run() -> list[TaskResultModel]:
    """Return a run of two tasks on 64 qubits: 3 failed, so that it was not measured further, and 5 is
    flagged.
    """
    first = [
        make_failed_result("CheckRabi", qid) if qid == 3 else make_result("CheckRabi", qid)
        for qid in range(64)
    ]
    second = [make_result("CheckT1", qid, lab_s=4.0) for qid in range(64) if qid not in (3, 5)]
    skipped = make_result(
        "CheckT1", 3, status=TaskStatus.SKIPPED, verdict=None, message="no pulse", lab_s=None
    )
    flagged = make_result("CheckT1", 5, verdict=Verdict.FLAGGED, message="flagged: moved", lab_s=4.0)
    return [*first, *second, skipped, flagged]


def show_and_split(
    capsys: pytest.CaptureFixture[str], results: Sequence[TaskResultModel], *, every: bool = False
) -> list[list[str]]:
    """Return the words of each line."""
    show_results(results, UTC_ZONE, every=every)
    return [line.split() for line in capsys.readouterr().out.splitlines()]


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def test_of_many_results_it_is_said_how_many_of_each_task_became_what(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = show_and_split(capsys, make_big_run())
    assert lines[1] == ["task", "accepted", "flagged", "failed", "skipped", "lab", "s", "(mean)"]
    assert lines[3] == ["CheckRabi", "63", "1", "2.00"]
    assert lines[4] == ["CheckT1", "62", "1", "1", "4.00"]


def test_of_many_results_those_that_failed_or_are_flagged_are_shown_and_no_others(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = show_and_split(capsys, make_big_run())
    rows = [line for line in lines if line and line[-1].startswith("Check")]
    assert rows == [
        ["CheckRabi", "3", "failed", "2.00", "no", "peak", "CheckRabi-3-1"],
        ["CheckT1", "5", "flagged", "4.00", "moved", "CheckT1-5-1"],
    ]
    assert (
        " ".join(lines[-1])
        == "128 results: show each with --all, a selection with --qids, --couplings or --task"
    )


@pytest.mark.parametrize(("results", "every"), [(make_big_run()[:40], False), (make_big_run(), True)])
def test_few_results_and_those_that_are_asked_for_have_a_row_each(
    capsys: pytest.CaptureFixture[str], results: list[TaskResultModel], every: bool
) -> None:
    rows = [
        line for line in show_and_split(capsys, results, every=every) if line and line[0].startswith("Check")
    ]
    assert [row[-1] for row in rows] == [one.task_id for one in results]


def test_what_a_retry_has_mended_is_no_failure_of_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    results = [make_result("CheckRabi", qid) for qid in range(1, 64)]
    lines = show_and_split(
        capsys, [make_failed_result("CheckRabi", 0), make_result("CheckRabi", 0, attempt=2), *results]
    )
    assert ["CheckRabi", "64", "2.00"] in lines
    assert not any("failed" in line for line in lines)


def test_the_reason_of_a_confirmed_change_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    reason = "t1 = 20.1 us is confirmed by results b and a"
    show_results([make_result("CheckT1", 0, reasons=[reason])], UTC_ZONE, every=True)
    assert reason.replace("us", "µs") in capsys.readouterr().out


def test_a_row_has_the_outcome_in_force_and_what_the_validation_said_where_it_differs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rejected = Decision(verdict="rejected", username="bob", reason="crosstalk", decided_at=utc_now())
    changes: dict[str, Any] = {
        "output_parameters": {"t1": ParameterModel(value=80.0, unit="us")},
        "message": "flagged: moved",
    }
    decided = make_result("CheckT1", 0, verdict=Verdict.FLAGGED, decisions={"t1": rejected}, **changes)
    flagged = make_result("CheckT1", 1, verdict=Verdict.FLAGGED, **changes)
    rows = [line for line in show_and_split(capsys, [decided, flagged]) if line and line[0] == "CheckT1"]
    assert [row[2] for row in rows] == ["rejected", "flagged"] == [decided.outcome_in_force, flagged.outcome]
    assert ["validation:" in row for row in rows] == [True, False]
    assert rows[0][4:6] == ["validation:", "flagged;"]


def test_undeclared_inputs_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    used = {
        "qubit_frequency": InputModel(value=5.0),
        "drag_hpi_beta": InputModel(value=0.2, undeclared=True),
        "1:pi_length": InputModel(value=40.0, undeclared=True),
    }
    show_results([make_result("CheckT1", 0, input_parameters=used)], UTC_ZONE, every=True)
    assert "undeclared inputs: drag_hpi_beta, 1:pi_length" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("outcomes", "words"),
    [
        ({}, ""),
        ({"completed": 3}, "3 completed"),
        (
            {"skipped": 7, "failed": 3, "flagged": 1, "accepted": 504, "running": 0},
            "504 accepted, 1 flagged, 3 failed, 7 skipped",
        ),
        ({"running": 1, "cancelled": 2, "completed": 3}, "3 completed, 2 cancelled, 1 running"),
    ],
)
def test_counts_are_in_words_in_display_order(outcomes: dict[str, int], words: str) -> None:
    assert format_outcomes(outcomes) == words


def test_the_counts_of_a_run_name_the_command_that_lists_exactly_those_results(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = make_big_run()
    outcomes = {"accepted": 125, "flagged": 1, "failed": 1, "skipped": 1}
    about = {"project_id": "p", "username": "admin", "name": "check", "chip_id": "c"}
    ended = ExecutionModel(
        **about, execution_id="20261120-000", status=ExecutionStatus.COMPLETED, outcomes=outcomes
    )
    print_counts(ended, f"qdash executions show {ended.id_with_options}")
    assert capsys.readouterr().out.splitlines() == [
        "20261120-000 completed: 125 accepted, 1 flagged, 1 failed, 1 skipped",
        "flagged and failed: `qdash executions show 20261120-000 --project p --outcome flagged,failed`",
    ]

    def list_ids(*outcomes: str) -> list[str]:
        selection = ResultSelection(outcomes=outcomes)
        return [one.task_id for one in selection.select(run, where="", task_name=str)]

    assert list_ids("flagged", "failed") == ["CheckRabi-3-1", "CheckT1-5-1"]
    assert list_ids("skipped") == ["CheckT1-3-1"]
    assert len(list_ids("accepted")) == 125


def test_results_are_selected_by_the_outcome_of_the_last_attempt() -> None:
    retried = [make_failed_result("CheckRabi", 0), make_result("CheckRabi", 0, attempt=2)]
    assert ResultSelection(outcomes=("failed",)).select(retried, where="", task_name=str) == []
    with pytest.raises(
        InvalidInputError, match="outcome cannot be 'bad': it is one of accepted, flagged, completed"
    ):
        ResultSelection(outcomes=("bad",))
