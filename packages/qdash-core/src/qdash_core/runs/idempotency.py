"""Idempotent submission of runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from qdash_core.errors import ConflictError, InvalidInputError, QDashError
from qdash_core.models.idempotency import IdempotencyModel
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qdash_core.models.access import Access
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.runtime import Runtime

LONGEST_KEY = 200
"""Largest length of a key, in characters."""


@dataclass(frozen=True, slots=True)
class IdempotentSubmission:
    """Submission with a key, performed once.

    Parameters
    ----------
    runtime : Runtime
        Open runtime.
    access : Access
        User and project, each with separate keys.
    key : str or None
        The key, or None to perform every submission.
    request : mapping
        The request as plain values.

    Raises
    ------
    InvalidInputError
        If the key is empty, too long, or not printable ASCII.
    """

    runtime: Runtime
    access: Access
    key: str | None
    request: Mapping[str, object]

    def __post_init__(self) -> None:
        """Validate the key."""
        key = self.key
        if key is not None and not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
            raise InvalidInputError(
                f"an idempotency key has up to {LONGEST_KEY} printable characters of ASCII, as a UUID has"
            )

    def begin(self, anew: Callable[[], ExecutionModel]) -> tuple[ExecutionModel, bool]:
        """Return the execution of the key, submitted now if the key is new, and whether it was submitted before.

        Parameters
        ----------
        anew : callable
            Submits the request, and calls `record_key` within its transaction.

        Raises
        ------
        ConflictError
            If the key belongs to another request.
        QDashError
            As for `anew`, unless another process has submitted the same request meanwhile.
        """
        if self.key is None:
            return anew(), False
        with self.runtime.store.read() as snapshot:
            if (found := self._find_execution(Repositories(snapshot), self.key)) is not None:
                return found, True
        try:
            return anew(), False
        except QDashError:
            # Another process may have submitted the same just before, perhaps after the moment of the snapshot.
            with self.runtime.store.transaction() as transaction:
                found = self._find_execution(Repositories(transaction), self.key)
            if found is None:
                raise
            return found, True

    def record_key(self, repositories: Repositories, execution_id: str) -> None:
        """Record the execution of the key, within a transaction; raise ConflictError if the key was used."""
        if self.key is not None:
            repositories.idempotency.add(
                IdempotencyModel(
                    project_id=self.access.project_id,
                    username=self.access.username,
                    key=self.key,
                    request_sha256=self._digest(),
                    execution_id=execution_id,
                )
            )

    def _find_execution(self, repositories: Repositories, key: str) -> ExecutionModel | None:
        """Return the execution of the key, or None; raise ConflictError if the key belongs to another request."""
        project_id = self.access.project_id
        requested = repositories.idempotency.find(project_id, self.access.username, key)
        if requested is None:
            return None
        if requested.request_sha256 != self._digest():
            raise ConflictError(
                f"key {key!r} stands for another request, which became execution {requested.execution_id}: "
                "ask for something else under another key"
            )
        return repositories.executions.require(project_id, requested.execution_id)

    def _digest(self) -> str:
        return sha256(json.dumps(self.request, sort_keys=True).encode()).hexdigest()
