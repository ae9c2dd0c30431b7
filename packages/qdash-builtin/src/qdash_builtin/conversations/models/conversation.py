"""Conversations with assistants: their questions, answers, and the tokens that these used."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from qdash_builtin.conversations.models.citation import Citation, CitationState
from qdash_builtin.conversations.models.proposal import Proposal
from qdash_core.models.base import Record, UtcDatetime, Value

EVERY_MEMBER = ""
"""Reader of a conversation that is shared with the project."""


class AnswerState(StrEnum):
    """State of an answer."""

    RUNNING = "running"
    COMPLETED = "completed"
    INCOMPLETE = "incomplete"
    """It has a text, and ended early: at a limit, or by an error."""
    FAILED = "failed"
    """It ended by an error before it had a text."""
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    """Its process died."""


class ConversationModel(Record):
    """A conversation with an assistant. Its questions and answers are messages."""

    project_id: str
    conversation_id: str
    username: str
    """Author."""
    title: str
    chip_id: str = ""
    """Chip that it is about, or empty."""
    reader: str
    """User who may read it, which is its author, or empty if it is shared with the project."""
    n_messages: int = 0

    @property
    def shared(self) -> bool:
        """True if every member of the project may read it."""
        return self.reader == EVERY_MEMBER


class ToolUse(Value):
    """Call of a tool during an answer."""

    call_id: str
    name: str
    arguments: dict[str, Any] = {}
    position: int
    """Number of characters of the answer before the call."""
    called_at: UtcDatetime
    ok: bool | None = None
    """True if it returned a result; None if its end is unknown."""
    summary: str = ""
    """One line about the result or the error."""
    seconds: float | None = None


class ConversationMessageModel(Record):
    """A question of a conversation and its answer."""

    project_id: str
    conversation_id: str
    number: int
    """Number of the message in the conversation, counted from 1."""
    username: str
    """User who asked."""
    question: str
    answer: str = ""
    """Text of the answer in Markdown, as the assistant wrote it."""
    state: AnswerState = AnswerState.RUNNING
    error: str = ""
    """Sentence why the answer ended early; empty for others."""
    assistant: str
    model: str = ""
    """The language model; empty if there is none."""
    tools: list[ToolUse] = []
    citations: list[Citation] = []
    """Citations of the answer, in order; found when it ended."""
    uncited: list[str] = []
    """Sentences of the answer that state something about the chip and cite nothing."""
    shown: list[str] = []
    """Citations of the records that tools returned for this answer."""
    proposals: list[Proposal] = []
    input_tokens: int | None = None
    """Tokens that the model read, or None if unknown."""
    output_tokens: int | None = None
    """Tokens that the model wrote, or None if unknown."""
    cost: float | None = None
    """Cost in `currency`, or None if unknown."""
    currency: str = ""
    reserved_tokens: int
    """Tokens that were reserved for the answer."""
    budget_tokens: int
    """Tokens by which the answer counts in the budgets: while it runs, and if its tokens are unknown, those reserved."""
    budget_day: str
    """Day of the budgets, in the time zone of the home."""
    started_at: UtcDatetime
    ended_at: UtcDatetime | None = None
    cancelled_by: str = ""
    """User who wants the answer cancelled: its process looks for it. Empty if it was cancelled in that process."""

    @property
    def marked(self) -> bool:
        """True if a citation is not resolved, or a statement has none."""
        return bool(self.uncited) or any(one.state is not CitationState.RESOLVED for one in self.citations)


class AssistantUsageModel(Record):
    """Tokens that the questions of a user used on a day, and those reserved for running answers. It outlives conversations."""

    project_id: str
    day: str
    """Date in the time zone of the home."""
    username: str
    tokens: int = 0
    """Tokens of the answers that have ended."""
    reserved: dict[str, int] = {}
    """Reserved tokens by message, of the answers that run and of those whose process died."""
    questions: int = 0

    @property
    def counted_tokens(self) -> int:
        """Tokens that count in the budgets."""
        return self.tokens + sum(self.reserved.values())
