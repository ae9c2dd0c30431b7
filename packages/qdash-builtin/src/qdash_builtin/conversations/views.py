"""View models of conversations with assistants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeAlias

from qdash_builtin.conversations.models.citation import CitationState
from qdash_builtin.conversations.models.conversation import AnswerState
from qdash_builtin.conversations.models.proposal import ProposalState
from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.documents.references import ReferenceDocument, make_route
from qdash_core.hooks.assistants import TextPart, ToolCallPart, ToolResultPart, UsagePart
from qdash_core.models.base import UtcDatetime

if TYPE_CHECKING:
    from qdash_builtin.conversations.answers import AssistantStatus
    from qdash_builtin.conversations.conversation_view import ConversationView
    from qdash_builtin.conversations.models.citation import Citation
    from qdash_builtin.conversations.models.conversation import ConversationMessageModel
    from qdash_builtin.conversations.models.proposal import Proposal
    from qdash_builtin.conversations.running_answer import AnswerEvent


class ConversationHeader(Document):
    """A conversation without its messages, as in lists."""

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

    kind: str
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

    proposal_id: str
    """Number in the message."""
    kind: str
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

    conversation_id: str


class AnswerTextDocument(Document):
    """Further piece of the text of an answer, the event `text` of its stream."""

    event: ClassVar[str] = "text"

    text: str


class ToolCallDocument(Document):
    """Call of a tool, the event `tool_call` of the stream of an answer."""

    event: ClassVar[str] = "tool_call"

    call_id: str
    name: str
    arguments: dict[str, Any]


class ToolResultDocument(Document):
    """End of a call of a tool, the event `tool_result` of the stream of an answer."""

    event: ClassVar[str] = "tool_result"

    call_id: str
    name: str
    ok: bool
    summary: str
    seconds: float


class UsageDocument(Document):
    """Tokens of one request to the model, the event `usage` of the stream of an answer."""

    event: ClassVar[str] = "usage"

    input_tokens: int
    output_tokens: int
    cost: float | None = None
    currency: OmitEmpty[str] = None


AnswerPartDocument: TypeAlias = AnswerTextDocument | ToolCallDocument | ToolResultDocument | UsageDocument
"""Part of an answer in its stream, where it is an event of the name `event`."""
AnswerDocument: TypeAlias = AskedDocument | AnswerPartDocument
"""Part of an answer, or its message: at the beginning, and whole at the end."""
_PARTS: dict[type, type[AnswerPartDocument]] = {
    TextPart: AnswerTextDocument,
    ToolCallPart: ToolCallDocument,
    ToolResultPart: ToolResultDocument,
    UsagePart: UsageDocument,
}


def make_answer_document(event: AnswerEvent) -> AnswerDocument:
    """Return the view model of an event of a running answer."""
    if isinstance(event, TextPart | ToolCallPart | ToolResultPart | UsagePart):
        return _PARTS[type(event)].from_record(event)
    return AskedDocument.from_message(event.message)


class TokenBudgetDocument(Document):
    """Budget of tokens on one day."""

    budget: int
    used: int
    """Tokens used, with those reserved for running answers."""


class AssistantDocument(Document):
    """State of the assistant, and the budgets of the caller in the project."""

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
