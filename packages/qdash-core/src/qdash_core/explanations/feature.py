"""Feature of explanations."""

from __future__ import annotations

from qdash_core.features import Feature
from qdash_core.sections import Section

FEATURE = Feature(
    "explanations",
    requires=("results",),
    operations=("qdash_core.resources.explanations:operations",),
    commands={
        "explain": "qdash_core.cli.explain:explain",
    },
    sections=(
        Section(
            "qubit",
            "Explanation",
            "qdash_ui_streamlit.pages.explanation_section:draw_target_explanation",
            -20,
        ),
        Section(
            "coupling",
            "Explanation",
            "qdash_ui_streamlit.pages.explanation_section:draw_target_explanation",
            -20,
        ),
        Section(
            "execution",
            "Explanation",
            "qdash_ui_streamlit.pages.explanation_section:draw_execution_explanation",
            -10,
        ),
        Section(
            "result",
            "Explanation",
            "qdash_ui_streamlit.pages.explanation_section:draw_result_explanation",
            -20,
        ),
    ),
)
