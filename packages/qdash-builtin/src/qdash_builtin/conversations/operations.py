"""Operations of conversations with the assistant."""

from __future__ import annotations

from qdash_builtin.conversations.feature import ANSWERS, ANSWERS_ENDED, CONVERSATIONS, PROPOSALS, TOKENS_USED
from qdash_builtin.conversations.models.conversation import AnswerState, ConversationMessageModel
from qdash_builtin.conversations.requests.conversations import (
    ChipOfConversation,
    ConversationEdit,
    ConversationId,
    ConversationRequest,
    QuestionRequest,
)
from qdash_builtin.conversations.requests.proposals import MessageNumber, ProposalId
from qdash_builtin.conversations.running_answer import AnswerEnd, AnswerEvent
from qdash_builtin.conversations.tools.answer_tools import AnswerTools
from qdash_builtin.conversations.views import (
    AskedDocument,
    AssistantDocument,
    ConversationDocument,
    ConversationHeader,
    ProposalDocument,
    make_answer_document,
)
from qdash_core.documents.pages import PageOf
from qdash_core.models.pages import USUAL_PAGE
from qdash_core.operations.answers import MessageStream, StreamMessage
from qdash_core.operations.call import Call
from qdash_core.operations.command import Command
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("conversations", place=370)
questions = Operations("conversations", place=380)


@operations.get("/assistant", needs=RequiredRole.VIEWER, command=Command("ask status"))
def show_assistant(call: Call) -> AssistantDocument:
    """Show whether the assistant can answer, or which setting is missing, and the tokens that the caller has left."""
    return AssistantDocument.from_status(call.qdash.get(ANSWERS).get_status(call.access))


@operations.get(
    "/conversations",
    needs=RequiredRole.VIEWER,
    command=Command(
        "ask list", empty='no conversations: `qdash ask "QUESTION"` begins one', limit=USUAL_PAGE
    ),
)
def list_conversations(call: Call, chip_id: ChipOfConversation = None) -> PageOf[ConversationHeader]:
    """List the caller's conversations and shared ones, newest activity first."""
    page = call.qdash.get(CONVERSATIONS).page(call.access, call.page, chip_id=chip_id)
    return PageOf.from_page(page, ConversationHeader.from_record)


@operations.post("/conversations", needs=RequiredRole.EDITOR, status=201)
def create_conversation(call: Call, body: ConversationRequest) -> ConversationHeader:
    """Begin a conversation, without a question. It is private unless it is shared with the project."""
    made = call.qdash.get(CONVERSATIONS).create(
        call.access, title=body.title or "", chip_id=body.chip_id, shared=body.shared
    )
    return ConversationHeader.from_record(made)


@operations.get(
    "/conversations/{conversation_id}",
    needs=RequiredRole.VIEWER,
    holds_page=True,
    command=Command("ask show", limit=USUAL_PAGE),
)
def show_conversation(call: Call, conversation_id: ConversationId) -> ConversationDocument:
    """Show a conversation with its newest questions and answers, also the stored parts of a running answer."""
    view = call.qdash.get(CONVERSATIONS).show(call.access, _resolve(call, conversation_id), call.page)
    return ConversationDocument.from_view(view)


@operations.patch(
    "/conversations/{conversation_id}",
    needs=RequiredRole.SELF,
    command=Command(
        "ask edit",
        help="Rename a conversation, share it with the project, or make it private again, as its author.",
        in_project=True,
    ),
)
def edit_conversation(
    call: Call, conversation_id: ConversationId, body: ConversationEdit
) -> ConversationHeader:
    """Rename one's own conversation or share it (editor), or make it private (any role)."""
    changed = call.qdash.get(CONVERSATIONS).edit(
        call.access, _resolve(call, conversation_id), **body.get_given_fields()
    )
    return ConversationHeader.from_record(changed)


@operations.delete("/conversations/{conversation_id}", needs=RequiredRole.SELF)
def delete_conversation(call: Call, conversation_id: ConversationId) -> None:
    """Delete a conversation with all its texts: its author with any role, or an owner, also if it is another user's private one."""
    call.qdash.get(CONVERSATIONS).delete(call.access, _resolve(call, conversation_id))


