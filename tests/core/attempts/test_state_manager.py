"""Transitions of task states, for any order of calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_core import IllegalTransitionError
from qdash_core.attempts.state_manager import ResultOrigin, TaskStateManager
from qdash_core.models.execution import EXECUTION_ENDS, EXECUTION_TRANSITIONS, ExecutionStatus
from qdash_core.models.task import TASK_ENDS, TASK_TRANSITIONS, TaskResultModel, TaskStatus

from ..bench import make_task

if TYPE_CHECKING:
    from collections.abc import Callable

LEGAL = {
    ("scheduled", "pending"),
    ("pending", "running"),
    ("running", "completed"),
    ("running", "failed"),
    ("running", "cancelled"),
    ("scheduled", "skipped"),
    ("scheduled", "cancelled"),
    ("pending", "skipped"),
    ("pending", "cancelled"),
}
LEGAL_OF_EXECUTIONS = {
    ("scheduled", "running"),
    ("running", "completed"),
    ("running", "failed"),
    ("running", "cancelled"),
    # A resume, and nothing else, leaves a final state.
    ("failed", "running"),
    ("cancelled", "running"),
}
MEASURE = make_task()


ORIGIN = ResultOrigin(project_id="p", username="u", chip_id="c", execution_id="20260101-000", backend="bench")


def make_manager() -> TaskStateManager:
    return TaskStateManager(ORIGIN)


MOVES: dict[str, Callable[[TaskStateManager, TaskResultModel], None]] = {
    "running": lambda states, result: states.start_task(result),
    "completed": lambda states, result: states.update_task_status_to_completed(result),
    "failed": lambda states, result: states.update_task_status_to_failed(result, "reason"),
    "skipped": lambda states, result: states.update_task_status_to_skipped(result, "reason"),
    "cancelled": lambda states, result: states.update_task_status_to_cancelled(result, "reason"),
}


def test_the_tables_are_those_of_the_contract() -> None:
    assert {(a, b) for a, targets in TASK_TRANSITIONS.items() for b in targets} == LEGAL
    assert {"completed", "failed", "skipped", "cancelled"} == TASK_ENDS
    # A queued execution may be cancelled, and so may an interrupted one before it is resumed.
    ends = {(a, b) for a, targets in EXECUTION_TRANSITIONS.items() for b in targets}
    assert ends - {("scheduled", "cancelled"), ("failed", "cancelled")} == LEGAL_OF_EXECUTIONS
    assert {"completed", "failed", "cancelled"} == EXECUTION_ENDS
    assert {status for status in ExecutionStatus if status.terminal} == EXECUTION_ENDS
    assert {status for status in TaskStatus if status.terminal} == TASK_ENDS


@given(st.lists(st.sampled_from(sorted(MOVES)), max_size=6))
def test_only_legal_transitions_ever_succeed(moves: list[str]) -> None:
    states = make_manager()
    result = states.ensure_task_exists(MEASURE, "0")
    for move in moves:
        before = result.model_copy(deep=True)
        # Starting passes through pending: inputs there, resources there.
        way = ["pending", "running"] if move == "running" and before.status == "scheduled" else [move]
        legal = all(step in LEGAL for step in zip([before.status, *way], way, strict=False))
        if legal:
            MOVES[move](states, result)
            assert result.status == move
        else:
            with pytest.raises(IllegalTransitionError, match=f"is {before.status} and cannot become"):
                MOVES[move](states, result)
            assert result == before


def test_what_waits_is_not_made_twice_and_what_has_ended_is_made_anew() -> None:
    states = make_manager()
    first = states.ensure_task_exists(MEASURE, "0")
    assert states.ensure_task_exists(MEASURE, "0") is first
    assert states.ensure_task_exists(MEASURE, "1") is not first
    states.start_task(first)
    second = states.ensure_task_exists(MEASURE, "0")
    assert second.task_id != first.task_id
    assert states.list_results() == [second, states.ensure_task_exists(MEASURE, "1")]


def test_a_task_that_was_started_follows_the_last_one_of_its_target() -> None:
    states = make_manager()
    first, other, second = (
        states.ensure_task_exists(make_task(name), qid) for name, qid in (("A", "0"), ("A", "1"), ("B", "0"))
    )
    for result in (first, other, second):
        states.start_task(result)
    assert (first.upstream_id, other.upstream_id, second.upstream_id) == ("", "", first.task_id)


def test_the_clock_says_when_and_how_long() -> None:
    from datetime import UTC, datetime, timedelta

    start = datetime(2026, 1, 1, tzinfo=UTC)
    moments = iter([start, start + timedelta(seconds=90)])
    states = TaskStateManager(ORIGIN, clock=lambda: next(moments))
    result = states.ensure_task_exists(MEASURE, "0")
    states.start_task(result)
    states.update_task_status_to_completed(result)
    assert (result.start_at, result.elapsed_time) == (start, 90.0)
