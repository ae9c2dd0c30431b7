"""View models of conversations with assistants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeAlias

from pydantic import ConfigDict

from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.documents.references import ReferenceDocument, make_route
from qdash_core.models.base import UtcDatetime
from qdash_core.models.citation import CitationState
from qdash_core.models.conversation import AnswerState
from qdash_core.models.proposal import ProposalKind, ProposalState
from qdash_core.models.references import RecordKind

if TYPE_CHECKING:
    from qdash_core.assistants.answers import AssistantStatus
    from qdash_core.assistants.conversation_view import ConversationView
    from qdash_core.models.citation import Citation
    from qdash_core.models.conversation import ConversationMessageModel
    from qdash_core.models.proposal import Proposal

_TASK_ID = "0f9e8a4e-57a1-4d0c-9d3e-0a2f6b1c7d55"
_HEADER: dict[str, Any] = {
    "conversation_id": "5f0c2a9d1b7e",
    "title": "Why did CheckT1 fail on Q03?",
    "chip_id": "64Qv3",
    "username": "alice",
    "shared": False,
    "n_messages": 1,
    "created_at": "2026-11-20T08:30:00Z",
    "updated_at": "2026-11-20T08:30:00Z",
}
_TOOL: dict[str, Any] = {
    "call_id": "call_1",
    "name": "explain",
    "arguments": {"subject": _TASK_ID},
    "position": 0,
    "called_at": "2026-11-20T08:30:01Z",
    "ok": True,
    "summary": "3 causes",
    "seconds": 0.08,
}
_CITATION: dict[str, Any] = {
    "kind": "result",
    "name": _TASK_ID,
    "text": f"[result:{_TASK_ID}]",
    "state": "resolved",
    "title": "CheckT1 on 3",
    "record": {"kind": "result", "id": _TASK_ID},
    "route": f"/task-results/{_TASK_ID}",
}
_PROPOSAL: dict[str, Any] = {
    "proposal_id": "1",
    "kind": "measure",
    "state": "drafted",
    "summary": "Measure CheckT1 on 3 of chip 64Qv3.",
    "reason": "The trace is too short.",
    "arguments": {"chip_id": "64Qv3", "task": "CheckT1", "targets": ["3"]},
}
_MESSAGE: dict[str, Any] = {
    "number": 1,
    "username": "alice",
    "question": "Why did CheckT1 fail on Q03?",
    "answer": f"The drive line is dead [result:{_TASK_ID}].",
    "state": "completed",
    "assistant": "openai-compatible",
    "model": "small-model",
    "tools": [_TOOL],
    "citations": [_CITATION],
    "uncited": [],
    "marked": False,
    "proposals": [_PROPOSAL],
    "input_tokens": 2100,
    "output_tokens": 180,
    "cost": 0.0041,
    "currency": "USD",
    "started_at": "2026-11-20T08:30:00Z",
    "ended_at": "2026-11-20T08:30:04Z",
    "updated_at": "2026-11-20T08:30:04Z",
}


class ConversationHeader(Document):
    """A conversation without its messages, as in lists."""

    model_config = ConfigDict(json_schema_extra={"examples": [_HEADER]})

    conversation_id: str
    title: str
    """Title; empty before the first question."""
    chip_id: OmitEmpty[str] = None
    """Chip that it is about."""
    username: str
    """Author."""
    shared: bool
    """False if only its author may read it."""
    n_messages: int
    """Number of questions."""
    created_at: UtcDatetime
    updated_at: UtcDatetime
    """Time of the last question or change."""


class ToolUseDocument(Document):
    """Call of a tool during an answer."""

    model_config = ConfigDict(json_schema_extra={"examples": [_TOOL]})

    call_id: str
    name: str
    arguments: dict[str, Any]
    position: int
    """Number of characters of the answer before the call."""
    called_at: UtcDatetime
    ok: bool | None = None
    """True if it returned a result; absent if its end is unknown."""
    summary: OmitEmpty[str] = None
    """One line about the result or the error."""
    seconds: float | None = None


class CitationDocument(Document):
    """A citation in an answer, with the record that it refers to."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CITATION]})

    kind: RecordKind
    name: str
    """Id of the record as the answer wrote it."""
    text: str
    """The citation as the answer wrote it."""
    state: CitationState
    title: OmitEmpty[str] = None
    """Short description of the record; absent if it is unresolved."""
    record: ReferenceDocument | None = None
    """The record by its full id; absent if it is unresolved."""
    route: str | None = None
    """Path of the record on the host; documentation has none."""

    @classmethod
    def from_citation(cls, citation: Citation) -> Self:
        """Return the view model of a citation."""
        return cls.from_record(citation, route=make_route(citation.record))


