"""The assistants of the documentation and of the template read values through the tools of an answer."""

from __future__ import annotations

import inspect
from dataclasses import replace
from importlib.resources import files
from textwrap import dedent
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.conversations.tools.operation_answers import make_operation_tools
from qdash_core import Parameter
from qdash_core.hooks import specs
from qdash_core.hooks.assistants import AnswerLimits, TextPart

from ...access import ADMIN
from ...core.bench import CHIP, make_task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.hooks.assistants import ToolResult

    from ...core.conftest import MakeBench


def read_samples() -> list[Any]:
    """Return the assistants of the specification of the hook and of the template of plugins."""
    _, _, example = (inspect.getdoc(specs.qdash_assistants) or "").partition("Example\n-------\n::\n")
    template = files("qdash_builtin").joinpath("plugins/plugin-templates/assistant/my_plugin.py")
    found = []
    for text in (dedent(example), template.read_text("utf-8")):
        module = ModuleType("sample")
        exec(text, vars(module))  # the samples are the subject of the test
        found += module.qdash_assistants()
    return found


@pytest.mark.parametrize("assistant", read_samples(), ids=["specification", "template"])
def test_a_sample_assistant_reads_the_values_of_the_chip(make_bench: MakeBench, assistant: Any) -> None:
    bench = make_bench(make_task("T1", {"t1": Parameter(20.0, 0.5, "us")}))
    bench.run("T1")
    (tool,) = (one for one in make_operation_tools(bench.qdash, ADMIN, CHIP) if one.name == "chip_values")
    read: list[Mapping[str, Any]] = []

    def call(arguments: Mapping[str, Any]) -> ToolResult:
        found = tool.call(arguments)
        read.append(found.document)
        return found

    given: dict[str, Any] = {
        "history": [],
        "limits": AnswerLimits(1000, 20, 60.0),
        "cancelled": lambda: False,
    }
    parts = assistant.answer(
        "How is qubit 0?", context={"chip_id": CHIP}, tools=[replace(tool, call=call)], **given
    )

    assert any(isinstance(one, TextPart) for one in parts)
    (document,) = read
    assert document["qubits"]["0"]["t1"]["value"] == 20.0
