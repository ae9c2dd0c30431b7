"""Idempotent submission of runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.errors import QDashError
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.models.execution import ExecutionModel
    from qdash_core.repositories.request_keys import RequestKey
    from qdash_core.runtime.runtime import Runtime


@dataclass(frozen=True, slots=True)
class IdempotentSubmission:
    """Submission with a key, performed once."""

    runtime: Runtime
    key: RequestKey

    def begin(self, anew: Callable[[], ExecutionModel]) -> tuple[ExecutionModel, bool]:
        """Return the execution of the key, and whether it was submitted before; if the key is new, submit it by `anew`.

        `anew` has to call `record_key` within its transaction.

        Raises
        ------
        ConflictError
            If the key belongs to another request.
        QDashError
            As for `anew`, unless another process has submitted the same request meanwhile.
        """
        if self.key.text is None:
            return anew(), False
        with self.runtime.store.read() as snapshot:
            if (found := self._find_execution(Repositories(snapshot))) is not None:
                return found, True
        try:
            return anew(), False
        except QDashError:
            # Another process may have submitted the same just before, perhaps after the moment of the snapshot.
            with self.runtime.store.transaction() as transaction:
                found = self._find_execution(Repositories(transaction))
            if found is None:
                raise
            return found, True

    def record_key(self, repositories: Repositories, execution_id: str) -> None:
        """Record the execution of the key, within a transaction; raise ConflictError if the key was used."""
        self.key.record(repositories, "execution", execution_id)

    def _find_execution(self, repositories: Repositories) -> ExecutionModel | None:
        """Return the execution of the key, or None; raise ConflictError if the key belongs to another request."""
        found = self.key.find(repositories)
        if found is None:
            return None
        return repositories.of(ExecutionRepository).require(found.project_id, found.record_id)
