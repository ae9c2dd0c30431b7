"""Search of cool-downs and cryostats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.cooldowns.feature import COOLDOWNS
from qdash_core.models.pages import LARGEST_PAGE, PageRequest
from qdash_core.models.search import Match, make_address

if TYPE_CHECKING:
    from qdash_core.models.access import Access
    from qdash_core.models.search import Search
    from qdash_core.runtime.application import QDash


def find_cooldowns(qdash: QDash, access: Access, search: Search) -> list[Match]:
    """Return the cool-downs of the project that have the words, newest first, of the newest 200."""
    found = [
        Match(
            "cool-down",
            one.cooldown_id,
            f"{one.cryo_id}, {one.description}" if one.description else one.cryo_id,
            make_address("cooldown", cooldown=one.cooldown_id),
            f"qdash cooldown show {one.cooldown_id}",
            (*one.chip_ids,),
        )
        for one in qdash.get(COOLDOWNS).page(access, PageRequest(LARGEST_PAGE)).items
    ]
    return [one for one in found if search.fits(one.kind, one.title, one.text, *one.names)]
