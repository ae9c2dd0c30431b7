"""What a task of the twins is expected to take in the laboratory is known before it was ever measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_tasks.tasks import TASKS

if TYPE_CHECKING:
    from qdash_core.tasks.base import BaseTask

COMPUTED = {"Check1QGateCoherenceLimit", "Check2QGateCoherenceLimit"}
"""Tasks that measure nothing."""


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_every_task_says_what_it_takes(task: type[BaseTask]) -> None:
    assert task.expected_s is not None
    assert (task.expected_s == 0.0) is (task.name in COMPUTED)
