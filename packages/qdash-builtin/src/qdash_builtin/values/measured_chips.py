"""Refusal of changes of a chip that is being measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import LockedError
from qdash_core.repositories.executions import ExecutionLockRepository

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.models.execution import ExecutionLockModel
    from qdash_core.repositories.repositories import Repositories


def refuse_while_measured(
    repositories: Repositories,
    project_id: str,
    chip_id: str,
    is_live: Callable[[ExecutionLockModel], bool],
) -> None:
    """Raise `LockedError` if a run is measuring the chip."""
    for lock in repositories.of(ExecutionLockRepository).list_by_project(project_id):
        if lock.chip_id == chip_id and is_live(lock):
            run = (
                f"execution {lock.execution_id}"
                if lock.execution_id
                else "a run that is just beginning, or a check of the laboratory"
            )
            raise LockedError(
                f"chip {chip_id} is being measured by {run}: let it end first, or see `qdash lock status`"
            )
