"""Feature of conversations with the assistant."""

from __future__ import annotations

from qdash_core.features import Feature, FeaturePage

FEATURE = Feature(
    "conversations",
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
)
