"""View models of tasks that replace others on a backend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document

if TYPE_CHECKING:
    from qdash_core.hooks.replacements import TaskReplacement

_BY: dict[str, Any] = {"task": "CheckT1", "plugin": "ours", "distribution": "our-lab", "version": "1.2"}
_OF: dict[str, Any] = {
    "task": "CheckT1",
    "plugin": "tasks",
    "distribution": "qdash-tasks",
    "version": "0.1.0",
}
REPLACEMENT_EXAMPLE: dict[str, Any] = {
    "name": "CheckT1",
    "backend": "fake",
    "by": _BY,
    "of": _OF,
    "text": "CheckT1 of plugin ours (our-lab 1.2) replaces that of plugin tasks (qdash-tasks 0.1.0) on backend fake",
}


class TaskSourceDocument(Document):
    """A task with the plugin and distribution that provide it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OF]})

    task: str
    plugin: str
    distribution: str
    """Empty if a program registered the plugin directly."""
    version: str


class TaskReplacementDocument(Document):
    """Replacement of a task for any backend by a backend's own task."""

    model_config = ConfigDict(json_schema_extra={"examples": [REPLACEMENT_EXAMPLE]})

    name: str
    """Name or alias that both tasks have."""
    backend: str
    by: TaskSourceDocument
    """The task in use."""
    of: TaskSourceDocument
    """The task that it replaces on the backend."""
    text: str
    """Sentence that names both."""

    @classmethod
    def from_replacement(cls, found: TaskReplacement) -> Self:
        """Return the view model of a replacement."""
        return cls.from_record(found, name=found.called, text=found.describe())
