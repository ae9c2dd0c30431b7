"""View models of tasks that replace others on a backend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from qdash_core.documents.base import Document

if TYPE_CHECKING:
    from qdash_core.hooks.replacements import TaskReplacement


class TaskSourceDocument(Document):
    """A task with the plugin and distribution that provide it."""

    task: str
    plugin: str
    distribution: str
    """Empty if a program registered the plugin directly."""
    version: str


class TaskReplacementDocument(Document):
    """Replacement of a task for any backend by a backend's own task."""

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
