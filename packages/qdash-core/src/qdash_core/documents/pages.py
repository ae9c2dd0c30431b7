"""Pages of lists in responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from qdash_core.documents.base import Document

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.models.pages import Page

D = TypeVar("D")
T = TypeVar("T")


class PageOf(Document, Generic[D]):
    """Page of a list; `next`, if present, is the parameter `after` of the next page."""

    items: list[D]
    next: str | None = None

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """Return the schema name, such as `ChipHeaderPage` for a page of `ChipHeader`."""
        return f"{params[0].__name__}Page"

    @classmethod
    def get_item_type(cls) -> type[D] | None:
        """Return the type of the items, or None for pages of anything."""
        return next(iter(cls.__pydantic_generic_metadata__["args"]), None)

    @classmethod
    def from_page(cls, page: Page[T], show: Callable[[T], D]) -> PageOf[D]:
        """Return a page with each item converted to its document."""
        return cls(items=[show(item) for item in page.items], next=page.next)
