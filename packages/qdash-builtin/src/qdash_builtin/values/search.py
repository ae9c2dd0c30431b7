"""Search of the command that undoes the last change of values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.values.feature import VALUES
from qdash_core.models.pages import PageRequest
from qdash_core.models.project import ProjectRole
from qdash_core.models.search import Match, make_address
from qdash_core.models.target_lists import name_targets
from qdash_core.models.targets import by_number

if TYPE_CHECKING:
    from qdash_core.models.access import Access
    from qdash_core.models.search import Search
    from qdash_core.runtime.application import QDash

_NEWEST = 20
"""Number of the newest changes of the user that are read for one that is not undone."""
_MOST_NAMED = 3
_NAMES = ("Undo the last change", "undo last change of values", "revert")


def find_undo(qdash: QDash, access: Access, search: Search) -> list[Match]:
    """Return the command that undoes the last change by the user, if there is one."""
    if search.chip_id is None or not search.fits(*_NAMES) or not access.role.includes(ProjectRole.EDITOR):
        return []
    newest = qdash.get(VALUES).list_events(
        access, search.chip_id, PageRequest(_NEWEST), username=access.username, by_hand=True
    )
    last = next((one for one in newest.items if one.undone_by is None), None)
    if last is None:
        return []
    changed = name_targets(sorted({part.qid for part in last.parts}, key=by_number), _MOST_NAMED)
    address = make_address("chip", chip=search.chip_id, view="changes", event=str(last.number))
    title, *names = _NAMES
    return [
        Match(
            "command",
            title,
            f"change {last.number} of {changed}",
            address,
            f"qdash values undo {last.number}",
            (*names,),
        )
    ]
