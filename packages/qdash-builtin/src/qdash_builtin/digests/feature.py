"""Feature of digests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features.declarations import EventKind, Feature, Service

if TYPE_CHECKING:
    from qdash_builtin.digests.delivery import DigestDelivery
    from qdash_builtin.digests.service import DigestService

DIGESTS: Service[DigestService] = Service("qdash_builtin.digests.composition:open_digests")
DIGEST_DELIVERY: Service[DigestDelivery] = Service("qdash_builtin.digests.composition:open_digest_delivery")

FEATURE = Feature(
    "digests",
    requires=("chips",),
    services=(
        DIGESTS,
        DIGEST_DELIVERY,
    ),
    operations=("qdash_builtin.digests.operations:operations",),
    commands={
        "digest": "qdash_builtin.digests.commands:digest",
    },
    # Notifiers receive the digest itself, not this event.
    events=(EventKind("digest.sent", immediate=True),),
)
