"""Feature of digests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features import EventKind, Feature, Service

if TYPE_CHECKING:
    from qdash_core.digests.delivery import DigestDelivery
    from qdash_core.digests.service import DigestService

DIGESTS: Service[DigestService] = Service("qdash_core.services.digests:open_digests")
DIGEST_DELIVERY: Service[DigestDelivery] = Service("qdash_core.services.digests:open_digest_delivery")

FEATURE = Feature(
    "digests",
    requires=("chips",),
    services=(
        DIGESTS,
        DIGEST_DELIVERY,
    ),
    operations=("qdash_core.resources.digests:operations",),
    commands={
        "digest": "qdash_core.cli.digest:digest",
    },
    # Notifiers receive the digest itself, not this event.
    events=(EventKind("digest.sent", immediate=True),),
)
