"""Tools that read the guides of tasks and the documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from qdash_core.assistant_tools.tool import ReadingTool, ToolScope, cite
from qdash_core.assistants.tool_arguments import Limit, ToolArguments
from qdash_core.documentation import get_section, search_documentation
from qdash_core.documents.tasks import TaskDocument
from qdash_core.models.references import RecordKind

if TYPE_CHECKING:
    from collections.abc import Mapping

_EXCERPT = 400


class TaskArguments(ToolArguments):
    """A task."""

    name: Annotated[
        str, Field(min_length=1, max_length=128, description="Name of the task, such as CheckT1.")
    ]
    backend: Annotated[
        str | None, Field(default=None, max_length=128, description="Backend of the task; default: any.")
    ]


def _read_task(scope: ToolScope, given: TaskArguments) -> Mapping[str, Any]:
    task = scope.services.registry.any_task(given.name, backend=given.backend)
    return {
        "cite": cite(RecordKind.TASK, task.name),
        **TaskDocument.from_task(task).with_text(task).as_json(),
    }


class SearchArguments(ToolArguments):
    """Words."""

    text: Annotated[str, Field(min_length=1, max_length=200, description="Words to search for, in English.")]
    limit: Limit


def _search(_scope: ToolScope, given: SearchArguments) -> Mapping[str, Any]:
    return {
        "sections": [
            {
                "cite": cite(RecordKind.DOC, one.name),
                "name": one.name,
                "title": one.title,
                "begins": one.text[:_EXCERPT],
            }
            for one in search_documentation(given.text, limit=given.limit)
        ]
    }


class SectionArguments(ToolArguments):
    """A section."""

    name: Annotated[
        str,
        Field(
            min_length=1,
            max_length=300,
            description="`name` of a section, as `search_documentation` returns it.",
        ),
    ]


def _read_section(_scope: ToolScope, given: SectionArguments) -> Mapping[str, Any]:
    section = get_section(given.name)
    return {
        "cite": cite(RecordKind.DOC, section.name),
        "name": section.name,
        "title": section.title,
        "text": section.text,
    }


LIBRARY_TOOLS = (
    ReadingTool(
        "task_page",
        "Shows a task: what it measures, how its failures look, inputs, outputs, run parameters and analysis options.",
        TaskArguments,
        _read_task,
    ),
    ReadingTool(
        "search_documentation", "Finds sections of the documentation of QDash.", SearchArguments, _search
    ),
    ReadingTool(
        "read_documentation",
        "Shows a section of the documentation of QDash.",
        SectionArguments,
        _read_section,
    ),
)
"""Tools on tasks and documentation."""
