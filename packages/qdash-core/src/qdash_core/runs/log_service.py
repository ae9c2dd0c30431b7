"""What a run has said, page by page, for who asks now and then rather than waits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qdash_core.models.pages import Page
from qdash_core.record.reading import existing
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from qdash_core.models.access import Access
    from qdash_core.models.execution import LogModel
    from qdash_core.models.pages import PageRequest
    from qdash_core.repositories.store import Store

MOST_CHARACTERS = 1_000_000
"""A page ends behind so much text, however few parts that is."""


class LogService:
    """What runs of one store have said."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def page(
        self, access: Access, execution_id: str, request: PageRequest, *, since: int = 0
    ) -> Page[LogModel]:
        """Return a page of what an execution has said, in the parts in which it was written down.

        Parameters
        ----------
        since : int
            Only what was written after the part of this number: who follows a run gives that of the last one they have.

        Raises
        ------
        NotFoundError
            If there is no such execution.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            existing(repositories, access.project_id, execution_id)
            found = repositories.logs.page_of_execution(access.project_id, execution_id, request, since=since)
        fits = _fitting(found.items)
        if fits == len(found.items):
            return found
        return Page.of(found.items[: fits + 1], replace(request, limit=fits), lambda one: (one.seq,))


def _fitting(parts: list[LogModel]) -> int:
    """Return how many parts a page has at most: one in any case."""
    characters = 0
    for number, part in enumerate(parts):
        characters += len(part.text)
        if characters > MOST_CHARACTERS and number:
            return number
    return len(parts)