class ProposalDocument(Document):
    """A change that an assistant has drafted, and that a user confirms or discards."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PROPOSAL]})

    proposal_id: str
    """Number in the message."""
    kind: ProposalKind
    state: ProposalState
    summary: str
    """Effect of a confirmation."""
    reason: str
    """Reason in the words of the assistant."""
    arguments: dict[str, Any]
    decided_by: OmitEmpty[str] = None
    """User who confirmed or discarded it."""
    decided_at: UtcDatetime | None = None
    outcome: OmitEmpty[str] = None
    """Effect of the confirmation."""
    record: ReferenceDocument | None = None
    """The changed or created record."""
    route: str | None = None
    """Path of this record on the host."""
    error: OmitEmpty[str] = None
    """Reason why it expired."""

    @classmethod
    def from_proposal(cls, proposal: Proposal) -> Self:
        """Return the view model of a proposal."""
        return cls.from_record(proposal, route=make_route(proposal.record))


class ConversationMessageDocument(Document):
    """A question and its answer, with tools, tokens and times."""

    model_config = ConfigDict(json_schema_extra={"examples": [_MESSAGE]})

    number: int
    """Number of the message in the conversation."""
    username: str
    """User who asked."""
    question: str
    answer: str
    """Text of the answer in Markdown, as the assistant wrote it: it is not safe as HTML."""
    state: AnswerState
    error: OmitEmpty[str] = None
    """Sentence why the answer ended early."""
    assistant: str
    model: OmitEmpty[str] = None
    tools: list[ToolUseDocument]
    citations: list[CitationDocument]
    """Citations of the answer, in order; found when it has ended."""
    uncited: list[str]
    """Sentences of the answer that state something about the chip and cite nothing."""
    marked: bool
    """True if a citation is not resolved, or a statement has none."""
    proposals: list[ProposalDocument]
    input_tokens: int | None = None
    """Tokens that the model read; absent if unknown."""
    output_tokens: int | None = None
    """Tokens that the model wrote; absent if unknown."""
    cost: float | None = None
    """Cost in `currency`; absent if unknown."""
    currency: OmitEmpty[str] = None
    started_at: UtcDatetime
    ended_at: UtcDatetime | None = None
    updated_at: UtcDatetime

    @classmethod
    def from_message(cls, message: ConversationMessageModel) -> Self:
        """Return the view model of a message."""
        return cls.from_record(
            message,
            citations=[CitationDocument.from_citation(one) for one in message.citations],
            proposals=[ProposalDocument.from_proposal(one) for one in message.proposals],
        )

    def describe_use(self) -> list[str]:
        """Return the model, or the assistant without one, and the tokens and cost of the answer as texts."""
        texts = [self.model or self.assistant]
        must_be_known = self.model is not None and self.ended_at is not None
        if self.input_tokens is not None and self.output_tokens is not None:
            texts.append(f"{self.input_tokens:,} tokens read, {self.output_tokens:,} written")
        elif must_be_known:
            texts.append("tokens unknown")
        if self.cost is not None:
            texts.append(f"{self.cost:.4f} {self.currency}")
        elif must_be_known:
            texts.append("cost unknown")
        return texts


class ConversationDocument(ConversationHeader):
    """A conversation with a page of its messages, oldest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_HEADER, "messages": [_MESSAGE]}]})

    messages: list[ConversationMessageDocument]
    """The newest ones, or those before `after`."""
    next: OmitEmpty[str] = None
    """Parameter `after` of the messages before these; absent if these are the first."""

    @classmethod
    def from_view(cls, view: ConversationView) -> Self:
        """Return the view model of a conversation."""
        messages = [ConversationMessageDocument.from_message(one) for one in view.messages]
        return cls.from_record(view.conversation, messages=messages, next=view.next)


