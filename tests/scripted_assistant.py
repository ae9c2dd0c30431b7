"""An assistant that follows a script, and its plugin."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from qdash_core import hookimpl
from qdash_core.hooks.assistants import AssistantState, AssistantTool, TextPart, ToolCallPart, ToolResultPart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


class ScriptedAssistant:
    """Assistant that yields the parts of its script, raises its errors, and calls its functions.

    A function of the script gets the tools by name, and returns parts.
    """

    name = "scripted"

    def __init__(self, *script: Any, model: str | None = "small-model") -> None:
        self.script = list(script)
        self.model = model
        self.reason = ""
        self.asked: list[dict[str, Any]] = []
        self.closed = threading.Event()

    def get_state(self) -> AssistantState:
        return AssistantState(self.name, ready=not self.reason, model=self.model, reason=self.reason)

    def answer(self, question: str, **given: Any) -> Iterator[Any]:
        self.asked.append({"question": question, **given})
        tools = {tool.name: tool for tool in given["tools"]}
        try:
            for step in self.script:
                if isinstance(step, BaseException):
                    raise step
                if callable(step):
                    yield from step(tools, given["cancelled"])
                else:
                    yield step
        finally:
            self.closed.set()


def call_tool(name: str, call_id: str = "1", **arguments: Any) -> Callable[..., Iterator[Any]]:
    """Return a step that calls a tool, as an assistant does."""

    def step(tools: Mapping[str, AssistantTool], _cancelled: object) -> Iterator[Any]:
        yield ToolCallPart(call_id, name, arguments)
        try:
            found = tools[name].call(arguments)
        except Exception as error:  # noqa: BLE001  shown to the model
            yield ToolResultPart(call_id, name, ok=False, summary=str(error), seconds=0.1)
        else:
            yield ToolResultPart(call_id, name, ok=True, summary=str(found.document), seconds=0.1)

    return step


def wait_for_cancel(_tools: object, cancelled: Callable[[], bool]) -> Iterator[Any]:
    """Step that yields text now and then until the answer is cancelled."""
    tick = threading.Event()
    while not cancelled():
        yield TextPart(".")
        tick.wait(0.02)


class AssistantPlugin:
    """A plugin with an assistant."""

    def __init__(self, assistant: ScriptedAssistant) -> None:
        self._assistant = assistant

    @hookimpl
    def qdash_assistants(self) -> list[ScriptedAssistant]:
        return [self._assistant]
