"""Idempotency keys of requests: one request is performed once, however often it is sent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from qdash_core.errors import ConflictError, InvalidInputError
from qdash_core.models.idempotency import IdempotencyModel
from qdash_core.process.clock import machine_now
from qdash_core.repositories.idempotency import IdempotencyRepository

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.models.access import Access
    from qdash_core.repositories.repositories import Repositories

LONGEST_KEY = 200
"""Largest length of a key, in characters."""


@dataclass(frozen=True, slots=True)
class RequestKey:
    """Idempotency key of a request of one user in one project, each with separate keys.

    `text` is None to perform every request. `request` has the request as plain values.

    Raises
    ------
    InvalidInputError
        If the key is empty, too long, or not printable ASCII.
    """

    access: Access
    text: str | None
    request: Mapping[str, object]

    def __post_init__(self) -> None:
        """Validate the key."""
        key = self.text
        if key is not None and not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
            raise InvalidInputError(
                f"an idempotency key has up to {LONGEST_KEY} printable characters of ASCII, as a UUID has"
            )

    def find(self, repositories: Repositories) -> IdempotencyModel | None:
        """Return the record of an earlier request with the key, or None; raise ConflictError if that was another request."""
        if self.text is None:
            return None
        found = repositories.of(IdempotencyRepository).find(
            self.access.project_id, self.access.username, self.text
        )
        if found is not None and found.request_sha256 != self._digest():
            raise ConflictError(
                f"key {self.text!r} stands for another request, which became {_describe_outcome(found)}: ask for something else under another key"
            )
        return found

    def record(self, repositories: Repositories, noun: str = "", record_id: str | int = "") -> None:
        """Record what the request made, within its transaction; raise ConflictError if the key was used.

        `noun` is the noun of the record, such as `issue`, or empty if the request made none.
        """
        if self.text is not None:
            repositories.of(IdempotencyRepository).add(
                IdempotencyModel(
                    project_id=self.access.project_id,
                    username=self.access.username,
                    key=self.text,
                    request_sha256=self._digest(),
                    noun=noun,
                    record_id=str(record_id),
                    created_at=machine_now(),
                )
            )

    def _digest(self) -> str:
        return sha256(json.dumps(self.request, sort_keys=True).encode()).hexdigest()


def _describe_outcome(found: IdempotencyModel) -> str:
    return f"{found.noun} {found.record_id}" if found.noun else "no record of its own"
