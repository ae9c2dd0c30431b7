"""View model of a flow that can be run by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from qdash_core.documents.base import Document
from qdash_core.flows.task_selection import find_usual_tasks

if TYPE_CHECKING:
    from qdash_core.hooks.flows import FlowTemplate
    from qdash_core.hooks.manager import Registry


class FlowDocument(Document):
    """A flow with the tasks of its steps, in order."""

    name: str
    description: str
    tasks: list[str]

    @classmethod
    def from_template(cls, template: FlowTemplate, registry: Registry) -> Self:
        """Return the view model of a flow."""
        tasks = [task for step in template.steps for task in find_usual_tasks(step, registry)]
        return cls(name=template.name, description=template.description, tasks=tasks)
