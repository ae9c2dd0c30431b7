"""Links to the views of a page, with the current one marked."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Mapping

_STYLE = """<style>
nav.views { display: flex; flex-wrap: wrap; gap: 0.2rem 1.2rem; border-bottom: 1px solid rgba(128, 128, 128, 0.35); }
nav.views a { padding: 0.35rem 0.1rem; color: inherit; text-decoration: none; border-bottom: 3px solid transparent; }
nav.views a:hover { border-bottom-color: rgba(128, 128, 128, 0.6); }
nav.views a[aria-current] { border-bottom-color: currentColor; font-weight: 600; }
</style>"""


def draw_view_links(shown: str, offered: Mapping[str, tuple[str, str]], *, label: str) -> None:
    """Draw the links to the views of a page: title, as HTML, and URL by name."""
    links = (
        f'<a href="{escape(address)}"{" aria-current=page" if name == shown else ""}>{title}</a>'
        for name, (title, address) in offered.items()
    )
    st.html(f'{_STYLE}<nav class="views" aria-label="{escape(label)}">{"".join(links)}</nav>')
