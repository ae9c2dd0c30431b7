"""Search of installed and saved flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.flows.feature import SAVED_FLOWS
from qdash_core.models.search import Match, make_address

if TYPE_CHECKING:
    from qdash_core.models.access import Access
    from qdash_core.models.search import Search
    from qdash_core.runtime.application import QDash


def find_flows(qdash: QDash, access: Access, search: Search) -> list[Match]:
    """Return the flows that have the words in their names, descriptions or tags."""
    installed = ((name, one.description, ()) for name, one in qdash.registry.flows().items())
    saved = ((one.name, one.description, one.tags) for one in qdash.get(SAVED_FLOWS).list_by_project(access))
    return [
        Match(
            "flow",
            name,
            description.partition("\n")[0],
            make_address("flows", flow=name, chip=search.chip_id),
            "" if search.chip_id is None else f"qdash calibrate {search.chip_id} --flow {name}",
            (*tags,),
        )
        for name, description, tags in (*installed, *saved)
        if search.fits("flow", f"calibrate {name}", description, *tags)
    ]
