"""Services of provenance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.provenance.service import ProvenanceService

if TYPE_CHECKING:
    from qdash_core.runtime.application import QDash


def open_provenance(qdash: QDash) -> ProvenanceService:
    """Open the service for the provenance of values."""
    return ProvenanceService(qdash.store, find_marks=lambda *where: qdash.judge.read(*where).marks)
