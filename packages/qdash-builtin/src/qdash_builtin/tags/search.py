"""Search of tags."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from qdash_builtin.tags.feature import TAGS
from qdash_core.models.search import Match, make_address

if TYPE_CHECKING:
    from qdash_core.models.access import Access
    from qdash_core.models.search import Search
    from qdash_core.runtime.application import QDash


def find_tags(qdash: QDash, access: Access, search: Search) -> list[Match]:
    """Return the tags of the project that have the words; they lead to their executions."""
    return [
        Match(
            "tag",
            one.name,
            "executions with this tag",
            make_address("executions", tag=one.name),
            f"qdash executions list --tag {shlex.quote(one.name)}",
        )
        for one in qdash.get(TAGS).list_by_project(access)
        if search.fits("tag", one.name)
    ]
