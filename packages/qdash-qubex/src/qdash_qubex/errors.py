"""Errors of instruments that are worth another try."""

from __future__ import annotations

from qdash_core.errors import BackendError


class ConnectionLostError(BackendError):
    """The instruments did not answer: the same may work the next time."""
