"""Search of the export of a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.search import Match, make_address

if TYPE_CHECKING:
    from qdash_core.models.access import Access
    from qdash_core.models.search import Search
    from qdash_core.runtime.application import QDash


def find_export(_qdash: QDash, _access: Access, search: Search) -> list[Match]:
    """Return the page that exports the chip."""
    if search.chip_id is None:
        return []
    chip_id = search.chip_id
    address = make_address("chip-export", chip=chip_id)
    match = Match("page", f"Export {chip_id}", "values as a file", address, f"qdash export {chip_id}")
    return [match] if search.fits(match.title, match.text) else []
