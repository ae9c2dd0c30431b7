"""Feature of contexts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features import Feature, Service

if TYPE_CHECKING:
    from qdash_core.contexts.service import ContextService

CONTEXTS: Service[ContextService] = Service("qdash_core.services.contexts:open_contexts")

FEATURE = Feature(
    "contexts",
    requires=("chips",),
    services=(CONTEXTS,),
    operations=("qdash_core.resources.contexts:operations",),
    commands={
        "context": "qdash_core.cli.contexts:context",
    },
)
