"""The standard tasks, as a plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core import hookimpl

if TYPE_CHECKING:
    from qdash_core import BaseTask


@hookimpl
def qdash_tasks() -> list[type[BaseTask]]:
    from qdash_tasks.tasks import TASKS

    return list(TASKS)
