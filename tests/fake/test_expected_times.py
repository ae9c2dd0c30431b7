"""Expected laboratory time of a twin's tasks, before their first measurement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_tasks.tasks import TASKS

from ..case_tables import each_case

if TYPE_CHECKING:
    from qdash_core.tasks.base import BaseTask

COMPUTED = {"Check1QGateCoherenceLimit", "Check2QGateCoherenceLimit"}
"""Tasks without a measurement."""


@each_case("task", TASKS, ids=lambda task: task.name)
def test_every_task_says_what_it_takes(task: type[BaseTask]) -> None:
    assert task.expected_s is not None
    assert (task.expected_s == 0.0) is (task.name in COMPUTED)
