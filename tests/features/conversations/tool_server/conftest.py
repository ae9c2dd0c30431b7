"""Tools of the operations of the core."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ....lazy_modules import LazyModule
from ....operation_tools import make_core_tools

if TYPE_CHECKING:
    from qdash_builtin.conversations.tools.operation_tool import OperationTool

operation_tool = LazyModule("qdash_builtin.conversations.tools.operation_tool")
server = LazyModule("qdash_builtin.conversations.tool_server.server")


@pytest.fixture(scope="session")
def tools() -> dict[str, OperationTool]:
    """All tools: importing their operations takes two seconds, in no test's own time."""
    found: dict[str, OperationTool] = make_core_tools()
    assert server.make_server
    return found
