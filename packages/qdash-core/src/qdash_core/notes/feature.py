"""Feature of notes."""

from __future__ import annotations

from qdash_core.features import Feature, FeaturePage

FEATURE = Feature(
    "notes",
    operations=(
        "qdash_core.resources.notes:operations",
        "qdash_core.resources.metric_notes:operations",
        "qdash_core.resources.note_events:operations",
    ),
    commands={
        "note": "qdash_core.cli.notes:note",
    },
    pages=(
        FeaturePage(
            "Notes",
            ":material/sticky_note_2:",
            "Laboratory",
            "notes",
            "qdash_ui_streamlit.pages.notes:render",
            place=20,
        ),
    ),
)
