"""Links to the newest and the next older page of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_ui_streamlit.display.views import draw_view_links

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_ui_streamlit.view import View


def draw_paging(view: View, place: str, kept: Sequence[str], next_page: str | None, *, label: str) -> None:
    """Draw the links to the newest and to older entries of a list.

    The links keep the query parameters `kept`.
    """
    filters = {name: view.param(name) for name in kept}
    links = {}
    if view.param("after"):
        links["newest"] = ("← Newest", view.link(place, **filters))
    if next_page is not None:
        links["older"] = ("Older →", view.link(place, **filters, after=next_page))
    if links:
        draw_view_links("", links, label=label)
