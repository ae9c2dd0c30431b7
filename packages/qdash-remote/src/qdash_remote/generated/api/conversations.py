"""Operations with the tag `conversations`."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING

from qdash_remote.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.conversations import (
        AssistantDocument,
        ConversationDocument,
        ConversationHeader,
        ProposalDocument,
    )
    from qdash_core.resources.requests.conversations import ConversationEdit, ConversationRequest
    from qdash_remote.generated.client import AuthenticatedClient


@operation
def show_assistant(*, client: AuthenticatedClient) -> Response[AssistantDocument]:
    """Show whether the assistant can answer, or which setting is missing, and the tokens that the caller
    has left."""
    from qdash_core.documents.conversations import AssistantDocument

    return send_request(client, "GET", "/assistant", AssistantDocument)


@operation
def list_conversations(
    *,
    client: AuthenticatedClient,
    chip_id: str | Unset = UNSET,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOf[ConversationHeader]]:
    """List the caller's conversations and shared ones, newest activity first."""
    from qdash_core.documents.conversations import ConversationHeader

    return send_request(
        client,
        "GET",
        "/conversations",
        page_of(ConversationHeader),
        params={"chip_id": chip_id, "limit": limit, "after": after},
    )


@operation
def create_conversation(
    *, client: AuthenticatedClient, body: ConversationRequest
) -> Response[ConversationHeader]:
    """Begin a conversation, without a question. It is private unless it is shared with the project."""
    from qdash_core.documents.conversations import ConversationHeader

    return send_request(client, "POST", "/conversations", ConversationHeader, status=201, body=body)


@operation
def show_conversation(
    conversation_id: str, *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[ConversationDocument]:
    """Show a conversation with its newest questions and answers, also the stored parts of a running
    answer."""
    from qdash_core.documents.conversations import ConversationDocument

    return send_request(
        client,
        "GET",
        f"/conversations/{quote_segment(conversation_id)}",
        ConversationDocument,
        params={"limit": limit, "after": after},
    )


@operation
def delete_conversation(conversation_id: str, *, client: AuthenticatedClient) -> Response[None]:
    """Delete a conversation with all its texts: its author with any role, or an owner, also if it is
    another user's private one."""
    return send_request(
        client, "DELETE", f"/conversations/{quote_segment(conversation_id)}", NoneType, status=204
    )


@operation
def edit_conversation(
    conversation_id: str, *, client: AuthenticatedClient, body: ConversationEdit
) -> Response[ConversationHeader]:
    """Rename one's own conversation or share it (editor), or make it private (any role)."""
    from qdash_core.documents.conversations import ConversationHeader

    return send_request(
        client, "PATCH", f"/conversations/{quote_segment(conversation_id)}", ConversationHeader, body=body
    )


@operation
def cancel_answer(conversation_id: str, *, client: AuthenticatedClient) -> Response[ConversationDocument]:
    """Cancel the running answer of a conversation, as the user who asked or an owner; its parts are kept."""
    from qdash_core.documents.conversations import ConversationDocument

    return send_request(
        client, "POST", f"/conversations/{quote_segment(conversation_id)}/cancel", ConversationDocument
    )


@operation
def confirm_proposal(
    conversation_id: str, message: int, proposal: str, *, client: AuthenticatedClient
) -> Response[ProposalDocument]:
    """Perform a proposal of the assistant once, with the rights of the caller; 409 if the record has
    changed since it was drafted."""
    from qdash_core.documents.conversations import ProposalDocument

    return send_request(
        client,
        "POST",
        f"/conversations/{quote_segment(conversation_id)}/messages/{quote_segment(message)}/proposals/{quote_segment(proposal)}/confirm",
        ProposalDocument,
    )


@operation
def discard_proposal(
    conversation_id: str, message: int, proposal: str, *, client: AuthenticatedClient
) -> Response[ProposalDocument]:
    """Discard a proposal of the assistant, so that nobody can confirm it."""
    from qdash_core.documents.conversations import ProposalDocument

    return send_request(
        client,
        "POST",
        f"/conversations/{quote_segment(conversation_id)}/messages/{quote_segment(message)}/proposals/{quote_segment(proposal)}/discard",
        ProposalDocument,
    )
