"""A chip in a store, without a bench."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from qdash_builtin.chips.service import ChipService
from qdash_builtin.metrics.definition_file import read_metrics_file
from qdash_core.chips.topology import Site, Topology

from ...access import access_of

if TYPE_CHECKING:
    from qdash_core.chips.chip import Chip
    from qdash_core.repositories.store import Store

METRICS = read_metrics_file(None).get_metrics
"""Metrics of qubits and of couplings in the built-in file."""

PAIR = Topology("pair", (Site("0", 0, 0, 0), Site("1", 0, 1, 0)), ("0-1",))
"""Two qubits and their coupling."""


def make_chip(store: Store, chip_id: str, *, project_id: str = "default") -> Chip:
    """Make a chip of two qubits."""
    chips = ChipService(store, UTC, is_live=lambda lock: False)  # type: ignore[arg-type]
    return chips.create(access_of("admin", project_id), chip_id, PAIR, backend="bench")
