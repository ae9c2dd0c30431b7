"""Feature of conversations with the assistant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features.declarations import Feature, FeaturePage, HostCounter, NameList, RecordKind, Service

if TYPE_CHECKING:
    from qdash_builtin.conversations.answers import AnswerService
    from qdash_builtin.conversations.citation_resolver import CitationResolver
    from qdash_builtin.conversations.proposals import ProposalService
    from qdash_builtin.conversations.service import ConversationService

ANSWERS: Service[AnswerService] = Service(
    "qdash_builtin.conversations.composition:open_answers", ended_by="stop"
)
CITATIONS: Service[CitationResolver] = Service("qdash_builtin.conversations.composition:open_citations")
PROPOSALS: Service[ProposalService] = Service("qdash_builtin.conversations.composition:open_proposals")
CONVERSATIONS: Service[ConversationService] = Service(
    "qdash_builtin.conversations.composition:open_conversations"
)

ANSWERS_ENDED = HostCounter(
    "answers", "Number of answers of the assistant that have ended, by state.", ("state",)
)
TOKENS_USED = HostCounter(
    "answer_tokens", "Tokens that the model read and wrote; unknown counts are left out.", ("direction",)
)

FEATURE = Feature(
    "conversations",
    services=(
        ANSWERS,
        CITATIONS,
        PROPOSALS,
        CONVERSATIONS,
    ),
    proposals=("qdash_builtin.conversations.composition:make_measurement_action",),
    names={
        "conversation": NameList(
            "qdash_builtin.conversations.operations:list_conversations", "conversation_id", "title"
        )
    },
    collections=(
        "qdash_builtin.conversations.collections:CONVERSATION",
        "qdash_builtin.conversations.collections:CONVERSATION_MESSAGE",
        "qdash_builtin.conversations.collections:ASSISTANT_USAGE",
    ),
    operations=(
        "qdash_builtin.conversations.operations:operations",
        "qdash_builtin.conversations.operations:questions",
    ),
    commands={
        "ask": "qdash_builtin.conversations.commands.ask:ask",
        "mcp": "qdash_builtin.conversations.commands.mcp:mcp",
    },
    pages=(
        FeaturePage(
            "Assistant",
            ":material/forum:",
            "Logbook",
            "assistant",
            "qdash_builtin.conversations.pages.assistant:render",
            place=60,
        ),
    ),
    records=(RecordKind("doc", "qdash_builtin.conversations.composition:find_cited_section"),),
    settings=("qdash_builtin.conversations.settings:ConversationSettings",),
    counters=(ANSWERS_ENDED, TOKENS_USED),
    gauges=("qdash_builtin.conversations.gauges:read_gauges",),
)
