"""The last attempt at a node of a flow, and a repeat that did not complete."""

from __future__ import annotations

from itertools import permutations

import pytest

from qdash_core.models.task import AttemptSummary, TaskStatus, select_last_attempts


@pytest.mark.parametrize(
    ("statuses", "last"),
    [
        (["failed", "failed"], 2),
        (["failed", "completed"], 2),
        (["failed", "scheduled"], 2),
        (["completed", "completed"], 2),
        (["completed", "running"], 2),
        (["completed", "failed"], 1),
        (["completed", "cancelled"], 1),
        (["failed", "completed", "failed"], 2),
        (["failed", "completed", "completed"], 3),
    ],
)
def test_a_completed_attempt_remains_if_its_repeat_did_not_complete(statuses: list[str], last: int) -> None:
    attempts = [
        AttemptSummary(
            name="CheckT1", qid="0", execution_id="20261121-000", attempt=number, status=TaskStatus(status)
        )
        for number, status in enumerate(statuses, 1)
    ]
    for order in permutations(attempts):
        assert [one.attempt for one in select_last_attempts(order)] == [last]
