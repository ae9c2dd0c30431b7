"""Iteration over lists that the host returns in pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from qdash_remote.generated.types import UNSET, Unset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T_co = TypeVar("T_co", covariant=True)


class Page(Protocol[T_co]):
    """Response of an operation that lists something."""

    @property
    def items(self) -> Sequence[T_co]:
        """Items of the page."""

    @property
    def next_(self) -> str | Unset | None:
        """Parameter `after` of the next page."""


def every(operation: Callable[..., Page[T_co]], *place: Any, **asked: Any) -> Iterator[T_co]:
    """Yield each item of a list; read pages on demand.

    Parameters
    ----------
    operation : callable
        `sync` of an operation that lists something.
    *place, **asked : value
        Its arguments, including `client`.
    """
    after: str | Unset = UNSET
    while True:
        page = operation(*place, after=after, **asked)
        yield from page.items
        if not page.next_:
            return
        after = page.next_
