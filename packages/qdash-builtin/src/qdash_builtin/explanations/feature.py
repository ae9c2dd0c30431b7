"""Feature of explanations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features.declarations import Feature, Service
from qdash_core.features.sections import Section

if TYPE_CHECKING:
    from qdash_builtin.explanations.service import ExplanationService

EXPLANATIONS: Service[ExplanationService] = Service(
    "qdash_builtin.explanations.composition:open_explanations"
)

FEATURE = Feature(
    "explanations",
    requires=("results",),
    services=(EXPLANATIONS,),
    task_checks=("qdash_builtin.explanations.task_check:find_faults",),
    operations=("qdash_builtin.explanations.operations:operations",),
    commands={
        "explain": "qdash_builtin.explanations.commands:explain",
    },
    sections=(
        Section(
            "qubit",
            "Explanation",
            "qdash_builtin.explanations.pages.explanation_section:draw_target_explanation",
            -20,
        ),
        Section(
            "coupling",
            "Explanation",
            "qdash_builtin.explanations.pages.explanation_section:draw_target_explanation",
            -20,
        ),
        Section(
            "execution",
            "Explanation",
            "qdash_builtin.explanations.pages.explanation_section:draw_execution_explanation",
            -10,
        ),
        Section(
            "result",
            "Explanation",
            "qdash_builtin.explanations.pages.explanation_section:draw_result_explanation",
            -20,
        ),
    ),
)
