"""Results with notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core.models.pages import Page
from qdash_core.repositories.store import Range

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_core.models.pages import PageRequest
    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.results import TaskResultHistoryRepository


def list_noted_results(
    results: TaskResultHistoryRepository, project_id: str, chip_id: str, *, limit: int | None = None
) -> list[TaskResultModel]:
    """Return the results of a chip with a note, last noted first."""
    where = {"project_id": project_id, "chip_id": chip_id, "user_note.updated_at": Range()}
    found: list[TaskResultModel] = []
    after = None
    while limit is None or len(found) < limit:
        page = results.select(where, order=("-user_note.updated_at",), limit=limit, after=after)
        found += [result for result in page if result.user_note.content]  # others have a cleared note
        if limit is None or len(page) < limit:
            break
        after = (page[-1].user_note.updated_at, project_id, page[-1].task_id)
    return found[:limit]


def get_noted_page(
    results: TaskResultHistoryRepository,
    project_id: str,
    chip_id: str,
    request: PageRequest,
    *,
    cooldown_id: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Page[TaskResultModel]:
    """Return a page of the noted results of a chip, last edited note first; omit cleared notes.

    The filters are those of `iter_values_by_chip`.
    """
    where: dict[str, Any] = {
        "project_id": project_id,
        "chip_id": chip_id,
        "user_note.updated_at": Range(),
    }
    where |= {} if cooldown_id is None else {"cooldown_id": cooldown_id}
    where |= {} if since is None and until is None else {"start_at": Range(least=since, below=until)}
    page = results._page(where, request, order=("-user_note.updated_at",))
    return Page([result for result in page.items if result.user_note.content], page.next)
