"""Repositories of conversations with assistants, their messages and the tokens that these used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.conversations.models.conversation import (
    EVERY_MEMBER,
    AssistantUsageModel,
    ConversationMessageModel,
    ConversationModel,
)
from qdash_builtin.record_lookup.given_ids import find_ids_by_prefix
from qdash_core.repositories.base import Repository
from qdash_core.repositories.store import OneOf

if TYPE_CHECKING:
    from qdash_core.models.pages import Page, PageRequest


class ConversationRepository(Repository[ConversationModel]):
    """Conversations by project and id."""

    collection = "conversation"
    model = ConversationModel

    def find(self, project_id: str, conversation_id: str) -> ConversationModel | None:
        """Return a conversation, or None."""
        return self._get((project_id, conversation_id))

    def page_readable(
        self, project_id: str, username: str, request: PageRequest, *, chip_id: str | None = None
    ) -> Page[ConversationModel]:
        """Return a page of the conversations that a user may read, about one chip or all (None), newest activity first."""
        where: dict[str, object] = {"project_id": project_id, "reader": _read_by(username)}
        if chip_id is not None:
            where["chip_id"] = chip_id
        return self._page(where, request, order=("-updated_at",))

    def list_readable_ids(self, project_id: str, username: str, prefix: str) -> list[str]:
        """Return ids with a prefix of conversations that a user may read, in descending order."""
        return find_ids_by_prefix(self, project_id, "conversation_id", prefix, reader=_read_by(username))

    def put(self, conversation: ConversationModel) -> None:
        """Add or replace a conversation."""
        self._put(conversation)

    def remove(self, project_id: str, conversation_id: str) -> None:
        """Remove a conversation with its messages."""
        where = {"project_id": project_id, "conversation_id": conversation_id}
        with self._open_transaction() as transaction:
            transaction.delete(ConversationMessageRepository.collection, where)
            transaction.delete(self.collection, where)


def _read_by(username: str) -> OneOf:
    """Return the condition on the reader of conversations that a user may read."""
    return OneOf((EVERY_MEMBER, username))


class ConversationMessageRepository(Repository[ConversationMessageModel]):
    """Questions and answers by project, conversation and number."""

    collection = "conversation_message"
    model = ConversationMessageModel

    def find(self, project_id: str, conversation_id: str, number: int) -> ConversationMessageModel | None:
        """Return a message, or None."""
        return self._get((project_id, conversation_id, number))

    def list_by_conversation(self, project_id: str, conversation_id: str) -> list[ConversationMessageModel]:
        """Return the messages of a conversation in order."""
        where = {"project_id": project_id, "conversation_id": conversation_id}
        return self.select(where, order=("number",))

    def page_by_conversation(
        self, project_id: str, conversation_id: str, request: PageRequest
    ) -> Page[ConversationMessageModel]:
        """Return a page of the messages of a conversation, newest first."""
        where = {"project_id": project_id, "conversation_id": conversation_id}
        return self._page(where, request, order=("-number",))

    def put(self, message: ConversationMessageModel) -> None:
        """Add or replace a message."""
        self._put(message)


class AssistantUsageRepository(Repository[AssistantUsageModel]):
    """Tokens used by project, day and user."""

    collection = "assistant_usage"
    model = AssistantUsageModel

    def find(self, project_id: str, day: str, username: str) -> AssistantUsageModel | None:
        """Return the usage of a user on a day, or None."""
        return self._get((project_id, day, username))

    def list_by_day(self, project_id: str, day: str) -> list[AssistantUsageModel]:
        """Return the usage of every user of a project on a day."""
        return self.select({"project_id": project_id, "day": day})

    def put(self, usage: AssistantUsageModel) -> None:
        """Add or replace the usage of a user on a day."""
        self._put(usage)
