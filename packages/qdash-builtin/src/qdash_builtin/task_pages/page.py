"""Task pages: an author's description of the measurement and its failures.

A page is package data beside the module of the task: `TASK.yaml`, with `measures` and, optionally,
`failures` and `evidence` for the causes of failures.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import StringConstraints

from qdash_builtin.task_pages.declaration_files import Declaration, iter_folders, read_declarations
from qdash_builtin.task_pages.evidence_rules import Evidence
from qdash_builtin.task_pages.feature_names import find_name_error

if TYPE_CHECKING:
    from qdash_core.tasks.base import BaseTask

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Failure(Declaration):
    """One failure mode of a task, with its symptoms."""

    title: _Text
    """Name of the problem."""
    seen: _Text
    """Symptoms in the figure and the message."""
    do: _Text
    """Remedy."""
    row: Mapping[str, Any] = {}
    """Changes of a qubit in the device table of a simulated chip that reproduce it."""
    settings: Mapping[str, Mapping[str, float]] = {}
    """Changes of the settings that reproduce it."""
    parameters: Mapping[str, Any] = {}
    """Run parameters that reproduce it."""


class TaskPage(Declaration):
    """An author's description of a task."""

    measures: _Text
    failures: tuple[Failure, ...] = ()
    evidence: Evidence = ()


def get_page(task: type[BaseTask]) -> TaskPage | None:
    """Return the page of a task, or None if it has none.

    Raises
    ------
    PluginError
        If the page cannot be read or breaks the format. The message is one line and names the file and the
        field.
    """
    for _, folder in iter_folders(task):
        name = f"{task.name}.yaml"
        title = f"{name}, the text on task {task.name} beside {task.__module__}"
        return read_declarations(folder / name, TaskPage, partial(find_name_error, task), title=title)
    return None
