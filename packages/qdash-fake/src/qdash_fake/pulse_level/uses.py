"""Uses of what is made only once it was used often enough to pay off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


@dataclass(slots=True)
class Uses(Generic[T]):
    """Number of uses, and what was made for them."""

    number: int = 0
    made: T | None = None

    def next(self, make: Callable[[], T], *, after: int) -> T | None:
        """Count a use; return what is made once there were more than `after`, None before."""
        self.number += 1
        if self.number <= after:
            return None
        if self.made is None:
            self.made = make()
        return self.made
