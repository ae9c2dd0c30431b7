"""Text output of conversations with the assistant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.conversations.answer_text import write_plain
from qdash_builtin.conversations.models.citation import CitationState
from qdash_builtin.conversations.models.conversation import AnswerState
from qdash_builtin.conversations.models.proposal import ProposalState
from qdash_cli.rendering.output import emit, format_count, print_indented, print_message, print_table
from qdash_cli.rendering.times import format_short_time, format_time, format_time_header
from qdash_core.models.name_summary import summarize_names

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from qdash_builtin.conversations.views import (
        AssistantDocument,
        ConversationDocument,
        ConversationHeader,
        ConversationMessageDocument,
        ProposalDocument,
        ToolCallDocument,
        ToolResultDocument,
        ToolUseDocument,
    )


def print_conversations(documents: Sequence[ConversationHeader], zone: ZoneInfo) -> None:
    """Print conversations as a table."""
    changed = format_time_header("changed", zone, (one.updated_at for one in documents))
    print_table(
        ("conversation", "title", "chip", "author", "shared", "questions", changed),
        (
            (
                one.conversation_id,
                one.title,
                one.chip_id,
                one.username,
                "yes" if one.shared else "",
                one.n_messages,
                format_short_time(one.updated_at, zone),
            )
            for one in documents
        ),
        fold=("title",),
    )


def print_conversation(document: ConversationDocument, zone: ZoneInfo) -> None:
    """Print a conversation with a page of its questions and answers."""
    print_message(f"conversation {document.conversation_id}: {document.title or 'without a question yet'}")
    print_message(f"  author: {document.username}{', shared with the project' if document.shared else ''}")
    if document.chip_id:
        print_message(f"  chip: {document.chip_id}")
    if document.next is not None:
        print_message(
            f"  older questions: `qdash ask show {document.conversation_id} --after {document.next}`"
        )
    for message in document.messages:
        print_message()
        print_message(
            f"question {message.number} ({message.username}, {format_time(message.started_at, zone)}):"
        )
        print_message(message.question)
        print_message()
        for tool in message.tools:
            print_message(_describe_tool(tool, is_running=message.state is AnswerState.RUNNING))
        if message.answer:
            emit(f"{write_plain(message.answer)}\n")
        print_answer_end(message, document.conversation_id)


def print_tool_call(document: ToolCallDocument) -> None:
    """Print on standard error that a tool is called."""
    print_message(f"[{document.name} ...]", err=True)


def print_tool_result(document: ToolResultDocument) -> None:
    """Print the result of a tool on standard error."""
    print_message(_describe_tool(document), err=True)


def print_answer_end(message: ConversationMessageDocument, conversation_id: str) -> None:
    """Print the lines below an answer: why it ended early, its marks and proposals, its tools, tokens, cost and duration."""
    if message.state is AnswerState.RUNNING:
        print_message("(still being answered)")
        return
    if message.state is not AnswerState.COMPLETED:
        error = message.error or ""
        print_message(f"({error})" if error.startswith(message.state) else f"({message.state}: {error})")
    _print_marks(message)
    _print_proposals(message, conversation_id)
    print_message(f"({'; '.join(_describe_use(message))})")


def _describe_use(message: ConversationMessageDocument) -> list[str]:
    """Return what an answer used: model, tokens, cost, calls of tools and duration."""
    parts = message.describe_use()
    if message.tools:
        parts.append(format_count(len(message.tools), "tool call"))
    if message.ended_at is not None:
        parts.append(f"{(message.ended_at - message.started_at).total_seconds():.1f} s")
    return parts


def _print_marks(message: ConversationMessageDocument) -> None:
    """Print the citations that are not resolved, and the statements without one."""
    for state in (CitationState.UNRESOLVED, CitationState.UNSEEN):
        if named := [one.text for one in message.citations if one.state is state]:
            print_message(f"! {state} ({state.meaning}): {summarize_names(named)}")
    for statement in message.uncited:
        print_message(f"! without a citation: {statement}")


def _print_proposals(message: ConversationMessageDocument, conversation_id: str) -> None:
    for proposal in message.proposals:
        print_proposal(proposal)
    drafted = [one for one in message.proposals if one.state is ProposalState.DRAFTED]
    if drafted:
        place = f"{conversation_id} {message.number} {drafted[0].proposal_id}"
        print_message(f"decide with `qdash ask confirm {place}` or `qdash ask discard {place}`")


def print_proposal(proposal: ProposalDocument, _zone: ZoneInfo | None = None) -> None:
    """Print a proposal with its state."""
    print_message(f"proposal {proposal.proposal_id} ({proposal.state}): {proposal.summary}")
    for name, value in proposal.arguments.items():
        text = ", ".join(value) if isinstance(value, list) else str(value)
        print_indented(f"{name}: {text}", indent="  ", further="    ")
    print_indented(f"reason of the assistant: {proposal.reason}", indent="  ", further="  ")
    if proposal.outcome or proposal.error:
        by = f" (by {proposal.decided_by})" if proposal.decided_by else ""
        print_indented(f"{proposal.outcome or proposal.error}{by}", indent="  ", further="  ")


def print_assistant(document: AssistantDocument, zone: ZoneInfo) -> None:
    """Print the state of the assistant and the budgets."""
    if document.ready:
        model = f", model {document.model}" if document.model else ", without a language model"
        pictures = ", which accepts images" if document.reads_pictures else ""
        print_message(f"assistant {document.name}{model}{pictures}")
    else:
        print_message(
            f"the assistant{f' {document.name}' if document.name else ''} is off: {document.reason}"
        )
    print_message(f"  tokens per question: {document.tokens_per_question:,}")
    for whose, budget in (("you", document.user), ("the project", document.project)):
        print_message(f"  used by {whose} on {document.day}: {budget.used:,} of {budget.budget:,} tokens")
    print_message(f"  renewed: {format_time(document.renews_at, zone)}")


def _describe_tool(tool: ToolUseDocument | ToolResultDocument, *, is_running: bool = False) -> str:
    unknown = "running" if is_running else "outcome unknown"
    outcome = {True: "", False: "failed: ", None: unknown}[tool.ok]
    seconds = "" if tool.seconds is None else f", {tool.seconds:.1f} s"
    return f"[{tool.name}: {outcome}{tool.summary or ''}{seconds}]"
