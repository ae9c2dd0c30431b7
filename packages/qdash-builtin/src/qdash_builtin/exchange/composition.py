"""Services of exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.metrics.feature import METRICS

if TYPE_CHECKING:
    from qdash_builtin.exchange.releases import ReleaseService
    from qdash_builtin.exchange.service import ExchangeService
    from qdash_core.runtime.application import QDash


def open_releases(qdash: QDash) -> ReleaseService:
    """Open the service for the releases of chips."""
    from qdash_builtin.exchange.releases import ReleaseService

    return ReleaseService(qdash.store, qdash.zone, qdash.registry, metrics_file=qdash.settings.metrics_file)


def open_exchange(qdash: QDash) -> ExchangeService:
    """Open the service for the import and export of laboratory files."""
    from qdash_builtin.exchange.service import ExchangeService

    return ExchangeService(qdash, qdash.get(CHIPS), qdash.get(METRICS))
