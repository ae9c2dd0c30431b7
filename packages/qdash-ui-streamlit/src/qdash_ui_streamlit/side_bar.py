"""Side bar with links to all pages by group, which keep project and chip."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qdash_ui_streamlit.page import Page
    from qdash_ui_streamlit.view import View

_KEPT_PARAMS = ("project", "chip")
"""Query parameters that links to other pages keep."""
# Streamlit's captions, and its button labels in the dark theme, have too little contrast.
_STYLE = """<style>
[data-testid=stCaptionContainer] { opacity: 0.8; }
:is([data-testid=stBaseButton-primary], [data-testid=stBaseButton-primaryFormSubmit]):enabled { color: light-dark(#fff, #0b1a22); }
</style>"""


def draw_side_bar(view: View, pages: Iterable[Page]) -> None:
    """Draw the links to all pages that are not hidden."""
    st.html(_STYLE)
    query_params = {name: value for name in _KEPT_PARAMS if (value := view.param(name))}
    shown = (page for page in pages if not page.hidden)
    with st.container(gap="xxsmall"):
        _draw_groups(view, shown, query_params)


def _draw_groups(view: View, shown: Iterable[Page], query_params: Mapping[str, str]) -> None:
    for group, own in groupby(shown, key=lambda page: page.group):
        st.html(f'<div style="font-size:0.8rem;margin-top:0.6rem">{escape(group)}</div>')
        for page in own:
            st.page_link(
                view.pages[page.path],
                label=page.title,
                icon=page.icon or None,
                query_params=query_params,
                width="stretch",
            )
