"""Plugin of the tasks in `active_protocols`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from qdash_core import hookimpl

if TYPE_CHECKING:
    from qdash_core import BaseTask

NAME = "active-protocols"
"""Name of the entry point of this plugin."""


@hookimpl
def qdash_tasks() -> list[type[BaseTask]]:
    from qdash.workflow.calibtasks import active_protocols
    from qdash_core import BaseTask

    classes = [thing for thing in vars(active_protocols).values() if isinstance(thing, type)]
    listed = [one for one in classes if issubclass(one, BaseTask) and one is not BaseTask]
    return _select_new(listed) if listed else []


def _select_new(listed: list[type[BaseTask]]) -> list[type[BaseTask]]:
    """Return the tasks that no other plugin has.

    The names of QDash's own plugins come first, and this is one of them: a task of this list could take the name of a
    standard task, and all standard tasks would be set aside.

    Raises
    ------
    ConflictError
        If another task has the name of one of them.
    """
    from qdash_core import ConflictError, load_plugins

    blocked = os.environ.get("QDASH_BLOCK_PLUGINS", "").split(",")
    others = load_plugins(blocked={NAME, *(name.strip() for name in blocked)}).tasks()
    for task in listed:
        if others.get((task.backend, task.name), task) is not task:
            raise ConflictError(
                f"the name {task.name!r} in active_protocols is taken by another task: choose another name"
            )
    return [task for task in listed if (task.backend, task.name) not in others]
