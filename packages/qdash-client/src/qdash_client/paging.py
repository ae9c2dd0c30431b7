"""Lists that come in pages, whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from qdash_client.generated.types import UNSET, Unset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T_co = TypeVar("T_co", covariant=True)


class Page(Protocol[T_co]):
    """What an operation that lists something answers."""

    @property
    def items(self) -> Sequence[T_co]:
        """What is on it."""

    @property
    def next_(self) -> str | Unset | None:
        """Where the page behind it begins."""


def every(operation: Callable[..., Page[T_co]], *place: Any, **asked: Any) -> Iterator[T_co]:
    """Yield each item of a list, page after page, as they are asked for.

    Parameters
    ----------
    operation : callable
        `sync` of an operation that lists something.
    *place, **asked : value
        What it takes, `client` among them.
    """
    after: str | Unset = UNSET
    while True:
        page = operation(*place, after=after, **asked)
        yield from page.items
        if not page.next_:
            return
        after = page.next_
