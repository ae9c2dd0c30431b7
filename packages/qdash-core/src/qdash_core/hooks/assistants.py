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
    ready : bool
        Whether it can answer.
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
    """Picture in the result of a tool.

    Parameters
    ----------
    content : bytes
        The picture as a PNG file.
    width, height : int
        Size in pixels.
    """

    content: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ToolResult:
    """Result of a tool.

    Parameters
    ----------
    document : mapping of str to object
        A JSON object, which also describes the pictures.
    pictures : tuple of ToolPicture
        Pictures, whose texts are data from the record like those of the JSON object.
    """

    document: Mapping[str, Any]
    pictures: tuple[ToolPicture, ...] = ()


@dataclass(frozen=True, slots=True)
class AssistantTool:
    """Tool of an assistant for one answer, which reads with the rights of its user.

    Parameters
    ----------
    name, description : str
        For the model.
    parameters : mapping of str to object
        JSON schema of the arguments.
    call : callable
        Takes the arguments, which it validates, and returns a result; raises QDashError with a sentence for the model.
    draws : bool
        Whether its results have pictures.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]
    call: Callable[[Mapping[str, Any]], ToolResult]
    draws: bool = False


@dataclass(frozen=True, slots=True)
class AnswerLimits:
    """Limits of one answer.

    Parameters
    ----------
    max_tokens : int
        Maximum number of tokens of all requests to the model, input and output.
    max_tool_calls : int
        Maximum number of tool calls.
    max_seconds : float
        Maximum duration in seconds.
    """

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
    """Call of a tool, before it is performed.

    Parameters
    ----------
    call_id : str
        Identifier of the call within the answer; the result has the same.
    arguments : mapping of str to object
        Arguments as the model gave them.
    """

    call_id: str
    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolResultPart:
    """End of a call of a tool.

    Parameters
    ----------
    ok : bool
        Whether the tool returned a result.
    summary : str
        One line about the result or the error.
    """

    call_id: str
    name: str
    ok: bool
    summary: str
    seconds: float


@dataclass(frozen=True, slots=True)
class UsagePart:
    """Tokens of one request to the model; an answer with several requests has several of these, which are added.

    Parameters
    ----------
    input_tokens, output_tokens : int
        Tokens read and written by the model.
    cost : float or None
        Cost in `currency`, or None if unknown.
    currency : str
        Currency code; empty if the cost is unknown.
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
