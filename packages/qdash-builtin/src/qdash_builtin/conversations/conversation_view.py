"""A conversation with a page of its messages, as its readers see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.conversations.conversation_access import require_readable
from qdash_builtin.conversations.interrupted_answers import mark_interrupted
from qdash_builtin.conversations.repository import ConversationMessageRepository

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_builtin.conversations.models.conversation import ConversationMessageModel, ConversationModel
    from qdash_builtin.conversations.running_answers import RunningAnswers
    from qdash_core.models.access import Access
    from qdash_core.models.pages import PageRequest
    from qdash_core.repositories.repositories import Repositories


@dataclass(frozen=True, slots=True)
class ConversationView:
    """A conversation with a page of its messages, oldest first.

    Parameters
    ----------
    next : str or None
        Value of `PageRequest.after` for the messages before these, or None if these are the first.
    """

    conversation: ConversationModel
    messages: list[ConversationMessageModel]
    next: str | None


def read_conversation(
    repositories: Repositories,
    access: Access,
    conversation_id: str,
    request: PageRequest,
    *,
    now: datetime,
    running: RunningAnswers,
) -> ConversationView:
    """Return a conversation with its newest messages, or with the page before `request.after`.

    Raises
    ------
    NotFoundError
        If there is none that the user may read.
    """
    conversation = require_readable(repositories, access, conversation_id)
    page = repositories.of(ConversationMessageRepository).page_by_conversation(
        access.project_id, conversation.conversation_id, request
    )
    messages = [mark_interrupted(one, now=now, running=running) for one in reversed(page.items)]
    return ConversationView(conversation, messages, page.next)