class AskedDocument(ConversationMessageDocument):
    """A question and its answer, with the conversation."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**_MESSAGE, "conversation_id": _HEADER["conversation_id"]}]}
    )

    conversation_id: str


class AnswerTextDocument(Document):
    """Further piece of the text of an answer, the event `text` of its stream."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "The drive line "}]})

    event: ClassVar[str] = "text"

    text: str


class ToolCallDocument(Document):
    """Call of a tool, the event `tool_call` of the stream of an answer."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{name: _TOOL[name] for name in ("call_id", "name", "arguments")}]}
    )

    event: ClassVar[str] = "tool_call"

    call_id: str
    name: str
    arguments: dict[str, Any]


class ToolResultDocument(Document):
    """End of a call of a tool, the event `tool_result` of the stream of an answer."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{name: _TOOL[name] for name in ("call_id", "name", "ok", "summary", "seconds")}]
        }
    )

    event: ClassVar[str] = "tool_result"

    call_id: str
    name: str
    ok: bool
    summary: str
    seconds: float


class UsageDocument(Document):
    """Tokens of one request to the model, the event `usage` of the stream of an answer."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"input_tokens": 2100, "output_tokens": 180, "cost": 0.0041, "currency": "USD"}]
        }
    )

    event: ClassVar[str] = "usage"

    input_tokens: int
    output_tokens: int
    cost: float | None = None
    currency: OmitEmpty[str] = None


AnswerPartDocument: TypeAlias = AnswerTextDocument | ToolCallDocument | ToolResultDocument | UsageDocument
"""Part of an answer in its stream, where it is an event of the name `event`."""


class TokenBudgetDocument(Document):
    """Budget of tokens on one day."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"budget": 500000, "used": 2280}]})

    budget: int
    used: int
    """Tokens used, with those reserved for running answers."""


class AssistantDocument(Document):
    """State of the assistant, and the budgets of the caller in the project."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "openai-compatible",
                    "ready": True,
                    "can_ask": True,
                    "model": "small-model",
                    "reads_pictures": True,
                    "tokens_per_question": 100000,
                    "user": {"budget": 500000, "used": 2280},
                    "project": {"budget": 2000000, "used": 10480},
                    "tokens_left": 497720,
                    "day": "2026-11-20",
                    "renews_at": "2026-11-20T15:00:00Z",
                }
            ]
        }
    )

    name: OmitEmpty[str] = None
    """Name of the assistant; absent if none is installed."""
    ready: bool
    """True if it is installed and configured."""
    can_ask: bool
    """True if it is ready, and has tokens left for a question of the caller if it needs any."""
    model: str | None = None
    """Language model; absent if it uses none."""
    reads_pictures: bool
    """True if its model accepts images: it can then read the figures of results."""
    reason: OmitEmpty[str] = None
    """Sentence why it is off, with the missing setting."""
    tokens_per_question: int
    """Maximum number of tokens of the answer to one question."""
    user: TokenBudgetDocument
    """Budget of the user's questions on this day."""
    project: TokenBudgetDocument
    """Budget of all questions in the project on this day."""
    tokens_left: int
    """Tokens that the user can still use on this day."""
    day: str
    """Day in the time zone of the home."""
    renews_at: UtcDatetime
    """Begin of the next day."""

    @classmethod
    def from_status(cls, status: AssistantStatus) -> Self:
        """Return the view model of the state of the assistant and the budgets of a user."""
        state, used = status.assistant, status.budgets
        budgets = used.budgets
        return cls(
            name=state.name,
            ready=state.ready,
            can_ask=status.can_ask,
            model=state.model,
            reason=state.reason,
            reads_pictures=state.reads_pictures,
            tokens_per_question=budgets.per_question,
            user=TokenBudgetDocument(budget=budgets.per_user_day, used=used.used_by_user),
            project=TokenBudgetDocument(budget=budgets.per_day, used=used.used),
            tokens_left=used.left_for_user,
            day=used.day,
            renews_at=used.renews_at,
        )
