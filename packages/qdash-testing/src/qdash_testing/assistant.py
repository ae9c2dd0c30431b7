"""Conformance tests of assistants. A plugin author subclasses `AssistantContract` in a test module.

from qdash_testing import AssistantContract

class TestMyAssistant(AssistantContract):
    question = "How is qubit 0?"

    def make_assistant(self):
        return MyAssistant()  # ready to answer; with a model, one of a scripted endpoint
"""

from __future__ import annotations

import base64
import json
from abc import abstractmethod
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from qdash_core.errors import AssistantError, InvalidInputError
from qdash_core.hooks.assistants import (
    AnswerLimits,
    AssistantTool,
    TextPart,
    ToolCallPart,
    ToolPicture,
    ToolResult,
    ToolResultPart,
    Turn,
    UsagePart,
)
from qdash_testing.contract import Contract

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from qdash_core.hooks.assistants import AnswerPart, Assistant

_LIMITS = AnswerLimits(max_tokens=100_000, max_tool_calls=20, max_seconds=60.0)
_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg=="
)
"""Picture of one pixel."""
_CHIP_ARGUMENTS = {
    "type": "object",
    "properties": {"chip_id": {"type": "string", "description": "Chip."}},
    "required": ["chip_id"],
}


@dataclass
class _Tools:
    """A tool `chip_values` that returns values, also as a picture for a model that accepts images, or refuses, and counts its calls."""

    refuses: bool = False
    calls: list[Mapping[str, Any]] = field(default_factory=list)

    def make(self, *, draws: bool) -> list[AssistantTool]:
        read = partial(self._read, draws)
        return [AssistantTool("chip_values", "Values of a chip in use.", _CHIP_ARGUMENTS, read, draws)]

    def _read(self, draws: bool, arguments: Mapping[str, Any]) -> ToolResult:
        self.calls.append(arguments)
        if self.refuses:
            raise InvalidInputError("there is no such chip: list_chips lists them")
        values = {"qubits": {"0": {"t1": {"value": 82.1, "unit": "us", "task_id": "0f9e8a4e"}}}}
        return ToolResult(values, (ToolPicture(_PNG, 1, 1),) if draws else ())


class AssistantContract(Contract):
    """Conformance tests of an assistant. Do not override tests; to except one, use a strict xfail with a reason.

    Attributes
    ----------
    question : str
        A question, for which the assistant may call the tool `chip_values` with the argument `chip_id`.
    chip_id : str or None
        Chip of the conversation.
    """

    question: ClassVar[str] = "How is qubit 0?"
    chip_id: ClassVar[str | None] = "chip"

    @abstractmethod
    def make_assistant(self) -> Assistant:
        """Return an assistant that is ready to answer."""

    def test_its_state_has_its_name_and_no_reason_while_it_is_ready(self) -> None:
        assistant = self.make_assistant()
        state = assistant.get_state()
        assert state.name == assistant.name
        assert assistant.name.strip()
        assert (state.ready, state.reason) == (True, "")
        assert state.model is None or state.model.strip()

    def test_an_answer_has_a_text_and_valid_parts(self) -> None:
        assistant = self.make_assistant()
        parts = list(self._answer(assistant, _Tools()))
        text, called = "", list[str]()
        for part in parts:
            match part:
                case TextPart(text=str()):
                    text += part.text
                case ToolCallPart(call_id=str(), name=str()):
                    called.append(part.call_id)
                case ToolResultPart(call_id=str(), name=str(), summary=str()):
                    assert part.call_id in called, f"tool {part.name} has a result, and no call"
                    called.remove(part.call_id)
                case UsagePart():
                    counts = part.input_tokens, part.output_tokens
                    assert all(type(one) is int and one >= 0 for one in counts), "no number of tokens"
                case _:
                    raise AssertionError(f"{type(part).__name__} is no valid part of an answer")
        assert text.strip(), "the answer has no text"
        assert not called, "a call of a tool has no result"
        if assistant.get_state().model is not None:
            assert any(isinstance(part, UsagePart) for part in parts), "the tokens of the model are missing"

    def test_every_call_of_a_tool_is_reported(self) -> None:
        tools = _Tools()
        parts = list(self._answer(self.make_assistant(), tools))
        called = [dict(one.arguments) for one in parts if isinstance(one, ToolCallPart)]
        assert called == [dict(one) for one in tools.calls], "calls and reported calls differ"
        assert [one.call_id for one in parts if isinstance(one, ToolCallPart)] == [
            one.call_id for one in parts if isinstance(one, ToolResultPart)
        ], "calls and their results differ"
        json.dumps(called)

    def test_the_error_of_a_tool_does_not_end_the_answer(self) -> None:
        tools = _Tools(refuses=True)
        parts = list(self._answer(self.make_assistant(), tools))
        failed = [one.ok for one in parts if isinstance(one, ToolResultPart)]
        assert failed == [False] * len(tools.calls)
        assert any(isinstance(one, TextPart) for one in parts), "the answer has no text"

    def test_a_cancelled_answer_ends_without_calls_of_tools(self) -> None:
        tools = _Tools()
        with suppress(AssistantError):
            list(self._answer(self.make_assistant(), tools, is_cancelled=True))
        assert not tools.calls, "a cancelled answer calls a tool"

    def test_an_answer_can_be_closed_after_any_part(self) -> None:
        assistant = self.make_assistant()
        n_parts = len(list(self._answer(assistant, _Tools())))
        for number in range(min(n_parts, 5)):
            parts = self._answer(assistant, _Tools())
            for _ in range(number):
                next(parts)
            if hasattr(parts, "close"):
                parts.close()

    def test_it_works_without_tools(self) -> None:
        parts = list(self._answer(self.make_assistant(), None))
        assert not any(isinstance(one, ToolResultPart) and one.ok for one in parts)

    def _answer(
        self, assistant: Assistant, tools: _Tools | None, *, is_cancelled: bool = False
    ) -> Iterator[AnswerPart]:
        return assistant.answer(
            self.question,
            history=[Turn("user", "Hello?"), Turn("assistant", "Hello.")],
            context={"project_id": "default", "chip_id": self.chip_id},
            tools=[] if tools is None else tools.make(draws=assistant.get_state().reads_pictures),
            limits=_LIMITS,
            cancelled=lambda: is_cancelled,
        )
