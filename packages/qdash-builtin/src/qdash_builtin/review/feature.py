"""Feature of the review of flagged results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features.declarations import Feature, FeaturePage, Service

if TYPE_CHECKING:
    from qdash_builtin.review.service import ReviewService

REVIEW: Service[ReviewService] = Service("qdash_builtin.review.service:open_review")

FEATURE = Feature(
    "review",
    requires=("results",),
    services=(REVIEW,),
    operations=("qdash_builtin.review.operations:operations",),
    commands={
        "review": "qdash_builtin.review.commands:review",
    },
    pages=(
        FeaturePage(
            "Review",
            ":material/rule:",
            "Review",
            "review",
            "qdash_builtin.review.pages.review:render",
            place=10,
            has_figures=True,
        ),
    ),
)
