"""Counter of uses for results that pay off only after several uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


@dataclass(slots=True)
class DeferredCache(Generic[T]):
    """Number of uses, and the result built for them."""

    number: int = 0
    made: T | None = None

    def next(self, make: Callable[[], T], *, after: int) -> T | None:
        """Count a use; return the result once there were more than `after` uses, otherwise None."""
        self.number += 1
        if self.number <= after:
            return None
        if self.made is None:
            self.made = make()
        return self.made
