"""A run that is asked for twice under one key is begun once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from qdash_core.errors import ConflictError, InvalidInputError, QDashError
from qdash_core.models.idempotency import IdempotencyModel
from qdash_core.record.reading import existing
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qdash_core.models.access import Access
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.runtime import Runtime

LONGEST_KEY = 200
"""So many characters may a key have."""


@dataclass(frozen=True, slots=True)
class Once:
    """What somebody asks for under a key.

    Parameters
    ----------
    runtime : Runtime
        Open.
    access : Access
        Who asks, and where: others have keys of their own.
    key : str or None
        None: whatever is asked for is done, however often.
    asked : mapping
        What is asked for, as plain values.

    Raises
    ------
    InvalidInputError
        If the key cannot be one.
    """

    runtime: Runtime
    access: Access
    key: str | None
    asked: Mapping[str, object]

    def __post_init__(self) -> None:
        """Check the key."""
        key = self.key
        if key is not None and not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
            raise InvalidInputError(
                f"an idempotency key has up to {LONGEST_KEY} printable characters of ASCII, as a UUID has"
            )

    def begin(self, anew: Callable[[], ExecutionModel]) -> tuple[ExecutionModel, bool]:
        """Return what came of the key before, or else of doing it, and whether it is the former.

        Parameters
        ----------
        anew : callable
            Does it, and calls `keep` within the transaction in which it writes.

        Raises
        ------
        ConflictError
            If the key stands for something else.
        QDashError
            As `anew`, as long as nobody else has done it meanwhile.
        """
        if self.key is None:
            return anew(), False
        with self.runtime.store.read() as snapshot:
            if (found := self._found(Repositories(snapshot), self.key)) is not None:
                return found, True
        try:
            return anew(), False
        except QDashError:
            # Another process may have been just ahead with the same. A snapshot may be of the moment before that.
            with self.runtime.store.transaction() as transaction:
                found = self._found(Repositories(transaction), self.key)
            if found is None:
                raise
            return found, True

    def keep(self, repositories: Repositories, execution_id: str) -> None:
        """Note what comes of it, within a transaction; ConflictError when the key has been used."""
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

    def _found(self, repositories: Repositories, key: str) -> ExecutionModel | None:
        """Return what came of the key; None: nothing yet. ConflictError when it stands for something else."""
        project_id = self.access.project_id
        asked = repositories.idempotency.find(project_id, self.access.username, key)
        if asked is None:
            return None
        if asked.request_sha256 != self._digest():
            raise ConflictError(
                f"key {key!r} stands for another request, which became execution {asked.execution_id}: "
                "ask for something else under another key"
            )
        return existing(repositories, project_id, asked.execution_id)

    def _digest(self) -> str:
        return sha256(json.dumps(self.asked, sort_keys=True).encode()).hexdigest()
