"""Feature of conversations with the assistant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features import Feature, FeaturePage, NameList, RecordKind, Service

if TYPE_CHECKING:
    from qdash_core.assistants.answers import AnswerService
    from qdash_core.assistants.citation_resolver import CitationResolver
    from qdash_core.assistants.proposals import ProposalService
    from qdash_core.assistants.service import ConversationService

ANSWERS: Service[AnswerService] = Service("qdash_core.services.conversations:open_answers", ended_by="stop")
CITATIONS: Service[CitationResolver] = Service("qdash_core.services.conversations:open_citations")
PROPOSALS: Service[ProposalService] = Service("qdash_core.services.conversations:open_proposals")
CONVERSATIONS: Service[ConversationService] = Service("qdash_core.services.conversations:open_conversations")

FEATURE = Feature(
    "conversations",
    services=(
        ANSWERS,
        CITATIONS,
        PROPOSALS,
        CONVERSATIONS,
    ),
    proposals=("qdash_core.services.conversations:make_measurement_action",),
    names={
        "conversation": NameList(
            "qdash_core.resources.conversations:list_conversations", "conversation_id", "title"
        )
    },
    collections=(
        "qdash_core.assistants.collections:CONVERSATION",
        "qdash_core.assistants.collections:CONVERSATION_MESSAGE",
        "qdash_core.assistants.collections:ASSISTANT_USAGE",
    ),
    operations=("qdash_core.resources.conversations:operations",),
    commands={
        "ask": "qdash_core.cli.ask:ask",
        "mcp": "qdash_core.cli.mcp:mcp",
    },
    pages=(
        FeaturePage(
            "Assistant",
            ":material/forum:",
            "Laboratory",
            "assistant",
            "qdash_ui_streamlit.pages.assistant:render",
            place=10,
        ),
    ),
    records=(RecordKind("doc", "qdash_core.services.conversations:find_cited_section"),),
    settings=("qdash_core.assistants.settings:ConversationSettings",),
)
