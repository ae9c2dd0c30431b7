"""Feature of the origin and use of values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features.declarations import Feature, FeaturePage, Service
from qdash_core.features.sections import Section

if TYPE_CHECKING:
    from qdash_builtin.provenance.service import ProvenanceService

PROVENANCE: Service[ProvenanceService] = Service("qdash_builtin.provenance.composition:open_provenance")

FEATURE = Feature(
    "provenance",
    requires=("chips",),
    services=(PROVENANCE,),
    operations=("qdash_builtin.provenance.operations:operations",),
    commands={
        "provenance": "qdash_builtin.provenance.commands:provenance",
    },
    pages=(
        FeaturePage(
            "Origin",
            ":material/alt_route:",
            "Chip",
            "origin",
            "qdash_builtin.provenance.pages.origin:render",
            place=110,
        ),
    ),
    sections=(
        Section(
            "result",
            "Origin and use",
            "qdash_builtin.provenance.pages.result_impact:draw_origin_and_impact",
            10,
        ),
    ),
)
