"""Errors of instruments for which a retry may help."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from qdash_core import BackendError

if TYPE_CHECKING:
    from collections.abc import Iterator


class ConnectionLostError(BackendError):
    """Exception raised if the instruments did not answer; a retry may help."""


@contextmanager
def translate_lost_connections() -> Iterator[None]:
    """Convert exceptions for unanswered requests within the block to `ConnectionLostError`."""
    try:
        yield
    except (ConnectionError, TimeoutError) as error:
        raise ConnectionLostError(f"the instruments did not answer: {error}") from error
