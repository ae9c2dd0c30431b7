"""Collections of conversations."""

from __future__ import annotations

from qdash_core.repositories.collection import Collection

CONVERSATION = Collection(
    "conversation",
    ("project_id", "conversation_id"),
    indexes=(
        ("project_id", "reader", "-updated_at"),
        ("project_id", "chip_id", "reader", "-updated_at"),
    ),
    noun="conversation",
    plural="conversations",
    with_chip="kept",
    model="qdash_builtin.conversations.models.conversation:ConversationModel",
)
CONVERSATION_MESSAGE = Collection(
    "conversation_message",
    ("project_id", "conversation_id", "number"),
    model="qdash_builtin.conversations.models.conversation:ConversationMessageModel",
)
ASSISTANT_USAGE = Collection(
    "assistant_usage",
    ("project_id", "day", "username"),
    model="qdash_builtin.conversations.models.conversation:AssistantUsageModel",
)
