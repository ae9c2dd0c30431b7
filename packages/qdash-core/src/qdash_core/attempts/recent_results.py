"""Recent results of a task on a target, for validators."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, overload

from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.repositories.retry import StoreRetry

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qdash_core.models.task import PastResult, TaskResultModel
    from qdash_core.repositories.store import Store

N_RECENT = 10
"""Number of earlier results that validators see."""


class RecentResults:
    """Recent results of one chip, which count for its values, or for those of the value scope: neither trials nor simulations nor refits.

    Results from before `installed_at` are those of another chip with the same id. `retry` has the retries while the
    store is away, or is None to fail at once.
    """

    def __init__(self, store: Store, installed_at: datetime, *, retry: StoreRetry | None = None) -> None:
        self._store, self._installed_at = store, installed_at
        self._with_retry = retry or StoreRetry(0.0)

    def list_before(self, result: TaskResultModel) -> Sequence[PastResult]:
        """Return the results of the same task and target before a running one, newest first, read at the first access.

        A trial, a simulation and a refit have none.
        """
        if not result.kept or result.simulated or result.refit_of is not None:
            return ()
        return _LazyResults(lambda: self._with_retry(partial(self._read, result)))

    def _read(self, result: TaskResultModel) -> list[PastResult]:
        with self._store.read() as snapshot:
            return (
                Repositories(snapshot)
                .of(TaskResultHistoryRepository)
                .list_recent(result, since=self._installed_at, limit=N_RECENT)
            )


class _LazyResults(Sequence["PastResult"]):
    """Sequence of results that is read at the first access."""

    def __init__(self, read: Callable[[], list[PastResult]]) -> None:
        self._read = read

    @cached_property
    def _results(self) -> list[PastResult]:
        return self._read()

    @overload
    def __getitem__(self, index: int) -> PastResult: ...

    @overload
    def __getitem__(self, index: slice) -> list[PastResult]: ...

    def __getitem__(self, index: int | slice) -> PastResult | list[PastResult]:
        return self._results[index]

    def __len__(self) -> int:
        return len(self._results)
