"""Pages of lists."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from qdash_core.errors import InvalidInputError
from qdash_core.parsing.json_parser import parse_json
from qdash_core.parsing.limits import JSON_CURSOR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Place = tuple[Any, ...]

T = TypeVar("T")

USUAL_PAGE, LARGEST_PAGE = 50, 200
LONGEST_CURSOR = JSON_CURSOR.size


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A request for one page of a list: at most 1 to 200 items, from the `next` of the previous page on.

    Raises
    ------
    InvalidInputError
        If one of them is invalid.
    """

    limit: int = USUAL_PAGE
    after: str | None = None

    def __post_init__(self) -> None:
        """Validate both fields."""
        if not 1 <= self.limit <= LARGEST_PAGE:
            raise InvalidInputError(
                f"limit cannot be {self.limit}: a page has 1 to {LARGEST_PAGE} items; follow `next` for more"
            )
        if self.after is not None and len(self.after) > LONGEST_CURSOR:
            raise InvalidInputError(_NO_CURSOR)

    def place(self, size: int) -> Place | None:
        """Values of the cursor after which the page begins, `size` of them, or None for the beginning.

        Raises
        ------
        InvalidInputError
            If `after` is not the `next` of a page of this kind of list.
        """
        if self.after is None:
            return None
        try:
            found = parse_json(urlsafe_b64decode(self.after.encode()), limits=JSON_CURSOR)
        except ValueError:
            raise InvalidInputError(_NO_CURSOR) from None
        if not isinstance(found, list) or len(found) != size or not all(_is_plain(value) for value in found):
            raise InvalidInputError(_NO_CURSOR)
        return tuple(found)


_NO_CURSOR = "after is not the `next` of a page of this list: leave it out for the first page"
_LARGEST_INTEGER = 2**63


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        return value.isprintable()
    return value is None or (
        isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST_INTEGER
    )


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list, in its order. `next` is the `PageRequest.after` of the next page, or None for the last one."""

    items: list[T]
    next: str | None = None

    @classmethod
    def from_items(cls, found: Sequence[T], request: PageRequest, place: Callable[[T], Place]) -> Page[T]:
        """Return the page with the first of the given items.

        `found` has one item more than requested if there is a next page. `place` returns the stored values that
        define the order of the list, unique for each item.
        """
        items = list(found[: request.limit])
        return cls(items, make_cursor(place(items[-1])) if len(found) > request.limit else None)

    @classmethod
    def from_all_items(
        cls, everything: Iterable[T], request: PageRequest, place: Callable[[T], Place]
    ) -> Page[T]:
        """Return a page of a complete, short list, ordered by `place`.

        Raises
        ------
        InvalidInputError
            If the request has the cursor of another list.
        """
        ordered = sorted(everything, key=place)
        if not ordered:
            return cls([])
        behind = request.place(len(place(ordered[0])))
        try:
            rest = ordered if behind is None else [item for item in ordered if place(item) > behind]
        except TypeError:
            raise InvalidInputError(_NO_CURSOR) from None
        return cls.from_items(rest, request, place)


def make_cursor(place: Place) -> str:
    """Return the cursor of a page that ends with these values, as `PageRequest.place` reads it."""
    return urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode()
