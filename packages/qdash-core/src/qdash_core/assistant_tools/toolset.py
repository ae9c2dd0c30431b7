"""The closed list of reading tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.assistant_tools.chip_tools import CHIP_TOOLS
from qdash_core.assistant_tools.figure_pictures import FIGURE_PICTURE
from qdash_core.assistant_tools.library_tools import LIBRARY_TOOLS
from qdash_core.assistant_tools.record_tools import RECORD_TOOLS
from qdash_core.assistant_tools.result_tools import RESULT_TOOLS

if TYPE_CHECKING:
    from qdash_core.assistant_tools.tool import ToolScope
    from qdash_core.hooks.assistants import AssistantTool

READING_TOOLS = (*CHIP_TOOLS, *RESULT_TOOLS, *RECORD_TOOLS, *LIBRARY_TOOLS, FIGURE_PICTURE)
"""All reading tools. None of them writes, and no data can add one."""


def make_reading_tools(scope: ToolScope, *, reads_pictures: bool) -> list[AssistantTool]:
    """Return the reading tools of one user, who gets their results with the same rights as from the services."""
    return [tool.bind(scope) for tool in READING_TOOLS if reads_pictures or not tool.draws]
