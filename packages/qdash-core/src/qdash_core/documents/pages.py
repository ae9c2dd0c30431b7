"""Pages of lists in responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, get_args

from pydantic import ConfigDict

from qdash_core.documents.base import Document

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.models.pages import Page

D = TypeVar("D")
T = TypeVar("T")


def _add_example(schema: dict[str, Any], page: type[PageOf[Any]]) -> None:
    """Add the example of its items to a page."""
    (item,) = get_args(page.model_fields["items"].annotation)
    examples = getattr(item, "model_config", {}).get("json_schema_extra", {}).get("examples", ())
    if examples:
        schema["examples"] = [{"items": list(examples[:1]), "next": "WyJhIl0"}]


class PageOf(Document, Generic[D]):
    """Page of a list; `next`, if present, is the parameter `after` of the next page."""

    model_config = ConfigDict(json_schema_extra=_add_example)

    items: list[D]
    next: str | None = None

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """Return the schema name, such as `ChipHeaderPage` for a page of `ChipHeader`."""
        return f"{params[0].__name__}Page"

    @classmethod
    def from_page(cls, page: Page[T], show: Callable[[T], D]) -> PageOf[D]:
        """Return a page with each item converted to its document."""
        return cls(items=[show(item) for item in page.items], next=page.next)
