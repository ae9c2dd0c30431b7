"""Services of the home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.metrics.feature import JUDGEMENTS

if TYPE_CHECKING:
    from qdash_builtin.home.backends import BackendService
    from qdash_builtin.home.home_state import MonitoringService
    from qdash_builtin.home.pruning.pruner import Pruner
    from qdash_core.runtime.application import QDash


def open_backends(qdash: QDash) -> BackendService:
    """Open the service for installed backends and the backends of projects."""
    from qdash_builtin.home.backends import BackendService

    return BackendService(qdash.store, installed=qdash.registry.backends)


def open_monitoring(qdash: QDash) -> MonitoringService:
    """Open the service that reads the state of the home for programs that watch it."""
    from qdash_builtin.home.home_state import MonitoringService

    return MonitoringService(qdash.store, qdash.settings, qdash.get(JUDGEMENTS))


def open_pruner(qdash: QDash) -> Pruner:
    """Open the service that removes old data to which nothing refers."""
    from qdash_builtin.home.pruning.pruner import Pruner

    return Pruner(qdash.store, qdash.artifacts)
