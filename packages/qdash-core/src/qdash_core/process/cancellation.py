"""Cooperative cancellation of work at checkpoints."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class AbandonedError(BaseException):
    """The client of a request has disconnected, and the work was abandoned.

    This is not an `Exception`, so that no error handler continues the work.
    """


def _is_never_abandoned() -> bool:
    return False


_abandoned: ContextVar[Callable[[], bool]] = ContextVar("abandoned", default=_is_never_abandoned)


@contextmanager
def allow_abandoning(abandoned: Callable[[], bool]) -> Iterator[None]:
    """Let `checkpoint` end the work of a block once `abandoned` returns True. Any thread may call `abandoned`."""
    token = _abandoned.set(abandoned)
    try:
        yield
    finally:
        _abandoned.reset(token)


def checkpoint() -> None:
    """Raise AbandonedError if the work is abandoned. Call it only where nothing has been written yet."""
    if _abandoned.get()():
        raise AbandonedError
