"""Cache of a result that is computed only after several uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


@dataclass(slots=True)
class DeferredCache(Generic[T]):
    """Cache of one result, computed after a `number` of uses; None before."""

    number: int = 0
    made: T | None = None

    def count_use(self, make: Callable[[], T], *, after: int) -> T | None:
        """Count a use; return None for the first `after` uses, then the result."""
        self.number += 1
        if self.number <= after:
            return None
        if self.made is None:
            self.made = make()
        return self.made
