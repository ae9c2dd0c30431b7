"""Feature of contexts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features.declarations import Feature, Service

if TYPE_CHECKING:
    from qdash_builtin.contexts.service import ContextService

CONTEXTS: Service[ContextService] = Service("qdash_builtin.contexts.composition:open_contexts")

FEATURE = Feature(
    "contexts",
    requires=("chips",),
    services=(CONTEXTS,),
    operations=("qdash_builtin.contexts.operations:operations",),
    commands={
        "context": "qdash_builtin.contexts.commands:context",
    },
)
