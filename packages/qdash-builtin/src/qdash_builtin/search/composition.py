"""Services of the search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.search.service import SearchService

if TYPE_CHECKING:
    from qdash_core.runtime.application import QDash


def open_search(qdash: QDash) -> SearchService:
    """Open the service that searches all features."""
    qdash.registry.tasks()  # imported before the time limits of the calls begin
    return SearchService(qdash.store, qdash.facts)
