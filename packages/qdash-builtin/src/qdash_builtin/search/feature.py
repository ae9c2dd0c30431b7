"""Feature of the search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features.declarations import Feature, Service

if TYPE_CHECKING:
    from qdash_builtin.search.service import SearchService

SEARCH: Service[SearchService] = Service("qdash_builtin.search.composition:open_search")

FEATURE = Feature(
    "search",
    services=(SEARCH,),
    operations=("qdash_builtin.search.operations:operations",),
    commands={"search": "qdash_builtin.search.commands:search"},
)
