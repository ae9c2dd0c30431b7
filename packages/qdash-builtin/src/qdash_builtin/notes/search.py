"""Search of notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.notes.facts import iter_present, name_subject
from qdash_builtin.notes.feature import NOTES
from qdash_core.models.search import Match, make_address

if TYPE_CHECKING:
    from qdash_core.models.access import Access
    from qdash_core.models.search import Search
    from qdash_core.runtime.application import QDash

_NEWEST = 200
"""Number of the newest edits that are searched."""


def find_notes(qdash: QDash, access: Access, search: Search) -> list[Match]:
    """Return the notes on the chip and what it has that have the words, newest first."""
    if search.chip_id is None:
        return []
    edits = qdash.get(NOTES).list_chip_events(access, search.chip_id, limit=_NEWEST)
    found = [
        Match(
            "note",
            f"Note on {name_subject(one)}",
            one.content,
            make_address("notes", note=str(one.seq)),
            f"qdash note list {search.chip_id}",
        )
        for one in iter_present(edits)
    ]
    return [one for one in found if search.fits(one.title, one.text)]
