"""Feature of files and the configuration folder."""

from __future__ import annotations

from qdash_core.features import Feature, FeaturePage

FEATURE = Feature(
    "files",
    operations=("qdash_core.resources.files:operations",),
    commands={
        "file": "qdash_core.cli.files:file",
        "configuration": "qdash_core.cli.configuration:configuration",
    },
    pages=(
        FeaturePage(
            "Files",
            ":material/folder:",
            "Library",
            "files",
            "qdash_ui_streamlit.pages.files:render",
            place=20,
        ),
    ),
)
