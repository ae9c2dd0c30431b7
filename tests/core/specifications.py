"""Limits that somebody asked of a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.metrics.service import MetricsService
from qdash_builtin.metrics.specification_service import SpecificationService

from ..access import ADMIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.repositories.store import Store

LIMITS = {
    "t1": 100.0,
    "t2_echo": 200.0,
    "average_readout_fidelity": 0.99,
    "x90_gate_fidelity": 0.999,
    "average_gate_fidelity": 0.999,
    "zx90_gate_fidelity": 0.99,
    "bell_state_fidelity": 0.95,
}


def ask_limits(store: Store, chip_id: str, limits: Mapping[str, float] = LIMITS) -> None:
    """Ask for limits of the values of a chip."""
    SpecificationService(store, MetricsService(store)).ask(ADMIN, chip_id, limits, {})
