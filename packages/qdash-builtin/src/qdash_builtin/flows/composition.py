"""Services of flows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qdash_builtin.flows.catalogue import is_installed
from qdash_builtin.flows.saved_flows import SavedFlows
from qdash_builtin.flows.settings import FlowSettings

if TYPE_CHECKING:
    from qdash_core.runtime.application import QDash


def open_flows(qdash: QDash) -> SavedFlows:
    """Open the service for saved flows."""
    installed = partial(is_installed, registry=qdash.registry)
    return SavedFlows(
        qdash.store,
        is_installed=installed,
        list_tasks=qdash.registry.list_task_names,
        authors=qdash.settings.of(FlowSettings).flow_authors,
    )
