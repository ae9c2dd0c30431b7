"""Links within the dashboard that do not reload the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_ui_streamlit.components.assets import make_component

if TYPE_CHECKING:
    from collections.abc import Iterable

_links = make_component(__file__, html="<span hidden></span>")


def enable_links(paths: Iterable[str]) -> None:
    """Let every link to one of our pages, in tables, Markdown and `st.html`, work without a reload."""
    _links(key="qdash.links", data={"paths": [*paths]})