@operations.post(
    "/conversations/{conversation_id}/cancel",
    needs=RequiredRole.EDITOR,
    command=Command(
        "ask cancel",
        says="the running answer of conversation {conversation_id} ends within seconds, if there is one",
    ),
)
def cancel_answer(call: Call, conversation_id: ConversationId) -> ConversationDocument:
    """Cancel the running answer of a conversation, as the user who asked or an owner; its parts are kept."""
    return ConversationDocument.from_view(
        call.qdash.get(ANSWERS).cancel(call.access, _resolve(call, conversation_id))
    )


@operations.post(
    "/conversations/{conversation_id}/messages/{message}/proposals/{proposal}/confirm",
    needs=RequiredRole.EDITOR,
    slow=True,
    command=Command(
        "ask confirm",
        help="Perform a proposal of the assistant, once, with your rights.\n\n"
        "QUESTION and PROPOSAL are the numbers that `qdash ask show CONVERSATION` shows. If the record has changed since the "
        "proposal was drafted, it expires instead. The record names you and the assistant.",
    ),
)
def confirm_proposal(
    call: Call, conversation_id: ConversationId, message: MessageNumber, proposal: ProposalId
) -> ProposalDocument:
    """Perform a proposal of the assistant once, with the rights of the caller; 409 if the record has changed since it was drafted."""
    place = (call.access, _resolve(call, conversation_id), message, proposal)
    call.record_drafter(call.qdash.get(PROPOSALS).describe_drafter(*place))
    confirmed = call.qdash.get(PROPOSALS).confirm(*place)
    return ProposalDocument.from_proposal(confirmed)


@operations.post(
    "/conversations/{conversation_id}/messages/{message}/proposals/{proposal}/discard",
    needs=RequiredRole.EDITOR,
    command=Command("ask discard"),
)
def discard_proposal(
    call: Call, conversation_id: ConversationId, message: MessageNumber, proposal: ProposalId
) -> ProposalDocument:
    """Discard a proposal of the assistant, so that nobody can confirm it."""
    discarded = call.qdash.get(PROPOSALS).discard(
        call.access, _resolve(call, conversation_id), message, proposal
    )
    return ProposalDocument.from_proposal(discarded)


def _resolve(call: Call, text: str) -> str:
    return call.qdash.get(CONVERSATIONS).resolve_id(call.access, text)


@questions.post(
    "/conversations/{conversation_id}/questions",
    needs=RequiredRole.EDITOR,
    media_type=MessageStream.media_type,
)
def ask_question(call: Call, conversation_id: ConversationId, body: QuestionRequest) -> MessageStream:
    """Ask a question, and stream the answer as server-sent events.

    `start` has the message with its number; `text`, `tool_call`, `tool_result` and `usage` have the parts of the answer; `done`, or `error`
    if the answer ended early, has the whole message and ends the stream. Comments are heartbeats. A client that disconnects cancels the
    answer; its parts are kept.
    """

    def count(message: ConversationMessageModel) -> None:
        call.count(ANSWERS_ENDED, str(message.state))
        for direction, tokens in (("read", message.input_tokens), ("written", message.output_tokens)):
            if tokens is not None:
                call.count(TOKENS_USED, direction, amount=tokens)

    answer = call.qdash.get(ANSWERS).ask(
        call.access,
        call.qdash.get(CONVERSATIONS).resolve_id(call.access, conversation_id),
        body.question,
        AnswerTools(call.qdash),
        on_recorded=count,
    )

    def get_next(timeout_s: float) -> StreamMessage | None:
        event = answer.get_event(timeout_s)
        return None if event is None else _make_message(event)

    first = StreamMessage("start", AskedDocument.from_message(answer.asked))
    return MessageStream(first, get_next, answer.cancel)


def _make_message(event: AnswerEvent) -> StreamMessage:
    """Return the message of an event: `done` with the whole message if the answer is complete, `error` if it ended early."""
    document = make_answer_document(event)
    if isinstance(document, AskedDocument):
        kind = "done" if document.state is AnswerState.COMPLETED else "error"
        return StreamMessage(kind, document, is_last=isinstance(event, AnswerEnd))
    return StreamMessage(document.event, document)
