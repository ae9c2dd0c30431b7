"""Protocol of assistants, which answer questions with a language model or without one, and the parts of an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class AssistantState:
    """State of an assistant.

    Parameters
    ----------
    model : str or None
        The language model, or None if there is none.
    reason : str
        Sentence why it is off, with the missing setting; empty if it is ready. Never a key.
    reads_pictures : bool
        Whether its model accepts images: only then do its tools return pictures.
    """

    name: str
    ready: bool
    model: str | None
    reason: str
    reads_pictures: bool = False


@dataclass(frozen=True, slots=True)
class ToolPicture:
    """Picture in the result of a tool: a PNG file, and its size in pixels."""

    content: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ToolResult:
    """Result of a tool: a JSON object, which also describes the pictures.

    Texts in the pictures are data from the record, like those of the object.
    """

    document: Mapping[str, Any]
    pictures: tuple[ToolPicture, ...] = ()


@dataclass(frozen=True, slots=True)
class AssistantTool:
    """Tool of an assistant for one answer, which reads with the rights of its user.

    `name` and `description` are for the model. `draws` tells whether its results have pictures.

    Parameters
    ----------
    parameters : mapping of str to object
        JSON schema of the arguments.
    call : callable
        Takes the arguments, which it validates, and returns a result; raises QDashError with a sentence for the model.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]
    call: Callable[[Mapping[str, Any]], ToolResult]
    draws: bool = False


@dataclass(frozen=True, slots=True)
class AnswerLimits:
    """Limits of one answer: the tokens of all its requests to the model, input and output, the tool calls and the duration."""

    max_tokens: int
    max_tool_calls: int
    max_seconds: float


@dataclass(frozen=True, slots=True)
class Turn:
    """Earlier text of the conversation."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class TextPart:
    """Further piece of the answer's text, in Markdown."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCallPart:
    """Call of a tool, before it is performed; its result has the same `call_id`. The arguments are as the model gave them."""

    call_id: str
    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolResultPart:
    """End of a call of a tool: whether it returned a result, and one line about the result or the error."""

    call_id: str
    name: str
    ok: bool
    summary: str
    seconds: float


@dataclass(frozen=True, slots=True)
class UsagePart:
    """Tokens of one request to the model; an answer with several requests has several of these, which are added.

    `cost` is in `currency`, or None if unknown.
    """

    input_tokens: int
    output_tokens: int
    cost: float | None = None
    currency: str = ""


AnswerPart: TypeAlias = TextPart | ToolCallPart | ToolResultPart | UsagePart
"""Part of an answer, in order of occurrence."""


class Assistant(Protocol):
    """Assistant behind `qdash ask`. `qdash_testing.AssistantContract` tests it."""

    @property
    def name(self) -> str:
        """Name of the assistant."""

    def get_state(self) -> AssistantState:
        """Return whether the assistant can answer, without a connection to its endpoint; fast."""

    def answer(
        self,
        question: str,
        *,
        history: Sequence[Turn],
        context: Mapping[str, Any],
        tools: Sequence[AssistantTool],
        limits: AnswerLimits,
        cancelled: Callable[[], bool],
    ) -> Iterator[AnswerPart]:
        """Answer a question part by part, each as soon as it exists.

        Called in a thread of its own. Closing the iterator ends the answer and every connection of it.

        Parameters
        ----------
        history : sequence of Turn
            Earlier questions and answers of the conversation, oldest first.
        context : mapping of str to object
            JSON object about the conversation, at least `project_id` and `chip_id` (text or None).
        tools : sequence of AssistantTool
            The tools; there are no others.
        limits : AnswerLimits
            Limits to observe. The caller enforces them as well.
        cancelled : callable
            Returns whether the answer is no longer wanted; then return soon.

        Raises
        ------
        AssistantError
            If the answer cannot be continued: one sentence with the problem and a remedy, never a key. The parts so far are kept.
        """
