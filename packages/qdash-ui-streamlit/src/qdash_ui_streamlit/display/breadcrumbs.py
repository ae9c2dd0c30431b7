"""Path of links from a list to the shown object."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Sequence

_STYLE = """<style>
nav.breadcrumbs ol { display: flex; flex-wrap: wrap; list-style: none; margin: 0; padding: 0; }
nav.breadcrumbs li { overflow-wrap: anywhere; margin: 0; }
nav.breadcrumbs li + li::before { content: "/"; padding: 0 0.5rem; opacity: 0.7; }
</style>"""


def draw_breadcrumbs(links: Sequence[tuple[str, str]], current: str, *, label: str) -> None:
    """Draw the path to an object from texts and URLs of what is above it, the outermost first."""
    items = "".join(f'<li><a href="{escape(address)}">{escape(text)}</a></li>' for text, address in links)
    st.html(
        f'{_STYLE}<nav class="breadcrumbs" aria-label="{escape(label)}"><ol>{items}'
        f'<li aria-current="page">{escape(current)}</li></ol></nav>'
    )
