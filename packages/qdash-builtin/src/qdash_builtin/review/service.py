"""Service for the review of flagged results."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from qdash_builtin.review.item_maker import ReviewItemMaker, require_reviewable
from qdash_builtin.review.query import KnownNames
from qdash_builtin.values.flagged_results import (
    TargetsById,
    list_flagged_results,
    list_undecided,
    list_waiting,
)
from qdash_builtin.values.review_state import ReviewState
from qdash_builtin.values.selection import require_target
from qdash_core.errors import NotFoundError
from qdash_core.models.pages import LARGEST_PAGE, Page, PageRequest
from qdash_core.models.task import TaskStatus, Verdict
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.repositories.store import Range

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.review.item import ReviewItem
    from qdash_builtin.review.query import ReviewConditions, ReviewQuery
    from qdash_core.models.access import Access
    from qdash_core.models.chip import ChipModel
    from qdash_core.models.task import RecordedValues, TaskResultModel
    from qdash_core.repositories.store import Store
    from qdash_core.runtime.application import QDash

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class ReviewService:
    """Service for the review of the flagged results of one store. Decisions are made through `ValueService`.

    A flagged result awaits a decision while it is the last result with values of its task and target, and one of its values has neither a
    decision nor a later value in use. Results of excluded and dead targets do not wait, nor do those that could not become values of the
    chip: of trials, simulations, value scopes, and former chips.
    """

    def __init__(self, store: Store, names: KnownNames) -> None:
        self._store = store
        self._names = names

    def count(self, access: Access, chip_id: str) -> int:
        """Return the number of results of a chip that await a decision; raise NotFoundError if there is no such chip."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            header = repositories.of(ChipRepository).require(access.project_id, chip_id)
            return len(list_waiting(repositories, header))

    def page(
        self, access: Access, chip_id: str, query: ReviewQuery, request: PageRequest
    ) -> Page[ReviewItem]:
        """Return a page of the results of a chip that await a decision, newest first.

        This order does not change while decisions are made, so that pages neither repeat nor omit a result. With `query.every_state`, a page
        may be incomplete although more pages follow.

        Raises
        ------
        NotFoundError
            If there is no such chip, target, task or parameter.
        InvalidInputError
            If the page belongs to another list.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            header = repositories.of(ChipRepository).require(access.project_id, chip_id)
            conditions = self._names.resolve(repositories, header, query)
            get_page = _get_page_of_all if query.every_state else _get_waiting_page
            return get_page(repositories, header, conditions, request)

    def list_ids(self, access: Access, chip_id: str, query: ReviewQuery) -> list[str]:
        """Return the ids of the results of all pages, in their order; for errors see `page`. No review item is made."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            header = repositories.of(ChipRepository).require(access.project_id, chip_id)
            return _list_ids(repositories, header, self._names.resolve(repositories, header, query), query)

    def show(self, access: Access, task_id: str) -> ReviewItem:
        """Return a flagged result in any state.

        Raises
        ------
        NotFoundError
            If there is no such result, or its chip or target was deleted.
        InvalidInputError
            If it was not flagged, or could not become a value of the chip.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            result = repositories.of(TaskResultHistoryRepository).find(access.project_id, task_id)
            if result is None:
                raise NotFoundError(f"there is no result {task_id!r} in project {access.project_id}")
            header = repositories.of(ChipRepository).require(access.project_id, result.chip_id)
            require_reviewable(result, header)
            require_target(repositories, header, result.qid)
            (item,) = ReviewItemMaker(repositories, header, [result]).make_items()
        return item


def _get_waiting_page(
    repositories: Repositories, header: ChipModel, conditions: ReviewConditions, request: PageRequest
) -> Page[ReviewItem]:
    waiting = _list_waiting(repositories, header, conditions)
    page = Page.from_all_items(waiting, request, _make_place)
    return Page(_make_items(repositories, header, [one.task_id for one in page.items]), page.next)


def _list_waiting(
    repositories: Repositories, header: ChipModel, conditions: ReviewConditions
) -> list[RecordedValues]:
    return [
        one.values
        for one in list_flagged_results(repositories, header)
        if one.state is ReviewState.WAITING
        and conditions.include(one.task, one.values.qid, list_undecided(one.values))
    ]


def _list_ids(
    repositories: Repositories, header: ChipModel, conditions: ReviewConditions, query: ReviewQuery
) -> list[str]:
    if not query.every_state:
        return [
            one.task_id for one in sorted(_list_waiting(repositories, header, conditions), key=_make_place)
        ]
    found: list[TaskResultModel] = []
    request: PageRequest | None = PageRequest(LARGEST_PAGE)
    while request is not None:
        page = _read_page_of_all(repositories, header, conditions, request)
        found += page.items
        request = None if page.next is None else PageRequest(LARGEST_PAGE, page.next)
    targets = TargetsById.read(repositories, header, (one.qid for one in found))
    return [one.task_id for one in found if targets.find(one.qid) is not None]


def _make_items(repositories: Repositories, header: ChipModel, task_ids: Sequence[str]) -> list[ReviewItem]:
    found = {
        one.task_id: one
        for one in repositories.of(TaskResultHistoryRepository).list_by_ids(header.project_id, task_ids)
    }
    return ReviewItemMaker(repositories, header, [found[task_id] for task_id in task_ids]).make_items()


def _get_page_of_all(
    repositories: Repositories, header: ChipModel, conditions: ReviewConditions, request: PageRequest
) -> Page[ReviewItem]:
    page = _read_page_of_all(repositories, header, conditions, request)
    return Page(ReviewItemMaker(repositories, header, page.items).make_items(), page.next)


def _read_page_of_all(
    repositories: Repositories, header: ChipModel, conditions: ReviewConditions, request: PageRequest
) -> Page[TaskResultModel]:
    where: dict[str, Any] = {
        "project_id": header.project_id,
        "chip_id": header.chip_id,
        "status": TaskStatus.COMPLETED,
        "verdict": Verdict.FLAGGED,
        "start_at": Range(least=header.installed_at),
    }
    page = repositories.of(TaskResultHistoryRepository).page(where, request)
    results = [
        one
        for one in page.items
        if (names := list_undecided(one)) and conditions.include(one.name, one.qid, names)
    ]
    return Page(results, page.next)


def _make_place(result: RecordedValues) -> tuple[int, str]:
    """Return the place of a result in the list, newest first."""
    started = result.start_at or _EPOCH
    return (_EPOCH - started) // _MICROSECOND, result.task_id


def open_review(qdash: QDash) -> ReviewService:
    """Open the service for the review of flagged results."""
    registry = qdash.registry
    return ReviewService(
        qdash.store, KnownNames(registry.task_name, registry.any_task, registry.output_parameters)
    )
