"""Tools that read the documentation of the installed version, which no operation does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from qdash_builtin.conversations.tool_arguments import ToolArguments
from qdash_builtin.conversations.tools.tool import ReadingTool, cite
from qdash_builtin.home.documentation import get_section, search_documentation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.models.access import Access
    from qdash_core.runtime.application import QDash

_EXCERPT = 400


class SearchArguments(ToolArguments):
    """Words."""

    text: Annotated[str, Field(min_length=1, max_length=200, description="Words to search for, in English.")]
    limit: Annotated[int, Field(default=20, ge=1, le=50, description="Maximum number of entries.")]


def _search(_qdash: QDash, _access: Access, given: SearchArguments) -> Mapping[str, Any]:
    return {
        "sections": [
            {
                "cite": cite("doc", one.name),
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


def _read_section(_qdash: QDash, _access: Access, given: SectionArguments) -> Mapping[str, Any]:
    section = get_section(given.name)
    return {
        "cite": cite("doc", section.name),
        "name": section.name,
        "title": section.title,
        "text": section.text,
    }


DOCUMENTATION_TOOLS = (
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
"""Tools on the documentation."""
