"""The failures of a night are grouped by shared cause."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.digests.failures import group_failures, select_newest
from qdash_builtin.digests.finished_results import FinishedResult
from qdash_builtin.values.resources import Resource, ResourceKind
from qdash_core.models.task import TaskStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

START = datetime(2026, 4, 1, 22, tzinfo=UTC)
QUBITS = [str(number) for number in range(64)]
RESOURCES = {
    Resource(ResourceKind.CHIP, "64Q"): QUBITS,
    **{Resource(ResourceKind.MULTIPLEXER, str(mux)): QUBITS[4 * mux : 4 * mux + 4] for mux in range(16)},
}


def make_result(qid: str, task: str = "CheckRabi", message: str = "", **fields: Any) -> FinishedResult:
    status = TaskStatus.FAILED if message else TaskStatus.COMPLETED
    given = {"chip_id": "64Q", "execution_id": "20260401-001", "status": status, "start_at": START} | fields
    return FinishedResult(task_id=f"{task} {qid}", name=task, qid=qid, message=message, **given)


def make_night(
    failed: Iterable[str], task: str = "CheckRabi", message: str = "no oscillation"
) -> list[FinishedResult]:
    return [make_result(qid, task, message if qid in {*failed} else "") for qid in QUBITS]


def describe(results: list[FinishedResult]) -> list[tuple[str, list[str], list[str]]]:
    return [(one.cause, list(one.tasks), list(one.targets)) for one in group_failures(results, RESOURCES)]


def test_failures_on_a_multiplexer_are_one_group_of_all_its_tasks() -> None:
    failed = ["12", "13", "14", "15"]
    found = group_failures([*make_night(failed), *make_night(failed, "CheckT1", "no decay")], RESOURCES)
    (group,) = found
    assert (str(group.kind), group.cause, group.examined, group.n) == ("resource", "multiplexer 3", 4, 8)
    assert (list(group.tasks), list(group.targets)) == (["CheckRabi", "CheckT1"], failed)
    assert group.message == "no oscillation"


def test_several_failures_on_a_qubit_are_one_group() -> None:
    results = [make_result("9", message="no oscillation"), make_result("9", "CheckT1", "no decay")]
    assert describe(results) == [("qubit 9", ["CheckRabi", "CheckT1"], ["9"])]


def test_other_failures_are_grouped_by_message_in_which_numbers_do_not_count() -> None:
    results = [
        make_result("1", message="R2 of 0.31 is below 0.8"),
        make_result("22", message="R2 of 0.52 is below 0.8"),
        make_result("40", "CheckT1", "R2 of 0.1 is below 0.8"),
        make_result("50", message="no oscillation"),
    ]
    assert describe(results) == [
        ("R2 of 0.31 is below 0.8", ["CheckRabi", "CheckT1"], ["1", "22", "40"]),
        ("no oscillation", ["CheckRabi"], ["50"]),
    ]


def test_a_lost_instrument_is_one_group_of_the_whole_chip() -> None:
    assert describe(make_night(QUBITS, message="connection lost")) == [("whole chip", ["CheckRabi"], QUBITS)]


def test_a_night_without_failures_has_no_group() -> None:
    assert describe(make_night([])) == []
    assert group_failures([], {}) == []


def test_only_the_newest_measurement_of_a_task_and_target_counts() -> None:
    later = START + timedelta(hours=1)
    repeated = [make_result("1", message="no decay"), make_result("1", start_at=later)]
    assert [one.status for one in select_newest(reversed(repeated))] == [TaskStatus.COMPLETED]
    assert describe(select_newest(repeated)) == []


@pytest.mark.parametrize(
    "fields",
    [{"refit_of": "x"}, {"simulated": True}, {"scope": "test"}, {"saved": False}, {"start_at": None}],
)
def test_results_that_do_not_count_for_the_chip_are_left_out(fields: dict[str, Any]) -> None:
    assert select_newest([make_result("1", message="no decay", **fields)]) == []


def test_skipped_and_cancelled_tasks_are_no_failures() -> None:
    results = [make_result("1", status=one) for one in (TaskStatus.SKIPPED, TaskStatus.CANCELLED)]
    assert select_newest(results) == []


def test_failures_that_continue_come_after_new_ones() -> None:
    results = [*make_night(["12", "13", "14", "15"]), make_result("40", "CheckT1", "no decay")]
    found = group_failures(results, RESOURCES, failed_since=dict.fromkeys(("12", "13", "14", "15"), START))
    assert [(one.cause, one.since) for one in found] == [("no decay", None), ("multiplexer 3", START)]


def test_failures_without_a_target_are_of_the_whole_chip() -> None:
    results = [
        make_result("", "ConfigureAll", "connection lost"),
        make_result("0", message="connection lost"),
    ]
    found = group_failures(results, RESOURCES)
    assert [(one.cause, list(one.targets)) for one in found] == [
        ("connection lost", ["0"]),
        ("whole chip", []),
    ]


def test_a_failure_whose_refit_completed_is_over() -> None:
    failed = make_result("0", message="no decay")
    refit = make_result("0", refit_of=failed.task_id)
    assert group_failures(select_newest([failed, refit]), RESOURCES) == []
    lost = make_result("0", message="no decay", refit_of=failed.task_id)
    assert len(group_failures(select_newest([failed, lost]), RESOURCES)) == 1


def test_more_tasks_need_more_failures_on_a_resource() -> None:
    failed = make_night(["12", "13", "15"])
    others = [one for task in range(6) for one in make_night([], f"Check{task}")]
    assert describe(failed)[0][0] == "multiplexer 3"
    assert describe([*failed, *others])[0][0] == "no oscillation"
