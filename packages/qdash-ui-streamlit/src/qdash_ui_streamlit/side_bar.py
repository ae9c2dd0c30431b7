"""Side bar with links to all pages by group, which keep project and chip, and the numbers that pages count for the user."""

from __future__ import annotations

import time
from html import escape
from itertools import groupby
from pkgutil import resolve_name
from typing import TYPE_CHECKING

import streamlit as st

from qdash_core.errors import LoginError, QDashError
from qdash_core.process.documentation_site import find_site
from qdash_ui_streamlit.routes.documentation import DOCUMENTATION_URL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from qdash_ui_streamlit.page import Page
    from qdash_ui_streamlit.view import View

_KEPT_PARAMS = ("project", "chip")
"""Query parameters that links to other pages keep."""
MOST_COUNTED = 20
"""Largest number that is shown; a larger one is `20+`."""
_CACHE_S = 30.0
"""Time for which a number is kept, in seconds."""
# Streamlit's captions, and its button labels and chosen options in the dark theme, have too little contrast.
_STYLE = """<style>
[data-testid=stCaptionContainer] { opacity: 0.8; }
:is([data-testid=stBaseButton-primary], [data-testid=stBaseButton-primaryFormSubmit]):enabled { color: light-dark(#fff, #0b1a22); }
[data-testid=stMultiSelectTagsContainer] :is(span[title], span[title] ~ *) { color: light-dark(#fff, #0b1a22); }
</style>"""


def draw_side_bar(view: View, pages: Iterable[Page]) -> None:
    """Draw the links to all pages that are not hidden, and to the documentation."""
    st.html(_STYLE)
    query_params = {name: value for name in _KEPT_PARAMS if (value := view.param(name))}
    shown = (page for page in pages if not page.hidden)
    with st.container(gap="xxsmall"):
        _draw_groups(view, shown, query_params)
    if find_site() is not None:
        st.html(f'<a href="{DOCUMENTATION_URL}" style="font-size:0.8rem">Documentation</a>')


def _draw_groups(view: View, shown: Iterable[Page], query_params: Mapping[str, str]) -> None:
    for group, own in groupby(shown, key=lambda page: page.group):
        st.html(f'<div style="font-size:0.8rem;margin-top:0.6rem">{escape(group)}</div>')
        for page in own:
            count = read_count(view, page)
            st.page_link(
                view.pages[page.path],
                label=f"{page.title} ({count})" if count else page.title,
                help=f"{count} {page.counted}" if count else None,
                icon=page.icon or None,
                query_params=query_params,
                width="stretch",
            )


def read_count(view: View, page: Page, *, clock: Callable[[], float] = time.monotonic) -> str:
    """Return the number that a page counts for the user as a text, empty for none. One request in 30 s."""
    if not page.counted_by or view.me.project_id is None:
        return ""
    key = f"qdash.count.{page.path}"
    kept: tuple[str, float, int] | None = st.session_state.get(key)
    if kept is None or kept[0] != view.project_id or clock() - kept[1] > _CACHE_S:
        kept = st.session_state[key] = (view.project_id, clock(), _count(view, page))
    count = kept[2]
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count or "")


def _count(view: View, page: Page) -> int:
    """Return the number that a page counts; 0 if the host refuses."""
    try:
        counted: int = resolve_name(page.counted_by)(view)
    except LoginError:
        raise
    except QDashError:
        return 0  # the page shows the error
    return counted
