"""Tools of assistants from the operations of QDash's own features."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from qdash_core.hooks.manager import load_plugins

from .lazy_modules import LazyModule
from .plain_install import PLAIN

if TYPE_CHECKING:
    from qdash_builtin.conversations.tools.operation_tool import OperationTool

_operation_tool = LazyModule("qdash_builtin.conversations.tools.operation_tool")


def make_core_tools(*blocked: str) -> dict[str, OperationTool]:
    """Return the tools, by name, without those of blocked features; the first call imports all operations, which takes two seconds."""
    registry = load_plugins(blocked=blocked, installed_too=PLAIN)
    return cast("dict[str, OperationTool]", _operation_tool.make_tools(registry.operations()))
