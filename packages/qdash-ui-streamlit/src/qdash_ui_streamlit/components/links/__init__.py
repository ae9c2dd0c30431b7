"""Links within the dashboard that do not reload the page, and the focus of the keyboard after links and buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_ui_streamlit.components.assets import make_component

if TYPE_CHECKING:
    from collections.abc import Iterable

_links = make_component(__file__, html="<span hidden></span>", parts=("focus",))


def enable_links(paths: Iterable[str]) -> None:
    """Let every link to one of our pages, in tables, Markdown and `st.html`, work without a reload, and keep the focus of the keyboard."""
    _links(key="qdash.links", data={"paths": [*paths]})
