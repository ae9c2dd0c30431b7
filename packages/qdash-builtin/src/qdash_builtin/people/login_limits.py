"""Limits on failed logins by user and address, by user, and by address.

They do not affect tokens.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from qdash_builtin.people.models.login import LoginAttemptModel
from qdash_builtin.people.repositories.logins import LoginAttemptRepository
from qdash_core.errors import TooManyError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from qdash_core.repositories.repositories import Repositories

WINDOW = timedelta(minutes=15)
_MOST_OF_BOTH, _MOST_OF_A_USER, _MOST_OF_AN_ADDRESS = 10, 50, 100


def refuse_too_many(repositories: Repositories, username: str, address: str, *, now: datetime) -> None:
    """Raise TooManyError if too many logins have failed within the last 15 minutes."""
    for subject, most in _iter_subjects(username, address):
        found = repositories.of(LoginAttemptRepository).find(subject)
        if found is not None and found.n >= most and not found.is_expired(WINDOW, now=now):
            left = found.created_at + WINDOW - now
            raise TooManyError(
                f"too many logins have failed: wait {left.total_seconds() / 60:.0f} min and try again; "
                "a token, if you have one, works as ever",
                retry_after_s=left.total_seconds(),
            )


def count_failure(repositories: Repositories, username: str, address: str, *, now: datetime) -> None:
    """Count a failed login, and remove expired counts."""
    repositories.of(LoginAttemptRepository).prune(now - WINDOW)
    for subject, _ in _iter_subjects(username, address):
        found = repositories.of(LoginAttemptRepository).find(subject)
        if found is None or found.is_expired(WINDOW, now=now):
            found = LoginAttemptModel.create(subject, now=now)
        repositories.of(LoginAttemptRepository).put(
            found.model_copy(update={"n": found.n + 1, "last_at": now, "updated_at": now})
        )


def forget_failures(repositories: Repositories, username: str, address: str) -> None:
    """Reset the failures of a user from an address after a successful login."""
    subject, _ = next(_iter_subjects(username, address))
    if repositories.of(LoginAttemptRepository).find(subject) is not None:
        repositories.of(LoginAttemptRepository).remove(subject)


def _iter_subjects(username: str, address: str) -> Iterator[tuple[str, int]]:
    """Yield each subject of the count with its maximum number of failures."""
    yield _hash("both", username, address), _MOST_OF_BOTH
    yield _hash("user", username), _MOST_OF_A_USER
    yield _hash("address", address), _MOST_OF_AN_ADDRESS


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode(errors="replace")).hexdigest()
