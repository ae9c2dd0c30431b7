"""The assistant with a scripted endpoint, which is a real HTTP server."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from qdash_assistant.assistant import LanguageModelAssistant
from qdash_assistant.testing.script import Script
from qdash_assistant.testing.scripted_endpoint import ScriptedEndpoint
from qdash_core.errors import AssistantError
from qdash_core.hooks.assistants import AnswerLimits, AssistantTool, TextPart, ToolResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from qdash_core.hooks.assistants import AnswerPart, Turn

T = TypeVar("T")
KEY = "sk-marked-5b0f1c7e"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\3\x34\0\0\2\x08"
"""Beginning of a picture of 820 × 520 pixels."""
LIMITS = AnswerLimits(max_tokens=20_000, max_tool_calls=5, max_seconds=60.0)


class Asked:
    """The parts of an answer, and the error at its end."""

    def __init__(self, parts: Iterable[AnswerPart]) -> None:
        self.parts: list[AnswerPart] = []
        self.error: str | None = None
        try:
            self.parts.extend(parts)
        except AssistantError as error:
            self.error = str(error)

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts if isinstance(part, TextPart))

    def all_of(self, kind: type[T]) -> list[T]:
        return [part for part in self.parts if isinstance(part, kind)]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., ScriptedEndpoint]]:
    """Start an endpoint with these turns, and set the settings for it."""
    with ExitStack() as stack:

        def start(*turns: Mapping[str, Any], **settings: str) -> ScriptedEndpoint:
            script = Script.model_validate({"answers": [{"turns": turns}]})
            endpoint = stack.enter_context(ScriptedEndpoint(script))
            known = {"URL": endpoint.url, "MODEL": "scripted", "KEY": KEY} | settings
            for name, value in known.items():
                monkeypatch.setenv(f"QDASH_ASSISTANT_{name}", value)
            return endpoint

        yield start


def ask(
    question: str = "What is T1 of qubit 0?",
    *,
    history: Sequence[Turn] = (),
    tools: Sequence[AssistantTool] = (),
    limits: AnswerLimits = LIMITS,
    cancelled: Callable[[], bool] = lambda: False,
) -> Asked:
    context = {"project_id": "default", "chip_id": "lab"}
    return Asked(
        LanguageModelAssistant().answer(
            question, history=history, context=context, tools=tools, limits=limits, cancelled=cancelled
        )
    )


def make_event(delta: object, *, finish: str | None = None, usage: object = None) -> str:
    """Return an event of the stream of an endpoint, for the field `raw` of a script."""
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    kind = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return f"data: {json.dumps(kind | {'choices': choices, 'usage': usage})}\n\n"


def make_tool(
    name: str = "chip_values",
    call: Callable[[Mapping[str, Any]], ToolResult] = lambda _: ToolResult(
        {"t1": {"value": 51.5, "task_id": "ab12"}}
    ),
) -> AssistantTool:
    schema = {"type": "object", "properties": {"chip": {"type": "string"}}}
    return AssistantTool(name, f"Tool {name}", schema, call)
