"""Tasks of installed plugins under the import path of the original, by name or alias.

A task of a backend of its own is returned only if there is none of that name for every backend.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash.workflow.calibtasks.plugin import NAME
from qdash_core.hooks.manager import load_plugins

if TYPE_CHECKING:
    from qdash_core import BaseTask


def __getattr__(name: str) -> type[BaseTask]:
    """Return the task of this name or alias.

    Raises
    ------
    AttributeError
        If there is none.
    """
    if not name.startswith("_"):
        # The tasks of `active_protocols` may be subclasses of these, and are imported after them.
        tasks = load_plugins(blocked={NAME}).tasks().values()
        found = [task for task in tasks if name in (task.name, *task.aliases)]
        for task in sorted(found, key=lambda one: one.backend or ""):
            return task
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}: no plugin has a task of this name")
