"""Errors of instruments that are worth another try."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from qdash_core.errors import BackendError

if TYPE_CHECKING:
    from collections.abc import Iterator


class ConnectionLostError(BackendError):
    """The instruments did not answer: the same may work the next time."""


@contextmanager
def lost_connections_told() -> Iterator[None]:
    """Let instruments that do not answer within the block be a `ConnectionLostError`."""
    try:
        yield
    except (ConnectionError, TimeoutError) as error:
        raise ConnectionLostError(f"the instruments did not answer: {error}") from error
