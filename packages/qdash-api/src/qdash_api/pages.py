"""Pages of lists, as they are answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from qdash_core.documents.base import Document

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.models.pages import Page

D = TypeVar("D")
T = TypeVar("T")


class PageOf(Document, Generic[D]):
    """A page of a list; `next`, where there is one, is `after` of the page behind it."""

    items: list[D]
    next: str | None = None

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """Return `ChipHeaderPage` for a page of `ChipHeader`."""
        return f"{params[0].__name__}Page"

    @classmethod
    def of(cls, page: Page[T], show: Callable[[T], D]) -> PageOf[D]:
        """Return a page with each item shown."""
        return cls(items=[show(item) for item in page.items], next=page.next)
