"""Access to conversations: each is readable by its author or, if shared, by every member of its project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.conversations.models.conversation import EVERY_MEMBER
from qdash_builtin.conversations.repository import ConversationRepository
from qdash_core.errors import AccessDeniedError, NotFoundError

if TYPE_CHECKING:
    from qdash_builtin.conversations.models.conversation import ConversationModel
    from qdash_core.models.access import Access
    from qdash_core.repositories.repositories import Repositories


def require_readable(repositories: Repositories, access: Access, conversation_id: str) -> ConversationModel:
    """Return a conversation; NotFoundError if there is none that the user may read."""
    found = repositories.of(ConversationRepository).find(access.project_id, conversation_id)
    if found is None or found.reader not in (EVERY_MEMBER, access.username):
        raise make_absence(access, conversation_id)
    return found


def make_absence(access: Access, conversation_id: str) -> NotFoundError:
    """Return the error for a conversation that does not exist, or that the user may not read."""
    return NotFoundError(
        f"there is no conversation {conversation_id!r} in project {access.project_id} that user {access.username!r} may read: "
        "`qdash ask list` lists yours and shared ones"
    )


def require_author(access: Access, conversation: ConversationModel) -> None:
    """Raise AccessDeniedError unless the user is the author of a conversation."""
    if conversation.username != access.username:
        raise AccessDeniedError(
            f"conversation {conversation.conversation_id} is by {conversation.username}: only the author can change it, and an owner of the project "
            "delete it"
        )
