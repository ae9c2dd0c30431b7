"""The contract of assistants: an assistant without a model keeps it, and each mistake is found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_core.errors import AssistantError
from qdash_core.hooks.assistants import AssistantState, TextPart, ToolCallPart, ToolResultPart
from qdash_testing import AssistantContract

from ..case_tables import each_case

if TYPE_CHECKING:
    from collections.abc import Iterator


class Reader:
    """Assistant that reads the values of the chip."""

    name = "reader"
    model: str | None = None

    def get_state(self) -> AssistantState:
        return AssistantState(self.name, ready=True, model=self.model, reason="")

    def answer(self, _question: str, **given: Any) -> Iterator[Any]:
        for number, tool in enumerate(given["tools"]):
            if given["cancelled"]():
                return
            yield ToolCallPart(str(number), tool.name, {"chip_id": given["context"]["chip_id"]})
            try:
                found = tool.call({"chip_id": given["context"]["chip_id"]})
            except Exception as error:  # noqa: BLE001  passed on
                yield ToolResultPart(str(number), tool.name, ok=False, summary=str(error), seconds=0.0)
            else:
                yield ToolResultPart(
                    str(number), tool.name, ok=True, summary=f"{len(found.document)} kinds", seconds=0.0
                )
        yield TextPart("That is all.")


class TestReader(AssistantContract):
    def make_assistant(self) -> Any:
        return Reader()


class Wordless(Reader):
    def answer(self, question: str, **given: Any) -> Iterator[Any]:
        return (part for part in super().answer(question, **given) if not isinstance(part, TextPart))


class Counting(Reader):
    model = "a model that reports no tokens"


class Secretive(Reader):
    def answer(self, question: str, **given: Any) -> Iterator[Any]:
        return (part for part in super().answer(question, **given) if isinstance(part, TextPart))


class Talkative(Reader):
    def answer(self, question: str, **given: Any) -> Iterator[Any]:
        yield "text"
        yield from super().answer(question, **given)


class Stubborn(Reader):
    def answer(self, question: str, **given: Any) -> Iterator[Any]:
        return super().answer(question, **{**given, "cancelled": lambda: False})


class Fragile(Reader):
    def answer(self, _question: str, **given: Any) -> Iterator[Any]:
        for tool in given["tools"]:
            tool.call({"chip_id": "chip"})
        yield TextPart("Fine.")


class Nameless(Reader):
    def get_state(self) -> AssistantState:
        return AssistantState("", ready=True, model=None, reason="")


@each_case(
    ("mistaken", "test"),
    [
        (Nameless, "test_its_state_has_its_name_and_no_reason_while_it_is_ready"),
        (Wordless, "test_an_answer_has_a_text_and_valid_parts"),
        (Counting, "test_an_answer_has_a_text_and_valid_parts"),
        (Talkative, "test_an_answer_has_a_text_and_valid_parts"),
        (Secretive, "test_every_call_of_a_tool_is_reported"),
        (Fragile, "test_the_error_of_a_tool_does_not_end_the_answer"),
        (Stubborn, "test_a_cancelled_answer_ends_without_calls_of_tools"),
    ],
)
def test_each_mistake_of_an_assistant_is_found(mistaken: type[Reader], test: str) -> None:
    class OfMistaken(AssistantContract):
        def make_assistant(self) -> Any:
            return mistaken()

    with pytest.raises((AssertionError, AssistantError, ValueError)):
        getattr(OfMistaken(), test)()
