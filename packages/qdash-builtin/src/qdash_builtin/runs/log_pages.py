"""Logs of runs, page by page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qdash_core.models.pages import Page
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.queue import LogRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from qdash_core.models.access import Access
    from qdash_core.models.execution import LogModel
    from qdash_core.models.pages import PageRequest
    from qdash_core.repositories.store import Store

MOST_CHARACTERS = 1_000_000
"""Length of text after which a page ends, regardless of the number of parts."""


class LogService:
    """Logs of the runs of one store, page by page."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def page(
        self, access: Access, execution_id: str, request: PageRequest, *, since: int = 0
    ) -> Page[LogModel]:
        """Return a page of the log of an execution, in the parts in which it was written, after the part `since`.

        Raises
        ------
        NotFoundError
            If there is no such execution.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.of(ExecutionRepository).require(access.project_id, execution_id)
            found = repositories.of(LogRepository).get_execution_page(
                access.project_id, execution_id, request, since=since
            )
        fits = _count_fitting_parts(found.items)
        if fits == len(found.items):
            return found
        return Page.from_items(found.items[: fits + 1], replace(request, limit=fits), lambda one: (one.seq,))


def _count_fitting_parts(parts: list[LogModel]) -> int:
    """Return the number of parts that fit on a page, at least one."""
    characters = 0
    for number, part in enumerate(parts):
        characters += len(part.text)
        if characters > MOST_CHARACTERS and number:
            return number
    return len(parts)
